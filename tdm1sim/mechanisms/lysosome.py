"""Lysosome: proteolysis of antibody, which sets the payload on it free (Lys-MCC-DM1), and the catabolite's ways out."""

from __future__ import annotations

from typing import NamedTuple

from tdm1sim.maths import Real
from tdm1sim.mechanisms.cytosol import halfway
from tdm1sim.pools import Constants, Emptying, carry_over


def impairment(x: Real, inv_C_T: float, k: Constants) -> Real:
    """Return the fraction of proteolysis that DM1 leaves (impaired trafficking in the middle band; 1 when off).

    Parameters
    ----------
    x : float or array
        Cytosolic DM1 divided by the cell's tolerance, nM.
    inv_C_T : float
        One over the half-impairment level, 1/nM; 0 switches it off.
    k : Constants
        Pure numbers.
    """
    ratio = x * inv_C_T
    return k.one / (k.one + ratio * ratio)


def impaired(Pc: Real, entering: Real, x_efflux: Real, free: Real, per_x: Real, inv_C_T: float, k: Constants) -> Real:
    """Return the fraction of proteolysis that DM1 leaves over a step, from its level at mid-step.

    Parameters
    ----------
    Pc, entering : float or array
        Cytosolic DM1 at the start and what enters meanwhile, molecules.
    x_efflux, free : float or array
        Efflux rate constant times the step; free fraction at the start.
    per_x : float or array
        nM over the cell's tolerance per molecule.
    inv_C_T, k
        As in `impairment`.
    """
    return impairment(halfway(Pc, entering, x_efflux, free, k) * per_x, inv_C_T, k)


def unimpaired(
    Pc: Real,  # noqa: ARG001 - the same arguments as `impaired`
    entering: Real,  # noqa: ARG001
    x_efflux: Real,  # noqa: ARG001
    free: Real,  # noqa: ARG001
    per_x: Real,  # noqa: ARG001
    inv_C_T: float,  # noqa: ARG001
    k: Constants,
) -> Real:
    """Return 1: DM1 leaves proteolysis alone."""
    return k.one


class Digestion(NamedTuple):
    """Antibody in lysosomes over a step, and the payload on it, molecules: held at the end, digested, exocytosed."""

    L: Real
    digested: Real
    exocytosed: Real
    Dl: Real
    released: Real
    carried_exocytosed: Real


def proteolysis(
    L: Real, Dl: Real, arriving: Real, brought: Real, x_digest: Real, x_exo: float, left: Emptying
) -> Digestion:
    """Digest antibody in lysosomes; the payload it carries follows the same equation.

    Parameters
    ----------
    L, Dl : float or array
        Intact antibody and payload on it, molecules.
    arriving, brought : float or array
        What arrives of both during the step: sorted with the receptor, and by fluid-phase uptake.
    x_digest, x_exo : float or array
        Proteolysis (``klys phi`` times what `impairment` leaves) and exocytosis (``kexoL``) times the step.
    left : Emptying
        Of both exits.

    Returns
    -------
    Digestion
    """
    L, mean = carry_over(L, arriving, left)
    Dl, mean_carried = carry_over(Dl, brought, left)
    return Digestion(L, x_digest * mean, x_exo * mean, Dl, x_digest * mean_carried, x_exo * mean_carried)


def catabolite(PL: Real, released: Real, x_transport: Real, x_exo: float, left: Emptying) -> tuple[Real, Real, Real]:
    """Release Lys-MCC-DM1 and move it to the cytosol by SLC46A3 (and a small leak).

    Parameters
    ----------
    PL : float or array
        Lysosomal Lys-MCC-DM1, molecules.
    released : float or array
        Payload on the antibody that was digested during the step, molecules.
    x_transport : float or array
        ``(kSLC s phi + kleak)`` times the step.
    x_exo : float
        Exocytosis of catabolite (``kexo``) times the step.
    left : Emptying
        Of both exits.

    Returns
    -------
    PL, to_cytosol, exocytosed : float or array
        Molecules of DM1-containing catabolite.
    """
    held, mean = carry_over(PL, released, left)
    return held, x_transport * mean, x_exo * mean
