"""How fast statements are scrubbed, beside sqlglot's tokenizer, and what scrubbing lets through.

Run `python -m tests.bench.bench_scrub [--cases FOLDER]`. The folder holds sets of others; each is
measured where it is there: `presidio_pii_cases.json`, `sqllexer_cases.json`,
`pgquery_cases.json`.

A leak is a personal value of a set of which four characters in a row (of a shorter one, all) are
left in the scrubbed text of a statement, whole or cut behind any of its characters. A false alarm
is a text of the set that is no personal value, yet is masked as a quoted alias; in messages it is
one without digits of which a word is lost, as every number goes from a message anyway.
"""

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlglot.dialects.redshift import Redshift

from backend.sql.personal_data import has_account_number
from backend.sql.scrub import mask_text, scrub
from tests.bench import foreign_cases
from tests.bench.corpus import texts
from tests.secret_placements import PLACEMENTS, any_left, cuts

STATEMENTS = 1_500
SHORTEST, LONGEST = 400, 600
ROUNDS = 3
GROWTH_ROUNDS = 2
# Of a ratio above, which another program on the same core may have caused.
DOUBTFUL_RATIO, MORE_ROUNDS = 4.2, 15
LARGE = 65_536
NASTY = (
    *("'", '"', "''", "\\'", "\\", "'a'", "E'", "x'", "$", "$$", "$a$", "$1", "-", "--", "- ", "/"),
    *("/*", "*/", "/* ", "(", ")", "((?", "[", "{", ":", "::", ":a", "a:", ";", "?", "%s", "%(a)s"),
    *("7", "1.", "1.1", "1-", "4 ", "+4", "0x", "a", "a ", "a1", "_", "#", "#a", "é", "\U0001f30a"),
    *(" ", "\n", "\t", "@", "a@", "a@b.", "a.", "eyJa-", "AKIA", "AB12", "AB12 ", "GB29 A", "f:"),
    *("::1 ", "1.2.3.", "in (", "in (?,", "in (?, ?, ?, ?), ", "values (", "values (?), ", "(?), "),
    *("values (a b,", "like '", "like (", "set ", "set x to ", "; set a = b", "password ", "alter "),
    *("unload ('", "unload ('select ''", "explain ", "iam_role ", "arn:aws:", "s3://a ", '"a b" '),
    *("‘a’", "`", ")=(", "value=", "key: ", "near \"", "%", "~~", "!~", "*", "|", "'a' "),
)  # fmt: skip
KINDS = ("email", "credit_card", "iban", "us_ssn", "phone", "ip")


def run(cases: Path | None = None) -> dict[str, object]:
    """Seconds are CPU seconds of one core, so a busy machine does little harm."""
    measured: dict[str, object] = {"speed": _speed(), "growth": _growth()}
    measured |= foreign_cases_of(cases) if cases else {}
    return measured


# Speed


def _speed() -> dict[str, float]:
    batch = _statements()
    tokenize = Redshift().tokenize
    return {
        "statements": len(batch),
        "mean_characters": round(sum(map(len, batch)) / len(batch)),
        "statements_per_second": _per_second(scrub, batch),
        "messages_per_second": _per_second(mask_text, batch),
        "sqlglot_tokenizer_per_second": _per_second(tokenize, batch),
    }


def _statements() -> list[str]:
    """Of the corpus, of about 500 characters; short ones are joined."""
    batch: list[str] = []
    text = ""
    for each in texts(40 * STATEMENTS, seed=4):
        text = f"{text};\n{each}" if text else each
        if len(text) > LONGEST:
            text = ""
        elif len(text) >= SHORTEST:
            batch.append(text)
            text = ""
        if len(batch) == STATEMENTS:
            break
    return batch


def _per_second(work: Callable[[str], object], batch: Sequence[str]) -> int:
    return round(len(batch) / min(_seconds(work, batch) for _ in range(ROUNDS)))


def _seconds(work: Callable[[str], object], batch: Iterable[str]) -> float:
    start = time.process_time()
    for text in batch:
        work(text)
    return time.process_time() - start


def _growth() -> dict[str, object]:
    """How much longer four times the text takes, up to 64 KB: the worst of all texts."""
    ratios = {
        f"{name} of {piece!r}": _ratio(work, piece)
        for name, work in (("scrub", scrub), ("mask_text", mask_text))
        for piece in (*NASTY, *_statements()[:3])
    }
    worst = max(ratios, key=lambda name: ratios[name][0])
    slowest = max(ratios, key=lambda name: ratios[name][1])
    return {
        "texts": len(ratios),
        "worst_ratio": round(ratios[worst][0], 2),
        "worst": worst[:60],
        "slowest_64_kb_seconds": round(ratios[slowest][1], 3),
        "slowest": slowest[:60],
    }


def _ratio(work: Callable[[str], object], piece: str) -> tuple[float, float]:
    """And the seconds for the whole. What takes no time at all has no ratio."""
    long = (piece * (LARGE // len(piece) + 1))[:LARGE]
    quarter, whole = _least_seconds(work, long, GROWTH_ROUNDS)
    if quarter and whole / quarter > DOUBTFUL_RATIO:
        quarter, whole = _least_seconds(work, long, MORE_ROUNDS)
    return (whole / quarter if quarter > 0.0005 else 0.0), whole


def _least_seconds(work: Callable[[str], object], long: str, rounds: int) -> tuple[float, float]:
    """For the first quarter and for all of it; the collector of garbage comes at its own times."""
    gc.disable()
    try:
        quarter = min(_seconds(work, [long[: len(long) // 4]]) for _ in range(rounds))
        return quarter, min(_seconds(work, [long]) for _ in range(rounds))
    finally:
        gc.enable()


# What gets through


def foreign_cases_of(folder: Path) -> dict[str, object]:
    measured: dict[str, object] = {}
    for name, measure in (
        ("presidio_pii_cases.json", _presidio),
        ("sqllexer_cases.json", foreign_cases.sqllexer),
        ("pgquery_cases.json", foreign_cases.pgquery),
    ):
        path = folder / name
        if path.exists():
            measured |= measure(json.loads(path.read_text(encoding="utf-8")))
    return measured


def _presidio(cases: dict[str, Any]) -> dict[str, object]:
    rows = cases["cases"]
    positives = [
        (row["text"], _values(row))
        for row in rows
        if row.get("expected_len") and row["recognizer"].removesuffix("_recognizer") in KINDS
    ]
    negatives = [row["text"] for row in rows if row.get("expected_len") == 0 and row["text"]]
    return {"leaks": _leaks(positives), "false_alarms": _false_alarms(negatives)}


def _values(row: dict[str, Any]) -> list[str]:
    spans = row.get("expected_positions") or []
    return [row["text"][start:end] for start, end in spans] or [row["text"]]


def _leaks(positives: Sequence[tuple[str, list[str]]]) -> dict[str, object]:
    found = []
    count = withheld = 0
    for name, placement in PLACEMENTS.items():
        carrier = scrub(placement.of("x")).text or ""
        for text, values in positives:
            for cut in cuts(placement.of(text)):
                count += 1
                shown = scrub(cut).text
                withheld += shown is None
                left = any_left(values, shown, carrier=carrier)
                if left is not None:
                    found.append(f"{name}: {left!r} of {text!r}")
    return {
        "positives": len(positives),
        "placements": len(PLACEMENTS),
        "texts": count,
        "withheld": withheld,
        "leaks": len(found),
        "list": found[:50],
    }


def _false_alarms(negatives: Sequence[str]) -> dict[str, object]:
    alarms = [text for text in negatives if not _is_kept_as_alias(text)]
    wordy = [text for text in negatives if not any(map(str.isdigit, text))]
    lost = [text for text in wordy if mask_text(text) != text.replace("'", "’")]
    return {
        "negatives": len(negatives),
        "alarms": len(alarms),
        "share": round(len(alarms) / len(negatives), 4),
        "list": [f"{text!r}: {_reason(text)}" for text in alarms],
        "messages_without_digits": len(wordy),
        "messages_that_lose_a_word": [f"{text!r} -> {mask_text(text)!r}" for text in lost],
    }


def _is_kept_as_alias(text: str) -> bool:
    alias = text.replace('"', '""')
    return f'"{alias}"' in (scrub(f'select a as "{alias}" from t').text or "")  # noqa: S608


def _reason(text: str) -> str:
    if has_account_number(text):
        return "a card or an account number by its checksum"
    digits = sum(map(str.isdigit, text))
    return "digits as of a social-security number" if digits == 9 else "another form"


def _lines(measured: object, indent: str = "") -> Iterator[str]:
    """Every figure on a line of its own, lists below their name."""
    entries = measured.items() if isinstance(measured, dict) else ()
    for name, value in entries:
        if isinstance(value, dict):
            yield f"{indent}{name}"
            yield from _lines(value, f"{indent}  ")
        elif isinstance(value, list):
            yield f"{indent}{name}: {len(value)}"
            yield from (f"{indent}    {entry}" for entry in value)
        else:
            yield f"{indent}{name:32} {value}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, help="a folder of cases of others")
    measured = run(parser.parse_args().cases)
    sys.stderr.write("\n".join(_lines(measured)) + "\n")
    sys.stdout.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main()
