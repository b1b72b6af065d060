"""Writing to people and to pipes: output that survives a closed reader, plain words on standard error."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

WIDTH = 80
"""The widest line a table may take, in columns."""


def prepare_streams() -> None:
    """Make both streams UTF-8 where a program reads them, and unable to fail on a letter anywhere."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="replace")


def say(text: str = "") -> None:
    """Print a line to standard output; once the reader has closed the pipe (``| head``), print to nowhere.

    A run goes on and keeps its results although nobody reads the table.
    """
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()


def silence_stdout() -> None:
    """Send all further output to nowhere, so that the interpreter's last flush cannot fail either."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def complain(text: str) -> None:
    """Print a line to standard error; where nobody listens, nothing happens."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def say_json(record: Mapping[str, object]) -> None:
    """Print one JSON object on one line; NumPy's numbers become plain ones, infinity and NaN become null."""
    say(json.dumps(_plain(record), ensure_ascii=False, allow_nan=False))


def _plain(value: object) -> object:
    """Return ``value`` as what JSON knows: dict, list, str, finite number, bool or None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Iterable):
        return [_plain(item) for item in value]
    item = getattr(value, "item", None)  # NumPy's scalars; NumPy itself need not be loaded to print
    return _plain(item()) if item is not None else str(value)


def show(*renderables: RenderableType) -> None:
    """Print rich tables, at most `WIDTH` columns, in colour only on a terminal that wants it (NO_COLOR)."""
    from rich.console import Console

    width = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
    console = Console(file=sys.stdout, width=width, highlight=False)
    # Captured first: rich would end the program when the pipe closes; `say` does not.
    with console.capture() as capture:
        for renderable in renderables:
            console.print(renderable)
    say("\n".join(line.rstrip() for line in capture.get().rstrip("\n").splitlines()))
