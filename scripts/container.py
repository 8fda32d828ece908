#!/usr/bin/python3
"""Performs the Dockerfile's own steps where there is no Docker, and tries the result as `docker run` would start it.

    scripts/container.py DIRECTORY       an empty directory with 5 GB to spare; removed again unless --keep

    --swift DIRECTORY    take Swift from here (the folder with usr/bin/swift) instead of performing the stage
                         `toolchain`, which downloads it: for machines that do not reach swift.org. What is built then
                         is built by that version, and the script says so
    --bind DIRECTORY     a directory of this machine that the build must see too, such as one with copies of Swift
                         packages; may be given again
    --mirror URL         where debootstrap gets Debian from; default: what apt uses here
    --keep               leave the roots and the image's figures in DIRECTORY

Needs root, debootstrap, and what scripts/install.sh installs. Every FROM is a Debian made by debootstrap (without the
documentation, as the slim images), whatever its digest says; every RUN happens in a chroot, with mounts that end with
it. apt's and git's settings of this machine are put in, so that packages come from inside as they do outside.

The image then runs as the container would: its own user, number 1 of its own processes, no capabilities, a file
system it cannot write to but for its volumes, and a network of its own in which only it, the embedded backend and its
clients are. The health check, statements of a client and of an RDS, a refusal, the way from report mode to enforcing,
users of its own and the stop signal are tried. Ends with 0 when all of it held.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from container_build import Builder, megabytes, packed_megabytes  # noqa: E402
from container_file import DockerfileError, stages  # noqa: E402
from container_process import REPOSITORY, Failure, run, say  # noqa: E402
from container_try import Trial  # noqa: E402


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", metavar="DIRECTORY", type=Path)
    parser.add_argument("--swift", metavar="DIRECTORY")
    parser.add_argument("--bind", metavar="DIRECTORY", action="append", default=[])
    parser.add_argument("--mirror", metavar="URL")
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


def main():
    arguments = options()
    if os.getuid() != 0:
        raise Failure("must run as root")
    for program in ("debootstrap", "unshare", "setpriv", "ip", "psql"):
        if not shutil.which(program):
            raise Failure(f"{program} is missing: install it by apt-get")
    folder = arguments.directory.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Failure(f"{folder} is not empty")
    try:
        builder = Builder(arguments, folder)
        images = [builder.build(stage) for stage in stages((REPOSITORY / "Dockerfile").read_text())]
        image = images[-1]
        say("the image")
        size, packed, base = megabytes(image.root), packed_megabytes(image.root), megabytes(builder.debian())
        binary = (image.root / "usr/local/bin/pgml-gateway").stat().st_size // 1_000_000
        print(f"  {size} MB ({packed} MB packed), of which Debian {base} MB and the gateway {binary} MB")
        seconds = Trial(image, folder).run()
        say(f"all of it holds: {size} MB, {packed} MB packed, healthy {seconds * 1000:.0f} ms after the start")
    finally:
        # No mount of this script is seen outside of the processes it was made for.
        if not arguments.keep:
            for path in folder.iterdir():
                run("rm", "-rf", "--one-file-system", path)


if __name__ == "__main__":
    try:
        main()
    except (Failure, DockerfileError) as error:
        sys.exit(f"container: {error}")
