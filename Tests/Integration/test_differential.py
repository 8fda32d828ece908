"""The same random session, played on PostgreSQL and through the gateway, reads the same: message by message.

Statements that the policy refuses are in it too: PostgreSQL is given one that fails by itself in their place. What
differs on purpose (docs/protocol.md) is not generated. A failure prints the seed and the session;
`PGML_SEED=…` plays one again, `PGML_SESSIONS=…` plays more than the run of a few seconds does.
"""

import os
import random
import time

import pgwire
import pytest
from conftest import Target

SECONDS = 15
END = "this is the end"
REFUSED = "SELECT pg_read_file('/etc/passwd')"
FAILS = 'SELECT NULL::pg_catalog."no such type"'

NAMES = ["", "", "a", "b"]
PORTALS = ["", "", "p", "q"]
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
]
EXTENDED = PLAIN + [
    "SELECT $1::int",
    "SELECT $1::text, $2::text",
    "INSERT INTO app.kept VALUES ($1::int)",
    "SELECT 1; SELECT 2",
    "DEALLOCATE a",
]
VALUES = [(), (), ("7",), ("7", "8"), ("no number",), (None,)]


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
        self.add("Query end", pgwire.query(f"SELECT '{END}'"))
        # Where the bytes are cut on their way; a pause lets the other side speak in between.
        self.cuts = self.random.choice([0, 0, 0, 2, 6])
        self.pauses = self.random.random() < 0.3

    def add(self, line, for_gateway, for_postgresql=None):
        self.lines.append(line)
        self.messages.append((for_gateway, for_postgresql or for_gateway))

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
        portal = self.pick(PORTALS) if portal is None else portal
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
        kind, name = self.pick([("S", self.pick(NAMES)), ("P", self.pick(PORTALS))])
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
            connection.run("TRUNCATE app.kept")
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
        return f"{message.name} {fields['S']} {fields['C']} {fields['M']}"
    return f"{message.name} {str(message.value)[:200]}"


def agree(one, other):
    if one == other:
        return True
    # A server that ends a session with input still unread resets the connection: its last words may be lost.
    if one[-1] == other[-1] == "closed":
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


@pytest.mark.time_limit(3600)
def test_a_random_session_reads_the_same_on_both_sides(start_gateway, upstream):
    gateway = start_gateway()
    targets = Target("postgresql", upstream.backend.port), Target("gateway", gateway.port)
    once = os.environ.get("PGML_SEED")
    first = int(once) if once else random.SystemRandom().randrange(1 << 32)
    count = 1 if once else int(os.environ.get("PGML_SESSIONS", "0"))
    print(f"first seed {first}")
    deadline = time.monotonic() + SECONDS
    played, failures = 0, []
    while played < count or (count == 0 and time.monotonic() < deadline):
        seed = first + played
        session = Session(seed)
        expected, actual = (session.play(target) for target in targets)
        played += 1
        if not agree(expected, actual):
            failures.append(difference(seed, session, expected, actual))
        assert gateway.is_running, f"seed {seed}\n{gateway.log()[-4000:]}"
        if len(failures) == 5:
            break
    assert not failures, f"{len(failures)} of {played} sessions\n\n" + "\n\n".join(failures)
    print(f"{played} sessions agree")
