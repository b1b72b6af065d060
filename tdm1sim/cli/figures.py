"""``tdm1sim figures``: redraw a result, or draw the lecture set."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tdm1sim.cli import options
from tdm1sim.cli.guard import guarded
from tdm1sim.cli.names import nearest
from tdm1sim.cli.progress import bar
from tdm1sim.cli.terminal import say_json, show
from tdm1sim.errors import UsageError

if TYPE_CHECKING:
    from tdm1sim.gallery import Told

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

Force = Annotated[bool, typer.Option("--force", help="With --gallery: replace files of the same names; others stay.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Draw results into DIR, not into their folders.", show_default=False),
]


@guarded
def figures(
    results: Folders = None,
    gallery: Gallery = None,
    pptx: Pptx = None,
    figure: Names = None,
    style: options.StyleName = options.Style.slide,
    formats: options.Formats = "png,svg",
    out: Out = None,
    jobs: options.Jobs = None,
    force: Force = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Draw a result again from its files, or simulate and draw the lecture set (--gallery)."""
    kinds = options.formats_of(formats)
    if gallery is None:
        if not results:
            msg = "figures: name a result folder to draw again, or --gallery DIR for the lecture set"
            raise UsageError(msg)
        if pptx is not None or jobs is not None:
            msg = f"{'--pptx' if pptx is not None else '--jobs'} belongs to --gallery DIR, which is missing"
            raise UsageError(msg)
        from tdm1sim.cli.redraw import redraw

        redraw(results, names=figure or (), formats=kinds, style=style.value, out=out, quiet=quiet, json=json)
        return
    if out is not None:
        msg = "--out is for results that are drawn again; a gallery goes to --gallery DIR"
        raise UsageError(msg)
    if results:
        msg = f"figures {results[0]} --gallery: draw a result again, or the lecture set, not both"
        raise UsageError(msg)
    _gallery(gallery, pptx, figure or (), kinds, style.value, jobs, force=force, quiet=quiet, json=json)


def _gallery(
    folder: Path,
    pptx: Path | None,
    names: Sequence[str],
    kinds: tuple[str, ...],
    style: str,
    jobs: int | None,
    *,
    force: bool,
    quiet: bool,
    json: bool,
) -> None:
    """Make the gallery, and slides where they are asked for."""
    from tdm1sim.gallery import ENTRIES, check, chosen, deck, make

    for name in names:
        if name not in ENTRIES:
            msg = f"--figure {name}: not in the gallery; allowed: {', '.join(ENTRIES)}{nearest(name, ENTRIES)}"
            raise UsageError(msg)
    entries, workers = chosen(names), options.jobs_of(jobs)
    check(folder, entries, kinds, force=force)
    slides = "" if pptx is None else "dark" if style == "dark" else "slide"  # a slide is never a column of a paper
    if pptx is not None:
        deck.check(pptx, force=force)
    started = time.perf_counter()
    with bar("gallery", hidden=quiet or json) as progress:
        told = make(
            folder, entries, formats=kinds, style=style, slides=slides, jobs=workers, force=force, progress=progress
        )
    count = deck.write(pptx, entries, told, style=slides) if pptx is not None else 0
    if json:
        for one in told:
            say_json(_record(one, folder, pptx))
    elif not quiet:
        from tdm1sim.cli.figures_tables import report

        show(*report(told, folder, pptx, count, time.perf_counter() - started))


def _record(told: Told, folder: Path, pptx: Path | None) -> dict[str, object]:
    """Return what programs are told of an entry."""
    return {
        "letter": told.letter,
        "figure": told.name,
        "title": told.words.title,
        "command": told.command,
        "folder": str(folder),
        "files": [str(folder / file) for file in (*told.files, f"{told.name}.md")],
        "pptx": None if pptx is None else str(pptx),
    }
