"""Performs the stages of a Dockerfile in Debian roots, and says how large the last one is."""

import gzip
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from container_file import DockerfileError, Ignored, assignments, expand
from container_process import REPOSITORY, Failure, inside, output, run, say

# Files by which packages come from inside as they do here.
SETTINGS = """
    /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/apt.conf /etc/apt/auth.conf.d
    /etc/apt/trusted.gpg.d /etc/apt/keyrings /usr/share/keyrings /etc/hosts /etc/resolv.conf
    /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates
""".split()
PROXIES = "http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY SSL_CERT_FILE GIT_SSL_CAINFO".split()
# What Debian's slim images leave out of every package.
SLIM = [
    "/usr/share/doc/*", "/usr/share/info/*", "/usr/share/linda/*", "/usr/share/lintian/overrides/*",
    "/usr/share/locale/*", "/usr/share/man/*", "/usr/share/groff/*",
]  # fmt: skip


class Builder:
    def __init__(self, arguments, folder):
        self.folder = folder
        self.swift = Path(arguments.swift).resolve() if arguments.swift else None
        self.mirror = arguments.mirror
        self.context = self.make_context()
        self.mounts = [(Path(path).resolve(), str(Path(path).resolve()), "ro") for path in arguments.bind]
        self.mounts += [(path, path, "ro") for path in self.git_places()]
        self.roots = {}

    def make_context(self):
        """What `docker build` would be sent."""
        context = self.folder / "context"
        ignored = Ignored((REPOSITORY / ".dockerignore").read_text())
        for file in output("git", "-C", REPOSITORY, "ls-files", "-z").split("\0"):
            if file and file not in ignored and (REPOSITORY / file).is_file():
                (context / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(REPOSITORY / file, context / file)
        return context

    @staticmethod
    def git_places():
        """Where git is told to look on this machine instead of elsewhere."""
        told = subprocess.run(
            ["git", "config", "--get-regexp", r"^url\..*\.insteadof$"], capture_output=True, text=True
        ).stdout
        return sorted({found.rstrip("/") for found in re.findall(r"^url\.(/\S*)\.insteadof ", told, re.M)})

    def debian(self):
        """One for all stages, copied for each."""
        base = self.folder / "debian"
        if base.exists():
            return base
        mirror = self.mirror or next(
            line.split()[0]
            for line in output("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages")
            .splitlines()
            if line.endswith(" bookworm")
        )
        with open(self.folder / "debootstrap.log", "w") as log:
            run("debootstrap", "--variant=minbase", "bookworm", base, mirror, stdout=log, stderr=log)
        (base / "etc/dpkg/dpkg.cfg.d/slim").write_text("".join(f"path-exclude {pattern}\n" for pattern in SLIM))
        for pattern in SLIM:
            for path in base.glob(pattern.lstrip("/")):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        for place in ("var/cache/apt/archives", "var/lib/apt/lists", "var/log"):
            shutil.rmtree(base / place)
            (base / place).mkdir()
        print(f"  a Debian of {megabytes(base)} MB", flush=True)
        return base

    def put_settings_in(self, root):
        """This machine's; `take_settings_out` has the root as it was."""
        shutil.rmtree(root / "etc/apt/sources.list.d", ignore_errors=True)
        for name in SETTINGS:
            source, target = Path(name), root / name.lstrip("/")
            if not source.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            # A link inside, read out here, would lead to this machine's own files: it is replaced, never followed.
            run("cp", "-aL", "--remove-destination", source, target.parent)
        git = output("git", "config", "--list", "--show-origin", "--name-only")
        files = {Path(path) for path in re.findall(r"^file:(/[^\t]*)\t", git, re.M)}
        text = "".join(file.read_text() for file in sorted(files) if REPOSITORY not in file.parents)
        (root / "etc/gitconfig").write_text(text + "\n[safe]\n\tdirectory = *\n")

    def take_settings_out(self, root, base):
        for name in [*SETTINGS, "/etc/gitconfig"]:
            original, target = base / name.lstrip("/"), root / name.lstrip("/")
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            else:
                target.unlink(missing_ok=True)
            if original.exists():
                run("cp", "-a", original, target.parent)

    def build(self, stage):
        """Performs the stage and answers with what an image says of itself beside its files."""
        if stage.name == "toolchain" and self.swift:
            say(f"stage {stage.name}: not performed, Swift is taken from {self.swift} of this machine")
            print("  " + output(self.swift / "usr/bin/swift", "--version", stderr=subprocess.DEVNULL).splitlines()[0])
            return None
        say(f"stage {stage.name}: FROM {stage.base}")
        base = self.debian()
        root = self.roots[stage.name] = self.folder / stage.name
        run("cp", "-a", "--reflink=auto", base, root)
        self.put_settings_in(root)
        image = Image(root)
        mounts = []
        for instruction in stage.instructions:
            print(f"  {instruction.line:3} {instruction.name} {instruction.text[:90]}", flush=True)
            try:
                self.perform(instruction, image, mounts)
            except subprocess.CalledProcessError as error:
                place = f"Dockerfile:{instruction.line}"
                raise Failure(f"{place}: {instruction.name} ended with {error.returncode}") from None
        self.take_settings_out(root, base)
        return image

    def perform(self, instruction, image, mounts):
        match instruction.name:
            case "ARG":
                image.arguments.update(assignments(instruction))
            case "ENV":
                image.environment.update(assignments(instruction))
            case "WORKDIR":
                image.directory = instruction.text
                (image.root / instruction.text.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "USER":
                image.user = instruction.text
            case "COPY":
                self.copy(instruction, image, mounts)
            case "RUN":
                passed = {name: os.environ[name] for name in PROXIES if name in os.environ}
                environment = {"HOME": "/root", **passed, **image.arguments, **image.environment}
                for _, target, _ in mounts:
                    (image.root / target.lstrip("/")).mkdir(parents=True, exist_ok=True)
                environment["DEBIAN_FRONTEND"] = "noninteractive"
                command = inside(
                    image.root,
                    instruction.words(),
                    user=image.user,
                    environment=environment,
                    directory=image.directory,
                    mounts=mounts,
                )
                with open(self.folder / "build.log", "a") as log:
                    log.write(f"\n==== Dockerfile:{instruction.line}\n")
                    log.flush()
                    done = subprocess.run(command, stdout=log, stderr=log)
                if done.returncode:
                    print(*(self.folder / "build.log").read_text().splitlines()[-25:], sep="\n", file=sys.stderr)
                    raise subprocess.CalledProcessError(done.returncode, command)
            case "VOLUME":
                image.volumes += instruction.words()
            case "EXPOSE":
                image.port = int(instruction.text)
            case "STOPSIGNAL":
                image.stop_signal = signal.Signals[instruction.text]
            case "HEALTHCHECK":
                options, rest = instruction.options()
                image.health_options = options
                image.health = type(instruction)(instruction.line, "CMD", rest.removeprefix("CMD ").strip()).words()
            case "ENTRYPOINT":
                image.entrypoint = instruction.words()
            case "CMD":
                image.command = instruction.words()

    def copy(self, instruction, image, mounts):
        options, rest = instruction.options()
        *sources, target = expand(rest, image.environment | image.arguments).split()
        if options.keys() - {"from"} or len(sources) != 1:
            raise DockerfileError(f"line {instruction.line}: COPY {instruction.text} is not known here")
        origin = options.get("from")
        if origin == "toolchain" and self.swift:
            place = image.root / target.lstrip("/")
            place.mkdir(parents=True, exist_ok=True)
            mounts.append((self.swift, target, "ro"))
            return
        if not origin:
            # A stage that has the sources is one that fetches the packages they need.
            mounts += self.mounts
        source = (self.roots[origin] if origin else self.context) / sources[0].lstrip("/")
        # An absolute target stays one below the root.
        below = os.path.normpath(os.path.join(image.directory, target)).lstrip("/")
        destination = image.root / below
        destination.parent.mkdir(parents=True, exist_ok=True)
        # As Docker does: a directory's contents, root's whoever they belong to here.
        if source.is_dir():
            destination.mkdir(exist_ok=True)
            run("cp", "-a", "--no-preserve=ownership", f"{source}/.", destination)
        else:
            run("cp", "-a", "--no-preserve=ownership", source, destination)


class Image:
    def __init__(self, root):
        self.root = root
        self.arguments, self.environment = {}, {}
        self.directory, self.user = "/", "0:0"
        self.volumes, self.port = [], None
        self.entrypoint, self.command = [], []
        self.health, self.health_options = None, {}
        self.stop_signal = signal.SIGTERM


def megabytes(folder):
    return int(output("du", "--summarize", "--one-file-system", "--block-size=1", folder).split()[0]) // 1_000_000


def packed_megabytes(folder):
    """As a registry would keep it: one layer, gzip."""
    packing = subprocess.Popen(["tar", "-C", folder, "--numeric-owner", "-cf", "-", "."], stdout=subprocess.PIPE)

    class Counted:
        bytes = 0

        def write(self, data):
            self.bytes += len(data)
            return len(data)

        def flush(self):
            pass

    counted = Counted()
    with gzip.GzipFile(fileobj=counted, mode="wb", compresslevel=6) as packed:
        shutil.copyfileobj(packing.stdout, packed, 1 << 20)
    packing.wait()
    return counted.bytes // 1_000_000
