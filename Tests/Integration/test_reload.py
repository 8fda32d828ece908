"""SIGHUP: the plugin files are read anew. Transactions finish under the old ones, and everything prepared is judged again."""

import re
import signal
import time

import gateway as gateways
import pgwire
import pytest
from conftest import Target, admit_the_tests, in_every_mode

ALLOWED = "SELECT pg_catalog.pg_backend_pid() > 0"
OLD_FUNCTION = '"pg_catalog.pg_backend_pid"'


class Reloading:
    """A gateway whose allowlist a test changes."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.file = gateway.folder / "plugins.d" / "10-allowlist.toml"
        self.original = self.file.read_text()

    def connect(self):
        return Target("gateway", self.gateway.port).connect()

    def reload(self, policy, expect="are in force"):
        """Writes the policy, sends SIGHUP and waits for what the log says of it: everything logged since."""
        before = len(self.gateway.log())
        self.file.write_text(policy)
        self.gateway.signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            log = self.gateway.log()[before:]
            if re.search(r"SIGHUP: .*", log) and log.endswith("\n"):
                assert expect in log, log
                # The reactors have been told; each hears of it before it reads from a socket again.
                time.sleep(0.1)
                return log
            time.sleep(0.02)
        raise AssertionError(f"nothing was logged:\n{self.gateway.log()[before:]}")

    def without_the_function(self):
        assert OLD_FUNCTION in self.original
        return self.original.replace(f", {OLD_FUNCTION}", "")

    def restore(self):
        if self.file.read_text() != self.original:
            self.reload(self.original)


@pytest.fixture(scope="module")
def gateways_by_mode(start_gateway):
    started = {}

    def get(mode):
        if mode not in started:
            text = gateways.toml(mode, {"size": 2} if mode == "transaction" else None, reactors=2)
            started[mode] = Reloading(start_gateway(text, admit_the_tests))
        return started[mode]

    return get


@pytest.fixture
def reloading(gateways_by_mode, mode):
    one = gateways_by_mode(mode)
    yield one
    one.restore()


def refusal(client, *messages):
    """The error that the messages bring, whose DETAIL names a rule; the connection is ready afterwards."""
    client.send(*messages)
    with pytest.raises(pgwire.ServerError) as failure:
        client.rows()
    return failure.value.fields


def is_refused(fields):
    assert fields["C"] == "42501", fields
    assert "10-allowlist.toml" in fields["D"], fields
    return True


def bound(name):
    return pgwire.bind("", name), pgwire.execute(), pgwire.sync()


@in_every_mode
def test_a_running_transaction_finishes_under_the_old_files_and_the_next_one_does_not(reloading, mode):
    with reloading.connect() as client, reloading.connect() as other:
        client.run("BEGIN")
        assert client.run(ALLOWED) == [[b"t"]]
        reloading.reload(reloading.without_the_function())
        assert is_refused(refusal(other, pgwire.query(ALLOWED))), "a session that idled goes over at once"
        assert client.run(ALLOWED) == [[b"t"]], "the transaction goes on as it began"
        client.run("COMMIT")
        assert is_refused(refusal(client, pgwire.query(ALLOWED)))
        assert client.run("SELECT 1") == [[b"1"]], "the session is as good as before"


@in_every_mode
def test_a_new_session_and_what_the_new_files_admit(reloading, mode):
    with reloading.connect() as client:
        reloading.reload(reloading.without_the_function())
        assert is_refused(refusal(client, pgwire.query(ALLOWED)))
        with reloading.connect() as fresh:
            assert is_refused(refusal(fresh, pgwire.query(ALLOWED)))
        reloading.reload(reloading.original)
        assert client.run(ALLOWED) == [[b"t"]], "what was refused by heart is judged anew as well"


@in_every_mode
def test_a_named_statement_is_judged_again_when_it_is_bound(reloading, mode):
    with reloading.connect() as client:
        client.send(pgwire.parse("old", ALLOWED), pgwire.parse("plain", "SELECT 1"), *bound("old"))
        assert client.rows() == [[b"t"]]
        reloading.reload(reloading.without_the_function())
        assert is_refused(refusal(client, *bound("old")))
        client.send(*bound("plain"))
        assert client.rows() == [[b"1"]]
        reloading.reload(reloading.original)
        client.send(*bound("old"))
        assert client.rows() == [[b"t"]], "it is still there"


@in_every_mode
def test_within_a_transaction_a_named_statement_is_bound_under_the_old_files(reloading, mode):
    with reloading.connect() as client:
        client.send(pgwire.parse("old", ALLOWED), pgwire.sync())
        client.rows()
        client.run("BEGIN")
        reloading.reload(reloading.without_the_function())
        client.send(*bound("old"))
        assert client.rows() == [[b"t"]]
        client.run("ROLLBACK")
        assert is_refused(refusal(client, *bound("old")))


@in_every_mode
def test_the_unnamed_statement_is_gone(reloading, mode):
    with reloading.connect() as client:
        client.send(pgwire.parse("", ALLOWED), *bound(""))
        assert client.rows() == [[b"t"]]
        reloading.reload(reloading.without_the_function())
        assert refusal(client, *bound(""))["C"] == "26000"
        assert is_refused(refusal(client, pgwire.parse("", ALLOWED), *bound("")))


@in_every_mode
def test_what_sql_has_prepared_is_prepared_again(reloading, mode):
    with reloading.connect() as client:
        client.run("PREPARE p AS " + ALLOWED)
        assert client.run("EXECUTE p") == [[b"t"]]
        reloading.reload(reloading.without_the_function())
        fields = refusal(client, pgwire.query("EXECUTE p"))
        assert fields["C"] == "42501" and "earlier policy" in fields["M"], fields
        client.run("DEALLOCATE p")
        assert is_refused(refusal(client, pgwire.query("PREPARE p AS " + ALLOWED)))
        reloading.reload(reloading.original)
        client.run("PREPARE p AS " + ALLOWED)
        assert client.run("EXECUTE p") == [[b"t"]]


@in_every_mode
def test_a_parameter_that_is_bound_is_judged_by_the_new_rules(reloading, mode):
    model = "all-MiniLM-L6-v2"
    with reloading.connect() as client:
        client.send(pgwire.parse("e", "SELECT pgml.embed($1, 'x') IS NOT NULL"), pgwire.sync())
        client.rows()
        execution = pgwire.bind("", "e", [model.encode()]), pgwire.execute(), pgwire.sync()
        client.send(*execution)
        assert client.rows() == [[b"t"]]
        reloading.reload(reloading.original + '\n[lists]\nembedding_models = ["intfloat/e5-small-v2"]\n')
        assert is_refused(refusal(client, *execution))


@in_every_mode
@pytest.mark.parametrize(
    "broken, complaint",
    [
        (lambda policy: "no_such_key = 1\n" + policy, r"10-allowlist\.toml:1: no_such_key: is not a known key"),
        (lambda policy: "a = b\n" + policy, r"10-allowlist\.toml:1:\d+: "),
        (lambda policy: "[[\n" + policy, r"10-allowlist\.toml:1: a table's name is missing"),
        (lambda policy: policy + '\n[lists]\nnobody_uses = ["x"]\n', r"10-allowlist\.toml:\d+: lists\.nobody_uses: "),
        (lambda policy: "enabled = false\n" + policy, r"plugins\.d: holds no plugin that refuses statements"),
        (lambda policy: 'mode = "report"\n' + policy, r"plugins\.d: holds no plugin that refuses statements"),
    ],
    ids=["unknown key", "no TOML", "a table without a name", "a rule that can never match", "nothing that judges", "nothing enforced"],
)
def test_a_mistake_keeps_the_old_files_in_force_and_is_told_by_file_line_and_key(reloading, mode, broken, complaint):
    with reloading.connect() as client:
        log = reloading.reload(broken(reloading.original), expect="stay as they were")
        assert re.search(complaint, log), log
        assert client.run(ALLOWED) == [[b"t"]]
        assert is_refused(refusal(client, pgwire.query("SELECT pgml.dump_all('x')")))
        with reloading.connect() as fresh:
            assert fresh.run(ALLOWED) == [[b"t"]]


@in_every_mode
def test_a_plugin_that_reports_refuses_nothing(reloading, mode):
    second = reloading.file.with_name("20-second.toml")
    rule = 'kind = "max-calls"\nmode = "{}"\n[functions]\npg_backend_pid = 1\n'
    twice = "SELECT pg_catalog.pg_backend_pid() = pg_catalog.pg_backend_pid()"
    try:
        second.write_text(rule.format("enforce"))
        second.chmod(0o644)
        with reloading.connect() as client:
            assert client.run(twice) == [[b"t"]]
            reloading.reload(reloading.original)
            fields = refusal(client, pgwire.query(twice))
            assert "20-second.toml" in fields["D"], fields
            second.write_text(rule.format("report"))
            reloading.reload(reloading.original)
            assert client.run(twice) == [[b"t"]]
            assert is_refused(refusal(client, pgwire.query("SELECT pgml.dump_all('x')"))), "the others still refuse"
    finally:
        second.unlink()
        reloading.reload(reloading.original)


@in_every_mode
def test_a_directory_that_others_can_write_to_is_not_read(reloading, mode):
    directory = reloading.file.parent
    directory.chmod(0o777)
    try:
        log = reloading.reload(reloading.without_the_function(), expect="stay as they were")
        assert "can be changed by others than its owner; run: chmod go-w" in log, log
    finally:
        directory.chmod(0o755)
    with reloading.connect() as client:
        assert client.run(ALLOWED) == [[b"t"]]


@in_every_mode
def test_reloads_take_no_memory(reloading, mode):
    def reload(count):
        for _ in range(count):
            reloading.reload(reloading.original)
        return reloading.gateway.memory()

    before = reload(30)
    grown = reload(100) - before
    # A tenth of what the files' trees would take if each reload kept them.
    assert grown < 3 << 20, f"{grown >> 10} KiB in 100 reloads"


@in_every_mode
def test_reloads_under_unnamed_statements_take_no_memory(reloading, mode):
    def reload(client, count):
        for _ in range(count):
            reloading.reload(reloading.original)
            client.send(pgwire.parse("", ALLOWED), pgwire.bind("", ""), pgwire.execute(), pgwire.sync())
            assert client.rows() == [[b"t"]]
        return reloading.gateway.memory()

    with reloading.connect() as client:
        before = reload(client, 30)
        grown = reload(client, 100) - before
    assert grown < 3 << 20, f"{grown >> 10} KiB in 100 reloads"
