"""`pgml-gateway health`: what a container's health check is told."""

import socket
import subprocess
import threading
import time

import gateway as gateways
import pgwire
import pytest
from cluster import free_port
from conftest import Target


def health(address, *options):
    command = [gateways.binary(), "health", "--address", address, *options]
    return subprocess.run(command, env={}, capture_output=True, text=True, timeout=30)


@pytest.fixture
def answering():
    """Makes listeners on the loopback interface that send every client `answer`, or nothing."""
    servers = []

    def start(answer):
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)
        clients = []

        def serve():
            try:
                while True:
                    clients.append(server.accept()[0])
                    clients[-1].recv(8)
                    clients[-1].sendall(answer)
            except OSError:
                pass

        threading.Thread(target=serve, daemon=True).start()
        return f"127.0.0.1:{server.getsockname()[1]}"

    yield start
    for server in servers:
        server.close()


def test_a_running_gateway_is_healthy_and_needs_nothing_from_the_environment(gateway):
    result = health(f"127.0.0.1:{gateway.port}")
    assert (result.returncode, result.stdout) == (0, f"127.0.0.1:{gateway.port} answers\n"), result.stderr


def test_a_gateway_that_has_all_the_clients_it_may_have_is_healthy(start_gateway):
    full = start_gateway(gateways.toml(limits={"max_client_connections": 1}))
    client = Target("gateway", full.port).connect()
    try:
        assert health(f"127.0.0.1:{full.port}").returncode == 0
    finally:
        client.close()


def test_who_has_seen_the_end_of_a_client_finds_its_place_free(start_gateway):
    full = start_gateway(gateways.toml(limits={"max_client_connections": 1}))
    for _ in range(200):
        # Clients alternate between reactors: each is let in by one while the other closes the one before.
        with Target("gateway", full.port).connect() as client:
            client.send(pgwire.terminate())
            assert client.is_closed(within=5)


def test_where_nobody_listens_nothing_is_healthy():
    result = health(f"127.0.0.1:{free_port()}")
    assert result.returncode == 1
    assert "Connection refused" in result.stderr


def test_one_that_accepts_and_says_nothing_is_not_healthy_and_is_given_up_in_time(answering):
    address = answering(b"")
    began = time.monotonic()
    result = health(address, "--timeout", "1")
    assert (result.returncode, result.stderr) == (1, f"Error: {address}: no answer within 1 s\n")
    assert 1 <= time.monotonic() - began < 5


def test_one_that_is_no_postgresql_server_is_not_healthy(answering):
    result = health(answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    assert result.returncode == 1
    assert "does not answer as a PostgreSQL server does" in result.stderr


@pytest.mark.parametrize("address", ["localhost:6432", "127.0.0.1", "127.0.0.1:70000"])
def test_what_is_no_address_is_refused_with_a_remedy(address):
    result = health(address)
    assert result.returncode != 0
    assert f'--address: "{address}" is not an address; write 127.0.0.1:6432 or [::1]:6432' in result.stderr
