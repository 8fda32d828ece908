#!/usr/bin/python3
"""The gateway side by side with PgBouncer on the same PostgreSQL: `make bench`. README.md beside it explains the table.

Starts a PostgreSQL with pgbench's tables and every proxy there is to measure; then goes through all rows so many times,
in each the proxies take turns. Ends with 0 only when every row worked, and PostgreSQL saw every transaction that the
clients counted.
"""

import argparse
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Tests" / "Integration"))
sys.dont_write_bytecode = True

from backend_fixture import REPOSITORY, RunningBackend
import cluster
import pgwire
import proxies
import psycopg
import report
import rows
from keeper import Keeper

SETTINGS = {"max_connections": 700, "shared_buffers": "256MB", "autovacuum": "off", "max_wal_size": "4GB"}
LOAD_SOURCE = HERE / "login_load.c"
# What a proxy that does not do what it should can lead to. It costs its row, not the run.
FAILURES = (rows.Failed, RuntimeError, OSError, pgwire.Closed, pgwire.TimedOut, pgwire.ServerError)


def say(text):
    print(text, file=sys.stderr, flush=True)


def release_build():
    """A debug build, though it may be newer, is not worth measuring."""
    usual = REPOSITORY / ".build" / "release" / "pgml-gateway"
    binary = Path(os.environ.get("PGML_GATEWAY_BINARY") or usual).absolute()
    if not binary.exists():
        raise RuntimeError(f"there is no gateway to measure ({binary}): run `make build`")
    return binary


class Bench:
    """Everything that a row may need to know, and the servers themselves."""

    user, password, database = RunningBackend.user, RunningBackend.password, RunningBackend.database

    def __init__(self, options, keeper):
        self.options = options
        self.pool_mode = options.pool_mode
        self.keeper = keeper
        self.transactions = 0
        self._logs, self._log_folders = Path(keeper.new_folder("bench-logs")), 0
        self._running = {}
        self.unverified = []
        self.pgbouncer = proxies.PgBouncerProgram(keeper)
        shipped = release_build()
        self.makers = {
            "gateway": lambda pool: proxies.Gateway(self, pool, shipped),
            "gateway-cores": lambda pool: proxies.Gateway(self, pool, shipped, reactors=os.cpu_count()),
        }
        if options.no_audit:
            self.makers["gateway-no-audit"] = lambda pool: proxies.Gateway(self, pool, shipped, is_audited=False)
        for name, binary in options.gateway:
            self.makers[name] = lambda pool, binary=binary: proxies.Gateway(self, pool, binary)
        self.makers["pgbouncer"] = lambda pool: proxies.PgBouncer(self, pool)
        self.makers["pgbouncer-64k"] = lambda pool: proxies.PgBouncer(self, pool, packet_buffer=65536)
        self.gateway = shipped.relative_to(REPOSITORY) if shipped.is_relative_to(REPOSITORY) else shipped

    def targets(self, row):
        return [name for name in self.makers if name != "pgbouncer-64k" or name in row.targets_of_its_own]

    # The servers

    def start(self, all_rows):
        self._build_login_load()
        self._start_backend()
        self._make_tables()
        self.verifier = self.superuser("SELECT rolpassword FROM pg_authid WHERE rolname = 'pg'")[0]
        self.server_version = self.superuser("SHOW server_version")[0]
        self._scans_before = self._scans()
        for row in all_rows:
            if not isinstance(row, rows.Idle):
                for target in self.targets(row):
                    self._proxy(target, row.pool_size)

    def _start_backend(self):
        folder, self.server_port = Path(self.keeper.new_folder("bench-backend")), cluster.free_port()
        self.url = f"postgres://{self.user}:{self.password}@127.0.0.1:{self.server_port}/{self.database}"
        arguments = ["run", "--with-parent", os.getpid(), folder, self.server_port]
        arguments += [f"--set={name}={value}" for name, value in SETTINGS.items()]
        process = self.keeper.start(
            [REPOSITORY / "backend" / "backend", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if not process.stdout.readline():
            raise RuntimeError(f"the embedded backend did not start:\n{process.communicate()[1]}")
        self._backend = RunningBackend(folder, self.server_port, process, keep_logs_in=None)

    def _make_tables(self):
        scale = 1 if self.options.quick else 10
        made = subprocess.run(
            [rows.PGBENCH, "-i", "-q", "-s", str(scale), "-h", self._backend.superuser_socket_dir]
            + ["-p", str(self.server_port), "-U", "postgres", self.database],
            capture_output=True, text=True,
        )
        if made.returncode != 0:
            raise RuntimeError(f"pgbench -i failed:\n{made.stderr}")
        self.superuser("GRANT SELECT ON pgbench_accounts, pgbench_branches TO pg")
        self.superuser("CHECKPOINT")

    def _build_login_load(self):
        self._login_load = Path(self.keeper.new_folder("bench-load")) / "login_load"
        flags = ["-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra"]
        command = ["gcc", *flags, "-o", self._login_load, LOAD_SOURCE, "-lcrypto"]
        built = subprocess.run(command, capture_output=True, text=True)
        if built.returncode != 0:
            raise RuntimeError(f"{LOAD_SOURCE.name} could not be built:\n{built.stderr}")

    def login_load(self, port, *arguments):
        given = [argument for argument in arguments if argument is not None]
        return [self._login_load, port, self.user, self.password, self.database, *given]

    def superuser(self, statement):
        with psycopg.connect(self._backend.superuser_conninfo, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchone() if cursor.description else None

    def _proxy(self, target, pool_size):
        key = target, pool_size
        if key not in self._running:
            self._running[key] = self.makers[target](pool_size)
        return self._running[key]

    def new_log_folder(self):
        self._log_folders += 1
        folder = self._logs / str(self._log_folders)
        folder.mkdir()
        return folder

    def discard(self, folder):
        shutil.rmtree(folder)

    # Measuring

    def measure(self, row, target):
        if not isinstance(row, rows.Idle):
            return row.measure(self, self._proxy(target, row.pool_size))
        proxy = self.makers[target](row.pool_size)
        try:
            return row.measure(self, proxy)
        finally:
            proxy.stop()

    # Afterwards

    def stop_proxies(self):
        while self._running:
            (target, _), proxy = self._running.popitem()
            proxy.stop()
            try:
                proxy.verify()
            except RuntimeError as error:
                self.unverified.append(f"{target}: {error}")

    def uncounted(self):
        """How PostgreSQL's own count differs from the clients', in words; None when they agree.

        A transaction of `pgbench -S` is one scan of one index. Server processes report what they did at their end.
        """
        deadline = time.monotonic() + 20
        query = f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{self.user}'"
        while self.superuser(query)[0]:
            if time.monotonic() > deadline:
                return "there are still server connections, though all proxies have ended"
            time.sleep(0.05)
        seen = self._scans() - self._scans_before
        if seen == self.transactions:
            return None
        return f"pgbench counted {self.transactions} transactions, PostgreSQL {seen}"

    def _scans(self):
        counted = "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'pgbench_accounts_pkey'"
        return self.superuser(counted)[0]

    def stop(self):
        self.stop_proxies()
        if hasattr(self, "_backend"):
            self._backend.stop()
            self.keeper.forget(self._backend.process)

    def describe(self):
        options = self.options
        rounds = f"{options.rounds} interleaved rounds, windows of {options.seconds} s"
        return [
            f"{self.gateway}, {self.pgbouncer.version} (the base of all ratios), PostgreSQL {self.server_version}",
            f"{self.pool_mode} pooling, SCRAM, {'a smoke run: its figures mean nothing' if options.quick else rounds}",
            f"{os.cpu_count()} cores shared by clients, proxies and PostgreSQL, Linux {platform.release()}",
        ]


class Progress:
    def __init__(self, bench, all_rows):
        self._began = time.monotonic()
        runs = sum(row.seconds(bench.options) * len(capable(bench, row)) for row in all_rows)
        self._estimate = runs * bench.options.rounds
        self._rounds = bench.options.rounds
        minutes = max(1, round(self._estimate / 60))
        say(f"bench: rows: {len(all_rows)}, rounds: {self._rounds}, about {minutes} min")

    def row(self, number, row, texts):
        elapsed = clock(time.monotonic() - self._began)
        say(f"[{elapsed} of ~{clock(self._estimate)}] {number}/{self._rounds}  {row.name:22} {'  '.join(texts)}")


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def capable(bench, row):
    return [target for target in bench.targets(row) if not row.lacks(bench, target)]


def run(bench, all_rows, results):
    progress = Progress(bench, all_rows)
    for number in range(bench.options.rounds):
        for position, row in enumerate(all_rows):
            targets = capable(bench, row)
            first = (number + position) % max(1, len(targets))
            texts = []
            for target in targets[first:] + targets[:first]:
                key, title, decimals = row.columns[0]
                try:
                    sample = bench.measure(row, target)
                except FAILURES as error:
                    results.fail(row, target, str(error).splitlines()[0])
                    texts.append(f"{target} FAILED: {error}")
                else:
                    results.add(row, target, sample)
                    texts.append(f"{target} {sample[key]:.{decimals}f}")
            progress.row(number + 1, row, sorted(texts))


def parsed_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, help="default: 5, or 1 with --quick")
    parser.add_argument("--seconds", type=int, default=3, help="what is measured of each run (default: %(default)s)")
    parser.add_argument("--rows", default="", metavar="PATTERN", help="only rows whose name matches this expression")
    parser.add_argument("--list", action="store_true", help="print the rows' names, and end")
    parser.add_argument("--quick", action="store_true", help="try every row, measure nothing worth quoting")
    parser.add_argument("--pool-mode", choices=("transaction", "session"), default="transaction")
    parser.add_argument("--gateway", action="append", default=[], type=named_binary, metavar="NAME=BINARY",
                        help="measure this build of the gateway too")
    parser.add_argument("--no-audit", action="store_true",
                        help="measure the gateway without its audit log too, as gateway-no-audit")
    parser.add_argument("--json", metavar="FILE", help="write every sample to this file")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 5)
    if options.rounds < 1 or options.seconds < 1:
        parser.error("--rounds and --seconds are at least 1")
    return options


def named_binary(text):
    name, _, path = text.partition("=")
    if not re.fullmatch(r"[\w.-]{1,12}", name) or not os.access(path, os.X_OK):
        raise argparse.ArgumentTypeError(f"{text} is not NAME=BINARY, a name of up to 12 letters and a program")
    return name, Path(path).absolute()


def main():
    options = parsed_options()
    all_rows = rows.all_rows(options)
    if options.list:
        print("\n".join(row.name for row in all_rows))
        return 0
    if not all_rows:
        sys.exit(f"bench: no row's name has {options.rows}; --list shows them all")

    def ended(number, _):
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, ended)
    signal.signal(signal.SIGHUP, ended)
    keeper = Keeper()
    bench = None
    try:
        bench = Bench(options, keeper)
        results = report.Results(all_rows, bench.targets)
        bench.start(all_rows)
        was_interrupted = False
        try:
            run(bench, all_rows, results)
        except KeyboardInterrupt:
            was_interrupted = True
        bench.stop_proxies()
        report.print_table(results, bench.describe())
        if not options.quick:
            report.print_summary(results)
        if options.json:
            facts = {"about": bench.describe(), "rounds": options.rounds, "seconds": options.seconds}
            report.write_json(results, options.json, {**facts, "quick": options.quick, "complete": not was_interrupted})
        if was_interrupted:
            print("INTERRUPTED: not all rounds are in these figures")
            return 130
        for reason in bench.unverified:
            print(f"FAILED {reason}")
        if results.failures or bench.unverified:
            return 1
        uncounted = bench.uncounted()
        if uncounted:
            print(f"FAILED: {uncounted}")
            return 1
        print(f"PostgreSQL saw all {bench.transactions} transactions of pgbench, and the audit logs of gateways have theirs")
        return 0
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        if bench:
            bench.stop()
        keeper.close()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, subprocess.CalledProcessError) as error:
        sys.exit(f"bench: {error}")
