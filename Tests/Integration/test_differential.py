"""The same random session, played on PostgreSQL and through the gateway, reads the same: message by message.

Statements that the policy refuses are in it too: PostgreSQL is given one that fails by itself in their place. What
differs on purpose (docs/protocol.md) is not generated. A failure prints the seed and the smallest session that still
shows it; `PGML_SEED=…` plays one again, `PGML_SESSIONS=…` or `PGML_STEPS=…` play more than the run of a few seconds does.
"""

import asyncio
import random
import time

import gateway as gateways
import pgwire
import pytest
import sessions
from bystanders import Bystanders
from conftest import BYSTANDERS, GATEWAYS, SHARED, Target, admit_the_tests

SECONDS = 12
AT_A_TIME = 24
END = "this is the end"
# So many messages bring a session to its end.
ENDING = 4
ABORTED = "ErrorResponse ERROR aborted, or no portal"
REFUSED = "SELECT pg_read_file('/etc/passwd')"
FAILS = 'SELECT NULL::pg_catalog."no such type"'

NAMES = ["", "", "a", "b"]
PORTALS = ["", "", "p", "q"]
# The unnamed portal is used only behind its Bind: in an aborted transaction it may be what a failed Query left, and
# PostgreSQL 15 reads freed memory when it is executed then (and may crash).
NAMED_PORTALS = ["p", "q"]
LONG = "SELECT length('" + "x" * 30_000 + "')"

# Many a statement is here for what it does to the ones after it.
PLAIN = [
    "SELECT 1",
    "SELECT 'two', 2",
    "SELECT generate_series(1, 5)",
    "SELECT repeat('y', 9000)",
    "SELECT 1/0",
    "SELECT nope",
    "SELEC",
    "",
    "SELECT count(*) FROM app.kept",
    "INSERT INTO app.kept VALUES (1, 'one')",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT s",
    "ROLLBACK TO s",
    "COPY app.kept FROM STDIN",
    "COPY app.kept TO STDOUT",
    "COPY app.kept (nope) FROM STDIN",
    LONG,
    REFUSED,
]
SIMPLE = PLAIN + [
    "SELECT 1; SELECT 2",
    "SELECT 1; SELECT nope; SELECT 3",
    "BEGIN; SELECT 1",
    "INSERT INTO app.kept VALUES (2); SELECT 1/0",
    "COPY app.kept FROM STDIN; SELECT 3",
    "COPY app.kept FROM STDIN; COPY app.kept FROM STDIN",
    ";",
    "PREPARE a AS SELECT 'prepared by SQL'",
    "PREPARE b(int) AS SELECT $1 + 1",
    "EXECUTE a",
    "EXECUTE b(1)",
    "DEALLOCATE a",
    "DEALLOCATE ALL",
    "SET application_name = 'other'",
    "SET TimeZone = 'Asia/Tokyo'; SHOW TimeZone",
    "SET LOCAL TimeZone = 'Europe/Berlin'",
    "SHOW TimeZone",
    "RESET TimeZone",
    "RESET ALL",
    "SET extra_float_digits = 0; SELECT 1/0",
    "SELECT 0.1::float8 * 3",
    "DECLARE c CURSOR WITH HOLD FOR SELECT generate_series(1, 5)",
    "FETCH 2 FROM c",
    "CLOSE c",
    "LISTEN here; NOTIFY here, 'me'",
    "UNLISTEN *",
    "DISCARD ALL",
]
EXTENDED = PLAIN + [
    "SELECT $1::int",
    "SELECT $1::text, $2::text",
    "INSERT INTO app.kept VALUES ($1::int)",
    "SELECT 1; SELECT 2",
    "DEALLOCATE a",
]
VALUES = [(), (), ("7",), ("7", "8"), ("no number",), (None,)]


def edit_policy(policy):
    return sessions.admit(admit_the_tests(policy))


class Session:
    """A list of messages, each as PostgreSQL is sent it and as the gateway is."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines = []
        self.messages = []
        for _ in range(self.random.randint(2, 14)):
            self.burst()
        self.has_end = self.random.random() < 0.9
        if not self.has_end:
            self.add("Terminate", pgwire.terminate())
        self.add("CopyFail", pgwire.copy_fail("the end"))
        self.add("Sync", pgwire.sync())
        self.add("Query ROLLBACK", pgwire.query("ROLLBACK"))
        self.add("Query end", pgwire.query(f"SELECT '{END}'"))
        # Where the bytes are cut on their way; a pause lets the other side speak in between.
        self.cuts = self.random.choice([0, 0, 0, 2, 6])
        self.pauses = self.random.random() < 0.3

    def add(self, line, for_gateway, for_postgresql=None):
        self.lines.append(line)
        self.messages.append((for_gateway, for_postgresql or for_gateway))

    def shrink(self, differs, seconds=sessions.SHRINK_SECONDS):
        """Drops messages while the difference stays (delta debugging). The end, which is waited for, stays."""
        deadline = time.monotonic() + seconds
        size = max(1, (len(self.messages) - ENDING) // 2)
        while time.monotonic() < deadline:
            before, start = len(self.messages), 0
            while start < len(self.messages) - ENDING and time.monotonic() < deadline:
                kept = self.lines, self.messages
                end = min(start + size, len(self.messages) - ENDING)
                self.lines, self.messages = (part[:start] + part[end:] for part in kept)
                if not self.executes_what_it_binds() or not differs():
                    self.lines, self.messages = kept
                    start += size
            if size == 1 and len(self.messages) == before:
                return
            size = max(1, size // 2)

    def executes_what_it_binds(self):
        """Whether the unnamed portal is used behind its Bind only."""
        is_bound = False
        for line in self.lines:
            if line.startswith(("Bind ''", "Query", "Sync")):
                is_bound = line.startswith("Bind")
            elif line.startswith(("Execute ''", "Describe P ''")) and not is_bound:
                return False
        return True

    def pick(self, choices):
        return self.random.choice(choices)

    def query(self, text=None):
        text = self.pick(SIMPLE) if text is None else text
        self.add(f"Query {text[:60]}", pgwire.query(text), pgwire.query(text.replace(REFUSED, FAILS)))

    def parse(self, name=None, text=None):
        name = self.pick(NAMES) if name is None else name
        text = self.pick(EXTENDED) if text is None else text
        self.add(f"Parse '{name}' {text[:60]}", pgwire.parse(name, text), pgwire.parse(name, text.replace(REFUSED, FAILS)))

    def bind(self, portal=None, name=None):
        portal = self.pick(PORTALS) if portal is None else portal
        name = self.pick(NAMES) if name is None else name
        values = self.pick(VALUES)
        self.add(f"Bind '{portal}' '{name}' {values}", pgwire.bind(portal, name, values))

    def execute(self, portal=None):
        portal = self.pick(NAMED_PORTALS) if portal is None else portal
        rows = self.pick([0, 0, 0, 2])
        self.add(f"Execute '{portal}' {rows}", pgwire.execute(portal, rows))

    def sync(self):
        self.add("Sync", pgwire.sync())

    def copy(self):
        for _ in range(self.random.randint(0, 3)):
            data = self.pick(["1\tx\n", "2\ty\n3\tz\n", "4\t", "\\.\n", "no number\tx\n"])
            self.add(f"CopyData {data!r}", pgwire.copy_data(data))
        done = self.random.random() < 0.8
        self.add("CopyDone" if done else "CopyFail", pgwire.copy_done() if done else pgwire.copy_fail("no more"))

    def whole(self):
        """What a driver sends: a statement of the extended protocol from Parse to Sync, mostly."""
        name, portal = self.pick(NAMES), self.pick(PORTALS)
        text = self.pick(EXTENDED)
        self.parse(name, text)
        if self.random.random() < 0.3:
            self.add(f"Describe S '{name}'", pgwire.describe("S", name))
        self.bind(portal, name)
        if self.random.random() < 0.5:
            self.add(f"Describe P '{portal}'", pgwire.describe("P", portal))
        self.execute(portal)
        if "FROM STDIN" in text:
            if self.random.random() < 0.3:
                self.sync()
            self.copy()
        if self.random.random() < 0.7:
            self.sync()

    def anything(self):
        kind, name = self.pick([("S", self.pick(NAMES)), ("P", self.pick(NAMED_PORTALS))])
        self.pick([
            self.parse,
            self.bind,
            self.execute,
            self.execute,
            self.sync,
            self.copy,
            lambda: self.add("Flush", pgwire.flush()),
            lambda: self.add(f"Close {kind} '{name}'", pgwire.close(kind, name)),
            lambda: self.add(f"Describe {kind} '{name}'", pgwire.describe(kind, name)),
        ])()  # fmt: skip

    def burst(self):
        shape = self.random.random()
        if shape < 0.35:
            text = self.pick(SIMPLE)
            self.query(text)
            if "FROM STDIN" in text and self.random.random() < 0.9:
                for _ in range(text.count("FROM STDIN")):
                    self.copy()
        elif shape < 0.7:
            self.whole()
        else:
            for _ in range(self.random.randint(1, 6)):
                self.anything()

    def play(self, target):
        """What the client reads, to the end of the session or of the connection."""
        received = []
        with target.connect() as connection:
            connection.run("DELETE FROM app.kept")
            data = b"".join(pair[0 if target.is_gateway else 1] for pair in self.messages)
            ends = sorted(random.Random(len(data)).sample(range(1, len(data)), self.cuts)) + [len(data)]
            try:
                start = 0
                for end in ends:
                    connection.send(data[start:end])
                    start = end
                    if self.pauses:
                        time.sleep(0.003)
            except ConnectionError:
                pass  # It was ended; what it said first is still to be read.
            is_ended = False
            try:
                while True:
                    message = connection.read()
                    received.append(shown(message))
                    is_ended = is_ended or (message.name == "DataRow" and message.value == [END.encode()])
                    if is_ended and message.name == "ReadyForQuery":
                        return received
            except pgwire.Closed:
                received.append("closed")
            except pgwire.TimedOut:
                received.append("HANGS")
            return received


def shown(message):
    if message.name in ("ErrorResponse", "NoticeResponse"):
        fields = message.value
        if fields["C"] == "42704" and "no such type" in fields["M"] or fields["C"] == "42501" and "pg_read_file" in fields["M"]:
            return "ErrorResponse ERROR refused"
        # A refused EXECUTE leaves no failed portal behind, which matters only to what follows in an aborted transaction.
        if fields["M"] == 'portal "" does not exist' or fields["C"] == "25P02":
            return ABORTED
        return f"{message.name} {fields['S']} {fields['C']} {fields['M']}"
    return f"{message.name} {str(message.value)[:200]}"


def with_what_aborted_transactions_hide(one, other):
    """Where server connections are shared, an aborted transaction cannot prepare a statement again to have PostgreSQL look
    at what it says before 25P02 (docs/pooling.md)."""
    is_aborted, known = False, []
    for expected, found in zip(one, other):
        if is_aborted and found == ABORTED and expected.startswith("ErrorResponse ERROR 08P01"):
            expected = found
        if expected.startswith("ReadyForQuery"):
            is_aborted = expected == "ReadyForQuery E"
        known.append(expected)
    return known + one[len(known) :]


def agree(one, other):
    one = with_what_aborted_transactions_hide(one, other)
    if one == other:
        return "HANGS" not in one
    # A server that ends a session with input still unread resets the connection: its last words may be lost.
    if one[-1] == other[-1] == "closed":
        other = [line for line in other if not line.startswith("ErrorResponse FATAL 08006")] if one != other else other
        length = min(len(one), len(other)) - 1
        return one[:length] == other[:length]
    return False


def difference(seed, session, expected, actual):
    at = next((i for i, (one, other) in enumerate(zip(expected, actual)) if one != other), min(len(expected), len(actual)))
    return "\n".join([
        f"seed {seed}: PostgreSQL and the gateway differ at answer {at}",
        f"  (cut {session.cuts} times{', with pauses' if session.pauses else ''})",
        *("-> " + line for line in session.lines),
        "PostgreSQL:", *("<- " + line for line in expected[max(0, at - 4) : at + 4]),
        "gateway:", *("<- " + line for line in actual[max(0, at - 4) : at + 4]),
    ])  # fmt: skip


@pytest.fixture(params=GATEWAYS)
def differing(request, start_gateway, upstream):
    """The gateway that is compared with PostgreSQL."""
    if request.param == "gateway":
        return request.param, start_gateway(edit_policy=edit_policy)
    return request.param, start_gateway(gateways.toml("transaction", {"size": SHARED}), edit_policy)


@pytest.mark.time_limit(7200)
def test_a_random_session_reads_the_same_on_both_sides(differing, upstream, keeper):
    """Sent without waiting for an answer, whatever it is: what no driver does."""
    name, gateway = differing
    targets = Target("postgresql", upstream.backend.port), Target(name, gateway.port)
    script = sessions.Script(SECONDS, first=1)
    bystanders = Bystanders(gateway.port, BYSTANDERS, keeper) if targets[1].has_transaction_pooling else None
    failures = []
    while script.goes_on() and len(failures) < 3:
        seed = script.seed()
        session = Session(seed)
        plays = [[session.play(target) for target in targets]]
        script.note(len(session.lines))

        def differs(session=session, plays=plays):
            play = [session.play(target) for target in targets]
            if not agree(*play):
                plays.append(play)
            return plays[-1] is play

        if not agree(*plays[0]):
            session.shrink(differs)
            failures.append(difference(seed, session, *plays[-1]))
        assert gateway.is_running, f"seed {seed}\n{gateway.log()[-4000:]}"
    assert not failures, f"{len(failures)} of {script.played} sessions\n\n" + "\n\n".join(failures)
    print(f"{script.played} sessions of {script.stepped} steps agree")
    if bystanders:
        bystanders.leave(most_connections=SHARED)


@pytest.mark.time_limit(7200)
def test_random_sessions_at_the_same_time_read_as_they_do_alone(differing, upstream):
    """With settings, savepoints, prepared statements, cursors and cancels; in transaction pooling on two connections."""
    name, gateway = differing
    upstream.run(sessions.OBJECTS)
    print(asyncio.run(sessions.compare(sessions.Script(SECONDS, first=1), upstream.backend.port, gateway, name, AT_A_TIME)))
