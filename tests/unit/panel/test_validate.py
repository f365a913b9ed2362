"""A reviewer may say what it likes; what the facts contradict does not stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from backend.domain.errors import UnusableInputError
from backend.domain.finding import RuledOut, Severity
from backend.domain.recommendation import Category, ReviewerName
from backend.domain.review_job import JobStage
from backend.domain.time_buckets import Bucket
from backend.panel.panel import Panel
from backend.panel.reviewer import Advice, ReviewerAnswer
from backend.panel.rules import rules_panel
from backend.panel.rules.validate import RulesValidator
from tests.builders import a_finding
from tests.unit.panel.cases import (
    JOIN_PLAN,
    a_case,
    of_join,
    of_table,
    order_lines,
    orders,
    reasons,
    titles,
)


@dataclass
class Talker:
    """Says what it was made to say, as a model might."""

    advice: Sequence[Advice] = ()
    name: ReviewerName = ReviewerName.OPTIMIZE
    engine: str = "talker-1"
    failure: Exception | None = None
    heard: list[object] = field(default_factory=list)

    def review(self, case, findings, ruled_out):
        self.heard.append((case, findings, ruled_out))
        if self.failure:
            raise self.failure
        return ReviewerAnswer(summary="So I say.", advice=tuple(self.advice))


class FailingValidator(RulesValidator):
    def validate(self, *_):
        raise RuntimeError("SELECT secret FROM somewhere")


def saying(title="Do it", **changes):
    known = {
        "category": Category.TABLE_DESIGN,
        "severity": Severity.MEDIUM,
        "bucket": Bucket.EXECUTION,
        "rationale": "Because.",
        "fact_ids": ("F1",),
        "subject": title,
        "claimed_saving_seconds": 10.0,
    }
    return Advice(title=title, **(known | changes))


def outcome_of(*advice, case=None, findings=(), ruled_out=()):
    panel = Panel(reviewers=(Talker(advice),), validator=RulesValidator())
    return panel.review(case or a_case(tables=(orders(), order_lines())), findings, ruled_out)


def test_a_claim_of_ten_times_the_bucket_is_cut_to_it():
    case = a_case(execution_seconds=1000.0)

    outcome = outcome_of(saying(claimed_saving_seconds=10_000.0), case=case)

    assert outcome.recommendations[0].claimed_saving_seconds == 1000
    assert "At most 1,000.0 s" in reasons(outcome)[0]


def test_a_fact_that_does_not_exist_is_not_cited():
    outcome = outcome_of(saying(fact_ids=("F1", "F999")))

    assert outcome.recommendations[0].fact_ids == ("F1",)
    assert reasons(outcome) == ["The case file has no fact F999; the other citations stand."]


@pytest.mark.parametrize("fact_ids", [("F999",), ()], ids=["invented", "none"])
def test_advice_without_any_fact_is_struck(fact_ids):
    assert outcome_of(saying(fact_ids=fact_ids)).recommendations == ()


def test_advice_for_time_that_was_not_spent_is_struck():
    outcome = outcome_of(saying(bucket=Bucket.COMPILE), case=a_case(execution_seconds=100.0))

    assert outcome.recommendations == ()
    assert reasons(outcome) == [
        "There is no measured compile time that it could save.",
    ]


def test_a_cause_that_was_ruled_out_stays_ruled_out():
    cause = RuledOut(check="data_skew", sentence="The fullest slice has 1.1 times the rows.")

    outcome = outcome_of(saying(check="data_skew"), ruled_out=[cause])

    assert outcome.recommendations == ()
    assert "1.1 times the rows" in reasons(outcome)[0]


def test_what_was_ruled_out_of_one_table_is_not_advised_for_the_sake_of_another():
    case = a_case(tables=(orders(), order_lines()))
    finding = of_table(case, "ghost_rows", "sales.order_lines")
    cause = RuledOut(
        check="ghost_rows", sentence="1 % of its rows are deleted.", subject="sales.orders"
    )

    outcome = outcome_of(
        saying("Vacuum one", check="ghost_rows", subject="sales.orders"),
        saying("Vacuum the other", check="ghost_rows", subject="sales.order_lines"),
        case=case,
        findings=[finding],
        ruled_out=[cause],
    )

    assert titles(outcome.recommendations) == ["Vacuum the other"]
    assert reasons(outcome) == ["The cause was ruled out: 1 % of its rows are deleted."]


@pytest.mark.parametrize("visible", [None, 200_000_000, 181_000_000])
def test_vacuum_delete_is_struck_where_few_rows_are_deleted(visible):
    case = a_case(tables=(orders(visible_rows=visible),))

    outcome = outcome_of(saying(action_sql="VACUUM DELETE ONLY sales.orders;"), case=case)

    assert outcome.recommendations == ()
    assert "VACUUM DELETE will not help sales.orders" in reasons(outcome)[0]


def test_vacuum_delete_stands_where_many_rows_are_deleted():
    case = a_case(tables=(orders(visible_rows=150_000_000),))

    outcome = outcome_of(saying(action_sql="VACUUM DELETE ONLY sales.orders;"), case=case)

    assert titles(outcome.recommendations) == ["Do it"]


@pytest.mark.parametrize("off", [0.0, 10.0, None])
def test_analyze_is_struck_where_statistics_are_fresh(off):
    case = a_case(tables=(orders(statistics_off_percent=off),))

    outcome = outcome_of(saying(action_sql="ANALYZE sales.orders;"), case=case)

    assert outcome.recommendations == ()
    assert "ANALYZE will not help sales.orders" in reasons(outcome)[0]


@pytest.mark.parametrize(
    "evidence",
    [
        {"tables": (orders(statistics_off_percent=10.5),)},
        {"tables": (orders(),), "notices": (("orders",),)},
        {"tables": (orders(),), "alerts": ("Missing query planner statistics",)},
    ],
    ids=["stats_off", "notice", "alert"],
)
def test_analyze_stands_where_something_says_so(evidence):
    outcome = outcome_of(saying(action_sql="ANALYZE sales.orders;"), case=a_case(**evidence))

    assert titles(outcome.recommendations) == ["Do it"]


@pytest.mark.parametrize("benefit", [0.0, None])
def test_sorting_is_struck_where_it_brings_nothing(benefit):
    case = a_case(tables=(orders(vacuum_sort_benefit_percent=benefit, unsorted_percent=80.0),))

    outcome = outcome_of(saying(action_sql="VACUUM SORT ONLY sales.orders;"), case=case)

    assert outcome.recommendations == ()


@pytest.mark.parametrize(
    ("action_sql", "reason"),
    [
        (
            "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY customer_id;",
            "sales.orders has no column customer_id.",
        ),
        (
            "ALTER TABLE sales.orders ALTER SORTKEY (ordered_at, region);",
            "sales.orders has no column region.",
        ),
        (
            "ANALYZE sales.customers;",
            "Nothing known of this pattern names a table sales.customers.",
        ),
        ("SELECT 1 FROM payroll;", "Nothing known of this pattern names a table payroll."),
        (
            "ALTER TABLE sales.order_lines ALTER DISTSTYLE KEY DISTKEY order_id;",
            "sales.order_lines is already distributed by order_id.",
        ),
        (
            "ALTER TABLE sales.orders ALTER DISTSTYLE EVEN;",
            "sales.orders is already DISTSTYLE EVEN.",
        ),
    ],
)
def test_sql_that_does_not_fit_the_tables_is_struck(action_sql, reason):
    outcome = outcome_of(saying(action_sql=action_sql))

    assert outcome.recommendations == ()
    assert reasons(outcome) == [reason]


@pytest.mark.parametrize(
    "action_sql",
    ["CREATE INDEX i ON sales.orders (shop_id);", "DROP TABLE sales.orders;", "SELECT 'open"],
)
def test_sql_of_another_kind_is_taken_off_the_advice(action_sql):
    outcome = outcome_of(saying(action_sql=action_sql))

    assert outcome.recommendations[0].action_sql is None
    assert len(reasons(outcome)) == 1


def test_of_two_distribution_keys_the_larger_saving_stays():
    outcome = outcome_of(
        saying(
            "By shop",
            action_sql="ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY shop_id;",
            claimed_saving_seconds=20.0,
        ),
        saying(
            "By order",
            action_sql="ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY order_id;",
            claimed_saving_seconds=90.0,
        ),
    )

    assert titles(outcome.recommendations) == ["By order"]
    assert reasons(outcome) == [
        "sales.orders has only one distribution, and “By order” saves as much or more."
    ]


def test_the_same_advice_twice_counts_once():
    outcome = outcome_of(
        saying("Once", subject="", claimed_saving_seconds=5.0),
        saying("Twice", subject="", claimed_saving_seconds=6.0),
    )

    assert titles(outcome.recommendations) == ["Twice"]


def test_the_struck_advice_is_not_among_its_reviewers_answers():
    outcome = outcome_of(saying("Good"), saying("Bad", action_sql="ANALYZE sales.orders;"))

    (good,) = outcome.recommendations
    assert outcome.agent_responses[0].recommendation_ids == (good.recommendation_id,)
    assert outcome.agent_responses[1].struck[0].reviewer is ReviewerName.OPTIMIZE
    assert outcome.agent_responses[1].summary == (
        "2 recommendations checked against the facts: 1 stands, 1 statement struck."
    )


def test_a_reviewer_that_fails_does_not_stop_the_others():
    failing = Talker(failure=RuntimeError("SELECT secret"), name=ReviewerName.SCHEMA_REVIEW)
    panel = Panel(reviewers=(failing, Talker([saying()])), validator=RulesValidator())

    outcome = panel.review(a_case(), [], [])

    assert titles(outcome.recommendations) == ["Do it"]
    assert outcome.agent_responses[0].error == "The reviewer schema_review failed (RuntimeError)."


def test_our_own_error_is_told_as_it_is():
    failing = Talker(failure=UnusableInputError("The model said nothing usable."))

    outcome = Panel(reviewers=(failing,), validator=RulesValidator()).review(a_case(), [], [])

    assert outcome.agent_responses[0].error == "The model said nothing usable."


def test_what_could_not_be_checked_does_not_stand():
    panel = Panel(reviewers=(Talker([saying()]),), validator=FailingValidator())

    outcome = panel.review(a_case(), [], [])

    assert outcome.recommendations == ()
    assert outcome.agent_responses[1].error == "The reviewer validate failed (RuntimeError)."
    assert reasons(outcome) == ["It could not be checked against the facts."]


def test_the_panel_names_every_engine_that_took_part():
    mixed = Panel(reviewers=(Talker(),), validator=RulesValidator())

    assert (rules_panel().engine, mixed.engine) == ("rules", "talker-1, rules")


def test_the_stages_are_told_in_their_order():
    stages: list[JobStage] = []

    rules_panel().review(a_case(), [], [], on_stage=stages.append)

    assert stages == [
        JobStage.OPTIMIZE,
        JobStage.SCHEMA_REVIEW,
        JobStage.COST_REVIEW,
        JobStage.VALIDATE,
    ]


def test_what_the_rules_recommend_survives_their_own_validation():
    case = a_case(
        plan=JOIN_PLAN, tables=(orders(statistics_off_percent=60.0), order_lines()), runs=20
    )
    findings = [
        of_join(case, "redistributes_both_sides", affected_share=0.7, severity=Severity.HIGH),
        of_table(case, "missing_statistics"),
        a_finding("select_star"),
    ]

    outcome = rules_panel().review(case, findings, [])

    assert titles(outcome.recommendations) == [
        "Distribute sales.orders by order_id",
        "Name the columns that are needed",
        "Refresh the statistics of sales.orders",
    ]
    assert reasons(outcome) == []


def test_advice_that_is_given_twice_word_for_word_stands_once():
    advice = saying()

    outcome = outcome_of(advice, advice)

    assert titles(outcome.recommendations) == ["Do it"]
    assert "gave this advice twice" in reasons(outcome)[0]
