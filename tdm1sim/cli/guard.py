"""Every way a command can end, and the exit code of each: no traceback reaches a person who did not ask.

0 done, 1 the input is wrong, 2 the usage is wrong, 3 the machine or the program failed, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import functools
import traceback
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec

import typer

from tdm1sim.cli.terminal import complain, silence_stdout
from tdm1sim.errors import InputError, MachineError, TdmError, UsageError

INTERRUPTED = 130
MACHINE_FAILED = MachineError.exit_code

Arguments = ParamSpec("Arguments")


def guarded(command: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Wrap a command so that whatever it raises becomes a few plain lines and an exit code.

    The command's own ``debug`` option decides whether the traceback is shown as well.
    """

    @functools.wraps(command)
    def inner(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except typer.Exit:
            raise
        except BaseException as error:
            code = report(error, debug=bool(kwargs.get("debug", False)))
            raise typer.Exit(code) from None

    return inner


def report(error: BaseException, *, debug: bool = False) -> int:
    """Say on standard error what went wrong and what to do; return the exit code.

    Parameters
    ----------
    error : BaseException
        Anything that ended a command. Its notes (what was kept) are shown too.
    debug : bool
        Show the traceback first.

    Returns
    -------
    int
        Exit code of the process.
    """
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else MACHINE_FAILED
    if isinstance(error, BrokenPipeError):
        silence_stdout()  # the reader has seen enough; nothing went wrong
        return 0
    if debug:
        complain("".join(traceback.format_exception(error)).rstrip())
    for line in _message(error):
        complain(line)
    for note in _notes(error):
        complain(note)
    return _exit_code(error)


def _exit_code(error: BaseException) -> int:
    """Return the exit code the contract gives this kind of error."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    return error.exit_code if isinstance(error, TdmError) else MACHINE_FAILED


def _message(error: BaseException) -> list[str]:  # noqa: PLR0911  # one return per kind of error
    """Return the lines a person reads."""
    if isinstance(error, InputError):
        lines = [_one_line(problem) for problem in error.problems]
        return [*lines, f"{len(lines)} problems found; nothing was run."] if len(lines) > 1 else lines
    if isinstance(error, UsageError):
        return [f"usage: {error}"]
    if isinstance(error, TdmError):
        return [f"error: {error}"]
    if isinstance(error, KeyboardInterrupt):
        return ["interrupted."]
    if isinstance(error, MemoryError):
        return ["error: not enough memory for this run; try fewer cells (--cells N) or fewer jobs (--jobs 1)"]
    if isinstance(error, OSError):
        where = f": {error.filename}" if error.filename else ""
        return [f"error: the machine refused: {error.strerror or error}{where}"]
    kind = type(error).__name__
    return [
        f"error: this is a defect in tdm1sim, not in your input ({kind}: {_one_line(error)}); "
        f"add --debug to see where, and please report it with the scenario file"
    ]


def _one_line(thing: object) -> str:
    """Return the text of something with its line breaks and control characters made harmless."""
    text = " ".join(str(thing).splitlines())
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _notes(error: BaseException) -> list[str]:
    """Return what was added to the error on its way up."""
    notes: Any = getattr(error, "__notes__", [])
    return [str(note) for note in notes]


@contextlib.contextmanager
def all_or_nothing() -> Iterator[None]:
    """Add to a Ctrl-C that nothing was kept: of commands that cannot continue."""
    try:
        yield
    except KeyboardInterrupt as error:
        error.add_note("nothing was kept, no half-written folder was left; the same command begins again.")
        raise
