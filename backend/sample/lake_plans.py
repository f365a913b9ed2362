"""Scans of external tables as Redshift prints them: the Spectrum layer below, the cluster above."""

from backend.sample.lake_tables import LakeRead
from backend.sample.plan_builder import COST_PER_ROW, Operator


def lake_scan(
    read: LakeRead,
    alias: str,
    *,
    rows: int,
    actual_rows: int,
    width: int,
    lake_filter: str = "",
    cluster_filter: str = "",
    lake_aggregates: bool = False,
    kept_rows: int | None = None,
) -> Operator:
    """A Partition Loop over the partitions that qualify. `rows` come out of the Spectrum layer;
    `kept_rows` of them pass the cluster's own filter, where there is one."""
    seq_scan = Operator(
        words=f'S3 Seq Scan {read.table.full_name} location:"{read.table.location}"'
        f" format:{read.table.file_format}",
        step_name="lake", startup=0.0, total=rows * COST_PER_ROW, rows=rows, width=width,
        actual_rows=actual_rows, condition=f"Filter: {lake_filter}" if lake_filter else "",
    )  # fmt: skip
    below = seq_scan
    if lake_aggregates:
        below = Operator(
            words="S3 HashAggregate", step_name="lake", startup=seq_scan.total,
            total=seq_scan.total + 1, rows=rows, width=width, actual_rows=actual_rows,
            children=(seq_scan,),
        )  # fmt: skip
    query_scan = Operator(
        words=f"XN S3 Query Scan {alias}", step_name="scan", startup=below.startup,
        total=below.total + rows * COST_PER_ROW, rows=rows, width=width,
        actual_rows=actual_rows if kept_rows is None else kept_rows,
        condition=f"Filter: {cluster_filter}" if cluster_filter else "", children=(below,),
        rows_read=actual_rows, lake=read,
    )  # fmt: skip
    partitions = Operator(
        words=f"XN Seq Scan PartitionInfo of {read.table.full_name}", step_name="scan",
        startup=0.0, total=10.0, rows=read.partitions, width=0, actual_rows=read.partitions,
    )  # fmt: skip
    return Operator(
        words="XN Partition Loop", step_name="partition", startup=query_scan.startup,
        total=partitions.total + query_scan.total, rows=rows, width=width,
        actual_rows=query_scan.actual_rows, children=(partitions, query_scan),
    )  # fmt: skip
