"""The servers that the integration tests run against. What one of them needs and is not there fails the run."""

import os
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import cluster
import gateway as gateways
import pgwire
from bystanders import Bystanders
from keeper import Keeper
from upstream import Upstream

TIME_LIMIT_SECONDS = 120

# The pool modes that are tested.
POOL_MODES = os.environ.get("PGML_POOL_MODES", "session,transaction").split(",")
# What protocol tests run against: PostgreSQL itself, and the gateway in front of it in each pool mode.
GATEWAYS = [name for name, mode in (("gateway", "session"), ("gateway-transaction", "transaction")) if mode in POOL_MODES]
TARGETS = ["postgresql", *GATEWAYS]
in_every_mode = pytest.mark.parametrize("mode", POOL_MODES)
in_transaction_pooling = pytest.mark.parametrize("mode", [mode for mode in POOL_MODES if mode == "transaction"])
# With transaction pooling so many server connections are shared by the client under test and so many bystanders.
SHARED, BYSTANDERS = 2, 20

# Everything tests write to, beside the backend's own app.inbox. app.secret is never listed in any policy.
TABLES = """
CREATE TABLE IF NOT EXISTS app.kept (id integer, body text);
CREATE TABLE IF NOT EXISTS app.secret (id integer);
GRANT ALL ON app.kept, app.secret TO pg;
"""


def admit_the_tests(policy):
    """The repository's policy, and what the tests themselves need: a table to write to, COPY, a way to wait."""
    statements = 'statements = ["COPY FROM", "COPY TO"]\nfunctions = ["pg_catalog.pg_sleep", "pg_catalog.pg_backend_pid"]\n'
    assert "schemas = []\n" in policy
    return policy.replace("schemas = []\n", "schemas = []\n" + statements) + (
        "\n[[relations]]\n"
        'name = "app.kept"\n'
        'access = ["select", "insert", "update", "delete", "truncate"]\n'
        "\n[[relations]]\n"
        'name = "app.slow"\n'
        'access = ["select"]\n'
        "\n[[settings]]\n"
        'name = "statement_timeout"\n'
        "min = 0\n"
        "max = 600000\n"
    )


def pytest_configure(config):
    def stop(number, _):
        pytest.exit(f"ended by signal {number}", returncode=128 + number)

    signal.signal(signal.SIGTERM, stop)
    cluster.require_server_programs()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    """A test that hangs is a test that failed."""

    def too_long(*_):
        raise TimeoutError(f"{item.nodeid} took longer than {limit} s")

    marker = item.get_closest_marker("time_limit")
    limit = marker.args[0] if marker else TIME_LIMIT_SECONDS
    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(limit)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def keeper():
    keeper = Keeper()
    yield keeper
    keeper.close()


@pytest.fixture(scope="session")
def new_folder(keeper):
    """Makes folders that servers may reach and that are gone afterwards."""

    return keeper.new_folder


class TestUpstream(Upstream):
    __test__ = False

    def kept(self):
        """The rows of the table that tests write to."""
        return sorted(row[0] for row in self.run("SELECT id FROM app.kept"))


@pytest.fixture(scope="session")
def upstream(keeper, new_folder):
    upstream = TestUpstream(keeper, new_folder)
    try:
        upstream.run(TABLES)
        yield upstream
    finally:
        upstream.stop()


@pytest.fixture(scope="session")
def start_gateway(keeper, new_folder, upstream):
    """Starts gateways of any configuration; they end with the run at the latest."""
    started = []

    def start(gateway_toml="", edit_policy=admit_the_tests, url=None, expect_listening=True, plugins=None):
        # Wherever a test does not say otherwise: between reactors there is more that can go wrong.
        if "reactors" not in gateway_toml:
            gateway_toml = "reactors = 2\n" + gateway_toml
        folder = gateways.lay_out(new_folder("gateway"), gateway_toml, edit_policy, plugins)
        one = gateways.Gateway(folder, keeper, url or upstream.backend.url)
        started.append(one)
        return one.start(expect_listening)

    yield start
    for one in started:
        one.stop()


@pytest.fixture(scope="session")
def gateway(start_gateway, upstream):
    """The gateway that most tests use: the repository's policy, the tests' own table, and the wiretap behind it."""
    one = start_gateway(url=upstream.tapped_url)
    yield one
    if not one.is_running:
        raise RuntimeError(f"the gateway ended while it was tested:\n{one.log()[-4000:]}")


@pytest.fixture(scope="session")
def transaction_gateway(start_gateway, upstream):
    """As `gateway`, but with transaction pooling over two server connections."""
    one = start_gateway(gateways.toml("transaction", {"size": SHARED}), url=upstream.tapped_url)
    yield one
    if not one.is_running:
        raise RuntimeError(f"the gateway ended while it was tested:\n{one.log()[-4000:]}")


@pytest.fixture(scope="module")
def shared_port(transaction_gateway, keeper):
    """The port of the transaction pooling gateway, whose server connections others use all the while as well. Before they
    leave, they must have found nothing but their own, on no more server connections than there may be."""
    bystanders = Bystanders(transaction_gateway.port, BYSTANDERS, keeper)
    yield transaction_gateway.port
    bystanders.leave(most_connections=SHARED)


@pytest.fixture(scope="session")
def rds(keeper, new_folder):
    """A second PostgreSQL that plays RDS: dblink and postgres_fdw, and an ordinary user `app`."""
    server = cluster.Cluster(new_folder("rds"), keeper, settings={"log_statement": "all"}).create().start()
    try:
        server.run("CREATE DATABASE shop", "CREATE ROLE app LOGIN PASSWORD 'app'")
        server.run(
            "CREATE EXTENSION dblink",
            "CREATE EXTENSION postgres_fdw",
            "GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO app",
            "CREATE SCHEMA app AUTHORIZATION app",
            database="shop",
        )
        yield server
    finally:
        server.stop()


class Target:
    """Where a protocol test runs: PostgreSQL itself, or the gateway in front of it."""

    def __init__(self, name, port):
        self.name = name
        self.port = port
        self.is_gateway = name != "postgresql"
        self.has_transaction_pooling = name == "gateway-transaction"

    def connect(self, user="pg", password="ml", database="pgml", **parameters):
        connection = pgwire.Connection(self.port)
        try:
            connection.login(user, password, database, **parameters)
        except BaseException:
            connection.close()
            raise
        return connection


@pytest.fixture(params=TARGETS)
def target(request, upstream):
    """Every protocol test is held against PostgreSQL first: what it expects is what the server does."""
    if request.param == "postgresql":
        port = upstream.backend.port
    elif request.param == "gateway":
        port = request.getfixturevalue("gateway").port
    else:
        port = request.getfixturevalue("shared_port")
    upstream.run("TRUNCATE app.kept")
    return Target(request.param, port)


@pytest.fixture
def connection(target):
    with target.connect() as connection:
        yield connection
