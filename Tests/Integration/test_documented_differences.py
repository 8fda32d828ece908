"""What docs/protocol.md says that differs from PostgreSQL does so in the way it says, and some of what must not differ."""

import pgwire
import pytest
import transcript
from conftest import GATEWAYS, Target

pytestmark = pytest.mark.parametrize("target", GATEWAYS, indirect=True)


def refused(connection, statement, code="42501"):
    with pytest.raises(pgwire.ServerError) as caught:
        connection.run(statement)
    assert caught.value.fields["C"] == code, caught.value.fields
    return caught.value.fields


def refused_at_startup(target, code="42501", **parameters):
    with pytest.raises(pgwire.ServerError) as caught:
        target.connect(**parameters).close()
    assert (caught.value.fields["S"], caught.value.fields["C"]) == ("FATAL", code), caught.value.fields


@pytest.mark.parametrize("value", ["database", "true", "on", "1"])
def test_replication_connections_are_refused(target, value):
    refused_at_startup(target, replication=value)


def test_replication_switched_off_is_an_ordinary_connection(target):
    with target.connect(replication="false") as connection:
        assert connection.run("SELECT 1") == [[b"1"]]


def test_the_process_id_is_the_servers_where_a_client_keeps_its_server(target, connection, upstream):
    """With transaction pooling it is a number of the gateway's own: the server's changes from transaction to transaction."""
    connection.run("SELECT 'who am I'")
    found = upstream.run("SELECT pid FROM pg_stat_activity WHERE query = 'SELECT ''who am I'''")
    everybody = upstream.run("SELECT pid FROM pg_stat_activity")
    with target.connect() as other:
        assert other.key != connection.key
    if target.has_transaction_pooling:
        assert (connection.key[0],) not in everybody
        assert connection.key[0] > 0
    else:
        assert (connection.key[0],) in found


@pytest.mark.parametrize("encoding", ["SJIS", "BIG5", "GBK", "GB18030", "UHC", "JOHAB", "LATIN1", "nonsense"])
def test_the_encoding_stays_utf8(target, connection, encoding):
    refused(connection, f"SET client_encoding = '{encoding}'")
    refused(connection, f"SET NAMES '{encoding}'")
    with pytest.raises(pgwire.ServerError):
        target.connect(client_encoding=encoding).close()
    with pytest.raises(pgwire.ServerError):
        target.connect(options=f"-c client_encoding={encoding}").close()
    assert connection.run("SHOW client_encoding") == [[b"UTF8"]]


def test_strings_mean_what_they_were_read_as(target, connection):
    refused(connection, "SET standard_conforming_strings = off")
    refused(connection, "SET backslash_quote = on")
    for spelling in ("standard_conforming_strings", "STANDARD_CONFORMING_STRINGS"):
        with pytest.raises(pgwire.ServerError):
            target.connect(**{spelling: "off"}).close()
        with pytest.raises(pgwire.ServerError):
            target.connect(options=f"-c {spelling}=off").close()
    assert connection.run("SHOW standard_conforming_strings") == [[b"on"]]


@pytest.mark.parametrize("path", ["public", "pg_temp, public", '"$user", public', "app", "evil"])
def test_the_search_path_is_pinned(target, connection, path):
    refused(connection, f"SET search_path = {path}")
    refused(connection, f"SET LOCAL search_path TO {path}")
    refused(connection, f"SELECT set_config('search_path', '{path}', false)")
    for parameters in ({"search_path": path}, {"SEARCH_PATH": path}, {"options": f"--search-path={path.replace(' ', '')}"}):
        with pytest.raises(pgwire.ServerError):
            target.connect(**parameters).close()


@pytest.mark.parametrize("path", ["pg_catalog", "pg_temp, pg_catalog", "pg_temp", "''"])
def test_a_permitted_path_is_done_with_pg_temp_last(target, connection, upstream, path):
    """postgres_fdw says `SET search_path = pg_catalog`, which would leave temporary tables first."""
    upstream.forget()
    connection.send(pgwire.query(f"SET search_path = {path}"))
    received = [transcript.show(message) for message in connection.read_until("ReadyForQuery")]
    assert received == ["CommandComplete SET", "ReadyForQuery I"]
    assert upstream.saw("pg_catalog, pg_temp")
    assert connection.run("SHOW search_path") == [[b"pg_catalog, pg_temp"]]
    with target.connect(search_path="pg_catalog" if path == "''" else path) as other:
        assert other.run("SHOW search_path") == [[b"pg_catalog, pg_temp"]]


def test_execute_is_refused_in_the_extended_protocol(target, connection):
    connection.run("PREPARE p1 AS SELECT 1")
    transcript.run(
        connection,
        """
        -> Parse "" EXECUTE p1
        -> Sync
        <- ErrorResponse ERROR 42501
        <- ReadyForQuery I
        -> Query EXECUTE p1
        <- RowDescription
        <- DataRow 1
        <- CommandComplete SELECT 1
        <- ReadyForQuery I
        """,
    )


def test_sql_and_protocol_share_the_names_of_prepared_statements(target, connection):
    transcript.run(
        connection,
        """
        -> Query PREPARE s1 AS SELECT 1 AS one
        <- CommandComplete PREPARE
        <- ReadyForQuery I
        -> Bind "" "s1"
        -> Execute ""
        -> Sync
        <- BindComplete
        <- DataRow 1
        <- CommandComplete SELECT 1
        <- ReadyForQuery I
        -> Parse "s2" SELECT 2 AS two
        -> Sync
        <- ParseComplete
        <- ReadyForQuery I
        -> Query EXECUTE s2
        <- RowDescription two
        <- DataRow 2
        <- CommandComplete SELECT 1
        <- ReadyForQuery I
        -> Query DEALLOCATE s2
        <- CommandComplete DEALLOCATE
        <- ReadyForQuery I
        -> Bind "" "s2"
        -> Sync
        <- ErrorResponse ERROR 26000
        <- ReadyForQuery I
        """,
    )


def test_a_session_leaves_nothing_to_the_next(target):
    with target.connect() as first:
        first.run("SET extra_float_digits = 3")
        first.run("SET timezone = 'Europe/Berlin'")
        first.run("PREPARE left_behind AS SELECT 1")
        first.run("BEGIN")
        first.run("INSERT INTO app.kept VALUES (1)")
    for _ in range(4):
        with target.connect() as following:
            assert following.run("SHOW extra_float_digits") == [[b"1"]]
            assert following.run("SHOW timezone") == [[b"UTC"]]
            assert following.parameters["TimeZone"] == "UTC"
            refused(following, "EXECUTE left_behind", code="26000")
            assert following.run("SELECT count(*) FROM app.kept") == [[b"0"]]


def test_startup_settings_are_the_sessions_own_defaults(target):
    with target.connect(TimeZone="Europe/Berlin", application_name="fdw", options="-c extra_float_digits=2") as one:
        assert one.parameters["TimeZone"] == "Europe/Berlin"
        assert one.parameters["application_name"] == "fdw"
        one.run("SET timezone = 'UTC'")
        one.run("RESET timezone")
        assert one.run("SHOW timezone") == [[b"Europe/Berlin"]]
        assert one.run("SHOW extra_float_digits") == [[b"2"]]
    with target.connect() as other:
        assert other.run("SHOW timezone") == [[b"UTC"]]


def test_pgml_settings_cannot_be_set(target, connection):
    refused(connection, "SET pgml.huggingface_trust_remote_code = on")
    with pytest.raises(pgwire.ServerError):
        target.connect(options="-c pgml.huggingface_trust_remote_code=on").close()


def test_without_a_policy_and_told_so_everything_passes(target, start_gateway, upstream):
    gateway = start_gateway(
        "unrestricted = true\n", edit_policy=lambda policy: "enabled = false\n" + policy, url=upstream.tapped_url
    )
    assert "unrestricted" in gateway.log()
    with Target("gateway", gateway.port).connect() as connection:
        assert connection.run("SELECT count(*) FROM app.secret") == [[b"0"]]
        connection.send(pgwire.function_call(2026))  # pg_backend_pid()
        answer = connection.read()
        assert answer.name == "FunctionCallResponse"
        assert connection.read().value == "I"
