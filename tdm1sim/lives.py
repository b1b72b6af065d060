"""The lives of followed cells: what remains of each that ended, a compact row in one growing table. Floor 2."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim.population import INDEX

FATE_OF_CAUSE = {
    "interphase_apoptosis": "apoptosis",
    "death_in_arrest": "mitotic_catastrophe",
    "death_after_slippage": "mitotic_catastrophe",
    "nk": "adcc",
    "division": "divided",
    "removed": "surviving",
    "end_of_run": "surviving",
}
CAUSES = tuple(FATE_OF_CAUSE)
"""Why a life ended; a table holds the place in this list."""

_KEPT = {
    **dict.fromkeys(("R0", "mdr1", "slc46a3", "tolerance", "birth", "peak", "Pc", "C", "Ce", "L"), np.float64),
    "founder": np.int32,
    "pten": np.int8,
    "stage": np.int8,
}
"""Columns of the population that outlive the cell: those of ``cells.csv`` and of a view of a dead cell."""
LIFE = np.dtype(
    [*_KEPT.items(), ("end", np.float64), ("key", np.uint64), ("clone", np.int16), ("cause", np.int8)], align=True
)
_kept_of = itemgetter(*(INDEX[name] for name in _KEPT))


class Lives:
    """A table of ended lives that grows by doubling.

    Attributes
    ----------
    names : list of str
        Lineage name of each; the only place where they are kept.
    """

    def __init__(self) -> None:
        self._rows = np.empty(64, dtype=LIFE)
        self._n = 0
        self.names: list[str] = []

    @classmethod
    def of(cls, rows: NDArray[Any], names: Sequence[str]) -> Lives:
        """Return a table of given rows (with the fields of `LIFE`) and their lineage names."""
        lives = cls()
        lives._make_room(len(rows))
        lives._rows[: len(rows)] = rows
        lives._n, lives.names = len(rows), list(names)
        return lives

    def __len__(self) -> int:
        """How many lives it holds."""
        return self._n

    @property
    def rows(self) -> NDArray[Any]:
        """The lives in the order they came, with the fields of `LIFE`; a view, good until more come."""
        return self._rows[: self._n]

    @property
    def nbytes(self) -> int:
        """Bytes of the rows, those kept free for growth included; names not."""
        return self._rows.nbytes

    def add(self, values: Sequence[float], clone: int, key: int, name: str, time: float, cause: str) -> None:
        """Keep one life.

        Parameters
        ----------
        values : sequence of float, length WIDTH
            The cell's columns at its end.
        clone, key, name
            Which clone (index), its luck, its lineage name.
        time : float
            When it ended, h.
        cause : str
            Why: one of `CAUSES`.
        """
        self._make_room(1)
        self._rows[self._n] = (*_kept_of(values), time, key, clone, CAUSES.index(cause))
        self._n += 1
        self.names.append(name)

    def extend(
        self,
        values: NDArray[np.float64],
        clones: NDArray[np.integer[Any]] | int,
        keys: NDArray[np.uint64],
        names: Sequence[str],
        times: NDArray[np.float64] | float,
        causes: NDArray[np.integer[Any]] | int,
    ) -> None:
        """Keep many lives.

        Parameters
        ----------
        values : array, shape (cells, WIDTH)
            Columns of each cell at its end.
        clones : array of int, shape (cells,), or int
            Clone of each, or of all of them.
        keys : array of uint64, shape (cells,)
            Their luck.
        names : sequence of str, length cells
            Lineage names.
        times : array, shape (cells,), or float
            When they ended, h.
        causes : array of int, shape (cells,), or int
            Why: places in `CAUSES`.

        Raises
        ------
        ValueError
            If the lengths differ; nothing is kept then.
        """
        many = len(values)
        if len(names) != many:
            message = f"{many} cells have {len(names)} names"
            raise ValueError(message)
        self._make_room(many)
        new = self._rows[self._n : self._n + many]
        for field in _KEPT:
            new[field] = values[:, INDEX[field]]
        new["end"], new["key"], new["clone"], new["cause"] = times, keys, clones, causes
        self._n += many
        self.names.extend(names)

    def _make_room(self, many: int) -> None:
        needed = self._n + many
        if needed > len(self._rows):
            larger = np.empty(max(needed, 2 * len(self._rows)), dtype=LIFE)
            larger[: self._n] = self.rows
            self._rows = larger
