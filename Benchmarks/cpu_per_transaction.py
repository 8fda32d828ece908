#!/usr/bin/python3
"""CPU per `pgbench -S` transaction of the gateway and of PgBouncer, side by side on the same PostgreSQL.

    Benchmarks/cpu_per_transaction.py --target NAME=PID:PORT [--target …] [--rounds 5] [--clients 8] [--seconds 4]

Every target is a running proxy with one PostgreSQL behind it that has pgbench's tables. Rounds are interleaved: each
goes once through all targets, so that a machine that slows down slows all of them. CPU is what the kernel accounts to
all threads of the proxy over a window in mid-run (/proc/PID/task/*/schedstat), set-up and logins excluded. Prints per
mode the median, minimum and maximum of µs per transaction, and the ratio of medians to the last target.
"""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

PGBENCH = "/usr/lib/postgresql/15/bin/pgbench"


def cpu_nanoseconds(pid: int) -> int:
    total = 0
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
        total += int(path.read_text().split()[0])
    return total


def transactions(progress: str) -> list[float]:
    return [float(line) for line in re.findall(r"progress: [\d.]+ s, ([\d.]+) tps", progress)]


def measure(pid: int, port: int, mode: str, clients: int, seconds: int, database: str) -> float:
    """µs of CPU per transaction over all but the first second of one run."""
    environment = dict(os.environ, PGPASSWORD=os.environ.get("PGPASSWORD", "ml"))
    arguments = [PGBENCH, "-n", "-S", "-M", mode, "-c", str(clients), "-j", "1", "-T", str(seconds + 1), "-P", "1",
                 "-h", "127.0.0.1", "-p", str(port), "-U", "pg", database]
    process = subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = []
    start = end = None
    for line in process.stderr:
        if "progress:" in line:
            lines.append(line)
            if start is None:
                start = cpu_nanoseconds(pid)
            else:
                end = cpu_nanoseconds(pid)
                count = len(lines) - 1
                if count == seconds - 1:
                    break
    process.communicate()
    if process.returncode != 0 or end is None:
        sys.exit(f"pgbench through port {port} failed")
    tps = transactions("".join(lines))[1:]
    return (end - start) / 1000 / sum(tps)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", action="append", required=True, metavar="NAME=PID:PORT")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--modes", default="simple,extended,prepared")
    parser.add_argument("--skip", action="append", default=[], metavar="NAME:MODE", help="a mode that a target lacks")
    parser.add_argument("--database", default="pgml")
    options = parser.parse_args()
    targets = {}
    for target in options.target:
        name, _, rest = target.partition("=")
        pid, _, port = rest.partition(":")
        targets[name] = (int(pid), int(port))
    for mode in options.modes.split(","):
        figures: dict[str, list[float]] = {name: [] for name in targets}
        for _ in range(options.rounds):
            for name, (pid, port) in targets.items():
                if f"{name}:{mode}" not in options.skip:
                    figures[name].append(
                        measure(pid, port, mode, options.clients, options.seconds, options.database)
                    )
        base = figures[list(targets)[-1]]
        for name, values in figures.items():
            if not values:
                print(f"{mode:9} {name:12} n/a")
                continue
            ratio = f"{statistics.median(values) / statistics.median(base):.2f}" if base else "n/a"
            print(
                f"{mode:9} {name:12} median {statistics.median(values):6.1f}  min {min(values):6.1f}  "
                f"max {max(values):6.1f}  ratio {ratio}",
                flush=True,
            )


if __name__ == "__main__":
    main()
