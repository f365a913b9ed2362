"""Made-up secrets in every text of an export are found nowhere behind the import.

Raw texts are kept here on purpose: their file is the one place where they may be.
"""

import base64
import json
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import streamlit as st
from fastapi.testclient import TestClient
from streamlit.testing.v1 import AppTest

from backend import wiring
from backend.api.app import create_app
from backend.cli.main import main
from backend.domain.pattern import PatternFilter
from backend.domain.receipt import OutboundText
from backend.domain.recommendation import RecommendationFilter, ReviewerName
from backend.domain.table_proposal import TableFilterBy
from backend.panel.model_reviewer.model import ModelReply, ModelRequest
from backend.panel.model_reviewer.model_panel import REVIEWERS, model_panel
from backend.services.alert_message import alert_message, alert_text, slack_blocks
from backend.services.review_pattern import review_pattern
from backend.settings import child_environment, read_settings
from tests.app.conftest import as_read, open_page
from tests.e2e.canaries import (
    CANARIES,
    UNLIKE_A_WORD,
    cells_of,
    sightings,
    sightings_in_folder,
)
from tests.e2e.canary_export import write_canary_export
from tests.e2e.test_readme_commands import WORKBENCH, free_port, get, lines_until_ready, running

pytestmark = pytest.mark.slow

RAW_TEXTS = "raw_text.sqlite3"
RAW_TEXT_SETTING = "WORKBENCH_RAW_TEXT_DAYS"
ONE_IN = 3
EXPORTS = ("advice.csv", "advice.jsonl", "advice.parquet")
COMMANDS: Sequence[Sequence[str]] = (
    ("review", "--top", "1000"),
    ("patterns", "--top", "1000"),
    ("patterns", "--top", "1000", "--json"),
    ("recommendations",),
    ("recommendations", "--json"),
    ("workload",),
    ("workload", "--json"),
    ("tables",),
    ("tables", "--json"),
    ("bill",),
    ("doctor", "--json"),
    *(("export", "--output", name) for name in EXPORTS),
    # All of it is known by now: another reading tells of the same bad rows.
    ("import", "../exports", "--json"),
)
SECTIONS = ("advice", "plan", "runs", "facts", "history")
QUERIES_LOOKED_AT = 12


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is left of an export with secrets: the data folder, and what each command said."""

    data_dir: Path
    work_dir: Path
    said: Mapping[str, bytes]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("canaries")
    data_dir, work_dir = folder / "data", folder / "work"
    work_dir.mkdir()
    write_canary_export(folder / "exports", one_in=ONE_IN)
    environment = {**child_environment(read_settings(data_dir)), RAW_TEXT_SETTING: "7"}
    said = {}
    for words in (("import", "../exports"), *COMMANDS):
        ended = subprocess.run(
            [WORKBENCH, *words],
            cwd=work_dir,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=200,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr[-500:]
        said[" ".join(words)] = ended.stdout + b"\n" + ended.stderr
    return Told(data_dir=data_dir, work_dir=work_dir, said=said)


@pytest.fixture
def workbench(told: Told, monkeypatch: pytest.MonkeyPatch) -> Iterator[wiring.Workbench]:
    """The same store in this process, as the API and the pages open it."""
    monkeypatch.setenv("WORKBENCH_DATA_DIR", str(told.data_dir))
    monkeypatch.setenv(RAW_TEXT_SETTING, "7")
    st.cache_data.clear()
    st.cache_resource.clear()
    yield wiring.open_workbench()
    st.cache_data.clear()
    st.cache_resource.clear()


def hashes_of(workbench: wiring.Workbench) -> list[str]:
    rows = workbench.store.rank_patterns(PatternFilter(), limit=2_000).rows
    return [row.pattern.query_hash for row in rows]


# The search


@pytest.mark.parametrize("secret", CANARIES.values(), ids=CANARIES.keys())
def test_the_search_finds_a_secret_however_it_is_written(secret: str):
    octets = secret.encode()
    written = {
        "plain": octets,
        "capitals": secret.upper().encode(),
        "half": b" " + octets[: max(len(octets) // 2, 9)] + b" ",
        "hexadecimal": b"x" + octets.hex().encode(),
        "base64": base64.b64encode(b"?" + octets + b"??"),
    }

    assert [how for how, text in written.items() if not sightings("it", text)] == []


def test_the_search_finds_a_secret_in_a_compressed_cell_and_in_a_deleted_one(tmp_path: Path):
    kept, deleted = CANARIES["email"], CANARIES["card"]
    with closing(sqlite3.connect(tmp_path / "x.sqlite3")) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE t (a BLOB)")
        connection.execute("INSERT INTO t VALUES (?)", [b"head" + zlib.compress(kept.encode() * 9)])
        connection.execute("INSERT INTO t VALUES (?)", [deleted])
        connection.commit()
        connection.execute("DELETE FROM t WHERE typeof(a) = 'text'")
        connection.commit()

    found = sightings_in_folder(tmp_path)

    assert {line.partition(" ")[0] for line in found} == {"email", "card"}


def test_the_search_finds_nothing_in_ordinary_text():
    ordinary = b"SELECT arn:aws:iam:: https://example.org/reset?token= 2026-11-22 10:00:00 4929 731"

    assert sightings("it", ordinary) == []


# What is kept


def test_what_an_import_and_a_review_keep_holds_no_secret(told: Told):
    assert sightings_in_folder(told.data_dir, but=[RAW_TEXTS]) == []


def test_the_store_holds_what_the_secrets_stood_in(told: Told):
    """So the search was worth it: statements, labels, plans, steps, alerts, scans, DDL, queues."""
    cells: dict[str, bytes] = {}
    for column, cell in cells_of(told.data_dir / "history.sqlite3"):
        cells[column] = cells.get(column, b"") + cell

    assert cells["pattern.scrubbed_sql"].count(b"?") > 300
    assert b"job for ?" in cells["pattern.labels"]
    assert b"Filter" in cells["evidence.payload"] or b"mail" in cells["evidence.payload"]
    for word in (b"Missing statistics for", b"Review the choice of sort key for", b"lake.events"):
        assert word in cells["evidence.payload"], word
    assert b"ALTER SORTKEY (mail)" in cells["advisor_row.payload"]
    assert b"queue of ?" in cells["wlm_queue.payload"]
    assert b"was SORTKEY (mail) DEFAULT" in cells["table_event.payload"]
    assert cells["review.payload"].count(b'"title"') > 300


def test_raw_texts_are_in_a_file_of_their_own_and_hold_no_password_or_key(told: Told):
    texts = (told.data_dir / RAW_TEXTS).read_bytes().lower()

    assert sightings(RAW_TEXTS, texts)
    for statement in (b"create user", b"alter user", b"credentials", b"secret_access_key"):
        assert statement not in texts


# What is said


def test_no_command_says_a_secret(told: Told):
    found = [line for name, said in told.said.items() for line in sightings(name, said)]

    assert found == []
    assert b"sys_query_history_1.csv, row" in told.said["import ../exports"]


def test_no_export_holds_a_secret(told: Told):
    written = {name: (told.work_dir / name).read_bytes() for name in EXPORTS}
    table = pq.read_table(told.work_dir / "advice.parquet")
    written["rows of advice.parquet"] = repr(table.to_pylist()).encode()

    assert [line for name, octets in written.items() for line in sightings(name, octets)] == []
    assert table.num_rows > 100


def test_the_command_show_says_no_secret_of_any_pattern(
    workbench: wiring.Workbench, capsys: pytest.CaptureFixture[str]
):
    hashes = hashes_of(workbench)
    found = []
    for number, query_hash in enumerate(hashes):
        # The records are those of the API, which is asked for all of them.
        for options in ([], ["--json"])[: 1 if number % 8 else 2]:
            assert main(["show", query_hash, *options]) == 0
            ended = capsys.readouterr()
            found += sightings(f"show {query_hash}", (ended.out + ended.err).encode())

    assert found == []
    assert len(hashes) > 200


def test_no_answer_of_the_api_holds_a_secret(workbench: wiring.Workbench):
    app = create_app(workbench)
    client = TestClient(app, raise_server_exceptions=False)
    routes = {path for path, methods in app.openapi()["paths"].items() if "get" in methods}
    assert {"/history", "/history/{query_hash}", "/metrics", "/healthz"} <= routes
    paths = {path for path in routes if "{" not in path} | {"/openapi.json"}
    paths |= {f"/history?limit=200&cursor={CANARIES['password']}", "/history?from=yesterday"}
    for query_hash in hashes_of(workbench):
        paths |= {path.format(query_hash=query_hash) for path in routes if "{query_hash}" in path}

    found, sizes = [], []
    for path in sorted(paths):
        answer = client.get(path)
        head = repr(sorted(answer.headers.items())).encode()
        found += sightings(f"GET {path}", answer.content + head)
        sizes.append(len(answer.content))

    assert found == []
    assert sum(sizes) > 1_000_000


def test_no_alert_holds_a_secret(workbench: wiring.Workbench):
    found, told = [], 0
    for review in workbench.store.reviews_between(None, None, limit=200).items:
        message = alert_message(review)
        if message is not None:
            sent = alert_text(message) + json.dumps(slack_blocks(message))
            found += sightings(f"alert of {review.query_hash}", sent.encode())
            told += 1

    assert found == []
    assert told > 20


# What is sent to a model


@dataclass
class ListeningModel:
    """Remembers what it was asked and advises nothing."""

    heard: list[ModelRequest] = field(default_factory=list)
    model_id: str = "listening"

    def answer(self, request: ModelRequest) -> ModelReply:
        self.heard.append(request)
        return ModelReply(
            text='{"summary": "Nothing.", "advice": [], "rulings": []}', model_id=self.model_id
        )


def octets_of(text: OutboundText) -> bytes:
    return "\n".join((text.system, text.prefix, text.instructions, text.schema)).encode()


def test_nothing_that_a_model_would_see_holds_a_secret(workbench: wiring.Workbench):
    view = wiring.outbound_view(workbench)
    found, withheld, shown = [], [], 0
    for query_hash in hashes_of(workbench):
        review = workbench.store.latest_review(query_hash)
        assert review is not None
        preview = view.preview(review, ReviewerName.OPTIMIZE)
        assert preview is not None
        withheld += [preview.withheld] if preview.withheld else []
        shown += preview.text.prefix.count('"statement":')
        found += sightings(f"preview of {query_hash}", octets_of(preview.text))

    assert found == []
    assert withheld == []
    assert shown > 200


def test_no_request_to_a_model_and_no_receipt_holds_a_secret(workbench: wiring.Workbench):
    model = ListeningModel()
    panel = model_panel(
        model, receipts=workbench.store, clock=workbench.clock, marks_key=workbench.marks_key
    )
    found = []
    hashes = hashes_of(workbench)
    for query_hash in hashes[:: len(hashes) // QUERIES_LOOKED_AT]:
        review = review_pattern(
            query_hash, store=workbench.store, panel=panel, analysis_timestamp=workbench.clock()
        )
        receipts = workbench.store.receipts_of(query_hash, review.analysis_timestamp)
        assert len(receipts) >= len(REVIEWERS)
        for receipt in receipts:
            found += sightings("receipt", repr(receipt).encode())
    for request in model.heard:
        found += sightings("request", octets_of(request.text) + repr(request.metadata).encode())

    assert found == []
    assert len(model.heard) >= len(REVIEWERS) * QUERIES_LOOKED_AT


# What is shown


def drawn(app: AppTest) -> bytes:
    """All that the browser is sent of a page, tables and charts too."""
    octets: list[bytes] = []

    def walk(node: Any) -> None:
        proto = getattr(node, "proto", None)
        if proto is not None:
            octets.append(proto.SerializeToString())
        for child in getattr(node, "children", {}).values():
            walk(child)

    walk(app._tree)
    sent = b"\n".join(octets)
    return sent + as_read(sent.decode("utf-8", "ignore")).encode()


def pages_of(workbench: wiring.Workbench) -> Iterator[tuple[str, Mapping[str, str]]]:
    for name in ("queries", "recommendations", "trends", "workload", "tables"):
        yield name, {}
    advice = workbench.store.recommendations(RecommendationFilter(), limit=3).items
    for triaged in advice:
        yield "recommendations", {"recommendation": triaged.recommendation.recommendation_id}
    for used in workbench.store.used_tables(TableFilterBy(), limit=3).items:
        yield "table", {"table": used.table_name}
    hashes = hashes_of(workbench)
    with_advice = [triaged.recommendation.query_hash for triaged in advice]
    step = len(hashes) // QUERIES_LOOKED_AT
    for number, query_hash in enumerate([*with_advice, *hashes[::step]]):
        for section in SECTIONS if number < 4 else SECTIONS[:1]:
            yield "query", {"query": query_hash, "section": section.capitalize()}


def test_no_page_shows_a_secret(workbench: wiring.Workbench):
    found, sizes = [], {}
    for name, parameters in pages_of(workbench):
        app = open_page(name, **parameters)

        assert not app.exception
        place = f"{name} {parameters}"
        sizes[place] = len(octets := drawn(app))
        found += sightings(place, octets)

    assert found == []
    assert {place.split()[0] for place in sizes} == {
        "queries",
        "recommendations",
        "trends",
        "workload",
        "tables",
        "table",
        "query",
    }
    assert min(sizes.values()) > 2_000


# What is logged


def test_the_logs_of_the_servers_hold_no_secret(told: Told, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(RAW_TEXT_SETTING, "7")
    port, api_port = free_port(), free_port()
    options = ["--no-sample", "--port", str(port), "--api-port", str(api_port)]
    asked = [CANARIES[kind].replace(" ", "%20") for kind in UNLIKE_A_WORD]
    with running(told.data_dir, *options) as process:
        lines_until_ready(process)
        assert get(api_port, "/history?limit=200")[0] == 200
        for secret in asked:
            get(api_port, f"/history/{secret}?cursor={secret}")
            get(port, f"/query?query={secret}")

    logs = told.data_dir / "logs"
    assert sightings_in_folder(logs) == []
    assert {path.name for path in logs.iterdir()} >= {"api.log", "workbench.log"}


def test_the_tests_run_this_very_python():
    """The command stands beside it: an older one would prove nothing."""
    assert Path(WORKBENCH).parent == Path(sys.executable).parent
