"""From columns as they stand in a file to numbers, flags, moments and texts."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from backend.adapters.folder.raw_block import ArrowColumn
from backend.adapters.folder.view_columns import TEXTUAL, Kind
from backend.domain.runs import Mask
from backend.domain.statement_text import CHUNK_BYTES

_NO_VALUE = frozenset({"", "NULL", "null", "\\N"})
_TRUE = frozenset({"true", "t", "1", "yes", "y", "on"})
_FALSE = frozenset({"false", "f", "0", "no", "n", "off"})
_WHOLE = re.compile(r"([+-]?\d+)(?:\.0*)?", re.ASCII)
_INT64 = range(-(2**63), 2**63)
_EXACT_IN_FLOAT = 2**53
_CONTINUATIONS = frozenset(bytes([octet]) for octet in range(0x80, 0xC0))
_HALF_CHARACTER = 3
_NEARLY_FULL = CHUNK_BYTES - _HALF_CHARACTER
_ZONE = re.compile(r" +(?=[+-]\d|Z$)|( *UTC)$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Redshift came in 2012; what lies outside is a date in another unit or a shifted column.
_EARLIEST_US = (datetime(2000, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_LATEST_US = (datetime(2200, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class TypedColumn:
    """`values` are numbers, or codes into `names` where there are names (texts, trimmed).

    A row `is_missing` where the file has nothing and `is_bad` where it has something else.
    """

    values: NDArray[Any]
    is_missing: Mask
    is_bad: Mask
    names: tuple[str, ...] = ()

    def take(self, rows: Mask) -> "TypedColumn":
        return TypedColumn(
            values=self.values[rows],
            is_missing=self.is_missing[rows],
            is_bad=self.is_bad[rows],
            names=self.names,
        )


def typed_column(column: ArrowColumn, kind: Kind) -> TypedColumn:
    """Never raises for what a file may hold."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], type=array.type)
    if pa.types.is_null(array.type):
        array = array.cast(pa.binary())
    if kind in TEXTUAL:
        return _texts(array, kind)
    if kind is Kind.FLAG:
        return _flags(array)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return _NUMERIC[kind](array)


def _is_textual(array: ArrowColumn) -> bool:
    kind = array.type
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_binary_view(kind)
    )


def _mask(column: ArrowColumn) -> Mask:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _numbers(array: ArrowColumn, dtype: type) -> TypedColumn:
    """From an Arrow array of the final type; what is null is missing."""
    missing = _mask(array.is_null())
    values: NDArray[Any] = np.asarray(
        pc.fill_null(array, 0).to_numpy(zero_copy_only=False), dtype=dtype
    )
    return TypedColumn(values=values, is_missing=missing, is_bad=np.zeros_like(missing))


def _all_bad(array: ArrowColumn, dtype: type) -> TypedColumn:
    missing = _mask(array.is_null())
    return TypedColumn(values=np.zeros(len(array), dtype), is_missing=missing, is_bad=~missing)


def _each(
    array: ArrowColumn, read: Callable[[str], int | float | None], dtype: type
) -> TypedColumn:
    """The slow way, one value at a time: `read` gives None for what is no such value."""
    values: NDArray[Any] = np.zeros(len(array), dtype=dtype)
    missing = np.zeros(len(array), dtype=np.bool_)
    bad = np.zeros(len(array), dtype=np.bool_)
    # As bytes: Arrow checks no UTF-8, and its own conversion to text would raise.
    octets = array.cast(pa.binary()) if _is_textual(array) else array
    for row, value in enumerate(octets.to_pylist()):
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        text = None if text is None else text.strip()
        if text is None or text in _NO_VALUE:
            missing[row] = True
        elif (number := read(text)) is None:
            bad[row] = True
        else:
            values[row] = number
    return TypedColumn(values=values, is_missing=missing, is_bad=bad)


def _integers(array: ArrowColumn) -> TypedColumn:
    kind = array.type
    if _is_textual(array):
        try:
            return _numbers(array.cast(pa.string()).cast(pa.int64()), np.int64)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return _each(array, _whole_number, np.int64)
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        try:
            return _numbers(array.cast(pa.int64()), np.int64)
        except pa.ArrowInvalid:
            return _each(array.cast(pa.string()), _whole_number, np.int64)
    if pa.types.is_floating(kind):
        return _integers_of_floats(array)
    return _all_bad(array, np.int64)


def _integers_of_floats(array: ArrowColumn) -> TypedColumn:
    """Data frames turn whole numbers into floats as soon as one is missing."""
    floats = np.asarray(array.to_numpy(zero_copy_only=False), dtype=np.float64)
    missing = np.isnan(floats)
    with np.errstate(invalid="ignore"):
        good = ~missing & (floats == np.rint(floats)) & (np.abs(floats) <= _EXACT_IN_FLOAT)
    values = np.where(good, floats, 0.0).astype(np.int64)
    return TypedColumn(values=values, is_missing=missing, is_bad=~missing & ~good)


def _whole_number(text: str) -> int | None:
    match = _WHOLE.fullmatch(text)
    if match is None or len(text) > 40:
        return None
    number = int(match[1])
    return number if number in _INT64 else None


def _floats(array: ArrowColumn) -> TypedColumn:
    if _is_textual(array):
        return _each(array, _number, np.float64)
    if not (
        pa.types.is_integer(array.type)
        or pa.types.is_floating(array.type)
        or pa.types.is_decimal(array.type)
    ):
        return _all_bad(array, np.float64)
    typed = _numbers(array.cast(pa.float64(), safe=False), np.float64)
    unknown = ~np.isfinite(typed.values)
    return TypedColumn(
        values=np.where(unknown, 0.0, typed.values),
        is_missing=typed.is_missing | unknown,
        is_bad=typed.is_bad,
    )


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _moments(array: ArrowColumn) -> TypedColumn:
    """Microseconds since 1970-01-01 UTC; a time without zone is UTC, as the views have it."""
    kind = array.type
    if _is_textual(array):
        typed = _moments_of_texts(array)
    elif pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        as_us = array.cast(pa.timestamp("us", tz=getattr(kind, "tz", None)), safe=False)
        typed = _numbers(as_us.cast(pa.int64()), np.int64)
    else:
        return _all_bad(array, np.int64)
    implausible = (typed.values < _EARLIEST_US) | (typed.values >= _LATEST_US)
    return TypedColumn(
        values=typed.values,
        is_missing=typed.is_missing,
        is_bad=typed.is_bad | (implausible & ~typed.is_missing),
    )


def _moments_of_texts(array: ArrowColumn) -> TypedColumn:
    for kind in (pa.timestamp("us"), pa.timestamp("us", tz="UTC")):
        try:
            return _numbers(array.cast(pa.string()).cast(kind).cast(pa.int64()), np.int64)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            continue
    return _each(array, _moment, np.int64)


def _moment(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(_ZONE.sub("", text))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (moment - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None


def _encoded(array: ArrowColumn) -> tuple[NDArray[np.int32], Mask, list[Any]]:
    """Codes into the distinct values, which rows are null, and the values."""
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    missing = _mask(array.indices.is_null())
    codes = np.asarray(pc.fill_null(array.indices, 0).to_numpy(zero_copy_only=False), np.int32)
    distinct = array.dictionary
    return (
        codes,
        missing,
        (distinct.cast(pa.binary()) if _is_textual(distinct) else distinct).to_pylist(),
    )


def _texts(array: ArrowColumn, kind: Kind) -> TypedColumn:
    """CHAR columns are filled up with blanks: those at the end are taken off. Some writers put a
    word for what is null."""
    if pa.types.is_nested(array.type):
        return replace(_all_bad(array, np.int32), names=("",))
    codes, missing, raw_values = _encoded(array)
    names: dict[str, int] = {"": 0}
    code_of = np.zeros(len(raw_values) + 1, dtype=np.int32)
    bad_value = np.zeros(len(raw_values) + 1, dtype=np.bool_)
    for position, value in enumerate(raw_values):
        text = _as_text(value, kind)
        if text is None:
            bad_value[position] = True
        else:
            code_of[position] = names.setdefault(_TRIMMED[kind](text), len(names))
    values = np.where(missing, 0, code_of[codes]).astype(np.int32)
    bad = bad_value[codes] & ~missing
    return TypedColumn(
        values=values, is_missing=(values == 0) & ~bad, is_bad=bad, names=tuple(names)
    )


def _trimmed_name(text: str) -> str:
    text = text.strip()
    return "" if text in _NO_VALUE else text


def _trimmed_text(text: str) -> str:
    text = text.rstrip()
    return "" if text in _NO_VALUE else text


def _trimmed_chunk(text: str) -> str:
    """A line break at its end belongs to the statement, and to the measure of the chunk."""
    return text.rstrip(" ")


_TRIMMED: dict[Kind, Callable[[str], str]] = {
    Kind.NAME: _trimmed_name,
    Kind.TEXT: _trimmed_text,
    Kind.CHUNK: _trimmed_chunk,
}


def _as_text(value: object, kind: Kind) -> str | None:
    """None if it is no UTF-8. Bytes of half characters that a chunk keeps are surrogates."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        text = _decoded(value, kind)
        if text is None:
            return None
    else:
        text = value if isinstance(value, str) else str(value)
    # PostgreSQL's own tools cannot hold it either, and SQLite would end the text there.
    return text.replace("\0", "")


def _decoded(octets: bytes, kind: Kind) -> str | None:
    """None if there is more wrong than a character that the view cut in two."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return _decoded_up_to_the_cuts(octets, kind)


def _decoded_up_to_the_cuts(octets: bytes, kind: Kind) -> str | None:
    start = 0
    if kind is Kind.CHUNK:
        while start < _HALF_CHARACTER and octets[start : start + 1] in _CONTINUATIONS:
            start += 1
    elif kind is not Kind.TEXT:
        return None
    try:
        octets[start:].decode()
        end = len(octets)
    except UnicodeDecodeError as error:
        is_cut = error.reason == "unexpected end of data" and len(octets) > _NEARLY_FULL
        if not is_cut:
            return None
        end = start + error.start
    if kind is Kind.TEXT:
        return octets[:end].decode()
    return octets.decode("utf-8", "surrogateescape")


def _flags(array: ArrowColumn) -> TypedColumn:
    texts = _texts(array, Kind.NAME)
    words = [name.lower() for name in texts.names]
    is_true = np.array([word in _TRUE for word in words], dtype=np.bool_)
    is_known = np.array([word in _TRUE or word in _FALSE for word in words], dtype=np.bool_)
    no_value = np.array([name in _NO_VALUE for name in texts.names], dtype=np.bool_)
    missing = no_value[texts.values] & ~texts.is_bad
    return TypedColumn(
        values=is_true[texts.values],
        is_missing=missing,
        is_bad=texts.is_bad | ~(is_known[texts.values] | missing),
    )


_NUMERIC: dict[Kind, Callable[[ArrowColumn], TypedColumn]] = {
    Kind.INTEGER: _integers,
    Kind.NUMBER: _floats,
    Kind.MOMENT: _moments,
}


def empty_column(count: int, kind: Kind) -> TypedColumn:
    """For a column that the file does not have."""
    dtype = {Kind.FLAG: np.bool_, Kind.NUMBER: np.float64, **dict.fromkeys(TEXTUAL, np.int32)}
    return TypedColumn(
        values=np.zeros(count, dtype=dtype.get(kind, np.int64)),
        is_missing=np.ones(count, dtype=np.bool_),
        is_bad=np.zeros(count, dtype=np.bool_),
        names=("",) if kind in TEXTUAL else (),
    )


def names_at(column: TypedColumn) -> Sequence[str]:
    """The text of each row."""
    return [column.names[code] for code in column.values.tolist()]
