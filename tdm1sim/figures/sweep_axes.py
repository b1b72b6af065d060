"""Names of the axes of a sweep where they have room: fewer letters' points, a second line, or the symbol alone.

What is varied and what is measured can be anything, so their names can be longer than the axis they stand at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tdm1sim.figures import labels, narrow, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ONE_LINE = 0.85
"""A name stays on one line while its letters need not be smaller than this share of what was wanted."""
SMALLEST = 6.0
"""Letters of the longest names, points."""


BELOW = 13.0
"""Letters of two lines below an axis of a slide, above the limit lines, points."""


def fitted(text: str, room: float, size: float, of_two: float = style.DIRECT) -> tuple[str, float]:
    """Return a name and its letters, so that it is no longer than the axis: smaller, then in two lines.

    Parameters
    ----------
    text : str
        The name.
    room : float
        Length of the axis, points.
    size : float
        Letters wanted, points.
    of_two : float
        Letters wanted where it takes two lines.
    """
    wide = labels.width_of(text, size)
    if wide <= room:
        return text, size
    one = size * room / wide
    if one >= ONE_LINE * size:
        return text, one
    smaller = min(size, style.letters(of_two))
    lines = labels.balanced(text, room, smaller)
    while smaller > SMALLEST and (lines.count("\n") > 1 or lines.split() != text.split()):  # a word was cut in two
        smaller -= 1.0
        lines = labels.balanced(text, room, smaller)
    return lines, smaller


def name_y(ax: Axes, text: str, room: float | None = None) -> None:
    """Name the vertical axis, which is ``room`` points long; by itself it is as long as the axes are high."""
    told, size = fitted(text, labels.height_of(ax) if room is None else room, style.letters(style.LABEL))
    ax.set_ylabel(told, fontsize=size)


def name_x(panels: Sequence[Axes], names: Sequence[str], room: float, wanted: float) -> None:
    """Name the horizontal axes of panels beside each other, each of which is ``room`` points wide.

    On a slide there is room for one large line or two small ones below them; on paper the page grows.
    """
    slide = style.used().slide
    size = style.letters(wanted)
    told = [fitted(name, room, size, BELOW) if slide else (labels.balanced(name, room, size), size) for name in names]
    if not slide and panels:
        lines = max(text.count("\n") for text, _ in told)
        narrow.grow(narrow.top_page(panels[0]), lines * narrow.LEADING * size)
    for panel, (text, letters) in zip(panels, told, strict=True):
        panel.set_xlabel(text, fontsize=letters)
