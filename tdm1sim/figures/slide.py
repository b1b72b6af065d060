"""A slide: an empty page with axes between room for the finding and for the limit lines, and its files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tdm1sim.figures import labels, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Page

LEFT, BOTTOM = 0.1, 0.225
"""Where axes begin, as shares of the page."""

ON_PAPER = (84.0, 62.0, 16.0)
"""Room left of, below and above axes of a paper, points as drawn."""
FOR_LABELS = 2.5
"""More room than this right of the axes is for labels, which go below the axes on paper, in."""


def blank(title: str, margin: float, *, key: bool) -> tuple[Page, Axes]:
    """Return a page (a matplotlib figure that belongs to no window and no global state) and its axes.

    Parameters
    ----------
    title : str
        The finding, which decides how far up the axes may reach.
    margin : float
        Room right of the axes for labels, in.
    key : bool
        Whether a key goes between title and axes.
    """
    from matplotlib.figure import Figure as Page

    used = style.used()
    if not used.slide:
        return _on_paper(used, margin)
    sheet = Page(figsize=(style.WIDTH, style.HEIGHT), dpi=style.DPI)
    wide, tall = style.WIDTH * labels.POINTS, style.HEIGHT * labels.POINTS
    top = labels.axes_top(title, LEFT, wide, tall, key=key)
    return sheet, sheet.add_axes((LEFT, BOTTOM, 1.0 - LEFT - margin / style.WIDTH, top - BOTTOM))


def _on_paper(used: style.Style, margin: float) -> tuple[Page, Axes]:
    from matplotlib.figure import Figure as Page

    sheet = Page(figsize=(used.width, used.height), dpi=style.DPI)
    wide, tall = used.width * labels.POINTS, used.height * labels.POINTS
    left, below, above = ON_PAPER
    right = 0.25 if margin > FOR_LABELS else margin
    box = (left / wide, below / tall, 1.0 - left / wide - right / used.width, 1.0 - (below + above) / tall)
    return sheet, sheet.add_axes(box)


def save(
    sheet: Page, folder: Path, name: str, title: str, caption: str, formats: Iterable[str] = ("png", "svg")
) -> list[Path]:
    """Write a page and its caption into a folder, made when absent; return the files, ``NAME.md`` last."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with style.look():
        for kind in formats:
            written.append(folder / f"{name}.{kind}")
            sheet.savefig(written[-1], format=kind, dpi=sheet.dpi, metadata=metadata(kind, title))
    written.append(folder / f"{name}.md")
    written[-1].write_text(f"# {title}\n\n{caption}\n", encoding="utf-8", newline="\n")
    return written


def metadata(kind: str, title: str) -> dict[str, str | None]:
    """Return what is written into the file: the title, and no date, so that equal pictures are equal."""
    if kind == "png":
        return {"Title": title, "Software": "tdm1sim"}
    if kind == "pdf":
        return {"Title": title, "Creator": "tdm1sim", "CreationDate": None}
    return {"Title": title, "Creator": "tdm1sim", "Date": None}
