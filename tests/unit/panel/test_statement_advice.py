"""What the reviewer of the statement says to each finding about its clauses.

The case files are those of the checks: tests/unit/checks/cases/sql.
"""

from typing import Any

import pytest
import yaml

from backend.checks.registry import run_checks
from backend.checks.sql import CHECKS
from backend.domain.case_file import CaseFile
from backend.panel.reviewer import Advice
from backend.panel.rules import rules_panel
from backend.panel.rules.optimize import OPTIMIZE
from tests.unit.checks.builder import a_case
from tests.unit.checks.test_checks import CASES

TITLE_LENGTH = 70


def stored(check: str) -> dict[str, Any]:
    cases: dict[str, Any] = yaml.safe_load((CASES / "sql" / f"{check}.yaml").read_text())
    return cases


def advice_on(case: CaseFile, check: str) -> Advice:
    findings = [each for each in run_checks(case).findings if each.check == check]
    (advice,) = OPTIMIZE.review(case, findings, []).advice
    return advice


@pytest.mark.parametrize(
    ("check", "sentence", "said"),
    [
        ("no_filter_on_large_table",
         "a large table that nothing restricts is a finding with the share of its scan",
         ["Ask public.sale for the part that is wanted", "100 runs worked it out anew"]),
        ("or_across_columns",
         "an OR that hides the sort key is a finding",
         ["Split the OR over public.sale into two queries", "Instead of sold_on > ? OR status = ?",
          "one with sold_on > ?, which can skip blocks"]),
        ("or_across_columns",
         "an OR over two tables waits for their join",
         ["one for each side", "each filtered before its join"]),
        ("or_on_one_column",
         "an OR on the sort key by which no block was skipped is a finding",
         ["Put a range on public.sale.sold_on beside its OR",
          "Beside sold_on = ? OR sold_on = ?, add sold_on >= the lowest",
          "IN in place of the OR on sold_on would change nothing", "the statement shows 2"]),
        ("missing_redundant_predicate",
         "a condition that the twin of a joined column lacks is a finding",
         ["Repeat the condition for public.sale.sold_on",
          "Write l.sold_on >= ? once more, with s.sold_on in the place of its column"]),
        ("leading_wildcard",
         "a pattern that begins with a wildcard is tried on every row of a large scan",
         ["Spare the search through public.article.name", "beside name ILIKE '%?%'"]),
        ("regular_expression",
         "SIMILAR TO on a large scan is a finding",
         ["Filter public.event.name by LIKE or =", "Say name SIMILAR TO ? with =, IN or one LIKE"]),
        ("function_on_join_key",
         "a function on the distribution key makes the join move rows",
         ["Join public.sale.item_id as it is stored", "Store TRUNC(s.item_id) as a column"]),
        ("function_on_join_key",
         "different types of both keys are converted",
         ["Give public.sale.item_id the type", "both columns of s.item_id = i.code one type"]),
        ("cross_join",
         "two large tables that nothing links are a finding where nothing was recorded",
         ["Link public.sale and public.visit", "the condition that links sale and visit"]),
        ("not_in_nullable",
         "a NOT IN over a nullable column is a finding with the share of its join",
         ["NOT EXISTS with public.sale.customer_id = id in the subquery",
          "rows whose id is NULL then stay", "declare it NOT NULL when"]),
        ("scalar_subquery",
         "a correlated subquery over the same table is a finding with the share of the further scan",
         ["Read public.sale once, with a window function", "partitioned by shop_id"]),
        ("scalar_subquery",
         "two subqueries over one other table read it twice",
         ["Read public.sale once for all its subqueries", "grouped by customer_id,"]),
        ("repeated_scan",
         "a table that each branch of a UNION ALL scans anew is a finding",
         ["Read public.sale once instead of several times", "CASE inside the aggregates"]),
        ("repeated_scan",
         "a WITH query that Redshift works out twice is named",
         ["Put the WITH query s (2 times) into a temporary table"]),
        ("union_distinct",
         "a UNION that removed nothing is a finding with the share of its steps",
         ["Use UNION ALL", "SELECT id FROM sale UNION SELECT id FROM sale_archive can give"]),
        ("redundant_distinct",
         "a DISTINCT over a GROUP BY is a finding with the share of its step",
         ["Write SELECT customer_id, SUM(amount) without DISTINCT"]),
        ("distinct_hiding_fan_out",
         "a DISTINCT that throws away what a join multiplied is a finding",
         ["Make the join of customer and sale unique and drop the DISTINCT", "SELECT DISTINCT c.id, c.name needs no"]),
        ("count_distinct",
         "millions of distinct values are an offer of low severity",
         ["Write APPROXIMATE COUNT(DISTINCT customer_id)", "This changes the result"]),
        ("window_without_partition",
         "a window over the whole result is a finding with the share of its steps",
         ["ROW_NUMBER() OVER (ORDER BY amount DESC) a PARTITION BY", "ORDER BY with LIMIT"]),
        ("window_without_partition",
         "by the plan where no steps were recorded",
         ["a subquery of one row and joined to each"]),
        ("order_by_without_limit",
         "a large result that is sorted to its last row is a finding",
         ["Sort only the rows that are looked at", "Add a LIMIT to ORDER BY amount DESC"]),
        ("order_by_without_limit",
         "in a load the order is for nothing",
         ["Drop the ORDER BY of the load", "make it the SORTKEY of the target"]),
        ("row_by_row_insert",
         "thousands of small inserts a day are a finding in the bucket of most of their time",
         ["Load public.event in batches", "the rows of these 280,000 statements"]),
        ("delete_without_where",
         "a DELETE of a whole large table is a finding",
         ["Empty stage.event with TRUNCATE", "cannot be rolled back"]),
        ("delete_without_where",
         "an UPDATE of a whole large table is one",
         ["Build public.event anew instead of updating every row", "CREATE TABLE AS"]),
        ("many_joins",
         "many joins that take long to plan are a finding in the planning time",
         ["Work the statement out in parts", "temporary table"]),
    ],
)  # fmt: skip
def test_advice_names_the_clause_and_what_to_write_instead(
    check: str, sentence: str, said: list[str]
) -> None:
    advice = advice_on(a_case(stored(check)[sentence]["case"]), check)

    for text in said:
        assert text in f"{advice.title} | {advice.rationale} | {advice.action}"


def every_firing_case() -> list[Any]:
    return [
        pytest.param(check.__name__, described["case"], id=f"{check.__name__}: {sentence}")
        for check in CHECKS
        for sentence, described in stored(check.__name__).items()
        if {"finding", "findings"} & set(described)
    ]


@pytest.mark.parametrize(("check", "described"), every_firing_case())
def test_every_finding_about_a_clause_gets_advice_that_stands(
    check: str, described: dict[str, Any]
) -> None:
    case = a_case(described)
    outcome = run_checks(case)
    advice = advice_on(case, check)

    result = rules_panel().review(case, outcome.findings, outcome.ruled_out)

    assert len(advice.title) <= TITLE_LENGTH
    assert advice.action.endswith(".")
    assert set(advice.fact_ids) <= {fact.fact_id for fact in case.facts()}
    assert advice.claimed_saving_seconds > 0
    struck = [each for each in result.agent_responses[-1].struck if each.statement == advice.title]
    assert struck == []


def test_a_filtered_twin_is_asked_for_once() -> None:
    sentence = "a condition that the twin of a joined column lacks is a finding"
    described = stored("missing_redundant_predicate")[sentence]["case"]
    described["steps"][1]["out"] = 900
    case = a_case(described)
    outcome = run_checks(case)

    answer = OPTIMIZE.review(case, outcome.findings, outcome.ruled_out)

    assert {"unsorted_scan", "missing_redundant_predicate"} <= {f.check for f in outcome.findings}
    about = [each for each in answer.advice if "sold_on" in each.title]
    assert [each.check for each in about] == ["missing_redundant_predicate"]


LOOP = """
XN Nested Loop DS_BCAST_INNER  (cost=0.00..900000000.00 rows=90000000 width=40){}
  ->  XN Seq Scan on sale s  (cost=0.00..9000.00 rows=900000 width=20)
  ->  XN Seq Scan on shop h  (cost=0.00..100.00 rows=2000 width=20)
"""


def test_a_nested_loop_without_a_condition_names_the_tables_that_the_statement_leaves_unlinked():
    case = a_case(
        {"sql": "SELECT s.id FROM sale s, shop h WHERE s.day > 5", "plan": LOOP.format("")}
    )

    advice = advice_on(case, "nested_loop")

    assert "missing ON condition: the statement links sale s and shop h by none" in advice.action
    assert case.statement is not None
    assert case.statement.fact_id in advice.fact_ids


def test_a_nested_loop_of_an_or_is_to_be_split_where_the_statement_has_it():
    condition = '\n  Join Filter: (("outer".id = "inner".id) OR ("outer".code = "inner".former))'
    sql = "SELECT s.id FROM sale s JOIN shop h ON s.id = h.id OR s.code = h.former"
    case = a_case({"sql": sql, "plan": LOOP.format(condition)})

    advice = advice_on(case, "nested_loop")

    assert advice.title == "Split the OR of the join of sale with shop"
    assert "Write s.id = h.id OR s.code = h.former as two joins with UNION ALL" in advice.action
