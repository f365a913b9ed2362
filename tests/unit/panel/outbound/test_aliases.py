"""With aliases no name of the case leaves, and the answer has them all again."""

import re
from dataclasses import replace

import pytest

from backend.domain.case_file import AdvisorFact, AlertFact
from backend.domain.evidence import PlannerAlert
from backend.panel.outbound.aliases import Aliases, find_aliases, names_in
from backend.panel.outbound.case_lines import case_lines
from backend.panel.outbound.document import Outside, OutsideKind, leaves
from backend.panel.outbound.gate import GateRules
from backend.panel.outbound.public_words import public_words
from tests.model_fakes import A_KEY, a_told_case, its_findings
from tests.unit.panel.cases import advisor_row
from tests.unit.panel.outbound_cases import passed, words_of

ALIASED = GateRules(marks_key=A_KEY, aliases_names=True)


def a_case_with_names_everywhere():
    case = a_told_case(users=("ana lopez", "etl_user"), labels=("nightly run: orders",))
    return replace(
        case,
        alerts=(
            AlertFact(
                fact_id="F90",
                alert=PlannerAlert(
                    query_id=1, event="Nested loop on order_lines", solution="ana lopez"
                ),
            ),
        ),
        advisor=(
            AdvisorFact(
                fact_id="F91",
                advice=advisor_row(
                    "sortkey", 'ALTER TABLE "sales"."orders" ALTER SORTKEY (shop_id)'
                ),
            ),
        ),
    )


def test_no_name_of_the_case_leaves():
    case = a_case_with_names_everywhere()
    findings = its_findings(case)
    strings = [leaf for line in case_lines(case, findings, []) for leaf in leaves(line.tree)]
    names = {name.lower() for each in strings for name in names_in(each)} - public_words()
    assert {"orders", "order_lines", "sales", "shop", "ana lopez", "turnover", "shop_id"} <= names

    result = passed(case, rules=ALIASED, findings=findings)

    told = words_of(result)
    # Aliases and our own keys are words of the document that are no names of the case.
    left = {name for name in names if re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", told)}
    assert left == set()
    assert result.check.is_aliased


def test_equal_names_have_equal_aliases_and_the_same_case_gives_the_same():
    first, second = (
        passed(a_case_with_names_everywhere(), rules=ALIASED).text.prefix for _ in range(2)
    )

    assert first == second
    assert '"FROM schema_1.table_1 AS name_1"' in first
    assert '"scans_of": "schema_1.table_1"' in first


@pytest.mark.parametrize(
    ("text", "aliased"),
    [
        ("Orders, ORDERS and orders_old", "table_1, table_1 and orders_old"),
        ("sales.orders o", "schema_1.table_1 o"),
        ("the user Ana Lopez-Diaz (Ana Lopez)", "the user user_1-Diaz (user_1)"),
        (":date_1 = date_1 and date_1::date", ":date_1 = column_1 and column_1::date"),
    ],
)
def test_whole_names_are_replaced_and_put_back(text, aliased):
    aliases = Aliases(
        {"orders": "table_1", "sales": "schema_1", "Ana Lopez": "user_1", "date_1": "column_1"}
    )

    assert aliases.applied(text) == aliased
    assert aliases.undone(aliased).lower() == text.lower()


def test_no_alias_is_a_name_of_the_case():
    strings = [Outside("table_1", OutsideKind.TABLE), Outside("orders", OutsideKind.TABLE)]

    aliases = find_aliases(strings, lambda _: True)

    assert aliases.applied("table_1, orders") == "table_2, table_3"
    assert aliases.undone("table_2, table_3") == "table_1, orders"


def test_a_name_goes_back_into_sql_as_sql_wants_it():
    aliases = Aliases({"Order Lines": "table_1", 'a"b': "column_1", "day": "column_2"})

    sql = aliases.undone_in_sql("ALTER TABLE table_1 ALTER SORTKEY (column_1, column_2)")

    assert sql == 'ALTER TABLE "Order Lines" ALTER SORTKEY ("a""b", day)'
