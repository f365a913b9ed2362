"""What the guard lets through changes nothing in a real database, even without any transaction.

PostgreSQL is no Redshift, but its grammar is where Redshift's comes from, and it can do more harm.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backend.domain.plan import Plan
from backend.services.explain_on_cluster import (
    ClusterError,
    ExplainSession,
    StatementRejectedError,
    explain_on_cluster,
)
from backend.sql.read_only_guard import guard
from tests.unit.sql.guard_bypasses import READS, bypasses, mutations
from tests.unit.sql.guard_database import Database, postgres

pytestmark = pytest.mark.slow
LONGEST_ARGUMENT = 100_000
TEXTS_A_LOOK = 25


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with postgres() as database:
        yield database


def can_be_sent(text: str) -> bool:
    """As an argument of a program."""
    return "\x00" not in text and "\ud800" not in text and len(text.encode()) < LONGEST_ARGUMENT


def test_bypasses_do_harm_where_nothing_guards(database: Database):
    database.reset()
    before = database.state()

    harmful = 0
    for text in filter(can_be_sent, bypasses()):
        database.execute(text)
        if database.state() != before:
            harmful += 1
            database.reset()

    assert harmful >= 200


def test_what_the_guard_lets_through_of_bypasses_and_mutations_changes_nothing(database: Database):
    database.reset()
    before = database.state()
    texts = [*bypasses(), *READS, *mutations(seed=11, count=4_000)]
    allowed = [text for text in dict.fromkeys(texts) if guard(text).is_allowed]

    changed = []
    for start in range(0, len(allowed), TEXTS_A_LOOK):
        texts = allowed[start : start + TEXTS_A_LOOK]
        for text in texts:
            database.execute(text)
        if database.state() != before:
            changed += texts
            database.reset()

    assert changed == []
    assert len(allowed) > 100


class PostgresCluster:
    """A session of psql; the statements are kept, and run together when rows are wanted."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @contextmanager
    def session(self) -> Iterator[ExplainSession]:
        yield PostgresSession(self.database)


class PostgresSession:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.statements: list[str] = []

    def run(self, statement: str) -> list[str]:
        self.statements.append(statement)
        if not statement.startswith("EXPLAIN"):
            return []
        done = self.database.query(*self.statements)
        if done.returncode:
            raise ClusterError(done.stderr)
        return done.stdout.splitlines()


def test_a_reading_statement_comes_back_as_a_plan_without_its_literals(database: Database):
    plan = explain_on_cluster(
        "select id from orders where amount > 4711 -- canary",
        is_on=True,
        cluster=PostgresCluster(database),
    )

    assert isinstance(plan, Plan)
    assert [node.table_name for node in plan.walk()] == ["orders"]
    assert "4711" not in repr(plan)


def test_a_writing_statement_does_not_reach_the_database(database: Database):
    database.reset()
    before = database.state()

    with pytest.raises(StatementRejectedError):
        explain_on_cluster("select shrink()", is_on=True, cluster=PostgresCluster(database))

    assert database.state() == before
