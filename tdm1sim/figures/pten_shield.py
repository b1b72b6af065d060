"""What losing PTEN does to the number of living cells, with and without payload, for every strength of PI3K's shield.

Not a figure of one run: it shows differences between paired runs, which `benchmarks/pten_shield.py` makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.figures import labels, limits, style, texts
from tdm1sim.figures.slide import blank
from tdm1sim.figures.words import INTERVAL, capital, listed, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Page

    from tdm1sim.intervals import Interval

NAME = "pten_shield"
MARGIN = 0.5
"""Room right of the axes, in."""

MEASURES = {
    "live": texts.english("pten_live"),
    "auc": texts.english("pten_auc"),
}
"""What is compared, as sentences have it."""

LIMITS = (
    "q, how many times slower drugged cells die with full PI3K signalling, was not measured; no value was chosen to "
    "obtain a sign.",
    limits.PTEN,
    limits.TOXICITY,
    limits.CELLS,
    limits.ADVICE,
)
"""The limit lines."""

_SHIFT = 0.13
"""Half of the distance between the two marks of one q, where two q are 1 apart."""
GAP, TOP = 0.13, 0.1
"""Gap between the panels, and room for their names, as shares of the axes."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """One paired difference, PTEN deficient minus intact, on common luck.

    Attributes
    ----------
    q : float
        Strength of PI3K's shield, 1 for none.
    payload : bool
        Whether the payload acts; blockade acts in both.
    measure : str
        A key of `MEASURES`.
    difference : Interval
        Mean and 95 % interval over replicates, chance alone.
    """

    q: float
    payload: bool
    measure: str
    difference: Interval


def sign(contrast: Contrast) -> int:
    """Return 1 or -1 where a difference is clear of chance, else 0."""
    low, high = contrast.difference["low"], contrast.difference["high"]
    if low is None or high is None:
        return 0
    return 1 if low > 0.0 else -1 if high < 0.0 else 0


def depends(contrasts: Sequence[Contrast], measure: str, *, payload: bool) -> bool:
    """Whether the sign of a difference depends on q: clearly above zero for one, clearly below for another."""
    signs = {sign(one) for one in _some(contrasts, measure, payload=payload)}
    return {-1, 1} <= signs


def _some(contrasts: Sequence[Contrast], measure: str, *, payload: bool) -> list[Contrast]:
    found = [one for one in contrasts if one.measure == measure and one.payload == payload]
    return sorted(found, key=lambda one: one.q)


def draw(contrasts: Sequence[Contrast], founders: str, ax: Axes) -> Axes:
    """Divide ``ax`` into a panel per measure and draw the differences by q; return it.

    Parameters
    ----------
    contrasts : sequence of Contrast
        Every q, with and without payload, of both measures.
    founders : str
        Size of the runs in words, for the line below.
    """
    ax.set_axis_off()
    wide = (1.0 - GAP) / 2.0
    handles = []
    for i, measure in enumerate(MEASURES):
        panel = ax.inset_axes((i * (wide + GAP), 0.0, wide, 1.0 - TOP))
        handles = [
            _marks(panel, _some(contrasts, measure, payload=payload), payload=payload) for payload in (True, False)
        ]
        _axes(panel, _some(contrasts, measure, payload=True))
        panel.set_title(texts.label(f"pten_{measure}"), loc="left", fontsize=style.DIRECT, fontweight="bold")
        panel.set_ylabel(texts.label("pten_difference") if i == 0 else "")
    labels.key_above(ax, handles)
    labels.dress(ax, title(contrasts), (f"{founders} Lines: {INTERVAL}.", *LIMITS))
    return ax


def _marks(panel: Axes, some: Sequence[Contrast], *, payload: bool) -> object:
    look = style.MEANING["payload" if payload else "antibody"]
    at = np.arange(len(some)) + (-_SHIFT if payload else _SHIFT)
    means = [_number(one.difference["mean"]) for one in some]
    low, high = ([_number(one.difference[end]) for one in some] for end in ("low", "high"))
    words = "with" if payload else "without"
    panel.vlines(at, low, high, color=look.colour, linewidth=3.0, gid=f"{words}-interval")
    (marks,) = panel.plot(
        at,
        means,
        color=look.colour,
        linestyle="none",
        marker="s" if payload else "o",
        markersize=13,
        markerfacecolor=look.colour if payload else style.colour("ground"),
        markeredgewidth=2.5,
        label=texts.label(f"pten_{words}_payload"),
        gid=f"{words}-payload",
    )
    return marks


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _axes(panel: Axes, some: Sequence[Contrast]) -> None:
    low, high = min(panel.dataLim.y0, 0.0), max(panel.dataLim.y1, 0.0)
    span = max(high - low, 1e-6)
    panel.set_ylim(low - 0.12 * span, high + 0.12 * span)
    panel.set_xlim(-0.5, len(some) - 0.5)
    panel.axhline(0.0, color=style.colour("ink"), linewidth=1.4)
    panel.set_xticks(range(len(some)), [f"q = {plain(one.q)}" for one in some])
    panel.tick_params(axis="x", length=0.0)
    style.even_ticks(panel.yaxis)
    panel.grid(axis="y")


def title(contrasts: Sequence[Contrast]) -> str:
    """Return the finding: the difference in living cells under T-DM1 for every q, and whether its sign depends on q."""
    some = _some(contrasts, "live", payload=True)
    if not any(sign(one) for one in some):
        every = listed([plain(one.q) for one in some])
        return f"Under T-DM1, PTEN loss changes living cells by nothing clear of chance, at q {every}"
    told = ", ".join(f"{_told(one)} at q {plain(one.q)}" for one in some)
    if depends(contrasts, "live", payload=True):
        return f"Whether PTEN loss helps cells under T-DM1 depends on q; living cells per founder: {told}"
    return f"Under T-DM1, PTEN loss changes living cells per founder by {told}"


def _told(contrast: Contrast) -> str:
    if sign(contrast) == 0:
        return "nothing clear of chance"
    return f"{_number(contrast.difference['mean']):+.2f}".replace("-", "−")


def caption(contrasts: Sequence[Contrast], founders: str) -> str:
    """Return what is shown, every difference with its interval, and how it is meant."""
    what = (
        "Differences between a tumour without PTEN and an intact one, each cell with the same luck in both, after one "
        "dose of T-DM1 (3.6 mg/kg): living cells per founder on day 21, and the area under them. Without PTEN, PI3K "
        "signalling stays on whatever is bound, so blockade no longer slows G1; and drugged cells die more slowly, by "
        "q (1: no shield). A slower G1 also protects from a drug that acts at mitosis, so losing blockade can cost "
        "cells as well as save them, and the sign may depend on q."
    )
    signs = [
        f"{capital(MEASURES[measure])}, {'with' if payload else 'without'} payload: "
        f"{_signs(contrasts, measure, payload=payload)}."
        for measure in MEASURES
        for payload in (True, False)
    ]
    rows = [
        f"q {plain(one.q)}, {'with' if payload else 'without'} payload, {MEASURES[measure]}: {_whole(one.difference)}."
        for measure in MEASURES
        for payload in (True, False)
        for one in _some(contrasts, measure, payload=payload)
    ]
    meant = f"Intervals: {INTERVAL} (Student t over paired replicates)."
    guard = f"Limits: {' '.join(LIMITS)}"
    return "\n\n".join((f"{what} {' '.join(signs)}", f"{founders} {meant}", " ".join(rows), guard))


def _signs(contrasts: Sequence[Contrast], measure: str, *, payload: bool) -> str:
    """Return in words what the sign of a difference does when q changes."""
    signs = {sign(one) for one in _some(contrasts, measure, payload=payload)}
    if {-1, 1} <= signs:
        return "the sign depends on q"
    return "no change of sign that is clear of chance" if 0 in signs else "the same sign for every q"


def _whole(found: Interval) -> str:
    ends = "" if found["low"] is None else f" ({found['low']:+.3f} to {found['high']:+.3f})"
    return f"{_number(found['mean']):+.3f}{ends}".replace("-", "−")


def page(contrasts: Sequence[Contrast], founders: str) -> Page:
    """Return the figure as a slide."""
    with style.look():
        sheet, ax = blank(title(contrasts), MARGIN, key=True)
        draw(contrasts, founders, ax)
    return sheet
