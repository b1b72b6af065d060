"""An empty slide: a page with axes placed so that the finding fits above them and the limit lines below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tdm1sim.figures import labels, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Page

LEFT, BOTTOM = 0.1, 0.225
"""Where axes begin, as shares of the page."""


def slide(title: str, margin: float, *, key: bool) -> tuple[Page, Axes]:
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

    sheet = Page(figsize=(style.WIDTH, style.HEIGHT), dpi=style.DPI)
    wide, tall = style.WIDTH * labels.POINTS, style.HEIGHT * labels.POINTS
    top = labels.axes_top(title, LEFT, wide, tall, key=key)
    return sheet, sheet.add_axes((LEFT, BOTTOM, 1.0 - LEFT - margin / style.WIDTH, top - BOTTOM))


def metadata(kind: str, title: str) -> dict[str, str | None]:
    """Return what is written into the file: the title, and no date, so that equal pictures are equal."""
    if kind == "png":
        return {"Title": title, "Software": "tdm1sim"}
    if kind == "pdf":
        return {"Title": title, "Creator": "tdm1sim", "CreationDate": None}
    return {"Title": title, "Creator": "tdm1sim", "Date": None}
