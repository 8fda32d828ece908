"""The audit log tells what became of every statement and session, and shows when somebody has changed it.

What it tells is held against what the client was told and against the upstream's own log.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time

import gateway as gateways
import pgwire
import pytest
from conftest import in_every_mode

KEY = "0123456789abcdef0123456789abcdef"


def configure(one, keys):
    """Puts keys into the audit plugin's file; `one` is a folder."""
    file = one / "plugins.d" / "90-audit.toml"
    text = file.read_text()
    assert 'directory = "audit"\n' in text
    (one / "audit-key").write_text(KEY + "\n")
    (one / "audit-key").chmod(0o600)
    file.write_text(text.replace('directory = "audit"\n', 'directory = "audit"\nkey_file = "audit-key"\n' + keys))


@pytest.fixture
def start_audited(start_gateway, upstream):
    """A gateway with transaction or session pooling whose audit plugin has a key, and these keys of its own."""

    def start(mode, keys=""):
        one = start_gateway(gateways.toml(mode, {"size": 4}), url=upstream.backend.url)
        one.stop()
        configure(one.folder, keys)
        for path in (one.folder / "audit").glob("*"):
            path.unlink()
        return one.start()

    return start


def records(one):
    found = []
    for path in sorted((one.folder / "audit").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            found.append(json.loads(line))
    return sorted(found, key=lambda record: record["seq"])


def of_type(found, name):
    return [record for record in found if record["type"] == name]


def verify(one, key=True):
    files = sorted((one.folder / "audit").glob("*.jsonl"))
    argv = [gateways.binary(), "audit", "verify", *files]
    if key:
        argv += ["--key-file", one.folder / "audit-key"]
    return subprocess.run([str(word) for word in argv], capture_output=True, text=True, timeout=60)


def connect(one, **parameters):
    connection = pgwire.Connection(one.port)
    connection.login("pg", "ml", "pgml", **parameters)
    return connection


def drain(connection, count=1):
    return [connection.read_until("ReadyForQuery") for _ in range(count)]


@in_every_mode
def test_every_statement_has_one_record_that_says_how_it_ended(start_audited, mode):
    one = start_audited(mode)
    with connect(one, application_name='he said "hi"') as client:
        expected = []

        def expect(text, verdict, **more):
            expected.append({"text": text, "verdict": verdict, **more})

        client.send(pgwire.query("SELECT 1 AS allowed"))
        drain(client)
        expect("SELECT $1 AS allowed", "allowed", rows=1)

        client.send(pgwire.query("SELECT 1 AS first; SELECT 1/0 AS second; SELECT 3 AS third"))
        drain(client)
        expect("SELECT $1 AS first", "allowed", place=[0, 3])
        expect("SELECT $1/$2 AS second", "failed", sqlstate="22012", place=[1, 3])
        expect("SELECT $1 AS third", "aborted", place=[2, 3])

        client.send(pgwire.query("SELECT id FROM app.secret"))
        drain(client)
        expect("SELECT id FROM app.secret", "denied", sqlstate="42501", file="plugins.d/10-allowlist.toml")

        client.send(pgwire.query("SELECT 4 AS fourth; SELECT id FROM app.secret AS s"))
        drain(client)
        expect("SELECT $1 AS fourth", "aborted", place=[0, 2])
        expect("SELECT id FROM app.secret AS s", "denied", place=[1, 2])

        client.send(pgwire.query("SELEKT 'hush'"))
        drain(client)
        expect(None, "denied", sqlstate="42601")

        # A pipeline: two that run, one that fails, one that the error skips. In one piece: what comes when the error is
        # known is not read, and not told of.
        batch = []
        for number, text in enumerate(["$1::int AS p", "$1::int AS p", "1 / $1::int AS p", "$1::int AS p"]):
            name = f"s{number}"
            batch += [pgwire.parse(name, f"SELECT {text}{number}"), pgwire.bind("", name, ["0"]), pgwire.execute()]
        client.send(*batch, pgwire.sync())
        drain(client)
        expect("SELECT $1::int AS p0", "allowed", rows=1)
        expect("SELECT $1::int AS p1", "allowed", rows=1)
        failed = len(expected)
        expect(None, "failed", sqlstate="22012")
        expect("SELECT $1::int AS p3", "aborted")

        # The same portal twice: the first Execute ends at its limit.
        client.send(pgwire.parse("", "SELECT generate_series(1, 3) AS g"), pgwire.bind("", ""))
        client.send(pgwire.execute("", 2), pgwire.execute("", 2), pgwire.sync())
        drain(client)

        client.send(pgwire.query("SET statement_timeout = 50"))
        drain(client)
        client.send(pgwire.query("SELECT pg_sleep(10) AS slept"))
        drain(client)
        expect("SELECT pg_sleep($1) AS slept", "cancelled", sqlstate="57014")

        client.send(pgwire.query("SELECT pgml.embed('intfloat/e5-small-v2', 'a text that is not written')"))
        drain(client)
        client.send(pgwire.query(""))
        drain(client)
    one.stop()

    found = records(one)
    statements = of_type(found, "statement")
    told = [(record.get("text"), record["verdict"]) for record in statements]
    for wanted in expected:
        if wanted["text"] is None and wanted["verdict"] == "failed":
            continue
        matching = [record for record in statements if record.get("text") == wanted["text"] and record["verdict"] == wanted["verdict"]]
        assert matching, f"{wanted} is not among {told}"
        assert any(all(record.get(key) == value for key, value in wanted.items()) for record in matching), (wanted, matching)
    assert expected[failed]["sqlstate"] in [record.get("sqlstate") for record in statements if "/" in record.get("text", "") and "p2" in record["text"]]
    by_text = [record for record in statements if record.get("text", "").endswith("AS g")]
    assert [(record.get("suspended"), record["verdict"]) for record in by_text] == [(True, "allowed"), (None, "allowed")]

    embed = [record for record in statements if record.get("functions") == ["pgml.embed"]]
    assert len(embed) == 1
    assert [argument["name"] for argument in embed[0]["calls"][0]["arguments"]] == ["transformer", "text"]
    assert embed[0]["calls"][0]["arguments"][0]["model"] == "intfloat/e5-small-v2"
    assert embed[0]["calls"][0]["arguments"][1]["length"] == len("a text that is not written")

    # As many as were sent: 1 + 3 + 1 + 2 + 1 + 4 + 2 + 2 + 1, and the empty Query, which holds none.
    assert len(statements) == 17, "\n".join(f"{text}: {verdict}" for text, verdict in told)
    assert [record["event"] for record in of_type(found, "session")] == ["begin", "end"]
    assert {record["application"] for record in statements} == {'he said "hi"'}
    assert {(record["user"], record["database"], record["address"]) for record in statements} == {("pg", "pgml", "127.0.0.1")}
    written = "".join(path.read_text() for path in (one.folder / "audit").glob("*"))
    assert "hush" not in written and "not written" not in written
    assert [record["seq"] for record in found] == list(range(1, len(found) + 1))

    result = verify(one)
    assert result.returncode == 0, result.stdout
    assert f"as it was written: {len(found)} records" in result.stdout


def crowd(one, seconds, text, workers=6):
    """Runs statements on several connections until time is up or the gateway gone; answers how many were answered."""
    answered = []
    end = time.monotonic() + seconds

    def work(number):
        count = 0
        try:
            with connect(one) as client:
                while time.monotonic() < end:
                    client.send(pgwire.query(text(number, count)))
                    client.read_until("ReadyForQuery")
                    count += 1
        except (OSError, pgwire.Closed, pgwire.TimedOut):
            pass
        answered.append(count)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    return threads, answered


@in_every_mode
def test_records_are_as_many_as_statements_over_reload_and_restart(start_audited, mode):
    one = start_audited(mode, "rotate_mib = 1\ncheckpoint_records = 500\n")
    total = 0
    for _ in range(2):
        threads, answered = crowd(one, 2, lambda number, count: "SELECT 1 AS counted")
        time.sleep(1)
        one.signal(signal.SIGHUP)
        for thread in threads:
            thread.join()
        total += sum(answered)
        one.stop()
        one.start()
    with connect(one) as client:
        client.send(pgwire.query("SELECT 1 AS counted"))
        drain(client)
    one.stop()
    found = of_type(records(one), "statement")
    assert total > 100
    assert len(found) == total + 1
    assert "SIGHUP" in one.log()
    result = verify(one)
    assert result.returncode == 0, result.stdout
    refused = verify(one, key=False)
    assert refused.returncode == 1 and "was written under key" in refused.stdout


@in_every_mode
def test_killed_under_load_it_has_a_record_of_all_that_was_forwarded(start_audited, upstream, mode):
    one = start_audited(mode, 'guarantee = "before"\n')
    log = upstream.backend.log_path
    start = log.stat().st_size
    threads, answered = crowd(one, 20, lambda number, count: f"SELECT 1 AS killed_{number}_{count}_end")
    time.sleep(2)
    one.signal(signal.SIGKILL)
    for thread in threads:
        thread.join()
    with open(log, "rb") as file:
        file.seek(start)
        reached = set(re.findall(r"killed_\d+_\d+_end", file.read().decode(errors="replace")))
    assert len(reached) >= sum(answered) > 50
    one.wait(10)
    one.start()
    with connect(one) as client:
        client.send(pgwire.query("SELECT 1"))
        drain(client)
    one.stop()
    intents = {re.search(r"killed_\d+_\d+_end", record["text"]).group() for record in of_type(records(one), "intent") if "killed_" in record["text"]}
    assert reached <= intents, sorted(reached - intents)[:5]
    result = verify(one)
    assert result.returncode == 0, result.stdout


def test_the_shipped_log_needs_no_key_and_logrotate_may_move_it(start_gateway, upstream):
    one = start_gateway(gateways.toml("transaction", {"size": 2}), url=upstream.backend.url)
    with connect(one) as client:
        client.send(pgwire.query("SELECT 1"))
        drain(client)
        log = one.folder / "audit" / "audit.jsonl"
        wait_for(lambda: log.exists() and '"verdict":"allowed"' in log.read_text())
        log.rename(one.folder / "audit" / "audit-moved.jsonl")

        def moved_on():
            client.send(pgwire.query("SELECT 1"))
            drain(client)
            time.sleep(0.3)
            return log.exists()

        wait_for(moved_on)
    one.stop()
    assert {path.name for path in (one.folder / "audit").iterdir()} == {"audit.jsonl", "audit-moved.jsonl", "head.json", "lock"}
    result = verify(one, key=False)
    assert result.returncode == 0 and "the chain has no key" in result.stdout, result.stdout
    text = log.read_text()
    assert '"user":"pg"' in text
    log.write_text(text.replace('"user":"pg"', '"user":"pq"', 1))
    result = verify(one, key=False)
    assert result.returncode == 1
    assert re.search(r"audit\.jsonl:\d+: record \d+ was changed", result.stdout), result.stdout
    log.write_text("\n".join(text.splitlines()[:-1]) + "\n")
    result = verify(one, key=False)
    assert result.returncode == 1 and "the log is cut off after record" in result.stdout


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@in_every_mode
def test_while_the_log_cannot_be_written_nothing_runs(start_audited, upstream, mode):
    one = start_audited(mode)
    log = one.folder / "audit" / "audit.jsonl"
    with connect(one) as client:

        def refused():
            client.send(pgwire.query("SELECT 1 AS blocked"))
            return any(message.name == "ErrorResponse" and message.value["C"] == "58030" for message in drain(client)[0])

        assert not refused()
        # Put aside, and in its place what cannot be written.
        log.rename(one.folder / "audit" / "audit-moved.jsonl")
        log.mkdir()
        wait_for(refused)
        log.rmdir()
        wait_for(lambda: not refused())
    one.stop()
    denied = [record for record in of_type(records(one), "statement") if record["verdict"] == "denied"]
    assert denied and all(record["file"] == "plugins.d/90-audit.toml" for record in denied)
    assert verify(one).returncode == 0


def test_a_log_that_cannot_be_written_at_the_start_says_what_to_do(start_audited):
    one = start_audited("transaction")
    one.stop()
    log = one.folder / "audit" / "audit.jsonl"
    log.unlink()
    log.mkdir()
    one.start(expect_listening=False)
    assert one.wait(10) != 0
    assert "plugins.d/90-audit.toml: audit/audit.jsonl cannot be opened: Is a directory" in one.log()


def test_a_second_gateway_on_one_directory_does_not_start_or_keeps_its_old_files(start_audited, start_gateway, upstream):
    first = start_audited("transaction")
    directory = first.folder / "audit"
    second = start_gateway(gateways.toml("transaction", {"size": 2}), url=upstream.backend.url)
    file = second.folder / "plugins.d" / "90-audit.toml"
    old = file.read_text()
    shared = old.replace('directory = "audit"', f'directory = "{directory}"')
    shared = shared.replace("\n#key_file", f'\nkey_file = "{first.folder}/audit-key"\n#key_file', 1)
    file.write_text(shared)
    in_use = f"{directory} is in use by another gateway: process {first.pid} holds {directory}/lock; stop that one"
    second.signal(signal.SIGHUP)
    wait_for(lambda: in_use in second.log())
    assert "the plugin files stay as they were" in second.log()
    with connect(second) as client:
        client.send(pgwire.query("SELECT 1"))
        assert not any(message.name == "ErrorResponse" for message in drain(client)[0])
    second.stop()
    second.start(expect_listening=False)
    assert second.wait(10) != 0
    assert second.log().count(in_use) == 2
    # To look at the files is no reason to refuse: the one that is running has the log.
    checked = subprocess.run([gateways.binary(), "check"], cwd=second.folder, capture_output=True, text=True, timeout=60,
                             env={"DATABASE_URL": upstream.backend.url})
    assert checked.returncode == 0, checked.stderr
    first.stop()
    second.start()
    second.stop()
    assert verify(first).returncode == 0


@in_every_mode
def test_a_full_disk_refuses_loses_nothing_and_goes_on(start_audited, upstream, mode, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system to fill")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        one = start_audited(mode)
        one.stop()
        file = one.folder / "plugins.d" / "90-audit.toml"
        file.write_text(file.read_text().replace('directory = "audit"\n', f'directory = "{disk}/audit"\n'))
        filler = disk / "filler"
        filler.write_bytes(bytes(700 << 10))
        one.start()
        codes = []
        with connect(one) as client:

            def run():
                client.send(pgwire.query("SELECT 1 AS counted"))
                errors = [message.value["C"] for message in drain(client)[0] if message.name == "ErrorResponse"]
                codes.append(errors[0] if errors else None)
                return codes[-1]

            while run() is None:
                assert len(codes) < 100_000, "1 MiB holds all of it"
            ran = len(codes) - 1
            wait_for(lambda: run() == "58030")
            assert set(codes) == {None, "58030"}
            filler.unlink()
            wait_for(lambda: run() is None)
        one.stop()
        shutil.rmtree(one.folder / "audit")
        shutil.copytree(disk / "audit", one.folder / "audit")
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
    assert ran > 100
    statements = of_type(records(one), "statement")
    assert len([record for record in statements if record["verdict"] == "allowed"]) == codes.count(None)
    assert len([record for record in statements if record.get("sqlstate") == "58030"]) == codes.count("58030")
    result = verify(one)
    assert result.returncode == 0, result.stdout
