"""What every rewrite must keep, whichever rule made it."""

import pytest
from sqlglot import exp

from backend.rewrite.find_rewrites import find_rewrites
from backend.rewrite.gate import is_kept
from backend.rewrite.or_to_in import RULE as OR_TO_IN
from backend.rewrite.rule import Edit, Reading, RewriteRule
from tests.unit.checks.builder import a_case
from tests.unit.rewrite.shop import described_tables, shop
from tests.unit.rewrite.trees import a_tree

BEFORE = "SELECT order_id, total AS t FROM retail.orders WHERE status = ? AND store_id > ?"
CASE = a_case({"sql": BEFORE, "tables": described_tables(shop())})


def kept(after: str, before: str = BEFORE, **options: object) -> bool:
    return is_kept(CASE, a_tree(before), a_tree(after), **options)  # type: ignore[arg-type]


def test_the_same_columns_tables_and_values_in_another_form_pass() -> None:
    after = "SELECT order_id, total AS t FROM retail.orders o WHERE o.status = ? AND store_id > ?"

    assert kept(BEFORE)
    assert kept(after)


@pytest.mark.parametrize(
    "after",
    [
        "SELECT order_id, total AS t FROM retail.lines WHERE status = ? AND store_id > ?",
        "SELECT order_id, total AS t FROM staging.orders WHERE status = ? AND store_id > ?",
        "SELECT order_id, total AS t FROM retail.orders WHERE status = ? AND shop_id > ?",
        "SELECT total AS t, order_id FROM retail.orders WHERE status = ? AND store_id > ?",
        "SELECT order_id, total FROM retail.orders WHERE status = ? AND store_id > ?",
        "SELECT order_id FROM retail.orders WHERE status = ? AND store_id > ?",
        "SELECT * FROM retail.orders WHERE status = ? AND store_id > ?",
        "SELECT order_id, total AS t FROM retail.orders WHERE status = ?",
        "SELECT order_id, total AS t FROM retail.orders WHERE status = ? AND store_id > ? OR ? = ?",
        "INSERT INTO x SELECT order_id, total AS t FROM retail.orders WHERE status=? AND store_id>?",
    ],
    ids=[
        "another table",
        "another schema",
        "a column that is not there",
        "another order of columns",
        "another name of a column",
        "a column less",
        "every column",
        "a value less",
        "a value more",
        "another kind of statement",
    ],
)
def test_anything_else_does_not(after: str) -> None:
    assert not kept(after)


def test_a_value_may_go_where_the_rule_says_that_it_is_not_needed() -> None:
    after = "SELECT order_id, total AS t FROM retail.orders WHERE status = ?"

    assert kept(after, dropped={2})
    assert not kept(after, dropped={1})


def test_a_star_may_become_exactly_its_columns() -> None:
    before = "SELECT * FROM retail.stores"

    assert kept("SELECT store_id, opened_on, name FROM retail.stores", before)
    assert not kept("SELECT opened_on, store_id, name FROM retail.stores", before)
    assert not kept("SELECT store_id, opened_on FROM retail.stores", before)


def test_an_unnamed_column_keeps_the_kind_that_redshift_names_it_by() -> None:
    before = "SELECT COUNT(DISTINCT order_id) FROM retail.orders"

    assert kept("SELECT APPROXIMATE COUNT(DISTINCT order_id) FROM retail.orders", before)
    assert not kept("SELECT COALESCE(COUNT(DISTINCT order_id)) FROM retail.orders", before)


def test_a_tree_that_its_text_would_not_give_back_is_refused() -> None:
    """An OR right below an AND needs brackets, which the writer of SQL does not add."""
    before = a_tree(BEFORE)
    after = a_tree(
        "SELECT order_id, total AS t FROM retail.orders WHERE (status = ?) AND (store_id > ?)"
    )
    condition = after.args["where"].this
    condition.set(
        "expression", a_tree("SELECT a WHERE total = total OR store_id > ?").args["where"].this
    )

    assert not is_kept(CASE, before, after, dropped={1, 2})

    condition.set("expression", exp.Paren(this=condition.expression.copy()))
    assert is_kept(CASE, before, after, dropped={1, 2})


def test_a_rule_that_breaks_the_statement_yields_nothing() -> None:
    def forget_a_column(reading: Reading):
        for select in reading.selects():
            if len(select.expressions) > 1:
                fewer = select.copy()
                fewer.set("expressions", fewer.expressions[:1])
                yield Edit(replaced=((select, fewer),), preconditions=())

    rule = RewriteRule(name="forget", check="none", title="Forget", find=forget_a_column)

    assert find_rewrites(CASE, [rule]).rewrites == ()


def test_a_rule_that_never_ends_yields_nothing() -> None:
    def double(reading: Reading):
        for select in reading.selects():
            yield Edit(replaced=((select, select.copy()),), preconditions=())

    rule = RewriteRule(name="double", check="none", title="Double", find=double)

    assert find_rewrites(CASE, [rule]).rewrites == ()


def test_a_rule_that_fails_does_not_sink_the_others() -> None:
    def broken(reading: Reading):
        raise KeyError(reading.tree.key)
        yield

    case = a_case({"sql": "SELECT a FROM t WHERE b = 0" + " OR b = 1" * 10})

    outcome = find_rewrites(
        case, [RewriteRule(name="x", check="x", title="x", find=broken), OR_TO_IN]
    )

    assert [rewrite.rule for rewrite in outcome.rewrites] == ["or_to_in"]
