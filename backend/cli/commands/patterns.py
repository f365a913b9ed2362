"""`workbench patterns`: what costs most."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from itertools import islice

from backend import wiring
from backend.cli.arguments import add_pattern_filter, add_top, pattern_filter
from backend.cli.figures import counted, duration, percent
from backend.cli.terminal import Column, Terminal
from backend.domain.pattern import PatternFilter, RankedPattern, RankedPatterns
from backend.services.ports import HistoryStore
from backend.services.records import pattern_record

SUMMARY = "list the statement patterns by the time they take in all"
EXAMPLES = """\
examples:
  workbench patterns
  workbench patterns --from 2026-11-01 --to 2026-11-07 --database sales
  workbench patterns --json                        every pattern, as a list of objects
"""
ROWS_IN_TABLE = 50
ROWS_A_PAGE = 500
NO_PATTERNS = (
    "There are no patterns. Take in a folder of exports with `workbench import FOLDER`, "
    "or start `workbench run`, which loads a sample."
)
NO_MATCH = "No pattern matches."
COLUMNS = (
    Column(heading="#", is_number=True),
    Column(heading="query_hash"),
    Column(heading="runs", is_number=True),
    Column(heading="total", is_number=True),
    Column(heading="share", is_number=True),
    Column(heading="p95", is_number=True),
    Column(heading="most time in"),
    Column(heading="advice", is_number=True),
    Column(heading="statement", width=60),
)


def add_arguments(parser: ArgumentParser) -> None:
    add_top(
        parser,
        default=None,
        meaning=f"so many at most (default: {ROWS_IN_TABLE}; with --json: all)",
    )
    add_pattern_filter(parser)
    parser.add_argument("--json", action="store_true", help="print a list of objects")


def execute(arguments: Namespace, terminal: Terminal) -> int:
    workbench = wiring.open_workbench(arguments.data_dir)
    store = workbench.store
    wanted = pattern_filter(arguments)
    if arguments.json:
        rows = islice(_each_pattern(store, wanted), arguments.top)
        terminal.json([pattern_record(row, workbench.prices) for row in rows])
        return 0
    ranking = store.rank_patterns(wanted, limit=arguments.top or ROWS_IN_TABLE)
    if not ranking.rows:
        terminal.remark(NO_PATTERNS if wanted == PatternFilter() else NO_MATCH)
        return 0
    terminal.table(COLUMNS, map(_cells, ranking.rows))
    terminal.say()
    terminal.say(_summary(ranking))
    return 0


def _each_pattern(store: HistoryStore, wanted: PatternFilter) -> Iterator[RankedPattern]:
    offset = 0
    while rows := store.rank_patterns(wanted, limit=ROWS_A_PAGE, offset=offset).rows:
        yield from rows
        offset += len(rows)


def _cells(row: RankedPattern) -> tuple[str, ...]:
    return (
        str(row.rank),
        row.pattern.query_hash,
        f"{row.runs:,}",
        duration(row.total_elapsed_seconds),
        percent(row.share),
        duration(row.p95_elapsed_seconds),
        (row.buckets.dominant or "").replace("_", " "),
        str(row.open_recommendations) if row.open_recommendations else "",
        row.pattern.scrubbed_sql or f"({row.pattern.withheld_reason or 'text withheld'})",
    )


def _summary(ranking: RankedPatterns) -> str:
    shown = "" if len(ranking.rows) == ranking.pattern_count else f"{len(ranking.rows):,} of "
    days = f", {ranking.first_day} to {ranking.last_day}" if ranking.first_day else ""
    return (
        f"{shown}{counted(ranking.pattern_count, 'pattern')}, "
        f"{counted(ranking.total_runs, 'run')}, "
        f"{duration(ranking.total_elapsed_seconds)} in all{days}"
    )
