"""`check` and `explain` as scripts use them: exit status, JSON, what stands on which stream."""

import json
import os
import subprocess

import gateway as gateways
import pytest

URL = "postgres://pg:ml@127.0.0.1:5432/pgml"


@pytest.fixture
def run(new_folder):
    folder = gateways.lay_out(new_folder("commands"))

    def run(*words, url=URL, stdin=None):
        return subprocess.run(
            [gateways.binary(), *words],
            cwd=folder,
            env={name: value for name, value in {**os.environ, "DATABASE_URL": url}.items() if value is not None},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )

    run.folder = folder
    return run


@pytest.mark.parametrize(
    "sql, parameters, status",
    [
        ("SELECT 1", [], 0),
        ("SELECT pgml.embed($1, $2)", ["all-MiniLM-L6-v2", "-x"], 0),
        ("SELECT pgml.embed($1, $2)", ["evil/model", "x"], 1),
        ("SELECT pgml.embed($1, $2)", ["\\N", "x"], 0),
        ("SELECT pgml.dump_all('x')", [], 1),
        ("SELEC", [], 1),
    ],
)
def test_explain_ends_with_its_verdict_and_prints_it_as_json(run, sql, parameters, status):
    words = [word for value in parameters for word in ("--param", value)]
    ran = run("explain", "--json", "--sql", sql, *words)
    answer = json.loads(ran.stdout)
    assert (ran.returncode, ran.stderr) == (status, "")
    assert answer["verdict"] == ("denied" if status else "allowed")
    assert ("error" in answer) == bool(status)


def test_explain_needs_no_upstream(run):
    ran = run("explain", "--json", "--sql", "SELECT 1", url=None)
    assert (ran.returncode, ran.stderr) == (0, "")
    (run.folder / "gateway.toml").write_text("no = 1\n")
    ran = run("explain", "--sql", "SELECT 1", url=None)
    assert ran.returncode == 2 and ran.stderr.startswith("gateway.toml:1: no"), ran.stderr


def test_explain_reads_standard_input(run):
    ran = run("explain", "--sql", "-", stdin="SELECT 1,\n  pgml.dump_all('x')\n")
    assert ran.returncode == 1
    assert ran.stdout.startswith("  pgml.dump_all('x')\n  ^\n\ndenied: "), ran.stdout


def test_explain_goes_by_who_asks(run):
    second = run.folder / "plugins.d" / "20-second.toml"
    second.write_text('kind = "max-calls"\nusers = ["rds"]\n[functions]\nlower = 1\n')
    second.chmod(0o644)
    sql = "SELECT lower('a'), lower('b')"
    assert run("explain", "--sql", sql).returncode == 0
    assert run("explain", "--sql", sql, "--user", "rds").returncode == 1


def test_what_cannot_be_judged_ends_with_2(run):
    (run.folder / "plugins.d" / "10-allowlist.toml").write_text("no = 1\n")
    ran = run("explain", "--sql", "SELECT 1")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("plugins.d/10-allowlist.toml"), ran.stderr


def test_check_tells_every_mistake_and_ends_with_1_where_the_start_would_fail(run):
    assert run("check").returncode == 0
    (run.folder / "gateway.toml").write_text("reactors = 0\n")
    policy = run.folder / "plugins.d" / "10-allowlist.toml"
    policy.write_text("no = 1\n" + policy.read_text())
    ran = run("check")
    assert ran.returncode == 1
    assert [line.split(" ")[0] for line in ran.stderr.splitlines()] == ["gateway.toml:1:", "plugins.d/10-allowlist.toml:1:"]
    assert ran.stdout == "check: 2 mistakes, 0 warnings\n"
    report = json.loads(run("check", "--json").stdout)
    assert len(report["mistakes"]) == 2 and report["warnings"] == []
