"""The check reads the finished text anew and trusts nothing that was done before."""

import pytest

from backend.domain.receipt import OutboundText
from backend.panel.outbound.check_text import CheckFailedError, Common, check_text
from backend.panel.outbound.document import Line, Outside, OutsideKind
from backend.sql.literal_marks import mark_of
from tests.model_fakes import A_KEY

NOTHING_COMMON = Common(own_text="")


def checked(prefix: str = "", *literals: str, common: Common = NOTHING_COMMON, **parts: str) -> int:
    marks = frozenset(mark_of(each, A_KEY) for each in literals)
    return check_text(OutboundText(prefix=prefix, **parts), marks, A_KEY, common)


@pytest.mark.parametrize(
    "line",
    [
        '{"name": "about Berlin"}',
        '{"name": "\\u0042erlin"}',
        '{"deep": [{"er": ["x", "BERLIN"]}]}',
        '{"berlin": 1}',
    ],
    ids=["plain", "escaped", "deep", "a key"],
)
def test_a_literal_is_found_however_it_is_written(line):
    with pytest.raises(CheckFailedError, match="literal"):
        checked(f"<case_file>\n{line}\n</case_file>", "berlin")


@pytest.mark.parametrize("part", ["system", "instructions", "schema"])
def test_every_part_is_checked(part):
    with pytest.raises(CheckFailedError, match="literal"):
        checked("", "berlin", **{part: "Think of Berlin."})
    with pytest.raises(CheckFailedError, match="personal data"):
        checked("", **{part: "Write to a.b@example.com."})
    with pytest.raises(CheckFailedError, match="secret"):
        checked("", **{part: "password: hunter2hunter"})


def test_a_figure_is_no_literal():
    assert checked('{"rows": 4711}', "4711") == 0
    with pytest.raises(CheckFailedError):
        checked('{"rows": "4711"}', "4711")


def test_a_line_that_is_no_json_is_not_sent():
    with pytest.raises(ValueError, match="Expecting"):
        checked('{"name": ')


def test_words_of_the_own_text_are_counted_and_let_through():
    line = Line(group="x", tree={"severity": Outside("grave", OutsideKind.SENTENCE)})
    common = Common.of("Look for spill to disk.", "", "", [line])

    assert checked('{"severity": "spill"}', "spill", "severity", common=common) == 2
    with pytest.raises(CheckFailedError):
        checked('{"severity": "grave"}', "grave", common=common)


def test_a_part_of_an_own_word_is_not_common():
    common = Common.of("seventeen", "", "", [])

    with pytest.raises(CheckFailedError):
        checked('{"name": "seven"}', "seven", common=common)
