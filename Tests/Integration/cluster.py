"""A PostgreSQL 15 cluster of the test's own: made, started and stopped by it, on a free port of the loopback interface."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pgwire

# Sessions are ended, the data stay in order.
FAST_SHUTDOWN = signal.SIGINT
BINARIES = Path("/usr/lib/postgresql/15/bin")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def server_account():
    """PostgreSQL refuses to run as root: root's clusters belong to postgres, anyone else's to themselves."""
    if os.getuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class Cluster:
    """`folder` must exist and be passable for the account that runs the server."""

    def __init__(self, folder, keeper, password="superuser", settings=()):
        self.folder = Path(folder)
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.password = password
        self.port = free_port()
        self._keeper = keeper
        self._settings = dict(settings)
        self._account = server_account()
        self._process = None

    def create(self):
        if self._account:
            os.chown(self.folder, self._account["user"], self._account["group"])
        secret = self.folder / "password"
        secret.write_text(self.password)
        if self._account:
            os.chown(secret, self._account["user"], self._account["group"])
        making = self._keeper.start(
            [BINARIES / "initdb", "--pgdata", self.data, "--username", "postgres", "--pwfile", secret]
            + ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **self._account,
        )
        output, _ = making.communicate()
        self._keeper.forget(making)
        secret.unlink()
        if making.returncode != 0:
            raise RuntimeError(f"initdb failed:\n{output}")
        return self

    def start(self):
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "off",
            "synchronous_commit": "off",
            "shared_buffers": "32MB",
            "max_connections": 60,
            **self._settings,
        }
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with open(self.log, "ab") as log:
            self._process = self._keeper.start(
                [BINARIES / "postgres", "-D", self.data, *arguments],
                end_with=FAST_SHUTDOWN,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                **self._account,
            )
        deadline = time.monotonic() + 30
        while True:
            try:
                self.connect().close()
                return self
            except (OSError, pgwire.Closed, pgwire.ServerError) as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL did not start ({error}):\n{self.log.read_text()}") from error
                time.sleep(0.05)

    def stop(self, signal_number=FAST_SHUTDOWN):
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal_number)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process:
            self._keeper.forget(self._process)

    def connect(self, user="postgres", password=None, database="postgres"):
        connection = pgwire.Connection(self.port)
        try:
            connection.login(user, password or self.password, database)
        except BaseException:
            connection.close()
            raise
        return connection

    def run(self, *statements, database="postgres"):
        """Statements by the superuser; the rows of the last one."""
        with self.connect(database=database) as connection:
            rows = []
            for statement in statements:
                rows = connection.run(statement)
            return rows


def require_server_programs():
    """Fails, naming the package, where PostgreSQL's server or clients are not installed."""
    for program in (BINARIES / "initdb", BINARIES / "postgres", "psql"):
        if not shutil.which(program):
            sys.exit(f"{program} is missing: run scripts/install.sh (Debian packages postgresql-15, postgresql-client-15)")
