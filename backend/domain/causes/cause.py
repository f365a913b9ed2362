"""What speaks for a cause of a slow-down, what against one, and what could not be seen."""

from dataclasses import dataclass
from enum import StrEnum

from backend.domain.case_file import RegressionFact
from backend.domain.finding import Measure
from backend.domain.plan_difference import PlanChange


class CauseKind(StrEnum):
    """The more directly the facts link it to the slow-down, the earlier."""

    PLAN_OVER_CHANGED_TABLE = "another plan over a changed table"
    READS_MORE = "reads more by the same plan"
    VERSION = "new Redshift version"
    PLAN = "another plan"
    RESULT_GREW = "larger result"
    TABLE_CHANGED = "changed table"
    SPILL = "spills more"
    LOAD = "more load"

    @property
    def order(self) -> int:
        return list(CauseKind).index(self)


class Happening(StrEnum):
    """What can have happened to a table, the more telling first."""

    REDEFINED = "redefined"
    REDESIGNED = "redesigned"
    OPTIMIZED = "optimized"
    GREW = "grew"
    SHRANK = "shrank"
    FILLED = "filled"
    ANALYZED = "analyzed"
    VACUUMED = "vacuumed"
    LOST_ORDER = "lost order"
    STALE_STATISTICS = "stale statistics"


@dataclass(frozen=True, kw_only=True)
class TableHappening:
    """`clause` goes on behind the name of the table: `was created anew on …`."""

    kind: Happening
    clause: str
    fact_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Cause:
    """`clause` says it within a sentence, `short` in a title. `table_name` is `schema.table` of the
    one table meant, "" if there is none."""

    kind: CauseKind
    clause: str
    short: str
    fact_ids: tuple[str, ...]
    table_name: str = ""
    happenings: tuple[TableHappening, ...] = ()
    plan_change: PlanChange | None = None
    lost_pruning: bool = False
    measures: tuple[Measure, ...] = ()

    def happened(self, *kinds: Happening) -> bool:
        return any(happening.kind in kinds for happening in self.happenings)


@dataclass(frozen=True, kw_only=True)
class Excluded:
    """`what` names it in a list: `statistics`, `the Redshift version`. `doubt` is a clause where
    nothing proves that it was not the cause, but nothing speaks for it either."""

    what: str
    sentence: str
    fact_ids: tuple[str, ...]
    doubt: str = ""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Causes with the most direct first; none where the data shows none. `unseen` are clauses about
    what was not recorded and might show one."""

    regression: RegressionFact
    causes: tuple[Cause, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def cause(self) -> Cause | None:
        return self.causes[0] if self.causes else None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What one look at the facts brought."""

    causes: tuple[Cause, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    unseen: tuple[str, ...] = ()
