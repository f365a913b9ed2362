"""What the product is for, from a folder of exports to a cell of a spreadsheet."""

import csv
import json
from pathlib import Path

import pytest
import streamlit as st
from fastapi.testclient import TestClient

from backend import wiring
from backend.api.app import create_app
from backend.cli.main import main
from tests.app.conftest import open_page, said
from tests.e2e.exports import write_exports

LITERAL = "ana.private@example.com"


def test_slow_queries_go_from_exports_to_advice_that_can_be_acted_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    data_dir = tmp_path / "data"
    monkeypatch.setenv("WORKBENCH_DATA_DIR", str(data_dir))
    write_exports(tmp_path / "exports", literal=LITERAL)

    # Import: twenty runs are two patterns, the slow one first.
    assert main(["import", str(tmp_path / "exports"), "--strict"]) == 0
    capsys.readouterr()
    assert main(["patterns", "--json"]) == 0
    patterns = json.loads(capsys.readouterr().out)
    assert [pattern["runs"] for pattern in patterns] == [10, 10]
    assert patterns[0]["total_elapsed_seconds"] == 955
    slow = patterns[0]["query_hash"]

    # Review: the nested loop is found, with the facts that prove it.
    assert main(["review"]) == 0
    capsys.readouterr()
    assert main(["recommendations", "--json"]) == 0
    advice = json.loads(capsys.readouterr().out)
    of_the_join = [given for given in advice if given["check"] == "nested_loop"]
    assert [given["query_hash"] for given in of_the_join] == [slow]
    assert of_the_join[0]["fact_ids"]
    assert 0 < of_the_join[0]["claimed_saving_seconds"] <= 955

    # History: the API gives the same review.
    client = TestClient(create_app(wiring.open_workbench()))
    (review,) = client.get(f"/history/{slow}").json()["reviews"]
    assert of_the_join[0]["recommendation_id"] in {
        given["recommendation_id"] for given in review["recommendations"]
    }
    assert "redshift_recommendations_count" in client.get("/metrics").text

    # Page: the analyst sees the advice, and whose it is.
    st.cache_data.clear()
    st.cache_resource.clear()
    page = open_page("query", query=slow)
    assert not page.exception
    shown = said(page)
    assert of_the_join[0]["title"] in shown
    assert "rules" in shown.lower()

    # Spreadsheet: the same advice once more.
    csv_file = tmp_path / "advice.csv"
    assert main(["export", "--output", str(csv_file)]) == 0
    with csv_file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["recommendation_id"] for row in rows] == [
        given["recommendation_id"] for given in advice
    ]

    # And the literal that stood in the statements is nowhere.
    kept = b"".join(path.read_bytes() for path in data_dir.rglob("*") if path.is_file())
    assert LITERAL.encode() not in kept + csv_file.read_bytes() + shown.encode()
