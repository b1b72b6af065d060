"""DM1 in plasma, total and free, without and with an inhibitor of CYP3A4; and what the tumour notices of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.figures import labels, plasma_dm1, reading, style, texts
from tdm1sim.figures.several import lines, pairs, telling
from tdm1sim.figures.several.arms import HER2_POSITIVE, arm
from tdm1sim.figures.several.pairs import Runs
from tdm1sim.figures.words import per_founder, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

ARMS = (HER2_POSITIVE, arm("cyp3a4_inhibitor", "cyp3a4_inhibitor"))
NAMES = {"her2_positive": "without_inhibitor", "cyp3a4_inhibitor": "with_inhibitor"}
"""Arms, each with its label."""
MARGIN = lines.MARGIN
LIKE = ("plasma_dm1",)
MEANT = "One patient: no chance in plasma, no bands."


def peak(series: reading.Series) -> float:
    """Return the highest mean of a course, ng/mL."""
    return float(np.nanmax(series.mean))


def draw(runs: Runs, ax: Axes) -> Axes:
    """Draw total and free DM1 in plasma of both arms on a logarithmic axis of ``ax``, and the measured peak."""
    drawn = []
    for marker, (key, name) in zip(("", "s"), NAMES.items(), strict=True):
        time, label = reading.clock(runs[key])
        for kind, series, meaning in _courses(runs[key]):
            own = style.MEANING[meaning]
            look = style.Look(own.colour, own.hatch, own.line, marker)
            parts = {"kind": texts.label(f"dm1_{kind}"), "arm": texts.label(name), "level": plain(peak(series), 2)}
            text = texts.label("dm1_of_arm", **parts)
            drawn.append(lines.Line(f"{key}: {kind}", text, time, series, look))
    seen = plasma_dm1.measured(runs["her2_positive"])
    more = []
    if seen is not None:
        text = texts.label("measured_peak_is", level=plain(seen.mean))
        more.append((text, style.Look(style.MEANING["measured"].colour, "", "none", "o"), seen.mean))
    lines.draw(ax, drawn, label, texts.label("dm1_in_plasma"), log=True, more=more)
    if seen is not None:
        plasma_dm1.mark_measured(ax, float(time[-1]), seen)
    labels.dress(ax, title(runs), telling.below(LIKE, runs, MEANT))
    return ax


def _courses(results: Results) -> tuple[tuple[str, reading.Series, str], ...]:
    return (
        ("total", plasma_dm1.total(results), "payload"),
        ("free", plasma_dm1.free(results), "free"),
    )


def title(runs: Runs) -> str:
    """Return the finding: how many times higher DM1 gets in plasma, and whether the tumour notices."""
    total, inhibited = (peak(plasma_dm1.total(runs[key])) for key in NAMES)
    times = inhibited / total
    what = (
        f"raises the peak of DM1 in plasma {plain(times, 2)}-fold" if times > 1.005 else "does not raise DM1 in plasma"
    )
    text = f"A CYP3A4 inhibitor {what}, from {plain(total, 2)} to {plain(inhibited, 2)} ng/mL"
    before, after = (pairs.living(runs[key]) for key in NAMES)
    found = pairs.difference(after, before)
    if pairs.sign(found) == 0:
        return f"{text}; the tumour keeps {per_founder(float(after.mean()))} living cells per founder with and without"
    return f"{text}; the tumour keeps {per_founder(float(after.mean()))}, not {per_founder(float(before.mean()))}"


def caption(runs: Runs) -> str:
    """Return what is shown, what was seen in patients, and what this does not say."""
    before, after = (pairs.living(runs[key]) for key in NAMES)
    what = (
        "DM1 in plasma that one dose of T-DM1 has released, in all and not bound to protein, without and with a strong "
        "CYP3A4 inhibitor (logarithmic axis). 93 % is bound and CYP3A4/5 metabolises it, as found in vitro; which "
        "share of its clearance CYP3A4 is, is assumed. It does not feed the cells here, which get theirs from the "
        "conjugate."
    )
    tumour = (
        f"Living cells per founder: {pairs.told(pairs.spread(before))} without and {pairs.told(pairs.spread(after))} "
        f"with the inhibitor; {pairs.compared(pairs.difference(after, before), 'without')}."
    )
    seen = plasma_dm1.measured(runs["her2_positive"])
    mark = "" if seen is None else plasma_dm1.measured_words(seen)
    found = telling.limits(LIKE, runs)
    return telling.caption(ARMS, runs, found, MEANT, what, tumour, mark, plasma_dm1.NOT_SEEN)
