"""HER2 signalling: PI3K activity under blockade, and the shield it gives against death by the payload."""

from __future__ import annotations

from tdm1sim.maths import Real
from tdm1sim.pools import Constants, inverses


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
    return pi3k_activities(R, C, R, C, coupled, open_II, uninhibited, k)[0]


def pi3k_activities(
    R0: Real, C0: Real, R1: Real, C1: Real, coupled: Real, open_II: float, uninhibited: float, k: Constants
) -> tuple[Real, Real]:
    """Return `pi3k_activity` at both ends of a step, from surface HER2 at its start and its end."""
    start, end = inverses(R0 + C0 + k.tiny, R1 + C1 + k.tiny, k)
    return (
        uninhibited * (k.one - coupled * (k.one - open_II * (k.one - C0 * start))),
        uninhibited * (k.one - coupled * (k.one - open_II * (k.one - C1 * end))),
    )


def death_factors(p0: Real, p1: Real, q: float, k: Constants) -> tuple[Real, Real]:
    """Return the factor on payload death rates at both ends of a step, from PI3K activity there.

    It is 1 without PI3K activity and ``1/q`` at full activity (assumed).
    """
    return inverses(k.one + (q - k.one) * p0, k.one + (q - k.one) * p1, k)
