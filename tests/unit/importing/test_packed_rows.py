"""Rows come out of their packing as they went in."""

from hypothesis import given
from hypothesis import strategies as st

from backend.services.packed_rows import ROWS_A_QUERY_AT_MOST, ROWS_OPEN_AT_MOST, PackedRows
from backend.sql.plan_rows import PlanRow

TEXTS = st.text(alphabet=st.characters(), max_size=20)
ROWS = st.builds(
    PlanRow,
    child_query_sequence=st.integers(1, 3),
    plan_node_id=st.integers(0, 2**40),
    plan_parent_id=st.integers(0, 9),
    plan_node=TEXTS,
    plan_info=TEXTS,
)


@given(st.lists(st.tuples(st.integers(1, 3), ROWS), max_size=20), st.integers(1, 20))
def test_each_query_gets_its_own_rows_back_in_order(
    rows: list[tuple[int, PlanRow]], packed_every: int
) -> None:
    packed = PackedRows(PlanRow, open_at_most=packed_every)
    for query_id, row in rows:
        packed.add(query_id, row)

    for query_id in (1, 2, 3):
        assert packed.of(query_id) == [row for own, row in rows if own == query_id]


def test_of_one_query_the_first_rows_are_kept() -> None:
    row = PlanRow(child_query_sequence=1, plan_node_id=1, plan_parent_id=0, plan_node="XN Scan")
    packed = PackedRows(PlanRow)
    for _ in range(ROWS_A_QUERY_AT_MOST + ROWS_OPEN_AT_MOST):
        packed.add(1, row)
    packed.add(2, row)

    assert len(packed.of(1)) == ROWS_A_QUERY_AT_MOST
    assert packed.of(2) == [row]
    assert packed.of(3) == []
