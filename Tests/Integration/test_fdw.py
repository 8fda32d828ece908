"""postgres_fdw and dblink on a database that plays RDS do through the gateway what they do without it, both ways.

Every test runs in each pool mode. With transaction pooling the many sessions of RDS have two server connections between
them, and the tests say so: they count the backends that answered.
"""

import random
import threading
import time

import psycopg
import pytest
from checks import check_embedding, check_meaning, check_refusal, error_fields
from fdw_site import (
    FDW_ALONE, IMPORT, LIBRARY, LIBRARY_RULES, PINNED, SESSION_COLUMNS, SESSIONS, STOCK, STOCK_RULES, STOPPED_SOON,
    TEXTS, as_user_of_postgresml, as_user_of_rds, at_once, check_no_transaction_is_left, column, embeddings, ids,
    in_shop, in_stock, lay_out_rds, one, sleeping, stopped_while_it_runs, wait_until,
)  # fmt: skip
from fdw_statements import STATEMENTS
from refusals import MODEL

# Whether these tests run with transaction pooling as well.
TRANSACTION_POOLING = True
MODES = ["session", "transaction"] if TRANSACTION_POOLING else ["session"]

POOL_SIZE = 2


@pytest.fixture(scope="module", params=MODES)
def mode(request):
    return request.param


def gateway_toml(mode, size=POOL_SIZE):
    return {"session": "", "transaction": f'pool_mode = "transaction"\n[pool]\nsize = {size}\n'}[mode]


def check_sharing(mode, pids):
    """What a test with SESSIONS sessions at once may say of the backends that answered them."""
    if mode == "transaction":
        assert len(set(pids)) <= POOL_SIZE, f"{len(set(pids))} server connections in a pool of {POOL_SIZE}"
    else:
        assert len(set(pids)) == SESSIONS, f"{len(set(pids))} server connections for {SESSIONS} sessions"


# The servers


@pytest.fixture(scope="module")
def library(upstream):
    upstream.run(LIBRARY)
    yield upstream
    upstream.run("DROP SCHEMA library CASCADE")


@pytest.fixture(scope="module")
def gate(start_gateway, library, mode):
    """In front of PostgresML: the repository's policy, and the library's relations by name."""
    one = start_gateway(gateway_toml(mode), lambda policy: policy + LIBRARY_RULES, url=library.tapped_url)
    yield one
    one.stop()


@pytest.fixture(scope="module")
def fdw_gate(start_gateway, library, mode):
    """In front of PostgresML, with nothing but the profile `fdw` and the relations."""
    one = start_gateway(gateway_toml(mode), lambda _: FDW_ALONE + LIBRARY_RULES)
    yield one
    one.stop()


@pytest.fixture(scope="module")
def outward_gate(start_gateway, rds, mode):
    """In front of RDS, for what PostgresML asks of it: the profile `fdw` and the stock's relations."""
    rds.run(STOCK, database="shop")
    url = f"postgres://app:app@127.0.0.1:{rds.port}/shop"
    one = start_gateway(gateway_toml(mode), lambda _: FDW_ALONE + STOCK_RULES, url=url)
    yield one
    one.stop()
    rds.run("DROP SCHEMA stock CASCADE", database="shop")


@pytest.fixture
def shop(rds, gate, upstream):
    """RDS, with the library as foreign tables whose server is the gateway."""
    lay_out_rds(rds, upstream, gate.port)
    with as_user_of_rds(rds) as connection:
        connection.execute(IMPORT)
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA library TO reporter")
    return rds


@pytest.fixture
def app(shop):
    with as_user_of_rds(shop) as connection:
        yield connection


# Foreign tables


def test_a_foreign_schema_is_imported_with_types_defaults_and_collations(shop, app):
    app.execute("DROP FOREIGN TABLE library.books, library.texts, library.embedded, library.slow, library.session")
    app.execute(
        "IMPORT FOREIGN SCHEMA library EXCEPT (session, slow) FROM SERVER postgresml INTO library"
        " OPTIONS (import_default 'true')"
    )
    described = app.execute(
        "SELECT attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid), collname"
        " FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
        " LEFT JOIN pg_collation c ON c.oid = attcollation AND c.oid <> 100"
        " WHERE attrelid = 'library.books'::regclass AND attnum > 0 ORDER BY attnum"
    ).fetchall()
    assert described == [
        ("id", "integer", True, None, None),
        ("body", "character varying(200)", True, "'blank'::character varying", "C"),
        ("score", "double precision", False, "0.1", None),
        ("at", "timestamp with time zone", False, None, None),
        ("tags", "text[]", False, None, None),
    ]
    imported = "SELECT relname FROM pg_class WHERE relkind = 'f' AND relnamespace = 'library'::regnamespace ORDER BY 1"
    assert column(app.execute(imported)) == ["books", "embedded", "texts", "unlisted"]
    assert one(app.execute("SELECT count(*) FROM library.books")) == 12


def test_importing_a_schema_that_is_not_there_says_so(app):
    with pytest.raises(psycopg.errors.FdwSchemaNotFound):
        app.execute("IMPORT FOREIGN SCHEMA nowhere FROM SERVER postgresml INTO library")
    assert one(app.execute("SELECT count(*) FROM library.books")) == 12


def test_a_foreign_table_over_a_view_embeds_each_row(app, upstream):
    rows = dict(app.execute("SELECT body, embedding FROM library.embedded").fetchall())
    assert rows == embeddings(upstream, TEXTS)
    check_meaning(*(rows[text] for text in TEXTS[:3]))
    check_embedding(one(app.execute("SELECT embedding FROM library.embedded WHERE id = %s", (2,))))


def test_a_view_that_embeds_is_joined_and_analysed(app, upstream):
    join = "SELECT e.body FROM library.embedded e JOIN library.books b USING (id) WHERE b.score < 1 ORDER BY id"
    assert column(app.execute(join)) == list(TEXTS[:2])
    app.execute("ANALYZE library.embedded")
    assert one(app.execute("SELECT reltuples FROM pg_class WHERE oid = 'library.embedded'::regclass")) == len(TEXTS)
    widths = dict(app.execute("SELECT attname, avg_width FROM pg_stats WHERE tablename = 'embedded'").fetchall())
    assert widths["embedding"] > 384 * 4


def outcomes(rds, upstream, port):
    """Each statement with what came of it: its tag and rows, or its error."""
    lay_out_rds(rds, upstream, port)
    seen = []
    with as_user_of_rds(rds) as connection:
        connection.execute(IMPORT)
        connection.execute("SET search_path = library")
        for statement in STATEMENTS:
            try:
                cursor = connection.execute(statement)
                seen.append((statement, cursor.statusmessage, cursor.fetchall() if cursor.description else None))
            except psycopg.Error as error:
                seen.append((statement, error_fields(error)))
    return seen


def test_all_that_postgres_fdw_sends_passes_the_profile_and_gives_the_same(rds, fdw_gate, upstream):
    direct = outcomes(rds, upstream, upstream.backend.port)
    through = outcomes(rds, upstream, fdw_gate.port)
    for expected, found in zip(direct, through):
        assert found == expected
    failed = [statement for statement, *outcome in direct if isinstance(outcome[0], dict)]
    assert failed == ["INSERT INTO books (id) VALUES (100)"], "the list of statements does not do what it is meant to"


def test_what_no_rule_lists_is_refused_and_the_session_goes_on(app):
    app.execute("CREATE FOREIGN TABLE library.unlisted (id integer) SERVER postgresml OPTIONS (schema_name 'library')")
    for statement in (
        "SELECT * FROM library.unlisted",
        "INSERT INTO library.unlisted VALUES (1)",
        "UPDATE library.unlisted SET id = 1",
        "DELETE FROM library.unlisted",
        "TRUNCATE library.unlisted",
        "ANALYZE library.unlisted",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
            app.execute(statement)
        fields = error_fields(caught.value)
        check_refusal(fields, "calls" if statement.startswith("ANALYZE") else "relations")
        assert one(app.execute("SELECT count(*) FROM library.books")) == 12


def test_a_truncate_that_reaches_further_than_it_says_is_refused(app):
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
        app.execute("TRUNCATE library.books CASCADE")
    check_refusal(error_fields(caught.value), "statements")
    app.execute("TRUNCATE library.books")
    assert one(app.execute("SELECT count(*) FROM library.books")) == 0


# Bulk

MANY = 5037
DIGEST = "count(*), md5(string_agg(concat_ws('|', id, body, score, extract(epoch FROM at), tags), ';' ORDER BY id))"
MANY_ROWS = (
    "SELECT i, 'book ' || i, i / 3.0::float8, '2020-01-01 00:00+00'::timestamptz + i * interval '1 s',"
    f" CASE WHEN i % 2 = 0 THEN ARRAY['even', i::text] END FROM generate_series(1000, {MANY + 999}) AS t(i)"
)


def test_thousands_of_rows_go_there_and_back_in_batches(app, upstream):
    app.execute("ALTER FOREIGN TABLE library.books OPTIONS (ADD batch_size '100')")
    app.execute("CREATE TEMPORARY TABLE sent (id integer, body text, score float8, at timestamptz, tags text[])")
    app.execute(f"INSERT INTO sent {MANY_ROWS}")
    upstream.forget()
    done = app.execute("INSERT INTO library.books SELECT * FROM sent")
    assert done.statusmessage == f"INSERT 0 {MANY}"
    assert upstream.saw("$500)") and not upstream.saw("$501"), "a batch is 100 rows of 5 columns"
    digest = app.execute(f"SELECT {DIGEST} FROM sent").fetchone()
    assert digest[0] == MANY
    assert upstream.run(f"SELECT {DIGEST} FROM library.books WHERE id >= 1000") == [digest]
    app.execute("CREATE TEMPORARY TABLE came_back (LIKE sent)")
    app.execute("INSERT INTO came_back SELECT * FROM library.books WHERE id >= 1000")
    assert app.execute(f"SELECT {DIGEST} FROM came_back").fetchone() == digest


def test_rows_are_copied_into_a_foreign_table(app, upstream):
    app.execute("ALTER FOREIGN TABLE library.books OPTIONS (ADD batch_size '50')")
    with app.cursor().copy("COPY library.books (id, body) FROM STDIN") as copy:
        for number in range(1000, 1233):
            copy.write_row((number, f"copied {number}"))
    assert upstream.run("SELECT count(*), count(DISTINCT body) FROM library.books WHERE id >= 1000") == [(233, 233)]


def test_rows_are_embedded_by_the_dozen(app, upstream):
    app.execute("ALTER FOREIGN TABLE library.texts OPTIONS (ADD batch_size '10')")
    app.execute("INSERT INTO library.texts (id, body) SELECT i, 'text ' || i FROM generate_series(10, 45) AS t(i)")
    app.execute("CREATE TEMPORARY TABLE kept AS SELECT id, body, embedding FROM library.embedded WHERE id >= 10")
    kept = dict(app.execute("SELECT id, embedding FROM kept").fetchall())
    assert sorted(kept) == list(range(10, 46))
    assert kept == dict(upstream.run("SELECT id, embedding FROM library.embedded WHERE id >= 10"))


def test_embeddings_are_stored_by_update_on_either_side(app, upstream):
    expected = embeddings(upstream, TEXTS)
    stored = "SELECT body, embedding FROM library.texts"

    # Both tables are foreign and on one server: the join is done there, and nothing travels.
    upstream.forget()
    app.execute(
        "UPDATE library.texts t SET embedding = e.embedding FROM library.embedded e"
        " WHERE e.id = t.id AND t.embedding IS NULL"
    )
    assert dict(upstream.run(stored)) == expected
    assert upstream.saw("SET embedding = r2.embedding FROM library.embedded r2")
    assert not upstream.saw("WHERE ctid = $1")

    # A condition that only RDS can judge makes it travel: rows come through a cursor, vectors go back by ctid.
    app.execute("UPDATE library.texts SET embedding = NULL")
    assert set(dict(upstream.run(stored)).values()) == {None}
    app.execute(
        "UPDATE library.texts t SET embedding = e.embedding FROM library.embedded e WHERE e.id = t.id AND random() >= 0"
    )
    assert dict(upstream.run(stored)) == expected
    assert upstream.saw("UPDATE library.texts SET embedding = $2 WHERE ctid = $1")

    # RDS's own table takes its vectors from the view, or one by one from dblink.
    app.execute("CREATE TEMPORARY TABLE mine AS SELECT id, body, NULL::real[] AS embedding FROM library.texts")
    app.execute("UPDATE mine SET embedding = e.embedding FROM library.embedded e WHERE e.id = mine.id")
    assert dict(app.execute("SELECT body, embedding FROM mine").fetchall()) == expected
    app.execute("UPDATE mine SET embedding = NULL")
    app.execute(
        "UPDATE mine SET embedding = (SELECT embedding FROM dblink('postgresml',"
        f" format('SELECT pgml.embed(%L, %L)', '{MODEL}', body)) AS t(embedding real[]))"
    )
    assert dict(app.execute("SELECT body, embedding FROM mine").fetchall()) == expected


# Errors in the middle of a load

LOAD = "INSERT INTO library.books (id, body) SELECT {id}, {body} FROM generate_series(1000, 1999) AS t(i)"
FAILURES = {
    "a duplicate on the other side": ("CASE i WHEN 1777 THEN 3 ELSE i END", "'x'", "23505"),
    "a row the other side checks": ("i", "CASE i WHEN 1777 THEN 'forbidden' ELSE 'x' END", "23514"),
    "a value too long for the other side": ("i", "repeat('x', CASE i WHEN 1777 THEN 201 ELSE 1 END)", "22001"),
    "a division on this side": ("i", "(1 / (1777 - i))::text", "22012"),
}


@pytest.mark.parametrize("batch_size", [1, 100])
@pytest.mark.parametrize("failure", FAILURES)
def test_a_load_that_fails_in_the_middle_leaves_nothing(app, upstream, failure, batch_size):
    app.execute(f"ALTER FOREIGN TABLE library.books OPTIONS (ADD batch_size '{batch_size}')")
    app.execute("ALTER FOREIGN TABLE library.books ALTER body TYPE text")  # or RDS would see first what is too long
    number, body, code = FAILURES[failure]
    for _ in range(2):
        with pytest.raises(psycopg.Error) as caught:
            app.execute(LOAD.format(id=number, body=body))
        assert caught.value.sqlstate == code
        check_no_transaction_is_left(upstream)
        assert ids(upstream) == list(range(1, 13))
    app.execute(LOAD.format(id="i", body="'x'"))
    assert upstream.run("SELECT count(*) FROM library.books") == [(1012,)]


def test_a_refusal_takes_the_whole_load_back(app, upstream):
    app.execute("CREATE FOREIGN TABLE library.unlisted (id integer) SERVER postgresml OPTIONS (schema_name 'library')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught, app.transaction():
        app.execute(LOAD.format(id="i", body="'x'"))
        app.execute("INSERT INTO library.unlisted VALUES (1)")
    check_refusal(error_fields(caught.value), "relations")
    assert ids(upstream) == list(range(1, 13))
    assert upstream.run("SELECT count(*) FROM library.unlisted") == [(0,)]
    app.execute("INSERT INTO library.books (id) VALUES (13)")
    assert ids(upstream) == list(range(1, 14))


# Savepoints


def test_savepoints_take_the_other_side_back_with_them(app, upstream):
    for statement in (
        "BEGIN", "INSERT INTO library.books (id) VALUES (100)",
        "SAVEPOINT a", "INSERT INTO library.books (id) VALUES (101)",
        "SAVEPOINT b", "DELETE FROM library.books WHERE id <= 12", "UPDATE library.books SET body = 'b' WHERE id = 100",
        "ROLLBACK TO SAVEPOINT b", "INSERT INTO library.books (id) VALUES (102)",
        "RELEASE SAVEPOINT b", "SAVEPOINT c", "INSERT INTO library.books (id) VALUES (103)",
        "ROLLBACK TO SAVEPOINT c", "ROLLBACK TO SAVEPOINT c", "INSERT INTO library.books (id) VALUES (104)",
    ):  # fmt: skip
        app.execute(statement)
    within = column(app.execute("SELECT id FROM library.books WHERE id >= 100 ORDER BY id"))
    assert within == [100, 101, 102, 104]
    assert ids(upstream) == list(range(1, 13)), "nothing is seen before the end"
    app.execute("COMMIT")
    assert ids(upstream) == [*range(1, 13), 100, 101, 102, 104]
    assert upstream.run("SELECT body FROM library.books WHERE id = 100") == [("blank",)]


@pytest.mark.parametrize("end, kept", [("COMMIT", [100, 104]), ("ROLLBACK", [])])
def test_errors_within_savepoints_leave_the_rest_of_the_transaction(app, upstream, end, kept):
    app.execute("CREATE FOREIGN TABLE library.unlisted (id integer) SERVER postgresml OPTIONS (schema_name 'library')")
    app.execute("BEGIN")
    app.execute("INSERT INTO library.books (id) VALUES (100)")
    for statement, code in (
        ("INSERT INTO library.books (id) VALUES (100)", "23505"),
        ("INSERT INTO library.unlisted VALUES (1)", "42501"),
        ("SELECT 1 / (id - 5) FROM library.books", "22012"),
        ("INSERT INTO library.books (id) SELECT 1 / 0", "22012"),
    ):
        app.execute("SAVEPOINT s")
        app.execute("INSERT INTO library.books (id) VALUES (101)")
        with pytest.raises(psycopg.Error) as caught:
            app.execute(statement)
        assert caught.value.sqlstate == code
        app.execute("ROLLBACK TO SAVEPOINT s")
        assert column(app.execute("SELECT id FROM library.books WHERE id >= 100")) == [100]
    app.execute("INSERT INTO library.books (id) VALUES (104)")
    app.execute(end)
    assert ids(upstream) == [*range(1, 13), *kept]


# Cancels


@pytest.mark.parametrize("fetch_size", [2, 100])
def test_a_statement_timeout_on_rds_stops_the_scan_on_the_other_side(app, upstream, fetch_size, mode):
    app.execute(f"ALTER FOREIGN TABLE library.slow OPTIONS (ADD fetch_size '{fetch_size}')")
    pid = one(app.execute("SELECT pid FROM library.session"))
    app.execute("SET statement_timeout = '400ms'")
    for _ in range(3):
        with stopped_while_it_runs(upstream.run):
            app.execute("SELECT * FROM library.slow")
    app.execute("RESET statement_timeout")
    check_no_transaction_is_left(upstream)
    app.execute("INSERT INTO library.books (id) VALUES (100)")
    assert ids(upstream)[-1] == 100
    if mode == "session":
        assert one(app.execute("SELECT pid FROM library.session")) == pid, "the connection was cut, not cancelled"


def test_a_statement_timeout_within_a_savepoint_leaves_the_transaction(app, upstream):
    app.execute("BEGIN")
    app.execute("INSERT INTO library.books (id) VALUES (100)")
    for _ in range(2):
        app.execute("SAVEPOINT s")
        app.execute("INSERT INTO library.books (id) VALUES (101)")
        app.execute("SET LOCAL statement_timeout = '400ms'")
        with stopped_while_it_runs(upstream.run):
            app.execute("SELECT * FROM library.slow")
        app.execute("ROLLBACK TO SAVEPOINT s")
    app.execute("INSERT INTO library.books (id) VALUES (102)")
    app.execute("COMMIT")
    assert ids(upstream) == [*range(1, 13), 100, 102]


def test_a_cancel_of_the_session_on_rds_stops_the_other_side(app, upstream):
    threading.Timer(0.4, app.cancel).start()
    with stopped_while_it_runs(upstream.run):
        app.execute("SELECT * FROM library.slow")
    assert one(app.execute("SELECT count(*) FROM library.books")) == 12


def test_cancels_stop_nobody_else(shop, upstream):
    """Some sessions run into their timeouts over and over, all others must never notice."""
    over = time.monotonic() + 3

    def hurried(app):
        app.execute("SET statement_timeout = '150ms'")
        stopped = 0
        while time.monotonic() < over:
            with pytest.raises(psycopg.errors.QueryCanceled):
                app.execute("SELECT * FROM library.slow")
            stopped += 1
        return stopped

    def patient(app, which):
        done = 0
        while time.monotonic() < over:
            number = 1 + which % 12
            assert one(app.execute("SELECT body FROM library.books WHERE id = %s", (number,))) == f"book {number}"
            done += 1
        return done

    def work(which, app):
        return hurried(app) if which % 5 == 0 else patient(app, which)

    done = at_once(lambda _: as_user_of_rds(shop), work)
    assert min(done) > 0, "every session got something done"
    assert sum(done[::5]) >= SESSIONS // 5 * 3
    wait_until(lambda: sleeping(upstream.run) == 0, "nothing runs any more", 1)


# dblink


def test_dblink_calls_in_parallel_get_each_its_own_answer(shop, upstream):
    expected = embeddings(upstream, TEXTS)

    def work(which, app):
        for turn in range(4):
            text = TEXTS[(which + turn) % len(TEXTS)]
            query = f"SELECT pgml.embed('{MODEL}', '{text}'), {which * 100 + turn}"
            rows = app.execute("SELECT * FROM dblink('postgresml', %s) AS t(e real[], n integer)", (query,)).fetchall()
            assert rows == [(expected[text], which * 100 + turn)]

    at_once(lambda _: as_user_of_rds(shop), work)


def test_dblink_calls_are_made_for_each_row(app):
    rows = app.execute(
        "SELECT i, n FROM generate_series(1, 50) AS t(i),"
        " LATERAL dblink('postgresml', format('SELECT %s * 2', i)) AS answer(n integer)"
    ).fetchall()
    assert rows == [(i, i * 2) for i in range(1, 51)]


def test_dblink_connections_by_name_have_their_own_transactions(app, upstream):
    for name in ("first", "second"):
        app.execute("SELECT dblink_connect(%s, 'postgresml')", (name,))
        app.execute("SELECT dblink_exec(%s, 'BEGIN')", (name,))
    app.execute("SELECT dblink_exec('first', 'INSERT INTO library.books (id) VALUES (100)')")
    app.execute("SELECT dblink_exec('second', 'INSERT INTO library.books (id) VALUES (200)')")
    app.execute("SELECT dblink_exec('first', 'SAVEPOINT s')")
    count = "SELECT n FROM dblink(%s, 'SELECT count(*) FROM library.books WHERE id >= 100') AS t(n integer)"
    assert [one(app.execute(count, (name,))) for name in ("first", "second")] == [1, 1]

    # With the last argument false an error is a notice, and the message stays with its connection.
    failed = "SELECT dblink_exec('first', 'INSERT INTO library.books (id) VALUES (1)', false)"
    assert one(app.execute(failed)) == "ERROR"
    assert "duplicate key" in one(app.execute("SELECT dblink_error_message('first')"))
    assert one(app.execute("SELECT dblink_error_message('second')")) == "OK"
    refused = "SELECT dblink_exec('first', 'INSERT INTO library.unlisted VALUES (1)', false)"
    assert one(app.execute(refused)) == "ERROR"
    app.execute("SELECT dblink_exec('first', 'ROLLBACK TO s')")
    app.execute("SELECT dblink_exec('first', 'COMMIT')")
    app.execute("SELECT dblink_exec('second', 'ROLLBACK')")
    assert ids(upstream) == [*range(1, 13), 100]
    assert sorted(one(app.execute("SELECT dblink_get_connections()"))) == ["first", "second"]
    for name in ("first", "second"):
        app.execute("SELECT dblink_disconnect(%s)", (name,))


def test_dblink_cursors_on_two_connections_are_read_in_turns(app):
    for name, first in (("up", 0), ("on", 1000)):
        app.execute("SELECT dblink_connect(%s, 'postgresml')", (name,))
        series = f"SELECT i FROM generate_series({first}, {first + 99}) AS t(i)"
        app.execute("SELECT dblink_open(%s, 'c', %s)", (name, series))
    read = {"up": [], "on": []}
    for _ in range(10):
        for name in read:
            read[name] += column(app.execute("SELECT i FROM dblink_fetch(%s, 'c', 10) AS t(i integer)", (name,)))
    assert read == {"up": list(range(100)), "on": list(range(1000, 1100))}
    for name in read:
        assert column(app.execute("SELECT i FROM dblink_fetch(%s, 'c', 10) AS t(i integer)", (name,))) == []
        app.execute("SELECT dblink_close(%s, 'c')", (name,))
        app.execute("SELECT dblink_disconnect(%s)", (name,))


def test_dblink_queries_run_side_by_side_and_are_fetched_later(app):
    names = [f"link{number}" for number in range(4)]
    for number, name in enumerate(names):
        app.execute("SELECT dblink_connect(%s, 'postgresml')", (name,))
        texts = f"SELECT id * 10 + {number} FROM library.texts ORDER BY id; SELECT {number}"
        assert one(app.execute("SELECT dblink_send_query(%s, %s)", (name, texts))) == 1
    for number, name in enumerate(names):
        result = "SELECT n FROM dblink_get_result(%s) AS t(n integer)"
        assert column(app.execute(result, (name,))) == [10 + number, 20 + number, 30 + number, 40 + number]
        assert column(app.execute(result, (name,))) == [number]
        assert column(app.execute(result, (name,))) == []
        app.execute("SELECT dblink_disconnect(%s)", (name,))


def test_dblink_cancels_the_query_it_sent(app, upstream):
    app.execute("SELECT dblink_connect('link', 'postgresml')")
    for _ in range(3):
        app.execute("SELECT dblink_send_query('link', 'SELECT id, nap FROM library.slow')")
        wait_until(lambda: sleeping(upstream.run) == 1, "the query runs on the other side")
        assert one(app.execute("SELECT dblink_is_busy('link')")) == 1
        assert one(app.execute("SELECT dblink_cancel_query('link')")) == "OK"
        with pytest.raises(psycopg.errors.QueryCanceled):
            app.execute("SELECT * FROM dblink_get_result('link') AS t(id integer, nap text)")
        wait_until(lambda: sleeping(upstream.run) == 0, "the other side stops", 1)
        assert app.execute("SELECT * FROM dblink_get_result('link') AS t(id integer, nap text)").fetchall() == []
        assert one(app.execute("SELECT n FROM dblink('link', 'SELECT 7') AS t(n integer)")) == 7
    app.execute("SELECT dblink_disconnect('link')")


def test_dblink_brings_its_own_brake(app, upstream):
    """dblink does not listen to RDS's statement_timeout: it has to send one along, in the same string."""
    with stopped_while_it_runs(upstream.run):
        app.execute(
            "SELECT * FROM dblink('postgresml', 'SET statement_timeout = 300; SELECT id, nap FROM library.slow')"
            " AS t(id integer, nap text)"
        )
    for _ in range(5):
        braked = "SELECT * FROM dblink('postgresml', 'SET statement_timeout = 300; SELECT 7') AS t(n integer)"
        assert one(app.execute(braked)) == 7
        timeout = "SELECT * FROM dblink('postgresml', 'SELECT timeout FROM library.session') AS t(timeout text)"
        assert one(app.execute(timeout)) == "0", "the brake is still on for the next call"


# Many sessions


def test_many_sessions_write_and_read_and_each_finds_its_own(shop, upstream, mode):
    pids = []

    def work(which, app):
        first = 10_000 * (which + 1)
        mine = f"WHERE id BETWEEN {first} AND {first + 9_999}"
        for turn in range(6):
            pids.append(one(app.execute("SELECT pid FROM library.session")))
            begin = first + 10 * turn
            with app.transaction():
                app.execute(
                    "INSERT INTO library.books (id, body, score)"
                    f" SELECT i, 'of {which}', 0 FROM generate_series({begin}, {begin + 9}) AS t(i)"
                )
                with pytest.raises(psycopg.errors.UniqueViolation), app.transaction():
                    app.execute(f"INSERT INTO library.books (id) VALUES ({first + 5000}), ({first})")
                app.execute(f"UPDATE library.books SET score = score + 1 {mine}")
            found = app.execute(f"SELECT count(*), min(body), max(body), max(score) FROM library.books {mine}")
            assert found.fetchone() == (10 * turn + 10, f"of {which}", f"of {which}", turn + 1)

    at_once(lambda _: as_user_of_rds(shop), work)
    check_sharing(mode, pids)
    assert upstream.run("SELECT count(*) FROM library.books WHERE id >= 10000") == [(SESSIONS * 60,)]


BY_FDW = ("GMT", "ISO, MDY", "3", PINNED)
EXACT, ROUNDED = 0.1 + 0.2, 0.3
SESSION_BY_DBLINK = f"SELECT * FROM dblink(%s, 'SELECT * FROM library.session') AS t({SESSION_COLUMNS})"


def test_no_session_ever_sees_the_settings_of_another(shop, gate, mode):
    """postgres_fdw sets its session up once and relies on it; what dblink sends may set anything a rule lists."""
    shop.run(
        "DROP SERVER IF EXISTS hurried CASCADE",
        "CREATE SERVER hurried FOREIGN DATA WRAPPER postgres_fdw"
        f" OPTIONS (host '127.0.0.1', dbname 'pgml', port '{gate.port}', options '-c statement_timeout=54321')",
        "CREATE USER MAPPING FOR reporter SERVER hurried OPTIONS (user 'pg', password 'ml')",
        f"CREATE FOREIGN TABLE library.hurried ({SESSION_COLUMNS}) SERVER hurried"
        " OPTIONS (schema_name 'library', table_name 'session')",
        "GRANT SELECT ON library.hurried TO reporter",
        database="shop",
    )
    pids = []

    def check_often(ask, *expected):
        for _ in range(10):
            pid, *found = ask().fetchone()
            pids.append(pid)
            assert tuple(found) == expected
            time.sleep(random.uniform(0, 0.01))

    def by_postgres_fdw(which, connection, table, timeout):
        connection.execute(f"SET postgres_fdw.application_name = 'shelf {which}'")
        ask = f"SELECT * FROM library.{table}"
        check_often(lambda: connection.execute(ask), f"shelf {which}", *BY_FDW, timeout, EXACT)

    def by_dblink(which, connection):
        zone = ("Asia/Tokyo", "Europe/Berlin", "America/Lima")[which % 3]
        digits, third = (("-3", ROUNDED), ("0", ROUNDED), ("1", EXACT), ("2", EXACT))[which // 4 % 4]
        own = (f"link {which}", zone, "ISO, DMY", digits, PINNED, f"{600_001 + which}ms", third)
        connection.execute("SELECT dblink_connect('link', 'postgresml')")
        for setting in (
            f"application_name = 'link {which}'", f"timezone = '{zone}'", "datestyle = ISO, DMY",
            f"extra_float_digits = {digits}", f"statement_timeout = {600_001 + which}",
        ):  # fmt: skip
            connection.execute("SELECT dblink_exec('link', %s)", (f"SET {setting}",))

        def ask():
            # Between two looks at its own connection, a new one for a single call: nobody has set anything there.
            _, *found = connection.execute(SESSION_BY_DBLINK, ("postgresml",)).fetchone()
            assert tuple(found) == ("", "UTC", "ISO, MDY", "1", PINNED, "0", EXACT)
            return connection.execute(SESSION_BY_DBLINK, ("link",))

        check_often(ask, *own)

    kinds = (
        ("app", lambda which, connection: by_postgres_fdw(which, connection, "session", "0")),
        ("reporter", lambda which, connection: by_postgres_fdw(which, connection, "session", "0")),
        ("reporter", lambda which, connection: by_postgres_fdw(which, connection, "hurried", "54321ms")),
        ("app", by_dblink),
    )
    at_once(
        lambda which: as_user_of_rds(shop, kinds[which % len(kinds)][0]),
        lambda which, connection: kinds[which % len(kinds)][1](which, connection),
    )
    check_sharing(mode, pids)


def test_two_sessions_take_turns_on_one_connection(rds, start_gateway, library, mode):
    """Statement by statement, by turns: with one server connection between them each comes upon what the other left."""
    narrow = start_gateway("reactors = 1\n" + gateway_toml(mode, size=1), lambda policy: policy + LIBRARY_RULES)
    lay_out_rds(rds, library, narrow.port)
    pids = {"app": set(), "reporter": set()}
    with as_user_of_rds(rds) as app, as_user_of_rds(rds, "reporter") as reporter:
        app.execute("SET postgres_fdw.application_name = 'shelf of %u'")
        app.execute(IMPORT)
        reporter.execute("SELECT dblink_connect('link', 'postgresml')")
        for turn in range(12):
            timeout = 600_001 + turn
            settings = f"SET statement_timeout = {timeout}; SET extra_float_digits = 0"
            reporter.execute("SELECT dblink_exec('link', %s)", (settings,))
            pid, *found = app.execute("SELECT * FROM library.session").fetchone()
            assert tuple(found) == ("shelf of app", *BY_FDW, "0", EXACT)
            pids["app"].add(pid)
            app.execute(f"INSERT INTO library.books (id, score) VALUES ({20 + turn}, 0.1::float8 + 0.2)")
            pid, *found = reporter.execute(SESSION_BY_DBLINK, ("link",)).fetchone()
            assert tuple(found) == ("", "UTC", "ISO, MDY", "0", PINNED, f"{timeout}ms", ROUNDED)
            pids["reporter"].add(pid)
            assert one(app.execute(f"SELECT score FROM library.books WHERE id = {20 + turn}")) == EXACT
    narrow.stop()
    assert len(pids["app"]) == len(pids["reporter"]) == 1
    assert (pids["app"] == pids["reporter"]) == (mode == "transaction"), "whether they shared one connection"


def test_a_transaction_that_needs_a_second_connection_waits_no_longer_than_allowed(rds, start_gateway, library, mode):
    """The foreign table's transaction holds the one connection: what dblink asks within it would wait for ever."""
    wait = 'query_wait_timeout = "1s"\n' if mode == "transaction" else ""
    narrow = start_gateway("reactors = 1\n" + gateway_toml(mode, size=1) + wait, lambda policy: policy + LIBRARY_RULES)
    lay_out_rds(rds, library, narrow.port)
    call = "SELECT n FROM dblink('postgresml', 'SELECT 7') AS t(n integer)"
    with as_user_of_rds(rds) as app:
        app.execute(IMPORT)
        # The first dblink of all waits to be let in, for which dblink's word is 08001. A later one is in, and its query waits.
        for expected in ("08001", "53300"):
            app.execute("BEGIN")
            app.execute("INSERT INTO library.books (id) VALUES (100)")
            if mode == "transaction":
                before = time.monotonic()
                with pytest.raises(psycopg.Error) as caught:
                    app.execute(call)
                assert caught.value.sqlstate == expected
                assert "no server connection became free within query_wait_timeout" in str(caught.value)
                assert 0.9 < time.monotonic() - before < STOPPED_SOON
            else:
                assert one(app.execute(call)) == 7
            app.execute("ROLLBACK")
            assert one(app.execute("SELECT count(*) FROM library.books")) == 12
            assert one(app.execute(call)) == 7
    narrow.stop()


# The other way: PostgresML reaches into RDS, through a gateway with a policy of its own


@pytest.fixture
def inference(rds, outward_gate, upstream):
    """PostgresML with RDS's documents as foreign tables; its server is the gateway in front of RDS."""
    rds.run(
        "TRUNCATE stock.documents",
        "INSERT INTO stock.documents (id, body) VALUES "
        + ", ".join(f"({number}, '{text}')" for number, text in enumerate(TEXTS, 1)),
        database="shop",
    )
    upstream.run(
        "CREATE EXTENSION IF NOT EXISTS postgres_fdw",
        "CREATE SERVER rds FOREIGN DATA WRAPPER postgres_fdw"
        f" OPTIONS (host '127.0.0.1', port '{outward_gate.port}', dbname 'shop')",
        "CREATE USER MAPPING FOR pg SERVER rds OPTIONS (user 'app', password 'app')",
        "CREATE USER MAPPING FOR postgres SERVER rds OPTIONS (user 'app', password 'app')",
        "CREATE SCHEMA stock",
        "IMPORT FOREIGN SCHEMA stock FROM SERVER rds INTO stock",
        "GRANT USAGE ON SCHEMA stock TO pg",
        "GRANT ALL ON ALL TABLES IN SCHEMA stock TO pg",
    )
    yield upstream
    upstream.run("DROP SCHEMA stock CASCADE", "DROP EXTENSION postgres_fdw CASCADE")


def test_postgresml_embeds_the_documents_of_rds_where_they_are(inference, rds, upstream):
    expected = embeddings(upstream, TEXTS)
    with as_user_of_postgresml(inference) as pg:
        assert column(pg.execute("SELECT id FROM stock.documents ORDER BY id")) == [1, 2, 3, 4]
        pg.execute(f"UPDATE stock.documents SET embedding = pgml.embed('{MODEL}', body)")
    with as_user_of_rds(rds) as app:
        assert dict(app.execute("SELECT body, embedding FROM stock.documents").fetchall()) == expected


def test_postgresml_writes_to_rds_in_batches_and_takes_back_what_failed(inference, rds, upstream):
    upstream.run("ALTER FOREIGN TABLE stock.documents OPTIONS (ADD batch_size '100')")
    load = "INSERT INTO stock.documents (id, body) SELECT i, 'x' FROM generate_series({}, {}) AS t(i)"
    with as_user_of_postgresml(inference) as pg:
        with pg.transaction():
            pg.execute(load.format(100, 349))
            with pytest.raises(psycopg.errors.UniqueViolation), pg.transaction():
                pg.execute(load.format(400, 549))
                pg.execute(load.format(549, 549))
            with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught, pg.transaction():
                pg.execute(load.format(600, 700))
                pg.execute("INSERT INTO stock.unlisted VALUES (1)")
            pg.execute("DELETE FROM stock.documents WHERE id < 3 AND random() >= 0")
        check_refusal(error_fields(caught.value), "relations")
        with pytest.raises(psycopg.errors.DivisionByZero):
            pg.execute("INSERT INTO stock.documents (id) SELECT 1 / (900 - i) FROM generate_series(800, 950) AS t(i)")
        assert one(pg.execute("SELECT count(*) FROM stock.documents")) == 252
    assert [int(row[0]) for row in in_stock(rds)] == [3, 4, *range(100, 350)]
    assert rds.run("SELECT count(*) FROM stock.unlisted", database="shop") == [[b"0"]]


def test_postgresml_analyses_what_rds_holds(inference, upstream):
    upstream.run("ANALYZE stock.documents")
    assert upstream.run("SELECT reltuples FROM pg_class WHERE oid = 'stock.documents'::regclass") == [(4,)]


def test_a_timeout_on_postgresml_stops_the_scan_on_rds(inference, rds):
    with as_user_of_postgresml(inference) as pg:
        pg.execute("SET statement_timeout = '400ms'")
        for _ in range(2):
            with stopped_while_it_runs(in_shop(rds)):
                pg.execute("SELECT * FROM stock.slow")
        pg.execute("RESET statement_timeout")
        pg.execute("UPDATE stock.documents SET body = 'after' WHERE id = 1")
    assert in_stock(rds, "body", "id = 1") == [[b"after"]]


def test_many_sessions_of_postgresml_share_the_connections_to_rds(inference, rds, mode):
    pids = []

    def work(which, pg):
        for turn in range(5):
            pids.append(one(pg.execute("SELECT pid FROM stock.session")))
            number = 1000 * (which + 1) + turn
            pg.execute(f"INSERT INTO stock.documents (id, body) VALUES ({number}, 'of {which}')")
            pg.execute(f"UPDATE stock.documents SET body = body || '!' WHERE id = {number}")
            found = f"SELECT body FROM stock.documents WHERE id / 1000 = {which + 1}"
            assert column(pg.execute(found)) == [f"of {which}!"] * (turn + 1)

    at_once(lambda _: as_user_of_postgresml(inference), work)
    check_sharing(mode, pids)
    assert len(in_stock(rds, condition="id >= 1000")) == SESSIONS * 5


def test_a_question_goes_round_through_both_gateways(inference, shop, upstream):
    """RDS reads a view of PostgresML that embeds what RDS has, and both policies let it."""
    upstream.run(
        "CREATE VIEW library.stocked AS"
        f" SELECT id, body, pgml.embed('{MODEL}', body) AS embedding FROM stock.documents",
        "GRANT SELECT ON library.stocked TO pg",
    )
    with as_user_of_rds(shop) as app:
        app.execute("IMPORT FOREIGN SCHEMA library LIMIT TO (stocked) FROM SERVER postgresml INTO library")
        app.execute(
            "UPDATE stock.documents d SET embedding = s.embedding FROM library.stocked s WHERE s.id = d.id AND d.id > 1"
        )
        kept = dict(app.execute("SELECT body, embedding FROM stock.documents").fetchall())
    assert kept == {**embeddings(upstream, TEXTS[1:]), TEXTS[0]: None}
