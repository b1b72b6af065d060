"""Draw docs/figures/pten_shield: what losing PTEN does under T-DM1, for every strength of PI3K's shield, paired.

Run with ``python benchmarks/pten_shield.py``: twelve runs of 8 x 2,000 cells, some minutes on two cores. A quick look:
``python benchmarks/pten_shield.py --cells 200 --replicates 2 --out look``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from resistance_table import BASE, auc, live, run

from tdm1sim.figures import pten_shield, slide
from tdm1sim.figures.pten_shield import Contrast
from tdm1sim.intervals import of_values

SHIELDS = (1.0, 1.5, 2.0)
LOST = "pten_deficient"
FOLDER = Path(__file__).resolve().parents[1] / "docs" / "figures"


def contrasts(cells: int, replicates: int) -> list[Contrast]:
    """Return every paired difference, deficient minus intact."""
    size = (f"tumour.cells={cells}", f"run.replicates={replicates}")
    found = []
    for payload in (True, False):
        for q in SHIELDS:
            changes = (*size, f"parameters.q={q:g}", *(() if payload else ("parameters.arm_payload=0",)))
            lost, intact = run(LOST, *changes), run(BASE, *changes)
            for name, measure in (("live", live), ("auc", auc)):
                difference = of_values(list(measure(lost) - measure(intact)))
                found.append(Contrast(q, payload, name, difference))
                told = " ".join("-" if value is None else f"{value:.4f}" for value in difference.values())
                print(f"q {q:g}, payload {'on' if payload else 'off'}, {name}: {told}", flush=True)
    return found


def main() -> None:
    """Run, draw, say where."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cells", type=int, default=2000)
    asked.add_argument("--replicates", type=int, default=8)
    asked.add_argument("--out", type=Path, default=FOLDER)
    given = asked.parse_args()
    found = contrasts(given.cells, given.replicates)
    size = (
        f"{given.replicates} paired replicates of {given.cells:,} founder cells, scenarios {LOST} and {BASE}, seed 1."
    )
    told = pten_shield.title(found), pten_shield.caption(found, size)
    for path in slide.save(pten_shield.page(found, size), given.out, pten_shield.NAME, *told):
        print(path)


if __name__ == "__main__":
    main()
