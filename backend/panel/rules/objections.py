"""What the facts say against one recommendation."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.recommendation import Recommendation
from backend.domain.threshold import STATISTICS_OFF_PERCENT, VACUUM_SORT_BENEFIT
from backend.panel.rules.table_design import sort_column
from backend.sql.action_sql import (
    ActionKind,
    ActionStatement,
    NotActionSqlError,
    read_action_sql,
)
from backend.sql.plan_joins import distribution_key, has_column

_MISSING_STATISTICS_ALERT = "missing query planner statistics"
_SYSTEM_PREFIXES = ("sys_", "svv_", "svl_", "stv_", "stl_", "svcs_", "pg_")


@dataclass(frozen=True, kw_only=True)
class Objection:
    """Why a recommendation cannot stand, and the facts that say so."""

    reason: str
    fact_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Matter:
    """One recommendation beside all that is known."""

    case: CaseFile
    findings: Sequence[Finding]
    ruled_out: Sequence[RuledOut]
    recommendation: Recommendation
    statements: tuple[ActionStatement, ...] = ()


Objector = Callable[[Matter], Objection | None]


def no_time_to_save(matter: Matter) -> Objection | None:
    if matter.recommendation.ceiling_seconds > 0:
        return None
    bucket = matter.recommendation.bucket.value.replace("_", " ")
    return Objection(
        reason=f"There is no measured {bucket} time that it could save.",
        fact_ids=(matter.case.buckets.fact_id,),
    )


def cause_was_ruled_out(matter: Matter) -> Objection | None:
    check = matter.recommendation.check
    if not check or any(finding.check == check for finding in matter.findings):
        return None
    cause = next((each for each in matter.ruled_out if each.check == check), None)
    if cause is None:
        return None
    return Objection(reason=f"The cause was ruled out: {cause.sentence}", fact_ids=cause.fact_ids)


def analyze_cannot_help(matter: Matter) -> Objection | None:
    for statement in _of_kind(matter, ActionKind.ANALYZE):
        fact = matter.case.table(statement.table_names[0])
        if fact is None or _statistics_are_wanting(matter.case, fact):
            continue
        off = fact.table.statistics_off_percent
        measured = f"stats_off is {off:g}" if off is not None else "stats_off is not known"
        return Objection(
            reason=(
                f"ANALYZE will not help {fact.table.full_name}: {measured} (stale above "
                f"{matter.case.limit(STATISTICS_OFF_PERCENT):g}), and no notice or alert says that any are missing."
            ),
            fact_ids=(fact.fact_id,),
        )
    return None


def _statistics_are_wanting(case: CaseFile, fact: TableFact) -> bool:
    off = fact.table.statistics_off_percent
    if off is not None and off > case.limit(STATISTICS_OFF_PERCENT):
        return True
    noticed = (name for notice in case.plan_notices for name in notice.tables_missing_statistics)
    if any(case.table(name) == fact for name in noticed):
        return True
    alerted = any(_MISSING_STATISTICS_ALERT in each.alert.event.lower() for each in case.alerts)
    stepped = any(
        _MISSING_STATISTICS_ALERT in (each.step.alert or "").lower() for each in case.steps
    )
    return alerted or stepped


def vacuum_has_no_benefit(matter: Matter) -> Objection | None:
    for statement in _of_kind(matter, ActionKind.VACUUM_SORT):
        fact = matter.case.table(statement.table_names[0])
        if fact is None:
            continue
        benefit = fact.table.vacuum_sort_benefit_percent
        if benefit is None or benefit <= matter.case.limit(VACUUM_SORT_BENEFIT):
            known = "is not known" if benefit is None else f"is {benefit:g} %"
            return Objection(
                reason=f"Sorting {fact.table.full_name} saves nothing: vacuum_sort_benefit {known}.",
                fact_ids=(fact.fact_id,),
            )
    return None


def names_what_is_not_there(matter: Matter) -> Objection | None:
    """Tables and columns of the action's SQL that neither the facts nor the statement know."""
    for statement in matter.statements:
        for table_name in statement.table_names:
            fact = matter.case.table(table_name)
            if fact is None and not _is_mentioned(matter.case, table_name):
                return Objection(
                    reason=f"Nothing known of this pattern names a table {table_name}."
                )
            if fact is None or not fact.table.columns:
                continue
            for column_name in statement.column_names:
                if not has_column(fact, column_name):
                    return Objection(
                        reason=f"{fact.table.full_name} has no column {column_name}.",
                        fact_ids=(fact.fact_id,),
                    )
    return None


def _is_mentioned(case: CaseFile, table_name: str) -> bool:
    bare = table_name.lower().rsplit(".", maxsplit=1)[-1]
    if bare.startswith(_SYSTEM_PREFIXES):
        return True
    mentioned = list(case.statement.table_names) if case.statement else []
    mentioned += [fact.node.table_name for fact in case.plan_nodes if fact.node.table_name]
    return bare in {name.lower().rsplit(".", maxsplit=1)[-1] for name in mentioned}


def design_is_there_already(matter: Matter) -> Objection | None:
    for statement in matter.statements:
        fact = matter.case.table(statement.table_names[0]) if statement.table_names else None
        if fact and (present := _present_design(statement, fact)):
            return Objection(
                reason=f"{fact.table.full_name} is already {present}.", fact_ids=(fact.fact_id,)
            )
    return None


def _present_design(statement: ActionStatement, fact: TableFact) -> str | None:
    style = fact.table.distribution_style.upper()
    if statement.kind is ActionKind.DISTRIBUTE_BY_KEY:
        key = distribution_key(fact)
        return f"distributed by {key}" if key == statement.column_names[0].lower() else None
    if statement.kind is ActionKind.DISTRIBUTE:
        return f"DISTSTYLE {statement.argument}" if style == statement.argument else None
    if statement.kind is ActionKind.SORT_KEY and statement.column_names:
        leading = sort_column(fact.table)
        wanted = statement.column_names[0]
        is_same = leading is not None and leading.lower() == wanted.lower()
        return f"sorted by {leading}" if is_same and len(statement.column_names) == 1 else None
    return None


OBJECTORS: tuple[Objector, ...] = (
    no_time_to_save,
    cause_was_ruled_out,
    analyze_cannot_help,
    vacuum_has_no_benefit,
    names_what_is_not_there,
    design_is_there_already,
)


def objections(matter: Matter) -> Iterator[Objection]:
    for objector in OBJECTORS:
        if objection := objector(matter):
            yield objection


def read_statements(recommendation: Recommendation) -> tuple[ActionStatement, ...] | None:
    """The action's SQL; None where it is not of a kind that may be proposed."""
    if not recommendation.action_sql:
        return ()
    try:
        return read_action_sql(recommendation.action_sql)
    except NotActionSqlError:
        return None


def _of_kind(matter: Matter, kind: ActionKind) -> Iterator[ActionStatement]:
    return (statement for statement in matter.statements if statement.kind is kind)
