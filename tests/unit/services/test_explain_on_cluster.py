"""EXPLAIN on the cluster: off by default, guarded, rolled back, its plan masked."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend import wiring
from backend.domain.errors import NotAPlanError
from backend.services.explain_on_cluster import (
    ClusterError,
    ExplainOffError,
    ExplainSession,
    NoClusterError,
    StatementRejectedError,
    explain_on_cluster,
)
from backend.sql.read_only_rejection import Rejection

PLAN = [
    "XN Seq Scan on orders  (cost=0.00..10.00 rows=5 width=8)",
    "  Filter: (customer = 'anna.schmidt@example.com'::bpchar)",
]


class MemoryCluster:
    """Remembers what each session ran; `fails_at` names the statement that it does not take."""

    def __init__(self, rows: Sequence[str] = PLAN, fails_at: str = "nothing") -> None:
        self.rows = rows
        self.fails_at = fails_at
        self.ran: list[str] = []
        self.open_sessions = 0

    @contextmanager
    def session(self) -> Iterator[ExplainSession]:
        self.open_sessions += 1
        try:
            yield self
        finally:
            self.open_sessions -= 1

    def run(self, statement: str) -> Sequence[str]:
        assert self.open_sessions == 1
        self.ran.append(statement)
        if statement.startswith(self.fails_at):
            raise ClusterError("It did not answer.")
        return self.rows if statement.startswith("EXPLAIN") else []


def test_the_plan_comes_back_without_literals():
    cluster = MemoryCluster()

    plan = explain_on_cluster("select 1 from orders", is_on=True, cluster=cluster)

    assert [node.table_name for node in plan.walk()] == ["orders"]
    assert "anna" not in repr(plan)
    assert cluster.ran == [
        "SET statement_timeout TO 30000",
        "BEGIN READ ONLY",
        "EXPLAIN select 1 from orders",
        "ROLLBACK",
    ]
    assert cluster.open_sessions == 0


@pytest.mark.parametrize("fails_at", ["BEGIN", "EXPLAIN", "ROLLBACK"])
def test_whatever_fails_the_transaction_is_rolled_back_and_the_session_closed(fails_at: str):
    cluster = MemoryCluster(fails_at=fails_at)

    with pytest.raises(ClusterError):
        explain_on_cluster("select 1", is_on=True, cluster=cluster)

    assert cluster.ran[-1] == "ROLLBACK"
    assert cluster.open_sessions == 0


def test_without_a_time_limit_nothing_is_begun():
    cluster = MemoryCluster(fails_at="SET")

    with pytest.raises(ClusterError):
        explain_on_cluster("select 1", is_on=True, cluster=cluster)

    assert cluster.ran == ["SET statement_timeout TO 30000"]


def test_an_answer_that_is_no_plan_is_said_to_be_none():
    cluster = MemoryCluster(rows=["hello"])

    with pytest.raises(NotAPlanError):
        explain_on_cluster("select 1", is_on=True, cluster=cluster)

    assert cluster.ran[-1] == "ROLLBACK"


@pytest.mark.parametrize(
    ("sql", "rejection"),
    [
        ("select 1; drop table t", Rejection.SEVERAL_STATEMENTS),
        ("select a from t where b = ?", Rejection.PLACEHOLDER),
        ("select a from t where b = :text_1", Rejection.PLACEHOLDER),
        ("select pg_sleep(9)", Rejection.FUNCTION),
    ],
)
def test_a_statement_that_the_guard_rejects_reaches_no_session(sql: str, rejection: Rejection):
    cluster = MemoryCluster()

    with pytest.raises(StatementRejectedError) as raised:
        explain_on_cluster(sql, is_on=True, cluster=cluster)

    assert raised.value.rejection is rejection
    assert cluster.ran == []


def test_nothing_is_sent_unless_it_was_turned_on():
    cluster = MemoryCluster()

    with pytest.raises(ExplainOffError, match="WORKBENCH_EXPLAIN_ON_CLUSTER"):
        explain_on_cluster("select 1", is_on=False, cluster=cluster)

    assert cluster.ran == []


def test_by_default_it_is_off(tmp_path: Path):
    with pytest.raises(ExplainOffError):
        wiring.explain(wiring.open_workbench(tmp_path), "select 1")


def test_turned_on_it_says_that_no_cluster_is_connected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WORKBENCH_EXPLAIN_ON_CLUSTER", "true")

    with pytest.raises(NoClusterError, match="No cluster is connected"):
        wiring.explain(wiring.open_workbench(tmp_path), "select 1")
