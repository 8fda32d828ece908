"""Reads a Dockerfile and a .dockerignore: the part of both that this repository uses. Anything else is an error, never
skipped: what scripts/container.py performs is all that the file says."""

import json
import re
import shlex
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

INSTRUCTIONS = {
    "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "RUN", "STOPSIGNAL", "USER", "VOLUME",
    "WORKDIR",
}  # fmt: skip


class DockerfileError(Exception):
    pass


@dataclass
class Instruction:
    line: int
    name: str
    text: str

    def words(self):
        """The arguments of the JSON form, else those of the shell form as one argument list for /bin/sh."""
        return json.loads(self.text) if self.text.startswith("[") else ["/bin/sh", "-c", self.text]

    def options(self):
        """`--name=value` in front, as a dictionary, and the text behind them."""
        options, rest = {}, self.text
        while match := re.match(r"--([a-z-]+)=(\S+)\s+", rest):
            options[match[1]] = match[2]
            rest = rest[match.end() :]
        return options, rest


@dataclass
class Stage:
    base: str
    name: str
    instructions: list = field(default_factory=list)


def instructions(text):
    """With their continuation lines; comments in between are no part of them."""
    found, parts, start = [], [], 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or (not parts and not line.strip()):
            continue
        if not parts:
            start = number
        parts.append(line.rstrip("\\"))
        if line.endswith("\\"):
            continue
        name, _, rest = "".join(parts).strip().partition(" ")
        parts = []
        if name not in INSTRUCTIONS:
            raise DockerfileError(f"line {start}: {name} is not known here")
        found.append(Instruction(start, name, rest.strip()))
    if parts:
        raise DockerfileError(f"line {start}: does not end")
    return found


def expand(text, values):
    """$NAME and ${NAME}; a name that has no value is a mistake."""

    def value(match):
        name = match[1] or match[2]
        if name not in values:
            raise DockerfileError(f"{name} has no value")
        return values[name]

    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", value, text)


def stages(text):
    """The stages in their order; the last is the image."""
    found, arguments = [], {}
    for instruction in instructions(text):
        if instruction.name == "FROM":
            base, *rest = expand(instruction.text, arguments).split()
            if rest and (len(rest) != 2 or rest[0] != "AS"):
                raise DockerfileError(f"line {instruction.line}: FROM {instruction.text} is not known here")
            found.append(Stage(base, rest[1] if rest else "image"))
        elif found:
            found[-1].instructions.append(instruction)
        elif instruction.name == "ARG":
            arguments.update(assignments(instruction))
        else:
            raise DockerfileError(f"line {instruction.line}: {instruction.name} stands before FROM")
    return found


def assignments(instruction):
    """NAME=VALUE …, of ARG and ENV."""
    return dict(word.split("=", 1) for word in shlex.split(instruction.text))


class Ignored:
    """.dockerignore: the last pattern that fits a path, or a directory it is in, decides."""

    def __init__(self, text):
        lines = [line.strip() for line in text.splitlines()]
        self._patterns = [line for line in lines if line and not line.startswith("#")]

    def __contains__(self, path):
        parts = path.split("/")
        ways = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        ignored = False
        for pattern in self._patterns:
            # "*" does not reach over a slash.
            fits = any(
                way.count("/") == pattern.count("/") and fnmatchcase(way, pattern.lstrip("!")) for way in ways
            )
            if fits:
                ignored = not pattern.startswith("!")
        return ignored
