"""Texts beside the statements: what of them is kept, where Redshift's own words are expected."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from backend.adapters.sqlite import SqliteHistory, open_sqlite_history
from tests.builders import A_MOMENT, a_table
from tests.unit.importing.exports import a_history_row, write_rows
from tests.unit.importing.test_import_view_export import run_import

MAIL = "zoe@mail.example"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteHistory]:
    history = open_sqlite_history(tmp_path / "history.sqlite3")
    yield history
    history.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "export"
    path.mkdir()
    write_rows(path / "sys_query_history.csv", [a_history_row()])
    write_rows(
        path / "svv_table_info.csv",
        [{"database": "shop", "schema": "sales", "table": "orders", "table_id": "7"}],
    )
    return path


@pytest.mark.parametrize(
    ("ddl", "kept"),
    [
        (
            'ALTER TABLE "sales"."orders" ALTER DISTSTYLE KEY DISTKEY "order_id"',
            'ALTER TABLE "sales"."orders" ALTER DISTSTYLE KEY DISTKEY "order_id"',
        ),
        (
            f"ALTER TABLE sales.orders ALTER SORTKEY (day) -- for {MAIL}",
            "ALTER TABLE sales.orders ALTER SORTKEY (day)",
        ),
        (f"ALTER TABLE sales.orders {MAIL}", "ALTER TABLE sales.orders ?"),
        (f"CREATE TABLE t (a text DEFAULT '{MAIL}')", "CREATE TABLE t (a text DEFAULT ?)"),
    ],
)
def test_of_the_advisors_ddl_only_names_and_keywords_are_kept(
    folder: Path, store: SqliteHistory, ddl: str, kept: str
) -> None:
    row = {"type": "sortkey", "database": "shop", "table_id": "7", "ddl": ddl}
    write_rows(folder / "svv_alter_table_recommendations.csv", [row])

    run_import(folder, store)

    assert [each.ddl for each in store.advisor_rows(["sales.orders"])] == [kept]


def test_a_queue_keeps_redshifts_words_and_no_personal_data(
    folder: Path, store: SqliteHistory
) -> None:
    queue = {"service_class": "6", "num_query_tasks": "5", "concurrency_scaling": "auto"}
    rule = {"service_class": "6", "metric_value": "5", "metric_operator": ">"}
    write_rows(
        folder / "stv_wlm_service_class_config.csv",
        [queue | {"name": f"of {MAIL}", "query_priority": f"Highest {MAIL}"}],
    )
    write_rows(
        folder / "stv_wlm_qmr_config.csv",
        [
            rule
            | {
                "rule_name": f"rule {MAIL}",
                "action": f"hop {MAIL}",
                "metric_name": f"query_execution_time {MAIL}",
            }
        ],
    )

    run_import(folder, store)

    (kept,) = store.queues()
    assert (kept.name, kept.priority) == ("of ?", "highest ?")
    (rule_kept,) = kept.rules
    assert (rule_kept.rule_name, rule_kept.action) == ("rule ?", "hop ?")
    assert (rule_kept.metric_name, rule_kept.metric_operator) == ("query_execution_time ?", ">")


def test_what_was_done_to_a_table_keeps_its_figures_and_no_personal_data(
    folder: Path, store: SqliteHistory
) -> None:
    vacuum = {"table_id": "7", "start_time": str(A_MOMENT.replace(tzinfo=None))}
    write_rows(
        folder / "sys_vacuum_history.csv",
        [vacuum | {"vacuum_type": f"Sort Only {MAIL}", "status": f"Complete (sorted>=95%) {MAIL}"}],
    )

    run_import(folder, store)

    day = timedelta(days=1)
    orders = a_table("sales.orders", database="shop")
    (event,) = store.table_events(orders, A_MOMENT - day, A_MOMENT + day)
    assert (event.what, event.status) == ("Sort Only ?", "Complete (sorted>=95%) ?")
