"""Files of the lake do not hold what the external table declares.

Anti-pattern: Spectrum warned about a scan, or could not read values as declared
(SYS_EXTERNAL_QUERY_ERROR): wrong types, too long texts, files of another format. With data
handling on, such values come back as NULL or cut, and the rows are checked one by one.

Remedy: See which files and columns it is (SYS_EXTERNAL_QUERY_ERROR names them), mend the files or
the declaration, and decide with the table's data handling properties whether such rows may pass.
"""

from collections.abc import Iterator

from backend.checks.check import MOST_CITED, measured, milder, weigh
from backend.checks.lake.scans import scan_share
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, listed, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "lake_data_errors"
BAD_ROWS = Threshold(
    name="lake_bad_rows",
    default=1,
    unit="rows",
    meaning="so many values or warnings in a run count",
    source=f"{OWN}: a wrong answer is worse than a slow one",
)
RULES = (
    Rule(
        name="values that are not what the external table declares",
        inputs=(
            "SYS_EXTERNAL_QUERY_ERROR.query_id",
            "SYS_EXTERNAL_QUERY_DETAIL.warning_message",
        ),
        thresholds=(BAD_ROWS,),
        peers=("Infraredshift: data errors", "awslabs: total_scan_error_count"),
    ),
)


def lake_data_errors(case: CaseFile) -> Iterator[Finding | RuledOut]:
    own = [fact for fact in case.lake_scans if fact.scan.is_lake]
    if not own:
        return
    warned = [fact for fact in own if fact.scan.warning]
    bad_rows = case.lake_errors.bad_rows if case.lake_errors else 0
    scans = warned or own
    fact_ids = tuple(fact.fact_id for fact in scans[:MOST_CITED])
    if case.lake_errors:
        fact_ids = (case.lake_errors.fact_id, *fact_ids)
    if max(bad_rows, len(warned)) < case.limit(BAD_ROWS):
        yield RuledOut(
            check=CHECK,
            sentence=f"As far as is recorded, {counted(bad_rows, 'value')} could not be read and"
            f" {len(warned):,} of {counted(len(own), 'scan')} warned (threshold"
            f" {case.limit(BAD_ROWS):g}).",
            fact_ids=fact_ids,
        )
        return
    share = max(scan_share(case, scans), 0.01)
    said = [f"{counted(bad_rows, 'value')} could not be read as declared"] if bad_rows else []
    if warned:
        warnings = dict.fromkeys(fact.scan.warning or "" for fact in warned)
        said.append(f"{counted(len(warned), 'scan')} warned: {listed(list(warnings), 2)}")
    yield Finding(
        check=CHECK,
        # It is the answer that suffers, not the time.
        severity=milder(weigh(case, Bucket.EXECUTION, share) or Severity.LOW, at_most=Severity.LOW),
        bucket=Bucket.EXECUTION,
        title=titled(
            f"{counted(bad_rows, 'value')} of the lake could not be read"
            if bad_rows
            else f"{counted(len(warned), 'scan')} of the lake warned"
        ),
        evidence=f"In the recorded run {'; '.join(said)}.",
        fact_ids=fact_ids,
        measures=(measured(case, BAD_ROWS, "bad values", max(bad_rows, len(warned))),),
        affected_share=share,
    )
