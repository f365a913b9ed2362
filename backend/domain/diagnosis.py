"""The order of thought: five looks at a pattern, each with the branch that it leads to."""

from dataclasses import dataclass
from enum import StrEnum


class DiagnosisStage(StrEnum):
    """In the order of AWS's redshift-guide: the cheapest question that can end the search first."""

    SAME_STATEMENT = "same_statement"
    TIME = "time"
    PLAN = "plan"
    MOVED = "moved"
    DESIGN = "design"


STAGE_WORDS = {
    DiagnosisStage.SAME_STATEMENT: "Same statement",
    DiagnosisStage.TIME: "Time",
    DiagnosisStage.PLAN: "Plan",
    DiagnosisStage.MOVED: "What moved beneath it",
    DiagnosisStage.DESIGN: "Statement and design",
}


@dataclass(frozen=True, kw_only=True)
class DiagnosisStep:
    """What was seen and what follows, in one sentence."""

    stage: DiagnosisStage
    sentence: str
    fact_ids: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """From 1."""
        return list(DiagnosisStage).index(self.stage) + 1


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """`verdict` says why it became slower; empty where it did not."""

    steps: tuple[DiagnosisStep, ...]
    verdict: str = ""
