"""A cancel hits the statement it was meant for, or nothing: never what its client sends next, never another client's.

Many clients on few server connections have their statements cancelled at random moments around their end. What a
client's own cancelled statement does is left to chance; the statement behind it must come through, every time.
`PGML_CANCELS=…` sets how many are counted.
"""

import asyncio
import os
import random
import time

import crowd
import gateway as gateways
import pgwire
import pytest
from conftest import POOL_MODES, in_every_mode, in_transaction_pooling

COUNT = int(os.environ.get("PGML_CANCELS", "1200"))
CLIENTS = 24
# Statements that last about as long as a cancel takes to arrive, and one that lasts long enough to be hit for certain.
MILLISECONDS = [0, 2, 5, 15, 30]
CANCELLED = "57014"
# Pool modes, and sizes of the pool: with session pooling nobody shares.
CASES = [("session", None), ("transaction", 2), ("transaction", 4)]


class Tally:
    def __init__(self):
        self.cancelled = self.missed = self.following = self.wrongly = 0
        self.pids = set()

    def __str__(self):
        return (
            f"{self.cancelled} statements cancelled, {self.missed} not; of {self.following} statements behind them"
            f" {self.wrongly} hit; {len(self.pids)} server connections"
        )


async def statement(client, text):
    """Its rows, or CANCELLED; any other error is raised."""
    try:
        return await client.run(text)
    except pgwire.ServerError as error:
        if error.fields["C"] != CANCELLED:
            raise
        return CANCELLED


async def victim(number, port, tally, key_of_nobody):
    """Has its own statements cancelled, and counts what that does to the ones it sends next."""
    client = await crowd.connect(port, patience=60)
    chance = random.Random(number)
    while tally.following < COUNT:
        milliseconds = chance.choice(MILLISECONDS)
        text = f"SELECT pg_sleep({milliseconds / 1000}), 'cancel me'"
        in_transaction = chance.random() < 0.3
        if in_transaction:
            await client.run("BEGIN")
        # The cancel leaves before, at or behind the end of the statement; now and then there are several.
        cancels = [
            asyncio.create_task(later(chance.uniform(0, 2 * milliseconds + 1) / 1000, port, client.key))
            for _ in range(chance.choice([1, 1, 1, 3]))
        ]
        if await statement(client, text) == CANCELLED:
            tally.cancelled += 1
        else:
            tally.missed += 1
        if chance.random() < 0.1:
            await crowd.cancel(port, key_of_nobody)
        # PostgreSQL itself promises nothing before the server has closed the cancel's connection.
        await asyncio.gather(*cancels)
        if in_transaction:
            # An aborted transaction refuses everything but its end.
            assert await statement(client, "ROLLBACK") == []
        answer = await statement(client, "SELECT pg_backend_pid(), pg_sleep(0.001)")
        tally.following += 1
        if answer == CANCELLED:
            tally.wrongly += 1
        else:
            tally.pids.add(answer[0][0])
    client.close()


async def later(seconds, port, key):
    await asyncio.sleep(seconds)
    await crowd.cancel(port, key)


async def uninvolved(number, port, tally):
    """Never cancels anything, so nothing of it is ever cancelled, whomever it shares a server connection with."""
    client = await crowd.connect(port, patience=60)
    rounds = 0
    while tally.following < COUNT:
        if number % 2:
            assert await client.run("SELECT pg_sleep(0.002), 1") == [[b"", b"1"]]
        else:
            await client.run("BEGIN")
            assert await client.run("SELECT pg_sleep(0.001), 1") == [[b"", b"1"]]
            await client.run("COMMIT")
        rounds += 1
    client.close()
    return rounds


async def storm(port):
    tally = Tally()
    key_of_nobody = (1, 1)
    await crowd.together(
        [victim(number, port, tally, key_of_nobody) for number in range(CLIENTS)]
        + [uninvolved(number, port, tally) for number in range(6)]
    )
    return tally


@pytest.mark.time_limit(3600)
@pytest.mark.parametrize(("mode", "size"), [case for case in CASES if case[0] in POOL_MODES])
def test_of_the_statements_behind_a_cancel_none_is_hit(start_gateway, mode, size):
    pool = {"size": size} if size else None
    gateway = start_gateway(gateways.toml(mode, pool))
    began = time.monotonic()
    tally = asyncio.run(storm(gateway.port))
    print(f"{tally} in {time.monotonic() - began:.1f} s")
    assert tally.wrongly == 0, str(tally)
    assert tally.cancelled > COUNT / 50 and tally.missed > COUNT / 50, f"too few of a kind to tell: {tally}"
    if mode == "transaction":
        assert len(tally.pids) <= size, str(tally)


@in_transaction_pooling
def test_a_cancel_of_a_client_that_waits_for_a_server_connection_is_answered(start_gateway, mode):
    """It runs nowhere yet: the gateway answers, and whoever holds the server connection does not notice."""
    gateway = start_gateway(gateways.toml(mode, {"size": 1}))

    async def play():
        holder, waiting = await crowd.connect(gateway.port), await crowd.connect(gateway.port)
        await holder.run("BEGIN")
        running = asyncio.create_task(statement(holder, "SELECT pg_sleep(1), 'held'"))
        await asyncio.sleep(0.1)
        answer = asyncio.create_task(statement(waiting, "SELECT 'never runs'"))
        await asyncio.sleep(0.2)
        began = time.monotonic()
        await crowd.cancel(gateway.port, waiting.key)
        assert await answer == CANCELLED
        assert time.monotonic() - began < 0.5
        assert await running == [[b"", b"held"]]
        await holder.run("COMMIT")
        assert await waiting.run("SELECT 'runs'") == [[b"runs"]]

    asyncio.run(play())


@in_every_mode
def test_a_key_outlives_every_server_connection_and_not_its_client(start_gateway, mode):
    gateway = start_gateway(gateways.toml(mode, {"size": 2} if mode == "transaction" else None))

    async def play():
        one, other = await crowd.connect(gateway.port), await crowd.connect(gateway.port)
        assert one.key != other.key
        for _ in range(3):
            sleeping = asyncio.create_task(statement(one, "SELECT pg_sleep(20)"))
            beside = asyncio.create_task(statement(other, "SELECT pg_sleep(0.5), 'whole'"))
            await asyncio.sleep(0.15)
            await crowd.cancel(gateway.port, one.key)
            assert await sleeping == CANCELLED
            assert await beside == [[b"", b"whole"]]
        key = one.key
        one.close()
        await asyncio.sleep(0.1)
        beside = asyncio.create_task(statement(other, "SELECT pg_sleep(0.3), 'whole'"))
        for _ in range(5):
            await crowd.cancel(gateway.port, key)
        assert await beside == [[b"", b"whole"]]

    asyncio.run(play())
