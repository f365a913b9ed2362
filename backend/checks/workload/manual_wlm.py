"""Slots are shared out by hand, and runs wait for them.

Anti-pattern: Under manual WLM each queue has a fixed number of slots and a fixed part of the
memory. Runs wait in one queue while slots of another stand empty, and a run that needs more than
its slot's memory spills.

Remedy: Change to automatic WLM: it decides on concurrency and memory as the work comes, with a
priority a queue. Keep the queues and their routing rules.
"""

from collections.abc import Iterator, Mapping

from backend.checks.check import measured
from backend.checks.rule import Rule
from backend.checks.workload.waiting import (
    HOUR_QUEUE_SHARE,
    PRESSURE,
    hours_by_queue,
    pressed_hours,
    user_queues,
)
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, listed, titled
from backend.domain.threshold import Threshold
from backend.domain.time_buckets import Bucket
from backend.domain.workload import WorkloadCase

CHECK = "manual_wlm"
MANY_SLOTS = Threshold(
    name="manual_wlm_slots",
    default=20,
    unit="slots",
    meaning="more slots in all leave each too little memory",
    source="AWS: an older version of review_cluster of awslabs redshift-mcp-server",
)
RULES = (
    Rule(
        name="manual WLM, under pressure or with many slots that spill",
        inputs=(
            "STV_WLM_SERVICE_CLASS_CONFIG.num_query_tasks",
            "SYS_QUERY_HISTORY.queue_time",
            "SYS_QUERY_DETAIL.spilled_block_local_disk",
        ),
        thresholds=(*PRESSURE, MANY_SLOTS),
        peers=("awslabs: manual WLM (REC_014)", "Advisor: reallocate WLM memory"),
    ),
)


def manual_wlm(case: WorkloadCase) -> Iterator[Finding | RuledOut]:
    manual = [fact for fact in user_queues(case) if fact.queue.is_manual]
    if not manual:
        return
    slots = sum(fact.queue.slots or 0 for fact in manual)
    pressed = {
        label: hours
        for label, own in hours_by_queue(case).items()
        if (hours := pressed_hours(case, own))
    }
    spilling = sum(use.spilling_runs for use in case.hours)
    fact_ids = (*(fact.fact_id for fact in manual), case.window.fact_id)
    told = f"{counted(len(manual), 'queue')} with {counted(slots, 'slot')} set by hand"
    if not pressed and not (spilling and slots > case.limit(MANY_SLOTS)):
        yield RuledOut(
            check=CHECK,
            sentence=f"Manual WLM does not hurt: {told}, no hour under pressure and"
            f" {counted(spilling, 'spilling run')}.",
            fact_ids=fact_ids,
        )
        return
    worst = max(
        (use for hours in pressed.values() for use in hours),
        key=lambda u: u.queue_share,
        default=None,
    )
    waited = sum(use.queue_seconds for hours in pressed.values() for use in hours)
    yield Finding(
        check=CHECK,
        severity=Severity.MEDIUM,
        bucket=Bucket.QUEUE if pressed else Bucket.EXECUTION,
        title=titled(f"{counted(slots, 'slot')} are shared out by hand"),
        evidence=f"{told}; {_what_hurts(pressed, waited, spilling)}.",
        fact_ids=fact_ids,
        measures=(
            *(
                (measured(case, HOUR_QUEUE_SHARE, "queueing in the worst hour", worst.queue_share),)
                if worst
                else ()
            ),
            measured(case, MANY_SLOTS, "slots in all", slots),
        ),
        affected_share=min(waited / case.window.queue_seconds, 1.0)
        if case.window.queue_seconds > 0
        else 0.0,
    )


def _what_hurts(pressed: Mapping[str, object], waited: float, spilling: int) -> str:
    said = []
    if pressed:
        said.append(f"runs waited {duration_in_words(waited)} in {listed(list(pressed), 3)}")
    if spilling:
        said.append(f"{counted(spilling, 'run')} spilled to disk")
    return " and ".join(said)
