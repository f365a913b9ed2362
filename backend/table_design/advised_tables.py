"""Which tables' designs the recommendations of a review change."""

from collections.abc import Iterable, Iterator

from backend.domain.case_file import CaseFile
from backend.domain.recommendation import Recommendation
from backend.domain.table_design import key_of_table
from backend.domain.table_use import AdvisedTable
from backend.table_design.wants import wants_of


def advised_tables(
    case: CaseFile, recommendations: Iterable[Recommendation]
) -> tuple[AdvisedTable, ...]:
    """Each once a recommendation; not those that the case file does not know."""
    return tuple(dict.fromkeys(_advised(case, recommendations)))


def _advised(case: CaseFile, recommendations: Iterable[Recommendation]) -> Iterator[AdvisedTable]:
    for recommendation in recommendations:
        for want in wants_of(recommendation.action_sql):
            if fact := case.table(want.table_name):
                yield AdvisedTable(
                    recommendation_id=recommendation.recommendation_id,
                    table_name=key_of_table(fact.table),
                    written_as=want.table_name,
                )
