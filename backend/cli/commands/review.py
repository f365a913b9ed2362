"""`workbench review`: lets the panel study patterns now, and looks across all of them."""

import os
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from backend import wiring
from backend.cli.arguments import add_top, positive_count, whole_hash
from backend.cli.commands.patterns import NO_PATTERNS
from backend.cli.commands.tables import tables_summary
from backend.cli.figures import counted
from backend.cli.terminal import Terminal
from backend.domain.errors import WorkbenchError
from backend.domain.finding import Severity
from backend.domain.pattern import PatternFilter
from backend.domain.review import Review
from backend.domain.table_proposal import TablesReview
from backend.services.records import review_record
from backend.services.review_pattern import review_pattern
from backend.services.review_patterns import ReviewedPattern, review_safely
from backend.services.review_tables import review_tables
from backend.services.review_workload import review_workload

SUMMARY = "let the reviewers study the patterns that cost most, and the workload"
EXAMPLES = """\
examples:
  workbench review                     the 25 that take the most time in all, and the workload
  workbench review --top 25000 --jobs 4
  workbench review --query-hash f1-0a1b2c3d4e5f60718293a4b5
  workbench review --json              print the reviews as a list of objects
"""
TOP = 25
WORTH_MORE_PROCESSES = 500
"""Fewer patterns are reviewed sooner than other processes are up."""


def add_arguments(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    add_top(which, default=TOP, meaning="so many, by total time (default: %(default)s)")
    which.add_argument("--query-hash", metavar="H", help="this pattern only")
    parser.add_argument(
        "--jobs",
        type=positive_count,
        metavar="N",
        help=f"so many processes (default: one a core from {WORTH_MORE_PROCESSES} patterns on)",
    )
    parser.add_argument("--json", action="store_true", help="print a list of objects")


def execute(arguments: Namespace, terminal: Terminal) -> int:
    workbench = wiring.open_workbench(arguments.data_dir)
    workbench.store.share_out_time()
    hashes = _chosen_hashes(workbench, arguments)
    if not hashes:
        terminal.remark(NO_PATTERNS)
    done = _Done()
    for number, reviewed in enumerate(_reviewed(workbench, hashes, arguments.jobs), start=1):
        terminal.progress(
            f"Reviewed {number} of {len(hashes)}: {reviewed.query_hash}",
            # Into a file not a line for each of thousands.
            step="review" if len(hashes) >= WORTH_MORE_PROCESSES else None,
        )
        if reviewed.review is None:
            done.failed += 1
            terminal.remark(f"Cannot review {reviewed.query_hash}: {reviewed.problem}")
            continue
        done.add(reviewed.review)
        if arguments.json:
            terminal.json_entry(review_record(reviewed.review))
    if hashes and not arguments.query_hash:
        terminal.progress("Reviewing the workload")
        _review_workload(workbench, done, terminal)
    if done.reviews:
        terminal.progress("Weighing the tables over all patterns")
        _weigh_tables(workbench, done, terminal)
    terminal.end_progress()
    if arguments.json:
        terminal.end_json_list()
    elif done.reviews:
        for line in done.summary():
            terminal.say(line)
    return 1 if done.failed else 0


def _chosen_hashes(workbench: wiring.Workbench, arguments: Namespace) -> Sequence[str]:
    if arguments.query_hash:
        return [whole_hash(arguments.query_hash, workbench.store)]
    return workbench.store.ranked_hashes(PatternFilter(), limit=arguments.top)


def _reviewed(
    workbench: wiring.Workbench, hashes: Sequence[str], jobs: int | None
) -> Iterator[ReviewedPattern]:
    """In the order of the hashes; none is kept longer than its reader wants it."""
    if jobs is None:
        jobs = (os.cpu_count() or 1) if len(hashes) >= WORTH_MORE_PROCESSES else 1
    if jobs == 1:
        yield from (review_safely(one, partial(_review, workbench)) for one in hashes)
        return
    folder = workbench.settings.storage.folder
    # Not forked: threads and open files of this process must not come along.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(partial(review_in_child, folder), hashes, chunksize=20)


def review_in_child(data_dir: Path, query_hash: str) -> ReviewedPattern:
    """In another process, which opens the store for itself, once."""
    workbench = wiring.open_workbench(data_dir)
    return review_safely(query_hash, partial(_review, workbench))


def _review(workbench: wiring.Workbench, query_hash: str) -> Review:
    return review_pattern(
        query_hash,
        store=workbench.store,
        panel=workbench.panel,
        limits=workbench.limits,
        prices=workbench.prices,
        analysis_timestamp=workbench.clock(),
    )


def _review_workload(workbench: wiring.Workbench, done: "_Done", terminal: Terminal) -> None:
    """The reviews of the patterns are there, whatever becomes of this one."""
    try:
        review = review_workload(
            store=workbench.store, limits=workbench.limits, analysis_timestamp=workbench.clock()
        )
    except Exception as error:  # noqa: BLE001 - one review must not sink the others
        done.failed += 1
        terminal.remark(f"Cannot review the workload: {_reason(error)}")
        return
    done.across = len(review.findings)


def _weigh_tables(workbench: wiring.Workbench, done: "_Done", terminal: Terminal) -> None:
    try:
        done.tables = review_tables(
            store=workbench.store,
            limits=workbench.limits,
            prices=workbench.prices,
            analysis_timestamp=workbench.clock(),
        )
    except Exception as error:  # noqa: BLE001 - as above
        done.failed += 1
        terminal.remark(f"Cannot weigh the tables: {_reason(error)}")


def _reason(error: Exception) -> str:
    """An unexpected error's own text may hold text of a query."""
    return error.message if isinstance(error, WorkbenchError) else type(error).__name__


class _Done:
    """What the reviews came to, without keeping them."""

    def __init__(self) -> None:
        self.reviews = 0
        self.failed = 0
        self.across: int | None = None
        self.tables: TablesReview | None = None
        self._severities: Counter[Severity] = Counter()
        self._struck = 0

    def add(self, review: Review) -> None:
        self.reviews += 1
        self._severities.update(given.severity for given in review.recommendations)
        self._struck += sum(len(answer.struck) for answer in review.agent_responses)

    def summary(self) -> Iterator[str]:
        severities = ", ".join(
            f"{self._severities[severity]} {severity}"
            for severity in Severity
            if self._severities[severity]
        )
        struck = counted(self._struck, "statement")
        yield (
            f"Reviewed {counted(self.reviews, 'pattern')}: "
            f"{counted(self._severities.total(), 'recommendation')}"
            f"{f' ({severities})' if severities else ''}"
            f"{f'; {struck} struck for lack of proof' if self._struck else ''}."
        )
        if self.across is not None:
            across = counted(self.across, "finding")
            yield f"Across all patterns: {across} (workbench workload)."
        if self.tables is not None:
            yield tables_summary(self.tables)
