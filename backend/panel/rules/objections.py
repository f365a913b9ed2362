"""What the facts say against one recommendation."""

from collections.abc import Iterator

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.in_words import percent
from backend.domain.threshold import (
    DELETED_ROWS_SHARE,
    STATISTICS_OFF_PERCENT,
    VACUUM_SORT_BENEFIT,
)
from backend.panel.rules.design_objections import DESIGN_OBJECTORS
from backend.panel.rules.matter import Matter, Objection, Objector, of_kind
from backend.sql.action_sql import ActionKind
from backend.sql.plan_joins import has_column

_MISSING_STATISTICS_ALERT = "missing query planner statistics"
_SYSTEM_PREFIXES = ("sys_", "svv_", "svl_", "stv_", "stl_", "svcs_", "pg_")


def no_time_to_save(matter: Matter) -> Objection | None:
    if matter.recommendation.ceiling_seconds > 0:
        return None
    bucket = matter.recommendation.bucket.value.replace("_", " ")
    return Objection(
        reason=f"There is no measured {bucket} time that it could save.",
        fact_ids=(matter.case.buckets.fact_id,),
    )


def cause_was_ruled_out(matter: Matter) -> Objection | None:
    """For the subject that the advice is about, or altogether."""
    check, subject = matter.recommendation.check, matter.recommendation.subject
    answered = [finding for finding in matter.findings if finding.check == check]
    if not check or any(finding.subject == subject for finding in answered):
        return None
    causes = [each for each in matter.ruled_out if each.check == check]
    if answered:
        causes = [each for each in causes if subject and each.subject == subject]
    cause = next(iter(causes), None)
    if cause is None:
        return None
    return Objection(reason=f"The cause was ruled out: {cause.sentence}", fact_ids=cause.fact_ids)


def analyze_cannot_help(matter: Matter) -> Objection | None:
    for statement in of_kind(matter, ActionKind.ANALYZE):
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
    for statement in of_kind(matter, ActionKind.VACUUM_SORT):
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


def nothing_to_vacuum_away(matter: Matter) -> Objection | None:
    for statement in of_kind(matter, ActionKind.VACUUM_DELETE):
        fact = matter.case.table(statement.table_names[0])
        if fact is None:
            continue
        deleted, limit = fact.table.deleted_share, matter.case.limit(DELETED_ROWS_SHARE)
        if deleted is None or deleted <= limit:
            known = "is not known" if deleted is None else f"is {percent(deleted)}"
            return Objection(
                reason=f"VACUUM DELETE will not help {fact.table.full_name}: the part of its rows"
                f" that are deleted {known} (worth it above {percent(limit)}).",
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


OBJECTORS: tuple[Objector, ...] = (
    no_time_to_save,
    cause_was_ruled_out,
    analyze_cannot_help,
    vacuum_has_no_benefit,
    nothing_to_vacuum_away,
    names_what_is_not_there,
    *DESIGN_OBJECTORS,
)


def objections(matter: Matter) -> Iterator[Objection]:
    for objector in OBJECTORS:
        if objection := objector(matter):
            yield objection
