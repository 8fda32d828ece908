"""Clients that use the same few server connections as the client under test, each with settings of its own.

They are a process of their own, so that a driver under test that holds Python's interpreter lock does not stop them.
Every few milliseconds each changes its settings, prepares a statement under a name all of them use, or runs a short
transaction, and checks that it finds its own and nobody else's. What went wrong is said when they leave.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time

import crowd

# Longer than any run; should nobody end it.
LIFE_SECONDS = 1800
PAUSE_SECONDS = 0.12
QUIET_SECONDS = 1.5
ZONES = ["Europe/Berlin", "Asia/Tokyo", "America/New_York", "Africa/Nairobi", "Australia/Perth"]


class Bystanders:
    """So many clients of the gateway on `port`, busy until they `leave`."""

    def __init__(self, port, count, keeper):
        argv = [sys.executable, os.path.abspath(__file__), port, count]
        self._process = keeper.start(argv, stdout=subprocess.PIPE, text=True)
        self._keeper = keeper
        said = self._process.stdout.readline()
        if said != "busy\n":
            raise RuntimeError(f"the bystanders did not get in: {said}")

    def leave(self, most_connections):
        """Ends them and checks what they saw."""
        self._process.send_signal(signal.SIGTERM)
        output, _ = self._process.communicate(timeout=60)
        self._keeper.forget(self._process)
        report = json.loads(output.splitlines()[-1])
        print(f"bystanders: {report['rounds']} rounds on {report['connections']} server connections")
        assert not report["problems"], "\n".join(report["problems"])
        assert report["rounds"] >= report["clients"], report
        assert report["at_a_time"] <= most_connections, report
        # At the end nobody else is there, and nobody's misbehaviour makes the gateway replace a server connection.
        assert 1 <= report["at_the_end"] <= most_connections, report


class Sightings:
    """When each server process was seen first and last."""

    def __init__(self):
        self.first, self.last = {}, {}

    def note(self, began, pid):
        """A statement sent at `began` was answered by `pid`."""
        now = time.monotonic()
        self.first[pid] = min(self.first.get(pid, now), now)
        self.last[pid] = max(self.last.get(pid, began), began)

    def at_a_time(self):
        """The most that certainly were there at the same time: each from its first answer to the last statement sent to it."""
        lives = [(self.first[pid], self.last[pid]) for pid in self.first if self.first[pid] <= self.last[pid]]
        most = now = 0
        for _, change in sorted([(first, 1) for first, _ in lives] + [(last, -1) for _, last in lives]):
            now += change
            most = max(most, now)
        return most

    def since(self, moment):
        return [pid for pid, last in self.last.items() if last >= moment]


class Bystander:
    def __init__(self, number, port, report, sightings):
        self.name = f"bystander {number}"
        self.number = number
        self.port = port
        self.report = report
        self.sightings = sightings
        self.random = random.Random(number)
        self.settings = {"application_name": self.name, "extra_float_digits": "1", "TimeZone": "UTC"}

    async def live(self, leaving):
        """Changes and checks until told to leave, and a little longer."""
        import crowd

        self.client = await crowd.connect(self.port, patience=120, application_name=self.name)
        await self.client.execute("shared_name", f"SELECT '{self.name}' || $1::text", ("!",))
        self.report["clients"] += 1
        while not leaving.is_set() or time.monotonic() < leaving.moment + QUIET_SECONDS:
            await self.random.choice([self.change, self.transaction, self.undone, self.prepared])()
            await self.check()
            self.report["rounds"] += 1
            await asyncio.sleep(self.random.uniform(0, 2 * PAUSE_SECONDS))
        self.client.close()

    async def change(self):
        name, value = self.random.choice([
            ("extra_float_digits", str(self.random.randint(-5, 3))), ("TimeZone", self.random.choice(ZONES)),
            ("application_name", f"{self.name} {self.random.randrange(100)}"),
        ])  # fmt: skip
        await self.client.run(f"SET {name} = '{value}'")
        self.settings[name] = value

    async def undone(self):
        await self.client.run("BEGIN")
        await self.client.run("SET TimeZone = 'Pacific/Fiji'")
        await self.client.run("SET LOCAL extra_float_digits = -15")
        await self.client.run("ROLLBACK")

    async def transaction(self):
        await self.client.run("BEGIN")
        await self.client.run("SET LOCAL TimeZone = 'Pacific/Apia'")
        self.expect("a local setting", await self.client.one("SHOW TimeZone"), "Pacific/Apia")
        await self.client.run("COMMIT")

    async def prepared(self):
        ((value,),) = await self.client.execute("shared_name", values=("!",))
        self.expect("its prepared statement", value.decode(), self.name + "!")

    async def check(self):
        name = self.random.choice(list(self.settings))
        self.expect(name, await self.client.one(f"SHOW {name}"), self.settings[name])
        began = time.monotonic()
        self.sightings.note(began, int(await self.client.one("SELECT pg_backend_pid()")))

    def expect(self, what, found, own):
        if found != own:
            self.report["problems"].append(f"{self.name}: {what} is {found!r}, its own is {own!r}")


async def main(port, count):
    leaving = asyncio.Event()
    leaving.moment = None

    def leave():
        leaving.moment = time.monotonic()
        leaving.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, leave)
    loop.call_later(LIFE_SECONDS, leave)
    report, sightings = {"clients": 0, "rounds": 0, "problems": []}, Sightings()
    tasks = [asyncio.create_task(Bystander(number, port, report, sightings).live(leaving)) for number in range(count)]
    while report["clients"] < count and not any(task.done() for task in tasks):
        await asyncio.sleep(0.01)
    if any(task.done() for task in tasks):
        leave()
    else:
        print("busy", flush=True)
    for task in tasks:
        try:
            await task
        except Exception as error:
            report["problems"].append(f"{type(error).__name__}: {error}")
    report["connections"] = len(sightings.first)
    report["at_a_time"] = sightings.at_a_time()
    report["at_the_end"] = len(sightings.since(leaving.moment + 0.2)) if leaving.moment else 0
    print(json.dumps(report))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
