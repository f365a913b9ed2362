"""A small folder of view exports: two statements of a shop, one of them slow."""

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

FIRST_RUN = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - the views give UTC without a zone
SLOW = "SELECT count(*) FROM orders o, visits v WHERE o.placed > v.seen AND o.mail = 'MAIL'"
QUICK = "SELECT total FROM orders WHERE mail = 'MAIL'  -- of MAIL"
NESTED_LOOP_PLAN = (
    (0, 0, "XN Aggregate  (cost=2000000.00..2000000.01 rows=1 width=8)"),
    (1, 0, "  ->  XN Nested Loop DS_BCAST_INNER  (cost=0.00..1900000.00 rows=90000000 width=8)"),
    (2, 1, "        ->  XN Seq Scan on orders  (cost=0.00..90.00 rows=9000 width=8)"),
    (3, 1, "        ->  XN Seq Scan on visits  (cost=0.00..100.00 rows=10000 width=8)"),
)


def write_exports(folder: Path, *, literal: str) -> None:
    """`literal` stands in the statements: nothing may show it."""
    folder.mkdir(parents=True, exist_ok=True)
    runs = [
        *(
            _run(number, SLOW.replace("MAIL", literal), seconds=90 + number)
            for number in range(1, 11)
        ),
        *(_run(number, QUICK.replace("MAIL", literal), seconds=1) for number in range(11, 21)),
    ]
    _write(folder / "sys_query_history.csv", runs)
    plan = [
        {"query_id": 10, "plan_node_id": node, "plan_parent_id": parent, "plan_node": text}
        for node, parent, text in NESTED_LOOP_PLAN
    ]
    _write(folder / "sys_query_explain.csv", plan)


def _run(number: int, text: str, *, seconds: int) -> Mapping[str, object]:
    return {
        "query_id": number,
        "user_id": 100,
        "username": "ana",
        "database_name": "shop",
        "query_type": "SELECT",
        "status": "success",
        "start_time": (FIRST_RUN + timedelta(hours=number)).isoformat(" "),
        "elapsed_time": seconds * 1_000_000,
        "queue_time": 0,
        "execution_time": seconds * 1_000_000,
        "result_cache_hit": "false",
        "query_text": text,
    }


def _write(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
