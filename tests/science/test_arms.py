"""M5, M7-M9: the arms of the drug at 4 x 500 cells on common luck."""

from __future__ import annotations

import numpy as np
import pytest

from tdm1sim.ensemble import attribute
from tests.science.arms import live, paired, parameters_of, records_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("science")]  # one worker: runs are kept and shared

SMALLER = ("tumour.cells=500", "run.replicates=4")
NAKED = "naked_trastuzumab_her2_low"
DRIVEN = ("tumour.clones={all: {fraction: 1, her2: 3+}}",)


@pytest.mark.parametrize("q", ["1", "2"])
def test_M7_the_payload_has_a_share_in_her2_positive_disease_whatever_q(q: str) -> None:
    shares = attribute(parameters_of("her2_positive", (*SMALLER, f"parameters.q={q}")), jobs=2)["arms"]
    assert shares["payload"]["share"]["low"] > 0.0
    assert shares["blockade"]["share"]["low"] is not None


def test_M8_blockade_has_none_in_her2_low_disease() -> None:
    found = attribute(parameters_of("her2_low", SMALLER), jobs=2)
    for measure in (found, found["cell_number"], found["killing"]):
        assert abs(measure["arms"]["blockade"]["share"]["mean"]) <= 0.01
        assert measure["arms"]["payload"]["share"]["low"] > 0.0


def difference(overrides: tuple[str, ...] = ()) -> dict[str, float | None]:
    """Return live cells under naked trastuzumab minus without, over without, paired."""
    treated = np.array([live(r) for r in records_of(NAKED, (*SMALLER, *overrides))])
    untreated = np.array([live(r) for r in records_of(NAKED, (*SMALLER, *overrides, "treatment=[]"))])
    return dict(paired(list(treated / untreated), [1.0] * len(treated)))


def test_M9_naked_trastuzumab_does_next_to_nothing_in_her2_low_disease() -> None:
    """NK cells kill less than 2 %; without them nothing at all differs."""
    whole = difference()
    assert whole["low"] > -0.02
    assert whole["high"] - whole["low"] < 0.02
    assert difference(("parameters.arm_adcc=0",)) == {"mean": 0.0, "low": 0.0, "high": 0.0}


def test_M9_companion_in_her2_driven_cells_it_does() -> None:
    assert difference(("parameters.arm_adcc=0", *DRIVEN))["high"] < -0.02


def test_M5_at_the_density_of_a_tumour_nk_cells_change_less_than_two_per_cent() -> None:
    off = [live(r) for r in records_of("her2_positive", (*SMALLER, "parameters.arm_adcc=0"))]
    on = [live(r) for r in records_of("her2_positive", SMALLER)]
    change = paired(list(np.array(on) / np.array(off)), [1.0] * len(on))
    assert change["low"] is not None
    assert change["low"] > -0.02


def test_M5_companion_at_the_density_of_an_assay_they_change_it() -> None:
    off = [live(r) for r in records_of("her2_positive", (*SMALLER, "parameters.arm_adcc=0"))]
    on = [live(r) for r in records_of("her2_positive", (*SMALLER, "immune.nk_per_tumour_cell=0.01"))]
    assert np.mean(np.array(on) / np.array(off)) < 0.98
