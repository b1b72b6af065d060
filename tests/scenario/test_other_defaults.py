"""``resolved.yaml`` holds every value: with every default of the catalogue changed, it resolves to the same numbers."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from tdm1sim.catalogue import Catalogue, load_catalogue
from tdm1sim.catalogue.loader import DATA
from tdm1sim.catalogue.reading import FrozenDict
from tdm1sim.scenario import bundled, load_scenario, resolve
from tdm1sim.scenario.origins import read_origins
from tests.scenario.test_resolution import COMPARATOR, RICH, WELL
from tests.scenario.writing import CULTURE, PATIENT, run, written


def moved(entry: Any) -> Any:
    """A parameter whose every default is another one."""
    values = {setting: 0.9 * value + 1e-4 for setting, value in entry.by_setting.items()}
    return dataclasses.replace(entry, value=0.9 * entry.value + 1e-4, by_setting=FrozenDict(values))


def other_defaults() -> Catalogue:
    """The catalogue with every number of the model, drug, cell line, HER2 class and resistance changed."""
    known, other = load_catalogue(), Catalogue(DATA)
    drugs = {
        name: dataclasses.replace(drug, values=FrozenDict({s: moved(e) for s, e in drug.values.items()}))
        for name, drug in known.drugs.items()
    }
    lines = {
        name: dataclasses.replace(
            line,
            values=FrozenDict({trait: 1.1 * value + 1e-4 for trait, value in line.values.items()}),
            her2_driven=not line.her2_driven,
            pten_deficient=not line.pten_deficient,
        )
        for name, line in known.cell_lines.items()
    }
    classes = {
        name: dataclasses.replace(one, receptors=1.1 * one.receptors, ish="required")
        for name, one in known.her2_classes.items()
    }
    resistance = {
        name: dataclasses.replace(
            one, sets=FrozenDict({k: v if isinstance(v, str) else v + 0.05 for k, v in one.sets.items()})
        )
        for name, one in known.resistance.items()
    }
    other.__dict__.update(
        drugs=FrozenDict(drugs),
        cell_lines=FrozenDict(lines),
        her2_classes=FrozenDict(classes),
        resistance=FrozenDict(resistance),
        parameters=FrozenDict({symbol: moved(entry) for symbol, entry in known.parameters.items()}),
    )
    return other


OTHER = other_defaults()


def repeated(folder: Path, text: str) -> Any:
    path = written(folder, text, "resolved.yaml")
    return resolve(load_scenario(path, catalogue=OTHER), OTHER)


@pytest.mark.parametrize("name", sorted(bundled()))
def test_bundled_scenarios_do_not_follow_new_defaults(tmp_path: Path, name: str) -> None:
    resolved = resolve(load_scenario(name))
    again = repeated(tmp_path, resolved.text)
    assert again.parameters == resolved.parameters
    assert again.tree == resolved.tree


@pytest.mark.parametrize("text", [PATIENT, CULTURE, RICH, WELL, COMPARATOR])
def test_rich_scenarios_do_not_follow_new_defaults(tmp_path: Path, text: str) -> None:
    resolved = run(tmp_path, text)
    again = repeated(tmp_path, resolved.text)
    assert again.parameters == resolved.parameters
    assert again.tree == resolved.tree


def test_companion_the_other_catalogue_changes_every_number_that_nobody_states() -> None:
    known = load_scenario("her2_positive")
    before = resolve(known).parameters
    with pytest.raises(Exception, match="ish"):  # a class decided by its gene now asks for it
        load_scenario("her2_positive", catalogue=OTHER)
    after = resolve(load_scenario("her2_positive", ["tumour.clones.main.ish=amplified"], OTHER), OTHER).parameters
    stated = {"weight", "P", "RK", "doubling"}
    same = {symbol for symbol, value in before.values.items() if after.values[symbol] == value}
    assert same == stated | {"C_T"}, "C_T is off, in both"
    assert after.clones[0].her2 == pytest.approx(1.1e6)


@pytest.mark.parametrize("symbol", ["ke", "CL_trastuzumab", "sigma_her2", "tau_dying"])
def test_companion_a_value_left_out_follows_the_new_default(tmp_path: Path, symbol: str) -> None:
    resolved = run(tmp_path, RICH)
    lines = resolved.text.splitlines(keepends=True)
    (line,) = [line for line in lines if line.startswith(f"  {symbol}: ")]
    again = repeated(tmp_path, resolved.text.replace(line, ""))
    assert again.parameters != resolved.parameters


def test_origins_are_read_back_from_the_comments(tmp_path: Path) -> None:
    resolved = run(tmp_path, RICH, ["run.seed=4"])
    origins = read_origins(resolved.text)
    assert origins["run", "seed"] == "--set"
    assert origins["parameters", "ke"] == "catalogue (calibrated)"
    assert origins["parameters", "C_M"].startswith("x.yaml:")
    assert origins["tumour", "clones", "b", "slc46a3"] == "resistance slc46a3_loss (assumed)"
    assert origins["treatment", 0, "dose"].startswith("x.yaml:")
    lines = [line for line in resolved.text.splitlines()[3:] if "# " in line]
    assert len(origins) == len(lines)
