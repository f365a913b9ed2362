"""What to change about loads and materialized views."""

from backend.domain.case_file import CaseFile, LoadFact, MaterializedViewFact
from backend.domain.finding import Finding
from backend.domain.in_words import megabytes_in_words, paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.rules_reviewer import advice_on

SPLIT_FRACTION = 0.8
"""Files are never of quite the same size, and COPY does more than read them."""

FEWER_COPIES_FRACTION = 0.6
COMPRESSION_FRACTION = 0.5
ANALYSIS_FRACTION = 0.8
INCREMENTAL_FRACTION = 0.7
"""How much an incremental refresh reads depends on how much has changed."""

FRESH_VIEW_FRACTION = 0.5
LARGEST_FILE_MB = 1_000
MB = 1e6


def advise_split_files(case: CaseFile, finding: Finding) -> Advice | None:
    fact = _load(case, finding)
    if fact is None or case.slices is None:
        return None
    slices = case.slices.slices
    copy_mb = fact.load.bytes_a_copy / MB
    rounds = max(round(copy_mb / LARGEST_FILE_MB / slices + 0.5), 1)
    files = slices * rounds
    return advice_on(
        case,
        finding,
        category=Category.MAINTENANCE,
        title=f"Split each load into {files:,} files",
        rationale=paragraph(
            finding.evidence,
            f"Each of the {slices:,} slices loads one such file at a time, and the COPY ends with "
            "the last of them",
        ),
        action=paragraph(
            f"Let the writer make {files:,} files of about {megabytes_in_words(copy_mb / files)} "
            f"each, a multiple of the {slices:,} slices, all of about the same size"
        ),
        expected_fraction=SPLIT_FRACTION,
        fact_ids=(case.slices.fact_id,),
    )


def advise_fewer_copies(case: CaseFile, finding: Finding) -> Advice | None:
    fact = _load(case, finding)
    if fact is None:
        return None
    load = fact.load
    a_day = load.copies / max(load.days, 1)
    return advice_on(
        case,
        finding,
        category=Category.MAINTENANCE,
        title=f"Load {load.table_name} less often, and more at a time",
        rationale=paragraph(
            finding.evidence,
            "What a COPY costs beside its data, such as its commit, stays the same",
        ),
        action=paragraph(
            f"There are {a_day:,.0f} COPY runs a day of {megabytes_in_words(load.bytes_a_copy / MB)}"
            " each: collect the files of an hour under one prefix or manifest and load them with "
            "one COPY, or take streaming ingestion"
        ),
        expected_fraction=FEWER_COPIES_FRACTION,
    )


def advise_compressed_files(case: CaseFile, finding: Finding) -> Advice | None:
    fact = _load(case, finding)
    if fact is None:
        return None
    return advice_on(
        case,
        finding,
        category=Category.MAINTENANCE,
        title=f"Compress what is loaded into {fact.load.table_name}",
        rationale=paragraph(finding.evidence, "All of it comes over the network first"),
        action=paragraph(
            "Write the files with ZSTD or GZIP, in a multiple of the slices, and name the method "
            "in the COPY; or write Parquet"
        ),
        expected_fraction=COMPRESSION_FRACTION,
    )


def advise_no_analysis(case: CaseFile, finding: Finding) -> Advice:
    return advice_on(
        case,
        finding,
        category=Category.MAINTENANCE,
        title="Load without working out encodings",
        rationale=paragraph(
            finding.evidence,
            "The encodings of a table that is loaded every day are known after the first time",
        ),
        action=paragraph(
            "Write COMPUPDATE OFF into the COPY, and set the encodings once in the table's DDL "
            "(ENCODE AUTO leaves them to Redshift)"
        ),
        expected_fraction=ANALYSIS_FRACTION,
    )


def advise_incremental_view(case: CaseFile, finding: Finding) -> Advice | None:
    fact = _view(case, finding)
    if fact is None:
        return None
    view = fact.view
    if view.is_broken:
        return advice_on(
            case,
            finding,
            category=Category.MAINTENANCE,
            title=f"Create {view.full_name} again, or drop it",
            rationale=paragraph(finding.evidence, "No refresh can mend it"),
            action=paragraph(
                f"Create {view.full_name} again over the tables as they are now ({view.why_broken})"
                "; stop the job that refreshes it until then"
            ),
            expected_fraction=INCREMENTAL_FRACTION,
        )
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Make {view.full_name} refresh incrementally",
        rationale=paragraph(
            finding.evidence,
            "Incremental refresh reads what has changed since; Redshift can do it for filters, "
            "inner joins and the aggregates SUM, COUNT, MIN, MAX and AVG",
        ),
        action=paragraph(
            f"Look in the definition of {view.full_name} for an outer join, DISTINCT, a window "
            "function, UNION, or a function of the moment, and take that part out of it; if it "
            "cannot go, refresh less often"
        ),
        expected_fraction=INCREMENTAL_FRACTION,
    )


def advise_fresh_view(case: CaseFile, finding: Finding) -> Advice | None:
    """For a view that the statement could be answered from: only that saves time."""
    fact = _view(case, finding)
    if fact is None or fact.role != "same_tables" or fact.view.is_broken:
        return None
    view = fact.view
    how = (
        "see why its automatic refresh does not come to pass (SYS_MV_REFRESH_HISTORY)"
        if view.is_auto_refreshed
        else "turn on AUTO REFRESH, or refresh it after the load that changes its base tables"
    )
    return advice_on(
        case,
        finding,
        category=Category.MAINTENANCE,
        title=f"Keep {view.full_name} fresh, so that it can be used",
        rationale=paragraph(finding.evidence, "Redshift rewrites statements to fresh views only"),
        action=paragraph(
            f"Refresh {view.full_name} and see with EXPLAIN whether the statement then reads it; if "
            f"it does, {how}"
        ),
        expected_fraction=FRESH_VIEW_FRACTION,
    )


def _load(case: CaseFile, finding: Finding) -> LoadFact | None:
    return next((fact for fact in case.loads if fact.fact_id in finding.fact_ids), None)


def _view(case: CaseFile, finding: Finding) -> MaterializedViewFact | None:
    return next((f for f in case.materialized_views if f.fact_id in finding.fact_ids), None)
