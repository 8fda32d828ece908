#!/usr/bin/python3
"""The main job of pgml-gateway from start to finish, as a transcript: `make demo`.

Starts the embedded backend, the gateway with copies of the repository's own gateway.toml and plugins.d, and a second PostgreSQL that
plays RDS; does on RDS what the pgml-rds-proxy guide tells users to do; then tries what must be refused. Ends with 0
only when every step did what it should, and leaves nothing running, however it ends.
"""

import os
import re
import shutil
import signal
import socket
import sys
import textwrap
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "Tests" / "Integration"))
sys.dont_write_bytecode = True

import backend_fixture  # noqa: F401  (makes psycopg importable)
import checks
import cluster
import gateway as gateways
import psycopg
from keeper import Keeper
from refusals import CONSTANTS, MODEL, PARAMETERS
from upstream import Upstream

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
WIDTH = min(110, shutil.get_terminal_size().columns) if sys.stdout.isatty() else 100


class Screen:
    """Writes the transcript; counts what was checked."""

    colours = {"title": "1", "sql": "36", "good": "32", "bad": "31", "dim": "2", "refused": "33"}

    def __init__(self):
        self.in_colour = sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and "NO_COLOR" not in os.environ
        self.checks = 0

    def paint(self, kind, text):
        return f"\x1b[{self.colours[kind]}m{text}\x1b[0m" if self.in_colour else text

    def line(self, text=""):
        print(text, flush=True)

    def title(self, text):
        self.line()
        self.line(self.paint("title", text))
        self.line()

    def sql(self, prompt, statement):
        flat = re.sub(r"\s+", " ", statement).strip()
        indent = " " * (len(prompt) + 3)
        wrapped = textwrap.wrap(flat, WIDTH - len(indent), break_long_words=False, break_on_hyphens=False)
        self.line(f"  {self.paint('dim', prompt)} " + self.paint("sql", ("\n" + indent).join(wrapped)))

    def answer(self, text):
        self.line(f"      {text}")

    def error(self, fields):
        for word, letter in (("ERROR", "M"), ("DETAIL", "D"), ("HINT", "H")):
            if letter in fields:
                lines = textwrap.wrap(f"{word}:  {fields[letter]}", WIDTH - 6, break_long_words=False)
                self.answer(self.paint("refused", "\n              ".join(lines)))

    def good(self, text):
        self.checks += 1
        lines = textwrap.wrap(text, WIDTH - 8, break_long_words=False)
        self.answer(self.paint("good", "✓ " + "\n        ".join(lines)))


class Demonstration:
    def __init__(self, screen, keeper):
        self.screen, self.keeper = screen, keeper
        self.gateway_log = Path(keeper.new_folder("demo")) / "gateway.log"
        self.stops = []

    # The three servers

    def start(self):
        say = self.screen
        say.title("Three servers")
        self.upstream = Upstream(self.keeper, self.keeper.new_folder)
        self.stops.append(self.upstream.stop)
        say.answer(f"PostgresML   PostgreSQL 15, schema pgml, real embeddings     127.0.0.1:{self.upstream.backend.port}")
        url = self.upstream.tapped_url
        # In a folder of its own, for its audit log; one that `make run` has started keeps the repository's.
        folder = gateways.lay_out(self.keeper.new_folder("demo-gateway"), (REPOSITORY / "gateway.toml").read_text())
        self.gateway = gateways.Gateway(folder, self.keeper, url, self.gateway_log, usual_port())
        self.stops.append(self.gateway.stop)
        self.gateway.start()
        say.answer(f"gateway      gateway.toml, plugins.d/10-allowlist.toml       127.0.0.1:{self.gateway.port}")
        self.rds = cluster.Cluster(self.keeper.new_folder("rds"), self.keeper).create().start()
        self.stops.append(self.rds.stop)
        say.answer(f"RDS          another PostgreSQL 15, database shop            127.0.0.1:{self.rds.port}")

    def stop(self):
        while self.stops:
            self.stops.pop()()

    # What the guide tells users to run

    def set_up_rds(self):
        say = self.screen
        self.rds.run("CREATE DATABASE shop", "CREATE ROLE app LOGIN PASSWORD 'app'")
        say.title("On RDS, as its administrator: once")
        for statement in (
            "CREATE EXTENSION dblink",
            "CREATE EXTENSION postgres_fdw",
            "CREATE SERVER postgresml FOREIGN DATA WRAPPER postgres_fdw"
            f" OPTIONS (host '127.0.0.1', port '{self.gateway.port}', dbname 'pgml')",
            "GRANT USAGE ON FOREIGN SERVER postgresml TO app",
            "CREATE SCHEMA app AUTHORIZATION app",
        ):
            say.sql("shop=#", statement + ";")
            self.rds.run(statement, database="shop")
        self.app = psycopg.connect(f"postgres://app:app@127.0.0.1:{self.rds.port}/shop", autocommit=True)
        self.stops.append(self.app.close)
        say.line()
        statement = "CREATE USER MAPPING FOR CURRENT_USER SERVER postgresml OPTIONS (user 'pg', password 'ml')"
        say.sql("shop=>", statement + ";")
        self.app.execute(statement)
        say.good("set up as the guide says")

    def embed_by_dblink(self):
        say = self.screen
        say.title("On RDS, as the ordinary user app: dblink")
        vectors = []
        for text in TEXTS:
            statement = (
                f"SELECT * FROM dblink('postgresml', 'SELECT * FROM pgml.embed(''{MODEL}'', ''{text}'') AS embedding')"
                " AS t1(embedding real[])"
            )
            before = time.monotonic()
            vector = self.app.execute(statement).fetchone()[0]
            milliseconds = 1000 * (time.monotonic() - before)
            if not vectors:
                say.sql("shop=>", statement + ";")
                say.answer("{" + ", ".join(f"{number:.4f}" for number in vector[:5]) + ", …}")
                checks.check_embedding(vector)
                say.good(f"{len(vector)} numbers, {milliseconds:.0f} ms with a new connection and its login")
            vectors.append(vector)
        dog, day = checks.check_meaning(*vectors)
        say.good(f"they mean something: “{TEXTS[0]}” is nearer to “{TEXTS[1]}” ({dog:.2f}) than to “{TEXTS[2]}” ({day:.2f})")

    def embed_by_foreign_table(self):
        say = self.screen
        say.title("The same as a foreign table: every row is embedded as it is read")
        imported = "IMPORT FOREIGN SCHEMA app LIMIT TO (inbox, inbox_embedded) FROM SERVER postgresml INTO app"
        say.sql("shop=>", imported + ";")
        self.app.execute(imported)
        select = "SELECT id, body, embedding FROM app.inbox_embedded ORDER BY id"
        say.sql("shop=>", select + ";")
        rows = self.app.execute(select).fetchall()
        for number, body, vector in rows:
            checks.check_embedding(vector)
            say.answer(f"{number} | {body:<28} | {{{vector[0]:.4f}, {vector[1]:.4f}, …}}")
        by_text = {body: vector for _, body, vector in rows}
        checks.check_meaning(*(by_text[text] for text in TEXTS))
        say.good(f"{len(rows)} rows, read by postgres_fdw through a cursor in a transaction")

    def load_and_search(self):
        say = self.screen
        say.title("In bulk: RDS's own rows go over, are embedded there, and are searched by meaning")
        self.app.execute("CREATE TABLE app.notes (id integer PRIMARY KEY, body text)")
        for number, note in enumerate(NOTES, 201):
            self.app.execute("INSERT INTO app.notes VALUES (%s, %s)", (number, note))
        say.answer(f"app.notes: {len(NOTES)} rows, “{NOTES[0]}”, “{NOTES[1]}” …")
        self.upstream.forget()
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
            done = self.app.execute(statement).statusmessage
            say.answer(done)
            assert done == tag, done
        last_parameter = f"${3 * len(NOTES)})"  # postgres_fdw sends all three columns of each row
        assert self.upstream.saw(last_parameter), "the rows did not go over in one batch"
        assert self.upstream.saw("SET embedding = r2.embedding FROM app.inbox_embedded r2"), "the join was done on RDS"
        assert not self.upstream.saw("WHERE ctid = $1"), "rows were updated one by one"
        stored = self.upstream.run("SELECT body, embedding FROM app.inbox WHERE id > 200 ORDER BY id")
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
        found = self.app.execute(search).fetchall()
        for similarity, body in found:
            say.answer(f"{similarity} | {body}")
        assert len(found) == 3 and found[0][1] == NOTES[0], found
        say.good(f"“{QUESTION}” finds “{NOTES[0]}”, without a word in common")

    def embed_by_driver(self):
        say = self.screen
        say.title("From a driver, with bound parameters (psycopg, extended protocol)")
        say.answer(f"$1 = {MODEL}, $2 = {TEXTS[0]}")
        self.driver = psycopg.connect(f"postgres://pg:ml@127.0.0.1:{self.gateway.port}/pgml", autocommit=True)
        self.stops.append(self.driver.close)
        for placeholder, binary in (("%t", False), ("%b", True)):
            query = f"SELECT pgml.embed({placeholder}::text, {placeholder}::text)"
            say.sql("pgml>", f'SELECT pgml.embed($1, $2)')
            vector = self.driver.execute(query, (MODEL, TEXTS[0]), binary=binary).fetchone()[0]
            checks.check_embedding(vector)
            say.good(f"{len(vector)} numbers, parameters in {'binary' if binary else 'text'} format")

    # What is refused

    def refuse(self):
        say = self.screen
        say.title("What the policy does not list is refused, and PostgresML does not see a byte of it")
        for constant, bound in zip(CONSTANTS, PARAMETERS):
            self.upstream.forget()
            say.sql("shop=>", constant.text + ";")
            fields = self.refusal(self.app, "SELECT * FROM dblink('postgresml', %s) AS t1(answer text)", (constant.text,))
            say.error(fields)
            checks.check_refusal(fields, constant.rule)
            checks.check_unseen(self.upstream.saw, constant.secrets)
            say.good("simple protocol, by dblink: 42501, nothing forwarded")
            for placeholder in ("%t", "%b"):
                query = re.sub(r"\$\d", placeholder, bound.text)
                checks.check_refusal(self.refusal(self.driver, query, bound.values), bound.rule)
                checks.check_unseen(self.upstream.saw, bound.secrets)
            say.good(f"extended protocol, by driver, parameters as text and as binary: refused at {bound.refused_at}")
            assert self.driver.execute("SELECT 'still here'").fetchone() == ("still here",)
            say.line()
        say.good("after each refusal the next statement worked")

    def refuse_in_a_transaction(self):
        say = self.screen
        say.title("A refusal is an error like any other: it takes its transaction along")
        for statement in ("BEGIN", "INSERT INTO app.inbox (id, body) VALUES (100, 'written before')"):
            say.sql("pgml>", statement + ";")
            self.driver.execute(statement)
        say.sql("pgml>", CONSTANTS[0].text + ";")
        fields = self.refusal(self.driver, CONSTANTS[0].text)
        say.answer(say.paint("refused", f"ERROR:  {fields['M']}"))
        checks.check_refusal(fields, CONSTANTS[0].rule)
        say.sql("pgml>", "COMMIT;")
        tag = self.driver.execute("COMMIT").statusmessage
        say.answer(tag)
        assert tag == "ROLLBACK", tag
        say.sql("pgml>", "SELECT count(*) FROM app.inbox WHERE id = 100;")
        count = self.driver.execute("SELECT count(*) FROM app.inbox WHERE id = 100").fetchone()[0]
        say.answer(str(count))
        assert count == 0, "the row is still there"
        say.good("the row written before the refusal is gone")

    @staticmethod
    def refusal(connection, query, values=None):
        try:
            connection.execute(query, values)
        except psycopg.Error as error:
            return checks.error_fields(error)
        raise AssertionError(f"was not refused: {query}")


def usual_port():
    """6432 where nobody has it, else a free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 6432))
        except OSError:
            return None
    return 6432


def interrupted(number, _):
    raise SystemExit(128 + number)


def main():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, interrupted)
    cluster.require_server_programs()
    began = time.monotonic()
    screen, keeper = Screen(), Keeper()
    demonstration = Demonstration(screen, keeper)
    screen.line(screen.paint("title", "pgml-gateway: RDS asks PostgresML, and only what a policy lists gets through"))
    try:
        demonstration.start()
        demonstration.set_up_rds()
        demonstration.embed_by_dblink()
        demonstration.embed_by_foreign_table()
        demonstration.load_and_search()
        demonstration.embed_by_driver()
        demonstration.refuse()
        demonstration.refuse_in_a_transaction()
    except Exception as problem:
        screen.line()
        screen.answer(screen.paint("bad", f"✗ {type(problem).__name__}: {problem}"))
        log = demonstration.gateway_log
        if log.exists():
            screen.line("\nThe gateway's log ends with:\n" + textwrap.indent(log.read_text()[-2000:], "    "))
        return 1
    finally:
        demonstration.stop()
        keeper.close()
    screen.title(f"{screen.checks} checks passed in {time.monotonic() - began:.0f} s; all three servers are stopped again")
    return 0


if __name__ == "__main__":
    sys.exit(main())
