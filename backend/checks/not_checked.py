"""Causes that peers look for and that the collected data cannot show, each with its reason."""

from backend.checks.rule import NotChecked

NOT_CHECKED: tuple[NotChecked, ...] = (
    NotChecked(
        name="a declared key with duplicates",
        reason="Redshift does not enforce keys, and no system view counts duplicates: only the"
        " rows themselves tell. The exports hold no rows.",
        peers=("peers' union: unenforced PK with duplicates",),
    ),
)
