"""What every rule shares: what it proposes, what it refuses, and how it says why."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from backend.domain.case_file import CaseFile
from backend.domain.rewrite import Precondition
from backend.rewrite.sources import Origin, Reader


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change: nodes of the tree and what takes their place.

    `clauses` are the pairs of old and new clause to show where the replaced nodes themselves show
    too much or too little; a None is an empty side. `drops` are old nodes whose values are no
    longer needed. `remark` is what the reader has to know beside it.
    """

    replaced: tuple[tuple[exp.Expr, exp.Expr], ...]
    preconditions: tuple[Precondition, ...]
    subject: str = ""
    clauses: tuple[tuple[exp.Expr | None, exp.Expr | None], ...] = ()
    drops: tuple[exp.Expr, ...] = ()
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The rule's form is there, but a precondition does not hold or cannot be checked."""

    sentence: str
    subject: str = ""
    fact_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """One tree and what is known of its names."""

    case: CaseFile
    tree: exp.Expr
    reader: Reader

    @classmethod
    def of(cls, case: CaseFile, tree: exp.Expr) -> "Reading":
        return cls(case=case, tree=tree, reader=Reader(case))

    @property
    def statement_ids(self) -> tuple[str, ...]:
        return (self.case.statement.fact_id,) if self.case.statement else ()

    def selects(self) -> Iterator[exp.Select]:
        """The outermost first."""
        yield from self.tree.find_all(exp.Select)

    def by_statement(
        self, sentence: str, how_checked: str = "read in the statement"
    ) -> Precondition:
        return Precondition(sentence=sentence, how_checked=how_checked, fact_ids=self.statement_ids)

    def by_column(self, sentence: str, origin: Origin, field: str) -> Precondition:
        """`field` is the column of SVV_REDSHIFT_COLUMNS that says so."""
        return Precondition(
            sentence=sentence,
            how_checked=f"SVV_REDSHIFT_COLUMNS.{field} of {origin.full_name}",
            fact_ids=(*self.statement_ids, origin.fact.fact_id),
        )

    def refusal(self, sentence: str, subject: str, *origins: Origin | None) -> Refusal:
        ids = tuple(origin.fact.fact_id for origin in origins if origin is not None)
        return Refusal(sentence=sentence, subject=subject, fact_ids=(*self.statement_ids, *ids))


Found = Edit | Refusal
Finder = Callable[[Reading], Iterator[Found]]


@dataclass(frozen=True, kw_only=True)
class RewriteRule:
    """`find` yields every place of the rule's form; edits of one subject become one rewrite.

    `title` may hold `{subject}`.
    """

    name: str
    check: str
    title: str
    find: Finder
    changes_result: bool = False
    remark: str = ""
