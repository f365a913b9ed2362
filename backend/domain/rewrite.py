"""A statement written differently by rule: what changed, and what was checked before."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Precondition:
    """Something that must hold for the rewrite, and how it was established, never assumed."""

    sentence: str
    how_checked: str
    fact_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChangedClause:
    """One clause before and after; one of them is empty where it was added or left out."""

    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Rewrite:
    """The whole statement, written differently by one rule.

    Statements are kept without their literals. In `sql` and in the clauses `:p3` stands for the
    value behind the third `?` of the scrubbed statement, read from its beginning; used twice it is
    the same value twice. Of an IN list or of VALUES scrubbing keeps the first three places or the
    first row, so the last place of such a list stands for all values that followed it.

    `check` and `subject` are those of the finding that it answers. `changes_result` is True for
    an offer that gives other rows on purpose; `remark` then says how they differ.
    """

    rule: str
    check: str
    title: str
    sql: str
    clauses: tuple[ChangedClause, ...]
    preconditions: tuple[Precondition, ...]
    subject: str = ""
    changes_result: bool = False
    remark: str = ""

    @property
    def fact_ids(self) -> tuple[str, ...]:
        """What proves the preconditions, each fact once."""
        ids = (fact_id for each in self.preconditions for fact_id in each.fact_ids)
        return tuple(dict.fromkeys(ids))


@dataclass(frozen=True, kw_only=True)
class RefusedRewrite:
    """A rule that nearly applied: which precondition failed, in a sentence."""

    rule: str
    check: str
    sentence: str
    fact_ids: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True, kw_only=True)
class RewriteOutcome:
    """What all rules made of one statement."""

    rewrites: tuple[Rewrite, ...] = ()
    refused: tuple[RefusedRewrite, ...] = ()


NO_REWRITES = RewriteOutcome()
