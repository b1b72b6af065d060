"""The first compiled run: much is to be compiled, and two processors can do it at once.

The cells' kernel and the census are compiled here, all else in a process beside, which leaves its results in the cache:
that takes either about as long. The process is started before numba is read in here, because it must read it in too.
Later runs load everything in a moment.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tdm1sim.engine.compiled.cache import folder

_COMPILE = "from tdm1sim.engine.compiled.warming import compile_ahead; compile_ahead()"
_ROOM = "tdm1sim.engine.compiled."
_READ_IN = ("accounts", "kernel")

_others: list[subprocess.Popen[bytes]] = []
"""The process beside, from its start to when it is told what to compile."""
_done: set[str] = set()
"""Precisions for which this process has seen to it: once, whatever came of it."""
_one_at_a_time = threading.RLock()


def compile_ahead() -> None:
    """Make the calls that come from standard input, so that what they call lies in the cache; leave a mark there."""
    for module in _READ_IN:
        importlib.import_module(_ROOM + module)
    try:
        calls, name = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    except EOFError:  # it needs nothing, or is no more
        return
    with _uncollected():
        for path, arguments in calls.items():
            module, function = path.split(".")
            getattr(sys.modules[_ROOM + module], function)(*arguments)
    place = _place()
    if place is not None:
        (place / name).touch()


def is_compiled(precision: str) -> bool:
    """Whether the cache holds it all, or two processes cannot share the work: then there is nothing to do at once."""
    place = _place()
    return (
        place is None
        or precision in _done
        or (place / _mark(precision)).exists()
        or not sys.executable
        or (os.cpu_count() or 1) < 2
    )


@functools.cache
def _place() -> Path | None:
    return folder()  # reads all sources: once is enough


def _mark(precision: str) -> str:
    return f"{precision}.compiled"


def begin(precision: str) -> None:
    """Start the process beside if there is anything to compile; it reads in numba meanwhile."""
    with _one_at_a_time, contextlib.suppress(OSError):  # an error: then all is compiled here, later
        if _others or is_compiled(precision):
            return
        other = subprocess.Popen(  # noqa: S603 - this Python, our own words
            [sys.executable, "-c", _COMPILE],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        _others.append(other)


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
    with _one_at_a_time:
        if is_compiled(precision):  # by another thread meanwhile
            return
        begin(precision)
        with _uncollected(), _told(pickle.dumps((dict(beside), _mark(precision)))):
            here()
        _done.add(precision)


@contextlib.contextmanager
def _told(words: bytes) -> Iterator[None]:
    """Tell the process beside `words` and wait for its end after the block, where there is one."""
    if not _others:
        yield
        return
    other = _others.pop()
    try:
        with contextlib.suppress(OSError):
            other.stdin.write(words)  # type: ignore[union-attr]
            other.stdin.close()  # type: ignore[union-attr]
        yield
        other.wait()
    finally:
        if other.poll() is None:
            other.kill()
            other.wait()


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Leave garbage where it is: looking for it takes a seventh of the time that compiling takes."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
