"""The embedded backend as tests and the demonstration use it: with a wiretap in front, and its statement log at hand."""

import os
import subprocess
from pathlib import Path

from backend_fixture import REPOSITORY, RunningBackend
from cluster import free_port
from wiretap import Wiretap

import psycopg

# Everything a client sends is logged, also what is only parsed or bound.
SETTINGS = {"log_min_duration_statement": 0, "log_parameter_max_length": 1024, "max_connections": 500}


def start_backend(folder, keeper):
    """As backend_fixture.start_backend, but known to the keeper from the first moment on."""
    port = free_port()
    arguments = ["run", "--with-parent", os.getpid(), folder, port, "--log-statements"]
    arguments += [f"--set={name}={value}" for name, value in SETTINGS.items()]
    process = keeper.start(
        [REPOSITORY / "backend" / "backend", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    if not process.stdout.readline():
        raise RuntimeError(f"the embedded backend did not start:\n{process.communicate()[1]}")
    return RunningBackend(Path(folder), port, process, keep_logs_in=None)


class Upstream:
    """What a gateway is given as its upstream is `tapped_url`: through the wiretap."""

    def __init__(self, keeper, new_folder):
        self._keeper = keeper
        self._log_start = 0
        self.backend = start_backend(new_folder("backend"), keeper)
        self.tap = Wiretap(self.backend.port, new_folder("wiretap"), keeper)

    def stop(self):
        self.tap.close()
        self.backend.stop()
        self._keeper.forget(self.backend.process)

    @property
    def tapped_url(self):
        return self.backend.url.replace(f":{self.backend.port}/", f":{self.tap.port}/")

    def run(self, *statements):
        """As superuser, over the backend's own socket: neither the wiretap nor the gateway is in between."""
        options = "-c lock_timeout=10s"
        with psycopg.connect(self.backend.superuser_conninfo, autocommit=True, options=options) as connection:
            cursor = None
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def forget(self):
        self.tap.forget()
        self._log_start = self.backend.log_path.stat().st_size

    def saw(self, text):
        """Whether the upstream was sent this text, by what went over the wire and by its own statement log."""
        if self.tap.saw(text):
            return True
        with open(self.backend.log_path, "rb") as log:
            log.seek(self._log_start)
            return text.encode() in log.read()
