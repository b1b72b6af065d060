"""The table of ``tdm1sim figures --gallery``, at most 80 columns wide."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from tdm1sim.gallery.index import HTML
from tdm1sim.tables import DISCLAIMER, plain_table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tdm1sim.gallery import Told


def report(told: Sequence[Told], folder: Path, pptx: Path | None, slides: int, seconds: float) -> list[RenderableType]:
    """Return what a person sees: letter, name and finding of each figure, and where the files are."""
    table = plain_table("")
    table.title = None
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column("Finding", ratio=1)
    for one in told:
        table.add_row(one.letter, Text(one.name), Text(one.words.title))
    count = "1 figure" if len(told) == 1 else f"{len(told)} figures"
    lines = [f"{count} in {_time(seconds)}; open {folder / HTML}"]
    if pptx is not None:
        lines.append(f"Slides: {pptx} ({slides})")
    files = [Text(line, no_wrap=True, overflow="ignore") for line in lines]
    return [table, Text(""), *files, Text(DISCLAIMER, style="dim")]


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 60.0 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
