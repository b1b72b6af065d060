"""Antibodies in plasma after infusions: two compartments, linear elimination, closed form.

Model and typical values of the conjugate: Lu et al. 2014, doi:10.1007/s00280-014-2500-2; one-step deconjugation to the
naked antibody: Lu et al. 2013, doi:10.1007/s40262-013-0060-y.

Everything here is a sum of decaying exponentials per unit bolus, so one table, `Pieces`, carries them all:

* **Conjugate.** Clearance ``CL`` from the central volume, exchange ``Q``: two eigenvalues.
* **Antibody.** Of the conjugate's clearance the part ``f_ab CL`` destroys the antibody; the rest takes its drug off
  and leaves a naked antibody in its place. A naked antibody is distributed like the conjugate and destroyed with the
  same ``f_ab CL``. Adding the two balances, deconjugation cancels: conjugate plus its naked product obeys the *same*
  two-compartment equations with clearance ``f_ab CL`` and the same infusions, exactly. The naked product is the
  difference, and never negative: it starts at zero and its source, deconjugation, is not negative.
* **Drug on the conjugate.** It travels with the conjugate and is lost besides at ``kdec`` wherever it is, so its
  matrix is the conjugate's minus ``kdec`` times the identity: same weights, every eigenvalue larger by ``kdec``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from tdm1sim.maths import TINY, Real
from tdm1sim.parameters import Disposition, Infusion, Patient
from tdm1sim.surroundings.pieces import RATE, Term, across, levels, pieces_of

NM_PER_UG_ML = 1.0e6
"""nM of a substance of 1 g/mol at 1 ug/mL; divide by the molar mass."""


def answer(bolus: Sequence[tuple[float, float]], infusions: Sequence[Infusion], left: float = 0.0) -> tuple[Term, ...]:
    """Return what infusions come to in plasma, as exponentials fed by boxes.

    Parameters
    ----------
    bolus : sequence of (float, float)
        Rate (1/h, >= 0) and weight (concentration per mg given) of each exponential that follows a unit bolus, the
        slowest last.
    infusions : sequence of Infusion
        What is given (h, h, mg).
    left : float
        Concentration at time 0 from before, declining at the slowest rate.
    """
    terms = []
    for i, (rate, weight) in enumerate(bolus):
        boxes = tuple((one.start, one.start + one.length, weight * one.dose / one.length) for one in infusions)
        terms.append(Term(rate, left if i == len(bolus) - 1 else 0.0, boxes))
    return tuple(terms)


def two_compartments(body: Disposition) -> tuple[tuple[float, float], ...]:
    """Return rate (1/h) and weight (1/L) of the two exponentials that follow a bolus; the terminal one last."""
    k10, k12, k21 = body.CL / body.Vc, body.Q / body.Vc, body.Q / body.Vp
    if k12 == 0.0:
        return ((k10, 1.0 / body.Vc),)
    total = k10 + k12 + k21
    root = math.sqrt(total * total - 4.0 * k10 * k21)
    alpha, beta = (total + root) / 2.0, 2.0 * k10 * k21 / (total + root)
    return (
        (alpha, (alpha - k21) / (alpha - beta) / body.Vc),
        (beta, (k21 - beta) / (alpha - beta) / body.Vc),
    )


def _scaled(
    terms: Sequence[tuple[float, float]], factor: float, faster: float = 0.0
) -> tuple[tuple[float, float], ...]:
    """Return the exponentials in another unit, and with a further loss (1/h) in all compartments."""
    return tuple((rate + faster, weight * factor) for rate, weight in terms)


class Plasma:
    """What a patient's plasma holds, exact at any time: conjugate, all antibodies, the drug on the conjugate.

    Parameters
    ----------
    patient : Patient
        Pharmacokinetics and infusions of the conjugate, courses of naked antibodies.
    values : mapping of str to float
        Reads ``f_ab`` (share of the conjugate's clearance that destroys the antibody, 0 to 1), ``kdec`` (1/h),
        ``DAR`` and ``MW`` (g/mol).

    Attributes
    ----------
    infusions : tuple of Infusion
        Of all antibodies, in order of time: where exposure changes abruptly.
    antibody, drug : Pieces
        Tables of `antibody_nM` and `drug_nM`.

    Notes
    -----
    The two losses of drug are empirical and overlap. ``(1 - f_ab) CL`` is what makes conjugate disappear faster than
    antibody, ``kdec`` what makes a conjugate carry less while it is still one: so late in a cycle the drug per
    *conjugate* can come to less than one, which no single antibody can. `mean_dar` counts per antibody instead.
    """

    def __init__(self, patient: Patient, values: Mapping[str, float]) -> None:
        body = Disposition(patient.CL, patient.Vc, patient.Q, patient.Vp)
        slow = Disposition(values["f_ab"] * patient.CL, patient.Vc, patient.Q, patient.Vp)
        per_mg = NM_PER_UG_ML / values["MW"]
        terms = two_compartments(body)
        self._conjugate = pieces_of(answer(terms, patient.infusions))
        product = answer(_scaled(two_compartments(slow), per_mg), patient.infusions)
        self._product = pieces_of(product)
        self.drug = pieces_of(answer(_scaled(terms, per_mg * values["DAR"], values["kdec"]), patient.infusions))
        courses = {"IV": [*product], "II": []}
        for course in patient.courses:
            nM = NM_PER_UG_ML / course.MW
            own = _scaled(two_compartments(course.disposition), nM)
            courses[course.site] += answer(own, course.infusions, course.residual * nM)
        self.antibody, self._others = pieces_of(courses["IV"]), pieces_of(courses["II"])
        self.others = bool(courses["II"])
        self._patient, self._nM = patient, per_mg
        given = [*patient.infusions, *(one for course in patient.courses for one in course.infusions)]
        self.infusions: tuple[Infusion, ...] = tuple(sorted(given, key=lambda one: one.start))

    def concentration(self, t: Real) -> Real:
        """Return plasma conjugate (ug/mL) at time `t` (h), a number or an array."""
        return levels(self._conjugate, t)

    def integral(self, t0: float, t1: float) -> float:
        """Return the integral of the conjugate from `t0` to `t1` (ug h/mL)."""
        return across(self._conjugate, t0, t1)[1]

    def antibody_nM(self, t: Real) -> Real:
        """Return every antibody that binds subdomain IV (nM): conjugate, its naked product, trastuzumab."""
        return levels(self.antibody, t)

    def antibody_integral(self, t0: float, t1: float) -> float:
        """Return the integral of `antibody_nM` from `t0` to `t1` (nM h)."""
        return across(self.antibody, t0, t1)[1]

    def naked_nM(self, t: Real) -> Real:
        """Return the part of `antibody_nM` that is not conjugate (nM)."""
        return np.maximum(self.antibody_nM(t) - self._nM * self.concentration(t), 0.0)  # rounding only

    def drug_nM(self, t: Real) -> Real:
        """Return the DM1 that the conjugate carries (nM of DM1)."""
        return levels(self.drug, t)

    def drug_integral(self, t0: float, t1: float) -> float:
        """Return the integral of `drug_nM` from `t0` to `t1` (nM h)."""
        return across(self.drug, t0, t1)[1]

    def mean_dar(self, t: Real) -> Real:
        """Return DM1 per antibody given as conjugate, those bare by now included; 0 before the first.

        What a mass spectrometer sees after it has caught antibody, bare or not; trastuzumab given besides is left out.
        """
        return self.drug_nM(t) / (levels(self._product, t) + TINY)

    def other_site_nM(self, t: Real) -> Real:
        """Return every antibody that binds subdomain II (nM): pertuzumab. It does not compete with the conjugate."""
        return levels(self._others, t) if self.others else 0.0 * t  # asked of every step

    def summary(self, duration: float) -> dict[str, float] | None:
        """Return Cmax, AUC to infinity, terminal half-life and trough of the first cycle; None without a dose.

        Parameters
        ----------
        duration : float
            Simulated time, h; the trough of a single dose is read there.

        Returns
        -------
        dict
            Of the conjugate: ``cmax_ug_ml, auc_ug_d_ml, half_life_d, trough_ug_ml``.
        """
        if not self._patient.infusions:
            return None
        first, interval = self._patient.infusions[0], self._patient.interval
        trough_at = first.start + interval if interval > 0.0 else duration
        return {
            "cmax_ug_ml": float(self.concentration(first.start + first.length)),
            "auc_ug_d_ml": first.dose / self._patient.CL / 24.0,
            "half_life_d": math.log(2.0) / float(self._conjugate[0, -1, RATE]) / 24.0,
            "trough_ug_ml": float(self.concentration(trough_at)),
        }
