"""Runs and plans as bytes and back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from backend.adapters.sqlite.codec import flat_plan, nested_plan
from backend.adapters.sqlite.run_block import (
    BlockPart,
    every_part,
    pack_parts,
    pack_runs,
    pack_small,
    parts_of,
    unpack_runs,
    unpack_small,
)
from backend.adapters.sqlite.run_rows import joined_rows, masks_of, rows_of
from backend.domain.plan import Plan, PlanNode
from backend.domain.runs import NAME_COLUMNS, NUMBER_COLUMNS, Names, Runs

INT64 = st.integers(-(2**63), 2**63 - 1)
NARROW = st.integers(0, 300)


@st.composite
def any_runs(draw):
    count = draw(st.integers(1, 30))
    numbers = {
        name: draw(npst.arrays(np.int64, count, elements=draw(st.sampled_from([INT64, NARROW]))))
        for name in NUMBER_COLUMNS
    }
    # SQLite and UTF-8 take every text but lone surrogates.
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
    names = {
        name: Names.of(draw(st.lists(text, min_size=count, max_size=count)))
        for name in NAME_COLUMNS
    }
    return Runs(
        **numbers,
        **names,
        status=draw(npst.arrays(np.uint8, count, elements=st.integers(0, 2))),
        is_cache_hit=draw(npst.arrays(np.bool_, count)),
        is_scaled=draw(npst.arrays(np.bool_, count)),
    )


@given(any_runs())
def test_any_runs_come_back_as_they_were(runs):
    again = unpack_runs(pack_runs(runs))

    for name in (*NUMBER_COLUMNS, "status", "is_cache_hit", "is_scaled"):
        assert getattr(again, name).tolist() == getattr(runs, name).tolist(), name
        assert getattr(again, name).dtype == getattr(runs, name).dtype
    for name in NAME_COLUMNS:
        assert getattr(again, name).tolist() == getattr(runs, name).tolist(), name


@given(st.lists(any_runs(), min_size=1, max_size=4))
def test_any_rows_come_back_as_they_were(parts):
    rows = joined_rows([rows_of(part, lambda _, names: names.codes) for part in parts])
    starts = np.cumsum([0, *(len(part) for part in parts[:-1])])

    blocks = pack_small(rows, starts)

    assert joined_rows([unpack_small(block) for block in blocks]).tobytes() == rows.tobytes()


def test_flags_of_older_blocks_say_whether_the_cache_answered():
    """Before a run was known to be on a scaling cluster the same byte held 0 or 1."""
    masks = masks_of(np.array([0, 1], dtype=np.uint8))

    assert masks["is_cache_hit"].tolist() == [False, True]
    assert masks["is_scaled"].tolist() == [False, False]


@given(any_runs(), any_runs(), any_runs())
def test_a_block_of_parts_gives_all_its_runs(first, second, third):
    parts = [
        BlockPart(
            first_started_us=10 * place, last_started_us=10 * place + 9, block=pack_runs(runs)
        )
        for place, runs in enumerate((first, second, third))
    ]

    block = pack_parts(parts)

    assert list(every_part(block)) == [part.block for part in parts]
    assert list(parts_of(block, 9, 10)) == [part.block for part in parts[:2]]
    assert list(parts_of(block, 30, 2**63 - 1)) == []
    assert list(every_part(pack_parts(parts[:1]))) == [parts[0].block]


plan_nodes = st.recursive(
    st.builds(PlanNode, node_id=st.integers(0, 99), operator=st.just("XN Seq Scan")),
    lambda children: st.builds(
        PlanNode,
        node_id=st.integers(0, 99),
        operator=st.just("XN Hash Join"),
        children=st.lists(children, max_size=3).map(tuple),
    ),
)


@given(st.lists(plan_nodes, max_size=3))
def test_any_plan_comes_back_from_its_flat_form(roots):
    plan = Plan(roots=tuple(roots), notices=("a notice",))

    assert nested_plan(flat_plan(plan)) == plan
