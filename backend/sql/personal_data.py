"""What looks like a person's data or a secret, wherever it stands.

Names are judged by form and, where there is one, by checksum: a name that is masked by mistake
costs the reader a column. Messages are judged by form alone: every number goes from them anyway.
"""

import ipaddress
import re
import unicodedata

_EMAIL = r"(?<![\w.+%-])[\w.+%-]++@[\w-]++(?:\.[\w-]++)++"
_OCTET = r"(?:25[0-5]|2[0-4]\d|[01]?\d?\d)"
_IP_V4 = rf"(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?!\w)"
_IP_ADDRESS = (
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"
    r"|(?<![\w:])(?:[0-9a-f]{0,4}:){4,7}[0-9a-f]{1,4}\b"
)
_MAC = r"\b[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}\b"
_UUID = r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"
# The unique ids that AWS gives to keys, users and roles.
_AWS_ID = r"(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)"
# A key id has 16 more characters; one with a digit that stands at the end of a text may be cut.
_AWS_KEY = (
    rf"(?<![^\W_])(?-i:{_AWS_ID}(?:[0-9A-Z]{{16}}|(?=[A-Z]*+\d)[0-9A-Z]{{4,}}(?=\W*\Z)))(?![^\W_])"
)
_WEB_TOKEN = r"(?<![\w-])(?-i:eyJ)[\w-]{8,}+(?:(?:\.[\w-]*+)++|(?=\W*\Z))"  # noqa: S105 - its form
_CREDENTIAL = rf"{_AWS_KEY}|{_WEB_TOKEN}"
_DIGEST = r"\b[0-9a-f]{32,}+\b"
_IBAN = r"\b[A-Z]{2}\d{2}(?:[ -]?[0-9A-Z]{4}){3,7}(?:[ -]?[0-9A-Z]{1,3})?\b"
# Phone, card and insurance numbers, dates of birth: groups of digits, nine digits and more, or
# six behind a plus sign.
_INTERNATIONAL = r"\+\d(?:[ ().\-/]{0,2}\d){6,}"
_DIGIT_GROUPS = rf"(?:\+\d|\(\d|\d)(?:[ ().\-/]{{0,2}}\d){{8,}}|{_INTERNATIONAL}"
_BIRTHDAY = r"\b(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})\b"
# Account numbers, buckets, users and signed keys stand in them.
_ARN = r"\barn:aws[\w-]*+:[^\s'\"]*+"
_URL = r"(?<!\w)[a-z][\w+.]{1,20}://[^\s'\"]*+"

_IN_MESSAGE = re.compile(
    rf"{_URL}|{_ARN}|{_EMAIL}|{_IP_ADDRESS}|{_UUID}|{_CREDENTIAL}|{_DIGEST}|{_IBAN}"
    rf"|{_DIGIT_GROUPS}|{_BIRTHDAY}",
    re.IGNORECASE,
)
_IN_CODE = re.compile(rf"\w@(?=\w|\s*\Z)|{_CREDENTIAL}|:/{{2}}", re.IGNORECASE)
_MAYBE_IN_CODE = ("@", "://", "eyJ", "AKIA", "ASIA", "AROA", "AIDA", "ABIA", "ACCA")

# Telephone numbers: North America; a bracketed area code; a national one with its leading 0, but
# not in three groups of three, as many other numbers are written; ten digits or eleven alone, as
# they are dialled in North America or to a mobile of China.
_PHONE = (
    r"(?<!\d)(?:\d{1,3}[-.])?\d{3}([-.])\d{3}\2\d{4}(?!\d)"
    r"|(?<!\d)(?<!\d )(?:1 )?[2-9]\d{2} [2-9]\d{2}[- ]\d{4}(?!\d)"
    r"|\(\d{2,5}\)[ .\-/]{0,2}\d{2,4}(?:[ .\-/]?\d{2,4}){1,3}(?!\d)"
    r"|(?<!\d)(?!\d{3}[ -]\d{3}[ -]\d{3}(?!\d))0(?=\d{1,4}[ .\-/])"
    r"(?:[ .\-/]{0,3}\d){8,11}(?![ .\-/]?\d)"
    r"|(?<!\w)1[3-9]\d{9}(?!\w)"
    r"|(?<!\w)(?!\d*12345678)1?[2-9]\d{2}[2-9]\d{6}(?!\w)"
)
_SOCIAL_SECURITY = (
    r"(?<![\d.-])(?!000|666|9)\d{3}(?:([-. ])(?!00)\d{2}\3|-(?!00)\d{2}|(?!00)\d{2}-)(?!0000)\d{4}"
    r"(?![-.]?\d)"
)
# Without dashes only areas that were given out up to 2011: many other numbers have nine digits.
_BARE_SOCIAL_SECURITY = (
    r"(?<!\w)(?!000|666|123456789)(?:[0-6]\d\d|7[0-6]\d|77[0-2])(?!00)\d{2}(?!0000)\d{4}(?!\w)"
)
# The first three refer to groups of their own by number.
_IN_NAME = re.compile(
    rf"{_MAC}|{_PHONE}|{_SOCIAL_SECURITY}|{_BARE_SOCIAL_SECURITY}|{_EMAIL}|{_URL}|{_ARN}|{_IP_V4}"
    rf"|{_UUID}|{_CREDENTIAL}|{_BIRTHDAY}|{_INTERNATIONAL}|\d{{15,}}+",
    re.IGNORECASE,
)
_SURE = re.compile(
    rf"{_EMAIL}|{_CREDENTIAL}|{_ARN}|{_IP_V4}|(?<![\w.-])\d{{3}}-\d{{2}}-\d{{4}}(?![\w.-])|{_INTERNATIONAL}",
    re.IGNORECASE,
)
_ACCOUNT_LIKE = re.compile(
    r"(?<!\w)(?:[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}|\d(?:[ .-]?\d){12,18})(?!\w)"
)
_DIGEST_IN_NAME = re.compile(_DIGEST, re.IGNORECASE)
_SECRET_KEY_LENGTH = 40
_SECRET_KEY = re.compile(r"(?<![\w/+])[\w/+]{40}(?![\w/+])", re.ASCII)
_IP_V6_LIKE = re.compile(
    r"(?<![\w:.])(?:[a-f]*+[g-z_][a-z_]*+[46]?:)?+((?=[0-9a-f.]*+:)[0-9a-f:.]{2,}+)(?:%\w++)?(?:/\d++)?(?!\w)",
    re.IGNORECASE,
)
_DIGIT_RUNS = re.compile(r"\d++(?:[ .\-]\d++)*+")
_IBAN_LIKE = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,29}", re.IGNORECASE)
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}|1\d{14}"  # American Express, UATP
    r"|(?:30[0-5]|3[689]\d)\d{11}"  # Diners Club
    r"|(?:35|5[06-9]|6\d)\d{14,17}"  # JCB, Maestro, Discover, UnionPay
)
# ISO 13616: how long the account numbers of a country are.
_IBAN_COUNTRIES = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY MZ PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_IBAN_LENGTHS = {
    country: length
    for length, countries in _IBAN_COUNTRIES.items()
    for country in countries.split()
}


def has_personal_data(name: str) -> bool:
    """For a name in quotes, which can hold anything."""
    if not name.isascii():
        name = _folded(name)
    return (
        _IN_NAME.search(name) is not None
        or _DIGEST_IN_NAME.search(name) is not None
        or has_account_number(name)
        or _has_ip_v6(name)
        or _has_secret_key(name)
    )


def has_personal_data_in_word(word: str) -> bool:
    """For a name of letters, digits, `_` and `$` only; tolerant of dates and digests in it."""
    if not word.isascii():
        word = _folded(word)
    return _IN_NAME.search(word) is not None or has_account_number(word) or _has_secret_key(word)


def has_personal_data_in_code(masked_sql: str) -> bool:
    """For text whose strings and numbers are gone already; tolerant of dates in table names."""
    if not any(piece in masked_sql for piece in _MAYBE_IN_CODE):
        return False
    return _IN_CODE.search(masked_sql) is not None


def mask_personal_data(text: str) -> str:
    if len(text) >= _SECRET_KEY_LENGTH:
        text = _SECRET_KEY.sub(_masked_key, text)
    if "::" in text:
        text = _IP_V6_LIKE.sub(_masked_ip_v6, text)
    return _IN_MESSAGE.sub("?", text)


def mask_sure(text: str, instead: str) -> str:
    """In prose with figures and dates: only what is surely a person's or a secret."""
    text = _SURE.sub(instead, text)
    text = _ACCOUNT_LIKE.sub(
        lambda found: instead if has_account_number(found.group()) else found.group(), text
    )
    return _SECRET_KEY.sub(
        lambda found: instead if _has_secret_key(found.group()) else found.group(), text
    )


def has_account_number(text: str) -> bool:
    """Of a card (Luhn) or a bank account (IBAN), whatever the grouping."""
    return any(_has_card(run) for run in _DIGIT_RUNS.findall(text)) or any(
        _is_iban(match.group()) for match in _IBAN_LIKE.finditer(text)
    )


def _folded(name: str) -> str:
    """Full-width and other forms of a character as that character; what has no width is left out."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKC", name)
        if unicodedata.category(character) != "Cf"
    )


def _has_card(run: str) -> bool:
    """Any neighbouring groups of digits that together are the number of a card."""
    groups = re.split(r"[ .\-]", run)
    for first in range(len(groups)):
        number = ""
        for group in groups[first:]:
            number += group
            if len(number) > 19:
                break
            if len(number) >= 13 and _ISSUERS.fullmatch(number) and _passes_luhn(number):
                return True
    return False


def _passes_luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0


def _is_iban(written: str) -> bool:
    """Words may follow the number within `written`."""
    letters = re.sub("[ -]", "", written).upper()
    length = _IBAN_LENGTHS.get(letters[:2], 0)
    if not length or len(letters) < length:
        return False
    moved = letters[4:length] + letters[:4]
    return int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


def _has_ip_v6(text: str) -> bool:
    return any(_is_ip_v6(match[1]) for match in _IP_V6_LIKE.finditer(text))


def _masked_ip_v6(address: re.Match[str]) -> str:
    """A lone `::` of a message is a cast."""
    is_address = len(address[1]) > 2 and _is_ip_v6(address[1])
    return "?" if is_address else address.group()


def _is_ip_v6(written: str) -> bool:
    try:
        ipaddress.IPv6Address(written.rstrip(".") if "::" not in written[-2:] else written)
    except ValueError:
        return False
    return True


def _has_secret_key(text: str) -> bool:
    """Forty characters of base64, as AWS writes its secret keys."""
    return any(_is_secret_key(word) for word in _SECRET_KEY.findall(text))


def _is_secret_key(word: str) -> bool:
    kinds = (str.isupper, str.islower, str.isdigit)
    return "_" not in word and all(any(map(kind, word)) for kind in kinds)


def _masked_key(word: re.Match[str]) -> str:
    return "?" if _is_secret_key(word.group()) else word.group()
