"""Whatever state a client leaves on a server connection, no other client ever sees it, and it never loses it.

Directed tests, one for each kind of state: two clients, and the proof that they share a server connection, in
transaction pooling. Then a crowd on two connections, each doing all of it at random: what each of them reads must be what
it reads alone on a PostgreSQL of its own. A run has a small crowd and so many steps at most; `PGML_CLIENTS=200` makes it
hundreds, and `PGML_STEPS=…` or `PGML_SESSIONS=…` play more (test_differential.py).

No policy stands between them and the server, and they are superusers: everything goes.
"""

import asyncio
import contextlib
import os
import time
from dataclasses import dataclass, field

import cluster
import gateway as gateways
import pgwire
import pytest
import sessions
from conftest import GATEWAYS, SHARED, TARGETS, Target, admit_the_tests, in_every_mode, in_transaction_pooling

SECONDS, STEPS = 10, 20_000
# Many clients, where they share; a server connection for each of them where they do not.
AT_A_TIME = {"session": 24, "transaction": int(os.environ.get("PGML_CLIENTS", "40"))}
# A listener is told at once, not when it says something the next time.
PROMPTLY = 2.0

OBJECTS = """
CREATE ROLE pg LOGIN SUPERUSER PASSWORD 'ml';
CREATE ROLE somebody;
"""
IN_DATABASE = """
CREATE TABLE shadow AS SELECT 'everybody''s' AS whose;
CREATE SEQUENCE numbers;
CREATE TABLE reshaped (a integer);
INSERT INTO reshaped VALUES (1);
CREATE TABLE drawn (id serial);
"""


@pytest.fixture(scope="module")
def server(keeper, new_folder):
    settings = {"max_connections": 300, "timezone": "UTC"}
    server = cluster.Cluster(new_folder("leaks"), keeper, settings=settings).create().start()
    try:
        server.run("CREATE DATABASE pgml", OBJECTS)
        server.run(IN_DATABASE, sessions.OBJECTS, sessions.SNEAKY, database="pgml")
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def open_gateway(start_gateway, server):
    """Gateways without a policy in front of the server, by pool mode."""
    started = {}

    def start(mode):
        if mode not in started:
            # One reactor: clients that take turns then meet on one server connection.
            pool = {"size": SHARED} if mode == "transaction" else None
            started[mode] = start_gateway(
                gateways.toml(mode, pool, unrestricted=True, reactors=1),
                edit_policy=lambda policy: "enabled = false\n" + policy,
                url=f"postgres://pg:ml@127.0.0.1:{server.port}/pgml",
            )
        return started[mode]

    return start


@pytest.fixture(params=TARGETS)
def place(request, server, open_gateway):
    """Where the clients meet."""
    if request.param == "postgresql":
        return Target(request.param, server.port)
    mode = "transaction" if request.param == "gateway-transaction" else "session"
    return Target(request.param, open_gateway(mode).port)


@pytest.fixture
def two(place):
    with place.connect() as one, place.connect() as other:
        share(place, one, other)
        yield one, other


@pytest.fixture
def two_on_one(place, two):
    """Two clients that have one server connection between them all the while."""
    with squeezed(place):
        yield two


def look(connection, query):
    """What the query shows: its rows, or its error."""
    try:
        return connection.run(query)
    except pgwire.ServerError as error:
        return error.fields["C"]


def pid(connection):
    ((value,),) = connection.run("SELECT pg_backend_pid()")
    return int(value)


@contextlib.contextmanager
def squeezed(place):
    """Somebody else holds one of the two server connections for a while: all others have to share the other one."""
    if not place.has_transaction_pooling:
        yield
        return
    with place.connect() as holder:
        holder.run("BEGIN")
        holder.run("SELECT 1")
        yield
        holder.run("ROLLBACK")


def share(place, one, other):
    """Where the two clients can share a server connection, they do; elsewhere they have one each."""
    with squeezed(place):
        assert (pid(one) == pid(other)) == place.has_transaction_pooling


# Every kind of state


@dataclass(frozen=True)
class State:
    """`make` changes what `look` shows, `undo` takes it back. `startup` is what the client brings along.

    docs/pooling.md says what moves along and what pins, which here is asserted: "moves", "pins", or "stays" for a pin that
    lasts as long as its client. `rest` is what may remain for others to see, a difference that is documented too."""

    name: str
    make: tuple
    look: str
    undo: tuple = ()
    kind: str = "pins"
    startup: dict = field(default_factory=dict)
    rest: object = None


def setting(name, made, shown, undo=None):
    return State(name, (made,), f"SHOW {shown}", (undo or f"RESET {shown}",), "moves")


LOCKS = "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() ORDER BY 1"
STATEMENTS = "SELECT name, statement, from_sql FROM pg_prepared_statements ORDER BY name"
WHO = "SELECT current_user, session_user"
STATES = [
    setting("SET", "SET work_mem = '2MB'", "work_mem"),
    setting("SET TO", "SET work_mem TO '2MB'", "work_mem", "SET work_mem TO DEFAULT"),
    setting("SET SESSION", "SET SESSION work_mem = '3MB'", "work_mem", "SET work_mem = DEFAULT"),
    setting("a reported setting", "SET application_name = 'mine'", "application_name"),
    setting("SET TIME ZONE", "SET TIME ZONE 'Asia/Tokyo'", "timezone", "SET TIME ZONE DEFAULT"),
    setting("SET TIME ZONE LOCAL", "SET TIME ZONE -7", "timezone", "SET TIME ZONE LOCAL"),
    setting("SET NAMES", "SET NAMES 'LATIN1'", "client_encoding", "SET NAMES DEFAULT"),
    setting("SET SCHEMA", "SET SCHEMA 'slots'", "search_path", "RESET search_path"),
    setting("a list", "SET search_path = slots, pg_catalog, \"A b\"", "search_path"),
    setting("strings with backslashes", "SET standard_conforming_strings = off", "standard_conforming_strings"),
    setting("set_config", "SELECT set_config('work_mem', '2MB', false)", "work_mem"),
    setting("set_config for a computed name", "SELECT set_config('work' || '_mem', '2MB', false)", "work_mem"),
    setting("set_config in the extended protocol's place", "DO $$ BEGIN PERFORM set_config('work_mem', '2MB', false); END $$", "work_mem"),
    setting("SET in a function", "SELECT slots.sneaky('work_mem', '2MB')", "work_mem"),
    setting("EXECUTE in a DO block", "DO $$ BEGIN EXECUTE 'SET work_mem = ''2MB'''; END $$", "work_mem"),
    setting("UPDATE pg_settings", "UPDATE pg_settings SET setting = '2048' WHERE name = 'work_mem'", "work_mem"),
    setting("many statements", "SET work_mem = '2MB'; SELECT 1; SET work_mem = '3MB'", "work_mem"),
    setting("a committed transaction", "BEGIN; SET work_mem = '2MB'; COMMIT", "work_mem"),
    setting("RESET ALL", "SET work_mem = '2MB'", "work_mem", "RESET ALL"),
    setting("DISCARD ALL", "SET work_mem = '2MB'", "work_mem", "DISCARD ALL"),
    setting(
        "SESSION CHARACTERISTICS", "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY",
        "transaction_isolation", "RESET default_transaction_isolation; RESET default_transaction_read_only",
    ),
    setting("read only", "SET default_transaction_read_only = on", "transaction_read_only", "RESET default_transaction_read_only"),
    setting("only superusers may set it", "SET session_replication_role = 'replica'", "session_replication_role"),
    State("a setting of one's own", ("SET my.own = 'mine'",), "SELECT current_setting('my.own', true)", ("RESET my.own",), "moves", rest=[[b""]]),
    State("SHOW of a setting of one's own", ("SET my.shown = 'mine'",), "SHOW my.shown", ("RESET my.shown",), "moves", rest=[[b""]]),
    State("SET ROLE", ("SET ROLE somebody",), WHO, ("RESET ROLE",)),
    State("SET SESSION AUTHORIZATION", ("SET SESSION AUTHORIZATION somebody",), WHO, ("RESET SESSION AUTHORIZATION",)),
    State("SET SESSION ROLE NONE", ("SET SESSION ROLE somebody",), WHO, ("SET ROLE NONE",)),
    State("a temporary table", ("CREATE TEMP TABLE tt AS SELECT 'mine' AS x",), "SELECT * FROM tt", ("DROP TABLE tt",)),
    State("SELECT INTO TEMP", ("SELECT 'mine' AS x INTO TEMP tt",), "SELECT * FROM tt", ("DROP TABLE tt",)),
    State("a table in pg_temp", ("CREATE TABLE pg_temp.tt (x integer)",), "SELECT * FROM tt", ("DISCARD TEMP",)),
    State("a temporary view", ("CREATE TEMP VIEW tv AS SELECT 'mine' AS x",), "SELECT * FROM tv", ("DROP VIEW tv",)),
    State("a temporary sequence", ("CREATE TEMP SEQUENCE ts",), "SELECT last_value FROM ts", ("DROP SEQUENCE ts",)),
    State(
        "a temporary function", ("CREATE FUNCTION pg_temp.tf() RETURNS integer LANGUAGE sql AS 'SELECT 1'",),
        "SELECT pg_temp.tf()", ("DROP FUNCTION pg_temp.tf()",), rest="42883",
    ),
    State(
        "a temporary type", ("CREATE TYPE pg_temp.mood AS ENUM ('good')",), "SELECT 'good'::pg_temp.mood",
        ("DROP TYPE pg_temp.mood",), rest="42704",
    ),
    State(
        "a temporary table that hides another", ("CREATE TEMP TABLE shadow AS SELECT 'mine' AS whose",),
        "SELECT whose FROM shadow", ("DROP TABLE pg_temp.shadow",),
    ),
    State("a temporary table made in a DO block", ("DO $$ BEGIN CREATE TEMP TABLE tt (x integer); END $$",), "SELECT * FROM tt", ("DROP TABLE tt",)),
    State("a temporary table made in a function", ("SELECT slots.sneaky_table()",), "SELECT * FROM sneaked", ("DROP TABLE sneaked",)),
    State("a temporary table made by EXECUTE", ("PREPARE p AS SELECT slots.sneaky_table()", "EXECUTE p", "DEALLOCATE p"), "SELECT * FROM sneaked", ("DROP TABLE sneaked",)),
    State("LISTEN", ("LISTEN mine",), "SELECT pg_listening_channels()", ("UNLISTEN mine",)),
    State("LISTEN in a transaction", ("BEGIN", "LISTEN mine", "COMMIT"), "SELECT pg_listening_channels()", ("UNLISTEN *",)),
    State("an advisory lock", ("SELECT pg_advisory_lock(7)",), LOCKS, ("SELECT pg_advisory_unlock(7)",)),
    State("a shared advisory lock", ("SELECT pg_try_advisory_lock_shared(7)",), LOCKS, ("SELECT pg_advisory_unlock_all()",)),
    State("an advisory lock taken twice", ("SELECT pg_advisory_lock(7), pg_advisory_lock(7)",), LOCKS, ("SELECT pg_advisory_unlock(7)", "SELECT pg_advisory_unlock(7)")),
    State("an advisory lock taken in a DO block", ("DO $$ BEGIN PERFORM pg_advisory_lock(7); END $$",), LOCKS, ("DISCARD ALL",)),
    State("an advisory lock of a transaction that failed", ("BEGIN", "SELECT pg_advisory_lock(7)", "ROLLBACK"), LOCKS, ("SELECT pg_advisory_unlock(7)",)),
    State(
        "a WITH HOLD cursor", ("BEGIN", "DECLARE c CURSOR WITH HOLD FOR SELECT generate_series(1, 3)", "COMMIT"),
        "SELECT name, statement FROM pg_cursors WHERE name <> ''", ("CLOSE c",),
    ),
    State(
        "a WITH HOLD cursor without a transaction", ("DECLARE c CURSOR WITH HOLD FOR SELECT 1",),
        "SELECT name FROM pg_cursors WHERE name <> ''", ("CLOSE ALL",),
    ),
    State("PREPARE", ("PREPARE p AS SELECT 'mine'",), STATEMENTS, ("DEALLOCATE p",)),
    State("PREPARE, undone by DEALLOCATE ALL", ("PREPARE p AS SELECT 'mine'",), STATEMENTS, ("DEALLOCATE ALL",)),
    State("PREPARE, executed", ("PREPARE p(int) AS SELECT $1 + 1",), "EXECUTE p(1)", ("DEALLOCATE PREPARE p",)),
    State("currval", ("SELECT setval('numbers', 7)",), "SELECT currval('numbers')", ("DISCARD SEQUENCES",)),
    State("lastval", ("SELECT setval('numbers', 6); SELECT nextval('numbers')",), "SELECT lastval()", ("DISCARD SEQUENCES",)),
    State("LOAD", ("LOAD 'auto_explain'",), "SELECT count(*) FROM pg_settings WHERE name LIKE 'auto_explain.%'", kind="stays"),
    State("a startup parameter", (), "SHOW work_mem", ("SET work_mem = '4MB'",), "moves", {"work_mem": "5MB"}),
    State("a startup option", (), "SHOW work_mem", ("SET work_mem = '4MB'",), "moves", {"options": "-c work_mem=5MB"}),
    State("a startup option of one's own", (), "SELECT current_setting('my.begun', true)", (), "moves", {"options": "-c my.begun=mine"}, [[b""]]),
    State("a startup time zone", (), "SHOW timezone", ("SET timezone = 'UTC'",), "moves", {"TimeZone": "Asia/Kolkata"}),
]  # fmt: skip


def name(case):
    return case.name


@pytest.mark.parametrize("state", STATES, ids=name)
def test_state_stays_with_its_client(place, server, state):
    with Target("postgresql", server.port).connect() as nobody, Target("postgresql", server.port).connect(**state.startup) as alone:
        fresh = look(nobody, state.look)
        for statement in state.make:
            alone.run(statement)
        mine = look(alone, state.look)
        for statement in state.undo:
            alone.run(statement)
        undone = look(alone, state.look)
    assert mine != fresh, "the test shows nothing"
    others = [fresh] if state.rest is None else [fresh, state.rest]
    with place.connect(**state.startup) as one, place.connect() as other:
        share(place, one, other)
        with squeezed(place) if state.kind == "moves" else contextlib.nullcontext():
            for statement in state.make:
                one.run(statement)
            for _ in range(2):
                assert look(one, state.look) == mine
                assert look(other, state.look) in others
            if place.has_transaction_pooling:
                assert (pid(one) == pid(other)) == (state.kind == "moves")
            for statement in state.undo:
                one.run(statement)
            assert look(one, state.look) == undone
            assert look(other, state.look) in others
        if state.kind != "stays":
            # What had to be kept apart for it goes on being shared without it.
            share(place, one, other)


@pytest.mark.parametrize("place", GATEWAYS, indirect=True)
@pytest.mark.parametrize("how", ["says goodbye", "vanishes", "vanishes in a transaction"])
@pytest.mark.parametrize("state", STATES, ids=name)
def test_state_goes_with_its_client(place, server, state, how):
    with Target("postgresql", server.port).connect() as nobody:
        fresh = look(nobody, state.look)
    others = [fresh] if state.rest is None else [fresh, state.rest]
    with place.connect() as other:
        with place.connect(**state.startup) as one:
            share(place, one, other)
            for statement in state.make:
                one.run(statement)
            assert look(one, state.look) not in others
            kept = pid(one)
            if how == "vanishes in a transaction":
                one.run("BEGIN")
            if how == "says goodbye":
                one.send(pgwire.terminate())
        with squeezed(place):
            with place.connect() as following:
                for client in (following, other):
                    assert look(client, state.look) in others
                left = pid(following)
        # Its server connection has been cleaned, or closed.
        if left != kept:
            there = f"SELECT count(*) FROM pg_stat_activity WHERE pid = {kept} AND state <> 'idle'"
            assert server.run(there) == [[b"0"]]


# What is undone

UNDOING = {
    "a transaction that is rolled back": "BEGIN; SET work_mem = '2MB'; ROLLBACK",
    "a transaction that fails": "BEGIN; SET work_mem = '2MB'; SELECT 1/0; COMMIT",
    "a query that fails": "SET work_mem = '2MB'\x00; SELECT 1/0",
    "a savepoint": "SET work_mem = '2MB'; BEGIN; SAVEPOINT s; SET work_mem = '3MB'; ROLLBACK TO s; COMMIT",
    "a savepoint that is released": "BEGIN; SAVEPOINT s; SET work_mem = '3MB'; RELEASE s; COMMIT",
    "a released savepoint in one that is undone": "BEGIN; SAVEPOINT s; SAVEPOINT t; SET work_mem = '3MB'; RELEASE t; ROLLBACK TO s; COMMIT",
    "a local setting": "SET work_mem = '2MB'; BEGIN; SET LOCAL work_mem = '3MB'; COMMIT",
    "a local setting behind one for the session": "BEGIN; SET work_mem = '2MB'; SET LOCAL work_mem = '3MB'; COMMIT",
    "a local setting before one for the session": "BEGIN; SET LOCAL work_mem = '3MB'; SET work_mem = '2MB'; COMMIT",
    "a local set_config": "BEGIN; SELECT set_config('work_mem', '3MB', true); COMMIT",
    "RESET that is undone": "SET work_mem = '2MB'; BEGIN; RESET work_mem; ROLLBACK",
    "RESET ALL that is undone": "SET work_mem = '2MB'; BEGIN; RESET ALL; ROLLBACK",
    "SET TO DEFAULT": "SET work_mem = '2MB'; SET work_mem TO DEFAULT",
    "SET LOCAL TO DEFAULT": "SET work_mem = '2MB'; BEGIN; SET LOCAL work_mem TO DEFAULT; COMMIT",
    "a chain": "BEGIN; SET work_mem = '2MB'; COMMIT AND CHAIN; SET work_mem = '3MB'; ROLLBACK AND CHAIN; COMMIT",
    "an error caught in a block": "DO $$ BEGIN PERFORM set_config('work_mem', '2MB', false); BEGIN PERFORM set_config('work_mem', '3MB', false); PERFORM 1/0; EXCEPTION WHEN division_by_zero THEN NULL; END; END $$",
    "LISTEN that is rolled back": "BEGIN; LISTEN mine; ROLLBACK",
    "a temporary table that is rolled back": "BEGIN; CREATE TEMP TABLE tt (x integer); ROLLBACK",
    "a temporary table for one transaction": "BEGIN; CREATE TEMP TABLE tt (x integer) ON COMMIT DROP; COMMIT",
    "PREPARE stays when it is rolled back": "BEGIN; PREPARE p AS SELECT 1; ROLLBACK",
    "DEALLOCATE stays when it is rolled back": "PREPARE p AS SELECT 1; BEGIN; DEALLOCATE p; ROLLBACK",
    "SET ROLE that is rolled back": "BEGIN; SET ROLE somebody; ROLLBACK",
    "SET LOCAL ROLE": "BEGIN; SET LOCAL ROLE somebody; COMMIT",
    "a cursor that is rolled back": "BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT 1; ROLLBACK",
}
VIEWS = ["SHOW work_mem", WHO, "SELECT pg_listening_channels()", "SELECT to_regclass('tt')", STATEMENTS, "SELECT name FROM pg_cursors WHERE name <> ''"]


def steps_of(script):
    """Statements that are sent one by one; behind \\x00 and a semicolon comes one that is sent along."""
    if "$$" in script:
        return [script]
    return [step.replace("\x01", ";").strip() for step in script.replace("\x00;", "\x01").split(";")]


@pytest.mark.parametrize("what", UNDOING)
def test_what_postgresql_undoes_is_undone_and_what_it_keeps_is_kept(place, server, what):
    with Target("postgresql", server.port).connect() as alone, place.connect() as one, place.connect() as other:
        share(place, one, other)
        fresh = [look(other, view) for view in VIEWS]
        for step in steps_of(UNDOING[what]):
            assert look(one, step) == look(alone, step), step
            assert [look(other, view) for view in VIEWS] == fresh, step
        with squeezed(place) if "PREPARE stays" not in what else contextlib.nullcontext():
            for _ in range(2):
                assert [look(one, view) for view in VIEWS] == [look(alone, view) for view in VIEWS]
                assert [look(other, view) for view in VIEWS] == fresh


# What clears away

KEPT = [
    ("SET work_mem = '2MB'", "SHOW work_mem"), ("SET my.kept = 'mine'", "SHOW my.kept"),
    ("PREPARE p AS SELECT 'mine'", "EXECUTE p"), ("PREPARE p AS SELECT 'mine'", STATEMENTS),
    ("CREATE TEMP TABLE tt AS SELECT 'mine' AS x", "SELECT * FROM tt"), ("LISTEN mine", "SELECT pg_listening_channels()"),
    ("SELECT pg_advisory_lock_shared(8)", LOCKS), ("DECLARE c CURSOR WITH HOLD FOR SELECT 1", "SELECT name FROM pg_cursors WHERE name <> ''"),
    ("SELECT setval('numbers', 9)", "SELECT currval('numbers')"), ("SET ROLE somebody", WHO),
]  # fmt: skip
CLEARING = [
    "DISCARD ALL", "DISCARD PLANS", "DISCARD SEQUENCES", "DISCARD TEMP", "DEALLOCATE ALL", "CLOSE ALL", "UNLISTEN *",
    "RESET ALL", "SELECT pg_advisory_unlock_all()", "RESET SESSION AUTHORIZATION", "SET SESSION AUTHORIZATION DEFAULT", "RESET ROLE",
]  # fmt: skip


@pytest.mark.parametrize("clears", CLEARING)
def test_clearing_clears_away_ones_own_and_nobody_elses(place, server, clears):
    for make, query in KEPT:
        with Target("postgresql", server.port).connect() as alone, place.connect() as one, place.connect() as other:
            share(place, one, other)
            for client in (alone, one):
                client.run(make)
            mine = look(one, query)
            assert mine == look(alone, query)
            with squeezed(place) if "work_mem" in make or "my.kept" in make else contextlib.nullcontext():
                for _ in range(2):
                    other.run(clears)
                    assert look(one, query) == mine, make
            for client in (alone, one):
                client.run("SET work_mem = '7MB'")
                client.run(clears)
            for view in (query, "SHOW work_mem"):
                assert look(one, view) == look(alone, view), make


# Prepared statements


def parsed(connection, statement, text):
    connection.send(pgwire.parse(statement, text), pgwire.sync())
    return [message.value["C"] if message.name == "ErrorResponse" else message.name for message in connection.read_until("ReadyForQuery")]


def executed(connection, statement, *values):
    """The rows of a prepared statement, or its error."""
    connection.send(pgwire.bind("", statement, values), pgwire.execute(), pgwire.sync())
    try:
        return connection.rows()
    except pgwire.ServerError as error:
        return error.fields["C"]


@pytest.mark.parametrize("statement", ["s1", "", "S_1", "s" * 63])
def test_the_same_name_is_another_statement_for_each_client(place, two_on_one, statement):
    one, other = two_on_one
    assert parsed(one, statement, "SELECT 'one' || $1::text")[0] == "ParseComplete"
    assert parsed(other, statement, "SELECT 2 + $1::int, 'other'")[0] == "ParseComplete"
    for number in range(5):
        assert executed(one, statement, str(number)) == [[f"one{number}".encode()]]
        assert executed(other, statement, str(number)) == [[str(2 + number).encode(), b"other"]]
    if statement:
        assert parsed(one, statement, "SELECT 3")[0] == "42P05"
        one.send(pgwire.close("S", statement), pgwire.sync())
        one.read_until("ReadyForQuery")
        assert executed(one, statement, "1") == "26000"
        assert parsed(one, statement, "SELECT 'again'")[0] == "ParseComplete"
        assert executed(one, statement) == [[b"again"]]
    assert executed(other, statement, "1") == [[b"3", b"other"]]
    assert (pid(one) == pid(other)) == place.has_transaction_pooling


def test_a_name_that_only_another_client_knows_is_unknown(place, two):
    one, other = two
    parsed(one, "known", "SELECT 1")
    one.run("PREPARE known_to_sql AS SELECT 1")
    for statement in ("known", "known_to_sql"):
        assert executed(other, statement) == "26000"
        assert look(other, f"EXECUTE {statement}") == "26000"
        assert look(other, f"DEALLOCATE {statement}") == "26000"
        other.send(pgwire.describe("S", statement), pgwire.sync())
        assert other.read_until("ReadyForQuery")[0].value["C"] == "26000"
        other.send(pgwire.close("S", statement), pgwire.sync())
        assert other.read_until("ReadyForQuery")[0].name == "CloseComplete"
        assert executed(one, statement) == [[b"1"]]


def test_the_list_of_prepared_statements_is_ones_own(place, two):
    one, other = two
    parsed(one, "by_protocol", "SELECT 'one'")
    one.run("PREPARE by_sql AS SELECT 'one'")
    parsed(other, "by_protocol", "SELECT 'other'")
    shown = "SELECT name, statement, from_sql FROM pg_prepared_statements WHERE name <> '' ORDER BY name"
    assert look(one, shown) == [
        [b"by_protocol", b"SELECT 'one'", b"f"], [b"by_sql", b"PREPARE by_sql AS SELECT 'one'", b"t"]
    ]  # fmt: skip
    assert look(other, shown) == [[b"by_protocol", b"SELECT 'other'", b"f"]]
    assert look(one, "SELECT count(*) FROM pg_prepared_statements WHERE name <> ''") == [[b"2"]]


def test_statements_are_read_under_the_settings_of_their_own_client(place, two_on_one):
    """A literal is folded at Parse: the same text is another statement under another time zone or date style."""
    one, other = two_on_one
    text = "SELECT extract(epoch FROM '2024-01-02 12:00'::timestamptz)::int, '03-04-2024'::date::text"
    one.run("SET timezone = 'Asia/Tokyo'")
    one.run("SET datestyle = 'ISO, DMY'")
    for client in (one, other):
        for statement in ("folded", ""):
            parsed(client, statement, text)
    for _ in range(3):
        for statement in ("folded", ""):
            assert executed(one, statement) == [[b"1704164400", b"2024-04-03"]]
            assert executed(other, statement) == [[b"1704196800", b"2024-03-04"]]


def test_a_statement_that_remembers_when_it_was_parsed_remembers(place, two):
    one, other = two
    for client, statement in ((one, "frozen"), (one, ""), (other, "frozen")):
        parsed(client, statement, "SELECT 'now'::timestamptz::text")
    seen = {(client, statement): executed(client, statement) for client, statement in ((one, "frozen"), (other, "frozen"))}
    for _ in range(3):
        time.sleep(0.01)
        for (client, statement), value in seen.items():
            assert executed(client, statement) == value


def test_a_changed_table_shows_in_a_statement_that_is_prepared_again(place, two_on_one, server):
    one, other = two_on_one
    for client in (one, other):
        parsed(client, "all", "SELECT * FROM reshaped")
        assert executed(client, "all") == [[b"1"]]
    server.run("ALTER TABLE reshaped ADD COLUMN b integer DEFAULT 2", database="pgml")
    try:
        for client in (one, other):
            assert executed(client, "all") in ("0A000", [[b"1", b"2"]])
            client.send(pgwire.close("S", "all"), pgwire.sync())
            client.read_until("ReadyForQuery")
            parsed(client, "all", "SELECT * FROM reshaped")
            assert executed(client, "all") == [[b"1", b"2"]]
    finally:
        server.run("ALTER TABLE reshaped DROP COLUMN b", database="pgml")


def test_the_unnamed_statement_lives_until_the_next(place, two_on_one):
    one, other = two_on_one
    parsed(one, "", "SELECT 'unnamed one', $1::text")
    parsed(other, "", "SELECT 'unnamed other'")
    for _ in range(3):
        assert executed(one, "", "x") == [[b"unnamed one", b"x"]]
        assert executed(other, "") == [[b"unnamed other"]]
    one.run("SELECT 1")
    assert executed(one, "", "x") == "26000", "a simple query drops it"
    assert executed(other, "") == [[b"unnamed other"]]


@in_transaction_pooling
def test_more_statements_than_a_server_connection_may_hold_all_work(start_gateway, server, mode):
    gateway = start_gateway(
        gateways.toml(mode, {"size": 1, "max_prepared_statements": 5}, unrestricted=True),
        edit_policy=lambda policy: "enabled = false\n" + policy,
        url=f"postgres://pg:ml@127.0.0.1:{server.port}/pgml",
    )
    place = Target("gateway-transaction", gateway.port)
    with place.connect() as one, place.connect() as other:
        for number in range(40):
            assert parsed(one, f"s{number}", f"SELECT 'one {number}'")[0] == "ParseComplete"
            assert parsed(other, f"s{number}", f"SELECT 'other {number}'")[0] == "ParseComplete"
        for _ in range(2):
            for number in (0, 39, 3, 20, 4, 1):
                assert executed(one, f"s{number}") == [[f"one {number}".encode()]]
                assert executed(other, f"s{number}") == [[f"other {number}".encode()]]
            one.send(*(pgwire.bind("", f"s{n}", ()) + pgwire.execute() for n in range(40)), pgwire.sync())
            assert one.rows() == [[f"one {n}".encode()] for n in range(40)], "in one pipeline"


# Others


def test_notifications_reach_the_listener_at_once_and_nobody_else(place, two):
    one, other = two
    one.run("LISTEN news")
    for number in range(3):
        other.run(f"NOTIFY news, 'number {number}'")
        before = time.monotonic()
        one.timeout = PROMPTLY
        message = one.read()
        assert message.name == "NotificationResponse"
        assert message.body[4:] == f"news\0number {number}\0".encode()
        assert time.monotonic() - before < PROMPTLY
    one.timeout = 20
    one.run("BEGIN")
    other.run("SELECT pg_notify('news', 'in a transaction')")
    time.sleep(0.2)
    one.send(pgwire.query("COMMIT"))
    assert "NotificationResponse" in [message.name for message in one.read_until("ReadyForQuery")] or (
        one.read().name == "NotificationResponse"
    )
    one.run("UNLISTEN *")
    other.run("NOTIFY news, 'not heard'")
    for client in (one, other):
        client.send(pgwire.query("SELECT 1"))
        assert "NotificationResponse" not in [message.name for message in client.read_until("ReadyForQuery")]
    share(place, one, other)


def test_an_advisory_lock_keeps_others_out(place, two):
    one, other = two
    assert one.run("SELECT pg_try_advisory_lock(11)") == [[b"t"]]
    for _ in range(3):
        assert other.run("SELECT pg_try_advisory_lock(11)") == [[b"f"]]
        assert one.run("SELECT 1") == [[b"1"]]
    assert other.run("SELECT pg_advisory_unlock(11)") == [[b"f"]]
    assert one.run("SELECT pg_advisory_unlock(11)") == [[b"t"]]
    assert other.run("SELECT pg_try_advisory_lock(11)") == [[b"t"]]
    assert other.run("SELECT pg_advisory_unlock(11)") == [[b"t"]]
    share(place, one, other)


def test_a_lock_is_free_when_its_holder_is_gone(place):
    with place.connect() as other:
        one = place.connect()
        share(place, one, other)
        one.run("SELECT pg_advisory_lock(12)")
        one.close()
        deadline = time.monotonic() + 5
        while other.run("SELECT pg_try_advisory_lock(12)") != [[b"t"]]:
            assert time.monotonic() < deadline
        other.run("SELECT pg_advisory_unlock(12)")


def test_a_held_cursor_is_read_to_its_end(place, two):
    one, other = two
    one.run("DECLARE c CURSOR WITH HOLD FOR SELECT generate_series(1, 6)")
    assert look(other, "FETCH FROM c") == "34000"
    other.run("DECLARE c CURSOR WITH HOLD FOR SELECT 'other'")
    for number in (1, 3, 5):
        assert one.run("FETCH 2 FROM c") == [[str(number).encode()], [str(number + 1).encode()]]
    assert other.run("FETCH 2 FROM c") == [[b"other"]]
    for client in two:
        client.run("CLOSE c")
    share(place, one, other)


def test_a_seed_is_for_the_client_that_set_it(place, two, server):
    one, other = two
    with Target("postgresql", server.port).connect() as alone:
        alone.run("SELECT setseed(0.5)")
        expected = [look(alone, "SELECT random()") for _ in range(6)]
    one.run("SELECT setseed(0.5)")
    for number in expected:
        assert look(one, "SELECT random()") == number
        assert look(other, "SELECT random()") not in expected
    one.send(pgwire.terminate())
    one.close()
    with place.connect() as following:
        assert look(following, "SELECT random()") != look(other, "SELECT random()")


def test_what_a_function_drew_is_ones_own(place, two):
    """The server is asked afterwards what a DO block has left: this pins."""
    one, other = two
    one.run("DO $$ BEGIN PERFORM setval('numbers', 41); PERFORM nextval('numbers'); END $$")
    assert look(other, "SELECT lastval()") == "55000"
    other.run("DO $$ BEGIN PERFORM setval('numbers', 77); PERFORM nextval('numbers'); END $$")
    assert look(one, "SELECT lastval(), currval('numbers')") == [[b"42", b"42"]]
    assert look(other, "SELECT lastval(), currval('numbers')") == [[b"78", b"78"]]


def test_what_a_default_drew_is_ones_own_or_unknown(place, two):
    """docs/pooling.md: it is known as long as nobody else has had the server connection. To ask for it pins."""
    one, other = two
    with squeezed(place):
        drawn = {client: client.run("INSERT INTO drawn DEFAULT VALUES RETURNING id") for client in (one, other, one, other)}
    for client, own in drawn.items():
        assert look(client, "SELECT lastval()") in (own, "55000")
        assert look(client, "SELECT currval('drawn_id_seq')") in (own, "55000")


def test_own_default_values_are_those_of_the_startup_packet(place):
    with place.connect(work_mem="5MB", options="-c my.own=mine -c lock_timeout=1h") as one, place.connect() as other, squeezed(place):
        for undo in ("RESET work_mem", "SET work_mem TO DEFAULT", "RESET ALL", "DISCARD ALL"):
            one.run("SET work_mem = '6MB'; SET my.own = 'changed'; SET lock_timeout = 0")
            one.run(undo)
            assert one.run("SHOW work_mem") == [[b"5MB"]], undo
            if "ALL" in undo:
                assert one.run("SELECT current_setting('my.own'), current_setting('lock_timeout')") == [[b"mine", b"1h"]]
            assert other.run("SHOW work_mem") == [[b"4MB"]]
        one.run("SET work_mem = '6MB'")
        one.run("BEGIN")
        one.run("SET LOCAL work_mem TO DEFAULT")
        assert one.run("SHOW work_mem") == [[b"5MB"]]
        one.run("COMMIT")
        assert other.run("SHOW work_mem") == [[b"4MB"]]
        assert one.run("SHOW work_mem") == [[b"6MB"]]


def test_settings_are_reported_exactly_when_postgresql_reports_them(place, server, two):
    one, other = two
    script = [
        "SET application_name = 'mine'", "SET application_name = 'mine'", "SELECT 1", "SET TIME ZONE 'Asia/Tokyo'",
        "BEGIN", "SET application_name = 'in it'", "SET LOCAL timezone = 'UTC'", "ROLLBACK", "SET datestyle = 'German'",
        "SELECT set_config('application_name', 'by function', false)", "RESET ALL", "SET work_mem = '2MB'", "DISCARD ALL",
        "BEGIN; SET timezone = 'UTC'; SET timezone = 'Europe/Berlin'; COMMIT", "SET application_name = 'x'; SELECT 1/0",
    ]  # fmt: skip

    def statuses(client, text):
        """What is reported, and the state of the transaction."""
        client.send(pgwire.query(text))
        messages = client.read_until("ReadyForQuery")
        return sorted(message.value for message in messages if message.name == "ParameterStatus"), messages[-1].value

    with Target("postgresql", server.port).connect() as alone:
        for step in script:
            reported, state = statuses(one, step)
            assert (reported, state) == statuses(alone, step), step
            # In a transaction the client has the server connection to itself.
            with squeezed(place) if state == "I" else contextlib.nullcontext():
                other.run("SET application_name = 'other'")
                assert statuses(other, "SELECT 1") == ([], "I"), "another's settings are not reported"
                assert statuses(one, "SELECT 1") == ([], state)
            assert one.run("SHOW application_name") == alone.run("SHOW application_name")


# The crowd


@pytest.mark.time_limit(7200)
@in_every_mode
def test_a_crowd_of_clients_reads_what_each_reads_alone(server, open_gateway, mode):
    script = sessions.Script(SECONDS, STEPS, first=1)
    print(asyncio.run(sessions.compare(script, server.port, open_gateway(mode), mode, AT_A_TIME[mode], everything=True)))


@pytest.mark.time_limit(7200)
@in_transaction_pooling
def test_a_crowd_under_the_shipped_policy_reads_what_each_reads_alone(start_gateway, upstream, mode):
    upstream.run(sessions.OBJECTS)
    pool = {"size": SHARED} if mode == "transaction" else None
    gateway = start_gateway(gateways.toml(mode, pool), edit_policy=lambda policy: sessions.admit(admit_the_tests(policy)))
    script = sessions.Script(SECONDS, STEPS, first=1)
    print(asyncio.run(sessions.compare(script, upstream.backend.port, gateway, mode, AT_A_TIME[mode])))
