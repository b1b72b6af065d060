"""A page for one column of a journal: keys below the axes, and everything printed smaller than it was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tdm1sim.figures import style

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure as Page

POINTS = 72.0
EDGE, SWATCH, GAP, LEADING = 10.0, 30.0, 8.0, 1.25
"""Room at the ends of a key, width of a swatch, gap beside it, points; distance of its lines, letters."""


def top_page(ax: Axes) -> Page:
    """Return the whole page the axes are on, which may be divided into figures of its own."""
    figure: Any = ax.figure
    while figure is not figure.figure:
        figure = figure.figure
    found: Page = figure
    return found


def grow(sheet: Page, points: float) -> float:
    """Add room at the bottom of a page, moving nothing on it; return the new height, points."""
    tall = sheet.get_figheight() * POINTS
    taller = tall + points
    sheet.set_figheight(taller / POINTS)
    for ax in sheet.axes:
        if ax.get_axes_locator() is None:  # those with one follow their parents
            box = ax.get_position()
            ax.set_position((box.x0, (box.y0 * tall + points) / taller, box.width, box.height * tall / taller))
    return taller


def x_label(ax: Axes, text: str, wrap: Any) -> None:
    """Write the label of a horizontal axis; on paper in as many lines as fit below the axes, for which the page grows.

    Parameters
    ----------
    ax : Axes
        Whose label it is.
    text : str
        Of the label.
    wrap : callable
        ``wrap(text, width, size) -> str``, points.
    """
    if not style.used().slide:
        sheet, size = top_page(ax), style.letters(style.LABEL)
        text = wrap(text, ax.get_position().width * sheet.get_figwidth() * POINTS, size)
        grow(sheet, text.count("\n") * LEADING * size)
    ax.set_xlabel(text)


def key_below(ax: Axes, entries: Sequence[tuple[str, Artist]], wrap: Any) -> None:
    """Write what lines and areas mean below all that is on the page, one entry below the other.

    Parameters
    ----------
    ax : Axes
        On the page that grows by the key.
    entries : sequence of (str, Artist)
        Words, and what draws the swatch: a line or a patch that belongs to no axes.
    wrap : callable
        ``wrap(text, width, size) -> str``, points.
    """
    from matplotlib.lines import Line2D

    sheet, size = top_page(ax), style.used().smallest
    wide = sheet.get_figwidth() * POINTS
    start = 2.0 * EDGE + SWATCH + GAP
    texts = [wrap(text, wide - start - EDGE, size) for text, _ in entries]
    room = sum((text.count("\n") + 1) * LEADING * size for text in texts) + EDGE
    taller = grow(sheet, room)
    rows = sheet.add_axes((0.0, 0.0, 1.0, room / taller), gid="key")
    rows.set_axis_off()
    rows.set_xlim(0.0, wide)
    rows.set_ylim(0.0, room)
    at = room
    for text, (_, swatch) in zip(texts, entries, strict=True):
        middle = at - 0.5 * LEADING * size
        if isinstance(swatch, Line2D):
            swatch.set_data([2.0 * EDGE, 2.0 * EDGE + SWATCH / 2.0, 2.0 * EDGE + SWATCH], [middle] * 3)
            swatch.set_markevery([1])
            rows.add_line(swatch)
        else:
            rows.add_patch(_rectangle(swatch, middle, size))
        rows.text(start, middle, text.split("\n")[0], fontsize=size, va="center_baseline")
        for more in text.split("\n")[1:]:
            middle -= LEADING * size
            rows.text(start, middle, more, fontsize=size, va="center_baseline")
        at = middle - 0.5 * LEADING * size


def _rectangle(swatch: Any, middle: float, size: float) -> Any:
    from matplotlib.patches import Rectangle

    box = Rectangle((2.0 * EDGE, middle - 0.4 * size), SWATCH, 0.8 * size, linewidth=0.0)
    box.set_facecolor(swatch.get_facecolor())
    box.set_edgecolor(swatch.get_edgecolor())
    box.set_hatch(swatch.get_hatch())
    return box


def taller(ax: Axes, points: float) -> None:
    """Make axes, and the page with them, higher."""
    tall = grow(top_page(ax), points)
    box = ax.get_position()
    ax.set_position((box.x0, box.y0 - points / tall, box.width, box.height + points / tall))


def shrunk(sheet: Page) -> Page:
    """Make a page as small as its style prints it: sheet, letters, lines, marks, ticks and gaps alike."""
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

    factor = style.used().scale
    if factor != 1.0:
        sheet.draw_without_rendering()  # all ticks are there now
        sheet.set_size_inches(sheet.get_figwidth() * factor, sheet.get_figheight() * factor)
        axis_parts = [axis for axis in sheet.findobj(Axis) if isinstance(axis, Axis)]
        ticks = [tick for axis in axis_parts for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())]
        done = {id(part) for tick in ticks for part in tick.findobj()}
        for artist in sheet.findobj():
            if id(artist) not in done:
                done.add(id(artist))
                _smaller(artist, factor)
        for axis in axis_parts:
            _axis(axis, factor)
        for ax in sheet.findobj(Axes):
            _title(ax, factor)
        sheet.set_dpi(style.used().dpi)
    return sheet


def _smaller(artist: Any, factor: float) -> None:
    from matplotlib.collections import Collection, PathCollection
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.text import Annotation, Text

    if isinstance(artist, Text):
        artist.set_fontsize(float(artist.get_fontsize()) * factor)
        if isinstance(artist, Annotation) and artist.anncoords == "offset points":
            artist.xyann = (artist.xyann[0] * factor, artist.xyann[1] * factor)
    elif isinstance(artist, Line2D):
        artist.set_linewidth(artist.get_linewidth() * factor)
        artist.set_markersize(artist.get_markersize() * factor)
        artist.set_markeredgewidth(artist.get_markeredgewidth() * factor)
    elif isinstance(artist, Patch):
        artist.set_linewidth(artist.get_linewidth() * factor)
    elif isinstance(artist, Collection):
        artist.set_linewidth((np.atleast_1d(artist.get_linewidth()) * factor).tolist())
        if isinstance(artist, PathCollection):
            artist.set_sizes(artist.get_sizes() * factor**2)


def _axis(axis: Axis, factor: float) -> None:
    """Shrink what an axis draws by itself: its label's gap, marks, labels and grid, also of ticks yet to be made."""
    from matplotlib import rcParams
    from matplotlib.axis import XAxis

    settings: Any = rcParams  # its stubs know only names written out
    axis.labelpad *= factor
    which: Literal["major", "minor"]
    for which in ("major", "minor"):
        tick = f"{'x' if isinstance(axis, XAxis) else 'y'}tick.{which}"
        told: dict[str, Any] = {
            "length": settings[f"{tick}.size"],
            "width": settings[f"{tick}.width"],
            "pad": settings[f"{tick}.pad"],
            "labelsize": style.used().smallest,
            "grid_linewidth": settings["grid.linewidth"],
        }
        axis.set_tick_params(which, **{key: value * factor for key, value in told.items()})


def _title(ax: Any, factor: float) -> None:
    """Bring the title of a panel as much nearer."""
    from matplotlib import rcParams

    for place, text in (("left", ax._left_title), ("center", ax.title), ("right", ax._right_title)):
        if text.get_text():
            size, weight = text.get_fontsize(), text.get_fontweight()
            pad = rcParams["axes.titlepad"] * factor
            ax.set_title(text.get_text(), loc=place, pad=pad, fontsize=size, fontweight=weight)
