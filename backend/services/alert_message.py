"""What people are told of a review outside the workbench: an e-mail's text, a Slack message.

Names of tables and titles of advice come from a database and perhaps from a model. They are cut,
scrubbed once more, and in Slack drawn as plain text, in which nothing is markup, link or mention.
No statement is in an alert.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.domain.finding import Severity
from backend.domain.in_words import counted, duration_in_words
from backend.domain.recommendation import Recommendation
from backend.domain.review import Review
from backend.sql.outgoing_text import outgoing_text

LONGEST_TITLE = 140
MOST_TITLES = 5
SLACK_LONGEST_HEADER = 150
"""https://docs.slack.dev/reference/block-kit/blocks/header-block"""

Block = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class AlertMessage:
    """Every text is on one line and safe to send; `link` is the page of the pattern, or None."""

    subject: str
    lines: tuple[str, ...]
    link: str | None = None


def alert_message(review: Review, *, link: str | None = None) -> AlertMessage | None:
    """Of what the review recommends most severely; None where it recommends nothing.

    `link` is made of settings and the hash, never of text from outside.
    """
    advice = review.recommendations
    if not advice:
        return None
    severe = [each for each in advice if each.severity is advice[0].severity]
    word = "high" if advice[0].severity is Severity.HIGH else advice[0].severity.value
    metadata = review.workload_metadata
    subject = f"Slow query {review.query_hash}: {counted(len(severe), f'{word} recommendation')}"
    figures = (
        f"{counted(metadata.runs, 'run')} took {duration_in_words(metadata.total_elapsed_seconds)}"
        f" in all, {duration_in_words(metadata.p95_elapsed_seconds)} at the 95th percentile."
    )
    return AlertMessage(
        subject=subject, lines=(figures, *_titles(severe), *_more(advice, severe)), link=link
    )


def alert_text(message: AlertMessage) -> str:
    """For e-mail and SNS: plain text."""
    parts = [message.subject, "", *message.lines]
    return "\n".join([*parts, "", message.link] if message.link else parts) + "\n"


def slack_blocks(message: AlertMessage) -> list[Block]:
    """Block Kit with `plain_text` objects only: mrkdwn is never read in them."""
    blocks: list[Block] = [
        {"type": "header", "text": _plain(message.subject[:SLACK_LONGEST_HEADER])},
        *({"type": "section", "text": _plain(line)} for line in message.lines),
    ]
    if message.link:
        button = {"type": "button", "text": _plain("Open in the workbench"), "url": message.link}
        blocks.append({"type": "actions", "elements": [button]})
    return blocks


def _titles(severe: Sequence[Recommendation]) -> list[str]:
    titles = [outgoing_text(each.title, longest=LONGEST_TITLE) for each in severe[:MOST_TITLES]]
    return [f"• {title}" for title in titles]


def _more(advice: Sequence[Recommendation], severe: Sequence[Recommendation]) -> list[str]:
    untold = len(advice) - min(len(severe), MOST_TITLES)
    return [f"And {counted(untold, 'more recommendation')}."] if untold else []


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
