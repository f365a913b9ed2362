"""How external scans are grouped and weighed: by table, by their part of the run's time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from backend.checks.check import MOST_CITED
from backend.domain.case_file import CaseFile, LakeScanFact

BYTES_A_MB = 1e6


def scans_by_table(case: CaseFile) -> Mapping[str, Sequence[LakeScanFact]]:
    """Scans of the data lake (not of federated databases), the longest table first."""
    grouped: dict[str, list[LakeScanFact]] = defaultdict(list)
    for fact in case.lake_scans:
        if fact.scan.is_lake:
            grouped[fact.scan.table_name].append(fact)
    order = sorted(grouped, key=lambda name: (-seconds_of(grouped[name]), name))
    return {name: grouped[name] for name in order}


def seconds_of(scans: Iterable[LakeScanFact]) -> float:
    return sum(fact.scan.duration_seconds for fact in scans)


def scan_share(case: CaseFile, scans: Sequence[LakeScanFact]) -> float:
    """0..1: the scans' time by the elapsed time of their run; segments may overlap, so capped."""
    if case.lake_elapsed_seconds <= 0:
        return 0.0
    return min(seconds_of(scans) / case.lake_elapsed_seconds, 1.0)


def cited_scans(case: CaseFile, scans: Sequence[LakeScanFact]) -> tuple[str, ...]:
    """The scans and what the catalogue says of their table."""
    table = case.lake_table(scans[0].scan.table_name) if scans else None
    ids = tuple(fact.fact_id for fact in scans[:MOST_CITED])
    return (*ids, table.fact_id) if table else ids


def short_name(table_name: str) -> str:
    """`schema.table`: views of the run put the database in front."""
    return ".".join(table_name.split(".")[-2:]) or "the external table"
