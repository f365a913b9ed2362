"""How the cluster's time is shared by patterns, over every history store."""

from datetime import date, timedelta

import pytest

from backend.domain.busy_time import BusyTime
from backend.domain.cluster_use import ServerlessHour
from backend.domain.lake import LakeDay
from backend.domain.pattern import PatternFilter
from backend.services.ports import PatternRuns
from tests.builders import A_DAY, A_MOMENT, a_hash, a_pattern, some_evidence, some_runs

ONE, TWO = a_hash(1), a_hash(2)
DAY_SECONDS = 86_400


def keep(history, query_hash, source="export", **runs):
    part = PatternRuns(pattern=a_pattern(query_hash), runs=some_runs(**runs))
    return history.add_runs([part], source=source)


def busy_of(history, **wanted):
    rows = history.rank_patterns(PatternFilter(**wanted), limit=10).rows
    return {row.pattern.query_hash: row.busy.busy_seconds if row.busy else None for row in rows}


def test_runs_that_overlap_share_the_time(history):
    keep(history, ONE, elapsed_seconds=60)
    keep(history, TWO, elapsed_seconds=30, first_query_id=9)

    history.share_out_time()

    assert busy_of(history) == {ONE: pytest.approx(45), TWO: pytest.approx(15)}


def test_parts_and_idle_time_add_up_to_the_days_between_first_and_last_run(history):
    keep(history, ONE, elapsed_seconds=60)
    keep(history, TWO, start=A_MOMENT + timedelta(days=2), elapsed_seconds=30, first_query_id=9)

    history.share_out_time()

    cluster, lines = history.busiest_patterns(limit=10)
    whole = timedelta(days=2, seconds=30).total_seconds() - DAY_SECONDS
    assert cluster.busy_seconds == pytest.approx(sum(line.busy.busy_seconds for line in lines))
    assert cluster.covered_seconds == pytest.approx(whole)
    assert (cluster.days, cluster.patterns) == (2, 2)


def test_a_day_that_has_yet_to_be_shared_out_is_not_guessed(history):
    keep(history, ONE)

    ranking = history.rank_patterns(PatternFilter(), limit=1)

    assert ranking.cluster is None
    assert ranking.rows[0].busy is None


def test_new_runs_of_a_day_are_shared_out_anew(history):
    keep(history, ONE, elapsed_seconds=60)
    history.share_out_time()
    keep(history, TWO, elapsed_seconds=60, first_query_id=9)

    assert history.rank_patterns(PatternFilter(), limit=1).cluster is None
    assert history.share_out_time() == 1
    assert busy_of(history) == {ONE: pytest.approx(30), TWO: pytest.approx(30)}


def test_sharing_out_again_has_nothing_to_do(history):
    keep(history, ONE)
    told = []

    assert history.share_out_time(lambda done, total: told.append((done, total))) == 1
    assert history.share_out_time() == 0
    assert told == [(1, 1)]


def test_a_run_over_midnight_belongs_to_both_days(history):
    late = A_MOMENT.replace(hour=23, minute=59, second=30)
    keep(history, ONE, start=late, elapsed_seconds=90)
    keep(history, TWO, start=late + timedelta(hours=1), elapsed_seconds=10, first_query_id=9)

    history.share_out_time()

    next_day = A_DAY + timedelta(days=1)
    _, first = history.busiest_patterns(A_DAY, A_DAY, limit=10)
    _, second = history.busiest_patterns(next_day, next_day, limit=10)
    assert [line.busy.busy_seconds for line in first] == pytest.approx([30])
    assert {line.query_hash: line.busy.busy_seconds for line in second} == pytest.approx(
        {ONE: 60, TWO: 10}
    )


def test_each_source_is_a_cluster_of_its_own(history):
    keep(history, ONE, source="west", elapsed_seconds=60)
    keep(history, TWO, source="east", elapsed_seconds=60, first_query_id=9)

    history.share_out_time()

    assert busy_of(history) == {ONE: pytest.approx(60), TWO: pytest.approx(60)}


def test_waiting_and_answers_from_the_cache_keep_no_cluster_busy(history):
    keep(history, ONE, elapsed_seconds=60, queue_seconds=40)
    keep(history, TWO, elapsed_seconds=60, is_cache_hit=True, first_query_id=9)

    history.share_out_time()

    assert busy_of(history) == {ONE: pytest.approx(20), TWO: 0}


def test_runs_that_failed_cost_time_as_well(history):
    keep(history, ONE, count=2, every=timedelta(minutes=5), elapsed_seconds=60, status=[0, 1])

    history.share_out_time()

    assert busy_of(history) == {ONE: pytest.approx(120)}


def test_of_some_users_a_pattern_has_the_same_part_as_of_its_elapsed_time(history):
    keep(
        history,
        ONE,
        count=2,
        every=timedelta(minutes=5),
        elapsed_seconds=[30, 90],
        user=["ana", "bo"],
    )
    history.share_out_time()

    assert busy_of(history, users=("ana",)) == {ONE: pytest.approx(30)}


def test_who_wakes_a_workgroup_is_known(history):
    keep(history, ONE, elapsed_seconds=10)

    history.share_out_time()

    [row] = history.rank_patterns(PatternFilter(), limit=1).rows
    assert row.busy == BusyTime(busy_seconds=10, minimum_seconds=50)


def test_the_busiest_come_first_and_the_range_counts(history):
    keep(history, ONE, elapsed_seconds=10)
    keep(history, TWO, start=A_MOMENT + timedelta(hours=1), elapsed_seconds=20, first_query_id=9)
    history.share_out_time()

    _, lines = history.busiest_patterns(limit=1)
    nothing, none = history.busiest_patterns(date(2020, 1, 1), date(2020, 1, 2), limit=5)

    assert [line.query_hash for line in lines] == [TWO]
    assert (nothing.days, nothing.covered_seconds, none) == (0, 0, [])


def test_what_ran_on_scaling_clusters_stands_beside_the_main_one(history):
    keep(history, ONE, elapsed_seconds=60)
    keep(
        history,
        TWO,
        count=2,
        every=timedelta(0),
        elapsed_seconds=7_200,
        is_scaled=True,
        first_query_id=9,
    )

    history.share_out_time()

    cluster, lines = history.busiest_patterns(limit=10)
    by_pattern = {line.query_hash: line.busy for line in lines}
    assert by_pattern[ONE] == BusyTime(busy_seconds=60)
    assert by_pattern[TWO] == BusyTime(scaled_seconds=7_200)
    assert cluster.busy_seconds == pytest.approx(60)
    assert cluster.scaled_seconds == pytest.approx(7_200)
    assert cluster.scaling_charged_seconds == pytest.approx(3_600)


def test_an_hour_a_day_on_scaling_clusters_is_free(history):
    keep(history, ONE, elapsed_seconds=3_000, is_scaled=True)

    history.share_out_time()

    cluster, _ = history.busiest_patterns(limit=10)
    assert cluster.scaled_seconds == pytest.approx(3_000)
    assert cluster.scaling_charged_seconds == 0


def lake_days(*scanned_bytes):
    return tuple(
        LakeDay(
            day=A_DAY + timedelta(days=place),
            table_name=f"lake.t{place}",
            runs=1,
            scanned_bytes=count,
            scanned_files=1,
            seconds=1.0,
        )
        for place, count in enumerate(scanned_bytes)
    )


def test_what_was_scanned_in_the_lake_counts_on_its_days(history):
    keep(history, ONE, count=3, every=timedelta(days=1))
    history.put_evidence(
        [
            some_evidence(ONE, lake_days=lake_days(100, 20)),
            some_evidence(TWO, lake_days=lake_days(3)),
        ]
    )

    history.share_out_time()

    whole, _ = history.busiest_patterns(limit=1)
    first, _ = history.busiest_patterns(A_DAY, A_DAY, limit=1)
    assert (whole.lake_bytes, first.lake_bytes) == (123, 103)


def test_newer_evidence_takes_the_place_of_what_was_known_of_the_same_days(history):
    keep(history, ONE, count=3, every=timedelta(days=1))
    history.put_evidence([some_evidence(ONE, lake_days=lake_days(100, 20))])
    history.put_evidence([some_evidence(ONE, lake_days=lake_days(100, 50))])

    history.share_out_time()

    assert history.busiest_patterns(limit=1)[0].lake_bytes == 150


def charged_hour(at, seconds):
    return ServerlessHour(
        hour=at.replace(minute=0, second=0, microsecond=0),
        minutes=60,
        compute_seconds=1.0,
        charged_seconds=seconds,
    )


def test_what_serverless_charged_is_told_where_it_is_known_for_all_of_the_work(history):
    keep(history, ONE, count=2, every=timedelta(days=1), elapsed_seconds=60)
    history.share_out_time()

    history.keep_serverless_hours([charged_hour(A_MOMENT, 480)])
    half_known, _ = history.busiest_patterns(limit=1)
    history.keep_serverless_hours([charged_hour(A_MOMENT + timedelta(days=1), 960)])
    known, _ = history.busiest_patterns(limit=1)

    assert half_known.charged_rpu_seconds is None
    assert known.charged_rpu_seconds == pytest.approx(1_440)
