"""docs/checks.md says what the code does."""

from pathlib import Path

import pytest

from backend.checks.catalogue import GROUPS, catalogue_markdown
from backend.checks.registry import EVERY_CHECK, AnyCheck, check_name, check_text, known_thresholds
from backend.table_design.model import THRESHOLDS

PAGE = Path(__file__).parents[3] / "docs" / "checks.md"


def test_the_page_of_checks_is_what_the_code_says():
    assert PAGE.read_text(encoding="utf-8") == catalogue_markdown(THRESHOLDS), "run `make docs`"


def test_no_two_thresholds_share_a_name():
    seen: dict[str, object] = {}
    for check in EVERY_CHECK:
        for rule in check_text(check).rules:
            for threshold in rule.thresholds:
                assert seen.setdefault(threshold.name, threshold) == threshold


def test_every_threshold_says_what_it_means_and_who_says_so():
    for threshold in known_thresholds().values():
        assert threshold.name.replace("_", "").isalnum()
        assert threshold.meaning
        assert threshold.source.startswith(("AWS", "our own"))
        assert threshold.unit != "share" or 0 <= threshold.default <= 1


@pytest.mark.parametrize("check", EVERY_CHECK, ids=check_name)
def test_every_rule_names_what_it_reads(check: AnyCheck):
    text = check_text(check)

    assert text.group in GROUPS
    for rule in text.rules:
        assert rule.inputs
        assert all("." in name for name in rule.inputs)
