"""The alerts of Redshift's planner, and what to say where nothing but the alert is known.

They stand in the alert column of SYS_QUERY_DETAIL's step rows and, on provisioned clusters, in
STL_ALERT_EVENT_LOG; figures in them are masked (guide, r_STL_ALERT_EVENT_LOG).
"""

from collections.abc import Iterator
from enum import StrEnum

from backend.checks.check import MOST_CITED, UNMEASURED_SHARE, measured, milder, weigh
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, Severity
from backend.domain.in_words import counted, titled
from backend.domain.threshold import AWS_GUIDE, Threshold
from backend.domain.time_buckets import Bucket

PLANNER_ALERTS = Threshold(
    name="planner_alerts",
    default=1,
    unit="alerts",
    meaning="so many alerts of Redshift's planner count where neither plan nor steps tell more",
    source=f"{AWS_GUIDE}, STL_ALERT_EVENT_LOG",
)


class AlertKind(StrEnum):
    """How the text of each alert begins, in lower case."""

    MISSING_STATISTICS = "missing query planner statistics"
    NESTED_LOOP = "nested loop join in the query plan"
    SELECTIVE_FILTER = "very selective query filter"
    DELETED_ROWS = "scanned a large number of deleted rows"
    DISTRIBUTED_ROWS = "distributed a large number of rows across the network"
    BROADCASTED_ROWS = "broadcasted a large number of rows across the network"
    SERIAL_JOIN = "ds_dist_all_inner"


_FOR_AGGREGATION = "process the aggregation"


def is_alert(text: str | None, kind: AlertKind) -> bool:
    return kind.value in (text or "").lower()


def is_for_aggregation(text: str | None) -> bool:
    """Of an alert for distributed rows: whether they were moved for a GROUP BY, not for a join."""
    return _FOR_AGGREGATION in (text or "").lower()


def alert_ids(
    case: CaseFile, kind: AlertKind, *, for_aggregation: bool | None = None
) -> tuple[str, ...]:
    """The facts that hold such an alert, the largest few; steps first."""
    texts = [(fact.fact_id, fact.step.alert) for fact in case.steps]
    texts += [(fact.fact_id, fact.alert.event) for fact in case.alerts]
    return tuple(
        fact_id
        for fact_id, text in texts
        if is_alert(text, kind)
        and (for_aggregation is None or is_for_aggregation(text) is for_aggregation)
    )[:MOST_CITED]


def although_alerted(ids: tuple[str, ...]) -> str:
    return ", although a run raised an alert about it" if ids else ""


def judge_alert_alone(
    case: CaseFile,
    *,
    check: str,
    about: str,
    title: str,
    ids: tuple[str, ...],
    unknown: str = "neither plan nor steps of the run tell where, or what it costs",
    subject: str = "",
) -> Iterator[Finding]:
    """`about` is what the alert is about, such as `a large broadcast`; `unknown` what is not told."""
    severity = weigh(case, Bucket.EXECUTION, UNMEASURED_SHARE)
    if not ids or severity is None:
        return
    yield Finding(
        check=check,
        severity=milder(severity, at_most=Severity.LOW),
        bucket=Bucket.EXECUTION,
        title=titled(title),
        evidence=f"Redshift's planner raised {counted(len(ids), 'alert')} about {about};"
        f" {unknown}.",
        fact_ids=ids,
        subject=subject,
        measures=(measured(case, PLANNER_ALERTS, "alerts", len(ids)),),
        affected_share=UNMEASURED_SHARE,
    )
