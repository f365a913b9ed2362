"""`workbench checks`: what is looked for, and the thresholds in force."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from backend import wiring
from backend.checks.catalogue import catalogue_markdown, written
from backend.checks.registry import EVERY_CHECK, check_text
from backend.cli.terminal import Column, Terminal
from backend.services.all_thresholds import all_thresholds
from backend.settings import read_settings
from backend.table_design.model import THRESHOLDS

SUMMARY = "list what is checked, with the thresholds in force"
EXAMPLES = """\
examples:
  workbench checks                 every check in a line, then the thresholds
  workbench checks --json
  workbench checks --markdown      the page docs/checks.md
"""
CHECK_COLUMNS = (
    Column(heading="looks at"),
    Column(heading="check"),
    Column(heading="what it finds", width=100),
)
THRESHOLD_COLUMNS = (
    Column(heading="threshold"),
    Column(heading="in force", is_number=True),
    Column(heading="default", is_number=True),
    Column(heading="meaning", width=100),
)


def add_arguments(parser: ArgumentParser) -> None:
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one object")
    form.add_argument("--markdown", action="store_true", help="print the page docs/checks.md")


def execute(arguments: Namespace, terminal: Terminal) -> int:
    if arguments.markdown:
        terminal.say(catalogue_markdown(THRESHOLDS).rstrip("\n"))
        return 0
    limits = wiring.choose_limits(read_settings(arguments.data_dir))
    texts = [check_text(check) for check in EVERY_CHECK]
    thresholds = list(all_thresholds().values())
    if arguments.json:
        terminal.json(
            {
                "checks": [asdict(text) for text in texts],
                "thresholds": [
                    {**asdict(threshold), "value": limits.of(threshold)} for threshold in thresholds
                ],
            }
        )
        return 0
    terminal.table(CHECK_COLUMNS, [(text.group, text.check, text.summary) for text in texts])
    terminal.say()
    terminal.table(
        THRESHOLD_COLUMNS,
        [
            (
                threshold.name,
                written(threshold, limits.of(threshold)),
                written(threshold, threshold.default),
                threshold.meaning,
            )
            for threshold in thresholds
        ],
    )
    return 0
