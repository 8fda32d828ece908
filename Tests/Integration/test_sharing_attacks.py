"""A client that knows how server connections are shared tries to have another's statement run, or one that is refused."""

import gateway as gateways
import pgwire
import pytest
from checks import check_unseen
from conftest import admit_the_tests, in_transaction_pooling
from refusals import MODEL, REMOTE_CODE

# What the policy admits until the Bind shows the value that it refuses.
EMBED = "SELECT pgml.embed($1, $2, $3::text::jsonb)"
REFUSED_VALUES = (MODEL, "smuggled text", REMOTE_CODE)
SECRETS = ("trust_remote_code", "smuggled text")


def admit_settings(policy):
    """Also what a client may set to be a bad neighbour."""
    return admit_the_tests(policy) + '\n[[settings]]\nname = "idle_session_timeout"\nmin = 0\nmax = 600000\n'


@pytest.fixture(scope="module")
def port(start_gateway, upstream):
    """One server connection for everybody."""
    toml = gateways.toml("transaction", {"size": 1}, reactors=1)
    gateway = start_gateway(toml, admit_settings, url=upstream.tapped_url)
    yield gateway.port
    assert gateway.is_running, gateway.log()[-4000:]


@pytest.fixture
def connect(port, upstream):
    opened = []

    def connect(**parameters):
        connection = pgwire.Connection(port)
        opened.append(connection)
        connection.login("pg", "ml", "pgml", **parameters)
        return connection

    upstream.forget()
    yield connect
    for connection in opened:
        connection.close()


def answers(connection, count):
    """What the server says up to the `count`th ReadyForQuery: rows, and errors by their codes."""
    seen = []
    while count:
        answer = connection.read()
        if answer.name == "DataRow":
            seen.append(answer.value)
        elif answer.name == "ErrorResponse":
            seen.append(answer.value["C"])
        elif answer.name == "ReadyForQuery":
            count -= 1
    return seen


def deliver(connection, messages, whole=True):
    """As one write, or byte by byte."""
    if whole:
        return connection.send(messages)
    for byte in messages:
        connection.send(bytes([byte]))


PREPARED = pgwire.parse("", "SELECT 'of another'") + pgwire.bind("", "") + pgwire.execute() + pgwire.sync()
FAILING = pgwire.parse("fails", "SELECT * FROM app.kept WHERE nope = 1")
RUN_UNNAMED = pgwire.bind("", "") + pgwire.execute() + pgwire.sync()
in_every_delivery = pytest.mark.parametrize("whole", [True, False], ids=["at once", "byte by byte"])


@in_transaction_pooling
@in_every_delivery
def test_a_skipped_parse_leaves_no_way_to_anothers_unnamed_statement(connect, mode, whole):
    other, hostile = connect(), connect()
    other.send(PREPARED)
    assert answers(other, 1) == [[b"of another"]]
    deliver(hostile, FAILING + pgwire.parse("", "SELECT 'mine'") + pgwire.sync() + RUN_UNNAMED, whole)
    assert answers(hostile, 2) == ["42703", "26000"]


@in_transaction_pooling
@in_every_delivery
def test_an_unnamed_statement_that_could_not_be_moved_is_not_replaced_by_anothers(connect, mode, whole):
    other, hostile = connect(), connect()
    hostile.send(pgwire.parse("", "SELECT 'mine'") + pgwire.sync())
    assert answers(hostile, 1) == []
    other.send(PREPARED)
    assert answers(other, 1) == [[b"of another"]]
    deliver(hostile, FAILING + pgwire.bind("", "") + pgwire.sync() + RUN_UNNAMED, whole)
    assert answers(hostile, 2) == ["42703", [b"mine"]]


@in_transaction_pooling
def test_parameters_are_judged_for_the_statement_that_gets_them(connect, mode, upstream):
    """The server keeps an unnamed statement that the client has lost to a refusal."""
    hostile = connect()
    hostile.send(pgwire.parse("", EMBED) + pgwire.sync())
    assert answers(hostile, 1) == []
    hostile.send(pgwire.parse("", "SELECT pg_read_file('/etc/passwd')") + pgwire.sync())
    assert answers(hostile, 1) == ["42501"]
    admitted = pgwire.parse("", "SELECT $1::text, $2::text, $3::text")
    hostile.send(FAILING + admitted + pgwire.sync())
    hostile.send(pgwire.bind("", "", REFUSED_VALUES) + pgwire.execute() + pgwire.sync())
    assert answers(hostile, 2) == ["42703", "26000"]
    check_unseen(upstream.saw, SECRETS)


@in_transaction_pooling
def test_a_named_statement_that_could_not_be_moved_is_there_after_the_error(connect, mode):
    other, hostile = connect(), connect()
    hostile.send(pgwire.parse("moved", "SELECT 'mine'") + pgwire.sync())
    assert answers(hostile, 1) == []
    other.send(pgwire.query("DISCARD ALL") + pgwire.query("SELECT 1"))
    answers(other, 2)
    run = pgwire.bind("", "moved") + pgwire.execute() + pgwire.sync()
    hostile.send(FAILING + pgwire.bind("", "moved") + pgwire.sync() + run)
    assert answers(hostile, 2) == ["42703", [b"mine"]]


@in_transaction_pooling
@pytest.mark.parametrize("how", ["EXECUTE", "Bind"])
def test_a_prepare_that_failed_names_nobody_elses_statement(connect, mode, upstream, how):
    hostile, other = connect(), connect()
    with pytest.raises(pgwire.ServerError):
        hostile.run("PREPARE stolen (text, text, text) AS SELECT 'mine' FROM app.kept WHERE nope = $1 || $2 || $3")
    other.send(pgwire.parse("stolen", EMBED) + pgwire.sync())
    assert answers(other, 1) == []
    if how == "EXECUTE":
        values = ", ".join(f"'{value}'" for value in REFUSED_VALUES)
        hostile.send(pgwire.query(f"EXECUTE stolen ({values})"))
    else:
        hostile.send(pgwire.bind("", "stolen", REFUSED_VALUES) + pgwire.execute() + pgwire.sync())
    assert answers(hostile, 1) == ["26000"]
    if how == "Bind":
        check_unseen(upstream.saw, SECRETS)


@in_transaction_pooling
@pytest.mark.parametrize(
    "neighbour",
    ["SET statement_timeout = 1", "SET idle_session_timeout = 1"],
    ids=["a short statement_timeout", "a short idle_session_timeout"],
)
def test_what_one_client_has_set_ends_no_other_client(connect, mode, neighbour):
    victim = connect()
    for _ in range(20):
        hostile = connect()
        hostile.run(neighbour)
        assert victim.run("SELECT 'mine'") == [[b"mine"]]
        hostile.close()


@in_transaction_pooling
@in_every_delivery
def test_a_query_within_a_failed_batch_does_not_hand_on_a_server_that_skips_to_sync(connect, mode, whole):
    hostile, victim = connect(), connect()
    victim.timeout = 5
    deliver(hostile, FAILING + pgwire.query("SELECT 'skipped'"), whole)
    assert hostile.read_until("ErrorResponse")[-1].value["C"] == "42703"
    victim.send(pgwire.query("SELECT 'mine'"))
    with pytest.raises(pgwire.TimedOut):
        victim.timeout = 0.5
        victim.read()
    hostile.send(pgwire.sync())
    assert answers(hostile, 1) == []
    victim.timeout = 5
    assert victim.rows() == [[b"mine"]]


@in_transaction_pooling
def test_a_refused_query_within_a_batch_ends_it(connect, mode):
    hostile, victim = connect(), connect()
    victim.timeout = 5
    hostile.send(pgwire.parse("", "SELECT 1") + pgwire.query("SELECT pg_read_file('/etc/passwd')"))
    assert answers(hostile, 1) == ["42501"]
    assert victim.run("SELECT 'mine'") == [[b"mine"]]


@in_transaction_pooling
@pytest.mark.parametrize("text", ["EXECUTE moved", "DEALLOCATE moved"])
def test_a_name_that_cannot_be_placed_fails_the_statement_once(connect, mode, upstream, text):
    other, hostile = connect(), connect()
    hostile.timeout = 5
    other.send(pgwire.parse("moved", "SELECT 'of another'") + pgwire.sync())
    assert answers(other, 1) == []
    hostile.send(pgwire.parse("moved", "SELECT 'mine' FROM app.kept") + pgwire.sync())
    assert answers(hostile, 1) == []
    hostile.run("BEGIN")
    hostile.send(FAILING + pgwire.sync())
    assert answers(hostile, 1) == ["42703"]
    hostile.send(pgwire.query(text))
    assert answers(hostile, 1) == ["25P02"]
    hostile.run("ROLLBACK")
    other.send(pgwire.bind("", "moved") + pgwire.execute() + pgwire.sync())
    assert answers(other, 1) == [[b"of another"]]


@in_transaction_pooling
def test_deallocate_in_the_extended_protocol_means_the_clients_own(connect, mode):
    other, client = connect(), connect()
    for connection, text in ((other, "SELECT 'of another'"), (client, "SELECT 'mine'")):
        connection.send(pgwire.parse("same", text) + pgwire.sync())
        assert answers(connection, 1) == []
    deallocate = pgwire.parse("", "DEALLOCATE same") + pgwire.bind("", "") + pgwire.execute() + pgwire.sync()
    run = pgwire.bind("", "same") + pgwire.execute() + pgwire.sync()
    client.send(deallocate)
    assert answers(client, 1) == []
    client.send(run)
    assert answers(client, 1) == ["26000"]
    other.send(run)
    assert answers(other, 1) == [[b"of another"]]


@in_transaction_pooling
def test_the_unnamed_statement_outlives_what_restores_a_setting(connect, mode):
    client = connect(statement_timeout="9000")
    run = pgwire.bind("", "") + pgwire.execute() + pgwire.sync()
    client.send(pgwire.parse("", "RESET statement_timeout") + run)
    assert answers(client, 1) == []
    client.send(run)
    assert answers(client, 1) == []


@in_transaction_pooling
@pytest.mark.parametrize("batch", [b"", pgwire.flush()], ids=["without Flush", "with Flush"])
def test_a_batch_without_a_sync_keeps_a_connection_no_longer_than_a_transaction_may(
    start_gateway, upstream, mode, batch
):
    toml = gateways.toml("transaction", {"size": 1, "idle_transaction_timeout": "500ms"}, reactors=1)
    gateway = start_gateway(toml)
    with pgwire.Connection(gateway.port) as hostile, pgwire.Connection(gateway.port, timeout=5) as victim:
        for connection in (hostile, victim):
            connection.login("pg", "ml", "pgml")
        hostile.send(pgwire.parse("", "SELECT 1") + batch)
        assert victim.run("SELECT 'mine'") == [[b"mine"]]
        assert hostile.read_until("ErrorResponse")[-1].value["C"] == "25P03"


@in_transaction_pooling
@pytest.mark.parametrize(
    "stray",
    [pgwire.flush(), pgwire.copy_data("x"), pgwire.copy_done(), pgwire.copy_fail("x")],
    ids=["Flush", "CopyData", "CopyDone", "CopyFail"],
)
def test_what_nothing_answers_keeps_no_server_connection(connect, mode, stray):
    hostile, victim = connect(), connect()
    victim.timeout = 5
    hostile.run("SET statement_timeout = 5000")
    hostile.send(stray)
    assert victim.run("SELECT 'mine'") == [[b"mine"]]
    assert hostile.run("SELECT 'mine'") == [[b"mine"]]


@in_transaction_pooling
def test_a_close_takes_no_statement_of_anothers_whatever_its_name(connect, mode):
    named, other = connect(), connect()
    named.send(pgwire.parse("pgml-gateway", "SELECT 'mine'") + pgwire.sync())
    assert answers(named, 1) == []
    other.send(pgwire.parse("closed", "SELECT 1") + pgwire.close("S", "closed") + pgwire.sync())
    assert answers(other, 1) == []
    named.send(pgwire.bind("", "pgml-gateway") + pgwire.execute() + pgwire.sync())
    assert answers(named, 1) == [[b"mine"]]
