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
        name="an older node type (DC, DS or RA3) instead of RG",
        reason="Blanket advice: it holds for every such cluster, whatever is slow on it, and its"
        " gain depends on what the same work would take on nodes that it does not run on.",
        peers=("awslabs: DC, DS or RA3 to RG (REC_001)",),
    ),
    NotChecked(
        name="nodes filled unevenly or almost",
        reason="On managed storage data is kept apart from the nodes, so that a full or an unevenly"
        " filled node slows no statement. Only older nodes keep it themselves, and how full those"
        " are is in no exported view; uneven tables are data_skew's matter.",
        peers=(
            "awslabs: storage above 70 or 50 %, below 40 % (REC_005, REC_011)",
            "awslabs: node skew of 10 % and more",
        ),
    ),
    NotChecked(
        name="Serverless would cost less than the cluster",
        reason="How busy a cluster is tells only half: which costs less depends on the RPU that the"
        " same work would take on Serverless, which no view of a cluster tells.",
        peers=("awslabs: busy below 75 % on 3 active days (REC_028)",),
    ),
    NotChecked(
        name="workloads or databases that should be isolated by data sharing",
        reason="That they get in each other's way is shown by queue_pressure and wait_blame. Whether"
        " a second warehouse is worth its price and its copies of rights, the exports cannot show.",
        peers=("awslabs: data sharing isolation (REC_022)", "Advisor: isolate active databases"),
    ),
    NotChecked(
        name="slots of a manual queue that are never used",
        reason="Slots in use are sampled by STV views only while someone looks; the history tells"
        " the runs of a queue, not its slots. manual_wlm gives the remedy that AWS prefers.",
        peers=("Advisor: reallocate WLM memory", "redshift-utils: wlm_apex"),
    ),
    NotChecked(
        name="no monitoring rule on rows that Spectrum scans",
        reason="A rule catches what runs away. What a run scanned is known of one run of a pattern,"
        " so that nothing says what such a rule would catch.",
        peers=("awslabs: no QMR on spectrum_scan (REC_019)",),
    ),
    NotChecked(
        name="Spectrum requests spread unevenly over slices",
        reason="SYS_EXTERNAL_QUERY_DETAIL sums up each segment and has no row per slice or request;"
        " an uneven step of the run itself is found by data_skew.",
    ),
    NotChecked(
        name="partitions that take long to look up",
        reason="The guide gives no unit for get_partition_time of SYS_EXTERNAL_QUERY_DETAIL. How"
        " long the files took to list is shown and counts in small_lake_files.",
    ),
    NotChecked(
        name="runs that only woke Serverless",
        reason="SYS_SERVERLESS_USAGE is by the minute and names no statement; several begin within"
        " most minutes. serverless_overhead says how much of the charge nobody used.",
    ),
    NotChecked(
        name="files of one COPY that differ much in size",
        reason="SYS_LOAD_HISTORY has their number and sum. SYS_LOAD_DETAIL has a row per file, of"
        " which a busy loader makes millions a week, and names their paths.",
        peers=("Advisor: split S3 objects loaded by COPY (of about equal size)",),
    ),
    NotChecked(
        name="a materialized view that nobody has made yet",
        reason="Which aggregate many patterns share is a design, not a measurement: repeated_lake_scans"
        " and the reviewers propose one where a pattern's own figures carry it.",
        peers=("BigQuery: materialized view recommender", "Redshift: automated materialized views"),
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
