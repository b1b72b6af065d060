"""From outputs to indices: elementary effects (Morris 1991, doi:10.1080/00401706.1991.10484804) or shares of variance.

The summaries of elementary effects are those of Campolongo et al. 2007 (doi:10.1016/j.envsoft.2006.10.004), the shares
of variance those of Sobol as Saltelli et al. 2010 estimate them (doi:10.1016/j.cpc.2009.09.018); SALib computes both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tdm1sim.intervals import of_values
from tdm1sim.sensitivity.design import LEVELS, Design, Floats, problem_of, salib
from tdm1sim.sensitivity.factors import Factor

_RESAMPLES = 1000
_SEED = 1
"""Of SALib's resampling: the same outputs always have the same intervals."""


@dataclass(frozen=True, slots=True)
class Index:
    """How much an output depends on one parameter.

    Attributes
    ----------
    factor : Factor
        The parameter with its bounds.
    effects : tuple of float
        Morris: the change of the output when the parameter goes from its lower to its upper bound, once for each
        trajectory; empty for Sobol.
    strength, strength_conf : float
        Morris: mean of the effects without their sign (``mu_star``). Sobol: total share of the variance (``ST``). With
        half of its 95 % interval.
    mean, low, high : float or None
        Morris: mean effect with its sign (``mu``) and Student's t interval over trajectories. Sobol: share of the
        variance alone (``S1``) and its interval.
    sigma : float or None
        Morris: standard deviation of the effects: interactions and bends.
    """

    factor: Factor
    effects: tuple[float, ...]
    strength: float
    strength_conf: float
    mean: float
    low: float | None
    high: float | None
    sigma: float | None


def indices_of(design: Design, factors: Sequence[Factor], outputs: Floats) -> list[Index]:
    """Return an index per parameter, the strongest first.

    Parameters
    ----------
    design : Design
        Where the model was asked.
    factors : sequence of Factor
        Columns of the design.
    outputs : array, shape (points,)
        What it answered.
    """
    found = _morris(design, factors, outputs) if design.method == "morris" else _sobol(factors, outputs)
    return sorted(found, key=lambda index: (-index.strength, index.factor.symbol))


def elementary(design: Design, outputs: Floats) -> Floats:
    """Return the effect of each parameter in each trajectory, shape (trajectories, factors), over the whole range."""
    points = design.points.reshape(design.blocks, design.block, -1)
    answers = outputs.reshape(design.blocks, design.block)
    steps, changes = np.diff(points, axis=1), np.diff(answers, axis=1)
    which = np.abs(steps).argmax(axis=2)
    effects = np.empty((design.blocks, points.shape[2]))
    for i, (moved, step, change) in enumerate(zip(which, steps, changes, strict=True)):
        effects[i, moved] = change / step[np.arange(len(moved)), moved]
    return effects


def _morris(design: Design, factors: Sequence[Factor], outputs: Floats) -> list[Index]:
    names = [factor.symbol for factor in factors]
    told = salib("analyze.morris").analyze(
        problem_of(names), design.points, outputs, num_levels=LEVELS, num_resamples=_RESAMPLES, seed=_SEED
    )
    effects = elementary(design, outputs)
    found = []
    for i, factor in enumerate(factors):
        own = tuple(effects[:, i].tolist())
        around = of_values(own)
        strength, conf, sigma = (float(told[key][i]) for key in ("mu_star", "mu_star_conf", "sigma"))
        mean = float(told["mu"][i])
        found.append(Index(factor, own, strength, conf, mean, around["low"], around["high"], sigma))
    return found


def _sobol(factors: Sequence[Factor], outputs: Floats) -> list[Index]:
    if float(np.ptp(outputs)) == 0.0:  # nothing varies, so there is no variance to share out
        return [Index(factor, (), 0.0, 0.0, 0.0, None, None, None) for factor in factors]
    names = [factor.symbol for factor in factors]
    told = salib("analyze.sobol").analyze(
        problem_of(names), outputs, calc_second_order=False, num_resamples=_RESAMPLES, seed=_SEED
    )
    found = []
    for i, factor in enumerate(factors):
        alone, half, total, conf = (float(told[key][i]) for key in ("S1", "S1_conf", "ST", "ST_conf"))
        found.append(Index(factor, (), total, conf, alone, alone - half, alone + half, None))
    return found
