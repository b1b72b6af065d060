"""Where the compiled engine keeps its cells: arenas of chunks of tiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray

from tdm1sim.engine.compiled.layout import LANES, TILE, padding
from tdm1sim.population import INDEX, WIDTH

FloatArray = NDArray[np.float64]
Keys = NDArray[np.uint64]

CHUNK = 2048
"""Cells that a full chunk starts with: with their columns they fit a second-level cache."""
SPARE = 0.25
"""Lanes kept free for births, as a part of the cells."""
CHUNKS = 16
"""Chunks of an arena: enough work for one call, few enough arenas for threads to share."""


class Arena:
    """Chunks of cells of one clone.

    Parameters
    ----------
    clone : int
        Index of the clone.
    values : array, shape (WIDTH, cells)
        Columns of the cells.
    keys, lines : array of uint64, shape (cells,)
        Luck and lineage.
    dtype : numpy dtype
        Precision of the columns.
    chunk : int
        Cells a chunk starts with.

    Attributes
    ----------
    tiles : array, shape (chunks * tiles per chunk * TILE,)
        Flat.
    keys, lines : array of uint64, shape (chunks * room,)
        Per lane.
    counts : array of int64, shape (chunks,)
        Cells of each chunk; they fill its first lanes.
    room : int
        Lanes of a chunk.
    """

    def __init__(
        self, clone: int, values: FloatArray, keys: Keys, lines: Keys, dtype: type = np.float64, chunk: int = CHUNK
    ) -> None:
        cells = values.shape[1]
        chunks = max(1, math.ceil(cells / chunk))
        share = math.ceil(cells / chunks)
        self.clone = clone
        self.room = LANES * math.ceil((share * (1.0 + SPARE)) / LANES)
        self.tiles = np.empty(chunks * self.room // LANES * TILE, dtype=dtype)
        self.view[:] = padding()[:, None]
        self.keys = np.zeros(chunks * self.room, dtype=np.uint64)
        self.lines = np.zeros(chunks * self.room, dtype=np.uint64)
        self.counts = np.zeros(chunks, dtype=np.int64)
        for c in range(chunks):
            part = slice(c * share, min((c + 1) * share, cells))
            self.add(c, values[:, part], keys[part], lines[part])

    def copy(self) -> Arena:
        """Return the same cells in arrays of their own."""
        other = copy(self)
        other.tiles, other.keys, other.lines = self.tiles.copy(), self.keys.copy(), self.lines.copy()
        other.counts = self.counts.copy()
        return other

    @property
    def view(self) -> FloatArray:
        """The tiles as an array of shape (tiles, WIDTH, LANES)."""
        return self.tiles.reshape(-1, WIDTH, LANES)

    @property
    def cells(self) -> int:
        """Number of cells."""
        return int(self.counts.sum())

    def lanes(self, chunk: int, first: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return tile and lane of the cells `first` to `stop` of a chunk."""
        places = np.arange(first, stop) + chunk * self.room
        return places // LANES, places % LANES

    def add(self, chunk: int, values: FloatArray, keys: Keys, lines: Keys) -> None:
        """Put cells into the free lanes of a chunk; there must be enough."""
        n, more = int(self.counts[chunk]), values.shape[1]
        tile, lane = self.lanes(chunk, n, n + more)
        self.view[tile, :, lane] = values.T
        at = slice(chunk * self.room + n, chunk * self.room + n + more)
        self.keys[at], self.lines[at] = keys, lines
        self.counts[chunk] += more

    def take(self, chunk: int, keep: int) -> tuple[FloatArray, Keys, Keys]:
        """Take the cells beyond the first `keep` out of a chunk; return columns, keys and lineages."""
        n = int(self.counts[chunk])
        tile, lane = self.lanes(chunk, keep, n)
        values = self.view[tile, :, lane].T.astype(np.float64)
        self.view[tile, :, lane] = padding()
        at = slice(chunk * self.room + keep, chunk * self.room + n)
        self.counts[chunk] = keep
        return values, self.keys[at].copy(), self.lines[at].copy()

    def column(self, name: str) -> FloatArray:
        """Return a copy of a column of all cells, shape (cells,), in double precision."""
        wide = self.view[:, INDEX[name], :].reshape(len(self.counts), self.room)
        return np.concatenate([wide[c, :n] for c, n in enumerate(self.counts)]).astype(np.float64)

    def per_lane(self, lanes: Keys) -> Keys:
        """Return what is kept per lane (keys, lineages) of all cells, shape (cells,)."""
        wide = lanes.reshape(len(self.counts), self.room)
        return np.concatenate([wide[c, :n] for c, n in enumerate(self.counts)])


def arenas_of(clone: int, rows: tuple[FloatArray, Keys, Keys], dtype: type, chunk: int) -> list[Arena]:
    """Return arenas of some cells of a clone, from their columns (WIDTH, cells), keys and lineages (cells,)."""
    values, keys, lines = rows
    parts = [slice(start, start + chunk * CHUNKS) for start in range(0, len(keys), chunk * CHUNKS)]
    return [Arena(clone, values[:, part], keys[part], lines[part], dtype, chunk) for part in parts]


def path_of(founder: int, line: int) -> str:
    """Return the name of a lineage: founder and path through divisions, ``~`` where it is too deep to be kept."""
    path = f"{line:b}"[1:] if line else "~"
    return f"{founder}.{path}" if path else str(founder)


def lines_of(names: Sequence[str]) -> Keys:
    """Return the lineages that `tdm1sim.engine.compiled.engine.path_of` names; 0 for one too deep to be named."""
    paths = ["1" + name.partition(".")[2] for name in names]
    return np.array([int(path, 2) if len(path) < 64 else 0 for path in paths], dtype=np.uint64)


def settle(arenas: list[Arena], clone: int, rows: tuple[FloatArray, Keys, Keys], dtype: type) -> None:
    """Give newcomers a place in the arenas of their clone: in chunks that have room, else in a new arena.

    Parameters
    ----------
    arenas : list of Arena
        All of the engine; a new one is appended.
    clone : int
        Of the newcomers.
    rows : tuple of array
        Columns (WIDTH, cells), keys and lineages (cells,).
    dtype : numpy dtype
        Precision.
    """
    values, keys, lines = rows
    done, cells = 0, values.shape[1]
    for arena in arenas:
        if arena.clone != clone:
            continue
        fill = int(arena.room / (1.0 + SPARE))
        for c in np.flatnonzero(arena.counts < fill).tolist():
            more = min(fill - int(arena.counts[c]), cells - done)
            part = slice(done, done + more)
            arena.add(c, values[:, part], keys[part], lines[part])
            done += more
            if done == cells:
                return
    if done < cells:
        arenas.append(Arena(clone, values[:, done:], keys[done:], lines[done:], dtype))


def make_room(arenas: list[Arena], dtype: type) -> None:
    """Halve chunks that are all but full, so that births find lanes near their mothers."""
    for arena in list(arenas):
        full = np.flatnonzero(arena.counts >= arena.room - max(1, arena.room // 20))
        for c in full.tolist():
            settle(arenas, arena.clone, arena.take(c, int(arena.counts[c]) // 2), dtype)
