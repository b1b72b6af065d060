"""The look of every figure: slide size, letters for the last row, and one meaning per colour.

Colours are Okabe and Ito's set, told apart by colour-blind eyes; hatches, line styles and direct labels keep
the meaning in grey. matplotlib is imported when something is drawn, never before.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.typing import LineStyleType

WIDTH, HEIGHT, DPI = 40.0 / 3.0, 7.5, 150
"""A 16:9 slide, in, and its dots per inch: 2000 by 1125 pixels."""

TITLE, LABEL, DIRECT, TICK, SMALL = 25.0, 19.0, 16.0, 16.0, 12.0
"""Letters, points: title, axis labels, labels at the data, tick labels, limit lines."""

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
    "grid.color": "#d9d9d9",
    "xtick.major.size": 6.0,
    "ytick.major.size": 6.0,
    "lines.linewidth": 3.0,
    "hatch.linewidth": 1.2,
    "text.parse_math": False,  # a clone may be called $1
    "svg.fonttype": "none",  # letters stay letters: searchable, editable
    "svg.hashsalt": "tdm1sim",  # the same picture has the same bytes
}


@dataclass(frozen=True, slots=True)
class Look:
    """How one thing looks on every figure: colour, hatch of areas, style of lines."""

    colour: str
    hatch: str = ""
    line: LineStyleType = "-"


MEANING: dict[str, Look] = {
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
    "shed": Look("#009E73"),
    "digestion": Look("#D55E00"),
    # what the drug makes smaller
    "live_cells": Look("#009E73"),
    "cell_number": Look("#56B4E9", "//"),
    "killing": Look("#D55E00", "xx"),
    # how sure a number of the model is
    "sourced": Look("#009E73"),
    "calibrated": Look("#56B4E9", ".."),
    "assumed": Look("#E69F00", "//"),
    # bands of DM1, measured points, sums
    "low": Look("#f4f4f4"),
    "intermediate": Look("#e2e2e2"),
    "high": Look("#cccccc"),
    "measured": Look("#000000", "", "none"),
    "simulated": Look("#0072B2"),
    "total": Look("#000000"),
}
"""What each colour means: the only table of colours; figures ask it by meaning."""

_CLONE_LINES: tuple[LineStyleType, ...] = (
    "-",
    "--",
    "-.",
    ":",
    (0, (6.0, 1.5, 1.0, 1.5, 1.0, 1.5)),
    (0, (2.0, 1.0)),
)


_ARMS = ("#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00")


def arm_look(index: int) -> Look:
    """Return the look of an arm of a comparison: the first is black and solid, the others differ in colour and line."""
    return Look(_ARMS[index % len(_ARMS)], "", _CLONE_LINES[index % len(_CLONE_LINES)])


LIGHTEST = 0.6
"""How far clones go along cividis: a line beyond it is too faint on white (contrast below 3 to 1)."""


def clone_look(index: int, count: int) -> Look:
    """Return the look of a clone: a shade of cividis (grey-safe by design) and a line style of its own."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    shade = 0.0 if count < 2 else LIGHTEST * index / (count - 1)
    return Look(to_hex(colormaps["cividis"](shade)), "", _CLONE_LINES[index % len(_CLONE_LINES)])


def look() -> AbstractContextManager[None]:
    """Return the context in which figures are drawn and saved: matplotlib's defaults, then ours."""
    from matplotlib import style

    return style.context(["default", RC])


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
