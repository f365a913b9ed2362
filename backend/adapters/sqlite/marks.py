"""Marks of literals as bytes: two of length, one of kind, five of digest each."""

import struct
from collections.abc import Iterable

from backend.domain.model_form import LiteralMark

_MARK = struct.Struct(">H?5s")


def packed_marks(marks: Iterable[LiteralMark]) -> bytes | None:
    """None for no marks."""
    packed = b"".join(
        _MARK.pack(mark.length, mark.is_number, bytes.fromhex(mark.digest))
        for mark in sorted(marks)
    )
    return packed or None


def unpacked_marks(packed: bytes | None) -> frozenset[LiteralMark]:
    return frozenset(
        LiteralMark(length=length, digest=digest.hex(), is_number=is_number)
        for length, is_number, digest in _MARK.iter_unpack(packed or b"")
    )
