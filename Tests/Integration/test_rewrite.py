"""The plugin rewrite against a real server: what arrives there, what is judged, and where errors are."""

import os
import signal
import time

import gateway as gateways
import pgwire
import pytest
from conftest import admit_the_tests, in_every_mode

ALIAS = """
kind = "rewrite"

[[rule]]
name = "model-alias"
pattern = '''(?<!')'intfloat/e5-small(?:-v2)?'(?!')'''
replacement = "'all-MiniLM-L6-v2'"

[[rule.test]]
text = "SELECT pgml.embed('intfloat/e5-small-v2', 'hello')"
expect = "SELECT pgml.embed('all-MiniLM-L6-v2', 'hello')"

[[rule]]
name = "longer"
pattern = '\\bshort\\b'
replacement = "pg_catalog.upper"

[[rule]]
name = "to-forbidden"
pattern = '\\bharmless\\('
replacement = "pg_catalog.pg_read_file("

[[rule]]
name = "catastrophic"
pattern = '(a+)+!'
replacement = ""
users = ["pg"]
"""


def start(new_folder, keeper, upstream, mode, rewrite=ALIAS, name="05-rewrite.toml", expect_listening=True):
    folder = gateways.lay_out(new_folder("gateway"), gateways.toml(mode, {"size": 2}, reactors=1), admit_the_tests)
    file = folder / "plugins.d" / name
    file.write_text(rewrite)
    file.chmod(0o644)
    return gateways.Gateway(folder, keeper, upstream.backend.url).start(expect_listening)


@pytest.fixture(scope="module")
def gateways_by_mode(new_folder, keeper, upstream):
    started = {}

    def get(mode):
        if mode not in started:
            started[mode] = start(new_folder, keeper, upstream, mode)
        return started[mode]

    yield get
    for one in started.values():
        one.stop()


@pytest.fixture
def connect(gateways_by_mode):
    opened = []

    def connect(mode):
        connection = pgwire.Connection(gateways_by_mode(mode).port)
        connection.login("pg", "ml", "pgml")
        opened.append(connection)
        return connection

    yield connect
    for connection in opened:
        connection.close()


def failure(connection, text):
    with pytest.raises(pgwire.ServerError) as caught:
        connection.run(text)
    return caught.value.fields


def extended(connection, text, values=(), name=""):
    connection.send(
        pgwire.parse(name, text), pgwire.bind("", name, values), pgwire.execute(), pgwire.sync()
    )
    return connection.rows()


@in_every_mode
def test_a_model_is_put_in_anothers_place(connect, mode):
    connection = connect(mode)
    asked = "SELECT pgml.embed('intfloat/e5-small-v2', 'hello')::text"
    there = "SELECT pgml.embed('all-MiniLM-L6-v2', 'hello')::text"
    expected = connection.run(there)
    assert connection.run(asked) == expected
    assert extended(connection, asked) == expected
    # Other literals of the same template, with what was made of the first one known by heart.
    assert connection.run(asked.replace("hello", "bye")) == connection.run(there.replace("hello", "bye")) != expected
    assert connection.run(asked) == expected
    assert connection.run("SELECT '''intfloat/e5-small'''") == [[b"'intfloat/e5-small'"]]


@in_every_mode
def test_prepared_statements_are_rewritten_wherever_they_run(connect, mode):
    first, second = connect(mode), connect(mode)
    first.send(pgwire.parse("s", "SELECT short($1::text) || 'short x'"), pgwire.sync())
    first.rows()
    # Something of another client's has both server connections in between.
    for _ in range(3):
        second.run("BEGIN")
        first.send(pgwire.bind("", "s", [b"ab"]), pgwire.execute(), pgwire.sync())
        assert first.rows() == [[b"ABpg_catalog.upper x"]]
        second.run("COMMIT")
    first.run("PREPARE p(text) AS SELECT short($1)")
    assert first.run("EXECUTE p('ab')") == [[b"AB"]]


@in_every_mode
def test_what_a_rule_made_is_judged(connect, mode):
    connection = connect(mode)
    fields = failure(connection, "SELECT 1, harmless('/etc/passwd')")
    assert fields["C"] == "42501" and "pg_read_file" in fields["M"]
    assert "10-allowlist.toml" in fields["D"]
    with pytest.raises(pgwire.ServerError) as caught:
        extended(connection, "SELECT harmless('/etc/passwd')")
    assert caught.value.fields["C"] == "42501"
    # In a Query of several, where one is refused none runs.
    assert failure(connection, "SELECT short('a'); SELECT harmless('x')")["C"] == "42501"
    assert connection.run("SELECT short('a'); SELECT short('b')") == [[b"A"], [b"B"]]


# (what the client sends, the word that is wrong in it)
PLACES = [
    ("SELECT short('ä'), nothing", "nothing"),
    ("SELECT nothing, short('ä')", "nothing"),
    ("SELECT 'ö'; SELECT short('ä') || short('b'), 1 + nothing, short('c')", "nothing"),
    ("/* ä */ SELECT short('ä') ; \n SELECT short('b'), nothing", "nothing"),
    ("SELECT 'ä', nothing", "nothing"),
]


@in_every_mode
@pytest.mark.parametrize("text, wrong", PLACES)
def test_an_errors_place_is_in_the_clients_text(connect, mode, text, wrong):
    connection = connect(mode)
    fields = failure(connection, text)
    assert (fields["C"], fields.get("P")) == ("42703", str(text.index(wrong) + 1)), fields
    # A transaction that fails does so where it would have.
    connection.run("BEGIN")
    assert failure(connection, text)["P"] == str(text.index(wrong) + 1)
    assert failure(connection, "SELECT short('a')")["C"] == "25P02"
    connection.run("ROLLBACK")


@in_every_mode
def test_an_errors_place_in_the_extended_protocol(connect, mode):
    connection = connect(mode)
    text = "SELECT short('ä'), nothing, $1::text"
    for name in ("", "s"):
        with pytest.raises(pgwire.ServerError) as caught:
            extended(connection, text, [b"x"], name)
        assert caught.value.fields["P"] == str(text.index("nothing") + 1)
    # What was not rewritten keeps its place.
    with pytest.raises(pgwire.ServerError) as caught:
        extended(connection, "SELECT 'ä', nothing, $1::text", [b"x"])
    assert caught.value.fields["P"] == "13"


@in_every_mode
def test_a_place_in_what_a_rule_made_is_left_out(connect, mode):
    connection = connect(mode)
    # upper(integer, integer) does not exist: the server points at the function's name, which is the rule's.
    fields = failure(connection, "SELECT short(1, 2)")
    assert fields["C"] == "42883" and "P" not in fields


@in_every_mode
def test_a_place_found_when_a_statement_is_planned_anew(connect, mode, upstream):
    upstream.run("TRUNCATE app.kept")
    connection = connect(mode)
    text = "SELECT short(body), extra FROM app.kept"
    upstream.run("ALTER TABLE app.kept ADD COLUMN extra integer")
    try:
        connection.send(pgwire.parse("s", text), pgwire.sync())
        connection.rows()
    finally:
        upstream.run("ALTER TABLE app.kept DROP COLUMN extra")
    connection.send(pgwire.bind("", "s"), pgwire.execute(), pgwire.sync())
    with pytest.raises(pgwire.ServerError) as caught:
        connection.rows()
    assert (caught.value.fields["C"], caught.value.fields["P"]) == ("42703", str(text.index("extra") + 1))


@in_every_mode
def test_a_hostile_text_stalls_nobody_beyond_the_limit(connect, mode):
    """One reactor: while it searches the hostile texts, the other client of the same reactor is answered."""
    hostile, other = connect(mode), connect(mode)
    texts = [
        "SELECT '" + "a" * 50_000 + "?!'",
        "SELECT '" + "a" * 60 + "?!'",
        "SELECT '" + "a" * 300_000 + "?!'",
        "SELECT '" + ("a" * 30 + "? ") * 1500 + "!'",
    ]
    other.run("SELECT 1")
    slowest = 0
    for text in texts * 3:
        hostile.send(pgwire.query(text))
        began = time.monotonic()
        assert other.run("SELECT 1") == [[b"1"]]
        slowest = max(slowest, time.monotonic() - began)
        with pytest.raises(pgwire.ServerError) as caught:
            hostile.rows()
        assert caught.value.fields["C"] == "53400", caught.value.fields
        assert "catastrophic" in caught.value.fields["D"]
    print(f"{mode}: the other client waited {slowest * 1000:.1f} ms at most")
    # The limit is 10 ms of the thread's own time; the machine may be busy.
    assert slowest < 0.5


# MARK: Loading


def refused_start(new_folder, keeper, upstream, **arguments):
    one = start(new_folder, keeper, upstream, "session", expect_listening=False, **arguments)
    assert one.wait(20) != 0
    return one.log()


def test_a_rewrite_behind_the_last_allowlist_is_refused(new_folder, keeper, upstream):
    log = refused_start(new_folder, keeper, upstream, name="20-rewrite.toml")
    assert "plugins.d/20-rewrite.toml" in log and "plugins.d/10-allowlist.toml" in log


def test_a_rule_test_that_fails_stops_the_start(new_folder, keeper, upstream):
    broken = ALIAS.replace('expect = "SELECT pgml.embed(\'all', 'expect = "SELECT pgml.embed(\'other')
    log = refused_start(new_folder, keeper, upstream, rewrite=broken)
    line = broken.splitlines().index(next(line for line in broken.splitlines() if line.startswith("expect"))) + 1
    assert f"plugins.d/05-rewrite.toml:{line}" in log and "model-alias" in log and "expect" in log


def test_a_reload_with_a_broken_rule_keeps_the_old_chain(new_folder, keeper, upstream):
    one = start(new_folder, keeper, upstream, "transaction")
    try:
        file = one.folder / "plugins.d" / "05-rewrite.toml"
        with pgwire.Connection(one.port) as connection:
            connection.login("pg", "ml", "pgml")
            file.write_text(ALIAS.replace("'\\bshort\\b'", "'(short'"))
            os.kill(one.pid, signal.SIGHUP)
            deadline = time.monotonic() + 10
            while "05-rewrite.toml" not in one.log() and time.monotonic() < deadline:
                time.sleep(0.05)
            assert "05-rewrite.toml" in one.log()
            assert connection.run("SELECT short('a')") == [[b"A"]]
            file.write_text(ALIAS.replace("pg_catalog.upper", "pg_catalog.lower"))
            os.kill(one.pid, signal.SIGHUP)
            deadline = time.monotonic() + 10
            while connection.run("SELECT short('A')") != [[b"a"]] and time.monotonic() < deadline:
                time.sleep(0.05)
            assert connection.run("SELECT short('A')") == [[b"a"]]
    finally:
        one.stop()
