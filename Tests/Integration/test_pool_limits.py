"""The limits of a pool hold: its size and reserve, the time to wait, to run and to sit in a transaction; and it is fair."""

import asyncio
import time

import crowd
import gateway as gateways
import pgwire
import pytest
from conftest import admit_the_tests, in_every_mode, in_transaction_pooling


@pytest.fixture
def open_port(start_gateway):
    def start(mode, **pool):
        return start_gateway(gateways.toml(mode, pool), admit_the_tests).port

    return start


async def error_of(coroutine):
    with pytest.raises(pgwire.ServerError) as caught:
        await coroutine
    return caught.value.fields


async def begun(port, **parameters):
    """A client that holds a server connection."""
    client = await crowd.connect(port, **parameters)
    await client.run("BEGIN")
    await client.run("SELECT 1")
    return client


async def pid_of(client):
    return int(await client.one("SELECT pg_backend_pid()"))


def seconds_since(moment):
    return time.monotonic() - moment


@in_every_mode
def test_a_client_that_waits_too_long_for_a_server_connection_is_told(open_port, mode):
    port = open_port(mode, size=2, query_wait_timeout="1s")

    async def play():
        waiting = await crowd.connect(port) if mode == "transaction" else None
        holders = [await begun(port), await begun(port)]
        before = time.monotonic()
        if mode == "transaction":
            fields = await error_of(waiting.run("SELECT 1"))
            assert (fields["S"], fields["C"]) == ("ERROR", "53300"), fields
        else:
            fields = await error_of(crowd.connect(port))
            assert (fields["S"], fields["C"]) == ("FATAL", "53300"), fields
        assert 0.8 < seconds_since(before) < 2.5
        # Its session goes on, and so do the others'.
        for holder in holders:
            assert await holder.run("SELECT 'held'") == [[b"held"]]
            await holder.run("COMMIT")
        if mode == "transaction":
            assert await waiting.run("SELECT 'again'") == [[b"again"]]

    asyncio.run(play())


@in_transaction_pooling
def test_a_batch_that_waited_too_long_is_answered_as_a_whole(open_port, mode):
    port = open_port(mode, size=1, query_wait_timeout="500ms")

    async def play():
        waiting, holder = await crowd.connect(port), await begun(port)
        batch = pgwire.parse("", "SELECT 1") + pgwire.bind("", "") + pgwire.execute()
        names = [message.name for message in await waiting.ask(batch, batch, pgwire.sync())]
        assert names == ["ErrorResponse", "ReadyForQuery"]
        await holder.run("COMMIT")
        names = [message.name for message in await waiting.ask(batch, pgwire.sync())]
        assert names == ["ParseComplete", "BindComplete", "DataRow", "CommandComplete", "ReadyForQuery"]

    asyncio.run(play())


@in_every_mode
def test_a_statement_that_runs_too_long_is_cancelled(open_port, mode):
    port = open_port(mode, query_timeout="700ms")

    async def play():
        client, other = await crowd.connect(port), await crowd.connect(port)
        beside = asyncio.create_task(repeat(other, 1.5))
        for text in ("SELECT pg_sleep(20)", "SELECT 1; SELECT pg_sleep(20)"):
            before = time.monotonic()
            fields = await error_of(client.run(text))
            assert (fields["S"], fields["C"], fields["M"]) == ("ERROR", "57014", "canceling statement due to query_timeout"), fields
            assert "query_timeout in [pool]" in fields["H"], fields
            assert 0.5 < seconds_since(before) < 2
            assert await client.run("SELECT 'still here'") == [[b"still here"]]
        await client.run("BEGIN")
        assert (await error_of(client.run("SELECT pg_sleep(20)")))["C"] == "57014"
        assert (await error_of(client.run("SELECT 1")))["C"] == "25P02"
        await client.run("ROLLBACK")
        # It is the statement that is timed, not the transaction, and not the time between statements.
        await client.run("BEGIN")
        for _ in range(3):
            assert await client.run("SELECT pg_sleep(0.3), 1") == [[b"", b"1"]]
            await asyncio.sleep(0.1)
        await client.run("COMMIT")
        await beside

    asyncio.run(play())


@in_every_mode
def test_only_the_statement_that_ran_too_long_is_cancelled(open_port, mode):
    """Statements end at about the moment at which they are cancelled; the next one, sent at once, must not be hit."""
    port = open_port(mode, size=4, query_timeout="50ms")

    async def play(client, number, ends):
        for step in range(40):
            if in_transaction := step % 2 == 0:
                await client.run("BEGIN")
            try:
                await client.run(f"SELECT pg_sleep({0.048 + 0.0005 * ((7 * step + number) % 40)})")
                ends["in time"] += 1
                assert await client.run("SELECT 'next'") == [[b"next"]]
            except pgwire.ServerError as error:
                assert error.fields["M"] == "canceling statement due to query_timeout", error.fields
                ends["cancelled"] += 1
            if in_transaction:
                await client.run("ROLLBACK")
            assert await client.run("SELECT 'after'") == [[b"after"]]

    async def together():
        ends = {"in time": 0, "cancelled": 0}
        clients = [await crowd.connect(port) for _ in range(4)]
        await crowd.together(play(client, number, ends) for number, client in enumerate(clients))
        return ends

    ends = asyncio.run(together())
    print(ends)
    assert min(ends.values()) > 0, "statements have to end on both sides of the limit"


async def repeat(client, seconds):
    """Short statements that nothing may happen to."""
    deadline = time.monotonic() + seconds
    count = 0
    while time.monotonic() < deadline:
        assert await client.run("SELECT pg_sleep(0.01), 1") == [[b"", b"1"]]
        count += 1
    return count


@in_every_mode
def test_a_transaction_that_idles_too_long_ends_its_session(open_port, upstream, mode):
    port = open_port(mode, size=4, idle_transaction_timeout="700ms")

    async def play():
        for aborted in (False, True):
            client, idle, busy = await begun(port), await crowd.connect(port), await begun(port)
            await client.run("INSERT INTO app.kept VALUES (1)")
            if aborted:
                await error_of(client.run("SELECT 1/0"))
            before = time.monotonic()
            running = asyncio.create_task(busy.run("SELECT pg_sleep(1.5), 'not idle'"))
            message = await client.message(5)
            assert (message.value["S"], message.value["C"]) == ("FATAL", "25P03"), message
            assert 0.5 < seconds_since(before) < 2
            with pytest.raises(pgwire.Closed):
                await client.frame(5)
            assert await running == [[b"", b"not idle"]]
            assert await idle.run("SELECT 'outside of a transaction'") == [[b"outside of a transaction"]]
            for one in (idle, busy):
                one.close()

    upstream.run("TRUNCATE app.kept")
    asyncio.run(play())
    assert upstream.kept() == []


@in_transaction_pooling
def test_fifty_clients_on_two_connections_get_their_fair_share(open_port, mode):
    port = open_port(mode, size=2)
    seconds = 4

    async def work(client, pids):
        count, deadline = 0, time.monotonic() + seconds
        while time.monotonic() < deadline:
            pids.add(await pid_of(client))
            count += 1
        return count

    async def play():
        pids = set()
        clients = [await crowd.connect(port) for _ in range(50)]
        return await crowd.together(work(client, pids) for client in clients), pids

    counts, pids = asyncio.run(play())
    mean = sum(counts) / len(counts)
    print(f"{sum(counts)} transactions, {min(counts)} to {max(counts)} for a client, on {len(pids)} server connections")
    assert len(pids) <= 2
    assert mean / 3 <= min(counts) and max(counts) <= 3 * mean, sorted(counts)


@in_transaction_pooling
def test_a_client_with_long_transactions_does_not_starve_the_others(open_port, mode):
    port = open_port(mode, size=2)

    async def play():
        greedy = [await crowd.connect(port) for _ in range(4)]
        modest = [await crowd.connect(port) for _ in range(16)]
        counts = await crowd.together([hog(one, 4) for one in greedy] + [repeat(one, 4) for one in modest])
        assert min(counts[4:]) >= 3, counts
        assert min(counts[:4]) >= 2, counts

    async def hog(client, seconds):
        count, deadline = 0, time.monotonic() + seconds
        while time.monotonic() < deadline:
            await client.run("BEGIN")
            await client.run("SELECT pg_sleep(0.15)")
            await client.run("COMMIT")
            count += 1
        return count

    asyncio.run(play())


@in_transaction_pooling
def test_the_reserve_is_for_those_that_have_waited(open_port, mode):
    port = open_port(mode, size=1, reserve_size=1, reserve_after="400ms")

    async def play():
        waiting, third, holder = await crowd.connect(port), await crowd.connect(port), await begun(port)
        before = time.monotonic()
        await waiting.run("BEGIN")
        assert 0.3 < seconds_since(before) < 2
        assert await pid_of(waiting) != await pid_of(holder)
        # And no more than that.
        asked = asyncio.create_task(third.run("SELECT 3"))
        await asyncio.sleep(1)
        assert not asked.done()
        await holder.run("COMMIT")
        assert await asked == [[b"3"]]
        await waiting.run("COMMIT")

    asyncio.run(play())


@in_transaction_pooling
def test_server_connections_end_after_their_lifetime(open_port, mode):
    port = open_port(mode, size=2, server_lifetime="1s")

    async def play():
        client = await crowd.connect(port)
        pids, deadline = set(), time.monotonic() + 4
        while time.monotonic() < deadline:
            pids.add(await pid_of(client))
            await asyncio.sleep(0.05)
        assert 3 <= len(pids) <= 5, pids
        # A transaction is not interrupted by it.
        await client.run("BEGIN")
        first = await pid_of(client)
        await asyncio.sleep(1.5)
        assert await pid_of(client) == first
        await client.run("COMMIT")
        assert await pid_of(client) != first

    asyncio.run(play())


@in_transaction_pooling
@pytest.mark.parametrize("minimum", [0, 1])
def test_idle_server_connections_end_but_for_the_minimum(open_port, upstream, mode, minimum):
    port = open_port(mode, size=4, minimum=minimum, server_idle_timeout="1s")

    async def play():
        clients = [await begun(port, application_name="idles") for _ in range(3)]
        pids = [await pid_of(client) for client in clients]
        for client in clients:
            await client.run("COMMIT")
        await asyncio.sleep(3.5)
        there = upstream.run(f"SELECT count(*) FROM pg_stat_activity WHERE pid IN ({', '.join(map(str, pids))})")
        assert there == [(minimum,)]
        for client in clients:
            assert await client.run("SELECT 'again'") == [[b"again"]]

    asyncio.run(play())


@in_transaction_pooling
def test_a_pinned_connection_counts_and_waiters_get_it_when_the_pin_goes(open_port, mode):
    port = open_port(mode, size=1, query_wait_timeout="20s")

    async def play():
        pinned, waiting = await crowd.connect(port), await crowd.connect(port)
        await pinned.run("PREPARE p AS SELECT 1")
        asked = asyncio.create_task(waiting.run("SELECT 'at last'"))
        await asyncio.sleep(0.5)
        assert not asked.done()
        await pinned.run("DEALLOCATE p")
        assert await asked == [[b"at last"]]
        assert await pid_of(pinned) == await pid_of(waiting)

    asyncio.run(play())
