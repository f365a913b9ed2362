"""What stands behind a fact id."""

from dataclasses import replace

from backend.domain.case_file import Clause, ClauseKind
from tests.unit.checks.builder import a_case
from workbench.presenters.facts import fact_table

SQL = (
    "SELECT s.id FROM sale s JOIN shop h ON h.id = s.shop_id WHERE s.name LIKE '%x%' ORDER BY s.id"
)


def the_statement(case):
    facts = fact_table(case)
    (text,) = facts.loc[facts["kind"] == "Statement", "fact"]
    return text


def test_the_statement_shows_its_clauses_but_not_every_join():
    assert the_statement(a_case({"sql": SQL})) == (
        "reads sale, shop, 1 join, order by without limit: ORDER BY s.id, "
        "leading wildcard: s.name LIKE '%?%'"
    )


def test_of_very_many_clauses_the_rest_is_counted():
    case = a_case({"sql": "SELECT 1 FROM sale"})
    clauses = tuple(
        Clause(kind=ClauseKind.COUNT_DISTINCT, text=f"COUNT(DISTINCT c{number})")
        for number in range(10)
    )
    statement = replace(case.statement, clauses=clauses)

    text = the_statement(replace(case, statement=statement))

    assert text.endswith("count distinct: COUNT(DISTINCT c7), and 2 clauses more")
