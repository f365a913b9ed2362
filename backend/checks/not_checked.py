"""Causes that peers look for and that the collected data cannot show, each with its reason."""

from backend.checks.rule import NotChecked

NOT_CHECKED: tuple[NotChecked, ...] = (
    NotChecked(
        name="a declared key with duplicates",
        reason="Redshift does not enforce keys, and no system view counts duplicates: only the"
        " rows themselves tell. The exports hold no rows.",
        peers=("peers' union: unenforced PK with duplicates",),
    ),
    NotChecked(
        name="a long IN list",
        reason="Scrubbing shortens every list of literals to three, so its length is not kept; where"
        " such a list costs time, it is planning or compile time, which has checks of its own.",
        peers=("sql-sentinel: many OR",),
    ),
    NotChecked(
        name="GROUP BY and ORDER BY with their columns in different order",
        reason="No fact shows a cost of it: groups are hashed whatever their order, and the sort that"
        " ORDER BY asks for goes through the same rows either way.",
        peers=("AWS query best practices: GROUP BY and ORDER BY in the same order",),
    ),
    NotChecked(
        name="HAVING where WHERE would do",
        reason="Neither plan nor steps show at which of the two places a condition was worked out.",
        peers=("sqlcheck: HAVING",),
    ),
    NotChecked(
        name="missing, unused and duplicate indexes",
        reason="Redshift has no indexes; what takes their place, sort keys and zone maps, is looked"
        " for.",
        peers=("sqlcheck: too many indexes, index order", "PgHero, Datadog: index rules"),
    ),
    NotChecked(
        name="LIMIT without ORDER BY, INSERT without a column list, SELECT * within EXISTS",
        reason="They may surprise or break a reader, but take no time: no measured cost stands"
        " behind them.",
        peers=("sql-sentinel: LIMIT no ORDER, SELECT * in EXISTS", "sqlcheck: implicit columns"),
    ),
    NotChecked(
        name="integer division, trailing blanks, NULL in concatenations",
        reason="They change results, not times, and whether they do can be told only from the data."
        " NULL within NOT IN is looked for, because it has a join of its own.",
        peers=("sqlcheck, sql-sentinel: concat", "sqlcheck: NULL use"),
    ),
    NotChecked(
        name="data models: several values in a column, generic keys, tables by year, imprecise types",
        reason="Whether a design suits its meaning cannot be told from names and types, and no fact"
        " ties time to it.",
        peers=("sqlcheck: logical and physical design rules",),
    ),
    NotChecked(
        name="passwords in a statement",
        reason="Literals are masked before anything is kept, so that none can be found.",
        peers=("sqlcheck: readable passwords",),
    ),
    NotChecked(
        name="time within user-defined functions",
        reason="No exported view tells the time of a function apart from that of its step.",
        peers=("PerformanceStudio: scalar UDF time",),
    ),
    NotChecked(
        name="memory grants and late filters",
        reason="SYS_QUERY_DETAIL tells what spilled, which is looked for, but not how much memory a"
        " step was given, nor which rows a filter took out behind a join.",
        peers=("PerformanceStudio: memory grant, late filters",),
    ),
    NotChecked(
        name="a small table with a sort key",
        reason="It costs storage and upkeep, but no statement that can be measured: no view tells"
        " a scan of it from one without a key. Advice to add one is struck by the panel.",
        peers=("awslabs: small table with a sort key (REC_007)",),
    ),
    NotChecked(
        name="an interleaved sort key that has lost its order",
        reason="interleaved_skew stands in SVV_INTERLEAVED_COLUMNS only, which superusers see and"
        " the exports do not hold. interleaved_sort_key looks at the scans instead, and its advice"
        " gives the query.",
        peers=("AWS guide: reindex above a skew of 1.4", "redshift-utils: min-interleaved-skew"),
    ),
    NotChecked(
        name="rows of a table on few of the slices",
        reason="Rows and blocks a slice stand in STV_BLOCKLIST and STV_TBL_PERM, which only"
        " provisioned single-AZ clusters have. skew_rows of SVV_TABLE_INFO is checked instead.",
        peers=("redshift-utils: table_inspector (slices populated), v_fragmentation_info",),
    ),
    NotChecked(
        name="a column of the wrong data type",
        reason="The types are known, the values are not: a VARCHAR that holds nothing but dates"
        " looks like any other, and the Advisor's rows of this kind carry no ddl in"
        " SVV_ALTER_TABLE_RECOMMENDATIONS.",
        peers=("Advisor: data type recommendations", "sqlcheck: imprecise type"),
    ),
    NotChecked(
        name="an automatic table optimization that did not complete",
        reason="SYS_AUTO_TABLE_OPTIMIZATION (SVL_AUTO_WORKER_ACTION) tells of each attempt and why"
        " it stopped; the exports do not hold it. What waits for a decision is told by"
        " pending_advisor.",
        peers=("awslabs: encode, distkey or sortkey action not complete",),
    ),
)
