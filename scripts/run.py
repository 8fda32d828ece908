#!/usr/bin/python3
"""The gateway in the foreground: `make run`. In front of $DATABASE_URL, or else of the embedded backend.

Further arguments are the gateway's own: scripts/run.py --listen 127.0.0.1:7000
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "Tests" / "Integration"))
sys.dont_write_bytecode = True

import backend_fixture  # noqa: F401  (makes psycopg importable)
import gateway
from keeper import Keeper
from upstream import start_backend


def main():
    command = [str(gateway.binary()), "serve", *sys.argv[1:]]
    os.chdir(REPOSITORY)
    if os.environ.get("DATABASE_URL"):
        os.execv(command[0], command)

    def interrupted(number, _):
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, interrupted)
    keeper = Keeper()
    running = None
    try:
        backend = start_backend(keeper.new_folder("backend"), keeper)
        print(f"run: DATABASE_URL is not set: in front of the embedded backend, {backend.url}", flush=True)
        running = keeper.start(command, env={**os.environ, "DATABASE_URL": backend.url})
        return running.wait()
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        if running and running.poll() is None:
            running.terminate()
            try:
                running.wait(40)
            except subprocess.TimeoutExpired:
                running.kill()
        keeper.close()


if __name__ == "__main__":
    sys.exit(main())
