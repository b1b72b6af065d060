"""R2, R4, P4, P5: what inhibitors give back, at full size on common luck, in points of surviving fraction.

Survival is that of day 21 relative to the same tumour untreated; at the licensed dose it lies between 0.2 and 0.8 in
the sensitive tumour, so no dose had to be lowered.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.science.arms import live, records_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("science")]  # one worker: runs are kept and shared

BASE = "her2_positive"
OFF = ("parameters.arm_payload=0",)


def survival(name: str, overrides: tuple[str, ...] = ()) -> np.ndarray:
    untreated = records_of(BASE, ("treatment=[]",))  # without drug, traits that only handle drug change nothing
    return np.array([live(r) for r in records_of(name, overrides)]) / np.array([live(r) for r in untreated])


def test_the_sensitive_tumour_lies_where_differences_show() -> None:
    assert 0.2 < survival(BASE).mean() < 0.8


def test_R4_the_payload_arm_keeps_its_power_without_pten() -> None:
    def payload_arm(name: str) -> float:
        return float((survival(name, OFF) - survival(name)).mean())

    assert payload_arm("pten_deficient") >= 0.8 * payload_arm(BASE)


def test_R4_companion_without_payload_there_is_no_such_arm() -> None:
    assert (survival("pten_deficient", OFF) > 0.9).all()


def test_R4_a_pi3k_inhibitor_brings_pten_loss_back_to_intact() -> None:
    assert abs((survival("pten_pi3k_inhibitor") - survival(BASE)).mean()) < 0.05


def test_R2_P5_a_pgp_inhibitor_brings_mdr1_back_to_normal() -> None:
    assert abs((survival("mdr1_inhibitor") - survival(BASE)).mean()) < 0.05


def test_R2_P5_companion_half_an_inhibitor_does_not() -> None:
    half = survival("mdr1_inhibitor", ("treatment.pgp_inhibitor.inhibition=0.5",))
    assert (half - survival(BASE)).mean() > 0.05


def test_P4_a_cyp3a4_inhibitor_raises_plasma_dm1_and_leaves_the_cells_alone() -> None:
    from tests.science.arms import column

    inhibited, plain = records_of("cyp3a4_inhibitor")[0], records_of(BASE)[0]
    assert np.nanmax(column(inhibited, "plasma_dm1_ng_ml")) > 1.5 * np.nanmax(column(plain, "plasma_dm1_ng_ml"))
    assert abs((survival("cyp3a4_inhibitor") - survival(BASE)).mean()) < 0.01
