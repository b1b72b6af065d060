"""Tutorials that are run: the files and commands of a page, and what the commands print.

In a page, an indented block that begins with ``# NAME`` (a file name with an ending) is a file; a line
``$ COMMAND`` is a command, and the lines under it, to the next command or the end of the block, are its output. A
line ``...`` in it stands for any lines. ``python -m tests.tutorial PAGE --write`` runs a page and writes the output
it finds in place of what no longer matches.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"(?:^    .*\n)+(?:\n+(?:^    .*\n)+)*", flags=re.MULTILINE)
_NAMED = re.compile(r"# ([\w-]+\.(?:yaml|py))\n")
ANY = "..."


@dataclass(frozen=True)
class File:
    """A file the reader writes."""

    name: str
    text: str


@dataclass(frozen=True)
class Command:
    """A command and the output the page promises, as it stands in the page."""

    line: str
    output: str


Step = File | Command


def steps(page: str) -> Iterator[Step]:
    """Yield the files and commands of a page in its order; other blocks are not steps."""
    for block in _BLOCK.findall(page):
        text = textwrap.dedent(block).rstrip("\n") + "\n"
        before, *commands = re.split(r"^\$ ", text, flags=re.MULTILINE)
        named = _NAMED.match(before)
        if named:
            yield File(named[1], before.rstrip("\n") + "\n")
        for part in commands:
            line, _, output = part.partition("\n")
            yield Command(line, output.rstrip("\n"))


def matches(promised: str, found: str) -> bool:
    """Whether an output is the promised one; ``...`` stands for any lines, blanks at the end of a line for nothing."""
    pieces = [re.escape(line.rstrip()) for line in promised.splitlines()]
    pattern = "\n".join(r"(?:.*\n)*?.*" if piece == re.escape(ANY) else piece for piece in pieces)
    text = "\n".join(line.rstrip() for line in found.rstrip().splitlines())
    return re.fullmatch(pattern, text) is not None


def environment(folder: Path) -> dict[str, str]:
    """Return the variables under which ``tdm1sim`` and ``python`` are this program and this Python."""
    tools = folder / ".tools"
    tools.mkdir(exist_ok=True)
    for name, words in (("tdm1sim", "-m tdm1sim "), ("python", "")):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words}"$@"\n')
        tool.chmod(0o755)
    path = f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}


def run(step: Step, folder: Path) -> str:
    """Write a file, or run a command in the folder and return what it prints; raise where it fails."""
    if isinstance(step, File):
        (folder / step.name).write_text(step.text, encoding="utf-8")
        return ""
    done = subprocess.run(  # noqa: S602 - the page's own commands
        step.line,
        shell=True,
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=600,
    )
    if done.returncode:
        message = f"$ {step.line}\nended with {done.returncode}: {done.stderr}{done.stdout}"
        raise RuntimeError(message)
    return done.stdout


def differences(page: str, folder: Path) -> list[str]:
    """Run a page and return what it promises wrongly."""
    wrong = []
    for step in steps(page):
        found = run(step, folder)
        if isinstance(step, Command) and not matches(step.output, found):
            wrong.append(f"$ {step.line}\npromised:\n{step.output}\nfound:\n{found}")
    return wrong


def refreshed(page: str, folder: Path) -> str:
    """Run a page and return it with the output that was found where the promised one does not match."""
    for step in steps(page):
        found = run(step, folder)
        if isinstance(step, Command) and not matches(step.output, found):
            lines = [line.rstrip() for line in found.rstrip().splitlines()]
            new = "\n".join(f"    {line}".rstrip() for line in [f"$ {step.line}", *lines])
            old = "\n".join(f"    {line}".rstrip() for line in [f"$ {step.line}", *step.output.splitlines()])
            page = page.replace(old, new, 1)
    return page


if __name__ == "__main__":
    place = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        if "--write" in sys.argv:
            place.write_text(refreshed(place.read_text(encoding="utf-8"), Path(name)), encoding="utf-8")
        else:
            sys.stdout.write("\n".join(differences(place.read_text(encoding="utf-8"), Path(name))))
