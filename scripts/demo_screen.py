"""What the demonstration's reader sees: a transcript, in colour on a terminal, and how many checks have passed."""

import json
import os
import re
import shutil
import sys
import textwrap

WIDTH = min(110, shutil.get_terminal_size().columns) if sys.stdout.isatty() else 100


class Screen:
    """Writes the transcript; counts what was checked."""

    colours = {"title": "1", "sql": "36", "good": "32", "bad": "31", "dim": "2", "refused": "33"}

    def __init__(self):
        self.in_colour = sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and "NO_COLOR" not in os.environ
        self.checks = 0
        self.is_blank = False

    def paint(self, kind, text):
        return f"\x1b[{self.colours[kind]}m{text}\x1b[0m" if self.in_colour else text

    def line(self, text=""):
        print(text, flush=True)
        self.is_blank = not text

    def title(self, text):
        if not self.is_blank:
            self.line()
        self.line(self.paint("title", text))
        self.line()

    def why(self, text):
        """The one sentence on what a step is good for."""
        for line in textwrap.wrap(text, WIDTH - 2):
            self.line(f"  {self.paint('dim', line)}")
        self.line()

    def file(self, path, folder):
        """A file of configuration, as the gateway reads it."""
        self.line(f"  {self.paint('dim', str(path.relative_to(folder)))}")
        for line in path.read_text().splitlines():
            self.line(f"    {self.paint('dim', '│')} {line}".rstrip())
        self.line()

    def command(self, words, lines):
        """A command in a shell, and what it printed."""
        self.line(f"  {self.paint('dim', '$')} {self.paint('sql', words)}")
        for line in lines:
            self.answer(line)

    def record(self, record, *members):
        """Some members of an audit record, in their order; the rest as “…”."""
        shown = [f'"{name}":{json.dumps(value, ensure_ascii=False)}' for name, value in record.items() if name in members]
        if len(line := "{…," + ",".join(shown) + ",…}") <= WIDTH - 6:
            return self.answer(line)
        self.answer("{…,")
        for member in shown:
            lines = textwrap.wrap(member + ",", WIDTH - 12, break_long_words=False, break_on_hyphens=False)
            self.answer("  " + "\n            ".join(lines))
        self.answer("…}")

    def sql(self, prompt, statement):
        flat = re.sub(r"\s+", " ", statement).strip()
        indent = " " * (len(prompt) + 3)
        wrapped = textwrap.wrap(flat, WIDTH - len(indent), break_long_words=False, break_on_hyphens=False)
        self.line(f"  {self.paint('dim', prompt)} " + self.paint("sql", ("\n" + indent).join(wrapped)))

    def answer(self, text):
        self.line(f"      {text}")

    def error(self, fields):
        for word, letter in (("ERROR", "M"), ("DETAIL", "D"), ("HINT", "H")):
            if letter in fields:
                lines = textwrap.wrap(f"{word}:  {fields[letter]}", WIDTH - 6, break_long_words=False)
                self.answer(self.paint("refused", "\n              ".join(lines)))

    def good(self, text):
        self.checks += 1
        lines = textwrap.wrap(text, WIDTH - 8, break_long_words=False)
        self.answer(self.paint("good", "✓ " + "\n        ".join(lines)))
