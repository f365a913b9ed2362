import re
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from backend.api.app import create_app
from backend.domain.errors import StoreUnavailableError, WorkbenchError
from backend.domain.finding import Severity
from backend.domain.recommendation import TriageState
from backend.panel.rules import rules_panel
from backend.services.ports import HistoryStore, PatternRuns
from backend.services.records import review_record
from backend.settings import read_settings
from backend.wiring import Workbench
from tests.builders import (
    A_MOMENT,
    a_hash,
    a_pattern,
    a_recommendation,
    a_review,
    some_runs,
)
from tests.secrets_in_errors import MESSAGE, secrets_in

LABELS = ("severity", "reviewer", "state")


def keep_reviews(store: HistoryStore, count: int) -> None:
    for number in range(count):
        store.put_review(a_review(analysis_timestamp=A_MOMENT + timedelta(hours=number)))


def test_healthz_says_who_reviews(client: TestClient):
    answer = client.get("/healthz")

    assert answer.json() == {"status": "ok", "reviewers": "rules", "reviews": 0}


def test_the_root_names_every_path_that_there_is(client: TestClient):
    named = client.get("/").json()["paths"]

    assert {*client.get("/openapi.json").json()["paths"], "/openapi.json"} == set(named)


def test_history_is_newest_first_and_pages_to_its_end(client: TestClient, store: HistoryStore):
    keep_reviews(store, 5)

    pages = [client.get("/history", params={"limit": 2}).json()]
    while cursor := pages[-1]["next_cursor"]:
        pages.append(client.get("/history", params={"limit": 2, "cursor": cursor}).json())

    stamps = [review["analysis_timestamp"] for page in pages for review in page["reviews"]]
    assert len(stamps) == 5
    assert stamps == sorted(stamps, reverse=True)


def test_history_gives_reviews_in_their_documented_shape(client: TestClient, store: HistoryStore):
    review = a_review(recommendations=[a_recommendation()])
    store.put_review(review)

    answer = client.get("/history")

    assert answer.json() == {"reviews": [review_record(review)], "next_cursor": None}


@pytest.mark.parametrize(
    "start", ["2026-03-02T11:00:00Z", "2026-03-02T11:00:00", "2026-03-02T12:00:00+01:00"]
)
def test_history_starts_at_from_and_ends_before_to(
    client: TestClient, store: HistoryStore, start: str
):
    keep_reviews(store, 5)

    answer = client.get(f"/history?from={start}&to=2026-03-02T13:00:00Z")

    stamps = [review["analysis_timestamp"][11:16] for review in answer.json()["reviews"]]
    assert stamps == ["12:00", "11:00"]


def test_history_of_a_pattern_is_its_own(client: TestClient, store: HistoryStore):
    store.add_runs([PatternRuns(pattern=a_pattern(a_hash(2)), runs=some_runs())], source="test")
    store.put_review(a_review(a_hash(1)))
    store.put_review(a_review(a_hash(2)))

    answer = client.get(f"/history/{a_hash(2)}")

    assert [review["query_hash"] for review in answer.json()["reviews"]] == [a_hash(2)]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/history?cursor=nonsense", 400),
        ("/history?limit=0", 400),
        ("/history?limit=201", 400),
        ("/history?limit=-1", 400),
        ("/history?limit=99999999999999999999", 400),
        ("/history?cursor=%ff%fe", 400),
        ("/history?cursor=" + "A" * 20_000, 400),
        ("/history?from=yesterday", 400),
        ("/history?from=%ff", 400),
        ("/history?from=9999-12-31T23:59:59-14:00", 400),
        ("/history?to=0001-01-01T00:00:00%2B14:00", 400),
        ("/history/" + "x" * 5_000, 400),
        ("/history/%00%ff", 404),
        (f"/history/{a_hash(9)}", 404),
        ("/nowhere", 404),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_a_sentence(
    client: TestClient, path: str, status: int
):
    answer = client.get(path)

    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["detail"]


def test_a_range_that_ends_before_it_starts_is_empty(client: TestClient, store: HistoryStore):
    keep_reviews(store, 2)

    answer = client.get("/history?from=2026-04-01&to=2026-03-01")

    assert answer.json() == {"reviews": [], "next_cursor": None}


@pytest.mark.parametrize("path", ["/healthz", "/history", "/metrics", "/nowhere"])
def test_head_is_answered_as_get_without_its_body(client: TestClient, path: str):
    whole, head = client.get(path), client.head(path)

    assert head.status_code == whole.status_code
    assert head.headers == whole.headers
    assert head.content == b""


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_what_would_change_something_is_refused_and_told_what_is_allowed(
    client: TestClient, method: str
):
    answer = client.request(method, "/history")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/healthz", "/history", "/metrics", "/nowhere"])
def test_every_answer_tells_a_browser_to_do_nothing_with_it(client: TestClient, path: str):
    headers = client.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]


def test_metrics_count_recommendations_by_severity_reviewer_and_state(
    client: TestClient, store: HistoryStore
):
    advice = [
        a_recommendation(subject="a", severity=Severity.HIGH),
        a_recommendation(subject="b", severity=Severity.HIGH),
        a_recommendation(subject="c", severity=Severity.LOW),
    ]
    store.put_review(a_review(recommendations=advice))
    store.triage(
        advice[2].recommendation_id,
        TriageState.ACCEPTED,
        who="ana",
        why="",
        at=A_MOMENT,
        expected_version=1,
    )

    samples = samples_of(client.get("/metrics").text)

    assert samples == {
        ("redshift_recommendations_count", "high", "optimize", "open"): 2,
        ("redshift_recommendations_count", "low", "optimize", "accepted"): 1,
        ("redshift_reviews_count",): 1,
    }


def test_metrics_are_prometheus_text(client: TestClient):
    answer = client.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "# TYPE redshift_recommendations_count gauge" in answer.text


@pytest.mark.parametrize(
    ("error", "status"),
    [(StoreUnavailableError("The disk is gone."), 503), (KeyError("SELECT 'secret'"), 500)],
)
def test_a_store_that_fails_gives_a_problem_without_the_errors_own_text(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, error: Exception, status: int
):
    class FailingStore:
        def reviews_between(self, *_: object, **__: object) -> None:
            raise error

    workbench = Workbench(
        settings=read_settings(tmp_path),
        store=cast(HistoryStore, FailingStore()),
        panel=rules_panel(),
        clock=lambda: A_MOMENT,
        marks_key=bytes(32),
    )

    # An error that went on to the server would be raised here.
    answer = TestClient(create_app(workbench)).get("/history")

    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "secret" not in answer.text + caplog.text
    if status == 500:
        assert "KeyError in backend.api.routes.history:" in caplog.text


@pytest.mark.parametrize("path", ["/healthz", "/history", f"/history/{a_hash()}", "/metrics"])
@pytest.mark.parametrize(
    "kind", [RuntimeError, KeyError, OSError, WorkbenchError, StoreUnavailableError]
)
def test_no_error_brings_a_path_a_statement_or_a_token_into_answer_or_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, path: str, kind: type[Exception]
):
    class FailingStore:
        def __getattr__(self, _: str) -> object:
            def fail(*_: object, **__: object) -> None:
                raise kind(MESSAGE)

            return fail

    workbench = Workbench(
        settings=read_settings(tmp_path),
        store=cast(HistoryStore, FailingStore()),
        panel=rules_panel(),
        clock=lambda: A_MOMENT,
        marks_key=bytes(32),
    )

    answer = TestClient(create_app(workbench)).get(path)

    assert answer.status_code >= 500
    assert secrets_in(answer.text + caplog.text) == []
    reference = re.search(r"reference (\w{8})|log: (\w{8})", answer.json()["detail"])
    assert reference
    assert (reference[1] or reference[2]) in caplog.text


def samples_of(text: str) -> dict[tuple[str, ...], float]:
    return {
        (
            sample.name,
            *(sample.labels[name] for name in LABELS if name in sample.labels),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
