"""`workbench forget-raw-text`: deletes every raw statement text that is kept."""

from argparse import ArgumentParser, Namespace

from backend import wiring
from backend.cli.terminal import Terminal
from backend.settings import read_settings

SUMMARY = "delete every raw statement text that is kept"
EXAMPLES = """\
examples:
  workbench forget-raw-text

Raw texts are kept only where WORKBENCH_RAW_TEXT_DAYS says so. `workbench doctor` tells how many.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """There are none."""


def execute(arguments: Namespace, terminal: Terminal) -> int:
    settings = read_settings(arguments.data_dir)
    was_there = settings.storage.raw_text_file.exists()
    wiring.forget_raw_texts(settings)
    terminal.say("The raw texts are deleted." if was_there else "No raw text was kept.")
    if settings.storage.raw_text_days:
        terminal.remark(
            "The next import keeps them again, unless WORKBENCH_RAW_TEXT_DAYS is taken away."
        )
    return 0
