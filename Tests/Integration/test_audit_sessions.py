"""Random sessions, cut short, cancelled and reset at any moment, under a chain that is loaded anew all the while: the upstream's
own log says what ran, and the audit log must tell of each of it once, as what it was."""

import collections
import os
import random
import re
import signal
import socket
import struct
import threading
import time

import pgwire
from conftest import in_every_mode
from test_audit import connect, of_type, records, start_audited, verify

SECONDS = float(os.environ.get("PGML_AUDIT_SECONDS", "6"))
PLAYERS = 6
# Each statement has a name of its own: player, session, number.
NAME = re.compile(r"\bn\d+_\d+_\d+\b")
RAN = re.compile(r"LOG:  (?:statement|execute[^:\n]*): ([^\n]*)")
LINGER = struct.pack("ii", 1, 0)


class Player:
    """Plays one random session after another until the time is over."""

    def __init__(self, one, seed):
        self._one = one
        self._seed = seed
        self._random = random.Random(seed)
        self.sessions = 0
        self._named = 0

    def play(self, until):
        while time.monotonic() < until:
            self.sessions += 1
            try:
                client = connect(self._one)
            except (pgwire.Closed, pgwire.TimedOut, OSError):
                continue
            client.timeout = 8
            try:
                for _ in range(self._random.randrange(1, 5)):
                    if not self._play_batch(client):
                        break
            except (pgwire.Closed, OSError):
                pass
            if self._random.randrange(8) == 0:
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
            client.close()

    def _play_batch(self, client):
        """Whether the session goes on."""
        draw = self._random
        messages, answers = self._batch()
        data = b"".join(messages)
        if draw.randrange(4) == 0:
            cut = draw.randrange(1, len(data))
            client.send(data[:cut])
            time.sleep(draw.random() * 0.003)
            client.send(data[cut:])
        else:
            client.send(data)
        what = draw.randrange(12)
        if what == 0:
            return False
        if what == 1:
            time.sleep(draw.random() * 0.01)
            canceller = pgwire.Connection(self._one.port)
            canceller.send(pgwire.cancel_request(*client.key))
            canceller.close()
        if what == 2:
            client.send(pgwire.terminate())
            return False
        for _ in range(answers):
            client.read_until("ReadyForQuery")
        return True

    def _batch(self):
        draw = self._random
        messages, answers = [], 0
        if draw.randrange(5) == 0:
            messages.append(pgwire.query("BEGIN"))
            answers += 1
        for _ in range(draw.randrange(1, 4)):
            answers += 1
            if draw.randrange(2):
                messages.append(self._query())
                continue
            for _ in range(draw.randrange(1, 4)):
                messages += self._execute()
                if draw.randrange(6) == 0:
                    messages.append(pgwire.flush())
            messages.append(pgwire.sync())
        if draw.randrange(3) == 0:
            messages.append(pgwire.query("ROLLBACK"))
            answers += 1
        return messages, answers

    def _name(self):
        self._named += 1
        return f"n{self._seed}_{self.sessions}_{self._named}"

    def _query(self):
        texts = ("SELECT 1 AS {}", "SELECT 1/0 AS {}", "SELECT pg_sleep(0.01) AS {}", "SELECT 3 AS {}", "SELECT id AS {} FROM app.secret")
        count = self._random.choice((1, 1, 2, 3))
        return pgwire.query("; ".join(self._random.choice(texts).format(self._name()) for _ in range(count)))

    def _execute(self):
        draw = self._random
        name = self._name()
        run = (pgwire.bind("", ""), pgwire.execute())
        kind = draw.randrange(8)
        if kind == 0:
            return pgwire.parse("", f"SELECT 1/0 AS {name}"), *run
        if kind == 1:
            return pgwire.parse("", f"SELECT absent AS {name}"), *run
        if kind == 2:
            value = draw.choice(("1", "x"))
            return pgwire.parse("", f"SELECT $1::int AS {name}"), pgwire.bind("", "", [value]), pgwire.execute()
        if kind == 3:
            portal = (pgwire.execute("", 2), pgwire.execute("", 2), pgwire.execute("", 2))
            return pgwire.parse("", f"SELECT generate_series(1, 5) AS {name}"), pgwire.bind("", ""), *portal
        if kind == 4:
            return pgwire.parse("", f"SELECT id AS {name} FROM app.secret"), *run
        if kind == 5:
            return pgwire.parse("", f"INSERT INTO app.kept VALUES (1, 'x') RETURNING id AS {name}"), *run
        if kind == 6:
            run = (pgwire.bind(name, name), pgwire.describe("P", name), pgwire.execute(name))
            return pgwire.parse(name, f"SELECT 1 AS {name}"), *run, pgwire.close("P", name), pgwire.close("S", name)
        return pgwire.parse("", f"SELECT 2 AS {name}"), *run


def play(one):
    players = [Player(one, seed) for seed in range(PLAYERS)]
    until = time.monotonic() + SECONDS
    threads = [threading.Thread(target=player.play, args=(until,)) for player in players]
    for thread in threads:
        thread.start()
    while time.monotonic() < until:
        time.sleep(0.7)
        one.signal(signal.SIGHUP)
    for thread in threads:
        thread.join()
    return sum(player.sessions for player in players)


@in_every_mode
def test_each_statement_of_random_sessions_is_told_once_as_what_it_was(start_audited, upstream, mode):
    one = start_audited(mode)
    log = upstream.backend.log_path
    start = log.stat().st_size
    sessions = play(one)
    # The server ends what clients have left behind.
    time.sleep(1)
    one.stop()
    assert verify(one).returncode == 0
    with open(log, "rb") as file:
        file.seek(start)
        ran = {name for text in RAN.findall(file.read().decode(errors="replace")) for name in NAME.findall(text)}
    told = collections.defaultdict(list)
    owners = collections.defaultdict(set)
    for record in of_type(records(one), "statement"):
        for name in NAME.findall(record.get("text", "")):
            told[name].append(record)
            owners[record["session"]].add(name.rsplit("_", 1)[0])
    assert sessions > 20 and len(ran) > 50, "too little was played to tell anything"
    assert not [name for name in ran if name not in told], "ran, and is not told of"
    for name, of_it in told.items():
        verdicts = [record["verdict"] for record in of_it]
        # Each Execute of a portal has a record.
        assert len(of_it) == 1 or "generate_series" in of_it[0]["text"], (name, verdicts)
        assert "denied" not in verdicts or name not in ran, f"{name} was denied, and ran"
        assert "allowed" not in verdicts or name in ran, f"{name} was allowed, and did not run"
        # The upstream's log has a Query of several statements as a whole, whichever of them ran.
        alone = verdicts == ["aborted"] and "place" not in of_it[0]
        assert not alone or name not in ran, f"{name} is said to have been kept from running, and ran"
    assert all(len(names) == 1 for names in owners.values()), "a record is under another's session"
