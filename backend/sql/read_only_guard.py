"""Whether a statement may be explained on the cluster: one query that only reads, or nothing.

EXPLAIN plans a statement and does not run it, but planning evaluates what is constant, functions
too, and a second statement behind a semicolon would run. So only what is known to do no harm
passes: an allow-list of clauses and of functions, never a list of what is forbidden. What a view
or a name in the search path hides is not seen here; the read-only transaction around it and the
rights of the database user are the next layers.
"""

from dataclasses import dataclass

from backend.sql.read_only_code import read_code
from backend.sql.read_only_rejection import RejectedError, Rejection
from backend.sql.read_only_tree import check_tree

# https://docs.aws.amazon.com/redshift/latest/dg/r_BEGIN.html
BEGIN = "BEGIN READ ONLY"
ROLLBACK = "ROLLBACK"


@dataclass(frozen=True, kw_only=True)
class GuardVerdict:
    """`statement` is what may be explained: the text without comments and final semicolon; None
    where it was rejected. `reason` then is a sentence that quotes nothing of the text but the
    plain name of a function."""

    statement: str | None = None
    rejection: Rejection | None = None
    reason: str = ""

    @property
    def is_allowed(self) -> bool:
        return self.statement is not None


def guard(text: str) -> GuardVerdict:
    """Never raises: what cannot be judged is rejected."""
    try:
        code = read_code(text)
        check_tree(code)
    except RejectedError as error:
        return GuardVerdict(rejection=error.rejection, reason=_sentence(error))
    except Exception:  # noqa: BLE001 - whatever went wrong, the text must not get through
        return GuardVerdict(rejection=Rejection.NOT_CHECKED, reason=Rejection.NOT_CHECKED.value)
    return GuardVerdict(statement=code.text)


def _sentence(error: RejectedError) -> str:
    if error.function_name:
        return (
            f"It calls {error.function_name}, which is not on the list of functions that only read."
        )
    return error.rejection.value


@dataclass(frozen=True, kw_only=True)
class ExplainScript:
    """Statements for one session, in this order: `begin`, `explain`, and `rollback` whatever
    became of the one before."""

    set_timeout: str
    begin: str
    explain: str
    rollback: str


def explain_script(verdict: GuardVerdict, *, timeout_seconds: int) -> ExplainScript:
    """Raises ValueError for a statement that was rejected."""
    if verdict.statement is None:
        raise ValueError("A rejected statement is not explained.")
    return ExplainScript(
        # In milliseconds; 0 would be no limit at all.
        set_timeout=f"SET statement_timeout TO {max(1, timeout_seconds) * 1000}",
        begin=BEGIN,
        explain=f"EXPLAIN {verdict.statement}",
        rollback=ROLLBACK,
    )
