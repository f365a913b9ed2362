"""The sample in a store: what is planted in it is found, and nobody is accused of anything else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.adapters.folder import open_export_folder
from backend.adapters.sqlite import SqliteHistory, open_sqlite_history
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
from backend.domain.workload import WorkloadReview
from backend.panel.rules import rules_panel
from backend.sample import write_sample_export
from backend.sample.catalogue import SAMPLE_PATTERNS, statement_texts
from backend.sample.planted import CLEAN, PLANTED
from backend.services.load_sample import LoadedSample, SampleProgress, SampleStage, load_sample
from backend.services.sample_decisions import ANALYST
from backend.sql.fingerprint import Fingerprinter
from tests.diagnosed_sample import (
    GROUP_OF_CHECK,
    Scores,
    said_of_pattern,
    said_of_workload,
    sample_hashes,
    scores,
)
from tests.unit.sample.conftest import LAST_DAY

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Sample:
    store: SqliteHistory
    loaded: LoadedSample
    progress: list[SampleProgress]
    latest: dict[str, Review]
    workload: WorkloadReview


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
    workload = store.latest_workload_review()
    assert workload
    yield Sample(
        store=store,
        loaded=loaded,
        progress=progress,
        latest=dict(_latest_reviews(store)),
        workload=workload,
    )
    store.close()


@pytest.fixture(scope="module")
def scored(sample: Sample) -> Scores:
    return scores(sample.latest, sample.workload, hashes=sample_hashes(LAST_DAY))


def test_every_statement_becomes_one_pattern(sample: Sample) -> None:
    known = {name: _hash_of(name) for name in _names()}

    assert set(known.values()) == set(sample.latest)
    assert sample.loaded.patterns == len(SAMPLE_PATTERNS) == len(set(known.values()))
    assert (sample.loaded.last_day, sample.store.known_names().last_day) == (LAST_DAY, LAST_DAY)
    assert sample.store.known_names().databases == ("northlight", "northlight_lab")


def test_every_planted_cause_is_found(scored: Scores) -> None:
    assert scored.missed == []


def test_nothing_is_found_but_what_is_planted_and_what_follows_from_it(scored: Scores) -> None:
    assert scored.false == []


def test_no_clean_statement_is_accused(scored: Scores) -> None:
    assert scored.clean_accused == []


def test_what_is_said_to_follow_from_the_planted_is_found_too(scored: Scores) -> None:
    """An entry that no check bears out would be an excuse for a false finding to come."""
    assert sorted(scored.consequences - scored.found) == []


def test_each_statement_is_either_clean_or_has_something_planted_in_it() -> None:
    ill = {one.subject for one in PLANTED if not one.is_across and not one.is_consequence}
    names = {pattern.name for pattern in SAMPLE_PATTERNS}

    assert (ill & set(CLEAN), ill ^ set(CLEAN) ^ names) == (set(), set())
    assert {one.subject for one in PLANTED if not one.is_across} <= names


def test_the_truth_names_checks_that_exist_and_says_why() -> None:
    assert {one.check for one in PLANTED} <= set(GROUP_OF_CHECK)
    assert all(one.because for one in PLANTED)
    assert len({(one.subject, one.check, one.about) for one in PLANTED}) == len(PLANTED)


def test_every_finding_of_the_sample_rests_on_facts_and_nothing_contradicts_one(
    sample: Sample,
) -> None:
    said = {name: said_of_pattern(sample.latest[_hash_of(name)]) for name in _names()}
    said["the workload"] = said_of_workload(sample.workload)

    assert [name for name, each in said.items() if each.without_facts] == []
    assert [name for name, each in said.items() if each.contradictions] == []


def test_the_workload_is_reviewed_at_the_same_time(sample: Sample) -> None:
    assert sample.workload.analysis_timestamp == NOW


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


def _names() -> Iterator[str]:
    return (pattern.name for pattern in SAMPLE_PATTERNS)


def _hash_of(name: str) -> str:
    pattern = next(pattern for pattern in SAMPLE_PATTERNS if pattern.name == name)
    return Fingerprinter().of(statement_texts(pattern, LAST_DAY)[0]).query_hash
