"""A step leads to its own join of the plan, or to none."""

from dataclasses import replace

from backend.checks.check import MOST_CITED, blamed, plan_nodes, working_for
from backend.checks.good_news.collocated_join import collocated_join
from backend.checks.plan.large_broadcast import large_broadcast
from backend.domain.case_file import CaseFile, PlanNodeFact, StepFact
from backend.domain.evidence import Step
from backend.domain.finding import Finding, GoodNews
from backend.sql.plan_rows import PlanRow, plan_from_rows
from tests.unit.checks.builder import a_case

JOIN = (
    (0, "XN Hash Join DS_BCAST_INNER  (cost=90.00..9000.00 rows=91 width=72)"),
    (1, "  ->  XN Seq Scan on {outer}  (cost=0.00..91.00 rows=9100000 width=40)"),
    (1, "  ->  XN Hash  (cost=90.00..90.00 rows=8000000 width=32)"),
    (3, "        ->  XN Seq Scan on {inner}  (cost=0.00..90.00 rows=8000000 width=32)"),
)
FIRST, SECOND = {"outer": "sale", "inner": "shop"}, {"outer": "visit", "inner": "customer"}


def two_child_queries(*steps: Step) -> CaseFile:
    """Both child queries number their operators from 1: a join, a scan, a hash, a scan."""
    rows = [
        PlanRow(
            child_query_sequence=child,
            plan_node_id=position,
            plan_parent_id=parent,
            plan_node=text.format(**names),
        )
        for child, names in ((1, FIRST), (2, SECOND))
        for position, (parent, text) in enumerate(JOIN, start=1)
    ]
    plan = plan_from_rows(rows)
    nodes = (replace(node, children=()) for node in plan.walk())
    return replace(
        a_case({}),
        plan=plan,
        plan_query_id=7,
        steps_query_id=7,
        plan_nodes=tuple(
            PlanNodeFact(fact_id=f"N{place}", node=node) for place, node in enumerate(nodes)
        ),
        steps=tuple(StepFact(fact_id=f"S{place}", step=step) for place, step in enumerate(steps)),
    )


def a_broadcast(*, child: int = 1, node: int | None = None) -> Step:
    return Step(
        child_query_sequence=child,
        segment_id=0,
        step_id=0,
        step_name="broadcast",
        plan_node_id=node,
        segment_seconds=90,
        output_rows=8_000_000,
    )


def the_finding(case: CaseFile) -> Finding:
    (finding,) = large_broadcast(case)
    assert isinstance(finding, Finding)
    return finding


def test_the_same_id_in_two_child_queries_leads_to_two_joins() -> None:
    first = the_finding(two_child_queries(a_broadcast(child=1, node=3)))
    second = the_finding(two_child_queries(a_broadcast(child=2, node=3)))

    assert (first.subject, second.subject) == ("shop", "customer")
    assert "N0" in first.fact_ids
    assert "N4" not in first.fact_ids
    assert "N4" in second.fact_ids
    assert "N0" not in second.fact_ids


def test_a_step_that_names_no_node_is_put_down_to_neither_of_two_joins() -> None:
    finding = the_finding(two_child_queries(a_broadcast()))

    assert finding.subject == ""
    assert not [fact_id for fact_id in finding.fact_ids if fact_id.startswith("N")]


def test_a_step_of_a_child_query_that_the_plan_does_not_hold_is_put_down_to_none() -> None:
    assert the_finding(two_child_queries(a_broadcast(child=3, node=1))).subject == ""


def test_a_plan_of_another_run_does_not_name_the_joins_of_these_steps() -> None:
    case = replace(two_child_queries(a_broadcast(child=2, node=1)), steps_query_id=8)

    assert the_finding(case).subject == ""


def test_a_step_without_a_node_is_put_down_to_the_only_join() -> None:
    case = two_child_queries(a_broadcast())
    only = [(node, fact_id) for node, fact_id in plan_nodes(case) if node.is_join][1:]

    assert blamed(case, case.steps, only) == only


def test_steps_work_for_the_joins_that_they_lead_to() -> None:
    case = two_child_queries(
        a_broadcast(child=1, node=3), a_broadcast(child=2, node=1), a_broadcast()
    )
    joins = [(node, fact_id) for node, fact_id in plan_nodes(case) if node.is_join]
    (first, _), (second, _) = joins

    of_first = working_for(case, case.steps, joins, {first.node_id})
    of_second = working_for(case, case.steps, joins, {second.node_id})
    of_the_only = working_for(case, case.steps[2:], joins[:1], {first.node_id})

    assert [fact.fact_id for fact in of_first] == ["S0"]
    assert [fact.fact_id for fact in of_second] == ["S1"]
    assert [fact.fact_id for fact in of_the_only] == ["S2"]


def test_the_same_two_tables_joined_a_thousand_times_are_good_news_once() -> None:
    lines = ["XN Append  (cost=0.00..9000000.00 rows=91 width=72)"]
    for _ in range(1000):
        lines += [
            "  ->  XN Hash Join DS_DIST_NONE  (cost=90.00..9000.00 rows=91 width=72)",
            "        ->  XN Seq Scan on sale  (cost=0.00..91.00 rows=9100000 width=40)",
            "        ->  XN Hash  (cost=90.00..90.00 rows=8000000 width=32)",
            "              ->  XN Seq Scan on shop  (cost=0.00..90.00 rows=8000000 width=32)",
        ]
    told = "\n".join(lines).replace("9000.00", "9000000.00", 1)

    (news,) = collocated_join(a_case({"plan": told}))

    assert isinstance(news, GoodNews)
    assert "9.1 million rows are joined with 8 million rows" in news.sentence


def test_a_plan_of_a_thousand_joins_is_proven_by_a_few_of_them() -> None:
    lines = ["XN Append  (cost=0.00..9000000.00 rows=91 width=72)"]
    for _ in range(1000):
        lines += [
            "  ->  XN Hash Join DS_BCAST_INNER  (cost=90.00..9000.00 rows=91 width=72)",
            "        ->  XN Seq Scan on sale  (cost=0.00..91.00 rows=9100000 width=40)",
            "        ->  XN Hash  (cost=90.00..90.00 rows=8000000 width=32)",
            "              ->  XN Seq Scan on shop  (cost=0.00..90.00 rows=8000000 width=32)",
        ]

    finding = the_finding(a_case({"plan": "\n".join(lines)}))

    assert len(finding.fact_ids) == MOST_CITED
