"""What a thread works with in a window: arrays of its own, made once and used again."""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdm1sim.census import COUNTED
from tdm1sim.engine.compiled.layout import LANES, NOTES
from tdm1sim.population import WIDTH

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Keys = NDArray[np.uint64]
Rows = tuple[FloatArray, IntArray]


class Desk(NamedTuple):
    """What a thread works with while it takes an arena's cells through a window; each has its own, used again.

    Made in Python: compiled code that makes arrays takes longer to compile.

    Attributes
    ----------
    noted, due, due8, who : array
        Of a tile: see `tdm1sim.engine.compiled.lanes.step_tile`; `due` eight lanes at a time; lanes that are due.
    holes : array of int64, shape (room,)
        Lanes whose cells are gone.
    cell, family, family_keys : array, shapes (WIDTH,), (2, WIDTH), (2, 2)
        A cell to which something happens, its daughters, and their keys and lineages.
    born, born_tags : array, shapes (room, WIDTH + 1), (room, 3)
        Newborns of a step in search of a lane.
    """

    noted: FloatArray
    due: NDArray[np.uint8]
    due8: Keys
    who: NDArray[np.int64]
    holes: NDArray[np.int64]
    cell: FloatArray
    family: FloatArray
    family_keys: Keys
    born: FloatArray
    born_tags: NDArray[np.int64]


def _desk(room: int, dtype: type) -> Desk:
    due, holes = np.zeros(LANES, dtype=np.uint8), np.empty(room, dtype=np.int64)
    pair = np.empty((2, 2), dtype=np.uint64)
    born, tags = np.empty((room, WIDTH + 1)), np.empty((room, 3), dtype=np.int64)
    return Desk(
        np.empty(NOTES * LANES, dtype=dtype), due, due.view(np.uint64), np.empty(LANES, dtype=np.int64), holes,
        np.empty(WIDTH), np.empty((2, WIDTH)), pair, born, tags,
    )  # fmt: skip


def _rows(room: int) -> Rows:
    return np.empty((room, WIDTH + 1)), np.empty((room, 3), dtype=np.int64)


class Workbench(threading.local):
    """Each thread sees its own."""

    rows: tuple[Rows, Rows] | None = None
    desk: Desk | None = None

    def __init__(self) -> None:
        self.looked = np.empty((len(COUNTED), LANES))  # what a census overwrites

    def rows_for(self, room: int) -> tuple[Rows, Rows]:
        """Return rows (columns and a time; tags) for as many lives that end, and for twice as many strays."""
        if self.rows is None or len(self.rows[0][0]) < room:
            self.rows = _rows(room), _rows(2 * room)
        return self.rows

    def desk_for(self, room: int, dtype: type) -> Desk:
        """Return a desk for chunks of so many lanes, with notes in the precision of the cells."""
        if self.desk is None or len(self.desk.holes) < room:
            self.desk = _desk(room, dtype)
        return self.desk
