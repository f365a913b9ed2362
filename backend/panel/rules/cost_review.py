"""The reviewer of the workload: waiting, compiling, memory, and what a pattern costs."""

from collections.abc import Sequence

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import (
    counted,
    duration_in_words,
    listed,
    megabytes_in_words,
    paragraph,
    percent,
    titled,
)
from backend.domain.recommendation import Category, ReviewerName
from backend.domain.time_buckets import Bucket
from backend.panel.ceilings import SECONDS_A_DAY, bucket_seconds
from backend.panel.reviewer import Advice
from backend.panel.rules.export_advice import advise_on_large_result
from backend.panel.rules.load_advice import (
    advise_compressed_files,
    advise_fewer_copies,
    advise_no_analysis,
    advise_split_files,
)
from backend.panel.rules.rules_reviewer import RulesReviewer, advice_on, dominant_bucket_text

QUEUE_FRACTION = 0.5
"""Another time or queue takes this pattern out of the jam; some waiting stays."""

LOCK_FRACTION = 0.5
"""The blocker can often be moved or shortened, seldom done without."""

COMPILE_FRACTION = 0.5
"""The first run after a patch or a change of the statement compiles whatever one does."""

MEMORY_FRACTION = 0.2
"""More memory shortens a spill; what others in the queue then lack is not counted."""

REGRESSION_FRACTION = 0.5
"""A cause that is found can mostly be undone, but it has to be found first."""

LONGEST_SHORT_QUERY_SECONDS = 20.0
"""Short query acceleration takes SELECT and CTAS that run up to 20 s at most."""

SPILL_WORTH_MEMORY_MB = 10_000
"""Below 10 GB a run, changing queues for one pattern is out of proportion."""

LOCK_QUERY = (
    "SELECT pid, txn_owner, txn_start, lock_mode, relation, granted "
    "FROM svv_transactions ORDER BY txn_start;"
)


# A low finding of waiting is noted, but a change of queues or schedules for it is not advised.


def advise_on_queue(case: CaseFile, finding: Finding) -> Advice | None:
    if finding.severity is Severity.LOW:
        return None
    runs = max(case.statistics.runs, 1)
    execution = bucket_seconds(case, Bucket.EXECUTION) / runs
    reads = case.query_type.upper() in {"SELECT", "CTAS"}
    is_short = reads and execution <= LONGEST_SHORT_QUERY_SECONDS
    labels = [label.name for label in case.statistics.labels if label.name]
    return advice_on(
        case,
        finding,
        category=Category.WORKLOAD,
        title="Let short query acceleration take it"
        if is_short
        else titled(
            f"Take {labels[0]} out of the busy hours" if len(labels) == 1 else "",
            "Take it out of the busy hours or give it a queue of its own",
        ),
        rationale=paragraph(
            finding.evidence,
            f"It then executes for {duration_in_words(execution)} a run: a rewrite would shorten "
            "that, not the wait",
            _who_runs_it(case),
        ),
        action=paragraph(_way_out_of_the_queue(case, execution, reads=reads)),
        expected_fraction=QUEUE_FRACTION,
        fact_ids=(case.statistics.fact_id, case.buckets.fact_id),
    )


def _way_out_of_the_queue(case: CaseFile, execution_seconds: float, *, reads: bool) -> str:
    if reads and execution_seconds <= LONGEST_SHORT_QUERY_SECONDS:
        return (
            "Make sure that short query acceleration is on and takes statements of "
            f"{duration_in_words(execution_seconds)}; if it does, raise the priority of its queue"
        )
    labels = [label.name for label in case.statistics.labels if label.name]
    if labels:
        return (
            f"Move the job labelled {listed(labels, 2)} to a quieter hour; if it cannot move, look "
            "which pattern fills the queue then and tune that one"
        )
    if reads:
        return (
            "Look which patterns fill the queue at those hours and tune them first; if the peak "
            "stays, turn on concurrency scaling for this queue with a usage limit"
        )
    return (
        "Move it to a quieter hour, or give its users a queue with a higher priority than the "
        "work that it waits behind"
    )


def advise_on_locks(case: CaseFile, finding: Finding) -> Advice | None:
    if finding.severity is Severity.LOW:
        return None
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title=titled(_lock_title(case), "Find the transaction that holds the lock"),
        rationale=paragraph(
            finding.evidence,
            "Another transaction holds a table that it needs; no rewrite of this statement "
            "shortens that",
            _who_runs_it(case),
        ),
        action=paragraph(
            "While it waits, list the open transactions and see which one holds the table; then "
            "commit that transaction sooner, or run the two one after the other"
        ),
        action_sql=LOCK_QUERY,
        expected_fraction=LOCK_FRACTION,
        fact_ids=(case.buckets.fact_id,),
    )


def _lock_title(case: CaseFile) -> str:
    names = case.statement.table_names if case.statement else ()
    return f"Find the transaction that locks {names[0]}" if len(names) == 1 else ""


def advise_on_compile(case: CaseFile, finding: Finding) -> Advice:
    return advice_on(
        case,
        finding,
        category=Category.WORKLOAD,
        title="Let its compiled code be used again",
        rationale=paragraph(
            finding.evidence,
            "Compiled code is kept and used again until the statement, the tables or the Redshift "
            "version change",
        ),
        action=paragraph(
            "See whether the tool that writes it changes the statement's shape or re-creates its "
            "tables from run to run, and stop that; after a Redshift patch, run it once before "
            "readers need it"
        ),
        expected_fraction=COMPILE_FRACTION,
        fact_ids=(case.buckets.fact_id,),
    )


def advise_on_memory(case: CaseFile, finding: Finding) -> Advice | None:
    cited = [fact.segment for fact in case.segments if fact.fact_id in finding.fact_ids]
    remote_mb = sum(segment.spilled_remote_blocks for segment in cited)
    spilled_mb = remote_mb + sum(segment.spilled_local_blocks for segment in cited)
    if spilled_mb < SPILL_WORTH_MEMORY_MB and remote_mb == 0:
        return None
    return advice_on(
        case,
        finding,
        category=Category.WORKLOAD,
        title="Give it a queue with more memory for each query",
        rationale=paragraph(
            finding.evidence,
            f"At {megabytes_in_words(spilled_mb)} a run, more memory can pay for what still spills "
            "once the statement carries no more than it must",
        ),
        action=paragraph(
            "After the statement is trimmed, run it in a queue with fewer slots (manual WLM) or a "
            "higher priority (automatic WLM), at an hour when little else runs"
        ),
        expected_fraction=MEMORY_FRACTION,
    )


def advise_on_regression(case: CaseFile) -> Advice | None:
    if case.regression is None:
        return None
    slower = case.regression.regression
    execution = bucket_seconds(case, Bucket.EXECUTION)
    share = min(slower.extra_seconds / execution, 1.0) if execution > 0 else 0.0
    return Advice(
        category=Category.INVESTIGATE,
        severity=Severity.HIGH if share >= 0.5 else Severity.MEDIUM,
        bucket=Bucket.EXECUTION,
        title=f"Find out what changed on {slower.changed_at:%Y-%m-%d}",
        rationale=paragraph(
            f"Since {slower.changed_at:%Y-%m-%d %H:%M} UTC a run takes "
            f"{duration_in_words(slower.median_after_seconds)}, {slower.ratio:.1f} times the "
            f"{duration_in_words(slower.median_before_seconds)} before (medians of "
            f"{counted(slower.runs_after, 'run')} after it and {slower.runs_before:,} before, without "
            "queueing, lock waits and compiling)",
            f"That has cost {duration_in_words(slower.extra_seconds)} so far",
        ),
        action=paragraph(
            "Compare the plans and the rows scanned before and after that day: a changed plan "
            "points to statistics or table design, the same plan to more data, lost order or load"
        ),
        fact_ids=(case.regression.fact_id,),
        check="regression",
        claimed_saving_seconds=execution * share * REGRESSION_FRACTION,
        affected_share=share,
    )


def _who_runs_it(case: CaseFile) -> str:
    users = [user.name for user in case.statistics.users if user.name]
    return f"It is run by {listed(users, 3)}" if users else ""


def summarise(
    case: CaseFile, advice: Sequence[Advice], ruled_out: Sequence[RuledOut]  # noqa: ARG001
) -> str:  # fmt: skip
    figures = case.statistics
    days = max((case.window_end - case.window_start).total_seconds() / SECONDS_A_DAY, 1.0)
    dominant = case.buckets.buckets.dominant
    where = (
        f"; {percent(case.buckets.buckets.share(dominant))} of it is {dominant_bucket_text(case)}"
        if dominant
        else ""
    )
    return (
        f"{counted(figures.runs, 'run')} in {counted(round(days), 'day')} took "
        f"{duration_in_words(figures.total_elapsed_seconds)}, {percent(figures.share)} of the time "
        f"of all patterns{where}."
    )


COST_REVIEW = RulesReviewer(
    name=ReviewerName.COST_REVIEW,
    advisers={
        "queue_dominated": advise_on_queue,
        "lock_dominated": advise_on_locks,
        "compile_dominated": advise_on_compile,
        "spill_to_disk": advise_on_memory,
        "copy_file_count": advise_split_files,
        "small_copy_files": advise_fewer_copies,
        "uncompressed_copy": advise_compressed_files,
        "compression_analysis": advise_no_analysis,
        "large_result": advise_on_large_result,
    },
    case_advisers=(advise_on_regression,),
    summarise=summarise,
)
