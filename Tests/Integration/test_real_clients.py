"""Drivers of many languages do their work through the gateway as they do without it, twenty connections at a time.

clients/README.md says what the programs do. Each runs against PostgreSQL first: what is expected of the gateway is what
the driver finds there. dblink and postgres_fdw have tests of their own.
"""

import json
import os
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from backend_fixture import CACHE
from conftest import admit_the_tests

CLIENTS = Path(__file__).parent / "clients"
JDBC_DRIVER = Path("/usr/share/java/postgresql.jar")
# Where scripts/install.sh unpacks the packages of drivers.
UNPACKED = CACHE / "drivers" / "usr" / "share"

NUMBERS = range(1, 21)
POOL_SIZE = 2
ZONES = ["Europe/Paris", "Asia/Tokyo", "UTC"]
MODEL = "all-MiniLM-L6-v2"
# Shorter than the sleep that one connection cancels: if that came too late, so does the program.
TOO_LONG = 25

TRANSACTION_POOLING = False
POOL_MODES = ["session", "transaction"] if TRANSACTION_POOLING else ["session"]
POOLING = {
    "session": 'pool_mode = "session"\n',
    "transaction": f'pool_mode = "transaction"\n[pool]\nsize = {POOL_SIZE}\n',
}

# What drivers ask of their own accord, beyond the shipped policy.
MORE_RULES = """
# asyncpg asks for the parts of every array and row it has not met, real[] among them, with JIT switched off meanwhile;
# pgjdbc for the name of a type it does not know, such as void.
[[relations]]
name = "pg_catalog.pg_type"
access = ["select"]

[[relations]]
name = "pg_catalog.pg_range"
access = ["select"]

[[calls]]
function = "pg_catalog.current_setting"
[[calls.arguments]]
name = "setting_name"
values = ["jit"]

[[calls]]
function = "pg_catalog.set_config"
[[calls.arguments]]
name = "setting_name"
values = ["jit"]
[[calls.arguments]]
name = "new_value"
values = ["on", "off"]
[[calls.arguments]]
name = "is_local"
type = "boolean"

# asyncpg, when it gives a connection back.
[[settings]]
name = "all"
access = ["reset"]
"""


# Who serves me? asked by the programs; then pgjdbc's, and asyncpg's when it gives a connection back.
MORE_FUNCTIONS = ["pg_backend_pid", "current_schemas", "pg_advisory_unlock_all"]


def admit_the_clients(policy):
    functions = ", ".join(f'"pg_catalog.{name}"' for name in MORE_FUNCTIONS)
    policy = admit_the_tests(policy)
    for found, wanted in (
        ('"COPY TO"]', '"COPY TO", "UNLISTEN"]\ntypes = ["pg_catalog.regproc", "pg_catalog.regtype"]'),
        ('"pg_catalog.pg_sleep"]', f'"pg_catalog.pg_sleep", {functions}]'),
    ):
        assert found in policy
        policy = policy.replace(found, wanted)
    return policy + MORE_RULES


@pytest.fixture(scope="module", params=POOL_MODES)
def mode(request):
    return request.param


@pytest.fixture(scope="module")
def pooled(mode, start_gateway):
    """A gateway in this pool mode, which ends before the next one begins: its server connections are many."""
    gateway = start_gateway(POOLING[mode], edit_policy=admit_the_clients)
    yield gateway
    assert gateway.is_running, gateway.log()[-4000:]
    gateway.stop()


def check_server_connections(mode, served):
    """`served`: for each connection, the server processes that answered it, in order."""
    everyone = {pid for pids in served for pid in pids}
    if mode == "transaction":
        assert len(everyone) <= POOL_SIZE
        assert any(len(set(pids)) > 1 for pids in served), "no client was ever served by another server connection"
    else:
        assert all(len(set(pids)) == 1 for pids in served)
        assert len(everyone) == len(served)


# Drivers, each with a program


@dataclass(frozen=True)
class Driver:
    name: str
    program: str
    arguments: tuple = ()
    # Where a record differs from what most drivers find.
    own: dict = field(default_factory=dict)

    def expected(self, number):
        """The record of one connection, as clients/README.md names its keys."""
        base = number * 1000
        zone = ZONES[number % 3]
        timeout = f"{60000 + number}ms"
        kept = [2, 4, 6, *range(100, 110), *range(300, 350)]
        record = {
            "application": f"client {number}",
            "simple": [number, f"it's ü – {number}"],
            "prepared": [[number * 100 + turn, f"round {turn}"] for turn in range(10)],
            "shared": [turn * 2 for turn in range(10)],
            "rolled_back": 0,
            "committed": 1,
            "failed": ["22012", "25P02"],
            "after_failure": number,
            "savepoint": "22012",
            "settings": [[timeout, zone]] * 3,
            "local": ["5s", timeout],
            "undone": ["7s", timeout],
            "isolation": ["repeatable read" if number % 2 else "read committed"] * 3,
            "fetched": [100, sum(base + one for one in range(1, 101))],
            "batch": 10,
            "failed_batch": "22012",
            "copied": [50, sum(base + one for one in range(300, 350))],
            "cancelled": "57014" if number == 1 else None,
            "denied": ["42501", "42501", "42501", "25P02"],
            "after_denied": number,
            "embedding": [384, 1.0, -0.034, 0.092, 0.049],
            "kept": [base + one for one in kept],
        }
        own = {key: value(number) if callable(value) else value for key, value in self.own.items()}
        return {**record, **own}


# java.sql.Connection's numbers of isolation levels.
READ_COMMITTED, REPEATABLE_READ = 2, 4

DRIVERS = [
    Driver(
        "pgjdbc",
        "java",
        own={
            "extra": lambda number: {
                "valid": True,
                "isolation": REPEATABLE_READ if number % 2 else READ_COMMITTED,
            },
        },
    ),
    Driver(
        "node-pg",
        "node",
        own={
            "copied": None,
            "kept": lambda number: [number * 1000 + one for one in (2, 4, 6, *range(100, 110))],
            "extra": lambda number: {"several": [number, ZONES[number % 3]]},
        },
    ),
    Driver(
        "pgx",
        "go",
        ("pgx",),
        own={"extra": lambda number: {"closed_by_timeout": True, "again": f"again client {number}"}},
    ),
    Driver("lib-pq", "go", ("pq",), own={"extra": {"ping": True}}),
    Driver(
        "dbd-pg",
        "perl",
        own={
            "cancelled": lambda number: True if number == 1 else None,
            "extra": lambda number: {"ping": 1, "later": number},
        },
    ),
    *(
        Driver(
            name,
            "python",
            (name,),
            own={"extra": lambda number: {"failed": "22012", "kept": [[number * 1000 + 400]]}},
        )
        for name in ("psycopg", "psycopg-async")
    ),
    Driver(
        "asyncpg",
        "python",
        ("asyncpg",),
        own={
            "cancelled": lambda number: "timeout" if number == 1 else None,
            "extra": lambda number: {
                "decoded": {"client": number},
                "row": [number * 1000 + 2, None],
                "reset": "UTC",
                "still": f"client {number}",
            },
        },
    ),
]


def require(found, package):
    if not found:
        pytest.fail(f"Debian's {package} is not here: run `scripts/install.sh tests`")


@pytest.fixture(scope="module")
def java(new_folder):
    require(shutil.which("javac"), "openjdk-17-jdk-headless")
    require(JDBC_DRIVER.exists(), "libpostgresql-jdbc-java")
    folder = new_folder("java")
    compiler = ["javac", "-encoding", "UTF-8", "-cp", JDBC_DRIVER, "-d", folder, CLIENTS / "Jdbc.java"]
    subprocess.run(compiler, check=True, timeout=60)
    # For a program that runs a second, not for a server.
    quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
    return ["java", *quick, "-cp", f"{folder}:{JDBC_DRIVER}", "Jdbc"], {}


@pytest.fixture(scope="module")
def node():
    require(shutil.which("node"), "nodejs")
    require((UNPACKED / "nodejs" / "pg").exists(), "node-pg")
    return ["node", CLIENTS / "node_pg.js"], {"NODE_PATH": str(UNPACKED / "nodejs")}


@pytest.fixture(scope="module")
def go(new_folder):
    require(shutil.which("go"), "golang-go")
    require((UNPACKED / "gocode").exists(), "golang-github-jackc-pgx-v4-dev")
    program = Path(new_folder("go")) / "work"
    # What has been compiled once is kept: the first time takes ten seconds.
    settings = {
        "GOPATH": str(UNPACKED / "gocode"), "GOCACHE": str(CACHE / "go-build"), "GO111MODULE": "off", "GOFLAGS": "",
    }  # fmt: skip
    compiler = ["go", "build", "-o", program, *sorted((CLIENTS / "go_drivers").glob("*.go"))]
    subprocess.run(compiler, env={**os.environ, **settings}, check=True, timeout=90)
    return [program], {}


@pytest.fixture(scope="module")
def perl():
    found = subprocess.run(["/usr/bin/perl", "-MDBD::Pg", "-e", "1"], capture_output=True, timeout=20, check=False)
    require(found.returncode == 0, "libdbd-pg-perl")
    return ["/usr/bin/perl", CLIENTS / "dbd_pg.pl"], {}


@pytest.fixture(scope="module")
def python():
    return ["/usr/bin/python3", CLIENTS / "python_drivers.py"], {"PYTHONPATH": str(CACHE / "python")}


def address(port):
    variables = {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "pg", "PGPASSWORD": "ml", "PGDATABASE": "pgml"}
    # A driver's own idea of what to tell the server must not depend on whose shell this is.
    return {**os.environ, **variables, "TZ": "Etc/UTC", "LC_ALL": "C.UTF-8"}


class Found:
    def __init__(self, output):
        self.connections = output["connections"]
        self.said = output["said"]
        self.pids = output["pids"]


def differences(found, expected):
    """What stands in the records that is not expected, as: connection, key, what was found, what was expected."""
    assert len(found.connections) == len(expected)
    return [
        (number, key, one.get(key, "nothing"), other.get(key, "nothing"))
        for number, one, other in zip(NUMBERS, found.connections, expected)
        for key in sorted({*one, *other})
        if one.get(key, "nothing") != other.get(key, "nothing")
    ]


@pytest.fixture(scope="module")
def run_driver(request, upstream):
    def run(driver, port):
        command, environment = request.getfixturevalue(driver.program)
        upstream.run("TRUNCATE app.kept")
        done = subprocess.run(
            [*command, *driver.arguments, str(len(NUMBERS)), MODEL],
            env={**address(port), **environment}, capture_output=True, text=True, timeout=TOO_LONG, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{driver.name} ended with {done.returncode}:\n{done.stderr[-4000:]}"
        return Found(json.loads(done.stdout))

    return run


@pytest.fixture(scope="module")
def at_postgresql(run_driver, upstream):
    """What a driver finds without the gateway."""
    found = {}

    def remembered(driver):
        if driver.name not in found:
            found[driver.name] = run_driver(driver, upstream.backend.port)
        return found[driver.name]

    return remembered


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_a_driver_finds_postgresql(driver, at_postgresql):
    found = at_postgresql(driver)
    assert differences(found, [driver.expected(number) for number in NUMBERS]) == []
    assert found.said == [["permission denied for function pg_read_file"] * 3] * len(NUMBERS)
    check_server_connections("none", found.pids)


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_a_driver_finds_the_same_through_the_gateway(driver, mode, pooled, run_driver, at_postgresql):
    found = run_driver(driver, pooled.port)
    assert differences(found, at_postgresql(driver).connections) == []
    assert found.said == [["function pg_read_file is not allowed"] * 3] * len(NUMBERS)
    check_server_connections(mode, found.pids)


# psql: a process for each connection

PSQL_SCRIPT = """
SHOW application_name;
SELECT {number}, 'it''s ü – {number}';
PREPARE mine(int) AS SELECT $1 + {hundreds};
EXECUTE mine(1);
EXECUTE mine(2);
DEALLOCATE mine;
EXECUTE mine(3);
BEGIN;
INSERT INTO app.kept VALUES ({base} + 1);
ROLLBACK;
BEGIN;
INSERT INTO app.kept VALUES ({base} + 2);
SAVEPOINT s;
SELECT 1/0;
SELECT 1;
ROLLBACK TO s;
COMMIT;
SET statement_timeout = {timeout};
SET intervalstyle = {style};
SELECT 'pid', pg_backend_pid();
SHOW statement_timeout;
SELECT interval '1 day 2 hours';
BEGIN;
SET statement_timeout = 7000;
ROLLBACK;
SHOW statement_timeout;
\\set FETCH_COUNT 30
SELECT i + {base} FROM generate_series(1, 70) AS t(i);
\\set FETCH_COUNT 0
\\copy app.kept from stdin
{first}\tcopied
{last}\tcopied
\\.
\\copy (SELECT id FROM app.kept WHERE id IN ({first}, {last}) ORDER BY id) to stdout
SELECT pg_read_file('/etc/passwd');
SELECT cardinality(pgml.embed('{model}', 'client {number}')) AS dimensions \\gdesc
SELECT cardinality(pgml.embed('{model}', 'client {number}'));
SELECT 'pid', pg_backend_pid();
SELECT id FROM app.kept WHERE id BETWEEN {base} AND {base} + 999 ORDER BY id;
"""
PSQL_CANCEL = "\\echo sleeping\nSELECT pg_sleep(30);\n\\echo never\n"
# How psql ends when a script is interrupted.
INTERRUPTED = 3


def psql_output(number):
    base = number * 1000
    interval = "1 day 02:00:00" if number % 2 else "P1DT2H"
    lines = [
        f"client {number}", f"{number} it's ü – {number}", "PREPARE", number * 100 + 1, number * 100 + 2, "DEALLOCATE",
        "BEGIN", "INSERT 0 1", "ROLLBACK", "BEGIN", "INSERT 0 1", "SAVEPOINT", "ROLLBACK", "COMMIT", "SET", "SET",
        f"{60000 + number}ms", interval, "BEGIN", "SET", "ROLLBACK", f"{60000 + number}ms",
        *(base + one for one in range(1, 71)), "COPY 2", base + 3, base + 4, "dimensions integer", 384, base + 2, base + 3, base + 4,
        *(["sleeping"] if number == 1 else []),
    ]  # fmt: skip
    return [str(line) for line in lines]


def run_psql(number, port):
    """Its answers, its errors, the server processes, and how it ended."""
    base = number * 1000
    script = PSQL_SCRIPT.format(
        number=number, base=base, first=base + 3, last=base + 4, hundreds=number * 100, timeout=60000 + number,
        style="postgres" if number % 2 else "iso_8601", model=MODEL,
    )  # fmt: skip
    psql = subprocess.Popen(
        ["psql", "-XAt", "-F", " ", "--set=VERBOSITY=sqlstate"],
        env={**address(port), "PGAPPNAME": f"client {number}"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        psql.stdin.write(script + (PSQL_CANCEL if number == 1 else ""))
        psql.stdin.close()
        answers = []
        for line in psql.stdout:
            answers.append(line.rstrip("\n"))
            if answers[-1] == "sleeping":
                time.sleep(0.5)
                psql.send_signal(signal.SIGINT)
        errors = psql.stderr.read().splitlines()
        status = psql.wait()
    finally:
        psql.kill()
        psql.wait()
    pids = [line for line in answers if line.startswith("pid ")]
    return [line for line in answers if line not in pids], errors, pids, status


def check_psql(mode, port, upstream):
    upstream.run("TRUNCATE app.kept")
    with ThreadPoolExecutor(len(NUMBERS)) as threads:
        found = list(threads.map(lambda number: run_psql(number, port), NUMBERS))
    for number, (answers, errors, _, status) in zip(NUMBERS, found):
        assert answers == psql_output(number)
        cancelled = ["Cancel request sent", "ERROR:  57014"] if number == 1 else []
        assert errors == [f"ERROR:  {code}" for code in ("26000", "22012", "25P02", "42501")] + cancelled
        assert status == (INTERRUPTED if number == 1 else 0)
    return [pids for _, _, pids, _ in found]


@pytest.mark.time_limit(TOO_LONG)
def test_psql_finds_postgresql(upstream):
    check_psql("none", upstream.backend.port, upstream)


@pytest.mark.time_limit(TOO_LONG)
def test_psql_finds_the_same_through_the_gateway(mode, pooled, upstream):
    served = check_psql(mode, pooled.port, upstream)
    if mode == "transaction":
        assert len({pid for pids in served for pid in pids}) <= POOL_SIZE


# pgbench

PGBENCH_TRANSACTIONS = 20
PGBENCH_SCRIPT = """
\\set step random(1, 1)
BEGIN;
UPDATE app.kept SET id = id + :step WHERE body = 'client ' || :client_id;
SELECT id FROM app.kept WHERE body = 'client ' || :client_id;
INSERT INTO app.kept VALUES (pg_backend_pid(), 'served ' || :client_id);
END;
SELECT count(*) FROM app.kept WHERE body = 'client ' || :client_id;
"""


@pytest.mark.parametrize("protocol", ["simple", "extended", "prepared"])
def test_pgbench_runs_in_every_mode(protocol, mode, pooled, upstream, tmp_path):
    script = tmp_path / "script.sql"
    script.write_text(PGBENCH_SCRIPT)
    clients = range(len(NUMBERS))
    rows = ", ".join(f"(0, 'client {client}')" for client in clients)
    upstream.run("TRUNCATE app.kept", f"INSERT INTO app.kept VALUES {rows}")
    done = subprocess.run(
        ["/usr/lib/postgresql/15/bin/pgbench", "--no-vacuum", f"--file={script}", f"--protocol={protocol}",
         f"--client={len(clients)}", "--jobs=2", f"--transactions={PGBENCH_TRANSACTIONS}"],
        env=address(pooled.port), capture_output=True, text=True, timeout=TOO_LONG, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    total = len(clients) * PGBENCH_TRANSACTIONS
    assert f"number of transactions actually processed: {total}/{total}" in done.stdout
    assert "number of failed transactions: 0 " in done.stdout
    kept = dict(upstream.run("SELECT body, id FROM app.kept WHERE body LIKE 'client %'"))
    assert kept == {f"client {client}": PGBENCH_TRANSACTIONS for client in clients}
    served = upstream.run("SELECT array_agg(id) FROM app.kept WHERE body LIKE 'served %' GROUP BY body")
    assert [len(pids) for (pids,) in served] == [PGBENCH_TRANSACTIONS] * len(clients)
    check_server_connections(mode, [pids for (pids,) in served])
