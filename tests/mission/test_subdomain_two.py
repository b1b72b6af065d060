"""M4, M9: an antibody on subdomain II (pertuzumab) blocks signalling by itself, where HER2 drives the cell."""

from __future__ import annotations

import pytest

from tests.mission.small import DAY, body, last, living, pertuzumab, record_of, trastuzumab
from tests.runs import clone


def pertuzumab_slows(her2_driven: bool = True, **changes: float) -> bool:
    """Pertuzumab alone lowers PI3K activity and the number of cells, without touching subdomain IV."""
    kind = clone(doubling=100.0, her2_driven=her2_driven)
    off = {"arm_adcc": 0.0, **changes}
    treated, bare = (
        record_of(body([kind], *courses, dose=0.0, changes=off, cells=80, duration=4 * DAY, dt=2.0))
        for courses in ((pertuzumab(),), ())
    )
    untouched = last(treated, "surface_molecules_median") == 0.0
    return untouched and last(treated, "pi3k_activity_median") < 0.2 and living(treated) < 0.98 * living(bare)


def test_M4_pertuzumab_alone_slows_cells_that_her2_drives() -> None:
    assert pertuzumab_slows()


@pytest.mark.parametrize(
    "off",
    [{"arm_blockade": 0.0}, {"her2_driven": False}, {"KD_II": 1e9}],
    ids=["arm off", "HER2 does not drive", "nothing bound"],
)
def test_M4_companion_without_its_blockade_nothing_slows(off: dict[str, float]) -> None:
    assert not pertuzumab_slows(**off)  # type: ignore[arg-type]


def test_M4_the_two_subdomains_block_more_than_either() -> None:
    kind = clone(doubling=100.0)
    both, *alone = (
        last(
            record_of(body([kind], *courses, dose=0.0, changes={"KD_II": 1000.0}, cells=40, duration=DAY, dt=2.0)),
            "pi3k_activity_median",
        )
        for courses in ((trastuzumab(), pertuzumab()), (pertuzumab(),), (trastuzumab(),))
    )
    assert both < 0.9 * min(alone)
