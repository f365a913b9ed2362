"""Personal values made up by the project, each as its kind prescribes: checksums are right.

Their letters stand in no keyword and no table of the statements that they are put into, so that
a piece of one that is found in a scrubbed text is a leak.
"""

import string

from hypothesis import strategies as st

LETTERS = "qzjvxk"
_BASE64 = LETTERS + LETTERS.upper() + string.digits


def _text(alphabet: str, shortest: int, longest: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=shortest, max_size=longest)


def _digits(count: int) -> st.SearchStrategy[str]:
    return _text(string.digits, count, count)


def with_luhn_digit(start: str) -> str:
    """The number with the last digit that makes it valid."""
    total = 0
    for place, digit in enumerate(reversed(start)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return f"{start}{-total % 10}"


def iban_of(country: str, account: str) -> str:
    letters = f"{account}{country}00"
    rest = int("".join(str(int(letter, 36)) for letter in letters)) % 97
    return f"{country}{98 - rest:02}{account}"


def _in_fours(number: str, separator: str) -> str:
    return separator.join(number[at : at + 4] for at in range(0, len(number), 4))


_separators = st.sampled_from(["", " ", "-"])
emails = st.builds(
    "{}@{}.{}".format,
    _text(LETTERS + "0123456789", 4, 12),
    _text(LETTERS, 4, 10),
    st.sampled_from(["zz", "qq.xx", "jkvz"]),
)
_cards_of_16 = st.builds(
    lambda start, rest: with_luhn_digit(start + rest)[-16:],
    st.sampled_from(["4", "4", "4"]),
    _digits(14),
)
cards = st.builds(
    _in_fours,
    st.one_of(
        _cards_of_16,
        st.builds(lambda rest: with_luhn_digit("55" + rest), _digits(13)),
        st.builds(lambda rest: with_luhn_digit("37" + rest), _digits(12)),
        st.builds(lambda rest: with_luhn_digit("6011" + rest), _digits(11)),
        st.builds(lambda rest: with_luhn_digit("36" + rest), _digits(11)),
    ),
    _separators,
)
ibans = st.builds(
    _in_fours,
    st.one_of(
        st.builds(iban_of, st.just("DE"), _digits(18)),
        st.builds(iban_of, st.just("CH"), _digits(17)),
        st.builds(iban_of, st.just("NO"), _digits(11)),
        st.builds(
            lambda bank, rest: iban_of("GB", bank + rest), _text("QZJVXK", 4, 4), _digits(14)
        ),
    ),
    _separators,
)
social_security_numbers = st.builds(
    lambda area, group, serial, form: form.format(f"{area:03}", f"{group:02}", f"{serial:04}"),
    st.integers(1, 665),
    st.integers(1, 99),
    st.integers(1, 9999),
    st.sampled_from(["{}-{}-{}", "{} {} {}", "{}.{}.{}", "{}-{}{}", "{}{}-{}"]),
)
phones = st.builds(
    lambda digits, form: "".join(next(digits) if mark == "#" else mark for mark in form),
    _text("23456789", 14, 14).map(iter),
    st.sampled_from(
        [
            *("+41 ## ### ## ##", "+1-###-###-####", "+5511#########", "(###) ###-####"),
            *(
                "###-###-####",
                "1-###-###-####",
                "0## ### ## ##",
                "0###-######",
                "+## ## #####-####",
            ),
            "## (###) ###-####",
        ]
    ),
)
ip_addresses = st.ip_addresses().map(str).filter(lambda address: len(address) > 6)
access_keys = st.builds(
    "{}{}Q{}".format,
    st.sampled_from(["AKIA", "ASIA"]),
    _text("QZJVXK234567", 7, 7),
    _text("QZJVXK234567", 8, 8),
)
secret_keys = _text(_BASE64 + "/+", 37, 37).map(lambda rest: f"qZ7{rest}")
web_tokens = st.builds(
    "eyJ{}.eyJ{}.{}".format, _text(_BASE64, 12, 30), _text(_BASE64, 12, 30), _text(_BASE64, 12, 30)
)
resource_names = st.builds("arn:aws:iam::{}:role/{}".format, _digits(12), _text(LETTERS, 5, 12))
signed_urls = st.builds(
    "s3://{}/{}?X-Amz-Signature={}".format,
    _text(LETTERS, 5, 9),
    _text(LETTERS, 5, 9),
    _text(LETTERS + string.digits, 20, 40),
)
passwords = _text(LETTERS + LETTERS.upper() + "0123456789!#%&*+-./<=>?@^_|~", 8, 20).filter(
    lambda word: word[0] not in "-+*/<>=|?.&^~!%#" and "--" not in word and "/*" not in word
)

recognised = st.one_of(
    emails,
    cards,
    ibans,
    social_security_numbers,
    phones,
    ip_addresses,
    access_keys,
    secret_keys,
    web_tokens,
    resource_names,
    signed_urls,
)
"""All but passwords, which look like nothing in particular."""
