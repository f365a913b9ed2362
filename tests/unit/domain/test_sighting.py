"""Of recorded runs a few figures are kept, whichever exports bring them in whichever order."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.sighting import SIGHTINGS_AT_MOST, Sighting, joined_sightings
from tests.builders import A_MOMENT

CHANGED_AT = A_MOMENT + timedelta(hours=100)


def seen(hour: int, **known: object) -> Sighting:
    return Sighting(
        query_id=hour, started_at=A_MOMENT + timedelta(hours=hour), own_seconds=1.0, **known
    )


def hours(sightings: tuple[Sighting, ...]) -> list[int]:
    return [sighting.query_id for sighting in sightings]


def test_a_later_export_adds_what_an_earlier_one_did_not_know() -> None:
    joined = joined_sightings(
        [seen(1, plan_hash="p1-a")],
        [seen(1, blocks_read=0, spilled_mb=3), seen(2)],
        changed_at=None,
    )

    assert joined == (seen(1, plan_hash="p1-a", blocks_read=0, spilled_mb=3), seen(2))


def test_of_too_many_those_nearest_to_the_change_stay_on_either_side() -> None:
    many = [seen(hour) for hour in range(200)]

    joined = joined_sightings(many[:120], many[120:], changed_at=CHANGED_AT)

    assert hours(joined) == list(range(94, 106))


def test_where_one_side_has_few_the_other_has_more() -> None:
    joined = joined_sightings([], [seen(hour) for hour in range(98, 200)], changed_at=CHANGED_AT)

    assert hours(joined) == [98, 99, *range(100, 110)]


def test_without_a_change_runs_with_a_plan_stay_first() -> None:
    many = [seen(hour, plan_hash="p1-a" if hour % 20 == 0 else None) for hour in range(100)]

    assert {0, 20, 40, 60, 80} <= set(hours(joined_sightings([], many, changed_at=None)))


@given(
    st.lists(st.integers(0, 300), max_size=60),
    st.integers(0, 60),
    st.sampled_from([None, CHANGED_AT]),
)
def test_the_order_of_exports_does_not_matter_and_again_changes_nothing(
    chosen: list[int], cut: int, changed_at: object
) -> None:
    runs = [seen(hour) for hour in chosen]

    one = joined_sightings(
        joined_sightings([], runs[:cut], changed_at=changed_at), runs[cut:], changed_at=changed_at
    )
    other = joined_sightings(
        joined_sightings([], runs[cut:], changed_at=changed_at), runs[:cut], changed_at=changed_at
    )

    assert len(one) == min(len(set(chosen)), SIGHTINGS_AT_MOST)
    assert one == other == joined_sightings(one, runs, changed_at=changed_at)
