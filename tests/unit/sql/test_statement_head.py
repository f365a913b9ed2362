"""What the first words of a scrubbed statement say."""

import pytest

from backend.sql.statement_head import (
    analyzes_compression,
    defines_view,
    refreshed_view,
    written_table,
)


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("INSERT INTO retail.orders SELECT * FROM stage.orders", "retail.orders"),
        ("insert into orders values (?)", "orders"),
        ('COPY "Retail" . "Orders" from ? iam_role ?', "retail.orders"),
        ("UPDATE shop.retail.orders SET a = ?", "shop.retail.orders"),
        ("DELETE FROM retail.orders WHERE a = ?", "retail.orders"),
        ("delete retail.orders", "retail.orders"),
        ("MERGE INTO retail.orders USING s ON a = b", "retail.orders"),
        ("TRUNCATE TABLE stage.orders", "stage.orders"),
        ("TRUNCATE stage.orders", "stage.orders"),
        ("CREATE TABLE mart.x AS SELECT ? FROM a.b", "mart.x"),
        ("create table if not exists mart.x (a int)", "mart.x"),
        ("CREATE TEMP TABLE x AS SELECT ?", "x"),
        ("DROP TABLE IF EXISTS mart.x", "mart.x"),
        ("ALTER TABLE retail.returns APPEND FROM stage.returns", "retail.returns"),
        ("VACUUM SORT ONLY retail.returns", "retail.returns"),
        ("VACUUM retail.returns", "retail.returns"),
        ("ANALYZE retail.returns", "retail.returns"),
        ("ANALYZE COMPRESSION retail.returns", "retail.returns"),
        ("LOCK retail.returns", "retail.returns"),
        ("  \n update  a.b set c = ?", "a.b"),
    ],
)
def test_names_the_table_that_is_written(statement: str, table: str) -> None:
    assert written_table(statement) == table


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM retail.orders",
        "WITH x AS (SELECT ?) SELECT * FROM x",
        "UNLOAD ('select ? from a.b') TO ?",
        "CREATE VIEW a.b AS SELECT ?",
        "ANALYZE",
        "VACUUM",
        "COPY ANALYZE ?",
        "updated",
        "",
    ],
)
def test_a_statement_that_only_reads_writes_nothing(statement: str) -> None:
    assert written_table(statement) is None


def test_knows_statements_on_materialized_views() -> None:
    assert refreshed_view("REFRESH MATERIALIZED VIEW Mart.MV_Sales") == "mart.mv_sales"
    assert refreshed_view("SELECT ? FROM mart.mv_sales") is None
    assert defines_view("CREATE MATERIALIZED VIEW mart.mv AUTO REFRESH YES AS SELECT ?")
    assert not defines_view("CREATE VIEW mart.v AS SELECT ?")


def test_knows_the_analysis_of_encodings() -> None:
    assert analyzes_compression("analyze compression retail.orders")
    assert analyzes_compression("COPY ANALYZE retail.orders")
    assert not analyzes_compression("ANALYZE retail.orders")
    assert not analyzes_compression("COPY retail.orders FROM ? COMPUPDATE ON")
