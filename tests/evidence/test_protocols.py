"""Protocols against closed forms and each other; a broken model is seen."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tdm1sim.catalogue import CatalogueError, load_catalogue
from tdm1sim.catalogue.published import Experiment
from tdm1sim.evidence import compare
from tdm1sim.evidence.cultures import Bench, changed, parameters_of
from tdm1sim.evidence.protocols import BASE, PROTOCOLS, Reading
from tests.verification.reference import STATES, Cell, integrate

CATALOGUE = load_catalogue()
VALUES = {name: CATALOGUE.canonical(name, e.in_setting("culture")) for name, e in CATALOGUE.parameters.items()}
WELL = {"readout": "atp", "hours": 48, "medium": "100 uL", "dose_unit": "nM", "cells": 150}


def read(name: str, changes: dict[str, float] | None = None, **settings: object) -> Reading:
    known = CATALOGUE.experiments[name]
    experiment = Experiment(name, known.protocol, {**known.settings, **settings}, "")
    return PROTOCOLS[known.protocol](experiment, Bench(CATALOGUE, changes or {}))


def series(**settings: object) -> Reading:
    experiment = Experiment("one", "dose_series", {**WELL, "cell_line": "sk-br-3", **settings}, "")
    return PROTOCOLS["dose_series"](experiment, Bench(CATALOGUE))


def test_plasma_is_the_closed_form_of_the_typical_patient() -> None:
    course = read("patient_70kg_3_6")
    assert course["cmax"](math.nan) == pytest.approx(78.89, rel=0.005)
    assert course["auc"](math.nan) == pytest.approx(372.8, rel=0.005)
    assert course["half_life"](math.nan) == pytest.approx(3.938, rel=0.005)
    assert course["concentration"](7.0) == pytest.approx(18.96, rel=0.005)


def test_plasma_is_proportional_to_dose_per_weight() -> None:
    low, high = read("patient_70kg_1_2"), read("patient_70kg_3_6")
    assert high["concentration"](3.0) == pytest.approx(3.0 * low["concentration"](3.0), rel=1e-9)


def test_internalisation_half_life_is_that_of_the_rate_constants() -> None:
    """In the steady state what passes from surface to lysosome is ke ks/(ks + kr) of what is bound."""
    found = read("maass_lines", cell_lines=["sk-br-3"])["internalisation_h"](math.nan)
    v = VALUES
    assert found == pytest.approx(math.log(2.0) * (v["ks"] + v["kr"]) / (v["ke"] * v["ks"]), rel=0.06)


def test_efflux_half_life_of_a_cell_with_all_drug_in_the_cytosol() -> None:
    """With little drug, nearly all is bound: free share KDt/(KDt + T), and only the free is pumped out."""
    quick = {"kSLC": 50.0, "kexo": 0.0, "kleak": 0.0}
    found = read("maass_lines", quick, cell_lines=["sk-br-3"], concentration="0.001 nM")["efflux_h"](math.nan)
    v = VALUES
    assert found == pytest.approx(math.log(2.0) / (v["keff"] * v["KDt"] / (v["KDt"] + v["T"])), rel=0.02)


def test_time_in_arrest_is_one_over_its_rates() -> None:
    v = VALUES
    assert read("arrested_cell")["mean_h"](0.0) == pytest.approx(1.0 / (v["kslip"] + v["kdm"] / v["q"]))


def test_pulse_chase_against_solve_ivp() -> None:
    """The course of the antibody is that of the plain equations, written down a second time."""
    course = read("sk_br_3_chase")
    settings = CATALOGUE.experiments["sk_br_3_chase"].settings
    receptors = CATALOGUE.cell_lines["sk-br-3"].values["receptors"]
    values = {**VALUES, "returns": 1.0}
    capacity = 500.0 * 1e6 / float(settings["cells_per_well"]) * 602.214076  # type: ignore[arg-type]
    states, free = integrate(
        [Cell(R0=receptors, count=1.0, v=values)],
        np.array([0.0, 1.0, 2.0, 5.0, 9.0, 25.0]),
        amounts=(10.0 * capacity, 0.0),
        capacity=capacity,
        breaks=(1.0,),
        change=lambda t, amounts: (0.0, 0.0),
    )[:2]
    C, Ce, L = (states[:, 0, STATES.index(name)] for name in ("C", "Ce", "L"))
    start = C[1] + Ce[1] + L[1]
    for i, hour in enumerate((1.0, 2.0, 5.0, 9.0, 25.0), start=1):
        assert course["surface"](hour) == pytest.approx(C[i] / start, abs=0.01)
        assert course["inside"](hour) == pytest.approx((Ce[i] + L[i]) / start, abs=0.01)
        if hour > 1.0:
            assert course["medium"](hour) == pytest.approx(free[i, 0] * capacity / start, abs=0.01)


def test_pulse_chase_loses_nothing() -> None:
    course = read("sk_br_3_chase")
    for hour in (1.0, 5.0, 25.0):
        parts = [course[name](hour) or 0.0 for name in ("surface", "medium", "inside", "catabolised")]
        assert sum(parts) == pytest.approx(1.0, abs=2e-3)


def test_an_untouched_well_is_the_untreated_one() -> None:
    reading = series(doses=[1e-9, 30.0])
    assert reading["of_untreated"](1e-9) == 1.0
    assert (reading["of_untreated"](30.0) or 0.0) < 0.6


def test_ic50_not_reached_is_none() -> None:
    reading = series(doses=[1e-9, 1e-8])
    assert reading["ic50_nM"](math.nan) is None
    assert reading["ic50"](math.nan) is None


def test_doses_by_weight_are_doses_in_nM() -> None:
    by_weight = series(dose_unit="ug/mL", doses=[0.0148, 0.148])
    in_nM = series(doses=[0.1, 1.0])
    assert by_weight["of_untreated"](0.148) == in_nM["of_untreated"](1.0)


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(CatalogueError, match="unknown settings colour"):
        series(doses=[1.0], colour="red")


def test_changes_reach_the_cells_and_the_well() -> None:
    bench = Bench(CATALOGUE)
    plain = parameters_of(bench, BASE, ())
    new = changed(plain, {"ke": 0.2, "sk-br-3.receptors": 5e5, "sk-br-3.cells_per_well": 100.0, "C_M": 77.0})
    assert (new.clones[0].ke, new.clones[0].her2, new.values["C_M"]) == (0.2, 5e5, 77.0)
    assert new.surroundings.cells_per_well == 100.0  # type: ignore[union-attr]


CHEAP = ("chase_surface", "chase_catabolised", "efflux", "internalisation")


def test_companion_without_sorting_to_the_lysosome_fold_errors_explode() -> None:
    good = compare(entries=CHEAP)
    broken = compare(Bench(CATALOGUE, {"ks": 1e-6}), entries=CHEAP)
    assert max(line.fold for line in good.lines) < 2.0
    worst = {line.entry.name: line.worst for line in broken.lines}
    assert worst["internalisation"] > 100.0
    assert worst["chase_catabolised"] > 10.0


def test_numbers_do_not_depend_on_the_number_of_processes() -> None:
    alone, together = (compare(entries=(*CHEAP[2:], "krop_cmax"), jobs=jobs) for jobs in (1, 2))
    assert alone.as_json() == together.as_json()
