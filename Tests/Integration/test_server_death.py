"""The upstream dies, restarts, refuses, hangs or has no room: clients are told what happened, and the pool recovers."""

import contextlib
import signal
import socket
import threading
import time

import cluster
import gateway as gateways
import pgwire
import pytest
from conftest import SHARED, Target, admit_the_tests, in_every_mode, in_transaction_pooling

SOON = 5
# What a client may hear when its server is gone: PostgreSQL's own last words, or the gateway's.
ENDED = ("57P01", "57P02", "08006")


@pytest.fixture(scope="module")
def server(keeper, new_folder):
    server = cluster.Cluster(new_folder("mortal"), keeper).create().start()
    server.run("CREATE ROLE pg LOGIN PASSWORD 'ml'", "CREATE ROLE narrow LOGIN PASSWORD 'ml' CONNECTION LIMIT 2", "CREATE DATABASE pgml")
    server.run("CREATE SCHEMA app", "CREATE TABLE app.kept (id integer, body text)", "GRANT USAGE ON SCHEMA app TO PUBLIC",
               "GRANT ALL ON app.kept TO PUBLIC", database="pgml")  # fmt: skip
    yield server
    server.stop()


@pytest.fixture
def open_place(start_gateway, server):
    """A gateway of its own in front of the server, or of another port. It takes its server connections along."""
    started = []

    def start(mode, pool=None, limits=None, user="pg", port=None):
        pool = {"size": SHARED, **(pool or {})} if mode == "transaction" else pool
        gateway = start_gateway(
            gateways.toml(mode, pool, limits), admit_the_tests, f"postgres://{user}:ml@127.0.0.1:{port or server.port}/pgml"
        )
        place = Target("gateway-transaction" if mode == "transaction" else "gateway", gateway.port)
        started.append(gateway)
        return place

    yield start
    for gateway in started:
        gateway.stop()


def error_of(connection, *chunks):
    """The error that these bytes, or silence, are answered with; None for an end without a word."""
    try:
        if chunks:
            connection.send(*chunks)
        return connection.read_until("ErrorResponse")[-1].value
    except (pgwire.Closed, OSError):
        return None


def is_told_the_end(connection):
    error = error_of(connection)
    assert error and (error["S"], error["C"] in ENDED) == ("FATAL", True), error
    assert connection.is_closed(within=SOON)


def works(place, user="pg"):
    with place.connect(user=user) as connection:
        assert connection.run("SELECT 'works'") == [[b"works"]]


def works_within(place, seconds):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return works(place)
        except (pgwire.ServerError, pgwire.Closed):
            assert time.monotonic() < deadline, "does not work again"
            time.sleep(0.1)


MID = {
    "mid-query": ["SELECT pg_sleep(30)"],
    "mid-transaction": ["BEGIN", "INSERT INTO app.kept VALUES (1)", None],
    "mid-transaction and mid-query": ["BEGIN", "SELECT pg_sleep(30)"],
    "mid-COPY in": ["COPY app.kept FROM STDIN"],
    "mid-COPY out": ["COPY (SELECT repeat('x', 100000) FROM generate_series(1, 20000)) TO STDOUT"],
}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
@pytest.mark.parametrize("where", MID)
@in_every_mode
def test_a_restart_ends_what_was_under_way_and_what_follows_works(open_place, server, mode, where, how):
    place = open_place(mode)
    with place.connect() as busy:
        *before, last = MID[where]
        for statement in before:
            busy.run(statement)
        if last:
            busy.send(pgwire.query(last))
            if "COPY in" in where:
                assert busy.read().name == "CopyInResponse"
                busy.send(pgwire.copy_data("1\tx\n"))
            if "COPY out" in where:
                assert busy.read().name == "CopyOutResponse"
            else:
                time.sleep(0.2)
        server.stop(how)
        try:
            if "COPY out" in where:
                with contextlib.suppress(pgwire.Closed):
                    error = error_of(busy)
                    assert error is None or error["C"] in ENDED, error
                assert busy.is_closed(within=SOON)
            else:
                is_told_the_end(busy)
        finally:
            server.start()
    works_within(place, SOON)
    assert server.run("SELECT count(*) FROM app.kept", database="pgml") == [[b"0"]]


@in_every_mode
def test_a_restart_while_all_are_idle(open_place, server, mode):
    """With session pooling the clients' own connections are gone; with transaction pooling nobody notices."""
    place = open_place(mode)
    clients = [place.connect() for _ in range(4)]
    for client in clients:
        assert client.run("SELECT 1") == [[b"1"]]
    server.stop()
    server.start()
    for client in clients:
        if mode == "session":
            is_told_the_end(client)
        else:
            assert client.run("SELECT 'unharmed'") == [[b"unharmed"]]
        client.close()
    works_within(place, SOON)


@in_transaction_pooling
def test_state_that_moves_survives_a_restart(open_place, server, mode):
    place = open_place(mode)
    with place.connect(application_name="mine") as client, place.connect() as other:
        client.run("SET extra_float_digits = 3")
        client.send(pgwire.parse("kept", "SELECT 'prepared'"), pgwire.sync())
        client.read_until("ReadyForQuery")
        assert other.run("SELECT 1") == [[b"1"]]
        time.sleep(1.5)  # State that only an idle connection has is asked for within a second.
        server.stop()
        server.start()
        assert client.run("SHOW extra_float_digits") == [[b"3"]]
        assert client.run("SHOW application_name") == [[b"mine"]]
        client.send(pgwire.bind("", "kept"), pgwire.execute(), pgwire.sync())
        assert client.rows() == [[b"prepared"]]


@in_every_mode
def test_while_it_is_down_statements_say_so(open_place, server, mode):
    place = open_place(mode)
    # So many that each reactor has let some in.
    client, *others = (place.connect() for _ in range(6))
    for one in (client, *others):
        one.run("SELECT 1")
    server.stop()
    try:
        before = time.monotonic()
        for _ in range(6):
            with pytest.raises(pgwire.ServerError) as caught:
                place.connect().close()
            assert (caught.value.fields["S"], caught.value.fields["C"]) == ("FATAL", "08006")
        if mode == "transaction":
            for _ in range(2):
                error = error_of(client, pgwire.query("SELECT 1"))
                assert error["C"] == "08006", error
                assert client.read().value == "I"
        assert time.monotonic() - before < SOON
    finally:
        server.start()
    if mode == "transaction":
        assert client.run("SELECT 'again'") == [[b"again"]]
    for one in (client, *others):
        one.close()
    works_within(place, SOON)


@in_every_mode
def test_an_upstream_that_refuses(open_place, mode):
    place = open_place(mode, port=cluster.free_port())
    before = time.monotonic()
    for _ in range(3):
        with pytest.raises(pgwire.ServerError) as caught:
            place.connect().close()
        assert (caught.value.fields["S"], caught.value.fields["C"]) == ("FATAL", "08006")
    assert time.monotonic() - before < SOON


@pytest.fixture
def mute():
    """A server that accepts and never says a word."""
    accepted = []
    listener = socket.create_server(("127.0.0.1", 0), backlog=16)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                accepted.append(listener.accept()[0])

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for connection in accepted:
        connection.close()


@in_every_mode
def test_an_upstream_that_accepts_and_hangs(open_place, mute, mode):
    place = open_place(mode, limits={"connect_timeout": "1s"}, port=mute)
    before = time.monotonic()
    with pytest.raises(pgwire.ServerError) as caught:
        place.connect().close()
    assert (caught.value.fields["S"], caught.value.fields["C"]) == ("FATAL", "08006")
    assert 0.8 < time.monotonic() - before < 3


@in_every_mode
def test_too_many_clients_upstream(open_place, server, mode):
    """The role may have two connections; the pool would have more. Who comes then waits, like for a pool that is full."""
    place = open_place(mode, {"size": 5, "query_wait_timeout": "2s"}, user="narrow")
    first, second = place.connect(user="narrow"), place.connect(user="narrow")
    for client in (first, second):
        client.run("BEGIN")
        client.run("SELECT 1")
    before = time.monotonic()
    with pytest.raises(pgwire.ServerError) as caught, place.connect(user="narrow") as third:
        third.run("SELECT 1")
    assert caught.value.fields["C"] in ("53300", "08006"), caught.value.fields
    assert time.monotonic() - before < SOON
    for client in (first, second):
        assert client.run("SELECT 'unharmed'") == [[b"unharmed"]]
        client.run("COMMIT")
    if mode == "transaction":
        crowd = [place.connect(user="narrow") for _ in range(6)]
        for client in crowd:
            assert client.run("SELECT 'with what there is'") == [[b"with what there is"]]
            client.close()
    first.close()
    second.close()
    works(place, user="narrow")


def pid_of(connection):
    return int(connection.run("SELECT pg_backend_pid()")[0][0])


@in_transaction_pooling
def test_nobody_notices_that_an_idle_server_connection_is_terminated(open_place, server, mode):
    place = open_place(mode)
    pooled = "FROM pg_stat_activity WHERE usename = 'pg'"
    with place.connect() as one, place.connect() as other:
        for _ in range(5):
            for client in (one, other):
                assert client.run("SELECT 'unharmed'") == [[b"unharmed"]]
            before = server.run(f"SELECT pid {pooled}")
            assert 1 <= len(before) <= SHARED
            # Until they have ended, as the milliseconds say: one that is only told to still takes statements, and answers 57P01.
            assert all(ended == [b"t"] for ended in server.run(f"SELECT pg_terminate_backend(pid, 5000) {pooled}"))
        for client in (one, other):
            assert client.run("SELECT 'unharmed'") == [[b"unharmed"]]
        assert not any(pid in before for pid in server.run(f"SELECT pid {pooled}"))


@in_every_mode
def test_a_terminated_statement_is_told_to_its_client_alone(open_place, server, mode):
    place = open_place(mode)
    with place.connect() as busy, place.connect() as other:
        busy.run("BEGIN")
        pid = pid_of(busy)
        busy.send(pgwire.query("SELECT pg_sleep(30)"))
        time.sleep(0.2)
        server.run(f"SELECT pg_terminate_backend({pid})")
        is_told_the_end(busy)
        assert other.run("SELECT 'unharmed'") == [[b"unharmed"]]
    works(place)


@in_every_mode
def test_reported_settings_that_change_while_idle(open_place, server, mode):
    """A reload changes what the server reports: it does so on idle connections too, and their clients learn of it."""
    place = open_place(mode)
    try:
        with contextlib.ExitStack() as stack:
            # So many that each reactor has let some in.
            one, *others = (stack.enter_context(place.connect()) for _ in range(6))
            other = stack.enter_context(place.connect(application_name="own"))
            zoned = stack.enter_context(place.connect(TimeZone="Asia/Tokyo"))
            for client in (one, other, zoned, *others):
                client.run("SELECT 1")
            server.run("ALTER SYSTEM SET timezone = 'Europe/Berlin'", "SELECT pg_reload_conf()")
            time.sleep(0.5)
            for client in (one, other):
                assert client.run("SHOW timezone") == [[b"Europe/Berlin"]]
            assert zoned.run("SHOW timezone") == [[b"Asia/Tokyo"]]
            for _ in range(6):
                following = stack.enter_context(place.connect())
                assert following.parameters["TimeZone"] == "Europe/Berlin"
                assert following.run("SHOW timezone") == [[b"Europe/Berlin"]]
    finally:
        server.run("ALTER SYSTEM RESET timezone", "SELECT pg_reload_conf()")
    works(place)


@in_every_mode
def test_a_client_that_vanishes_anywhere_costs_nobody_else_anything(open_place, server, mode):
    place = open_place(mode)
    with place.connect() as other:
        for last in (
            pgwire.query("SELECT pg_sleep(0.2)"), pgwire.query("BEGIN; INSERT INTO app.kept VALUES (9)"),
            pgwire.query("COPY app.kept FROM STDIN") + pgwire.copy_data("9\tx\n"),
            pgwire.parse("", "INSERT INTO app.kept VALUES (9)") + pgwire.bind("", "") + pgwire.execute(),
            pgwire.query("SELECT repeat('x', 1000000) FROM generate_series(1, 50)"), pgwire.query("SELECT 1")[:-4],
            pgwire.parse("", "SELECT 1")[:7], pgwire.query("LISTEN nothing"),
        ):  # fmt: skip
            for _ in range(2):
                with place.connect() as one:
                    one.send(last)
                    time.sleep(0.02)
            assert other.run("SELECT 'unharmed'") == [[b"unharmed"]]
    deadline = time.monotonic() + SOON
    open_ones = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'pg' AND state <> 'idle'"
    while server.run(open_ones) != [[b"0"]]:
        assert time.monotonic() < deadline, "a transaction of a client that is gone is still open"
        time.sleep(0.05)
    assert server.run("SELECT count(*) FROM app.kept", database="pgml") == [[b"0"]]
