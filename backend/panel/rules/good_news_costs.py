"""Which good news a recommendation would undo, and whether its saving is worth that."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.finding import GoodNews
from backend.domain.in_words import paragraph
from backend.domain.plan import Movement, PlanNode
from backend.domain.recommendation import Recommendation
from backend.panel.rules.table_design import filters_column, sort_column
from backend.sql.action_sql import ActionKind, ActionStatement
from backend.sql.plan_joins import distribution_key


def news_undone(
    case: CaseFile, statements: Sequence[ActionStatement], good_news: Sequence[GoodNews]
) -> tuple[GoodNews, ...]:
    """What these statements would put an end to, the dearest first."""
    undone = [
        news
        for news in good_news
        if any(_undoes(case, statement, news) for statement in statements)
    ]
    return tuple(sorted(undone, key=lambda news: -news.spared_seconds))


def is_too_dear(recommendation: Recommendation, undone: Sequence[GoodNews]) -> bool:
    """Whether it saves no more than the dearest good news spares: those share their seconds."""
    spared = max((news.spared_seconds for news in undone), default=0.0)
    return bool(undone) and recommendation.claimed_saving_seconds <= spared


def with_costs_told(
    case: CaseFile,
    statements: Sequence[ActionStatement],
    good_news: Sequence[GoodNews],
    recommendation: Recommendation,
) -> Recommendation:
    """Names what the recommendation would undo, although its saving is larger."""
    undone = news_undone(case, statements, good_news)
    if not undone:
        return recommendation
    told = f"It gives up something that is worth keeping: {undone[0].sentence}"
    return replace(
        recommendation,
        rationale=paragraph(recommendation.rationale, told),
        fact_ids=tuple(dict.fromkeys((*recommendation.fact_ids, *undone[0].fact_ids))),
    )


def _undoes(case: CaseFile, statement: ActionStatement, news: GoodNews) -> bool:
    fact = case.table(statement.table_names[0]) if statement.table_names else None
    if fact is None or fact.fact_id not in news.fact_ids:
        return False
    if news.check == "sort_key_pruned":
        return _changes_the_order(statement, fact) and not _still_prunes(case, statement, fact)
    if news.check != "collocated_join":
        return False
    is_merge = any("Merge Join" in node.operator for node in _joins(case, news))
    if is_merge and _changes_the_order(statement, fact):
        return True
    return _moves_the_rows(case, statement, fact, news)


def _changes_the_order(statement: ActionStatement, fact: TableFact) -> bool:
    """SORTKEY AUTO keeps the present key to begin with (Redshift guide, ALTER TABLE)."""
    if statement.kind is not ActionKind.SORT_KEY or statement.argument == "AUTO":
        return False
    present = sort_column(fact.table)
    wanted = statement.column_names[0].lower() if statement.column_names else None
    return present is None or present.lower() != wanted or fact.table.has_interleaved_sort_key


def _still_prunes(case: CaseFile, statement: ActionStatement, fact: TableFact) -> bool:
    columns = statement.column_names
    return bool(columns) and filters_column(case, fact, columns[0])


def _moves_the_rows(
    case: CaseFile, statement: ActionStatement, fact: TableFact, news: GoodNews
) -> bool:
    """Not where the table gets a copy on every node: its joins then move nothing either."""
    if statement.kind is ActionKind.DISTRIBUTE:
        return statement.argument == "EVEN"
    if statement.kind is not ActionKind.DISTRIBUTE_BY_KEY:
        return False
    is_copied = any(node.movement is Movement.DS_DIST_ALL_NONE for node in _joins(case, news))
    return is_copied or distribution_key(fact) != statement.column_names[0].lower()


def _joins(case: CaseFile, news: GoodNews) -> Iterator[PlanNode]:
    return (fact.node for fact in case.plan_nodes if fact.fact_id in news.fact_ids)
