"""An alert tells what to do, in figures and titles, and carries nothing that a channel would act on."""

import json
from dataclasses import replace

from backend.domain.finding import Severity
from backend.domain.recommendation import Recommendation
from backend.domain.review import Review
from backend.services.alert_message import alert_message, alert_text, slack_blocks
from tests.builders import a_hash, a_recommendation, a_review

ONE = a_hash(1)
ATTACK = "<!channel> *now* <https://host.example|click> @here ![x](https://host.example/?d=1)"


def review_with(*titles: str, severity: Severity = Severity.HIGH) -> Review:
    advice: list[Recommendation] = [
        replace(a_recommendation(ONE), title=title, severity=severity) for title in titles
    ]
    return replace(a_review(ONE), recommendations=tuple(advice))


def test_no_advice_is_no_alert() -> None:
    assert alert_message(replace(a_review(ONE), recommendations=())) is None


def test_the_most_severe_advice_is_named_and_the_rest_counted() -> None:
    low = replace(a_recommendation(ONE), title="Small thing", severity=Severity.LOW)
    review = review_with("Sort by day", "Analyze sales.orders")
    review = replace(review, recommendations=(*review.recommendations, low))

    message = alert_message(review, link=f"https://workbench.example/query?query={ONE}")

    assert message is not None
    assert message.subject == f"Slow query {ONE}: 2 high recommendations"
    assert message.lines[1:] == (
        "• Sort by day",
        "• Analyze sales.orders",
        "And 1 more recommendation.",
    )
    assert alert_text(message).endswith(f"\n\nhttps://workbench.example/query?query={ONE}\n")


def test_of_many_only_the_first_few_are_named() -> None:
    message = alert_message(review_with(*(f"Title {number}" for number in range(30))))

    assert message is not None
    assert message.lines[-1] == "And 25 more recommendations."


def test_in_slack_foreign_text_is_never_markup() -> None:
    message = alert_message(review_with(ATTACK), link="https://workbench.example/")
    assert message is not None

    blocks = slack_blocks(message)

    assert "mrkdwn" not in json.dumps(blocks)
    kinds = {block["type"] for block in blocks}
    assert kinds == {"header", "section", "actions"}
    assert json.dumps(blocks).count('"url"') == 1
    assert blocks[-1]["elements"] == [
        {
            "type": "button",
            "text": {"type": "plain_text", "text": "Open in the workbench", "emoji": False},
            "url": "https://workbench.example/",
        }
    ]


def test_secrets_and_hidden_characters_are_taken_out_and_long_titles_cut() -> None:
    message = alert_message(review_with("See zoe@mail.example \x1b[31m\u202e" + "x" * 400))
    assert message is not None

    title = message.lines[1]

    assert title.startswith("• See [removed] x")
    assert len(title) <= 142
    assert "\x1b" not in title
    assert "\u202e" not in title


def test_a_statement_is_in_no_alert() -> None:
    message = alert_message(review_with("Sort by day"))

    assert message is not None
    assert "select" not in alert_text(message).lower()
