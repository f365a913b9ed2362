from io import StringIO

import pytest

from backend.cli.terminal import Column, Terminal


class Screen(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_table_is_aligned_and_numbers_stand_right():
    terminal = Terminal(out=StringIO(), err=StringIO())

    terminal.table(
        (Column(heading="name"), Column(heading="runs", is_number=True)),
        [("orders", "7"), ("a\x1b[31m", "1,200")],
    )

    assert terminal.out.getvalue() == "name     runs\norders      7\na       1,200\n"


def test_progress_is_plain_lines_where_no_one_watches():
    terminal = Terminal(out=StringIO(), err=StringIO())

    terminal.progress("1 of 2")
    terminal.progress("2 of 2")
    terminal.end_progress()

    assert terminal.err.getvalue() == "1 of 2\n2 of 2\n"


def test_progress_on_a_screen_leaves_nothing_behind_a_remark():
    terminal = Terminal(out=StringIO(), err=Screen())

    terminal.progress("reading")
    terminal.remark("done")

    assert terminal.err.getvalue() == "\rreading\r       \rdone\n"


def test_on_a_narrow_screen_only_the_last_column_is_cut(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "40")
    terminal = Terminal(out=Screen(), err=StringIO())

    terminal.table(
        (Column(heading="query_hash"), Column(heading="statement", width=60)),
        [("f1-0000", "SELECT region, SUM(amount) FROM orders GROUP BY region")],
    )

    assert terminal.out.getvalue().splitlines() == [
        "query_hash  statement",
        "f1-0000     SELECT region, SUM(amount)…",
    ]
