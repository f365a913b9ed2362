"""The texts that a model is instructed by, a Markdown file each."""

from functools import cache
from importlib.resources import files

from backend.domain.recommendation import ReviewerName

EVERY_REVIEWER = "every_reviewer"


@cache
def prompt(name: str) -> str:
    """The text of `<name>.md`, without the blank line at its end."""
    return (files(__name__) / f"{name}.md").read_text(encoding="utf-8").strip()


def system_prompt() -> str:
    """The same for all reviewers: it stands before what a model's cache keeps."""
    return prompt(EVERY_REVIEWER)


def reviewer_prompt(reviewer: ReviewerName) -> str:
    return prompt(reviewer.value)
