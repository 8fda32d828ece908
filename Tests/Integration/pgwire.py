"""A raw client of PostgreSQL's frontend/backend protocol, version 3.

It sends exactly the bytes a test asks for, well-formed or not, and shows what comes back as small readable values. It
knows no driver's habits: nothing is sent, answered or read unless a test says so. Every read has a time limit.
"""

import base64
import functools
import hashlib
import hmac
import os
import socket
import struct
import time
from dataclasses import dataclass, field

PROTOCOL_3_0 = 196608
SSL_REQUEST = 80877103
GSSENC_REQUEST = 80877104
CANCEL_REQUEST = 80877102

BACKEND_NAMES = {
    b"1": "ParseComplete",
    b"2": "BindComplete",
    b"3": "CloseComplete",
    b"A": "NotificationResponse",
    b"C": "CommandComplete",
    b"D": "DataRow",
    b"E": "ErrorResponse",
    b"G": "CopyInResponse",
    b"H": "CopyOutResponse",
    b"I": "EmptyQueryResponse",
    b"K": "BackendKeyData",
    b"N": "NoticeResponse",
    b"R": "Authentication",
    b"S": "ParameterStatus",
    b"T": "RowDescription",
    b"V": "FunctionCallResponse",
    b"W": "CopyBothResponse",
    b"Z": "ReadyForQuery",
    b"c": "CopyDone",
    b"d": "CopyData",
    b"n": "NoData",
    b"s": "PortalSuspended",
    b"t": "ParameterDescription",
    b"v": "NegotiateProtocolVersion",
}


class Closed(Exception):
    """The server closed the connection where a message was expected."""


class TimedOut(Exception):
    """No message came within the time limit."""


class ServerError(Exception):
    """An ErrorResponse where a test did not want one. `fields` are its fields by letter."""

    def __init__(self, fields):
        super().__init__(f"{fields.get('S')} {fields.get('C')}: {fields.get('M')}")
        self.fields = fields


@dataclass
class Message:
    """One backend message: its name, what it carries, and the bytes it came as."""

    name: str
    value: object
    body: bytes = field(repr=False)


def cstring(text):
    return (text if isinstance(text, bytes) else text.encode()) + b"\0"


def message(kind, payload=b""):
    """A frontend message with a truthful length."""
    return kind + struct.pack("!I", len(payload) + 4) + payload


# The frontend messages, each as the bytes of one message.


def startup(parameters, version=PROTOCOL_3_0):
    payload = struct.pack("!I", version)
    for name, value in parameters.items():
        payload += cstring(name) + cstring(value)
    payload += b"\0"
    return struct.pack("!I", len(payload) + 4) + payload


def request(code, payload=b""):
    """SSLRequest, GSSENCRequest, CancelRequest: a startup packet whose version is a request code."""
    return struct.pack("!II", len(payload) + 8, code) + payload


def cancel_request(process_id, secret):
    return request(CANCEL_REQUEST, struct.pack("!II", process_id, secret))


def query(text):
    return message(b"Q", cstring(text))


def parse(name, text, types=()):
    body = cstring(name) + cstring(text) + struct.pack("!H", len(types))
    return message(b"P", body + b"".join(struct.pack("!I", oid) for oid in types))


def bind(portal, statement, values=(), formats=(), result_formats=()):
    """Values are bytes, str (text format) or None; formats are 0 (text) or 1 (binary), none, one for all, or one each."""
    parts = [cstring(portal), cstring(statement)]
    parts.append(struct.pack(f"!H{len(formats)}H", len(formats), *formats))
    parts.append(struct.pack("!H", len(values)))
    for value in values:
        if value is None:
            parts.append(struct.pack("!i", -1))
            continue
        data = value.encode() if isinstance(value, str) else value
        parts.append(struct.pack("!i", len(data)))
        parts.append(data)
    parts.append(struct.pack(f"!H{len(result_formats)}H", len(result_formats), *result_formats))
    return message(b"B", b"".join(parts))


def describe(kind, name=""):
    return message(b"D", kind.encode() + cstring(name))


def close(kind, name=""):
    return message(b"C", kind.encode() + cstring(name))


def execute(portal="", maximum_rows=0):
    return message(b"E", cstring(portal) + struct.pack("!I", maximum_rows))


def function_call(oid, values=(), formats=(), result_format=0):
    body = struct.pack(f"!IH{len(formats)}HH", oid, len(formats), *formats, len(values))
    for value in values:
        body += struct.pack("!i", len(value)) + value
    return message(b"F", body + struct.pack("!H", result_format))


def sync():
    return message(b"S")


def flush():
    return message(b"H")


def copy_data(data):
    return message(b"d", data if isinstance(data, bytes) else data.encode())


def copy_done():
    return message(b"c")


def copy_fail(reason):
    return message(b"f", cstring(reason))


def terminate():
    return message(b"X")


def _cstrings(body):
    return [part.decode("utf-8", "replace") for part in body.split(b"\0")]


def _fields(body):
    """The fields of an ErrorResponse or NoticeResponse by their letter."""
    found = {}
    for part in body.split(b"\0"):
        if part:
            found[chr(part[0])] = part[1:].decode("utf-8", "replace")
    return found


def _row(body):
    (count,) = struct.unpack_from("!H", body)
    offset, values = 2, []
    for _ in range(count):
        (length,) = struct.unpack_from("!i", body, offset)
        offset += 4
        if length < 0:
            values.append(None)
        else:
            values.append(bytes(body[offset : offset + length]))
            offset += length
    return values


def _columns(body):
    (count,) = struct.unpack_from("!H", body)
    offset, names = 2, []
    for _ in range(count):
        end = body.index(b"\0", offset)
        names.append(body[offset:end].decode("utf-8", "replace"))
        offset = end + 1 + 18
    return names


def decode(kind, body):
    """A backend message with its value taken apart as far as tests look into it."""
    name = BACKEND_NAMES.get(kind)
    if name is None:
        raise AssertionError(f"the server sent a message of unknown type {kind!r}")
    value = None
    if name in ("ErrorResponse", "NoticeResponse"):
        value = _fields(body)
    elif name == "ReadyForQuery":
        value = body.decode("ascii")
    elif name == "CommandComplete":
        value = _cstrings(body)[0]
    elif name == "DataRow":
        value = _row(body)
    elif name == "RowDescription":
        value = _columns(body)
    elif name == "ParameterStatus":
        value = tuple(_cstrings(body)[:2])
    elif name == "BackendKeyData":
        value = struct.unpack("!II", body)
    elif name == "ParameterDescription":
        (count,) = struct.unpack_from("!H", body)
        value = list(struct.unpack_from(f"!{count}I", body, 2))
    elif name == "Authentication":
        (value,) = struct.unpack_from("!I", body)
    elif name == "CopyData":
        value = bytes(body)
    elif name == "NegotiateProtocolVersion":
        minor, count = struct.unpack_from("!II", body)
        value = (minor, _cstrings(body[8:])[:count])
    return Message(name, value, body)


class Connection:
    """A TCP connection to a PostgreSQL server or something that claims to be one."""

    def __init__(self, port, host="127.0.0.1", timeout=20.0, receive_buffer=None):
        self.timeout = timeout
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.parameters = {}
        self.key = None
        self._received = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, *chunks):
        """Sends bytes as they are, in one write."""
        self.socket.settimeout(self.timeout)
        self.socket.sendall(b"".join(chunks))

    def read_bytes(self, count, deadline=None):
        deadline = deadline or time.monotonic() + self.timeout
        while len(self._received) < count:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimedOut(f"no message within {self.timeout} s; held so far: {bytes(self._received[:80])!r}")
            self.socket.settimeout(remaining)
            try:
                chunk = self.socket.recv(65536)
            except (TimeoutError, socket.timeout):
                continue
            except ConnectionError as error:
                raise Closed(str(error)) from error
            if not chunk:
                raise Closed("the server closed the connection")
            self._received += chunk
        data = bytes(self._received[:count])
        del self._received[:count]
        return data

    def read(self):
        """The next backend message."""
        deadline = time.monotonic() + self.timeout
        header = self.read_bytes(5, deadline)
        (length,) = struct.unpack("!I", header[1:])
        if length < 4:
            raise AssertionError(f"the server sent a length of {length}")
        return decode(header[:1], self.read_bytes(length - 4, deadline))

    def read_until(self, name):
        """All messages up to and with the first of this name."""
        messages = []
        while True:
            messages.append(self.read())
            if messages[-1].name == name:
                return messages

    def is_closed(self, within):
        """Whether the server closes the connection within so many seconds; what it still sends is read and dropped."""
        deadline = time.monotonic() + within
        while True:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            self.socket.settimeout(remaining)
            try:
                if not self.socket.recv(65536):
                    return True
            except (TimeoutError, socket.timeout):
                return False
            except ConnectionError:
                return True

    def login(self, user, password, database, **parameters):
        """Startup and authentication, up to the first ReadyForQuery. Returns the AuthenticationRequest codes seen."""
        self.send(startup({"user": user, "database": database, **parameters}))
        return self.authenticate(user, password)

    def authenticate(self, user, password, and_send=b""):
        """The rest of a login. `and_send` goes out together with the proof of the password, before it is accepted."""
        asked = []
        scram = None
        while True:
            answer = self.read()
            if answer.name == "ErrorResponse":
                raise ServerError(answer.value)
            if answer.name == "ParameterStatus":
                self.parameters[answer.value[0]] = answer.value[1]
            elif answer.name == "BackendKeyData":
                self.key = answer.value
            elif answer.name == "ReadyForQuery":
                return asked
            elif answer.name == "Authentication":
                asked.append(answer.value)
                if answer.value == 3:
                    self.send(message(b"p", cstring(password)))
                elif answer.value == 5:
                    self.send(message(b"p", cstring(md5_response(user, password, answer.body[4:8]))))
                elif answer.value == 10:
                    scram = Scram(password)
                    self.send(scram.first_message())
                elif answer.value == 11:
                    self.send(scram.final_message(answer.body[4:]) + and_send)
                elif answer.value == 12:
                    scram.verify(answer.body[4:])
                elif answer.value != 0:
                    raise AssertionError(f"authentication request {answer.value} is not known here")

    def run(self, text):
        """A simple query; its rows as lists of bytes. Raises ServerError, with the connection ready again."""
        self.send(query(text))
        return self.rows()

    def rows(self):
        rows, failed = [], None
        while True:
            answer = self.read()
            if answer.name == "DataRow":
                rows.append(answer.value)
            elif answer.name == "ErrorResponse":
                failed = answer.value
                if failed.get("S") == "FATAL":
                    raise ServerError(failed)
            elif answer.name == "ReadyForQuery":
                if failed:
                    raise ServerError(failed)
                return rows


def md5_response(user, password, salt):
    inner = hashlib.md5(password.encode() + user.encode()).hexdigest()
    return "md5" + hashlib.md5(inner.encode() + salt).hexdigest()


@functools.lru_cache(maxsize=64)
def salted_password(password, salt, iterations):
    """Some milliseconds of work that is the same for every login of a user."""
    return hashlib.pbkdf2_hmac("sha256", password, base64.b64decode(salt), iterations)


class Scram:
    """The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding."""

    def __init__(self, password):
        self.password = password.encode()
        self.nonce = base64.b64encode(os.urandom(18)).decode()
        self.first_bare = f"n=,r={self.nonce}"

    def first_message(self):
        initial = f"n,,{self.first_bare}".encode()
        return message(b"p", cstring("SCRAM-SHA-256") + struct.pack("!I", len(initial)) + initial)

    def final_message(self, server_first):
        text = server_first.decode()
        attributes = dict(part.split("=", 1) for part in text.split(","))
        assert attributes["r"].startswith(self.nonce), "the server's nonce must continue the client's"
        salted = salted_password(self.password, attributes["s"], int(attributes["i"]))
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        stored_key = hashlib.sha256(client_key).digest()
        without_proof = f"c=biws,r={attributes['r']}"
        signed = ",".join([self.first_bare, text, without_proof]).encode()
        signature = hmac.digest(stored_key, signed, "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        self.server_signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
        return message(b"p", f"{without_proof},p={base64.b64encode(proof).decode()}".encode())

    def verify(self, server_final):
        given = base64.b64decode(server_final.decode().removeprefix("v="))
        assert hmac.compare_digest(given, self.server_signature), "the server does not know the password"
