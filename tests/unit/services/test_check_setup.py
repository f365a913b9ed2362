from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.adapters.sqlite import open_sqlite_history
from backend.services.check_setup import (
    Machine,
    PortState,
    SetupCheck,
    SetupState,
    check_machine,
    check_store,
)
from backend.services.ports import HistoryStore


def a_machine(**changes: object) -> Machine:
    known: dict[str, object] = {
        "python_version": (3, 12, 1),
        "data_folder": "/srv/workbench",
        "data_folder_problem": None,
        "free_bytes": 10**12,
        "store_bytes": None,
        "ports": {"--port": (8501, PortState.FREE)},
    }
    return Machine(**(known | changes))  # type: ignore[arg-type]


def named(name: str, checks: Iterator[SetupCheck]) -> SetupCheck:
    (check,) = (check for check in checks if check.name == name)
    return check


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HistoryStore]:
    store = open_sqlite_history(tmp_path / "history.sqlite3")
    yield store
    store.close()


def test_a_machine_without_faults_has_nothing_to_do():
    checks = list(check_machine(a_machine()))

    assert {check.state for check in checks} == {SetupState.OK}
    assert {check.what_to_do for check in checks} == {""}


@pytest.mark.parametrize(
    ("name", "changes", "state", "remedy"),
    [
        ("Python", {"python_version": (3, 10, 9)}, SetupState.FAIL, "3.11"),
        ("data folder", {"data_folder_problem": "read-only"}, SetupState.FAIL, "--data-dir"),
        ("data folder", {"free_bytes": 10**6}, SetupState.WARN, "Make room"),
        ("port 8501", {"ports": {"--port": (8501, PortState.TAKEN)}}, SetupState.WARN, "--port"),
    ],
    ids=["old Python", "unusable folder", "little room", "port taken"],
)
def test_a_fault_comes_with_what_to_do(
    name: str, changes: dict[str, object], state: SetupState, remedy: str
):
    check = named(name, check_machine(a_machine(**changes)))

    assert check.state is state
    assert remedy in check.what_to_do


def test_a_workbench_that_runs_already_is_no_fault():
    machine = a_machine(ports={"--port": (8501, PortState.OURS)})

    assert named("port 8501", check_machine(machine)).state is SetupState.OK


@pytest.mark.parametrize(
    ("origin", "state"),
    [
        (None, SetupState.WARN),
        ("sample-loading", SetupState.WARN),
        ("sample", SetupState.OK),
        ("import", SetupState.OK),
    ],
)
def test_the_origin_of_the_data_is_said(store: HistoryStore, origin: str | None, state: SetupState):
    if origin:
        store.set_note("origin", origin)

    assert named("origin", check_store(store, a_machine())).state is state


@pytest.mark.parametrize("note", ['{"new_runs": 5}', "not JSON", "[1]"])
def test_the_last_import_is_told_whatever_the_note_holds(store: HistoryStore, note: str):
    store.set_note("last_import", note)

    assert named("last import", check_store(store, a_machine())).what
