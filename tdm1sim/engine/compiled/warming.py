"""The first compiled run: several things are to be compiled, and two processors can do it at once.

The cells' kernel and the census are compiled here, all else in a process beside, which leaves its results in the cache:
that takes either about as long. Later runs load everything in a moment.
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tdm1sim.engine.compiled.cache import folder

_COMPILE = "from tdm1sim.engine.compiled.warming import compile_ahead; compile_ahead()"
_ROOM = "tdm1sim.engine.compiled."


def compile_ahead() -> None:
    """Make the calls that come from standard input, so that what they call lies in the cache; leave a mark there."""
    calls, name = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    with _uncollected():
        for path, arguments in calls.items():
            module, function = path.split(".")
            getattr(importlib.import_module(_ROOM + module), function)(*arguments)
    place = folder()
    if place is not None:
        (place / name).touch()


def is_compiled(precision: str) -> bool:
    """Whether the cache holds it all, or two processes cannot share the work: then there is nothing to do at once."""
    place = folder()
    return place is None or (place / _mark(precision)).exists() or not sys.executable or (os.cpu_count() or 1) < 2


def _mark(precision: str) -> str:
    return f"{precision}.compiled"


def compile_at_once(here: Callable[[], object], beside: Mapping[str, tuple[Any, ...]], precision: str) -> None:
    """Call `here` while another process makes the calls `beside`, so that the cache holds what they call.

    Nothing depends on it: where the process cannot start or fails, compiling takes place here, later.

    Parameters
    ----------
    here : callable
        Whatever has the rest compiled.
    beside : mapping of str to tuple
        Arguments, copied to the other process, of compiled functions by module and name (``kernel.see_ahead``).
    precision : str
        Of the numbers in them; each has compiled functions of its own.
    """
    with _uncollected(), _another(pickle.dumps((dict(beside), _mark(precision)))):
        here()


@contextmanager
def _another(words: bytes) -> Iterator[None]:
    """Have another process told `words` while the block runs; wait for its end."""
    try:
        other = subprocess.Popen(  # noqa: S603 - this Python, our own words
            [sys.executable, "-c", _COMPILE],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
    except OSError:
        yield
        return
    try:
        other.stdin.write(words)  # type: ignore[union-attr]
        other.stdin.close()  # type: ignore[union-attr]
    except OSError:
        pass
    try:
        yield
        other.wait()
    finally:
        if other.poll() is None:
            other.kill()
            other.wait()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave garbage where it is: looking for it takes a seventh of the time that compiling takes."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
