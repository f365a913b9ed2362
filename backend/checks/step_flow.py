"""Which step hands its rows on to which: the order of the steps of one child query."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from backend.checks.check import step_name
from backend.domain.case_file import CaseFile, StepFact
from backend.domain.in_words import listed

PASSING = frozenset({"scan", "project", "parse", "save", "network", "network scan", ""})
"""Steps that only hand rows on; a scan of a table begins a flow instead."""

JOINS = frozenset({"hashjoin", "mergejoin"})
"""Joins by an equality; `nestloop` is the other kind."""

AGGREGATES = frozenset({"aggregate", "unique"})

SAME_ROWS_TOLERANCE = 0.01


@dataclass(frozen=True, kw_only=True)
class Flow:
    """All steps of one child query as they stand: by segment, then by step."""

    steps: tuple[StepFact, ...]
    places: dict[str, int]

    @classmethod
    def of(cls, steps: Iterable[StepFact]) -> "Flow":
        ordered = tuple(steps)
        return cls(
            steps=ordered, places={fact.fact_id: place for place, fact in enumerate(ordered)}
        )

    def before(self, fact: StepFact) -> tuple[StepFact, ...]:
        return self.steps[: self.places[fact.fact_id]]

    def working(self) -> Iterator[StepFact]:
        return (fact for fact in self.steps if is_working(fact))

    def next_working(self, fact: StepFact) -> StepFact | None:
        """The step that the rows go to; None where another table's scan comes first."""
        return _first_working(
            self.steps[place] for place in range(self.places[fact.fact_id] + 1, len(self.steps))
        )

    def previous_working(self, fact: StepFact) -> StepFact | None:
        return _first_working(
            self.steps[place] for place in range(self.places[fact.fact_id] - 1, -1, -1)
        )


def flows(case: CaseFile) -> list[Flow]:
    ordered = sorted(
        case.steps,
        key=lambda f: (f.step.child_query_sequence, f.step.segment_id, f.step.step_id),
    )
    return [
        Flow.of(steps)
        for _, steps in groupby(ordered, key=lambda fact: fact.step.child_query_sequence)
    ]


def named_steps(names: Sequence[str]) -> str:
    """`sort step`, or `steps scan, sort and 2 more`"""
    return f"{names[0]} step" if len(names) == 1 else f"steps {listed(list(names), 3)}"


def is_working(fact: StepFact) -> bool:
    return step_name(fact) not in PASSING or reads_table(fact)


def reads_table(fact: StepFact) -> bool:
    return step_name(fact) == "scan" and bool(fact.step.table_name)


def rows_into(fact: StepFact, before: Sequence[StepFact]) -> int:
    """What the step takes in; where the view does not say, what the step before it put out."""
    if fact.step.input_rows or not before:
        return fact.step.input_rows
    return before[-1].step.output_rows


def before_in_segment(flow: Flow, fact: StepFact) -> list[StepFact]:
    """The steps of its segment that come first, in their order."""
    found: list[StepFact] = []
    for place in range(flow.places[fact.fact_id] - 1, -1, -1):
        if flow.steps[place].step.segment_id != fact.step.segment_id:
            break
        found.append(flow.steps[place])
    return found[::-1]


def are_same_rows(rows: int, others: int) -> bool:
    return abs(rows - others) <= SAME_ROWS_TOLERANCE * max(rows, others)


def _first_working(steps: Iterable[StepFact]) -> StepFact | None:
    found = next((fact for fact in steps if is_working(fact)), None)
    return None if found is None or reads_table(found) else found
