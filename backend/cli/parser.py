"""The verbs and options of the command line."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from backend.cli.commands import (
    bill,
    checks,
    doctor,
    export,
    forget_raw_text,
    import_exports,
    patterns,
    recommendations,
    review,
    run,
    show,
    tables,
    workload,
)
from backend.cli.terminal import Terminal

DESCRIPTION = (
    "Find the slow queries of a Redshift warehouse, see why they are slow, and what to change."
)
EXAMPLES = """\
examples:
  workbench run                          serve the pages at http://localhost:8501
  workbench import exports/2026-11       take in a folder of view exports
  workbench review                       review the 25 patterns that cost most, and the workload
  workbench patterns --from 2026-11-01   what cost most since then
  workbench export --output advice.csv   every recommendation, for a spreadsheet

exit codes: 0 done, 1 failed, 2 bad usage or input
`workbench VERB --help` tells more of each.
"""


class Verb(Protocol):
    """What a module of `commands` offers."""

    SUMMARY: str
    EXAMPLES: str

    def add_arguments(self, parser: ArgumentParser) -> None: ...

    def execute(self, arguments: Namespace, terminal: Terminal) -> int:
        """Gives the exit code, or raises WorkbenchError."""
        ...


VERBS: dict[str, Verb] = {
    "run": run,
    "import": import_exports,
    "review": review,
    "patterns": patterns,
    "show": show,
    "workload": workload,
    "recommendations": recommendations,
    "tables": tables,
    "export": export,
    "bill": bill,
    "checks": checks,
    "doctor": doctor,
    "forget-raw-text": forget_raw_text,
}


def make_parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="workbench",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--data-dir",
        type=_folder,
        metavar="DIR",
        help="the folder of the embedded store; beats WORKBENCH_DATA_DIR",
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {version('redshift-query-workbench')}"
    )
    choices = parser.add_subparsers(dest="verb", required=True, metavar="VERB", title="verbs")
    for name, verb in VERBS.items():
        own = choices.add_parser(
            name,
            help=verb.SUMMARY,
            description=f"{verb.SUMMARY[0].upper()}{verb.SUMMARY[1:]}.",
            epilog=verb.EXAMPLES,
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        verb.add_arguments(own)
        own.set_defaults(execute=verb.execute)
    return parser


def _folder(text: str) -> Path:
    """An empty text is an unset variable of a script, not the current folder."""
    if not text.strip():
        raise ArgumentTypeError("the folder has no name")
    return Path(text)
