"""Exposure in the body over cycles: conjugate, all antibody and DM1 in plasma, with published peaks and troughs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tdm1sim import given
from tdm1sim.catalogue.drugs import DEFAULT
from tdm1sim.figures import captions, curves, exposure, labels, plasma_dm1, published_pk, reading, style, texts
from tdm1sim.figures.words import listed, percent, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

NAME = "pharmacokinetics"
MARGIN = 3.3
"""Room right of the axes for labels, in."""
UPPER, BETWEEN = 0.55, 0.055
"""Share of the height that antibody has, and that is left between the panels."""


class Cycle(NamedTuple):
    """The first cycle: highest concentration, the one before the second dose (ug/mL), and what DM1 reaches (ng/mL)."""

    peak: float
    trough: float
    dm1: float


def applies(results: Results) -> bool:
    """Whether the run is a patient given T-DM1, for at least one cycle."""
    if not (reading.is_patient(results) and reading.has_conjugate(results)):
        return False
    long_enough = float(reading.times(results)[-1]) >= 24.0 * published_pk.EVERY
    return given.of(results).conjugate.name == DEFAULT and long_enough


def antibody(results: Results) -> reading.Floats:
    """Return all antibody of subdomain IV in plasma, ug/mL (by the molar mass of T-DM1), shape (replicates, times)."""
    return reading.per_replicate(results.timeseries, "plasma_antibody_nM") / exposure.nM_per_ug_ml(results)


def conjugate(results: Results) -> reading.Floats:
    """Return conjugate in plasma, ug/mL, shape (replicates, times)."""
    return reading.per_replicate(results.timeseries, "plasma_conjugate_ug_ml")


def first_cycle(results: Results) -> Cycle:
    """Return what is told of the first cycle, means over replicates."""
    hours = reading.times(results)
    within = hours <= 24.0 * published_pk.EVERY + 1e-6
    course, dm1 = reading.interval(conjugate(results)).mean, plasma_dm1.total(results).mean
    return Cycle(float(np.nanmax(course[within])), float(course[within][-1]), float(np.nanmax(dm1[within])))


def draw(results: Results, ax: Axes) -> Axes:
    """Draw antibody above and DM1 below, over the same time, in the place of ``ax``; return it."""
    ax.set_axis_off()
    above = ax.inset_axes((0.0, 1.0 - UPPER, 1.0, UPPER))
    below = ax.inset_axes((0.0, 0.0, 1.0, 1.0 - UPPER - BETWEEN))
    days, last = reading.times(results) / 24.0, float(reading.times(results)[-1]) / 24.0
    _antibody(results, above, days, last)
    _dm1(results, below, days, last)
    above.set_xlabel("")
    above.tick_params(labelbottom=False)
    labels.dress(ax, title(results), captions.below(NAME, results, bands(results)))
    return ax


def bands(results: Results) -> str:
    """Return what thin lines and bands are: of one patient plasma has no chance, and no band of it."""
    each = "Thin lines: one patient each; thick lines: their mean." if reading.is_population(results) else ""
    return f"{each} {captions.ignorance_of(reading.draws(results))}".strip()


def _antibody(results: Results, ax: Axes, days: reading.Floats, last: float) -> None:
    style.time_axis(ax, last, texts.label("time_days"))
    own, every = conjugate(results), antibody(results)
    numbers = published_pk.published(results)
    spreads = np.array([end for one in numbers for end in (one.low, one.high) if np.isfinite(end)])
    lines = [
        ("plasma", texts.label("plasma_conjugate"), own),
        ("antibody", texts.label("plasma_all_antibody"), every),
    ]
    _line(results, ax, days, own, "plasma", "plasma_conjugate_ug_ml")
    _line(results, ax, days, every, "antibody", "plasma_antibody_nM", 1.0 / exposure.nM_per_ug_ml(results))
    _scale(ax, [*(reading.interval(values).mean for _, _, values in lines), spreads])
    published_pk.mark(ax, numbers, last)
    ax.set_ylabel(texts.label("antibody_in_plasma"))
    entries = [(text, style.MEANING[meaning], _last(values)) for meaning, text, values in lines]
    if numbers:
        entries.append((texts.label("published_peak_and_trough"), _measured(), float(ax.get_ylim()[1])))
    _labels(ax, entries)


def _dm1(results: Results, ax: Axes, days: reading.Floats, last: float) -> None:
    style.time_axis(ax, last, texts.label("time_days"))
    values = reading.per_replicate(results.timeseries, "plasma_dm1_ng_ml")
    _line(results, ax, days, values, "payload", "plasma_dm1_ng_ml")
    levels = [reading.interval(values).mean]
    entries = [(texts.label("plasma_dm1"), style.MEANING["payload"], _last(values))]
    seen = plasma_dm1.measured(results) if published_pk.published(results) else None
    if seen is not None:
        levels.append(np.array([seen.low, seen.high]))
    _scale(ax, levels)
    if seen is not None:
        published_pk.mark(ax, [published_pk.of(plasma_dm1.ROW, 0.0)], last)
        entries.append((texts.label("published_peak"), _measured(), float(ax.get_ylim()[1])))
    ax.set_ylabel(texts.label("dm1_set_free"))
    _labels(ax, entries)


def _line(
    results: Results,
    ax: Axes,
    days: reading.Floats,
    values: reading.Floats,
    meaning: str,
    column: str,
    factor: float = 1.0,
) -> None:
    """Draw a line with its bands; ``factor`` brings the column of the tables to the unit of the axis."""
    series = reading.interval(values)
    if reading.is_population(results):
        curves.each(ax, days, values, meaning)
        series = reading.interval(series.mean[None, :])
    band = reading.model_band(results.uncertainty, column, reading.times(results))
    scaled = band and (factor * band[0], factor * band[1])
    curves.ignorance(ax, days, scaled, style.MEANING[meaning].colour, meaning, log=True)
    curves.log_line(ax, days, series, meaning, meaning)


def _scale(ax: Axes, levels: list[reading.Floats]) -> None:
    """Scale the axis of y with a tick at every decade, however low the panel."""
    from matplotlib.ticker import LogLocator

    curves.scale_log(ax, levels)
    ax.yaxis.set_major_locator(LogLocator(numticks=12))


def _last(values: reading.Floats) -> float:
    mean = reading.interval(values).mean
    return float(mean[np.isfinite(mean)][-1])


def _measured() -> style.Look:
    return style.Look(style.MEANING["measured"].colour, "", "none", "o")


def _labels(ax: Axes, entries: list[tuple[str, style.Look, float]]) -> None:
    """Write what lines and marks are right of them; `labels` counts heights on linear axes."""
    bottom, top = ax.get_ylim()

    def height(value: float) -> float:
        share = np.log(min(max(value, bottom), top) / bottom) / np.log(top / bottom)
        return float(bottom + share * (top - bottom))

    told = [labels.Entry(text, look, height(value), area=False) for text, look, value in entries]
    labels.margin_labels(ax, told, MARGIN, leaders=False)


def title(results: Results) -> str:
    """Return the finding: peak, and what is left when the next dose is due, beside what was published."""
    cycle, numbers = first_cycle(results), published_pk.published(results)
    peaks = [one.mean for one in numbers if one.day == 0.0]
    troughs = [one.mean for one in numbers if one.day > 0.0]
    seen = f" (published: {plain(min(peaks))} to {plain(max(peaks))})" if peaks else ""
    left = f" (published: {listed([plain(value) for value in sorted(troughs)])})" if troughs else ""
    return (
        f"Plasma peaks at {plain(cycle.peak)} µg/mL of T-DM1{seen}; after {plain(published_pk.EVERY)} days "
        f"{plain(cycle.trough)} are left{left}, {percent(cycle.trough / cycle.peak)} of the peak"
    )


def caption(results: Results) -> str:
    """Return what is shown, what was published, from which run."""
    numbers, seen = published_pk.published(results), plasma_dm1.measured(results)
    what = (
        "Plasma over time, both axes of concentration logarithmic. Above: antibody that still carries DM1 (T-DM1), and "
        "all antibody of subdomain IV, whether it carries DM1 or has lost it, µg/mL by the molar mass of T-DM1. Below: "
        "DM1 that the conjugate has released, bound to protein and not, ng/mL; it does not feed the cells here. "
        "A two-compartment model, which the tumour does not deplete. The lines begin where there is some."
    )
    chance = (
        captions.intervals(results)
        if reading.is_population(results)
        else "One patient of given weight: no chance in plasma, so no band of it; patients differ, as the SDs say. "
        f"{captions.ignorance_of(reading.draws(results))}".strip()
    )
    dm1 = plasma_dm1.measured_words(seen) if seen and numbers else ""
    return captions.compose(NAME, results, what, published_pk.words(numbers), dm1, chance)
