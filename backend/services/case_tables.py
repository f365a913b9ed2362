"""Which stored tables the names of a statement, a plan and its steps mean."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backend.domain.case_file import DEFAULT_SCHEMA
from backend.domain.evidence import Table
from backend.domain.plan import TEMPORARY_TABLES
from backend.services.ports import EvidenceStore

INTERNAL_PREFIXES = (
    *TEMPORARY_TABLES,
    *("volt_dt_", "stl_", "stv_", "svl_", "svv_", "svcs_", "sys_", "pg_"),
)
INTERNAL_SCHEMAS = ("pg_catalog", "information_schema", "pg_internal")


@dataclass(frozen=True, kw_only=True)
class FoundTables:
    """`unknown` names are in no stored export; `ambiguous` bare names occur in several schemas."""

    tables: tuple[Table, ...] = ()
    unknown: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()


def find_tables(
    names: Iterable[str], *, databases: Sequence[str], store: EvidenceStore
) -> FoundTables:
    """Each name's table, of the first of `databases` that has it (they are ordered by time).

    A bare name in several schemas means the one in `public`, as the default search_path reads
    it, or none: guessing would blame the wrong table.
    """
    wanted = sorted({name for name in map(_spelt, names) if name and not _is_internal(name)})
    stored: dict[str, list[Table]] = defaultdict(list)
    for table in store.tables(wanted) if wanted else ():
        stored[table.table_name.lower()].append(table)
    found: dict[tuple[str, str], Table] = {}
    unknown: list[str] = []
    ambiguous: list[str] = []
    for name in wanted:
        candidates = _of_first_database(_matching(name, stored), databases)
        if len(candidates) > 1:
            candidates = [c for c in candidates if c.schema_name.lower() == DEFAULT_SCHEMA]
            if not candidates:
                ambiguous.append(name)
                continue
        if not candidates:
            unknown.append(name)
        for table in candidates:
            found.setdefault((table.schema_name.lower(), table.table_name.lower()), table)
    return FoundTables(
        tables=tuple(found[key] for key in sorted(found)),
        unknown=tuple(unknown),
        ambiguous=tuple(ambiguous),
    )


def _spelt(name: str) -> str:
    return name.replace('"', "").strip().lower()


def _is_internal(name: str) -> bool:
    parts = name.split(".")
    return parts[-1].startswith(INTERNAL_PREFIXES) or parts[0] in INTERNAL_SCHEMAS


def _matching(name: str, stored: dict[str, list[Table]]) -> list[Table]:
    wanted = name.split(".")[-3:]
    matching = []
    for table in stored.get(wanted[-1], ()):
        own = [table.database_name.lower(), table.schema_name.lower(), table.table_name.lower()]
        if own[-len(wanted) :] == wanted:
            matching.append(table)
    return matching


def _of_first_database(candidates: Sequence[Table], databases: Sequence[str]) -> list[Table]:
    for database in databases:
        of_database = [c for c in candidates if c.database_name.lower() == database.lower()]
        if of_database:
            return of_database
    first = min((c.database_name for c in candidates), default="")
    return [c for c in candidates if c.database_name == first]
