"""What may be sent of a pattern, over every history store."""

from dataclasses import replace

from backend.domain.model_form import (
    DateDistance,
    LiteralMark,
    LiteralType,
    ModelForm,
    Placeholder,
)
from backend.services.marks_key import remember_marks_key
from backend.services.ports import HistoryStore, PatternRuns
from tests.builders import a_hash, a_pattern, some_runs

ONE = a_hash(1)
FORM = ModelForm(
    sql="select a from t where b >= :date_1 and b < :date_2 and c in (:list_1)",
    placeholders=(
        Placeholder(name="date_1", type=LiteralType.DATE, positions=(1,), compared_with="b"),
        Placeholder(name="date_2", type=LiteralType.DATE, positions=(2,), compared_with="b"),
        Placeholder(name="list_1", type=LiteralType.LIST, size=900, positions=(3, 4, 5)),
    ),
    distances=(DateDistance(earlier="date_1", later="date_2", days=0.5),),
)
MARK = LiteralMark(length=400, digest="00ff00ff00")
OTHER_MARK = LiteralMark(length=10, digest="0123456789", is_number=True)


def add(history: HistoryStore, first_query_id: int = 1, **changes: object) -> None:
    pattern = replace(a_pattern(ONE), **changes)
    runs = some_runs(1, first_query_id=first_query_id)
    history.add_runs([PatternRuns(pattern=pattern, runs=runs)], source="export")


def test_model_form_and_marks_come_back_as_they_were(history):
    add(history, model_form=FORM, literal_marks=frozenset({MARK, OTHER_MARK}))

    pattern = history.pattern(ONE)

    assert pattern.model_form == FORM
    assert pattern.literal_marks == {MARK, OTHER_MARK}


def test_a_pattern_without_a_model_form_gets_one_with_a_later_import(history):
    add(history)

    add(history, first_query_id=2, model_form=FORM, literal_marks=frozenset({MARK}))

    assert history.pattern(ONE).model_form == FORM


def test_marks_of_further_texts_are_added(history):
    add(history, model_form=FORM, literal_marks=frozenset({MARK}))

    add(history, first_query_id=2, model_form=FORM, literal_marks=frozenset({OTHER_MARK}))

    assert history.pattern(ONE).literal_marks == {MARK, OTHER_MARK}


def test_however_many_texts_come_the_marks_stay_bounded_and_the_newest_are_kept(history):
    older = frozenset(LiteralMark(length=9, digest=f"{number:010x}") for number in range(4_000))
    newer = frozenset(
        LiteralMark(length=9, digest=f"{number:010x}") for number in range(9_000, 9_100)
    )
    add(history, model_form=FORM, literal_marks=older)

    add(history, first_query_id=2, model_form=FORM, literal_marks=newer)

    marks = history.pattern(ONE).literal_marks
    assert len(marks) == 4_000
    assert newer <= marks


def test_with_another_key_nothing_can_be_sent_until_the_next_import(history):
    remember_marks_key(history, b"the first key")
    add(history, model_form=FORM, literal_marks=frozenset({MARK}))

    remember_marks_key(history, b"the first key")
    assert history.pattern(ONE).model_form == FORM

    remember_marks_key(history, b"another key")
    pattern = history.pattern(ONE)
    assert (pattern.model_form, pattern.literal_marks) == (None, frozenset())
    assert pattern.scrubbed_sql is not None
