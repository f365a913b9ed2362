"""Runs with statements become runs of patterns."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from backend.domain.model_form import LiteralMark, ModelForm
from backend.domain.pattern import FingerprintMethod, Pattern
from backend.domain.runs import Names, Runs
from backend.services.ports import PatternRuns
from backend.services.raw_text import RawTextKeeper
from backend.services.view_export import HistoryPart
from backend.sql.fingerprint import Fingerprinter
from backend.sql.format_sql import format_sql
from backend.sql.literal_marks import marks_of
from backend.sql.model_form_of import read_literals
from backend.sql.read_statement import read_statement
from backend.sql.scrub import mask_text, scrub
from backend.sql.statement_head import defines_view

PATTERNS_REMEMBERED = 20_000
TEXTS_MARKED = 4
"""Of one pattern in one import, beside the text that stands for it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OTHER = "OTHER"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shape:
    """What a text says of its pattern; the same for every text of the pattern."""

    method: FingerprintMethod
    scrubbed_sql: str | None
    withheld_reason: str | None
    table_names: tuple[str, ...]
    model_form: ModelForm | None = None
    literal_marks: frozenset[LiteralMark] = frozenset()


class PatternBook:
    """Texts to patterns. Each distinct text is fingerprinted once, each pattern scrubbed once, as
    long as the caches reach; they are bounded, so that memory does not grow with the export.

    Without `marks_key` patterns get no model form: nothing could be checked before it is sent.
    `raw_texts` is handed each text that a pattern is scrubbed from.
    """

    def __init__(
        self, marks_key: bytes | None = None, raw_texts: RawTextKeeper | None = None
    ) -> None:
        self._marks_key = marks_key
        self._raw_texts = raw_texts
        self._texts_marked: dict[str, int] = {}
        self.seen: set[str] = set()
        self.withheld: set[str] = set()
        self._view_tables: dict[str, tuple[str, ...]] = {}
        self._fingerprinter = Fingerprinter()
        self._shapes: OrderedDict[str, _Shape] = OrderedDict()

    def query_hash(self, text: str) -> str:
        return self._fingerprinter.of(text).query_hash

    def marks(self, query_hash: str, text: str) -> frozenset[LiteralMark]:
        """Of the first few texts of a pattern; none of the others."""
        looked_at = self._texts_marked.get(query_hash, 0)
        if self._marks_key is None or looked_at >= TEXTS_MARKED:
            return frozenset()
        self._texts_marked[query_hash] = looked_at + 1
        return marks_of(text, self._marks_key) or frozenset()

    def base_tables(self, schema_name: str, view_name: str) -> tuple[str, ...]:
        """Of a materialized view; none where no CREATE statement of it was read."""
        full_name = f"{schema_name}.{view_name}".lower()
        return self._view_tables.get(full_name) or self._view_tables.get(view_name.lower(), ())

    def shape(self, text: str) -> _Shape:
        fingerprint = self._fingerprinter.of(text)
        query_hash = fingerprint.query_hash
        shape = self._shapes.get(query_hash)
        if shape is None:
            shape = _read_shape(text, fingerprint.method, self._marks_key)
            self._shapes[query_hash] = shape
            if self._raw_texts:
                self._raw_texts.consider(query_hash, text, shape.model_form)
            if len(self._shapes) > PATTERNS_REMEMBERED:
                self._shapes.popitem(last=False)
        self.seen.add(query_hash)
        if shape.scrubbed_sql is None:
            self.withheld.add(query_hash)
        elif defines_view(shape.scrubbed_sql) and shape.table_names:
            name, *base_tables = shape.table_names
            self._view_tables[name] = tuple(base_tables)
        return shape


def _read_shape(text: str, method: FingerprintMethod, marks_key: bytes | None) -> _Shape:
    scrubbed = scrub(text)
    if scrubbed.text is None:
        return _Shape(
            method=method,
            scrubbed_sql=None,
            withheld_reason=scrubbed.withheld_reason,
            table_names=(),
        )
    reading = read_statement(scrubbed.text)
    formatted = format_sql(scrubbed.text)
    marks = marks_of(text, marks_key) if marks_key else None
    literals = read_literals(text, formatted=formatted) if marks is not None else None
    return _Shape(
        method=method,
        scrubbed_sql=formatted,
        withheld_reason=None,
        table_names=tuple(reading.table_names) if reading else (),
        model_form=literals.form if literals else None,
        literal_marks=marks or frozenset(),
    )


@dataclass(slots=True)
class _FirstRun:
    """The earliest run of a pattern in a batch: its text and type stand for the pattern."""

    started_us: int
    text: str
    marks: set[LiteralMark]


class RunBatch:
    """Runs of several parts of a history, until they are enough for one writing."""

    def __init__(self, book: PatternBook) -> None:
        self._book = book
        self._clear()

    def _clear(self) -> None:
        self._runs: list[Runs] = []
        self._pattern_of_run: list[NDArray[np.int32]] = []
        self._native_hash: list[Names] = []
        self._query_type: list[Names] = []
        self._position_of: dict[str, int] = {}
        self._first: list[_FirstRun] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, part: HistoryPart) -> Sequence[str]:
        """Gives the pattern of each text of the part."""
        if not len(part.runs):
            return ()
        earliest = np.full(len(part.texts), np.iinfo(np.int64).max, dtype=np.int64)
        np.minimum.at(earliest, part.text_of_run, part.runs.started_us)
        hashes = [self._book.query_hash(text) for text in part.texts]
        pattern_of_text = np.array(
            [
                self._pattern_position(query_hash, text, started_us)
                for query_hash, text, started_us in zip(
                    hashes, part.texts, earliest.tolist(), strict=True
                )
            ],
            dtype=np.int32,
        )
        self._runs.append(replace(part.runs, query_label=_masked(part.runs.query_label)))
        self._pattern_of_run.append(pattern_of_text[part.text_of_run])
        self._native_hash.append(part.native_hash)
        self._query_type.append(part.query_type)
        self._size += len(part.runs)
        return hashes

    def _pattern_position(self, query_hash: str, text: str, started_us: int) -> int:
        position = self._position_of.setdefault(query_hash, len(self._first))
        if position == len(self._first):
            self._first.append(_FirstRun(started_us, text, set()))
        first = self._first[position]
        first.started_us, first.text = min((first.started_us, first.text), (started_us, text))
        first.marks |= self._book.marks(query_hash, text)
        return position

    def take_out(self) -> Sequence[PatternRuns]:
        """One part a pattern, its runs oldest first; the batch is empty afterwards. A run that
        the export holds twice is left in: the store knows it the second time."""
        if not self._size:
            return ()
        runs = Runs.concat(self._runs)
        pattern_of_run = np.concatenate(self._pattern_of_run)
        native_hash = Names.concat(self._native_hash)
        query_type = Names.concat(self._query_type)
        order = np.lexsort((runs.query_id, runs.started_us, pattern_of_run))
        starts = np.searchsorted(pattern_of_run[order], np.arange(len(self._first) + 1))
        parts = [
            PatternRuns(
                pattern=self._pattern(
                    query_hash,
                    first=first,
                    runs=(own := runs.take(rows)),
                    native_hash=native_hash.take(rows),
                    query_type=query_type.take(rows),
                ),
                runs=own,
            )
            for query_hash, first, rows in self._groups(order, starts)
        ]
        self._clear()
        return parts

    def _groups(
        self, order: NDArray[np.intp], starts: NDArray[np.intp]
    ) -> Iterator[tuple[str, _FirstRun, NDArray[np.intp]]]:
        for query_hash, position in self._position_of.items():
            rows = order[starts[position] : starts[position + 1]]
            yield query_hash, self._first[position], rows

    def _pattern(
        self,
        query_hash: str,
        *,
        first: _FirstRun,
        runs: Runs,
        native_hash: Names,
        query_type: Names,
    ) -> Pattern:
        shape = self._book.shape(first.text)
        return Pattern(
            query_hash=query_hash,
            native_hashes=tuple(name for name in native_hash.compact().names if name),
            fingerprint_method=shape.method,
            query_type=_query_type(query_type, first.text),
            scrubbed_sql=shape.scrubbed_sql,
            withheld_reason=shape.withheld_reason,
            table_names=shape.table_names,
            model_form=shape.model_form,
            literal_marks=shape.literal_marks | first.marks,
            first_seen=_moment(runs.started_us[0]),
            last_seen=_moment(runs.started_us[-1]),
        )


def _masked(labels: Names) -> Names:
    """Labels are free text, set by whoever wrote the client."""
    return Names(codes=labels.codes, names=tuple(_masked_label(name) for name in labels.names))


@lru_cache(maxsize=10_000)
def _masked_label(label: str) -> str:
    return mask_text(label) if label else label


def _query_type(given: Names, text: str) -> str:
    """The view's word for it, else by the statement's first word."""
    known: str = given.names[int(given.codes[0])].upper()
    if known:
        return known
    first_word = text.lstrip(" (\n\t").split(maxsplit=1)[0].upper() if text.strip(" (\n\t") else ""
    if first_word == "WITH":
        return "SELECT"
    is_usual = first_word in {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "UNLOAD", "COPY"}
    return first_word if is_usual else _OTHER


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=int(microseconds))
