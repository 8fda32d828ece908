"""Many raw clients in one process: a connection of the protocol by asyncio, and what a crowd of them needs.

It is pgwire's client without its patience: nothing blocks, so that hundreds of clients have their statements under way
at the same time. Frames are kept as they came, (type, body); they are taken apart only when somebody looks.
"""

import asyncio
import collections
import struct

import pgwire

READY = ord("Z")
# In the place of a frame: the connection has ended.
CLOSED = (0, b"")


class Client(asyncio.Protocol):
    """One connection. A read that takes longer than `patience` seconds is pgwire.TimedOut."""

    def __init__(self, patience=30.0):
        self.patience = patience
        self.parameters = {}
        self.key = None
        self._transport = None
        self._frames = collections.deque()
        self._held = bytearray()
        self._waiter = None
        self._is_closed = False

    # asyncio's side

    def connection_made(self, transport):
        self._transport = transport

    def data_received(self, data):
        held = self._held
        held += data
        start, end = 0, len(held)
        while end - start >= 5:
            (length,) = struct.unpack_from("!I", held, start + 1)
            if length < 4:
                raise AssertionError(f"the server sent a length of {length}")
            if end - start <= length:
                break
            self._frames.append((held[start], bytes(held[start + 5 : start + 1 + length])))
            start += 1 + length
        del held[:start]
        self._wake()

    def connection_lost(self, _):
        self._is_closed = True
        self._wake()

    def _wake(self):
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    # The client's side

    def send(self, *chunks):
        """A connection that is already closed takes it without a word, as a socket may; the next read tells."""
        if not self._is_closed:
            self._transport.write(b"".join(chunks))

    def close(self):
        if self._transport:
            self._transport.abort()

    async def frame(self, patience=None):
        """The next frame."""
        while not self._frames:
            if self._is_closed:
                raise pgwire.Closed("the server closed the connection")
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(patience or self.patience):
                    await self._waiter
            except TimeoutError:
                raise pgwire.TimedOut(f"no message within {patience or self.patience} s") from None
        return self._frames.popleft()

    async def message(self, patience=None):
        """The next frame, taken apart."""
        kind, body = await self.frame(patience)
        return pgwire.decode(bytes([kind]), body)

    async def until_ready(self, count=1):
        """All frames up to and with so many ReadyForQuery; up to the end of the connection where that comes first."""
        frames = []
        while count:
            try:
                frames.append(await self.frame())
            except pgwire.Closed:
                frames.append(CLOSED)
                break
            count -= frames[-1][0] == READY
        return frames

    async def login(self, user, password, database, **parameters):
        self.send(pgwire.startup({"user": user, "database": database, **parameters}))
        scram = None
        while True:
            answer = await self.message()
            if answer.name == "ErrorResponse":
                raise pgwire.ServerError(answer.value)
            if answer.name == "ParameterStatus":
                self.parameters[answer.value[0]] = answer.value[1]
            elif answer.name == "BackendKeyData":
                self.key = answer.value
            elif answer.name == "ReadyForQuery":
                return
            elif answer.name == "Authentication" and answer.value == 10:
                scram = pgwire.Scram(password)
                self.send(scram.first_message())
            elif answer.name == "Authentication" and answer.value == 11:
                self.send(scram.final_message(answer.body[4:]))
            elif answer.name == "Authentication" and answer.value == 12:
                scram.verify(answer.body[4:])
            elif answer.name != "NoticeResponse" and (answer.name, answer.value) != ("Authentication", 0):
                raise AssertionError(f"not expected in a login: {answer}")

    async def ask(self, *chunks, answers=1):
        """Sends, and what came back up to so many ReadyForQuery, taken apart."""
        self.send(*chunks)
        frames = await self.until_ready(answers)
        messages = [pgwire.decode(bytes([kind]), body) for kind, body in frames if (kind, body) != CLOSED]
        if frames[-1] == CLOSED and not any(is_fatal(message) for message in messages):
            raise pgwire.Closed("the server closed the connection")
        return messages

    async def run(self, text):
        """A simple query; its rows as lists of bytes. Raises ServerError, with the connection ready again."""
        return rows(await self.ask(pgwire.query(text)))

    async def execute(self, name, text=None, values=()):
        """A statement of the extended protocol, parsed first where there is a text; its rows."""
        parse = pgwire.parse(name, text) if text is not None else b""
        return rows(await self.ask(parse, pgwire.bind("", name, values), pgwire.execute(), pgwire.sync()))

    async def one(self, text):
        """The one value that a query gives, as text."""
        ((value,),) = await self.run(text)
        return None if value is None else value.decode()


def is_fatal(message):
    return message.name == "ErrorResponse" and message.value["S"] == "FATAL"


def rows(messages):
    """The rows among a statement's answers; its error is raised."""
    for message in messages:
        if message.name == "ErrorResponse":
            raise pgwire.ServerError(message.value)
    return [message.value for message in messages if message.name == "DataRow"]


async def connect(port, user="pg", password="ml", database="pgml", patience=30.0, **parameters):
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: Client(patience), "127.0.0.1", port)
    try:
        await client.login(user, password, database, **parameters)
    except BaseException:
        client.close()
        raise
    return client


async def cancel(port, key):
    """Sends a CancelRequest and waits until the server has closed its connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(pgwire.cancel_request(*key))
    try:
        async with asyncio.timeout(10):
            assert await reader.read() == b"", "a cancel is not answered"
    except ConnectionError:
        pass  # Closed with a reset is closed.
    finally:
        writer.close()


async def together(coroutines):
    """Runs all of them to their end; the first that fails ends the others and is raised."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(coroutine) for coroutine in coroutines]
    return [task.result() for task in tasks]
