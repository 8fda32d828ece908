"""What nobody sends by accident is met with a clear error or an orderly close, costs little, and harms no other client."""

import os
import re
import resource
import signal
import struct
import subprocess
import time

import cluster
import gateway as gateways
import pgwire
import pytest
from conftest import GATEWAYS, POOL_MODES, SHARED, Target, in_every_mode
from refusals import MODEL

MIB = 1 << 20
# The most that one client's traffic, however large, may add to the gateway's memory.
MEMORY_BOUND = 8 * MIB

only_through_the_gateway = pytest.mark.parametrize("target", GATEWAYS, indirect=True)


@pytest.fixture(scope="module", params=POOL_MODES)
def plain(request, start_gateway):
    """A gateway without the wiretap behind it: large traffic need not be recorded."""
    one = start_gateway(gateways.toml(request.param, {"size": SHARED} if request.param == "transaction" else None))
    yield one
    assert one.is_running, one.log()[-4000:]


@pytest.fixture
def client(plain):
    with Target("gateway", plain.port).connect() as connection:
        yield connection


def answer_to(connection, *chunks):
    """The error that these bytes are answered with, or None for an orderly close without one."""
    try:
        connection.send(*chunks)
        while True:
            message = connection.read()
            if message.name == "ErrorResponse":
                return message.value
            if message.name == "ReadyForQuery":
                return "no error"
    except pgwire.Closed:
        return None


def still_works(target):
    with target.connect() as connection:
        assert connection.run("SELECT 'still here'") == [[b"still here"]]


class Growth:
    """How much a gateway's memory grew at most within a `with` block."""

    def __init__(self, gateway):
        self.gateway = gateway

    def __enter__(self):
        self.gateway.forget_peak()
        self.before = self.gateway.memory()
        return self

    def __exit__(self, *_):
        self.bytes = max(self.gateway.peak_memory(), self.gateway.memory()) - self.before

    def check(self):
        assert self.bytes < MEMORY_BOUND, f"grew by {self.bytes / MIB:.1f} MiB"


# Statements


@pytest.mark.parametrize("protocol", ["Query", "Parse"])
def test_a_statement_of_10_mb_is_denied_and_the_session_goes_on(plain, client, protocol):
    text = "SELECT '" + "x" * 10_000_000 + "'"
    with Growth(plain) as growth:
        messages = [pgwire.query(text)] if protocol == "Query" else [pgwire.parse("", text), pgwire.sync()]
        client.send(*messages)
        error = client.read().value
        assert client.read().value == "I"
    assert error["C"] in ("53400", "54000") and error["S"] == "ERROR"
    assert client.run("SELECT 1") == [[b"1"]]
    growth.check()


def deep(kind, count):
    if kind == "parentheses":
        return "SELECT " + "(" * count + "1" + ")" * count
    if kind == "additions":
        return "SELECT 1" + "+1" * count
    if kind == "array brackets":
        return "SELECT " + "ARRAY[" * count + "1" + "]" * count
    return "SELECT " + "CASE WHEN true THEN " * count + "1" + " END" * count


@pytest.mark.parametrize("kind", ["parentheses", "additions", "array brackets", "cases"])
@pytest.mark.parametrize("count", [1_000, 30_000, 100_000])
def test_statements_deep_as_a_well_end_in_an_error_or_a_result(target, connection, kind, count):
    """PostgreSQL itself says 54001 (stack depth) where it is too deep for it; so may the gateway, earlier."""
    for messages in ([pgwire.query(deep(kind, count))], [pgwire.parse("", deep(kind, count)), pgwire.sync()]):
        connection.send(*messages)
        received = connection.read_until("ReadyForQuery")
        errors = [message.value for message in received if message.name == "ErrorResponse"]
        assert not errors or errors[0]["C"] in ("54000", "54001", "53400", "42601"), errors
        assert errors or count < 100_000 or kind == "parentheses"
    assert connection.run("SELECT 1") == [[b"1"]]


@pytest.mark.parametrize(
    "what",
    [
        pgwire.message(b"Q", b"SELECT 1\0; SELECT pg_read_file('hidden')\0"),
        pgwire.message(b"P", b"\0SELECT 1\0; SELECT pg_read_file('hidden')\0\0\0"),
        pgwire.message(b"Q", b"SELECT 1"),
        pgwire.message(b"Q", b""),
    ],
    ids=["nul in a Query", "nul in a Parse", "no nul at the end", "nothing at all"],
)
def test_a_misplaced_nul_is_a_protocol_violation(target, connection, upstream, what):
    upstream.forget()
    error = answer_to(connection, what, pgwire.sync())
    assert error is None or error["C"] == "08P01"
    assert not upstream.saw("hidden") or not target.is_gateway
    still_works(target)


@pytest.mark.parametrize("text", [b"SELECT '\xff'", b"SELECT '\xc0\xaf'", b"SELECT '\xed\xa0\x80'", b"SELECT '\xe2\x82"])
def test_invalid_utf8_is_refused(target, connection, upstream, text):
    for messages in ([pgwire.query(text)], [pgwire.parse("", text), pgwire.sync()]):
        error = answer_to(connection, *messages)
        assert error["C"] == "22021", error
        assert connection.read().value == "I"
    assert connection.run("SELECT 1") == [[b"1"]]


# Messages


@pytest.mark.parametrize("length", [0, 3, -1, -(2**31), 2**31 - 1, 2**30 + 5], ids=str)
@pytest.mark.parametrize("kind", [b"Q", b"P", b"B", b"E", b"S", b"p", b"d", b"?"], ids=lambda kind: kind.decode())
def test_a_length_that_cannot_be_ends_the_connection(target, connection, kind, length):
    error = answer_to(connection, kind + struct.pack("!i", length) + b"SELECT 1\0")
    assert error is None or error["C"] == "08P01", error
    if error:
        assert error["S"] == "FATAL"
        assert connection.is_closed(within=5)
    still_works(target)


def test_a_length_without_its_bytes_costs_nothing(plain):
    """Sixteen clients announce a gigabyte each and send a little of it."""
    with Growth(plain) as growth:
        clients = [Target("gateway", plain.port).connect() for _ in range(16)]
        for kind, one in zip([b"Q", b"P", b"B", b"d"] * 4, clients):
            one.send(kind + struct.pack("!i", 1_000_000_000) + b"\0\0" + b"x" * 1000)
        time.sleep(1)
        for one in clients:
            one.close()
    growth.check()
    still_works(Target("gateway", plain.port))


def test_a_message_of_an_unknown_type_is_a_protocol_violation(target, connection):
    error = answer_to(connection, pgwire.message(b"?", b"what"))
    assert error is None or error["C"] == "08P01"
    still_works(target)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0",
        b"\0\0",
        b"\0\0\0\x01",
        b"\0\0\0\0\xff\xff",
        b"\0\0\0\0\0\x01\0\0\0\x09four\0\0",
        b"\0\0\0\x02\0\0\0\0\0\x01\xff\xff\xff\xff\0\0",
        b"\0\0\0\0\0\x01\xff\xff\xff\xf0\0\0",
        b"\0\0\0\0\0\0\0\0extra",
    ],
    ids=repr,
)
def test_a_broken_bind_is_a_protocol_violation(target, connection, body):
    connection.send(pgwire.parse("", "SELECT 1"), pgwire.message(b"B", body), pgwire.sync())
    try:
        received = connection.read_until("ReadyForQuery")
    except pgwire.Closed:
        received = []
    codes = [message.value["C"] for message in received if message.name == "ErrorResponse"]
    assert not codes or codes == ["08P01"], codes
    assert "BindComplete" not in [message.name for message in received]
    still_works(target)


def test_a_client_that_vanishes_within_a_message_leaves_nothing_behind(target, upstream):
    for cut in (1, 4, 5, 9, 20):
        half = pgwire.query("INSERT INTO app.kept VALUES (1)")[:cut]
        connection = target.connect()
        connection.send(half)
        connection.close()
    for cut in (3, 40, 60):
        connection = target.connect()
        pipeline = (
            pgwire.parse("", "INSERT INTO app.kept VALUES ($1)") + pgwire.bind("", "", ["1"]) + pgwire.execute()
        )
        connection.send(pipeline[:cut])
        connection.close()
    still_works(target)
    # Nor does it hold a lock any longer: its transaction has ended with it.
    upstream.run("SET lock_timeout = '3s'", "TRUNCATE app.kept")


# Startup


def startup_packet(body, length=None):
    return struct.pack("!i", len(body) + 4 if length is None else length) + body


V3 = struct.pack("!I", pgwire.PROTOCOL_3_0)
GARBAGE = {
    "length 0": startup_packet(b"", 0),
    "length 4": startup_packet(b"", 4),
    "length 7": startup_packet(b"abc", 7),
    "negative length": startup_packet(V3, -8),
    "a length beyond the limit": startup_packet(V3 + b"user\0pg\0", 1_000_000),
    "the largest length": startup_packet(V3, 2**31 - 1),
    "http": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "ssh": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "a TLS hello": bytes.fromhex("16030100c8010000c40303") + bytes(192),
    "protocol 2.0": startup_packet(struct.pack("!I", 2 << 16) + b"pgml\0pg\0"),
    "protocol 4.0": startup_packet(struct.pack("!I", 4 << 16) + b"user\0pg\0\0"),
    "no user": startup_packet(V3 + b"database\0pgml\0\0"),
    "an empty user": startup_packet(V3 + b"user\0\0\0"),
    "no end": startup_packet(V3 + b"user\0pg\0database\0pgml"),
    "a name without value": startup_packet(V3 + b"user\0pg\0database\0"),
    "bytes after the end": startup_packet(V3 + b"user\0pg\0\0garbage\0"),
    "nothing but zeros": bytes(64),
}


@pytest.mark.parametrize("what", GARBAGE)
def test_a_garbage_startup_packet_is_refused(target, what):
    with pgwire.Connection(target.port, timeout=10) as connection:
        try:
            connection.send(GARBAGE[what])
            connection.socket.shutdown(1)
            answer = connection.read()
        except (pgwire.Closed, OSError):
            answer = None
        if answer and answer.name == "Authentication":
            pytest.fail(f"was taken for a startup packet: {answer}")
        if answer:
            assert answer.value["S"] == "FATAL"
            assert answer.value["C"] in ("08P01", "0A000", "28000"), answer.value
            assert connection.is_closed(within=5)
    still_works(target)


# Debian's PostgreSQL speaks GSSAPI encryption; the gateway does not.
@only_through_the_gateway
@pytest.mark.parametrize("codes", [
    [pgwire.SSL_REQUEST], [pgwire.GSSENC_REQUEST],
    [pgwire.SSL_REQUEST, pgwire.GSSENC_REQUEST], [pgwire.GSSENC_REQUEST, pgwire.SSL_REQUEST],
], ids=["ssl", "gss", "ssl, gss", "gss, ssl"])  # fmt: skip
def test_encryption_is_declined_and_the_client_goes_on_in_clear(target, codes):
    with pgwire.Connection(target.port) as connection:
        for code in codes:
            connection.send(pgwire.request(code))
            assert connection.read_bytes(1) == b"N"
        connection.login("pg", "ml", "pgml")
        assert connection.run("SELECT 1") == [[b"1"]]


def test_a_request_is_answered_once(target):
    """PostgreSQL takes a second SSLRequest for a startup packet of an impossible version."""
    with pgwire.Connection(target.port) as connection:
        connection.send(pgwire.request(pgwire.SSL_REQUEST))
        assert connection.read_bytes(1) == b"N"
        error = answer_to(connection, pgwire.request(pgwire.SSL_REQUEST))
        assert error is None or error["S"] == "FATAL"


def test_what_was_sent_before_the_answer_to_a_request_is_not_taken_for_its_sequel(target):
    """A man in the middle could put it there (CVE-2021-23214): with a pending buffer, PostgreSQL ends the connection."""
    with pgwire.Connection(target.port, timeout=5) as connection:
        connection.send(pgwire.request(pgwire.SSL_REQUEST) + pgwire.startup({"user": "pg", "database": "pgml"}))
        assert connection.read_bytes(1) == b"N"
        try:
            answer = connection.read()
        except (pgwire.Closed, pgwire.TimedOut):
            return
        # Declined, there is no TLS for it to get into: in clear it is as good as any other bytes.
        assert answer.name in ("Authentication", "ErrorResponse")


def test_newer_minor_versions_and_options_are_negotiated(target):
    with pgwire.Connection(target.port) as connection:
        connection.send(pgwire.startup({"user": "pg", "database": "pgml", "_pq_.unheard_of": "1"}, version=(3 << 16) + 9))
        answer = connection.read()
        assert (answer.name, answer.value) == ("NegotiateProtocolVersion", (pgwire.PROTOCOL_3_0, ["_pq_.unheard_of"]))
        connection.authenticate("pg", "ml")
        assert connection.run("SELECT 1") == [[b"1"]]


def test_a_query_that_comes_with_the_proof_of_the_password_is_answered(target):
    for _ in range(3):  # from the second time on, an idle server connection is waiting
        with pgwire.Connection(target.port) as connection:
            connection.send(pgwire.startup({"user": "pg", "database": "pgml"}))
            connection.authenticate("pg", "ml", and_send=pgwire.query("SELECT 'at once'"))
            assert connection.rows() == [[b"at once"]]
            connection.send(pgwire.terminate())
            assert connection.is_closed(within=5)
        time.sleep(0.2)


# Slow clients


@pytest.fixture(scope="module")
def impatient(start_gateway):
    return start_gateway(gateways.toml(limits={"authentication_timeout": "3s"}))


def drip(port, data, per_second=1):
    """Sends a byte a second; the seconds until the server closes."""
    start = time.monotonic()
    with pgwire.Connection(port) as connection:
        for byte in data:
            try:
                connection.send(bytes([byte]))
            except OSError:
                break
            if connection.is_closed(within=1 / per_second):
                break
            assert time.monotonic() - start < 15, "is not closed at all"
    return time.monotonic() - start


def test_a_client_that_sends_a_byte_a_second_is_closed_in_time(impatient):
    seconds = drip(impatient.port, pgwire.startup({"user": "pg", "database": "pgml"}))
    assert 2 <= seconds <= 4, seconds


def test_a_client_that_sends_nothing_is_closed_in_time(impatient):
    start = time.monotonic()
    with pgwire.Connection(impatient.port) as connection:
        assert connection.is_closed(within=10)
    assert 2 <= time.monotonic() - start <= 4


def test_a_client_that_does_not_prove_itself_is_closed_in_time(impatient):
    start = time.monotonic()
    with pgwire.Connection(impatient.port) as connection:
        connection.send(pgwire.request(pgwire.SSL_REQUEST))
        connection.read_bytes(1)
        connection.send(pgwire.startup({"user": "pg", "database": "pgml"}))
        assert connection.read().name == "Authentication"
        time.sleep(1)
        connection.send(pgwire.Scram("ml").first_message())
        assert connection.is_closed(within=10)
    assert 2 <= time.monotonic() - start <= 4


def test_a_client_that_is_in_is_not_closed(impatient):
    with Target("gateway", impatient.port).connect() as connection:
        time.sleep(4)
        assert connection.run("SELECT 1") == [[b"1"]]


ROWS = 1_000_000
GIGABYTE = f"SELECT repeat('x', 1000) FROM generate_series(1, {ROWS})"


def test_a_client_that_stops_reading_a_gigabyte_costs_little_and_gets_all_of_it(plain):
    target = Target("gateway", plain.port)
    with target.connect() as other, target.connect() as lazy:
        with Growth(plain) as growth:
            lazy.send(pgwire.query(GIGABYTE))
            slowest = 0.0
            for _ in range(20):
                before = time.monotonic()
                assert other.run("SELECT 1") == [[b"1"]]
                slowest = max(slowest, time.monotonic() - before)
                time.sleep(0.15)
            received = 0
            tail = b""
            lazy.socket.settimeout(60)
            while not tail.endswith(pgwire.message(b"Z", b"I")):
                chunk = lazy.socket.recv(1 << 18)
                assert chunk, "closed in the middle"
                received += len(chunk)
                tail = (tail + chunk[-64:])[-64:]
        assert received > ROWS * 1000
        assert f"SELECT {ROWS}".encode() in tail
        assert slowest < 1, f"another client waited {slowest:.2f} s"
        assert lazy.run("SELECT 1") == [[b"1"]]
    growth.check()


def test_a_client_that_leaves_while_a_gigabyte_comes_is_forgotten(plain, upstream):
    target = Target("gateway", plain.port)
    with target.connect() as lazy:
        lazy.send(pgwire.query(GIGABYTE))
        lazy.read_bytes(100_000)
    deadline = time.monotonic() + 10
    running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT repeat%'"
    while upstream.run(running) != [(0,)]:
        assert time.monotonic() < deadline, "the upstream still runs the statement"
        time.sleep(0.1)
    still_works(target)


# Large parameters


def big_bind(values, chunk=MIB):
    """A Bind of text values, piece by piece: the test itself need not hold it twice."""
    data = pgwire.bind("", "", values)
    return [data[i : i + chunk] for i in range(0, len(data), chunk)]


def test_a_parameter_of_100_mb_passes_where_no_rule_wants_it(plain, client):
    size = 100 * MIB
    pieces = big_bind(["x" * size])
    with Growth(plain) as growth:
        client.send(pgwire.parse("", "SELECT length($1)"))
        for piece in pieces:
            client.send(piece)
        client.timeout = 60
        client.send(pgwire.execute(), pgwire.sync())
        received = client.read_until("ReadyForQuery")
    rows = [message.value for message in received if message.name == "DataRow"]
    assert rows == [[str(size).encode()]], received
    growth.check()


def test_a_parameter_of_100_mb_is_denied_where_a_rule_wants_another(plain, client, upstream):
    pieces = big_bind([MODEL, "x" * (100 * MIB)])
    with Growth(plain) as growth:
        client.send(pgwire.parse("", "SELECT pgml.embed($1, $2)"))
        for piece in pieces:
            client.send(piece)
        client.send(pgwire.execute(), pgwire.sync())
        received = client.read_until("ReadyForQuery")
    errors = [message.value for message in received if message.name == "ErrorResponse"]
    assert [error["C"] for error in errors] == ["53400"], received
    assert received[-1].value == "I"
    assert client.run("SELECT 1") == [[b"1"]]
    growth.check()


# Cancel


SLEEPING = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'"


def cancel(port, process_id, secret, raw=None):
    with pgwire.Connection(port) as connection:
        connection.send(raw if raw is not None else pgwire.cancel_request(process_id, secret))
        assert connection.is_closed(within=10), "a cancel connection is closed without an answer"


def test_the_key_cancels_its_own_statement_and_no_other(target):
    with target.connect() as one, target.connect() as other:
        one.send(pgwire.query("SELECT pg_sleep(3), 'slept'"))
        time.sleep(0.3)
        cancel(target.port, *other.key)
        cancel(target.port, one.key[0], one.key[1] ^ 1)
        cancel(target.port, one.key[0] ^ 1, one.key[1])
        cancel(target.port, 0, 0)
        assert other.run("SELECT 1") == [[b"1"]], "a cancel that came while idle does not hit what comes later"
        assert one.rows()[0][1] == b"slept"
        one.send(pgwire.query("SELECT pg_sleep(30)"))
        time.sleep(0.3)
        before = time.monotonic()
        cancel(target.port, *one.key)
        with pytest.raises(pgwire.ServerError) as caught:
            one.rows()
        assert caught.value.fields["C"] == "57014"
        assert time.monotonic() - before < 5
        assert one.run("SELECT 1") == [[b"1"]]


def test_cancels_never_hit_the_statement_after(target):
    with target.connect() as one:
        for _ in range(30):
            one.send(pgwire.query("SELECT 1"))
            cancel(target.port, *one.key)
            try:
                one.rows()
            except pgwire.ServerError as error:
                assert error.fields["C"] == "57014"
        time.sleep(0.3)
        assert one.run("SELECT pg_sleep(0.2), 2")[0][1] == b"2"


@pytest.mark.parametrize("raw", [
    struct.pack("!II", 8, pgwire.CANCEL_REQUEST),
    struct.pack("!IIH", 10, pgwire.CANCEL_REQUEST, 1),
    struct.pack("!IIIII", 20, pgwire.CANCEL_REQUEST, 1, 2, 3),
], ids=["short", "odd", "long"])  # fmt: skip
def test_a_broken_cancel_is_closed(target, raw):
    cancel(target.port, 0, 0, raw)
    still_works(target)


# Who may come in


def failed_login(port, user, password, database="pgml"):
    before = time.monotonic()
    with pgwire.Connection(port) as connection, pytest.raises(pgwire.ServerError) as caught:
        connection.login(user, password, database)
    return caught.value.fields, time.monotonic() - before


def test_a_wrong_password_and_an_unknown_user_look_alike(target):
    known, seconds_known = failed_login(target.port, "pg", "wrong")
    unknown, seconds_unknown = failed_login(target.port, "nobody", "wrong")
    for fields, user in ((known, "pg"), (unknown, "nobody")):
        assert (fields["S"], fields["C"]) == ("FATAL", "28P01")
        assert fields["M"] == f'password authentication failed for user "{user}"'
        assert "D" not in fields
    # In turns: what else the machine does meanwhile is nothing that one of them could be known by.
    turns = [[failed_login(target.port, user, "wrong")[1] for user in ("pg", "nobody")] for _ in range(10)]
    known, unknown = (min(seconds) for seconds in zip(*turns, strict=True))
    assert abs(known - unknown) < 0.02, (known, unknown)


def test_the_exchange_for_an_unknown_user_is_the_same_each_time(plain):
    """Salt and iterations of a real user never change; those of an unknown one must not either."""

    def server_first(user):
        with pgwire.Connection(plain.port) as connection:
            connection.send(pgwire.startup({"user": user, "database": "pgml"}))
            offered = connection.read()
            connection.send(pgwire.Scram("x").first_message())
            challenge = connection.read().body[4:].decode()
            return offered.body, dict(part.split("=", 1) for part in challenge.split(",")[1:])

    assert server_first("nobody") == server_first("nobody")
    assert server_first("nobody") != server_first("somebody")
    offered_known, known = server_first("pg")
    offered_unknown, unknown = server_first("nobody")
    assert offered_known == offered_unknown
    assert known["i"] == unknown["i"] and len(known["s"]) == len(unknown["s"])


def test_every_client_proves_a_password(target):
    with pgwire.Connection(target.port) as connection:
        assert connection.login("pg", "ml", "pgml") == [10, 11, 12, 0]


def test_an_empty_password_or_a_skipped_exchange_gets_nobody_in(target):
    assert failed_login(target.port, "pg", "")[0]["C"] == "28P01"
    with pgwire.Connection(target.port) as connection:
        connection.send(pgwire.startup({"user": "pg", "database": "pgml"}), pgwire.query("SELECT 1"))
        seen = []
        try:
            while True:
                seen.append(connection.read())
        except pgwire.Closed:
            pass
    assert [message.name for message in seen][:1] == ["Authentication"]
    assert "ReadyForQuery" not in [message.name for message in seen]


def test_an_unknown_database_is_said_as_postgresql_says_it(target):
    fields, _ = failed_login(target.port, "pg", "ml", database="nowhere")
    assert (fields["S"], fields["C"]) == ("FATAL", "3D000")
    assert fields["M"] == 'database "nowhere" does not exist'


def test_neither_passwords_nor_statements_are_logged(plain):
    with pytest.raises(pgwire.ServerError):
        Target("gateway", plain.port).connect(password="a-wrong-password")
    with Target("gateway", plain.port).connect() as connection, pytest.raises(pgwire.ServerError):
        connection.run("SELECT pg_read_file('a-secret-path')")
    for secret in ("a-wrong-password", "a-secret-path", ":ml@"):
        assert secret not in plain.log()
    assert b":ml@" not in open(f"/proc/{plain.pid}/cmdline", "rb").read()


# The life of the gateway and of its upstream


@pytest.fixture
def own_upstream(keeper, new_folder):
    server = cluster.Cluster(new_folder("upstream"), keeper).create().start()
    server.run("CREATE ROLE pg LOGIN PASSWORD 'ml'", "CREATE DATABASE pgml")
    yield server
    server.stop()


def url_of(server):
    return f"postgres://pg:ml@127.0.0.1:{server.port}/pgml"


@in_every_mode
def test_sigterm_lets_a_running_transaction_finish(start_gateway, mode):
    gateway = start_gateway(gateways.toml(mode, limits={"shutdown_timeout": "10s"}))
    target = Target("gateway", gateway.port)
    idle, busy = target.connect(), target.connect()
    busy.run("BEGIN")
    busy.send(pgwire.query("SELECT pg_sleep(1), 'done'"))
    time.sleep(0.2)
    gateway.signal(signal.SIGTERM)
    time.sleep(0.3)
    with pytest.raises(OSError):
        pgwire.Connection(gateway.port)
    goodbye = idle.read()
    assert (goodbye.value["S"], goodbye.value["C"]) == ("FATAL", "57P01")
    assert idle.is_closed(within=5)
    assert busy.rows()[0][1] == b"done"
    assert gateway.is_running, "the transaction has not ended"
    busy.run("COMMIT")
    assert gateway.wait(5) == 0
    assert busy.is_closed(within=5)


@in_every_mode
def test_sigterm_waits_no_longer_than_it_is_told(start_gateway, mode):
    gateway = start_gateway(gateways.toml(mode, limits={"shutdown_timeout": "1s"}))
    with Target("gateway", gateway.port).connect() as busy:
        busy.run("BEGIN")
        before = time.monotonic()
        gateway.signal(signal.SIGTERM)
        assert gateway.wait(10) == 0
        assert 0.5 < time.monotonic() - before < 4
        assert busy.is_closed(within=5)


def test_an_upstream_that_is_down_is_said(start_gateway):
    gateway = start_gateway(url=f"postgres://pg:ml@127.0.0.1:{cluster.free_port()}/pgml")
    fields, seconds = failed_login(gateway.port, "pg", "ml")
    assert (fields["S"], fields["C"]) == ("FATAL", "08006")
    assert fields["M"]
    assert seconds < 5
    assert failed_login(gateway.port, "pg", "wrong")[0]["C"] == "28P01", "strangers learn nothing of the upstream"


def test_an_upstream_that_restarts_is_used_again(start_gateway, own_upstream):
    gateway = start_gateway(url=url_of(own_upstream))
    target = Target("gateway", gateway.port)
    idle, busy = target.connect(), target.connect()
    busy.send(pgwire.query("SELECT pg_sleep(30)"))
    time.sleep(0.3)
    own_upstream.stop()
    for connection in (busy, idle):
        answer = connection.read_until("ErrorResponse")[-1]
        assert (answer.value["S"], answer.value["C"]) in (("FATAL", "57P01"), ("FATAL", "08006"))
        assert connection.is_closed(within=5)
    assert failed_login(gateway.port, "pg", "ml")[0]["C"] == "08006"
    own_upstream.start()
    still_works(target)


def test_an_upstream_that_is_killed_is_said(start_gateway, own_upstream):
    gateway = start_gateway(url=url_of(own_upstream))
    with Target("gateway", gateway.port).connect() as busy:
        busy.run("BEGIN")
        busy.send(pgwire.query("SELECT pg_sleep(30)"))
        time.sleep(0.3)
        own_upstream.stop(signal.SIGQUIT)
        answer = busy.read_until("ErrorResponse")[-1]
        assert answer.value["C"] in ("57P02", "57P01", "08006"), answer.value
        assert busy.is_closed(within=5)
    own_upstream.start()
    still_works(Target("gateway", gateway.port))


def test_a_taken_port_stops_the_start(start_gateway, plain):
    other = start_gateway(f"listen_port = {plain.port}\n", expect_listening=False)
    other.stop()
    done = subprocess.run(
        [gateways.binary(), "serve", "--listen", f"127.0.0.1:{plain.port}"],
        cwd=other.folder,
        env={**os.environ, "DATABASE_URL": "postgres://pg:ml@127.0.0.1:1/pgml"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode != 0
    assert str(plain.port) in done.stderr


@pytest.mark.parametrize("mistake", ["listen_adress = '127.0.0.1'", "listen_port = 'x'", "[limits]\nmax_statement_bytes = '1TiB'"])
def test_a_mistake_in_the_configuration_stops_the_start_and_is_named(start_gateway, mistake):
    gateway = start_gateway(mistake + "\n", expect_listening=False)
    assert gateway.wait(20) != 0
    assert re.search(r"gateway\.toml:\d+: ", gateway.log()), gateway.log()


def test_without_a_policy_the_gateway_does_not_start(start_gateway):
    gateway = start_gateway(edit_policy=lambda policy: "enabled = false\n" + policy, expect_listening=False)
    assert gateway.wait(20) != 0
    assert "holds no plugin" in gateway.log()


def test_many_clients_come_and_go(plain):
    """More connections than descriptors a careless gateway would keep."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = Target("gateway", plain.port)
    before = len(os.listdir(f"/proc/{plain.pid}/fd"))
    for _ in range(50):
        with target.connect() as connection:
            assert connection.run("SELECT 1") == [[b"1"]]
    for _ in range(200):
        pgwire.Connection(plain.port).close()
    time.sleep(0.5)
    assert len(os.listdir(f"/proc/{plain.pid}/fd")) <= before + 4
    assert soft


def test_what_a_failed_query_left_of_the_unnamed_portal_is_never_used(client):
    """PostgreSQL 15 reads freed memory then, and may crash with all its sessions."""
    for message in (pgwire.execute(), pgwire.describe("P")):
        client.run("BEGIN")
        # Fails when it runs, and so leaves its portal.
        assert answer_to(client, pgwire.query("SELECT 1 / (x - 1) FROM generate_series(1, 2) AS x"))["C"] == "22012"
        client.read_until("ReadyForQuery")
        assert answer_to(client, message, pgwire.sync())["C"] == "34000"
        client.read_until("ReadyForQuery")
        client.run("ROLLBACK")
        client.send(message, pgwire.sync())
        assert client.read().value["C"] == "34000", "outside of a transaction there is none either"
        client.read_until("ReadyForQuery")
