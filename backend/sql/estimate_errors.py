"""Where the planner's estimate and the rows that a run measured are far apart."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from backend.domain.evidence import Step
from backend.domain.in_words import number_in_words, rows_in_words, sentence
from backend.domain.plan import Plan
from backend.domain.plan_difference import ESTIMATE_OFF, ESTIMATE_WORTH_ROWS, EstimateError
from backend.sql.plan_places import Place, PlaceTree
from backend.sql.plan_words import place_in_words

_NodeKey = tuple[int, int]

# SYS_QUERY_DETAIL writes the first of each, the guide's list of operators (r_EXPLAIN) the others.
_JOINING = {"hashjoin", "merge", "mergejoin", "nestloop", "hjoin", "mjoin", "nloop"}
# The steps that give out an operator's rows, by how its name is written. Which steps stand at a
# node is the best that Redshift can tell (SYS_QUERY_DETAIL, plan_node_id): the broadcast of an
# inner side may stand at the join, the return to the client at the root.
_WORKING_STEPS = (
    (re.compile("Aggregate"), {"aggregate", "aggr"}),
    (re.compile("Join|Nested Loop|Intersect"), _JOINING),
    (re.compile("Scan"), {"scan"}),
    (re.compile("Hash$"), {"hash"}),
    (re.compile("Sort$"), {"sort", "sortlimit"}),
    (re.compile("Limit$"), {"limit", "sortlimit"}),
    (re.compile("Unique$"), {"unique"}),
    (re.compile("Window"), {"window"}),
)
# What passes rows on, moves or keeps them for others; its count is that of another operator, or
# holds every copy of a row.
_BOOKKEEPING = frozenset(
    {"broadcast", "bcast", "distribute", "dist", "parse", "project", "return", "save"}
)
# They take in all their rows before they give the first one.
_BLOCKING = re.compile("Aggregate|Hash$|Sort$|Window")


def estimate_errors(
    plan: Plan,
    steps: Sequence[Step],
    *,
    factor: float = ESTIMATE_OFF.default,
    worth_rows: float = ESTIMATE_WORTH_ROWS.default,
) -> tuple[EstimateError, ...]:
    """The largest errors first. Plan and steps must be of the same run.

    An operator is judged where one of its steps was recorded. Below a LIMIT rows are no longer
    asked for once there are enough, so too high an estimate proves nothing there.
    """
    steps_of: dict[_NodeKey, list[Step]] = defaultdict(list)
    for step in steps:
        if step.plan_node_id is not None:
            steps_of[step.child_query_sequence, step.plan_node_id].append(step)
    tree = PlaceTree(plan)
    errors = _errors(tree, steps_of, factor, worth_rows)
    return tuple(sorted(errors, key=lambda one: (-one.times_off, one.node_id)))


def _errors(
    tree: PlaceTree, steps_of: dict[_NodeKey, list[Step]], factor: float, worth_rows: float
) -> Iterator[EstimateError]:
    may_stop_early: set[Place] = set()
    for place in tree.places:
        node, above = place.node, place.parent
        if above is not None and (
            _is_limit(above) or (above in may_stop_early and not _takes_all_rows(above))
        ):
            may_stop_early.add(place)
        # Lines that the view cut have no estimate.
        if node.child_query_sequence is None or node.recorded_node_id is None or not node.rows:
            continue
        step = _output_step(place, steps_of.get((node.child_query_sequence, node.recorded_node_id)))
        if step is None:
            continue
        low, high = sorted((max(node.rows, 1), max(step.output_rows, 1)))
        if high < max(low * factor, worth_rows):
            continue
        if node.rows > step.output_rows and (place in may_stop_early or _is_limit(place)):
            continue
        yield _error(tree, place, step, high / low)


def _is_limit(place: Place) -> bool:
    return place.node.operator.endswith("Limit")


def _takes_all_rows(place: Place) -> bool:
    return _BLOCKING.search(place.node.operator) is not None


def _output_step(place: Place, steps: Sequence[Step] | None) -> Step | None:
    """The step whose output is the operator's.

    Of several it is the last that does the operator's own work: rows are aggregated once on each
    slice and again after they were distributed, and only the second count is the result; a scan of
    a kept intermediate result repeats the count of the operator that kept it. A step with no row
    in or out has recorded nothing, or its part of the plan never ran.
    """
    ordered = sorted(steps or (), key=lambda step: (step.segment_id, step.step_id))
    counted = [step for step in ordered if step.input_rows or step.output_rows]
    operator = place.node.operator
    working = next((names for words, names in _WORKING_STEPS if words.search(operator)), None)
    own = [step for step in counted if working and _name(step) in working]
    others = [step for step in counted if _name(step) not in _BOOKKEEPING]
    return own[-1] if own else others[-1] if others and working is None else None


def _name(step: Step) -> str:
    return step.step_name.strip().lower()


def _error(tree: PlaceTree, place: Place, step: Step, times_off: float) -> EstimateError:
    node = place.node
    where, times = place_in_words(tree, place), number_in_words(times_off)
    direction = "more" if step.output_rows > node.rows else "fewer"
    return EstimateError(
        node_id=node.node_id,
        operator=node.operator,
        table_names=tree.tables_below(place),
        estimated_rows=node.rows,
        measured_rows=step.output_rows,
        times_off=times_off,
        child_query_sequence=step.child_query_sequence,
        segment_id=step.segment_id,
        step_id=step.step_id,
        step_name=_name(step),
        sentence=sentence(
            f"{where} gave {rows_in_words(step.output_rows)} where the planner expected"
            f" {rows_in_words(node.rows)}, {times} times {direction}"
        ),
    )
