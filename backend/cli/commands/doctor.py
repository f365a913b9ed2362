"""`workbench doctor`: what is configured, what is reachable, what to do."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import asdict

from backend import wiring
from backend.cli.look_at_machine import look_at_machine
from backend.cli.terminal import Column, Terminal
from backend.domain.errors import WorkbenchError
from backend.services.check_setup import (
    NO_STORE_YET,
    Machine,
    SetupCheck,
    SetupState,
    check_machine,
    check_raw_texts,
    check_reviewers,
    check_store,
)
from backend.settings import Settings, read_settings

SUMMARY = "say what is configured, what is reachable, and what to do"
EXAMPLES = """\
examples:
  workbench doctor
  workbench --data-dir /srv/workbench doctor --json

Exit code 1 if something has to be done before the workbench can work.
"""
COLUMNS = (
    Column(heading=""),
    Column(heading="what"),
    Column(heading="state"),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print a list of objects")


def execute(arguments: Namespace, terminal: Terminal) -> int:
    settings = read_settings(arguments.data_dir)
    checks = list(_checks(settings))
    if arguments.json:
        terminal.json([asdict(check) for check in checks])
    else:
        terminal.table(COLUMNS, [(check.state, check.name, check.what) for check in checks])
        _say_what_to_do(checks, terminal)
    return 1 if any(check.state is SetupState.FAIL for check in checks) else 0


def _checks(settings: Settings) -> Iterator[SetupCheck]:
    machine = look_at_machine(settings)
    yield from check_machine(machine)
    if machine.store_bytes is not None:
        yield from _store_checks(settings, machine)
    elif machine.data_folder_problem is None:
        yield NO_STORE_YET
    yield from check_reviewers(wiring.choose_panel().engine)


def _store_checks(settings: Settings, machine: Machine) -> Iterator[SetupCheck]:
    try:
        workbench = wiring.open_workbench(settings.storage.folder)
        yield from check_store(workbench.store, machine)
        yield check_raw_texts(
            workbench.raw_texts,
            days=settings.storage.raw_text_days,
            now=workbench.clock(),
        )
    except WorkbenchError as error:
        yield SetupCheck(
            name="store",
            state=SetupState.FAIL,
            what=error.message,
            what_to_do="Choose another data folder with --data-dir or WORKBENCH_DATA_DIR.",
        )


def _say_what_to_do(checks: list[SetupCheck], terminal: Terminal) -> None:
    to_do = [check for check in checks if check.what_to_do]
    if to_do:
        terminal.say()
    for check in to_do:
        terminal.say(f"{check.name}: {check.what_to_do}")
