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
