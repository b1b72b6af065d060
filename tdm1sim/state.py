"""The whole state of a replicate at one time, and its file: all a run needs to go on as if it had not stopped. Floor 2.

A state is neutral: cells are columns, whatever held them, so one engine can continue what another one saved. Its file
is a compressed NumPy archive of plain arrays and one JSON text, without code objects.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdm1sim.errors import InputError
from tdm1sim.histogram import Histogram
from tdm1sim.lives import LIFE, Lives
from tdm1sim.population import NAMES

if TYPE_CHECKING:
    from tdm1sim.world import World

FloatArray = NDArray[np.float64]

FORMAT = 2
"""Version of the file; another one is refused."""
_PACKED = np.dtype([(name, LIFE[name]) for name in LIFE.names or ()])
"""A life without the gaps between its fields: what lies in gaps is left to chance, and a file's bytes are not."""
_LEVEL = 6
_TALLY = ("dying", "born", "removed")


class Cells(NamedTuple):
    """Living cells of one clone as any engine can take them in.

    Attributes
    ----------
    values : array, shape (WIDTH, cells)
        Columns of the population.
    keys : array of uint64, shape (cells,)
        Luck.
    names : list of str
        Lineage names; empty where cells are not followed.
    """

    values: FloatArray
    keys: NDArray[np.uint64]
    names: list[str]


@dataclass(slots=True)
class State:
    """A replicate at one time.

    Attributes
    ----------
    facts : dict
        Plain numbers and texts: which run this is, surroundings, ledger, counts, what was recorded so far.
    cells : list of Cells
        One per clone.
    pace : dict of str to array
        How fast events changed the totals in the window before (`tdm1sim.engine.foresee.Pace`).
    ends, bands, peaks : array of int64
        Of the tally: cells by fate and founder group, dead cells by band, histogram of their highest level.
    lives : array, names : list of str
        Every life that ended so far, and its lineage name; empty where cells are not followed.
    """

    facts: dict[str, Any]
    cells: list[Cells]
    pace: dict[str, FloatArray]
    ends: NDArray[np.int64]
    bands: NDArray[np.int64]
    peaks: NDArray[np.int64]
    lives: NDArray[Any]
    names: list[str]

    @property
    def time(self) -> float:
        """When it was saved, h."""
        return float(self.facts["time_h"])


# The world ---------------------------------------------------------------------------------------------------


def facts_of_world(world: World) -> dict[str, Any]:
    """Return what a state keeps of surroundings, ledger and counts as plain numbers.

    The surroundings are those of the moment *before* what happens at once at this time (a change of medium): that is
    up to whoever continues.
    """
    tally = world.tally
    return {
        "shared": world.before,
        "ledger": {"moved": dict(world.ledger.moved), "worst": world.ledger.worst},
        "tally": {
            **{name: getattr(tally, name) for name in _TALLY},
            "died": dict(tally.died),
            "low": tally.peaks.low,
            "high": tally.peaks.high,
        },
    }


def put_back(world: World, state: State) -> None:
    """Put a world into a state; its engine takes the cells from `World.state` itself."""
    facts, tally = state.facts, world.tally
    world.shared.put_back(facts["shared"])
    world.ledger.moved |= facts["ledger"]["moved"]
    world.ledger.worst = facts["ledger"]["worst"]
    for name in _TALLY:
        setattr(tally, name, facts["tally"][name])
    tally.died |= facts["tally"]["died"]
    tally.by_group, tally.bands = state.ends.copy(), state.bands.copy()
    tally.peaks = Histogram(state.peaks.copy(), facts["tally"]["low"], facts["tally"]["high"])
    tally.lives = Lives.of(state.lives.astype(LIFE), state.names)


# The file ----------------------------------------------------------------------------------------------------


def pack(state: State) -> bytes:
    """Return a state as the content of its file; the same state gives the same bytes."""
    arrays: dict[str, NDArray[Any]] = {"facts": _text(json.dumps(state.facts, default=_plain))}
    for i, cells in enumerate(state.cells):
        arrays |= {
            f"clone{i}.values": cells.values,
            f"clone{i}.keys": cells.keys,
            f"clone{i}.names": _lines(cells.names),
        }
    arrays |= {f"pace.{name}": value for name, value in state.pace.items()}
    arrays |= {"tally.ends": state.ends, "tally.bands": state.bands, "tally.peaks": state.peaks}
    arrays |= {"lives.rows": state.lives.astype(_PACKED), "lives.names": _lines(state.names)}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
    return file.getvalue()


def unpack(content: bytes, where: str = "the state") -> State:
    """Return the state in the content of a file.

    Parameters
    ----------
    content : bytes
        As `pack` returns it.
    where : str
        The file as the user knows it.

    Raises
    ------
    InputError
        If this is no whole state, or one of another version.
    """
    facts = read_facts(content, where)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            cells = [
                Cells(file[f"clone{i}.values"], file[f"clone{i}.keys"], _names(file[f"clone{i}.names"]))
                for i in range(len(facts["clones"]))
            ]
            pace = {name.removeprefix("pace."): file[name] for name in file.files if name.startswith("pace.")}
            ends, bands, peaks = (file[f"tally.{name}"] for name in ("ends", "bands", "peaks"))
            return State(facts, cells, pace, ends, bands, peaks, file["lives.rows"], _names(file["lives.names"]))
    except _BROKEN as error:
        raise _not_whole(where, error) from None


def read_facts(content: bytes, where: str = "the state") -> dict[str, Any]:
    """Return the facts of a state without its cells; as `unpack`."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            facts = json.loads(file["facts"].tobytes().decode())
        if not isinstance(facts, dict) or facts.get("format") != FORMAT:
            message = f"{where} is a saved state of another version of tdm1sim, which this one cannot continue"
            raise InputError(message)
    except _BROKEN as error:
        raise _not_whole(where, error) from None
    if facts["columns"] != list(NAMES):
        message = f"{where} holds other quantities per cell than this version of tdm1sim has; save it again"
        raise InputError(message)
    return facts


_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, NotImplementedError)
"""What damaged archives make NumPy raise."""


def _not_whole(where: str, error: Exception) -> InputError:
    return InputError(f"{where} is not a whole saved state ({error or type(error).__name__}); save it again")


def _text(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _lines(names: Sequence[str]) -> NDArray[np.uint8]:
    return _text("".join(f"{name}\n" for name in names))


def _names(text: NDArray[np.uint8]) -> list[str]:
    return text.tobytes().decode().splitlines()


def _plain(value: Any) -> Any:
    """Return a NumPy number as Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(type(value).__name__)
