"""What each rule does with the statements of its cases, and that rewrites give the same rows."""

import pytest

from backend.domain.rewrite import Rewrite
from backend.rewrite.rules import RULES
from tests.unit.rewrite.cases import RuleCase, rule_cases
from tests.unit.rewrite.duck import Duck, as_duckdb
from tests.unit.rewrite.literals import filled, literals_of
from tests.unit.rewrite.shop import duck_tables
from tests.unit.rewrite.trials import Trials, tried

CASES = list(rule_cases())
REWRITING = [case for case in CASES if case.rewrites is not None]
TRIED = [case for case in REWRITING if not (case.rewrites or {}).get("changes_result")]
NAIVE = [case for case in CASES if "naive" in case.told]
FEW, MANY = 12, 80
WITH_ROWS_AT_LEAST = 0.15


@pytest.mark.parametrize("case", REWRITING, ids=str)
def test_rewrites_and_proves_what_it_rests_on(case: RuleCase) -> None:
    rewrite = case.only_rewrite()

    wanted = case.rewrites or {}
    assert "subject" not in wanted or rewrite.subject == wanted["subject"]
    assert [text for text in wanted.get("says", []) if text not in _on_one_line(rewrite.sql)] == []
    assert len(rewrite.clauses) == wanted.get("clauses", len(rewrite.clauses))
    assert rewrite.changes_result is wanted.get("changes_result", False)
    known = {fact.fact_id for fact in case.case_file().facts()}
    assert all(each.fact_ids and set(each.fact_ids) <= known for each in rewrite.preconditions)
    assert all(each.sentence and each.how_checked for each in rewrite.preconditions)


@pytest.mark.parametrize("case", [c for c in CASES if c.rewrites is None], ids=str)
def test_leaves_alone_what_it_cannot_prove(case: RuleCase) -> None:
    outcome = case.outcome()

    assert outcome.rewrites == ()
    if case.told.get("silent"):
        assert outcome.refused == ()
    else:
        sentences = [refused.sentence for refused in outcome.refused]
        assert any(case.told["refuses"] in sentence for sentence in sentences), sentences
        assert all(refused.fact_ids for refused in outcome.refused)


@pytest.mark.parametrize("case", TRIED, ids=str)
def test_gives_the_same_rows_on_small_databases(case: RuleCase) -> None:
    trials = _trials(case, FEW)

    assert trials.differing == []


@pytest.mark.slow
@pytest.mark.parametrize("case", TRIED, ids=str)
def test_gives_the_same_rows_on_many_databases_that_reach_every_condition(case: RuleCase) -> None:
    trials = _trials(case, MANY)

    assert trials.differing == []
    assert trials.with_rows >= WITH_ROWS_AT_LEAST * trials.run
    assert trials.one_sided == []


@pytest.mark.parametrize("case", NAIVE, ids=str)
def test_a_careless_rule_would_give_other_rows(case: RuleCase) -> None:
    tables = duck_tables(case.tables, case.sql + case.told["naive"])
    with Duck(tables) as duck:
        duck.fill(case.told["witness"])

        before, naive = duck.bag(as_duckdb(case.sql)), duck.bag(as_duckdb(case.told["naive"]))

        assert before != naive
        for rewrite in case.outcome().rewrites:
            assert duck.bag(as_duckdb(_filled(case, rewrite))) == before


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_cases_where_it_applies_and_where_it_must_not(rule) -> None:
    own = [case for case in CASES if case.rule == rule.name]

    assert sum(case.rewrites is not None for case in own) >= 3
    assert sum(case.rewrites is None for case in own) >= 3
    assert rule.changes_result or any("naive" in case.told for case in own)


def _trials(case: RuleCase, count: int) -> Trials:
    after = _filled(case, case.only_rewrite())
    return tried(duck_tables(case.tables, case.sql), case.sql, after, count=count)


def _filled(case: RuleCase, rewrite: Rewrite) -> str:
    return filled(rewrite.sql, literals_of(case.sql))


def _on_one_line(sql: str) -> str:
    return " ".join(sql.split()).replace("( ", "(").replace(" )", ")")
