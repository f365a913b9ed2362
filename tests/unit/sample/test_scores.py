"""How found, missed and false causes are counted."""

import pytest

from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.time_buckets import Bucket
from tests.diagnosed_sample import GROUP_OF_CHECK, Cause, Said, Scores, checks_not_exercised

SPILL = Cause(subject="margin_report", check="spill_to_disk")
SKEW = Cause(subject="store_revenue_by_day", check="data_skew", about="retail.sales")
QUEUE = Cause(subject="stock_gaps", check="queue_dominated")
STAR = Cause(subject="category_trend", check="select_star", about="retail.dates")


def test_what_is_planted_and_not_found_lowers_recall_alone() -> None:
    counted = _scores(planted=(SPILL, SKEW), found=(SPILL,))

    assert (counted.missed, counted.false) == ([SKEW], [])
    assert (counted.recall, counted.precision) == (0.5, 1.0)


def test_what_is_found_and_not_true_lowers_precision_and_accuses_the_clean() -> None:
    counted = _scores(planted=(SPILL,), found=(SPILL, STAR))

    assert (counted.missed, counted.false) == ([], [STAR])
    assert (counted.recall, counted.precision) == (1.0, 0.5)
    assert counted.clean_accused == ["category_trend"]


def test_the_right_check_on_another_table_is_both_missed_and_false() -> None:
    other = Cause(subject=SKEW.subject, check=SKEW.check, about="retail.stores")
    counted = _scores(planted=(SKEW,), found=(other,))

    assert (counted.missed, counted.false) == ([SKEW], [other])


@pytest.mark.parametrize("found", [(SPILL,), (SPILL, QUEUE)])
def test_a_consequence_counts_neither_found_nor_missed(found: tuple[Cause, ...]) -> None:
    counted = _scores(planted=(SPILL,), consequences=(QUEUE,), found=found)

    assert (counted.missed, counted.false, counted.clean_accused) == ([], [], [])
    assert (counted.recall, counted.precision) == (1.0, 1.0)


def test_a_group_counts_its_own_checks_only() -> None:
    counted = _scores(planted=(SPILL, QUEUE), found=(STAR,))

    assert counted.of_group("steps").missed == [SPILL]
    assert counted.of_group("time").missed == [QUEUE]
    assert counted.of_group("sql").false == [STAR]
    assert counted.of_group("lake").recall == 1.0


def test_a_cause_is_named_in_words() -> None:
    across = Cause(subject="", check="heavy_concurrency_scaling", is_across=True)

    assert str(SKEW) == "store_revenue_by_day: data_skew of retail.sales"
    assert str(across) == "the workload: heavy_concurrency_scaling (across patterns)"


def test_a_finding_that_cites_no_fact_or_an_unknown_one_is_counted() -> None:
    findings = [_finding(fact_ids=ids) for ids in ((), ("F1",), ("F1", "F9"))]

    assert _said(findings=findings, fact_ids=frozenset({"F1"})).without_facts == 2


def test_a_finding_is_contradicted_by_its_check_about_the_same_subject_only() -> None:
    excluded = [
        RuledOut(check="data_skew", sentence="No.", subject="retail.orders"),
        RuledOut(check="time_skew", sentence="No.", subject="retail.sales"),
    ]
    same = RuledOut(check="data_skew", sentence="No.", subject="retail.sales")

    assert _said(findings=[_finding()], ruled_out=excluded).contradictions == 0
    assert _said(findings=[_finding()], ruled_out=[*excluded, same]).contradictions == 1


def test_a_check_is_exercised_where_it_finds_something() -> None:
    silent = checks_not_exercised([_said(findings=[_finding()])])

    named = [check for checks in silent.values() for check in checks]
    assert sorted([*named, "data_skew"]) == sorted(GROUP_OF_CHECK)


def _scores(
    *,
    planted: tuple[Cause, ...],
    found: tuple[Cause, ...],
    consequences: tuple[Cause, ...] = (),
) -> Scores:
    return Scores(
        planted=frozenset(planted),
        consequences=frozenset(consequences),
        found=frozenset(found),
        clean=frozenset({"category_trend", "stock_gaps"}),
    )


def _finding(fact_ids: tuple[str, ...] = ("F1",)) -> Finding:
    return Finding(
        check="data_skew",
        severity=Severity.HIGH,
        bucket=Bucket.EXECUTION,
        title="Uneven",
        evidence="One slice does far more.",
        fact_ids=fact_ids,
        subject="retail.sales",
        affected_share=0.5,
    )


def _said(
    *,
    findings: list[Finding],
    ruled_out: list[RuledOut] | None = None,
    fact_ids: frozenset[str] = frozenset(),
) -> Said:
    return Said(findings=findings, ruled_out=ruled_out or [], good_news=(), fact_ids=fact_ids)
