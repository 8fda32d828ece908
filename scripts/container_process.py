"""What the parts of scripts/container.py share: a word to the reader, commands, a process in a root."""

import shlex
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

BEGAN = time.monotonic()


class Failure(Exception):
    pass


def say(text):
    print(f"\n==== container, {time.monotonic() - BEGAN:.0f} s: {text}", flush=True)


def check(holds, what, shown=""):
    if not holds:
        raise Failure(f"{what}\n{shown}".rstrip())
    print(f"  ok  {what}", flush=True)


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, text=True, **options)


def output(*command, **options):
    return run(*command, stdout=subprocess.PIPE, **options).stdout


def inside(root, words, *, user="0:0", environment=None, directory="/", mounts=(), processes=False, readonly=False):
    """The command line of `words` in `root`. Its mounts are seen by it alone and end with it, as do its processes."""
    script = ["set -e", f"mount --bind {root} {root}"]
    for source, target, option in mounts:
        place = shlex.quote(f"{root}{target}")
        script.append(f"mount --bind {shlex.quote(str(source))} {place}")
        if option == "ro":
            script.append(f"mount -o remount,bind,ro {place}")
    script.append(f"mount -t proc proc {root}/proc" if processes else f"mount --rbind /proc {root}/proc")
    script.append(f"mount --rbind /dev {root}/dev")
    if readonly:
        script.append(f"mount -o remount,bind,ro {root}")
    else:
        script.append(f"mount -t tmpfs -o mode=1777 tmpfs {root}/tmp")
    uid, gid = user.split(":")
    variables = [f"{name}={value}" for name, value in {"PATH": DEFAULT_PATH, **(environment or {})}.items()]
    command = ["chroot", root, "env", "-i", f"--chdir={directory}", *variables]
    if uid != "0":
        # As docker run --cap-drop ALL --security-opt no-new-privileges.
        command += ["setpriv", "--reuid", uid, "--regid", gid, "--clear-groups"]
        command += ["--bounding-set=-all", "--no-new-privs"]
    script.append("exec " + shlex.join([str(word) for word in [*command, *words]]))
    own = ["--pid", "--fork", "--kill-child=SIGKILL"] if processes else []
    return ["unshare", "--mount", "--propagation", "private", *own, "/bin/sh", "-c", "\n".join(script)]
