"""Which number stands where in the arrays that compiled code and Python share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tdm1sim.engine.events import End, Rules
from tdm1sim.engine.rates import Around
from tdm1sim.histogram import BINS
from tdm1sim.mechanisms.cell import Flows, Reached
from tdm1sim.population import FOUNDER_GROUPS, INDEX, WIDTH

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LANES = 128
"""Cells of a tile: enough for the widest vectors, few enough for the first-level cache."""
TILE = WIDTH * LANES
"""Numbers of a tile: a row of LANES per column."""

AMOUNTS = ("R", "C", "Re", "Ce", "Dc", "De", "L", "Dl", "PL", "Pc")
"""Amounts whose totals the engine keeps; the first six are those of the trafficking block."""
AMOUNT_AT = tuple(INDEX[name] for name in AMOUNTS)
SUMMED = tuple(name for name in Flows._fields if name not in {"sorted", "carried_sorted"})
"""Flows that are summed over cells; what is sorted follows from the totals, exactly."""
NOTED = ("y", "apoptosis", "nk", "factor", "speed", "x0")
"""Numbers noted of each cell for its events: cycle position at the start of the step, and forces on it."""
NOTES = len(NOTED) + len(Reached._fields) + 2
"""Rows of the notes: those, what the step at the surface means for the rest of the cell, DM1 at both ends."""
NONLINEAR = ("catabolite_to_cytosol", "catabolite_exocytosed", "effluxed")
"""Those of them that do not follow from totals where DM1 leaves proteolysis alone."""

# A row of the books: one per step, exact integers -------------------------------------------------------
FLOWS = 0
"""Each flow as a coarse and a fine integer (see `tdm1sim.engine.compiled.exact`)."""
CHANGES = FLOWS + 2 * len(SUMMED)
"""What events took from the total of each amount (cells that died, or became another clone), coarse and fine."""
MADE = CHANGES + 2 * len(AMOUNTS)
"""Changes of the sum of R0 over all cells, and over growing ones."""
LOST, MORE = MADE + 2, MADE + 3
"""Cells lost; change of the number of cells."""
FADE = MADE + 4
"""Metabolic weight of the cells that died, at the end of the step, in units of `WEIGHT`."""
WEIGHT = 2.0**-40
"""Quantum of the metabolic weight of dying cells."""
ROW = MADE + 5

# The tally: one per window -----------------------------------------------------------------------------
ENDS = 0
"""Cells by how they ended and by founder group."""
BANDS = len(End) * FOUNDER_GROUPS
"""Dead cells by the band of their highest DM1: low, intermediate, high."""
PEAKS = BANDS + 3
"""Histogram of the highest DM1 of dead cells."""
TALLY = PEAKS + BINS

# A step: times and surroundings --------------------------------------------------------------------------
START, LENGTH, AROUND = 0, 1, 2
STEP = AROUND + len(Around._fields) - 1

# Numbers that hold for a whole window ----------------------------------------------------------------------
MAGIC, FINE, W_ARRESTED, TAU_DYING, LOW, HIGH = range(6)

# Lives that ended, and newborns without a lane -------------------------------------------------------------
KEY, LINE, CODE, WHEN = range(4)
"""Luck, lineage, how it ended or the newborn's clone, and the newborn's first step; when a life ended follows its
columns."""

RULE_NUMBERS = tuple(name for name in Rules._fields if name not in {"times", "medians", "others", "chances"})


def rule_table(rules: Sequence[Rules]) -> FloatArray:
    """Return the numbers of some `Rules` as rows: times, plain numbers, medians."""
    return np.array([[*r.times, *(getattr(r, name) for name in RULE_NUMBERS), *r.medians] for r in rules])


def padding() -> FloatArray:
    """Return the columns of a lane without a cell, shape (WIDTH,): nothing ever happens to it."""
    cell = np.zeros(WIDTH)
    cell[[INDEX[name] for name in ("clock_apoptosis", "clock_nk", "clock_exit", "clock_slip", "gate")]] = np.inf
    cell[[INDEX[name] for name in ("mdr1", "tolerance", "pace")]] = 1.0
    return cell


def books(clones: int, steps: int) -> IntArray:
    """Return empty books of a window, shape (clones, steps, ROW)."""
    return np.zeros((clones, steps, ROW), dtype=np.int64)


def tally() -> IntArray:
    """Return an empty tally of a window, shape (TALLY,)."""
    return np.zeros(TALLY, dtype=np.int64)
