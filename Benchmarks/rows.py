"""The rows of the table: each knows how to put one load on a proxy, and what it cost the proxy."""

import os
import re
import subprocess
import threading
import time
from pathlib import Path

import cluster
import pgwire

HERE = Path(__file__).resolve().parent
PGBENCH = cluster.BINARIES / "pgbench"

# Nothing that is measured is silent for so long.
PATIENCE = 60
IDLE_STATEMENT = "SELECT 1"
LATENCIES = (("p50", "p50 ms", 2), ("p99", "p99 ms", 2))
# Two single-threaded load generators with so many clients each: a login costs a client as much as a proxy.
LOAD_GENERATORS = 2
LOGINS_AT_A_TIME = 4


class Failed(Exception):
    """A run did not do what it should; the figures it may have given are worth nothing."""


class Window:
    """A proxy's CPU, and what the clients finished, between two moments in the middle of a run."""

    def __init__(self, proxy):
        self._proxy = proxy
        self.open()

    def open(self):
        self._cpu, self._time = self._proxy.cpu(), time.time()

    def close(self):
        self._cpu, self._end = self._proxy.cpu() - self._cpu, time.time()

    def sample(self, log):
        """`log` has a line for each transaction, as `pgbench --log` writes them."""
        latencies = []
        for line in log.splitlines():
            _, _, latency, _, seconds, microseconds = line.split()[:6]
            if self._time <= int(seconds) + int(microseconds) / 1e6 < self._end:
                latencies.append(int(latency))
        if not latencies:
            raise Failed("nothing was finished in the time that was measured")
        latencies.sort()
        count = len(latencies)
        return {
            "cpu": self._cpu / 1e3 / count,
            "rate": count / (self._end - self._time),
            "p50": latencies[count // 2] / 1e3,
            "p99": latencies[min(count - 1, count * 99 // 100)] / 1e3,
            "measured": count,
        }


class Client:
    """A load generator: a process that is ended when it takes far too long."""

    def __init__(self, bench, argv, seconds, **options):
        self._bench = bench
        self._said = []
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        self.process = bench.keeper.start(argv, **options)
        self._watch = threading.Timer(seconds + PATIENCE, self.process.kill)
        self._watch.daemon = True
        self._watch.start()

    def wait_for(self, beginning):
        """Until it says a line that begins so, on its standard error; or ends, which `finish` will tell."""
        for line in self.process.stderr:
            self._said.append(line)
            if line.startswith(beginning):
                return

    def sleep(self, seconds):
        """For so long, but not longer than the process lives."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass

    def finish(self, given=None):
        """What it printed; its own last words are the reason where it failed."""
        output, errors = self.process.communicate(given)
        self._watch.cancel()
        self._bench.keeper.forget(self.process)
        if self.process.returncode != 0:
            words = " ".join(("".join(self._said) + errors).split()[-40:])
            raise Failed(f"{Path(self.process.args[0]).name} ended with {self.process.returncode}: {words}")
        return output


class Row:
    """`columns`: what its samples hold, as (key, title, decimals). The first is what the ratio is about."""

    targets_of_its_own = ()

    def check_sharing(self, bench, proxy):
        """A proxy that opens more server connections than its pool may have does another job than the others."""
        count = proxy.server_connections(bench.server_port)
        if self.pool_size and count > self.pool_size:
            raise Failed(f"{count} server connections with a pool of {self.pool_size}")

    def note(self, samples):
        """A line below the row, given the samples of each target; None if there is nothing to say."""
        return None

    def lacks(self, bench, target):
        """Whether a target cannot do this at all."""
        return False


class Pgbench(Row):
    section = "pgbench -S"
    columns = (("cpu", "CPU µs/transaction", 1), ("rate", "transactions/s", 0), *LATENCIES)

    def __init__(self, mode, clients, pool_size):
        self.mode, self.clients, self.pool_size = mode, clients, pool_size
        self.name = f"{mode}-{clients}" + (f"-pool{pool_size}" if pool_size else "")
        self.title = f"{mode}, {clients} client{'s' * (clients > 1)}" + (f", pool of {pool_size}" if pool_size else "")

    def lacks(self, bench, target):
        is_too_old = target.startswith("pgbouncer") and not bench.pgbouncer.has_prepared_statements
        return self.mode == "prepared" and bench.pool_mode == "transaction" and is_too_old

    def seconds(self, options):
        return 0.3 + 0.012 * self.clients + (0 if options.quick else options.seconds + 1)

    def measure(self, bench, proxy):
        options = bench.options
        folder = bench.new_log_folder()
        # What a run that has failed left behind is none of this one's.
        proxy.recorded(0)
        before, judged = proxy.transactions(), proxy.judged()
        amount = ["-t", max(2, 256 // self.clients)] if options.quick else ["-T", options.seconds + 1, "-P", 1]
        jobs = min(self.clients, max(1, os.cpu_count() // 2))
        window = Window(proxy)
        client = Client(
            bench,
            [PGBENCH, "-n", "-S", "-M", self.mode, "-c", self.clients, "-j", jobs, *amount]
            + ["--log", "--log-prefix", folder / "log"]
            + ["-h", "127.0.0.1", "-p", proxy.port, "-U", bench.user, bench.database],
            options.seconds + 1,
            env={**os.environ, "PGPASSWORD": bench.password},
        )
        if not options.quick:
            # The first line comes after a second in which all have logged in and the caches are warm.
            client.wait_for("progress:")
            window.open()
            client.sleep(options.seconds - 0.1)
            window.close()
        output = client.finish()
        if options.quick:
            window.close()
        log = "".join(path.read_text() for path in sorted(folder.iterdir()))
        bench.discard(folder)
        processed = self._check(output, log)
        bench.transactions += processed
        recorded = proxy.recorded(processed)
        if recorded is not None and recorded != processed:
            raise Failed(f"pgbench made {processed} transactions, the audit log has {recorded} of them")
        if before is not None:
            self._compare(processed, proxy.transactions() - before)
        self.check_sharing(bench, proxy)
        sample = {**window.sample(log), "transactions": processed}
        if judged is not None:
            sample["judged"] = {way: count - judged[way] for way, count in proxy.judged().items()}
        return sample

    def _check(self, output, log):
        processed = int(re.search(r"transactions actually processed: (\d+)", output).group(1))
        failed = int(re.search(r"number of failed transactions: (\d+)", output).group(1))
        logged = log.count("\n")
        if failed or logged != processed:
            raise Failed(f"pgbench: {processed} transactions, {logged} of them logged, {failed} failed")
        return processed

    def _compare(self, processed, seen):
        # pgbench asks for the scale and for partitions first. Each client prepares its statement once: whether that is
        # a transaction is left to the proxy, which may know the statement already.
        least = processed + 2
        most = least + (self.clients if self.mode == "prepared" else 0)
        if not least <= seen <= most:
            raise Failed(f"pgbench made {least} to {most} transactions, the proxy saw {seen}")


class Logins(Row):
    section = "connections"
    columns = (("cpu", "CPU µs/connection", 1), ("rate", "connections/s", 0), *LATENCIES)

    def __init__(self, statement, pool_size):
        self.statement, self.pool_size = statement, pool_size
        self.name = "connect-statement" if statement else "connect"
        self.title = f"SCRAM login{', ' + statement if statement else ''}"
        self.title += f", {LOAD_GENERATORS * LOGINS_AT_A_TIME} at a time"

    def seconds(self, options):
        return 1 if options.quick else options.seconds + 1.5

    def measure(self, bench, proxy):
        options = bench.options
        folder = bench.new_log_folder()
        seconds = 0.5 if options.quick else options.seconds + 1
        before = proxy.transactions()
        logs = [folder / str(number) for number in range(LOAD_GENERATORS)]
        window = Window(proxy)
        clients = [
            Client(bench, bench.login_load(proxy.port, "load", LOGINS_AT_A_TIME, seconds, log, self.statement), seconds)
            for log in logs
        ]
        if not options.quick:
            time.sleep(1)
            window.open()
            time.sleep(options.seconds - 0.1)
            window.close()
        outputs = [client.finish().split() for client in clients]
        if options.quick:
            window.close()
        log = "".join(path.read_text() for path in logs)
        bench.discard(folder)
        count = sum(int(logins) for logins, _, _ in outputs)
        self._check(count, log, outputs)
        if self.statement and before is not None and proxy.transactions() - before != count:
            raise Failed(f"{count} logins with a statement, the proxy saw {proxy.transactions() - before}")
        self.check_sharing(bench, proxy)
        busy = max(float(cpu) for _, _, cpu in outputs) / seconds
        return {**window.sample(log), "logins": count, "busy": busy}

    def _check(self, count, log, outputs):
        if count != log.count("\n"):
            raise Failed(f"{count} logins, {log.count(chr(10))} of them logged")
        saltings = max(int(saltings) for _, saltings, _ in outputs)
        if saltings > 2:
            raise Failed(f"the salt changed {saltings} times in {count} logins: the load generator is what limits")

    def note(self, samples):
        busy = [f"{target} {max(one['busy'] for one in its):.0%}" for target, its in samples.items() if its]
        return f"a load generator's one thread was busy at most: {', '.join(busy)}" if busy else None


class Result(Row):
    section = "a large result"
    columns = (("cpu", "CPU s/GB", 3), ("rate", "MB/s", 0))
    targets_of_its_own = ("pgbouncer-64k",)

    def __init__(self, size, pool_size):
        self.pool_size = pool_size
        self.count = size // 1000
        self.name = "result"
        self.title = f"{size / 1e9:g} GB in rows of 1000 bytes"
        self._expected = None

    def seconds(self, options):
        return self.count / 250_000 + 0.2

    def measure(self, bench, proxy):
        if self._expected is None:
            self._expected = self._fetch(bench, bench.server_port, None)[0]
        size, seconds, cpu = self._fetch(bench, proxy.port, proxy)
        if size != self._expected:
            raise Failed(f"{size} bytes came through the proxy, {self._expected} from PostgreSQL itself")
        return {"cpu": cpu / size, "rate": size / seconds / 1e6, "bytes": size}

    def _fetch(self, bench, port, proxy):
        text = f"SELECT pg_catalog.repeat('x', 1000) FROM pg_catalog.generate_series(1, {self.count})"
        buffer = bytearray(256 << 10)
        with pgwire.Connection(port, timeout=PATIENCE) as connection:
            connection.login(bench.user, bench.password, bench.database)
            cpu = proxy.cpu() if proxy else 0
            began = time.monotonic()
            connection.send(pgwire.query(text))
            size, last = 0, b""
            while last != b"Z\0\0\0\5I":
                count = connection.socket.recv_into(buffer)
                if count == 0:
                    raise Failed(f"the connection was closed after {size} bytes")
                size += count
                last = (last + buffer[max(0, count - 6) : count])[-6:]
            seconds = time.monotonic() - began
            cpu = proxy.cpu() - cpu if proxy else 0
            connection.send(pgwire.terminate())
        if size < self.count * 1000:
            raise Failed(f"a result of {size} bytes only")
        return size, seconds, cpu


class Idle(Row):
    """Each time a proxy that was just started: memory that was used once is used again."""

    section = "memory"
    columns = (("growth", "MiB/1000 clients", 2), ("whole", "MiB in all", 1))

    def __init__(self, clients, pool_size):
        self.clients, self.pool_size = clients, pool_size
        self.name = "idle"
        self.title = f"{clients} idle clients, each after a login and {IDLE_STATEMENT}"

    def seconds(self, options):
        return 3

    def measure(self, bench, proxy):
        # The first ones bring what every process needs once, and stay while the others come.
        first, others = self._hold(bench, proxy, self.clients // 10), None
        try:
            before = proxy.memory()
            others = self._hold(bench, proxy, self.clients)
            whole = proxy.memory()
            self.check_sharing(bench, proxy)
        finally:
            for client in filter(None, (first, others)):
                client.finish("")
        return {"growth": (whole - before) / self.clients * 1000 / 2**20, "whole": whole / 2**20}

    def _hold(self, bench, proxy, clients):
        argv = bench.login_load(proxy.port, "hold", clients, IDLE_STATEMENT)
        client = Client(bench, argv, 10, stdin=subprocess.PIPE)
        if client.process.stdout.readline() != "held\n":
            client.finish("")
            raise Failed("not all clients could log in")
        time.sleep(0.5)
        return client


def all_rows(options):
    """In session mode there is no pool to speak of, and as few idle clients as PostgreSQL has processes for."""
    is_shared = options.pool_mode == "transaction"
    pools = (4, 40) if is_shared else (None,)
    largest = pools[-1]
    rows = [
        Pgbench(mode, clients, pool)
        for pool in pools
        for mode in ("simple", "extended", "prepared")
        for clients in (1, 8, 32, 128)
    ]
    rows += [Logins(None, largest), Logins(IDLE_STATEMENT, largest)]
    rows.append(Result(10_000_000 if options.quick else 1_000_000_000, largest))
    rows.append(Idle(1000 if is_shared else 100, largest))
    return [row for row in rows if re.search(options.rows, row.name)]
