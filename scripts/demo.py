#!/usr/bin/python3
"""The main job of pgml-gateway from start to finish, as a transcript: `make demo`.

Starts the embedded backend, the gateway with the repository's allowlist and the configuration in demo_files, and a second
PostgreSQL that plays RDS; does on RDS what the pgml-rds-proxy guide tells users to do; tries what must be refused; has a
statement rewritten, a user limited, and two users kept apart; and reads it all back from the audit log. Ends with 0 only
when every step did what it should, and leaves nothing running, however it ends.
"""

import signal
import sys
import textwrap
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Tests" / "Integration"))
sys.dont_write_bytecode = True

import backend_fixture  # noqa: F401  (makes psycopg importable)
import cluster
import demo_audit
import demo_chain
import demo_rds
import demo_refusals
from demo_screen import Screen
from demo_site import Site
from keeper import Keeper

STEPS = (
    Site.start,
    demo_rds.set_up_rds,
    demo_rds.embed_by_dblink,
    demo_rds.embed_by_foreign_table,
    demo_rds.load_and_search,
    demo_rds.embed_by_driver,
    demo_refusals.refuse,
    demo_refusals.refuse_in_a_transaction,
    demo_chain.rewrite,
    demo_chain.rights,
    demo_chain.limit,
    demo_audit.show,
    demo_audit.verify,
)


def interrupted(number, _):
    raise SystemExit(128 + number)


def main():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, interrupted)
    cluster.require_server_programs()
    began = time.monotonic()
    screen, keeper = Screen(), Keeper()
    site = Site(screen, keeper)
    screen.line(screen.paint("title", "pgml-gateway: RDS asks PostgresML, and only what a policy lists gets through"))
    try:
        for step in STEPS:
            step(site)
    except Exception as problem:
        screen.line()
        screen.answer(screen.paint("bad", f"✗ {type(problem).__name__}: {problem}"))
        if site.gateway_log.exists():
            screen.line("\nThe gateway's log ends with:\n" + textwrap.indent(site.gateway_log.read_text()[-2000:], "    "))
        return 1
    finally:
        site.stop()
        keeper.close()
    screen.title(f"{screen.checks} checks passed in {time.monotonic() - began:.0f} s; all three servers are stopped again")
    return 0


if __name__ == "__main__":
    sys.exit(main())
