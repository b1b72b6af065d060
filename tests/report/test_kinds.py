"""Every kind of result folder is drawn again, as it was drawn, and has a page; nothing is simulated for either."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tdm1sim import ensemble
from tdm1sim.cli.main import main
from tdm1sim.doses import read as read_doses
from tdm1sim.errors import InputError, UsageError
from tdm1sim.figures.again import KINDS, drawable
from tdm1sim.report import write
from tdm1sim.sensitivity import read as read_study
from tests.report.kinds import COMMANDS, FOLDERS
from tests.report.test_report import Outline, asked_of_others

Folder = Callable[[str], Path]
SMALL = (r"(?<![\w.-])0\.(\d{2,})", r"0.5\1")
"""Numbers below 1 become others below 1."""
EDITED = {
    "run": ("timeseries.csv", *SMALL),
    "comparison": ("her2_low/timeseries.csv", r"(?m)^(\d,\d+),40,", r"\1,55,"),
    "sweep": ("sweep.csv", *SMALL),
    "dose-response": ("runs/jurkat/readouts.csv", r"(?m),[\d.]+,0\.01$", ",0.5,0.01"),
    "sensitivity": ("sensitivity.csv", *SMALL),
    "evidence": ("evidence.json", *SMALL),
}
"""The file of each kind whose numbers are changed, and how, to see its figure change."""


def drawn(folder: Path) -> dict[str, bytes]:
    """Return the files of figures by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_every_kind_is_here() -> None:
    assert set(KINDS) == set(COMMANDS) == set(FOLDERS) == set(EDITED)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_drawn_again_is_what_the_command_drew(
    kind: str, folder_of: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of(kind)
    before = drawn(folder / "figures")
    assert any(name.endswith(".png") for name in before)
    monkeypatch.setattr(ensemble, "run_replicate", None)  # whoever would simulate fails
    monkeypatch.setattr(ensemble, "simulate_resolved", None)
    assert main(["figures", str(folder), "--out", str(tmp_path), "--quiet"]) == 0
    assert drawn(tmp_path) == before


@pytest.mark.parametrize("kind", KINDS)
def test_companion_another_number_is_another_picture(kind: str, folder_of: Folder, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(folder_of(kind), tmp_path / FOLDERS[kind]))
    file, number, other = EDITED[kind]
    path = folder / file
    before = path.read_text(encoding="utf-8")
    after = re.sub(number, other, before)
    assert after != before
    path.write_text(after, encoding="utf-8")
    again = tmp_path / "again"
    assert main(["figures", str(folder), "--out", str(again), "--formats", "svg", "--quiet"]) == 0
    old = drawn(folder / "figures")
    assert any(content != old[name] for name, content in drawn(again).items() if name.endswith(".svg"))


@pytest.mark.parametrize("kind", ["dose-response", "sensitivity", "evidence"])
@pytest.mark.parametrize("style", ["dark", "paper", "paper-double"])
def test_every_style_is_drawn(kind: str, style: str, folder_of: Folder, tmp_path: Path) -> None:
    folder = folder_of(kind)
    words = ["--style", style, "--formats", "svg", "--out", str(tmp_path), "--quiet"]
    assert main(["figures", str(folder), *words]) == 0
    before = drawn(folder / "figures")
    found = drawn(tmp_path)
    assert set(found) == {name for name in before if not name.endswith(".png")}
    assert all(content != before[name] for name, content in found.items() if name.endswith(".svg"))


def test_a_figure_is_chosen_by_its_output(folder_of: Folder, tmp_path: Path) -> None:
    folder = folder_of("sensitivity")
    words = ["--figure", "auc", "--formats", "svg", "--out", str(tmp_path), "--quiet"]
    assert main(["figures", str(folder), *words]) == 0
    assert sorted(drawn(tmp_path)) == ["sensitivity_auc.md", "sensitivity_auc.svg"]
    assert drawn(tmp_path)["sensitivity_auc.svg"] == drawn(folder / "figures")["sensitivity_auc.svg"]
    with pytest.raises(UsageError, match=r"\(sensitivity\) has no figure 'area'; it has: live_ratio, auc"):
        drawable(folder).chosen(["area"])
    with pytest.raises(UsageError, match="it has: dose_response"):
        drawable(folder_of("dose-response")).chosen(["curves"])


# What is read ---------------------------------------------------------------------------------------------------


def test_curves_are_those_of_the_files(folder_of: Folder) -> None:
    folder = folder_of("dose-response")
    told = json.loads((folder / "fit.json").read_text(encoding="utf-8"))["curves"]
    curves = read_doses(folder)
    assert [curve.asked.name for curve in curves] == ["sk-br-3", "jurkat"]
    for curve, record in zip(curves, told, strict=True):
        assert curve.doses.tolist() == record["doses_nM"]
        assert curve.fit.slope.value == record["slope"]["value"]
        assert curve.fit.crossing == record["ic50_of_means_nM"]
        assert (curve.asked.times, curve.asked.exposed) == (record["exposed"], record["exposed_h"])
        assert curve.asked.well.medium == record["medium_uL"]
        assert curve.ignorance is not None
        assert curve.ignorance.low.shape == curve.doses.shape
        rows = [row for row in _rows(folder / "dose_response.csv") if row[0] == curve.asked.name]
        assert [tuple(f"{x:.6g}" if isinstance(x, float) else str(x) for x in row) for row in curve.rows()] == rows


def _rows(path: Path) -> list[tuple[str, ...]]:
    return [tuple(line.split(",")) for line in path.read_text(encoding="utf-8").splitlines()[1:]]


def test_a_study_is_that_of_the_files(folder_of: Folder) -> None:
    from tdm1sim.cli.sensitivity_files import records

    folder = folder_of("sensitivity")
    study = read_study(folder)
    head = (folder / "sensitivity.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    told = [",".join(_cell(one[key]) for key in head) for one in records(study)]
    assert told == [",".join(row) for row in _rows(folder / "sensitivity.csv")]
    for index in study.indices["auc"]:
        assert sum(index.effects) / len(index.effects) == pytest.approx(index.mean, rel=1e-3, abs=1e-5)
    assert {one.symbol for one in study.plan.factors} == {"kdm", "C_M", "sigma_her2"}
    assert study.plan.design.points.min() == 0.0
    assert study.plan.design.points.max() == pytest.approx(1.0, abs=1e-5)


def _cell(value: object) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def test_shares_of_variance_are_read_too(tmp_path: Path) -> None:
    words = [word if word != "--trajectories" else "--samples" for word in COMMANDS["sensitivity"]]
    words[words.index("--samples") + 1] = "4"
    assert (
        main([*words, "--method", "sobol", "--jobs", "1", "--quiet", "--formats", "svg", "--out", str(tmp_path)]) == 0
    )
    folder = tmp_path / FOLDERS["sensitivity"]
    again = tmp_path / "again"
    assert main(["figures", str(folder), "--formats", "svg", "--out", str(again), "--quiet"]) == 0
    assert drawn(again) == drawn(folder / "figures")
    assert "in total" in write(folder)


# What cannot be read --------------------------------------------------------------------------------------------


def test_an_older_dose_series_says_what_to_run_again(folder_of: Folder, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(folder_of("dose-response"), tmp_path / FOLDERS["dose-response"]))
    shutil.rmtree(folder / "runs")
    with pytest.raises(InputError, match="sk-br-3"):
        drawable(folder)
    told = json.loads((folder / "fit.json").read_text(encoding="utf-8"))
    for record in told["curves"]:
        del record["run"]
    (folder / "fit.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(InputError, match=r"kept no runs.*`tdm1sim dose-response in_vitro_sk_br_3 --force` again"):
        drawable(folder)
    (folder / "fit.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="not what `tdm1sim dose-response` wrote"):
        drawable(folder)


def test_a_study_that_is_not_whole_says_what_to_run_again(
    folder_of: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(folder_of("sensitivity"), tmp_path / FOLDERS["sensitivity"]))
    table = (folder / "sensitivity.csv").read_text(encoding="utf-8")
    (folder / "sensitivity.csv").write_text(table.replace("kdm", "gone"), encoding="utf-8")
    with pytest.raises(InputError, match="not what `tdm1sim sensitivity` wrote"):
        drawable(folder)
    (folder / "design.csv").unlink()
    assert main(["report", str(folder)]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "design.csv missing; run `tdm1sim sensitivity in_vitro_sk_br_3 --force` again" in told
    assert not (folder / "report.html").exists()


# The page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_page(kind: str, folder_of: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(kind)
    monkeypatch.setattr(ensemble, "run_replicate", None)
    monkeypatch.setattr(ensemble, "simulate_resolved", None)
    page = write(folder)
    assert asked_of_others(page) == []
    assert write(folder) == page
    seen = Outline()
    seen.feed(page)
    assert (seen.wrong, seen.open) == ([], [])
    assert all(after <= before + 1 for before, after in zip(seen.levels, seen.levels[1:], strict=False))
    assert all(seen.alts)
    for part in ('id="results"', 'id="figures"', "Numbers of the model", 'id="references"', 'id="again"', "doi:10."):
        assert part in page
    assert "never clinical advice" in page
    assert ("<summary>The complete scenario" in page) == (kind != "evidence")
    assert str(folder.parent) not in page


def test_the_page_of_a_dose_series_has_its_numbers(folder_of: Folder, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(folder_of("dose-response"), tmp_path / FOLDERS["dose-response"]))
    told = json.loads((folder / "fit.json").read_text(encoding="utf-8"))
    before = write(folder)
    assert "8 hours, seed 1" in before
    assert "<td>0.13</td>" in before  # published
    assert "Lewis Phillips 2008" in before
    told["curves"][0]["slope"]["value"] = 7.89
    (folder / "fit.json").write_text(json.dumps(told), encoding="utf-8")
    assert "<td>7.89</td>" in write(folder)
    assert "<td>7.89</td>" not in before


def test_the_page_of_a_study_has_its_numbers(folder_of: Folder) -> None:
    folder = folder_of("sensitivity")
    page = write(folder)
    for index in read_study(folder).indices["live_ratio"]:
        if index.strength:
            assert f"{index.factor.symbol}: {index.factor.entry.name}" in page
            assert f">{index.strength:.2g}</td>" in page
    assert "Not varied" not in page  # only those named were looked at
    assert "2 trajectories" in page
    assert "tdm1sim sensitivity in_vitro_sk_br_3-sensitivity/scenario.yaml" in page


def test_an_older_study_is_told_too_but_made_again_from_its_source(folder_of: Folder, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(folder_of("sensitivity"), tmp_path / FOLDERS["sensitivity"]))
    (folder / "scenario.yaml").unlink()
    assert "tdm1sim sensitivity in_vitro_sk_br_3 --replicates 1" in write(folder)


def test_the_page_of_the_evidence_has_every_number(folder_of: Folder) -> None:
    folder = folder_of("evidence")
    page = write(folder)
    for row in json.loads((folder / "evidence.json").read_text(encoding="utf-8"))["rows"]:
        assert f'<th scope="row">{row["id"]}</th>' in page
    assert "--only c105" in page


@pytest.mark.parametrize("kind", ["dose-response", "sensitivity"])
def test_the_command_on_the_page_makes_the_same_again(
    kind: str, folder_of: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of(kind)
    monkeypatch.chdir(folder.parent)
    (command,) = re.findall(rf"tdm1sim {kind} .*", write(folder).replace("&#39;", "'"))
    words = shlex.split(command)
    words[words.index("again")] = str(tmp_path)
    assert main([*words[1:], "--jobs", "1", "--quiet"]) == 0
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in {".csv", ".png", ".svg"} and path.name != "not_varied.csv":
            assert (tmp_path / path.relative_to(folder.parent)).read_bytes() == path.read_bytes(), path


def test_a_run_behind_a_curve_is_a_result_of_its_own(folder_of: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["repeat", str(folder_of("dose-response") / "runs" / "jurkat"), "--jobs", "1"]) == 0
    assert "The same bytes" in capsys.readouterr().out
    assert main(["repeat", str(folder_of("dose-response"))]) == 1
    assert f"runs in it: {folder_of('dose-response') / 'runs' / 'jurkat'}" in capsys.readouterr().err
