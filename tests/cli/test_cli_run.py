"""``tdm1sim run`` with stand-ins below it: what it asks for, what it says, how it ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tdm1sim.errors import MachineError
from tests.cli.cli_fakes import Ending, World

Program = Callable[..., Ending]


def interrupt(_name: str) -> None:
    raise KeyboardInterrupt


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_run_writes_a_folder_and_says_what_became_of_the_cells(world: World, tdm1sim: Program) -> None:
    done = tdm1sim("run", "a.yaml", "--jobs", "1")
    assert done.code == 0
    assert files(Path("results")) == {
        "a/manifest.json",
        "a/summary.json",
        *(f"a/figures/{name}.{kind}" for name in ("exposure", "fates", "clones") for kind in ("png", "svg")),
    }
    for piece in (
        "Does [it] work?",
        "8 replicates of 2,000 cells, 21 d, seed 1: completed",
        "rapid (interphase) apoptosis",
        "(arrest, then death, often apoptotic)",
        "0.340 to 0.360",
        "95 % interval",
        "Live cells per founder",
        "Fractions of cells, not of patients; intervals are for chance alone.",
        "Files: results/a (3 figures in figures/)",
        "A teaching and research tool, never clinical advice.",
    ):
        assert piece in done.out
    assert done.err == ""


def test_the_report_fits_80_columns_and_a_pipe_gets_no_colour(world: World, tdm1sim: Program) -> None:
    done = tdm1sim("run", "a.yaml")
    assert max(len(line) for line in done.out.splitlines()) <= 80
    assert "\x1b" not in done.out


def test_no_verb_means_run(world: World, tdm1sim: Program) -> None:
    assert tdm1sim("a.yaml", "--seed", "7").code == 0
    assert tdm1sim("--quiet", "b.yaml").code == 0
    assert [asked["name"] for asked in world.simulated] == ["a", "b"]
    assert world.overrides[0] == ("run.seed=7",)


def test_options_become_overrides_in_order(world: World, tdm1sim: Program) -> None:
    tdm1sim(
        *("run", "a.yaml", "--set", "run.seed=1", "--set", "parameters.C_M=100 nM"),
        *("--seed", "2", "--replicates", "3", "--cells", "40"),
    )
    assert world.overrides == [
        ("run.seed=1", "parameters.C_M=100 nM", "run.seed=2", "run.replicates=3", "tumour.cells=40")
    ]


def test_attribution_is_asked_for_in_the_scenario(world: World, tdm1sim: Program) -> None:
    tdm1sim("run", "a.yaml", "--attribution")
    tdm1sim("run", "a.yaml")
    assert world.overrides == [("record.attribution=true",), ()]


def test_engine_jobs_formats_and_figures_arrive(world: World, tdm1sim: Program) -> None:
    tdm1sim("run", "a.yaml", "--engine", "twin", "--jobs", "3", "--formats", "pdf,PNG", "--figure", "fates")
    assert world.simulated == [{"name": "a", "engine": "twin", "jobs": 3, "progress": None}]
    assert world.drawn == [{"formats": ("pdf", "png"), "names": ("fates",)}]


def test_jobs_default_to_the_cores(world: World, tdm1sim: Program) -> None:
    tdm1sim("run", "a.yaml")
    assert world.simulated[0]["jobs"] >= 1


def test_the_scenario_says_which_figures_unless_the_command_does(world: World, tdm1sim: Program) -> None:
    world.tree["figures"] = ["clones"]
    tdm1sim("run", "a.yaml")
    tdm1sim("run", "b.yaml", "--figure", "fates", "--figure", "fates")
    assert [asked["names"] for asked in world.drawn] == [None, ("fates",)]  # the results know what their scenario says


def test_no_figures_draws_nothing(world: World, tdm1sim: Program) -> None:
    done = tdm1sim("run", "a.yaml", "--no-figures")
    assert world.drawn == []
    assert not Path("results/a/figures").exists()
    assert "Files: results/a\n" in done.out


def test_quiet_says_nothing_but_warnings(world: World, tdm1sim: Program) -> None:
    assert tdm1sim("run", "a.yaml", "--quiet") == Ending(0, "", "")
    world.warnings = ("C_M is outside its plausible range",)
    assert tdm1sim("run", "b.yaml", "--quiet") == Ending(0, "", "warning: b: C_M is outside its plausible range\n")


def test_json_is_one_object_per_line_and_nothing_else(world: World, tdm1sim: Program) -> None:
    done = tdm1sim("run", "a.yaml", "b.yaml", "--json")
    records = [json.loads(line) for line in done.out.splitlines()]
    assert [record["folder"] for record in records] == ["results/a", "results/b"]
    assert records[0]["summary"]["fates"]["apoptosis"] == {"mean": 0.35, "low": 0.34, "high": 0.36}
    assert records[0]["summary"]["time_to_kill_d"] == {"0.5": None, "0.9": None}  # JSON has no NaN
    assert "results/a/figures/fates.png" in records[0]["figures"]


def test_out_names_another_folder(world: World, tdm1sim: Program) -> None:
    assert tdm1sim("run", "a.yaml", "--out", "deep/er").code == 0
    assert Path("deep/er/a/summary.json").is_file()


def test_a_run_that_met_its_capacity_warns_and_is_done(world: World, tdm1sim: Program) -> None:
    world.outcome = "capacity_reached"
    done = tdm1sim("run", "a.yaml")
    assert done.code == 0
    assert "run.capacity" in done.err
    assert "stopped at its capacity" in done.out


def test_a_cleared_tumour_is_not_called_a_cure(world: World, tdm1sim: Program) -> None:
    world.outcome = "cleared"
    done = tdm1sim("run", "a.yaml")
    assert "None of 16,000 simulated cells is left; rarer survivors are invisible; not a cure." in " ".join(
        done.out.split()
    )


def test_problems_of_all_files_come_at_once_and_nothing_runs(world: World, tdm1sim: Program) -> None:
    done = tdm1sim("run", "bad1.yaml", "good.yaml", "bad2.yaml")
    assert done.code == 1
    assert done.err.splitlines() == [
        "bad1.yaml:3:1: tumour.cels: unknown key 'cels'; cells; did you mean cells?",
        "bad1.yaml:9:6: run.dt: no unit",
        "bad2.yaml:3:1: tumour.cels: unknown key 'cels'; cells; did you mean cells?",
        "bad2.yaml:9:6: run.dt: no unit",
        "4 problems found; nothing was run.",
    ]
    assert world.simulated == []


def test_an_older_result_is_refused_before_any_work(world: World, tdm1sim: Program) -> None:
    tdm1sim("run", "b.yaml")
    world.simulated.clear()
    done = tdm1sim("run", "a.yaml", "b.yaml")
    assert done.code == 1
    assert "results/b exists already" in done.err
    assert "--force" in done.err
    assert world.simulated == []
    assert tdm1sim("run", "b.yaml", "--force").code == 0


def test_two_scenarios_of_one_name_are_refused(world: World, tdm1sim: Program) -> None:
    done = tdm1sim("run", "a@1.yaml", "a@2.yaml")
    assert done.code == 1
    assert "two of these scenarios are called 'a'" in done.err
    assert world.simulated == []


def test_an_out_that_is_a_file_ends_with_3(world: World, tdm1sim: Program) -> None:
    Path("results").write_text("a file")
    done = tdm1sim("run", "a.yaml")
    assert done.code == 3
    assert "not a folder" in done.err
    assert world.simulated == []


@pytest.mark.parametrize(
    ("words", "piece"),
    [
        (("--figure", "fats"), "did you mean fates?"),
        (("--figure", "fates", "--no-figures"), "contradict"),
        (("--formats", "png,gif"), "unknown format gif; allowed: png, svg, pdf"),
        (("--formats", ","), "no format given"),
        (("--jobs", "0"), "at least 1"),
        (("--engine", "warp"), "warp"),
        (("--seed", "x"), "--seed"),
        (("--tables", "csv"), "--tables"),
    ],
)
def test_wrong_usage_ends_with_2_and_nothing_runs(
    world: World, tdm1sim: Program, words: tuple[str, ...], piece: str
) -> None:
    done = tdm1sim("run", "a.yaml", *words)
    assert done.code == 2
    assert piece in done.err
    assert "Traceback" not in done.err
    assert world.simulated == []


def test_ctrl_c_leaves_no_folder_and_says_what_was_kept(world: World, tdm1sim: Program) -> None:
    world.during = lambda name: interrupt(name) if name == "b" else None
    done = tdm1sim("run", "a.yaml", "b.yaml", "c.yaml")
    assert done.code == 130
    assert done.err.splitlines() == ["interrupted.", "kept: results/a; no half-written folder was left."]
    assert [path.name for path in Path("results").iterdir()] == ["a"]


def test_ctrl_c_in_the_first_run_kept_nothing(world: World, tdm1sim: Program) -> None:
    world.during = interrupt
    done = tdm1sim("run", "a.yaml")
    assert (done.code, done.err.splitlines()[-1]) == (130, "kept: nothing; no half-written folder was left.")
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("error", "piece"),
    [
        (
            ZeroDivisionError("division\nby zero"),
            "defect in tdm1sim, not in your input (ZeroDivisionError: division by",
        ),
        (MemoryError(), "not enough memory"),
        (MachineError("the disk is gone"), "error: the disk is gone"),
        (OSError(5, "Input/output error"), "Input/output error"),
        (RecursionError("too deep"), "--debug"),
    ],
)
def test_what_goes_wrong_inside_ends_with_3_and_no_traceback(
    world: World, tdm1sim: Program, error: Exception, piece: str
) -> None:
    def during(_name: str) -> None:
        raise error

    world.during = during
    done = tdm1sim("run", "a.yaml")
    assert done.code == 3
    assert piece in done.err
    assert "Traceback" not in done.err
    assert not Path("results").exists()
    shown = tdm1sim("run", "a.yaml", "--debug")
    assert shown.code == 3
    assert "Traceback" in shown.err


def test_a_figure_that_fails_leaves_no_folder(world: World, tdm1sim: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        message = "no ink"
        raise ValueError(message)

    monkeypatch.setattr(sys.modules["tdm1sim.figures"], "draw_all", broken)
    done = tdm1sim("run", "a.yaml")
    assert done.code == 3
    assert "no ink" in done.err
    assert list(Path("results").iterdir()) == []
