"""Measure speed as ratios in one run: the NumPy engine against the twin, interleaved, medians of several rounds.

Run with ``python benchmarks/engines.py [cells] [hours]``. Floors: NumPy at least 15 times the twin at 1e4 cells.
"""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from tdm1sim import load_scenario
from tdm1sim.engine import engine_of
from tdm1sim.scenario import resolve
from tdm1sim.world import World

ROUNDS = 3
FLOOR = 15.0


def seconds(name: str, cells: int, hours: float) -> tuple[float, float]:
    """Return CPU seconds and cell-steps of a run of her2_positive."""
    overrides = [f"tumour.cells={cells}", f"run.duration={hours} h", "run.replicates=1", "record.readouts=[]"]
    engine = engine_of(name, World(resolve(load_scenario("her2_positive", overrides)).parameters))
    started, work = time.process_time(), 0.0
    while not engine.world.finished:
        work += engine.living()
        engine.advance()
    return time.process_time() - started, work


def main() -> None:
    """Print the table."""
    cells = int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000
    hours = float(sys.argv[2]) if len(sys.argv) > 2 else 48.0
    rounds = [(seconds("numpy", cells, hours), seconds("twin", cells, hours)) for _ in range(ROUNDS)]
    fast, slow = (median(r[i][1] / r[i][0] for r in rounds) for i in (0, 1))
    ratio = median(r[1][0] / r[0][0] for r in rounds)
    print(f"{cells} cells, {hours:g} h, median of {ROUNDS} interleaved rounds")
    print(f"  numpy  {fast:10.3g} cell-steps per CPU-second")
    print(f"  twin   {slow:10.3g} cell-steps per CPU-second")
    print(f"  ratio  {ratio:10.3g}   floor {FLOOR:g}: {'met' if ratio >= FLOOR else 'MISSED'}")
    helps = []
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "tdm1sim", "--help"], check=True, capture_output=True)
        helps.append(time.perf_counter() - started)
    print(f"  tdm1sim --help  {median(helps):.2f} s   target 0.3 s")


if __name__ == "__main__":
    main()
