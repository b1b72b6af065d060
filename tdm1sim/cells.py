"""From the lives of followed cells to the columns of ``cells.csv``. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim.bands import BANDS, band_number
from tdm1sim.lives import CAUSES, FATE_OF_CAUSE, Lives
from tdm1sim.observables import to_nM
from tdm1sim.parameters import Clone
from tdm1sim.population import Stage

Columns = dict[str, NDArray[Any]]


def mother_of(name: str) -> str:
    """Return the lineage name of a cell's mother; empty for a founder."""
    founder, _, path = name.partition(".")
    if not path:
        return ""
    return f"{founder}.{path[:-1]}" if len(path) > 1 else founder


def _in_order(lives: Lives) -> NDArray[np.int64]:
    """Return the rows sorted by founder, then by lineage name."""
    by_name = np.array(sorted(range(len(lives)), key=lives.names.__getitem__), dtype=np.int64)
    return np.asarray(by_name[np.argsort(lives.rows["founder"][by_name], kind="stable")])


def _words(words: Sequence[str], numbers: NDArray[Any]) -> NDArray[Any]:
    """Return a column of words, each word once in memory."""
    column: NDArray[Any] = np.array(words, dtype=object)[numbers]
    return column


def cell_columns(lives: Lives, clones: Sequence[Clone], limits: tuple[float, float]) -> Columns:
    """Return the columns of ``cells.csv`` by name, a row per life, sorted by founder and lineage name.

    Parameters
    ----------
    lives : Lives
        Of every cell that ended, those alive at the end of the run too.
    clones : sequence of Clone
        In the order of the engine.
    limits : tuple of float
        Band limits, nM (`tdm1sim.bands.band_limits`).
    """
    order = _in_order(lives)
    rows, names = lives.rows[order], [lives.names[i] for i in order.tolist()]
    volumes = np.array([clone.volume for clone in clones])
    return {
        "cell_id": np.array(names, dtype=object),
        "parent_id": np.array([mother_of(name) for name in names], dtype=object),
        "clone": _words([clone.name for clone in clones], rows["clone"]),
        "her2_per_cell": rows["R0"],
        "mdr1": rows["mdr1"],
        "slc46a3": rows["slc46a3"],
        "pten": _words(("deficient", "intact"), rows["pten"]),
        "tolerance": rows["tolerance"],
        "birth_h": rows["birth"],
        "end_h": rows["end"],
        "fate": _words([FATE_OF_CAUSE[cause] for cause in CAUSES], rows["cause"]),
        "cause": _words(CAUSES, rows["cause"]),
        "dm1_peak_nM": rows["peak"],
        "dm1_end_nM": to_nM(rows["Pc"], volumes[rows["clone"]]),
        "band": _words(BANDS, band_number(rows["peak"], *limits)),
        "stage_end": _words([stage.name.lower() for stage in Stage], rows["stage"]),
    }
