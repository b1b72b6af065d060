"""Plasma over cycles: the tables and the published numbers are drawn, the latter only where they belong."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from tdm1sim.catalogue import load_catalogue
from tdm1sim.figures import FIGURES, page, pharmacokinetics, published_pk, reading
from tdm1sim.results import Results
from tests.figures.sheets import by_gid, results_of, sheet_of

NAME = "pharmacokinetics"


def changed(**more: Any) -> Results:
    """The patient whose first treatment entry says something else."""
    results = copy.deepcopy(results_of("patient"))
    for entry in results.scenario["treatment"]:
        entry.update(more)
    return results


def test_it_draws_the_tables() -> None:
    results, sheet = results_of("patient"), sheet_of("patient", NAME)
    for gid, column, factor in (
        ("plasma", "plasma_conjugate_ug_ml", 1.0),
        ("antibody", "plasma_antibody_nM", 148000.0 / 1e6),
        ("payload", "plasma_dm1_ng_ml", 1.0),
    ):
        (line,) = by_gid(sheet, gid)
        mean = reading.per_replicate(results.timeseries, column).mean(axis=0) * factor
        known = mean > 0
        np.testing.assert_allclose(np.asarray(line.get_ydata())[known], mean[known], rtol=1e-9)
    assert FIGURES[NAME].applies(results)
    assert not FIGURES[NAME].applies(results_of("untreated"))
    assert not FIGURES[NAME].applies(results_of("t_dxd"))
    assert not FIGURES[NAME].applies(results_of("culture"))


def test_published_numbers_stand_where_the_evidence_has_them() -> None:
    sheet, evidence = sheet_of("patient", NAME), load_catalogue().evidence
    for row in (*published_pk.PEAKS, *published_pk.TROUGHS, "b058"):
        (mark,) = [line for line in by_gid(sheet, f"published-{row}") if getattr(line, "get_marker", str)() == "o"]
        assert list(mark.get_ydata()) == [float(evidence[row]["value"])]
    told = FIGURES[NAME].caption(results_of("patient"))
    for row in (*published_pk.PEAKS, *published_pk.TROUGHS):
        assert evidence[row]["source"].rstrip(".") in told
        assert evidence[row]["unit"] == "ug/mL"
    assert "1.34 µg/mL (a population model's estimate, SD 0.8)" in told
    assert "1.31 µg/mL (median)" in told
    assert "published: 74.3 to 83.4" in FIGURES[NAME].title(results_of("patient"))


@pytest.mark.parametrize("more", [{"dose": "2.4 mg/kg"}, {"from": "7 d"}, {"dose": "3.6 mg"}])
def test_a_run_dosed_otherwise_has_no_published_numbers(more: dict[str, str]) -> None:
    results = changed(**more)
    assert published_pk.published(results) == ()
    assert "published" not in FIGURES[NAME].title(results)
    assert by_gid(page(NAME, results), "published-b032") == []


def test_another_interval_keeps_the_peak_and_loses_the_trough() -> None:
    results = changed(every="7 d", cycles=9)
    assert {one.row for one in published_pk.published(results)} == set(published_pk.PEAKS)
    assert len(published_pk.published(changed(every="504 h", cycles=2))) == 6


def test_the_finding_is_the_first_cycle() -> None:
    results = results_of("patient")
    cycle = pharmacokinetics.first_cycle(results)
    course = pharmacokinetics.conjugate(results).mean(axis=0)
    assert cycle.peak == pytest.approx(course[reading.times(results) <= 504.0].max())
    assert cycle.trough < 0.2 * cycle.peak
