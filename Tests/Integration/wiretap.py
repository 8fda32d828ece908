"""A relay in front of a server that remembers every byte sent to it, so that a test can say what did not arrive."""

import socket
import threading


class Wiretap:
    def __init__(self, port, host="127.0.0.1"):
        self._target = (host, port)
        self._lock = threading.Lock()
        self._streams = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def forget(self):
        """Starts anew: what was sent up to now no longer counts."""
        with self._lock:
            for stream in self._streams:
                stream.clear()

    def saw(self, text):
        """Whether these bytes went to the server, on any connection, since the last `forget`."""
        wanted = text if isinstance(text, bytes) else text.encode()
        with self._lock:
            return any(wanted in stream for stream in self._streams)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target)
            except OSError:
                client.close()
                continue
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sent = bytearray()
            with self._lock:
                self._streams.append(sent)
            threading.Thread(target=self._relay, args=(client, server, sent), daemon=True).start()
            threading.Thread(target=self._relay, args=(server, client, None), daemon=True).start()

    def _relay(self, source, target, record):
        try:
            while chunk := source.recv(65536):
                if record is not None:
                    with self._lock:
                        record += chunk
                target.sendall(chunk)
        except OSError:
            pass
        finally:
            for end, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
                try:
                    end.shutdown(how)
                except OSError:
                    pass
