"""What a proposal's figures take for granted, and what to look at before carrying it out."""

from collections.abc import Iterator, Sequence

from backend.domain.in_words import (
    counted,
    duration_in_words,
    megabytes_in_words,
    number_in_words,
    percent,
)
from backend.domain.table_design import is_distribution_automatic, is_sort_automatic
from backend.domain.table_proposal import Aspect, Decision
from backend.domain.table_use import TableUse, WriteKind
from backend.table_design.choose_distributions import DistributionSearch
from backend.table_design.model import (
    ENCODING_FRACTION,
    EVEN_SPREAD_FRACTION,
    MOVING_FRACTION,
    SCAN_FRACTION,
)
from backend.table_design.table_effects import is_skewed
from backend.table_design.workload import Workload

MOST_MAKERS = 3


def assumptions(
    key: str, decisions: Sequence[Decision], search: DistributionSearch
) -> Iterator[str]:
    workload = search.workload
    uses = workload.uses_of.get(key, ())
    yield "The recorded run of a pattern stands for all of its runs, and a week for any other."
    by_aspect = {decision.aspect: decision for decision in decisions}
    if any(use.joins for use in uses):
        yield from _about_joins(key, search)
    sort = by_aspect.get(Aspect.SORT_KEY)
    if sort and (sort.is_change or sort.alternatives):
        yield (
            f"Reading takes {percent(SCAN_FRACTION)} of a segment that scans, and grows with the"
            " rows read; columns that filter one scan together each do an even part of it."
        )
    encoding = by_aspect.get(Aspect.ENCODING)
    if encoding and encoding.is_change:
        yield (
            f"Compressed columns save {percent(ENCODING_FRACTION)} of reading them, and reading"
            f" takes {percent(SCAN_FRACTION)} of a segment that scans; all columns count as read"
            " alike."
        )
    if is_skewed(key, workload):
        yield (
            f"Spreading the rows evenly saves {percent(EVEN_SPREAD_FRACTION)} of what the fullest"
            " slice does more than the others; another key half of that, as nobody knows its"
            " values."
        )
    estimated = [use for use in uses if not use.is_measured and use.seconds > 0]
    if estimated:
        yield (
            f"For {counted(len(estimated), 'pattern')} no step tells the time on this table: it is"
            " put down by the plan's costs or shared by the size of the tables, and is an estimate."
        )


def _about_joins(key: str, search: DistributionSearch) -> Iterator[str]:
    workload = search.workload
    rate = number_in_words(1 / workload.seconds_a_row)
    told = (
        "as all measured moves together took"
        if workload.is_rate_measured
        else "taken, not measured"
    )
    nodes = (
        "as the prices name so many nodes"
        if workload.are_nodes_known
        else "as nothing tells the number of nodes"
    )
    yield (
        f"Sending rows takes {percent(MOVING_FRACTION)} of the time of a segment that sends them:"
        " that part is saved where a join comes to move nothing."
    )
    yield (
        f"What a join would have to move costs a second for each {rate} rows ({told}), unless its"
        f" own move was measured; a broadcast row counts {workload.nodes} times, {nodes}."
    )
    yield "The order of joins stays as the planner chose it."
    unclear = sum(
        not weighed.meeting.is_understood
        for pattern in workload.patterns_of.get(key, ())
        for weighed in pattern.joins
    )
    if unclear:
        yield (
            f"{counted(unclear, 'join')} of the plans counted for nothing: what moved contradicts"
            " how the tables lie now, so the plan may be older than the design."
        )
    grouped = [
        use
        for use in workload.uses_of.get(key, ())
        if workload.present[key].column and workload.present[key].column in use.grouped_by
    ]
    if grouped and search.designs[key] != workload.present[key]:
        yield (
            f"{counted(len(grouped), 'pattern')} grouped by {workload.present[key].column} may need"
            " a second phase of aggregation without this key; that is not counted."
        )


def cautions(
    key: str, decisions: Sequence[Decision], workload: Workload, *, is_unread: bool = False
) -> Iterator[str]:
    """`is_unread`: the workload review finds that nobody reads the table."""
    changes = [decision for decision in decisions if decision.is_change]
    wanted = [rival for decision in decisions for rival in decision.rivals]
    # A pattern that reads it may have been reviewed since.
    is_only_written = all(use.write for use in workload.uses_of.get(key, ()))
    if is_unread and is_only_written and (changes or wanted):
        yield (
            "By the workload review nobody reads it. To drop it would save all the"
            f" {duration_in_words(workload.seconds_on(key))} a week that stand on it, more than any"
            " design of it can: ask its owner first whether it is needed."
        )
    if not changes:
        return
    table = workload.tables[key]
    rewrites = [each for each in changes if each.aspect is not Aspect.ENCODING]
    if rewrites:
        size = f" its {megabytes_in_words(table.size_mb)}" if table.size_mb else " the table"
        yield (
            f"ALTER TABLE rewrites{size} and locks it meanwhile: run it when the load is light."
            " No VACUUM can run on the table at the same time."
        )
    makers = _makers(workload.uses_of.get(key, ()))
    if makers:
        more = f" and {len(makers) - MOST_MAKERS} more" if len(makers) > MOST_MAKERS else ""
        yield (
            f"{', '.join(makers[:MOST_MAKERS])}{more} makes the table anew: change the design in"
            " that statement (in a dbt model its dist and sort settings), or it lasts until the"
            " next run."
        )
    automatic = [
        name
        for aspect, is_automatic, name in (
            (Aspect.DISTRIBUTION, is_distribution_automatic(table), "DISTSTYLE AUTO"),
            (Aspect.SORT_KEY, is_sort_automatic(table), "SORTKEY AUTO"),
        )
        if is_automatic and any(each.aspect is aspect for each in changes)
    ]
    if automatic:
        yield (
            f"The change ends {' and '.join(automatic)}: Redshift then no longer optimizes that by"
            " itself."
        )
    if any(each.look_first_sql for each in changes):
        yield "No export tells how evenly the new key's values are spread: count them first."
    if any(each.proposed == "ALL" for each in changes):
        yield "DISTSTYLE ALL keeps the whole table on every node: it takes that much more storage."


def _makers(uses: Sequence[TableUse]) -> list[str]:
    return sorted(use.query_hash for use in uses if use.write is WriteKind.CREATE)
