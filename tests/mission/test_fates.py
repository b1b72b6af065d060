"""F1 to F3, fate by intracellular DM1: one heterogeneous tumour shows all three; each vanishes with its mechanism."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest

from tdm1sim.recorder import Record
from tests.mission.small import DAY, body, column, record_of
from tests.runs import clone
from tests.science.arms import lives_of


@lru_cache(maxsize=16)
def tumour(changes: tuple[tuple[str, float], ...] = (), her2: float = 1.0e6) -> Record:
    """A 3+ tumour, 21 days after one dose."""
    return record_of(body([clone(her2=her2)], changes=dict(changes), cells=300))


def lives(**changes: float) -> list[dict[str, Any]]:
    """Every cell of the tumour that did not divide."""
    return [life for life in lives_of(tumour(tuple(changes.items()))) if life["fate"] != "divided"]


def share(some: list[dict[str, Any]], fate: str) -> float:
    return sum(life["fate"] == fate for life in some) / max(len(some), 1)


def in_band(some: list[dict[str, Any]], band: str) -> list[dict[str, Any]]:
    return [life for life in some if life["band"] == band]


def high_dies_by_apoptosis(**changes: float) -> bool:
    """Rapid apoptosis takes a good part of the high band, little of the middle, and nothing below."""
    some = lives(**changes)
    high, middle, low = (share(in_band(some, band), "apoptosis") for band in ("high", "intermediate", "low"))
    causes = {life["cause"] for life in some if life["fate"] == "apoptosis"}
    return high > 0.3 and middle < 0.3 * high and low == 0.0 and causes == {"interphase_apoptosis"}


def test_F1_much_dm1_means_rapid_apoptosis() -> None:
    assert high_dies_by_apoptosis()


def test_F1_companion_without_its_hazard_there_is_none() -> None:
    assert not high_dies_by_apoptosis(kap=0.0)


def middle_dies_at_mitosis(**changes: float) -> bool:
    """Most deaths of the middle band are mitotic catastrophe; cells slip out of arrest and are multinucleated."""
    some = in_band(lives(**changes), "intermediate")
    dead = [life for life in some if life["fate"] != "surviving"]
    causes = {life["cause"] for life in dead if life["fate"] == "mitotic_catastrophe"}
    slipped = column(tumour(tuple(changes.items())), "multinucleated").max()
    return bool(
        len(dead) > 20
        and share(dead, "mitotic_catastrophe") > 0.7
        and causes == {"death_in_arrest", "death_after_slippage"}
        and slipped > 10
    )


def test_F2_some_dm1_means_mitotic_catastrophe() -> None:
    assert middle_dies_at_mitosis()


@pytest.mark.parametrize("off", [{"kslip": 0.0}, {"kdm": 0.0, "kmc": 0.0}, {"C_M": 1e9}], ids=str)
def test_F2_companion_without_slippage_death_or_arrest_it_does_not(off: dict[str, float]) -> None:
    assert not middle_dies_at_mitosis(**off)


def impairs_trafficking(C_T: float) -> bool:
    """The column of digestion falls in cells that hold DM1, and conjugate piles up."""
    impaired, normal = (
        record_of(body(changes={"C_T": level}, cells=60, duration=5 * DAY)) for level in (C_T, float("inf"))
    )
    activity = column(impaired, "proteolysis_activity_median")
    pools = [column(r, "lysosome_conjugate_molecules_median").max() for r in (impaired, normal)]
    return bool(activity[0] == 1.0 and activity.min() < 0.5 and pools[0] > 1.5 * pools[1])


def test_F2_impaired_trafficking_shows_in_its_column() -> None:
    assert impairs_trafficking(500.0)


def test_F2_companion_where_it_is_off_the_column_stays_at_one() -> None:
    assert not impairs_trafficking(float("inf"))


def little_dm1_lets_live(**changes: float) -> bool:
    """Nearly every cell that ends in the low band survives, and there are some."""
    some = in_band(lives(**changes), "low")
    return len(some) > 20 and share(some, "surviving") > 0.95


def test_F3_little_dm1_means_survival() -> None:
    assert little_dm1_lets_live()


def test_F3_companion_where_little_is_already_deadly_they_die_too() -> None:
    assert not little_dm1_lets_live(C_A=50.0)


def shows_all_three(her2: float) -> bool:
    """Rapid apoptosis, mitotic catastrophe and survival each take at least 5 % of the cells."""
    some = [life for life in lives_of(tumour((), her2)) if life["fate"] != "divided"]
    return all(share(some, fate) > 0.05 for fate in ("apoptosis", "mitotic_catastrophe", "surviving"))


def test_F1_F2_F3_one_tumour_shows_all_three() -> None:
    assert shows_all_three(1.0e6)


def test_F1_F2_F3_companion_a_tumour_without_her2_does_not() -> None:
    assert not shows_all_three(1.0e4)
