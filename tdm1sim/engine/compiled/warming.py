"""The first compiled run: two things are to be compiled, and two processors can do it at once.

The cells' kernel is compiled here, what sees windows ahead in a process beside, which leaves its result in the cache.
Later runs load both in a moment.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tdm1sim.engine.compiled.cache import folder

_COMPILE = "from tdm1sim.engine.compiled.warming import compile_ahead; compile_ahead()"
_DONE = "see_ahead.compiled"


def compile_ahead() -> None:
    """Call `see_ahead` with arguments from standard input, so that it lies in the cache; say so there."""
    from tdm1sim.engine.compiled.kernel import see_ahead

    arguments = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    see_ahead(*arguments)
    place = folder()
    if place is not None:
        (place / _DONE).touch()


@contextmanager
def compiling_beside(arguments: tuple[Any, ...]) -> Iterator[None]:
    """Have `see_ahead` compiled for these arguments in another process while the block runs, if it has to be.

    Nothing depends on it: where the process cannot start or fails, compiling takes place here, later.
    """
    place = folder()
    if place is None or (place / _DONE).exists() or not sys.executable or (os.cpu_count() or 1) < 2:
        yield
        return
    try:
        beside = subprocess.Popen(  # noqa: S603 - this Python, our own words
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
        beside.stdin.write(pickle.dumps(arguments))  # type: ignore[union-attr]
        beside.stdin.close()  # type: ignore[union-attr]
    except OSError:
        pass
    try:
        yield
        beside.wait()
    finally:
        if beside.poll() is None:
            beside.kill()
            beside.wait()
