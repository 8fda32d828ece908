"""docs/plugins.md is what CI builds: its code is the repository's, and its commands print what it says they do."""

import os
import re
import shlex
import shutil
import subprocess

import gateway as gateways
import pytest

PAGE = gateways.REPOSITORY / "docs" / "plugins.md"
BLOCK = re.compile(r"<!-- (file|in): (\S+) -->\n```\w*\n(.*?)^```$", re.M | re.S)
CONSOLE = re.compile(r"^```console\n\$ (.*?)\n(.*?)^```$", re.M | re.S)
TRANSCRIPTS = CONSOLE.findall(PAGE.read_text())
PSQL = "PGPASSWORD=ml psql -h 127.0.0.1 -p 6432 "
FILE = gateways.REPOSITORY / "Tests" / "Corpora" / "plugins.d" / "05-max-calls.toml"


def blocks():
    found = BLOCK.findall(PAGE.read_text())
    assert len(found) >= 6, "the page has lost its code"
    return found


@pytest.mark.parametrize("kind, path, text", blocks(), ids=[f"{path}-{n}" for n, (_, path, _) in enumerate(blocks())])
def test_the_code_of_the_page_is_that_of_the_repository(kind, path, text):
    code = (gateways.REPOSITORY / path).read_text()
    if kind == "file":
        assert text == code
    else:
        assert text in code


def test_every_piece_of_swift_on_the_page_names_its_file():
    text = PAGE.read_text()
    assert len(re.findall(r"^```(swift|toml)$", text, re.M)) == len(blocks())


@pytest.mark.parametrize("command, output", [one for one in TRANSCRIPTS if not one[0].startswith(PSQL)])
def test_the_commands_of_the_page_print_what_it_says(command, output, new_folder):
    folder = gateways.lay_out(new_folder("page"))
    for name in os.listdir(folder / "plugins.d"):
        if name.endswith(".toml") and name != "10-allowlist.toml":
            (folder / "plugins.d" / name).unlink()
    file = folder / "plugins.d" / FILE.name
    shutil.copy(FILE, file)
    file.chmod(0o644)
    words = shlex.split(command)
    assert words[0] == "pgml-gateway"
    ran = subprocess.run(
        [gateways.binary(), *words[1:]],
        cwd=folder,
        env={**os.environ, "DATABASE_URL": "postgres://pg:ml@127.0.0.1:5432/pgml"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stderr == ""
    assert ran.returncode == (1 if "denied:" in output else 0)
    assert ran.stdout == output


@pytest.mark.parametrize("command, output", [one for one in TRANSCRIPTS if one[0].startswith(PSQL)])
def test_a_client_of_the_page_sees_what_it_says(command, output, start_gateway):
    gateway = start_gateway(edit_policy=None, plugins={FILE.name: FILE.read_text()})
    ran = subprocess.run(
        ["psql", "-X", "-h", "127.0.0.1", "-p", str(gateway.port), *shlex.split(command.removeprefix(PSQL))],
        env={**os.environ, "PGPASSWORD": "ml"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stdout == ""
    assert ran.stderr == output


def test_the_page_shows_both_commands_and_a_client():
    assert [command.split()[0] for command, _ in TRANSCRIPTS] == ["pgml-gateway", "pgml-gateway", "PGPASSWORD=ml"]
