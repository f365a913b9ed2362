"""What the model of gain takes for granted: each number stands in every proposal's assumptions."""

from backend.domain.threshold import (
    ENCODED_SHARE,
    LARGE_TABLE_ROWS,
    OWN,
    TABLE_SKEW_RATIO,
    Threshold,
)

MOVING_FRACTION = 0.5
"""Of a segment that sends rows the part that the sending takes: the rest reads or computes them."""

SCAN_FRACTION = 0.5
"""Of a segment that scans the part that reading takes."""

MERGE_FRACTION = 0.5
"""Of a merge join's time what hashing its inner side would add."""

EVEN_SPREAD_FRACTION = 0.4
"""Of what the fullest slice has more: the slowest slice sets the time until the next uneven step."""

OTHER_KEY_SPREAD_FRACTION = 0.2
"""The same for another key, of whose values nobody knows how evenly they are spread."""

ENCODING_FRACTION = 0.3
"""Compressed columns take a third of the blocks or less, but reading blocks is not all of a scan."""

NODES_ASSUMED = 4
"""How many copies a broadcast and DISTSTYLE ALL make, where no configured price tells the nodes."""

STATED_SECONDS_A_ROW = 1e-6
"""A million rows a second, where no move of the whole workload was measured."""

MEASURED_FROM_ROWS = 1_000_000
"""A move of fewer rows says more about the start of a segment than about a row."""

USES_OLD_AFTER_DAYS = 28
"""A pattern whose review ends so long before the newest one is not weighed: it may be gone."""

CHANGE_SECONDS = Threshold(
    name="table_change_seconds_a_week",
    default=60.0,
    unit="s",
    meaning="a change of a table's design is proposed where it saves as much a week, net",
    source=OWN,
)
CHANGE_SHARE = Threshold(
    name="table_change_share",
    default=0.02,
    unit="share",
    meaning="and where it saves as much of the time that stands on the table",
    source=OWN,
)
KEY_VALUES = Threshold(
    name="distribution_key_values",
    default=10_000,
    unit="values",
    meaning="a column that a join shows to have fewer is no distribution key",
    source=f"{OWN}: AWS asks for high cardinality and gives no number",
)
SLOW_CHANGING_WRITES = Threshold(
    name="slow_changing_writes_a_day",
    default=24.0,
    unit="writes",
    meaning="a table that is written more often is not copied to every node",
    source=OWN,
)
THRESHOLDS = (
    CHANGE_SECONDS,
    CHANGE_SHARE,
    KEY_VALUES,
    SLOW_CHANGING_WRITES,
    TABLE_SKEW_RATIO,
    ENCODED_SHARE,
    LARGE_TABLE_ROWS,
)
