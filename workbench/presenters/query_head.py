"""One pattern at a glance: its name, figures, buckets and what changed."""

from dataclasses import dataclass

from backend.domain.money import Prices
from backend.domain.pattern import NameShare, RankedPattern
from backend.domain.regression import Regression
from backend.domain.review import Review
from workbench.presenters.bucket_bar import BucketBar, bucket_bar
from workbench.presenters.figure import Figure
from workbench.presenters.headline import headline
from workbench.presenters.wording import (
    count,
    dollars,
    duration,
    full_day,
    moment_text,
    number_of,
    per_cent,
    ratio,
)

LINES_SHOWN = 18


@dataclass(frozen=True, kw_only=True)
class QueryHead:
    """`title` is safe where Markdown is read; `statement` is foreign text, for code only."""

    title: str
    query_hash: str
    subtitle: str
    figures: tuple[Figure, ...]
    bar: BucketBar
    bar_caption: str
    regression: str | None
    statement: str | None
    is_long: bool
    withheld: str | None
    work: str


def query_head(
    row: RankedPattern,
    formatted_sql: str | None,
    prices: Prices | None = None,
    review: Review | None = None,
) -> QueryHead:
    """`review` is the latest: it says why the pattern became slower."""
    pattern = row.pattern
    return QueryHead(
        title=headline(pattern),
        query_hash=pattern.query_hash,
        subtitle=(
            f"{pattern.query_type} · seen {full_day(pattern.first_seen)} "
            f"to {moment_text(pattern.last_seen)}"
        ),
        figures=(*_figures(row), *_cluster_figure(row, prices)),
        bar=bucket_bar(row.buckets),
        bar_caption=(
            f"Measured over {number_of(row.runs, 'run')}. The parts may overlap or leave gaps, so "
            "they need not add up to the elapsed time."
        ),
        regression=_regression(pattern.regression, review),
        statement=formatted_sql,
        is_long=(formatted_sql or "").count("\n") >= LINES_SHOWN,
        withheld=_withheld(pattern.withheld_reason) if pattern.scrubbed_sql is None else None,
        work=_work(row),
    )


def _figures(row: RankedPattern) -> tuple[Figure, ...]:
    exact = "" if row.has_exact_quantiles else "Within 0.5 %: kept in steps of 1 %."
    return (
        Figure(
            label="Total time",
            value=duration(row.total_elapsed_seconds),
            help="Elapsed time of all its runs in the time range.",
        ),
        Figure(
            label="Share of all", value=per_cent(row.share), help=f"Rank {row.rank} by total time."
        ),
        Figure(label="Runs", value=count(row.runs), help=_other_runs(row)),
        Figure(label="p50", value=duration(row.p50_elapsed_seconds), help=exact),
        Figure(label="p95", value=duration(row.p95_elapsed_seconds), help=exact),
        Figure(label="Slowest", value=duration(row.max_elapsed_seconds)),
    )


def _cluster_figure(row: RankedPattern, prices: Prices | None) -> tuple[Figure, ...]:
    if row.busy is None or row.cluster is None or row.cluster.busy_seconds <= 0:
        return ()
    share = row.busy.busy_seconds / row.cluster.busy_seconds
    told = (
        f"{per_cent(share)} of the {duration(row.cluster.busy_seconds)} in which the cluster was "
        "at work: while runs overlap, each is charged its part"
    )
    if row.busy.scaled_seconds > 0:
        told += (
            f". {duration(row.busy.scaled_seconds)} on concurrency-scaling clusters stand beside"
            " it, charged apart beyond the free hours"
        )
    cost = prices.of_pattern(row.busy, row.cluster) if prices else None
    if prices is None or cost is None:
        return (
            Figure(label="Cluster time", value=duration(row.busy.busy_seconds), help=f"{told}."),
        )
    return (
        Figure(
            label="Cost",
            value=dollars(cost),
            help=f"{told}. By prices of {full_day(prices.as_of)}.",
        ),
    )


def _other_runs(row: RankedPattern) -> str:
    return (
        f"Beside them: {count(row.failed_runs)} failed, {count(row.canceled_runs)} canceled, "
        f"{count(row.cache_hits)} answered from the result cache; not counted in the timings."
    )


def _regression(regression: Regression | None, review: Review | None) -> str | None:
    """Safe where Markdown is read. The verdict of a review that knew of this slow-down, or the
    figures alone."""
    if regression is None:
        return None
    case = review.case_file if review else None
    known = case.regression.regression.changed_at if case and case.regression else None
    costs = f"This costs {duration(regression.extra_seconds)} more."
    if review and review.diagnosis and review.diagnosis.verdict and known == regression.changed_at:
        return f"{review.diagnosis.verdict} {costs}"
    return (
        f"{ratio(regression.ratio)} slower since {moment_text(regression.changed_at)}: "
        f"median {duration(regression.median_before_seconds)} over "
        f"{number_of(regression.runs_before, 'run')} before, "
        f"{duration(regression.median_after_seconds)} over "
        f"{number_of(regression.runs_after, 'run')} since. {costs} "
        "Queue, lock and compile time are left out of the comparison."
    )


def _withheld(reason: str | None) -> str:
    because = f": {reason}" if reason else ""
    return f"The text of this statement is withheld{because}. Only its hash and figures are kept."


def _work(row: RankedPattern) -> str:
    """Whose time it is: a line each for users, databases and labels."""
    kinds = (("Users", row.users), ("Databases", row.databases), ("Labels", row.labels))
    return "\n".join(f"{kind}: {_shares(shares)}" for kind, shares in kinds if shares)


def _shares(shares: tuple[NameShare, ...]) -> str:
    return ", ".join(
        f"{share.name or '(none)'} {duration(share.total_elapsed_seconds)}" for share in shares[:6]
    ) + (f" and {len(shares) - 6} more" if len(shares) > 6 else "")
