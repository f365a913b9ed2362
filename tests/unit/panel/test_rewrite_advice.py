"""Which advice carries the statement as a rule writes it."""

from dataclasses import replace

import pytest

from backend.checks.registry import run_checks
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding
from backend.panel.panel import Panel, PanelOutcome
from backend.panel.reviewer import Advice, ReviewerAnswer
from backend.panel.rules import rules_panel
from backend.panel.rules.optimize import OPTIMIZE
from backend.panel.rules.rules_reviewer import RulesReviewer
from backend.panel.rules.validate import RulesValidator
from tests.builders import a_finding
from tests.unit.checks import builder
from tests.unit.rewrite.shop import described_tables, shop

MONTH = "SELECT order_id FROM retail.orders WHERE DATE_TRUNC('month', order_date) = '2024-03-01'"
NOT_IN = (
    "SELECT o.order_id FROM retail.orders o WHERE o.{} NOT IN (SELECT order_id FROM retail.lines)"
)


def a_case(sql: str) -> CaseFile:
    return builder.a_case({"sql": sql, "tables": described_tables(shop())})


def found(case: CaseFile, check: str, subject: str = "", **changes: object) -> Finding:
    assert case.statement is not None
    known = {"fact_ids": (case.statement.fact_id,), "subject": subject}
    return a_finding(check, **(known | changes))


def advised(case: CaseFile, *findings: Finding, by: RulesReviewer = OPTIMIZE) -> tuple[Advice, ...]:
    return by.review(case, findings, []).advice


WITHOUT_ADVISERS = replace(OPTIMIZE, advisers={})


def test_advice_on_a_finding_carries_the_rewrite_of_its_rule() -> None:
    case = a_case(MONTH)

    (advice,) = advised(case, found(case, "function_on_sort_key", "retail.orders.order_date"))

    assert advice.title == "Compare retail.orders.order_date without a function around it"
    assert advice.rewrite is not None
    assert "order_date >= CAST(:p2 AS DATE)" in advice.rewrite.sql
    assert set(advice.rewrite.fact_ids) <= set(advice.fact_ids)


def test_a_rewrite_that_no_finding_calls_for_is_shown_nowhere() -> None:
    case = a_case(MONTH)

    assert advised(case) == ()
    assert all(advice.rewrite is None for advice in advised(case, found(case, "spill_to_disk")))


def test_a_rewrite_of_another_column_is_not_shown() -> None:
    case = a_case(f"{MONTH} AND store_id > 1")
    others = [
        found(case, "function_on_sort_key", "retail.lines.line_date"),
        found(case, "function_on_sort_key", "retail.orders.ordered_at"),
    ]

    assert [advice.rewrite for advice in advised(case, *others)] == [None, None]


def test_a_finding_about_the_table_takes_the_rewrite_of_its_column() -> None:
    case = a_case(MONTH)

    (advice,) = advised(case, found(case, "function_on_sort_key", "retail.orders"))

    assert advice.rewrite is not None


def test_a_finding_without_an_adviser_is_answered_by_the_rule() -> None:
    case = a_case(NOT_IN.format("order_id"))

    (advice,) = advised(
        case, found(case, "not_in_nullable", "retail.lines.order_id"), by=WITHOUT_ADVISERS
    )

    assert advice.title == "Look for missing rows with NOT EXISTS"
    assert advice.check == "not_in_nullable"
    assert advice.claimed_saving_seconds == pytest.approx(600)
    assert advice.rewrite is not None
    assert advice.rewrite.rule == "not_in_to_not_exists"


def test_without_rewrite_and_adviser_nothing_is_advised() -> None:
    case = a_case(NOT_IN.format("customer_id"))

    assert advised(case, found(case, "not_in_nullable"), by=WITHOUT_ADVISERS) == ()


def test_advice_says_why_the_statement_could_not_be_written_differently() -> None:
    case = a_case(MONTH.replace("DATE_TRUNC('month', order_date)", "TO_CHAR(order_date, 'MM')"))

    (advice,) = advised(case, found(case, "function_on_sort_key", "retail.orders.order_date"))

    assert advice.rewrite is None
    assert "could not become a range: the format of TO_CHAR is masked." in advice.action


def test_an_offer_that_changes_the_result_says_so() -> None:
    case = a_case("SELECT COUNT(DISTINCT customer_id) AS n FROM retail.orders")

    (advice,) = advised(case, found(case, "count_distinct"))

    assert advice.rewrite is not None
    assert advice.rewrite.changes_result
    assert "relative error of around 2 %" in advice.rewrite.remark


class Claims:
    """A reviewer that says what it was made to say."""

    def __init__(self, advice: Advice) -> None:
        self.name = OPTIMIZE.name
        self.engine = "a model"
        self._advice = advice

    def review(self, *_: object) -> ReviewerAnswer:
        return ReviewerAnswer(summary="So it is.", advice=(self._advice,))


def outcome_of(case: CaseFile, finding: Finding, advice: Advice) -> PanelOutcome:
    panel = Panel(reviewers=(Claims(advice),), validator=RulesValidator())
    return panel.review(case, [finding], [])


def test_the_validator_keeps_what_a_rule_gives() -> None:
    case = a_case(MONTH)
    finding = found(case, "function_on_sort_key", "retail.orders.order_date")

    (kept,) = rules_panel().review(case, [finding], []).recommendations

    assert kept.rewrite is not None


def test_the_validator_takes_off_a_rewrite_that_no_rule_gives() -> None:
    case = a_case(MONTH)
    finding = found(case, "function_on_sort_key", "retail.orders.order_date")
    (advice,) = advised(case, finding)
    assert advice.rewrite is not None
    forged = replace(advice.rewrite, sql="SELECT order_id FROM retail.orders")

    outcome = outcome_of(case, finding, replace(advice, rewrite=forged))

    (kept,) = outcome.recommendations
    assert kept.rewrite is None
    reasons = [struck.reason for struck in outcome.agent_responses[-1].struck]
    assert reasons == ["No rule establishes that it gives the same rows."]


DEARER_THAN_USUAL = (
    "SELECT o.order_id FROM retail.orders o WHERE o.total > "
    "(SELECT AVG(l.amount) FROM retail.lines l WHERE l.order_id = o.order_id)"
)


def test_a_loop_over_a_correlated_subquery_comes_with_the_subquery_as_a_join() -> None:
    case = a_case(DEARER_THAN_USUAL)

    (advice,) = advised(case, found(case, "nested_loop"))

    assert advice.rewrite is not None
    assert advice.rewrite.rule == "scalar_subquery_to_join"


def test_a_loop_that_the_plan_places_elsewhere_comes_without_it() -> None:
    plan = "XN Nested Loop DS_BCAST_INNER  (cost=0.00..10.00 rows=10 width=8)"
    case = builder.a_case(
        {"sql": DEARER_THAN_USUAL, "plan": plan, "tables": described_tables(shop())}
    )

    assert case.plan is not None
    assert all(advice.rewrite is None for advice in advised(case, found(case, "nested_loop")))


OR_ON_THE_SORT_KEY = "SELECT id FROM sale WHERE {}"


def a_scan_with_an_or_of(count: int) -> CaseFile:
    values = " OR ".join(f"sold_on = {value}" for value in range(count))
    return builder.a_case(
        {
            "sql": OR_ON_THE_SORT_KEY.format(values),
            "segments": [{"id": 0, "seconds": 90}],
            "steps": [
                {
                    "segment": 0,
                    "name": "scan",
                    "table": "shop.public.sale",
                    "in": 90_000_000,
                    "out": 400,
                    "rr": False,
                }
            ],
            "tables": [{"name": "sale", "rows": 90_000_000, "columns": {"sold_on": 1}}],
        }
    )


def advised_by_checks(case: CaseFile) -> Advice:
    findings = [each for each in run_checks(case).findings if each.check == "or_on_one_column"]
    (advice,) = advised(case, *findings)
    return advice


def test_a_long_or_on_the_sort_key_comes_with_the_list() -> None:
    advice = advised_by_checks(a_scan_with_an_or_of(11))

    assert advice.rewrite is not None
    assert advice.rewrite.rule == "or_to_in"
    assert "write the values as one IN list" in advice.action


def test_a_short_or_comes_without_a_list_that_would_be_the_same_or() -> None:
    advice = advised_by_checks(a_scan_with_an_or_of(10))

    assert advice.rewrite is None
    assert "as one IN list" not in advice.action
    assert "IN in place of the OR on sold_on would change nothing" in advice.action
