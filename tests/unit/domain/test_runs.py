"""Runs side by side keep their values through sorting, taking and joining."""

import numpy as np

from backend.domain.runs import NAME_COLUMNS, NUMBER_COLUMNS, Names, Runs, RunStatus


def some_runs(query_ids: list[int], users: list[str]) -> Runs:
    count = len(query_ids)
    numbers = {name: np.zeros(count, dtype=np.int64) for name in NUMBER_COLUMNS}
    numbers["query_id"] = np.array(query_ids, dtype=np.int64)
    numbers["started_us"] = np.array(query_ids, dtype=np.int64) * 10
    names = dict.fromkeys(NAME_COLUMNS, Names.of(["x"] * count)) | {"user_name": Names.of(users)}
    return Runs(
        **numbers,
        **names,
        status=np.zeros(count, dtype=np.uint8),
        is_cache_hit=np.zeros(count, dtype=np.bool_),
        is_scaled=np.zeros(count, dtype=np.bool_),
    )


def test_a_run_given_twice_is_kept_once() -> None:
    runs = some_runs([3, 1, 3, 2], ["c", "a", "c", "b"])

    ordered = runs.in_order()

    assert ordered.query_id.tolist() == [1, 2, 3]
    assert ordered.user_name.tolist() == ["a", "b", "c"]


def test_names_survive_joining_parts_that_number_them_differently() -> None:
    joined = Runs.concat([some_runs([1, 2], ["a", "b"]), some_runs([3, 4], ["b", "c"])])

    assert joined.user_name.tolist() == ["a", "b", "b", "c"]
    assert joined.user_name.take(np.array([3])).compact().names == ("c",)


def test_failed_runs_and_cache_hits_are_not_timed() -> None:
    runs = some_runs([1, 2, 3], ["a", "a", "a"])
    runs.status[1] = RunStatus.FAILED
    runs.is_cache_hit[2] = True

    assert runs.is_timed.tolist() == [True, False, False]


def test_no_runs_are_runs_too() -> None:
    assert len(Runs.empty().in_order()) == 0
    assert len(Runs.concat([Runs.empty(), some_runs([1], ["a"])])) == 1
