"""The fitted curve: a known one is found again inside its interval, a shifted one is seen, and nothing is made up."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tdm1sim import luck
from tdm1sim.doses import Logistic, fit
from tdm1sim.doses.logistic import Estimate, Floats

DOSES = [float(dose) for dose in np.geomspace(0.003, 100.0, 10)]
KNOWN = Logistic(top=1.0, bottom=0.2, middle=0.5, slope=1.3)


def wells(curve: Logistic, replicates: int = 4, noise: float = 0.03, case: int = 0) -> Floats:
    """Made-up replicates around a curve; each has a shift of its middle and noise at every dose."""
    generator = luck.generator(case, "dose-response test")
    rows = []
    for _ in range(replicates):
        own = Logistic(curve.top, curve.bottom, curve.middle * math.exp(generator.normal(0.0, 0.1)), curve.slope)
        rows.append(own.at(DOSES) + generator.normal(0.0, noise, len(DOSES)))
    return np.array(rows)


def holds(estimate: Estimate, value: float | None) -> bool:
    assert estimate.low is not None
    assert estimate.high is not None
    assert value is not None
    return estimate.low <= value <= estimate.high


def test_without_noise_the_curve_itself_is_found() -> None:
    found = fit(DOSES, [KNOWN.at(DOSES)])
    assert found.curve is not None
    assert found.ic50.value == pytest.approx(KNOWN.falls_to(), rel=1e-5)
    assert found.middle.value == pytest.approx(KNOWN.middle, rel=1e-5)
    assert found.slope.value == pytest.approx(KNOWN.slope, rel=1e-4)
    assert (found.top.value, found.bottom.value) == (pytest.approx(1.0, abs=1e-5), pytest.approx(0.2, abs=1e-5))
    assert found.residual == pytest.approx(0.0, abs=1e-5)
    assert found.ic50.why == "one replicate has no interval"


def test_half_of_untreated_is_where_the_curve_is_half() -> None:
    half = KNOWN.falls_to()
    assert half is not None
    assert KNOWN.at([half])[0] == pytest.approx(0.5, abs=1e-12)
    assert KNOWN.at([KNOWN.middle])[0] == pytest.approx(0.6, abs=1e-12)
    assert Logistic(1.0, 0.6, 0.5, 1.0).falls_to() is None


def test_the_known_ic50_lies_in_its_interval_as_often_as_promised() -> None:
    """40 cases at 95 %: fewer than 34 hits have a chance below 1 in 100 (binomial); the seed is fixed anyway."""
    hits = {"ic50": 0, "middle": 0}
    for case in range(40):
        found = fit(DOSES, wells(KNOWN, case=case))
        hits["ic50"] += holds(found.ic50, KNOWN.falls_to())
        hits["middle"] += holds(found.middle, KNOWN.middle)
    assert min(hits.values()) >= 34, hits


def test_a_shifted_curve_is_seen() -> None:
    """The companion: an interval wide enough to hold anything would hold these too."""
    shifted = Logistic(KNOWN.top, KNOWN.bottom, 2.0 * KNOWN.middle, KNOWN.slope)
    missed = sum(not holds(fit(DOSES, wells(shifted, case=case)).ic50, KNOWN.falls_to()) for case in range(10))
    assert missed == 10


def test_a_curve_that_never_falls_to_half_has_no_ic50_but_a_middle() -> None:
    shallow = Logistic(1.0, 0.7, 0.5, 1.3)
    found = fit(DOSES, wells(shallow, noise=0.005))
    assert found.ic50.value is None
    assert "never falls to half: lowest 0.7" in found.ic50.why
    assert found.crossing is None
    assert holds(found.middle, shallow.middle)


def test_below_half_from_the_first_dose_on() -> None:
    found = fit(DOSES, wells(Logistic(0.45, 0.1, 0.5, 1.3), noise=0.005))
    assert found.ic50.value is None
    assert "at the lowest dose" in found.ic50.why


def test_a_flat_series_is_not_fitted() -> None:
    found = fit(DOSES, np.full((3, len(DOSES)), 0.97))
    assert (found.curve, found.residual, found.middle.value) == (None, None, None)
    assert "moves by less than" in found.middle.why


def test_a_middle_outside_the_doses_is_not_reported() -> None:
    late = Logistic(1.0, 0.0, 3.0 * DOSES[-1], 1.0)
    found = fit(DOSES, [late.at(DOSES)])
    assert found.middle.value is None
    assert "one plateau was not reached" in found.middle.why


def test_one_replicate_that_never_falls_takes_the_interval() -> None:
    values = wells(Logistic(1.0, 0.45, 0.5, 2.0), noise=0.002)
    values[0] = 0.6 + 0.4 * (values[0] - values[0].min())
    found = fit(DOSES, values)
    assert found.ic50.low is None
    assert "1 of 4 replicates" in found.ic50.why


def test_doses_on_the_fall_are_counted() -> None:
    assert fit(DOSES, [Logistic(1.0, 0.2, 0.5, 12.0).at(DOSES)]).on_the_fall <= 1
    assert fit(DOSES, [KNOWN.at(DOSES)]).on_the_fall >= 3


@pytest.mark.parametrize("doses", [DOSES[:4], [0.0, *DOSES[1:]], list(reversed(DOSES))])
def test_what_cannot_be_fitted_is_refused(doses: list[float]) -> None:
    with pytest.raises(ValueError, match="at least 5 rising doses"):
        fit(doses, [[1.0] * len(doses)])
