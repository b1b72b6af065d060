"""Which way of acting makes which share of the effect: Shapley values over the drug's arms on common luck. Floor 6.

Every subset of the arms (payload, HER2 blockade, ADCC) is run with the others switched off, each replicate with the
luck of the main run. An arm's part is its mean gain over all orders in which the arms can be added (Shapley 1953,
doi:10.1515/9781400881970-018): parts add to the effect exactly, an arm that does nothing gets nothing, and an arm
that protects cells gets a negative part.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdm1sim.intervals import Interval, of_values
from tdm1sim.parameters import Parameters
from tdm1sim.recorder import Record

FloatArray = NDArray[np.float64]
Coalition = frozenset[str]

PLAYERS = ("payload", "blockade", "adcc")
"""The arms that share the effect among themselves.

What is left with all three off is `other`: protection from shedding, or an inhibitor that the untreated run lacks.
"""

LABELS = {"payload": "payload", "blockade": "HER2 blockade", "adcc": "ADCC", "other": "other (shedding, inhibitors)"}
"""Each part as shown."""

ALL: Coalition = frozenset(PLAYERS)
COALITIONS: tuple[Coalition, ...] = tuple(
    frozenset(some) for size in range(len(PLAYERS) + 1) for some in combinations(PLAYERS, size)
)


class Curve(NamedTuple):
    """One replicate of one arm: times (h), living cells, and cells that died so far, each of shape (times,)."""

    times: FloatArray
    live: FloatArray
    died: FloatArray


def arm_name(on: Coalition) -> str:
    """Return the name of the runs in which only the arms in `on` act: ``arms:payload+adcc``, ``arms:none``."""
    return "arms:" + ("+".join(player for player in PLAYERS if player in on) or "none")


def switched(parameters: Parameters, on: Coalition) -> Parameters:
    """Return the run in which every arm outside `on` is switched off; those in it stay as the run has them."""
    return parameters.with_values(**{f"arm_{player}": 0.0 for player in PLAYERS if player not in on})


def further_runs(parameters: Parameters) -> dict[str, Parameters]:
    """Return the runs that attribution needs beside the run itself, by the name of their arm."""
    runs = {"untreated": parameters.untreated()}
    return runs | {arm_name(on): switched(parameters, on) for on in COALITIONS if on != ALL}


# What is shared ------------------------------------------------------------------------------------------------


def area(curve: Curve) -> float:
    """Return the area under the living cells, cells x h."""
    return float(np.trapezoid(curve.live, curve.times))


def number(curve: Curve) -> float:
    """Return the living cells at the end."""
    return float(curve.live[-1])


def survival(curve: Curve) -> float:
    """Return the fraction of cells that would live if none divided: exp(-cumulative death hazard).

    The hazard is deaths per living cell (Nelson and Aalen's estimator); between two records the number of living cells
    is taken as exponential in time, so that its logarithm changes by divisions less deaths per living cell exactly.
    What an arm does to the number of cells is therefore its killing plus what it does to divisions, to rounding.
    """
    if curve.live.min() <= 0.0:
        return 0.0
    before, after = curve.live[:-1], curve.live[1:]
    same = before == after
    ratio = np.where(same, 1.0, np.log(np.where(same, math.e, after / before)))
    mean = np.where(same, before, (after - before) / ratio)
    return float(np.exp(-(np.diff(curve.died) / mean).sum()))


MEASURES: dict[str, Callable[[Curve], float]] = {"live_cells": area, "cell_number": number, "killing": survival}
"""What the drug makes smaller; the effect is ln(untreated / treated) of each."""


def effects(untreated: Curve, treated: Mapping[Coalition, Curve], measure: str) -> dict[Coalition, float] | None:
    """Return ln(untreated / treated) of a measure for each coalition; None where no cell is left in one of them."""
    taken = MEASURES[measure]
    base, left = taken(untreated), {on: taken(curve) for on, curve in treated.items()}
    if base <= 0.0 or min(left.values()) <= 0.0:
        return None
    return {on: math.log(base / value) for on, value in left.items()}


# Shapley values ------------------------------------------------------------------------------------------------


def weight(others: int, players: int) -> float:
    """Return the share of all orders in which exactly these `others` come before one of `players`."""
    return math.factorial(others) * math.factorial(players - others - 1) / math.factorial(players)


def shapley(players: Sequence[str], value: Mapping[Coalition, float]) -> dict[str, float]:
    """Return each player's part of the game; the parts add to the value of all less the value of none.

    Parameters
    ----------
    players : sequence of str
        Who plays.
    value : mapping of frozenset to float
        What every subset of the players is worth, the empty one included.
    """
    parts = {}
    for player in players:
        rest = [other for other in players if other != player]
        parts[player] = math.fsum(
            weight(size, len(players)) * (value[frozenset({*some, player})] - value[frozenset(some)])
            for size in range(len(players))
            for some in combinations(rest, size)
        )
    return parts


# From records to the summary -----------------------------------------------------------------------------------


def curves(records: Mapping[str, Sequence[Record]]) -> dict[str, list[Curve]]:
    """Return living and dead over time by arm and replicate, at the records that all of them share.

    Where one of them stopped at its capacity, all of them end there.
    """
    tables = {
        arm: [{round(t, 6): (live, died) for t, live, died in record.counts} for record in some]
        for arm, some in records.items()
    }
    shared = sorted(set.intersection(*(set(table) for some in tables.values() for table in some)))
    times = np.array(shared)

    def curve(table: Mapping[float, tuple[int, int]]) -> Curve:
        rows = np.array([table[t] for t in shared], dtype=np.float64)
        return Curve(times, rows[:, 0], rows[:, 1])

    return {arm: [curve(table) for table in some] for arm, some in tables.items()}


def summarise_arms(records: Mapping[str, Sequence[Record]], *, draw: bool = False) -> dict[str, Any]:
    """Return the part ``attribution`` of the summary.

    Parameters
    ----------
    records : mapping of str to sequence of Record
        All replicates, in order, of the arms ``run`` and of `further_runs`.
    draw : bool
        Whether the run is one of many draws of uncertain values (`shares`).

    Returns
    -------
    dict
        ``until_h`` and, for the area under the living cells, ``effect``, ``arms`` and ``other``; the same three in
        ``cell_number`` (living cells at the end) and ``killing`` (`survival`). A part holds its ``effect`` and its
        ``share`` of the whole effect, which is None where the interval of the whole contains zero.
    """
    found = curves(
        {arm: records[arm] for arm in ("run", "untreated", *(arm_name(on) for on in COALITIONS if on != ALL))}
    )
    games: dict[str, list[dict[Coalition, float] | None]] = {}
    for measure in MEASURES:
        games[measure] = [
            effects(untreated, {on: found["run" if on == ALL else arm_name(on)][i] for on in COALITIONS}, measure)
            for i, untreated in enumerate(found["untreated"])
        ]
    told = {measure: shares(some, draw=draw) for measure, some in games.items()}
    until = float(found["run"][0].times[-1])
    return {"until_h": until, **told.pop("live_cells"), **told}


def shares(games: Sequence[Mapping[Coalition, float] | None], *, draw: bool = False) -> dict[str, Any]:
    """Return effect, parts and shares with 95 % intervals over replicates.

    Parameters
    ----------
    games : sequence of mapping
        The effect of every coalition, one per replicate; None where it is not defined (then nothing is).
    draw : bool
        One of many draws has two replicates at most, too few for an interval that could be clear of zero: there is an
        effect to share where all of them agree in its sign.
    """
    known = [game for game in games if game is not None]
    if len(known) < len(games):
        nothing = {"effect": of_values([]), "share": None}
        return {"effect": of_values([]), "arms": dict.fromkeys(PLAYERS, nothing), "other": nothing}
    whole = [game[ALL] for game in known]
    parts = [shapley(PLAYERS, game) | {"other": game[frozenset()]} for game in known]
    effect = of_values(whole)
    there = (min(whole) > 0.0 or max(whole) < 0.0) if draw else _differs_from_zero(effect)
    told = {name: _part([part[name] for part in parts], whole, there=there) for name in (*PLAYERS, "other")}
    return {"effect": effect, "arms": {player: told[player] for player in PLAYERS}, "other": told["other"]}


def _part(part: Sequence[float], whole: Sequence[float], *, there: bool) -> dict[str, Interval | None]:
    shared = there and all(whole)
    share = of_values([some / all_ for some, all_ in zip(part, whole, strict=True)]) if shared else None
    return {"effect": of_values(part), "share": share}


def _differs_from_zero(effect: Interval) -> bool:
    """Whether there is an effect to share; one replicate has no interval that could contain zero."""
    if effect["low"] is None or effect["high"] is None:
        return bool(effect["mean"])
    return effect["low"] > 0.0 or effect["high"] < 0.0
