"""What to change about external tables and how they are read."""

from backend.domain.case_file import CaseFile, LakeScanFact, LakeTableFact
from backend.domain.finding import Finding
from backend.domain.in_words import listed, megabytes_in_words, paragraph, rows_in_words
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.rules_reviewer import advice_on

PRUNING_FRACTION = 0.6
"""A filter on the partition column mostly leaves a small part; how small, the plan does not tell."""

FORMAT_FRACTION = 0.5
"""Columnar files of the few columns read are mostly far smaller; wide selections gain less."""

FILES_FRACTION = 0.3
"""Opening and listing is saved, reading is not."""

PUSH_DOWN_FRACTION = 0.4
ROW_COUNT_FRACTION = 0.3
COPY_FRACTION = 0.7
"""A local copy is read in a fraction of the time, but has to be kept up to date."""

FILE_MB = 128
MB = 1e6


def advise_partition_filter(case: CaseFile, finding: Finding) -> Advice | None:
    """For the statement; where the table has no partitions, it is the table's matter."""
    known = case.lake_table(finding.subject)
    keys = known.table.partition_keys if known else ()
    scan = _scan(case, finding)
    if scan is None or scan.scan.total_partitions <= 1 or not keys:
        return None
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Compare the partition column {keys[0]} with constants",
        rationale=paragraph(
            finding.evidence,
            "Redshift leaves partitions out before it reads, by comparisons of the partition "
            "column itself",
        ),
        action=paragraph(
            f"Add a range on {listed(keys)} to the WHERE clause, bare and with constants; where "
            "it follows from a joined table's condition, repeat it here"
        ),
        expected_fraction=PRUNING_FRACTION,
        fact_ids=_ids(known),
    )


def advise_partitioning(case: CaseFile, finding: Finding) -> Advice | None:
    scan = _scan(case, finding)
    if scan is None or scan.scan.total_partitions > 1:
        return None
    filtered = [
        use.column_name
        for use in (case.statement.filtered_columns if case.statement else ())
        if not use.table_name or finding.subject.lower().endswith(use.table_name.lower())
    ]
    by = f", such as {listed(list(dict.fromkeys(filtered)), 3)}" if filtered else ""
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Partition {finding.subject}",
        rationale=paragraph(
            finding.evidence, "Without partitions every run reads all files, whatever it asks for"
        ),
        action=paragraph(
            f"Write the files of {finding.subject} by a column that most statements filter{by}, "
            "in folders of some 64 MB and more each, and declare it PARTITIONED BY"
        ),
        expected_fraction=PRUNING_FRACTION,
    )


def advise_columnar_format(case: CaseFile, finding: Finding) -> Advice:
    known = case.lake_table(finding.subject)
    written = known.table.file_format if known and known.table.file_format else "these files"
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Write {finding.subject} as Parquet",
        rationale=paragraph(
            finding.evidence,
            "Of Parquet and ORC only the columns named are read, and row groups outside of the "
            "filter are left out",
        ),
        action=paragraph(
            f"Rewrite the {written} files of {finding.subject} as compressed Parquet (UNLOAD … "
            f"FORMAT PARQUET, or in the job that writes them), partition by partition, in files "
            f"of {FILE_MB} MB and more"
        ),
        expected_fraction=FORMAT_FRACTION,
        fact_ids=_ids(known),
    )


def advise_compaction(case: CaseFile, finding: Finding) -> Advice | None:
    scan = _scan(case, finding)
    if scan is None or not scan.scan.scanned_bytes:
        return None
    files = max(round(scan.scan.scanned_bytes / MB / FILE_MB), 1)
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Compact the files of {finding.subject}",
        rationale=paragraph(
            finding.evidence, "Each file is listed, opened and asked for on its own"
        ),
        action=paragraph(
            f"Rewrite partitions that are no longer written into files of some {FILE_MB} MB: about "
            f"{files:,} instead of {scan.scan.scanned_files:,}; let the writer collect more before "
            "it writes"
        ),
        expected_fraction=FILES_FRACTION,
    )


def advise_push_down(case: CaseFile, finding: Finding) -> Advice:
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Let Spectrum filter and aggregate {finding.subject}",
        rationale=paragraph(
            finding.evidence,
            "Comparisons of plain columns, LIKE, and COUNT, SUM, AVG, MIN and MAX run in the "
            "Spectrum layer; DISTINCT, ORDER BY and functions that it does not know do not",
        ),
        action=paragraph(
            "Filter plain columns of the external table, extracted when it is written where need "
            "be; replace DISTINCT by GROUP BY, and aggregate the table in a subquery before it is "
            "joined"
        ),
        expected_fraction=PUSH_DOWN_FRACTION,
    )


def advise_row_count(case: CaseFile, finding: Finding) -> Advice | None:
    known = case.lake_table(finding.subject)
    if known is None:
        return None
    whole = [
        fact.scan.scanned_rows
        for fact in case.lake_scans
        if fact.scan.table_name.lower().endswith(known.table.full_name.lower())
        and fact.scan.pruned_share == 0
    ]
    rows = max(whole, default=0)
    size = f", for which the recorded scan of all of it read {rows_in_words(rows)}" if rows else ""
    return advice_on(
        case,
        finding,
        category=Category.MAINTENANCE,
        title=f"Tell the planner the rows of {finding.subject}",
        rationale=paragraph(
            finding.evidence, "Redshift does not analyze external tables; it takes what it is told"
        ),
        action=paragraph(
            f"Set the table property numRows of {finding.subject} (ALTER TABLE … SET TABLE "
            f"PROPERTIES){size}, and again when it has grown by a good part"
        ),
        expected_fraction=ROW_COUNT_FRACTION,
        fact_ids=_ids(known),
    )


def advise_local_copy(case: CaseFile, finding: Finding) -> Advice | None:
    use = next((f for f in case.lake_uses if f.fact_id in finding.fact_ids), None)
    if use is None:
        return None
    a_run = megabytes_in_words(use.scanned_bytes / MB / max(use.runs, 1))
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Keep what is read of {finding.subject} near",
        rationale=paragraph(
            finding.evidence, "Spectrum keeps nothing between runs: each reads its bytes anew"
        ),
        action=paragraph(
            f"Put the {a_run} that a run reads of {finding.subject} into a materialized view over "
            "it, or into a table that the load brings up to date, and read that"
        ),
        expected_fraction=COPY_FRACTION,
    )


def _scan(case: CaseFile, finding: Finding) -> LakeScanFact | None:
    return next((fact for fact in case.lake_scans if fact.fact_id in finding.fact_ids), None)


def _ids(known: LakeTableFact | None) -> tuple[str, ...]:
    return (known.fact_id,) if known else ()
