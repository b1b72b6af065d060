"""A page without its finding and limit lines: a picture for a slide that says them itself."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tdm1sim.figures import style
from tdm1sim.figures.labels import POINTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Page
    from matplotlib.text import Annotation

__all__ = ["Bare", "Page", "bare"]

GAP = 4.0
"""Room kept between the picture and the words around it, points."""
WORDS = ("title", "limits")
"""What is taken off, by the names that `labels.dress` gives."""


@dataclass(frozen=True, slots=True)
class Bare:
    """A picture, and the words that were taken off it.

    Attributes
    ----------
    png : bytes
        The picture: the whole width of the page.
    title, limits : str
        The finding, and the limit lines.
    low, high : float
        Where the picture begins and ends on the page, in from below.
    """

    png: bytes = field(repr=False)
    title: str
    limits: str
    low: float
    high: float


def bare(sheet: Page) -> Bare:
    """Return a page as a picture without words; the page itself loses them too."""
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox

    with style.look():
        sheet.draw_without_rendering()
        words = {str(text.get_gid()): text for text in _annotations(sheet, Annotation) if text.get_gid() in WORDS}
        wide, tall = float(sheet.get_figwidth()), float(sheet.get_figheight())
        low, high = 0.0, tall
        if "limits" in words:
            low = float(words["limits"].get_window_extent().y1) / sheet.dpi + GAP / POINTS
        if "title" in words:
            high = float(words["title"].get_window_extent().y0) / sheet.dpi - GAP / POINTS
        for text in words.values():
            text.set_visible(False)
        stream = io.BytesIO()
        sheet.savefig(stream, format="png", bbox_inches=Bbox([[0.0, low], [wide, high]]), pad_inches=0.0)
    told = {name: " ".join(text.get_text().split()) for name, text in words.items()}
    return Bare(stream.getvalue(), told.get("title", ""), told.get("limits", ""), low, high)


def _annotations(sheet: Page, kind: type[Annotation]) -> list[Annotation]:
    return [text for text in sheet.findobj(kind) if isinstance(text, kind)]
