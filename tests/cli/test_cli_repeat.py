"""``tdm1sim repeat``: the same bytes from the result's own files, or what moved by how much; nothing overwritten."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tdm1sim import repeating
from tdm1sim.scenario import load_scenario, resolve
from tdm1sim.uncertainty import with_model_bands
from tests.cli import small_results
from tests.cli.cli_fakes import Ending
from tests.cli.small_results import ASKED, copied, written

Program = Callable[..., Ending]


@pytest.fixture
def well(tmp_path: Path) -> Path:
    return written(tmp_path / "results", "in_vitro_sk_br_3")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", ASKED)
def test_a_result_is_repeated_byte_for_byte(name: str, tmp_path: Path, tdm1sim: Program) -> None:
    """One has attribution, saved_by and acquired clones; the other a dose series and its untreated arm."""
    place = written(tmp_path, name)
    before = contents(place)
    done = tdm1sim("repeat", str(place), "--jobs", "1")
    assert (done.code, done.err) == (0, "")
    names = [path for path in before if path != "manifest.json"]
    lines = [line for line in done.out.splitlines() if line.endswith("  same bytes")]
    assert sorted(line.split()[0] for line in lines) == sorted(names)
    assert f"The same bytes in all {len(names)} files." in done.out
    assert contents(place) == before, "the result is left as it is"
    assert list(tmp_path.iterdir()) == [place]


def test_a_repetition_can_be_kept_and_never_overwrites(well: Path, tmp_path: Path, tdm1sim: Program) -> None:
    kept = tmp_path / "again"
    done = tdm1sim("repeat", str(well), "--out", str(kept), "--jobs", "1")
    assert done.code == 0
    assert f"Files: {kept / well.name}" in done.out
    ours, theirs = contents(kept / well.name), contents(well)
    assert {name for name in ours if ours[name] != theirs[name]} <= {"manifest.json"}
    again = tdm1sim("repeat", str(well), "--out", str(kept))
    assert again.code == 1
    assert "exists already" in again.err
    onto_itself = tdm1sim("repeat", str(well), "--out", str(well.parent))
    assert onto_itself.code == 1
    assert contents(well) == theirs


def test_a_number_that_moved_is_told_and_ends_with_1(well: Path, tdm1sim: Program) -> None:
    table = (well / "timeseries.csv").read_text()
    rows = table.splitlines()
    cells = rows[-1].split(",")
    at = rows[0].split(",").index("local_conjugate_nM")
    cells[at] = f"{1.25 * float(cells[at]):.6g}"
    (well / "timeseries.csv").write_text("\n".join([*rows[:-1], ",".join(cells)]) + "\n")
    done = tdm1sim("repeat", str(well), "--jobs", "1")
    assert done.code == 1
    assert "Moved by up to 0.2 (relative): beyond the tolerance of 0." in done.out
    assert "local_conjugate_nM" in done.out
    assert "same bytes" in done.out, "the other files"
    assert tdm1sim("repeat", str(well), "--jobs", "1", "--tolerance", "0.3").code == 0
    assert tdm1sim("repeat", str(well), "--jobs", "1", "--tolerance", "0.1", "--quiet") == Ending(1, "", "")


def test_a_text_or_a_row_that_changed_is_beyond_every_tolerance(well: Path, tdm1sim: Program) -> None:
    table = (well / "cells.csv").read_text()
    (well / "cells.csv").write_text(table.replace("surviving", "apoptosis", 1))
    done = tdm1sim("repeat", str(well), "--jobs", "1", "--tolerance", "100")
    assert done.code == 1
    assert "apoptosis -> surviving" in done.out
    (well / "cells.csv").write_text("\n".join(table.splitlines()[:-1]) + "\n")
    done = tdm1sim("repeat", str(well), "--jobs", "1", "--tolerance", "100")
    assert done.code == 1
    assert "25 rows became 26" in done.out
    assert "Moved: rows, texts or files are not the same." in done.out


def test_the_engine_is_the_result_s_unless_asked(well: Path, tdm1sim: Program) -> None:
    assert tdm1sim("repeat", str(well), "--jobs", "1").code == 0
    done = tdm1sim("repeat", str(well), "--jobs", "1", "--engine", "twin")
    assert "Different here: engine numpy -> twin." in done.out
    assert done.code == 0, done.out
    manifest = json.loads((well / "manifest.json").read_text())
    (well / "manifest.json").write_text(json.dumps({**manifest, "engine": "steam"}))
    done = tdm1sim("repeat", str(well))
    assert done.code == 1
    assert "made by the engine 'steam', which this version lacks; choose one with --engine" in done.err


@pytest.fixture
def drawn(well: Path) -> Path:
    """A result with two draws of its uncertain values."""
    resolved = resolve(load_scenario("in_vitro_sk_br_3", small_results.ASKED["in_vitro_sk_br_3"]))
    results = with_model_bands(small_results.results_of("in_vitro_sk_br_3"), resolved, 2)
    results.write(well)
    return well


def test_draws_are_made_again(drawn: Path, tdm1sim: Program) -> None:
    done = tdm1sim("repeat", str(drawn), "--jobs", "1")
    assert (done.code, done.err) == (0, "")
    assert "uncertainty.csv" in done.out
    assert "The same bytes in all 9 files." in done.out


def test_companion_other_draws_are_noticed(drawn: Path, tdm1sim: Program) -> None:
    asked = drawn / "scenario.yaml"
    asked.write_text(asked.read_text() + "parameters:\n  C_M: 60 nM\n")
    done = tdm1sim("repeat", str(drawn), "--jobs", "1")
    assert done.code == 1
    assert any(line.startswith("uncertainty.csv") and "same bytes" not in line for line in done.out.splitlines())


def test_draws_of_a_result_without_its_scenario_are_refused(drawn: Path, tdm1sim: Program) -> None:
    (drawn / "scenario.yaml").unlink()
    done = tdm1sim("repeat", str(drawn), "--jobs", "1")
    assert done.code == 1
    assert "does not hold the scenario as it was asked for" in done.err


def test_what_is_different_here_is_told_and_rounding_then_allowed(well: Path, tdm1sim: Program) -> None:
    manifest = json.loads((well / "manifest.json").read_text())
    manifest |= {"tdm1sim": "0.0.1", "machine": "abacus", "packages": {**manifest["packages"], "numpy": "1.0"}}
    (well / "manifest.json").write_text(json.dumps(manifest))
    summary = json.loads((well / "summary.json").read_text())
    summary["cell_number_ratio"]["mean"] *= 1.0 + 4e-6
    (well / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    done = tdm1sim("repeat", str(well), "--jobs", "1")
    told = " ".join(done.out.split())
    assert "tdm1sim 0.0.1 -> 0.1.0" in told
    assert "machine abacus -> " in told
    assert "numpy 1.0 -> " in told
    assert "Moved by up to 4e-06 (relative): within the tolerance of 1e-05." in told
    assert done.code == 0
    assert tdm1sim("repeat", str(well), "--jobs", "1", "--tolerance", "0").code == 1


def test_json_holds_the_whole_comparison(well: Path, tdm1sim: Program) -> None:
    (well / "readouts.csv").unlink()
    record = json.loads(tdm1sim("repeat", str(well), "--jobs", "1", "--json").out)
    assert record["same_bytes"] is record["within_tolerance"] is False
    assert record["environment"] == {}
    by_name = {file["name"]: file for file in record["files"]}
    assert by_name["readouts.csv"]["note"] == "the result has no such file"
    assert by_name["cells.csv"] == {
        "name": "cells.csv",
        "same_bytes": True,
        "moved": [],
        "note": "",
        "largest": 0.0,
    }


def test_an_edited_scenario_is_noticed(well: Path, tdm1sim: Program) -> None:
    text = (well / "resolved.yaml").read_text()
    (well / "resolved.yaml").write_text(text.replace("seed: 1 ", "seed: 2 "))
    done = tdm1sim("repeat", str(well), "--jobs", "1")
    assert "was changed after the run; it is repeated as it stands now" in done.err
    assert done.code == 1


def test_a_value_that_this_version_does_not_know_is_refused_with_both_versions(well: Path, tdm1sim: Program) -> None:
    text = (well / "resolved.yaml").read_text()
    (well / "resolved.yaml").write_text(text.replace("  kon: ", "  k_phlogiston: 3 1/h\n  kon: "))
    done = tdm1sim("repeat", str(well))
    assert done.code == 1
    assert "there is no parameter 'k_phlogiston'" in done.err
    assert "the result was made by tdm1sim 0.1.0; this is 0.1.0" in done.err


def test_a_value_that_the_result_lacks_is_counted(well: Path, tdm1sim: Program) -> None:
    text = (well / "resolved.yaml").read_text()
    (line,) = [line for line in text.splitlines(keepends=True) if line.startswith("  tau_dying: ")]
    (well / "resolved.yaml").write_text(text.replace(line, ""))
    done = tdm1sim("repeat", str(well), "--jobs", "1")
    assert "Not the same scenario in this version: 1 values of resolved.yaml differ." in done.out
    assert "parameters.tau_dying" in done.out
    assert done.code == 1


@pytest.mark.parametrize("what", ["nothing", "a file", "half"])
def test_what_is_no_result_is_refused(what: str, well: Path, tmp_path: Path, tdm1sim: Program) -> None:
    place = tmp_path / "other"
    if what == "a file":
        place.write_text("x")
    elif what == "half":
        place = copied(well, "half")
        (place / "cells.csv").unlink()
    done = tdm1sim("repeat", str(place))
    assert done.code == 1
    assert ("there is no such folder" if what == "nothing" else "not a whole result folder") in done.err
    assert ("cells.csv" in done.err) == (what != "nothing")


def test_a_tolerance_below_zero_is_a_usage_error(well: Path, tdm1sim: Program) -> None:
    assert tdm1sim("repeat", str(well), "--tolerance", "-1").code == 2


def test_differences_are_relative_and_know_texts() -> None:
    assert repeating.relative("2", "1") == 0.5
    assert repeating.relative("3 nM", "3.3 nM") == pytest.approx(0.3 / 3.3)
    assert repeating.relative("3 nM", "3 uM") == math.inf
    assert repeating.relative("", "0") == math.inf
    assert repeating.relative("nan", "1") == math.inf
    assert repeating.relative("1e-15", "3e-15") == pytest.approx(2e-6), "a balance error is as good as none"
    assert repeating.relative("-1", "1") == 2.0
    found = repeating.tree_moved({"a": {"b": [1, 2]}, "c": None}, {"a": {"b": [1, 3]}, "d": 1})
    assert [(one.name, one.largest) for one in found] == [
        ("a.b.1", pytest.approx(1 / 3)),
        ("c", math.inf),
        ("d", math.inf),
    ]


def test_columns_that_came_or_went_are_told(well: Path) -> None:
    other = copied(well, "other")
    table = pd.read_csv(other / "clones.csv")
    table.assign(extra=1).drop(columns="clone").to_csv(other / "clones.csv", index=False)
    (found,) = [file for file in repeating.folders_compared(well, other) if file.name == "clones.csv"]
    assert found.note == "columns gone: clone; columns added: extra"
    assert found.largest == math.inf


@pytest.mark.slow
@pytest.mark.parametrize("moved", [False, True])
def test_a_fresh_home_and_another_hash_seed_get_the_same_bytes(well: Path, tmp_path: Path, moved: bool) -> None:
    """A process of its own that knows none of our caches; the companion has one number changed and says so."""
    if moved:
        table = well / "timeseries.csv"
        head, first, *rest = table.read_text().splitlines(keepends=True)
        replicate, time, live, *more = first.split(",")
        table.write_text("".join([head, ",".join([replicate, time, str(float(live) + 1.0), *more]), *rest]))
    home = tmp_path / "home"
    home.mkdir()
    caches = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR", "MPLCONFIGDIR", "USERPROFILE"), str(home))
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-m", "tdm1sim", "repeat", str(well), "--jobs", "1"],
        cwd=tmp_path,
        env={**os.environ, **caches, "PYTHONHASHSEED": "12345", "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == int(moved), done.stderr
    assert ("The same bytes in all" in done.stdout) is not moved
