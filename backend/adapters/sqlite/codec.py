"""Domain objects as compressed JSON, and times as the numbers and texts of columns."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Generic, TypeVar

from pydantic import ConfigDict, TypeAdapter

from backend.domain.plan import Plan, PlanNode

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY_NUMBER = date(1970, 1, 1).toordinal()
MICROSECOND = timedelta(microseconds=1)
COMPRESSION_LEVEL = 1


class JsonCodec(Generic[T]):
    """One type to bytes and back. An infinite number survives, unlike in plain JSON."""

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        self._made: TypeAdapter[tuple[T]] | None = None

    @property
    def _adapter(self) -> TypeAdapter[tuple[T]]:
        # Made at first use, as importing should cost nothing; in a tuple, as pydantic takes the
        # setting for infinite numbers only from around a dataclass.
        if self._made is None:
            self._made = TypeAdapter(
                tuple[self._kind],  # type: ignore[name-defined]
                config=ConfigDict(ser_json_inf_nan="constants"),
            )
        return self._made

    def to_json(self, value: T) -> str:
        return self._adapter.dump_json((value,)).decode()

    def from_json(self, text: str | bytes) -> T:
        return self._adapter.validate_json(text)[0]

    def pack(self, value: T) -> bytes:
        return zlib.compress(self._adapter.dump_json((value,)), COMPRESSION_LEVEL)

    def unpack(self, packed: bytes) -> T:
        return self.from_json(zlib.decompress(packed))


@dataclass(frozen=True, kw_only=True)
class FlatPlan:
    """A plan without nesting: JSON readers give up at a depth that large plans reach.

    `nodes` are in the order in which the plan prints them; `child_counts` rebuilds the tree.
    """

    nodes: tuple[PlanNode, ...]
    child_counts: tuple[int, ...]
    bare: Plan


def flat_plan(plan: Plan | None) -> FlatPlan | None:
    if plan is None:
        return None
    nodes = tuple(plan.walk())
    return FlatPlan(
        nodes=tuple(replace(node, children=()) for node in nodes),
        child_counts=tuple(len(node.children) for node in nodes),
        bare=replace(plan, roots=()),
    )


def nested_plan(flat: FlatPlan | None) -> Plan | None:
    if flat is None:
        return None
    finished: list[PlanNode] = []
    # Backwards, the children of a node are the last finished ones, the first of them on top.
    for node, child_count in zip(reversed(flat.nodes), reversed(flat.child_counts), strict=True):
        children = [finished.pop() for _ in range(child_count)]
        finished.append(replace(node, children=tuple(children)) if children else node)
    return replace(flat.bare, roots=tuple(reversed(finished)))


def microseconds(moment: datetime) -> int:
    """Since 1970-01-01 UTC."""
    return (moment - EPOCH) // MICROSECOND


def moment_of(microseconds_since_1970: int) -> datetime:
    return EPOCH + microseconds_since_1970 * MICROSECOND


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - FIRST_DAY_NUMBER


def day_of(number: int) -> date:
    return date.fromordinal(number + FIRST_DAY_NUMBER)


def moment_from_key(key: str) -> datetime:
    """Back from `timestamp_key`."""
    return datetime.fromisoformat(key)


def folded(words: Sequence[str]) -> str:
    """Text to search in: one case, parts that no search runs across."""
    return "\n".join(words).casefold()
