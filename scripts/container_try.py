"""Starts an image as `docker run` would, and tries what docs/migrating.md says of it."""

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from container_process import REPOSITORY, Failure, check, inside, run, say

sys.path.insert(0, str(REPOSITORY / "Tests" / "Integration"))

CLONE_NEWNET = 0x40000000
HEALTHY_WITHIN_SECONDS = 20
MODEL, TEXT = "all-MiniLM-L6-v2", "That is a happy person"
# pg_roles is readable by everybody in PostgreSQL, and listed in no profile.
UNLISTED = "SELECT count(*) FROM pg_catalog.pg_roles"
SETTINGS = "/etc/pgml-gateway"
AUDIT = "/var/lib/pgml-gateway/audit"


class Container:
    """A process started from an image, as `docker run` starts it."""

    def __init__(self, image, folder, environment, mounts=()):
        self.image = image
        self.log_path = folder / "container.log"
        self.mounts = list(mounts)
        self.volumes = {}
        for number, volume in enumerate(image.volumes):
            place = folder / f"volume-{number}"
            # A new volume begins with what the image has there, owner and mode included.
            run("cp", "-a", image.root / volume.lstrip("/"), place)
            self.volumes[volume] = place
            self.mounts.append((place, volume, "rw"))
        command = self._command([*image.entrypoint, *image.command], environment, processes=True)
        self.started = time.monotonic()
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def _command(self, words, environment, processes=False):
        return inside(
            self.image.root,
            words,
            user=self.image.user,
            environment=self.image.environment | environment,
            directory=self.image.directory,
            mounts=self.mounts,
            processes=processes,
            readonly=True,
        )

    def health(self):
        """What the image's HEALTHCHECK ends with, and what it says."""
        limit = int(self.image.health_options["timeout"].removesuffix("s"))
        done = subprocess.run(self._command(self.image.health, {}), capture_output=True, text=True, timeout=limit)
        return done.returncode, (done.stdout + done.stderr).strip()

    def can(self, test):
        """Whether a shell's test holds for the container's user among its files."""
        return subprocess.run(self._command(["/bin/sh", "-c", test], {})).returncode == 0

    def run(self, *words):
        """As `docker exec`: what it ends with, and what it says."""
        done = subprocess.run(self._command(words, {}), capture_output=True, text=True)
        return done.returncode, (done.stdout + done.stderr).strip()

    def records(self):
        """The audit log that is in the volume, record by record."""
        log = self.volumes[AUDIT] / "audit.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def wait_until_healthy(self):
        """The seconds it took from the start, the namespaces that Docker would make and the check itself included."""
        while self.health()[0]:
            if self.process.poll() is not None or time.monotonic() - self.started > HEALTHY_WITHIN_SECONDS:
                raise Failure(f"the container did not become healthy:\n{self.log()}")
            time.sleep(0.01)
        return time.monotonic() - self.started

    def pid(self):
        """Of the process that is number 1 inside, as it is seen from here."""
        return int(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0])

    def status(self):
        return dict(line.split(":\t", 1) for line in Path(f"/proc/{self.pid()}/status").read_text().splitlines())

    def kill(self, number):
        """As `docker kill --signal`."""
        os.kill(self.pid(), number)

    def stop(self):
        """As `docker stop`: the exit status."""
        self.kill(self.image.stop_signal)
        return self.process.wait(10)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def log(self):
        return self.log_path.read_text(errors="replace")


def psql(url, statement):
    command = ["psql", "--no-psqlrc", "-At", "-v", "VERBOSITY=verbose", url, "-c", statement]
    return subprocess.run(command, capture_output=True, text=True)


def is_refused(done):
    return done.returncode != 0 and "42501" in done.stderr


class Trial:
    def __init__(self, image, folder):
        self.image, self.folder = image, folder
        self.running = []

    def run(self):
        """The seconds from the start to the first good health check."""
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
            raise Failure(f"no network of its own: {os.strerror(ctypes.get_errno())}")
        run("ip", "link", "set", "lo", "up")
        from keeper import Keeper

        keeper = Keeper()
        try:
            self.start_servers(keeper)
            seconds = self.as_pgml_rds_proxy_was_started()
            self.without_an_upstream()
            self.as_rds_moves()
            self.two_users()
            return seconds
        finally:
            for container in self.running:
                container.end()
            keeper.close()

    def start_servers(self, keeper):
        import cluster
        from upstream import start_backend

        say("PostgresML, played by the embedded backend, and RDS, by another PostgreSQL")
        self.upstream = start_backend(keeper.new_folder("backend"), keeper).url
        # Not 127.0.0.1, on which a gateway that listens on the loopback interface only would answer too.
        self.url = re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.2:{self.image.port}", self.upstream)
        self.rds = cluster.Cluster(keeper.new_folder("rds"), keeper).create().start()
        self.rds_url = f"postgres://postgres:{self.rds.password}@127.0.0.1:{self.rds.port}/postgres"
        # As the guide of pgml-rds-proxy has it.
        for statement in (
            "CREATE EXTENSION dblink",
            "CREATE EXTENSION postgres_fdw",
            "CREATE SERVER postgresml FOREIGN DATA WRAPPER postgres_fdw"
            f" OPTIONS (host '127.0.0.2', port '{self.image.port}', dbname 'pgml')",
            "CREATE USER MAPPING FOR CURRENT_USER SERVER postgresml OPTIONS (user 'pg', password 'ml')",
        ):
            self.on_rds(statement)

    def on_rds(self, statement):
        done = psql(self.rds_url, statement)
        shown = statement if len(statement) < 90 else statement[:89] + "…"
        check(done.returncode == 0, f"RDS: {shown}", done.stderr)
        return done.stdout

    def start(self, name, environment, mounts=()):
        place = self.folder / f"container-{name}"
        place.mkdir()
        self.running.append(Container(self.image, place, environment, mounts))
        return self.running[-1]

    def embeds(self, container, url=None):
        done = psql(url or self.url, f"SELECT pgml.embed('{MODEL}', '{TEXT}')")
        numbers = re.fullmatch(r"\{(.*)\}\n", done.stdout)
        count = len(numbers[1].split(",")) if numbers else 0
        said = done.stderr + container.log()
        check(count == 384, f"a client's SELECT pgml.embed is answered with {count} numbers", said)

    def embeds_from_rds(self):
        call = f"SELECT * FROM pgml.embed(''{MODEL}'', ''{TEXT}'') AS embedding"
        vector = self.on_rds(f"SELECT * FROM dblink('postgresml', '{call}') AS t1(embedding real[384])")
        check(vector.count(",") == 383, "dblink gets 384 numbers")

    def as_pgml_rds_proxy_was_started(self):
        say("docker run -e DATABASE_URL=… -p 6432:6432")
        container = self.start("first", {"DATABASE_URL": self.upstream})
        seconds = container.wait_until_healthy()
        check(True, f"healthy {seconds * 1000:.0f} ms after the start: {container.health()[1]}")
        status = container.status()
        user = self.image.user.split(":")[0]
        check(set(status["Uid"].split()) == {user} != {"0"}, f"it runs as user {user}")
        check(int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0, "without capabilities")
        check(status["NSpid"].split()[-1] == "1", "as number 1 of its own processes")
        check(container.can(f"test -w {SETTINGS}/audit/"), "its volume can be written to")
        check(not container.can(f"test -w {SETTINGS} || test -w / || test -w /tmp"), "and nothing else")
        self.embeds(container)
        self.embeds_from_rds()
        self.on_rds("IMPORT FOREIGN SCHEMA app LIMIT TO (inbox_embedded) FROM SERVER postgresml INTO public")
        rows = self.on_rds("SELECT count(embedding) FROM inbox_embedded").strip()
        check(int(rows) > 0, f"postgres_fdw reads {rows} embedded rows")
        done = psql(self.url, "SELECT pg_read_file('/etc/passwd')")
        detail = re.search(r"^DETAIL: .*plugins\.d/10-allowlist\.toml.*$", done.stderr, re.M)
        check(is_refused(done) and detail, f"refused: {detail[0] if detail else done.stderr}")
        done = psql(self.url + "?sslmode=require", "SELECT 1")
        check("does not support SSL" in done.stderr, "sslmode=require fails: TLS is not there yet", done.stderr)
        print(f"  {int(container.status()['VmRSS'].split()[0]) // 1000} MB resident", flush=True)
        began = time.monotonic()
        code = container.stop()
        check(code == 0, f"{self.image.stop_signal.name} ends it within {time.monotonic() - began:.2f} s, with 0")
        code, answer = container.health()
        check(code == 1, f"and the health check ends with 1: {answer}")
        self.kept_its_records(container)
        return seconds

    def kept_its_records(self, container):
        files = sorted(path.name for path in container.volumes[AUDIT].iterdir())
        owners = {path.stat().st_uid for path in container.volumes[AUDIT].iterdir()}
        user = int(self.image.user.split(":")[0])
        written = f"user {user} has written {', '.join(files)} to its volume"
        check("head.json" in files and owners == {user}, written, owners)
        verdicts = [record["verdict"] for record in container.records() if record["type"] == "statement"]
        ran, refused = verdicts.count("allowed"), verdicts.count("denied")
        counted = f"records of {ran} statements that ran and {refused} that was refused"
        check(ran >= 4 and refused == 1, counted, verdicts)
        code, answer = container.run("pgml-gateway", "audit", "verify", f"{AUDIT}/audit.jsonl")
        check(code == 0, f"pgml-gateway audit verify: {answer}")

    def without_an_upstream(self):
        say("docker run, without DATABASE_URL, and with a host by name")
        by_name = {"DATABASE_URL": "postgres://pg:ml@postgresml:5432/pgml"}
        for name, environment, remedy in (("nowhere", {}, "set DATABASE_URL"), ("name", by_name, "sslmode=disable")):
            container = self.start(name, environment)
            code = container.process.wait(HEALTHY_WITHIN_SECONDS)
            log = container.log().strip()
            check(code == 1 and remedy in log and "pg:ml" not in log, f"it ends with {code}: {log}")

    def as_rds_moves(self):
        say("report first, then enforce: -v …/gateway:/etc/pgml-gateway:ro")
        mine = self.folder / "gateway"
        run("cp", "-a", self.image.root / SETTINGS.lstrip("/"), mine)
        settings, allowlist = mine / "gateway.toml", mine / "plugins.d" / "10-allowlist.toml"
        run("sed", "-i", "1i unrestricted = true", settings)
        run("sed", "-i", '/^kind = /a mode = "report"', allowlist)
        container = self.start("report", {"DATABASE_URL": self.upstream}, [(mine, SETTINGS, "ro")])
        container.wait_until_healthy()
        self.embeds_from_rds()
        # To another port, where nobody is, and back.
        self.on_rds("ALTER SERVER postgresml OPTIONS (SET port '6433')")
        moved = psql(self.rds_url, "SELECT * FROM dblink('postgresml', 'SELECT 1') AS t1(one integer)")
        check("Connection refused" in moved.stderr, "and dblink goes there", moved.stderr)
        self.on_rds(f"ALTER SERVER postgresml OPTIONS (SET port '{self.image.port}')")
        self.embeds_from_rds()
        check(psql(self.url, UNLISTED).returncode == 0, "what is not listed is forwarded", container.log())
        self.says_what_it_would_refuse(container)
        run("sed", "-i", '/^mode = "report"/d', allowlist)
        run("sed", "-i", "/^unrestricted = true/d", settings)
        container.kill(signal.SIGHUP)
        deadline = time.monotonic() + 5
        while not is_refused(psql(self.url, UNLISTED)):
            if time.monotonic() > deadline:
                raise Failure(f"still forwarded after SIGHUP:\n{container.log()}")
        check(True, "docker kill --signal HUP: it is refused")
        self.embeds_from_rds()
        check(container.stop() == 0, "docker stop")

    def says_what_it_would_refuse(self, container):
        deadline = time.monotonic() + 5
        while not (
            told := [one for one in container.records() if "pg_roles" in one.get("text", "") and "reports" in one]
        ):
            if time.monotonic() > deadline:
                raise Failure(f"no record of what would be refused:\n{container.log()}")
            time.sleep(0.05)
        report = told[0]["reports"][0]
        check(report["rule"], f"its record says what would refuse it: {report['file']}, {report['rule']}")

    def two_users(self):
        say("users of its own, their passwords in files that only root and the gateway can read")
        mine = self.folder / "users"
        run("cp", "-a", self.image.root / SETTINGS.lstrip("/"), mine)
        (mine / "secrets").mkdir(0o755)
        uid, gid = map(int, self.image.user.split(":"))
        text = (mine / "gateway.toml").read_text()
        for name in ("rds", "analyst"):
            secret = mine / "secrets" / name
            secret.write_text(f"{name}-password\n")
            os.chown(secret, 0, gid)
            secret.chmod(0o640)
            text += f'\n[[users]]\nname = "{name}"\npassword_file = "secrets/{name}"\n'
        (mine / "gateway.toml").write_text(text)
        container = self.start("users", {"DATABASE_URL": self.upstream}, [(mine, SETTINGS, "ro")])
        container.wait_until_healthy()
        for name in ("rds", "analyst"):
            self.embeds(container, self.url.replace("pg:ml@", f"{name}:{name}-password@"))
        done = psql(self.url, "SELECT 1")
        check("password authentication failed" in done.stderr, "DATABASE_URL's own user is no user of the gateway's")
        mapping = "ALTER USER MAPPING FOR CURRENT_USER SERVER postgresml OPTIONS"
        self.on_rds(f"{mapping} (SET user 'rds', SET password 'rds-password')")
        self.embeds_from_rds()
        check(container.stop() == 0, "docker stop")
