"""The progress bar: on standard error, and only where a person watches."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Callable, Iterator

from tdm1sim.cli.terminal import WIDTH

Progress = Callable[[float, float], None]
"""Called with the replicate-hours done and in all."""


@contextlib.contextmanager
def bar(name: str, *, hidden: bool, late: bool = False) -> Iterator[Progress | None]:
    """Yield a callable that moves a progress bar, or None where none is to be seen.

    Parameters
    ----------
    name : str
        What is written before the bar.
    hidden : bool
        Show nothing, whatever standard error is.
    late : bool
        Show the bar when it first moves: until then other lines may be written.
    """
    if hidden or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    layout = "{desc}: {percentage:3.0f}% |{bar}| {elapsed}{postfix}"
    width = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns - 1)
    with tqdm(
        total=1.0,
        desc=name,
        bar_format=layout,
        ncols=width,
        nrows=24,  # some terminals report no size at all, and tqdm would show nothing there
        leave=False,
        delay=1e-3 if late else 0.0,
        file=sys.stderr,
    ) as line:

        def move(done: float, total: float) -> None:
            line.total = total
            elapsed = float(line.format_dict["elapsed"])
            if done > 0:
                left = tqdm.format_interval(elapsed * (total - done) / done)
                line.set_postfix_str(f"about {left} to go", refresh=False)
            line.update(done - line.n)

        yield move
