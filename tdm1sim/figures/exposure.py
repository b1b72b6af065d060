"""The drug around the cells: conjugate and all antibody, in plasma and free in the tumour, or in the medium."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tdm1sim import given
from tdm1sim.catalogue import load_catalogue
from tdm1sim.figures import captions, curves, labels, reading, style, texts
from tdm1sim.figures.words import capital, duration, listed, number_of, percent, plain

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

STEADY = 0.97
"""A last concentration above this share of the highest is told as one that stays."""

NAKED = 1.1
"""Antibody this many times the conjugate, at any time, gets a line of its own: naked antibody competes for HER2."""


COLUMNS = {
    "plasma": "plasma_conjugate_ug_ml",
    "antibody": "plasma_antibody_nM",
    "local": "local_conjugate_nM",
    "local_antibody": "local_antibody_nM",
}
"""Meaning of a line to the column of ``timeseries.csv`` it is drawn from."""


class Line(NamedTuple):
    """One line: the meaning of its look, its words in the key, its values (nM), shape (replicates, times)."""

    meaning: str
    text: str
    values: reading.Floats

    @property
    def column(self) -> str:
        """Return the column of the tables it is drawn from."""
        return COLUMNS[self.meaning]

    @property
    def nM(self) -> reading.Series:
        """Return mean and interval over replicates."""
        return reading.interval(self.values)


def molar_mass(results: Results) -> float:
    """Return the molar mass (g/mol) by which this figure converts: the conjugate's, or the naked antibody's alone."""
    symbol = "MW" if reading.has_conjugate(results) or not reading.has_antibody(results) else "MW_trastuzumab"
    mass = number_of(reading.setting(results, f"parameters.{symbol}"))
    if not mass > 0:
        mass = load_catalogue().parameters[symbol].value
    return mass * 1e3 if mass < 1e4 else mass  # the catalogue may display kDa


def nM_per_ug_ml(results: Results) -> float:
    """Return how many nM one ug/mL is, by `molar_mass`."""
    return 1e6 / molar_mass(results)


def lines(results: Results) -> list[Line]:
    """Return the lines of a run: conjugate, and all antibody of subdomain IV where that is clearly more."""
    own = given.of(results).conjugate.short if reading.has_conjugate(results) else ""
    found = []
    if reading.is_patient(results):
        plasma, antibody, local = _plasma(results), _values(results, "plasma_antibody_nM"), _local(results)
        if own:
            found.append(Line("plasma", texts.label("exposure_plasma", drug=own), plasma))
            if _is_more(antibody, plasma):
                text = texts.label("exposure_all_antibody", payload=given.of(results).payload)
                found.append(Line("antibody", text, antibody))
            found.append(Line("local", texts.label("exposure_in_tumour", drug=own), local))
        elif reading.has_antibody(results):
            found.append(Line("antibody", texts.label("exposure_naked_in_plasma"), antibody))
            found.append(Line("local_antibody", texts.label("exposure_naked_in_tumour"), _antibody(results)))
        return found
    if own:
        found.append(Line("local", own, _local(results)))
    if reading.has_antibody(results) and (not own or _is_more(_antibody(results), _local(results))):
        text = texts.label("exposure_all_in_medium" if own else "antibody")
        found.append(Line("local_antibody", text, _antibody(results)))
    return found


def _ignorance(results: Results, ax: Axes, time: reading.Floats, line: Line, per_nM: float, *, log: bool) -> None:
    """Draw the band of ignorance of a line whose axis counts ``per_nM`` for each nM."""
    band = reading.model_band(results.uncertainty, line.column, reading.times(results))
    factor = per_nM * (nM_per_ug_ml(results) if line.column.endswith("ug_ml") else 1.0)
    scaled = band and (factor * band[0], factor * band[1])
    curves.ignorance(ax, time, scaled, style.MEANING[line.meaning].colour, line.meaning, log=log)


def _is_more(antibody: reading.Floats, conjugate: reading.Floats) -> bool:
    there = conjugate > 1e-3 * np.nanmax(conjugate)
    return bool((antibody[there] > NAKED * conjugate[there]).any())


def has_key(results: Results) -> bool:
    """Whether several lines are drawn, which a key tells apart."""
    return len(lines(results)) > 1


def draw(results: Results, ax: Axes) -> Axes:
    """Draw the exposure on ``ax`` and return it.

    Patient: plasma and free interstitial drug on one logarithmic axis, ug/mL at the left, the same in nM at the
    right. Culture: drug in the medium, nM, from zero where it stays within a factor of ten. Mean over replicates with
    the interval; where replicates are patients, a thin line for each instead.
    """
    time, label = reading.clock(results)
    style.time_axis(ax, float(time[-1]), label)
    shown = lines(results)
    if not shown:
        _say_none(results, ax)
    elif reading.is_patient(results):
        _patient(results, ax, time, shown)
    else:
        _culture(results, ax, time, shown)
    bands = captions.bands(results) if shown else ""
    if shown and reading.is_population(results):
        bands = "Thin lines: one patient each; thick lines: their mean."
        bands = f"{bands} {captions.ignorance_of(reading.draws(results))}".strip()
    labels.dress(ax, title(results), captions.below(NAME, results, bands))
    return ax


def _what(results: Results) -> str:
    """Return what the axis of y counts."""
    if not reading.has_antibody(results):
        return texts.label("conjugate")
    meanings = {line.meaning for line in lines(results)}
    if not reading.is_patient(results) and "local_antibody" in meanings:
        return texts.label("antibody")
    conjugate, antibody = bool(meanings & {"plasma", "local"}), any("antibody" in m for m in meanings)
    return texts.label("conjugate_and_antibody" if conjugate and antibody else "conjugate" if conjugate else "antibody")


def _say_none(results: Results, ax: Axes) -> None:
    what = _what(results)
    in_plasma = reading.is_patient(results)
    ax.set_ylabel(texts.label("what_in_plasma", what=what) if in_plasma else texts.label("what_in_medium", what=what))
    ax.set_ylim(0.0, 1.0)
    ax.set_yticks([0.0])
    drugs = given.of(results)
    if drugs.antibodies:
        text = texts.label("course_not_recorded", drugs=listed(list(drugs.antibodies), texts.label))
    else:
        ax.plot(ax.get_xlim(), [0.0, 0.0], color=style.MEANING["plasma"].colour, linewidth=4.0, clip_on=False)
        text = texts.label("no_antibody_given" if drugs.drugs else "no_drug_given")
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", fontsize=style.letters(30.0))


def _patient(results: Results, ax: Axes, time: reading.Floats, shown: list[Line]) -> None:
    factor = nM_per_ug_ml(results)
    for line in shown:
        series = reading.interval(line.values / factor)
        if reading.is_population(results):
            curves.each(ax, time, line.values / factor, line.meaning)
            series = reading.interval(series.mean[None, :])
        _ignorance(results, ax, time, line, 1.0 / factor, log=True)
        curves.log_line(ax, time, series, line.meaning, line.text)
    curves.scale_log(ax, [line.nM.mean / factor for line in shown])
    ax.set_ylabel(texts.label("what_in_plasma", what=_what(results)))

    def to_nM(value: Any) -> Any:
        return value * factor

    def from_nM(value: Any) -> Any:
        return value / factor

    right = ax.secondary_yaxis("right", functions=(to_nM, from_nM))
    right.set_ylabel(texts.label("same_in_nM"), labelpad=9.0)
    style.log_axis(right.yaxis, *ax.get_ylim())
    labels.key_above(ax, ax.get_legend_handles_labels()[0])


def _culture(results: Results, ax: Axes, time: reading.Floats, shown: list[Line]) -> None:
    series = [line.nM for line in shown]
    if curves.is_narrow(series, NARROW):
        for line in shown:
            _ignorance(results, ax, time, line, 1.0, log=False)
            curves.line_from_zero(ax, time, line.nM, line.meaning, line.text)
        curves.scale_from_zero(ax, [one.mean for one in series])
    else:
        for line in shown:
            _ignorance(results, ax, time, line, 1.0, log=True)
            curves.log_line(ax, time, line.nM, line.meaning, line.text)
        curves.scale_log(ax, [one.mean for one in series])
    ax.set_ylabel(texts.label("in_medium", drug=_what(results)))
    if len(shown) > 1:
        labels.key_above(ax, ax.get_legend_handles_labels()[0])


def _values(results: Results, column: str) -> reading.Floats:
    return reading.per_replicate(results.timeseries, column)


def _plasma(results: Results) -> reading.Floats:
    """Return conjugate in plasma, nM."""
    return _values(results, "plasma_conjugate_ug_ml") * nM_per_ug_ml(results)


def _local(results: Results) -> reading.Floats:
    return _values(results, "local_conjugate_nM")


def _antibody(results: Results) -> reading.Floats:
    return _values(results, "local_antibody_nM")


def title(results: Results) -> str:
    """Return the finding: peaks, and how little of what is in plasma is free in the tumour."""
    if not reading.has_antibody(results):
        return _title_of_none(results)
    own = reading.has_conjugate(results)
    local = reading.interval(_local(results) if own else _antibody(results)).mean
    if not reading.is_patient(results):
        who = "Conjugate" if own else capital(listed(reading.naked(results)))
        top, last = float(np.nanmax(local)), float(local[np.isfinite(local)][-1])
        if last > STEADY * top:
            return f"{who} in the medium stays near {plain(top)} nM for {reading.length(results)}"
        end = f"{plain(last, 2)} nM" if last > 0 else "gone"
        return f"{who} in the medium peaks at {plain(top)} nM and is {end} after {reading.length(results)}"
    return _title_of_patient(results, local, own=own)


def _title_of_none(results: Results) -> str:
    drugs = given.of(results)
    if drugs.antibodies:
        who = capital(listed(list(drugs.antibodies)))
        return f"{who} binds away from the conjugate's place: its course over {reading.length(results)} is not recorded"
    what = "No antibody given" if drugs.drugs else "No drug given"
    return f"{what}: no conjugate reaches the cells in {reading.length(results)}"


def _title_of_patient(results: Results, local: reading.Floats, *, own: bool) -> str:
    factor, at = nM_per_ug_ml(results), reading.times(results)
    each = (_plasma(results) if own else _values(results, "plasma_antibody_nM")) / factor
    plasma = reading.interval(each).mean
    shares = np.asarray(local / np.where(plasma > 0, plasma * factor, np.nan), dtype=np.float64)
    share = reading.typical(shares, at)
    free = "free conjugate" if own else "free antibody"
    told = f"Plasma peaks at {_peaks(results, each, own=own)}; "
    told += f"{free} in the tumour is typically {percent(share)} of that in plasma"
    if np.nanmax(shares) > WANDERING * share:
        day = at[int(np.nanargmax(shares))] / 24.0
        return f"{told}, at most {percent(float(np.nanmax(shares)))} (day {day:.0f})"
    return f"{told}: the cells take up what arrives" if share < SHARE_OF_SUPPLY_LIMIT else told


def _peaks(results: Results, each: reading.Floats, *, own: bool) -> str:
    """Return the highest plasma concentration in words: of each patient where there are several kinds of them."""
    if reading.is_population(results):
        tops = np.nanmax(each, axis=1)
        return f"{plain(float(tops.min()))} to {plain(float(tops.max()))} µg/mL in {len(tops)} patients"
    factor, pk = nM_per_ug_ml(results), results.summary.get("pk") or {}
    highest = float(np.nanmax(reading.interval(each).mean))
    if not own:
        return f"{plain(highest)} µg/mL of {listed(reading.naked(results))}"
    # doses add to what earlier ones left
    what = f"{plain(max(float(pk.get('cmax_ug_ml') or 0.0), highest))} µg/mL"
    if not reading.naked(results):
        return what
    antibody = float(np.nanmax(reading.interval(_values(results, "plasma_antibody_nM")).mean)) / factor
    return f"{what} of {given.of(results).conjugate.short} and {plain(antibody)} of antibody in all"


def caption(results: Results) -> str:
    """Return what is shown, from which run, and what it leaves out."""
    shown = lines(results)
    if not reading.is_patient(results):
        narrow = not shown or curves.is_narrow([line.nM for line in shown], NARROW)
        axis = "axis from zero" if narrow else "logarithmic axis (nothing is drawn where there is none)"
        what = (
            f"{_subject(results)} in the medium, nM, {axis}. The cells take it up, and what dying "
            "cells release returns to the medium; the end of a treatment entry replaces the medium."
        )
    else:
        of = "conjugate" if reading.has_conjugate(results) else "antibody"
        what = (
            f"{_subject(results)} in plasma and free in the interstitial space of the tumour: one logarithmic "
            f"axis, µg/mL at the left and nM at the right, converted by the molar mass of the {of}; "
            "the lines begin where there is some, for such an axis has no zero. "
            "Plasma follows a two-compartment model and is not depleted by the tumour; the tumour is one "
            "compartment that is supplied by permeation and emptied by the cells."
        )
    return captions.compose(NAME, results, what, _naked(results, shown), _pk(results), captions.intervals(results))


def _subject(results: Results) -> str:
    if reading.has_antibody(results) and not reading.has_conjugate(results):
        return f"Naked antibody ({listed(reading.naked(results))})"
    return f"{given.of(results).conjugate.short} conjugate"


def _naked(results: Results, shown: list[Line]) -> str:
    """Return what all antibody is, where it has a line; and that pertuzumab is in none."""
    told = []
    if reading.has_conjugate(results) and any("antibody" in line.meaning for line in shown):
        payload = given.of(results).payload
        besides = ", and trastuzumab" if reading.naked(results) else ""
        told.append(
            "All antibody: everything that binds subdomain IV of HER2, which is conjugate, conjugate that has lost its "
            f"{payload}{besides}. What carries no {payload} competes for HER2."
        )
    if "pertuzumab" in given.of(results).antibodies:
        told.append("Pertuzumab, which binds subdomain II and does not compete, is in no line.")
    return " ".join(told)


def _pk(results: Results) -> str:
    pk = results.summary.get("pk")
    if not pk or not reading.has_conjugate(results):
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
    who = " of conjugate in the typical patient" if reading.is_population(results) else ""
    return f"One dose{who}, closed form: {', '.join(told)}."
