"""Ways in which a statement might run without the audit log telling of it, or telling it wrongly."""

import time

import gateway as gateways
import pgwire
from conftest import in_every_mode, in_transaction_pooling
from test_audit import connect, drain, of_type, records, start_audited, verify

def told(one, words):
    """The verdicts on statements with these words in them, once the log is complete."""
    one.stop()
    assert verify(one).returncode == 0
    return [record["verdict"] for record in of_type(records(one), "statement") if words in record.get("text", "")]


@in_every_mode
def test_a_portals_name_hides_nothing(start_audited, mode):
    one = start_audited(mode)
    # Longer than a name may be, and cut by the server within a character or before it: nobody here knows how.
    portal = "é" * 40
    with connect(one) as client:
        client.send(pgwire.parse("", "SELECT 1 AS hidden"), pgwire.bind(portal, ""), pgwire.execute(portal), pgwire.sync())
        (answer,) = drain(client)
        ran = [message.value for message in answer if message.name == "CommandComplete"]
    assert told(one, "AS hidden") == ["allowed" if ran else "denied"]


@in_every_mode
def test_many_portals_hide_nothing(start_audited, mode):
    one = start_audited(mode)
    portals = [f"p{number}" for number in range(1005)]
    with connect(one) as client:
        client.send(pgwire.parse("many", "SELECT 1 AS many"))
        client.send(*[pgwire.bind(portal, "many") for portal in portals])
        client.send(*[pgwire.execute(portal) for portal in portals], pgwire.sync())
        (answer,) = drain(client)
        ran = [message for message in answer if message.name == "CommandComplete"]
    assert told(one, "AS many").count("allowed") == len(ran)


@in_every_mode
def test_what_fetch_runs_of_a_portal_is_told(start_audited, upstream, mode):
    one = start_audited(mode)
    upstream.run("TRUNCATE app.kept")
    insert = "INSERT INTO app.kept VALUES (1, 'by FETCH') RETURNING id"
    with connect(one) as client:
        client.send(pgwire.query("BEGIN"), pgwire.parse("", insert), pgwire.bind("portal", ""), pgwire.sync())
        client.send(pgwire.query("FETCH ALL FROM portal"), pgwire.query("COMMIT"))
        drain(client, 4)
    ran = len(upstream.kept())
    assert len(told(one, "INSERT INTO app.kept")) >= ran


@in_every_mode
def test_an_execute_of_a_declared_cursor_is_told(start_audited, mode):
    one = start_audited(mode)
    with connect(one) as client:
        client.send(pgwire.query("BEGIN"), pgwire.query("DECLARE declared CURSOR FOR SELECT generate_series(1, 10)"))
        client.send(pgwire.execute("declared", 5), pgwire.execute("declared", 5), pgwire.sync(), pgwire.query("COMMIT"))
        answers = drain(client, 4)
    rows = sum(message.name == "DataRow" for answer in answers for message in answer)
    one.stop()
    counted = sum(record.get("rows", 0) for record in of_type(records(one), "statement"))
    suspended = sum(record.get("suspended", False) for record in of_type(records(one), "statement"))
    # BEGIN, DECLARE, COMMIT, and a record of whatever gave rows.
    assert rows == 0 or counted or suspended or len(of_type(records(one), "statement")) > 3


@in_every_mode
def test_what_has_been_committed_is_not_called_aborted(start_audited, upstream, mode):
    one = start_audited(mode)
    upstream.run("TRUNCATE app.kept")
    insert = "INSERT INTO app.kept SELECT 1, repeat('x', 1000) FROM generate_series(1, 5000) RETURNING *"
    with connect(one) as client:
        client.send(pgwire.query(insert))
        client.read_until("DataRow")
        # Whoever leaves now has its answer thrown away; the server commits what it has answered to the end.
        deadline = time.monotonic() + 10
        while not upstream.kept() and time.monotonic() < deadline:
            time.sleep(0.05)
    time.sleep(1)
    committed = bool(upstream.kept())
    verdicts = told(one, "INSERT INTO app.kept")
    assert committed
    assert verdicts == ["unanswered"]


@in_every_mode
def test_each_statement_of_a_query_that_a_name_refuses_is_told(start_audited, mode):
    one = start_audited(mode)
    with connect(one) as client:
        client.send(pgwire.query("SELECT 1 AS before; EXECUTE absent; SELECT 2 AS behind"))
        drain(client)
    one.stop()
    found = of_type(records(one), "statement")
    assert [(record["verdict"], record.get("place")) for record in found] == [
        ("aborted", [0, 3]),
        ("denied", [1, 3]),
        ("aborted", [2, 3]),
    ]
