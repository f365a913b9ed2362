"""What one table should look like over all patterns, who gains by that, and who loses."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from backend.domain.evidence import Table
from backend.domain.recommendation import Standing


class Aspect(StrEnum):
    DISTRIBUTION = "distribution"
    SORT_KEY = "sort_key"
    ENCODING = "encoding"


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a change does to one pattern: more than 0 is saved, in seconds a week.

    It rests on the review of that pattern at `analysis_timestamp` and on facts of its case file.
    `dollars` are None without prices.
    """

    query_hash: str
    analysis_timestamp: datetime
    seconds: float
    reason: str
    is_measured: bool
    fact_ids: tuple[str, ...] = ()
    dollars: float | None = None


@dataclass(frozen=True, kw_only=True)
class Balance:
    """All effects of a change; `effects` are the largest of them, of both signs."""

    gained_seconds: float = 0.0
    lost_seconds: float = 0.0
    gaining_patterns: int = 0
    losing_patterns: int = 0
    net_dollars: float | None = None
    prices_as_of: date | None = None
    effects: tuple[Effect, ...] = ()

    @property
    def net_seconds(self) -> float:
        return self.gained_seconds - self.lost_seconds


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """Another design that was weighed and not chosen; `effects` are its largest."""

    design: str
    gained_seconds: float
    lost_seconds: float
    effects: tuple[Effect, ...] = ()

    @property
    def net_seconds(self) -> float:
        return self.gained_seconds - self.lost_seconds


class Opinion(StrEnum):
    """What Redshift's own Advisor says beside a proposal. SILENT: it proposes nothing; NOT_WEIGHED:
    it proposes what the model has no figures for."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    SILENT = "silent"
    NOT_WEIGHED = "not_weighed"


@dataclass(frozen=True, kw_only=True)
class AdvisorOpinion:
    """`is_auto_eligible` says that Redshift may carry it out by itself."""

    aspect: Aspect
    opinion: Opinion
    sentence: str
    ddl: str = ""
    is_auto_eligible: bool = False


@dataclass(frozen=True, kw_only=True)
class Rival:
    """An open recommendation about the same aspect of the table, and how it stands."""

    recommendation_id: str
    query_hash: str
    title: str
    wants: str
    standing: Standing
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What is proposed for one aspect of a table: a change, or to keep what there is.

    `columns` are those of the key that is proposed or kept. `together_with` are tables whose
    changes this one depends on. `refused` says why a design was
    not even weighed. `look_first_sql` shows what no export tells, such as how even a key's values
    are.
    """

    aspect: Aspect
    present: str
    proposed: str
    is_change: bool
    reason: str
    columns: tuple[str, ...] = ()
    action_sql: str | None = None
    look_first_sql: str | None = None
    balance: Balance = Balance()
    is_left_to_redshift: bool = False
    together_with: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    refused: tuple[str, ...] = ()
    advisor: AdvisorOpinion | None = None
    rivals: tuple[Rival, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TableProposal:
    """`assumptions` are what the figures take for granted, `cautions` what to look at first."""

    table_name: str
    analysis_timestamp: datetime
    decisions: tuple[Decision, ...]
    headline: str
    assumptions: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[Decision, ...]:
        return tuple(each for each in self.decisions if each.is_change)

    @property
    def net_seconds(self) -> float:
        """Of all changes, a week; 0 where the design is to be kept."""
        return sum(each.balance.net_seconds for each in self.changes)

    @property
    def net_dollars(self) -> float | None:
        dollars = [each.balance.net_dollars for each in self.changes]
        told = [amount for amount in dollars if amount is not None]
        return sum(told) if told and len(told) == len(dollars) else None

    @property
    def opinion(self) -> Opinion:
        """The Advisor's on the whole: one disagreement counts more than any agreement."""
        said = {each.advisor.opinion for each in self.decisions if each.advisor}
        order = (Opinion.DISAGREES, Opinion.AGREES, Opinion.NOT_WEIGHED)
        return next((opinion for opinion in order if opinion in said), Opinion.SILENT)

    @property
    def rivals(self) -> tuple[Rival, ...]:
        return tuple(rival for each in self.decisions for rival in each.rivals)


@dataclass(frozen=True, kw_only=True)
class TableFilterBy:
    """Which tables a list shows. Empty means any."""

    text: str = ""
    has_change: bool = False


@dataclass(frozen=True, kw_only=True)
class UsedTable:
    """A row of the list of tables. `table` is None where SVV_TABLE_INFO is not known, `proposal`
    until the tables have been reviewed."""

    table_name: str
    seconds_a_week: float
    patterns: int
    table: Table | None = None
    proposal: TableProposal | None = None


@dataclass(frozen=True, kw_only=True)
class TablesReview:
    """What the last review of the tables came to. `net_seconds` and `net_dollars` are a week's of
    all changes together; `contradictions` are open recommendations that lose; `old_uses` were not
    weighed, as their patterns were reviewed too long ago."""

    analysis_timestamp: datetime
    tables: int
    changes: int
    patterns: int
    net_seconds: float
    contradictions: int
    agreements: int
    disagreements: int
    net_dollars: float | None = None
    prices_as_of: date | None = None
    old_uses: int = 0
