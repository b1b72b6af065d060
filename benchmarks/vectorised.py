"""See that the loop over lanes is in vector code: with its mechanisms inlined, and without.

Run with ``python benchmarks/vectorised.py``. Each build is compiled and timed in a process of its own, in turn, on the
same cells; the ratio of the best times is printed, and the exit code is 1 where inlining is not worth `FLOOR`. Take
``forceinline`` out of `tdm1sim.engine.compiled.register` and see it fail. LLVM also inlines what it likes, which may
change with any version: its liking is switched off here, in both builds.
"""

from __future__ import annotations

import subprocess
import sys
import time
from functools import partial

FLOOR = 2.0
ROUNDS = 3
STEPS = 200


def seconds(*, inline: bool) -> float:
    """Return the best time of `STEPS` steps of a chunk of cells."""
    import llvmlite.binding

    from tdm1sim.engine.compiled import register

    llvmlite.binding.set_option("tdm1sim", "-inline-threshold=0")  # read before anything is compiled
    register.register = partial(register.register, forceinline=inline)

    import numpy as np
    from numba import njit

    from tdm1sim import load_scenario
    from tdm1sim.engine.compiled import lanes
    from tdm1sim.engine.compiled import layout as at
    from tdm1sim.engine.compiled.arena import Arena
    from tdm1sim.engine.compiled.exact import constants_of
    from tdm1sim.engine.numpy_engine import NumpyEngine
    from tdm1sim.engine.rates import Around, rates_of
    from tdm1sim.mechanisms.cytosol import cytosol
    from tdm1sim.mechanisms.lysosome import unimpaired
    from tdm1sim.pools import K
    from tdm1sim.scenario import resolve
    from tdm1sim.surroundings.exponential import transition
    from tdm1sim.world import World

    engine = NumpyEngine(World(resolve(load_scenario("her2_positive", ["tumour.cells=1024"])).parameters))
    block = engine.blocks[0]
    arena = Arena(0, block.data[:, :1024], block.keys[:1024], np.ones(1024, dtype=np.uint64))
    matrix = transition(engine.world.kinetics, 1.0, 1.0, engine.room)[0]
    rates = rates_of(engine.constants[0], matrix, Around(1.0, 1.0, 1.0))
    rates = type(rates)(*(type(x)(*map(float, x)) if isinstance(x, tuple) else float(x) for x in rates))
    noted, due = np.zeros(at.NOTES * at.LANES), np.zeros(at.LANES, dtype=np.uint8)
    row, empty, (magic, fine) = np.zeros(at.ROW, dtype=np.int64), lanes.FEW, constants_of(2.0**-20)

    @njit(error_model="numpy")
    def run(tiles, times, noted, due, rates, k, magic, fine, row):
        for _ in range(times):
            for tile in range(1024 // at.LANES):
                lanes.step_tile(
                    tiles, tile, at.LANES, noted, due, rates, k, cytosol, unimpaired, empty, magic, fine, row
                )

    start = arena.tiles.copy()
    best = float("inf")
    for _ in range(8):
        tiles = start.copy()
        begun = time.perf_counter()
        run(tiles, STEPS, noted, due, rates, K, magic, fine, row)
        best = min(best, time.perf_counter() - begun)
    return best


def main() -> int:
    """Print the ratio; return 1 where it is below the floor."""
    if len(sys.argv) > 1:
        print(seconds(inline=sys.argv[1] == "inlined"))
        return 0
    found: dict[str, list[float]] = {"inlined": [], "plain": []}
    for _ in range(ROUNDS):
        for name, times in found.items():
            command = [sys.executable, __file__, name]
            done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
            times.append(float(done.stdout))
    for name, times in found.items():
        print(f"  {name:8} {1024 * STEPS / min(times):10.3g} cell-steps per second")
    ratio = min(found["plain"]) / min(found["inlined"])
    met = ratio >= FLOOR
    print(f"  ratio    {ratio:10.3g}   floor {FLOOR:g}: {'met' if met else 'MISSED: the loop is not in vector code'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
