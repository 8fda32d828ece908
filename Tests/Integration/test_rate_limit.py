"""Rate limits hold: exactly, over all reactors, for every way to run a statement; who waits can be cancelled or go."""

import re
import signal
import threading
import time

import gateway as gateways
import pgwire
import pytest
from conftest import POOL_MODES, SHARED, admit_the_tests, in_every_mode, in_transaction_pooling

# Each limit is for one application, so that each test has one to itself.
LIMITS = {
    "exact": 'per = "user"\nrate = "50/second"\nburst = 20',
    "four": 'rate = "4/hour"',
    "extended": 'rate = "4/hour"',
    "prepared": 'rate = "4/hour"',
    "copy": 'rate = "3/hour"',
    "transaction": 'rate = "3/hour"',
    "probe": 'per = "user"\nrate = "3/hour"',
    "calls": 'count = "calls"\nfunctions = ["pg_catalog.lower"]\nrate = "4/hour"',
    "characters": 'count = "characters"\nfunctions = ["pg_catalog.lower"]\nrate = "20/hour"',
    "slots": 'functions = ["pg_catalog.pg_sleep"]\nconcurrent = 1',
    "session": 'functions = ["pg_catalog.pg_sleep"]\nconcurrent = 1',
    "slow": 'rate = "2/second"\nburst = 1\non_limit = "wait"\nwait_at_most = "3s"',
    "slow-bind": 'rate = "2/second"\nburst = 1\non_limit = "wait"\nwait_at_most = "3s"',
    "far": 'rate = "2/minute"\nburst = 1\non_limit = "wait"\nwait_at_most = "59s"',
    "far-bind": 'rate = "2/minute"\nburst = 1\non_limit = "wait"\nwait_at_most = "59s"',
    "queue": 'functions = ["pg_catalog.pg_sleep"]\nconcurrent = 1\non_limit = "wait"\nwait_at_most = "20s"',
    "queue-cancel": 'functions = ["pg_catalog.pg_sleep"]\nconcurrent = 1\non_limit = "wait"\nwait_at_most = "20s"',
    "queue-gone": 'functions = ["pg_catalog.pg_sleep"]\nconcurrent = 1\non_limit = "wait"\nwait_at_most = "20s"',
    "queue-late": 'functions = ["pg_catalog.pg_sleep"]\nconcurrent = 1\non_limit = "wait"\nwait_at_most = "500ms"',
}


def file_of(limits):
    entries = [f'[[limit]]\nname = "{name}"\napplications = ["{name}"]\n{keys}\n' for name, keys in limits.items()]
    return 'kind = "rate-limit"\n' + "\n".join(entries)


def start(start_gateway, mode, limits=LIMITS):
    pool = {"size": SHARED} if mode == "transaction" else None
    return start_gateway(gateways.toml(mode, pool), admit_the_tests, plugins={"05-rate-limit.toml": file_of(limits)})


@pytest.fixture(scope="module")
def ports(start_gateway):
    return {mode: start(start_gateway, mode).port for mode in POOL_MODES}


def connect(port, application):
    connection = pgwire.Connection(port)
    connection.login("pg", "ml", "pgml", application_name=application)
    return connection


def fields_of(action, *arguments):
    with pytest.raises(pgwire.ServerError) as caught:
        action(*arguments)
    return caught.value.fields


def assert_limited(fields, limit):
    assert (fields["S"], fields["C"]) == ("ERROR", "53400"), fields
    assert fields["D"] == f'Refused by rule "{limit}" of plugins.d/05-rate-limit.toml.', fields


def seconds_in(fields):
    return float(re.fullmatch(r"Try again in ([0-9.]+) seconds\.", fields["H"]).group(1))


def bound(connection, *messages):
    connection.send(*messages, pgwire.sync())
    return connection.rows()


@in_every_mode
def test_at_four_times_the_rate_what_is_admitted_is_within_two_percent(ports, mode):
    rate, burst, seconds, clients = 50, 20, 10, 8
    pause = clients / (4 * rate)
    connections = [connect(ports[mode], "exact") for _ in range(clients)]
    admitted, refused, failures = [0] * clients, [0] * clients, []
    begin = time.monotonic() + 0.2

    def play(number):
        try:
            due = begin + pause * number / clients
            while due < begin + seconds:
                time.sleep(max(0, due - time.monotonic()))
                try:
                    assert connections[number].run("SELECT 1") == [[b"1"]]
                    admitted[number] += 1
                except pgwire.ServerError as error:
                    assert_limited(error.fields, "exact")
                    assert seconds_in(error.fields) <= 0.03
                    refused[number] += 1
                due += pause
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=play, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - begin
    for connection in connections:
        connection.close()
    assert not failures, failures
    expected = rate * took + burst
    print(f"{mode}: {sum(admitted)} admitted of {sum(admitted) + sum(refused)} in {took:.2f} s, expected {expected:.0f}")
    assert sum(refused) > 2 * rate * seconds
    assert expected * 0.98 <= sum(admitted) <= expected * 1.02
    assert all(admitted), admitted


@in_every_mode
def test_statements_of_simple_queries_count_each(ports, mode):
    with connect(ports[mode], "four") as connection:
        assert connection.run("SELECT 1; SELECT 2; SELECT 3") == [[b"1"], [b"2"], [b"3"]]
        assert_limited(fields_of(connection.run, "SELECT 1; SELECT 2"), "four")
        assert connection.run("SELECT 4") == [[b"4"]]
        fields = fields_of(connection.run, "SELECT 5")
        assert_limited(fields, "four")
        assert 890 < seconds_in(fields) <= 900
        # Another application's limit is another one.
        with connect(ports[mode], "unlimited") as other:
            for _ in range(10):
                assert other.run("SELECT 1") == [[b"1"]]


@in_every_mode
def test_binds_count_each_and_a_refused_one_skips_to_sync(ports, mode):
    run = (pgwire.parse("", "SELECT $1::text"), pgwire.bind("", "", ["a"]), pgwire.execute())
    with connect(ports[mode], "extended") as connection:
        assert bound(connection, *run) == [[b"a"]]
        assert bound(connection, *run, *run) == [[b"a"], [b"a"]]
        # The second of two is refused, the third skipped.
        connection.send(*run, *run, *run, pgwire.sync())
        names = [answer.name for answer in connection.read_until("ReadyForQuery")]
        assert names == ["ParseComplete", "BindComplete", "DataRow", "CommandComplete", "ParseComplete", "ErrorResponse", "ReadyForQuery"]
        assert_limited(fields_of(bound, connection, *run), "extended")


@in_every_mode
def test_named_statements_count_when_they_are_bound(ports, mode):
    with connect(ports[mode], "prepared") as connection:
        assert bound(connection, pgwire.parse("s", "SELECT $1::text")) == []
        for _ in range(4):
            assert bound(connection, pgwire.bind("", "s", ["a"]), pgwire.execute()) == [[b"a"]]
        assert_limited(fields_of(bound, connection, pgwire.bind("", "s", ["a"]), pgwire.execute()), "prepared")


@in_every_mode
def test_execute_counts_what_it_runs(ports, mode):
    with connect(ports[mode], "calls") as connection:
        connection.run("PREPARE p AS SELECT lower($1::text), lower('B')")
        assert connection.run("EXECUTE p('A')") == [[b"a", b"b"]]
        assert connection.run("EXECUTE p('A')") == [[b"a", b"b"]]
        assert_limited(fields_of(connection.run, "EXECUTE p('A')"), "calls")
        assert_limited(fields_of(connection.run, "SELECT lower('A')"), "calls")
        assert connection.run("SELECT upper('a')") == [[b"A"]]


@in_every_mode
def test_characters_count_in_constants_and_parameters(ports, mode):
    with connect(ports[mode], "characters") as connection:
        assert connection.run("SELECT lower('ABCDE')") == [[b"abcde"]]
        run = pgwire.parse("s", "SELECT lower($1::text)", [25])
        assert bound(connection, run, pgwire.bind("", "s", ["ABCDE"]), pgwire.execute()) == [[b"abcde"]]
        assert bound(connection, pgwire.bind("", "s", ["ÀBCDE".encode()], [1]), pgwire.execute()) != []
        connection.run("PREPARE p AS SELECT lower($1::text)")
        assert_limited(fields_of(connection.run, "EXECUTE p('ABCDEF')"), "characters")
        assert connection.run("EXECUTE p('ABCDE')") == [[b"abcde"]]
        assert_limited(fields_of(connection.run, "SELECT lower('A')"), "characters")
        assert_limited(fields_of(bound, connection, pgwire.bind("", "s", ["A"]), pgwire.execute()), "characters")
        fields = fields_of(connection.run, "SELECT lower(body) FROM app.kept")
        assert fields["C"] == "42501" and "unknown_characters" in fields["H"], fields


@in_every_mode
def test_copy_counts_once_whatever_its_data(ports, upstream, mode):
    upstream.run("TRUNCATE app.kept")
    with connect(ports[mode], "copy") as connection:
        connection.send(pgwire.query("COPY app.kept FROM STDIN"))
        assert connection.read().name == "CopyInResponse"
        connection.send(*(pgwire.copy_data(f"{number}\tx\n".encode()) for number in range(10)), pgwire.copy_done())
        assert connection.rows() == []
        assert len(upstream.kept()) == 10
        connection.send(pgwire.query("COPY app.kept TO STDOUT"))
        assert sum(answer.name == "CopyData" for answer in connection.read_until("ReadyForQuery")) == 10
        assert connection.run("SELECT 1") == [[b"1"]]
        # Refused before the data: what a client that does not wait sends of it is dropped.
        connection.send(pgwire.query("COPY app.kept FROM STDIN"), pgwire.copy_data(b"99\tx\n"), pgwire.copy_done())
        assert_limited(fields_of(connection.rows), "copy")
        assert len(upstream.kept()) == 10


@in_every_mode
def test_in_a_transaction_a_refusal_fails_it(ports, upstream, mode):
    upstream.run("TRUNCATE app.kept")
    with connect(ports[mode], "transaction") as connection:
        connection.run("BEGIN")
        connection.run("INSERT INTO app.kept VALUES (1)")
        connection.run("SELECT 1")
        connection.send(pgwire.query("SELECT 2"))
        answers = connection.read_until("ReadyForQuery")
        assert_limited(answers[0].value, "transaction")
        assert answers[-1].value == "E", answers
    assert upstream.kept() == []


@in_every_mode
def test_who_probes_runs_out_of_statements(ports, mode):
    with connect(ports[mode], "probe") as connection:
        assert fields_of(connection.run, "SELECT pg_read_file('/etc/passwd')")["C"] == "42501"
        assert fields_of(connection.run, "SELEC")["C"] == "42601"
        refused = (pgwire.parse("", "SELECT pg_read_file('/etc/passwd')"), pgwire.bind("", ""), pgwire.execute())
        assert fields_of(bound, connection, *refused)["C"] == "42501"
        assert_limited(fields_of(connection.run, "SELECT pg_read_file('/etc/passwd')"), "probe")
        assert_limited(fields_of(connection.run, "SELECT 1"), "probe")


@in_every_mode
def test_so_many_at_a_time_and_a_place_is_given_back_whatever_happens(ports, mode):
    with connect(ports[mode], "slots") as one, connect(ports[mode], "slots") as other:
        sleep = pgwire.query("SELECT pg_sleep(0.5)")
        one.send(sleep)
        time.sleep(0.1)
        assert_limited(fields_of(other.run, "SELECT pg_sleep(0)"), "slots")
        assert other.run("SELECT 1") == [[b"1"]]
        one.rows()
        other.run("SELECT pg_sleep(0)")
        # A statement that fails, one that is cancelled, and a client that is gone in the middle of one.
        assert fields_of(one.run, "SELECT pg_sleep(0), 1/0")["C"] == "22012"
        other.run("SELECT pg_sleep(0)")
        one.send(pgwire.query("SELECT pg_sleep(30)"))
        time.sleep(0.2)
        cancel(ports[mode], one)
        assert fields_of(one.rows)["C"] == "57014"
        other.run("SELECT pg_sleep(0)")
        one.send(pgwire.query("SELECT pg_sleep(0.5)"))
        time.sleep(0.1)
        one.close()
        until_admitted(other, "slots")


@in_every_mode
def test_what_one_session_sends_together_takes_one_place(ports, mode):
    run = (pgwire.parse("", "SELECT pg_sleep(0)"), pgwire.bind("", ""), pgwire.execute())
    with connect(ports[mode], "session") as connection:
        assert len(bound(connection, *run * 5)) == 5
        assert len(bound(connection, *run * 5)) == 5


def cancel(port, connection):
    with pgwire.Connection(port) as canceller:
        canceller.send(pgwire.cancel_request(*connection.key))
        assert canceller.is_closed(5)


def until_admitted(connection, limit):
    """Runs a statement until a place is free for it."""
    deadline = time.monotonic() + 5
    while True:
        try:
            return connection.run("SELECT pg_sleep(0)")
        except pgwire.ServerError as error:
            assert_limited(error.fields, limit)
            assert time.monotonic() < deadline, "the place was never given back"
            time.sleep(0.05)


@in_transaction_pooling
def test_what_is_too_fast_waits_without_a_server_connection(ports, mode):
    with connect(ports[mode], "slow") as connection:
        connection.run("SELECT 1")
        before = time.monotonic()
        for number in range(4):
            assert connection.run(f"SELECT {number}") == [[str(number).encode()]]
        assert 1.8 < time.monotonic() - before < 3.5
    # Those that wait keep nobody from the two server connections.
    waiting = [connect(ports[mode], "slow") for _ in range(5)]
    before = time.monotonic()
    for connection in waiting:
        connection.send(pgwire.query("SELECT 1"))
    with connect(ports[mode], "unlimited") as other:
        for _ in range(20):
            assert other.run("SELECT 1") == [[b"1"]]
        assert time.monotonic() - before < 1
    for connection in waiting:
        assert connection.rows() == [[b"1"]]
        connection.close()
    assert 2 < time.monotonic() - before < 4


@in_transaction_pooling
def test_statements_wait_prepared_before_or_in_the_same_batch_but_not_in_transactions(ports, mode):
    with connect(ports[mode], "slow-bind") as connection:
        bound(connection, pgwire.parse("s", "SELECT $1::text"))
        run = (pgwire.bind("", "s", ["a"]), pgwire.execute())
        bound(connection, *run)
        before = time.monotonic()
        assert bound(connection, *run) == [[b"a"]]
        assert bound(connection, *run) == [[b"a"]]
        assert 0.8 < time.monotonic() - before < 2.5
        before = time.monotonic()
        for name in ("", "t", ""):
            assert bound(connection, pgwire.parse(name, "SELECT $1::text"), pgwire.bind("", name, ["a"]), pgwire.execute()) == [[b"a"]]
        assert 1.2 < time.monotonic() - before < 3
        # The second Bind of a batch would keep the server connection that the first has.
        parsed = (pgwire.parse("", "SELECT $1::text"), pgwire.bind("", "", ["a"]))
        assert_limited(fields_of(bound, connection, *parsed, *parsed), "slow-bind")
        # In a transaction nobody waits.
        connection.run("BEGIN")
        assert_limited(fields_of(connection.run, "SELECT 1"), "slow-bind")


@pytest.mark.skipif("session" not in POOL_MODES, reason="session pooling is not tested")
def test_in_session_pooling_nobody_waits(ports):
    with connect(ports["session"], "slow") as connection:
        connection.run("SELECT 1")
        fields = fields_of(connection.run, "SELECT 1")
        assert_limited(fields, "slow")
        assert seconds_in(fields) <= 0.5


@in_transaction_pooling
def test_places_are_given_to_who_came_first(ports, mode):
    first, second, third = (connect(ports[mode], "queue") for _ in range(3))
    first.send(pgwire.query("SELECT pg_sleep(0.6)"))
    time.sleep(0.2)
    second.send(pgwire.query("SELECT pg_sleep(0.6), clock_timestamp()"))
    time.sleep(0.2)
    third.send(pgwire.query("SELECT pg_sleep(0), clock_timestamp()"))
    first.rows()
    assert second.rows()[0][1] < third.rows()[0][1]
    for connection in (first, second, third):
        connection.close()


@in_transaction_pooling
def test_who_waits_too_long_for_a_place_is_refused_in_time(ports, mode):
    with connect(ports[mode], "queue-late") as one, connect(ports[mode], "queue-late") as other:
        one.send(pgwire.query("SELECT pg_sleep(1.5)"))
        time.sleep(0.2)
        before = time.monotonic()
        assert_limited(fields_of(other.run, "SELECT pg_sleep(0)"), "queue-late")
        assert 0.4 < time.monotonic() - before < 1.1
        one.rows()
        other.run("SELECT pg_sleep(0)")


@in_transaction_pooling
def test_a_cancel_ends_the_wait_for_a_time(ports, mode):
    bind = (pgwire.bind("", "s"), pgwire.execute(), pgwire.sync())
    for limit, message in (("far", (pgwire.query("SELECT 1"),)), ("far-bind", bind)):
        with connect(ports[mode], limit) as connection:
            bound(connection, pgwire.parse("s", "SELECT 1"))
            connection.send(*message)
            assert connection.rows() == [[b"1"]]
            connection.send(*message)
            time.sleep(0.3)
            before = time.monotonic()
            cancel(ports[mode], connection)
            assert fields_of(connection.rows)["C"] == "57014"
            assert time.monotonic() - before < 2
            # The session goes on: its next statement would have to wait for longer than it may.
            assert_limited(fields_of(connection.run, "SELECT 1"), limit)


@in_transaction_pooling
def test_a_cancel_ends_the_wait_for_a_place(ports, mode):
    with connect(ports[mode], "queue-cancel") as one, connect(ports[mode], "queue-cancel") as other:
        for message in ([pgwire.query("SELECT pg_sleep(0)")], [pgwire.bind("", "s"), pgwire.execute(), pgwire.sync()]):
            bound(other, pgwire.close("S", "s"), pgwire.parse("s", "SELECT pg_sleep(0)"))
            one.send(pgwire.query("SELECT pg_sleep(1.5)"))
            time.sleep(0.2)
            other.send(*message)
            time.sleep(0.3)
            before = time.monotonic()
            cancel(ports[mode], other)
            assert fields_of(other.rows)["C"] == "57014"
            assert time.monotonic() - before < 0.8
            assert other.run("SELECT 1") == [[b"1"]], "what was cancelled leaves the session as it was"
            one.rows()
            other.run("SELECT pg_sleep(0)")


@in_transaction_pooling
def test_a_client_that_is_gone_while_it_waits_keeps_no_place(ports, mode):
    with connect(ports[mode], "queue-gone") as one, connect(ports[mode], "queue-gone") as other:
        one.send(pgwire.query("SELECT pg_sleep(0.8)"))
        time.sleep(0.2)
        for _ in range(5):
            gone = connect(ports[mode], "queue-gone")
            gone.send(pgwire.query("SELECT pg_sleep(0)"))
            time.sleep(0.05)
            gone.close()
        one.rows()
        before = time.monotonic()
        other.run("SELECT pg_sleep(0)")
        assert time.monotonic() - before < 2


@in_transaction_pooling
@pytest.mark.parametrize("kind", ["simple", "prepared"])
def test_a_reload_leaves_those_that_wait_their_turn(start_gateway, mode, kind):
    limit = 'functions = ["pg_catalog.pg_sleep"]\nconcurrent = 1\non_limit = "wait"\nwait_at_most = "20s"'
    gateway = start(start_gateway, mode, {"queue": limit})
    with connect(gateway.port, "queue") as one, connect(gateway.port, "queue") as other:
        bound(other, pgwire.parse("s", "SELECT pg_sleep(0)"))
        one.send(pgwire.query("SELECT pg_sleep(1.5)"))
        time.sleep(0.2)
        before = time.monotonic()
        if kind == "simple":
            other.send(pgwire.query("SELECT pg_sleep(0)"))
        else:
            other.send(pgwire.bind("", "s"), pgwire.execute(), pgwire.sync())
        time.sleep(0.2)
        (gateway.folder / "plugins.d" / "05-rate-limit.toml").write_text(file_of({"queue": 'rate = "2/hour"'}))
        gateway.signal(signal.SIGHUP)
        while "are in force" not in gateway.log():
            assert time.monotonic() - before < 5, gateway.log()
            time.sleep(0.02)
        assert other.rows() == [[b""]]
        assert 0.8 < time.monotonic() - before < 3, "it has waited for the place"
        one.rows()
        # From here on the new limit holds.
        assert other.run("SELECT 1") == [[b"1"]]
        assert one.run("SELECT 1") == [[b"1"]]
        assert_limited(fields_of(other.run, "SELECT 1"), "queue")
    gateway.stop()


def reload(gateway):
    done = gateway.log().count("are in force")
    gateway.signal(signal.SIGHUP)
    deadline = time.monotonic() + 5
    while gateway.log().count("are in force") == done:
        assert time.monotonic() < deadline, gateway.log()
        time.sleep(0.02)


@in_every_mode
def test_a_reload_is_no_way_around_a_limit(start_gateway, mode):
    limits = {"a": 'per = "user"\nrate = "6/hour"', "b": 'functions = ["pg_catalog.pg_sleep"]\nconcurrent = 1'}
    gateway = start(start_gateway, mode, limits)
    path = gateway.folder / "plugins.d" / "05-rate-limit.toml"
    with connect(gateway.port, "a") as one, connect(gateway.port, "a") as other:
        for connection in (one, other, one, other, one, other):
            assert connection.run("SELECT 1") == [[b"1"]]
            reload(gateway)
        assert_limited(fields_of(one.run, "SELECT 1"), "a")
        assert_limited(fields_of(other.run, "SELECT 1"), "a")
        with connect(gateway.port, "a") as newcomer:
            assert_limited(fields_of(newcomer.run, "SELECT 1"), "a")
        # Another limit beside it does not change this one; another rate does.
        path.write_text(file_of({**limits, "c": 'rate = "1/hour"'}))
        reload(gateway)
        assert_limited(fields_of(one.run, "SELECT 1"), "a")
        path.write_text(file_of({**limits, "a": 'per = "user"\nrate = "1/hour"'}))
        reload(gateway)
        assert one.run("SELECT 1") == [[b"1"]]
        assert_limited(fields_of(other.run, "SELECT 1"), "a")
    with connect(gateway.port, "b") as one, connect(gateway.port, "b") as other:
        one.send(pgwire.query("SELECT pg_sleep(1)"))
        time.sleep(0.2)
        reload(gateway)
        assert_limited(fields_of(other.run, "SELECT pg_sleep(0)"), "b")
        one.rows()
        other.run("SELECT pg_sleep(0)")
        one.run("SELECT pg_sleep(0)")
    gateway.stop()


@in_every_mode
def test_a_broken_file_leaves_the_limits_as_they_are(start_gateway, mode):
    gateway = start(start_gateway, mode, {"a": 'rate = "2/hour"'})
    with connect(gateway.port, "a") as connection:
        connection.run("SELECT 1")
        (gateway.folder / "plugins.d" / "05-rate-limit.toml").write_text(file_of({"a": 'rate = "2/fortnight"'}))
        gateway.signal(signal.SIGHUP)
        deadline = time.monotonic() + 5
        while "stay as they were" not in gateway.log():
            assert time.monotonic() < deadline, gateway.log()
            time.sleep(0.02)
        assert 'limit[0].rate: "2/fortnight" is no rate' in gateway.log()
        connection.run("SELECT 1")
        assert_limited(fields_of(connection.run, "SELECT 1"), "a")
    gateway.stop()
