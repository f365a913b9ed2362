"""Which columns of which views are read, and what they must hold.

A column that is not required may be missing or empty: numbers are then 0, texts "", unless said
otherwise. All other columns of a file are ignored. Names are compared without regard to case.
"""

from dataclasses import dataclass, replace
from enum import Enum


class Kind(Enum):
    """`NAME` is text with few distinct values a file, `TEXT` may be long and all different.

    The view cuts a `TEXT` by bytes, which may leave half a character at its end; a `CHUNK` goes on
    in another row, so half characters at both ends are kept.
    """

    INTEGER = "a whole number"
    NUMBER = "a number"
    FLAG = "true or false"
    MOMENT = "a time such as 2026-11-08 07:32:34.479897"
    NAME = "text in UTF-8"
    TEXT = "UTF-8 text"
    CHUNK = "a stretch of UTF-8 text"


TEXTUAL = frozenset({Kind.NAME, Kind.TEXT, Kind.CHUNK})

# Far above anything that Redshift runs, and low enough that sums of them stay numbers.
DAYS_AT_MOST = 100
_TIME_AT_MOST = DAYS_AT_MOST * 86_400_000_000
_COUNT_AT_MOST = 10**15


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewColumn:
    name: str
    kind: Kind
    is_required: bool = False
    other_names: tuple[str, ...] = ()
    may_be_negative: bool = True
    at_most: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    name: str
    columns: tuple[ViewColumn, ...]

    def only(self, *names: str) -> "View":
        return View(name=self.name, columns=tuple(c for c in self.columns if c.name in names))

    def requiring(self, name: str) -> "View":
        columns = tuple(
            replace(c, is_required=c.is_required or c.name == name) for c in self.columns
        )
        return View(name=self.name, columns=columns)

    def optional(self) -> "View":
        """The same columns, none of them required."""
        columns = tuple(replace(column, is_required=False) for column in self.columns)
        return View(name=self.name, columns=columns)


def _required(
    name: str, kind: Kind, *, may_be_negative: bool = True, at_most: int | None = None
) -> ViewColumn:
    return ViewColumn(
        name=name,
        kind=kind,
        is_required=True,
        may_be_negative=may_be_negative,
        at_most=at_most,
    )


def _columns(kind: Kind, *names: str, at_most: int | None = None) -> tuple[ViewColumn, ...]:
    return tuple(ViewColumn(name=name, kind=kind, at_most=at_most) for name in names)


HISTORY = View(
    name="sys_query_history",
    columns=(
        _required("query_id", Kind.INTEGER),
        _required("start_time", Kind.MOMENT),
        _required("elapsed_time", Kind.INTEGER, may_be_negative=False, at_most=_TIME_AT_MOST),
        _required("status", Kind.NAME),
        # Required as well, unless SYS_QUERY_TEXT is there.
        ViewColumn(name="query_text", kind=Kind.TEXT),
        ViewColumn(name="user_id", kind=Kind.INTEGER),
        *_columns(
            Kind.INTEGER,
            "queue_time",
            "planning_time",
            "compile_time",
            "lock_wait_time",
            "execution_time",
            at_most=_TIME_AT_MOST,
        ),
        *_columns(Kind.INTEGER, "returned_rows", "returned_bytes", at_most=_COUNT_AT_MOST),
        ViewColumn(name="result_cache_hit", kind=Kind.FLAG),
        *_columns(
            Kind.NAME,
            "query_label",
            "database_name",
            "query_type",
            "redshift_version",
            "generic_query_hash",
            "username",
        ),
        # As text: an odd value here is to cost no run.
        *_columns(
            Kind.NAME,
            "service_class_id",
            "service_class_name",
            "query_priority",
            "compute_type",
            "short_query_accelerated",
        ),
    ),
)

TEXT = View(
    name="sys_query_text",
    columns=(
        _required("query_id", Kind.INTEGER),
        _required("sequence", Kind.INTEGER, may_be_negative=False),
        ViewColumn(name="text", kind=Kind.CHUNK, is_required=True),
    ),
)

DETAIL = View(
    name="sys_query_detail",
    columns=(
        _required("query_id", Kind.INTEGER),
        _required("metrics_level", Kind.NAME),
        *_columns(
            Kind.INTEGER,
            "child_query_sequence",
            "stream_id",
            "segment_id",
            "step_id",
            "duration",
            "input_rows",
            "output_rows",
            "output_bytes",
            "blocks_read",
            "data_skewness",
            "time_skewness",
            "spilled_block_local_disk",
            "spilled_block_remote_disk",
            "plan_node_id",
        ),
        *_columns(Kind.NAME, "step_name", "table_name", "alert", "source"),
        ViewColumn(name="is_rrscan", kind=Kind.FLAG),
    ),
)

EXPLAIN = View(
    name="sys_query_explain",
    columns=(
        _required("query_id", Kind.INTEGER),
        _required("plan_node_id", Kind.INTEGER),
        _required("plan_parent_id", Kind.INTEGER),
        ViewColumn(name="plan_node", kind=Kind.TEXT, is_required=True),
        ViewColumn(name="child_query_sequence", kind=Kind.INTEGER),
        # The documentation lists `node_info`, clusters answer with `plan_info`.
        ViewColumn(name="plan_info", kind=Kind.TEXT, other_names=("node_info",)),
    ),
)

TABLE_INFO = View(
    name="svv_table_info",
    columns=(
        _required("schema", Kind.NAME),
        _required("table", Kind.NAME),
        *_columns(Kind.NAME, "database", "encoded", "diststyle", "sortkey1", "sortkey1_enc"),
        *_columns(Kind.INTEGER, "table_id", "max_varchar", "sortkey_num", "size"),
        *_columns(
            Kind.NUMBER,
            "unsorted",
            "stats_off",
            "tbl_rows",
            "skew_rows",
            "estimated_visible_rows",
            "vacuum_sort_benefit",
        ),
    ),
)

COLUMNS = View(
    name="svv_redshift_columns",
    columns=(
        _required("schema_name", Kind.NAME),
        _required("table_name", Kind.NAME),
        _required("column_name", Kind.NAME),
        _required("data_type", Kind.NAME),
        *_columns(Kind.NAME, "database_name", "is_nullable", "encoding"),
        *_columns(Kind.INTEGER, "ordinal_position", "sortkey"),
        ViewColumn(name="distkey", kind=Kind.FLAG),
    ),
)

ADVISOR = View(
    name="svv_alter_table_recommendations",
    columns=(
        _required("type", Kind.NAME),
        _required("database", Kind.NAME),
        _required("table_id", Kind.INTEGER),
        _required("ddl", Kind.NAME),
        ViewColumn(name="group_id", kind=Kind.INTEGER),
        ViewColumn(name="auto_eligible", kind=Kind.FLAG),
    ),
)

ALERTS = View(
    name="stl_alert_event_log",
    columns=(
        _required("query", Kind.INTEGER),
        _required("event", Kind.NAME),
        ViewColumn(name="solution", kind=Kind.NAME),
        *_columns(Kind.NAME, "query_hash", "generic_query_hash"),
        ViewColumn(name="query_text", kind=Kind.TEXT, other_names=("querytxt",)),
    ),
)

# The file locations that these views hold are never read: a path may tell what nobody else needs
# to know.

EXTERNAL_DETAIL = View(
    name="sys_external_query_detail",
    columns=(
        _required("query_id", Kind.INTEGER),
        ViewColumn(name="start_time", kind=Kind.MOMENT),
        *_columns(
            Kind.INTEGER,
            "segment_id",
            "duration",
            "total_partitions",
            "qualified_partitions",
            "scanned_files",
            "returned_rows",
            "returned_bytes",
            "s3list_time",
        ),
        *_columns(Kind.NAME, "source_type", "table_name", "file_format"),
        ViewColumn(name="warning_message", kind=Kind.TEXT),
    ),
)

EXTERNAL_ERROR = View(
    name="sys_external_query_error", columns=(_required("query_id", Kind.INTEGER),)
)

EXTERNAL_TABLES = View(
    name="svv_external_tables",
    columns=(
        _required("schemaname", Kind.NAME),
        _required("tablename", Kind.NAME),
        *_columns(Kind.NAME, "redshift_database_name", "input_format", "serialization_lib"),
        ViewColumn(name="parameters", kind=Kind.TEXT),
    ),
)

EXTERNAL_COLUMNS = View(
    name="svv_external_columns",
    columns=(
        _required("schemaname", Kind.NAME),
        _required("tablename", Kind.NAME),
        _required("columnname", Kind.NAME),
        *_columns(Kind.NAME, "redshift_database_name"),
        ViewColumn(name="part_key", kind=Kind.INTEGER),
    ),
)

LOADS = View(
    name="sys_load_history",
    columns=(
        _required("query_id", Kind.INTEGER),
        ViewColumn(name="start_time", kind=Kind.MOMENT),
        *_columns(Kind.NAME, "table_name", "file_format"),
        *_columns(
            Kind.INTEGER,
            "duration",
            "loaded_rows",
            "source_file_count",
            "source_file_bytes",
            "file_count_scanned",
            "file_bytes_scanned",
            "error_count",
        ),
    ),
)

VIEW_INFO = View(
    name="svv_mv_info",
    columns=(
        _required("schema_name", Kind.NAME),
        _required("name", Kind.NAME),
        ViewColumn(name="database_name", kind=Kind.NAME),
        ViewColumn(name="state", kind=Kind.INTEGER),
        # `u` is neither true nor false.
        *_columns(Kind.NAME, "is_stale", "autorewrite", "autorefresh"),
    ),
)

VIEW_REFRESHES = View(
    name="sys_mv_refresh_history",
    columns=(
        _required("schema_name", Kind.NAME),
        _required("mv_name", Kind.NAME),
        ViewColumn(name="database_name", kind=Kind.NAME),
        ViewColumn(name="status", kind=Kind.TEXT),
        ViewColumn(name="start_time", kind=Kind.MOMENT),
        ViewColumn(name="duration", kind=Kind.INTEGER),
    ),
)

SERVERLESS = View(
    name="sys_serverless_usage",
    columns=(
        _required("start_time", Kind.MOMENT),
        *_columns(Kind.NUMBER, "compute_seconds", "compute_capacity", "charged_seconds"),
    ),
)

QUEUES = View(
    name="stv_wlm_service_class_config",
    columns=(
        _required("service_class", Kind.INTEGER),
        *_columns(Kind.NAME, "name", "concurrency_scaling", "query_priority"),
        ViewColumn(name="num_query_tasks", kind=Kind.INTEGER),
    ),
)

RULES = View(
    name="stv_wlm_qmr_config",
    columns=(
        _required("service_class", Kind.INTEGER),
        _required("metric_name", Kind.NAME),
        *_columns(Kind.NAME, "rule_name", "action", "metric_operator"),
        ViewColumn(name="metric_value", kind=Kind.NUMBER),
    ),
)

SLICES = View(
    name="stv_slices",
    columns=(
        _required("slice", Kind.INTEGER),
        ViewColumn(name="node", kind=Kind.INTEGER),
        ViewColumn(name="type", kind=Kind.NAME),
    ),
)

VIEWS = (
    HISTORY,
    TEXT,
    DETAIL,
    EXPLAIN,
    TABLE_INFO,
    COLUMNS,
    ADVISOR,
    ALERTS,
    EXTERNAL_DETAIL,
    EXTERNAL_ERROR,
    EXTERNAL_TABLES,
    EXTERNAL_COLUMNS,
    LOADS,
    VIEW_INFO,
    VIEW_REFRESHES,
    SERVERLESS,
    QUEUES,
    RULES,
    SLICES,
)
