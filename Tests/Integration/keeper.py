"""Processes and folders that go when the process that asked for them goes, however it ends.

A keeper is a small process of its own that holds the other end of a pipe. While its owner lives it only takes notes;
when the pipe closes (the owner returned, was interrupted, or was killed with SIGKILL) it ends what is still on its list,
last come first, and removes the folders. What it starts is also asked by the kernel to end when the owner is gone, for the
moment before the note arrives.
"""

import atexit
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time


PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Keeper:
    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )
        atexit.register(self.close)

    def _note(self, *words):
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()

    def start(self, argv, end_with=signal.SIGTERM, **options):
        """A Popen in a session of its own, without input, that `end_with` ends should we be gone."""
        owner = os.getpid()

        def die_with_owner():
            _libc.prctl(PR_SET_PDEATHSIG, int(end_with))
            if os.getppid() != owner:
                os._exit(1)

        options = {"stdin": subprocess.DEVNULL, "start_new_session": True, **options}
        process = subprocess.Popen([str(word) for word in argv], preexec_fn=die_with_owner, **options)
        self._note("process", process.pid, int(end_with))
        return process

    def forget(self, process):
        """For a process that has ended and been waited for."""
        self._note("forget", process.pid)

    def new_folder(self, name):
        """A folder that servers of any account may reach, and that is removed at the end."""
        folder = tempfile.mkdtemp(prefix=f"pgml-gateway-{name}-")
        self._note("folder", folder)
        os.chmod(folder, 0o755)
        return folder

    def close(self):
        """Ends whatever is still on the list, and waits until that is done."""
        if not self._process.stdin.closed:
            self._process.stdin.close()
        self._process.wait()


def _serve():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    tasks = []
    for line in sys.stdin:
        kind, *words = json.loads(line)
        if kind == "forget":
            for task in [task for task in tasks if task[0] == "process" and task[1] == words[0]]:
                os.close(task[3])
                tasks.remove(task)
        elif kind == "process":
            try:
                # A pidfd is this very process for ever: a number may have been given to another one meanwhile.
                tasks.append(("process", words[0], words[1], os.pidfd_open(words[0])))
            except ProcessLookupError:
                pass
        elif kind == "folder":
            tasks.append(("folder", words[0]))
    for task in reversed(tasks):
        if task[0] == "process":
            _end(task[2], task[3])
    for task in tasks:
        if task[0] == "folder":
            shutil.rmtree(task[1], ignore_errors=True)


def _end(number, pidfd, patience=10):
    # PostgreSQL must get the chance to end its children: SIGQUIT is its immediate shutdown.
    for attempt in (number, signal.SIGQUIT, signal.SIGKILL):
        try:
            signal.pidfd_send_signal(pidfd, attempt)
        except ProcessLookupError:
            return
        except PermissionError:
            print("keeper: may not end a process on its list", file=sys.stderr)
            return
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            # A pidfd is readable once its process has ended.
            if select.select([pidfd], [], [], max(0, deadline - time.monotonic()))[0]:
                return


if __name__ == "__main__":
    _serve()
