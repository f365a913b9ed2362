"""From which measured value on something is worth saying, and who says so."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """One number that a check compares with. `name` is its key in the configuration file.

    `meaning` says what is compared; `source` where the default comes from: AWS, or ourselves.
    A `share` lies between 0 and 1.
    """

    name: str
    default: float
    unit: str
    meaning: str
    source: str


@dataclass(frozen=True)
class Limits:
    """The thresholds in force: those that the configuration changes, defaults for all others."""

    changed: tuple[tuple[str, float], ...] = ()

    def of(self, threshold: Threshold) -> float:
        return dict(self.changed).get(threshold.name, threshold.default)


DEFAULT_LIMITS = Limits()

AWS_REVIEW = "AWS: review_cluster of awslabs redshift-mcp-server"
"""The rules of AWS's own cluster review; its recommendations are REC_001 to REC_030."""

AWS_GUIDE = "AWS: Redshift Database Developer Guide"
OWN = "our own"

# Those that both checks and panel hold to.
LARGE_TABLE_ROWS = Threshold(
    name="large_table_rows",
    default=5_000_000,
    unit="rows",
    meaning="a table with more rows is large",
    source=AWS_REVIEW,
)
STATISTICS_OFF_PERCENT = Threshold(
    name="stats_off_percent",
    default=10.0,
    unit="%",
    meaning="statistics are out of date where stats_off is above it",
    source=f"{AWS_REVIEW}; also the default of analyze_threshold_percent",
)
ANALYZE_SKIPS_VARCHAR = Threshold(
    name="analyze_skips_varchar_bytes",
    default=65_535,
    unit="bytes",
    meaning="ANALYZE skips a VARCHAR declared as wide",
    source="AWS: redshift-guide, declared very wide such as VARCHAR(65535)",
)
VACUUM_SORT_BENEFIT = Threshold(
    name="vacuum_sort_benefit_above",
    default=0.0,
    unit="%",
    meaning="VACUUM SORT helps only where vacuum_sort_benefit is above it",
    source=f"{AWS_REVIEW} counts 10 for large tables; redshift-guide: any benefit above 0",
)
DELETED_ROWS_SHARE = Threshold(
    name="deleted_rows_share",
    default=0.10,
    unit="share",
    meaning="a large table of whose rows a larger part is deleted is worth a VACUUM DELETE",
    source=f"{AWS_REVIEW}: REC_002",
)
TABLE_SKEW_RATIO = Threshold(
    name="table_skew_rows",
    default=4.0,
    unit="×",
    meaning="skew_rows of a large table, rows of its fullest slice by those of its emptiest",
    source=AWS_REVIEW,
)
ENCODED_SHARE = Threshold(
    name="encoded_columns_share",
    default=0.8,
    unit="share",
    meaning="a large table of which fewer columns are encoded has low compression; those that are"
    " right to be raw do not count against it",
    source=AWS_REVIEW,
)
