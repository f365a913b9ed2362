"""What is configured, what is reachable, and what to do about the rest."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend.domain.pattern import PatternFilter
from backend.domain.recommendation import RecommendationFilter
from backend.services.ports import HistoryStore
from backend.services.raw_text import RawTextStore

OLDEST_PYTHON = (3, 11)
LITTLE_SPACE_BYTES = 500_000_000


class SetupState(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class PortState(StrEnum):
    FREE = "free"
    OURS = "ours"
    TAKEN = "taken"


@dataclass(frozen=True, kw_only=True)
class SetupCheck:
    """`what_to_do` is empty where nothing has to be done."""

    name: str
    state: SetupState
    what: str
    what_to_do: str = ""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What was seen of the machine. `problem` says why the data folder cannot be used."""

    python_version: tuple[int, int, int]
    data_folder: str
    data_folder_problem: str | None
    free_bytes: int | None
    store_bytes: int | None
    ports: Mapping[str, tuple[int, PortState]]
    """Option that sets the port -> port and who listens there."""


NO_STORE_YET = SetupCheck(
    name="store",
    state=SetupState.WARN,
    what="none in this folder yet",
    what_to_do="`workbench import FOLDER` makes one; `workbench run` makes one with a sample.",
)


def check_machine(machine: Machine) -> Iterator[SetupCheck]:
    yield _python(machine)
    yield _data_folder(machine)
    yield from _ports(machine)


def check_store(store: HistoryStore, machine: Machine) -> Iterator[SetupCheck]:
    ranking = store.rank_patterns(PatternFilter(), limit=1)
    advice = store.recommendation_count(RecommendationFilter())
    size = f", {machine.store_bytes / 1e6:,.1f} MB" if machine.store_bytes else ""
    yield SetupCheck(
        name="store",
        state=SetupState.OK,
        what=f"{ranking.pattern_count:,} patterns, {ranking.total_runs:,} timed runs, "
        f"{store.review_count():,} reviews, {advice:,} recommendations{size}",
    )
    yield _origin(store)
    if note := store.note("last_import"):
        yield SetupCheck(name="last import", state=SetupState.OK, what=_import_line(note))


def check_raw_texts(raw_texts: RawTextStore, *, days: int, now: datetime) -> SetupCheck:
    if not days:
        return SetupCheck(name="raw texts", state=SetupState.OK, what="none are kept")
    kept = raw_texts.kept(now=now)
    until = f", the last until {kept.last_expires_at:%Y-%m-%d %H:%M} UTC" if kept.count else ""
    return SetupCheck(
        name="raw texts",
        state=SetupState.OK,
        what=f"kept for {_counted(days, 'day')}: {_counted(kept.count, 'statement')}{until}",
    )


def check_reviewers(engine: str) -> Iterator[SetupCheck]:
    yield SetupCheck(name="reviewers", state=SetupState.OK, what=f"worked by {engine}")
    yield SetupCheck(
        name="AWS",
        state=SetupState.OK,
        what="not configured; nothing here needs it",
    )


def _python(machine: Machine) -> SetupCheck:
    version = ".".join(map(str, machine.python_version))
    if machine.python_version >= OLDEST_PYTHON:
        return SetupCheck(name="Python", state=SetupState.OK, what=version)
    return SetupCheck(
        name="Python",
        state=SetupState.FAIL,
        what=f"{version} is too old",
        what_to_do="Install Python 3.11 or newer.",
    )


def _data_folder(machine: Machine) -> SetupCheck:
    if machine.data_folder_problem:
        return SetupCheck(
            name="data folder",
            state=SetupState.FAIL,
            what=f"{machine.data_folder}: {machine.data_folder_problem}",
            what_to_do="Choose another with --data-dir or WORKBENCH_DATA_DIR.",
        )
    if machine.free_bytes is not None and machine.free_bytes < LITTLE_SPACE_BYTES:
        return SetupCheck(
            name="data folder",
            state=SetupState.WARN,
            what=f"{machine.data_folder}: {machine.free_bytes / 1e6:,.0f} MB left",
            what_to_do="Make room, or choose another with --data-dir or WORKBENCH_DATA_DIR.",
        )
    return SetupCheck(name="data folder", state=SetupState.OK, what=machine.data_folder)


def _ports(machine: Machine) -> Iterator[SetupCheck]:
    for option, (port, state) in machine.ports.items():
        what = {
            PortState.FREE: "free",
            PortState.OURS: "a workbench is running there",
            PortState.TAKEN: "something else listens there",
        }[state]
        is_taken = state is PortState.TAKEN
        yield SetupCheck(
            name=f"port {port}",
            state=SetupState.WARN if is_taken else SetupState.OK,
            what=what,
            what_to_do=f"Start with `workbench run {option} N`." if is_taken else "",
        )


def _origin(store: HistoryStore) -> SetupCheck:
    match store.note("origin"):
        case "sample":
            what, what_to_do = "the sample workload", "`workbench import FOLDER` replaces it."
        case "sample-loading":
            what, what_to_do = (
                "a sample that is half loaded",
                "`workbench run` loads it again; `workbench import FOLDER` replaces it.",
            )
        case None:
            what, what_to_do = "nothing yet", "`workbench import FOLDER`, or `workbench run`."
        case _:
            return SetupCheck(name="origin", state=SetupState.OK, what="your own exports")
    state = SetupState.OK if what == "the sample workload" else SetupState.WARN
    return SetupCheck(name="origin", state=state, what=what, what_to_do=what_to_do)


def _import_line(note: str) -> str:
    """The note is JSON; a note of another shape is shown as it is."""
    try:
        told = json.loads(note)
        at = datetime.fromisoformat(told["at"])
        return (
            f"{at:%Y-%m-%d %H:%M} UTC: {_counted(told['new_runs'], 'new run')}, "
            f"{told['known_runs']:,} known, {_counted(told['problems'], 'problem')}, "
            f"source {told['source']}"
        )
    except (ValueError, TypeError, LookupError):
        return note


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
