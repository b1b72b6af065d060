"""How large the measured runs are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Cells, hours and repetitions of a benchmark.

    Attributes
    ----------
    few, middle, many : int
        Cells: against Mesa and in ensembles; against NumPy; for all that large runs ask.
    hours, slow_hours, whole_hours : float
        Simulated time of engines on arrays; of the twin and of Mesa, which are slow; of whole runs, h.
    runs : int
        Runs of the ensemble.
    small : int
        Cells of the small run in a cold process.
    rounds : int
        How often each is measured.
    processes : bool
        Whether new processes are started too (start-up, memory, the first compilation).
    """

    few: int
    middle: int
    many: int
    hours: float
    slow_hours: float
    whole_hours: float
    runs: int
    small: int
    rounds: int
    processes: bool


FULL = Sizes(10_000, 100_000, 1_000_000, 168.0, 1.0, 504.0, 64, 1_000, 3, processes=True)
"""Those of the targets."""
QUICK = Sizes(1_000, 10_000, 50_000, 48.0, 0.25, 168.0, 8, 1_000, 3, processes=False)
"""A look: too small for the targets to be judged by."""
