"""Any two engines against each other, at any size: the laps of `tdm1sim bench`, for whoever works on an engine.

Run with ``python benchmarks/engines.py [ENGINE] [ENGINE] [CELLS] [HOURS]``; NumPy against the twin, 1e4 cells and 1 h
where left out. Engines: compiled, numpy, twin, mesa (one plain Mesa agent per cell). NumPy is to be at least 15 times
the twin at 1e4 cells.
"""

from __future__ import annotations

import sys
from statistics import median

from tdm1sim.benching.laps import Runner, interleaved

ROUNDS = 3
FLOORS = {("numpy", "twin"): 15.0}


def main() -> None:
    """Print cell-steps per CPU-second of both, and their ratio."""
    given = sys.argv[1:]
    names = (given[0:1] or ["numpy"])[0], (given[1:2] or ["twin"])[0]
    cells, hours = int(float((given[2:3] or ["1e4"])[0])), float((given[3:4] or ["1"])[0])
    laps = interleaved({name: Runner(name, cells, hours) for name in names}, ROUNDS)
    print(f"{cells} cells, {hours:g} h, median of {ROUNDS} interleaved rounds")
    for name in names:
        print(f"  {name:<9}{median(lap.per_cpu for lap in laps[name]):10.3g} cell-steps per CPU-second")
    ratio = median(a.per_cpu / b.per_cpu for a, b in zip(*(laps[name] for name in names), strict=True))
    floor = FLOORS.get(names)
    told = "" if floor is None else f"   floor {floor:g}: {'met' if ratio >= floor else 'MISSED'}"
    print(f"  ratio    {ratio:10.3g}{told}")


if __name__ == "__main__":
    main()
