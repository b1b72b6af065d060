"""The look of every figure, in the style in use: letters that can be read, and one meaning per colour.

Figures are drawn in points of a slide. A page for paper is a smaller sheet of the same points, made as small as its
column at the end (``shrink``), so that one layout serves all. Which style is in use is told by ``using``.

Colours are Okabe and Ito's set and a brown for HER2, told apart by colour-blind eyes; hatches, line styles and direct
labels keep the meaning in grey. matplotlib is imported when something is drawn, never before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tdm1sim.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.typing import LineStyleType

WIDTH, HEIGHT, DPI = 40.0 / 3.0, 7.5, 150
"""A 16:9 slide, in, and its dots per inch: 2000 by 1125 pixels."""

TITLE, LABEL, DIRECT, TICK, SMALL = 25.0, 19.0, 16.0, 16.0, 12.0
"""Letters, points: title, axis labels, labels at the data, tick labels, limit lines."""


@dataclass(frozen=True, slots=True)
class Style:
    """Where a figure will be seen.

    Attributes
    ----------
    width, height : float
        The sheet it is drawn on, in; a sheet for paper grows in height by its key.
    scale : float
        How much smaller than drawn the page is printed.
    dpi : int
        Dots per inch of the finished PNG.
    smallest, largest : float
        Letters as drawn, points; times ``scale`` they are the printed ones.
    slide : bool
        Whether finding and limit lines stand on the page, and labels right of the axes. A paper has a caption
        (``NAME.md``) for the former, and a column no room for the latter: they go below the axes.
    colours : dict
        The colours that are no meaning: ground, letters, guides.
    """

    width: float
    height: float
    scale: float
    dpi: int
    smallest: float
    largest: float
    slide: bool
    colours: Mapping[str, str]


_LIGHT = {
    "ground": "#ffffff",
    "ink": "#000000",
    "small": "#333333",
    "edge": "#555555",
    "guide": "#777777",
    "grid": "#d9d9d9",
    "empty": "#dddddd",
    "cell": "#f6f2ea",
    "organelle": "#e3e8ef",
}
_DARK = {
    "ground": "#10151c",
    "ink": "#ffffff",
    "small": "#d0d0d0",
    "edge": "#b0b0b0",
    "guide": "#9a9a9a",
    "grid": "#39414c",
    "empty": "#39414c",
    "cell": "#1b2129",
    "organelle": "#2d3742",
}
COLUMN = 85.0
"""Width of one column of a journal, mm."""

PAGE = 175.0
"""Width of its two columns and the gap between them, mm."""

_HALF = 0.5
STYLES: dict[str, Style] = {
    "slide": Style(WIDTH, HEIGHT, 1.0, DPI, 8.0, 30.0, slide=True, colours=_LIGHT),
    "paper": Style(COLUMN / 25.4 / _HALF, 5.3, _HALF, 600, 14.0, 16.0, slide=False, colours=_LIGHT),
    "paper-double": Style(PAGE / 25.4 / _HALF, 6.2, _HALF, 600, 14.0, 16.0, slide=False, colours=_LIGHT),
    "dark": Style(WIDTH, HEIGHT, 1.0, DPI, 8.0, 30.0, slide=True, colours=_DARK),
}
"""What ``--style`` may name: a lecture, one column of a journal or two with letters of 7 to 8 points, a dark room."""

_used: ContextVar[str] = ContextVar("style of figures", default="slide")


@contextlib.contextmanager
def using(name: str) -> Iterator[None]:
    """Draw figures in another style; raises `UsageError` where there is none of this name."""
    if name not in STYLES:
        message = f"unknown style {name!r}; there are: {', '.join(STYLES)}"
        raise UsageError(message)
    token = _used.set(name)
    try:
        yield
    finally:
        _used.reset(token)


_own_title: ContextVar[str] = ContextVar("title of one's own", default="")


@contextlib.contextmanager
def titled(own: str) -> Iterator[None]:
    """Write a title of one's own instead of the finding; the finding where it is empty."""
    token = _own_title.set(own)
    try:
        yield
    finally:
        _own_title.reset(token)


def own_title() -> str:
    """Return the title of one's own; empty where there is none."""
    return _own_title.get()


def used() -> Style:
    """Return the style in use."""
    return STYLES[_used.get()]


def colour(name: str) -> str:
    """Return the colour of what has no meaning of its own: ground, ink, guides, bodies of drawn cells, and others."""
    return used().colours[name]


def seen(shade: str) -> str:
    """Return a colour as it is drawn: black is the ink of the style."""
    return colour("ink") if shade == "#000000" else shade


def letters(size: float) -> float:
    """Return a size of letters within those of the style, points as drawn."""
    return min(max(size, used().smallest), used().largest)


RC: dict[str, Any] = {
    "font.family": ["DejaVu Sans", "sans-serif"],  # an SVG names both
    "font.size": DIRECT,
    "axes.labelsize": LABEL,
    "xtick.labelsize": TICK,
    "ytick.labelsize": TICK,
    "legend.fontsize": DIRECT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 1.4,
    "axes.axisbelow": True,
    "xtick.major.size": 6.0,
    "ytick.major.size": 6.0,
    "lines.linewidth": 3.0,
    "hatch.linewidth": 1.2,
    "text.parse_math": False,  # a clone may be called $1
    "svg.fonttype": "none",  # letters stay letters: searchable, editable
    "pdf.fonttype": 42,  # TrueType: journals refuse Type 3, and editors open it as letters
    "svg.hashsalt": "tdm1sim",  # the same picture has the same bytes
}


@dataclass(frozen=True, slots=True)
class Look:
    """How one thing looks on every figure: colour, hatch of areas, style of lines, mark on them (none when empty)."""

    colour: str
    hatch: str = ""
    line: LineStyleType = "-"
    marker: str = ""


_MEANING: dict[str, Look] = {
    # fates and states of cells
    "cycling": Look("#009E73"),
    "surviving": Look("#009E73"),
    "arrested": Look("#F0E442", "..", "--"),
    "multinucleated": Look("#E69F00", "oo", "-."),
    "mitotic_catastrophe": Look("#CC79A7", "//", (0, (5.0, 1.5))),
    "apoptosis": Look("#D55E00", "xx", ":"),
    "adcc": Look("#7f7f7f", "\\\\", (0, (3.0, 1.0, 1.0, 1.0))),
    # the drug: conjugate is blue wherever it is, and so is antibody with or without payload; payload set free is black
    "plasma": Look("#0072B2"),
    "conjugate": Look("#0072B2"),
    "local": Look("#56B4E9", "", "--"),
    "antibody": Look("#0072B2", "", "-."),
    "local_antibody": Look("#56B4E9", "", "-."),
    "payload": Look("#000000"),
    "catabolite": Look("#000000", "", "--"),
    "free": Look("#000000", "", "--"),
    # what the cells make
    "shed": Look("#9C6B30"),
    "digestion": Look("#666666"),
    # what the drug makes smaller
    "live_cells": Look("#009E73"),
    "cell_number": Look("#b5b5b5", "//"),
    "killing": Look("#5c5c5c", "xx"),
    # how sure a number of the model is
    "sourced": Look("#4d4d4d"),
    "calibrated": Look("#8f8f8f", ".."),
    "assumed": Look("#cfcfcf", "//"),
    # bands of DM1, measured points, sums
    "low": Look("#f4f4f4"),
    "intermediate": Look("#e2e2e2"),
    "high": Look("#cccccc"),
    "measured": Look("#000000", "", "none"),
    "simulated": Look("#0072B2"),
    "total": Look("#000000"),
}
"""What each colour means. Greys mean no more than their hatch does; what differs from arm to arm is in `_SERIES`."""

_IN_THE_DARK: dict[str, Look] = {
    "low": Look("#1b222c"),
    "intermediate": Look("#2b3440"),
    "high": Look("#3d4857"),
    "adcc": Look("#9a9a9a", "\\\\", (0, (3.0, 1.0, 1.0, 1.0))),
    "digestion": Look("#b0b0b0"),
    "killing": Look("#8a8a8a", "xx"),
    "sourced": Look("#e0e0e0"),
    "calibrated": Look("#9c9c9c", ".."),
    "assumed": Look("#6f6f6f", "//"),
}


class _Meanings(Mapping[str, Look]):
    """The table of colours in the style in use."""

    def __getitem__(self, meaning: str) -> Look:
        found = _MEANING[meaning]
        if used().colours is _DARK:
            found = _IN_THE_DARK.get(meaning, found)
        return Look(seen(found.colour), found.hatch, found.line)

    def __iter__(self) -> Iterator[str]:
        return iter(_MEANING)

    def __len__(self) -> int:
        return len(_MEANING)


MEANING: Mapping[str, Look] = _Meanings()
"""The look of each meaning; figures ask it by meaning."""

_CLONE_LINES: tuple[LineStyleType, ...] = (
    "-",
    "--",
    "-.",
    ":",
    (0, (6.0, 1.5, 1.0, 1.5, 1.0, 1.5)),
    (0, (2.0, 1.0)),
)


_SERIES = ("#000000", "#332288", "#882255", "#76762a", "#2a8c7d", "#6f6f6f")
"""Colours without a meaning, for arms, lines and read-outs: after Tol's muted set, and none of them a fate's or the
drug's."""
_SERIES_IN_THE_DARK = ("#000000", "#a9a4f5", "#f2a0c4", "#d4d077", "#7fdccd", "#a8a8a8")


def series_look(index: int) -> Look:
    """Return the look of one of several arms, lines or read-outs: the first is black and solid, all differ in line."""
    shades = _SERIES_IN_THE_DARK if used().colours is _DARK else _SERIES
    return Look(seen(shades[index % len(shades)]), "", _CLONE_LINES[index % len(_CLONE_LINES)])


_MARKERS = ("", "o", "s", "^", "D", "v")


def told_apart(meaning: str, index: int) -> Look:
    """Return the look of one of several lines that mean the same: its colour, a line style and a mark of their own."""
    own = MEANING[meaning]
    return Look(own.colour, own.hatch, _CLONE_LINES[index % len(_CLONE_LINES)], _MARKERS[index % len(_MARKERS)])


def marks(look: Look) -> dict[str, Any]:
    """Return how the mark of a look is drawn on its line: open, so that the line is seen to go on."""
    if not look.marker:
        return {}
    return {"marker": look.marker, "markersize": 10.0, "markerfacecolor": colour("ground"), "markeredgewidth": 2.5}


LIGHTEST = 0.6
"""How far clones go along cividis: a line beyond it is too faint on white (contrast below 3 to 1)."""


def clone_look(index: int, count: int) -> Look:
    """Return the look of a clone: a shade of cividis (grey-safe by design) and a line style of its own."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    shade = 0.0 if count < 2 else LIGHTEST * index / (count - 1)
    if used().colours is _DARK:
        shade = 1.0 - shade
    return Look(to_hex(colormaps["cividis"](shade)), "", _CLONE_LINES[index % len(_CLONE_LINES)])


def look() -> AbstractContextManager[None]:
    """Return the context in which figures are drawn and saved: matplotlib's defaults, then ours."""
    from matplotlib import style

    return style.context(["default", {**RC, **_rc_of_style()}])


def _rc_of_style() -> dict[str, Any]:
    """Return matplotlib's settings of the style in use."""
    ink, ground = colour("ink"), colour("ground")
    lines = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color", "axes.titlecolor")
    grounds = ("figure.facecolor", "axes.facecolor", "savefig.facecolor")
    sizes = {"font.size": DIRECT, "axes.labelsize": LABEL, "xtick.labelsize": TICK, "ytick.labelsize": TICK}
    if not used().slide:
        sizes |= {"xtick.labelsize": used().smallest, "ytick.labelsize": used().smallest}
    return {
        **dict.fromkeys(lines, ink),
        **dict.fromkeys(grounds, ground),
        **{name: letters(size) for name, size in sizes.items()},
        "hatch.color": ink,
        "grid.color": colour("grid"),
    }


def number_ticks(axis: Axis, unit: float = 1.0) -> None:
    """Write ticks as people do, in ``unit`` of the data: 0.01, 1, 20,000; never in powers of ten."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / unit:,.10g}"))
    axis.set_minor_formatter(NullFormatter())


def time_axis(ax: Axes, last: float, label: str, most: int = 9) -> None:
    """Scale an axis of time from 0 to ``last`` (days or hours, as the label says), with ticks at round times.

    Days are counted in weeks and three-week cycles, hours in halves of days.
    """
    steps = (1, 2, 3, 6, 12, 24, 48, 72, 120) if "hours" in label else (0.25, 0.5, 1, 2, 3, 7, 14, 21, 42, 63, 84)
    fitting = [size for size in steps if last / size <= most]
    if not fitting:
        fitting = [steps[-1] * float(np.ceil(last / steps[-1] / most))]
    # a step a little wider is better where it has a tick at the end
    whole = [size for size in fitting[:2] if last / size >= 3 and abs(last / size - round(last / size)) < 1e-9]
    step = whole[0] if whole else fitting[0]
    ax.set_xlim(0.0, last if last > 0 else 1.0)
    ax.set_xticks(np.arange(0.0, last * (1 + 1e-9) + 1e-12, step))
    number_ticks(ax.xaxis)
    ax.set_xlabel(label)


def even_ticks(axis: Axis) -> None:
    """Set ticks of a linear axis at multiples of 1, 2 or 5, which are read faster than those of 2.5."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins="auto", steps=[1, 2, 5, 10]))
    number_ticks(axis)


def log_axis(axis: Axis, bottom: float, top: float) -> None:
    """Write the ticks of a logarithmic axis: decades, with 2 and 5 between them where it spans few."""
    from matplotlib.ticker import LogLocator

    if top / bottom <= 200.0:
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    number_ticks(axis)


def log_limits(smallest: float, largest: float, decades: float = 5.0) -> tuple[float, float]:
    """Return round ends of a logarithmic axis that holds the data, at most ``decades`` below its top."""
    top = float(10.0 ** (np.ceil(np.log10(largest) * 3.0 + 0.3) / 3.0))
    bottom = float(10.0 ** (np.floor(np.log10(max(smallest, largest / 10.0**decades)) * 3.0 - 0.3) / 3.0))
    return min(bottom, top / 10.0), top
