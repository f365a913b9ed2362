"""Statements that others test their masking and fingerprints with, beside ours.

go-sqllexer masks and, in the same breath, normalises: FOLDS name each step that is applied to its
text and to ours before the two are compared. libpg_query masks and fingerprints.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from backend.sql.fingerprint import fingerprint_of
from backend.sql.scanner import TokenKind, scan
from backend.sql.scrub import scrub

_POSTGRES = {None, "postgresql"}
_VALUE = r"(?:[-+] )?\?"


class Fold(NamedTuple):
    name: str
    apply: Callable[[str], str]


def _sub(pattern: str, by: str) -> Callable[[str], str]:
    compiled = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    return lambda text: compiled.sub(by, text)


def _tokens_apart(text: str) -> str:
    kinds = (TokenKind.SPACE, TokenKind.COMMENT)
    return " ".join(text[t.start : t.end] for t in scan(text) if t.kind not in kinds)


def _strings_masked(text: str) -> str:
    return "".join(
        "?" if token.kind is TokenKind.STRING else text[token.start : token.end]
        for token in scan(text)
    )


FOLDS = (
    Fold("body of a function: they keep it masked on request, we mask it whole", _strings_masked),
    Fold("comments: they keep them on request; one blank between tokens", _tokens_apart),
    Fold("bind variables and parameters of T-SQL as ?", _sub(r"@ \w+|\$\d+", "?")),
    Fold("TRUE, FALSE and NULL as ?", _sub(r"\b(?:true|false|null)\b", "?")),
    Fold("aliases gone", _sub(r" as (?!\?)(?:\w+|\"[^\"]*\")(?! \()", "")),
    Fold("quotes of names gone", lambda text: text.replace('"', "")),
    Fold("digits in names as ?", _sub(r"(?<=\w)\d+", "?")),
    Fold("one value for a list of them", _sub(rf"\( {_VALUE}(?: , {_VALUE})* \)", "( ? )")),
    Fold("one row for several", _sub(r"\( \? \)(?: , \( \? \))+", "( ? )")),
    Fold("one blank between tokens", lambda text: " ".join(_tokens_apart(text).split())),
    Fold("semicolon at the end gone", lambda text: text.rstrip(" ;")),
)


def _folded(text: str) -> str:
    for fold in FOLDS:
        text = fold.apply(text)
    return text


def sqllexer(cases: Mapping[str, Any]) -> dict[str, object]:
    rows = list(_sqllexer_rows(cases))
    differences, unmasked = [], []
    for name, text, theirs in rows:
        ours = scrub(text).text or ""
        if _folded(theirs) != _folded(ours):
            reason = _reason(text, theirs, ours)
            differences.append(f"{name}: {reason}: {_folded(theirs)!r} | {_folded(ours)!r}")
        unmasked += [f"{name}: {literal!r}" for literal in _left_by_us(text, theirs, ours)]
    return {
        "sqllexer": {
            "cases": len(rows),
            "equal": len(rows) - len(differences),
            "equal_share": round(1 - len(differences) / len(rows), 4),
            "steps_applied_to_both": [fold.name for fold in FOLDS],
            "differences": differences,
            "masked_by_them_and_not_by_us": unmasked,
            "mask_as_much_share": round(
                1 - len({u.split(": ")[0] for u in unmasked}) / len(rows), 4
            ),
        }
    }


def _sqllexer_rows(cases: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for case in cases["dbms_files"]:
        if case["dbms"] == "postgresql":
            for number, output in enumerate(case["outputs"]):
                yield f"{case['id']}#{number}", case["input"], output["expected"]
    for kind in ("obfuscate", "obfuscate_and_normalize"):
        for case in cases[kind]:
            if case["dbms"] in _POSTGRES:
                yield case["id"], case["input"], case["expected"]


def _reason(text: str, theirs: str, ours: str) -> str:
    if not ours:
        return f"withheld: {scrub(text).withheld_reason}"
    if re.search(r"extract\s*\(\s*\?", theirs, re.IGNORECASE):
        return "the field of EXTRACT is a keyword to us, no literal"
    if any(token.is_cut for token in scan(text)):
        return "we mask what is cut, they keep a cut name"
    if _folded(_literals_masked(theirs)) == _folded(ours):
        return "they keep a literal on request, we mask it"
    return "other"


def _literals_masked(text: str) -> str:
    kinds = (TokenKind.STRING, TokenKind.NUMBER)
    return "".join("?" if t.kind in kinds else text[t.start : t.end] for t in scan(text))


def _left_by_us(text: str, theirs: str, ours: str) -> list[str]:
    """Literals of the text that are gone from their answer and still in ours, as whole words."""
    kinds = (TokenKind.STRING, TokenKind.NUMBER)
    literals = {_bare(text[t.start : t.end]) for t in scan(text) if t.kind in kinds}
    return [
        literal
        for literal in sorted(literals - {""})
        if not _has(theirs, literal) and _has(_without_names(ours, text, literal), literal)
    ]


def _bare(literal: str) -> str:
    return literal.strip("'").strip()


def _has(text: str, literal: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(literal)}(?!\w)", text) is not None


def _without_names(ours: str, text: str, literal: str) -> str:
    """Ours, but for as many as the text has of the same word as a name."""
    code = " ".join(
        text[t.start : t.end] for t in scan(text) if t.kind in (TokenKind.WORD, TokenKind.QUOTED)
    )
    return "" if _has(code, literal) else ours


def pgquery(cases: Mapping[str, Any]) -> dict[str, object]:
    groups = cases["fingerprint_groups_that_must_be_equal"]
    pairs = [(pair["input"], pair["fingerprint"]) for pair in cases["fingerprint_pairs"]]
    apart = [group for group in groups if len(set(map(_hash, group))) > 1]
    normalised = [*cases["normalize"], *cases["normalize_utility"]]
    left = [
        f"{row['input'][:60]}: {literal!r}"
        for row in normalised
        for literal in _left_by_us(row["input"], row["expected"], scrub(row["input"]).text or "")
    ]
    return {
        "pgquery": {
            "groups": len(groups),
            "groups_equal": len(groups) - len(apart),
            "groups_apart": [_apart(group) for group in apart],
            "statements": len(pairs),
            "equal_to_us_and_not_to_them": list(_joined_by_us(pairs)),
            "equal_to_them_and_not_to_us": [
                f"{texts}: {_why_apart(texts)}" for texts in _split_by_us(pairs)
            ],
            "normalised": len(normalised),
            "masked_by_them_and_not_by_us": left,
        }
    }


def _why_apart(texts: str) -> str:
    if "INTERVAL" in texts:
        return "an interval is more to us than its literal"
    return "columns in another order are another result to us"


def _hash(text: str) -> str:
    return fingerprint_of(text).query_hash


def _apart(group: Iterable[str]) -> str:
    by_hash: dict[str, list[str]] = defaultdict(list)
    for text in group:
        by_hash[_hash(text)].append(text)
    return " / ".join(" = ".join(texts) for texts in by_hash.values())


def _joined_by_us(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    theirs: dict[str, dict[str, str]] = defaultdict(dict)
    for text, fingerprint in pairs:
        theirs[_hash(text)].setdefault(fingerprint, text)
    yield from (" = ".join(texts.values()) for texts in theirs.values() if len(texts) > 1)


def _split_by_us(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    ours: dict[str, dict[str, str]] = defaultdict(dict)
    for text, fingerprint in pairs:
        ours[fingerprint].setdefault(_hash(text), text)
    yield from (" / ".join(texts.values()) for texts in ours.values() if len(texts) > 1)
