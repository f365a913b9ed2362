"""One pattern's page in its four states."""

from datetime import timedelta

from backend.domain.case_file import MissingEvidence, PlanNodeFact, RegressionFact
from backend.domain.diagnosis import Diagnosis, DiagnosisStage, DiagnosisStep
from backend.domain.finding import GoodNews, Measure, RuledOut
from backend.domain.plan import Movement
from backend.domain.recommendation import ReviewerName
from backend.domain.regression import Regression
from backend.domain.review import AgentResponse, StruckStatement
from backend.domain.review_job import JobStage
from backend.domain.rewrite import ChangedClause
from backend.domain.timeline import Timeline
from backend.services.ports import HistoryStore
from tests.app.conftest import as_read, figures_of, keep, open_page, said
from tests.builders import (
    A_MOMENT,
    a_case_file,
    a_finding,
    a_hash,
    a_pattern,
    a_plan,
    a_plan_node,
    a_recommendation,
    a_review,
    a_rewrite,
    some_runs,
)


def a_stored_pattern(store: HistoryStore) -> str:
    keep(store, a_pattern(), some_runs(12, elapsed_seconds=30.0, queue_seconds=6.0))
    return a_hash()


def a_full_review(query_hash: str):
    join = a_plan_node(1, "XN Hash Join", movement=Movement.DS_DIST_BOTH, self_cost=90.0)
    return a_review(
        query_hash,
        recommendations=[a_recommendation(query_hash, action_sql="ALTER TABLE orders …")],
        findings=(
            a_finding(
                title="Both sides are redistributed",
                fact_ids=("F3",),
                measures=(Measure(name="moved_rows", value=2e6, unit="rows", threshold=1e5),),
            ),
        ),
        ruled_out=(RuledOut(check="queue_dominated", sentence="Queue is 20 %, below 50 %."),),
        good_news=(
            GoodNews(
                check="sort_key_pruned",
                sentence="The sort key *day* of sale does its job: 3 % is read.",
                fact_ids=("F3",),
                spared_seconds=90.0,
            ),
        ),
        agent_responses=(
            AgentResponse(reviewer=ReviewerName.OPTIMIZE, engine="rules", summary="One advice."),
            AgentResponse(
                reviewer=ReviewerName.VALIDATE,
                engine="rules",
                summary="Struck one.",
                struck=(
                    StruckStatement(
                        reviewer=ReviewerName.OPTIMIZE, statement="Run VACUUM", reason="no benefit"
                    ),
                ),
            ),
        ),
        case_file=a_case_file(
            query_hash,
            plan=a_plan(join),
            plan_query_id=7,
            plan_nodes=(PlanNodeFact(fact_id="F3", node=join),),
            missing=(MissingEvidence(what="Steps", why="not exported", how_to_get="Export them"),),
        ),
    )


def test_without_a_choice_the_page_says_where_to_choose(store: HistoryStore):
    app = open_page("query")

    assert not app.exception
    assert "No query is chosen" in said(app)


def test_an_old_link_says_that_nothing_is_stored(store: HistoryStore):
    app = open_page("query", query="f1-gone")

    assert not app.exception
    assert "This is not stored (any more)" in said(app)


def test_a_pattern_shows_its_statement_figures_and_buckets(store: HistoryStore):
    app = open_page("query", query=a_stored_pattern(store))

    assert not app.exception
    assert "SELECT" in app.code[0].value
    figures = figures_of(app)
    assert figures["Total time"] == "6.0 min"
    assert figures["Runs"] == "12"
    assert "20 %" in str(app.table[0].value)


def test_an_unreviewed_pattern_offers_a_review(store: HistoryStore):
    app = open_page("query", query=a_stored_pattern(store))

    assert "Not reviewed yet" in said(app)
    assert not app.button(key="query.review").disabled


def test_a_review_shows_advice_findings_and_what_was_excluded(store: HistoryStore):
    query_hash = a_stored_pattern(store)
    store.put_review(a_full_review(query_hash))

    app = open_page("query", query=query_hash)

    assert not app.exception
    assert "Both sides are redistributed" in said(app)
    assert "Join on equal keys" in said(app)
    assert "by rules" in said(app)
    labels = [as_read(expander.label) for expander in app.expander]
    assert {"Ruled out (1)", "Struck by validate (1)", "Missing evidence (1)"} <= set(labels)


def test_a_pattern_that_became_slower_says_why_on_top_and_step_by_step_below(store: HistoryStore):
    slower = Regression(
        changed_at=A_MOMENT,
        runs_before=9,
        runs_after=9,
        median_before_seconds=10.0,
        median_after_seconds=31.0,
        ratio=3.1,
        chance=0.001,
        extra_seconds=420.0,
    )
    query_hash = a_stored_pattern(store)
    store.set_timeline(query_hash, Timeline(regression=slower))
    step = DiagnosisStep(
        stage=DiagnosisStage.PLAN, sentence="Another one in the slow run.", fact_ids=("F3",)
    )
    store.put_review(
        a_review(
            query_hash,
            case_file=a_case_file(
                query_hash, regression=RegressionFact(fact_id="F3", regression=slower)
            ),
            diagnosis=Diagnosis(steps=(step,), verdict="The plan broadcasts crm.segments."),
        )
    )

    app = open_page("query", query=query_hash)

    assert not app.exception
    assert r"The plan broadcasts crm\.segments" in app.warning[0].value
    told = said(app)
    assert "**Diagnosis**" in told
    assert "3 · Plan" in told
    assert "Another one in the slow run. [F3]" in told


def test_what_is_worth_keeping_stands_beside_the_findings(store: HistoryStore):
    query_hash = a_stored_pattern(store)
    store.put_review(a_full_review(query_hash))

    app = open_page("query", query=query_hash)

    assert not app.exception
    assert "**Worth keeping (1)**" in said(app)
    assert "The sort key *day* of sale does its job: 3 % is read." in [
        text.value for text in app.text
    ]
    assert "Spares an estimated 90.0 s · Evidence: F3" in [as_read(e.label) for e in app.expander]


def test_without_good_news_nothing_is_said_of_it(store: HistoryStore):
    query_hash = a_stored_pattern(store)
    store.put_review(a_review(query_hash))

    assert "Worth keeping" not in said(open_page("query", query=query_hash))


def test_a_rewritten_statement_is_drawn_as_code_with_what_was_checked(store: HistoryStore):
    query_hash = a_stored_pattern(store)
    hostile = "<img src=x> ![x](http://evil.test/i.png)"
    advice = a_recommendation(
        query_hash,
        rewrite=a_rewrite(
            clauses=(ChangedClause(before="b = :p1 OR b = :p2", after=hostile),), remark=hostile
        ),
    )
    store.put_review(a_review(query_hash, recommendations=[advice], case_file=a_case_file()))

    app = open_page("query", query=query_hash)

    assert not app.exception
    code = [block.value for block in app.code]
    assert "b = :p1 OR b = :p2" in code
    assert hostile in code
    assert a_rewrite().sql in code
    texts = [block.value for block in app.text]
    assert hostile in texts
    assert "The values are written alike: read in the statement." in texts
    assert any("Not run on your cluster" in text for text in texts)
    assert not any(hostile in block.value for block in app.markdown)


def test_the_plan_marks_the_costly_node_and_names_its_finding(store: HistoryStore):
    query_hash = a_stored_pattern(store)
    store.put_review(a_full_review(query_hash))

    app = open_page("query", query=query_hash, section="Plan")

    assert not app.exception
    node = app.dataframe[0].value.iloc[0]
    assert list(node["marks"]) == ["costly", "both sides move"]
    assert node["finding"] == "Both sides are redistributed"


def test_the_facts_have_their_ids(store: HistoryStore):
    query_hash = a_stored_pattern(store)
    store.put_review(a_full_review(query_hash))

    app = open_page("query", query=query_hash, section="Facts")

    assert list(app.dataframe[0].value["id"]) == ["F1", "F2", "F3"]


def test_runs_are_drawn_over_time(store: HistoryStore):
    app = open_page("query", query=a_stored_pattern(store), section="Runs")

    assert not app.exception
    assert len(app.get("plotly_chart")) == 1
    assert "12 runs by start time (UTC)" in said(app)


def test_earlier_reviews_are_listed_newest_first(store: HistoryStore):
    query_hash = a_stored_pattern(store)
    for days in (0, 7):
        store.put_review(a_review(query_hash, A_MOMENT + timedelta(days=days)))

    app = open_page("query", query=query_hash, section="History")

    assert not app.exception
    assert list(app.dataframe[0].value["reviewed"]) == [
        "9 Mar 2026, 09:00 UTC",
        "2 Mar 2026, 09:00 UTC",
    ]


def test_a_review_under_way_shows_its_stages_to_a_new_visitor(store: HistoryStore):
    query_hash = a_stored_pattern(store)
    store.start_job(query_hash, job_id="job-1", at=A_MOMENT)
    store.claim_job(worker="elsewhere", at=A_MOMENT, lease_seconds=1e9)
    store.report_stage(
        "job-1", JobStage.OPTIMIZE, worker="elsewhere", at=A_MOMENT, lease_seconds=1e9
    )

    app = open_page("query", query=query_hash)

    assert not app.exception
    assert app.button(key="query.review").disabled
    assert ":material/check_circle: Running the checks" in said(app)
    assert ":material/pending: Optimize reviewer" in said(app)
    assert ":material/radio_button_unchecked: Saving the review" in said(app)


def test_a_failed_review_says_what_to_do(store: HistoryStore):
    query_hash = a_stored_pattern(store)
    store.start_job(query_hash, job_id="job-1", at=A_MOMENT)
    store.claim_job(worker="elsewhere", at=A_MOMENT, lease_seconds=60)
    store.finish_job("job-1", worker="elsewhere", at=A_MOMENT, error="/secret/path broke")

    app = open_page("query", query=query_hash)

    assert "Ask for the review again" in app.error[0].value
    assert "/secret/path" not in said(app)
    assert not app.button(key="query.review").disabled


def test_a_withheld_text_says_why(store: HistoryStore):
    keep(
        store,
        a_pattern(scrubbed_sql=None, withheld_reason="a string is not closed"),
        some_runs(2),
    )

    app = open_page("query", query=a_hash())

    assert not app.exception
    assert "withheld: a string is not closed" in said(app)


def test_review_now_starts_one_job_and_ends_in_a_review(store: HistoryStore):
    query_hash = a_stored_pattern(store)
    app = open_page("query", query=query_hash)

    app.button(key="query.review").click().run()

    assert not app.exception
    job = store.latest_job(query_hash)
    assert job is not None
