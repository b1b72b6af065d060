"""Work handed to other processes: results in order or as they come, quiet when interrupted. Floor 0."""

from __future__ import annotations

import contextlib
import signal
import threading
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TypeVar

from tdm1sim.errors import MachineError

Item = TypeVar("Item")
Found = TypeVar("Found")

_DEATHS = 3
"""Workers that may die one after the other, without any result between them, before we give up."""
_FEWER = "run fewer at a time (--jobs N) or fewer cells (--cells N)"


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

    Raises
    ------
    MachineError
        A worker died, most likely for lack of memory.
    """
    if jobs > 1 and len(items) > 1:
        from joblib import Parallel, delayed

        if threads:
            yield from Parallel(n_jobs=min(jobs, len(items)), backend="threading", return_as="generator")(
                delayed(do)(item) for item in items
            )
            return
        from joblib.externals.loky.process_executor import BrokenProcessPool

        workers = Parallel(n_jobs=min(jobs, len(items)), backend="loky", return_as="generator")
        with _deaf_to_interrupts():
            stream = workers(delayed(do)(item) for item in items)
        try:
            yield from stream
        except BrokenProcessPool:
            msg = f"a worker process died, most likely for lack of memory; {_FEWER}"
            raise MachineError(msg) from None
        return
    for item in items:
        yield do(item)


def as_done(do: Callable[[Item], Found], items: Sequence[Item], jobs: int) -> Generator[Found, None, None]:
    """Yield what `do` returns for each item as soon as it is done, in whatever order; each item once.

    A worker that dies is replaced, and what it was doing is done again by another.

    Parameters
    ----------
    do, items, jobs
        As in `in_order`.

    Raises
    ------
    MachineError
        Workers keep dying, most likely for lack of memory.
    """
    if jobs < 2 or len(items) < 2:
        for item in items:
            yield do(item)
        return
    from joblib.externals.loky.process_executor import BrokenProcessPool

    left = dict(enumerate(items))
    deaths = 0
    while left:
        try:
            with contextlib.closing(_unordered(do, left, jobs)) as stream:
                for number, found in stream:
                    del left[number]
                    deaths = 0
                    yield found
        except BrokenProcessPool:
            deaths += 1
            if deaths == _DEATHS:
                msg = f"worker processes died {_DEATHS} times in a row, most likely for lack of memory; {_FEWER}"
                raise MachineError(msg) from None


def _unordered(
    do: Callable[[Item], Found], items: Mapping[int, Item], jobs: int
) -> Generator[tuple[int, Found], None, None]:
    """Yield number and result of each item as it is done; stops the workers when left early."""
    from joblib import Parallel, delayed

    # One item at a time: a batch would be lost as a whole.
    workers = Parallel(
        n_jobs=min(jobs, len(items)),
        backend="loky",
        return_as="generator_unordered",
        batch_size=1,
        pre_dispatch="n_jobs",
    )
    with _deaf_to_interrupts():
        stream = workers(delayed(_numbered)(do, number, item) for number, item in list(items.items()))
    try:
        for one in stream:  # noqa: UP028  # with `yield from`, who leaves early would close it before we can
            yield one
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # joblib's advice to those who leave early
            stream.close()


def _numbered(do: Callable[[Item], Found], number: int, item: Item) -> tuple[int, Found]:
    return number, do(item)


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
