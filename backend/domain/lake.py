"""What Redshift Spectrum read outside of the cluster (SYS_EXTERNAL_QUERY_DETAIL and the catalogue).

No path of a file is ever kept: where data lies may tell what nobody else needs to know.
"""

from dataclasses import dataclass
from datetime import date

COLUMNAR_FORMATS = ("parquet", "orc", "rcfile", "iceberg", "delta", "hudi")
"""Of the table of formats in the Developer Guide (c-spectrum-data-files); the last three keep
their data in Parquet or ORC."""


@dataclass(frozen=True, kw_only=True)
class LakeScan:
    """A row of SYS_EXTERNAL_QUERY_DETAIL: one segment that read one external table.

    For `S3` the view calls the scanned rows and bytes `returned_rows` and `returned_bytes`.
    `listing_seconds` is how long it took to list the files. `warning` is masked.
    """

    table_name: str
    source_type: str = "S3"
    segment_id: int = 0
    duration_seconds: float = 0.0
    total_partitions: int = 0
    qualified_partitions: int = 0
    scanned_files: int = 0
    scanned_rows: int = 0
    scanned_bytes: int = 0
    file_format: str = ""
    listing_seconds: float = 0.0
    warning: str | None = None

    @property
    def is_lake(self) -> bool:
        """False for a federated query, which reads another database."""
        return self.source_type.upper() == "S3"

    @property
    def pruned_share(self) -> float:
        """0..1 of the table's partitions that were left out."""
        if self.total_partitions <= 0:
            return 0.0
        return 1 - min(self.qualified_partitions / self.total_partitions, 1.0)

    @property
    def bytes_a_file(self) -> float:
        return self.scanned_bytes / self.scanned_files if self.scanned_files > 0 else 0.0

    @property
    def is_columnar(self) -> bool | None:
        """None where the view does not say the format."""
        return is_columnar(self.file_format)


@dataclass(frozen=True, kw_only=True)
class LakeEvidence:
    """The external scans of the slowest run that has any, and how many of its rows were bad."""

    query_id: int
    elapsed_seconds: float
    scans: tuple[LakeScan, ...]
    bad_rows: int = 0


@dataclass(frozen=True, kw_only=True)
class LakeDay:
    """What all recorded runs of a pattern read of one external table on one UTC day."""

    day: date
    table_name: str
    runs: int
    scanned_bytes: int
    scanned_files: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class LakeTable:
    """A row of SVV_EXTERNAL_TABLES with its partition keys (SVV_EXTERNAL_COLUMNS).

    `row_count` is the table property numRows, None where it is not set.
    """

    database_name: str
    schema_name: str
    table_name: str
    file_format: str = ""
    row_count: int | None = None
    partition_keys: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        return f"{self.schema_name}.{self.table_name}"


def is_columnar(file_format: str) -> bool | None:
    if not file_format:
        return None
    return any(known in file_format.lower() for known in COLUMNAR_FORMATS)
