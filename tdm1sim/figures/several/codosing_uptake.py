"""DM1 that reaches lysosomes while a second antibody is given: on the same subdomain of HER2, or on another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tdm1sim.figures import labels, reading, style, texts
from tdm1sim.figures.limits import SUBDOMAINS
from tdm1sim.figures.several import lines, pairs, telling
from tdm1sim.figures.several.arms import HER2_POSITIVE, arm
from tdm1sim.figures.several.pairs import Runs
from tdm1sim.figures.words import plain
from tdm1sim.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

NO_RESIDUE = "patient.residual_trastuzumab=0 ug/mL"
"""The bundled scenario has trastuzumab left from earlier therapy; here the second antibody is all that differs."""
ARMS = (
    HER2_POSITIVE,
    arm("pertuzumab", "trastuzumab_codosing", NO_RESIDUE, "treatment.1={drug: pertuzumab, dose: 12 mg/kg}"),
    arm("trastuzumab", "trastuzumab_codosing", NO_RESIDUE),
)
NAMES = {
    "her2_positive": "t_dm1_alone",
    "pertuzumab": "with_pertuzumab",
    "trastuzumab": "with_trastuzumab",
}
"""Arms, each with its label."""
MARGIN = lines.MARGIN
LIKE = ("drug_path",)
MEANT = "Bands"
MILLION = 1e6


def carried(results: Results) -> reading.Floats:
    """Return DM1 that antibody has carried to lysosomes so far, molecules per founder, shape (replicates, times)."""
    return reading.per_replicate(results.flows, "carried_sorted")


def kept_out(runs: Runs, name: str) -> Interval:
    """Return the share of T-DM1's DM1 that a second antibody keeps out of lysosomes, paired; below zero: it adds."""
    alone, both = (carried(runs[key])[:, -1] for key in ("her2_positive", name))
    return pairs.difference(1.0 - both / alone, 0.0 * alone)


def cells(runs: Runs, name: str) -> Interval:
    """Return what a second antibody does to the living cells per founder at the end, paired."""
    return pairs.difference(pairs.living(runs[name]), pairs.living(runs["her2_positive"]))


def draw(runs: Runs, ax: Axes) -> Axes:
    """Draw the DM1 brought to lysosomes so far by every arm on ``ax`` and return it."""
    drawn = []
    for i, (key, name) in enumerate(NAMES.items()):
        course = carried(runs[key]) / MILLION
        series = reading.interval(course)
        time = reading.times_of(runs[key].flows) / (24.0 if reading.in_days(runs[key]) else 1.0)
        text = f"{texts.label(name)}: {plain(float(series.mean[-1]), 3)}"
        drawn.append(lines.Line(key, text, time, series, style.told_apart("conjugate", i)))
    _, label = reading.clock(runs["her2_positive"])
    lines.draw(ax, drawn, label, texts.label("payload_to_lysosomes"))
    labels.dress(
        ax, title(runs), telling.below(LIKE, runs, telling.intervals(runs, MEANT, differences=False), SUBDOMAINS)
    )
    return ax


def title(runs: Runs) -> str:
    """Return the finding: how much of the DM1 each second antibody keeps out of the lysosomes."""
    one, other = (kept_out(runs, key) for key in ("trastuzumab", "pertuzumab"))
    when = reading.length(runs["her2_positive"])
    if pairs.sign(one) <= 0:
        start = f"Trastuzumab beside T-DM1 keeps no DM1 out of the lysosomes in {when}"
    else:
        start = f"Trastuzumab beside T-DM1 keeps {_share(one)} of its DM1 out of the lysosomes in {when}"
    if pairs.sign(other) <= 0:
        return f"{start}, pertuzumab, which binds elsewhere, none"
    fewer = "; it leaves fewer cells that take any up" if pairs.sign(cells(runs, "pertuzumab")) < 0 else ""
    return f"{start}, pertuzumab, which binds elsewhere, {_share(other)}{fewer}"


def _share(found: Interval) -> str:
    share = pairs.mean(found)
    return f"{100.0 * share:.{0 if share >= 0.0995 else 1}f} %"


def _told(found: Interval) -> str:
    text = f"{100.0 * pairs.mean(found):.1f} %"
    if found["low"] is None or found["high"] is None:
        return text
    return f"{text} ({100.0 * found['low']:.1f} to {100.0 * found['high']:.1f} %)".replace("-", "−")


def caption(runs: Runs) -> str:
    """Return what is shown, both shares with their intervals, and what is put in."""
    what = (
        "DM1 that antibody has carried into lysosomes, added up since the start, molecules per founder cell, mean over "
        "replicates: one dose of T-DM1 alone, with trastuzumab (8 mg/kg), and with pertuzumab (12 mg/kg). T-DM1 and "
        "trastuzumab bind subdomain IV of HER2 and compete; pertuzumab binds subdomain II and leaves it free. That is "
        "put in; how much trastuzumab keeps out is found. Pertuzumab blocks HER2, so fewer cells are born that could "
        "take DM1 up. Naked trastuzumab also spreads what the conjugate brings deeper into tissue: not here, where the "
        "tumour is well mixed."
    )
    told = [
        f"Kept out by {key}: {_told(kept_out(runs, key))}; living cells per founder "
        f"{pairs.told(pairs.spread(pairs.living(runs[key])))}, {pairs.compared(cells(runs, key), 'with T-DM1 alone')}."
        for key in ("trastuzumab", "pertuzumab")
    ]
    found = telling.limits(LIKE, runs, SUBDOMAINS)
    return telling.caption(ARMS, runs, found, telling.intervals(runs, MEANT), what, *told)
