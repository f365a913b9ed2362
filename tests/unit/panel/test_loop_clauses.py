"""The clause of a statement that most likely makes a nested loop, or none rather than a guess."""

import pytest

from backend.domain.recommendation import Category
from backend.panel.rules.loop_clauses import LoopKind, likely_loop
from backend.panel.rules.optimize import OPTIMIZE
from tests.builders import a_finding
from tests.unit.panel.cases import CROSS_PLAN, a_case, order_lines, orders, shops

TABLES = (orders(), order_lines(), shops())


def clause_of(text, tables=TABLES):
    return likely_loop(a_case(scrubbed_sql=text, tables=tables))


@pytest.mark.parametrize(
    ("text", "kind", "clause"),
    [
        pytest.param(
            "SELECT ? FROM sales.orders o, sales.shops s WHERE o.note = ?",
            LoopKind.UNLINKED,
            "orders o and shops s",
            id="a comma join that nothing links",
        ),
        pytest.param(
            "SELECT ? FROM sales.orders o JOIN sales.order_lines l USING (order_id) "
            "CROSS JOIN sales.shops",
            LoopKind.UNLINKED,
            "shops and order_lines l, orders o",
            id="a cross join beside a linked one",
        ),
        pytest.param(
            "SELECT ? FROM sales.orders o JOIN sales.shops s ON o.ordered_at BETWEEN s.name AND ?",
            LoopKind.NO_EQUALITY,
            "o.ordered_at BETWEEN s.name AND ?",
            id="a range",
        ),
        pytest.param(
            "SELECT ? FROM sales.orders o JOIN sales.shops s ON o.shop_id = s.shop_id "
            "OR o.note = s.name",
            LoopKind.NO_EQUALITY,
            "o.shop_id = s.shop_id OR o.note = s.name",
            id="an OR",
        ),
        pytest.param(
            "SELECT ? FROM sales.orders WHERE NOT EXISTS (SELECT ? FROM sales.shops s "
            "WHERE s.shop_id > orders.shop_id)",
            LoopKind.EXISTS_WITHOUT_EQUALITY,
            "s.shop_id > orders.shop_id",
            id="an EXISTS without an equality",
        ),
        pytest.param(
            "SELECT ? FROM order_lines l, orders WHERE l.order_id = orders.order_id AND amount < "
            "(SELECT ? * AVG(amount) FROM order_lines WHERE order_lines.order_id = l.order_id)",
            LoopKind.CORRELATED_INEQUALITY,
            "amount < (SELECT …)",
            id="an inequality with a correlated subquery",
        ),
        pytest.param(
            "SELECT ? FROM orders o, order_lines l, shops s WHERE o.order_id = l.order_id "
            "AND o.shop_id = s.shop_id AND (s.name = ? AND l.amount = ? OR l.article_id = ?)",
            LoopKind.LINKED_ELSEWHERE,
            "s.name = ? AND l.amount = ? OR l.article_id = ?",
            id="a comparison of tables that others link",
        ),
        pytest.param(
            "SELECT ? FROM order_lines WHERE amount > (SELECT AVG(amount) FROM order_lines)",
            LoopKind.ONE_ROW,
            "amount > (SELECT …)",
            id="one value for all rows",
        ),
    ],
)
def test_the_clause_that_can_hardly_be_hashed_is_named(text, kind, clause):
    found = clause_of(text)

    assert found is not None
    assert (found.kind, found.text) == (kind, clause)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "SELECT ? FROM orders, order_lines WHERE orders.order_id = order_lines.order_id "
            "AND ordered_at > amount",
            id="an inequality beside an equality",
        ),
        pytest.param(
            "SELECT ? FROM orders o JOIN shops s ON (o.shop_id = s.shop_id AND o.note = ?) "
            "OR (s.shop_id = o.shop_id AND s.name = ?)",
            id="an equality in each branch of an OR",
        ),
        pytest.param(
            "SELECT ? FROM orders o WHERE EXISTS (SELECT ? FROM orders p "
            "WHERE p.shop_id = o.shop_id AND p.order_id <> o.order_id)",
            id="an EXISTS with an equality",
        ),
        pytest.param("SELECT ? FROM orders, mystery WHERE note = secret", id="unknown columns"),
        pytest.param(
            "SELECT ? FROM orders, shops s WHERE o.shop_id = s.shop_id", id="an unknown alias"
        ),
        pytest.param("SELECT ? FROM orders o, o.lines l WHERE l.price > ?", id="a nested array"),
        pytest.param(
            "SELECT ? FROM orders, (SELECT MAX(amount) AS most FROM order_lines) m",
            id="a derived table of one row",
        ),
        pytest.param(
            "WITH best AS (SELECT MAX(amount) AS most FROM order_lines) "
            "SELECT ? FROM order_lines, best WHERE amount = most",
            id="an equality with a WITH query",
        ),
        pytest.param(
            "SELECT ? FROM orders o JOIN order_lines l ON o.order_id = l.order_id JOIN shops s "
            "ON o.shop_id = s.shop_id WHERE COALESCE(l.article_id, s.shop_id) > ?",
            id="a value of two tables",
        ),
        pytest.param(
            "SELECT s.name FROM orders o JOIN order_lines l ON o.order_id = l.order_id JOIN shops s "
            "ON o.shop_id = s.shop_id GROUP BY 1 HAVING SUM(l.amount) > SUM(s.shop_id)",
            id="a condition on groups",
        ),
        pytest.param("SELECT ? FROM orders NATURAL JOIN shops", id="a natural join"),
        pytest.param("SELECT ? FROM orders WHERE order_id = ?", id="no join"),
        pytest.param("SELECT FROM WHERE", id="no statement"),
    ],
)
def test_nothing_is_guessed(text):
    assert clause_of(text) is None


def test_a_withheld_statement_names_nothing():
    assert likely_loop(a_case(scrubbed_sql=None)) is None


def test_a_long_clause_is_cut():
    names = " OR ".join(f"o.note = s.name || '{number}'" for number in range(20))

    found = clause_of(" ".join(["SELECT ? FROM orders o JOIN shops s ON", names]))

    assert found is not None
    assert len(found.text) == 90


CORRELATED = (
    "SELECT ? FROM order_lines l WHERE amount < "
    "(SELECT AVG(m.amount) FROM order_lines m WHERE m.order_id = l.order_id)"
)


def test_without_a_plan_the_likely_clause_is_named():
    case = a_case(scrubbed_sql=CORRELATED, tables=TABLES, steps_query_id=4711)

    (advice,) = OPTIMIZE.review(case, [a_finding("nested_loop")], []).advice

    assert advice.title == "Look for the nested loop at amount < (SELECT …)"
    assert advice.category is Category.INVESTIGATE
    assert "GROUP BY" in advice.action
    assert "query_id = 4711" in advice.action_sql


def test_a_loop_over_one_row_promises_little():
    text = "SELECT ? FROM order_lines WHERE amount > (SELECT AVG(amount) FROM order_lines)"
    case = a_case(scrubbed_sql=text, tables=TABLES)

    (advice,) = OPTIMIZE.review(case, [a_finding("nested_loop")], []).advice

    assert advice.claimed_saving_seconds == pytest.approx(100)


def test_a_recorded_plan_speaks_for_itself():
    case = a_case(plan=CROSS_PLAN, scrubbed_sql=CORRELATED, tables=TABLES)

    (advice,) = OPTIMIZE.review(case, [a_finding("nested_loop", fact_ids=("F1",))], []).advice

    assert "SELECT …" not in advice.title
