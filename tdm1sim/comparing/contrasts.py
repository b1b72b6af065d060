"""Differences with paired intervals, and beside each the interval that the same runs would give without pairing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tdm1sim.comparing.measures import RATIO, TIMES, Path, Values
from tdm1sim.intervals import of_values

FRACTIONS = ("fates", "living")
"""Parts of the differences that are fractions of counted cells."""


def contrast(a: Sequence[float | None], b: Sequence[float | None]) -> dict[str, Any]:
    """Return the difference b - a over the pairs in which both are known.

    Parameters
    ----------
    a, b : sequence of float or None
        One value per pair, in the same order.

    Returns
    -------
    dict
        ``a, b`` (means over the pairs), ``mean, low, high`` of the difference (95 %, Student t over the pairs),
        ``unpaired_low, unpaired_high`` (Welch's interval for two independent samples of this size), ``narrower``
        (width without pairing over width with it), ``pairs``.
    """
    pairs = [(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    if not pairs:
        return {"a": None, "b": None, **of_values([]), **_unpaired(None, None, None), "pairs": 0}
    x, y = (np.array(side, dtype=np.float64) for side in zip(*pairs, strict=True))
    interval = of_values((y - x).tolist())
    difference = float((y - x).mean())
    half = welch(x.tolist(), y.tolist())
    own = None if interval["low"] is None or interval["high"] is None else (interval["high"] - interval["low"]) / 2.0
    means = {"a": float(x.mean()), "b": float(y.mean())}
    return {**means, **interval, **_unpaired(difference, half, own), "pairs": len(pairs)}


def _unpaired(difference: float | None, half: float | None, own: float | None) -> dict[str, float | None]:
    if difference is None or half is None:
        return {"unpaired_low": None, "unpaired_high": None, "narrower": None}
    return {
        "unpaired_low": difference - half,
        "unpaired_high": difference + half,
        "narrower": half / own if own else None,
    }


def welch(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Return half of Welch's 95 % interval of a difference of means of independent samples; None for fewer than two.

    Source: Welch 1947, doi:10.1093/biomet/34.1-2.28.
    """
    if len(x) < 2 or len(y) < 2:
        return None
    from scipy.special import stdtrit

    parts = [float(np.var(side, ddof=1)) / len(side) for side in (x, y)]
    squared = math.fsum(parts)
    if squared == 0.0:
        return 0.0
    degrees = squared**2 / math.fsum(part**2 / (len(side) - 1) for part, side in zip(parts, (x, y), strict=True))
    return float(stdtrit(degrees, 0.975)) * math.sqrt(squared)


def ratio(a: Sequence[float | None], b: Sequence[float | None]) -> dict[str, Any]:
    """Return the ratio b / a: geometric mean over the pairs with its interval; None where one of them is 0."""
    if not all(value is not None and value > 0.0 for value in (*a, *b)):
        return {**of_values([]), "unpaired_low": None, "unpaired_high": None, "narrower": None, "pairs": 0}
    logs = contrast([math.log(value or 1.0) for value in a], [math.log(value or 1.0) for value in b])
    kept = ("mean", "low", "high", "unpaired_low", "unpaired_high")
    back = {key: None if logs[key] is None else math.exp(logs[key]) for key in kept}
    return {**back, "narrower": logs["narrower"], "pairs": logs["pairs"]}


def differences(a: Values, b: Values, *, counted: int = 0) -> dict[str, Any]:
    """Return every difference b - a, in the order and under the names of ``summary.json``.

    Parameters
    ----------
    a, b : mapping
        From `tdm1sim.comparing.measures.of_replicates`.
    counted : int
        Cells counted in an arm. Where a fraction differs in no pair, what can be said is the rule of three: a share
        that differs in fewer than 3 of so many cells would go unseen. With 0 (nothing was changed) the difference is
        none.
    """
    found: dict[str, Any] = {}
    for path, mine in a.items():
        told = contrast(mine, b[path])
        if path[0] in TIMES:
            told["reached"] = [sum(value is not None for value in side) for side in (mine, b[path])]
        if path[0] in FRACTIONS and counted and told["low"] == told["high"] == told["mean"] == 0.0:
            edge = min(1.0, 3.0 / counted)
            told |= {"low": -edge, "high": edge, "unpaired_low": -edge, "unpaired_high": edge}
        _put(found, path, told)
        if path == RATIO:
            found["cell_number_fold"] = ratio(mine, b[path])
    return found


def _put(tree: dict[str, Any], path: Path, value: Any) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
    tree[path[-1]] = value


def over_groups(found: dict[str, Any], a: Values, b: Values, *, counted: int = 0) -> dict[str, Any]:
    """Return differences of one replicate with intervals over groups of its founders, where there are any.

    The difference itself stays that of all cells: groups differ in size.
    """
    grouped = differences(a, b, counted=counted)
    for path in a:
        own, over = _at(found, path), _at(grouped, path)
        shift = own["mean"] - over["mean"] if own["mean"] is not None and over["mean"] is not None else None
        if shift is not None:
            ends = ("low", "high", "unpaired_low", "unpaired_high")
            own |= {key: None if over[key] is None else over[key] + shift for key in ends}
            own |= {"narrower": over["narrower"], "groups": over["pairs"]}
    return found


def _at(tree: Mapping[str, Any], path: Path) -> Any:
    node: Any = tree
    for key in path:
        node = node[key]
    return node
