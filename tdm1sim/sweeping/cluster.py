"""The workers of a Dask cluster: the same work, the same results; what a dead worker was doing is done by another."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, TypeVar

from tdm1sim.errors import MachineError, UsageError

Item = TypeVar("Item")
Found = TypeVar("Found")
Notice = Callable[[str], None]

PROTOCOLS = ("tcp://", "tls://", "ucx://", "ws://", "wss://")
CONNECT_S = 10.0


@contextlib.contextmanager
def connected(address: str, notice: Notice) -> Iterator[Any]:
    """Yield a client of the scheduler at an address; what was asked of it is cancelled when the block ends.

    Parameters
    ----------
    address : str
        ``tcp://host:8786``.
    notice : callable
        Told what a person must know while waiting.

    Raises
    ------
    UsageError
        It is no address.
    MachineError
        Dask is not installed, or nothing answers there.
    """
    if not address.startswith(PROTOCOLS) or not address.partition("://")[2]:
        msg = f"--cluster {address}: the address of a Dask scheduler is needed, such as tcp://127.0.0.1:8786"
        raise UsageError(msg)
    try:
        from distributed import Client
    except ImportError:
        msg = 'a cluster needs Dask, which is not installed here: pip install "tdm1sim[cluster]"'
        raise MachineError(msg) from None
    # Dask writes its own tracebacks about lost connections; people get one line from us.
    for name in ("distributed.client", "distributed.core", "distributed.comm", "distributed.batched", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        msg = f"no Dask scheduler answers at {address} ({reason}); start one with `dask scheduler`"
        raise MachineError(msg) from None
    try:
        if not client.scheduler_info(n_workers=-1)["workers"]:
            notice(f"waiting for workers at {address}; start some with `dask worker {address}`")
        yield client
    finally:
        with contextlib.suppress(Exception):  # a scheduler that is gone cannot be told good-bye
            client.close(timeout=5)


def as_done(client: Any, do: Callable[[Item], Found], items: Sequence[Item]) -> Generator[Found, None, None]:
    """Yield what `do` returns for each item as soon as some worker has done it, in whatever order; each item once.

    Raises
    ------
    MachineError
        The scheduler is lost, another version runs there, or an item has taken several workers with it.
    """
    from distributed import KilledWorker, as_completed
    from distributed.client import FutureCancelledError

    futures = client.map(do, list(items), pure=False)
    try:
        for future in as_completed(futures, loop=client.loop):
            found = future.result()
            future.release()  # the scheduler need not remember what is kept here
            yield found
    except KilledWorker as error:
        msg = f"{error.task} took several workers with it, most likely for lack of memory; run fewer cells (--cells N)"
        raise MachineError(msg) from None
    except (ImportError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "deserializ" not in str(error):
            raise  # of the work itself
        msg = (
            "the scheduler or a worker lacks this tdm1sim; install the same version of it and of Dask on every machine"
        )
        raise MachineError(msg) from None
    except (FutureCancelledError, OSError, TimeoutError) as error:
        msg = f"the Dask scheduler was lost ({type(error).__name__})"
        raise MachineError(msg) from None
    finally:
        with contextlib.suppress(Exception):
            client.cancel(futures)
