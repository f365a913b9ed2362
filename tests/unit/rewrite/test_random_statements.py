"""Whatever the statement, a rewrite gives its rows."""

from collections import Counter

import pytest

from backend.rewrite.find_rewrites import find_rewrites
from backend.rewrite.rules import RULES
from tests.unit.checks.builder import a_case
from tests.unit.rewrite.databases import databases
from tests.unit.rewrite.duck import Duck, as_duckdb
from tests.unit.rewrite.literals import filled, literals_of
from tests.unit.rewrite.random_statements import Writer
from tests.unit.rewrite.shop import described_tables, duck_tables, shop

TABLES = described_tables(shop())
SEEDS = range(8)
STATEMENTS_A_SEED = 40
DATABASES = 6


def differing_rewrites(sql: str, seed: int) -> tuple[list[str], list[str]]:
    """The rules that rewrote the statement, and the SQL of those that gave other rows."""
    outcome = find_rewrites(a_case({"sql": sql, "tables": TABLES}))
    exact = [rewrite for rewrite in outcome.rewrites if not rewrite.changes_result]
    literals = literals_of(sql)
    written = [filled(rewrite.sql, literals) for rewrite in exact]
    wrong: list[str] = []
    tables = duck_tables(shop(), sql)
    with Duck(tables) as duck:
        for rows in databases(tables, sql, count=DATABASES if exact else 0, seed=seed):
            duck.fill(rows)
            expected = duck.bag(as_duckdb(sql))
            wrong += [text for text in written if duck.bag(as_duckdb(text)) != expected]
    return [rewrite.rule for rewrite in exact], wrong


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_rewrites_of_random_statements_give_the_same_rows(seed: int) -> None:
    writer = Writer(seed)
    rules: Counter[str] = Counter()

    for _ in range(STATEMENTS_A_SEED):
        sql = writer.statement()
        applied, wrong = differing_rewrites(sql, seed)
        rules.update(applied)
        assert wrong == [], sql

    assert sum(rules.values()) > STATEMENTS_A_SEED / 2


@pytest.mark.slow
def test_random_statements_call_for_every_rule() -> None:
    rules: Counter[str] = Counter()
    for seed in SEEDS:
        writer = Writer(seed)
        for _ in range(STATEMENTS_A_SEED):
            case = a_case({"sql": writer.statement(), "tables": TABLES})
            rules.update(rewrite.rule for rewrite in find_rewrites(case).rewrites)

    assert {rule.name for rule in RULES} <= set(rules)
