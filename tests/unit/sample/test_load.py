"""The sample in a store: every check speaks somewhere, and most patterns leave it silent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.adapters.folder import open_export_folder
from backend.adapters.sqlite import SqliteHistory, open_sqlite_history
from backend.checks.lake import CHECKS as LAKE_CHECKS
from backend.checks.load import CHECKS as LOAD_CHECKS
from backend.domain.pattern import PatternFilter
from backend.domain.recommendation import (
    RecommendationFilter,
    ReviewerName,
    Standing,
    TriageState,
    recommendation_id,
)
from backend.domain.review import Review
from backend.domain.table_proposal import Opinion, TableFilterBy, UsedTable
from backend.panel.rules import rules_panel
from backend.sample import write_sample_export
from backend.sample.catalogue import SAMPLE_PATTERNS, statement_texts
from backend.sample.planted import PLANTED
from backend.sample.sample_pattern import SamplePattern
from backend.services.load_sample import LoadedSample, SampleProgress, SampleStage, load_sample
from backend.services.sample_decisions import ANALYST
from backend.sql.fingerprint import Fingerprinter
from tests.unit.sample.conftest import LAST_DAY

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
CHECKS = (
    "queue_dominated", "lock_dominated", "compile_dominated", "missing_statistics", "nested_loop",
    "large_broadcast", "redistributes_both_sides", "spill_to_disk", "data_skew", "unsorted_scan",
    "function_on_sort_key", "select_star", "no_partition_pruning", "non_columnar_format",
    "small_lake_files", "not_pushed_down", "repeated_lake_scans", "copy_file_count",
    "full_view_refresh", "stale_materialized_view",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Sample:
    store: SqliteHistory
    loaded: LoadedSample
    progress: list[SampleProgress]
    latest: dict[str, Review]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    folder = tmp_path_factory.mktemp("load")
    store = open_sqlite_history(folder / "history.sqlite")
    progress: list[SampleProgress] = []
    loaded = load_sample(
        store=store,
        panel=rules_panel(),
        open_export=open_export_folder,
        write_sample=write_sample_export,
        work_folder=folder / "export",
        now=NOW,
        on_progress=progress.append,
    )
    yield Sample(store=store, loaded=loaded, progress=progress, latest=dict(_latest_reviews(store)))
    store.close()


def test_every_statement_becomes_one_pattern(sample: Sample) -> None:
    known = {name: _hash_of(name) for name in (pattern.name for pattern in SAMPLE_PATTERNS)}

    assert set(known.values()) == set(sample.latest)
    assert sample.loaded.patterns == len(SAMPLE_PATTERNS) == len(set(known.values()))
    assert (sample.loaded.last_day, sample.store.known_names().last_day) == (LAST_DAY, LAST_DAY)
    assert sample.store.known_names().databases == ("northlight", "northlight_lab")


@pytest.mark.parametrize("check", CHECKS)
def test_each_check_speaks_somewhere_and_is_silent_on_most(sample: Sample, check: str) -> None:
    speaks = [
        query_hash
        for query_hash, review in sample.latest.items()
        if any(finding.check == check for finding in review.findings)
    ]

    assert speaks
    assert len(sample.latest) - len(speaks) >= 10


@pytest.mark.parametrize(
    ("name", "checks"),
    [
        ("category_trend", set()),
        ("model_order_facts", set()),
        ("store_calendar", set()),
        ("inventory_on_hand", {"regression", "unsorted_scan"}),
        (
            "segment_revenue",
            {"regression", "large_broadcast", "missing_statistics", "redistributes_one_side"},
        ),
        ("promotion_uplift", {"nested_loop"}),
        ("update_deliveries", {"lock_dominated"}),
        ("loyalty_tile", {"compile_dominated"}),
        ("order_status_counts", {"queue_dominated"}),
        ("margin_report", {"spill_to_disk"}),
    ],
)
def test_a_pattern_is_found_to_suffer_from_what_it_was_made_to_suffer_from(
    sample: Sample, name: str, checks: set[str]
) -> None:
    review = sample.latest[_hash_of(name)]

    assert {finding.check for finding in review.findings} == checks


OUTSIDE = {check.__name__ for check in (*LAKE_CHECKS, *LOAD_CHECKS)}


@pytest.mark.parametrize("pattern", SAMPLE_PATTERNS, ids=lambda pattern: pattern.name)
def test_of_lake_and_loads_just_what_was_planted_is_found(
    sample: Sample, pattern: SamplePattern
) -> None:
    review = sample.latest[_hash_of(pattern.name)]

    found = {finding.check for finding in review.findings} & OUTSIDE
    assert found == {
        planted.check
        for planted in PLANTED
        if planted.subject == pattern.name and not planted.is_across
    }


def test_across_patterns_just_what_was_planted_is_found(sample: Sample) -> None:
    review = sample.store.latest_workload_review()
    names = {_hash_of(pattern.name): pattern.name for pattern in SAMPLE_PATTERNS}

    assert review
    found = {
        (names.get(finding.subject or "", finding.subject or ""), finding.check)
        for finding in review.findings
    }
    assert found == {(planted.subject, planted.check) for planted in PLANTED if planted.is_across}
    assert review.analysis_timestamp == NOW


def test_the_two_regressions_are_marked_and_no_others(sample: Sample) -> None:
    rows = sample.store.rank_patterns(PatternFilter(), limit=100).rows

    regressed = {row.pattern.query_hash for row in rows if row.pattern.regression}
    assert regressed == {_hash_of("inventory_on_hand"), _hash_of("segment_revenue")}


def test_the_function_on_the_sort_key_comes_with_the_statement_as_a_range(sample: Sample) -> None:
    review = sample.latest[_hash_of("conversion_funnel")]

    rewrites = {each.check: each.rewrite for each in review.recommendations if each.rewrite}

    assert "event_time < DATEADD(DAY, 1, CAST(:p1 AS DATE))" in rewrites["function_on_sort_key"].sql


@pytest.mark.parametrize(
    ("name", "says", "excludes"),
    [
        (
            "inventory_on_hand",
            [
                "reads all of retail.inventory_daily",
                "by the same plan it no longer skips blocks of retail.inventory_daily",
                "3.1 billion rows instead of 390 million rows (12 % of the table)",
                "it was written by INSERT on 2026-11-13 03:1",
                "and is 71.8 % unsorted",
            ],
            {"The plan", "Statistics", "Load", "Waiting", "Table design", "The Redshift version"},
        ),
        (
            "segment_revenue",
            [
                "broadcasts crm.customer_segments",
                "instead of no movement (DS_DIST_NONE)",
                "crm.customer_segments was created anew on 2026-11-17 02:05 by CREATE TABLE",
                "is now distributed AUTO(EVEN)",
                "holds 42 times the rows (912,000 → 38.4 million rows)",
                "lacks statistics (stats_off 97.6)",
            ],
            {"Load", "Waiting", "The Redshift version", "Spill"},
        ),
    ],
)
def test_a_regression_is_explained_by_what_caused_it(
    sample: Sample, name: str, says: list[str], excludes: set[str]
) -> None:
    review = sample.latest[_hash_of(name)]

    [finding] = [one for one in review.findings if one.check == "regression"]
    told = f"{finding.title} {finding.evidence}"
    assert [text for text in says if text not in told] == []
    assert "all of it execution" in told
    ruled_out = [one.sentence for one in review.ruled_out if one.check == "regression"]
    assert {word for word in excludes if any(one.startswith(word) for one in ruled_out)} == excludes


@pytest.mark.parametrize(
    ("name", "title", "action"),
    [
        (
            "inventory_on_hand",
            "Let it skip blocks of retail.inventory_daily again",
            "VACUUM SORT ONLY retail.inventory_daily",
        ),
        (
            "segment_revenue",
            "Give crm.customer_segments its distribution key customer_id back",
            "write DISTKEY(customer_id) into the statement that creates it",
        ),
    ],
)
def test_the_advice_on_a_regression_names_what_undoes_it(
    sample: Sample, name: str, title: str, action: str
) -> None:
    review = sample.latest[_hash_of(name)]

    [advice] = [one for one in review.recommendations if one.check == "regression"]
    assert advice.title == title
    assert action in advice.action
    assert 0 < advice.claimed_saving_seconds <= advice.ceiling_seconds
    assert advice.recommendation_id == recommendation_id(
        review.query_hash, ReviewerName.COST_REVIEW, "regression", ""
    )


def test_the_new_version_is_innocent_of_all_that_it_did_not_slow_down(sample: Sample) -> None:
    told = [
        one.sentence
        for review in sample.latest.values()
        for one in review.ruled_out
        if one.check == "regression" and "No lasting slow-down came with" in one.sentence
    ]

    assert len(told) > 30


def test_no_literal_reaches_the_store(sample: Sample) -> None:
    cases = [review.case_file for review in sample.latest.values() if review.case_file]

    kept = " ".join(
        [case.scrubbed_sql or "" for case in cases]
        + [condition.text for case in cases for fact in case.plan_nodes
           for condition in fact.node.conditions]
        + [fact.alert.event for case in cases for fact in case.alerts]
    )  # fmt: skip
    assert len(cases) == len(SAMPLE_PATTERNS)
    for secret in (".example", "4000 ", "Hallorsen", "Quillfeather", "secret_access_key", "CS-"):
        assert secret not in kept


def test_reviews_go_back_four_weeks_and_end_now(sample: Sample) -> None:
    moments = {
        review.analysis_timestamp
        for review in sample.store.reviews_between(limit=1_000).items
    }  # fmt: skip

    assert len(moments) == 6
    assert min(moments).date().isoformat() == "2026-10-25"
    assert max(moments) == NOW
    assert sample.store.review_count() == sample.loaded.reviews


def test_no_early_review_knows_of_a_later_regression(sample: Sample) -> None:
    for name in ("inventory_on_hand", "segment_revenue"):
        query_hash = _hash_of(name)
        regression = sample.store.pattern(query_hash).regression

        assert regression
        for review in sample.store.reviews_of(query_hash).items:
            assert review.analysis_timestamp >= regression.changed_at


def test_an_invented_analyst_has_decided_some_things_before_now(sample: Sample) -> None:
    decided = [
        sample.store.recommendation(triaged.recommendation.recommendation_id)
        for triaged in sample.store.each_recommendation(RecommendationFilter())
        if triaged.state is not TriageState.OPEN
    ]

    assert {triaged.state for triaged in decided} == {
        TriageState.ACCEPTED,
        TriageState.APPLIED,
        TriageState.DISMISSED,
        TriageState.SNOOZED,
    }
    for triaged in decided:
        assert triaged.events
        assert all(event.who == ANALYST and event.why for event in triaged.events)
        assert all(triaged.raised_first < event.at <= NOW for event in triaged.events)


def test_the_tables_of_the_sample_are_weighed_after_its_decisions(sample: Sample) -> None:
    review = sample.store.tables_review()
    tables = list(_used_tables(sample.store))
    changes = [used for used in tables if used.proposal and used.proposal.changes]

    assert review
    assert review.analysis_timestamp == NOW
    assert review.tables == sum(used.proposal is not None for used in tables) >= 10
    assert review.changes == len(changes) >= 1
    assert review.net_seconds > 0
    assert review.net_dollars is None


def test_a_change_in_the_sample_has_patterns_that_gain_and_some_that_lose(sample: Sample) -> None:
    proposals = [used.proposal for used in _used_tables(sample.store) if used.proposal]
    decisions = [decision for each in proposals for decision in each.changes]

    assert all(decision.balance.net_seconds > 0 for decision in decisions)
    assert any(decision.balance.losing_patterns for decision in decisions)
    assert {each.opinion for each in proposals} >= {Opinion.AGREES, Opinion.DISAGREES}


def test_contradicting_advice_of_the_sample_is_resolved_and_the_loser_kept(sample: Sample) -> None:
    advice = sample.store.each_recommendation(RecommendationFilter())
    across = [triaged.across_patterns for triaged in advice if triaged.across_patterns]
    losers = [each for each in across if each.standing is Standing.LOSES]
    review = sample.store.tables_review()

    assert {each.standing for each in across} == {Standing.AGREES, Standing.LOSES}
    assert review
    assert len(losers) == review.contradictions
    assert all(each.sentence for each in losers)


def test_progress_names_each_stage_in_order(sample: Sample) -> None:
    stages = list(dict.fromkeys(step.stage for step in sample.progress))
    reviews = [step for step in sample.progress if step.stage is SampleStage.REVIEW]

    assert stages == list(SampleStage)
    assert [step.done for step in reviews] == list(range(sample.loaded.reviews))
    assert {step.total for step in reviews} == {sample.loaded.reviews}


def test_a_finished_load_is_noted_as_the_sample(sample: Sample) -> None:
    assert sample.store.note("origin") == "sample"


def test_an_interrupted_load_can_be_told_from_a_finished_one(tmp_path: Path) -> None:
    store = open_sqlite_history(tmp_path / "history.sqlite")

    def stop(folder: Path, **wanted: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_sample(
            store=store,
            panel=rules_panel(),
            open_export=open_export_folder,
            write_sample=stop,
            work_folder=tmp_path / "export",
            now=NOW,
        )

    assert store.note("origin") == "sample-loading"
    store.close()


def _latest_reviews(store: SqliteHistory) -> Iterator[tuple[str, Review]]:
    for row in store.rank_patterns(PatternFilter(), limit=100).rows:
        review = store.latest_review(row.pattern.query_hash)
        assert review
        yield row.pattern.query_hash, review


def _used_tables(store: SqliteHistory) -> Iterator[UsedTable]:
    cursor: str | None = None
    while True:
        page = store.used_tables(TableFilterBy(), cursor=cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _hash_of(name: str) -> str:
    pattern = next(pattern for pattern in SAMPLE_PATTERNS if pattern.name == name)
    return Fingerprinter().of(statement_texts(pattern, LAST_DAY)[0]).query_hash
