"""Plasma conjugate after infusions: two compartments, linear elimination, closed form.

Model and typical values: Lu et al. 2014, doi:10.1007/s00280-014-2500-2.
"""

from __future__ import annotations

import math

import numpy as np

from tdm1sim.maths import Real
from tdm1sim.parameters import Infusion, Patient


class Plasma:
    """Conjugate in the central compartment, exact at any time.

    Parameters
    ----------
    patient : Patient
        Clearances (L/h), volumes (L) and infusions (h, h, mg).

    Notes
    -----
    A unit bolus gives ``sum_i A_i exp(-lambda_i t)`` with the two eigenvalues of the compartment matrix; an infusion is
    its convolution with a box. Each term is written as a product of positive factors, so late times keep their digits.
    """

    def __init__(self, patient: Patient) -> None:
        k10, k12, k21 = patient.CL / patient.Vc, patient.Q / patient.Vc, patient.Q / patient.Vp
        total = k10 + k12 + k21
        root = math.sqrt(total * total - 4.0 * k10 * k21)
        alpha, beta = (total + root) / 2.0, 2.0 * k10 * k21 / (total + root)
        self._terms = (
            (alpha, (alpha - k21) / (alpha - beta) / patient.Vc),
            (beta, (k21 - beta) / (alpha - beta) / patient.Vc),
        )
        self._clearance = patient.CL
        self._interval = patient.interval
        self.infusions: tuple[Infusion, ...] = patient.infusions

    def concentration(self, t: Real) -> Real:
        """Return plasma conjugate (ug/mL) at time `t` (h), a number or an array."""
        t = np.asarray(t, dtype=np.float64)
        total = np.zeros_like(t)
        for one in self.infusions:
            during = np.clip(t - one.start, 0.0, one.length)
            after = np.maximum(t - one.start - one.length, 0.0)
            for rate, weight in self._terms:
                total += weight * one.dose / one.length / rate * -np.expm1(-rate * during) * np.exp(-rate * after)
        return total if total.ndim else float(total)

    def integral(self, t0: float, t1: float) -> float:
        """Return the integral of the concentration from `t0` to `t1` (ug h/mL)."""
        return float(sum(self._integral_of(one, t0, t1) for one in self.infusions))

    def _integral_of(self, one: Infusion, t0: float, t1: float) -> float:
        start, stop = one.start, one.start + one.length
        total = 0.0
        a, b = max(t0, start), min(t1, stop)
        if b > a:
            for rate, weight in self._terms:
                decayed = math.exp(-rate * (a - start)) * -math.expm1(-rate * (b - a)) / rate
                total += weight * one.dose / one.length / rate * (b - a - decayed)
        a, b = max(t0, stop), t1
        if b > a:
            for rate, weight in self._terms:
                height = weight * one.dose / one.length / rate * -math.expm1(-rate * one.length)
                total += height / rate * math.exp(-rate * (a - stop)) * -math.expm1(-rate * (b - a))
        return total

    def summary(self, duration: float) -> dict[str, float] | None:
        """Return Cmax, AUC to infinity, terminal half-life and trough of the first cycle; None without a dose.

        Parameters
        ----------
        duration : float
            Simulated time, h; the trough of a single dose is read there.

        Returns
        -------
        dict
            ``cmax_ug_ml, auc_ug_d_ml, half_life_d, trough_ug_ml``.
        """
        if not self.infusions:
            return None
        first = self.infusions[0]
        trough_at = first.start + self._interval if self._interval > 0.0 else duration
        return {
            "cmax_ug_ml": float(self.concentration(first.start + first.length)),
            "auc_ug_d_ml": first.dose / self._clearance / 24.0,
            "half_life_d": math.log(2.0) / self._terms[1][0] / 24.0,
            "trough_ug_ml": float(self.concentration(trough_at)),
        }
