"""``tdm1sim dose-response`` as people call it, on tiny wells."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tdm1sim.cli.dose_options import doses_of, hours_of
from tdm1sim.errors import UsageError
from tests.cli.cli_fakes import Ending

Program = Callable[..., Ending]
TINY = ("--cells", "60", "--jobs", "1", "--set", "run.dt=2 h")
DOSES = ("--doses", "0.01:100:5:log")
FOLDER = Path("results/in_vitro_sk_br_3-dose-response")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_table_files_and_figure_say_exposure_readout_and_well(tdm1sim: Program) -> None:
    done = tdm1sim(
        *("dose-response", "in_vitro_sk_br_3", "--cell-line", "sk-br-3", "--cell-line", "jurkat", "--replicates", "2"),
        *("--at", "48 h", "--readout", "atp", "--cells-per-well", "4000", "--formats", "svg", *TINY, *DOSES),
    )
    assert done.code == 0, done.err
    assert max(len(line) for line in done.out.splitlines()) <= 80
    for told in ("ATP signal after 48 h, in t-dm1 from 0 to 48 h", "4,000 cells per well in 100 uL", "jurkat"):
        assert told in done.out
    assert re.search(r"measured: SK-BR-3 viability, 72 h \(nM\) +0.13\n", done.out)

    figure = (FOLDER / "figures" / "dose_response.svg").read_text(encoding="utf-8")
    told = " ".join(figure.split())
    assert "read at 48 h" in told
    assert "4,000 cells per well in 100 µL" in told
    assert "measured-sk_br_3_curve" in figure
    assert "measured-jurkat_curve" in figure

    with (FOLDER / "dose_response.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 5 * 2
    assert {row["curve"] for row in rows} == {"sk-br-3", "jurkat"}
    constant = ("readout", "read_h", "exposed_h", "cells_per_well", "medium_uL")
    assert {tuple(row[key] for key in constant) for row in rows} == {("atp", "48", "48", "4000", "100")}
    assert {row["dose_nM"] for row in rows} == {"0.01", "0.1", "1", "10", "100"}

    curves = json.loads((FOLDER / "fit.json").read_text(encoding="utf-8"))["curves"]
    assert [curve["curve"] for curve in curves] == ["sk-br-3", "jurkat"]
    assert (curves[0]["exposed"], curves[0]["read_h"], curves[0]["medium_uL"]) == ("0 to 48 h", 48.0, 100.0)
    files = ["dose_response.csv", "figures", "fit.json", "manifest.json", "resolved-jurkat.yaml"]
    assert sorted(path.name for path in FOLDER.iterdir()) == [*files, "resolved-sk-br-3.yaml", "runs", "scenario.yaml"]


def test_more_cells_in_the_well_shift_the_curve(tdm1sim: Program) -> None:
    """Cells take the drug out of the medium: what the command is told about the well must reach the wells."""
    found = []
    for wells in ("500", "50000"):
        done = tdm1sim(
            *("dose-response", "in_vitro_sk_br_3", "--replicates", "1", "--cells-per-well", wells, "--json"),
            *("--readout", "atp", "--no-figures", "--force", *TINY, "--doses", "0.01:100:9"),
        )
        assert done.code == 0, done.err
        found.append(json.loads(done.out)["ic50_of_means_nM"])
    assert found[1] > 2.0 * found[0]


def test_a_clone_alone_and_the_same_bytes_whatever_the_jobs(tdm1sim: Program) -> None:
    bytes_of = []
    for jobs in ("1", "2"):
        done = tdm1sim(
            *("dose-response", "dose_response", "--clone", "main", "--at", "24h", "--replicates", "2", "--no-figures"),
            *("--readout", "live", "--cells", "60", "--jobs", jobs, "--out", f"with{jobs}", *DOSES, "--quiet"),
        )
        assert done == Ending(0, "", "")
        folder = Path(f"with{jobs}/dose_response-dose-response")
        bytes_of.append([(folder / name).read_bytes() for name in ("dose_response.csv", "fit.json")])
    assert bytes_of[0] == bytes_of[1]


def test_a_doubling_time_of_the_scenario_is_told_where_it_goes_before_the_lines(tdm1sim: Program) -> None:
    words = ("dose-response", "dose_response", "--cell-line", "mcf7", "--at", "4h", "--no-figures", "--quiet")
    done = tdm1sim(*words, *TINY, *DOSES, "--replicates", "1")
    assert "holds for every cell line" in done.err
    own = tdm1sim(*words, *TINY, *DOSES, "--replicates", "1", "--set", "tumour.growth={}", "--force")
    assert own == Ending(0, "", "")


def test_a_patient_is_told_what_to_do(tdm1sim: Program) -> None:
    done = tdm1sim("dose-response", "her2_positive")
    assert done.code == 1
    assert "is a patient" in done.err
    assert "tdm1sim dose-response in_vitro_sk_br_3" in done.err


def test_nothing_is_overwritten_unless_asked(tdm1sim: Program) -> None:
    FOLDER.mkdir(parents=True)
    done = tdm1sim("dose-response", "in_vitro_sk_br_3", *TINY)
    assert done.code == 1
    assert "--force" in done.err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--cell-line", "jurkatt"), 1, "did you mean 'jurkat'?"),
        (("--clone", "sk-br-3"), 1, "did you mean 'sk_br_3'?"),
        (("--at", "72"), 2, "has no unit"),
        (("--at", "0 h"), 2, "after the start"),
        (("--doses", "1:10"), 2, "0.01:100:9:log"),
        (("--doses", "10:1:9"), 2, "not below"),
        (("--doses", "1 nM, 2 nM"), 2, "at least 5"),
        (("--doses", "0:10:9:lin"), 2, "not above zero"),
        (("--doses", "1,2,3,4,5 furlong"), 2, "furlong"),
    ],
)
def test_what_is_wrong_is_said(tdm1sim: Program, words: tuple[str, ...], code: int, told: str) -> None:
    done = tdm1sim("dose-response", "in_vitro_sk_br_3", *words)
    assert (done.code, told in done.err) == (code, True), done.err
    assert not Path("results").exists()


def test_untreated_wells_without_a_signal_are_said(tdm1sim: Program) -> None:
    done = tdm1sim("dose-response", "in_vitro_sk_br_3", "--readout", "clonogenic", "--at", "24h", *TINY, *DOSES)
    assert done.code == 1
    assert "a later --at" in done.err
    assert not Path("results").exists()


def test_doses_as_written() -> None:
    assert doses_of(None) is None
    assert doses_of("0.01:100:9:log") == (0.01, 0.03162, 0.1, 0.3162, 1.0, 3.162, 10.0, 31.62, 100.0)
    assert doses_of("1:5:5:lin") == (1.0, 2.0, 3.0, 4.0, 5.0)
    assert doses_of("5 nM, 1,  100 pM, 2.96 ug/mL, 1 uM,1") == (0.1, 1.0, 5.0, 20.0, 1000.0)
    assert hours_of("3 d") == 72.0
    with pytest.raises(UsageError):
        doses_of("1:5:5:cubic")
