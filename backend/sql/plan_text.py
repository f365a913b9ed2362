"""From the text of EXPLAIN, as any tool prints it, to a plan."""

import re
from collections.abc import Iterator

from backend.domain.errors import NotAPlanError
from backend.domain.plan import Condition, Plan
from backend.sql.plan_grammar import (
    CONDITION_NAMES,
    DraftNode,
    Notices,
    is_notice,
    read_conditions,
    read_node,
)
from backend.sql.plan_tree import finish, nest_by_indent

_RULE = re.compile(r"[\s|+=-]*")
_FOOTER = re.compile(r"\s*\(\d{1,12} rows?\)\s*")
_OPEN_COST = re.compile(r"\(cost=[^()]*$")
_REST_OF_COST = re.compile(r"\s*(?:rows=\d{1,60}\s+)?width=\d{1,60}\)\s*")
_HEADER = re.compile(r'\s*"?(?:QUERY PLAN|Explain Plan)"?\s*', re.IGNORECASE)


def parse_plan_text(text: str) -> Plan:
    """Every operator of the text as one tree a child query.

    Takes psql's frame, the Data API's one row a line, quoted CSV lines, and EXPLAIN VERBOSE;
    lines that belong to no plan are passed over. Raises NotAPlanError where no line is an
    operator with its cost.
    """
    nodes: list[DraftNode] = []
    notices = Notices()
    for line in _plan_lines(text):
        if is_notice(line):
            notices.add(line)
            continue
        node = read_node(line)
        if node:
            node.node_id = len(nodes) + 1
            nodes.append(node)
        elif nodes:
            nodes[-1].conditions.extend(_conditions_below(nodes[-1], line))
    if not any(node.total_cost is not None for node in nodes):
        raise NotAPlanError(
            "The text is not a Redshift query plan: no line has an operator with"
            " (cost=… rows=… width=…). Paste the output of EXPLAIN."
        )
    return Plan(
        roots=finish(nest_by_indent(nodes)),
        notices=notices.texts,
        tables_missing_statistics=notices.tables_missing_statistics,
    )


def _plan_lines(text: str) -> Iterator[str]:
    """A tool that breaks long lines may have put the end of a cost on one of its own."""
    waiting = ""
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = _unframed(raw)
        if waiting and _REST_OF_COST.fullmatch(line):
            yield f"{waiting} {line.strip()}"
            waiting = ""
            continue
        if waiting:
            yield waiting
            waiting = ""
        if _OPEN_COST.search(line):
            waiting = line
        elif not (_RULE.fullmatch(line) or _FOOTER.fullmatch(line) or _HEADER.fullmatch(line)):
            yield line
    if waiting:
        yield waiting


def _unframed(line: str) -> str:
    """Without psql's pipes and continuation mark, or the quotes of a CSV line."""
    bare = line.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == "|":
        return bare[1:-1].rstrip().removesuffix("+")
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        return bare[1:-1].replace('""', '"')
    # A blank at the end tells that the figure before it is whole.
    return line.rstrip().removesuffix("+") if bare.endswith("+") else line


def _conditions_below(node: DraftNode, line: str) -> Iterator[Condition]:
    """Attribute lines stand deeper than their node, unless a tool has trimmed them; other lines
    (psql's `Time: 34.5 ms`) are no part of the plan."""
    expanded = line.expandtabs(8)
    is_deeper = len(expanded) - len(expanded.lstrip()) > node.indent
    for condition in read_conditions(line):
        if is_deeper or condition.name in CONDITION_NAMES:
            yield condition
