"""The verbs over a real store, as a script sees them: exit code, stdout, stderr."""

import csv
import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from pyarrow import parquet

from backend import wiring
from backend.cli.main import main
from backend.cli.parser import VERBS
from backend.domain.cluster_use import HourUse
from backend.domain.finding import GoodNews, Severity
from backend.domain.lake import LakeDay
from backend.domain.pattern import PatternFilter
from backend.services.export_recommendations import COLUMNS
from backend.services.ports import HistoryStore, PatternRuns
from tests.builders import (
    A_DAY,
    A_MOMENT,
    a_hash,
    a_pattern,
    a_recommendation,
    a_review,
    some_evidence,
    some_runs,
)


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> object:
        return json.loads(self.out)


class CommandLine:
    def __init__(self, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data_dir = data_dir
        self.capsys = capsys

    def __call__(self, *words: str) -> Ended:
        try:
            code = main(["--data-dir", str(self.data_dir), *words])
        except SystemExit as ended:
            code = int(ended.code or 0)
        told = self.capsys.readouterr()
        return Ended(code, told.out, told.err)


@pytest.fixture
def workbench(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(tmp_path / "data", capsys)


@pytest.fixture
def store(workbench: CommandLine) -> Iterator[HistoryStore]:
    store = wiring.open_workbench(workbench.data_dir).store
    yield store
    store.close()


def keep_pattern(store: HistoryStore, number: int = 1, *, runs: int = 3, **changes: object) -> str:
    kept = PatternRuns(
        pattern=a_pattern(a_hash(number), **changes),
        runs=some_runs(runs, first_query_id=1_000 * number),
    )
    store.add_runs([kept], source="test")
    return a_hash(number)


def write_history(folder: Path, *rows: str) -> Path:
    folder.mkdir(exist_ok=True)
    head = "query_id,start_time,elapsed_time,status,query_text"
    text = "\n".join([head, *rows, ""])
    (folder / "sys_query_history.csv").write_text(text, encoding="utf-8")
    return folder


GOOD_ROW = "1,2026-03-02 09:00:00,2000000,success,SELECT 1 FROM orders"
BAD_ROW = "2,2026-03-02 09:01:00,soon,success,SELECT 2 FROM orders"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_with_an_example(workbench: CommandLine, verb: str):
    ended = workbench(verb, "--help")

    assert ended.code == 0
    assert f"workbench {verb}" in ended.out.split("examples:")[1] or verb == "doctor"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["frobnicate"],
        ["patterns", "--top", "0"],
        ["patterns", "--from", "yesterday"],
        ["review", "--top", "3", "--query-hash", "f1-1"],
        ["recommendations", "--severity", "fatal"],
        ["import", "x", "--source", "sample"],
        ["run", "--port", "70000"],
        ["export", "--format", "parquet"],
        ["show", "f1-unknown"],
        ["--data-dir", "", "patterns"],
        ["review", "--query-hash", "f1-unknown"],
        ["import", "/nowhere/at/all"],
    ],
    ids=" ".join,
)
def test_bad_usage_and_bad_input_end_with_two(workbench: CommandLine, words: list[str]):
    ended = workbench(*words)

    assert ended.code == 2
    assert ended.out == ""
    assert ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("verb", ["patterns", "recommendations", "review", "tables"])
def test_an_empty_store_gives_an_empty_list_to_a_script(workbench: CommandLine, verb: str):
    ended = workbench(verb, "--json")

    assert ended.code == 0
    assert ended.json == []


def test_an_empty_store_tells_a_person_what_to_do(workbench: CommandLine):
    ended = workbench("patterns")

    assert ended.code == 0
    assert "workbench import FOLDER" in ended.err


def test_patterns_are_ranked_by_total_time(workbench: CommandLine, store: HistoryStore):
    keep_pattern(store, 1, runs=2)
    keep_pattern(store, 2, runs=9)

    ended = workbench("patterns", "--json")

    assert [row["query_hash"] for row in ended.json] == [a_hash(2), a_hash(1)]


def test_top_cuts_the_list_and_the_table_says_so(workbench: CommandLine, store: HistoryStore):
    for number in (1, 2, 3):
        keep_pattern(store, number)

    as_json = workbench("patterns", "--json", "--top", "2")
    as_table = workbench("patterns", "--top", "2")

    assert len(as_json.json) == 2
    assert "2 of 3 patterns" in as_table.out


def test_filters_by_day_user_and_database_reach_the_store(
    workbench: CommandLine, store: HistoryStore
):
    keep_pattern(store)

    assert workbench("patterns", "--json", "--user", "analyst").json != []
    assert workbench("patterns", "--json", "--user", "nobody").json == []
    assert workbench("patterns", "--json", "--database", "nowhere").json == []
    assert workbench("patterns", "--json", "--from", "2026-03-03").json == []
    assert workbench("patterns", "--json", "--to", "2026-03-01").json == []


def test_text_from_outside_cannot_steer_the_terminal(workbench: CommandLine, store: HistoryStore):
    query_hash = keep_pattern(store, scrubbed_sql='SELECT "\x1b[31mred\x1b]0;title\x07"')
    advice = a_recommendation(query_hash, title="Do\x1b[2Jthis\r")
    store.put_review(a_review(query_hash, recommendations=[advice]))

    told = [
        workbench("patterns").out,
        workbench("show", query_hash).out,
        workbench("recommendations").out,
    ]

    assert not any(mark in text for text in told for mark in "\x1b\x07\r")


def test_show_tells_of_a_pattern_that_nobody_reviewed(workbench: CommandLine, store: HistoryStore):
    query_hash = keep_pattern(store)

    as_text = workbench("show", query_hash)
    as_json = workbench("show", query_hash, "--json")

    assert f"workbench review --query-hash {query_hash}" in as_text.out
    assert set(as_json.json) == {"pattern", "review", "recommendations"}
    assert as_json.json["review"] is None


def test_show_tells_the_diagnosis_step_by_step(workbench: CommandLine, store: HistoryStore):
    query_hash = keep_pattern(store)
    workbench("review", "--query-hash", query_hash)

    as_text = workbench("show", query_hash)
    as_json = workbench("show", query_hash, "--json")

    lines = [line.strip() for line in as_text.out.splitlines()]
    assert "1. Same statement: 3 runs of one shape; none from the result cache. [F1]" in lines
    [design] = [line for line in lines if line.startswith("5. Statement and design: ")]
    steps = as_json.json["review"]["diagnosis"]["steps"]
    assert [step["number"] for step in steps] == [1, 2, 3, 4, 5]
    assert steps[-1]["sentence"] in design


def test_show_tells_what_is_worth_keeping(workbench: CommandLine, store: HistoryStore):
    query_hash = keep_pattern(store)
    news = GoodNews(
        check="sort_key_pruned", sentence="3 % is read.", fact_ids=("F1",), spared_seconds=60.0
    )
    store.put_review(a_review(query_hash, good_news=(news,)))

    as_text = workbench("show", query_hash)
    as_json = workbench("show", query_hash, "--json")

    assert "  worth keeping: 3 % is read. [F1]" in as_text.out
    assert as_json.json["review"]["good_news"] == [
        {
            "check": "sort_key_pruned",
            "sentence": "3 % is read.",
            "fact_ids": ["F1"],
            "subject": "",
            "spared_seconds": 60.0,
        }
    ]


def test_review_puts_a_review_for_each_pattern(workbench: CommandLine, store: HistoryStore):
    keep_pattern(store, 1)
    keep_pattern(store, 2)

    ended = workbench("review", "--json")

    assert ended.code == 0
    assert {row["query_hash"] for row in ended.json} == {a_hash(1), a_hash(2)}
    assert store.review_count() == 2
    assert "Reviewed 2 of 2" in ended.err


def test_before_the_first_review_there_is_no_workload(workbench: CommandLine):
    as_text, as_json = workbench("workload"), workbench("workload", "--json")

    assert (as_text.code, as_json.code) == (0, 0)
    assert "workbench review" in as_text.err
    assert as_json.json is None


def test_review_looks_across_all_patterns_behind_them(workbench: CommandLine, store: HistoryStore):
    keep_pattern(store)
    workbench("review")

    as_text, as_json = workbench("workload"), workbench("workload", "--json")

    assert "from 2026-02-03 to 2026-03-03: 0 findings" in as_text.out
    assert "missing: Figures by the hour" in as_text.out
    assert as_json.json["wait_blame"] == []
    assert store.latest_workload_review() is not None


def test_the_review_of_one_pattern_leaves_the_workload(workbench: CommandLine, store: HistoryStore):
    workbench("review", "--query-hash", keep_pattern(store))

    assert store.review_count() == 1
    assert store.latest_workload_review() is None


def test_the_workload_shows_whom_others_waited_for(workbench: CommandLine, store: HistoryStore):
    keep_pattern(store, 1)
    waiting = some_runs(20, elapsed_seconds=60.0, queue_seconds=60.0, first_query_id=50)
    holding = some_runs(1, elapsed_seconds=3_600, first_query_id=90)
    for number, runs in ((2, waiting), (3, holding)):
        store.add_runs([PatternRuns(pattern=a_pattern(a_hash(number)), runs=runs)], source="test")
    use = HourUse(hour=A_MOMENT, runs=21, elapsed_seconds=4_800.0, queue_seconds=1_200.0)
    store.keep_hours([use], source="test")
    workbench("review")

    ended = workbench("workload")

    board = ended.out.split("Whom others waited for in the queue")[1]
    assert a_hash(3) in board
    assert "19 min 57 s" in board


def test_recommendations_are_filtered_by_severity(workbench: CommandLine, store: HistoryStore):
    advice = [
        a_recommendation(subject="a", severity=Severity.HIGH),
        a_recommendation(subject="b", severity=Severity.LOW),
    ]
    store.put_review(a_review(recommendations=advice))

    ended = workbench("recommendations", "--json", "--severity", "low")

    assert [row["subject"] for row in ended.json] == ["b"]
    assert list(ended.json[0]) == list(COLUMNS)


@pytest.mark.parametrize("file_format", ["csv", "jsonl", "parquet"])
def test_a_file_is_written_in_the_format_of_its_name(
    workbench: CommandLine, store: HistoryStore, tmp_path: Path, file_format: str
):
    store.put_review(a_review(recommendations=[a_recommendation()]))
    path = tmp_path / f"advice.{file_format}"

    ended = workbench("export", "--output", str(path))

    match file_format:
        case "csv":
            rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        case "jsonl":
            rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        case _:
            rows = parquet.read_table(path).to_pylist()
    assert ended.code == 0
    assert [row["title"] for row in rows] == ["Join on equal keys"]
    assert list(rows[0]) == list(COLUMNS)
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == [path.name]


def test_an_export_that_cannot_be_written_is_a_sentence(workbench: CommandLine, tmp_path: Path):
    ended = workbench("export", "--output", str(tmp_path / "missing" / "advice.csv"))

    assert ended.code == 2
    assert "Cannot write" in ended.err


def test_a_pipe_is_written_to_and_not_replaced(
    workbench: CommandLine, store: HistoryStore, tmp_path: Path
):
    store.put_review(a_review(recommendations=[a_recommendation()]))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    ended = workbench("export", "--format", "csv", "--output", str(pipe))

    assert ended.code == 0
    assert os.read(reading, 100).startswith(b'"recommendation_id",')
    assert pipe.is_fifo()
    os.close(reading)


def test_good_rows_are_kept_and_bad_ones_named(workbench: CommandLine, tmp_path: Path):
    folder = write_history(tmp_path / "exports", GOOD_ROW, BAD_ROW)

    ended = workbench("import", str(folder), "--json")

    assert ended.code == 0
    assert ended.json["new_runs"] == 1
    assert [problem["column_name"] for problem in ended.json["problems"]] == ["elapsed_time"]
    assert "sys_query_history.csv, row 2, column elapsed_time" in ended.err


def test_strict_keeps_nothing_of_a_bad_export(workbench: CommandLine, tmp_path: Path):
    folder = write_history(tmp_path / "exports", GOOD_ROW, BAD_ROW)

    ended = workbench("import", str(folder), "--strict")

    assert ended.code == 2
    assert "row 2" in ended.err
    assert workbench("patterns", "--json").json == []


@pytest.mark.parametrize("rows", [[], [BAD_ROW]], ids=["empty", "all bad"])
def test_an_export_without_one_good_row_ends_with_two(
    workbench: CommandLine, tmp_path: Path, rows: list[str]
):
    folder = write_history(tmp_path / "exports", *rows)

    ended = workbench("import", str(folder))

    assert ended.code == 2
    assert f"Nothing in {folder} could be used" in ended.err


def test_a_folder_without_history_ends_with_two(workbench: CommandLine, tmp_path: Path):
    ended = workbench("import", str(tmp_path))

    assert ended.code == 2
    assert "sys_query_history" in ended.err


@pytest.mark.parametrize(("times", "fast_run"), [(2, 2), (5, None)])
def test_an_import_holds_to_the_configured_thresholds(
    workbench: CommandLine, tmp_path: Path, times: float, fast_run: int | None
):
    workbench.data_dir.mkdir()
    (workbench.data_dir / "workbench.toml").write_text(
        f"[thresholds]\nclearly_faster_times = {times}\n"
    )
    faster = GOOD_ROW.replace("1,", "2,", 1).replace("2000000", "600000")
    folder = write_history(tmp_path / "exports", GOOD_ROW, faster)
    plan_line = "1,0,XN Seq Scan on orders  (cost=0.00..1.00 rows=5)"
    (folder / "sys_query_explain.csv").write_text(
        "query_id,plan_node_id,plan_parent_id,plan_node\n"
        + "".join(f"{run},{plan_line}\n" for run in (1, 2))
    )

    assert workbench("import", str(folder)).code == 0

    store = wiring.open_workbench(workbench.data_dir).store
    [row] = store.rank_patterns(PatternFilter(), limit=9).rows
    evidence = store.evidence(row.pattern.query_hash)
    store.close()
    assert evidence is not None
    assert (evidence.fast_plan.query_id if evidence.fast_plan else None) == fast_run


def test_the_first_import_replaces_the_sample(
    workbench: CommandLine, store: HistoryStore, tmp_path: Path
):
    keep_pattern(store)
    store.set_note("origin", "sample")
    folder = write_history(tmp_path / "exports", GOOD_ROW)

    ended = workbench("import", str(folder))

    assert "Removed the sample workload" in ended.err
    assert a_hash() not in {row["query_hash"] for row in workbench("patterns", "--json").json}
    assert store.note("origin") == "import"


@pytest.mark.parametrize("options", [[], ["--strict"]], ids=["plain", "strict"])
def test_an_import_that_is_refused_leaves_the_sample(
    workbench: CommandLine, store: HistoryStore, tmp_path: Path, options: list[str]
):
    query_hash = keep_pattern(store)
    store.set_note("origin", "sample")
    folder = write_history(tmp_path / "exports", BAD_ROW)

    ended = workbench("import", str(folder), *options)

    assert ended.code == 2
    assert store.pattern(query_hash)
    assert store.note("origin") == "sample"


def test_doctor_says_what_is_there(workbench: CommandLine, store: HistoryStore):
    keep_pattern(store)

    ended = workbench("doctor", "--json")

    assert ended.code == 0
    assert {"Python", "data folder", "store", "origin", "reviewers", "AWS"} <= {
        check["name"] for check in ended.json
    }


def test_doctor_tells_of_the_last_import_in_words(workbench: CommandLine, tmp_path: Path):
    folder = write_history(tmp_path / "exports", GOOD_ROW, "2,soon,1,success,SELECT 1")
    workbench("import", str(folder))

    ended = workbench("doctor", "--json")

    [told] = [check["what"] for check in ended.json if check["name"] == "last import"]
    assert told.endswith(" UTC: 1 new run, 0 known, 1 problem, source export")


def test_raw_texts_are_kept_told_of_and_forgotten(
    workbench: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WORKBENCH_RAW_TEXT_DAYS", "7")
    folder = write_history(tmp_path / "exports", "2,2026-03-02 09:00:00,1,success,SELECT 'zoe'")
    workbench("import", str(folder))
    raw_text_file = workbench.data_dir / "raw_text.sqlite3"
    assert b"zoe" in raw_text_file.read_bytes()

    (told,) = [c["what"] for c in workbench("doctor", "--json").json if c["name"] == "raw texts"]
    ended = workbench("forget-raw-text")

    assert told.startswith("kept for 7 days: 1 statement, the last until ")
    assert ended.code == 0
    assert ended.out == "The raw texts are deleted.\n"
    assert "The next import keeps them again" in ended.err
    assert not raw_text_file.exists()
    assert workbench("forget-raw-text").out == "No raw text was kept.\n"


def test_without_the_setting_no_raw_text_is_kept_and_doctor_says_so(
    workbench: CommandLine, tmp_path: Path
):
    folder = write_history(tmp_path / "exports", "2,2026-03-02 09:00:00,1,success,SELECT 'zoe'")
    workbench("import", str(folder))

    (told,) = [c["what"] for c in workbench("doctor", "--json").json if c["name"] == "raw texts"]

    assert told == "none are kept"
    assert not (workbench.data_dir / "raw_text.sqlite3").exists()
    assert workbench("forget-raw-text").code == 0


def test_doctor_looks_and_makes_nothing(workbench: CommandLine):
    ended = workbench("doctor")

    assert ended.code == 0
    assert "workbench import FOLDER" in ended.out
    assert not workbench.data_dir.exists()


def test_doctor_fails_where_the_data_folder_is_a_file(workbench: CommandLine, tmp_path: Path):
    workbench.data_dir.write_text("a file")

    ended = workbench("doctor")

    assert ended.code == 1
    assert "--data-dir" in ended.out


@pytest.mark.parametrize("option", ["--port", "--api-port"])
def test_run_names_the_option_for_a_port_in_use_and_loads_nothing(
    workbench: CommandLine, option: str
):
    with socket.create_server(("127.0.0.1", 0)) as server:
        busy_port = server.getsockname()[1]

        ended = workbench("run", "--port", "1024", "--api-port", "1025", option, str(busy_port))

    assert ended.code == 1
    assert f"Port {busy_port} on 127.0.0.1 is in use" in ended.err
    assert option in ended.err
    assert not workbench.data_dir.exists()


def test_run_needs_two_ports(workbench: CommandLine):
    ended = workbench("run", "--port", "18555", "--api-port", "18555")

    assert ended.code == 2


def test_an_unexpected_error_is_one_line_and_a_file_says_where_without_a_value(
    workbench: CommandLine, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object) -> None:
        raise RuntimeError("SELECT secret")

    monkeypatch.setattr(wiring, "open_workbench", fail)

    ended = workbench("patterns")

    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert "secret" not in ended.err
    details = Path(ended.err.split("Where it happened is in ")[1].split(";")[0])
    told = details.read_text(encoding="utf-8")
    details.unlink()
    assert told.startswith("builtins.RuntimeError\n")
    assert "backend.cli.commands.patterns:" in told
    assert "secret" not in told


def test_a_reader_that_goes_away_ends_the_command_quietly(tmp_path: Path):
    script = (
        "import sys; from backend.cli.main import main; "
        "from backend.cli.terminal import Terminal; "
        "from backend.cli.commands import patterns; "
        "patterns.execute = lambda a, t: [t.say('x' * 100) for _ in range(10_000)] and 0; "
        "sys.exit(main(['patterns']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None

        process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read()

    assert process.returncode == 141
    assert told == b""


def test_the_beginning_of_a_hash_will_do_where_no_other_begins_so(
    workbench: CommandLine, store: HistoryStore
):
    keep_pattern(store, 1)
    keep_pattern(store, 16)

    ended = workbench("show", a_hash(16)[:-1], "--json")

    assert ended.json["pattern"]["query_hash"] == a_hash(16)


def test_a_hash_that_is_unknown_or_begins_several_is_bad_input(
    workbench: CommandLine, store: HistoryStore
):
    keep_pattern(store, 1)
    keep_pattern(store, 2)

    several = workbench("show", a_hash(1)[:-1])
    unknown = [
        workbench("show", "f1-f"),
        workbench("show", ""),
        workbench("review", "--query-hash", "orders"),
        workbench("recommendations", "--query-hash", "f1-f"),
        workbench("export", "--query-hash", "f1-f"),
    ]

    assert (several.code, several.out) == (2, "")
    assert "Several patterns begin with" in several.err
    assert [(ended.code, ended.out) for ended in unknown] == [(2, "")] * len(unknown)


def test_days_the_wrong_way_round_are_bad_input(workbench: CommandLine):
    ended = workbench("patterns", "--from", "2026-03-02", "--to", "2026-03-01")

    assert ended.code == 2
    assert "--from 2026-03-02 is later than --to 2026-03-01" in ended.err


def test_a_file_name_of_another_format_is_not_filled_with_csv(
    workbench: CommandLine, tmp_path: Path
):
    ended = workbench("export", "--output", str(tmp_path / "advice.xlsx"))

    assert ended.code == 2
    assert not (tmp_path / "advice.xlsx").exists()


def test_a_full_disk_behind_stdout_is_a_sentence(tmp_path: Path):
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [
                sys.executable,
                "-m",
                "backend.cli.main",
                "--data-dir",
                tmp_path,
                "patterns",
                "--json",
            ],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert ended.returncode == 1
    assert ended.stderr == "workbench patterns: No space left on device.\n"


def test_closed_streams_do_not_sink_a_command(tmp_path: Path):
    command = f'"{sys.executable}" -m backend.cli.main --data-dir "{tmp_path}" patterns >&- 2>&-'

    ended = subprocess.run(["/bin/sh", "-c", command], check=False)

    assert ended.returncode == 0


def test_an_early_interrupt_is_as_quiet_as_a_late_one():
    # Raised where the first module of the engine is looked for, as a Ctrl-C then would be.
    script = """
import sys
from backend.cli.main import main

class Interrupting:
    def find_spec(self, name, *rest):
        if name == "backend.cli.parser":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
sys.exit(main(["doctor"]))
"""

    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )

    assert done.returncode == 130
    assert done.stderr == ""


def _two_patterns_that_overlap(store: HistoryStore) -> None:
    store.add_runs(
        [
            PatternRuns(pattern=a_pattern(a_hash(1)), runs=some_runs(elapsed_seconds=60)),
            PatternRuns(
                pattern=a_pattern(a_hash(2)), runs=some_runs(elapsed_seconds=30, first_query_id=9)
            ),
        ],
        source="export",
    )
    store.share_out_time()


def test_a_bill_shares_the_time_and_shows_no_dollars_without_prices(
    workbench: CommandLine, store: HistoryStore
):
    _two_patterns_that_overlap(store)

    ended = workbench("bill", "--top", "1")

    assert ended.code == 0
    assert "45 s" in ended.out
    assert "1 other pattern" in ended.out
    assert "idle" in ended.out
    assert "dollars" not in ended.out


def test_a_bill_adds_up(workbench: CommandLine, store: HistoryStore):
    _two_patterns_that_overlap(store)

    bill = workbench("bill", "--json").json

    assert isinstance(bill, dict)
    parts = sum(line["busy_seconds"] for line in bill["lines"]) + bill["idle_seconds"]
    assert parts == pytest.approx(bill["covered_seconds"])
    assert bill["total_usd"] is None


def test_a_bill_in_dollars_adds_up_and_names_the_day_of_the_prices(tmp_path: Path, capsys):
    command = CommandLine(tmp_path / "priced", capsys)
    command.data_dir.mkdir()
    (command.data_dir / "workbench.toml").write_text(
        "[prices]\nas_of = 2026-11-01\nnodes = 4\nnode_hour = 3.6\n"
    )
    _two_patterns_that_overlap(wiring.open_workbench(command.data_dir).store)

    bill = command("bill", "--json").json
    table = command("bill").out

    assert isinstance(bill, dict)
    parts = sum(line["cost_usd"] for line in bill["lines"]) + bill["idle_usd"]
    assert parts == pytest.approx(bill["total_usd"])
    assert bill["lines"][0]["cost_usd"] == pytest.approx(45 * 4 * 3.6 / 3600)
    assert "prices as of 2026-11-01" in table


def test_a_bill_tells_apart_what_is_charged_beside_the_clusters_time(tmp_path: Path, capsys):
    command = CommandLine(tmp_path / "priced", capsys)
    command.data_dir.mkdir()
    (command.data_dir / "workbench.toml").write_text(
        "[prices]\nas_of = 2026-11-01\nnodes = 4\nnode_hour = 3.6\nspectrum_tb = 5\n"
    )
    store = wiring.open_workbench(command.data_dir).store
    runs = some_runs(2, every=timedelta(days=1), elapsed_seconds=3_000, is_scaled=[True, False])
    store.add_runs([PatternRuns(pattern=a_pattern(), runs=runs)], source="export")
    day = LakeDay(
        day=A_DAY, table_name="lake.t", runs=1, scanned_bytes=2 * 10**12, scanned_files=1, seconds=1
    )
    store.put_evidence([some_evidence(lake_days=(day,))])
    store.share_out_time()

    bill = command("bill", "--json").json
    table = command("bill").out

    assert isinstance(bill, dict)
    assert (bill["scaled_seconds"], bill["scaling_charged_seconds"]) == (3_000, 0)
    assert (bill["scaling_usd"], bill["lake_usd"]) == (None, 10)
    assert bill["lines"][0]["busy_seconds"] == 3_000
    assert (
        "apart: 50 min on concurrency-scaling clusters, which the free hour a day covers" in table
    )
    assert "apart: 2 TB scanned in the data lake" in table
    assert "10.00 dollars" in table


def test_a_bill_of_an_empty_store_says_what_to_do(workbench: CommandLine):
    ended = workbench("bill")

    assert ended.code == 0
    assert "Import runs" in ended.err


@pytest.mark.slow
def test_several_processes_review_the_same_as_one(workbench: CommandLine, store: HistoryStore):
    _two_patterns_that_overlap(store)

    ended = workbench("review", "--jobs", "2", "--json")

    assert ended.code == 0
    assert isinstance(ended.json, list)
    assert [row["query_hash"] for row in ended.json] == [a_hash(1), a_hash(2)]
    assert store.review_count() == 2


def test_no_patterns_are_an_empty_list(workbench: CommandLine):
    assert workbench("review", "--json").json == []


def test_a_bill_of_serverless_has_the_lake_within_and_says_that_it_is_an_estimate(
    tmp_path: Path, capsys
):
    command = CommandLine(tmp_path / "priced", capsys)
    command.data_dir.mkdir()
    (command.data_dir / "workbench.toml").write_text(
        "[prices]\nas_of = 2026-11-01\nrpu_hour = 0.375\nbase_rpu = 8\n"
    )
    store = wiring.open_workbench(command.data_dir).store
    _two_patterns_that_overlap(store)
    day = LakeDay(
        day=A_DAY, table_name="lake.t", runs=1, scanned_bytes=10**12, scanned_files=1, seconds=1
    )
    store.put_evidence([some_evidence(lake_days=(day,))])

    table = command("bill").out

    assert "apart" not in table.replace("billed apart", "")
    assert "estimated by base capacity" in table
