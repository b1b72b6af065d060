"""Receptors and antibody at the surface and in endosomes: binding, endocytosis, recycling, sorting, turnover.

Conjugate and naked antibody bind alike; the payload they carry is a pool of its own that moves with them.
"""

from __future__ import annotations

from typing import NamedTuple

from tdm1sim.maths import Real


class Transition(NamedTuple):
    """Exact transition of one step, shared by all cells of a clone (`tdm1sim.surroundings.exponential`).

    ``XY`` is what one molecule in Y at the start leaves in X at the end; ``Xs`` answers a synthesis of one receptor per
    hour; ``d`` rows give the antibody sorted to the lysosome during the step, ``p`` rows the payload on it.
    """

    RR: float
    RC: float
    RRe: float
    RCe: float
    Rs: float
    CR: float
    CC: float
    CRe: float
    CCe: float
    Cs: float
    ReR: float
    ReC: float
    ReRe: float
    ReCe: float
    Res: float
    CeR: float
    CeC: float
    CeRe: float
    CeCe: float
    Ces: float
    dR: float
    dC: float
    dRe: float
    dCe: float
    ds: float
    DcR: float
    DcC: float
    DcRe: float
    DcCe: float
    DcDc: float
    DcDe: float
    Dcs: float
    DeR: float
    DeC: float
    DeRe: float
    DeCe: float
    DeDc: float
    DeDe: float
    Des: float
    pR: float
    pC: float
    pRe: float
    pCe: float
    pDc: float
    pDe: float
    ps: float


def synthesis(R0: Real, growing: Real, syn0: float, syn_mu: float) -> Real:
    """Return HER2 synthesis (receptors/h) that keeps the surface level of an untreated cell at `R0`.

    Parameters
    ----------
    R0 : float or array
        Surface receptors of an untreated cell.
    growing : float or array
        1 in the cell cycle, 0 when arrested or multinucleated (no growth to fill).
    syn0, syn_mu : float
        Turnover ``ke ks/(ks+kr) + ksh`` and dilution by growth ``mu (1 + ke/(kr+ks))``, 1/h.
    """
    return R0 * (syn0 + growing * syn_mu)


def trafficking(R: Real, C: Real, Re: Real, Ce: Real, made: Real, t: Transition) -> tuple[Real, Real, Real, Real, Real]:
    """Advance free and bound HER2 at the surface and in endosomes.

    Parameters
    ----------
    R, C, Re, Ce : float or array
        Free and bound receptor at the surface, free and bound in endosomes, molecules.
    made : float or array
        Receptor synthesis, 1/h.
    t : Transition
        Exact transition for the clone, step, mean free antibody and mean payload on it.

    Returns
    -------
    R, C, Re, Ce, sorted : float or array
        The four pools at the end, and the antibody molecules that reached lysosomes with their receptor.
    """
    return (
        t.RR * R + t.RC * C + t.RRe * Re + t.RCe * Ce + t.Rs * made,
        t.CR * R + t.CC * C + t.CRe * Re + t.CCe * Ce + t.Cs * made,
        t.ReR * R + t.ReC * C + t.ReRe * Re + t.ReCe * Ce + t.Res * made,
        t.CeR * R + t.CeC * C + t.CeRe * Re + t.CeCe * Ce + t.Ces * made,
        t.dR * R + t.dC * C + t.dRe * Re + t.dCe * Ce + t.ds * made,
    )


def carried(
    Dc: Real, De: Real, R: Real, C: Real, Re: Real, Ce: Real, made: Real, t: Transition
) -> tuple[Real, Real, Real]:
    """Advance the payload on bound antibody.

    Parameters
    ----------
    Dc, De : float or array
        Payload on antibody at the surface and in endosomes, molecules.
    R, C, Re, Ce : float or array
        Receptor pools at the start of the step, molecules: antibody that binds during the step brings payload.
    made, t
        As in `trafficking`.

    Returns
    -------
    Dc, De, sorted : float or array
        The two pools at the end, and the payload that reached lysosomes on antibody.
    """
    return (
        t.DcR * R + t.DcC * C + t.DcRe * Re + t.DcCe * Ce + t.DcDc * Dc + t.DcDe * De + t.Dcs * made,
        t.DeR * R + t.DeC * C + t.DeRe * Re + t.DeCe * Ce + t.DeDc * Dc + t.DeDe * De + t.Des * made,
        t.pR * R + t.pC * C + t.pRe * Re + t.pCe * Ce + t.pDc * Dc + t.pDe * De + t.ps * made,
    )
