"""Free DM1 in plasma: released by the conjugate, metabolised by CYP3A4/5 and otherwise, in one compartment.

    release = (kdec + (1 - f_ab) CL / Vc) x drug on the conjugate in the central compartment
    dA/dt   = release - CL_DM1 (1 - f_CYP3A4 x inhibition) / V_DM1 x A

Both losses of drug from the conjugate (`tdm1sim.surroundings.plasma`) put DM1 into plasma; what the body does by
digesting whole antibodies does not, nor does the little that the outer compartment loses. That DM1 is metabolised by
CYP3A4/5, and is 93 % bound to plasma protein, was found in vitro (US prescribing information, section 12.3); which
share of its clearance CYP3A4 is, ``f_CYP3A4``, is assumed.

This DM1 does **not** feed the cells. It is a few ng/mL (6 nM), 93 % of it bound, and poorly permeable; a tumour cell
holds tens to thousands of nM that conjugate has carried in. It is computed because it was measured, and because it is
what a CYP3A4 inhibitor acts on. In EMILIA, patients who took CYP3A inhibitors had DM1 peaks comparable to the others'
(Agarwal P, Wang B, Li C, et al., a conference abstract: exploratory, 307 patients, inhibitors of all strengths
together), and numerically more
adverse events; so what the model shows for a strong inhibitor is a possibility that was looked for and not seen, and
"no change of tumour effect" here never means "safe": toxicity is not modelled.

The measured course (Krop et al. 2010) falls from 4.6 to 2 ng/mL in the first day and hardly at all between days 3 and
7. One release that follows the conjugate cannot do both: with ``CL_DM1`` fitted and ``V_DM1`` held at the volume of
plasma, below which it cannot be and towards which the fit pulls, the model is 1.6-fold low at the end of the infusion,
up to 1.5-fold high on days 1 to 3 and 1.8-fold low on day 7. About half a per cent of the dose's DM1 free in the vial
would fill the first gap, slow return from tissue the last; nobody measured either, so neither is put in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tdm1sim.parameters import Parameters, Patient
from tdm1sim.surroundings.plasma import Plasma

FloatArray = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_LONGEST = 1.0
"""Longest piece of the quadrature, in units of the fastest time constant: 8 nodes are then exact to rounding."""
_GRID = 1.0 / 8.0


class PlasmaDM1:
    """Total and free DM1 in a patient's plasma.

    Parameters
    ----------
    parameters : Parameters
        Of a patient; reads ``f_ab, kdec, DAR, MW, CL_DM1`` (L/h), ``V_DM1`` (L), ``f_CYP3A4``, ``fu_DM1`` (0 to 1),
        ``MW_DM1`` (g/mol), and the inhibitors of CYP3A4.
    """

    def __init__(self, parameters: Parameters) -> None:
        where, v = parameters.surroundings, parameters.values
        if not isinstance(where, Patient):
            msg = "plasma DM1 belongs to a patient"
            raise TypeError(msg)
        self._parameters = parameters
        self._plasma = Plasma(where, v)
        self._released = (v["kdec"] + (1.0 - v["f_ab"]) * where.CL / where.Vc) * where.Vc  # nmol/h per nM of drug
        self._rate = v["CL_DM1"] / v["V_DM1"]
        fastest = (where.CL + where.Q) / where.Vc + where.Q / where.Vp + v["kdec"]
        self._longest = _LONGEST / max(self._rate, fastest)
        edges = [t for i in where.infusions for t in (i.start, i.start + i.length)]
        edges += [t for one in parameters.inhibitions if one.target == "cyp3a4" for t in (one.start, one.end)]
        self._edges = np.array(sorted({t for t in edges if math.isfinite(t)}))

    def total_ng_ml(self, times: Sequence[float] | FloatArray) -> FloatArray:
        """Return DM1, bound and free, at some times.

        Parameters
        ----------
        times : array, shape (n,)
            Hours >= 0, in any order.

        Returns
        -------
        array, shape (n,)
            ng/mL; exact to rounding between and across infusions and starts and ends of inhibitors.
        """
        wanted = np.asarray(times, dtype=np.float64)
        if wanted.size == 0:
            return wanted
        stops = np.unique(
            np.concatenate([[0.0], wanted, self._edges[(self._edges > 0) & (self._edges < wanted.max())]])
        )
        ends = self._pieces(stops)
        starts, steps = ends[:-1], np.diff(ends)
        rates = self._eliminations(starts + steps / 2.0)
        inside = starts[:, None] + steps[:, None] * (_NODES + 1.0) / 2.0
        release = self._released * self._plasma.drug_nM(inside.ravel()).reshape(inside.shape)
        fading = np.exp(-rates[:, None] * (ends[1:, None] - inside))
        gained = (release * fading) @ _WEIGHTS * steps / 2.0
        kept = np.exp(-rates * steps)
        amount, amounts = 0.0, [0.0]
        for keep, gain in zip(kept.tolist(), gained.tolist(), strict=True):
            amount = amount * keep + gain
            amounts.append(amount)
        v = self._parameters.values
        at = np.array(amounts)[np.searchsorted(ends, wanted)]
        return np.asarray(at / v["V_DM1"] * v["MW_DM1"] / 1000.0)

    def free_ng_ml(self, times: Sequence[float] | FloatArray) -> FloatArray:
        """Return the DM1 that is not bound to plasma protein (ng/mL); the arguments of `total_ng_ml`."""
        return self._parameters.values["fu_DM1"] * self.total_ng_ml(times)

    def peak(self, until: float) -> tuple[float, float]:
        """Return the highest total DM1 (ng/mL) up to `until` (h), and when (h, to 1/8 h)."""
        times = np.append(np.arange(0.0, until, _GRID), until)
        course = self.total_ng_ml(times)
        highest = int(course.argmax())
        return float(course[highest]), float(times[highest])

    def _eliminations(self, times: FloatArray) -> FloatArray:
        """Return the rate of elimination at each time, 1/h."""
        left = np.ones_like(times)
        if self._parameters.inhibitions:
            left = np.array([self._parameters.activity("cyp3a4", t) for t in times.tolist()])
        return np.asarray(self._rate * (1.0 - self._parameters.values["f_CYP3A4"] * (1.0 - left)))

    def _pieces(self, stops: FloatArray) -> FloatArray:
        """Return the stops with further ones between them, so that no piece is too long for the quadrature."""
        if len(stops) < 2:
            return stops
        gaps = np.diff(stops)
        parts = np.maximum(np.ceil(gaps / self._longest), 1.0).astype(int)
        last = np.cumsum(parts)
        nth = np.arange(1, last[-1] + 1) - np.repeat(last - parts, parts)
        ends = np.repeat(stops[:-1], parts) + nth * np.repeat(gaps / parts, parts)
        ends[last - 1] = stops[1:]
        return np.concatenate([stops[:1], ends])
