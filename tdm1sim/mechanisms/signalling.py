"""HER2 signalling: PI3K activity under blockade, and the shield it gives against death by the payload."""

from __future__ import annotations

from tdm1sim.maths import Real
from tdm1sim.pools import Constants


def pi3k_activity(R: Real, C: Real, coupled: Real, k: Constants) -> Real:
    """Return PI3K activity, 0 to 1.

    Parameters
    ----------
    R, C : float or array
        Free and conjugate-bound surface HER2, molecules.
    coupled : float or array
        1 where HER2 drives the cell and PTEN is intact, else 0 (then activity is 1 whatever is bound).
    k : Constants
        Pure numbers.
    """
    return k.one - coupled * (C / (R + C + k.tiny))


def death_factor(p: Real, q: float, k: Constants) -> Real:
    """Return the factor on payload death rates: 1 without PI3K activity, ``1/q`` at full activity (assumed)."""
    return k.one / (k.one + (q - k.one) * p)
