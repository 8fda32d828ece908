"""The demonstration's first part: what the pgml-rds-proxy guide tells users to do on RDS, and what they gain by it."""

import time

import checks
import psycopg
from refusals import MODEL

TEXTS = ("That is a happy person", "That is a happy dog", "Today is a sunny day")
NOTES = (
    "The parcel came two weeks late",
    "I was charged twice for one order",
    "The colour is not the one in the picture",
    "My driver rang the bell and smiled",
    "I cannot sign in with my new password",
    "It broke on the second day",
    "Please send me the invoice again",
    "Best coffee machine I ever had",
)
QUESTION = "My delivery has not arrived on time"


def set_up_rds(site):
    say = site.screen
    site.rds.run("CREATE DATABASE shop", "CREATE ROLE app LOGIN PASSWORD 'app'")
    say.title("On RDS, as its administrator: once")
    say.why("Why: SQL on RDS is to ask the model, and to RDS PostgresML is one more PostgreSQL server.")
    for statement in (
        "CREATE EXTENSION dblink",
        "CREATE EXTENSION postgres_fdw",
        "CREATE SERVER postgresml FOREIGN DATA WRAPPER postgres_fdw"
        f" OPTIONS (host '127.0.0.1', port '{site.gateway.port}', dbname 'pgml')",
        "GRANT USAGE ON FOREIGN SERVER postgresml TO app",
        "CREATE SCHEMA app AUTHORIZATION app",
    ):
        say.sql("shop=#", statement + ";")
        site.rds.run(statement, database="shop")
    site.app = psycopg.connect(f"postgres://app:app@127.0.0.1:{site.rds.port}/shop", autocommit=True)
    site.stops.append(site.app.close)
    say.line()
    statement = "CREATE USER MAPPING FOR CURRENT_USER SERVER postgresml OPTIONS (user 'pg', password 'ml')"
    say.sql("shop=>", statement + ";")
    site.app.execute(statement)
    say.good("set up as the guide says")


def embed_by_dblink(site):
    say = site.screen
    say.title("On RDS, as the ordinary user app: dblink")
    say.why("Why: one statement on RDS, one embedding, nothing to install in the application.")
    vectors = []
    for text in TEXTS:
        statement = (
            f"SELECT * FROM dblink('postgresml', 'SELECT * FROM pgml.embed(''{MODEL}'', ''{text}'') AS embedding')"
            " AS t1(embedding real[])"
        )
        before = time.monotonic()
        vector = site.app.execute(statement).fetchone()[0]
        milliseconds = 1000 * (time.monotonic() - before)
        if not vectors:
            say.sql("shop=>", statement + ";")
            say.answer("{" + ", ".join(f"{number:.4f}" for number in vector[:5]) + ", …}")
            checks.check_embedding(vector)
            say.good(f"{len(vector)} numbers, {milliseconds:.0f} ms with a new connection and its login")
        vectors.append(vector)
    dog, day = checks.check_meaning(*vectors)
    say.good(f"they mean something: “{TEXTS[0]}” is nearer to “{TEXTS[1]}” ({dog:.2f}) than to “{TEXTS[2]}” ({day:.2f})")


def embed_by_foreign_table(site):
    say = site.screen
    say.title("The same as a foreign table: every row is embedded as it is read")
    say.why("Why: postgres_fdw makes a remote view a table that RDS can join.")
    imported = "IMPORT FOREIGN SCHEMA app LIMIT TO (inbox, inbox_embedded) FROM SERVER postgresml INTO app"
    say.sql("shop=>", imported + ";")
    site.app.execute(imported)
    select = "SELECT id, body, embedding FROM app.inbox_embedded ORDER BY id"
    say.sql("shop=>", select + ";")
    rows = site.app.execute(select).fetchall()
    for number, body, vector in rows:
        checks.check_embedding(vector)
        say.answer(f"{number} | {body:<28} | {{{vector[0]:.4f}, {vector[1]:.4f}, …}}")
    by_text = {body: vector for _, body, vector in rows}
    checks.check_meaning(*(by_text[text] for text in TEXTS))
    say.good(f"{len(rows)} rows, read by postgres_fdw through a cursor in a transaction")


def load_and_search(site):
    say = site.screen
    say.title("In bulk: RDS's own rows go over, are embedded there, and are searched by meaning")
    say.why("Why: thousands of rows must not be thousands of round trips.")
    site.app.execute("CREATE TABLE app.notes (id integer PRIMARY KEY, body text)")
    for number, note in enumerate(NOTES, 201):
        site.app.execute("INSERT INTO app.notes VALUES (%s, %s)", (number, note))
    say.answer(f"app.notes: {len(NOTES)} rows, “{NOTES[0]}”, “{NOTES[1]}” …")
    site.upstream.forget()
    for statement, tag in (
        ("ALTER FOREIGN TABLE app.inbox OPTIONS (ADD batch_size '100')", "ALTER FOREIGN TABLE"),
        ("INSERT INTO app.inbox (id, body) SELECT id, body FROM app.notes", f"INSERT 0 {len(NOTES)}"),
        (
            "UPDATE app.inbox SET embedding = e.embedding FROM app.inbox_embedded e"
            " WHERE e.id = inbox.id AND inbox.embedding IS NULL",
            f"UPDATE {len(NOTES) + 4}",  # and what was there from the start
        ),
    ):
        say.sql("shop=>", statement + ";")
        done = site.app.execute(statement).statusmessage
        say.answer(done)
        assert done == tag, done
    last_parameter = f"${3 * len(NOTES)})"  # postgres_fdw sends all three columns of each row
    assert site.upstream.saw(last_parameter), "the rows did not go over in one batch"
    assert site.upstream.saw("SET embedding = r2.embedding FROM app.inbox_embedded r2"), "the join was done on RDS"
    assert not site.upstream.saw("WHERE ctid = $1"), "rows were updated one by one"
    stored = site.upstream.run("SELECT body, embedding FROM app.inbox WHERE id > 200 ORDER BY id")
    assert [body for body, _ in stored] == list(NOTES), stored
    for _, vector in stored:
        checks.check_embedding(vector)
    say.good(f"{len(NOTES)} rows in one INSERT of postgres_fdw's; the UPDATE was done over there, no vector travelled")
    search = (
        "SELECT round(similarity::numeric, 2) AS similarity, body FROM dblink('postgresml', $$ SELECT id,"
        f" pgml.cosine_similarity(embedding, pgml.embed('{MODEL}', '{QUESTION}')) FROM app.inbox"
        " WHERE id > 200 ORDER BY 2 DESC LIMIT 3 $$) AS found(id integer, similarity real)"
        " JOIN app.notes USING (id) ORDER BY 1 DESC"
    )
    say.sql("shop=>", search + ";")
    found = site.app.execute(search).fetchall()
    for similarity, body in found:
        say.answer(f"{similarity} | {body}")
    assert len(found) == 3 and found[0][1] == NOTES[0], found
    say.good(f"“{QUESTION}” finds “{NOTES[0]}”, without a word in common")


def embed_by_driver(site):
    say = site.screen
    say.title("From a driver, with bound parameters (psycopg, extended protocol)")
    say.why("Why: what comes as a parameter is judged like what stands in the text.")
    say.answer(f"$1 = {MODEL}, $2 = {TEXTS[0]}")
    site.driver = site.connect("pg", "ml")
    for placeholder, binary in (("%t", False), ("%b", True)):
        query = f"SELECT pgml.embed({placeholder}::text, {placeholder}::text)"
        say.sql("pgml>", f'SELECT pgml.embed($1, $2)')
        vector = site.driver.execute(query, (MODEL, TEXTS[0]), binary=binary).fetchone()[0]
        checks.check_embedding(vector)
        say.good(f"{len(vector)} numbers, parameters in {'binary' if binary else 'text'} format")
