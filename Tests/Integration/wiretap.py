"""A relay in front of a server that remembers every byte sent to it, so that a test can say what did not arrive.

It is a process of its own: a driver under test may hold Python's interpreter lock while it waits for an answer that has
to come through here.
"""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path


class Wiretap:
    """Listens on a free port, relays to `port`, and records each connection in a file below `folder`."""

    def __init__(self, port, folder, keeper):
        self._folder = Path(folder)
        argv = [sys.executable, os.path.abspath(__file__), port, folder]
        self._process = keeper.start(argv, stdout=subprocess.PIPE, text=True)
        self._keeper = keeper
        self.port = int(self._process.stdout.readline())
        self._seen = {}

    def close(self):
        self._process.terminate()
        self._process.wait()
        self._keeper.forget(self._process)

    def forget(self):
        """Starts anew: what was sent up to now no longer counts."""
        self._seen = {path: path.stat().st_size for path in self._folder.iterdir()}

    def saw(self, text):
        """Whether these bytes went to the server, on any connection, since the last `forget`."""
        wanted = text if isinstance(text, bytes) else text.encode()
        return any(wanted in _behind(path, self._seen.get(path, 0)) for path in self._folder.iterdir())


def _behind(path, offset):
    with open(path, "rb") as file:
        file.seek(offset)
        return file.read()


def _serve(port, folder):
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listener.getsockname()[1], flush=True)
    number = 0
    while True:
        client, _ = listener.accept()
        try:
            server = socket.create_connection(("127.0.0.1", port))
        except OSError:
            client.close()
            continue
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number += 1
        record = open(Path(folder) / f"{number:06}", "ab", buffering=0)
        threading.Thread(target=_relay, args=(client, server, record), daemon=True).start()
        threading.Thread(target=_relay, args=(server, client, None), daemon=True).start()


def _relay(source, target, record):
    try:
        while chunk := source.recv(65536):
            if record:
                record.write(chunk)
            target.sendall(chunk)
    except OSError:
        pass
    finally:
        if record:
            record.close()
        for end, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
            try:
                end.shutdown(how)
            except OSError:
                pass


if __name__ == "__main__":
    _serve(int(sys.argv[1]), sys.argv[2])
