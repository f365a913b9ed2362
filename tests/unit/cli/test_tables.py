"""`workbench tables` over a real store, as a person and a script see it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend import wiring
from backend.cli.commands import review as review_command
from backend.domain.evidence import AdvisorRow, Column
from backend.domain.plan import Movement
from backend.domain.table_use import (
    AdvisedTable,
    Arrival,
    JoinEnd,
    JoinKind,
    TableColumn,
    TableJoin,
    TableUse,
)
from backend.services.ports import HistoryStore, PatternRuns
from backend.services.review_tables import review_tables
from tests.builders import (
    A_MOMENT,
    a_hash,
    a_pattern,
    a_recommendation,
    a_review,
    a_table,
    some_runs,
)
from tests.unit.cli.test_commands import CommandLine

ORDERS, LINES = "shop.sales.orders", "shop.sales.lines"


@pytest.fixture
def workbench(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(tmp_path / "data", capsys)


@pytest.fixture
def store(workbench: CommandLine) -> Iterator[HistoryStore]:
    store = wiring.open_workbench(workbench.data_dir).store
    yield store
    store.close()


def keep_tables(store: HistoryStore, *, more: tuple[str, ...] = (), **priced: object) -> None:
    """Lines are sent to the orders of one pattern; an open recommendation wants another key."""
    columns = tuple(Column(name=name, data_type="bigint") for name in ("order_id", "customer_id"))
    store.put_tables(
        a_table(name, distribution_style=style, row_count=10**8, size_mb=512, columns=columns)
        for name, style in (("sales.orders", "KEY(order_id)"), ("sales.lines", "EVEN"))
    )
    ends = [
        JoinEnd(
            arrival=Arrival.SCAN,
            columns=(TableColumn(table_name=table, column_name="order_id"),),
            rows=10**7,
            table_names=(table,),
        )
        for table in (ORDERS, LINES)
    ]
    join = TableJoin(
        join_id=1, kind=JoinKind.INNER, outer=ends[0], inner=ends[1],
        movement=Movement.DS_DIST_INNER, moving_seconds=800.0, is_measured=True,
    )  # fmt: skip
    other = a_recommendation(
        a_hash(1), action_sql="ALTER TABLE sales.lines ALTER DISTSTYLE KEY DISTKEY customer_id;"
    )
    store.put_review(
        a_review(
            a_hash(1),
            A_MOMENT,
            [other],
            table_uses=tuple(
                a_use(table, 900.0, joins=(join,), **priced) for table in (ORDERS, LINES)
            )
            + tuple(a_use(table, 5.0) for table in more),
            advised_tables=(
                AdvisedTable(
                    recommendation_id=other.recommendation_id,
                    table_name=LINES,
                    written_as="sales.lines",
                ),
            ),
        )
    )


def a_use(table_name: str, seconds: float, **changes) -> TableUse:
    return TableUse(
        query_hash=a_hash(1), table_name=table_name, analysis_timestamp=A_MOMENT,
        window_end=A_MOMENT, window_days=7.0, runs=10, seconds=seconds, is_measured=True,
        like_runs=10.0, **changes,
    )  # fmt: skip


def keep_a_pattern_that_reads_a_table(store: HistoryStore) -> None:
    store.put_tables([a_table("sales.orders", distribution_style="EVEN", row_count=10**8)])
    store.add_runs(
        [PatternRuns(pattern=a_pattern(), runs=some_runs(3, elapsed_seconds=60.0))], source="test"
    )


def weigh(store: HistoryStore) -> None:
    review_tables(store=store, analysis_timestamp=A_MOMENT)


def test_tables_come_by_time_with_what_is_proposed(workbench: CommandLine, store: HistoryStore):
    keep_tables(store, more=("shop.sales.small",))
    weigh(store)

    ended = workbench("tables")

    lines = ended.out.splitlines()
    assert ended.code == 0
    assert [line for line in lines if "Distribute by order_id" in line and LINES in line]
    assert lines.index(next(each for each in lines if "sales.small" in each)) > lines.index(
        next(each for each in lines if LINES in each)
    )
    assert (
        "2 tables weighed over 1 pattern: 1 change would save 6.7 min a week net;"
        " 1 recommendation of single patterns contradicted."
    ) in ended.out


def test_a_script_gets_every_table_with_its_decisions(workbench: CommandLine, store: HistoryStore):
    keep_tables(store)
    weigh(store)

    records = workbench("tables", "--json").json

    assert [record["table_name"] for record in records] == [LINES, ORDERS]
    assert records[0]["decisions"][0]["action_sql"] == (
        "ALTER TABLE sales.lines ALTER DISTSTYLE KEY DISTKEY order_id;"
    )
    assert records[0]["decisions"][0]["rivals"][0]["standing"] == "loses"
    assert records[0]["net_usd_a_week"] is None


def test_top_shows_so_many_at_most(workbench: CommandLine, store: HistoryStore):
    keep_tables(store)
    weigh(store)

    assert len(workbench("tables", "--json", "--top", "1").json) == 1


@pytest.mark.parametrize("name", [LINES, "sales.lines", "LINES"])
def test_one_table_shows_who_gains_who_loses_and_why(
    workbench: CommandLine, store: HistoryStore, name: str
):
    keep_tables(store)
    weigh(store)

    ended = workbench("tables", "--table", name)

    assert ended.code == 0
    assert "distribution: change to KEY(order_id)" in ended.out
    assert "ALTER TABLE sales.lines ALTER DISTSTYLE KEY DISTKEY order_id;" in ended.out
    assert f"+  6.7 min  {a_hash(1)}" in ended.out
    assert "loses: “Join on equal keys”" in ended.out
    assert f"15 min a week  {a_hash(1)}" in ended.out


PRICED = {"dollars_a_second": 0.01, "prices_as_of": A_MOMENT.date()}


def test_dollars_stand_beside_every_saving_where_there_are_prices(
    workbench: CommandLine, store: HistoryStore
):
    keep_tables(store, **PRICED)
    weigh(store)

    listed, one = workbench("tables"), workbench("tables", "--table", LINES)

    assert "6.7 min, $4.00" in listed.out
    assert "would save 6.7 min a week net ($4.00);" in listed.out
    assert f"In dollars: $4.00 a week net (prices of {A_MOMENT.date()})" in one.out
    assert f"+  6.7 min  $4.00  {a_hash(1)}" in one.out
    assert workbench("tables", "--json").json[0]["net_usd_a_week"] == 4.0


def test_without_prices_no_dollar_is_told(workbench: CommandLine, store: HistoryStore):
    keep_tables(store)
    weigh(store)

    assert "$" not in workbench("tables").out
    assert "$" not in workbench("tables", "--table", LINES).out


def test_the_advisor_is_set_beside_the_proposal(workbench: CommandLine, store: HistoryStore):
    keep_tables(store)
    ddl = 'ALTER TABLE "sales"."lines" ALTER DISTSTYLE KEY DISTKEY "{}"'
    row = AdvisorRow(
        kind="diststyle", database_name="shop", table_id=7, group_id=1,
        ddl=ddl.format("customer_id"), is_auto_eligible=False, table_name="sales.lines",
    )  # fmt: skip
    store.put_advisor_rows([row])
    weigh(store)
    listed, one = workbench("tables"), workbench("tables", "--table", LINES)

    store.put_advisor_rows([replace(row, ddl=ddl.format("order_id"))])
    weigh(store)
    agreeing = workbench("tables", "--table", LINES)

    assert "disagrees" in next(line for line in listed.out.splitlines() if LINES in line)
    assert "Redshift's Advisor agrees on 0 tables and disagrees on 1." in listed.out
    assert "Advisor disagrees: Redshift's Advisor proposes KEY(customer_id)." in one.out
    assert "Advisor agrees: Redshift's Advisor proposes the same." in agreeing.out


def test_a_script_gets_the_uses_of_one_table_as_well(workbench: CommandLine, store: HistoryStore):
    keep_tables(store)
    weigh(store)

    (record,) = workbench("tables", "--table", "sales.lines", "--json").json

    (use,) = record["uses"]
    assert use["query_hash"] == a_hash(1)
    assert use["joins"][0]["columns"] == [f"{ORDERS}.order_id = {LINES}.order_id"]


def test_an_unknown_table_is_a_sentence(workbench: CommandLine, store: HistoryStore):
    keep_tables(store)

    ended = workbench("tables", "--table", "sales.nothing")

    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err


def test_a_name_that_means_two_tables_names_both(workbench: CommandLine, store: HistoryStore):
    keep_tables(store, more=("shop.archive.lines",))

    ended = workbench("tables", "--table", "lines")

    assert ended.code == 2
    assert "shop.archive.lines" in ended.err
    assert LINES in ended.err


def test_an_empty_store_tells_a_person_what_to_do(workbench: CommandLine):
    assert "workbench review" in workbench("tables").err
    assert workbench("tables", "--json").json == []


def test_tables_that_were_not_weighed_yet_say_so(workbench: CommandLine, store: HistoryStore):
    keep_tables(store)

    assert "Not weighed yet: run `workbench review`." in workbench("tables").out


def test_a_review_of_patterns_weighs_the_tables(workbench: CommandLine, store: HistoryStore):
    keep_a_pattern_that_reads_a_table(store)

    ended = workbench("review")

    assert ended.code == 0
    assert "1 table weighed over 1 pattern" in ended.out
    assert store.tables_review() is not None


def test_the_review_of_one_pattern_weighs_the_tables_as_well(
    workbench: CommandLine, store: HistoryStore
):
    keep_a_pattern_that_reads_a_table(store)

    ended = workbench("review", "--query-hash", a_hash())

    assert "1 table weighed over 1 pattern" in ended.out
    assert ended.err.index("Reviewed 1 of 1") < ended.err.index("Weighing the tables")


def test_tables_that_cannot_be_weighed_are_told_and_lose_no_review(
    workbench: CommandLine, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
):
    keep_a_pattern_that_reads_a_table(store)

    def fails(**_: object) -> None:
        raise KeyError("a statement may be in here")

    monkeypatch.setattr(review_command, "review_tables", fails)

    ended = workbench("review")

    assert ended.code == 1
    assert "Cannot weigh the tables: KeyError" in ended.err
    assert "a statement" not in ended.err
    assert "Reviewed 1 pattern" in ended.out
    assert "weighed over" not in ended.out
    assert store.review_count() == 1
    assert store.latest_workload_review() is not None
    assert [use.query_hash for use in store.each_table_use()] == [a_hash()]


def test_without_a_pattern_no_table_is_weighed(workbench: CommandLine, store: HistoryStore):
    assert workbench("review").code == 0
    assert store.tables_review() is None


def test_recommendations_tell_a_script_how_they_stand(workbench: CommandLine, store: HistoryStore):
    keep_tables(store)
    weigh(store)
    store.add_runs([PatternRuns(pattern=a_pattern(), runs=some_runs(3))], source="test")

    (record,) = workbench("recommendations", "--json").json

    assert record["across_patterns"] == "loses"
    assert "KEY(order_id) of sales.lines saves 6.7 min" in record["across_patterns_reason"]
