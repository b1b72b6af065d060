"""``tdm1sim figures``: redraw a result, or draw the lecture set."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tdm1sim.cli import options
from tdm1sim.cli.guard import guarded
from tdm1sim.errors import UsageError

Folders = Annotated[
    list[str] | None,
    typer.Argument(metavar="[RESULT]...", help="Result folders to draw again, without simulating.", show_default=False),
]
Gallery = Annotated[
    Path | None,
    typer.Option("--gallery", metavar="DIR", help="Simulate and draw the lecture set into DIR.", show_default=False),
]
Pptx = Annotated[
    Path | None,
    typer.Option("--pptx", metavar="FILE", help="With --gallery: also slides with notes.", show_default=False),
]
Names = Annotated[
    list[str] | None,
    typer.Option("--figure", metavar="NAME", help="Draw only this figure. Repeatable.", show_default=False),
]


@guarded
def figures(
    results: Folders = None,
    gallery: Gallery = None,
    pptx: Pptx = None,
    figure: Names = None,
    style: options.StyleName = options.Style.slide,
    formats: options.Formats = "png,svg",
    jobs: options.Jobs = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Redraw the figures of a result, or simulate and draw the lecture set (--gallery)."""
    kinds = options.formats_of(formats)
    if gallery is None:
        if not results:
            msg = "figures: name a result folder to draw again, or --gallery DIR for the lecture set"
            raise UsageError(msg)
        if pptx is not None or jobs is not None:
            msg = f"{'--pptx' if pptx is not None else '--jobs'} belongs to --gallery DIR, which is missing"
            raise UsageError(msg)
        from tdm1sim.cli.redraw import redraw

        redraw(results, names=figure or (), formats=kinds, style=style.value, force=force, quiet=quiet, json=json)
        return
    if results:
        msg = f"figures {results[0]} --gallery: draw a result again, or the lecture set, not both"
        raise UsageError(msg)
