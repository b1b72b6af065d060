"""Cell cycle: position in unscaled hours, G1 slowed by HER2 blockade."""

from __future__ import annotations

from tdm1sim.maths import Real, maximum, minimum
from tdm1sim.pools import Constants


def cycle(
    y: Real, p: Real, pace: Real, growing: Real, E_T: float, G1: float, dt: float, k: Constants
) -> tuple[Real, Real]:
    """Advance the position in the cell cycle.

    Parameters
    ----------
    y : float or array
        Position, h of the clone's mean cycle; G1 comes first, then S, G2, M.
    p : float or array
        PI3K activity, mean over the step.
    pace : float or array
        This cell's speed, 1 for the mean cycle.
    growing : float or array
        1 in the cycle, 0 when arrested or multinucleated.
    E_T, G1 : float
        Largest slowing of G1 by blockade; end of G1, h.
    dt : float
        Step, h.
    k : Constants
        Pure numbers.

    Returns
    -------
    y, speed : float or array
        New position, and the speed in G1 (per hour).
    """
    speed = pace * (k.one - E_T * (k.one - p)) + k.tiny
    in_G1 = minimum(dt, maximum(G1 - y, k.zero) / speed)
    return y + growing * (speed * in_G1 + pace * (dt - in_G1)), speed
