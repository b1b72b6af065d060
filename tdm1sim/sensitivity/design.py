"""Where the model is asked: trajectories (Morris) or a Saltelli sample (Sobol), from SALib, fixed by the seed.

Both designs come in blocks, and an index is worked out from whole blocks. A block with a point that no run can have is
therefore set aside as a whole, the same ones every time; trajectories are then drawn until there are as many as asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim import luck
from tdm1sim.errors import InputError, MachineError, UsageError

Floats = NDArray[np.float64]
Check = Callable[[Sequence[float]], str]
"""From the shares of a point (0 to 1 between the bounds) to what is wrong with it; empty where nothing is."""

METHODS = ("morris", "sobol")
LEVELS = 4
"""Of a Morris grid: shares 0, 1/3, 2/3 and 1."""
_ROUNDS = 20
_INSTALL = 'python -m pip install "SALib>=1.6"'


@dataclass(frozen=True, slots=True)
class Design:
    """Points to run.

    Attributes
    ----------
    method : str
        ``morris`` or ``sobol``.
    points : array, shape (points, factors)
        Shares of the way between the bounds, 0 to 1; blocks one after the other.
    blocks : int
        Trajectories, or samples.
    refused : tuple of str
        What was wrong with the first bad point of each block that was set aside.
    """

    method: str
    points: Floats
    blocks: int
    refused: tuple[str, ...]

    @property
    def block(self) -> int:
        """Points in a block."""
        return len(self.points) // self.blocks


def salib(name: str) -> Any:
    """Return a module of SALib (``sample.morris``).

    Raises
    ------
    MachineError
        It is not installed; the message says how to.
    """
    try:
        return import_module(f"SALib.{name}")
    except ModuleNotFoundError:
        msg = f"sensitivity needs SALib, which is not installed: {_INSTALL}"
        raise MachineError(msg) from None


def problem_of(names: Sequence[str]) -> dict[str, Any]:
    """Return SALib's description of the factors: all between 0 and 1."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def design_of(method: str, names: Sequence[str], blocks: int, seed: int, check: Check) -> Design:
    """Return the points of a study.

    Parameters
    ----------
    method : {'morris', 'sobol'}
        Screening, or shares of variance.
    names : sequence of str
        Symbols of the factors.
    blocks : int
        Trajectories (at least 2), or samples (a power of two, at least 4).
    seed : int
        Of the run.
    check : callable
        Says what is wrong with a point.

    Raises
    ------
    UsageError
        A number of blocks that the method cannot use.
    InputError
        Hardly any point can be run.
    MachineError
        SALib is missing.
    """
    if method == "morris":
        return _morris(names, blocks, seed, check)
    return _sobol(names, blocks, seed, check)


def _seed(seed: int, purpose: str) -> int:
    return int(luck.generator(seed, purpose).integers(2**31 - 1))


def _morris(names: Sequence[str], blocks: int, seed: int, check: Check) -> Design:
    if blocks < 2:
        msg = f"--trajectories {blocks}: at least 2 are needed, 10 or more to trust an order"
        raise UsageError(msg)
    sampler, kept, refused = salib("sample.morris"), [], []
    for number in range(_ROUNDS):
        drawn = sampler.sample(
            problem_of(names), blocks, num_levels=LEVELS, seed=_seed(seed, f"sensitivity morris {number}")
        )
        good, bad = _sorted(np.asarray(drawn, dtype=np.float64), blocks, check)
        kept += good
        refused += bad
        if len(kept) >= blocks:
            return Design("morris", np.concatenate(kept[:blocks]), blocks, tuple(refused))
    raise InputError(_hardly(refused))


def _sobol(names: Sequence[str], blocks: int, seed: int, check: Check) -> Design:
    if blocks < 4 or blocks & (blocks - 1):
        power = 2 ** max(2, blocks.bit_length())
        msg = f"--samples {blocks}: a power of two of at least 4 is needed, such as {power // 2 or 4} or {power}"
        raise UsageError(msg)
    drawn = salib("sample.sobol").sample(
        problem_of(names), blocks, calc_second_order=False, seed=_seed(seed, "sensitivity sobol")
    )
    good, bad = _sorted(np.asarray(drawn, dtype=np.float64), blocks, check)
    if len(good) < max(4, blocks // 2):
        raise InputError(_hardly(bad))
    return Design("sobol", np.concatenate(good), len(good), tuple(bad))


def _sorted(points: Floats, blocks: int, check: Check) -> tuple[list[Floats], list[str]]:
    """Return the blocks that can be run, and what is wrong with each of the others."""
    good, bad = [], []
    for block in np.split(points, blocks):
        wrong = next((found for found in map(check, block.tolist()) if found), "")
        if wrong:
            bad.append(wrong)
        else:
            good.append(block)
    return good, bad


def _hardly(refused: Sequence[str]) -> str:
    common = max(set(refused), key=refused.count) if refused else "nothing"
    return f"hardly any combination of values can be run ({common}); narrow the bounds with --bounds NAME=LOW:HIGH"
