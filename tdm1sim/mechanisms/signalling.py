"""HER2 signalling: PI3K activity under blockade, and the shield it gives against death by the payload."""

from __future__ import annotations

from tdm1sim.maths import Real
from tdm1sim.pools import Constants


def pi3k_activity(R: Real, C: Real, coupled: Real, open_II: float, uninhibited: float, k: Constants) -> Real:
    """Return PI3K activity, 0 to 1.

    Parameters
    ----------
    R, C : float or array
        Free and antibody-bound surface HER2 (subdomain IV), molecules.
    coupled : float or array
        1 where HER2 drives the cell and PTEN is intact, else 0 (then activity is 1 whatever is bound).
    open_II : float
        Fraction of HER2 whose subdomain II is free; antibodies on the two subdomains block independently (assumed).
    uninhibited : float
        Fraction of PI3K activity that a PI3K inhibitor leaves, 1 without one.
    k : Constants
        Pure numbers.
    """
    free = open_II * (k.one - C / (R + C + k.tiny))
    return uninhibited * (k.one - coupled * (k.one - free))


def death_factor(p: Real, q: float, k: Constants) -> Real:
    """Return the factor on payload death rates: 1 without PI3K activity, ``1/q`` at full activity (assumed)."""
    return k.one / (k.one + (q - k.one) * p)
