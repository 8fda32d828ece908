"""Real clients do their work through the gateway as they do without it: psql, psycopg, dblink, postgres_fdw."""

import subprocess
import threading
import time

import psycopg
import pytest
from checks import ALLOWLIST, check_embedding, check_meaning, check_refusal, error_fields
from conftest import GATEWAYS
from refusals import CONSTANTS, MODEL, PARAMETERS, name

HAPPY_PERSON, HAPPY_DOG, SUNNY_DAY = "That is a happy person", "That is a happy dog", "Today is a sunny day"
CLOSED_SOON = 5


@pytest.fixture
def url(target):
    return f"postgres://pg:ml@127.0.0.1:{target.port}/pgml"


@pytest.fixture
def driver(url):
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


# PostgreSQL itself refuses nothing of this.
only_through_the_gateway = pytest.mark.parametrize("target", GATEWAYS, indirect=True)


def one(cursor):
    (value,) = cursor.fetchone()
    return value


# psql


def psql(url, *arguments, stdin=""):
    done = subprocess.run(
        ["psql", "-XAt", "--set=ON_ERROR_STOP=1", url, *arguments],
        input=stdin, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_psql_embeds_a_text(url):
    status, output, errors = psql(url, "-c", f"SELECT cardinality(pgml.embed('{MODEL}', 'embed this text'))")
    assert (status, output, errors) == (0, "384\n", "")


def test_psql_runs_several_commands_and_transactions(url):
    status, output, errors = psql(
        url, "--single-transaction", "-c", "INSERT INTO app.kept VALUES (1, 'one'), (2, NULL)",
        "-c", "UPDATE app.kept SET body = 'two' WHERE id = 2", "-c", "SELECT id, body FROM app.kept ORDER BY id",
    )  # fmt: skip
    assert (status, errors) == (0, "")
    assert output.endswith("1|one\n2|two\n")


def test_psql_reads_a_script_with_errors_in_it(url, upstream):
    script = "SELECT 1/0;\nSELECT 'after';\nBEGIN;\nINSERT INTO app.kept VALUES (1);\nSELECT nonsense;\nCOMMIT;\nSELECT 'end'\n"
    status, output, errors = psql(url, "--set=ON_ERROR_STOP=0", stdin=script)
    assert status == 0
    assert "division by zero" in errors and 'column "nonsense" does not exist' in errors
    assert output.splitlines() == ["after", "BEGIN", "INSERT 0 1", "ROLLBACK", "end"]
    assert upstream.kept() == []


def test_psql_describes_a_statement_without_running_it(url):
    status, output, _ = psql(url, stdin=f"SELECT pgml.embed('{MODEL}', 'x') AS embedding \\gdesc\n")
    assert (status, output) == (0, "embedding|real[]\n")


def test_psql_copies_in_and_out(url):
    status, output, errors = psql(url, stdin="\\copy app.kept from stdin\n1\tone\n2\ttwo\n\\.\n\\copy app.kept to stdout\n")
    assert (status, output, errors) == (0, "COPY 2\n1\tone\n2\ttwo\n", "")


def test_psql_fetches_through_a_cursor(url):
    script = "\\set FETCH_COUNT 100\nSELECT i FROM generate_series(1, 1000) AS t(i);\n"
    status, output, errors = psql(url, stdin=script)
    assert (status, errors) == (0, "")
    assert len(output.splitlines()) == 1000


@only_through_the_gateway
@pytest.mark.parametrize("refused", CONSTANTS, ids=name)
def test_psql_shows_why_a_statement_is_refused(url, refused):
    status, _, errors = psql(url, "-c", refused.text)
    assert status == 1
    assert errors.startswith("ERROR:  ")
    assert "DETAIL:  " in errors and ALLOWLIST in errors
    assert "HINT:  " in errors


def test_a_wrong_password_is_said_as_postgresql_says_it(target):
    status, _, errors = psql(f"postgres://pg:wrong@127.0.0.1:{target.port}/pgml", "-c", "SELECT 1")
    assert status == 2
    assert 'FATAL:  password authentication failed for user "pg"' in errors


# psycopg


def test_psycopg_embeds_with_parameters_in_text_and_binary(driver):
    for placeholder in ("%s", "%t", "%b"):
        query = f"SELECT pgml.embed({placeholder}::text, {placeholder}::text)"
        check_embedding(one(driver.execute(query, (MODEL, HAPPY_PERSON))))
    check_embedding(one(driver.execute("SELECT pgml.embed(%s, %s)", (MODEL, "result in binary"), binary=True)))


def test_psycopg_gets_embeddings_that_mean_something(driver):
    rows = driver.execute(
        "SELECT pgml.embed(%s, inputs => %s::text[])", (MODEL, [HAPPY_PERSON, HAPPY_DOG, SUNNY_DAY])
    ).fetchall()
    check_meaning(*(row[0] for row in rows))


def test_psycopg_uses_the_simple_protocol_too(url):
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        check_embedding(one(connection.execute("SELECT pgml.embed(%s, %s)", (MODEL, "it's simple"))))


def test_psycopg_prepares_statements(driver):
    for text in (HAPPY_PERSON, HAPPY_DOG, SUNNY_DAY):
        check_embedding(one(driver.execute("SELECT pgml.embed(%s, %s)", (MODEL, text), prepare=True)))
    assert one(driver.execute("SELECT %s::int + 1", (41,), prepare=True)) == 42


def test_psycopg_pipelines(driver, upstream):
    with driver.pipeline():
        cursors = [driver.execute("INSERT INTO app.kept (id) VALUES (%s) RETURNING id", (n,)) for n in range(20)]
        assert [one(cursor) for cursor in cursors] == list(range(20))
    assert upstream.kept() == list(range(20))


@only_through_the_gateway
def test_a_refusal_in_a_pipeline_takes_the_rest_of_it_along(driver, upstream):
    refused = PARAMETERS[-1]
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
        with driver.pipeline():
            driver.execute("INSERT INTO app.kept VALUES (1)")
            driver.execute("SELECT pgml.embed(%s, %s)", refused.values)
            driver.execute("INSERT INTO app.kept VALUES (2)")
    check_refusal(error_fields(caught.value), refused.rule)
    assert upstream.kept() == []
    assert one(driver.execute("SELECT 'still here'")) == "still here"


@only_through_the_gateway
@pytest.mark.parametrize("refused", PARAMETERS, ids=name)
@pytest.mark.parametrize("placeholder", ["%t", "%b"], ids=["text", "binary"])
def test_psycopg_raises_what_was_refused(driver, refused, placeholder):
    query = refused.text
    for number in range(len(refused.values), 0, -1):
        query = query.replace(f"${number}", placeholder)
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
        driver.execute(query, refused.values)
    check_refusal(error_fields(caught.value), refused.rule)
    assert one(driver.execute("SELECT 'still here'")) == "still here"


def test_psycopg_transactions_and_savepoints(url, upstream):
    with psycopg.connect(url) as connection:
        with connection.transaction():
            connection.execute("INSERT INTO app.kept VALUES (1)")
            with pytest.raises(psycopg.errors.DivisionByZero), connection.transaction():
                connection.execute("INSERT INTO app.kept VALUES (2)")
                connection.execute("SELECT 1/0")
            connection.execute("INSERT INTO app.kept VALUES (3)")
    assert upstream.kept() == [1, 3]


def test_psycopg_copies_in_and_out(driver, upstream):
    cursor = driver.cursor()
    with cursor.copy("COPY app.kept (id, body) FROM STDIN") as copy:
        for number in range(1000):
            copy.write_row((number, f"row {number}"))
    assert upstream.kept() == list(range(1000))
    with cursor.copy("COPY app.kept (id) TO STDOUT (FORMAT binary)") as copy:
        copy.set_types(["int4"])
        assert sorted(row[0] for row in copy.rows()) == list(range(1000))


def test_psycopg_reads_through_a_server_side_cursor(url):
    with psycopg.connect(url) as connection, connection.cursor("numbers") as cursor:
        cursor.execute("SELECT i FROM generate_series(1, 1000) AS t(i)")
        assert sum(row[0] for row in cursor) == 500500


def test_psycopg_cancels_a_statement(driver):
    threading.Timer(0.5, driver.cancel).start()
    before = time.monotonic()
    with pytest.raises(psycopg.errors.QueryCanceled):
        driver.execute("SELECT pg_sleep(30)")
    assert time.monotonic() - before < CLOSED_SOON
    assert one(driver.execute("SELECT 'still here'")) == "still here"


def test_what_the_server_says_at_login_is_what_the_client_hears(driver, upstream):
    with psycopg.connect(upstream.backend.url) as direct:
        for parameter in (
            "server_version", "server_encoding", "client_encoding", "DateStyle", "TimeZone", "integer_datetimes",
            "standard_conforming_strings", "is_superuser", "session_authorization", "IntervalStyle",
        ):  # fmt: skip
            assert driver.info.parameter_status(parameter) == direct.info.parameter_status(parameter), parameter


def test_a_notice_reaches_the_client(driver):
    heard = []
    driver.add_notice_handler(lambda notice: heard.append(notice.sqlstate))
    driver.execute("COMMIT")
    assert heard == ["25P01"]


# dblink and postgres_fdw, from a second PostgreSQL that plays RDS


@pytest.fixture
def shop(rds, target, upstream):
    """A connection of the ordinary user `app` to RDS, with the server `postgresml` set up as the guide says."""
    upstream.run(
        "CREATE OR REPLACE VIEW app.slow AS SELECT 1 AS id FROM pg_sleep(30)",
        "GRANT SELECT ON app.slow TO pg",
        "TRUNCATE app.inbox",
        f"INSERT INTO app.inbox (id, body) VALUES (1, '{HAPPY_PERSON}'), (2, '{HAPPY_DOG}'), (3, '{SUNNY_DAY}')",
    )
    rds.run(
        "DROP SERVER IF EXISTS postgresml CASCADE",
        "CREATE SERVER postgresml FOREIGN DATA WRAPPER postgres_fdw"
        f" OPTIONS (host '127.0.0.1', port '{target.port}', dbname 'pgml')",
        "GRANT USAGE ON FOREIGN SERVER postgresml TO app",
        database="shop",
    )
    with psycopg.connect(f"postgres://app:app@127.0.0.1:{rds.port}/shop", autocommit=True) as connection:
        connection.execute("CREATE USER MAPPING FOR CURRENT_USER SERVER postgresml OPTIONS (user 'pg', password 'ml')")
        yield connection


EMBED_BY_DBLINK = """
SELECT * FROM dblink('postgresml', 'SELECT * FROM pgml.embed(''{model}'', ''{text}'') AS embedding')
    AS t1(embedding real[384])
"""


def test_dblink_embeds_for_an_ordinary_user(shop):
    texts = (HAPPY_PERSON, HAPPY_DOG, SUNNY_DAY)
    vectors = [one(shop.execute(EMBED_BY_DBLINK.format(model=MODEL, text=text))) for text in texts]
    for vector in vectors:
        check_embedding(vector)
    check_meaning(*vectors)


@only_through_the_gateway
@pytest.mark.parametrize("refused", CONSTANTS, ids=name)
def test_dblink_passes_a_refusal_on(shop, refused):
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
        shop.execute("SELECT * FROM dblink('postgresml', %s) AS t1(answer text)", (refused.text,))
    check_refusal(error_fields(caught.value), refused.rule)


def test_dblink_opens_cursors_on_a_connection_of_its_own(shop):
    shop.execute("SELECT dblink_connect('link', 'postgresml')")
    shop.execute("SELECT dblink_open('link', 'c1', 'SELECT i FROM generate_series(1, 10) AS t(i)')")
    rows = shop.execute("SELECT i FROM dblink_fetch('link', 'c1', 7) AS t(i integer)").fetchall()
    assert [row[0] for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    shop.execute("SELECT dblink_close('link', 'c1')")
    shop.execute("SELECT dblink_exec('link', 'INSERT INTO app.kept VALUES (1)')")
    assert one(shop.execute("SELECT n FROM dblink('link', 'SELECT count(*) FROM app.kept') AS t(n bigint)")) == 1
    shop.execute("SELECT dblink_disconnect('link')")


def test_dblink_sends_a_query_and_fetches_it_later(shop):
    shop.execute("SELECT dblink_connect('link', 'postgresml')")
    shop.execute("SELECT dblink_send_query('link', 'SELECT 1; SELECT 2')")
    result = "SELECT n FROM dblink_get_result('link') AS t(n integer)"
    assert [shop.execute(result).fetchall() for _ in range(3)] == [[(1,)], [(2,)], []]


@pytest.fixture
def foreign(shop):
    """Foreign tables for app.inbox and the view that embeds it."""
    shop.execute("DROP FOREIGN TABLE IF EXISTS app.inbox, app.inbox_embedded, app.slow")
    options = "SERVER postgresml OPTIONS (schema_name 'app'"
    shop.execute(f"CREATE FOREIGN TABLE app.inbox (id integer, body text, embedding real[]) {options})")
    shop.execute(f"CREATE FOREIGN TABLE app.inbox_embedded (id integer, body text, embedding real[]) {options})")
    shop.execute(f"CREATE FOREIGN TABLE app.slow (id integer) {options})")
    return shop


def test_a_foreign_table_over_the_embedding_view_gives_embeddings(foreign):
    rows = foreign.execute("SELECT embedding FROM app.inbox_embedded ORDER BY id").fetchall()
    check_meaning(*(row[0] for row in rows))
    check_embedding(one(foreign.execute("SELECT embedding FROM app.inbox_embedded WHERE id = %s", (2,))))


def test_a_foreign_table_is_written(foreign, upstream):
    with foreign.transaction():
        foreign.execute("INSERT INTO app.inbox (id, body) SELECT i, 'text ' || i FROM generate_series(10, 15) AS t(i)")
        foreign.execute("UPDATE app.inbox SET body = 'changed' WHERE id = 10")
        foreign.execute("UPDATE app.inbox SET body = body || random()::text WHERE id = 11")
        foreign.execute("DELETE FROM app.inbox WHERE id > 13")
    rows = dict(upstream.run("SELECT id, body FROM app.inbox WHERE id >= 10"))
    assert sorted(rows) == [10, 11, 12, 13]
    assert rows[10] == "changed" and rows[11].startswith("text 110.")


def test_a_foreign_table_is_written_in_batches(foreign, upstream):
    foreign.execute("ALTER FOREIGN TABLE app.inbox OPTIONS (ADD batch_size '100')")
    foreign.execute("INSERT INTO app.inbox (id, body) SELECT i, 'text' FROM generate_series(100, 349) AS t(i)")
    assert upstream.run("SELECT count(*) FROM app.inbox WHERE id >= 100") == [(250,)]


def test_savepoints_on_foreign_tables(foreign, upstream):
    with foreign.transaction():
        foreign.execute("INSERT INTO app.inbox (id) VALUES (10)")
        with pytest.raises(psycopg.errors.UniqueViolation), foreign.transaction():
            foreign.execute("INSERT INTO app.inbox (id) VALUES (11)")
            foreign.execute("INSERT INTO app.inbox (id) VALUES (10)")
        foreign.execute("INSERT INTO app.inbox (id) VALUES (12)")
    assert upstream.run("SELECT id FROM app.inbox WHERE id >= 10 ORDER BY id") == [(10,), (12,)]


def test_aggregates_and_estimates_are_pushed_down(foreign):
    assert one(foreign.execute("SELECT count(*) FROM app.inbox WHERE body LIKE 'That%'")) == 2
    foreign.execute("ALTER FOREIGN TABLE app.inbox OPTIONS (ADD use_remote_estimate 'true')")
    assert one(foreign.execute("SELECT max(id) FROM app.inbox")) == 3
    foreign.execute("ANALYZE app.inbox")


def test_a_foreign_schema_is_imported(shop):
    shop.execute("DROP FOREIGN TABLE IF EXISTS app.inbox, app.inbox_embedded, app.slow, app.kept, app.secret")
    shop.execute("IMPORT FOREIGN SCHEMA app LIMIT TO (inbox, inbox_embedded) FROM SERVER postgresml INTO app")
    assert one(shop.execute("SELECT count(*) FROM app.inbox")) == 3
    check_embedding(one(shop.execute("SELECT embedding FROM app.inbox_embedded WHERE id = 1")))


def test_a_statement_timeout_on_rds_stops_the_statement_upstream(foreign, upstream):
    foreign.execute("SET statement_timeout = '500ms'")
    before = time.monotonic()
    with pytest.raises(psycopg.errors.QueryCanceled):
        foreign.execute("SELECT * FROM app.slow")
    assert time.monotonic() - before < CLOSED_SOON
    running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%app.slow%' AND pid <> pg_backend_pid()"
    assert upstream.run(running) == [(0,)]
    foreign.execute("RESET statement_timeout")
    assert one(foreign.execute("SELECT count(*) FROM app.inbox")) == 3


@only_through_the_gateway
def test_an_unlisted_foreign_table_is_refused(shop):
    shop.execute("DROP FOREIGN TABLE IF EXISTS app.secret")
    shop.execute("CREATE FOREIGN TABLE app.secret (id integer) SERVER postgresml OPTIONS (schema_name 'app')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
        shop.execute("SELECT * FROM app.secret")
    check_refusal(error_fields(caught.value), "relations")
    shop.execute("DROP FOREIGN TABLE app.secret")
