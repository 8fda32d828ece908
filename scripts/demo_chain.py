"""The demonstration's third part: the plugins around the allowlist, and users with rights of their own."""

import re
import time

import checks
import psycopg
from refusals import MODEL

# As PostgresML's documentation has it, on the page of pgml.embed.
GUIDE = """SELECT pgml.embed(
  'intfloat/e5-small-v2',
  'No, that''s not true, that''s impossible.',
  '{"prompt": "query: "}'::JSONB
)"""
ALIASED = GUIDE.replace("intfloat/e5-small-v2", MODEL)
HELLO = f"SELECT pgml.embed('{MODEL}', 'hello')"


def rewrite(site):
    say = site.screen
    say.title("A model alias: the guide's own statement, answered by the model at hand")
    say.why("Why: statements are copied from the guide, and this PostgresML has one model. It takes the other's place:")
    say.file(site.folder / "plugins.d" / "05-rewrite.toml", site.folder)
    say.answer("PostgresML itself, asked without the gateway:")
    try:
        site.upstream.run(GUIDE)
        raise AssertionError("the backend has the guide's model")
    except psycopg.Error as error:
        say.error({"M": error.diag.message_primary})
    site.upstream.forget()
    site.connect("analyst", "analyst")
    say.sql("analyst>", GUIDE + ";")
    vector = site.ask("analyst", GUIDE)
    say.answer("{" + ", ".join(f"{number:.4f}" for number in vector[:5]) + ", …}")
    checks.check_embedding(vector)
    assert site.upstream.saw(MODEL), "the model at hand was not asked"
    checks.check_unseen(site.upstream.saw, ("e5-small",))
    assert vector == site.upstream.run(ALIASED)[0][0], "not what the model at hand answers"
    say.good("what all-MiniLM-L6-v2 answers; PostgresML did not see the other name")

    record = site.await_record(lambda record: record.get("rewritten"))
    say.line()
    say.answer("The audit log has both texts:")
    say.record(record, "user", "text", "rewritten", "replacement", "verdict")
    assert (record["text"], record["replacement"], record["verdict"]) == (GUIDE, ALIASED, "allowed"), record
    say.line()
    lines, status = site.run_tool("explain", "--user", "analyst", "--sql", "-", text=GUIDE)
    shown = lines[: lines.index("")]
    say.command("pgml-gateway explain --user analyst --sql - < guide.sql", [*shown, "…"])
    assert status == 0 and "\n".join(shown) == f"allowed\n  sent to the server: {ALIASED}", lines
    say.good("the audit record and `pgml-gateway explain` both name the text that is sent instead")


def rights(site):
    say = site.screen
    say.title("Two users with different rights, one role at PostgresML")
    say.why(
        "Why: who may embed need not read tables, and neither needs PostgresML's password. Each has an allowlist of its"
        " own, on top of the one for all:"
    )
    for name in ("20-chat.toml", "30-analyst.toml"):
        say.file(site.folder / "plugins.d" / name, site.folder)
    site.connect("chat", "chat")
    say.sql("chat>", HELLO + ";")
    vector = site.ask("chat", HELLO)
    checks.check_embedding(vector)
    say.answer("{" + ", ".join(f"{number:.4f}" for number in vector[:5]) + ", …}")
    read = "SELECT body FROM app.inbox WHERE id = 1"
    refuse(site, "chat", read, "20-chat.toml", "relations")
    say.sql("analyst>", read + ";")
    body = site.ask("analyst", read)
    say.answer(body)
    assert body == "That is a happy person", body
    refuse(site, "analyst", "DELETE FROM app.inbox", "30-analyst.toml", "statements")
    say.good("each gets what is its; a refusal names file and rule")

    connected = (
        "SELECT usename, count(*) FROM pg_stat_activity"
        " WHERE datname = 'pgml' AND usename <> current_user GROUP BY usename"
    )
    seen = site.upstream.run(connected)
    say.line()
    say.answer("Who is connected to PostgresML:")
    for role, count in seen:
        say.answer(f"{role} | {count}")
    assert len(seen) == 1 and seen[0][0] == "pg", seen
    sessions = site.open_sessions()
    assert seen[0][1] < sessions, f"{seen[0][1]} connections for {sessions} sessions"
    say.good(f"{sessions} sessions of three users at the gateway are {seen[0][1]} of one role here: they are pooled")


def limit(site):
    say = site.screen
    say.title("A rate limit: who is over it is told when to come back, nobody else notices")
    say.why("Why: one program that runs wild must not take the model from everybody.")
    say.file(site.folder / "plugins.d" / "05-rate-limit.toml", site.folder)
    say.sql("chat>", HELLO + ";   -- again and again")
    began, passed, error = time.monotonic(), 0, None
    while error is None and passed < 50:
        try:
            site.ask("chat", HELLO)
            passed += 1
        except psycopg.Error as problem:
            site.refused += 1
            error = checks.error_fields(problem)
    elapsed = time.monotonic() - began
    say.answer(f"{passed} more answers in {1000 * elapsed:.0f} ms, then:")
    assert error, "was never refused"
    assert 4 <= passed <= 5 + elapsed + 1, f"{passed} passed"  # one of the five has been used above
    say.error(error)
    assert error["C"] == "53400", error
    assert 'rule "embeddings" of plugins.d/05-rate-limit.toml' in error["D"], error
    again = re.fullmatch(r"Try again in ([0-9.]+) seconds?\.", error["H"])
    assert again and 0 < float(again[1]) <= 1, error
    say.good("SQLSTATE 53400, and when to try again")
    say.sql("analyst>", HELLO + ";")
    checks.check_embedding(site.ask("analyst", HELLO))
    say.good("answered: another user is not touched")
    time.sleep(float(again[1]))
    say.sql("chat>", HELLO + ";   -- when the HINT said")
    checks.check_embedding(site.ask("chat", HELLO))
    say.good("answered")


def refuse(site, user, statement, file, rule):
    say = site.screen
    say.sql(f"{user}>", statement + ";")
    fields = site.refusal(site.drivers[user], statement)
    say.error(fields)
    assert fields["C"] == "42501", fields
    assert f'rule "{rule}" of plugins.d/{file}' in fields["D"], fields
