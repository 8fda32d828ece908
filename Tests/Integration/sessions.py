"""Random sessions: what clients do to their session's state, step by step, with answers that depend on nothing else.

A step is what a driver sends before it waits: a Query, a batch up to its Sync, both in a row, or a cancel. Every step
stands by itself, so that a session with steps left out is a session too: that is how a difference is made small. Each
session has a table, a channel and a lock of its own (its slot), and nothing in it depends on the time or on process ids:
played on PostgreSQL, in session pooling and in transaction pooling, it must read the same.
"""

import asyncio
import os
import random
import time
from dataclasses import dataclass

import crowd
import pgwire

SLOTS = 256
REFUSED = "SELECT pg_read_file('/etc/passwd')"
FAILS = 'SELECT NULL::pg_catalog."no such type"'

# What the sessions need on the server, made by a superuser.
OBJECTS = "CREATE SCHEMA IF NOT EXISTS slots; GRANT USAGE ON SCHEMA slots TO PUBLIC;" + "".join(
    f"CREATE TABLE IF NOT EXISTS slots.t{slot} (id integer, body text);"
    f"CREATE SEQUENCE IF NOT EXISTS slots.s{slot};"
    f"GRANT ALL ON slots.t{slot}, slots.s{slot} TO PUBLIC;"
    for slot in range(SLOTS)
)
# Changes a setting without a word of it in the client's statement.
SNEAKY = """
CREATE OR REPLACE FUNCTION slots.sneaky(name text, value text) RETURNS text LANGUAGE plpgsql
AS 'BEGIN RETURN pg_catalog.set_config(name, value, false); END';
CREATE OR REPLACE FUNCTION slots.sneaky_table() RETURNS void LANGUAGE plpgsql
AS 'BEGIN CREATE TEMPORARY TABLE IF NOT EXISTS sneaked (x integer); END';
"""


def admit(policy):
    """A policy's text with what the sessions need beyond the tests' own."""
    kinds = '"LISTEN", "UNLISTEN", "NOTIFY", "DISCARD", '
    assert 'statements = ["COPY FROM"' in policy
    policy = policy.replace('statements = ["COPY FROM"', f'statements = [{kinds}"COPY FROM"')
    policy = policy.replace('functions = ["pg_catalog.pg_sleep"', 'functions = ["pg_catalog.set_config", "pg_catalog.pg_notify", "pg_catalog.pg_sleep"')
    assert "pg_catalog.set_config" in policy
    return policy + (
        '\n[[settings]]\nname = "all"\naccess = ["reset"]\n'
        '\n[[relations]]\nname = "slots.*"\naccess = ["select", "insert", "update", "delete", "truncate"]\n'
    )


@dataclass(frozen=True)
class Step:
    """`lines` is how a person reads it, `gateway` and `postgresql` are its bytes, `answers` its ReadyForQuery messages.
    With `cancel` ("running", "idle") a CancelRequest follows."""

    lines: tuple
    gateway: bytes
    postgresql: bytes
    answers: int
    cancel: str = ""


# Settings whose every value is permitted by the shipped policy.
SETTINGS = {
    "application_name": ["one", "two", "it''s", ""],
    "TimeZone": ["UTC", "Europe/Berlin", "Asia/Tokyo", "America/New_York"],
    "DateStyle": ["ISO, MDY", "ISO, DMY", "ISO, YMD"],
    "IntervalStyle": ["postgres", "iso_8601"],
    "extra_float_digits": ["0", "1", "2", "-3"],
    "bytea_output": ["hex", "escape"],
    "client_min_messages": ["notice", "warning", "error"],
    "statement_timeout": ["0", "100000", "200000", "300000"],
    "default_transaction_isolation": ["read committed", "repeatable read", "serializable"],
    "default_transaction_read_only": ["off", "off", "on"],
    "jit": ["on", "off"],
}
# Where everything goes.
MORE_SETTINGS = {
    "work_mem": ["1MB", "2MB", "64kB"],
    "search_path": ["public", "slots, public", "pg_catalog", '\\"$user\\", slots'],
    "lock_timeout": ["0", "1h"],
    "enable_seqscan": ["on", "off"],
    "DateStyle": ["ISO, MDY", "German, DMY", "SQL, DMY", "Postgres, MDY"],
    "lc_monetary": ["C", "C.UTF-8"],
    "my.own": ["mine", "yours", ""],
    "my.other": ["1", "2"],
    "client_encoding": ["UTF8", "LATIN1"],
    "row_security": ["on", "off"],
    "xmlbinary": ["base64", "hex"],
    "session_replication_role": ["origin", "local"],
    "constraint_exclusion": ["on", "off"],
}
# SET does not take these as one string.
LISTS = {"DateStyle", "search_path"}
STARTUPS = [
    {}, {}, {}, {"application_name": "started"}, {"TimeZone": "Asia/Kolkata"}, {"options": "-c extra_float_digits=3"},
    {"DateStyle": "ISO, DMY", "options": "-c bytea_output=escape -c IntervalStyle=iso_8601"},
]  # fmt: skip
# What these answer depends on the settings at the moment they run …
SHOWN = [
    "SELECT '2024-07-01 12:00+00'::timestamptz", "SELECT '2024-02-01'::date", "SELECT '1 day 2 hours'::interval",
    "SELECT 0.1::float8 * 3", "SELECT '\\x00ff'::bytea", "SELECT to_timestamp(1700000000)", "SELECT now() = now()",
]  # fmt: skip
# … or already at the moment they are parsed: in a statement that lives on, docs/pooling.md says that they may be read again.
READ = ["SELECT '2024-07-01 12:00'::timestamptz", "SELECT '01-02-2024'::date", "SELECT DATE '03-04-2024'"]
TELLING = SHOWN + READ
PLAIN = [
    "SELECT 1", "SELECT 'two', 2", "SELECT generate_series(1, 5)", "SELECT 1/0", "SELECT nope", "SELEC", "",
    "SELECT repeat('y', 9000)", REFUSED,
]  # fmt: skip
TRANSACTION = [
    "BEGIN", "BEGIN", "BEGIN", "START TRANSACTION", "BEGIN ISOLATION LEVEL REPEATABLE READ", "BEGIN READ ONLY", "COMMIT",
    "COMMIT", "COMMIT", "ROLLBACK", "ROLLBACK", "END", "ABORT", "SAVEPOINT s", "SAVEPOINT s", "SAVEPOINT t",
    "ROLLBACK TO s", "ROLLBACK TO SAVEPOINT t", "RELEASE s", "RELEASE SAVEPOINT t", "COMMIT AND CHAIN",
    "ROLLBACK AND CHAIN",
]  # fmt: skip
NAMES = ["a", "a", "b", "B", "c1"]
PREPARED = [
    "SELECT 'text one'", "SELECT 'text two'", "SELECT $1::int + 1", "SELECT $1::text, $2::text", "SELECT 1 FROM slots.nowhere",
    "SELECT count(*) FROM {table}", "INSERT INTO {table} VALUES ($1::int)", "SELECT upper($1)",
]  # fmt: skip
VALUES = [(), ("7",), ("7", "8"), ("no number",), (None,)]
CURSORS = [
    "DECLARE c CURSOR FOR SELECT generate_series(1, 10)", "DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT generate_series(1, 9)",
    "DECLARE d CURSOR WITH HOLD FOR SELECT 'held'", "FETCH 2 FROM c", "FETCH ALL FROM c", "FETCH BACKWARD 1 FROM c",
    "MOVE 1 IN c", "FETCH FROM d", "CLOSE c", "CLOSE d", "CLOSE ALL",
]  # fmt: skip
TABLE = [
    "INSERT INTO {table} VALUES (1, 'one'), (2, NULL)", "DELETE FROM {table} WHERE id = 1", "SELECT count(*) FROM {table}",
    "INSERT INTO {table} VALUES (3); SELECT 1/0", "BEGIN; INSERT INTO {table} VALUES (4)", "TRUNCATE {table}",
    "SELECT * FROM {table} ORDER BY id, body LIMIT 3",
]  # fmt: skip
LISTENING = [
    "LISTEN {channel}", "UNLISTEN {channel}", "UNLISTEN *", "NOTIFY {channel}", "NOTIFY {channel}, 'payload'",
    "SELECT pg_notify('{channel}', 'by function')",
]  # fmt: skip
DISCARDS = ["DISCARD ALL", "DISCARD PLANS", "DISCARD SEQUENCES", "DISCARD TEMP", "DEALLOCATE ALL", "RESET ALL", "UNLISTEN *"]
# Only where everything goes: what cannot be moved to another server connection.
EVERYTHING = [
    "CREATE TEMP TABLE tt (x integer)", "CREATE TEMP TABLE tt (x integer) ON COMMIT DROP", "INSERT INTO tt VALUES (1)",
    "SELECT count(*) FROM tt", "DROP TABLE tt", "CREATE TEMP VIEW tv AS SELECT 'my view' AS v", "SELECT * FROM tv",
    "DROP VIEW tv", "CREATE TEMP SEQUENCE ts", "SELECT nextval('ts')", "DROP SEQUENCE ts",
    "SELECT 1 AS x INTO TEMP tt", "CREATE TABLE pg_temp.tt AS SELECT 2 AS x",
    "SELECT setval('slots.{sequence}', 10)", "SELECT currval('slots.{sequence}')", "SELECT lastval()",
    "SELECT pg_advisory_lock({key})", "SELECT pg_advisory_unlock({key})", "SELECT pg_advisory_unlock_all()",
    "SELECT pg_advisory_xact_lock({key})", "SELECT pg_try_advisory_lock_shared({key})",
    "SET ROLE somebody", "RESET ROLE", "SET LOCAL ROLE somebody", "SET SESSION AUTHORIZATION somebody",
    "RESET SESSION AUTHORIZATION", "SELECT slots.sneaky('{setting}', '{value}')", "SELECT slots.sneaky_table()",
    "SELECT set_config(n, '1', false) FROM (VALUES ('application_name'), ('extra_float_digits')) AS t(n)",
    "DO $$ BEGIN PERFORM set_config('work_mem', '3MB', false); END $$",
    "DO $$ BEGIN CREATE TEMP TABLE tt (x integer); END $$",
    "DO $$ BEGIN PERFORM pg_advisory_lock({key}); END $$",
    "UPDATE pg_settings SET setting = '{value}' WHERE name = 'application_name'",
    "PREPARE TRANSACTION 'never'", "LOAD 'plpgsql'", "SET my.own = 'mine'", "SELECT coalesce(current_setting('my.own', true), '')",
]  # fmt: skip
LOOKS = [
    "SELECT name, setting FROM pg_settings WHERE name IN ('application_name', 'TimeZone', 'DateStyle', 'IntervalStyle',"
    " 'extra_float_digits', 'bytea_output', 'statement_timeout', 'work_mem', 'search_path', 'lock_timeout', 'jit',"
    " 'enable_seqscan', 'default_transaction_isolation', 'default_transaction_read_only', 'role', 'client_encoding',"
    " 'lc_monetary', 'row_security', 'xmlbinary', 'session_replication_role', 'constraint_exclusion',"
    " 'client_min_messages', 'transaction_isolation', 'transaction_read_only') ORDER BY name",
    "SELECT name, statement, parameter_types, from_sql FROM pg_prepared_statements WHERE name <> '' ORDER BY name",
    "SELECT name, statement, is_holdable, is_scrollable FROM pg_cursors WHERE name <> '' ORDER BY name",
    "SELECT current_user, session_user, current_schemas(false)",
    "SELECT pg_listening_channels()",
    "SELECT to_regclass('pg_temp.tt') IS NULL, to_regclass('pg_temp.tv') IS NULL, to_regclass('pg_temp.sneaked') IS NULL,"
    " to_regclass('pg_temp.ts') IS NULL",
    "SELECT objid, mode FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() ORDER BY objid, mode",
]


class Session:
    """A random session of about `length` steps. `slot` is its place among those that run at the same time; with
    `everything` it does what no shipped policy admits."""

    def __init__(self, seed, slot, length=40, everything=False):
        self.seed = seed
        self.random = random.Random(seed)
        self.slot = slot
        self.everything = everything
        self.startup = self.random.choice(STARTUPS)
        self.plain_texts = [text for text in PLAIN if text != REFUSED or not everything]
        self.settings = {**SETTINGS, **MORE_SETTINGS} if everything else SETTINGS
        self.key = self.random.randrange(1 << 31)
        self.makers = [
            (22, self.setting), (10, self.telling), (8, self.look), (16, self.transaction), (6, self.plain), (7, self.table),
            (10, self.prepare_by_sql), (12, self.prepare_by_protocol), (6, self.cursor), (3, self.portal), (4, self.copy),
            (3, self.listen), (2, self.discard), (5, self.pipeline), (3, self.several), (1, self.cancelled),
            (1, self.cancelled_idle),
        ]  # fmt: skip
        if everything:
            self.makers += [(22, self.anything), (14, self.look), (1, self.seeded)]
        weights = [weight for weight, _ in self.makers]
        chosen = self.random.choices([maker for _, maker in self.makers], weights, k=length)
        self.steps = [maker() for maker in chosen]

    def pick(self, choices):
        return self.random.choice(choices)

    def fill(self, text):
        # docs/pooling.md: what functions do to settings of one's own is not seen.
        name = self.pick([name for name in self.settings if "." not in name])
        for mark, value in (
            ("{table}", f"slots.t{self.slot}"), ("{sequence}", f"s{self.slot}"), ("{channel}", f"channel_{self.slot}"),
            ("{key}", str(self.key)), ("{setting}", name), ("{value}", self.pick(self.settings[name])),
        ):  # fmt: skip
            text = text.replace(mark, value)
        return text

    # Steps

    def step(self, *messages, answers=1, cancel=""):
        """`messages` are pairs of a line and its bytes."""
        gateway = b"".join(data for _, data in messages)
        lines = tuple(line for line, _ in messages)
        postgresql = b"".join(replaced(line, data) for line, data in messages)
        return Step(lines, gateway, postgresql, answers, cancel)

    def query(self, text):
        return (f"Query {text}", pgwire.query(text))

    def parse(self, name, text):
        return (f'Parse "{name}" {text}', pgwire.parse(name, text))

    def bind(self, portal, name, values):
        words = "".join(" NULL" if value is None else f" '{value}'" for value in values)
        return (f'Bind "{portal}" "{name}"{words}', pgwire.bind(portal, name, values))

    def execute(self, portal="", rows=0):
        return (f'Execute "{portal}"' + (f" rows={rows}" if rows else ""), pgwire.execute(portal, rows))

    SYNC = ("Sync", pgwire.sync())

    def simple(self, text):
        return self.step(self.query(self.fill(text)))

    def either(self, text):
        """By the simple protocol or by the extended one."""
        text = self.fill(text)
        if ";" in text or self.random.random() < 0.6:
            return self.step(self.query(text))
        return self.step(self.parse("", text), self.bind("", "", ()), self.execute(), self.SYNC)

    def setting_text(self):
        name = self.pick(list(self.settings))
        value = self.pick(self.settings[name])
        if self.everything and self.random.random() < 0.04:
            value = "nonsense"
        quoted = value if name in LISTS else f"'{value}'"
        quoted = quoted.replace('\\"', '"')
        plain = value.replace('\\"', '"')
        return self.pick([
            f"SET {name} = {quoted}", f"SET {name} TO {quoted}", f"SET SESSION {name} = {quoted}", f"SET {name} = {quoted}",
            f"SET LOCAL {name} = {quoted}", f"SET LOCAL {name} = {quoted}", f"SET LOCAL {name} TO DEFAULT",
            f"RESET {name}", f"SET {name} TO DEFAULT", shown_setting(name),
            f"SELECT set_config('{name}', '{plain}', false)", f"SELECT set_config('{name}', '{plain}', true)",
            "SET TIME ZONE 'Asia/Tokyo'", "SET TIME ZONE DEFAULT", "SET NAMES 'UTF8'",
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "SET TRANSACTION READ ONLY",
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
        ])  # fmt: skip

    def setting(self):
        return self.either(self.setting_text())

    def telling(self):
        return self.either(self.pick(TELLING))

    def look(self):
        if self.everything:
            return self.simple(self.pick(LOOKS))
        return self.simple(shown_setting(self.pick(list(self.settings))))

    def transaction(self):
        return self.either(self.pick(TRANSACTION))

    def plain(self):
        return self.either(self.pick(self.plain_texts))

    def table(self):
        return self.either(self.pick(TABLE))

    def cursor(self):
        return self.simple(self.pick(CURSORS))

    def listen(self):
        return self.simple(self.pick(LISTENING))

    def discard(self):
        return self.simple(self.pick(DISCARDS))

    def anything(self):
        return self.either(self.pick(EVERYTHING))

    def prepare_by_sql(self):
        name = self.pick(NAMES)
        return self.simple(self.pick([
            f"PREPARE {name} AS SELECT 'by SQL'", f"PREPARE {name}(int) AS SELECT $1 + 2",
            f"PREPARE {name} AS {self.pick(TELLING)}", f"EXECUTE {name}", f"EXECUTE {name}(3)", f"EXECUTE {name}",
            f"DEALLOCATE {name}", f'DEALLOCATE "{name}"',
        ]))  # fmt: skip

    def prepare_by_protocol(self):
        name = self.pick([*NAMES, "", ""])
        bind_and_execute = (self.bind("", name, self.pick(VALUES)), self.execute(), self.SYNC)
        return self.pick([
            lambda: self.step(self.parse(name, self.fill(self.pick(PREPARED + SHOWN))), self.SYNC),
            lambda: self.step(self.parse(name, self.fill(self.pick(PREPARED + SHOWN))), *bind_and_execute),
            lambda: self.step(*bind_and_execute),
            lambda: self.step(*bind_and_execute),
            lambda: self.step((f'Describe S "{name}"', pgwire.describe("S", name)), self.SYNC),
            lambda: self.step((f'Close S "{name}"', pgwire.close("S", name)), self.SYNC),
        ])()  # fmt: skip

    def portal(self):
        """Read in pieces; in a transaction the portal lives on."""
        rows = self.pick([0, 2])
        return self.pick([
            lambda: self.step(
                self.parse("", "SELECT generate_series(1, 5)"), self.bind("p", "", ()), self.execute("p", rows), self.SYNC
            ),
            lambda: self.step(self.execute("p", rows), self.SYNC),
            lambda: self.step(("Describe P \"p\"", pgwire.describe("P", "p")), self.SYNC),
            lambda: self.step(("Close P \"p\"", pgwire.close("P", "p")), self.SYNC),
        ])()  # fmt: skip

    def copy(self):
        table = self.fill("{table}")
        data = self.pick(["1\tx\n", "2\ty\n3\tz\n", "no number\tx\n", ""])
        end = self.pick([("CopyDone", pgwire.copy_done()), ("CopyFail no more", pgwire.copy_fail("no more"))])
        rows = ("CopyData " + data.replace("\t", "\\t").replace("\n", "\\n"), pgwire.copy_data(data))
        text = f"COPY {table} FROM STDIN"
        return self.pick([
            lambda: self.step(self.query(text), rows, end),
            lambda: self.step(self.parse("", text), self.bind("", "", ()), self.execute(), rows, end, self.SYNC),
            lambda: self.simple(f"COPY {table} TO STDOUT"),
            lambda: self.step(self.query(f"{text}; SELECT 'behind'"), rows, end),
        ])()  # fmt: skip

    def pipeline(self):
        """Several statements, some of them with a Sync of their own, an error among them perhaps."""
        messages, answers = [], 1
        for _ in range(self.random.randint(2, 6)):
            text = self.pick([self.setting_text(), self.pick(TELLING), self.pick(self.plain_texts), self.pick(TRANSACTION)])
            if self.resets_to_its_own(text):
                text = "SELECT 1"
            messages += [self.parse("", text), self.bind("", "", ()), self.execute()]
            if self.random.random() < 0.3:
                messages.append(self.SYNC)
                answers += 1
        return self.step(*messages, self.SYNC, answers=answers)

    def several(self):
        """Several statements in one Query: one implicit transaction, unless they say otherwise."""
        texts = [self.pick([self.setting_text(), self.pick(TELLING), self.pick(TRANSACTION), "SELECT 1/0"]) for _ in range(3)]
        texts = [text for text in texts if not self.resets_to_its_own(text)] or ["SELECT 1; SELECT 2"]
        return self.simple("; ".join(texts))

    def resets_to_its_own(self, text):
        """docs/pooling.md: what follows in the same Query, or before the Sync, finds the server's own value."""
        return bool(self.startup) and ("RESET" in text or "DEFAULT" in text)

    def seeded(self):
        """Two statements: what comes between them on the server connection must not draw from this client's numbers."""
        seed = self.random.randrange(100) / 100
        return self.step(self.query(f"SELECT setseed({seed})"), self.query("SELECT random(), random()"), answers=2)

    def cancelled(self):
        return self.step(self.query("SELECT pg_sleep(20)"), cancel="running")

    def cancelled_idle(self):
        return self.step(self.query("SELECT 'before a cancel'"), cancel="idle")


def shown_setting(name):
    """docs/pooling.md: a setting of one's own that nobody has set may read as empty instead of unknown."""
    return f"SELECT coalesce(current_setting('{name}', true), '')" if "." in name else f"SHOW {name}"


def replaced(line, data):
    """What the policy refuses is for PostgreSQL a statement that fails by itself."""
    if REFUSED not in line:
        return data
    if line.startswith("Query"):
        return pgwire.query(line.removeprefix("Query ").replace(REFUSED, FAILS))
    name, text = line.removeprefix('Parse "').split('" ', 1)
    return pgwire.parse(name, text.replace(REFUSED, FAILS))


# Playing

# Hundreds of clients may have to wait for one another's pins.
PATIENCE = 60


async def play(session, port, is_gateway, steps=None):
    """Per step, the frames that came back: the last ones are CLOSED or a HANGS where it ended early."""
    received = []
    client = await crowd.connect(port, patience=PATIENCE, **session.startup)
    client.send(pgwire.query(f"DELETE FROM slots.t{session.slot}"))
    received.append(sorted((b"S"[0], f"{name}={value}".encode()) for name, value in client.parameters.items()))
    try:
        await client.until_ready()
        for step in session.steps if steps is None else steps:
            client.send(step.gateway if is_gateway else step.postgresql)
            try:
                if step.cancel == "running":
                    received.append(await cancelled(client, port, step))
                    continue
                received.append(await client.until_ready(step.answers))
                if step.cancel == "idle":
                    await crowd.cancel(port, client.key)
            except pgwire.TimedOut:
                received.append([HANGS])
            if received[-1][-1] in (crowd.CLOSED, HANGS):
                break
    except pgwire.TimedOut:
        received.append([HANGS])
    finally:
        client.send(pgwire.terminate())
        client.close()
    return received


HANGS = (1, b"")
ROW_DESCRIPTION = ord("T")


async def cancelled(client, port, step):
    """Cancels until it is heard: a cancel that comes before the statement runs is lost, by the protocol's nature."""
    answer = asyncio.ensure_future(client.until_ready(step.answers))
    deadline = time.monotonic() + 10
    while not answer.done() and time.monotonic() < deadline:
        await asyncio.wait([answer], timeout=0.03)
        if not answer.done():
            await crowd.cancel(port, client.key)
    # docs/pooling.md: a client that waits for a server connection can be cancelled, before its statement has columns.
    return [frame for frame in await answer if frame[0] != ROW_DESCRIPTION]


# Comparing

ERROR, NOTICE, NOTIFICATION, STATUS, READY = (ord(letter) for letter in "ENASZ")
ABORTED = "ErrorResponse ERROR 25P02"


def same(one, other, name):
    """Whether two plays read the same, the `other` one played on what has this name. Bytes first: taking them apart is for those that differ."""
    if len(one) != len(other):
        return False
    before = [None, *one]
    return all(
        a == b or reading(a, name) == reading(b, name) or is_unpreparable(earlier, b, name)
        for earlier, a, b in zip(before, one, other)
    )


def is_unpreparable(earlier, frames, name):
    """docs/pooling.md: in an aborted transaction, what needs a statement that this server connection does not have."""
    if "transaction" not in name or not earlier or earlier[-1] != (READY, b"E") or frames[-1] != (READY, b"E"):
        return False
    lines = [shown(frame) for frame in frames]
    return len(lines) == 2 and lines[0].startswith(ABORTED)


def reading(frames, name):
    """What a client makes of one step's answers."""
    lines = [shown(frame) for frame in ordered(frames)]
    if "transaction" in name and frames[-1] == (READY, b"E"):
        # docs/pooling.md: in an aborted transaction, a Bind of a statement that the server connection does not have.
        lines = [ABORTED if line.startswith((ABORTED, "ErrorResponse ERROR 08P01 bind message supplies")) else line for line in lines]
    return lines


def ordered(frames):
    """PostgreSQL reports several changed settings in no order that is promised."""
    result, start = [], 0
    for index, frame in enumerate([*frames, None]):
        if frame is None or frame[0] != STATUS:
            result += sorted(frames[start:index])
            if frame:
                result.append(frame)
            start = index + 1
    return result


def shown(frame):
    kind, body = frame
    if frame == crowd.CLOSED:
        return "closed"
    if frame == HANGS:
        return "HANGS"
    message = pgwire.decode(bytes([kind]), body)
    if kind in (ERROR, NOTICE):
        fields = message.value
        if (fields["C"], "no such type" in fields["M"]) == ("42704", True) or fields["C"] == "42501" and "pg_read" in fields["M"]:
            return "ErrorResponse ERROR refused"
        place = f" at {fields['P']}" if "P" in fields else ""
        return f"{message.name} {fields['S']} {fields['C']} {fields['M']}{place}"
    if kind == NOTIFICATION:
        return "NotificationResponse " + body[4:].decode()  # without the process id
    if kind == ord("S") and b"=" in body and b"\0" not in body:
        return "ParameterStatus " + body.decode()
    return f"{message.name} {str(message.value)[:300]}"


def difference(session, steps, expected, actual, name):
    """The session as a script, and where it went apart."""
    at = next((i for i, pair in enumerate(zip(expected, actual)) if not same([pair[0]], [pair[1]], name)), None)
    if at is None:
        at = min(len(expected), len(actual)) - 1
    lines = [f"seed {session.seed}: PostgreSQL and {name} differ at step {at} of {len(steps)}; started with {session.startup}"]
    for number, step in enumerate(steps, 1):
        lines += [f"  -> {line}" for line in step.lines] + ([f"  -> Cancel, {step.cancel}"] if step.cancel else [])
        if number == at:
            break
    for title, frames in (("PostgreSQL:", expected[at]), (f"{name}:", actual[at])):
        lines += [title, *(f"  <- {shown(frame)}" for frame in ordered(frames))]
    return "\n".join(lines)


async def shrink(steps, differs, seconds=60):
    """Drops steps while the difference stays (delta debugging): the smallest list found in the time."""
    deadline = time.monotonic() + seconds
    size = max(1, len(steps) // 2)
    while time.monotonic() < deadline:
        kept, start = steps, 0
        while start < len(steps) and time.monotonic() < deadline:
            candidate = steps[:start] + steps[start + size :]
            if candidate and await differs(candidate):
                steps = candidate
            else:
                start += size
        if size == 1 and len(steps) == len(kept):
            break
        size = max(1, size // 2)
    return steps


# Comparing many

SHRINK_SECONDS = 40
# So many others play along while a difference is made small that does not show alone.
COMPANY = 20
# PostgreSQL has a connection for each session that is played on it.
DIRECT_AT_A_TIME = 40


class Script:
    """What decides which sessions are played, and for how long: the environment, or a few seconds and so many steps.

    `first`: where seeds begin for those few seconds; others each time without it, and whenever the environment asks for
    a number of sessions or steps."""

    def __init__(self, seconds, most_steps=1 << 62, first=None):
        once = os.environ.get("PGML_SEED")
        if "PGML_SESSIONS" in os.environ or "PGML_STEPS" in os.environ or first is None:
            first = random.SystemRandom().randrange(1 << 32)
        self.first = int(once) if once else first
        self.sessions = 1 if once else int(os.environ.get("PGML_SESSIONS", "0"))
        self.steps = int(os.environ.get("PGML_STEPS", "0"))
        self.most_steps = most_steps
        self.deadline = time.monotonic() + seconds
        self.played = self.stepped = 0
        print(f"first seed {self.first}")

    def goes_on(self):
        if self.sessions or self.steps:
            return self.played < self.sessions or self.stepped < self.steps
        return time.monotonic() < self.deadline and self.stepped < self.most_steps

    def seed(self):
        return self.first + self.played

    def note(self, steps):
        self.played += 1
        self.stepped += steps


async def compare(script, postgresql_port, gateway, name, at_a_time, everything=False):
    """Plays batches of sessions on PostgreSQL and through the gateway until the script ends; raises what differs."""
    places = asyncio.Semaphore(DIRECT_AT_A_TIME)

    async def play_directly(session):
        async with places:
            return await play(session, postgresql_port, False)

    while script.goes_on():
        batch = []
        for slot in range(min(at_a_time, script.sessions - script.played) if script.sessions else at_a_time):
            batch.append(Session(script.seed(), slot, everything=everything))
            script.note(sum(len(step.lines) for step in batch[-1].steps))
        expected = await crowd.together(play_directly(one) for one in batch)
        actual = await crowd.together(play(one, gateway.port, True) for one in batch)
        assert gateway.is_running, gateway.log()[-4000:]
        differing = [i for i in range(len(batch)) if not same(expected[i], actual[i], name)]
        if differing:
            failures = []
            for index in differing[:3]:
                seen = batch[index].steps, expected[index], actual[index]
                failures.append(await smallest(batch, index, postgresql_port, gateway.port, name, seen))
            raise AssertionError(f"{len(differing)} of {len(batch)} sessions differ\n\n" + "\n\n".join(failures))
    return f"{script.played} sessions of {script.stepped} steps agree"


async def smallest(batch, index, postgresql_port, gateway_port, name, seen):
    """The difference of one session of a batch, with as few steps as still show it: alone, or in company. As it was
    `seen` (steps, expected and actual answers) where it does not show again."""
    session = batch[index]

    async def plays(steps, company):
        expected = await play(session, postgresql_port, False, steps)
        others = [play(other, gateway_port, True) for other in company]
        actual = (await crowd.together([play(session, gateway_port, True, steps), *others]))[0]
        return expected, actual

    async def differs(steps, company):
        nonlocal seen
        # A difference that takes a certain moment does not show each time.
        for _ in range(2):
            expected, actual = await plays(steps, company)
            if not same(expected, actual, name):
                seen = steps, expected, actual
                return True
        return False

    for company in ([], [other for other in batch if other is not session][:COMPANY]):
        if await differs(session.steps, company):
            await shrink(session.steps, lambda steps: differs(steps, company), SHRINK_SECONDS)
            break
    return difference(session, *seen, name)
