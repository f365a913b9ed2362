"""`workbench show QUERY_HASH`: one pattern, why it is slow and what to do."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import datetime

from backend import wiring
from backend.cli.arguments import whole_hash
from backend.cli.figures import counted, duration, percent
from backend.cli.terminal import Terminal
from backend.domain.pattern import NameShare, PatternFilter, RankedPattern
from backend.domain.recommendation import RecommendationFilter, TriagedRecommendation
from backend.domain.review import Review
from backend.domain.time_buckets import Bucket
from backend.services.records import pattern_record, recommendation_record, review_record
from backend.sql.format_sql import format_sql

SUMMARY = "show one pattern: its figures, why it is slow, and what to do"
EXAMPLES = """\
examples:
  workbench show f1-0a1b2c3d4e5f60718293a4b5
  workbench show f1-0a1b2c --json

The hash stands in `workbench patterns`; its beginning will do where no other begins so.
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("query_hash", metavar="QUERY_HASH")
    parser.add_argument("--json", action="store_true", help="print one object")


def execute(arguments: Namespace, terminal: Terminal) -> int:
    store = wiring.open_workbench(arguments.data_dir).store
    query_hash = whole_hash(arguments.query_hash, store)
    row = store.ranked_pattern(query_hash, PatternFilter())
    review = store.latest_review(query_hash)
    wanted = RecommendationFilter(query_hash=query_hash)
    advice = list(store.each_recommendation(wanted))
    if arguments.json:
        terminal.json(
            {
                "pattern": pattern_record(row),
                "review": review_record(review) if review else None,
                "recommendations": [recommendation_record(triaged) for triaged in advice],
            }
        )
        return 0
    _show_pattern(row, terminal)
    if review is None:
        terminal.say(f"\nNot reviewed yet: workbench review --query-hash {query_hash}")
        return 0
    _show_review(review, terminal)
    _show_advice(advice, terminal)
    return 0


def _show_pattern(row: RankedPattern, terminal: Terminal) -> None:
    pattern = row.pattern
    terminal.say(f"{pattern.query_hash}  {pattern.query_type}, number {row.rank} by total time")
    terminal.say()
    if pattern.scrubbed_sql is None:
        terminal.say(f"(text withheld: {pattern.withheld_reason or 'no reason kept'})")
    else:
        terminal.say(format_sql(pattern.scrubbed_sql))
    terminal.say()
    for name, figure in _figures(row):
        terminal.say(f"{name:<14}{figure}")


def _figures(row: RankedPattern) -> Sequence[tuple[str, str]]:
    beside = [
        counted(count, word, word)
        for count, word in (
            (row.failed_runs, "failed"),
            (row.canceled_runs, "canceled"),
            (row.cache_hits, "from the result cache"),
        )
        if count
    ]
    regression = row.pattern.regression
    figures = [
        ("runs", ", ".join([f"{row.runs:,}", *beside])),
        ("total", f"{duration(row.total_elapsed_seconds)} ({percent(row.share)} of all time)"),
        (
            "p50, p95, max",
            f"{duration(row.p50_elapsed_seconds)}, {duration(row.p95_elapsed_seconds)}, "
            f"{duration(row.max_elapsed_seconds)}",
        ),
        ("time went to", _bucket_line(row)),
        ("users", _names(row.users)),
        ("databases", _names(row.databases)),
        ("seen", f"{_minute(row.pattern.first_seen)} to {_minute(row.pattern.last_seen)}"),
    ]
    if regression:
        figures.append(
            (
                "slower since",
                f"{_minute(regression.changed_at)}: {regression.ratio:.1f} times, from "
                f"{duration(regression.median_before_seconds)} to "
                f"{duration(regression.median_after_seconds)}",
            )
        )
    return figures


def _names(shares: Sequence[NameShare]) -> str:
    return ", ".join(share.name or "(not recorded)" for share in shares)


def _bucket_line(row: RankedPattern) -> str:
    shares = sorted(Bucket, key=row.buckets.seconds, reverse=True)
    return ", ".join(
        f"{bucket.replace('_', ' ')} {percent(row.buckets.share(bucket))}"
        for bucket in shares
        if row.buckets.share(bucket) >= 0.001
    )


def _show_review(review: Review, terminal: Terminal) -> None:
    engines = ", ".join(dict.fromkeys(answer.engine for answer in review.agent_responses))
    terminal.say()
    terminal.say(f"Reviewed {_minute(review.analysis_timestamp)} by {engines or 'nobody'}")
    for finding in review.findings:
        facts = " ".join(finding.fact_ids)
        terminal.say(f"  {finding.severity:<7} {finding.title} [{facts}]")
        terminal.say(f"          {finding.evidence}")
    for news in review.good_news:
        terminal.say(f"  worth keeping: {news.sentence} [{' '.join(news.fact_ids)}]")
    for cause in review.ruled_out:
        terminal.say(f"  ruled out: {cause.sentence}")


def _show_advice(advice: Sequence[TriagedRecommendation], terminal: Terminal) -> None:
    current = [triaged for triaged in advice if triaged.is_still_raised]
    terminal.say()
    terminal.say(counted(len(current), "recommendation"))
    for triaged in current:
        given = triaged.recommendation
        saving = given.claimed_saving_seconds
        may_save = f", may save {duration(saving)}" if saving else ""
        terminal.say()
        terminal.say(f"  {given.severity} · {given.reviewer} · {triaged.state}{may_save}")
        terminal.say(f"  {given.title}")
        for text in (given.rationale, given.action, given.action_sql or ""):
            for line in text.splitlines():
                terminal.say(f"    {line}")


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
