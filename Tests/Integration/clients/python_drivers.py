"""Python's drivers, as `psycopg` (in threads), `psycopg-async` and `asyncpg`: the work is the same, written down once.

The drivers come from where scripts/install.sh puts them, by PYTHONPATH.
"""

import asyncio
import functools
import json
import math
import os
import re
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import psycopg

ZONES = ["Europe/Paris", "Asia/Tokyo", "UTC"]
INSERT = "INSERT INTO app.kept VALUES (%s)"
FORBIDDEN = "SELECT pg_read_file('/etc/passwd')"


class PsycopgAsync:
    """It prepares a statement by itself at the sixth execution, and sends batches in its pipeline mode."""

    fault = psycopg.Error

    async def connect(self, application):
        self.connection = await psycopg.AsyncConnection.connect(autocommit=True, application_name=application)

    async def close(self):
        await self.connection.close()

    async def run(self, text, *values, prepare=None):
        cursor = await self.connection.execute(re.sub(r"\$\d", "%s", text), values or None, prepare=prepare)
        return cursor.rowcount

    async def rows(self, text, *values, prepare=None):
        cursor = await self.connection.execute(re.sub(r"\$\d", "%s", text), values or None, prepare=prepare)
        return await cursor.fetchall()

    async def prepare(self, text):
        async def execute(*values):
            (row,) = await self.rows(text, *values)
            return row

        return execute

    async def begin(self):
        await self.connection.set_autocommit(False)

    async def commit(self):
        await self.connection.commit()
        await self.connection.set_autocommit(True)

    async def rollback(self):
        await self.connection.rollback()
        await self.connection.set_autocommit(True)

    async def batch(self, text, batch):
        async with self.connection.pipeline():
            cursors = [await self.connection.execute(re.sub(r"\$\d", "%s", text), values, prepare=False) for values in batch]
        return sum(cursor.rowcount for cursor in cursors)

    async def fetch(self, text):
        async with self.connection.cursor("numbers") as cursor:
            await cursor.execute(text)
            found = []
            while rows := await cursor.fetchmany(30):
                found += rows
            return [row[0] for row in found]

    async def copy(self, rows, query):
        async with self.connection.cursor() as cursor:
            async with cursor.copy("COPY app.kept (id, body) FROM STDIN (FORMAT binary)") as copy:
                copy.set_types(["int4", "text"])
                for row in rows:
                    await copy.write_row(row)
            copied = cursor.rowcount
            async with cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
                return copied, [int(row[0]) async for row in copy.rows()]

    async def cancelled(self, text, after):
        running = asyncio.create_task(self.run(text))
        await asyncio.sleep(after)
        await self.connection.cancel_safe()
        return await failure(running)

    def state(self, error):
        return error.sqlstate

    def message(self, error):
        return error.diag.message_primary

    async def extra(self, number):
        first = number * 1000 + 400
        failed = await failure(self.pipeline(first))
        kept = await self.rows("SELECT id FROM app.kept WHERE id BETWEEN %s AND %s", first, first + 99)
        return {"failed": failed, "kept": kept}

    async def pipeline(self, first):
        """What is before its point of synchronization stays; the error takes what is after it along."""
        async with self.connection.pipeline() as pipeline:
            await self.connection.execute(INSERT, (first,), prepare=True)
            await pipeline.sync()
            await self.connection.execute(INSERT, (first + 1,), prepare=True)
            await self.connection.execute("SELECT 1/0")
            await self.connection.execute(INSERT, (first + 2,), prepare=True)


class Psycopg(PsycopgAsync):
    """psycopg's own synchronous connections: each call in a thread."""

    async def connect(self, application):
        self.connection = await thread(psycopg.connect, "", autocommit=True, application_name=application)

    async def close(self):
        await thread(self.connection.close)

    async def run(self, text, *values, prepare=None):
        cursor = await thread(self.connection.execute, re.sub(r"\$\d", "%s", text), values or None, prepare=prepare)
        return cursor.rowcount

    async def rows(self, text, *values, prepare=None):
        cursor = await thread(self.connection.execute, re.sub(r"\$\d", "%s", text), values or None, prepare=prepare)
        return cursor.fetchall()

    async def begin(self):
        self.connection.autocommit = False

    async def commit(self):
        await thread(self.connection.commit)
        self.connection.autocommit = True

    async def rollback(self):
        await thread(self.connection.rollback)
        self.connection.autocommit = True

    async def batch(self, text, batch):
        def execute():
            with self.connection.cursor() as cursor:
                cursor.executemany(re.sub(r"\$\d", "%s", text), batch)
                return cursor.rowcount

        return await thread(execute)

    async def fetch(self, text):
        def read():
            with self.connection.cursor("numbers") as cursor:
                cursor.itersize = 30
                cursor.execute(text)
                return [row[0] for row in cursor]

        return await thread(read)

    async def copy(self, rows, query):
        def copy_both_ways():
            with self.connection.cursor() as cursor:
                with cursor.copy("COPY app.kept (id, body) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
                copied = cursor.rowcount
                with cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
                    return copied, [int(row[0]) for row in copy.rows()]

        return await thread(copy_both_ways)

    async def cancelled(self, text, after):
        running = asyncio.create_task(self.run(text))
        await asyncio.sleep(after)
        await thread(self.connection.cancel)
        return await failure(running)

    async def pipeline(self, first):
        def in_a_thread():
            with self.connection.pipeline() as pipeline:
                self.connection.execute(INSERT, (first,), prepare=True)
                pipeline.sync()
                self.connection.execute(INSERT, (first + 1,), prepare=True)
                self.connection.execute("SELECT 1/0")
                self.connection.execute(INSERT, (first + 2,), prepare=True)

        await thread(in_a_thread)


class Asyncpg:
    """It prepares everything by itself and keeps it, sends executemany as one pipeline, and copies in binary."""

    fault = asyncpg.PostgresError

    async def connect(self, application):
        self.connection = await asyncpg.connect(server_settings={"application_name": application})

    async def close(self):
        await self.connection.close()

    async def run(self, text, *values):
        tag = await self.connection.execute(text, *values)
        return int(tag.split()[-1]) if tag.split()[-1].isdigit() else 0

    async def rows(self, text, *values):
        return [tuple(row) for row in await self.connection.fetch(text, *values)]

    async def prepare(self, text):
        statement = await self.connection.prepare(text)

        async def execute(*values):
            return tuple(await statement.fetchrow(*values))

        return execute

    async def begin(self):
        self.transaction = self.connection.transaction()
        await self.transaction.start()

    async def commit(self):
        await self.transaction.commit()

    async def rollback(self):
        await self.transaction.rollback()

    async def batch(self, text, batch):
        await self.connection.executemany(text, batch)
        return len(batch)

    async def fetch(self, text):
        async with self.connection.transaction():
            return [row[0] async for row in self.connection.cursor(text, prefetch=30)]

    async def copy(self, rows, query):
        tag = await self.connection.copy_records_to_table("kept", schema_name="app", columns=["id", "body"], records=rows)
        read = bytearray()

        async def keep(data):
            read.extend(data)

        await self.connection.copy_from_query(query, output=keep)
        return int(tag.split()[-1]), [int(line) for line in read.split()]

    async def cancelled(self, text, after):
        """A timeout is a cancel request; asyncpg raises it as one when the statement has ended."""
        try:
            await self.connection.execute(text, timeout=after)
        except TimeoutError:
            return "timeout"
        return None

    def state(self, error):
        return error.sqlstate

    def message(self, error):
        return error.message

    async def extra(self, number):
        """What it asks and does of its own: a codec for a type, the columns of a row, and what its pool does with a
        connection that is given back."""
        await self.connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
        decoded = await self.connection.fetchval("SELECT $1::jsonb", {"client": number})
        kept = await self.connection.fetchval("SELECT k FROM app.kept AS k WHERE id = $1", number * 1000 + 2)
        await self.connection.reset()
        return {
            "decoded": decoded,
            "row": [kept["id"], kept["body"]],
            "reset": await self.connection.fetchval("SHOW TimeZone"),
            "still": await self.connection.fetchval("SHOW application_name"),
        }


async def thread(function, *arguments, **options):
    return await asyncio.get_running_loop().run_in_executor(None, functools.partial(function, *arguments, **options))


FAULTS = (psycopg.Error, asyncpg.PostgresError)


async def failure(awaitable):
    """The SQLSTATE of what fails, None of what works."""
    try:
        await awaitable
    except FAULTS as error:
        return error.sqlstate
    return None


class Worker:
    def __init__(self, driver, number):
        self.driver = driver
        self.number = number
        self.base = number * 1000
        self.found = {}
        self.said = []
        self.pids = []

    async def run(self, text, *values):
        return await self.driver.run(text, *values)

    async def one(self, text, *values):
        ((value,),) = await self.driver.rows(text, *values)
        return value

    async def insert(self, offset):
        await self.run(f"INSERT INTO app.kept VALUES ({self.base + offset})")

    async def count(self, offset):
        return await self.one(f"SELECT count(*) FROM app.kept WHERE id = {self.base + offset}")

    async def simple(self):
        self.found["application"] = await self.one("SHOW application_name")
        (row,) = await self.driver.rows(f"SELECT {self.number}, 'it''s ü – {self.number}'")
        self.found["simple"] = list(row)

    async def prepared(self):
        mine = await self.driver.prepare(f"SELECT $1::int + {self.number * 100}, $2::text, pg_backend_pid()")
        everybodys = await self.driver.prepare("SELECT $1::int * 2")
        own, shared = [], []
        for turn in range(10):
            total, text, pid = await mine(turn, f"round {turn}")
            own.append([total, text])
            self.pids.append(pid)
            shared += await everybodys(turn)
        self.found |= {"prepared": own, "shared": shared}

    async def transactions(self):
        driver, found = self.driver, self.found
        await driver.begin()
        await self.insert(1)
        await driver.rollback()
        await driver.begin()
        await self.insert(2)
        await driver.commit()
        found |= {"rolled_back": await self.count(1), "committed": await self.count(2)}
        await driver.begin()
        await self.insert(3)
        found["failed"] = [await failure(self.run(text)) for text in ("SELECT 1/0", "SELECT 1")]
        await driver.rollback()
        found["after_failure"] = await self.one(f"SELECT {self.number}")
        await driver.begin()
        await self.insert(4)
        await self.run("SAVEPOINT s")
        await self.insert(5)
        found["savepoint"] = await failure(self.run("SELECT 1/0"))
        await self.run("ROLLBACK TO SAVEPOINT s")
        await self.insert(6)
        await driver.commit()

    async def settings(self):
        timeout = "SHOW statement_timeout"
        await self.run(f"SET statement_timeout = {60000 + self.number}")
        await self.run(f"SET TimeZone = '{ZONES[self.number % 3]}'")
        self.found["settings"] = [[await self.one(timeout), await self.one("SHOW TimeZone")] for _ in range(3)]
        await self.driver.begin()
        await self.run("SET LOCAL statement_timeout = 5000")
        within = await self.one(timeout)
        await self.driver.commit()
        self.found["local"] = [within, await self.one(timeout)]
        await self.driver.begin()
        await self.run("SET statement_timeout = 7000")
        within = await self.one(timeout)
        await self.driver.rollback()
        self.found["undone"] = [within, await self.one(timeout)]
        if self.number % 2:
            await self.run("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self.found["isolation"] = [await self.one("SHOW transaction_isolation") for _ in range(3)]

    async def fetch(self):
        await self.driver.begin()
        numbers = await self.driver.fetch(f"SELECT i + {self.base} FROM generate_series(1, 100) AS t(i)")
        await self.driver.commit()
        self.found["fetched"] = [len(numbers), sum(numbers)]

    async def batches(self):
        await self.driver.begin()
        rows = [(self.base + 100 + row, "batch") for row in range(10)]
        self.found["batch"] = await self.driver.batch("INSERT INTO app.kept VALUES ($1, $2)", rows)
        await self.driver.commit()
        await self.driver.begin()
        divide = self.driver.batch("INSERT INTO app.kept VALUES (100 / $1::int)", [(1,), (0,), (2,)])
        self.found["failed_batch"] = await failure(divide)
        await self.driver.rollback()

    async def copy(self):
        rows = [(self.base + 300 + row, "copied") for row in range(50)]
        query = f"SELECT id FROM app.kept WHERE id BETWEEN {self.base + 300} AND {self.base + 399}"
        copied, read = await self.driver.copy(rows, query)
        self.found["copied"] = [copied, sum(read)]

    async def cancel(self):
        self.found["cancelled"] = None
        if self.number == 1:
            self.found["cancelled"] = await self.driver.cancelled("SELECT pg_sleep(30)", 0.5)
            return
        for _ in range(4):
            await self.run("SELECT pg_sleep(0.01)")

    async def denial(self, awaitable):
        try:
            await awaitable
        except FAULTS as error:
            if error.sqlstate == "42501":
                self.said.append(self.driver.message(error))
            return error.sqlstate
        return None

    async def denied(self):
        states = [await self.denial(self.run(FORBIDDEN))]
        states.append(await self.denial(self.driver.rows("SELECT pg_read_file($1)", "/etc/passwd")))
        await self.driver.begin()
        await self.insert(7)
        states += [await self.denial(self.run(FORBIDDEN)), await self.denial(self.run("SELECT 1"))]
        await self.driver.rollback()
        self.found |= {"denied": states, "after_denied": await self.one(f"SELECT {self.number}")}

    async def embed(self, model):
        vector = await self.one("SELECT pgml.embed($1, $2)", model, "That is a happy person")
        length = math.sqrt(sum(number * number for number in vector))
        self.found["embedding"] = [len(vector), *(round(number, 3) for number in (length, *vector[:3]))]

    async def leave(self):
        query = "SELECT id FROM app.kept WHERE id >= $1 AND id < $2 ORDER BY id"
        self.found["kept"] = [row[0] for row in await self.driver.rows(query, self.base, self.base + 1000)]
        self.found["extra"] = await self.driver.extra(self.number)
        self.pids.append(await self.one("SELECT pg_backend_pid()"))

    async def work(self, model):
        await self.simple()
        await self.prepared()
        await self.transactions()
        await self.settings()
        await self.fetch()
        await self.batches()
        await self.copy()
        await self.cancel()
        await self.denied()
        await self.embed(model)
        await self.leave()
        await self.driver.close()


async def main(name, connections, model):
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2 * connections))
    driver = {"psycopg": Psycopg, "psycopg-async": PsycopgAsync, "asyncpg": Asyncpg}[name]
    workers = [Worker(driver(), number) for number in range(1, connections + 1)]
    await asyncio.gather(*(worker.driver.connect(f"client {worker.number}") for worker in workers))
    await asyncio.gather(*(worker.work(model) for worker in workers))
    everything = {key: [getattr(worker, key) for worker in workers] for key in ("found", "said", "pids")}
    print(json.dumps({"connections": everything.pop("found"), **everything}))


async def run():
    try:
        await main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    except BaseException:
        # At once: threads that still wait for a server would be waited for.
        traceback.print_exc()
        os._exit(1)


if __name__ == "__main__":
    asyncio.run(run())
