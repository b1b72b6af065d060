"""The program: its commands, and the last net under all of them."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from tdm1sim import __version__
from tdm1sim.cli import (
    bench,
    check,
    compare,
    dose_response,
    evidence,
    figures,
    knowledge,
    methods,
    new,
    repeat,
    run,
    sensitivity,
    sweep,
)
from tdm1sim.cli import (
    report as page,
)
from tdm1sim.cli.guard import INTERRUPTED, report
from tdm1sim.cli.terminal import complain, prepare_streams, say, silence_stdout
from tdm1sim.errors import UsageError

COMMANDS: dict[str, Callable[..., None]] = {
    "run": run.run,
    "sweep": sweep.sweep,
    "validate": check.validate,
    "resolve": check.resolve,
    "compare": compare.compare,
    "dose-response": dose_response.dose_response,
    "sensitivity": sensitivity.sensitivity,
    "evidence": evidence.evidence,
    "figures": figures.figures,
    "bench": bench.bench,
    "methods": methods.methods,
    "report": page.report,
    "repeat": repeat.repeat,
    "new": new.new,
    "list": knowledge.list_,
    "explain": knowledge.explain,
    "cite": check.cite,
    "schema": knowledge.schema,
    "schedule": knowledge.schedule,
}
"""Every command, in the order of the help."""

# Plain help: rich's boxes would cost half of the time `--help` may take.
app = typer.Typer(
    name="tdm1sim",
    help="Simulate how T-DM1 works in HER2-positive breast cancer cells, and why it stops working. "
    "A teaching and research tool, never clinical advice.",
    epilog="A scenario file with no command is run: tdm1sim FILE.yaml",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)


def _show_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        say(f"tdm1sim {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[  # acts through its callback
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


def with_verb(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with ``run`` in front where a scenario file was given without a command."""
    words = list(arguments)
    if not words or words[0] in COMMANDS or words[0] in {"-h", "--help", "--version"}:
        return words
    first = words[0]
    if first.startswith("-"):
        return ["run", *words]
    if first.lower().endswith((".yaml", ".yml")) or "/" in first or "\\" in first or Path(first).is_file():
        return ["run", *words]
    return words


def _terminated(_number: int, _frame: FrameType | None) -> None:
    """Treat a polite request to stop like Ctrl-C, so that the temporary folder is removed."""
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words of the command line after the program's name; those of the process by default.

    Returns
    -------
    int
        0 done, 1 the input is wrong, 2 the usage is wrong, 3 the machine or we failed, 130 interrupted.
    """
    prepare_streams()
    words = with_verb(sys.argv[1:] if arguments is None else arguments)
    try:
        signal.signal(signal.SIGTERM, _terminated)
        app(args=words, prog_name="tdm1sim", obj=words)  # a command may say how it was called
    except SystemExit as ending:
        if isinstance(ending.__context__, BrokenPipeError):  # typer calls a reader who left (`| head`) an error
            silence_stdout()
            return 0
        _point_to_run(words, _code(ending))
        return _flushed(_code(ending))
    except KeyboardInterrupt:
        return _flushed(INTERRUPTED)
    except BaseException as error:  # the last net: nothing is to pass as a traceback
        return _flushed(report(error, debug="--debug" in words))
    return _flushed(0)


def _point_to_run(words: Sequence[str], code: int) -> None:
    """Say how a bundled scenario is run, where its name stood in the place of a command."""
    if code != UsageError.exit_code or not words or words[0] in COMMANDS:
        return
    from tdm1sim.scenario.inheritance import bundled

    if words[0] in bundled():
        complain(f"{words[0]} is a bundled scenario; to run it: tdm1sim run {words[0]}")


def _code(ending: SystemExit) -> int:
    """Return the exit code inside a SystemExit."""
    if ending.code is None:
        return 0
    return ending.code if isinstance(ending.code, int) else 1


def _flushed(code: int) -> int:
    """Write out what is buffered; a closed pipe is no failure, a full disk is."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()
    except (OSError, ValueError) as error:
        silence_stdout()
        return code or report(error)
    return code
