"""The demonstration's last part: what the audit log has of all that, and how it tells that somebody changed it."""

import shutil
from collections import Counter

from demo_site import KEY

VERDICTS = ("allowed", "denied", "failed", "cancelled", "aborted")


def show(site):
    say = site.screen
    say.title("The audit log has all of it")
    say.why("Why: who asked what, what became of it, and which rule said so; constants only where somebody chose so.")
    say.file(site.folder / "plugins.d" / "90-audit.toml", site.folder)
    leave(site)
    records = site.records()
    statements = [record for record in records if record["type"] == "statement"]
    say.answer("A few of its records, and of each a few members:")
    denial = ("user", "text", "verdict", "sqlstate", "file", "rule")
    for is_wanted, members in (
        (lambda record: record.get("calls"), ("user", "functions", "text", "verdict", "rows")),
        (lambda record: record["user"] == "chat" and record.get("rule") == "relations", denial),
        (lambda record: record.get("rule") == "embeddings", denial),
    ):
        say.record(next(filter(is_wanted, statements)), *members)
    say.line()
    count(site, records, statements)


def leave(site):
    """Everybody leaves and the gateway ends, so that the log is whole: upstream and RDS stay."""
    for connection in (site.app, *site.drivers.values()):
        connection.close()
    site.gateway.stop()


def count(site, records, statements):
    say = site.screen
    became = Counter((record["user"], record["verdict"]) for record in statements)
    sessions = Counter((record["user"], record["event"]) for record in records if record["type"] == "session")
    used = [verdict for verdict in VERDICTS if any(key[1] == verdict for key in became)]
    say.answer(f"{'user':<8} | " + " | ".join(f"{word:>8}" for word in ("sessions", *used)))
    for user in ("pg", "chat", "analyst"):
        numbers = [sessions[user, "begin"], *(became[user, verdict] for verdict in used)]
        say.answer(f"{user:<8} | " + " | ".join(f"{number:>8}" for number in numbers))
        assert sessions[user, "begin"] == sessions[user, "end"] > 0, sessions
    assert {user for user, _ in became} == {"pg", "chat", "analyst"}, became
    for user, answers in site.answered.items():
        assert became[user, "allowed"] == answers, f"{user} had {answers} answers, {became} is in the log"
    denied = sum(number for (_, verdict), number in became.items() if verdict == "denied")
    assert denied == site.refused, f"{site.refused} refusals were seen, {denied} are in the log"
    assert [record["seq"] for record in records] == list(range(1, len(records) + 1)), "there is a gap"
    say.good(f"{len(records)} records without a gap, and as many denied as errors were seen here: {denied}")
    say.good("as many allowed, of chat and analyst, as answers were")


def verify(site):
    say = site.screen
    say.title("Nobody changes it unnoticed")
    say.why("Why: each record is chained to the one before it, under a key. The gateway has been ended; this is its log:")
    lines, status = verified(site, "audit")
    number = len(site.records())
    # One line: another would say what could not be told.
    assert status == 0 and len(lines) == 1, "the log does not verify"
    assert lines[0].startswith(f"as it was written: {number} records, 1 to {number} of"), lines
    say.good("every record is as it was written, and none is missing")

    shutil.copytree(site.folder / "audit", site.folder / "copy")
    log = site.folder / "copy" / "audit.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    marks = (b'"user":"chat"', b'"rule":"relations"')
    index = next(index for index, line in enumerate(lines) if all(mark in line for mark in marks))
    lines[index] = lines[index].replace(b'"user":"chat"', b'"user":"chap"')
    log.write_bytes(b"".join(lines))
    line = index + 1
    say.line()
    say.answer(f"In a copy, one byte is changed: the user of line {line}, chat, becomes chap.")
    lines, status = verified(site, "copy")
    assert status == 1, "the change was not noticed"
    assert any(f"copy/audit.jsonl:{line}" in text for text in lines), lines
    say.good("found, with file and line")


def verified(site, folder):
    words = ("audit", "verify", f"{folder}/audit.jsonl", "--key-file", KEY)
    lines, status = site.run_tool(*words)
    site.screen.command("pgml-gateway " + " ".join(words), lines)
    return lines, status
