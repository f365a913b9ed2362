"""What was collected beside the runs, and the store's own notes, over every history store."""

from datetime import timedelta

from backend.domain.evidence import AdvisorRow, Column, PlanEvidence
from backend.domain.pattern import KnownNames, PatternFilter
from backend.domain.recommendation import RecommendationFilter
from backend.services.ports import PatternRuns
from tests.builders import (
    A_MOMENT,
    a_hash,
    a_pattern,
    a_plan,
    a_plan_node,
    a_recommendation,
    a_review,
    a_table,
    some_evidence,
    some_runs,
)

ONE = a_hash(1)


def an_advisor_row(table_name: str | None, database: str = "shop", kind: str = "sortkey"):
    return AdvisorRow(
        kind=kind,
        database_name=database,
        table_id=1,
        group_id=0,
        ddl="ALTER TABLE …",
        is_auto_eligible=True,
        table_name=table_name,
    )


def test_gives_evidence_back(history):
    plan = a_plan(a_plan_node(1, children=(a_plan_node(2), a_plan_node(3))))
    evidence = some_evidence(ONE, plan=PlanEvidence(query_id=7, plan=plan))

    history.put_evidence([evidence, some_evidence(a_hash(2), plan=None)])

    assert history.evidence(ONE) == evidence
    assert history.evidence(a_hash(2)) == some_evidence(a_hash(2), plan=None)
    assert history.evidence(a_hash(3)) is None


def test_the_newest_collection_wins(history):
    newer = some_evidence(ONE, collected_at=A_MOMENT + timedelta(days=1))
    history.put_evidence([some_evidence(ONE, plan=None)])
    history.put_evidence([newer])

    history.put_evidence([some_evidence(ONE, plan=None)])

    assert history.evidence(ONE) == newer


def test_finds_tables_by_any_form_of_their_name(history):
    orders = a_table("sales.Orders", columns=(Column(name="id", data_type="integer"),))
    archived = a_table("archive.orders")
    elsewhere = a_table("sales.orders", database="lab")
    history.put_tables([orders, archived, elsewhere, a_table("sales.items")])

    assert history.tables(["SALES.ORDERS"]) == [elsewhere, orders]
    assert history.tables(["shop.sales.orders"]) == [orders]
    assert history.tables(['"shop"."sales"."Orders"', "sales.orders"]) == [orders, elsewhere]
    assert len(history.tables(["orders"])) == 3
    assert history.tables(["missing", ""]) == []


def test_a_table_put_again_is_replaced(history):
    history.put_tables([a_table(row_count=1)])

    history.put_tables([a_table(row_count=2)])

    assert [table.row_count for table in history.tables(["orders"])] == [2]


def test_advisor_rows_replace_those_of_their_database(history):
    history.put_advisor_rows([an_advisor_row("sales.orders"), an_advisor_row("sales.items")])
    history.put_advisor_rows([an_advisor_row("sales.orders", database="lab")])

    history.put_advisor_rows([an_advisor_row("sales.orders", kind="distkey")])

    found = history.advisor_rows(["sales.orders", "sales.items"])
    assert {(row.database_name, row.kind) for row in found} == {
        ("lab", "sortkey"),
        ("shop", "distkey"),
    }


def test_finds_advisor_rows_by_table(history):
    rows = [an_advisor_row("sales.orders"), an_advisor_row("Orders"), an_advisor_row(None)]
    history.put_advisor_rows(rows)

    assert history.advisor_rows(["shop.sales.orders"]) == rows[:2]
    assert history.advisor_rows(["archive.orders"]) == rows[1:2]
    assert history.advisor_rows(["lab.sales.orders"]) == []
    assert history.advisor_rows([""]) == []


def test_keeps_notes(history):
    assert history.note("origin") is None

    history.set_note("origin", "sample")
    history.set_note("origin", "import")

    assert history.note("origin") == "import"


def test_forgets_everything(history):
    history.add_runs([PatternRuns(pattern=a_pattern(ONE), runs=some_runs(3))], source="sample")
    history.put_review(a_review(ONE, A_MOMENT, [a_recommendation()]))
    history.put_evidence([some_evidence(ONE)])
    history.put_tables([a_table()])
    history.put_advisor_rows([an_advisor_row("sales.orders")])
    history.start_job(ONE, job_id="j1", at=A_MOMENT)
    history.set_note("origin", "sample")

    history.clear()

    assert history.rank_patterns(PatternFilter(), limit=5).pattern_count == 0
    assert history.known_names() == KnownNames()
    assert history.reviews_between().items == ()
    assert history.review_count() == 0
    assert history.recommendations(RecommendationFilter()).items == ()
    assert history.daily_counts() == []
    assert history.evidence(ONE) is None
    assert history.tables(["orders"]) == []
    assert history.advisor_rows(["orders"]) == []
    assert history.latest_job(ONE) is None
    assert history.note("origin") is None


def test_can_be_filled_again_after_forgetting(history):
    part = PatternRuns(pattern=a_pattern(ONE), runs=some_runs(3))
    history.add_runs([part], source="sample")
    history.clear()

    added = history.add_runs([part], source="export")

    assert added.new_runs == 3
    ranked = history.rank_patterns(PatternFilter(text="amount"), limit=5)
    assert [row.runs for row in ranked.rows] == [3]
