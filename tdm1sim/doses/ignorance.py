"""Dose series with other values of what nobody has measured: the same draws in every curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.doses.logistic import fit
from tdm1sim.doses.series import Asked, Curve, Ignorance, Progress, shares_of
from tdm1sim.uncertainty import Plan, over, plan
from tdm1sim.uncertainty.bands import middle

if TYPE_CHECKING:
    from tdm1sim.results import Results

Found = tuple[list[float], float | None]
"""Signal at each dose (mean over replicates, of untreated), and IC50 (nM); of one curve in one draw."""


def with_ignorance(
    curves: Sequence[Curve], draws: int, *, engine: str = "auto", jobs: int = 1, progress: Progress | None = None
) -> tuple[list[Curve], Plan]:
    """Return the curves with their bands of ignorance, and what was drawn.

    Parameters
    ----------
    curves : sequence of Curve
        As they were run.
    draws : int
        How many, at least 2.
    engine, jobs, progress
        As in `tdm1sim.uncertainty.over`.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    asked = [curve.asked for curve in curves]
    drawn = plan([one.resolved for one in asked], draws)
    found = over(drawn, partial(_measured, asked), engine=engine, jobs=jobs, progress=progress)
    return [replace(curve, ignorance=_bands([one[i] for one in found])) for i, curve in enumerate(curves)], drawn


def _measured(asked: Sequence[Asked], results: Sequence[Results]) -> list[Found | None]:
    """Return what each curve is in one draw; None where wells show nothing to compare with."""
    found: list[Found | None] = []
    for one, result in zip(asked, results, strict=True):
        doses, _, shares = shares_of(one, result)
        if not shares.size or not np.isfinite(shares).all():
            found.append(None)
            continue
        found.append((shares.mean(axis=0).tolist(), fit(doses.tolist(), shares).ic50.value))
    return found


def _bands(found: Sequence[Found | None]) -> Ignorance:
    """Return the middle 95 % of the draws; an IC50 that is not reached is higher than all others."""
    known = [one for one in found if one is not None]
    signals = [middle([one[0][i] for one in known]) for i in range(len(known[0][0]))] if known else []
    low, high = (np.array([ends[i] for ends in signals], dtype=np.float64) for i in (0, 1))
    return Ignorance(len(found), low, high, *middle([one[1] for one in known], never=True), len(found) - len(known))
