"""Text into tokens: whatever the text."""

import pytest
from hypothesis import given

from backend.sql.scanner import Stops, TokenKind, scan, token_at, unescape
from tests.unit.sql.texts import any_texts


def tokens(text: str) -> list[tuple[str, str]]:
    return [
        (token.kind.value, text[token.start : token.end])
        for token in scan(text)
        if token.kind is not TokenKind.SPACE
    ]


@given(any_texts)
def test_tokens_cover_the_text_without_a_gap(text: str) -> None:
    position = 0
    for token in scan(text):
        assert token.start == position
        assert token.end > token.start
        position = token.end

    assert position == len(text)


@given(any_texts)
def test_only_the_last_token_can_be_cut(text: str) -> None:
    scanned = list(scan(text))

    assert not any(token.is_cut for token in scanned[:-1])


@pytest.mark.parametrize(
    "string",
    ["'it''s'", r"'it\'s'", r"E'it\'s'", "''", r"'a\\'", "$$it's$$", "$tag$ $$ 'x' $tag$", "x'1f'"],
)
def test_a_string_ends_where_redshift_ends_it(string: str) -> None:
    assert tokens(f"{string} from") == [("string", string), ("word", "from")]


@pytest.mark.parametrize("text", ["'it''s", "'it''", r"'it\'", "'", "E'a", "$$ a '", "$b$ $$"])
def test_a_string_without_an_end_is_cut(text: str) -> None:
    (token,) = scan(text)

    assert (token.kind, token.is_cut) == (TokenKind.STRING, True)


@pytest.mark.parametrize("text", ["/* a", "/* a /* b */", "/*/"])
def test_a_comment_without_an_end_is_cut(text: str) -> None:
    (token,) = scan(text)

    assert (token.kind, token.is_cut) == (TokenKind.COMMENT, True)


def test_comments_nest() -> None:
    assert tokens("a /* x /* y */ z */ b -- c\nd") == [
        ("word", "a"),
        ("comment", "/* x /* y */ z */"),
        ("word", "b"),
        ("comment", "-- c"),
        ("word", "d"),
    ]


@pytest.mark.parametrize("number", ["1", "1.5", ".5", "1.", "1e5", "1.5E-3", "0x1F", "12ab34"])
def test_a_number_is_one_token_with_all_that_is_glued_to_it(number: str) -> None:
    assert tokens(f"{number}, x") == [("number", number), ("operator", ","), ("word", "x")]


@pytest.mark.parametrize("placeholder", ["?", "$1", ":name", "%s", "%(name)s"])
def test_placeholders_of_all_drivers_are_known(placeholder: str) -> None:
    assert tokens(f"= {placeholder} and")[1] == ("placeholder", placeholder)


def test_a_cast_and_a_remainder_are_no_placeholders() -> None:
    assert [kind for kind, _ in tokens("a::date, b%s")] == [
        "word", "operator", "word", "operator", "word", "operator", "word",
    ]  # fmt: skip


def test_words_keep_their_digits_dollars_and_temporary_mark() -> None:
    assert [piece for _, piece in tokens("#tmp t1 a$b _x")] == ["#tmp", "t1", "a$b", "_x"]


def test_a_long_text_that_never_ends_is_scanned_in_one_pass() -> None:
    assert len(list(scan("'" + "a''\\" * 200_000))) == 1
    assert len(list(scan("/*" * 200_000))) == 1


STOPS = Stops({"select", "password"})


@given(any_texts)
def test_stops_are_tokens_of_the_scan_and_what_lies_between_is_plain(text: str) -> None:
    tokens = {token.start: token for token in scan(text)}
    position = 0
    for plain_start, token in STOPS.of(text).between(0, len(text)):
        assert plain_start == position
        position = token.end
        between = [tokens[at] for at in range(plain_start, token.start) if at in tokens]
        kinds = {each.kind for each in between}
        words = {text[each.start : each.end].lower() for each in between}
        assert kinds <= {TokenKind.SPACE, TokenKind.WORD, TokenKind.OPERATOR}
        assert not words & {"select", "password", ";", "~~"}
        assert token.start == token.end or token == tokens[token.start] == token_at(
            text, token.start
        )

    assert position == len(text)


def test_stops_are_also_found_from_the_middle_of_a_text() -> None:
    text = "select a, 'b' from t -- c"

    stops = [text[token.start : token.end] for _, token in STOPS.of(text).between(7, 14)]

    assert stops == ["'b'", ""]


@pytest.mark.parametrize(
    ("text", "string"),
    [(r"a '\' b", r"'\'"), (r"a E'\' b' c", r"E'\' b'"), (r"a 'it''s\' b", r"'it''s\'")],
)
def test_backslashes_can_be_read_as_postgresql_reads_them(text: str, string: str) -> None:
    scanned = [text[t.start : t.end] for t in scan(text, has_plain_backslashes=True)]

    assert string in scanned


def test_escapes_of_the_system_views_become_characters() -> None:
    assert unescape(r"select 1\n\tfrom a\\nb \x") == "select 1\n\tfrom a\\nb \\x"
