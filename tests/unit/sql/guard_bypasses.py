"""Texts that try to get more than a read past the guard: a grammar, spelt out and seeded.

Each is harmful to some reader: it writes, locks, calls what is not allowed, hides a second
statement, or is not what it seems. Tables are those of `tests.unit.sql.guard_database`.
"""

import random
from collections.abc import Iterator

_SECOND = [
    "DELETE FROM orders",
    "DROP TABLE orders",
    "UPDATE orders SET amount = 0",
    "INSERT INTO orders VALUES (9, 9)",
    "TRUNCATE orders",
    "CREATE TABLE loot AS SELECT 1 AS a",
]
_BETWEEN = [
    "SELECT 1; {}",
    "SELECT 1;{}",
    "SELECT 1;\n-- then\n{}",
    "SELECT 1/**/;/**/{}",
    "SELECT 1 -- ;\n; {}",
    "SELECT ';' ; {}",
    "SELECT $$;$$ ; {}",
    "SELECT $a$ ' $a$ ; {}",
    "SELECT 'it''s' ; {} --'",
    "SELECT E'\\'' ; {} --'",
    "SELECT '\\' ; {} ; --'",
    "SELECT '\\\\\\' ; {} ; --'",
    'SELECT 1 AS "a" ; {} --"',
    'SELECT 1 AS "a"";" ; {}',
    "SELECT 1 /* a /* b */ */ ; {}",
    "SELECT 1 /* a /* b */ ; {} -- */",
    "/* a /* b */ SELECT 1 FROM */ {}",
    "SELECT 1 -- a\r; {}",
    "SELECT 1 ;; ; {}",
    "{}; SELECT 1",
    "(SELECT 1); {}",
    "WITH a AS (SELECT 1) SELECT * FROM a; {}",
    "SELECT 1 UNION SELECT 2; {}",
    "BEGIN; {}; COMMIT",
    "ROLLBACK; {}",
    "{}",
    "\ufeff{}",
    "EXPLAIN ANALYZE {}",
    "EXPLAIN {}",
    "PREPARE p AS {}",
]
_WRITING_CTES = [
    "WITH w AS (DELETE FROM orders RETURNING id) SELECT * FROM w",
    "WITH w AS (UPDATE orders SET amount = 0 RETURNING id) SELECT id FROM w",
    "WITH w AS (INSERT INTO orders VALUES (8, 8) RETURNING id) SELECT id FROM w",
    "WITH a AS (SELECT 1), w AS (DELETE FROM orders RETURNING id) SELECT * FROM a, w",
    "WITH a AS (SELECT 1) DELETE FROM orders",
    "WITH a AS (SELECT 1) INSERT INTO orders SELECT 7, 7",
    "WITH a AS (SELECT 1 AS n) UPDATE orders SET amount = 0 FROM a",
    "WITH a AS (SELECT 1 AS n) MERGE INTO orders USING a ON id = n WHEN MATCHED THEN DELETE",
    "WITH w AS /* x */ (/* y */DELETE FROM orders RETURNING id) SELECT * FROM w",
    "WITH w(id) AS (DELETE FROM orders RETURNING id) SELECT * FROM w",
    "WITH w AS MATERIALIZED (DELETE FROM orders RETURNING id) SELECT * FROM w",
    'WITH "w" AS (\nDELETE\nFROM\norders\nRETURNING\nid) SELECT * FROM "w"',
    "WITH w AS ((DELETE FROM orders RETURNING id)) SELECT * FROM w",
    "SELECT * FROM (DELETE FROM orders RETURNING id) w",
]
_INTO = [
    "SELECT * INTO loot FROM orders",
    "SELECT * INTO TEMP loot FROM orders",
    "SELECT * INTO TABLE loot FROM orders",
    "SELECT id,\namount INTO\nloot FROM orders",
    "SELECT 1 INTO loot",
    "SELECT/**/1/**/INTO/**/loot",
    "SELECT 1into loot",
    "SELECT 1.INTO loot",
    "SELECT 'a'INTO loot",
    'SELECT"id"INTO"loot"FROM"orders"',
    "WITH a AS (SELECT 1) SELECT * INTO loot FROM a",
    "SELECT * INTO loot FROM orders UNION SELECT 1, 2",
    "(SELECT * INTO loot FROM orders)",
    "SELECT 1 AS a INTO loot",
    "SELECT * INTO UNLOGGED loot FROM orders",
    "SELECT * iNtO #loot FROM orders",
]
_LOCKS = [
    "SELECT * FROM orders FOR UPDATE",
    "SELECT * FROM orders FOR SHARE",
    "SELECT * FROM orders FOR NO KEY UPDATE",
    "SELECT * FROM orders FOR KEY SHARE",
    "SELECT * FROM orders FOR UPDATE NOWAIT",
    "SELECT * FROM orders FOR UPDATE SKIP LOCKED",
    "SELECT * FROM orders FOR UPDATE OF orders",
    "SELECT * FROM orders FOR/**/UPDATE",
    "SELECT * FROM orders fOr\nuPdAtE",
    "SELECT * FROM (SELECT * FROM orders FOR UPDATE) o",
    "WITH o AS (SELECT * FROM orders FOR SHARE) SELECT * FROM o",
    "SELECT * FROM orders WHERE id IN (SELECT id FROM orders FOR UPDATE)",
    "SELECT * FROM orders FOR SHARE NOWAIT",
    "SELECT * FROM orders FOR READ ONLY FOR UPDATE",
]
_CALLS = [
    "nextval('counter')",
    "setval('counter', 99)",
    "shrink()",
    "pg_sleep(0)",
    "pg_read_file('x')",
    "lo_import('/etc/hostname')",
    "pg_terminate_backend(1)",
    "pg_cancel_backend(1)",
    "set_config('work_mem', '64kB', false)",
    "pg_advisory_lock(1)",
    "dblink('x', 'y')",
    "setseed(0.5)",
    "pg_notify('a', 'b')",
    "query_to_xml('delete from orders', true, true, '')",
    "pg_ls_dir('.')",
    "f_my_udf(1)",
]
_PLACES = [
    "SELECT {}",
    "SELECT 1 FROM orders WHERE {} IS NOT NULL",
    "SELECT * FROM {} AS t",
    "SELECT id FROM orders ORDER BY {}",
    "SELECT id FROM orders LIMIT CASE WHEN {} IS NULL THEN 1 ELSE 1 END",
    "SELECT CASE WHEN true THEN {} END",
    "SELECT (SELECT {})",
    "SELECT sum(id) OVER (ORDER BY {}) FROM orders",
    "SELECT count(*) FROM orders GROUP BY id HAVING {} IS NOT NULL",
    "WITH a AS (SELECT {}) SELECT * FROM a",
    "SELECT 1 UNION ALL SELECT 1 FROM (SELECT {}) t",
    "SELECT coalesce(null, {})",
    "SELECT * FROM orders o JOIN orders p ON o.id = p.id AND {} IS NOT NULL",
    "SELECT ({})::varchar",
    "SELECT id FROM orders WHERE id IN (SELECT 1 FROM (SELECT {}) t)",
    "SELECT ARRAY[1, 2], {}",
]
_COMMANDS = [
    "COPY orders FROM 's3://b/k' IAM_ROLE default", "COPY orders TO STDOUT",
    "COPY orders TO PROGRAM 'true'", "UNLOAD ('select 1') TO 's3://b/k' IAM_ROLE default",
    "CALL shrink_all()", "PREPARE p AS SELECT 1", "EXECUTE p", "DEALLOCATE ALL",
    "DECLARE c CURSOR FOR SELECT 1", "FETCH ALL FROM c", "CLOSE c", "SET search_path TO x",
    "SET SESSION AUTHORIZATION analyst", "RESET ALL", "SHOW ALL", "GRANT ALL ON orders TO PUBLIC",
    "REVOKE ALL ON orders FROM PUBLIC", "CREATE TABLE loot (a int)",
    "CREATE TEMP TABLE loot (a int)", "CREATE TABLE loot AS SELECT 1 AS a",
    "CREATE VIEW loot AS SELECT 1 AS a", "CREATE MATERIALIZED VIEW loot AS SELECT 1 AS a",
    "CREATE FUNCTION f() RETURNS int AS 'select 1' LANGUAGE sql", "CREATE SCHEMA loot",
    "ALTER TABLE orders ADD COLUMN b int", "ALTER TABLE orders RENAME TO loot",
    "DROP TABLE orders CASCADE", "COMMENT ON TABLE orders IS 'x'", "VACUUM", "ANALYZE",
    "LOCK TABLE orders", "BEGIN", "COMMIT", "ROLLBACK", "ABORT", "END", "SAVEPOINT a",
    "DO $$ begin delete from orders; end $$", "LISTEN a", "NOTIFY a", "CHECKPOINT", "DISCARD ALL",
    "REFRESH MATERIALIZED VIEW v", "REINDEX TABLE orders", "CLUSTER orders", "CANCEL 123",
    "TABLE orders", "VALUES (1)", "MERGE INTO orders USING orders o ON true WHEN MATCHED THEN DELETE",
    "USE other", "SECURITY LABEL ON TABLE orders IS 'x'", "IMPORT FOREIGN SCHEMA x FROM SERVER y INTO z",
    "START TRANSACTION READ WRITE", "LOAD 'x'", "PRAGMA x", "KILL 1", "RENAME TABLE orders TO x",
]  # fmt: skip
_ODD = [
    "SELECT U&'\\0061'",
    'SELECT U&"\\0070g_sleep"(0)',
    'SELECT u&"shrink"()',
    "SELECT \uff50\uff47_sleep(0)",
    "SELECT pg\u200b_sleep(0)",
    "SELECT pg_sleep\u200b(0)",
    "SELECT\u00a01",
    "SELECT 1\u2028; DELETE FROM orders",
    "SELECT 1\x00; DELETE FROM orders",
    "SELECT 1\x0b",
    "SELECT 1 \x1b[2J",
    "SELECT 'a\x07b'",
    "SELECT 1 -- \u202e",
    "SELECT \ud800",
    "\uff33\uff25\uff2c\uff25\uff23\uff34 1",
    "SELECT 'abc",
    'SELECT "abc',
    "SELECT 1 /* abc",
    "SELECT $$abc",
    "SELECT $a$ abc $b$",
    "SELECT E'abc\\'",
    "SELECT id FROM orders WHERE",
    "SELECT id FROM orders WHERE id IN (1, 2",
    "SELECT coalesce(id FROM orders",
    "SELECT * FROM orders WHERE id = ?",
    "SELECT * FROM orders WHERE id = $1",
    "SELECT * FROM orders WHERE id = :number_1",
    "SELECT * FROM orders WHERE id = %(id)s",
    "SELECT 1 OPERATOR(public.+) 2",
    "SELECT OPERATOR(pg_catalog.-) 1",
    "SELECT NEXT VALUE FOR counter",
    "SELECT 1shrink()",
    "SELECT 0x1shrink()",
    "SELECT orders.shrink() FROM orders",
    "SELECT a.b.shrink()",
    "SELECT pg_catalog.shrink()",
    "SELECT pg_catalog.pg_sleep(0)",
    "SELECT public.lower('A')",
    'SELECT "public"."lower"(\'A\')',
    "SELECT dev.pg_catalog.lower('A')",
    "WITH shrink(a) AS (SELECT 1) SELECT shrink() FROM shrink",
    "SELECT shrink() FROM (SELECT 1) shrink(a)",
    "SELECT shrink() FROM (SELECT 1) AS t(shrink)",
    "SELECT sets(1)",
    "SELECT zone(1)",
    'SELECT "over"(1)',
    'SELECT "select"(1)',
    'SELECT "in"(1)',
    "SELECT \\! ls",
    "SELECT `shrink`()",
    "SELECT {fn shrink()}",
    "SELECT 1 WHERE \\gexec",
    "",
    " ",
    ";",
    "--",
    "/**/",
    "()",
    "((SELECT 1)",
]
_DEEP = [
    "SELECT " + "(" * 20_000 + "1" + ")" * 20_000,
    "SELECT " + "(SELECT " * 200 + "1" + ")" * 200,
    "SELECT " + "- " * 30_000 + "1",
    "SELECT " + "NOT " * 15_000 + "true",
    "SELECT " + "CASE WHEN " * 6_000 + "1",
    "SELECT " + "coalesce(" * 2_000 + "1" + ")" * 2_000,
    "SELECT 1 FROM orders " + "JOIN orders " * 40,
    "SELECT 1 FROM orders " + "JOIN (orders " * 40 + ")" * 40,
    "SELECT " + "lower(id LIMIT " * 40 + "1" + ")" * 40,
    "SELECT " + "ARRAY[" * 5_000 + "1" + "]" * 5_000,
    "SELECT '" + "x" * 65_536 + "'",
    "SELECT '" + "ä" * 33_000 + "'",
    "SELECT 1 /* " + "x" * 70_000 + " */",
    "SELECT " + "1," * 40_000 + "1",
]


def bypasses() -> list[str]:
    """All of them, each once, in an order of their own but always the same."""
    texts = list(dict.fromkeys(_all()))
    random.Random(4).shuffle(texts)  # noqa: S311 - the same each time
    return texts


def _all() -> Iterator[str]:
    for between in _BETWEEN:
        yield from (between.format(second) for second in _SECOND)
    yield from (*_WRITING_CTES, *_INTO, *_LOCKS, *_COMMANDS, *_ODD, *_DEEP)
    for at, call in enumerate(_CALLS):
        for place in _PLACES:
            yield place.format(call)
        for spelling in _spellings(call):
            yield _PLACES[at % 3].format(spelling)


def _spellings(call: str) -> Iterator[str]:
    name, bracket, rest = call.partition("(")
    behind = bracket + rest
    yield name.upper() + behind
    yield f'"{name}"{behind}'
    yield f"public.{name}{behind}"
    yield f"pg_catalog.{name}{behind}"
    yield f'"pg_catalog" . "{name}" {behind}'
    yield f"{name} /* ( */ {behind}"
    yield f"{name}/**/{behind}"
    yield f"{name}\n--\n{behind}"
    yield f"/* lower( */{name}{behind}"
    yield f"lower({call})"
    yield f"{name[:2]}/**/{name[2:]}{behind}"


_FRAGMENTS = """
SELECT|FROM|WHERE|orders|id|amount|1|'a'|'it''s'|(|)|,|;|--|/*|*/|\n|INTO|loot|DELETE FROM orders
DROP TABLE orders|UPDATE orders SET amount = 0|shrink()|nextval('counter')|lower('A')|count(*)|AS
WITH w AS (|UNION ALL|$$|$a$|\\|'|"|E'|"id"|AND|OR|=|FOR UPDATE|.|public.|pg_catalog.|::int|CASE
WHEN|THEN|END|ORDER BY|LIMIT|OVER|IN|NOT|NULL|JOIN|ON|USING|RETURNING id|\ufeff|t(a)|*|+|- -
"""


def mutations(seed: int, count: int) -> Iterator[str]:
    """Reading statements with something put in, taken out, or doubled at random."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    pieces = [piece for line in _FRAGMENTS.strip("\n").split("\n") for piece in line.split("|")]
    pieces.append("\n")
    for _ in range(count):
        words = chance.choice(READS).split(" ")
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(words) + 1)
            words[at : at + chance.choice((0, 0, 1))] = [chance.choice(pieces)]
        yield (
            chance.choice((" ", " ", "")).join(words) if chance.random() < 0.1 else " ".join(words)
        )


READS = [
    "SELECT id , amount FROM orders WHERE amount > 10 ORDER BY id LIMIT 5",
    "SELECT lower('It''s') , count(*) FROM orders GROUP BY 1",
    "WITH w AS ( SELECT id FROM orders ) SELECT * FROM w JOIN orders o ON o.id = w.id",
    "SELECT CASE WHEN amount > 1 THEN 'a' ELSE 'b' END AS size FROM orders",
    "SELECT id FROM orders UNION ALL SELECT id FROM orders WHERE id IN ( 1 , 2 )",
    "SELECT sum(amount) OVER ( PARTITION BY id ORDER BY amount ) FROM orders",
    "SELECT 1 /* why */ AS one -- because",
    "SELECT '$$ ; $$' AS text , \"id\" FROM orders o ( id , amount )",
    "( SELECT max(id) FROM orders ) UNION ( SELECT 2 )",
    "SELECT x.a + 1 FROM ( SELECT 1 AS a ) x WHERE EXISTS ( SELECT 1 FROM orders )",
    "SELECT date_trunc('month', current_date) , coalesce(null, 1)",
]
"""Only read, in Redshift as in PostgreSQL."""
