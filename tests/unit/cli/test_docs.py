"""docs/cli.md names every option, field and setting that there is."""

from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.cli.parser import make_parser
from backend.services.records import PatternRecord, RecommendationRecord, ReviewRecord
from backend.services.table_records import (
    AdvisorOpinionRecord,
    AlternativeRecord,
    DecisionRecord,
    EffectRecord,
    RivalRecord,
    TableJoinRecord,
    TableRecord,
    TableUseRecord,
)
from backend.services.workload_records import (
    LockBlameRecord,
    MeasureRecord,
    MissingRecord,
    VictimRecord,
    WaitBlameRecord,
    WorkloadFindingRecord,
    WorkloadReviewRecord,
)
from backend.settings import ServingSettings, StorageSettings

DOCS = (Path(__file__).parents[3] / "docs" / "cli.md").read_text(encoding="utf-8")


def chapter(verb: str) -> str:
    _, _, behind = DOCS.partition(f"\n## `{verb}")
    return behind.partition("\n## ")[0]


def verbs() -> dict[str, ArgumentParser]:
    actions = make_parser()._actions
    (choices,) = (action for action in actions if isinstance(action, _SubParsersAction))
    return dict(choices.choices)


def options() -> Iterator[tuple[str, str]]:
    for verb, parser in verbs().items():
        for action in parser._actions:
            for option in action.option_strings:
                if option not in {"-h", "--help"}:
                    yield verb, option


@pytest.mark.parametrize(("verb", "option"), list(options()), ids=" ".join)
def test_every_option_is_documented_with_its_verb(verb: str, option: str):
    assert f"`{option}" in chapter(verb)


@pytest.mark.parametrize(
    ("verb", "record"),
    [
        ("patterns", PatternRecord),
        ("recommendations", RecommendationRecord),
        ("tables", TableRecord),
        ("tables", DecisionRecord),
        ("tables", EffectRecord),
        ("tables", AlternativeRecord),
        ("tables", AdvisorOpinionRecord),
        ("tables", RivalRecord),
        ("tables", TableUseRecord),
        ("tables", TableJoinRecord),
        ("workload", WorkloadReviewRecord),
        ("workload", WorkloadFindingRecord),
        ("workload", MeasureRecord),
        ("workload", WaitBlameRecord),
        ("workload", LockBlameRecord),
        ("workload", VictimRecord),
        ("workload", MissingRecord),
    ],
)
def test_every_field_is_documented_with_its_verb(verb: str, record: type):
    missing = [field for field in record.__annotations__ if f"`{field}`" not in chapter(verb)]

    assert missing == []


def test_every_field_of_a_review_is_documented():
    missing = [field for field in ReviewRecord.__annotations__ if f"`{field}`" not in DOCS]

    assert missing == []


def test_every_setting_is_documented():
    own = [*StorageSettings.model_fields, *ServingSettings.model_fields]
    names = [f"WORKBENCH_{field.upper()}" for field in own if field != "user_data_home"]

    assert [name for name in names if f"`{name}`" not in DOCS] == []
