"""What is measured: gateways and PgBouncers, each a process of its own in front of the same PostgreSQL."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import cluster
import gateway as gateways
import pgwire

HERE = Path(__file__).resolve().parent

# More than any row opens.
MOST_CLIENTS = 2000
# The state of a connection in /proc/net/tcp.
ESTABLISHED = "01"
# Two allowlists must both consent, so that what pgbench reads is added to the shipped one, and nothing else is.
PGBENCH_RELATIONS = ("public.pgbench_accounts", "public.pgbench_branches")


def admit_pgbench(policy):
    assert "schemas = []\n" in policy, "plugins.d/10-allowlist.toml has another form than this script knows"
    relations = "".join(f'\n[[relations]]\nname = "{name}"\naccess = ["select"]\n' for name in PGBENCH_RELATIONS)
    return policy.replace("schemas = []\n", 'schemas = ["public"]\n') + relations


class AuditLog:
    """What a gateway's audit log says, read as it grows. What rotation has put aside is verified and removed between runs,
    but for the last of it, to which the next is bound."""

    SELECT = b'"text":"SELECT abalance FROM pgbench_accounts WHERE aid = $1"'
    ALLOWED = b'"verdict":"allowed"'

    def __init__(self, folder, binary):
        self._folder, self._binary = folder, binary
        # For what rotation has put aside: beside it there is no head.json, which says how far the log goes by now.
        self._aside = folder / "aside"
        self._read = {}  # bytes, by path of what was put aside and by inode
        self._verified = None

    def new_transactions(self):
        """How many of pgbench's transactions were recorded since this was asked last."""
        count = 0
        for path in self._files():
            try:
                with open(path, "rb") as file:
                    inode = os.fstat(file.fileno()).st_ino
                    file.seek(self._read.get(inode, 0))
                    text = file.read()
            except FileNotFoundError:
                continue  # rotated meanwhile: it is read under its other name the next time
            text = text[: text.rfind(b"\n") + 1]
            self._read[inode] = self._read.get(inode, 0) + len(text)
            count += sum(self.SELECT in line and self.ALLOWED in line for line in text.splitlines())
        return count

    def tidy_up(self):
        """Verifies what was put aside, and removes what nothing is bound to any more."""
        self._aside.mkdir(exist_ok=True)
        for path in sorted(self._folder.glob("audit-*.jsonl")):
            path = path.rename(self._aside / path.name)
            self._verify([*filter(None, [self._verified]), path])
            if self._verified:
                self._read.pop(self._verified.stat().st_ino, None)
                self._verified.unlink()
            self._verified = path

    def verify(self):
        self.tidy_up()
        self._verify(self._files())

    def _files(self):
        """In the order in which they were written."""
        files = [*self._folder.glob("*.jsonl"), *self._aside.glob("*.jsonl")]
        return sorted(files, key=lambda path: (path.name == "audit.jsonl", path.name))

    def _verify(self, files):
        command = [self._binary, "audit", "verify", *files]
        verified = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if verified.returncode != 0:
            raise RuntimeError(f"the audit log does not verify: {verified.stdout}{verified.stderr}")


class Proxy:
    """A running proxy. `pool_size` is None with session pooling, where each client has a server connection."""

    def cpu(self):
        """Nanoseconds that all threads of the process have run, those that have ended included."""
        # The clock that clock_getcpuclockid(3) gives for a process: CPUCLOCK_SCHED of all its threads.
        return time.clock_gettime_ns((~self.pid << 3) | 2)

    def memory(self):
        """Bytes, pages that are shared with others counted in part."""
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.M).group(1)) * 1024

    def server_connections(self, server_port):
        """How many connections to PostgreSQL it has."""
        sockets = set()
        for descriptor in Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                sockets.add(os.readlink(descriptor))
            except FileNotFoundError:
                pass  # closed meanwhile
        count = 0
        for line in Path(f"/proc/{self.pid}/net/tcp").read_text().splitlines()[1:]:
            _, _, remote, state, *_, inode = line.split()[:10]
            is_to_server = int(remote.partition(":")[2], 16) == server_port
            count += is_to_server and state == ESTABLISHED and f"socket:[{inode}]" in sockets
        return count

    def transactions(self):
        """How many transactions it has seen, if it tells."""
        return None

    def judged(self):
        """How many statements it has judged, by the way it came to their facts, if it tells."""
        return None

    def recorded(self, expected):
        """How many of pgbench's transactions it has recorded since this was asked last, waiting for so many; None if it
        keeps no records."""
        return None

    def verify(self):
        """Raises RuntimeError if its records are not as it wrote them. It has been stopped."""


class Gateway(Proxy):
    def __init__(self, bench, pool_size, binary, reactors=None, is_audited=True):
        lines = [f'pool_mode = "{bench.pool_mode}"']
        if reactors:
            lines.append(f"reactors = {reactors}")
        lines += ["[limits]", f"max_client_connections = {MOST_CLIENTS}"]
        if pool_size:
            lines += ["[pool]", f"size = {pool_size}"]
        folder = gateways.lay_out(bench.keeper.new_folder("bench-gateway"), "\n".join(lines) + "\n", admit_pgbench)
        audit = folder / "plugins.d" / "90-audit.toml"
        if is_audited:
            # Not to have the records of a whole run on the disk.
            text = audit.read_text()
            assert "#rotate_mib = 256\n" in text, "plugins.d/90-audit.toml has another form than this script knows"
            audit.write_text(text.replace("#rotate_mib = 256\n", "rotate_mib = 64\n"))
        else:
            audit.unlink()
        self._audit = AuditLog(folder / "audit", binary) if is_audited else None
        self._gateway = gateways.Gateway(folder, bench.keeper, bench.url)
        os.environ["PGML_GATEWAY_BINARY"] = str(binary)
        self._gateway.start()
        self.pid, self.port = self._gateway.pid, self._gateway.port

    def stop(self):
        self._gateway.stop()

    def recorded(self, expected):
        if not self._audit:
            return None
        count, deadline = self._audit.new_transactions(), time.monotonic() + 10
        while count < expected and time.monotonic() < deadline:
            time.sleep(0.02)
            count += self._audit.new_transactions()
        # And none too many: records are in the file some 10 ms late.
        time.sleep(0.05)
        count += self._audit.new_transactions()
        self._audit.tidy_up()
        return count

    def verify(self):
        if self._audit:
            self._audit.verify()

    def log(self):
        return self._gateway.log()

    def judged(self):
        """Asks by SIGUSR1, and only a gateway that expects one: any other would be ended by it."""
        if not expects_signal(self.pid, signal.SIGUSR1):
            return None
        seen = len(self.log())
        self._gateway.signal(signal.SIGUSR1)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            counts = judgements(self.log()[seen:])
            if counts:
                return counts
            time.sleep(0.005)
        raise RuntimeError("the gateway has not told within 5 s of SIGUSR1 what it judged")


def expects_signal(pid, number):
    """Whether a process blocks the signal, to take it from a signalfd, or has a handler for it."""
    status = Path(f"/proc/{pid}/status").read_text()
    masks = [int(mask, 16) for mask in re.findall(r"^Sig(?:Blk|Cgt):\s+(\w+)", status, re.M)]
    return any(mask >> (number - 1) & 1 for mask in masks)


def judgements(log):
    """From a whole line `judged: text=12 template=34 grammar=5`, summed over all reactors."""
    found = re.search(r"judged: text=(\d+) template=(\d+) grammar=(\d+).*\n", log)
    return dict(zip(("text", "template", "grammar"), map(int, found.groups()))) if found else None


class PgBouncer(Proxy):
    def __init__(self, bench, pool_size, packet_buffer=None):
        self._keeper = bench.keeper
        self.port = cluster.free_port()
        folder = Path(bench.keeper.new_folder("bench-pgbouncer"))
        settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "pool_mode": bench.pool_mode,
            "default_pool_size": pool_size or MOST_CLIENTS,
            "max_client_conn": MOST_CLIENTS,
            "auth_type": "scram-sha-256",
            "auth_file": folder / "userlist.txt",
            "stats_users": bench.user,
            # Off, since the gateway writes no lines about connections either.
            "log_connections": 0,
            "log_disconnections": 0,
        }
        if bench.pgbouncer.has_prepared_statements:
            settings["max_prepared_statements"] = 500
        if packet_buffer:
            settings["pkt_buf"] = packet_buffer
        # The verifier that PostgreSQL has: neither the client's password nor the server's is salted anew at a login.
        (folder / "userlist.txt").write_text(f'"{bench.user}" "{bench.verifier}"\n')
        (folder / "pgbouncer.ini").write_text(
            f"[databases]\n{bench.database} = host=127.0.0.1 port={bench.server_port}\n\n[pgbouncer]\n"
            + "".join(f"{name} = {value}\n" for name, value in settings.items())
        )
        self._log = folder / "pgbouncer.log"
        self._bench = bench
        # It refuses to run as root.
        with open(self._log, "wb") as log:
            self._process = bench.keeper.start(
                [bench.pgbouncer.binary, folder / "pgbouncer.ini"],
                cwd=folder, stdout=log, stderr=log, env=bench.pgbouncer.environment, **cluster.server_account(),
            )
        self.pid = self._process.pid
        self._wait_until_listening()

    def _wait_until_listening(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"PgBouncer does not listen:\n{self.log()}")

    def stop(self):
        if self._process.poll() is None:
            # SIGTERM is its immediate shutdown in every version.
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._keeper.forget(self._process)

    def log(self):
        return self._log.read_text(errors="replace")

    def transactions(self):
        with pgwire.Connection(self.port) as connection:
            connection.login(self._bench.user, self._bench.password, "pgbouncer")
            connection.send(pgwire.query("SHOW STATS_TOTALS"))
            names, total = None, 0
            for message in connection.read_until("ReadyForQuery"):
                if message.name == "ErrorResponse":
                    raise pgwire.ServerError(message.value)
                if message.name == "RowDescription":
                    names = message.value
                if message.name == "DataRow":
                    row = dict(zip(names, message.value))
                    if row["database"] == self._bench.database.encode():
                        total = int(row["xact_count"])
            return total


class PgBouncerProgram:
    """The PgBouncer to compare with: $PGBOUNCER, the one installed, or Debian's."""

    def __init__(self, keeper):
        named = os.environ.get("PGBOUNCER")
        path = Path(named or subprocess.check_output([HERE / "fetch-pgbouncer.sh"], text=True).strip())
        self.environment = dict(os.environ)
        if not named and (path.parent / "libcares.so.2").exists():
            # The unpacked one, with its libraries, to where the account it will run as can surely read it.
            folder = Path(keeper.new_folder("bench-pgbouncer-program"))
            for file in path.parent.iterdir():
                shutil.copy(file, folder)
            path = folder / path.name
            self.environment["LD_LIBRARY_PATH"] = str(folder)
        self.binary = path
        told = subprocess.run([path, "--version"], capture_output=True, text=True, env=self.environment)
        version = re.search(r"PgBouncer (\d+)\.(\d+)\S*", told.stdout)
        if not version:
            raise RuntimeError(f"{path} --version does not say what it is: {told.stdout}{told.stderr}")
        self.version = version.group()
        self.has_prepared_statements = (int(version.group(1)), int(version.group(2))) >= (1, 21)
