"""P1 to P5, the drug in the body: each claim on the model as it is, and with the mechanism switched off or changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tdm1sim.parameters import Parameters, Patient, Target
from tdm1sim.surroundings.plasma import Plasma
from tdm1sim.surroundings.variability import patient_of
from tests.core.test_variability import LU, varied
from tests.mission.small import (
    DAY,
    body,
    cell,
    column,
    conjugate,
    inhibited,
    last,
    living,
    moved,
    record_of,
    still,
    well,
)
from tests.runs import clone

# P1: clearance, half-life, and how patients differ ------------------------------------------------------------------


def cleared_as_published(**changes: float) -> bool:
    """Half-life about 4 days and 0.68 L/day, read from the simulated plasma."""
    run = body(cells=1, duration=50 * DAY, dt=12.0, changes=changes, record_every=DAY)
    where = run.surroundings
    assert isinstance(where, Patient)
    given = replace(where, **{name: changes[name] for name in ("CL", "Q") if name in changes})
    record = record_of(replace(run, surroundings=given))
    level, t = column(record, "plasma_conjugate_ug_ml"), column(record, "time_h") / DAY
    late = (t >= 5.0) & (t <= 21.0)
    half_life = np.log(2.0) / -np.polyfit(t[late], np.log(level[late]), 1)[0]
    fine = np.linspace(0.0, 50.0 * DAY, 20_001)
    clearance = 252.0 / np.trapezoid(Plasma(given, run.values).concentration(fine), fine / DAY)
    return bool(3.5 <= half_life <= 4.5 and clearance == pytest.approx(0.68, rel=0.02))


def test_P1_half_life_and_clearance_are_the_published_ones() -> None:
    assert cleared_as_published()


@pytest.mark.parametrize("CL", [0.34 / DAY, 1.2 / DAY])
def test_P1_companion_another_clearance_is_noticed(CL: float) -> None:
    assert not cleared_as_published(CL=CL)


def patients_differ(run: Parameters) -> bool:
    """Exposure differs between replicates by about a fifth, and a heavier patient clears faster."""
    found = [patient_of(run, n).surroundings for n in range(1, 201)]
    people = [one for one in found if isinstance(one, Patient)]
    logs = np.log([[one.CL, one.Vc, one.weight] for one in people])
    spread = logs.std(axis=0)
    return bool(0.15 < spread[0] < 0.4 and spread[2] > 0.1 and np.corrcoef(logs[:, 0], logs[:, 2])[0, 1] > 0.3)


def test_P1_patients_differ_by_chance_and_by_covariates() -> None:
    assert patients_differ(varied())


def test_P1_companion_typical_patients_do_not() -> None:
    assert not patients_differ(varied(None))
    assert not patients_differ(varied(replace(LU, weight_low=70.0, weight_high=70.0)))


# P2, P3: peaks of conjugate and DM1; what is free -------------------------------------------------------------------


def plasma(*, duration: float = 3 * DAY, **changes: float) -> dict[str, np.ndarray]:
    """Return the plasma columns of one dose of 3.6 mg/kg, by the hour."""
    record = record_of(body(cells=1, duration=duration, record_every=0.5, dt=0.5, changes=changes))
    names = ("time_h", "plasma_conjugate_ug_ml", "plasma_dm1_ng_ml", "plasma_free_dm1_ng_ml")
    return {name: column(record, name) for name in names}


def peaks_as_published(**changes: float) -> bool:
    """EMILIA, cycle 1: conjugate 83.4 (SD 16.5) ug/mL and DM1 4.61 (SD 1.61) ng/mL, soon after the infusion."""
    found = plasma(**changes)
    t = found["time_h"]
    limits = {"plasma_conjugate_ug_ml": (70.0, 90.0), "plasma_dm1_ng_ml": (3.0, 6.2)}
    return all(
        low <= found[name].max() <= high and 1.5 <= t[found[name].argmax()] <= 7.5
        for name, (low, high) in limits.items()
    )


def test_P2_conjugate_and_dm1_peak_where_published_within_six_hours() -> None:
    assert peaks_as_published()


@pytest.mark.parametrize("change", [{"kdec": 0.0, "f_ab": 1.0}, {"V_DM1": 30.0}, {"CL_DM1": 30.0}])
def test_P2_companion_no_release_or_another_disposition_is_noticed(change: dict[str, float]) -> None:
    assert not peaks_as_published(**change)


def seven_percent_is_free(**changes: float) -> bool:
    found = plasma(duration=DAY, **changes)
    free, total = found["plasma_free_dm1_ng_ml"], found["plasma_dm1_ng_ml"]
    return total.max() > 0.0 and bool(np.allclose(free, 0.07 * total, rtol=1e-12))


def test_P3_dm1_is_93_percent_bound_in_plasma() -> None:
    assert seven_percent_is_free()


def test_P3_companion_unbound_dm1_is_noticed() -> None:
    assert not seven_percent_is_free(fu_DM1=1.0)


# P4: CYP3A4 ---------------------------------------------------------------------------------------------------------


def raises_plasma_dm1_and_moves_no_cell(**changes: float) -> bool:
    """A strong inhibitor doubles plasma DM1 at least; surviving cells stay the same to 0.01."""
    base = body(changes=changes, cells=150, duration=8 * DAY)
    with_it, without = record_of(inhibited(base, "cyp3a4", 0.9)), record_of(base)
    after = column(without, "time_h") >= 12.0
    dm1, given = (
        [column(r, name)[after] for r in (with_it, without)] for name in ("plasma_dm1_ng_ml", "plasma_conjugate_ug_ml")
    )
    risen = (dm1[0] > 2.0 * dm1[1]).all() and (given[0] == given[1]).all()
    return bool(risen and abs(living(with_it) - living(without)) < 0.01)


def test_P4_a_cyp3a4_inhibitor_raises_plasma_dm1_and_moves_survival_not_at_all() -> None:
    assert raises_plasma_dm1_and_moves_no_cell()


def test_P4_companion_dm1_that_is_not_metabolised_by_it_does_not_rise() -> None:
    assert not raises_plasma_dm1_and_moves_no_cell(f_CYP3A4=0.0)


def test_P4_companion_an_inhibitor_that_acts_in_the_cells_moves_survival() -> None:
    base = body([clone(mdr1=10.0)], cells=150, duration=8 * DAY)
    assert abs(living(record_of(inhibited(base, "pgp", 1.0))) - living(record_of(base))) > 0.01


# P5: P-gp -----------------------------------------------------------------------------------------------------------


def pumped_out_and_reversed(target: Target = "pgp", **changes: float) -> bool:
    """Tenfold MDR1 leaves less than half of the DM1 at equal uptake; an inhibitor of P-gp brings all of it back."""

    def dm1(mdr1: float, fraction: float) -> tuple[float, float]:
        run = still(well([cell(mdr1=mdr1)], conjugate(1.0), changes=changes, cells=10))
        record = record_of(inhibited(run, target, fraction))
        return last(record, "dm1_cytosol_nM_median"), moved(record, "carried_released")

    (normal, uptake), (pumped, same), (reversed_, again) = dm1(1.0, 0.0), dm1(10.0, 0.0), dm1(10.0, 1.0)
    equal = uptake == pytest.approx(same, rel=1e-3) and uptake == pytest.approx(again, rel=1e-3)
    return equal and pumped < 0.5 * normal and reversed_ == pytest.approx(normal, rel=1e-3)


def test_P5_one_mdr1_state_drives_efflux_and_a_pgp_inhibitor_reverses_it() -> None:
    assert pumped_out_and_reversed()


def test_P5_companion_no_efflux_or_another_inhibitor() -> None:
    assert not pumped_out_and_reversed(keff=0.0)
    assert not pumped_out_and_reversed("cyp3a4")
