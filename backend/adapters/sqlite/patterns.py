"""What is known of a pattern apart from its runs, and the words that a text filter looks in."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from backend.adapters.sqlite.codec import JsonCodec, folded, microseconds, moment_of
from backend.adapters.sqlite.marks import packed_marks, unpacked_marks
from backend.adapters.sqlite.names import NameBook, NameKind
from backend.adapters.sqlite.table_writers import keep_writer
from backend.domain.errors import UnknownPatternError
from backend.domain.model_form import LiteralMark, ModelForm
from backend.domain.pattern import FingerprintMethod, Pattern
from backend.domain.regression import Regression
from backend.services.ports import PatternHead

LABELS_SEARCHED = 100
"""Of one pattern, the first that came: some tools give every run a label of its own."""

MOST_MARKS = 4_000
"""Of one pattern, over all of its texts that were looked at."""

SHORTEST_INDEXED_TEXT = 3

SELECT_PATTERN = "SELECT * FROM pattern WHERE query_hash = :query_hash"
SELECT_PATTERN_BY_NO = "SELECT * FROM pattern WHERE pattern_no = :pattern_no"
HEAD_LENGTH = 400
SELECT_HEADS = """
    SELECT query_hash, query_type, substr(scrubbed_sql, 1, :length) AS statement, table_names,
        first_seen_us, last_seen_us
    FROM pattern WHERE pattern_no > -1 ORDER BY pattern_no
"""
SELECT_HASHES = """
    SELECT pattern_no, query_hash FROM pattern
    WHERE pattern_no IN (SELECT value FROM json_each(:pattern_nos))
"""
SELECT_NOS_OF_TYPES = """
    SELECT pattern_no FROM pattern
    WHERE query_type IN (SELECT value FROM json_each(:query_types))
"""
SELECT_NOS_OF_HASH_PREFIX = """
    SELECT pattern_no FROM pattern WHERE query_hash >= :prefix AND query_hash < :prefix_end
"""
SELECT_NOS_OF_INDEXED_TEXT = """
    SELECT rowid AS pattern_no FROM pattern_text WHERE pattern_text MATCH :phrase
"""
# Every pattern's words are read: for a text too short for the index, or where there is none.
SELECT_NOS_OF_TEXT = """
    SELECT rowid AS pattern_no FROM pattern_text WHERE instr(words, :text) > 0
"""
SELECT_WORDS = "SELECT words FROM pattern_text WHERE rowid = :pattern_no"
SELECT_HAS_TEXT_INDEX = """
    SELECT count(*) FROM sqlite_master WHERE name = 'pattern_text' AND sql LIKE '%USING fts5%'
"""
INSERT_PATTERN = """
    INSERT INTO pattern (
        query_hash, query_type, fingerprint_method, native_hashes, scrubbed_sql, withheld_reason,
        table_names, labels, first_seen_us, last_seen_us, regression, slower_since_us,
        model_form, literal_marks
    ) VALUES (
        :query_hash, :query_type, :fingerprint_method, :native_hashes, :scrubbed_sql,
        :withheld_reason, :table_names, '[]', :first_seen_us, :last_seen_us, :regression,
        :slower_since_us, :model_form, :literal_marks
    )
"""
UPDATE_PATTERN = """
    UPDATE pattern SET
        query_type = :query_type, fingerprint_method = :fingerprint_method,
        native_hashes = :native_hashes, scrubbed_sql = :scrubbed_sql,
        withheld_reason = :withheld_reason, table_names = :table_names,
        first_seen_us = :first_seen_us, last_seen_us = :last_seen_us,
        model_form = :model_form, literal_marks = :literal_marks
    WHERE query_hash = :query_hash
"""
UPDATE_LABELS = "UPDATE pattern SET labels = :labels WHERE pattern_no = :pattern_no"
UPDATE_REGRESSION = """
    UPDATE pattern SET regression = :regression, slower_since_us = :slower_since_us
    WHERE query_hash = :query_hash
"""
FORGET_MODEL_FORMS = """
    UPDATE pattern SET model_form = NULL, literal_marks = NULL WHERE model_form IS NOT NULL
"""
REPLACE_WORDS = "INSERT OR REPLACE INTO pattern_text (rowid, words) VALUES (:pattern_no, :words)"

_regressions = JsonCodec(Regression)
_model_forms = JsonCodec(ModelForm)


def find_pattern(connection: sqlite3.Connection, query_hash: str) -> tuple[int, Pattern]:
    """Its number and itself. Raises UnknownPatternError."""
    row = connection.execute(SELECT_PATTERN, {"query_hash": query_hash}).fetchone()
    if row is None:
        raise UnknownPatternError(query_hash)
    return row["pattern_no"], read_pattern(row)


def pattern_by_no(connection: sqlite3.Connection, pattern_no: int) -> Pattern:
    return read_pattern(
        connection.execute(SELECT_PATTERN_BY_NO, {"pattern_no": pattern_no}).fetchone()
    )


def hashes_by_no(connection: sqlite3.Connection, pattern_nos: Iterable[int]) -> dict[int, str]:
    rows = connection.execute(SELECT_HASHES, {"pattern_nos": json.dumps(list(pattern_nos))})
    return {row["pattern_no"]: row["query_hash"] for row in rows}


def pattern_heads(connection: sqlite3.Connection) -> Iterator[PatternHead]:
    for row in connection.execute(SELECT_HEADS, {"length": HEAD_LENGTH}):
        yield PatternHead(
            query_hash=row["query_hash"],
            query_type=row["query_type"],
            statement=row["statement"] or "",
            table_names=tuple(json.loads(row["table_names"])),
            first_seen=moment_of(row["first_seen_us"]),
            last_seen=moment_of(row["last_seen_us"]),
        )


def keep_pattern(connection: sqlite3.Connection, names: NameBook, pattern: Pattern) -> int:
    """Adds the pattern, or to the known one what it did not have. Gives its number."""
    names.number(NameKind.QUERY_TYPE, pattern.query_type)
    row = connection.execute(SELECT_PATTERN, {"query_hash": pattern.query_hash}).fetchone()
    if row is None:
        number = connection.execute(INSERT_PATTERN, _columns(pattern)).lastrowid or 0
        _keep_words(connection, number, pattern, [])
        keep_writer(connection, number, pattern)
        return number
    known = read_pattern(row)
    widened = widened_pattern(known, pattern)
    if widened != known:
        connection.execute(UPDATE_PATTERN, _columns(widened))
        _keep_words(connection, row["pattern_no"], widened, json.loads(row["labels"]))
    keep_writer(connection, row["pattern_no"], widened)
    return int(row["pattern_no"])


def widened_pattern(known: Pattern, newer: Pattern) -> Pattern:
    widened = replace(
        known,
        native_hashes=tuple(dict.fromkeys((*known.native_hashes, *newer.native_hashes))),
        first_seen=min(known.first_seen, newer.first_seen),
        last_seen=max(known.last_seen, newer.last_seen),
        model_form=known.model_form or newer.model_form,
        literal_marks=_together(known.literal_marks, newer.literal_marks),
    )
    if known.scrubbed_sql is None and newer.scrubbed_sql is not None:
        widened = replace(
            widened,
            scrubbed_sql=newer.scrubbed_sql,
            withheld_reason=None,
            table_names=newer.table_names,
            fingerprint_method=newer.fingerprint_method,
        )
    return widened


def _together(
    known: frozenset[LiteralMark], newer: frozenset[LiteralMark]
) -> frozenset[LiteralMark]:
    """Those of the newer texts go first where they are too many."""
    together = known | newer
    if len(together) <= MOST_MARKS:
        return together
    older = sorted(known - newer)[: max(0, MOST_MARKS - len(newer))]
    return frozenset((*sorted(newer)[:MOST_MARKS], *older))


def keep_labels(connection: sqlite3.Connection, pattern_no: int, labels: Iterable[str]) -> None:
    row = connection.execute(SELECT_PATTERN_BY_NO, {"pattern_no": pattern_no}).fetchone()
    known = json.loads(row["labels"])
    together = list(dict.fromkeys((*known, *labels)))[:LABELS_SEARCHED]
    if together != known:
        connection.execute(
            UPDATE_LABELS, {"pattern_no": pattern_no, "labels": json.dumps(together)}
        )
        _keep_words(connection, pattern_no, read_pattern(row), together)


def set_regression(
    connection: sqlite3.Connection, query_hash: str, regression: Regression | None
) -> None:
    row = {"query_hash": query_hash} | _regression_columns(regression)
    changed = connection.execute(UPDATE_REGRESSION, row)
    if not changed.rowcount:
        raise UnknownPatternError(query_hash)


def nos_of_types(connection: sqlite3.Connection, query_types: Sequence[str]) -> set[int]:
    wanted = {"query_types": json.dumps(list(query_types))}
    return {row["pattern_no"] for row in connection.execute(SELECT_NOS_OF_TYPES, wanted)}


def nos_of_text(connection: sqlite3.Connection, text: str) -> set[int]:
    """Patterns with the text, in any case, in their statement, table names or labels, or at the
    start of their hash."""
    wanted = text.casefold()
    prefix = {"prefix": wanted, "prefix_end": wanted + "\U0010ffff"}
    found = {row["pattern_no"] for row in connection.execute(SELECT_NOS_OF_HASH_PREFIX, prefix)}
    [(has_index,)] = connection.execute(SELECT_HAS_TEXT_INDEX)
    # A phrase of the index ends at a NUL.
    if has_index and len(wanted) >= SHORTEST_INDEXED_TEXT and "\0" not in wanted:
        quoted = wanted.replace('"', '""')
        rows = connection.execute(SELECT_NOS_OF_INDEXED_TEXT, {"phrase": f'"{quoted}"'})
    else:
        rows = connection.execute(SELECT_NOS_OF_TEXT, {"text": wanted})
    return found | {row["pattern_no"] for row in rows}


def _keep_words(
    connection: sqlite3.Connection, pattern_no: int, pattern: Pattern, labels: Sequence[str]
) -> None:
    words = folded((pattern.scrubbed_sql or "", *pattern.table_names, *labels))
    known = connection.execute(SELECT_WORDS, {"pattern_no": pattern_no}).fetchone()
    if known is None or known["words"] != words:
        connection.execute(REPLACE_WORDS, {"pattern_no": pattern_no, "words": words})


def _regression_columns(regression: Regression | None) -> dict[str, object]:
    if regression is None:
        return {"regression": None, "slower_since_us": None}
    return {
        "regression": _regressions.to_json(regression),
        "slower_since_us": microseconds(regression.changed_at),
    }


def _columns(pattern: Pattern) -> dict[str, object]:
    return {
        "query_hash": pattern.query_hash,
        "query_type": pattern.query_type,
        "fingerprint_method": pattern.fingerprint_method.value,
        "native_hashes": json.dumps(pattern.native_hashes),
        "scrubbed_sql": pattern.scrubbed_sql,
        "withheld_reason": pattern.withheld_reason,
        "table_names": json.dumps(pattern.table_names),
        "first_seen_us": microseconds(pattern.first_seen),
        "last_seen_us": microseconds(pattern.last_seen),
        "model_form": _model_forms.to_json(pattern.model_form) if pattern.model_form else None,
        "literal_marks": packed_marks(pattern.literal_marks),
        **_regression_columns(pattern.regression),
    }


def read_pattern(row: sqlite3.Row) -> Pattern:
    regression = row["regression"]
    return Pattern(
        query_hash=row["query_hash"],
        native_hashes=tuple(json.loads(row["native_hashes"])),
        fingerprint_method=FingerprintMethod(row["fingerprint_method"]),
        query_type=row["query_type"],
        scrubbed_sql=row["scrubbed_sql"],
        withheld_reason=row["withheld_reason"],
        table_names=tuple(json.loads(row["table_names"])),
        first_seen=moment_of(row["first_seen_us"]),
        last_seen=moment_of(row["last_seen_us"]),
        regression=None if regression is None else _regressions.from_json(regression),
        model_form=None if row["model_form"] is None else _model_forms.from_json(row["model_form"]),
        literal_marks=unpacked_marks(row["literal_marks"]),
    )
