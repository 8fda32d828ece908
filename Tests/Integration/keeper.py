"""Processes and folders that go when the process that asked for them goes, however it ends.

A keeper is a small process of its own that holds the other end of a pipe. While its owner lives it only takes notes;
when the pipe closes (the owner returned, was interrupted, or was killed with SIGKILL) it ends what is still on its list,
last come first, and removes the folders.
"""

import atexit
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time


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

    def keep_process(self, pid, signal_number=signal.SIGTERM):
        self._note("process", pid, int(signal_number))

    def forget_process(self, pid):
        self._note("forget", pid)

    def keep_folder(self, path):
        self._note("folder", str(path))

    def keep_command(self, *argv):
        """A command that stops something which is no child of ours; it must not mind that there is nothing to stop."""
        self._note("command", *map(str, argv))

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
        else:
            tasks.append((kind, *words))
    for task in reversed([task for task in tasks if task[0] != "folder"]):
        if task[0] == "process":
            _end(task[2], task[3])
        else:
            subprocess.run(task[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60, check=False)
    for task in tasks:
        if task[0] == "folder":
            shutil.rmtree(task[1], ignore_errors=True)


def _end(number, pidfd, patience=10):
    for attempt in (number, signal.SIGKILL):
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
