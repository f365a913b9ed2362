"""A rewritten statement on its card."""

from backend.domain.recommendation import Verdict
from backend.domain.rewrite import ChangedClause
from tests.builders import a_case_file, a_recommendation, a_rewrite
from workbench.presenters.advice_card import advice_card
from workbench.presenters.rewrite_view import (
    CHANGES_RESULT,
    NOT_RUN,
    ORIGINALS_STAY,
    PLACES,
    rewrite_view,
    with_values,
)


def test_shows_what_changed_the_whole_and_what_was_checked() -> None:
    view = rewrite_view(a_recommendation(rewrite=a_rewrite()))

    assert view is not None
    assert [(each.before, each.after) for each in view.clauses] == [
        ("b = :p1 OR b = :p2", "b IN (:p1, :p2)")
    ]
    assert view.sql == a_rewrite().sql
    assert view.checked == ("The values are written alike: read in the statement.",)
    assert view.checked_label == "What was checked (1)"


def test_says_that_nothing_was_run_until_a_verdict_is_known() -> None:
    unknown = rewrite_view(a_recommendation(rewrite=a_rewrite()))
    proven = rewrite_view(a_recommendation(rewrite=a_rewrite(), verdict=Verdict.PROVEN))

    assert unknown is not None
    assert proven is not None
    assert unknown.notes == (NOT_RUN, PLACES)
    assert proven.notes == (PLACES,)


def test_an_offer_says_first_that_it_changes_the_result() -> None:
    advice = a_recommendation(rewrite=a_rewrite(changes_result=True, remark="About 2 %."))

    view = rewrite_view(advice)
    card = advice_card(advice, None, a_case_file())

    assert view is not None
    assert view.notes[:2] == (CHANGES_RESULT, "About 2 %.")
    assert "Changes the result" in [badge.text for badge in card.badges]


def test_many_clauses_are_counted() -> None:
    clauses = tuple(ChangedClause(before=f"b{n}", after=f"a{n}") for n in range(5))

    view = rewrite_view(a_recommendation(rewrite=a_rewrite(clauses=clauses)))

    assert view is not None
    assert len(view.clauses) == 3
    assert view.more_clauses == "2 more in the whole statement."


def test_advice_without_a_rewrite_has_none_on_its_card() -> None:
    card = advice_card(a_recommendation(), None, a_case_file())

    assert card.rewrite is None
    assert "Changes the result" not in [badge.text for badge in card.badges]


def test_with_the_original_values_all_sql_has_them_and_a_note_says_where_they_stay() -> None:
    view = rewrite_view(a_recommendation(rewrite=a_rewrite()), "SELECT ?")
    assert view is not None

    filled = with_values(view, lambda sql: sql.replace(":p1", "'zoe'").replace(":p2", "5"))

    assert filled is not None
    assert filled.sql == "SELECT a\nFROM t\nWHERE\n  b IN ('zoe', 5)"
    assert filled.clauses[0].before == "b = 'zoe' OR b = 5"
    assert filled.notes == (NOT_RUN, ORIGINALS_STAY)
    assert PLACES in view.notes


def test_one_clause_without_certain_values_leaves_the_whole_card_without() -> None:
    view = rewrite_view(a_recommendation(rewrite=a_rewrite()), "SELECT ?")
    assert view is not None

    assert with_values(view, lambda sql: None if sql.startswith("b =") else sql) is None


def test_a_card_knows_the_statement_that_its_places_are_counted_in() -> None:
    advice = a_recommendation(rewrite=a_rewrite())

    with_case = advice_card(advice, None, a_case_file(scrubbed_sql="SELECT a WHERE b = ?")).rewrite
    without = advice_card(advice, None, None).rewrite

    assert with_case is not None
    assert without is not None
    assert with_case.scrubbed_sql == "SELECT a WHERE b = ?"
    assert without.scrubbed_sql is None
