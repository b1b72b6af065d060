"""Draws of uncertain values: a Latin hypercube in which every value has luck of its own, within what is known together.

A value's draws depend on the seed, its name and the number of draws only: two scenarios that share a value share its
draws. What measurements say about combinations is kept: a draw that breaks it is drawn again, from the same luck.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim import luck
from tdm1sim.catalogue import load_catalogue
from tdm1sim.errors import InputError
from tdm1sim.parameters import Patient
from tdm1sim.scenario import Resolved
from tdm1sim.uncertainty.values import Value, uncertain_values, with_values

FloatArray = NDArray[np.float64]
PURPOSE = "uncertain"
MOST_TRIES = 10_000
"""How often a draw is drawn again before the bounds are called contradictory."""
FEWEST = 2
"""Draws below which there is no band."""
REPLICATES = 2
"""Replicates of a draw, where the run has more: all draws share their luck, so that they differ by their values."""


# What is known about combinations ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Knot:
    """Values that are known together better than one by one.

    Attributes
    ----------
    symbols : tuple of str
        Which.
    holds : callable
        Whether values, in canonical units, agree with what is known.
    conjugates : tuple of str
        The conjugates it is known for; empty for all.
    words : str
        What is known, with its source.
    """

    symbols: tuple[str, ...]
    holds: Callable[[Mapping[str, float]], bool]
    conjugates: tuple[str, ...]
    words: str


def net_uptake(v: Mapping[str, float]) -> float:
    """Return the net rate constant from surface to lysosome, 1/h."""
    return v["ke"] * v["ks"] / (v["ks"] + v["kr"])


def half_life(v: Mapping[str, float]) -> float:
    """Return the net half-life (h) of DM1 in a cell in which nearly all of it is bound to tubulin."""
    return math.log(2.0) * (v["T"] + v["KDt"]) / (v["KDt"] * v["keff"])


def _inside(row: str, of: Callable[[Mapping[str, float]], float]) -> Callable[[Mapping[str, float]], bool]:
    def holds(v: Mapping[str, float]) -> bool:
        measured = load_catalogue().evidence[row]
        return float(measured["low"]) <= of(v) <= float(measured["high"])

    return holds


KNOTS = (
    Knot(("C_M", "C_A"), lambda v: v["C_M"] < v["C_A"], (), "arrest takes less DM1 than rapid apoptosis"),
    Knot(("ke", "kr", "ks"), _inside("c018", net_uptake), (), "net rate from surface to lysosome (row c018)"),
    Knot(("T", "KDt", "keff"), _inside("c013", half_life), ("t-dm1",), "net half-life of DM1 in a cell (row c013)"),
)
"""What is kept in every draw, where the run's own values agree with it."""


# The draws -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """Draws of the uncertain values of one scenario, or of several that are compared.

    Attributes
    ----------
    runs : tuple of tuple of Resolved
        Per draw one run for each arm.
    values : tuple of Value
        What was drawn, in order of the catalogue, as the first arm that has it has it.
    shares : array, shape (draws, values)
        Where between its bounds each value was drawn, 0 to 1 (of the logarithm where that is drawn).
    held : tuple of str
        What one of several arms sets itself, and the others therefore keep too.
    knots : tuple of str
        What is kept in every draw, in words.
    """

    runs: tuple[tuple[Resolved, ...], ...]
    values: tuple[Value, ...]
    shares: FloatArray
    held: tuple[str, ...] = ()
    knots: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what the manifest says about the draws."""
        return {
            "draws": len(self.runs),
            "replicates": self.runs[0][0].parameters.plan.replicates,
            "values": [value.as_json() for value in self.values],
            "held": list(self.held),
            "kept_together": list(self.knots),
        }


@dataclass(frozen=True, slots=True)
class Design:
    """What is to be drawn.

    Attributes
    ----------
    arms : tuple of mapping
        Name to `Value`, for each arm.
    names : tuple of str
        All of them, once each.
    """

    arms: tuple[Mapping[str, Value], ...]
    names: tuple[str, ...]
    held: tuple[str, ...]


def design_of(arms: Sequence[Resolved], held: Collection[str] = ()) -> Design:
    """Return what can be drawn in these arms; what one of them sets, or is held, is left alone in all."""
    found = [uncertain_values(arm) for arm in arms]
    said = {symbol for arm in arms for symbol in arm.given}.union(held)
    left = sorted({name for one in found for name in one if name in said})
    kept = tuple({name: value for name, value in one.items() if name not in left} for one in found)
    return Design(kept, tuple(dict.fromkeys(name for one in kept for name in one)), tuple(left))


def plan(arms: Sequence[Resolved], draws: int, *, held: Collection[str] = (), bare: bool = False) -> Plan:
    """Draw the uncertain values of one scenario, or the same draws for several arms.

    Parameters
    ----------
    arms : sequence of Resolved
        The runs; the seed is the first one's.
    draws : int
        How many, at least 2.
    held : collection of str
        Names that are drawn in no arm, whatever the arms say.
    bare : bool
        Of each run keep its numbers alone, without text, tree and scenario: for very many arms.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If there is nothing to draw, or no draw agrees with what is known.
    """
    design = design_of(arms, held)
    if not design.names:
        msg = (
            "--uncertain has nothing to draw: the scenario sets every assumed and calibrated value itself (a "
            "resolved.yaml holds all of them; use the scenario it came from)"
        )
        raise InputError(msg)
    seed = arms[0].parameters.plan.seed
    shares = np.stack([stratified(seed, name, draws) for name in design.names], axis=1)
    knots = [[knot for knot in KNOTS if _applies(knot, arm, one)] for arm, one in zip(arms, design.arms, strict=True)]
    rows, runs = [], []
    for row in range(draws):
        share, resolved = _drawn(arms, design, knots, shares[row], _again(seed, design.names, row), text=not bare)
        rows.append(share)
        runs.append(tuple(_bare(lean(run)) if bare else lean(run) for run in resolved))
    values = tuple(next(one[name] for one in design.arms if name in one) for name in design.names)
    told = tuple(dict.fromkeys(knot.words for some in knots for knot in some))
    return Plan(tuple(runs), values, np.array(rows), design.held, told)


def lean(resolved: Resolved) -> Resolved:
    """Return a draw's run without what no band is made of, and with at most `REPLICATES` replicates.

    Where each replicate is another patient all of them are kept: two would not stand for the others. What is asked for
    by `record.attribution` is kept: each draw then runs all subsets of the drug's arms, with its own values in all.
    """
    parameters = resolved.parameters
    where, run = parameters.surroundings, parameters.plan
    patients = isinstance(where, Patient) and where.variability is not None
    count = run.replicates if patients else min(REPLICATES, run.replicates)
    fewer = replace(run, replicates=count, traces=0, saved_by=False, save_state=())
    return replace(resolved, parameters=replace(parameters, plan=fewer))


def _bare(resolved: Resolved) -> Resolved:
    return replace(resolved, tree={}, citations=(), warnings=(), given=frozenset(), scenario=None)


def stratified(seed: int, name: str, draws: int) -> FloatArray:
    """Return one value's column of a Latin hypercube: a share in each of `draws` equal parts of 0 to 1, shuffled.

    Columns of a Latin hypercube are independent, so that each can be drawn by itself and a value keeps its draws
    whatever else is drawn.
    """
    from scipy.stats import qmc

    generator: Any = luck.generator(seed, f"{PURPOSE} {name}")
    make: Any = qmc.LatinHypercube
    try:
        design = make(1, rng=generator)
    except TypeError:  # before SciPy 1.15 the same argument was called `seed`
        design = make(1, seed=generator)
    return np.asarray(design.random(draws)[:, 0], dtype=np.float64)


def _again(seed: int, names: Sequence[str], row: int) -> Callable[[str], float]:
    """Return what gives another share for a value in one draw: each value from a stream of its own."""
    streams = {name: luck.generator(seed, f"{PURPOSE} {name} again {row}") for name in names}
    return lambda name: float(streams[name].random())


def _drawn(
    arms: Sequence[Resolved],
    design: Design,
    knots: Sequence[Sequence[Knot]],
    first: FloatArray,
    again: Callable[[str], float],
    *,
    text: bool,
) -> tuple[FloatArray, tuple[Resolved, ...]]:
    """Return shares that agree with what is known, and the arms with them."""
    share = dict(zip(design.names, first.tolist(), strict=True))
    for _ in range(MOST_TRIES):
        broken = set(_broken(arms, design, knots, share))
        if not broken:
            values = [{name: value.at(share[name]) for name, value in one.items()} for one in design.arms]
            try:
                runs = tuple(with_values(arm, some, text=text) for arm, some in zip(arms, values, strict=True))
            except InputError:
                broken = set(design.names)  # such as phases longer than the cycle
            else:
                return np.array([share[name] for name in design.names]), runs
        for name in design.names:
            if name in broken:
                share[name] = again(name)
    msg = "no draw of the uncertain values agrees with what is known about them together and with the scenario"
    raise InputError(msg)


def _broken(
    arms: Sequence[Resolved], design: Design, knots: Sequence[Sequence[Knot]], share: Mapping[str, float]
) -> Iterator[str]:
    """Yield the drawn values of every knot that does not hold."""
    for arm, one, some in zip(arms, design.arms, knots, strict=True):
        for knot in some:
            drawn = [name for name in knot.symbols if name in one]
            if not knot.holds(_together(arm, knot, {name: one[name].at(share[name]) for name in drawn})):
                yield from drawn


def _applies(knot: Knot, arm: Resolved, drawn: Mapping[str, Value]) -> bool:
    """Whether a knot is to be kept: something of it is drawn, and the run's own values agree with it."""
    if knot.conjugates and arm.parameters.drug not in knot.conjugates:
        return False
    return any(name in drawn for name in knot.symbols) and knot.holds(_together(arm, knot, {}))


def _together(arm: Resolved, knot: Knot, drawn: Mapping[str, float]) -> dict[str, float]:
    """Return the values of a knot in canonical units, those drawn over the run's own."""
    catalogue = load_catalogue()
    own = {name: arm.parameters.values[name] for name in knot.symbols}
    return own | {name: catalogue.canonical(name, value) for name, value in drawn.items()}
