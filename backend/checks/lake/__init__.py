"""What Redshift Spectrum reads outside of the cluster."""

from backend.checks.check import Check
from backend.checks.lake.lake_data_errors import lake_data_errors
from backend.checks.lake.missing_lake_row_count import missing_lake_row_count
from backend.checks.lake.no_partition_pruning import no_partition_pruning
from backend.checks.lake.non_columnar_format import non_columnar_format
from backend.checks.lake.not_pushed_down import not_pushed_down
from backend.checks.lake.repeated_lake_scans import repeated_lake_scans
from backend.checks.lake.small_lake_files import small_lake_files

CHECKS: tuple[Check, ...] = (
    no_partition_pruning,
    non_columnar_format,
    small_lake_files,
    not_pushed_down,
    repeated_lake_scans,
    missing_lake_row_count,
    lake_data_errors,
)
