"""Print the tables of docs/what_the_model_shows.md: resistances, HER2 classes and PTEN, on common luck.

Run with ``python benchmarks/resistance_table.py``; it takes a few minutes on two cores.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tdm1sim import load_scenario
from tdm1sim.ensemble import simulate_resolved
from tdm1sim.intervals import of_values
from tdm1sim.results import Results
from tdm1sim.scenario import resolve

BASE = "her2_positive"
FATES = ("apoptosis", "mitotic_catastrophe", "surviving")
DEFECTS = ("her2_loss", "mdr1_high", "slc46a3_loss", "fast_recycling", "poor_internalization", "lysosome_impaired")
REASONS = {
    "none": (),
    "q 1: no PI3K shield": ("parameters.q=1",),
    "C_M 80 nM, as in culture": ("parameters.C_M=80 nM",),
    "permeability x 100": ("parameters.P=25900 um/d",),
    "no naked antibody, no drug lost (f_ab 1, kdec 0)": ("parameters.f_ab=1", "parameters.kdec=0 1/h"),
}
CLASSES = {
    "3+": (),
    "2+": ("tumour.clones={all: {fraction: 1, her2: 2+, ish: not_amplified}}",),
    "1+": ("tumour.clones={all: {fraction: 1, her2: 1+}}",),
    "0": ('tumour.clones={all: {fraction: 1, her2: "0"}}',),
}


def run(name: str, *overrides: str) -> Results:
    """Run a bundled scenario with changes."""
    return simulate_resolved(resolve(load_scenario(name, list(overrides))), jobs=2)


def live(results: Results) -> np.ndarray:
    """Return living cells per founder at the end of each replicate."""
    counts = results.timeseries.groupby("replicate").live_cells
    return (counts.last() / counts.first()).to_numpy()


def auc(results: Results) -> np.ndarray:
    """Return the area under living cells per founder of each replicate, days."""
    areas = []
    for _, one in results.timeseries.groupby("replicate"):
        counts = one.live_cells.to_numpy(dtype=float)
        areas.append(np.trapezoid(counts / counts[0], one.time_h.to_numpy()) / 24.0)
    return np.array(areas)


def said(values: Sequence[float] | np.ndarray, digits: int = 2) -> str:
    """Return mean and 95 % interval as text."""
    i = of_values(list(values))
    return f"{i['mean']:.{digits}f} ({i['low']:.{digits}f} to {i['high']:.{digits}f})"


def times(changed: np.ndarray, base: np.ndarray) -> str:
    """Return the ratio of two paired means and its 95 % interval as text.

    The interval is that of the ratio estimator: what each pair deviates from the common ratio, over the mean of the
    base. So the chance of both arms counts, and what luck they share falls out.
    """
    ratio = float(changed.mean() / base.mean())
    return said(ratio + (changed - ratio * base) / base.mean())


def defects() -> None:
    """Print live cells of every delivery defect, with and without blockade."""
    print(
        "| scenario | E_T | live per founder | ratio to her2_positive | apoptosis | mitotic catastrophe | surviving |"
    )
    print("|---|---|---|---|---|---|---|")
    for slowing in ("0.2", "0"):
        change = f"parameters.E_T={slowing}"
        base = run(BASE, change)
        for name in (BASE, *DEFECTS):
            results = base if name == BASE else run(name, change)
            ratio = times(live(results), live(base)) if name != BASE else "1"
            fates = " | ".join(f"{results.summary['fates'][f]['mean']:.2f}" for f in FATES)
            print(f"| {name} | {slowing} | {live(results).mean():.2f} | {ratio} | {fates} |", flush=True)


def reasons() -> None:
    """Print what the ratios of slow delivery owe to the shield, to the mitotic threshold and to the supply."""
    names = ("her2_loss", "fast_recycling", "poor_internalization")
    print(f"\n| one value changed | her2_positive, live | {' | '.join(names)} |")
    print("|---|---|---|---|---|")
    for label, changes in REASONS.items():
        base = run(BASE, *changes)
        ratios = [times(live(run(name, *changes)), live(base)) for name in names]
        print(f"| {label} | {live(base).mean():.2f} | {' | '.join(ratios)} |", flush=True)


def classes() -> None:
    """Print live cells by HER2 class."""
    print("\n| HER2 | live per founder | free conjugate / plasma, median | peak DM1, median (nM) |")
    print("|---|---|---|---|")
    for name, change in CLASSES.items():
        results = run(BASE, *change)
        rows = results.timeseries[results.timeseries.plasma_conjugate_ug_ml > 0]
        share = (rows.local_conjugate_nM / (rows.plasma_conjugate_ug_ml * 1e6 / 148000.0)).median()
        peak = results.summary["dm1_nM"]["peak_median"]
        print(f"| {name} | {said(live(results))} | {100 * share:.1f} % | {peak:.0f} |", flush=True)


def pten() -> None:
    """Print what PTEN loss does, for three strengths of the shield, with and without payload."""
    print("\n| q | payload | live, deficient - intact | AUC (days), deficient - intact |")
    print("|---|---|---|---|")
    for payload in ("on", "off"):
        for q in ("1", "1.5", "2"):
            change = [f"parameters.q={q}", *(["parameters.arm_payload=0"] if payload == "off" else [])]
            lost, intact = run("pten_deficient", *change), run(BASE, *change)
            print(
                f"| {q} | {payload} | {said(live(lost) - live(intact), 3)} | {said(auc(lost) - auc(intact), 2)} |",
                flush=True,
            )


if __name__ == "__main__":
    defects()
    reasons()
    classes()
    pten()
