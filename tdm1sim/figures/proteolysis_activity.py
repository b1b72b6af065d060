"""What the payload leaves of lysosomal digestion, where impaired trafficking is switched on: median and band."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tdm1sim import given
from tdm1sim.figures import captions, curves, labels, reading, style, texts
from tdm1sim.figures.drug_path import MEDIANS
from tdm1sim.figures.words import duration, number_of, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

NAME = "proteolysis_activity"
Band = tuple[reading.Floats, reading.Floats, reading.Floats]


def applies(results: Results) -> bool:
    """Whether the scenario sets C_T, the level of payload that halves digestion, and a conjugate brings payload."""
    level = number_of(reading.setting(results, "parameters.C_T"))
    return math.isfinite(level) and reading.has_conjugate(results)


def band(results: Results) -> Band:
    """Return 5 % quantile, median and 95 % quantile over living cells, each averaged over replicates; 1 is normal."""
    low, middle, high = (
        reading.interval(reading.per_replicate(results.timeseries, f"{NAME}_{part}")).mean
        for part in ("p05", "median", "p95")
    )
    return low, middle, high


def draw(results: Results, ax: Axes) -> Axes:
    """Draw median and band of the activity on ``ax`` and return it."""
    time, label = reading.clock(results)
    style.time_axis(ax, float(time[-1]), label)
    low, middle, high = band(results)
    shown = style.MEANING["digestion"]
    ax.fill_between(time, 100.0 * low, 100.0 * high, color=shown.colour, alpha=0.22, linewidth=0, gid="band")
    ax.plot(time, 100.0 * middle, color=shown.colour, linestyle=shown.line, gid="median")
    ends = reading.model_band(results.uncertainty, f"{NAME}_median", reading.times(results))
    curves.ignorance(ax, time, ends and (100.0 * ends[0], 100.0 * ends[1]), shown.colour, NAME, above=True)
    ax.set_ylim(0.0, 104.0)
    style.even_ticks(ax.yaxis)
    ax.grid(axis="y")
    ax.set_ylabel(texts.label("digestion_left"))
    meant = "Line: median of the living cells; band: their middle 90 %, not an interval of chance."
    labels.dress(ax, title(results), captions.below(NAME, results, meant, _ignorance(results)))
    return ax


def _ignorance(results: Results) -> str:
    return captions.ignorance_of(reading.draws(results), MEDIANS)


def title(results: Results) -> str:
    """Return the finding: how far digestion falls in the typical cell, and where it ends."""
    time, _ = reading.clock(results)
    middle, days = band(results)[1], reading.in_days(results)
    least, last = int(np.nanargmin(middle)), float(middle[np.isfinite(middle)][-1])
    payload = given.of(results).payload
    when = duration(float(time[least]) * (24.0 if days else 1.0), in_days=days, digits=2)
    text = f"{payload} leaves {percent(float(middle[least]))} of lysosomal digestion in the typical cell after {when}"
    if last > 1.05 * float(middle[least]):
        text += f"; {percent(last)} after {reading.length(results)}"
    return text


def caption(results: Results) -> str:
    """Return what is shown, from which run, and that it is assumed."""
    payload, level = given.of(results).payload, reading.setting(results, "parameters.C_T")
    what = (
        f"Impaired trafficking: the share of lysosomal digestion that {payload} in the cytosol leaves, by disturbing "
        f"traffic along microtubules (C_T, the level that halves it, is {level} here). Nobody has measured it; it is "
        "off in other scenarios. Line: median of the living cells; band: 5 to 95 % of them, the spread between cells, "
        "not an interval of chance; both averaged over replicates. Less digestion means less payload set free later."
    )
    return captions.compose(NAME, results, what, _ignorance(results))
