"""Words on a figure: titles that wrap, labels that keep apart, limit lines below; tested by numbers."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tdm1sim.figures import narrow, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SPACING = 1.22
"""Distance of lines as a multiple of the letters' size."""
POINTS = 72.0

TITLE_SIZES = (style.TITLE, 23.0, 21.0, 19.0, 17.0, 14.0)
"""Letters of a title, points, from the wanted size to the smallest."""

EDGE, GAP, KEY = 22.0, 17.0, 30.0
"""Room above a title, below it, and below it with a key between title and axes, points."""

TITLE_LINES = 2
"""Lines of a title at full size; a longer one gets smaller letters."""

_KEEP = re.compile(r"(?<=[0-9]) (?=(?:%|million|nM|pM|ng/mL|d|h|days?|hours|µ\S+|g)(?:\W|$))")
"""The space between a number and its unit, where no line is broken."""


def together(text: str) -> str:
    """Return ``text`` with spaces between numbers and units at which no program breaks a line."""
    return _KEEP.sub("\xa0", text)


@functools.lru_cache(maxsize=4096)
def width_of(text: str, size: float, weight: str = "normal") -> float:
    """Return how wide a line of text is, points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    letters = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    return float(text_to_path.get_text_width_height_descent(text, letters, False)[0])


def wrap(text: str, width: float, size: float, weight: str = "normal") -> str:
    """Return ``text`` in lines no wider than ``width`` points; a word that is too long is cut in two."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in re.split(" +", together(paragraph.strip())):
            longer = f"{line} {word}" if line else word
            if width_of(longer, size, weight) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            line = word
            while width_of(line, size, weight) > width and len(line) > 1:
                cut = max(n for n in range(1, len(line)) if n == 1 or width_of(line[:n], size, weight) <= width)
                lines.append(line[:cut])
                line = line[cut:]
        lines.append(line)
    return "\n".join(lines).replace("\xa0", " ")


def fit(text: str, width: float, height: float, sizes: Sequence[float], weight: str = "normal") -> tuple[str, float]:
    """Return the wrapped text and the first of ``sizes`` (large to small) at which it fits the box."""
    wrapped, size = text, sizes[-1]
    for size in sizes:
        wrapped = wrap(text, width, size, weight)
        if (wrapped.count("\n") + 1) * SPACING * size <= height:
            break
    return wrapped, size


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Return centres near the wanted ones at which labels of these heights do not overlap.

    Parameters
    ----------
    wanted, heights : sequence of float
        Centre each label would like, and its height; same unit (points).
    low, high : float
        Ends of the room. Labels higher than the room together start at ``low`` and run over ``high``.
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    blocks: list[tuple[float, list[int]]] = []  # bottom edge, and members from bottom to top
    for i in order:
        blocks.append((wanted[i] - heights[i] / 2, [i]))
        while True:
            bottom, members = blocks[-1]
            size = sum(heights[m] for m in members)
            bottom = max(low, min(bottom, high - size))
            blocks[-1] = (bottom, members)
            if len(blocks) < 2:
                break
            below, others = blocks[-2]
            if below + sum(heights[m] for m in others) <= bottom + 1e-9:
                break
            blocks[-2:] = [(_settle([*others, *members], wanted, heights), [*others, *members])]
    centres = [0.0] * len(wanted)
    for bottom, members in blocks:
        at = bottom
        for member in members:
            centres[member] = at + heights[member] / 2
            at += heights[member]
    return centres


def _settle(members: Sequence[int], wanted: Sequence[float], heights: Sequence[float]) -> float:
    """Return the bottom edge at which a touching stack is nearest to what its labels wanted."""
    offset, total = 0.0, 0.0
    for member in members:
        total += wanted[member] - offset - heights[member] / 2
        offset += heights[member]
    return total / len(members)


@dataclass(frozen=True, slots=True)
class Entry:
    """A label at the right edge of the axes: text, look, height of what it names (data), area or line."""

    text: str
    look: style.Look
    y: float
    area: bool = True
    bold: bool = False


def margin_labels(
    ax: Axes, entries: Sequence[Entry], room: float, size: float = style.DIRECT, *, leaders: bool = True
) -> None:
    """Write labels into the room right of the axes, beside what they name, kept apart, each with its swatch.

    Parameters
    ----------
    ax : Axes
        Its limits of y must be final.
    entries : sequence of Entry
        What to write.
    room : float
        Free width right of the axes, in.
    size : float
        Letters, points; smaller ones are taken when the labels would not fit otherwise.
    leaders : bool
        Whether thin lines lead from the data to the labels.
    """
    if not style.used().slide:
        shown = sorted(entries, key=lambda entry: -entry.y)
        narrow.key_below(ax, [(entry.text, _alone(entry)) for entry in shown], wrap)
        return
    tall = height_of(ax)
    texts, heights = _stacked(entries, room * POINTS - 72.0, tall + 20.0, size)
    size = texts.pop("size")
    bottom, top = ax.get_ylim()
    wanted = [tall * (min(max(entry.y, bottom), top) - bottom) / (top - bottom) for entry in entries]
    for i, centre in enumerate(spread(wanted, heights, -10.0, tall + 10.0)):
        _margin_label(ax, entries[i], texts[i], centre / tall, size)
        if leaders:
            _leader(ax, wanted[i] / tall, centre / tall)


def _page_of(ax: Axes) -> tuple[float, float]:
    """Return width and height of the page that the axes are on, points."""
    figure: Any = ax.figure
    while figure is not figure.figure:  # a page may be divided into figures of its own
        figure = figure.figure
    return figure.get_figwidth() * POINTS, figure.get_figheight() * POINTS


def height_of(ax: Axes) -> float:
    """Return the height of the axes, points, as placed (no drawing needed)."""
    return float(ax.get_position().height * _page_of(ax)[1])


def width_within(ax: Axes) -> float:
    """Return the width of the axes, points, as placed (no drawing needed)."""
    return float(ax.get_position().width * _page_of(ax)[0])


def _stacked(entries: Sequence[Entry], width: float, tall: float, size: float) -> tuple[dict[Any, Any], list[float]]:
    """Wrap the labels at the largest size at which all of them stand above one another."""
    for letters in (size, size - 2, size - 4, size - 5.5, size - 7):
        texts: dict[Any, Any] = {
            i: wrap(entry.text, width, letters, "bold" if entry.bold else "normal") for i, entry in enumerate(entries)
        }
        heights = [(texts[i].count("\n") + 1.35) * SPACING * letters for i in range(len(entries))]
        texts["size"] = letters
        if sum(heights) <= tall:
            break
    return texts, heights


def _beside(ax: Axes, points: float) -> float:
    """Return the place this many points right of the axes, as a share of their width."""
    return float(1.0 + points / (ax.get_position().width * _page_of(ax)[0]))


def _leader(ax: Axes, at: float, centre: float) -> None:
    from matplotlib.lines import Line2D

    ends = [_beside(ax, 3.0), _beside(ax, 16.0)]
    ax.add_line(
        Line2D(ends, [at, centre], transform=ax.transAxes, color=style.colour("guide"), linewidth=1.0, clip_on=False)
    )


def _margin_label(ax: Axes, entry: Entry, text: str, centre: float, size: float) -> None:
    _swatch(ax, entry, (_beside(ax, 18.0), _beside(ax, 46.0)), centre, size)
    ax.text(
        _beside(ax, 52.0),
        centre,
        text,
        transform=ax.transAxes,
        va="center",
        ha="left",
        fontsize=size,
        linespacing=SPACING,
        fontweight="bold" if entry.bold else "normal",
        clip_on=False,
    )


def _swatch(ax: Axes, entry: Entry, ends: tuple[float, float], centre: float, size: float) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    if entry.area:
        high = size / height_of(ax)
        patch = Rectangle(
            (ends[0], centre - high / 2),
            ends[1] - ends[0],
            high,
            transform=ax.transAxes,
            facecolor=entry.look.colour,
            edgecolor=style.colour("ground"),
            hatch=entry.look.hatch,
            linewidth=0.0,
            clip_on=False,
        )
        ax.add_patch(patch)
        return
    middle = (ends[0] + ends[1]) / 2.0
    ax.add_line(
        Line2D(
            [ends[0], middle, ends[1]],
            [centre] * 3,
            transform=ax.transAxes,
            color=entry.look.colour,
            linestyle=entry.look.line,
            linewidth=3.0,
            clip_on=False,
            **style.marks(entry.look),
            markevery=[1],
        )
    )


def _alone(entry: Entry) -> Any:
    """Return the swatch of a label, belonging to no axes."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    look = entry.look
    if entry.area:
        return Patch(facecolor=look.colour, hatch=look.hatch, edgecolor=style.colour("ground"))
    return Line2D([], [], color=look.colour, linestyle=look.line, **style.marks(look))


def _copy(handle: Any) -> Any:
    """Return a line like the drawn one, belonging to no axes; patches of keys belong to none already."""
    from matplotlib.container import ErrorbarContainer
    from matplotlib.lines import Line2D

    line = handle.lines[0] if isinstance(handle, ErrorbarContainer) else handle
    if not isinstance(line, Line2D):
        return line
    found = Line2D([], [], color=line.get_color(), linestyle=line.get_linestyle(), linewidth=line.get_linewidth())
    found.set_marker(line.get_marker())
    found.set_markersize(line.get_markersize())
    found.set_markerfacecolor(line.get_markerfacecolor())
    found.set_markeredgewidth(line.get_markeredgewidth())
    found.set_markeredgecolor(line.get_markeredgecolor())
    return found


def key_above(ax: Axes, handles: Sequence[Any], start: float = 0.0, beyond: float = 0.0) -> None:
    """Put a one-row key between title and axes, where it can cover no data; below the axes on paper.

    It begins at ``start``, a share of the width of the axes, and may reach ``beyond`` them, in.
    """
    if not style.used().slide:
        narrow.key_below(ax, [(str(handle.get_label()), _copy(handle)) for handle in handles], wrap)
        return
    room = (1.0 - start) * width_within(ax) + beyond * POINTS
    words = [str(handle.get_label()) for handle in handles]
    for size in (style.DIRECT, 15.0, 14.0, 13.0, 12.0, 11.0, 10.0):
        # a handle and the gaps beside it are about five letters wide
        if sum(width_of(text, size) + 4.8 * size for text in words) <= room:
            break
    ax.legend(
        handles=list(handles),
        loc="lower left",
        bbox_to_anchor=(start - 0.01, 1.0),
        fontsize=size,
        ncols=len(handles),
        frameon=False,
        borderaxespad=0.2,
        handlelength=2.4,
        columnspacing=1.6,
    )


def balanced(text: str, width: float, size: float, weight: str = "normal") -> str:
    """Return ``text`` wrapped into as few lines as fit, all of about the same length: no last word alone."""
    wrapped = wrap(text, width, size, weight)
    words = _KEEP.sub("\xa0", text).split(" ")
    low, high = max(width_of(word, size, weight) for word in words), width
    if "\n" not in wrapped or low >= width:
        return wrapped
    while high - low > 2.0:
        middle = (low + high) / 2.0
        if wrap(text, middle, size, weight).count("\n") > wrapped.count("\n"):
            low = middle
        else:
            high = middle
    return wrap(text, high, size, weight)


def axes_top(title: str, left: float, wide: float, tall: float, *, key: bool) -> float:
    """Return how far up axes may reach so that their title fits above them, as a share of the page.

    Parameters
    ----------
    title : str
        The finding.
    left : float
        Left edge of the axes, as a share of the page.
    wide, tall : float
        Size of the page, points.
    key : bool
        Whether a key goes between title and axes.
    """
    lines = wrap(title, _title_place(left, wide)[1], style.TITLE, "bold").count("\n") + 1
    room = EDGE + min(lines, TITLE_LINES) * SPACING * style.TITLE + (KEY if key else GAP)
    return 1.0 - (room + 1.0) / tall


def _title_place(left: float, wide: float) -> tuple[float, float]:
    """Return how far left of the axes the words start, and how wide they may be, points."""
    start = min(left * wide, 72.0)
    return start, wide * (1.0 - left) + start - 34.0


def dress(ax: Axes, title: str, lines: Sequence[str]) -> None:
    """Write the finding above the axes and the limit lines below them, wrapped into the figure.

    Both belong to the axes, so that no way of drawing a slide loses its limit lines.
    """
    if not style.used().slide:
        return  # a paper has them in the caption
    title = style.own_title() or title
    wide, tall = _page_of(ax)
    box = ax.get_position()
    left, width = _title_place(box.x0, wide)
    above = (1.0 - box.y1) * tall - EDGE
    free = above - (GAP if ax.get_legend() is None else KEY)
    _, size = fit(title, width, free, TITLE_SIZES, "bold")
    common: dict[str, Any] = {
        "textcoords": "offset points",
        "xycoords": "axes fraction",
        "annotation_clip": False,
    }
    ax.annotate(
        balanced(title, width, size, "bold"),
        (0, 1),
        (-left, above),
        fontsize=size,
        fontweight="bold",
        va="top",
        gid="title",
        linespacing=1.15,
        **common,
    )
    below = box.y0 * tall - 66.0
    text, size = fit(" ".join(lines), width, below, (style.SMALL, 11.0, 10.0, 9.0, 8.0))
    ax.annotate(
        text,
        (0, 0),
        (-left, -62.0),
        fontsize=size,
        color=style.colour("small"),
        va="top",
        gid="limits",
        linespacing=1.15,
        **common,
    )
