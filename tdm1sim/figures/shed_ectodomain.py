"""HER2 ectodomain that cells have shed into their surroundings, while antibody holds some of it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.figures import captions, curves, labels, reading, style, texts
from tdm1sim.figures.words import duration, listed, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

NAME = "shed_ectodomain"
NARROW = 10.0
"""A range of concentrations below this factor is drawn on a linear axis from zero."""


def applies(results: Results) -> bool:
    """Whether antibody of subdomain IV, which keeps HER2 from being shed, meets cells that shed any."""
    return reading.has_antibody(results) and bool(np.nanmax(pool(results).mean, initial=0.0) > 0)


def unasked(results: Results) -> bool:
    """Whether it is the point of the run: the antibody was naked, so that its own ways of acting are all there is."""
    return not reading.has_conjugate(results)


def pool(results: Results) -> reading.Series:
    """Return shed ectodomain in the surroundings of the cells, nM."""
    return reading.interval(reading.per_replicate(results.timeseries, "local_shed_ecd_nM"))


def unit_of(results: Results) -> tuple[float, str]:
    """Return how many of the unit shown one nM is, and its name: so little is shed under antibody that nM are many."""
    return (1000.0, "pM") if float(np.nanmax(pool(results).mean)) < 0.1 else (1.0, "nM")


def draw(results: Results, ax: Axes) -> Axes:
    """Draw the pool on ``ax`` and return it; from zero where its range is narrow, else on a logarithmic axis."""
    time, label = reading.clock(results)
    style.time_axis(ax, float(time[-1]), label)
    factor, unit = unit_of(results)
    found = pool(results)
    series = reading.Series(factor * found.mean, factor * found.low, factor * found.high)
    narrow = curves.is_narrow([series], NARROW)
    band = reading.model_band(results.uncertainty, "local_shed_ecd_nM", reading.times(results))
    scaled = band and (factor * band[0], factor * band[1])
    curves.ignorance(ax, time, scaled, style.MEANING["shed"].colour, "shed", log=not narrow)
    if narrow:
        curves.line_from_zero(ax, time, series, "shed")
        curves.scale_from_zero(ax, [series.mean])
    else:
        curves.log_line(ax, time, series, "shed", "")
        curves.scale_log(ax, [series.mean])
    where = "shed_in_tissue" if reading.is_patient(results) else "shed_in_medium"
    ax.set_ylabel(texts.label(where, unit=unit))
    labels.dress(ax, title(results), captions.below(NAME, results, captions.bands(results)))
    return ax


def _where(results: Results) -> str:
    return "in the tissue" if reading.is_patient(results) else "in the medium"


def title(results: Results) -> str:
    """Return the finding: the highest pool, and where it ends."""
    time, _ = reading.clock(results)
    factor, unit = unit_of(results)
    series, days = factor * pool(results).mean, reading.in_days(results)
    top, last = int(np.nanargmax(series)), float(series[np.isfinite(series)][-1])
    who = listed(reading.naked(results)) if not reading.has_conjugate(results) else "antibody"
    where = f"Shed HER2 {_where(results)}"
    if top == len(series) - 1:
        return f"{where} rises to {plain(last, 2)} {unit} in {reading.length(results)} while {who} is bound"
    hours = float(time[top]) * (24.0 if days else 1.0)
    moment = duration(hours, in_days=days and hours >= 48.0, digits=2)
    fall = f"{where} peaks at {plain(float(series[top]), 2)} {unit} after {moment}"
    return f"{fall}; while {who} is bound it is {plain(last, 2)} {unit} after {reading.length(results)}"


def caption(results: Results) -> str:
    """Return what is shown, from which run, and what is assumed."""
    what = (
        f"HER2 ectodomain that cells have shed, {_where(results)}, {unit_of(results)[1]}. HER2 with antibody on "
        "subdomain IV is shed less; pertuzumab, on subdomain II, changes nothing. The rate at which free HER2 is shed "
        "is assumed. "
    )
    if reading.is_patient(results):
        what += "The tumour starts where shedding and outflow balance."
    else:
        what += "The medium starts without any, and loses it only when it is changed."
    return captions.compose(NAME, results, what, captions.intervals(results))
