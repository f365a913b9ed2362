"""The external tables of the invented warehouse, and how its statements read them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SampleLakeTable:
    """`row_count` is the table property numRows; None leaves it out."""

    name: str
    file_format: str
    input_format: str
    partition_key: str
    partitions: int
    row_count: int | None
    schema: str = "lake"

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def location(self) -> str:
        return f"s3://northlight-lake/{self.name}/"


@dataclass(frozen=True, kw_only=True)
class LakeRead:
    """What one run reads of an external table."""

    table: SampleLakeTable
    partitions: int
    files: int
    size_mb: int
    listing_ms: int = 0


TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
PARQUET_INPUT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"

CLICK_ARCHIVE = SampleLakeTable(
    name="click_archive",
    file_format="TEXT",
    input_format=TEXT_INPUT,
    partition_key="event_day",
    partitions=1_461,
    row_count=31_400_000_000,
)
"""Six years of clicks as text, in a file for every ten minutes."""

ORDERS_ARCHIVE = SampleLakeTable(
    name="orders_archive",
    file_format="PARQUET",
    input_format=PARQUET_INPUT,
    partition_key="order_month",
    partitions=96,
    row_count=2_260_000_000,
)

LAKE_TABLES = (CLICK_ARCHIVE, ORDERS_ARCHIVE)
