"""Two databases that reach into each other: RDS, played by a second PostgreSQL, and PostgresML.

`library` is a schema of PostgresML's that RDS has foreign tables for, `stock` one of RDS's that PostgresML has.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
from refusals import MODEL

SESSIONS = 20
STOPPED_SOON = 5

TEXTS = ("That is a happy person", "That is a happy dog", "Today is a sunny day", "That is a very happy person")

# What stands on PostgresML's side. `slow` gives a row every 100 ms; `session` tells whose connection answers, and how it
# is set. `unlisted` is in no policy.
LIBRARY = f"""
DROP SCHEMA IF EXISTS library CASCADE;
CREATE SCHEMA library;
CREATE TABLE library.books (
    id integer PRIMARY KEY,
    body varchar(200) COLLATE "C" NOT NULL DEFAULT 'blank' CHECK (body <> 'forbidden'),
    score double precision DEFAULT 0.1,
    at timestamptz,
    tags text[]
);
CREATE TABLE library.texts (id integer PRIMARY KEY, body text, embedding real[]);
CREATE TABLE library.unlisted (id integer);
CREATE VIEW library.embedded AS SELECT id, body, pgml.embed('{MODEL}', body) AS embedding FROM library.texts;
CREATE VIEW library.slow AS SELECT n AS id, pg_sleep(0.1)::text AS nap FROM generate_series(1, 10000) AS t(n);
CREATE VIEW library.session AS
SELECT
    pg_backend_pid() AS pid,
    current_setting('application_name') AS application,
    current_setting('TimeZone') AS zone,
    current_setting('DateStyle') AS dates,
    current_setting('extra_float_digits') AS digits,
    current_setting('search_path') AS path,
    current_setting('statement_timeout') AS timeout,
    0.1::double precision + 0.2 AS third;
GRANT USAGE ON SCHEMA library TO pg;
GRANT ALL ON ALL TABLES IN SCHEMA library TO pg;
"""

# What stands on RDS's side for the way back: documents that PostgresML embeds.
STOCK = """
DROP SCHEMA IF EXISTS stock CASCADE;
CREATE SCHEMA stock AUTHORIZATION app;
SET ROLE app;
CREATE TABLE stock.documents (id integer PRIMARY KEY, body text, embedding real[]);
CREATE TABLE stock.unlisted (id integer);
CREATE VIEW stock.slow AS SELECT n AS id, pg_sleep(0.1)::text AS nap FROM generate_series(1, 10000) AS t(n);
CREATE VIEW stock.session AS SELECT pg_backend_pid() AS pid;
"""

SESSION_COLUMNS = (
    "pid integer, application text, zone text, dates text, digits text, path text, timeout text, third double precision"
)
PINNED = "pg_catalog, pg_temp"

READ, WRITE = '["select"]', '["select", "insert", "update", "delete", "truncate"]'


def relations(access_by_name):
    rules = (f'\n[[relations]]\nname = "{name}"\naccess = {access}\n' for name, access in access_by_name.items())
    return "".join(rules)


LIBRARY_RULES = relations(
    {
        "library.books": WRITE,
        "library.texts": WRITE,
        "library.embedded": READ,
        "library.slow": READ,
        "library.session": READ,
        "library.stocked": READ,
    }
)
STOCK_RULES = relations({"stock.documents": WRITE, "stock.slow": READ, "stock.session": READ})
FDW_ALONE = 'kind = "allowlist"\nprofiles = ["fdw"]\n'


def lay_out_rds(rds, upstream, port):
    """RDS as the guide sets it up, with a second role; and PostgresML's tables with little in them."""
    upstream.run(
        "TRUNCATE library.books, library.texts, library.unlisted",
        "INSERT INTO library.books (id, body, score, at, tags)"
        " SELECT i, 'book ' || i, i / 3.0, timestamptz '2020-01-02 03:04:05+00' + i * interval '1 day',"
        " CASE i % 3 WHEN 0 THEN '{odd,end}'::text[] WHEN 1 THEN '{odd}' END FROM generate_series(1, 12) AS t(i)",
    )
    for number, text in enumerate(TEXTS, 1):
        upstream.run(f"INSERT INTO library.texts (id, body) VALUES ({number}, '{text}')")
    rds.run(
        "DROP SERVER IF EXISTS postgresml CASCADE",
        "DROP SCHEMA IF EXISTS library CASCADE",
        "DO $$ BEGIN CREATE ROLE reporter LOGIN PASSWORD 'reporter'; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        "CREATE SCHEMA library AUTHORIZATION app",
        "GRANT USAGE ON SCHEMA library TO reporter",
        "CREATE SERVER postgresml FOREIGN DATA WRAPPER postgres_fdw"
        f" OPTIONS (host '127.0.0.1', port '{port}', dbname 'pgml')",
        "ALTER SERVER postgresml OWNER TO app",
        "GRANT USAGE ON FOREIGN SERVER postgresml TO reporter",
        "CREATE USER MAPPING FOR app SERVER postgresml OPTIONS (user 'pg', password 'ml')",
        "CREATE USER MAPPING FOR reporter SERVER postgresml OPTIONS (user 'pg', password 'ml')",
        database="shop",
    )


IMPORT = (
    "IMPORT FOREIGN SCHEMA library LIMIT TO (books, texts, embedded, slow, session) FROM SERVER postgresml INTO library"
    " OPTIONS (import_default 'true')"
)


def as_user_of_rds(rds, user="app"):
    """A connection of an ordinary user to RDS."""
    return psycopg.connect(f"postgres://{user}:{user}@127.0.0.1:{rds.port}/shop", autocommit=True)


def as_user_of_postgresml(upstream):
    """A connection of an ordinary user to PostgresML, past the gateway."""
    return psycopg.connect(upstream.backend.url, autocommit=True)


def in_stock(rds, columns="id", condition="true"):
    return rds.run(f"SELECT {columns} FROM stock.documents WHERE {condition} ORDER BY id", database="shop")


def in_shop(rds):
    """Statements by RDS's superuser, as `stopped_while_it_runs` wants them."""
    return lambda statement: rds.run(statement, database="shop")


def one(cursor):
    (value,) = cursor.fetchone()
    return value


def column(cursor):
    return [row[0] for row in cursor.fetchall()]


def ids(upstream, table="library.books"):
    return [row[0] for row in upstream.run(f"SELECT id FROM {table} ORDER BY id")]


def at_once(connect, work):
    """`work(0, connection)` and so on, SESSIONS side by side; all connections stay open until the last is done."""
    together = threading.Barrier(SESSIONS)

    def begin(which, connection):
        together.wait(30)
        return work(which, connection)

    with ExitStack() as open_sessions, ThreadPoolExecutor(SESSIONS) as pool:
        connections = [open_sessions.enter_context(connect(which)) for which in range(SESSIONS)]
        return list(pool.map(begin, range(SESSIONS), connections))


def wait_until(holds, what, seconds=STOPPED_SOON):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)


def sleeping(run):
    """How many backends are in the middle of a slow view. While a cursor is read, their query is but a FETCH."""
    return run("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'PgSleep'")[0][0]


@contextmanager
def stopped_while_it_runs(run):
    """What is in the block fails because it is cancelled, soon; it did run on the other side, and runs no more."""
    seen, over = [], threading.Event()

    def watch():
        while not over.is_set() and not seen:
            if int(sleeping(run)):
                seen.append(True)
            over.wait(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    before = time.monotonic()
    try:
        with pytest.raises(psycopg.errors.QueryCanceled):
            yield
    finally:
        over.set()
        watcher.join()
    assert time.monotonic() - before < STOPPED_SOON
    assert seen, "the statement never ran on the other side"
    wait_until(lambda: int(sleeping(run)) == 0, "the other side stops", 1)


def check_no_transaction_is_left(upstream):
    left = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'pg' AND state LIKE 'idle in transaction%'"
    wait_until(lambda: upstream.run(left) == [(0,)], "every transaction of PostgresML's has ended", 1)


def embeddings(upstream, texts):
    """What PostgresML itself makes of them."""
    return {text: upstream.run(f"SELECT pgml.embed('{MODEL}', '{text}')")[0][0] for text in texts}


