"""The demonstration's three servers, its configuration, and whoever talks to them."""

import json
import secrets
import shutil
import socket
import subprocess
import time
from collections import Counter
from pathlib import Path

import backend_fixture  # noqa: F401  (makes psycopg importable)
import checks
import cluster
import gateway as gateways
import psycopg
from upstream import Upstream

CONFIGURATION = Path(__file__).resolve().parent / "demo_files"
KEY = "secrets/audit-key"


class Site:
    def __init__(self, screen, keeper):
        self.screen, self.keeper = screen, keeper
        self.folder = lay_out(Path(keeper.new_folder("demo")))
        self.gateway_log = self.folder / "gateway.log"
        self.stops = []
        self.drivers = {}
        self.answered, self.refused = Counter(), 0

    def start(self):
        say = self.screen
        say.title("Three servers")
        self.upstream = Upstream(self.keeper, self.keeper.new_folder)
        self.stops.append(self.upstream.stop)
        say.answer(f"PostgresML   PostgreSQL 15, schema pgml, real embeddings     127.0.0.1:{self.upstream.backend.port}")
        url = self.upstream.tapped_url
        self.gateway = gateways.Gateway(self.folder, self.keeper, url, self.gateway_log, usual_port())
        self.stops.append(self.gateway.stop)
        self.gateway.start()
        say.answer(f"gateway      gateway.toml, six files in plugins.d            127.0.0.1:{self.gateway.port}")
        self.rds = cluster.Cluster(self.keeper.new_folder("rds"), self.keeper).create().start()
        self.stops.append(self.rds.stop)
        say.answer(f"RDS          another PostgreSQL 15, database shop            127.0.0.1:{self.rds.port}")
        say.line()
        say.why(
            "The gateway runs with the repository's plugins.d/10-allowlist.toml and what is in scripts/demo_files, shown"
            " where it counts. PostgresML knows one role, pg; the gateway knows three users, and gives them that one:"
        )
        say.file(self.folder / "gateway.toml", self.folder)

    def stop(self):
        while self.stops:
            self.stops.pop()()

    def connect(self, user, password):
        """A driver's session at the gateway, also for `ask`."""
        url = f"postgres://{user}:{password}@127.0.0.1:{self.gateway.port}/pgml"
        connection = psycopg.connect(url, autocommit=True)
        self.stops.append(connection.close)
        self.drivers[user] = connection
        return connection

    def ask(self, user, statement):
        """The first value of the answer; each answer is counted, and the audit log has to have as many."""
        value = self.drivers[user].execute(statement).fetchone()[0]
        self.answered[user] += 1
        return value

    def refusal(self, connection, query, values=None):
        """The error that this query must get; counted likewise."""
        try:
            connection.execute(query, values)
        except psycopg.Error as error:
            self.refused += 1
            return checks.error_fields(error)
        raise AssertionError(f"was not refused: {query}")

    def run_tool(self, *words, text=""):
        """What `pgml-gateway …` prints when it is given this text, and its status. It runs where gateway.toml is."""
        environment = {"DATABASE_URL": self.upstream.tapped_url}
        done = subprocess.run(
            [gateways.binary(), *words],
            cwd=self.folder,
            env=environment,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=20,
        )
        return done.stdout.splitlines(), done.returncode

    def records(self):
        """The audit log so far, without a line that is still being written."""
        text = (self.folder / "audit" / "audit.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def await_record(self, is_wanted):
        """The last record that is wanted; the log's writer is some 10 ms behind."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if wanted := [record for record in self.records() if is_wanted(record)]:
                return wanted[-1]
            time.sleep(0.02)
        raise AssertionError("the audit log has no such record")

    def open_sessions(self):
        """How many sessions the gateway has, by its audit log."""
        events = Counter(record["event"] for record in self.records() if record["type"] == "session")
        return events["begin"] - events["end"]


def lay_out(folder):
    """The repository's allowlist with its profiles, and the demonstration's own files, as an operator would have them."""
    shipped, plugins = gateways.REPOSITORY / "plugins.d", folder / "plugins.d"
    plugins.mkdir()
    shutil.copy(shipped / "10-allowlist.toml", plugins)
    shutil.copytree(shipped / "profiles", plugins / "profiles")
    shutil.copytree(CONFIGURATION, folder, dirs_exist_ok=True)
    (folder / KEY).parent.mkdir()
    (folder / KEY).write_text(secrets.token_hex(32) + "\n")
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    for path in (folder / "gateway.toml", folder / KEY):  # these have secrets in them
        path.chmod(0o600)
    return folder


def usual_port():
    """6432 where nobody has it, else a free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 6432))
        except OSError:
            return None
    return 6432
