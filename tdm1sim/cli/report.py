"""``tdm1sim report``: one page about a result, for a browser."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from tdm1sim.cli import options
from tdm1sim.cli.guard import guarded
from tdm1sim.cli.terminal import say, say_json
from tdm1sim.errors import InputError

FILE = "report.html"

Folder = Annotated[
    Path,
    typer.Argument(metavar="RESULT", help="A result folder of any kind.", show_default=False),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help=f"Where to write it. [default: RESULT/{FILE}]")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]


@guarded
def report(
    result: Folder,
    out: Out = None,
    force: Force = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Write one self-contained HTML page: figures, tables, sources, how to repeat."""
    place = out or result / FILE
    if place.is_dir():
        msg = f"{place} is a folder; --out takes the name of a file"
        raise InputError(msg)
    if os.path.lexists(place) and not force:
        msg = f"{place} exists already; nothing is overwritten unless asked: add --force to replace it"
        raise InputError(msg)
    from tdm1sim.report import write

    page = write(result)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(page, encoding="utf-8", newline="\n")
    if json:
        say_json({"file": str(place), "bytes": place.stat().st_size})
    elif not quiet:
        say(str(place))
