"""Rewrites by rule over sets of statements of others: how many get one, and whether it is sound.

`--equivalence FOLDER` names a folder with `tpcds_llm_rewrites.jsonl` (its originals), `tpchavoc`
and `sqlsolver`, with their schemas. Every exact rewrite is run beside its statement in DuckDB, on
small random databases and, with `--extensions FOLDER` (where DuckDB's tpcds and tpch extensions
lie), on rows of their generators. Without a folder only the sample's own statements are looked at.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import yaml
from sqlglot import exp, parse

from backend.domain.rewrite import Rewrite
from backend.rewrite.find_rewrites import find_rewrites
from backend.sample.warehouse import TABLES as SAMPLE_TABLES
from tests.unit.checks.builder import a_case
from tests.unit.rewrite.databases import databases
from tests.unit.rewrite.duck import Bag, Duck, DuckTable, as_duckdb, bag_of
from tests.unit.rewrite.literals import filled, literals_of

DATABASES = 12
SCALE = 0.1
SAMPLE_STATEMENTS = Path(__file__).parents[2] / "backend" / "sample" / "statements"


@dataclass(frozen=True, kw_only=True)
class Schema:
    """`columns` by table: name, type, whether NOT NULL."""

    columns: dict[str, list[tuple[str, str, bool]]]

    def described(self) -> list[dict[str, Any]]:
        return [
            {
                "name": name if "." in name else f"public.{name}",
                "rows": 10_000_000,
                "columns": [
                    {"name": column, "type": kind, "nullable": not is_required, "sort": place == 0}
                    for place, (column, kind, is_required) in enumerate(columns)
                ],
            }
            for name, columns in self.columns.items()
        ]

    def duck_tables(self, sql: str) -> list[DuckTable]:
        lowered = sql.lower()
        return [
            DuckTable(
                name=name,
                columns=tuple((column, kind) for column, kind, _ in columns),
                not_null=frozenset(column for column, _, is_required in columns if is_required),
            )
            for name, columns in self.columns.items()
            if name.lower() in lowered
        ]


@dataclass(kw_only=True)
class Tally:
    """`unsound` holds what was refuted, to be looked at."""

    statements: int = 0
    read: int = 0
    rewritten: int = 0
    refused_only: int = 0
    rewrites: Counter[str] = field(default_factory=Counter)
    verified: int = 0
    verified_with_rows: int = 0
    not_runnable: int = 0
    seconds: float = 0.0
    unsound: list[dict[str, str]] = field(default_factory=list)


def run(
    sets: Mapping[str, tuple[Schema, Sequence[str]]], generated: Mapping[str, str]
) -> dict[str, Any]:
    figures = {
        name: _figures(_tally(schema, statements, generated.get(name)))
        for name, (schema, statements) in sets.items()
    }
    counted = ("statements", "read", "with_rewrite", "verified", "not_runnable", "unsound")
    total = {key: sum(each[key] for each in figures.values()) for key in counted}
    return {"total": total, **figures}


def _tally(schema: Schema, statements: Sequence[str], generator: str | None) -> Tally:
    tally = Tally(statements=len(statements))
    tables = schema.described()
    with _generated(generator) as connection:
        for sql in statements:
            case = a_case({"sql": sql, "tables": tables})
            started = time.perf_counter()
            outcome = find_rewrites(case)
            tally.seconds += time.perf_counter() - started
            tally.read += case.statement is not None
            tally.rewritten += bool(outcome.rewrites)
            tally.refused_only += bool(outcome.refused) and not outcome.rewrites
            tally.rewrites.update(each.rule for each in outcome.rewrites)
            for rewrite in outcome.rewrites:
                if not rewrite.changes_result:
                    _verify(tally, schema, sql, rewrite, connection)
    return tally


def _verify(
    tally: Tally,
    schema: Schema,
    sql: str,
    rewrite: Rewrite,
    connection: duckdb.DuckDBPyConnection | None,
) -> None:
    try:
        before, after = (
            _without_limit(text) for text in (sql, filled(rewrite.sql, literals_of(sql)))
        )
        had_rows, difference = _compared(schema, sql, before, after, connection)
    except (duckdb.Error, KeyError, ValueError) as error:
        tally.not_runnable += 1
        _note(rewrite, sql, f"not run: {type(error).__name__}: {str(error)[:300]}")
        return
    if difference:
        tally.unsound.append({"rule": rewrite.rule, "sql": sql, "after": after, "on": difference})
        return
    tally.verified += 1
    tally.verified_with_rows += had_rows


def _note(rewrite: Rewrite, sql: str, text: str) -> None:
    print(f"{rewrite.rule}: {text}\n   {' '.join(sql.split())[:160]}", file=sys.stderr)


def _compared(
    schema: Schema,
    sql: str,
    before: str,
    after: str,
    connection: duckdb.DuckDBPyConnection | None,
) -> tuple[bool, str]:
    """Whether any database gave rows, and the first on which the two differ."""
    had_rows = False
    tables = schema.duck_tables(sql)
    with Duck(tables) as duck:
        for rows in databases(tables, sql, count=DATABASES, seed=1):
            duck.fill(rows)
            old, new = duck.bag(before), duck.bag(after)
            had_rows |= _tells(old)
            if old != new:
                return had_rows, f"random rows: {rows}"
    if connection is not None:
        old, new = (bag_of(connection.execute(each)) for each in (before, after))
        had_rows |= _tells(old)
        if old != new:
            return had_rows, f"generated rows: {len(old)} and {len(new)}"
    return had_rows, ""


def _tells(bag: Bag) -> bool:
    """More than no row or a row of NULL and 0, as aggregates give them over nothing."""
    return any(value not in (None, 0) for row in bag for value in row)


def _without_limit(sql: str) -> str:
    """Which of several equal rows come first is for neither statement to say."""
    trees = parse(as_duckdb(sql), read="duckdb")
    tree = trees[0]
    if isinstance(tree, exp.Query):
        tree.set("limit", None)
    return tree.sql("duckdb") if tree is not None else ""


class _generated:  # noqa: N801 - used as a with statement only
    """A database with rows of a TPC generator; None without one."""

    def __init__(self, generator: str | None) -> None:
        self._generator = generator
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> duckdb.DuckDBPyConnection | None:
        if self._generator is None:
            return None
        path, call = self._generator.split("|")
        self._connection = duckdb.connect(":memory:", config={"allow_unsigned_extensions": "true"})
        self._connection.execute(f"LOAD '{path}'")
        self._connection.execute(f"CALL {call}(sf = {SCALE})")
        return self._connection

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()


def _figures(tally: Tally) -> dict[str, Any]:
    return {
        "statements": tally.statements,
        "read": tally.read,
        "with_rewrite": tally.rewritten,
        "refused_only": tally.refused_only,
        "by_rule": dict(tally.rewrites.most_common()),
        "verified": tally.verified,
        "verified_with_rows": tally.verified_with_rows,
        "not_runnable": tally.not_runnable,
        "unsound": len(tally.unsound),
        "unsound_cases": tally.unsound,
        "milliseconds_a_statement": 1000 * tally.seconds / max(tally.statements, 1),
    }


# The sets


def sets_of(folder: Path) -> Iterator[tuple[str, Schema, list[str]]]:
    tpcds = _schema(folder / "tpcds_redshift_ddl.sql", "redshift")
    tpch = _schema(folder / "tpch_redshift_ddl.sql", "redshift")
    solver = folder / "sqlsolver_schemas"
    lines = (folder / "tpcds_llm_rewrites.jsonl").read_text(encoding="utf-8").splitlines()
    originals = [json.loads(line)["original"] for line in lines]
    yield "tpcds", tpcds, list(dict.fromkeys(originals))
    yield "tpch", tpch, list(_havoc(folder / "tpchavoc"))
    calcite = _schema(solver / "calcite_test.base.schema.sql", "mysql")
    for name, schema in (
        ("calcite_tests", calcite),
        ("spark_tests", calcite),
        ("rules.tpcds.calcite", tpcds),
        ("rules.tpch.calcite", tpch),
        ("rules.tpcc.calcite", _schema(solver / "tpcc.base.schema.sql", "mysql")),
        ("rules.job.spark", _schema(solver / "job.base.schema.sql", "mysql")),
    ):
        text = (folder / "sqlsolver" / f"{name}.txt").read_text(encoding="utf-8")
        yield name, schema, list(dict.fromkeys(line for line in text.splitlines() if line.strip()))


def _havoc(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.yaml")):
        for variant in yaml.safe_load(path.read_text(encoding="utf-8"))["variants"]:
            yield variant["sql"]


def _schema(path: Path, dialect: str) -> Schema:
    columns: dict[str, list[tuple[str, str, bool]]] = {}
    for tree in parse(path.read_text(encoding="utf-8"), read=dialect):
        if not isinstance(tree, exp.Create) or not isinstance(tree.this, exp.Schema):
            continue
        definitions = tree.this.find_all(exp.ColumnDef)
        columns[tree.this.this.name.lower()] = [
            (each.name.lower(), _type(each), _is_required(each)) for each in definitions
        ]
    return Schema(columns=columns)


def _type(definition: exp.ColumnDef) -> str:
    kind = definition.args["kind"].sql("redshift").lower()
    kind = re.sub(r"^varchar", "character varying", kind).replace("(max)", "(65535)")
    return {"int": "integer", "tinyint": "smallint", "text": "character varying(256)"}.get(
        kind, kind
    )


def _is_required(definition: exp.ColumnDef) -> bool:
    kinds = [constraint.args["kind"] for constraint in definition.args.get("constraints") or []]
    return any(
        isinstance(kind, exp.NotNullColumnConstraint) and not kind.args.get("allow_null")
        for kind in kinds
    )


def _sample() -> tuple[str, Schema, list[str]]:
    columns = {
        f"{table.schema}.{table.name}": [(c.name, c.data_type, False) for c in table.columns()]
        for table in SAMPLE_TABLES
    }
    return "sample", Schema(columns=columns), sample_statements()


def sample_statements() -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(SAMPLE_STATEMENTS.glob("*.sql"))]
    return [_with_values(text) for text in texts]


def _with_values(template: str) -> str:
    """A day for what names one, a number for the rest."""
    dated = re.sub(r"\$(?:day|\w+_ago)\b", "2024-03-10", template)
    return re.sub(r"\$\w+", "1", dated)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, prog="bench_rewrites")
    parser.add_argument("--equivalence", type=Path)
    parser.add_argument("--extensions", type=Path)
    parser.add_argument("--only", help="one set by its name")
    wanted = parser.parse_args()
    found = [_sample()]
    if wanted.equivalence:
        found += sets_of(wanted.equivalence)
    generated = {}
    if wanted.extensions:
        for name, kind, call in (("tpcds", "tpcds", "dsdgen"), ("tpch", "tpch", "dbgen")):
            path = next(wanted.extensions.rglob(f"{kind}.duckdb_extension"))
            generated[name] = f"{path}|{call}"
            generated[f"rules.{name}.calcite"] = generated[name]
    sets = {
        name: (schema, statements)
        for name, schema, statements in found
        if wanted.only in (None, name)
    }
    print(json.dumps(run(sets, generated), indent=2))


if __name__ == "__main__":
    main()
