"""What docs/checks.md says of a check: the causes it looks for, by what, and who else does."""

from dataclasses import dataclass

from backend.domain.threshold import Threshold


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One cause. `inputs` are `VIEW.column`; `peers` name the same cause elsewhere."""

    name: str
    inputs: tuple[str, ...]
    thresholds: tuple[Threshold, ...] = ()
    peers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NotChecked:
    """A cause that peers look for and that the collected data cannot show."""

    name: str
    reason: str
    peers: tuple[str, ...] = ()
