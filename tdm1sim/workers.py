"""Work handed to other processes: results in the order of the work, and quiet when interrupted. Floor 0."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")


def in_order(
    do: Callable[[Item], Found], items: Sequence[Item], jobs: int, *, threads: bool = False
) -> Iterator[Found]:
    """Yield what `do` returns for each item, in the order of the items, each as soon as it and those before are done.

    Parameters
    ----------
    do : callable
        Takes one item; picklable where `jobs` > 1.
    items : sequence
        The work.
    jobs : int
        Processes; with one, or with one item, everything is done in this one.
    threads : bool
        Threads of this process instead: for work that does not hold the interpreter.
    """
    if jobs > 1 and len(items) > 1:
        from joblib import Parallel, delayed

        if threads:
            yield from Parallel(n_jobs=min(jobs, len(items)), backend="threading", return_as="generator")(
                delayed(do)(item) for item in items
            )
            return
        workers = Parallel(n_jobs=min(jobs, len(items)), backend="loky", return_as="generator")
        with _deaf_to_interrupts():
            stream = workers(delayed(do)(item) for item in items)
        yield from stream
        return
    for item in items:
        yield do(item)


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ignore Ctrl-C for the moment in which workers start: they inherit that for good, only the parent answers it.

    A worker interrupted while it loads its libraries would print a traceback of its own.
    """
    if threading.current_thread() is not threading.main_thread():  # only the main thread may choose
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
