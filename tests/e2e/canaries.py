"""Made-up secrets that must be found nowhere, and the search for them and their pieces."""

import base64
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

CANARIES: Mapping[str, str] = {
    "email": "zq.wibblethorpe@mail-jxq.example",
    "card": "4929731186450276",
    "card_in_groups": "5467 8013 2946 7183",
    "iban": "GB29NWBK60161331926819",
    "ssn": "536-82-7193",
    "phone": "+1 (415) 867-3092",
    "ipv4": "198.51.100.237",
    "ipv6": "2001:db8:7c4f:91ab:3e:5d72:8a6b:c0f1",
    "aws_key_id": "AKIAQ7XK3VZPWJ5MTRNB",
    "aws_secret": "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",
    "jwt": (
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ6cXdpYmJsZSIsImlhdCI6MTc2fQ"
        ".Jq8zVx2kLw7RtYp4Nb1HcMdSf6GgUeXo9AiQuBvTzWs"
    ),
    "password": "Vx7!grombulate#Qz",
    "arn": "arn:aws:iam::493827165038:role/QuxZebraLoader",
    "person": "Quillonius Fizzwhistle",
    "uuid": "7f3b9c1e-52ad-4d08-b6e7-91c4f0a83d25",
    "url": "https://drizzlewump-kvy.example/reset?token=q8ZxVv3TnLr7KpWd",
}
UNLIKE_A_WORD = tuple(kind for kind in CANARIES if kind not in {"person", "password"})
"""Those that show by their form what they are; a bare name or password is like any other word."""

_SHORTEST = 6
_OF_DIGITS = 9
"""Six digits in a row stand in any file by chance."""


def pieces(secret: str) -> set[str]:
    """Every stretch that would tell something, in small letters: six signs with some letters among
    them, or nine where they are digits and marks."""
    folded = secret.lower()
    found = set()
    for written in (folded, re.sub(r"[\s()+-]", "", folded)):
        short = {piece for piece in _stretches(written, _SHORTEST) if _letters_in(piece) >= 3}
        long = _stretches(written, _OF_DIGITS)
        found |= short | {piece for piece in long if not any(each in piece for each in short)}
    return found - _ORDINARY


def _stretches(text: str, size: int) -> set[str]:
    return {text[start : start + size] for start in range(len(text) - size + 1)}


def _letters_in(piece: str) -> int:
    return sum(letter.isalpha() for letter in piece)


# Stretches of the canaries that stand in ordinary statements, addresses and code as well.
_ORDINARY = {
    stretch[start : start + size]
    for stretch in ("arn:aws:iam::", "https://", "0.example/reset?token=", ".example", ":role/")
    for size in (_SHORTEST, _OF_DIGITS)
    for start in range(len(stretch) - size + 1)
}


def encoded(secret: str) -> Iterator[bytes]:
    """As base64 writes it, wherever in a longer text it stands, and as hexadecimal digits."""
    octets = secret.encode()
    yield octets.hex().encode()
    for before in range(3):
        written = base64.b64encode(b"x" * before + octets)
        # The first and last signs also depend on what stands beside it.
        yield written[4 if before else 0 : -4].lower()


def _needles() -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    for kind, secret in CANARIES.items():
        found.update(dict.fromkeys((piece.encode() for piece in pieces(secret)), kind))
        found.update(dict.fromkeys(encoded(secret), kind))
    return found


NEEDLES = _needles()
_ANY = re.compile(b"|".join(sorted(map(re.escape, NEEDLES), key=len, reverse=True)))


def sightings(where: str, octets: bytes) -> list[str]:
    """`kind in where: …what stands around it…`, one for each kind."""
    # Reviews repeat themselves: each stretch between quotes is looked through once.
    each_once = b'"'.join(set(octets.lower().split(b'"')))
    found: dict[str, str] = {}
    for match in _ANY.finditer(each_once):
        around = each_once[max(match.start() - 60, 0) : match.end() + 30]
        found.setdefault(NEEDLES[match[0]], f"{match[0].decode()} in …{around!r}…")
    return [f"{kind} in {where}: {place}" for kind, place in found.items()]


def sightings_in_folder(folder: Path, *, but: Iterable[str] = ()) -> list[str]:
    """In the octets of every file, and in what the cells of every database unpack to."""
    found: list[str] = []
    left_out = set(but)
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name in left_out:
            continue
        found += sightings(path.name, path.read_bytes())
        if path.suffix == ".sqlite3":
            cells: dict[str, list[bytes]] = {}
            for column, cell in cells_of(path):
                cells.setdefault(column, []).append(cell)
            for column, each in cells.items():
                found += sightings(column, b'"'.join(each))
    return found


def cells_of(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every text and every unpacked blob, by `table.column`."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = [
            name
            for name, kind in connection.execute("SELECT name, type FROM sqlite_master")
            if kind == "table"
        ]
        for table in tables:
            rows = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - its own tables
            columns = [description[0] for description in rows.description]
            for row in rows:
                for column, value in zip(columns, row, strict=True):
                    if isinstance(value, str):
                        yield f"{table}.{column}", value.encode("utf-8", "surrogatepass")
                    elif isinstance(value, bytes):
                        yield f"{table}.{column}", b"".join(unpacked(value))


def unpacked(blob: bytes) -> Iterator[bytes]:
    """Every stream of zlib that begins anywhere in the blob; what is not packed is in the file."""
    for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", blob):
        stream = zlib.decompressobj()
        try:
            yield stream.decompress(blob[match.start() :])
        except zlib.error:
            continue
