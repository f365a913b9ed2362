"""Rows of SYS_QUERY_EXPLAIN become one typed tree, whatever their ids say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import NotAPlanError
from backend.domain.plan import Plan, PlanNode
from backend.sql.plan_rows import PlanRow, plan_from_rows


def a_row(node_id: int, parent_id: int, plan_node: str, info: str = "", child: int = 1) -> PlanRow:
    return PlanRow(
        child_query_sequence=child,
        plan_node_id=node_id,
        plan_parent_id=parent_id,
        plan_node=plan_node,
        plan_info=info,
    )


def join_rows(*, ids: tuple[int, ...] = (0, 1, 1, 3), child: int = 1) -> list[PlanRow]:
    texts = (
        "XN Hash Join DS_DIST_BOTH  (cost=0.16..900.00 rows=91 width=72)",
        "  ->  XN Seq Scan on basket  (cost=0.00..91.00 rows=9100 width=40)",
        "  ->  XN Hash  (cost=0.16..0.16 rows=16 width=32)",
        "        ->  XN Seq Scan on shop  (cost=0.00..0.16 rows=16 width=32)",
    )
    return [
        a_row(position, parent, text, child=child)
        for position, (parent, text) in enumerate(zip(ids, texts, strict=True), start=1)
    ]


def shape(plan: Plan) -> list[object]:
    def of(node: PlanNode) -> object:
        return (node.node_id, [of(child) for child in node.children])

    return [of(root) for root in plan.roots]


JOIN_SHAPE = [(1, [(2, []), (3, [(4, [])])])]


def test_ids_make_the_tree_in_any_order_of_rows() -> None:
    plan = plan_from_rows(list(reversed(join_rows())))

    assert shape(plan) == JOIN_SHAPE


@pytest.mark.parametrize(
    "parents",
    [
        pytest.param((0, 1, 1, 99), id="a parent that is not there"),
        pytest.param((0, 3, 2, 3), id="a cycle"),
        pytest.param((2, 1, 1, 3), id="no root"),
        pytest.param((0, 0, 0, 0), id="all parents lost"),
    ],
)
def test_order_and_indent_decide_where_ids_are_broken(parents: tuple[int, ...]) -> None:
    plan = plan_from_rows(join_rows(ids=parents))

    assert shape(plan) == JOIN_SHAPE


def test_operators_decide_where_ids_and_indent_are_lost() -> None:
    trimmed = [
        a_row(row.plan_node_id, 0, row.plan_node.strip()) for row in join_rows(ids=(0, 0, 0, 0))
    ]

    assert shape(plan_from_rows(trimmed)) == JOIN_SHAPE


def test_rows_given_twice_count_once() -> None:
    assert plan_from_rows(join_rows() * 2) == plan_from_rows(join_rows())


def test_ids_of_later_child_queries_move_past_those_before() -> None:
    plan = plan_from_rows([*join_rows(), *join_rows(child=2)])

    ids = [node.node_id for node in plan.walk()]
    assert len(plan.roots) == 2
    assert ids[:4] == [1, 2, 3, 4]
    assert len(set(ids)) == 8


def test_plan_info_holds_conditions_and_notices_are_rows_of_their_own() -> None:
    plan = plan_from_rows(
        [
            a_row(1, 0, "XN Seq Scan on basket  (cost=0.00..91.00 rows=9100 width=40)",
                  "Filter: (name = 'Ann Smith')"),
            a_row(0, 0, "----- Tables missing statistics: basket -----"),
        ]
    )  # fmt: skip

    (scan,) = plan.roots
    condition = scan.condition("Filter")
    assert condition is not None
    assert condition.startswith("(name = ")
    assert "Ann" not in condition
    assert plan.tables_missing_statistics == ("basket",)


def test_the_dump_of_explain_verbose_is_no_condition() -> None:
    plan = plan_from_rows(
        [
            a_row(
                1,
                0,
                "XN Seq Scan on a  (cost=0.00..9.00 rows=1 width=4)",
                "{SEQSCAN :rows 1 Filter: x",
            )
        ]
    )

    assert plan.roots[0].conditions == ()


def test_rows_without_an_operator_are_not_a_plan() -> None:
    with pytest.raises(NotAPlanError):
        plan_from_rows([a_row(1, 0, "----- Tables missing statistics: a -----"), a_row(2, 1, "")])


ANY_ROW = st.builds(
    PlanRow,
    child_query_sequence=st.integers(-1, 3),
    plan_node_id=st.integers(-2, 6),
    plan_parent_id=st.integers(-2, 6),
    plan_node=st.one_of(
        st.sampled_from([row.plan_node for row in join_rows()]), st.text(max_size=30)
    ),
    plan_info=st.text(max_size=20),
)


@given(st.lists(ANY_ROW, max_size=12))
def test_any_rows_give_a_tree_that_holds_each_operator_once_or_are_not_a_plan(
    rows: list[PlanRow],
) -> None:
    try:
        plan = plan_from_rows(rows)
    except NotAPlanError:
        return

    nodes = list(plan.walk())
    assert len({node.node_id for node in nodes}) == len(nodes) > 0


def test_a_chain_of_thousands_of_rows_does_not_overflow_the_stack() -> None:
    rows = [
        a_row(level, level - 1, "XN Materialize  (cost=0.00..1.00 rows=1 width=1)")
        for level in range(1, 5_001)
    ]

    assert len(list(plan_from_rows(rows).walk())) == 5_000


def test_each_node_keeps_the_name_that_redshift_gave_it_in_its_child_query() -> None:
    plan = plan_from_rows([*join_rows(), *join_rows(child=2)])

    names = [(node.child_query_sequence, node.recorded_node_id) for node in plan.walk()]
    assert names == [(child, node_id) for child in (1, 2) for node_id in (1, 2, 3, 4)]


def test_an_id_that_two_rows_share_names_neither_node() -> None:
    doubled = [
        *join_rows(),
        a_row(4, 1, "  ->  XN Seq Scan on shop  (cost=0.00..9 rows=9 width=1)"),
    ]

    assert {node.recorded_node_id for node in plan_from_rows(doubled).walk()} == {None}


@pytest.mark.parametrize(
    "line",
    [
        "Filter: (name = 'Quill')",
        "->  XN Function Scan on named('Quill')  (cost=0.00..1.00 rows=1 width=4)",
        '->  XN Seq Scan on "quill@mail.example"  (cost=0.00..1.00 rows=1 width=4)',
    ],
)
def test_a_row_that_is_no_plain_operator_keeps_no_literal(line: str) -> None:
    root = "XN Result  (cost=0.00..9.00 rows=1 width=4)"
    rows = [
        PlanRow(child_query_sequence=1, plan_node_id=1, plan_parent_id=0, plan_node=root),
        PlanRow(child_query_sequence=1, plan_node_id=2, plan_parent_id=1, plan_node=line),
    ]

    assert "quill" not in str(plan_from_rows(rows)).lower()


def test_a_row_of_dashes_only_is_no_operator() -> None:
    plan = plan_from_rows([*join_rows(), a_row(9, 0, "-----------")])

    assert shape(plan) == JOIN_SHAPE
