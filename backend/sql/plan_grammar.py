"""The grammar of a Redshift plan line.

A node is printed as `indent ["->  "] OPERATOR [on table [alias]] (cost=S..T rows=N width=W)`.
Everything here works without recursion and in time proportional to the text, so that no text can
hang it or exhaust the stack.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from backend.domain.plan import Condition, Movement
from backend.sql.personal_data import has_personal_data
from backend.sql.scrub import mask_text

LONGEST_CONDITION = 4_000
LARGEST_COUNT = 2**63 - 1
_LONGEST_OPERATOR = 80

# A line cut within them keeps the figures that are whole: the next one has begun behind a blank.
_COST = re.compile(
    r"\(cost=(\d{1,300}(?:\.\d{0,30})?)\.\.(\d{1,300}(?:\.\d{0,30})?)(?=\s)"
    r"(?:\s{1,9}rows=(\d{1,60})(?=\s)(?:\s{1,9}width=(\d{1,60})\))?)?"
)
_ARROW = re.compile(r"->\s*")
_KNOWN_START = re.compile(r"(?:XN|S3|LD|DS)\s+[A-Z]")
_MOVEMENT = re.compile(r"DS_[A-Z_]{1,40}")
_FILE_FORMAT = re.compile(r"\sformat:(\S+)\s*$")
# What stands behind them is the name that the statement gives to what is read, not a table.
_NAMED_BY_STATEMENT = (
    "Query Scan", "Subquery Scan", "SecureScan", "Function Scan", "Values Scan", "CTE Scan",
)  # fmt: skip
_PLAIN_OPERATOR = re.compile(r"[A-Za-z][A-Za-z0-9 -]*")
_PLAIN_NAME = re.compile(r"[^\W\d][\w$#]{0,126}")
_TABLE = re.compile(r'((?:"[^"]*"|[^\s"])+)(?:\s+(\S+))?')
_CONDITION = re.compile(r"([A-Z][A-Za-z -]{0,40}):\s*(.*)$", re.DOTALL)
CONDITION_NAMES = (
    "Hash Cond", "Merge Cond", "Join Filter", "Filter", "Sort Key", "Merge Key", "Partition",
    "Order", "Inner Dist Key", "Outer Dist Key", "Index Cond", "Recheck Cond", "One-Time Filter",
)  # fmt: skip
# `Filter` ends two longer names, which are not to be cut before it.
_NEXT_CONDITION = re.compile(
    rf"(?<!\s)(?<!Join)(?<!One-Time)\s++(?=(?:{'|'.join(CONDITION_NAMES)}): )"
)
_LABELS = (
    "Send to leader", "Send to slice 0", "Distribute Round Robin", "Distribute", "Broadcast",
    "SubPlan", "InitPlan",
)  # fmt: skip
_MISSING_STATISTICS = "Tables missing statistics:"
_STANDING_NOTICES = (
    "Update statistics by running the ANALYZE command on these tables",
    "Nested Loop Join in the query plan - review the join predicates to avoid Cartesian products",
)


@dataclass(slots=True, kw_only=True, eq=False)
class DraftNode:
    """An operator on its way into the tree; `total_cost` is None where the line was cut."""

    node_id: int = 0
    indent: int = 0
    has_arrow: bool = False
    operator: str
    table_name: str | None = None
    alias: str | None = None
    movement: Movement | None = None
    startup_cost: float = 0.0
    total_cost: float | None = None
    rows: int = 0
    width_bytes: int = 0
    conditions: list[Condition] = field(default_factory=list)
    children: list["DraftNode"] = field(default_factory=list)
    child_query_sequence: int | None = None
    recorded_node_id: int | None = None


def read_node(line: str, *, is_known_node: bool = False) -> DraftNode | None:
    """The operator of a line; None where it holds none.

    A line is a node by its cost, or (cut at 400 characters) by its arrow and prefix.
    `is_known_node` is for rows of SYS_QUERY_EXPLAIN, which hold nothing else.
    """
    expanded = line.expandtabs(8)
    body = expanded.lstrip()
    indent = len(expanded) - len(body)
    arrow = _ARROW.match(body)
    if arrow:
        body = body[arrow.end() :]
    cost = _COST.search(body)
    if not cost and not is_known_node and not _KNOWN_START.match(body):
        return None
    head = body[: cost.start()] if cost else body.partition("(cost=")[0]
    node = _read_head(head.strip())
    if not any(character.isalnum() for character in node.operator):
        return None
    node.indent, node.has_arrow = indent, arrow is not None
    if cost:
        node.startup_cost, node.total_cost = float(cost[1]), float(cost[2])
        node.rows = min(int(cost[3] or 0), LARGEST_COUNT)
        node.width_bytes = min(int(cost[4] or 0), LARGEST_COUNT)
    return node


def _read_head(head: str) -> DraftNode:
    file_format = _FILE_FORMAT.search(head)
    # The location is not kept: a path may tell what nobody else needs to know.
    head = head[: file_format.start()] if file_format else head
    head = head.partition(" location:")[0]
    movements = [word for word in head.split() if word.startswith("DS_")]
    words = [word for word in head.split() if not word.startswith("DS_")]
    operator, is_on, target = " ".join(words).partition(" on ")
    if not is_on:
        operator, target = _split_scan(words)
    operator = _printable(operator)[:_LONGEST_OPERATOR].strip()
    if not _PLAIN_OPERATOR.fullmatch(operator):
        operator = mask_text(operator)
    node = DraftNode(operator=operator)
    named = _TABLE.match(target)
    if named:
        node.table_name, node.alias = _scrubbed_name(named[1]), _plain(named[2])
    if node.operator.endswith(_NAMED_BY_STATEMENT):
        node.table_name, node.alias = None, node.alias or _plain(node.table_name)
    _set_movement(node, movements)
    if file_format and _plain(file_format[1]):
        node.conditions.append(Condition(name="Format", text=file_format[1]))
    return node


def _set_movement(node: DraftNode, movements: Sequence[str]) -> None:
    """One that no guide names is kept as it is written: it still tells two plans apart."""
    node.movement = next((Movement(w) for w in movements if w in Movement.__members__), None)
    for word in movements:
        if word not in Movement.__members__ and _MOVEMENT.fullmatch(word):
            node.conditions.append(Condition(name="Movement", text=word))


def _split_scan(words: Sequence[str]) -> tuple[str, str]:
    """`S3 Seq Scan sch.t` and `XN Seq Scan PartitionInfo of sch.t` name tables without `on`."""
    if "of" in words and "PartitionInfo" in words:
        at = words.index("of")
        return " ".join(words[:at]), " ".join(words[at + 1 :])
    scan = next((at for at, word in enumerate(words) if word.endswith("Scan")), len(words))
    return " ".join(words[: scan + 1]), " ".join(words[scan + 1 :])


def _plain(name: str | None) -> str | None:
    """Quoted aliases are free text of the user: they are not kept."""
    return name if name and _PLAIN_NAME.fullmatch(name) else None


def _scrubbed_name(name: str) -> str:
    """Of a table; a function is listed with its arguments."""
    is_doubtful = "'" in name or ('"' in name and has_personal_data(name))
    return mask_text(name) if is_doubtful else name


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())


def read_conditions(text: str) -> Iterator[Condition]:
    """The attribute lines below a node, scrubbed; the dump of EXPLAIN VERBOSE is left out."""
    for line in text.splitlines():
        for part in _NEXT_CONDITION.split(line.strip()):
            condition = _read_condition(part)
            if condition:
                yield condition


def _read_condition(text: str) -> Condition | None:
    label = next((label for label in _LABELS if text.startswith(label)), None)
    if label:
        return Condition(name=label, text="")
    named = _CONDITION.match(text)
    if not named:
        return None
    return Condition(name=named[1], text=mask_text((named[2] or "")[:LONGEST_CONDITION]))


def is_notice(text: str) -> bool:
    return text.lstrip().startswith("-----") and any(character.isalnum() for character in text)


class Notices:
    """The notice lines met so far, each once."""

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}
        self._tables: dict[str, None] = {}

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(self._texts)

    @property
    def tables_missing_statistics(self) -> tuple[str, ...]:
        return tuple(self._tables)

    def add(self, line: str) -> None:
        text = line.strip().strip("-").strip()
        if text.startswith(_MISSING_STATISTICS):
            listed = text.removeprefix(_MISSING_STATISTICS).partition("---")[0].split(",")
            self._tables.update((name.strip(), None) for name in listed if name.strip())
        elif text not in _STANDING_NOTICES:
            text = mask_text(text[:LONGEST_CONDITION])
        self._texts[text] = None
