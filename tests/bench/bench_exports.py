"""How many cells of an export are live in a spreadsheet: 50,000 hostile and harmless texts.

They are kept in a store as recommendations, written by `workbench export`, and opened by
LibreOffice without a screen. The same texts written without the guard are the baseline: they show
that the measure finds live formulas. Needs `soffice` (Debian: libreoffice-calc-nogui).
"""

import csv
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from backend.adapters.sqlite import open_sqlite_history
from backend.cli.main import main
from backend.domain.recommendation import Recommendation, ReviewerName
from backend.settings import read_settings
from tests.builders import a_hash, a_recommendation, a_review
from tests.hostile import payloads

SEED = 12_210
CELLS = 50_000
TEXT_COLUMNS = ("title", "rationale", "action", "action_sql", "subject")
FIGURE_COLUMNS = ("claimed_saving_seconds", "ceiling_seconds")
ROWS_A_REVIEW = 100
STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "%", "'", "|", "")
BODIES = (
    "1+1", "SUM(A1:A9)", "cmd|' /C calc'!A0", 'HYPERLINK("http://127.0.0.1:9/x","y")', "A1",
    'WEBSERVICE("http://127.0.0.1:9/"&A1)', "DDE(\"soffice\";\"x\";\"y\")", "NOW()", "-2+3",
)  # fmt: skip
BLANKS = (
    *[""] * 12, " ", "   ", "\u00a0", "\u2003", "\u3000", "\u202f", "\ufeff", "\u200b", "\u2060", "\t", "\r",
    "\n", "\r\n", "\x01", "\u202e", "\u00ad", "\u3164",
)  # fmt: skip
ENDS = ("", " ", ";=1+1", ",=1+1", "\t=1+1", '"', "\n=1+1", "'", '",=1+1,"', "\r\n=2+2;")
HARMLESS = (
    "Join on equal keys", "SELECT a, b FROM t WHERE c = 1", "a;b;c", 'He said "no"', "Größe – 5 × 3",
    "line one\nline two", "日本語", "5 minutes", "1 of 2", "ALTER TABLE t ALTER SORTKEY (a);",
)  # fmt: skip
# LibreOffice's own form of a sheet as one XML file.
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
READ_AS = "CSV:{separators},34,76,1,,0,false,false,false,false,false,-1,true"
"""UTF-8, quotes, no guessing of dates and figures, formulas are worked out."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    text: str
    is_formula: bool
    is_figure: bool


def run() -> dict[str, object]:
    if shutil.which("soffice") is None:
        reason = "soffice is missing; `apt-get install libreoffice-calc-nogui` brings it"
        print(f"SKIPPED: {reason}", file=sys.stderr)
        return {"skipped": reason}
    advice = list(some_advice())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        exported = export(advice, folder)
        unguarded = write_unguarded(advice, folder / "unguarded.csv")
        sheet, bare = open_in_office(exported), open_in_office(unguarded)
        all_offered = open_in_office(exported, separators=",;\t")
        semicolons = open_in_office(exported, separators=";")
        read = list(csv.DictReader(exported.open(encoding="utf-8", newline="")))
    return {
        "cells": len(advice) * len(TEXT_COLUMNS),
        "live_formulas": count_formulas(sheet),
        "live_formulas_unguarded": count_formulas(bare),
        "harmed_in_the_sheet": harmed_in_the_sheet(advice, sheet),
        "harmed_for_a_reader_of_csv": harmed_for_a_reader(advice, read),
        "figures_no_longer_figures": figures_lost(advice, sheet),
        "figures": len(advice) * len(FIGURE_COLUMNS),
        "live_formulas_divided_at_commas_semicolons_and_tabs": count_formulas(all_offered),
        "live_formulas_divided_at_semicolons_only": count_formulas(semicolons),
    }


def some_advice() -> Iterator[Recommendation]:
    chance = random.Random(SEED)  # noqa: S311 - a fixed choice of texts
    for number in range(CELLS // len(TEXT_COLUMNS)):
        texts = {column: a_text(chance) for column in TEXT_COLUMNS}
        yield a_recommendation(
            a_hash(number // ROWS_A_REVIEW),
            check=f"check_{number}",
            reviewer=ReviewerName.OPTIMIZE,
            claimed_saving_seconds=-chance.randint(1, 9_999) / 4,
            ceiling_seconds=chance.randint(1, 9_999) / 8,
            recommendation_id=f"r{number:06}",
            **texts,
        )


def a_text(chance: random.Random) -> str:
    match chance.randint(0, 9):
        case 0 | 1:
            return chance.choice(HARMLESS)
        case 2:
            return chance.choice(BLANKS) + chance.choice(HOSTILE) + chance.choice(ENDS)
        case _:
            parts = (BLANKS, STARTS, BODIES, ENDS)
            return "".join(chance.choice(part) for part in parts)


HOSTILE = tuple(text for text in payloads() if len(text) < 500)


def export(advice: Sequence[Recommendation], folder: Path) -> Path:
    """By the command line, as an analyst does."""
    data, file = folder / "data", folder / "advice.csv"
    store = open_sqlite_history(read_settings(data).storage.history_file)
    for first in range(0, len(advice), ROWS_A_REVIEW):
        part = advice[first : first + ROWS_A_REVIEW]
        store.put_review(a_review(part[0].query_hash, recommendations=part))
    store.close()
    if main(["--data-dir", str(data), "export", "--output", str(file)]):
        sys.exit("workbench export failed")
    return file


def write_unguarded(advice: Sequence[Recommendation], file: Path) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(["recommendation_id", *TEXT_COLUMNS])
        writer.writerows(
            [one.recommendation_id, *(getattr(one, name) for name in TEXT_COLUMNS)]
            for one in advice
        )
    return file


def open_in_office(file: Path, *, separators: str = ",") -> list[list[Cell]]:
    codes = "/".join(str(ord(separator)) for separator in separators)
    out = file.parent / f"opened-{codes.replace('/', '-')}"
    subprocess.run(
        [  # noqa: S607 - as installed, found on the path
            "soffice", f"-env:UserInstallation=file://{file.parent}/profile", "--headless",
            f"--infilter={READ_AS.format(separators=codes)}",
            "--convert-to", "fods", "--outdir", str(out), str(file),
        ],
        check=True, capture_output=True, timeout=600,
    )  # fmt: skip
    return list(rows_of(out / f"{file.stem}.fods"))


def rows_of(file: Path) -> Iterator[list[Cell]]:
    for _, element in ElementTree.iterparse(file):  # noqa: S314
        if element.tag == f"{TABLE}table-row":
            row: list[Cell] = []
            for cell in element:
                times = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
                row += [read_cell(cell)] * min(times, 64)
            yield row
            element.clear()


def read_cell(cell: ElementTree.Element) -> Cell:
    return Cell(
        text="\n".join("".join(letters_of(line)) for line in cell.iter(f"{TEXT}p")),
        is_formula=cell.get(f"{TABLE}formula") is not None,
        is_figure=cell.get(f"{OFFICE}value-type") == "float",
    )


def letters_of(line: ElementTree.Element) -> Iterator[str]:
    special = {f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}
    if line.tag == f"{TEXT}s":
        yield " " * int(line.get(f"{TEXT}c", "1"))
    yield special.get(line.tag, line.text or "")
    for part in line:
        yield from letters_of(part)
        yield part.tail or ""


def count_formulas(sheet: Sequence[Sequence[Cell]]) -> int:
    return sum(cell.is_formula for row in sheet for cell in row)


def harmed_in_the_sheet(advice: Sequence[Recommendation], sheet: Sequence[Sequence[Cell]]) -> int:
    """Texts that are others once one leading quote is off; a sheet folds line ends, drops the
    tabs of a cell of several lines and holds no control characters, so these are left out."""
    names = [cell.text for cell in sheet[0]]
    rows = {row[names.index("recommendation_id")].text: row for row in sheet[1:] if row}
    return sum(
        as_a_sheet_holds(rows[one.recommendation_id][names.index(name)].text.removeprefix("'"))
        != as_a_sheet_holds(getattr(one, name))
        for one in advice
        for name in TEXT_COLUMNS
    )


def as_a_sheet_holds(text: str) -> str:
    one_kind = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in one_kind if letter == "\n" or letter >= " ")


def harmed_for_a_reader(advice: Sequence[Recommendation], read: Sequence[dict[str, str]]) -> int:
    rows = {row["recommendation_id"]: row for row in read}
    return sum(
        rows[one.recommendation_id][name].removeprefix("'") != getattr(one, name)
        for one in advice
        for name in TEXT_COLUMNS
    )


def figures_lost(advice: Sequence[Recommendation], sheet: Sequence[Sequence[Cell]]) -> int:
    names = [cell.text for cell in sheet[0]]
    places = [names.index(name) for name in FIGURE_COLUMNS]
    shown = sum(row[place].is_figure for row in sheet[1 : len(advice) + 1] for place in places)
    return len(advice) * len(FIGURE_COLUMNS) - shown


if __name__ == "__main__":
    print(json.dumps(run()))
