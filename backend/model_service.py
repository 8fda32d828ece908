#!/usr/bin/python3
"""The model service of the embedded backend: all-MiniLM-L6-v2 behind a Unix socket.

It is one process, so that the weights are in memory once and a new PostgreSQL connection pays nothing for them, and
one thread, which alternates between looking at its sockets and running one small batch. A client that hangs up takes
its work with it: this is how a cancelled statement stops costing CPU.

Protocol, one exchange per connection. Request: 4 bytes of length (big endian), then JSON
{"kind": "sentence" | "tokens", "texts": […]}. Answer: 4 bytes of length, JSON {"shapes": [[rows, columns], …]}, and
then all arrays of float32 (native byte order) one after the other. "sentence" gives one normalised vector a text,
"tokens" the last hidden state, one row a token.
"""

import argparse
import collections
import ctypes
import hashlib
import json
import math
import mmap
import os
import pwd
import selectors
import signal
import socket
import struct
import sys

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when numpy is imported: more threads only fight PostgreSQL for cores

import numpy
from tokenizers import Tokenizer

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS, HEADS, HIDDEN, MAXIMUM_TOKENS = 6, 12, 384, 256
LAYER_NORM_EPSILON = 1e-12

# One batch keeps everybody else waiting: at most this many texts and (beyond the first text) this many tokens,
# which is a fifth of a second of one core.
BATCH_TEXTS, BATCH_TOKENS = 32, 512
MAXIMUM_REQUEST_BYTES = 64 * 1024 * 1024


class Model:
    """The forward pass of a BERT encoder. The texts of a batch are laid end to end, so that none needs padding."""

    def __init__(self, directory):
        self.weights = read_safetensors(os.path.join(directory, "model.safetensors"))
        self.tokenizer = Tokenizer.from_file(os.path.join(directory, "tokenizer.json"))
        self.tokenizer.enable_truncation(MAXIMUM_TOKENS)
        self.tokenizer.no_padding()

    def token_ids(self, text):
        return self.tokenizer.encode(text).ids

    def sentence_vectors(self, batch):
        """Mean over the tokens, scaled to length 1: what SentenceTransformer.encode gives for this model."""
        means = [states.mean(axis=0, keepdims=True) for states in self.token_states(batch)]
        return [mean / max(float(numpy.linalg.norm(mean)), 1e-12) for mean in means]

    def token_states(self, batch):
        """The last hidden state of each text of a batch of token id lists, one row a token."""
        ids = numpy.concatenate([numpy.asarray(ids) for ids in batch])
        positions = numpy.concatenate([numpy.arange(len(ids)) for ids in batch])
        starts = numpy.cumsum([0] + [len(ids) for ids in batch])
        x = self.weights["embeddings.word_embeddings.weight"][ids]
        x += self.weights["embeddings.position_embeddings.weight"][positions]
        x += self.weights["embeddings.token_type_embeddings.weight"][0]
        x = self.normalised(x, "embeddings.LayerNorm")
        for number in range(LAYERS):
            layer = f"encoder.layer.{number}."
            context = self.attention(x, starts, layer + "attention.self.")
            x += self.linear(context, layer + "attention.output.dense")
            x = self.normalised(x, layer + "attention.output.LayerNorm")
            inner = gelu_in_place(self.linear(x, layer + "intermediate.dense"))
            x += self.linear(inner, layer + "output.dense")
            x = self.normalised(x, layer + "output.LayerNorm")
        return [x[start:end] for start, end in zip(starts[:-1], starts[1:])]

    def attention(self, x, starts, prefix):
        query, key, value = (self.linear(x, prefix + name) for name in ("query", "key", "value"))
        context = numpy.empty_like(x)
        for start, end in zip(starts[:-1], starts[1:]):
            q, k, v = (by_head(part[start:end]) for part in (query, key, value))
            scores = q @ k.transpose(0, 2, 1) / math.sqrt(HIDDEN // HEADS)
            scores = numpy.exp(scores - scores.max(axis=-1, keepdims=True))
            scores /= scores.sum(axis=-1, keepdims=True)
            context[start:end] = (scores @ v).transpose(1, 0, 2).reshape(end - start, HIDDEN)
        return context

    def linear(self, x, name):
        y = x @ self.weights[name + ".weight"].T
        y += self.weights[name + ".bias"]
        return y

    def normalised(self, x, name):
        x = x - x.mean(axis=-1, keepdims=True)
        x /= numpy.sqrt(numpy.square(x).mean(axis=-1, keepdims=True) + LAYER_NORM_EPSILON)
        x *= self.weights[name + ".weight"]
        x += self.weights[name + ".bias"]
        return x


def by_head(x):
    return x.reshape(len(x), HEADS, HIDDEN // HEADS).transpose(1, 0, 2)


# A rational approximation of erf on [-4, 4], where float32 cannot tell it from the real one; numpy has no erf.
ERF_NUMERATOR = (
    -2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06, -5.69250639462346e-05,
    -7.34990630326855e-04, -2.95459980854025e-03, -1.60960333262415e-02,
)
ERF_DENOMINATOR = (
    -1.45660718464996e-05, -2.13374055278905e-04, -1.68282697438203e-03, -7.37332916720468e-03, -1.42647390514189e-02,
)


def gelu_in_place(x, rows=32):
    """x · (1 + erf(x / √2)) / 2, a few rows at a time so that the intermediate arrays stay in the cache."""
    for start in range(0, len(x), rows):
        block = x[start : start + rows]
        z = numpy.clip(block * numpy.float32(1 / math.sqrt(2)), -4, 4)
        square = z * z
        z *= polynomial(ERF_NUMERATOR, square)
        z /= polynomial(ERF_DENOMINATOR, square)
        z += 1
        z *= 0.5
        block *= z
    return x


def polynomial(coefficients, x):
    y = numpy.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        y *= x
        y += numpy.float32(coefficient)
    return y


def read_safetensors(path):
    """Maps the file: 8 bytes of header length (little endian), a JSON header, the tensors."""
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if hashlib.sha256(data).hexdigest() != WEIGHTS_SHA256:
        raise SystemExit(f"{path} is not the file expected (sha256 {WEIGHTS_SHA256}): run scripts/install.sh again")
    (header_length,) = struct.unpack_from("<Q", data)
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + header_length]).items():
        if entry.get("dtype") == "F32":
            start, end = entry["data_offsets"]
            values = numpy.frombuffer(data, "<f4", (end - start) // 4, 8 + header_length + start)
            tensors[name] = values.reshape(entry["shape"])
    return tensors


class Client:
    """One connection: the request while it arrives, the texts still to do, the answer while it leaves."""

    def __init__(self, connection):
        self.connection = connection
        self.incoming = bytearray()
        self.outgoing = memoryview(b"")
        self.kind = None
        self.waiting = collections.deque()
        self.results = []

    def request_is_complete(self):
        if len(self.incoming) < 4:
            return False
        (length,) = struct.unpack_from(">I", self.incoming)
        if length > MAXIMUM_REQUEST_BYTES:
            raise ValueError("request too large")
        return len(self.incoming) >= 4 + length

    def take_request(self):
        request = json.loads(self.incoming[4:])
        if request["kind"] not in ("sentence", "tokens") or not all(isinstance(text, str) for text in request["texts"]):
            raise ValueError("request not understood")
        self.kind = request["kind"]
        self.waiting.extend(request["texts"])

    def prepare_answer(self):
        header = json.dumps({"shapes": [result.shape for result in self.results]}).encode()
        arrays = [numpy.ascontiguousarray(result, numpy.float32).tobytes() for result in self.results]
        self.outgoing = memoryview(b"".join([struct.pack(">I", len(header)), header, *arrays]))


class Service:
    def __init__(self, model, listener):
        self.model = model
        self.listener = listener
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, selectors.EVENT_READ)
        self.busy = collections.deque()  # clients with texts still to do, in the order of their turns

    def run(self):
        while True:
            # With work to do only a look at the sockets, otherwise a sleep until one of them has something.
            for key, events in self.selector.select(0 if self.busy else None):
                if key.fileobj is self.listener:
                    self.accept()
                else:
                    self.serve(key.data, events)
            if self.busy:
                self.run_batch()

    def accept(self):
        connection, _ = self.listener.accept()
        connection.setblocking(False)
        self.selector.register(connection, selectors.EVENT_READ, Client(connection))

    def serve(self, client, events):
        try:
            if events & selectors.EVENT_READ:
                self.receive(client)
            elif events & selectors.EVENT_WRITE:
                self.send(client)
        except BlockingIOError:
            pass
        except (OSError, ValueError, KeyError) as error:
            print(f"client dropped: {error}", file=sys.stderr, flush=True)
            self.drop(client)

    def receive(self, client):
        data = client.connection.recv(1 << 20)
        if not data:
            self.drop(client)
            return
        client.incoming += data
        if client.kind is None and client.request_is_complete():
            client.take_request()
            if client.waiting:
                self.busy.append(client)
            else:
                self.answer(client)

    def answer(self, client):
        client.prepare_answer()
        self.selector.modify(client.connection, selectors.EVENT_READ | selectors.EVENT_WRITE, client)

    def send(self, client):
        client.outgoing = client.outgoing[client.connection.send(client.outgoing) :]
        if not client.outgoing:
            self.drop(client)

    def drop(self, client):
        self.selector.unregister(client.connection)
        client.connection.close()
        if client in self.busy:
            self.busy.remove(client)

    def run_batch(self):
        """Takes texts from the busy clients in turn, so that a short request does not wait behind a long one."""
        kind = self.busy[0].kind
        owners, batch, tokens = [], [], 0
        for client in self.turns(kind):
            ids = self.model.token_ids(client.waiting[0])
            if batch and tokens + len(ids) > BATCH_TOKENS:
                break
            client.waiting.popleft()
            owners.append(client)
            batch.append(ids)
            tokens += len(ids)
            if len(batch) == BATCH_TEXTS:
                break
        run = self.model.sentence_vectors if kind == "sentence" else self.model.token_states
        for client, result in zip(owners, run(batch)):
            client.results.append(result)
        for client in dict.fromkeys(owners):
            if not client.waiting:
                self.busy.remove(client)
                self.answer(client)
        self.busy.rotate(-1)

    def turns(self, kind):
        clients = [client for client in self.busy if client.kind == kind]
        while clients:
            for client in clients:
                yield client
            clients = [client for client in clients if client.waiting]


def become(user):
    account = pwd.getpwnam(user)
    os.initgroups(user, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def main():
    arguments = argparse.ArgumentParser(description="Serves sentence embeddings on a Unix socket.")
    arguments.add_argument("--model", required=True, help="directory with model.safetensors and tokenizer.json")
    arguments.add_argument("--socket", required=True, help="path of the Unix socket")
    arguments.add_argument("--user", help="user to become once the model is loaded")
    arguments.add_argument("--with-parent", action="store_true", help="end when the parent process is gone")
    options = arguments.parse_args()

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # The model may lie where only root can read. The first forward pass also makes numpy load what it loads lazily.
    model = Model(options.model)
    model.sentence_vectors([model.token_ids("ready")])
    if options.user:
        become(options.user)
    if options.with_parent:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG; a change of user would have cleared it
    if os.path.exists(options.socket):
        os.unlink(options.socket)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(options.socket)
    listener.listen(128)
    listener.setblocking(False)
    Service(model, listener).run()


if __name__ == "__main__":
    main()
