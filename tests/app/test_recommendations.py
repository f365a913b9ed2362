"""The recommendations in their four states, and the decisions on one."""

from streamlit.testing.v1 import AppTest

from backend.domain.finding import Severity
from backend.domain.recommendation import TriageState
from backend.services.ports import HistoryStore
from tests.app.conftest import as_read, keep, open_page, said
from tests.builders import A_MOMENT, a_hash, a_pattern, a_recommendation, a_review, some_runs


def stored_advice(store: HistoryStore, count: int = 2) -> list[str]:
    """Ids of so many recommendations on one pattern, the first of high severity."""
    keep(store, a_pattern(), some_runs(2))
    advice = [
        a_recommendation(
            subject=f"sales.t{number}",
            title=f"Advice {number}",
            severity=Severity.HIGH if number == 0 else Severity.LOW,
            claimed_saving_seconds=60.0 * (count - number),
        )
        for number in range(count)
    ]
    store.put_review(a_review(recommendations=advice))
    return [one.recommendation_id for one in advice]


def test_an_unreviewed_store_says_how_to_get_advice(store: HistoryStore):
    app = open_page("recommendations")

    assert not app.exception
    assert "No recommendations yet" in said(app)
    assert "workbench review" in said(app)


def test_the_most_severe_advice_stands_first(store: HistoryStore):
    stored_advice(store)

    app = open_page("recommendations")

    assert not app.exception
    table = app.dataframe[0].value
    assert list(table["title"]) == ["Advice 0 · sales.t0", "Advice 1 · sales.t1"]
    assert list(table["query"]) == ["orders: sum(amount)"] * 2
    assert "1–2 of 2" in said(app)


def test_filters_come_from_the_link(store: HistoryStore):
    stored_advice(store)

    app = open_page("recommendations", severity="Low")

    assert list(app.dataframe[0].value["title"]) == ["Advice 1 · sales.t1"]


def test_filters_that_leave_nothing_say_so(store: HistoryStore):
    stored_advice(store)

    app = open_page("recommendations", state="Dismissed")

    assert not app.exception
    assert "No recommendation matches these filters" in said(app)


def test_the_second_page_is_reached_by_its_link(store: HistoryStore):
    stored_advice(store, count=30)

    app = open_page("recommendations", at="2")

    assert not app.exception
    assert len(app.dataframe[0].value) == 5
    assert "26–30 of 30" in said(app)


def test_a_link_opens_one_recommendation(store: HistoryStore):
    chosen = stored_advice(store)[1]

    app = open_page("recommendations", recommendation=chosen)

    assert not app.exception
    assert "Advice 1 · sales" in said(app).replace("\\", "")
    assert "May save up to 60.0 s of the 2.0 min execution time" in said(app)


def test_a_recommendation_is_accepted(store: HistoryStore):
    chosen = stored_advice(store)[0]
    app = open_page("recommendations", recommendation=chosen)

    decide(app, chosen, TriageState.ACCEPTED)

    assert not app.exception
    assert store.recommendation(chosen).state is TriageState.ACCEPTED
    assert "Accepted." in said(app)


def test_a_dismissal_needs_a_reason(store: HistoryStore):
    chosen = stored_advice(store)[0]
    app = open_page("recommendations", recommendation=chosen)

    app.get_by_key(f"decision.state.{chosen}").set_value(TriageState.DISMISSED).run()
    assert app.button(key="decision.save").disabled
    app.text_input(key=f"decision.why.{chosen}").set_value("The table goes away.").run()
    app.button(key="decision.save").click().run()

    decided = store.recommendation(chosen)
    assert decided.state is TriageState.DISMISSED
    assert decided.events[-1].why == "The table goes away."


def test_snoozing_keeps_the_day(store: HistoryStore):
    chosen = stored_advice(store)[0]
    app = open_page("recommendations", recommendation=chosen)

    decide(app, chosen, TriageState.SNOOZED)

    decided = store.recommendation(chosen)
    assert decided.state is TriageState.SNOOZED
    assert decided.snoozed_until is not None


def test_a_decision_on_an_old_version_is_refused(store: HistoryStore):
    chosen = stored_advice(store)[0]
    app = open_page("recommendations", recommendation=chosen)
    app.get_by_key(f"decision.state.{chosen}").set_value(TriageState.ACCEPTED).run()
    store.triage(
        chosen,
        TriageState.DISMISSED,
        who="colleague",
        why="",
        at=A_MOMENT,
        expected_version=store.recommendation(chosen).version,
    )

    app.button(key="decision.save").click().run()

    assert not app.exception
    assert "Someone else changed this recommendation meanwhile" in said(app)
    assert store.recommendation(chosen).state is TriageState.DISMISSED


def test_text_of_a_reviewer_is_never_read_as_markdown(store: HistoryStore):
    keep(store, a_pattern(), some_runs(2))
    evil = a_recommendation(
        title="![x](http://evil.test/i.png) [y](http://evil.test)",
        rationale="<img src=x onerror=alert(1)> ![x](http://evil.test/i.png)",
    )
    store.put_review(a_review(recommendations=[evil]))

    app = open_page("recommendations", recommendation=evil.recommendation_id)

    assert not app.exception
    read = [
        element.value for kind in ("markdown", "caption", "subheader") for element in app.get(kind)
    ]
    assert not any("![x](" in text or "](http" in text or "<img" in text for text in read)
    assert evil.rationale in [element.value for element in app.text]


def test_the_whole_filtered_set_is_offered_as_csv(store: HistoryStore):
    stored_advice(store, count=30)

    app = open_page("recommendations")

    assert app.get("download_button")[0].label == "Download all 30 as CSV"


def decide(app: AppTest, chosen: str, state: TriageState) -> None:
    app.get_by_key(f"decision.state.{chosen}").set_value(state).run()
    app.button(key="decision.save").click().run()


def test_the_query_is_one_click_away(store: HistoryStore):
    chosen = stored_advice(store)[0]

    app = open_page("recommendations", recommendation=chosen)

    links = [(as_read(link.label), link.query_string) for link in app.get("page_link")]
    assert ("Query: orders: sum(amount)", f"query={a_hash()}") in links
