"""What the facts say against a change of a table's design or order."""

from backend.domain.case_file import TableFact
from backend.domain.in_words import duration_in_words, rows_in_words
from backend.domain.threshold import LARGE_TABLE_ROWS
from backend.panel.rules.good_news_costs import is_too_dear, news_undone
from backend.panel.rules.matter import Matter, Objection, Objector, of_kind
from backend.panel.rules.table_design import column_of, is_small, sort_column
from backend.sql.action_sql import ActionKind, ActionStatement
from backend.sql.plan_joins import distribution_key

_NOT_WHILE_INTERLEAVED = {
    ActionKind.DISTRIBUTE_BY_KEY,
    ActionKind.DISTRIBUTE,
    ActionKind.ENCODE_COLUMN,
}


def reindex_is_for_interleaved_keys(matter: Matter) -> Objection | None:
    for statement in of_kind(matter, ActionKind.VACUUM_REINDEX):
        fact = matter.case.table(statement.table_names[0])
        if fact and not fact.table.has_interleaved_sort_key:
            return Objection(
                reason=f"VACUUM REINDEX is for interleaved sort keys, and {fact.table.full_name}"
                " has none.",
                fact_ids=(fact.fact_id,),
            )
    return None


def small_table_needs_no_sort_key(matter: Matter) -> Objection | None:
    for statement in of_kind(matter, ActionKind.SORT_KEY):
        fact = matter.case.table(statement.table_names[0])
        if fact and statement.column_names and is_small(matter.case, fact.table):
            limit = matter.case.limit(LARGE_TABLE_ROWS)
            return Objection(
                reason=f"{fact.table.full_name} is too small for a sort key to help: it has"
                f" {rows_in_words(fact.table.row_count or 0)} (large above"
                f" {rows_in_words(limit)}).",
                fact_ids=(fact.fact_id,),
            )
    return None


def interleaved_key_forbids_it(matter: Matter) -> Objection | None:
    """Redshift alters neither DISTKEY nor encodings of such a table (guide, ALTER TABLE); after a
    change to a compound key, in the same advice, it does."""
    resorted: set[str] = set()
    for statement in matter.statements:
        fact = matter.case.table(statement.table_names[0]) if statement.table_names else None
        if fact is None or not fact.table.has_interleaved_sort_key:
            continue
        if statement.kind is ActionKind.SORT_KEY:
            resorted.add(fact.fact_id)
        elif _needs_a_compound_key(statement) and fact.fact_id not in resorted:
            return Objection(
                reason=f"Redshift refuses it while the sort key of {fact.table.full_name} is"
                " interleaved.",
                fact_ids=(fact.fact_id,),
            )
    return None


def _needs_a_compound_key(statement: ActionStatement) -> bool:
    return statement.kind in _NOT_WHILE_INTERLEAVED and statement.argument != "AUTO"


def costs_more_than_it_saves(matter: Matter) -> Objection | None:
    undone = news_undone(matter.case, matter.statements, matter.good_news)
    if not is_too_dear(matter.recommendation, undone):
        return None
    saving = duration_in_words(matter.recommendation.claimed_saving_seconds)
    spared = duration_in_words(undone[0].spared_seconds)
    return Objection(
        reason=f"It would undo what is worth keeping and spares {spared} here, more than the"
        f" {saving} that it may save: {undone[0].sentence}",
        fact_ids=undone[0].fact_ids,
    )


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
    if statement.kind in {ActionKind.ENCODE_AUTO, ActionKind.ENCODE_COLUMN}:
        return _present_encoding(statement, fact)
    is_compound = not fact.table.has_interleaved_sort_key
    if statement.kind is ActionKind.SORT_KEY and statement.column_names and is_compound:
        leading = sort_column(fact.table)
        wanted = statement.column_names[0]
        is_same = leading is not None and leading.lower() == wanted.lower()
        return f"sorted by {leading}" if is_same and len(statement.column_names) == 1 else None
    return None


def _present_encoding(statement: ActionStatement, fact: TableFact) -> str | None:
    """Redshift refuses to alter a column to the encoding that it has."""
    if statement.kind is ActionKind.ENCODE_AUTO:
        return "ENCODE AUTO" if "AUTO(ENCODE" in (fact.table.encoded or "").upper() else None
    column = column_of(fact.table, statement.column_names[0])
    present = column.encoding.strip().upper() if column else ""
    is_same = present == statement.argument or (statement.argument, present) == ("RAW", "NONE")
    return f"encoded so in {statement.column_names[0]}" if present and is_same else None


DESIGN_OBJECTORS: tuple[Objector, ...] = (
    reindex_is_for_interleaved_keys,
    small_table_needs_no_sort_key,
    interleaved_key_forbids_it,
    design_is_there_already,
    costs_more_than_it_saves,
)
