"""The instructions are there, whole, and come with the package."""

from importlib.resources import files

import pytest

from backend.domain.recommendation import Category, ReviewerName
from backend.panel.outbound.gate import CASE_FENCE, EXTRA_FENCE
from backend.panel.prompts import reviewer_prompt, system_prompt


def test_every_prompt_of_the_package_is_used():
    names = {
        file.name for file in files("backend.panel.prompts").iterdir() if file.name.endswith(".md")
    }

    assert names == {"every_reviewer.md"} | {f"{each.value}.md" for each in ReviewerName}


@pytest.mark.parametrize("reviewer", list(ReviewerName))
def test_a_reviewer_is_told_who_it_is(reviewer):
    assert reviewer_prompt(reviewer).startswith(f"You are the reviewer `{reviewer.value}`.")


def test_the_marks_of_the_data_are_those_that_the_text_names():
    assert all(mark in system_prompt() for mark in CASE_FENCE)
    assert all(mark in reviewer_prompt(ReviewerName.VALIDATE) for mark in EXTRA_FENCE)


def test_what_has_to_be_answered_is_named():
    told = " ".join([system_prompt(), *map(reviewer_prompt, ReviewerName)])

    for field in (
        "check", "subject", "bucket", "saving_seconds", "fact_ids", "title", "rationale", "action",
        "action_sql", "summary", "advice", "rulings", "reason", "severity",
    ):  # fmt: skip
        assert f"`{field}`" in told
    assert {each.value for each in Category} - {
        word.strip("`,.;") for word in told.split()
    } == set()


def test_no_placeholder_is_left_in_a_prompt():
    for text in (system_prompt(), *map(reviewer_prompt, ReviewerName)):
        assert "{" not in text
        assert "TODO" not in text
