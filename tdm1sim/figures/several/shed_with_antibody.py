"""Shed ectodomain of HER2 over time: without antibody, and with antibody on either subdomain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.figures import labels, reading, shed_ectodomain, style, texts
from tdm1sim.figures.several import lines, telling
from tdm1sim.figures.several.arms import HER2_POSITIVE, PERTUZUMAB, TRASTUZUMAB, UNTREATED, arm
from tdm1sim.figures.several.pairs import Runs
from tdm1sim.figures.words import duration, listed, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

ARMS = (
    UNTREATED,
    arm("pertuzumab", "her2_positive", PERTUZUMAB),
    HER2_POSITIVE,
    arm("trastuzumab", "her2_positive", TRASTUZUMAB),
)
NAMES = {
    "untreated": "no_antibody",
    "pertuzumab": "pertuzumab_ii",
    "her2_positive": "t_dm1_iv",
    "trastuzumab": "trastuzumab_iv",
}
"""Arms, each with its label."""
MARGIN = lines.MARGIN
LIKE = ("shed_ectodomain",)
MEANT = "Bands"
STEADY = 0.9
"""A pool that never falls below this share of its start stays."""


def draw(runs: Runs, ax: Axes) -> Axes:
    """Draw the pool of every arm on ``ax``, from zero, and return it."""
    drawn = []
    for i, (key, name) in enumerate(NAMES.items()):
        time, label = reading.clock(runs[key])
        series = shed_ectodomain.pool(runs[key])
        text = f"{texts.label(name)}: {plain(_ends(runs[key])[-1], 2)} nM"
        drawn.append(lines.Line(key, text, time, series, style.told_apart("shed", i)))
    lines.draw(ax, drawn, label, texts.label("shed_in_tissue", unit="nM"))
    labels.dress(ax, title(runs), telling.below(LIKE, runs, telling.intervals(runs, MEANT, differences=False)))
    return ax


def _ends(results: Results) -> reading.Floats:
    mean = shed_ectodomain.pool(results).mean
    return np.asarray(mean[np.isfinite(mean)], dtype=np.float64)


def steady(results: Results) -> bool:
    """Whether the pool never falls much below its start."""
    course = _ends(results)
    return bool(course.min() >= STEADY * course[0])


def _fall(results: Results, drug: str) -> str:
    """Return how far the pool falls under a drug, and when."""
    course = shed_ectodomain.pool(results).mean
    least = int(np.nanargmin(course))
    hours = float(reading.times(results)[least])
    when = duration(hours, in_days=hours >= 48.0, digits=2)
    return f"{drug} to {plain(float(course[least]), 2)} nM in {when}"


def title(runs: Runs) -> str:
    """Return the finding: where the pool stays without antibody, and how far each antibody brings it down."""
    drugs = {"trastuzumab": "trastuzumab", "her2_positive": "T-DM1", "pertuzumab": "pertuzumab"}
    falls = [_fall(runs[key], drug) for key, drug in drugs.items() if not steady(runs[key])]
    idle = [drug for key, drug in drugs.items() if steady(runs[key])]
    first = _ends(runs["untreated"])
    ends = "stays at" if steady(runs["untreated"]) else f"goes from {plain(float(first[0]), 2)} to"
    text = f"Shed HER2 in the tissue {ends} {plain(float(first[-1]), 2)} nM without antibody"
    if idle:
        text += f" and under {listed(idle)}" if steady(runs["untreated"]) else f" and stays under {listed(idle)}"
    return f"{text}; {', '.join(falls).replace(' to ', ' brings it to ', 1)}" if falls else text


def caption(runs: Runs) -> str:
    """Return what is shown, and what is assumed."""
    what = (
        "HER2 ectodomain that cells have shed into the tissue, over time, without antibody and after one dose of "
        "trastuzumab (8 mg/kg), pertuzumab (12 mg/kg) or T-DM1 (3.6 mg/kg); mean over replicates. HER2 with antibody "
        "on subdomain IV is shed less (here not at all, assumed), with antibody on subdomain II as before: trastuzumab "
        "inhibits cleavage in cells and 2C4, of which pertuzumab was made, does not (Molina 2001, PMID 11406546). The "
        "direction is measured and put in; the rate at which free HER2 is shed is assumed. The tumour starts where "
        "shedding and outflow balance. The tissue holds this pool per volume, so fewer cells do not lower it."
    )
    courses = {texts.english(name): _ends(runs[key]) for key, name in NAMES.items()}
    told = [
        f"{name}: {plain(float(course[0]), 3)} nM at the start, {plain(float(course.min()), 3)} nM at its lowest, "
        f"{plain(float(course[-1]), 3)} nM at the end."
        for name, course in courses.items()
    ]
    found = telling.limits(LIKE, runs)
    return telling.caption(ARMS, runs, found, telling.intervals(runs, MEANT, differences=False), what, *told)
