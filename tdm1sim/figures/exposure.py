"""The drug around the cells: plasma and free conjugate in the tumour, or the conjugate in the medium."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tdm1sim.catalogue import load_catalogue
from tdm1sim.figures import captions, labels, reading, style
from tdm1sim.figures.words import duration, number_of, percent, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

NAME = "exposure"
SHARE_OF_SUPPLY_LIMIT = 0.1
"""Free conjugate below this share of plasma is told as used up by the cells."""

WANDERING = 5.0
"""A largest share of plasma this many times the typical one is told beside it: the typical one misleads alone."""

NARROW = 10.0
"""A range of concentrations below this factor is drawn on a linear axis from zero."""


def nM_per_ug_ml(results: Results) -> float:
    """Return how many nM one ug/mL of conjugate is, by the conjugate's molar mass (g/mol)."""
    mass = number_of(reading.setting(results, "parameters.MW"))
    if not mass > 0:
        mass = load_catalogue().parameters["MW"].value
    return 1e6 / (mass * 1e3 if mass < 1e4 else mass)  # the catalogue may display kDa


def has_key(results: Results) -> bool:
    """Whether two lines are drawn, which a key tells apart."""
    return reading.is_patient(results) and reading.has_drug(results)


def draw(results: Results, ax: Axes) -> Axes:
    """Draw the exposure on ``ax`` and return it.

    Patient: plasma and free interstitial conjugate on one logarithmic axis, ug/mL at the left, the same in nM
    at the right. Culture: conjugate in the medium, nM, from zero where it stays within a factor of ten.
    Mean over replicates with the interval for chance.
    """
    time, label = reading.clock(results)
    style.time_axis(ax, float(time[-1]), label)
    if not reading.has_drug(results):
        _say_none(results, ax)
    elif reading.is_patient(results):
        _patient(results, ax, time)
    else:
        _culture(results, ax, time)
    bands = captions.bands(results) if reading.has_drug(results) else ""
    lines = captions.below(NAME, results, bands)
    labels.dress(ax, title(results), lines)
    return ax


def _say_none(results: Results, ax: Axes) -> None:
    patient = reading.is_patient(results)
    ax.set_ylabel("conjugate (µg/mL)" if patient else "conjugate in the medium (nM)")
    ax.set_ylim(0.0, 1.0)
    ax.set_yticks([0.0])
    ax.plot(ax.get_xlim(), [0.0, 0.0], color=style.MEANING["plasma"].colour, linewidth=4.0, clip_on=False)
    ax.text(0.5, 0.5, "no drug given", transform=ax.transAxes, ha="center", va="center", fontsize=30)


def _line(ax: Axes, time: reading.Floats, series: reading.Series, meaning: str, text: str) -> None:
    """Draw mean and band on a logarithmic axis; zeros are left out, since it has no place for them.

    So the lines of a patient begin with the first row after the start of the first infusion.
    """
    shown = style.MEANING[meaning]
    mean = np.where(series.mean > 0, series.mean, np.nan)
    ax.plot(time, mean, color=shown.colour, linestyle=shown.line, label=text, gid=meaning)
    if series.has_interval:
        low = np.where(series.low > 0, series.low, mean)
        ax.fill_between(time, low, series.high, where=series.mean > 0, color=shown.colour, alpha=0.25, linewidth=0)


def _plain_line(ax: Axes, time: reading.Floats, series: reading.Series, meaning: str) -> None:
    """Draw mean and band on an axis from zero."""
    shown = style.MEANING[meaning]
    ax.plot(time, series.mean, color=shown.colour, linestyle=shown.line, gid=meaning)
    if series.has_interval:
        ax.fill_between(time, series.low, series.high, color=shown.colour, alpha=0.25, linewidth=0)
    ax.set_ylim(0.0, 1.06 * float(np.nanmax(series.mean)))
    style.even_ticks(ax.yaxis)
    ax.grid(axis="y")


def _scale(ax: Axes, *values: reading.Floats) -> None:
    positive = np.concatenate([value[value > 0] for value in values])
    ax.set_yscale("log")
    ax.set_ylim(*style.log_limits(float(positive.min()), float(positive.max())))
    style.log_axis(ax.yaxis, *ax.get_ylim())
    ax.grid(axis="y")


def _patient(results: Results, ax: Axes, time: reading.Floats) -> None:
    factor = nM_per_ug_ml(results)
    plasma, local = _plasma(results), _local(results)
    inside = reading.Series(local.mean / factor, local.low / factor, local.high / factor)
    _line(ax, time, plasma, "plasma", "plasma")
    _line(ax, time, inside, "local", "free in the tumour (interstitial)")
    _scale(ax, plasma.mean, inside.mean)
    ax.set_ylabel("conjugate (µg/mL)")

    def to_nM(value: Any) -> Any:
        return value * factor

    def from_nM(value: Any) -> Any:
        return value / factor

    right = ax.secondary_yaxis("right", functions=(to_nM, from_nM))
    right.set_ylabel("the same in nM", labelpad=9.0)
    style.log_axis(right.yaxis, *ax.get_ylim())
    labels.key_above(ax, ax.get_lines()[:2])


def _culture(results: Results, ax: Axes, time: reading.Floats) -> None:
    local = _local(results)
    if _is_narrow(local):
        _plain_line(ax, time, local, "local")
    else:
        _line(ax, time, local, "local", "conjugate in the medium")
        _scale(ax, local.mean)
    ax.set_ylabel("conjugate in the medium (nM)")


def _is_narrow(series: reading.Series) -> bool:
    """Whether all positive values lie within `NARROW`: a logarithmic axis would be mostly empty."""
    positive = series.mean[series.mean > 0]
    return bool(positive.max() < NARROW * positive.min())


def _plasma(results: Results) -> reading.Series:
    return reading.interval(reading.per_replicate(results.timeseries, "plasma_conjugate_ug_ml"))


def _local(results: Results) -> reading.Series:
    return reading.interval(reading.per_replicate(results.timeseries, "local_conjugate_nM"))


def title(results: Results) -> str:
    """Return the finding: peaks, and how little of the plasma's conjugate is free in the tumour."""
    if not reading.has_drug(results):
        return f"No drug given: no conjugate reaches the cells in {reading.length(results)}"
    local = _local(results).mean
    if not reading.is_patient(results):
        told = f"Conjugate in the medium peaks at {plain(float(np.nanmax(local)))} nM"
        return f"{told} and is {_end(local)} after {reading.length(results)}"
    plasma = _plasma(results).mean
    pk = results.summary.get("pk") or {}
    peak = max(float(pk.get("cmax_ug_ml") or 0.0), float(np.nanmax(plasma)))  # doses add to what earlier ones left
    shares = _free_shares(results, plasma, local)
    share = reading.typical(shares, reading.times(results))
    told = f"Plasma peaks at {plain(peak)} µg/mL; free conjugate in the tumour is typically "
    told += f"{percent(share)} of that in plasma"
    if np.nanmax(shares) > WANDERING * share:
        day = reading.times(results)[int(np.nanargmax(shares))] / 24.0
        return f"{told}, at most {percent(float(np.nanmax(shares)))} (day {day:.0f})"
    return f"{told}: the cells take up what arrives" if share < SHARE_OF_SUPPLY_LIMIT else told


def _end(local: reading.Floats) -> str:
    last = local[np.isfinite(local)][-1]
    return f"{plain(float(last), 2)} nM" if last > 0 else "gone"


def _free_shares(results: Results, plasma: reading.Floats, local: reading.Floats) -> reading.Floats:
    """Return free tumour conjugate over plasma conjugate, both in nM, at each time; nan where plasma has none."""
    there = np.where(plasma > 0, plasma, np.nan)
    return np.asarray(local / (there * nM_per_ug_ml(results)), dtype=np.float64)


def caption(results: Results) -> str:
    """Return what is shown, from which run, and what it leaves out."""
    if not reading.is_patient(results):
        narrow = not reading.has_drug(results) or _is_narrow(_local(results))
        axis = "axis from zero" if narrow else "logarithmic axis (nothing is drawn where there is none)"
        what = (
            f"Conjugate (T-DM1) in the medium, nM, {axis}. The cells take it up, and what dying "
            "cells release returns to the medium; the end of a treatment entry replaces the medium."
        )
    else:
        what = (
            "T-DM1 conjugate in plasma and free in the interstitial space of the tumour: one logarithmic "
            "axis, µg/mL at the left and nM at the right, converted by the molar mass of the conjugate; "
            "the lines begin where there is conjugate, for such an axis has no zero. "
            "Plasma follows a two-compartment model and is not depleted by the tumour; the tumour is one "
            "compartment that is supplied by permeation and emptied by the cells."
        )
    return captions.compose(NAME, results, what, _pk(results), captions.intervals(results))


def _pk(results: Results) -> str:
    pk = results.summary.get("pk")
    if not pk:
        return ""
    told = [
        f"{words} {plain(float(pk[key]))} {unit}"
        for key, words, unit in (
            ("cmax_ug_ml", "Cmax", "µg/mL"),
            ("trough_ug_ml", "trough", "µg/mL"),
            ("auc_ug_d_ml", "area under the curve", "µg d/mL"),
        )
        if pk.get(key) is not None
    ]
    if pk.get("half_life_d") is not None:
        told.append(f"half-life {duration(24.0 * float(pk['half_life_d']), in_days=True)}")
    return f"One dose, closed form: {', '.join(told)}."
