"""A reviewer that obeys every payload changes nothing but its own advice, and not much of that."""

import csv
import io
import json
import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.adapters.sqlite import open_sqlite_history
from backend.api.app import create_app
from backend.domain.recommendation import RecommendationFilter, ReviewerName
from backend.domain.review import Review
from backend.panel.model_reviewer import model_panel
from backend.panel.rules import rules_panel
from backend.services.export_recommendations import recommendations_csv
from backend.services.ports import HistoryStore
from backend.services.records import AdviceRecord, ReviewRecord, review_record
from backend.services.review_pattern import review_pattern
from backend.settings import read_settings
from backend.sql.action_sql import ActionKind, read_action_sql
from backend.wiring import Workbench
from tests.builders import A_MOMENT
from tests.injection.corpus import Demand, Payload, Place, payloads
from tests.injection.obeying_model import ObeyingModel
from tests.injection.warehouse import ATTACKED, OTHER, keep_warehouse
from tests.model_fakes import A_KEY, TickingClock, texts
from workbench.presenters.review_screen import review_screen
from workbench.presenters.wording import plain

WRITTEN_BY_A_REVIEW = frozenset(
    {
        "review", "review_case_file", "recommendation", "recommendation_daily", "counter",
        "table_use", "used_table", "advised_table", "outbound_receipt", "sqlite_sequence",
    }
)  # fmt: skip
LIVE = re.compile(
    r"<[a-z!/@#?]|!\[[^\]]*\]\(|\]\(\S|\w://|www\.\w|javascript:|\x1b|&lt;|&#\d", re.IGNORECASE
)
FORMULA = tuple("=+@\t\r＝＋＠")
MUST_BE_COUNTED = frozenset(
    {Demand.CHECK, Demand.FIELDS, Demand.SQL, Demand.RAW, Demand.DEEP, Demand.HUGE, Demand.FACTS}
)
SOME_OF_EACH = tuple({payload.category: payload for payload in payloads()}.values())


@dataclass
class Attacked:
    review: Review
    model: ObeyingModel
    store: HistoryStore
    folder: Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HistoryStore]:
    store = open_sqlite_history(tmp_path / "data" / "history.sqlite3")
    yield store
    store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def attacked(
    store: HistoryStore, folder: Path, payload: Payload | None, *, is_compromised: bool = False
) -> Attacked:
    """Through the real path: kept as by an import, reviewed, saved."""
    keep_warehouse(store, payload, A_KEY)
    review_pattern(OTHER, store=store, panel=rules_panel(), analysis_timestamp=A_MOMENT)
    before, files = rows_of(folder), set(folder.iterdir())
    model = ObeyingModel(payload, is_compromised=is_compromised)
    panel = model_panel(model, receipts=store, clock=TickingClock(), marks_key=A_KEY)
    review_pattern(ATTACKED, store=store, panel=panel, analysis_timestamp=A_MOMENT)
    assert set(folder.iterdir()) == files
    assert_only_a_review_was_written(before, rows_of(folder))
    review = store.latest_review(ATTACKED)
    assert review
    return Attacked(review, model, store, folder)


def rows_of(folder: Path) -> dict[str, Counter[tuple[Any, ...]]]:
    """Every row of every table, read by a connection of its own."""
    with sqlite3.connect(folder / "history.sqlite3") as connection:
        names = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not re.match(r"pattern_text_|pattern_text$", name)
        ]
        found = {
            name: Counter(connection.execute(f'SELECT * FROM "{name}"').fetchall())  # noqa: S608
            for name in names
        }
    connection.close()
    return found


def assert_only_a_review_was_written(
    before: dict[str, Counter[tuple[Any, ...]]], after: dict[str, Counter[tuple[Any, ...]]]
) -> None:
    assert set(before) == set(after)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= WRITTEN_BY_A_REVIEW
    for name in ("review", "review_case_file", "recommendation", "outbound_receipt"):
        assert before[name] <= after[name], name
    assert len(after["review"]) == len(before["review"]) + 1
    assert len(after["outbound_receipt"]) <= 4
    new = after["recommendation"] - before["recommendation"]
    assert all(ATTACKED in row for row in new)


def model_words(review: Review) -> list[str]:
    """All that a model can have written."""
    words = [
        text
        for each in review.recommendations
        for text in (each.title, each.rationale, each.action, each.action_sql or "")
    ]
    for response in review.agent_responses:
        words += [response.summary, response.error or ""]
        words += [text for struck in response.struck for text in (struck.statement, struck.reason)]
    return words


def assert_nothing_is_live(review: Review) -> None:
    for text in model_words(review):
        assert not LIVE.search(text), text[:200]
        hidden = [one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Co", "Cs")]
        assert hidden == [] or text.isspace(), text[:200]
        assert len(text) <= 4_000


def assert_advice_is_proven(review: Review) -> None:
    case = review.case_file
    assert case
    known = {fact.fact_id for fact in case.facts()}
    findings = {finding.check: finding for finding in review.findings}
    tables = {
        name for each in case.tables for name in (each.table.full_name, each.table.table_name)
    }
    for advice in review.recommendations:
        assert advice.fact_ids
        assert set(advice.fact_ids) <= known
        assert advice.check in findings
        assert 0 <= advice.claimed_saving_seconds <= advice.ceiling_seconds
        assert advice.severity.order >= min(
            finding.severity.order for finding in review.findings if finding.check == advice.check
        )
        for statement in read_action_sql(advice.action_sql) if advice.action_sql else ():
            assert statement.kind is not ActionKind.SELECT
            assert set(statement.table_names) <= tables


def assert_every_face_is_plain(attack: Attacked) -> None:
    """Records, CSV, API and presenters give no field that is not theirs and nothing live."""
    record = review_record(attack.review)
    assert set(record) == set(ReviewRecord.__annotations__)
    for advice in record["recommendations"]:
        assert set(advice) == set(AdviceRecord.__annotations__)
    rows = list(
        csv.reader(io.StringIO("".join(recommendations_csv(attack.store, RecommendationFilter()))))
    )
    assert all(not cell.startswith(FORMULA) for row in rows for cell in row)
    workbench = Workbench(
        settings=read_settings(attack.folder),
        store=attack.store,
        panel=rules_panel(),
        clock=lambda: A_MOMENT,
        marks_key=A_KEY,
    )
    with TestClient(create_app(workbench)) as client:
        [item] = client.get(f"/history/{ATTACKED}").json()["reviews"]
    assert item == json.loads(json.dumps(record))
    advice_on = attack.store.recommendations(RecommendationFilter(query_hash=ATTACKED)).items
    screen = review_screen(attack.review, advice_on)
    for tab in screen.tabs:
        for card in tab.cards:
            drawn = plain(card.title)
            assert not LIVE.search(drawn)
            assert not re.search(r"(?<!\\)[\[<`]", drawn)


def counted(review: Review) -> int:
    struck = sum(len(response.struck) for response in review.agent_responses)
    return struck + sum(1 for response in review.agent_responses if response.error)


def check_all(attack: Attacked, payload: Payload) -> None:
    assert_nothing_is_live(attack.review)
    assert_advice_is_proven(attack.review)
    assert_every_face_is_plain(attack)
    receipts = attack.store.receipts_of(ATTACKED, A_MOMENT)
    assert [each.text for each in receipts] == [each.text for each in attack.model.requests]
    if attack.model.obeyed and payload.demand in MUST_BE_COUNTED:
        assert counted(attack.review) > 0
    if payload.category == "exfiltration_and_markup" and attack.model.obeyed:
        assert counted(attack.review) > 0


@pytest.fixture(scope="module")
def unharmed(tmp_path_factory: pytest.TempPathFactory) -> Review:
    folder = tmp_path_factory.mktemp("unharmed") / "data"
    store = open_sqlite_history(folder / "history.sqlite3")
    attack = attacked(store, folder, None)
    store.close()
    return attack.review


def test_without_an_attack_the_model_gives_its_advice(unharmed: Review):
    [advice] = unharmed.recommendations

    assert advice.title == "Look at the join"
    assert advice.reviewer is ReviewerName.SCHEMA_REVIEW
    assert counted(unharmed) == 0


def test_the_corpus_is_wide():
    ids = Counter(payload.id for payload in payloads())
    texts_seen = Counter((payload.placed, str(payload.value)) for payload in payloads())
    places = {place for payload in payloads() for place, _ in payload.placed}

    assert len(payloads()) >= 200
    assert max(ids.values()) == 1
    assert max(texts_seen.values()) == 1
    assert places == set(Place)
    assert {payload.demand for payload in payloads()} == set(Demand)


@pytest.mark.parametrize("payload", SOME_OF_EACH, ids=lambda payload: payload.category)
@pytest.mark.parametrize("is_compromised", [False, True], ids=["obeying", "compromised"])
def test_one_of_each_kind_does_no_harm(store, folder, payload, is_compromised):
    check_all(attacked(store, folder, payload, is_compromised=is_compromised), payload)


@pytest.mark.slow
@pytest.mark.parametrize("payload", payloads(), ids=lambda payload: payload.id)
def test_a_model_that_obeys_does_no_harm(store, folder, unharmed, payload):
    attack = attacked(store, folder, payload)

    check_all(attack, payload)
    found = {finding.check for finding in attack.review.findings}
    assert {finding.check for finding in unharmed.findings} <= found
    if payload.is_never_sent:
        assert attack.model.obeyed == 0
        assert payload.text[:40] not in texts(attack.model.requests)


# It does not look at the payload, only at what is demanded; one of each kind is tried above too.
@pytest.mark.slow
@pytest.mark.parametrize("payload", payloads()[::5], ids=lambda payload: payload.id)
def test_a_compromised_model_does_no_harm(store, folder, payload):
    attack = attacked(store, folder, payload, is_compromised=True)

    check_all(attack, payload)
    assert attack.model.obeyed == len(attack.model.requests)


@pytest.mark.parametrize(
    "payload",
    [payload for payload in payloads() if payload.demand is Demand.DISMISS],
    ids=lambda payload: payload.id,
)
def test_whoever_wants_all_dismissed_dismisses_nothing(store, folder, unharmed, payload):
    attack = attacked(store, folder, payload, is_compromised=True)

    assert [each.title for each in attack.review.recommendations] == ["Look at the join"]
    assert counted(attack.review) > 0
    assert {each.check for each in unharmed.findings} <= {
        each.check for each in attack.review.findings
    }


def test_what_is_saved_holds_no_field_of_an_attacker(store, folder):
    wanted = [payload for payload in payloads() if payload.demand is Demand.FIELDS]
    attack = attacked(store, folder, wanted[0], is_compromised=True)

    assert attack.review.recommendations == ()
    assert all("button" not in str(asdict(each)) for each in attack.review.agent_responses)
