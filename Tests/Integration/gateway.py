"""Runs the built gateway for a test: a configuration of its own, a free port, its log kept, ended by its process id."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from cluster import free_port

REPOSITORY = Path(__file__).resolve().parents[2]


def binary():
    """The gateway's executable: $PGML_GATEWAY_BINARY, or the newer of the two builds."""
    named = os.environ.get("PGML_GATEWAY_BINARY")
    built = [REPOSITORY / ".build" / kind / "pgml-gateway" for kind in ("release", "debug")]
    candidates = [Path(named)] if named else sorted(filter(Path.exists, built), key=lambda path: -path.stat().st_mtime)
    if not candidates or not candidates[0].exists():
        raise RuntimeError(f"there is no gateway to test ({named or 'nothing is built'}): run `make build`")
    return candidates[0]


def lay_out(folder, gateway_toml="", edit_policy=None, plugins=None):
    """A folder with gateway.toml and plugins.d as an operator has them. `edit_policy` changes the allowlist's text; `plugins`
    are the texts of other plugin files by their names."""
    folder = Path(folder)
    shutil.copytree(REPOSITORY / "plugins.d", folder / "plugins.d", dirs_exist_ok=True)
    (folder / "gateway.toml").write_text(gateway_toml)
    if edit_policy:
        allowlist = folder / "plugins.d" / "10-allowlist.toml"
        allowlist.write_text(edit_policy(allowlist.read_text()))
    for name, text in (plugins or {}).items():
        (folder / "plugins.d" / name).write_text(text)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def toml(pool_mode="session", pool=None, limits=None, unrestricted=False, reactors=None):
    """The text of a gateway.toml. `pool` and `limits` are keys with their values; text values are quoted here."""
    lines = [f'pool_mode = "{pool_mode}"']
    if unrestricted:
        lines.append("unrestricted = true")
    if reactors:
        lines.append(f"reactors = {reactors}")
    for section, keys in (("pool", pool), ("limits", limits)):
        if keys:
            lines.append(f"[{section}]")
            lines += [f"{key} = " + (f'"{value}"' if isinstance(value, str) else str(value)) for key, value in keys.items()]
    return "\n".join(lines) + "\n"


class Gateway:
    def __init__(self, folder, keeper, database_url, log_path=None, port=None):
        self.folder = Path(folder)
        self.log_path = Path(log_path or self.folder / "gateway.log")
        self.port = port or free_port()
        self._keeper = keeper
        self._database_url = database_url
        self._process = None

    def start(self, expect_listening=True):
        environment = {**os.environ, "DATABASE_URL": self._database_url}
        with open(self.log_path, "ab") as log:
            self._process = self._keeper.start(
                [binary(), "serve", "--config", "gateway.toml", "--listen", f"127.0.0.1:{self.port}"],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
            )
        if expect_listening:
            self._wait_until_listening()
        return self

    def _wait_until_listening(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                self._come_and_go()
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"the gateway does not listen:\n{self.log()}")

    def _come_and_go(self):
        """Connects, and has left the place of a client when this returns: the test may need all there are."""
        with socket.create_connection(("127.0.0.1", self.port), 1) as probe:
            probe.shutdown(socket.SHUT_WR)
            while probe.recv(4096):
                pass

    @property
    def pid(self):
        return self._process.pid

    @property
    def is_running(self):
        return self._process.poll() is None

    def signal(self, number):
        self._process.send_signal(number)

    def wait(self, seconds):
        """The exit status; raises subprocess.TimeoutExpired when it does not end in time."""
        return self._process.wait(seconds)

    def stop(self):
        if self._process is None:
            return
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is not None:
                break
            self._process.send_signal(number)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                pass
        self._keeper.forget(self._process)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def memory(self):
        """Resident bytes now."""
        return self._status("VmRSS")

    def peak_memory(self):
        """The most resident bytes since `forget_peak`."""
        return self._status("VmHWM")

    def forget_peak(self):
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def _status(self, name):
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"^{name}:\s+(\d+) kB", status, re.M).group(1)) * 1024
