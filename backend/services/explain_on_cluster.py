"""The plan that the cluster would choose for a statement now: off unless a setting turns it on."""

import contextlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from backend.domain.errors import UnusableInputError, WorkbenchError
from backend.domain.plan import Plan
from backend.sql.plan_text import parse_plan_text
from backend.sql.read_only_guard import ExplainScript, explain_script, guard
from backend.sql.read_only_rejection import Rejection

EXPLAIN_TIMEOUT_SECONDS = 30


class ExplainSession(Protocol):
    """One database session; whoever opened it ends it."""

    def run(self, statement: str) -> Sequence[str]:
        """The first column of the rows, empty where there are none. One statement in one call and
        no transaction of the adapter's own. Raises ClusterError."""
        ...


class ExplainCluster(Protocol):
    """A cluster that plans statements. Its database user should have no right to write."""

    def session(self) -> AbstractContextManager[ExplainSession]:
        """A session of its own, closed at the end. Raises ClusterError."""
        ...


class ExplainOffError(UnusableInputError):
    """Statements are not explained on the cluster. Set WORKBENCH_EXPLAIN_ON_CLUSTER=true to allow it."""


class NoClusterError(UnusableInputError):
    """No cluster is connected, so nothing can be explained there. Paste the output of EXPLAIN instead."""


class ClusterError(WorkbenchError):
    """The cluster did not answer."""


class StatementRejectedError(UnusableInputError):
    """This statement is not sent to the cluster."""

    def __init__(self, rejection: Rejection, reason: str) -> None:
        self.rejection = rejection
        super().__init__(f"This statement is not sent to the cluster. {reason}")


def explain_on_cluster(
    sql: str,
    *,
    is_on: bool,
    cluster: ExplainCluster | None,
    timeout_seconds: int = EXPLAIN_TIMEOUT_SECONDS,
) -> Plan:
    """The plan of `sql`, its literals masked. `sql` holds its own values: neither a scrubbed
    statement nor the model form can be planned, and no value is made up for a placeholder, since
    the plan depends on it.

    Raises ExplainOffError, NoClusterError, StatementRejectedError, ClusterError, NotAPlanError.
    """
    if not is_on:
        raise ExplainOffError
    verdict = guard(sql)
    if verdict.rejection is not None:
        raise StatementRejectedError(verdict.rejection, verdict.reason)
    if cluster is None:
        raise NoClusterError
    script = explain_script(verdict, timeout_seconds=timeout_seconds)
    with cluster.session() as session:
        return parse_plan_text("\n".join(_run(session, script)))


def _run(session: ExplainSession, script: ExplainScript) -> Sequence[str]:
    session.run(script.set_timeout)
    try:
        session.run(script.begin)
        rows = session.run(script.explain)
    except BaseException:
        # What went wrong first is what to tell; the session ends in any case.
        with contextlib.suppress(ClusterError):
            session.run(script.rollback)
        raise
    session.run(script.rollback)
    return rows
