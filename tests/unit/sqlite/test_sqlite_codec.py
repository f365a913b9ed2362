"""Runs and plans as bytes and back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from backend.adapters.sqlite.codec import flat_plan, nested_plan
from backend.adapters.sqlite.run_block import pack_runs, unpack_runs
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
    )


@given(any_runs())
def test_any_runs_come_back_as_they_were(runs):
    again = unpack_runs(pack_runs(runs))

    for name in (*NUMBER_COLUMNS, "status", "is_cache_hit"):
        assert getattr(again, name).tolist() == getattr(runs, name).tolist(), name
        assert getattr(again, name).dtype == getattr(runs, name).dtype
    for name in NAME_COLUMNS:
        assert getattr(again, name).tolist() == getattr(runs, name).tolist(), name


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
