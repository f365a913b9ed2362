"""`workbench recommendations`: what the reviewers advise."""

from argparse import ArgumentParser, Namespace
from itertools import islice

from backend import wiring
from backend.cli.arguments import add_recommendation_filter, add_top, recommendation_filter
from backend.cli.figures import counted, duration
from backend.cli.terminal import Column, Terminal
from backend.domain.recommendation import RecommendationFilter, TriagedRecommendation
from backend.services.export_recommendations import recommendation_records

SUMMARY = "list what the reviewers advise, the most severe first"
EXAMPLES = """\
examples:
  workbench recommendations --severity high --state open
  workbench recommendations --reviewer optimize --reviewer schema_review
  workbench recommendations --json                 every one, as a list of objects
"""
ROWS_IN_TABLE = 50
NO_ADVICE = "There are no recommendations yet. Get some with `workbench review`."
NO_MATCH = "No recommendation matches."
COLUMNS = (
    Column(heading="severity"),
    Column(heading="reviewer"),
    Column(heading="state"),
    Column(heading="bucket"),
    Column(heading="may save", is_number=True),
    Column(heading="query_hash"),
    Column(heading="title", width=80),
)


def add_arguments(parser: ArgumentParser) -> None:
    add_top(
        parser,
        default=None,
        meaning=f"so many at most (default: {ROWS_IN_TABLE}; with --json: all)",
    )
    add_recommendation_filter(parser)
    parser.add_argument("--json", action="store_true", help="print a list of objects")


def execute(arguments: Namespace, terminal: Terminal) -> int:
    store = wiring.open_workbench(arguments.data_dir).store
    wanted = recommendation_filter(arguments, store)
    if arguments.json:
        terminal.json(list(islice(recommendation_records(store, wanted), arguments.top)))
        return 0
    limit = arguments.top or ROWS_IN_TABLE
    rows = list(islice(store.each_recommendation(wanted), limit))
    if not rows:
        terminal.remark(NO_ADVICE if wanted == RecommendationFilter() else NO_MATCH)
        return 0
    terminal.table(COLUMNS, map(_cells, rows))
    count = store.recommendation_count(wanted)
    shown = "" if len(rows) == count else f"{len(rows):,} of "
    terminal.say()
    terminal.say(f"{shown}{counted(count, 'recommendation')}")
    return 0


def _cells(row: TriagedRecommendation) -> tuple[str, ...]:
    advice = row.recommendation
    return (
        advice.severity,
        advice.reviewer,
        row.state,
        advice.bucket.replace("_", " "),
        duration(advice.claimed_saving_seconds) if advice.claimed_saving_seconds else "",
        advice.query_hash,
        advice.title,
    )
