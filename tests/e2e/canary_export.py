"""View exports with a secret in every place where a text of a database can hold one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.e2e.canaries import CANARIES, UNLIKE_A_WORD
from tests.unit.importing.exports import as_jsonl, write_rows

FIRST_RUN = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - the views give UTC without a zone

# {c} is the secret, {t} a table of its own for each of them: every text is another pattern.
ANYWHERE: Mapping[str, str] = {
    "string": "select id from {t} where mail = '{c}'",
    "escaped string": r"select id from {t} where mail = E'it\'s {c}'",
    "doubled quote": "select id from {t} where mail = 'it''s {c}'",
    "line comment": "select id from {t} -- for {c}\nwhere id = 1",
    "block comment": "select /* for {c} */ id from {t} where id = 2",
    "nested comment": "select /* a /* b */ {c} */ id from {t} where id = 3",
    "dollar quote": "select $${c}$$, $q$ it's {c} $q$ from {t}",
    "cut string": "select id from {t} where id = 4 and mail = '{c}",
    "cut comment": "select id from {t} where id = 5 /* of {c}",
    "cut dollar quote": "select id from {t} where id = 6 and mail = $x$ {c}",
    "set": "set query_group to '{c}'",
    "set session": "set session authorization '{c}'",
    "unload": (
        "unload ('select id from {t} where mail = ''{c}''') to 's3://{t}/{c}/' iam_role '{c}'"
    ),
    "unload dollar": "unload ($$select id from {t} where mail = '{c}'$$) to 's3://{t}/{c}'",
    "copy": "copy {t} from 's3://{t}/{c}/part' credentials 'aws_access_key_id={c};token={c}' csv",
    "copy keys": "copy {t} from 's3://{t}' access_key_id '{c}' secret_access_key '{c}' json '{c}'",
    "password": "create user {t} password '{c}'",
    "alter user": "alter user {t} with password '{c}' valid until '2030-01-01'",
    "identity": "create external schema {t} from data catalog database 'd' iam_role '{c}'",
    "like": "select id from {t} where mail like '%{c}%' or mail ilike '{c}%'",
    "in list": "select id from {t} where mail in ('{c}', 'b', 'c', '{c}', 'e')",
    "not in rows": "insert into {t} values (1, '{c}'), (2, '{c}')",
    "json path": "select json_extract_path_text(doc, '{c}', 'x') from {t}",
    "regular expression": "select id from {t} where mail ~ '^{c}$' or mail similar to '({c}|b)'",
    "call": "call {t}('{c}', 3)",
    "procedure": (
        "create or replace procedure {t}() as $$ begin -- {c}\n"
        " insert into log values ('{c}'); end $$ language plpgsql"
    ),
    "function": "create function {t}() returns int as $$\n# {c}\nreturn '{c}'\n$$ language plpythonu",
    "comment on": "comment on table {t} is 'of {c}'",
    "view": "create materialized view {t}_mv as select id from {t} where mail = '{c}'",
    "temporary table": "create temp table {t}_tmp as select '{c}' as mail, id from {t}",
    "default": "alter table {t} add column mail varchar(99) default '{c}'",
    "cursor": "declare c1 cursor for select id from {t} where mail = '{c}'",
    "prepared": "prepare p1 as select id from {t} where mail = '{c}'",
    "explain": "explain select id from {t} where mail = '{c}'",
    "concatenation": "select id from {t} where mail = '{c}' || '@' || '{c}'",
    "cast": "select id from {t} where mail = '{c}'::varchar(64) and m = cast('{c}' as text)",
    "case": "select case when mail = '{c}' then '{c}' else 'x' end from {t}",
    "or": "select id from {t} where mail = '{c}' or mail = 'x{c}'",
    "union": "select '{c}' as who from {t} union select '{c}' from {t}",
    "limit": "select id from {t} where mail = '{c}' order by '{c}' limit 10",
    "two statements": "select 1; select id from {t} where mail = '{c}';",
    "no sql": "{t} gave '{c}' not valid (select",
    "unicode string": r"select id from {t} where mail = U&'\0441{c}'",
    "national string": "select id from {t} where mail = N'{c}'",
    "begins with a comment": '/* {{"user": "{c}"}} */ select id from {t} where id = 7',
    "ends with a comment": "select id from {t} where id = 8 -- {c}",
    "grant": 'grant select on {t} to role "{t}" /* asked by {c} */',
    "slow join": (
        "select count(*) as n_{t} from orders o, visits v where o.placed > v.seen and o.mail = '{c}'"
    ),
    "slow join without a string": (
        "select count(*) as m_{t} from orders o, visits v where o.placed > v.seen -- {c}"
    ),
    "not in": (
        "select id as n_{t} from orders where mail not in (select mail from visits where note = '{c}')"
    ),
    "either": "select a_{t}, id from orders where placed = '{c}' or mail = '{c}'",
    "session": "set application_name to '{c}'; select id from {t}",
}
SHOWN_BY_ITS_FORM: Mapping[str, str] = {
    "alias": 'select id as "{c}" from {t}',
    "alias without as": 'select id "{c}" from {t} where id = 9',
    "quoted name": 'select "{c}" from {t}',
    "quoted table": 'select id from {t}."{c}"',
    "json name": 'select doc."{c}"."x" from {t}',
    "quoted user": 'alter user "{c}" rename to {t}',
}
LABELS = ("job for {c}", "'{c}'", "{c}", '{{"user": "{c}", "dag": "daily"}}', "{c}-nightly")


@dataclass(frozen=True, kw_only=True)
class Statement:
    kind: str
    placement: str
    text: str
    label: str = "default"


def statements(one_in: int = 1) -> Iterator[Statement]:
    """Of every placement one kind in so many, other ones each time."""
    for number, (kind, secret) in enumerate(CANARIES.items()):
        placements = dict(ANYWHERE)
        if kind in UNLIKE_A_WORD:
            placements |= SHOWN_BY_ITS_FORM
        for order, (placement, template) in enumerate(placements.items()):
            if (number + order) % one_in:
                continue
            table = f"t_{_letters(number)}_{_letters(order)}"
            has_label = kind in UNLIKE_A_WORD
            label = LABELS[order % len(LABELS)].format(c=secret) if has_label else "default"
            yield Statement(
                kind=kind,
                placement=placement,
                text=template.format(c=secret, t=table),
                label=label,
            )


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:02d}")


def write_canary_export(folder: Path, *, one_in: int = 1) -> Sequence[Statement]:
    """Every view that is read; rows that are bad on purpose are in files of their own."""
    folder.mkdir(parents=True)
    all_statements = list(statements(one_in))
    long_ones = list(_long_texts())
    history = [_run(number, statement) for number, statement in enumerate(all_statements, start=1)]
    first_long = len(history) + 1
    history += [
        _run(first_long + number, Statement(kind=kind, placement="long", text=chunks[0]))
        for number, (kind, chunks) in enumerate(long_ones)
    ]
    write_rows(folder / "sys_query_history.csv", history)
    chunk_rows = [
        {"query_id": first_long + number, "sequence": sequence, "text": chunk}
        for number, (_, chunks) in enumerate(long_ones)
        for sequence, chunk in enumerate(chunks)
        # Of every third one the end is missing.
        if not (number % 3 == 2 and sequence == len(chunks) - 1)
    ]
    write_rows(folder / "sys_query_text.csv", chunk_rows)
    for name, rows in _beside(history).items():
        write_rows(folder / f"{name}.csv", rows)
    _write_bad_files(folder)
    return all_statements


def _run(number: int, statement: Statement) -> dict[str, Any]:
    secret = CANARIES[statement.kind]
    return {
        "query_id": number,
        "user_id": 100,
        "username": "ana",
        "database_name": "shop",
        "query_type": "",
        "status": ("success", "failed", "success", "canceled")[number % 4],
        "start_time": (FIRST_RUN + timedelta(seconds=20 * number)).isoformat(" "),
        "elapsed_time": 90_000_000 + number,
        "queue_time": 1_000_000,
        "execution_time": 80_000_000,
        "result_cache_hit": "false",
        "returned_rows": 5,
        "query_label": statement.label,
        "service_class_name": "Queue of '" + secret + "'",
        "error_message": f"invalid input: '{secret}' and {secret}",
        "user_agent": f"psql/{secret}",
        "session_name": secret,
        "query_text": statement.text.replace("\n", "\\n"),
    }


def _long_texts() -> Iterator[tuple[str, list[str]]]:
    """Cut by the view in the middle of the secret, and at both of its ends."""
    for number, (kind, secret) in enumerate(CANARIES.items()):
        head = f"select id from t_long_{_letters(number)} where note = '"  # noqa: S608 - no SQL that runs
        for cut in (0, len(secret) // 2, len(secret)):
            filler = "x" * (4000 - len(head) - cut)
            text = f"{head}{filler}{secret}' and mail = '{secret}' and part = {cut}"
            yield kind, [text[:4000], text[4000:]]


def _beside(history: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Rows of the other views about the same queries, each with a secret."""
    secrets = list(CANARIES.items())
    by_form = [CANARIES[kind] for kind in UNLIKE_A_WORD]
    plans, details, alerts, scans, loads = [], [], [], [], []
    for row in history:
        query_id = row["query_id"]
        _, secret = secrets[query_id % len(secrets)]
        shown = by_form[query_id % len(by_form)]
        plans += _plan(query_id, secret, shown)
        details += _details(query_id, secret, shown)
        alerts.append(
            {
                "query": query_id,
                "event": f"Very selective query filter:ratio=rows(1)/rows_pre_user_filter(99) {shown}",
                "solution": f"Review the choice of sort key for '{secret}' {shown}",
                "query_text": row["query_text"],
            }
        )
        scans.append(
            {
                "query_id": query_id,
                "start_time": row["start_time"],
                "segment_id": 1,
                "duration": 5_000_000,
                "source_type": f"S3 {shown}" if query_id % 2 else "S3",
                "table_name": "lake.events",
                "file_format": f"Parquet {shown}" if query_id % 2 else "Parquet",
                "file_location": f"s3://bucket/{shown}/",
                "scanned_files": 900,
                "returned_rows": 9,
                "returned_bytes": 10**9,
                "warning_message": f"file s3://b/{shown}/x.parquet has '{secret}' in {shown}",
            }
        )
        loads.append(
            {
                "query_id": query_id,
                "start_time": row["start_time"],
                "table_name": "orders",
                "data_source": f"s3://bucket/{shown}/",
                "file_format": f"csv {shown}" if query_id % 2 else "csv",
                "duration": 5_000_000,
                "loaded_rows": 10,
                "source_file_count": 1,
                "source_file_bytes": 10**9,
                "error_count": 1,
            }
        )
    return {
        "sys_query_explain": plans,
        "sys_query_detail": details,
        "stl_alert_event_log": alerts,
        "sys_external_query_detail": scans,
        "sys_load_history": loads,
        **_of_the_cluster(by_form),
    }


def _plan(query_id: int, secret: str, shown: str) -> list[dict[str, Any]]:
    lines = (
        (0, 0, "XN Aggregate  (cost=2000000.00..2000000.01 rows=1 width=8)", ""),
        (
            1,
            0,
            "  ->  XN Nested Loop DS_BCAST_INNER  (cost=0.00..1900000.00 rows=90000000 width=8)",
            f"Join Filter: (\"inner\".mail = '{secret}'::text)",
        ),
        (
            2,
            1,
            "        ->  XN Seq Scan on orders o  (cost=0.00..90.00 rows=9000 width=8)",
            f"Filter: ((mail)::text ~~ '%{secret}%'::text) AND (note <> '{shown}')",
        ),
        (
            3,
            1,
            "        ->  XN Seq Scan on visits v  (cost=0.00..100.00 rows=10000 width=8)"
            if query_id % 7
            else f'        ->  XN Subquery Scan "{shown}"  (cost=0.00..100.00 rows=10000 width=8)',
            f"One-Time Filter: ({shown})",
        ),
    )
    return [
        {
            "query_id": query_id,
            "plan_node_id": node,
            "plan_parent_id": parent,
            "plan_node": text,
            "plan_info": condition,
        }
        for node, parent, text, condition in lines
    ]


def _details(query_id: int, secret: str, shown: str) -> list[dict[str, Any]]:
    known = {"query_id": query_id, "stream_id": 0, "segment_id": 1, "duration": 60_000_000}
    figures = {"input_rows": 9 * 10**7, "output_rows": 3, "blocks_read": 900}
    return [
        known
        | figures
        | {
            "metrics_level": level,
            "step_id": step,
            "step_name": name,
            "table_name": "shop.public.orders",
            "alert": f"Missing statistics for '{secret}' by {shown}",
            "source": f"s3://{shown}/part '{secret}'",
            "plan_node_id": 2,
        }
        for level, step, name in (("segment", "", ""), ("step", 1, "scan"), ("step", 2, "nestloop"))
    ]


def _of_the_cluster(by_form: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    at = FIRST_RUN.isoformat(" ")
    tables = [
        {
            "database": "shop",
            "schema": "public",
            "table": "orders",
            "table_id": 7,
            "encoded": "Y",
            "diststyle": "EVEN",
            "sortkey1": "mail",
            "size": 90_000,
            "tbl_rows": 9 * 10**8,
            "stats_off": 60,
            "unsorted": 50,
        }
    ]
    events = [
        {
            "table_id": 7,
            "start_time": at,
            "event_time": at,
            "status": f"Completed for {secret}" if number % 2 else "Completed",
            "vacuum_type": f"Sort Only {secret}",
            "alter_table_type": "sortkey",
            "alter_from": f"SORTKEY (mail) DEFAULT '{secret}' {secret}",
        }
        for number, secret in enumerate(by_form)
    ]
    return {
        "svv_table_info": tables,
        "svv_redshift_columns": [
            {
                "database_name": "shop",
                "schema_name": "public",
                "table_name": "orders",
                "column_name": "mail",
                "data_type": "varchar(256)",
                "column_default": f"'{secret}'",
                "remarks": secret,
            }
            for secret in by_form
        ],
        "svv_alter_table_recommendations": [
            {
                "type": "sortkey",
                "database": "shop",
                "table_id": 7,
                "group_id": number,
                "ddl": f"{start} public.orders ALTER SORTKEY (mail) {end}".format(c=secret),
                "auto_eligible": "f",
            }
            for number, secret in enumerate(by_form)
            for start, end in (
                ("ALTER TABLE", "-- {c}"),
                ("ALTER TABLE", "{c}"),
                ("CREATE TABLE", "DEFAULT '{c}'"),
                ("ALTER TABLE", '"{c}"'),
            )
        ],
        "sys_analyze_history": events,
        "sys_vacuum_history": events,
        "sys_auto_table_optimization": events,
        "svv_external_tables": [
            {
                "schemaname": "lake",
                "tablename": "events",
                "location": f"s3://bucket/{secret}",
                "input_format": f"org.apache.ParquetInputFormat {secret}",
                "serialization_lib": secret,
                "parameters": f'{{"numRows":"172000","owner":"{secret}"}}',
            }
            for secret in by_form
        ],
        "svv_mv_info": [
            {"schema_name": "public", "name": "mv", "state": 1, "is_stale": secret}
            for secret in by_form
        ],
        "sys_mv_refresh_history": [
            {
                "schema_name": "public",
                "mv_name": "mv",
                "status": f"Refresh failed. {secret}",
                "start_time": at,
                "duration": 5,
            }
            for secret in by_form
        ],
        "stv_wlm_service_class_config": [
            {
                "service_class": 6 + number % 8,
                "name": f"queue of {secret}",
                "num_query_tasks": 5,
                "query_priority": f"normal {secret}",
                "concurrency_scaling": secret,
            }
            for number, secret in enumerate(by_form)
        ],
        "stv_wlm_qmr_config": [
            {
                "service_class": 6 + number % 8,
                "rule_name": f"rule {secret}",
                "action": f"log {secret}",
                "metric_name": f"query_execution_time {secret}",
                "metric_operator": ">",
                "metric_value": 5,
            }
            for number, secret in enumerate(by_form)
        ],
    }


def _write_bad_files(folder: Path) -> None:
    """What cannot be read is told by place only."""
    statement = Statement(kind="email", placement="bad", text="select 1")
    bad = [
        _run(number, statement) | {"query_text": f"select '{secret}'", column: secret}
        for number, secret in enumerate(CANARIES.values(), start=90_000)
        for column in ("query_id", "start_time", "elapsed_time", "result_cache_hit")
        # A number of digits alone is a good id.
        if not secret.isdecimal()
    ]
    write_rows(folder / "sys_query_history_1.csv", bad)
    secret = CANARIES["email"]
    half = as_jsonl([_run(91_000, Statement(kind="email", placement="bad", text=f"'{secret}"))])
    (folder / "sys_query_history_2.jsonl").write_bytes(half[: len(half) // 2] + b"\n" + half[:90])
    broken = f'query_id,status\n1,"never closed {secret}\n2,{secret},{secret},{secret}\n'
    (folder / "sys_query_history_3.csv").write_text(broken)
