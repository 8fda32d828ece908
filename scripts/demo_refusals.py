"""The demonstration's second part: what the policy does not list."""

import re

import checks
from refusals import CONSTANTS, PARAMETERS


def refuse(site):
    say = site.screen
    say.title("What the policy does not list is refused, and PostgresML does not see a byte of it")
    say.why("Why: pg_read_file reads the server's files, and with trust_remote_code a model's author runs programs there.")
    for constant, bound in zip(CONSTANTS, PARAMETERS):
        site.upstream.forget()
        say.sql("shop=>", constant.text + ";")
        fields = site.refusal(site.app, "SELECT * FROM dblink('postgresml', %s) AS t1(answer text)", (constant.text,))
        say.error(fields)
        checks.check_refusal(fields, constant.rule)
        checks.check_unseen(site.upstream.saw, constant.secrets)
        say.good("simple protocol, by dblink: 42501, nothing forwarded")
        for placeholder in ("%t", "%b"):
            query = re.sub(r"\$\d", placeholder, bound.text)
            checks.check_refusal(site.refusal(site.driver, query, bound.values), bound.rule)
            checks.check_unseen(site.upstream.saw, bound.secrets)
        say.good(f"extended protocol, by driver, parameters as text and as binary: refused at {bound.refused_at}")
        assert site.driver.execute("SELECT 'still here'").fetchone() == ("still here",)
        say.line()
    say.good("after each refusal the next statement worked")


def refuse_in_a_transaction(site):
    say = site.screen
    say.title("A refusal is an error like any other: it takes its transaction along")
    say.why("Why: half a transaction must not stay behind.")
    for statement in ("BEGIN", "INSERT INTO app.inbox (id, body) VALUES (100, 'written before')"):
        say.sql("pgml>", statement + ";")
        site.driver.execute(statement)
    say.sql("pgml>", CONSTANTS[0].text + ";")
    fields = site.refusal(site.driver, CONSTANTS[0].text)
    say.answer(say.paint("refused", f"ERROR:  {fields['M']}"))
    checks.check_refusal(fields, CONSTANTS[0].rule)
    say.sql("pgml>", "COMMIT;")
    tag = site.driver.execute("COMMIT").statusmessage
    say.answer(tag)
    assert tag == "ROLLBACK", tag
    say.sql("pgml>", "SELECT count(*) FROM app.inbox WHERE id = 100;")
    count = site.driver.execute("SELECT count(*) FROM app.inbox WHERE id = 100").fetchone()[0]
    say.answer(str(count))
    assert count == 0, "the row is still there"
    say.good("the row written before the refusal is gone")
