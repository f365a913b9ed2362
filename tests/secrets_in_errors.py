"""Errors as they come: with what no screen, no answer and no log may repeat in their text."""

SECRETS = (
    "/srv/warehouse/history.sqlite3",
    "arn:aws:iam::123456789012:role/collector",
    "SELECT card_number FROM customers WHERE email = 'a@b.test'",
    "AKIAIOSFODNN7EXAMPLE",
    "postgresql://admin:hunter2@cluster.test/dev",
)
MESSAGE = "cannot do it: " + " | ".join(SECRETS)


def secrets_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]
