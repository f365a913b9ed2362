"""`workbench workload`: what only shows across all patterns."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from backend import wiring
from backend.cli.figures import counted, duration
from backend.cli.terminal import Column, Terminal
from backend.domain.workload import BlameFact, WorkloadReview
from backend.services.workload_records import workload_review_record

SUMMARY = "show what the newest review found across all patterns"
EXAMPLES = """\
examples:
  workbench workload
  workbench workload --json

`workbench review` makes such a review after those of the patterns.
"""
NOT_REVIEWED = "The workload is not reviewed yet: `workbench review` does it."
MOST_BLAMED = 10
COLUMNS = (
    Column(heading="others waited", is_number=True),
    Column(heading="own waiting", is_number=True),
    Column(heading="runs", is_number=True),
    Column(heading="query_hash"),
    Column(heading="statement", width=60),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one object")


def execute(arguments: Namespace, terminal: Terminal) -> int:
    review = wiring.open_workbench(arguments.data_dir).store.latest_workload_review()
    if arguments.json:
        terminal.json(workload_review_record(review) if review else None)
        return 0
    if review is None:
        terminal.remark(NOT_REVIEWED)
        return 0
    _show(review, terminal)
    _show_blame([fact for fact in review.facts if isinstance(fact, BlameFact)], terminal)
    return 0


def _show(review: WorkloadReview, terminal: Terminal) -> None:
    terminal.say(
        f"Reviewed {review.analysis_timestamp:%Y-%m-%d %H:%M}, from"
        f" {review.window_start:%Y-%m-%d} to {review.window_end:%Y-%m-%d}:"
        f" {counted(len(review.findings), 'finding')}"
    )
    for finding in review.findings:
        subject = f" · {finding.subject}" if finding.subject else ""
        terminal.say()
        terminal.say(f"  {finding.severity:<7} {finding.title}{subject}")
        terminal.say(f"          {finding.evidence}")
    terminal.say()
    for news in review.good_news:
        terminal.say(f"  worth keeping: {news.sentence}")
    for cause in review.ruled_out:
        terminal.say(f"  ruled out: {cause.sentence}")
    for gap in review.missing:
        terminal.say(f"  missing: {gap.what}. {gap.why} {gap.how_to_get}")


def _show_blame(facts: Sequence[BlameFact], terminal: Terminal) -> None:
    if not facts:
        return
    terminal.say()
    terminal.say("Whom others waited for in the queue")
    terminal.table(
        COLUMNS,
        [
            (
                duration(fact.others_seconds),
                duration(fact.own_seconds),
                f"{fact.runs:,}",
                fact.query_hash,
                fact.statement,
            )
            for fact in facts[:MOST_BLAMED]
        ],
    )
