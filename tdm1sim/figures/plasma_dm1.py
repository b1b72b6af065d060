"""DM1 in the patient's plasma, total and not bound to protein, beside the peak measured in patients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tdm1sim import given
from tdm1sim.catalogue import load_catalogue
from tdm1sim.catalogue.drugs import DEFAULT
from tdm1sim.figures import captions, curves, labels, reading, style, texts
from tdm1sim.figures.words import duration, number_of, percent, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

NAME = "plasma_dm1"
ROW, DOSE = "b058", 3.6
"""Row of the evidence that holds the measured peak of cycle 1, and the dose it was measured at, mg/kg."""

NOT_SEEN = (
    "What a strong CYP3A4 inhibitor does here is a possibility that was looked for and not seen: in EMILIA, "
    "patients who took CYP3A inhibitors had DM1 peaks comparable to the others' (Agarwal et al., a conference "
    "abstract: exploratory, 307 patients, inhibitors of all strengths together), and numerically more adverse "
    "events. Toxicity is not modelled, so cells that notice nothing are no word on what the patient would."
)
"""What captions say where an inhibitor of CYP3A4 is given."""


class Measured(NamedTuple):
    """The measured peak, ng/mL: mean, and mean less and plus one SD."""

    mean: float
    low: float
    high: float


def applies(results: Results) -> bool:
    """Whether the run is a patient given T-DM1: of another payload's course in plasma nothing is put in."""
    own = given.of(results).conjugate.name == DEFAULT
    return own and reading.is_patient(results) and bool(np.nanmax(total(results).mean, initial=0.0) > 0)


def unasked(results: Results) -> bool:
    """Whether DM1 in plasma is the point of the run: a CYP3A4 inhibitor is given, which acts on nothing else."""
    return given.of(results).inhibits("cyp3a4")


def total(results: Results) -> reading.Series:
    """Return DM1 in plasma, bound and free, ng/mL."""
    return reading.interval(reading.per_replicate(results.timeseries, "plasma_dm1_ng_ml"))


def free(results: Results) -> reading.Series:
    """Return the DM1 in plasma that is not bound to protein, ng/mL."""
    return reading.interval(reading.per_replicate(results.timeseries, "plasma_free_dm1_ng_ml"))


def measured(results: Results) -> Measured | None:
    """Return the measured peak where the run begins with the dose it was measured at; else None."""
    for entry in reading.setting(results, "treatment") or ():
        if isinstance(entry, Mapping) and entry.get("drug") == DEFAULT:
            if number_of(entry.get("dose")) != DOSE:
                return None
            row = load_catalogue().evidence[ROW]
            return Measured(float(row["value"]), float(row["low"]), float(row["high"]))
    return None


def draw(results: Results, ax: Axes) -> Axes:
    """Draw total and free DM1 in plasma on a logarithmic axis of ``ax``, and the measured peak; return it."""
    time, label = reading.clock(results)
    style.time_axis(ax, float(time[-1]), label)
    both = total(results), free(results)
    for column, meaning in (("plasma_dm1_ng_ml", "payload"), ("plasma_free_dm1_ng_ml", "free")):
        band = reading.model_band(results.uncertainty, column, reading.times(results))
        curves.ignorance(ax, time, band, style.MEANING[meaning].colour, meaning, log=True)
    curves.log_line(ax, time, both[0], "payload", texts.label("dm1_total"))
    curves.log_line(ax, time, both[1], "free", texts.label("dm1_unbound"))
    levels = [series.mean for series in both]
    seen = measured(results)
    if seen is not None:
        levels.append(np.array([seen.high]))
        mark_measured(ax, float(time[-1]), seen)
    curves.scale_log(ax, levels)
    ax.set_ylabel(texts.label("dm1_in_plasma"))
    labels.key_above(ax, ax.get_legend_handles_labels()[0])
    labels.dress(ax, title(results), captions.below(NAME, results, captions.bands(results)))
    return ax


def mark_measured(ax: Axes, last: float, seen: Measured) -> None:
    """Mark the measured peak at the left, where peaks are, without covering the lines."""
    shown = style.MEANING["measured"]
    ax.errorbar(
        [0.012 * last],
        [seen.mean],
        [[seen.mean - seen.low], [seen.high - seen.mean]],
        color=shown.colour,
        linestyle="none",
        marker="o",
        markersize=11,
        markerfacecolor=style.colour("ground"),
        markeredgewidth=2.5,
        elinewidth=2.0,
        capsize=6.0,
        label=texts.label("measured_peak"),
        gid="measured-peak",
    )


def title(results: Results) -> str:
    """Return the finding: how high DM1 gets in plasma, how much of it is free, and what was measured."""
    course, unbound = total(results).mean, free(results).mean
    top = int(np.nanargmax(course))
    when = duration(float(reading.times(results)[top]), in_days=False, digits=2)
    share = percent(float(unbound[top] / course[top]))
    inhibited = " under the inhibitor" if unasked(results) else ""
    text = f"DM1 in plasma peaks at {plain(float(course[top]), 2)} ng/mL{inhibited} after {when}, {share} of it free"
    seen = measured(results)
    if seen is None:
        return text
    beside = "; measured without one: " if unasked(results) else "; measured: "
    return f"{text}{beside}{plain(seen.mean, 3)} ng/mL"


def caption(results: Results) -> str:
    """Return what is shown, from which run, what was seen in patients, and what this does not say."""
    what = (
        "DM1 in plasma that the conjugate has released, in all and not bound to protein (ng/mL, logarithmic axis; the "
        "lines begin where there is some). 93 % is bound and CYP3A4/5 metabolises it, as found in vitro; which share "
        "of its clearance CYP3A4 is, is assumed. It does not feed the cells here: a tumour cell holds tens to "
        "thousands of nM that conjugate has carried in, and 5 ng/mL are 7 nM, mostly bound."
    )
    seen = measured(results)
    mark = "" if seen is None else measured_words(seen)
    inhibitor = NOT_SEEN if unasked(results) else ""
    return captions.compose(NAME, results, what, mark, inhibitor, captions.intervals(results))


def measured_words(seen: Measured) -> str:
    """Return what the mark is, and where it is from."""
    return (
        f"Mark: peak measured in cycle 1 at {plain(DOSE)} mg/kg, {plain(seen.mean)} ng/mL (mean; SD "
        f"{plain(seen.high - seen.mean)}; US prescribing information, section 12.3, as quoted elsewhere: not read "
        "there)."
    )
