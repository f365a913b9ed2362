"""`workbench review`: lets the panel study patterns now."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from backend import wiring
from backend.cli.arguments import add_top, whole_hash
from backend.cli.commands.patterns import NO_PATTERNS
from backend.cli.figures import counted
from backend.cli.terminal import Terminal
from backend.domain.errors import WorkbenchError
from backend.domain.finding import Severity
from backend.domain.pattern import PatternFilter
from backend.domain.review import Review
from backend.services.records import review_record
from backend.services.review_pattern import review_pattern

SUMMARY = "let the reviewers study the patterns that cost most"
EXAMPLES = """\
examples:
  workbench review                     the 25 that take the most time in all
  workbench review --top 100
  workbench review --query-hash f1-0a1b2c3d4e5f60718293a4b5
  workbench review --json              print the reviews as a list of objects
"""
TOP = 25


def add_arguments(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    add_top(which, default=TOP, meaning="so many, by total time (default: %(default)s)")
    which.add_argument("--query-hash", metavar="H", help="this pattern only")
    parser.add_argument("--json", action="store_true", help="print a list of objects")


def execute(arguments: Namespace, terminal: Terminal) -> int:
    workbench = wiring.open_workbench(arguments.data_dir)
    workbench.store.share_out_time()
    hashes = _chosen_hashes(workbench, arguments)
    if not hashes:
        terminal.remark(NO_PATTERNS)
    reviews: list[Review] = []
    failed: list[str] = []
    for number, query_hash in enumerate(hashes, start=1):
        terminal.progress(f"Reviewing {number} of {len(hashes)}: {query_hash}")
        try:
            reviews.append(_review(query_hash, workbench))
        except Exception as error:  # noqa: BLE001 - one pattern must not sink the others
            failed.append(query_hash)
            terminal.remark(f"Cannot review {query_hash}: {_reason(error)}")
    terminal.end_progress()
    if arguments.json:
        terminal.json([review_record(review) for review in reviews])
    elif reviews:
        terminal.say(_summary(reviews))
    return 1 if failed else 0


def _chosen_hashes(workbench: wiring.Workbench, arguments: Namespace) -> Sequence[str]:
    if arguments.query_hash:
        return [whole_hash(arguments.query_hash, workbench.store)]
    rows = workbench.store.rank_patterns(PatternFilter(), limit=arguments.top).rows
    return [row.pattern.query_hash for row in rows]


def _review(query_hash: str, workbench: wiring.Workbench) -> Review:
    return review_pattern(
        query_hash,
        store=workbench.store,
        panel=workbench.panel,
        limits=workbench.limits,
        prices=workbench.prices,
        analysis_timestamp=workbench.clock(),
    )


def _reason(error: Exception) -> str:
    """An unexpected error's own text may hold text of a query."""
    return error.message if isinstance(error, WorkbenchError) else type(error).__name__


def _summary(reviews: Sequence[Review]) -> str:
    advice = [given for review in reviews for given in review.recommendations]
    severities = ", ".join(
        f"{count} {severity}"
        for severity in Severity
        if (count := sum(given.severity == severity for given in advice))
    )
    struck = sum(len(answer.struck) for review in reviews for answer in review.agent_responses)
    struck_note = f"; {counted(struck, 'statement')} struck for lack of proof" if struck else ""
    return (
        f"Reviewed {counted(len(reviews), 'pattern')}: "
        f"{counted(len(advice), 'recommendation')}"
        f"{f' ({severities})' if severities else ''}{struck_note}."
    )
