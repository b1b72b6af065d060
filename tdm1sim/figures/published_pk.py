"""Published concentrations of T-DM1 in plasma, to be drawn over a run that was dosed as those patients were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.catalogue import load_catalogue
from tdm1sim.catalogue.drugs import DEFAULT
from tdm1sim.figures import reading, style
from tdm1sim.figures.words import number_of, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

DOSE, EVERY = 3.6, 21.0
"""What the patients were given, mg/kg, and every how many days."""
PEAKS, TROUGHS = ("b032", "b035", "b036", "b031"), ("b037", "b039")
"""Rows of the evidence: highest concentrations of cycle 1, and those before the second dose, ug/mL."""
APART = 0.011
"""Marks of the same moment stand this share of the axis apart."""


@dataclass(frozen=True, slots=True)
class Published:
    """One published number, in the unit of its axis.

    Attributes
    ----------
    row : str
        Of the evidence.
    day : float
        Of the run.
    mean, low, high : float
        Mean (or median), and mean less and plus one SD; not a number where no spread was published.
    source : str
        Where it stands.
    fitted : bool
        Whether a value of the model was fitted to it.
    kind : str
        What it is where it is no mean of measurements: a median, an estimate.
    """

    row: str
    day: float
    mean: float
    low: float
    high: float
    source: str
    fitted: bool
    kind: str = ""


def published(results: Results) -> tuple[Published, ...]:
    """Return the numbers that a run can be held against: none unless its patient was dosed like those."""
    entries = [entry for entry in reading.setting(results, "treatment") or () if isinstance(entry, Mapping)]
    own = [entry for entry in entries if entry.get("drug") == DEFAULT]
    if not reading.is_patient(results) or len(own) != 1 or number_of(own[0].get("dose")) != DOSE:
        return ()
    if number_of(own[0].get("from", 0)) > 0 or "mg/kg" not in str(own[0].get("dose")):
        return ()
    found = [of(row, 0.0) for row in PEAKS]
    again = number_of(own[0].get("cycles")) > 1
    if float(reading.times(results)[-1]) / 24.0 >= EVERY and (not again or _days(own[0].get("every")) == EVERY):
        found += [of(row, EVERY) for row in TROUGHS]
    return tuple(found)


def _days(text: object) -> float:
    """Return a length of time in days: ``21 d``, ``504 h`` or hours alone."""
    number = number_of(text)
    return number if str(text).split()[1:2] == ["d"] else number / 24.0


def of(row: str, day: float) -> Published:
    """Return a row of the evidence as a number of a day."""
    catalogue = load_catalogue()
    known = catalogue.evidence[row]
    low, high = (float(known[key]) if known[key] else np.nan for key in ("low", "high"))
    uses = {entry.used_for for entry in catalogue.published.values() if row in entry.rows}
    kinds = (("popPK", "a population model's estimate"), ("median", "median"))
    kind = next((words for sign, words in kinds if sign in known["quantity"]), "")
    return Published(row, day, float(known["value"]), low, high, known["source"], "calibration" in uses, kind)


def mark(ax: Axes, numbers: Sequence[Published], last: float) -> None:
    """Mark published numbers with their spread on axes of days and ug/mL, side by side where they would cover."""
    shown = style.MEANING["measured"]
    for day in dict.fromkeys(one.day for one in numbers):
        group = [one for one in numbers if one.day == day]
        for i, one in enumerate(group):
            at = day + APART * last * (i + 1 if day == 0.0 else i - len(group))
            spread = [[one.mean - one.low], [one.high - one.mean]] if np.isfinite(one.low) else None
            ax.errorbar(
                [at],
                [one.mean],
                spread,
                color=shown.colour,
                linestyle="none",
                marker="o",
                markersize=7.5,
                markerfacecolor=style.colour("ground"),
                markeredgewidth=2.0,
                elinewidth=1.6,
                capsize=3.5,
                zorder=4,
                gid=f"published-{one.row}",
            )


def words(numbers: Sequence[Published]) -> str:
    """Return what the marks are, with their sources."""
    if not numbers:
        return ""
    told = [_told(one) for one in numbers]
    return (
        f"Marks: published concentrations in patients given {plain(DOSE)} mg/kg every {plain(EVERY)} days, with one SD "
        f"up and down where it is known, side by side: {'; '.join(told)}."
    )


def _told(one: Published) -> str:
    sd = f"SD {plain(one.high - one.mean)}" if np.isfinite(one.high) else ""
    meant = ", ".join(part for part in (one.kind, sd) if part)
    what = "peak" if one.day == 0.0 else "before the second dose"
    fitted = "; the model's values were fitted to a pool of patients that holds these" if one.fitted else ""
    return f"{what} {plain(one.mean)} µg/mL{f' ({meant})' if meant else ''}, {one.source.rstrip('.')}{fitted}"
