"""The bytes of a plain or gzip file, in blocks; what can be read of a damaged one is read."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

BLOCK_BYTES = 16 * 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_READ_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Damage:
    """Stands at the end of the blocks if the rest cannot be read."""

    problem: str


def byte_blocks(path: Path, *, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes | Damage]:
    """Blocks of about `block_bytes`. The content says whether it is gzip, not the name."""
    pieces: list[bytes] = []
    size = 0
    problem: str | None = None
    try:
        with path.open("rb") as file:
            is_gzip = file.read(2) == _GZIP_MAGIC
            file.seek(0)
            for piece in _inflated(file) if is_gzip else _plain(file):
                pieces.append(piece)
                size += len(piece)
                if size >= block_bytes:
                    yield b"".join(pieces)
                    pieces, size = [], 0
    except _DamagedGzipError as error:
        problem = str(error)
    except OSError as error:
        problem = f"cannot be read: {error.strerror or 'input or output error'}"
    if size:
        yield b"".join(pieces)
    if problem:
        yield Damage(problem)


class _DamagedGzipError(Exception):
    pass


def _plain(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_READ_BYTES):
        yield piece


def _inflated(file: IO[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(wbits=31)
    while pending := file.read(_READ_BYTES):
        while pending:
            if inflater.eof:
                # Several gzip streams in one file are one text; zeros may fill up the end.
                if not pending.lstrip(b"\0"):
                    return
                inflater = zlib.decompressobj(wbits=31)
            before = inflater.copy()
            try:
                piece = inflater.decompress(pending, _READ_BYTES * 8)
            except zlib.error as error:
                yield from _readable_part(before, pending)
                raise _DamagedGzipError("the gzip data is damaged from here on") from error
            yield piece
            pending = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    if not inflater.eof:
        raise _DamagedGzipError("the gzip file is cut off; export or copy it again")


def _readable_part(inflater: "zlib._Decompress", pending: bytes) -> Iterator[bytes]:
    """zlib drops what it had already inflated when it meets damage: go up to it byte by byte."""
    for position in range(len(pending)):
        try:
            yield inflater.decompress(pending[position : position + 1])
        except zlib.error:
            return
