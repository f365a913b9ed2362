"""COPY works out the best encodings at each run.

Anti-pattern: With COMPUPDATE ON, or for an empty table whose columns have no encodings, COPY
reads a sample first and analyzes it (`analyze compression`, `COPY ANALYZE`). For a staging table
that is emptied before each load that happens every time.

Remedy: Write COMPUPDATE OFF into the COPY, and name the encodings once in the table's DDL (ENCODE
AUTO leaves them to Redshift).
"""

import re
from collections.abc import Iterator

from backend.checks.check import UNMEASURED_SHARE, measured, weigh
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import counted, duration_in_words, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket
from backend.sql.statement_head import analyzes_compression

CHECK = "compression_analysis"
ANALYSES = Threshold(
    name="copy_compression_analyses",
    default=10,
    unit="runs",
    meaning="fewer runs in the window do not add up",
    source=f"{OWN}; AWS: Advisor names no number",
)
RULES = (
    Rule(
        name="COMPUPDATE at each COPY",
        inputs=("SYS_QUERY_HISTORY.query_text", "SVV_REDSHIFT_COLUMNS.encoding"),
        thresholds=(ANALYSES,),
        peers=("Advisor: skip compression analysis during COPY",),
    ),
)
_COMPUPDATE = re.compile(r"\bcompupdate\b(?:\s+(on|true|off|false|preset))?", re.IGNORECASE)


def compression_analysis(case: CaseFile) -> Iterator[Finding | RuledOut]:
    sql = case.scrubbed_sql or ""
    if analyzes_compression(sql):
        yield from _judge(case, "The statement is the analysis itself", share=1.0)
        return
    setting = _COMPUPDATE.search(sql)
    if setting is None or case.query_type.upper() not in {"COPY", "LOAD"}:
        return
    word = (setting[1] or "on").upper()
    if word in {"OFF", "FALSE", "PRESET"}:
        yield RuledOut(
            check=CHECK,
            sentence=f"No run of {case.statistics.runs:,} analyzes encodings: the COPY says"
            f" COMPUPDATE {word}.",
            fact_ids=(case.statistics.fact_id,),
        )
        return
    yield from _judge(case, f"The COPY says COMPUPDATE {word}", share=UNMEASURED_SHARE)


def _judge(case: CaseFile, why: str, *, share: float) -> Iterator[Finding | RuledOut]:
    runs, worth = case.statistics.runs, case.limit(ANALYSES)
    if runs < worth:
        yield RuledOut(
            check=CHECK,
            sentence=f"{why}, but there are {counted(runs, 'run')} only (threshold {worth:g}).",
            fact_ids=(case.statistics.fact_id,),
        )
        return
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        return
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(f"Analyzes encodings in each of {counted(runs, 'run')}"),
        evidence=f"{why}: encodings are worked out in {counted(runs, 'run')} (threshold"
        f" {worth:g}), which take {duration_in_words(case.statistics.total_elapsed_seconds)} in"
        " all.",
        fact_ids=(case.statistics.fact_id,),
        measures=(measured(case, ANALYSES, "runs", runs),),
        affected_share=share,
    )
