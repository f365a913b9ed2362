"""The facts of a case file that lie outside of plan and steps: data lake, loads, views."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Literal

from backend.domain.case_file import (
    CaseFile,
    LakeErrorsFact,
    LakeScanFact,
    LakeTableFact,
    LakeUseFact,
    LoadFact,
    MaterializedViewFact,
)
from backend.domain.evidence import Evidence
from backend.domain.lake import LakeDay
from backend.domain.loads import loads_of
from backend.domain.materialized_view import MaterializedView
from backend.domain.money import Cost, Prices
from backend.services.ports import ClusterStore
from backend.sql.statement_head import refreshed_view

MOST_SCANS = 20
"""A statement with more external scans is a union of many small ones; the longest hold the time."""

NextId = Callable[[], str]
Window = tuple[date, date]
"""First and last day, both included."""


def lake_facts(
    case: CaseFile,
    evidence: Evidence,
    window: Window,
    store: ClusterStore,
    next_id: NextId,
    *,
    prices: Prices | None = None,
) -> CaseFile:
    if evidence.lake is None and not evidence.lake_days:
        return case
    scans = sorted(
        evidence.lake.scans if evidence.lake else (),
        key=lambda scan: (-scan.duration_seconds, scan.segment_id, scan.table_name),
    )[:MOST_SCANS]
    bad_rows = evidence.lake.bad_rows if evidence.lake else 0
    scan_facts = tuple(LakeScanFact(fact_id=next_id(), scan=scan) for scan in scans)
    errors = LakeErrorsFact(fact_id=next_id(), bad_rows=bad_rows) if bad_rows else None
    days = [one for one in evidence.lake_days if window[0] <= one.day <= window[1]]
    uses = tuple(_uses(days, prices, next_id))
    names = [*(scan.table_name for scan in scans), *(use.table_name for use in uses)]
    return replace(
        case,
        lake_query_id=evidence.lake.query_id if evidence.lake else None,
        lake_elapsed_seconds=evidence.lake.elapsed_seconds if evidence.lake else 0.0,
        lake_scans=scan_facts,
        lake_errors=errors,
        lake_uses=uses,
        lake_tables=tuple(
            LakeTableFact(fact_id=next_id(), table=table)
            for table in store.lake_tables(dict.fromkeys(name for name in names if name))
        ),
    )


def _uses(days: list[LakeDay], prices: Prices | None, next_id: NextId) -> Iterator[LakeUseFact]:
    """One a table, the one with most bytes first."""
    by_table: dict[str, list[LakeDay]] = {}
    for one in days:
        by_table.setdefault(one.table_name, []).append(one)
    for name, own in sorted(
        by_table.items(), key=lambda pair: (-sum(one.scanned_bytes for one in pair[1]), pair[0])
    ):
        scanned_bytes = sum(one.scanned_bytes for one in own)
        dollars = prices.of_lake(scanned_bytes) if prices else None
        yield LakeUseFact(
            fact_id=next_id(),
            table_name=name,
            runs=sum(one.runs for one in own),
            days=len(own),
            scanned_bytes=scanned_bytes,
            cost=Cost(dollars=dollars, prices_as_of=prices.as_of)
            if prices and dollars is not None
            else None,
            scanned_files=sum(one.scanned_files for one in own),
            seconds=sum(one.seconds for one in own),
        )


def load_facts(case: CaseFile, evidence: Evidence, window: Window, next_id: NextId) -> CaseFile:
    loads = loads_of(evidence.load_days, *window)
    return replace(case, loads=tuple(LoadFact(fact_id=next_id(), load=load) for load in loads))


def view_facts(case: CaseFile, store: ClusterStore, next_id: NextId) -> CaseFile:
    """Of the views that the statement reads, refreshes, or could be answered from."""
    used = _used_names(case)
    refreshed = refreshed_view(case.scrubbed_sql or "")
    facts = []
    for view in store.materialized_views():
        role = _role(view, used, refreshed, case)
        if role:
            facts.append(MaterializedViewFact(fact_id=next_id(), role=role, view=view))
    return replace(case, materialized_views=tuple(facts))


Role = Literal["read", "refreshed", "same_tables"]


def _role(
    view: MaterializedView, used: frozenset[str], refreshed: str | None, case: CaseFile
) -> Role | None:
    names = {view.full_name.lower(), f"{view.database_name}.{view.full_name}".lower()}
    if refreshed and (refreshed in names or refreshed == view.name.lower()):
        return "refreshed"
    if used & names or view.backing_table.lower() in {name.rpartition(".")[2] for name in used}:
        return "read"
    statement = case.statement
    if statement is None or not view.base_tables or not view.is_rewrite_enabled:
        return None
    is_question = case.query_type.upper() in {"SELECT", "CTAS", "UNLOAD"}
    return "same_tables" if is_question and set(view.base_tables) == used_tables(case) else None


def used_tables(case: CaseFile) -> set[str]:
    return {name.lower() for name in (case.statement.table_names if case.statement else ())}


def _used_names(case: CaseFile) -> frozenset[str]:
    """As statement, plan and steps write them, in lower case."""
    names = used_tables(case)
    names |= {fact.node.table_name.lower() for fact in case.plan_nodes if fact.node.table_name}
    names |= {fact.step.table_name.lower() for fact in case.steps if fact.step.table_name}
    return frozenset(names)
