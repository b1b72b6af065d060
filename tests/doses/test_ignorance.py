"""Dose series with other values of what nobody has measured: bands beside intervals of chance."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tdm1sim.cli.main import main
from tdm1sim.doses import Curve, Wanted, asked_of, curve_of, with_ignorance
from tdm1sim.doses.ignorance import _bands
from tdm1sim.figures import dose_curves
from tdm1sim.scenario import load_scenario
from tests.figures.sheets import boxes, overlaps

DRAWS = 6


@pytest.fixture(scope="module")
def curves() -> list[Curve]:
    scenario = load_scenario("in_vitro_sk_br_3", ["tumour.cells=40", "run.replicates=2", "run.dt=2 h"])
    wanted = Wanted(("sk-br-3", "jurkat"), readout="atp", at=48.0, doses=(0.01, 0.1, 1.0, 10.0, 100.0))
    found, drawn = with_ignorance([curve_of(asked) for asked in asked_of(scenario, wanted)], DRAWS)
    assert len(drawn.runs) == DRAWS
    return found


def test_the_band_is_wider_than_nothing_and_holds_the_draws_middle(curves: list[Curve]) -> None:
    for curve in curves:
        band = curve.ignorance
        assert band is not None
        assert band.low.shape == band.high.shape == curve.doses.shape
        assert np.all(band.low <= band.high)
        assert band.draws == DRAWS
    sensitive = curves[0].ignorance
    assert sensitive is not None
    assert np.any(sensitive.high - sensitive.low > 0.02)  # or the draws changed nothing
    assert sensitive.ic50_low is not None
    assert curves[1].ignorance is not None
    assert curves[1].ignorance.ic50_low is None  # Jurkat cells have hardly any receptors


def test_a_dose_that_is_not_reached_is_higher_than_all_others() -> None:
    never = _bands([([1.0, 0.9], None)] * 3 + [([1.0, 0.4], 2.0)] * 3)
    assert (never.ic50_low, never.ic50_high) == (2.0, None)
    assert never.low.tolist() == [1.0, pytest.approx(0.4)]
    some = _bands([None, ([1.0, 0.4], 2.0), ([1.0, 0.3], 1.0)])
    assert some.silent == 1
    assert some.ic50_high == pytest.approx(1.975)


def test_companion_equal_draws_have_no_band() -> None:
    same = _bands([([1.0, 0.4], 2.0)] * 5)
    assert np.array_equal(same.low, same.high)
    assert same.ic50_low == same.ic50_high == 2.0


def test_the_figure_draws_it_and_words_stay_apart(curves: list[Curve]) -> None:
    sheet = dose_curves.page(curves)
    sheet.draw_without_rendering()
    drawn = {collection.get_gid() for collection in sheet.axes[0].collections}
    assert {f"ignorance-{curve.asked.name}" for curve in curves} <= drawn
    told = [(words, box) for words, box in boxes(sheet) if any(letter.isalpha() for letter in words)]  # ticks have none
    assert overlaps(told) == []
    assert f"{DRAWS} draws" in dose_curves.caption(curves)


def test_the_command_writes_bands_and_what_was_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["dose-response", "in_vitro_sk_br_3", "--doses", "0.01:100:5:log", "--at", "24h", "--readout", "live"]
    size = ["--cells", "20", "--replicates", "1", "--set", "run.dt=4 h", "--jobs", "1", "--no-figures"]
    assert main([*command, *size, "--uncertain", "3", "--out", str(tmp_path)]) == 0
    assert "middle 95 % of 3 draws" in capsys.readouterr().out
    folder = tmp_path / "in_vitro_sk_br_3-dose-response"
    with (folder / "uncertainty.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5
    assert all(float(row["model_low"]) <= float(row["model_high"]) for row in rows)
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["uncertain"]["draws"] == 3
    (fit,) = json.loads((folder / "fit.json").read_text(encoding="utf-8"))["curves"]
    assert fit["ic50_nM_of_draws"]["draws"] == 3


def test_one_draw_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dose-response", "in_vitro_sk_br_3", "--uncertain", "1", "--out", str(tmp_path)]) == 2
    assert "at least 2 draws" in capsys.readouterr().err
