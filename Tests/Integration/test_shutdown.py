"""SIGTERM with transaction pooling: who waits, idles or is pinned is told at once, who works may finish, and it ends in time."""

import os
import signal
import socket
import subprocess
import threading
import time

import cluster
import gateway as gateways
import pgwire
import pytest
from conftest import Target, admit_the_tests, in_every_mode, in_transaction_pooling

SOON = 3


@pytest.fixture
def open_gateway(start_gateway):
    def start(mode, size=2, shutdown_timeout="5s", url=None, **pool):
        pool = {"size": size, **pool} if mode == "transaction" else pool
        text = gateways.toml(mode, pool, {"shutdown_timeout": shutdown_timeout}, reactors=2)
        return start_gateway(text, admit_the_tests, url)

    return start


def connect(gateway, **parameters):
    return Target("gateway", gateway.port).connect(**parameters)


def is_told_the_end(connection):
    goodbye = connection.read()
    assert goodbye.name == "ErrorResponse", goodbye
    assert (goodbye.value["S"], goodbye.value["C"]) == ("FATAL", "57P01"), goodbye
    assert connection.is_closed(within=SOON)


def ends_within(gateway, seconds, since):
    try:
        assert gateway.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        pytest.fail(f"has not ended after {seconds} s")
    assert time.monotonic() - since < seconds, gateway.log()[-2000:]


class Players:
    """So many threads that play a client each, and how each client ended: as the server's last word has it, or otherwise."""

    def __init__(self, count, play):
        self._ends = []
        self._threads = [threading.Thread(target=self._run, args=(play, number)) for number in range(count)]
        for thread in self._threads:
            thread.start()

    def _run(self, play, number):
        try:
            play(number)
            self._ends.append("by itself")
        except pgwire.ServerError as error:
            self._ends.append((error.fields["S"], error.fields["C"]))
        except (pgwire.Closed, OSError) as error:
            self._ends.append(repr(error))

    def ends(self):
        for thread in self._threads:
            thread.join(SOON)
        return self._ends


def in_a_transaction(gateway):
    client = connect(gateway)
    client.run("BEGIN")
    client.run("SELECT 1")
    return client


@in_transaction_pooling
def test_clients_that_wait_for_a_server_connection_are_told_at_once(open_gateway, mode):
    gateway = open_gateway(mode)
    waiting = [connect(gateway) for _ in range(6)]
    holders = [in_a_transaction(gateway) for _ in range(2)]
    for number, client in enumerate(waiting):
        if number % 2:
            client.send(pgwire.query("SELECT 1"))
        else:
            client.send(pgwire.parse("", "SELECT 1"), pgwire.bind("", ""), pgwire.execute(), pgwire.sync())
    time.sleep(0.3)
    before = time.monotonic()
    gateway.signal(signal.SIGTERM)
    for client in waiting:
        is_told_the_end(client)
    assert time.monotonic() - before < SOON
    assert gateway.is_running, "transactions are open"
    for holder in holders:
        assert holder.run("SELECT 'may finish'") == [[b"may finish"]]
        holder.run("COMMIT")
        is_told_the_end(holder)
    ends_within(gateway, SOON, time.monotonic())


@in_every_mode
def test_clients_that_log_in_when_no_server_connection_is_free_are_told(open_gateway, upstream, mode):
    """Nothing answers behind this gateway: its clients wait between their password and their first ReadyForQuery."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as mute:
        gateway = open_gateway(mode, url=f"postgres://pg:ml@127.0.0.1:{mute.getsockname()[1]}/pgml")
        players = Players(3, lambda _: connect(gateway).close())
        time.sleep(0.5)
        before = time.monotonic()
        gateway.signal(signal.SIGTERM)
        ends_within(gateway, SOON, before)
        assert players.ends() == [("FATAL", "57P01")] * 3


PINS = {
    "a temporary table": ["CREATE TEMP TABLE mine (id integer)"],
    "LISTEN": ["LISTEN jobs"],
    "PREPARE": ["PREPARE p AS SELECT 1"],
    "an advisory lock": ["SELECT pg_advisory_lock(4711)"],
    "a held cursor": ["BEGIN", "DECLARE c CURSOR WITH HOLD FOR SELECT 1", "COMMIT"],
    "settings": ["SET extra_float_digits = 3"],
}


@in_transaction_pooling
def test_pinned_clients_are_told_at_once(start_gateway, upstream, mode):
    toml = gateways.toml(mode, {"size": len(PINS)}, {"shutdown_timeout": "5s"}, unrestricted=True)
    gateway = start_gateway(toml, lambda policy: "enabled = false\n" + policy)
    pinned = [connect(gateway) for _ in PINS]
    for client, statements in zip(pinned, PINS.values(), strict=True):
        for statement in statements:
            client.run(statement)
    before = time.monotonic()
    gateway.signal(signal.SIGTERM)
    for client in pinned:
        is_told_the_end(client)
    ends_within(gateway, SOON, before)
    # Nothing of theirs lives on in the server.
    deadline = time.monotonic() + SOON
    while upstream.run("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711") != [(0,)]:
        assert time.monotonic() < deadline, "the lock of a client that was pinned is still there"
        time.sleep(0.05)


@in_transaction_pooling
def test_errands_that_are_under_way_do_not_hold_it_up(open_gateway, mode):
    """Clients with settings of their own take turns on one server connection: mostly it is being prepared for somebody."""
    gateway = open_gateway(mode, size=1)

    def work(number):
        with connect(gateway, application_name=f"client {number}") as client:
            client.run(f"SET extra_float_digits = {number % 4}")
            while True:
                assert client.run("SHOW application_name") == [[f"client {number}".encode()]]

    players = Players(8, work)
    time.sleep(0.7)
    before = time.monotonic()
    gateway.signal(signal.SIGTERM)
    ends_within(gateway, SOON, before)
    assert players.ends() == [("FATAL", "57P01")] * 8


@in_transaction_pooling
def test_an_errand_that_is_never_answered_does_not_hold_it_up(open_gateway, keeper, new_folder, mode):
    """The server stands still while a connection is being prepared for a client."""
    server = cluster.Cluster(new_folder("still"), keeper).create().start()
    try:
        server.run("CREATE ROLE pg LOGIN PASSWORD 'ml'", "CREATE DATABASE pgml")
        gateway = open_gateway(mode, size=1, url=f"postgres://pg:ml@127.0.0.1:{server.port}/pgml")
        with connect(gateway) as one, connect(gateway, application_name="other") as other:
            one.run("SET extra_float_digits = 3")
            (pid,) = server.run("SELECT pid FROM pg_stat_activity WHERE usename = 'pg'")[0]
            os.kill(int(pid), signal.SIGSTOP)
            try:
                other.send(pgwire.query("SELECT 1"))
                time.sleep(0.3)
                before = time.monotonic()
                gateway.signal(signal.SIGTERM)
                is_told_the_end(other)
                is_told_the_end(one)
                ends_within(gateway, SOON, before)
            finally:
                os.kill(int(pid), signal.SIGCONT)
    finally:
        server.stop()


@in_every_mode
def test_what_is_still_running_when_time_is_up_is_ended(open_gateway, upstream, mode):
    gateway = open_gateway(mode, shutdown_timeout="1s")
    idle, running = in_a_transaction(gateway), connect(gateway)
    running.run("BEGIN")
    running.send(pgwire.query("SELECT pg_sleep(30)"))
    time.sleep(0.2)
    before = time.monotonic()
    gateway.signal(signal.SIGTERM)
    for client in (idle, running):
        is_told_the_end(client)
    assert 0.8 < time.monotonic() - before
    ends_within(gateway, SOON, before)
