"""What is varied: values and ranges, on the command line and in the file; every mistake told where it was made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tdm1sim.cli.main import main
from tdm1sim.errors import UsageError
from tdm1sim.scenario import axes_of, load_scenario, read_plain, resolve
from tdm1sim.sweeping.planning import plan
from tests.sweeping import small

BLOCK = """\
sweep:
  vary:
    tumour.clones.*.mdr1: 1:100:3:log
    treatment.t-dm1.dose: [1.8 mg/kg, 3.6 mg/kg]
"""


@pytest.mark.parametrize(
    ("text", "numbers", "unit"),
    [
        ("a=1,3,10", [1, 3, 10], ""),
        ("a=1:100:3:log", [1, 10, 100], ""),
        ("a=0:1:5", [0, 0.25, 0.5, 0.75, 1], ""),
        ("a=1.8mg/kg,3.6 mg/kg", [1.8, 3.6], "mg/kg"),
        ("a=1 nM:1 uM:4:log", [0.001, 0.01, 0.1, 1], "uM"),
        ("a=1:100 nM:3", [1, 50.5, 100], "nM"),
        ("a=12 h, 1 d", [12, 24], "h"),
        ("a=3+,1+", [None, None], ""),
        ("a=intact,2", [None, None], ""),
        ("a={receptors: 1e6, spread: 0.5},{receptors: 1e5}", [None, None], ""),
        ("a=-1:1:3", [-1, 0, 1], ""),
    ],
)
def test_values_and_ranges_are_read(text: str, numbers: Sequence[float | None], unit: str) -> None:
    axes, problems = axes_of([text])
    assert problems == []
    (axis,) = axes
    assert [step.number for step in axis.values.steps] == numbers
    assert axis.values.unit == unit


def test_what_is_simulated_is_what_the_table_says() -> None:
    """A number of the table, six digits, is the number that was run, not one that rounds to it."""
    (axis,), _ = axes_of(["a=1:100 nM:7:log"])
    assert [step.written for step in axis.values.steps][1] == "2.15443 nM"
    assert all(float(f"{step.number:.6g}") == step.number for step in axis.values.steps)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("run.dt", "is not PATH=VALUES"),
        ("run.dt=", "is not PATH=VALUES"),
        ("run.dt=1,,2", "not valid YAML"),
        ("run.dt=3:1:3", "goes from 3 to 1; LOW is below HIGH"),
        ("run.dt=0:1:3:log", "a log range begins above 0"),
        ("run.dt=0:1:1", "is not a number of values; a whole number from 2"),
        ("run.dt=0:1:2:3:4", "is not a range"),
        ("run.dt=1 nM:3 h:3", "nM cannot be turned into h"),
        ("run.dt=1 nM:3:3", "'3' has no unit; both ends in one unit; write 3 nM"),
        ("run.dt=1:x:3", "'x' is not a number"),
        ("run.dt=1 h,60 min", "60 min is in the list twice"),
        ("name=a,b", "cannot be varied"),
        ("sweep.points=1,2", "cannot be varied"),
    ],
)
def test_a_wrong_axis_is_told(text: str, told: str) -> None:
    _, problems = axes_of([text])
    assert told in str(problems[0])
    assert problems[0].file == "--vary"


def test_one_path_twice_is_told() -> None:
    _, problems = axes_of(["a=1,2", "a=3,4"])
    assert "is varied twice" in str(problems[0])


def test_the_block_means_the_same_as_the_options(tmp_path: Path) -> None:
    by_options = small.planned(tmp_path)
    by_block = small.planned(tmp_path, (), small.SMALL + BLOCK)
    assert by_block.points == by_options.points
    assert by_block.columns == by_options.columns
    lone = small.planned(tmp_path, small.VARY[:1], small.SMALL + BLOCK)
    assert [column.path for column in lone.columns] == ["tumour.clones.*.mdr1"], "options replace the block's axes"


def test_base_yaml_is_the_same_sweep(tmp_path: Path) -> None:
    first = small.planned(tmp_path, design="lhs", count=3)
    (tmp_path / "base.yaml").write_text(first.base_text, encoding="utf-8")
    again = plan(load_scenario(tmp_path / "base.yaml"))
    assert again.points == first.points
    assert again.written == first.written


def test_resolve_keeps_the_block_and_runs_ignore_it(tmp_path: Path) -> None:
    loaded = small.scenario(tmp_path, small.SMALL + BLOCK)
    resolved = resolve(loaded)
    assert read_plain(resolved.text)["sweep"] == loaded.tree["sweep"]
    assert resolved.parameters == resolve(small.scenario(tmp_path)).parameters


def test_a_child_replaces_the_axes_of_its_parent(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(small.SMALL + BLOCK, encoding="utf-8")
    child = "format: 1\nextends: parent\nsweep:\n  vary: {run.seed: [1, 2]}\n"
    assert [column.path for column in small.planned(tmp_path, (), child).columns] == ["run.seed"]


@pytest.mark.parametrize(
    ("line", "place", "told"),
    [
        ("    run.dt: 1:x\n", "16:13: sweep.vary.run.dt", "'x' is not a number"),
        ("    run.dt: []\n", "16:5: sweep.vary.run.dt", "a list of 0 values"),
        ("    run.dt: 3\n", "16:13: sweep.vary.run.dt", "neither a list of values nor a range"),
        ("    name: [a]\n", "16:5: sweep.vary.name", "cannot be varied"),
        ("    run.dtt: [1 h]\n", "16:5: sweep.vary.run.dtt", "did you mean 'dt'?"),
        ("    run.dt: [1]\n", "16:5: sweep.vary.run.dt", "1 has no unit"),
        ("    treatment.t-dm2.dose: [1 mg/kg]\n", "16:5: sweep.vary.treatment.t-dm2.dose", "did you mean 't-dm1'?"),
        ("  desing: grid\n", "16:3: sweep.desing", "did you mean 'design'?"),
        ("  design: gird\n", "16:11: sweep.design", "did you mean 'grid'?"),
        ("  points: 0\n", "16:11: sweep.points", "out of range"),
    ],
)
def test_a_mistake_in_the_block_is_told_with_its_place(tmp_path: Path, line: str, place: str, told: str) -> None:
    text = small.SMALL + BLOCK + line
    with pytest.raises(Exception, match=r"sweep\.") as caught:
        plan(small.scenario(tmp_path, text))
    assert f"tiny.yaml:{place}" in str(caught.value)
    assert told in str(caught.value)


def test_validate_checks_every_point(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "tiny.yaml"
    file.write_text(small.SMALL + BLOCK.replace("3.6 mg/kg]", "-1 mg/kg, 2]"), encoding="utf-8")
    assert main(["validate", str(file)]) == 1
    told = capsys.readouterr().err
    assert "tiny.yaml:15:5: sweep.vary.treatment.t-dm1.dose: '-1 mg/kg' is negative" in told
    assert "2 has no unit" in told
    file.write_text(small.SMALL + BLOCK, encoding="utf-8")
    assert main(["validate", str(file)]) == 0


def test_problems_of_all_axes_and_points_come_at_once(tmp_path: Path) -> None:
    vary = ("tumour.clones.*.mdr1=-1,2", "tumour.clones.x.mdr1=1", "patient.weight=70,80 kg")
    told = [str(problem) for problem in small.problems(tmp_path, small.SMALL, vary)]
    assert len(told) == 3
    assert any("there is no 'x' in tumour.clones" in one for one in told)
    assert any("--vary: tumour.clones.*.mdr1: -1 is negative" in one for one in told)
    assert any("--vary: patient.weight: 70 has no unit" in one for one in told)


def test_a_combination_that_does_not_fit_is_told_with_its_point(tmp_path: Path) -> None:
    vary = (
        "run.replicates=1,2",
        "tumour.transport.krogh_radius=75 um,9 um",
        "tumour.transport.capillary_radius=8 um,20 um",
    )
    told = [str(problem) for problem in small.problems(tmp_path, small.SMALL, vary)]
    assert len(told) == 2
    assert "point 4 (run.replicates = 1, tumour.transport.krogh_radius" in told[0]
    assert "is not inside the tissue" in told[0]


def test_a_sweep_needs_something_to_vary(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to vary: add --vary"):
        plan(small.scenario(tmp_path))
