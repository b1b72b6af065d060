"""The progress bar: on standard error, and only where a person watches."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

Progress = Callable[[float, float], None]
"""Called with the replicate-hours done and in all."""


@contextlib.contextmanager
def bar(name: str, *, hidden: bool) -> Iterator[Progress | None]:
    """Yield a callable that moves a progress bar, or None where none is to be seen.

    Parameters
    ----------
    name : str
        What is written before the bar.
    hidden : bool
        Show nothing, whatever standard error is.
    """
    if hidden or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    layout = "{desc}: {percentage:3.0f}% |{bar}| {elapsed} of about {postfix}"
    with tqdm(total=1.0, desc=name, bar_format=layout, leave=False, file=sys.stderr, dynamic_ncols=True) as line:

        def move(done: float, total: float) -> None:
            line.total = total
            elapsed = float(line.format_dict["elapsed"])
            line.set_postfix_str(tqdm.format_interval(elapsed * total / done) if done > 0 else "?", refresh=False)
            line.update(done - line.n)

        yield move
