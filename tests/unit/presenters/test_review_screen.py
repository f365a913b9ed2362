from dataclasses import replace
from datetime import UTC, datetime, timedelta

from backend.domain.case_file import PlanNodeFact
from backend.domain.finding import GoodNews, Measure
from backend.domain.plan import Condition, Movement
from backend.domain.recommendation import (
    RecommendationFilter,
    ReviewerName,
    TriagedRecommendation,
    TriageState,
)
from backend.domain.review import AgentResponse
from backend.domain.review_job import JobStage, JobState, ReviewJob
from backend.domain.time_buckets import Bucket
from tests.builders import (
    A_DAY,
    A_MOMENT,
    a_case_file,
    a_finding,
    a_hash,
    a_plan,
    a_plan_node,
    a_recommendation,
    a_review,
)
from workbench.presenters.advice_card import saving_text, titled
from workbench.presenters.facts import fact_table, review_facts
from workbench.presenters.plan_tree import plan_screen
from workbench.presenters.recommendations import (
    decision,
    export_name,
    notice_text,
    recommendations_screen,
    saving_cell,
)
from workbench.presenters.review_progress import (
    DONE_ICON,
    LATER_ICON,
    NOW_ICON,
    review_progress,
)
from workbench.presenters.review_screen import review_screen


def triaged(state: TriageState = TriageState.OPEN, **changes) -> TriagedRecommendation:
    return TriagedRecommendation(
        recommendation=a_recommendation(),
        state=state,
        raised_first=A_MOMENT,
        raised_last=A_MOMENT,
        **changes,
    )


def a_job(**changes) -> ReviewJob:
    known = {"state": JobState.RUNNING, "stage": JobStage.CHECKS, "started_at": A_MOMENT}
    return ReviewJob(
        job_id="job-1",
        query_hash=a_hash(),
        created_at=A_MOMENT,
        analysis_timestamp=A_MOMENT,
        **(known | changes),
    )


def test_a_saving_stands_beside_its_ceiling():
    advice = a_recommendation(claimed_saving_seconds=3600.0 * 3.2, ceiling_seconds=3600.0 * 12.4)

    assert (
        saving_text(advice)
        == "May save up to 3.2 h of the 12.4 h execution time of 28 days (26 %)."
    )


def test_advice_without_a_claim_says_so():
    advice = a_recommendation(claimed_saving_seconds=0.0, bucket=Bucket.LOCK_WAIT)

    assert saving_text(advice) == "No saving claimed; it attacks lock wait time."


def test_each_reviewer_has_a_tab_with_its_own_advice():
    review = a_review(
        recommendations=[
            a_recommendation(),
            a_recommendation(reviewer=ReviewerName.COST_REVIEW),
        ],
        agent_responses=tuple(
            AgentResponse(reviewer=name, engine="rules", summary="") for name in ReviewerName
        ),
    )

    screen = review_screen(review)

    assert [(tab.label, len(tab.cards)) for tab in screen.tabs] == [
        ("All", 2),
        ("Optimize", 1),
        ("Schema review", 0),
        ("Cost review", 1),
        ("Validate", 0),
    ]
    assert "by rules" in screen.caption


def test_a_finding_shows_its_measure_beside_the_threshold():
    finding = a_finding(
        measures=(Measure(name="inner_rows", value=2e6, unit="rows", threshold=100_000.0),)
    )
    review = a_review(findings=(finding,), case_file=a_case_file())

    card = review_screen(review).findings[0]

    assert card.measures.iloc[0].to_dict() == {
        "measure": "Inner rows",
        "value": "2,000,000 rows",
        "threshold": "100,000 rows",
    }
    assert list(card.facts["id"]) == ["F1"]


def test_good_news_says_what_it_is_worth_and_on_what_facts_it_rests():
    news = (
        GoodNews(check="sort_key_pruned", sentence="Short.", fact_ids=("F1",), spared_seconds=7200),
        GoodNews(check="materialized_view_used", sentence="Ready.", fact_ids=("F2",)),
    )

    screen = review_screen(a_review(good_news=news, case_file=a_case_file()))

    assert screen.good_news_label == "Worth keeping (2)"
    assert [line.sentence for line in screen.good_news] == ["Short.", "Ready."]
    assert [line.facts_label for line in screen.good_news] == [
        "Spares an estimated 2.0 h · Evidence: F1",
        "Evidence: F2",
    ]
    assert list(screen.good_news[0].facts["id"]) == ["F1"]


def test_a_reviewer_that_failed_is_named_without_its_error():
    answer = AgentResponse(
        reviewer=ReviewerName.OPTIMIZE, engine="rules", summary="", error="/etc/secret"
    )

    screen = review_screen(a_review(agent_responses=(answer,)))

    assert screen.failed_reviewers is not None
    assert screen.failed_reviewers.startswith("Optimize could not answer")
    assert "/etc/secret" not in screen.failed_reviewers


def test_the_triage_state_stands_on_the_card():
    screen = review_screen(
        a_review(recommendations=[a_recommendation()]),
        [triaged(TriageState.SNOOZED, snoozed_until=A_DAY)],
    )

    assert "Snoozed until 2 Mar 2026" in [badge.text for badge in screen.tabs[0].cards[0].badges]


def test_a_fact_that_the_case_file_lacks_is_said_to_be_missing():
    facts = fact_table(a_case_file(), ["F2", "F99"])

    assert list(facts["fact"])[1] == "not in this review"
    assert "execution 2.0 min (100 %)" in next(iter(facts["fact"]))


def test_the_plan_is_indented_and_its_costly_nodes_are_marked():
    scan = a_plan_node(
        2,
        "XN Seq Scan",
        table_name="sales",
        self_cost=10.0,
        conditions=(Condition(name="Filter", text="(id = ?)"),),
    )
    join = a_plan_node(
        1, "XN Nested Loop", movement=Movement.DS_BCAST_INNER, self_cost=90.0, children=(scan,)
    )
    case = a_case_file(
        plan=a_plan(join),
        plan_nodes=(PlanNodeFact(fact_id="F3", node=join), PlanNodeFact(fact_id="F4", node=scan)),
    )

    screen = plan_screen(case, [a_finding(fact_ids=("F3",))])

    assert screen is not None
    assert list(screen.table["operator"]) == ["Nested Loop", "\u2003└ Seq Scan"]
    assert list(screen.table["marks"]) == [["costly", "broadcast", "nested loop"], []]
    assert list(screen.table["finding"]) == ["A nested loop over many rows", ""]
    assert screen.conditions == (("2 Seq Scan", "Filter: (id = ?)"),)


def test_without_a_plan_there_is_nothing_to_draw():
    assert plan_screen(a_case_file(), []) is None
    assert plan_screen(None, []) is None


def test_progress_ticks_the_stages_in_their_order():
    progress = review_progress(a_job(), A_MOMENT + timedelta(seconds=3))

    assert [stage.icon for stage in progress.stages] == [
        DONE_ICON,
        NOW_ICON,
        *[LATER_ICON] * 5,
    ]
    assert progress.title == "Review under way for 3.0 s"
    assert progress.is_active


def test_a_finished_job_has_every_stage_ticked():
    progress = review_progress(a_job(state=JobState.DONE, finished_at=A_MOMENT), A_MOMENT)

    assert progress.share == 1.0
    assert not progress.is_active


def test_a_decision_offers_only_the_next_states_a_person_may_choose():
    assert decision(triaged()).actions == (
        TriageState.ACCEPTED,
        TriageState.DISMISSED,
        TriageState.SNOOZED,
    )
    assert TriageState.MEASURED not in decision(triaged(TriageState.APPLIED)).actions


def test_the_list_says_which_rows_of_how_many():
    screen = recommendations_screen([triaged()], 26, RecommendationFilter(), 2)

    assert screen.caption.startswith("26–26 of 26")
    assert screen.export_label == "Download all 26 as CSV"
    assert screen.page_count == 2


def test_a_row_names_its_query_and_keeps_its_saving_as_a_number():
    screen = recommendations_screen(
        [triaged()],
        1,
        RecommendationFilter(),
        1,
        statements={a_hash(): "orders: sum(amount)"},
        chosen=triaged().recommendation.recommendation_id,
    )

    assert list(screen.table["query"]) == ["orders: sum(amount)"]
    assert list(screen.table["saving"]) == [60.0]
    assert saving_cell(0.0) == "–"
    assert screen.chosen_row == 0


def test_what_advice_is_about_stands_in_its_title_once():
    assert titled(a_recommendation(subject="sales.t")) == "Join on equal keys · sales.t"
    assert titled(a_recommendation(subject="sales.t", title="Sort sales.t")) == "Sort sales.t"


def test_the_end_of_a_window_is_a_day_that_belongs_to_it():
    midnight = datetime(2026, 3, 9, tzinfo=UTC)
    review = a_review()
    metadata = replace(
        review.workload_metadata, window_start=midnight - timedelta(days=7), window_end=midnight
    )

    caption = review_screen(replace(review, workload_metadata=metadata)).caption

    assert caption.endswith("of 2 Mar – 8 Mar 2026")


def test_a_fact_names_what_rests_on_it():
    case = a_case_file()
    review = a_review(findings=(a_finding(),), recommendations=[a_recommendation()], case_file=case)

    facts = review_facts(review)

    assert dict(zip(facts["id"], facts["cited"], strict=True)) == {
        "F1": "A nested loop over many rows; Join on equal keys",
        "F2": "",
    }
    assert list(review_facts(review, ["Time buckets"])["id"]) == ["F2"]


def test_the_default_filter_on_an_empty_store_is_not_a_narrow_one():
    screen = recommendations_screen([], 0, RecommendationFilter(is_still_raised=True), 1)

    assert screen.empty
    assert screen.empty.title == "No recommendations yet"


def test_the_export_is_named_with_its_day():
    assert export_name(A_DAY) == "redshift-recommendations-2026-03-02.csv"


def test_a_refused_decision_says_why():
    assert notice_text((False, "Reload it.")) == "Reload it."
    assert notice_text((True, "dismissed")) == "Dismissed."
