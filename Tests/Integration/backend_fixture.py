"""Starts the embedded backend (backend/backend) for a test, and surely ends it again.

    backend = start_backend(tmp_path)
    try: ... psycopg.connect(backend.url) ...
    finally: backend.stop()

It also ends at the interpreter's exit, and, if that never comes (SIGKILL), when the process is gone.
"""

import atexit
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("PGML_GATEWAY_CACHE") or REPOSITORY / ".cache")

# Where scripts/install.sh puts psycopg: who imports this module can import psycopg after it.
sys.path.insert(0, str(CACHE / "python"))


class RunningBackend:
    host = "127.0.0.1"
    user = "pg"
    password = "ml"
    database = "pgml"

    def __init__(self, directory, port, process, keep_logs_in):
        self.directory = directory
        self.port = port
        self.process = process
        self._keep_logs_in = keep_logs_in
        # host=<this directory> user=postgres connects as superuser, without a password.
        self.superuser_socket_dir = str(directory / "run")
        self.log_path = directory / "log" / "postgres.log"

    @property
    def url(self):
        return f"postgres://{self.user}:{self.password}@{self.host}:{self.port}/{self.database}"

    @property
    def superuser_conninfo(self):
        return f"host={self.superuser_socket_dir} port={self.port} user=postgres dbname={self.database}"

    def log(self):
        return self.log_path.read_text(errors="replace")

    def stop(self):
        atexit.unregister(self.stop)
        self.process.terminate()
        self.process.communicate()
        if self._keep_logs_in:
            shutil.copytree(self.directory / "log", pathlib.Path(self._keep_logs_in) / self.directory.name)
        shutil.rmtree(self.directory, ignore_errors=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_backend(tmpdir=None, port=None, log_statements=False, settings=None):
    """Returns when pgml.embed answers. Without a port a free one is chosen; settings are PostgreSQL's, by name.

    The server lives in a short-lived directory of its own, not in tmpdir: as root it runs as `postgres`, who cannot
    enter pytest's directories, and their paths are long for Unix sockets. tmpdir is given the logs when it stops.
    """
    directory = pathlib.Path(tempfile.mkdtemp(prefix="pgml-backend-"))
    directory.chmod(0o711)
    options = ["--log-statements"] if log_statements else []
    options += [f"--set={name}={value}" for name, value in (settings or {}).items()]
    try:
        for attempt in range(3):
            chosen = port or free_port()
            process = subprocess.Popen(
                [REPOSITORY / "backend" / "backend", "run", "--with-parent", str(os.getpid()), directory, str(chosen), *options],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            if process.stdout.readline():
                backend = RunningBackend(directory, chosen, process, tmpdir)
                atexit.register(backend.stop)
                return backend
            _, errors = process.communicate()
            port_was_taken = "cannot be used" in errors or "in use" in errors
            if port or not port_was_taken or attempt == 2:
                raise RuntimeError(f"the backend did not start:\n{errors}")
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
