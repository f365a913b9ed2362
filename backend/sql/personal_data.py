"""What looks like a person's data or a secret, wherever it stands."""

import re

_EMAIL = r"(?<![\w.+%-])[\w.+%-]++@[\w-]++(?:\.[\w-]++)++"
_IP_ADDRESS = (
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"
    r"|(?<![\w:])(?:[0-9a-f]{0,4}:){4,7}[0-9a-f]{1,4}\b"
)
_UUID = r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"
# Keys of AWS and web tokens.
_CREDENTIAL = r"\b(?:AKIA|ASIA)[0-9A-Z]{12,}\b|\beyJ[\w-]{8,4000}\.[\w.-]++"
_DIGEST = r"\b[0-9a-f]{32,}+\b"
_IBAN = r"\b[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){3,7}(?: ?[0-9A-Z]{1,3})?\b"
# Phone, card and insurance numbers, dates of birth: groups of digits, nine digits and more, or
# six behind a plus sign.
_DIGIT_GROUPS = r"(?:\+\d|\(\d|\d)(?:[ ().\-/]{0,2}\d){8,}|\+\d(?:[ ().\-/]{0,2}\d){6,}"
_BIRTHDAY = r"\b(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})\b"

_PERSONAL = re.compile(
    "|".join((_EMAIL, _IP_ADDRESS, _UUID, _CREDENTIAL, _DIGEST, _IBAN, _DIGIT_GROUPS, _BIRTHDAY)),
    re.IGNORECASE,
)
_IN_CODE = re.compile(f"{_EMAIL}|{_CREDENTIAL}")


def has_personal_data(name: str) -> bool:
    """For a name in quotes, which can hold anything."""
    return _PERSONAL.search(name) is not None


def has_personal_data_in_code(masked_sql: str) -> bool:
    """For text whose strings and numbers are gone already; tolerant of dates in table names."""
    return _IN_CODE.search(masked_sql) is not None


def mask_personal_data(text: str) -> str:
    return _PERSONAL.sub("?", text)
