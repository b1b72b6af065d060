"""Look-alike results with plausible numbers: figures can be tested and looked at without a simulation."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

STATIONS = {
    "surface_molecules": 2.6e4,
    "endosome_molecules": 6.5e3,
    "lysosome_conjugate_molecules": 8.0e3,
    "lysosome_catabolite_molecules": 5.2e4,
    "dm1_cytosol_nM": 900.0,
    "dm1_tubulin_bound_nM": 840.0,
}


@dataclass(frozen=True)
class FakeResults:
    """The attributes of tdm1sim.results.Results that figures read."""

    summary: dict[str, Any]
    timeseries: pd.DataFrame
    clones: pd.DataFrame
    cells: pd.DataFrame
    flows: pd.DataFrame = field(default_factory=pd.DataFrame)
    traces: pd.DataFrame = field(default_factory=pd.DataFrame)
    readouts: pd.DataFrame | None = None
    manifest: dict[str, Any] = field(default_factory=dict)
    resolved_text: str = ""
    scenario: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """What a synthetic run should look like."""

    name: str = "her2_positive"
    patient: bool = True
    hours: float = 504.0
    every: float = 6.0
    replicates: int = 8
    cells: int = 2000
    dose_every: float | None = 504.0
    kill: float = 0.006
    growth: float = math.log(2.0) / 600.0
    clones: tuple[tuple[str, float, Any, float], ...] = (("main", 1.0, "3+", 1.0),)
    treatment: tuple[dict[str, Any], ...] | None = None
    naked: float = 0.0
    traits: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    population: bool = False
    nk: float = 0.0
    payload: float = 1.0
    seed: int = 1


def build(story: Story) -> FakeResults:
    """Return results for a story."""
    luck = np.random.default_rng(story.seed)
    time = _times(story)
    runs = [_replicate(story, number + 1, time, luck) for number in range(story.replicates)]
    timeseries = pd.concat([run[0] for run in runs], ignore_index=True)
    clones = pd.concat([run[1] for run in runs], ignore_index=True)
    cells = _cells(story, luck)
    return FakeResults(
        summary=_summary(story, timeseries, clones, cells),
        timeseries=timeseries,
        clones=clones,
        cells=cells,
        manifest={
            "tdm1sim": "0.1.0",
            "setting": "patient" if story.patient else "culture",
            "citations": ["scheuher_2023", "maass_2016", "lu_2014"],
        },
        scenario=_scenario(story),
    )


def _times(story: Story) -> np.ndarray:
    """Record times: regular ones, and the ends of the infusions of a patient between them."""
    regular = np.arange(0.0, story.hours + 1e-9, story.every)
    if story.dose_every is None or not story.patient:
        return regular
    return np.union1d(regular, np.arange(0.0, story.hours, story.dose_every) + 1.5)


def _plasma(story: Story, time: np.ndarray) -> np.ndarray:
    total = np.zeros_like(time)
    if story.dose_every is None or not story.patient:
        return total
    for start in np.arange(0.0, story.hours, story.dose_every):
        after = time - start
        total += np.where(after > 0, 62.0 * np.exp(-after / 136.0) + 18.0 * np.exp(-after / 30.0), 0.0)
    return total


def _own_plasma(story: Story, time: np.ndarray, number: int) -> np.ndarray:
    """Plasma of one replicate: in a population each is another patient."""
    return _plasma(story, time) * (1.0 + (0.08 * number if story.population else 0.0))


def _other_columns(table: pd.DataFrame, story: Story, time: np.ndarray) -> None:
    """Antibody with and without drug, DM1 in plasma, shed receptor, activities: the columns at the end."""
    bare = story.naked * np.exp(-time / 600.0)
    conjugate = 6.757 * table["plasma_conjugate_ug_ml"].fillna(0.0)
    late = 1.0 + 1.5 * time / (time + 300.0)  # deconjugation makes naked antibody
    table["plasma_antibody_nM"] = conjugate * late + bare if story.patient else np.nan
    table["plasma_dm1_ng_ml"] = 0.04 * table["plasma_conjugate_ug_ml"] if story.patient else np.nan
    table["plasma_free_dm1_ng_ml"] = 0.07 * table["plasma_dm1_ng_ml"]
    table["local_antibody_nM"] = table["local_conjugate_nM"] * (late if story.patient else 1.0) + 0.9 * bare
    table["local_mean_dar"], table["local_payload_nM"] = 3.0, 0.1
    bound = 20.0 if table["local_antibody_nM"].max() > 0 else 1.0
    table["local_shed_ecd_nM"] = 50.0 * (1.0 - np.exp(-time / 10.0)) * (1.0 + (bound - 1) * np.exp(-time / 50)) / bound
    fallen = 0.8 * (time / 100.0) * np.exp(1.0 - time / 100.0)
    for name, depth in (("pi3k_activity", 0.5), ("proteolysis_activity", 1.0 if "C_T" in story.parameters else 0.0)):
        for ending, fold in (("_p05", 1.15), ("_median", 1.0), ("_p95", 0.6)):
            table[f"{name}{ending}"] = 1.0 - depth * fold * fallen


def _local(story: Story, time: np.ndarray, plasma: np.ndarray, jitter: float) -> np.ndarray:
    if story.dose_every is None:
        return np.zeros_like(time)
    if not story.patient:
        return 1.0 * np.exp(-time / 400.0 * jitter)
    return plasma * 6.757 * (0.004 + 0.2 * (time / 504.0) ** 2 * np.exp(-time / 800.0)) * jitter


def _replicate(story: Story, number: int, time: np.ndarray, luck: np.random.Generator) -> tuple[Any, Any]:
    plasma = _own_plasma(story, time, number)
    jitter = 1.0 + 0.03 * luck.standard_normal()
    dosed = story.dose_every is not None
    effect = (1 - np.exp(-((time / 120.0) ** 2))) * (1.0 if dosed else 0.0)
    parts, live, dead = [], np.zeros_like(time), np.zeros_like(time)
    for name, share, _, resistance in story.clones:
        rate = story.growth - story.kill * effect / resistance * jitter
        start = round(share * story.cells)
        steps = np.concatenate([[0.0], np.cumsum(rate[1:] * np.diff(time))])
        count = np.round(start * np.exp(steps))
        count = np.where(count < 2, 0, count)
        live += count
        lost = story.kill * effect / resistance * count
        dead += np.concatenate([[0.0], np.cumsum(lost[1:] * np.diff(time))])
        parts.append(
            pd.DataFrame({"replicate": number, "time_h": time, "clone": name, "live_cells": count.astype(int)})
        )
    arrested = np.round(0.06 * live * effect)
    multi = np.round(0.22 * live * effect)
    table = pd.DataFrame({"replicate": number, "time_h": time, "live_cells": live.astype(int)})
    cycling = live - arrested - multi
    for phase, part in (("g1", 0.6), ("s", 0.25), ("g2", 0.1), ("m", 0.05)):
        table[phase] = np.round(part * cycling)
    table["arrested"], table["multinucleated"] = arrested, multi
    table["died_apoptosis"] = np.round(0.55 * dead)
    table["died_mitotic_catastrophe"] = np.round(0.45 * dead)
    table["plasma_conjugate_ug_ml"] = plasma if story.patient else np.nan
    table["local_conjugate_nM"] = _local(story, time, plasma, jitter)
    table["died_adcc"] = np.round(story.nk * story.cells * time / story.hours)
    _other_columns(table, story, time)
    _stations(table, story, time, live, jitter)
    return table, pd.concat(parts)


def _stations(table: pd.DataFrame, story: Story, time: np.ndarray, live: np.ndarray, jitter: float) -> None:
    dosed = 0.0 if story.dose_every is None else 1.0
    delays = dict(zip(STATIONS, (10.0, 14.0, 24.0, 60.0, 110.0, 115.0), strict=True))
    for name, peak in STATIONS.items():
        rise = 1 - np.exp(-time / delays[name])
        middle = dosed * story.payload * peak * jitter * rise * np.exp(-time / (story.hours / 1.3 + delays[name]))
        for ending, fold in (("_p05", 0.35), ("_median", 1.0), ("_p95", 2.4)):
            table[f"{name}{ending}"] = np.where(live > 0, fold * middle, np.nan)


def _cells(story: Story, luck: np.random.Generator) -> pd.DataFrame:
    rows = []
    for name, share, her2, resistance in story.clones:
        count = round(share * story.cells)
        receptors = {"3+": 1e6, "2+": 2e5, "1+": 5e4, "0": 1e4}.get(str(her2), 1e6)
        peak = 900.0 * story.payload / resistance * np.exp(0.75 * luck.standard_normal(count))
        if story.dose_every is None:
            peak = np.zeros(count)
        u = luck.random(count)
        apoptosis = u < peak**4 / (peak**4 + 2200.0**4)
        mitotic = ~apoptosis & (luck.random(count) < 0.55 * peak**6 / (peak**6 + 160.0**6)) & (peak > 0)
        fate = np.where(apoptosis, "apoptosis", np.where(mitotic, "mitotic_catastrophe", "surviving"))
        fate = np.where((fate == "surviving") & (luck.random(count) < 0.15), "divided", fate)
        if story.nk:
            fate = np.where((fate == "surviving") & (luck.random(count) < story.nk), "adcc", fate)
        if story.kill > 0.05 and story.dose_every is not None:
            fate = np.where(fate == "surviving", "mitotic_catastrophe", fate)
        band = np.where(peak < 80, "low", np.where(peak > 2200, "high", "intermediate"))
        her2_cells = receptors * np.exp(0.5 * luck.standard_normal(count))
        columns = {"clone": name, "her2_per_cell": her2_cells, "fate": fate, "dm1_peak_nM": peak, "band": band}
        rows.append(pd.DataFrame({**columns, "stage_end": _stages(fate, peak, luck)}))
    cells = pd.concat(rows, ignore_index=True)
    cells.insert(0, "cell_id", [str(i) for i in range(len(cells))])
    cells.insert(1, "parent_id", np.nan)
    cells["birth_h"] = 0.0
    return cells


def _stages(fate: np.ndarray, peak: np.ndarray, luck: np.random.Generator) -> np.ndarray:
    """Stages in which cells ended: more survivors are arrested or multinucleated where there is more DM1."""
    stuck = luck.random(len(fate)) < peak / (peak + 900.0)
    late = np.where(luck.random(len(fate)) < 0.1, "arrested", "multinucleated")
    early = np.where(luck.random(len(fate)) < 0.02, "committed", "cycling")
    stage = np.where((fate == "mitotic_catastrophe") | ((fate == "surviving") & stuck), late, early)
    return np.where(fate == "divided", "committed", stage)


def spanned(mean: float, half: float, top: float = math.inf) -> dict[str, float]:
    """Return mean, low and high."""
    return {"mean": mean, "low": max(mean - half, 0.0), "high": min(mean + half, top)}


def _summary(story: Story, timeseries: pd.DataFrame, clones: pd.DataFrame, cells: pd.DataFrame) -> dict[str, Any]:
    own = cells[cells["fate"] != "divided"]
    last = timeseries[timeseries["time_h"] == timeseries["time_h"].max()]
    ratio = float((last["live_cells"] / story.cells).mean())
    bands: dict[str, Any] = {"low_nM": 80.0, "high_nM": 2200.0}
    for band in ("low", "intermediate", "high"):
        bands[band] = spanned(float((own["band"] == band).mean()), 0.01, 1.0)
    ends = clones[clones["time_h"] == clones["time_h"].max()].groupby("clone")["live_cells"].sum()
    total = max(int(ends.sum()), 1)
    return {
        "scenario": story.name,
        "question": "",
        "seed": story.seed,
        "replicates": story.replicates,
        "duration_h": story.hours,
        "cells_start": story.cells,
        "outcome": "cleared" if ratio == 0 else "completed",
        "fates": {
            fate: spanned(float((own["fate"] == fate).mean()), 0.012, 1.0)
            for fate in ("apoptosis", "mitotic_catastrophe", "adcc", "surviving")
        },
        "cell_number_ratio": spanned(ratio, 0.012),
        "bands": bands,
        "pk": {"cmax_ug_ml": 78.89, "auc_ug_d_ml": 372.8, "half_life_d": 3.938, "trough_ug_ml": 1.613}
        if story.patient and story.dose_every is not None
        else None,
        "clones": {
            name: {"start": spanned(share, 0.005, 1.0), "end": spanned(float(ends[name]) / total, 0.01, 1.0)}
            for name, share, _, _ in story.clones
        },
    }


def _scenario(story: Story) -> dict[str, Any]:
    tree: dict[str, Any] = {
        "name": story.name,
        "tumour": {
            "cells": story.cells,
            "growth": {"doubling": "25 d"},
            "clones": {
                name: {"fraction": share, "her2": her2, "mdr1": 1.0 if resistance == 1 else 10.0}
                for name, share, her2, resistance in story.clones
            },
        },
        "parameters": {"MW": "148 kDa", "kin": "0 pL/h", "C_T": "off", **story.parameters},
    }
    for traits in tree["tumour"]["clones"].values():
        traits.update(story.traits)
    if story.patient:
        tree["patient"] = {"weight": "70 kg"}
        tree["tumour"]["transport"] = {"permeability": "259 um/d", "krogh_radius": "75 um"}
        if story.dose_every is not None:
            tree["treatment"] = [{"drug": "t-dm1", "dose": "3.6 mg/kg", "every": "21 d", "cycles": 1}]
    else:
        tree["culture"] = {"medium": "100 uL", "cells_per_well": 5000 if story.nk else 8000}
        tree["treatment"] = [{"drug": "t-dm1", "concentration": "1 nM", "from": "0 h", "until": "72 h"}]
        tree["record"] = {"readouts": [{"kind": "atp", "at": ["72 h"], "measured": "sk_br_3_t_dm1_72h"}]}
    if story.population:
        tree["patient"]["population"] = True
    if story.treatment is not None:
        tree["treatment"] = list(story.treatment)
    return tree


T_DM1: dict[str, Any] = {"drug": "t-dm1", "dose": "3.6 mg/kg", "every": "21 d", "cycles": 1}


def naked() -> FakeResults:
    """Return a HER2-low patient given trastuzumab alone: no conjugate, no payload."""
    dose = {"drug": "trastuzumab", "dose": "8 mg/kg"}
    low = (("low", 1.0, "1+", 1.0),)
    story = Story(
        name="naked", clones=low, dose_every=None, treatment=(dose,), naked=1300.0, traits={"her2_driven": False}
    )
    return build(story)


def adcc() -> FakeResults:
    """Return a dish with trastuzumab and NK cells, which kill a part of the cells."""
    dose = {"drug": "trastuzumab", "concentration": "2 ug/mL"}
    story = Story(
        name="adcc_assay", patient=False, hours=24.0, every=1.0, dose_every=None, treatment=(dose,), naked=13.8, nk=0.4
    )
    return build(story)


def pertuzumab() -> FakeResults:
    """Return a patient given pertuzumab alone, whose course no column holds."""
    return build(Story(name="pertuzumab", dose_every=None, treatment=({"drug": "pertuzumab", "dose": "12 mg/kg"},)))


def codosing() -> FakeResults:
    """Return a patient given trastuzumab beside T-DM1."""
    both = (T_DM1, {"drug": "trastuzumab", "dose": "8 mg/kg"})
    return build(Story(name="codosing", treatment=both, naked=1300.0))


def t_dxd() -> FakeResults:
    """Return a patient given the other conjugate, in whom HER2-poor cells die of their neighbours' payload."""
    dose = {"drug": "t-dxd", "dose": "5.4 mg/kg", "every": "21 d", "cycles": 1}
    mixed = (("positive", 0.67, "3+", 1.0), ("poor", 0.33, "0", 1.4))
    return build(Story(name="t_dxd", clones=mixed, treatment=(dose,), parameters={"kin": "3.8 pL/h"}))


def cyp3a4_inhibitor() -> FakeResults:
    """Return a patient given a CYP3A4 inhibitor beside T-DM1."""
    both = (T_DM1, {"drug": "cyp3a4_inhibitor", "inhibition": 0.9})
    return build(Story(name="cyp3a4_inhibitor", treatment=both))


def mdr1_inhibitor() -> FakeResults:
    """Return a tumour with much MDR1, and a P-gp inhibitor beside T-DM1."""
    both = (T_DM1, {"drug": "pgp_inhibitor", "inhibition": 0.99})
    return build(Story(name="mdr1_inhibitor", treatment=both, traits={"mdr1": 10.0}))


def pten_deficient() -> FakeResults:
    """Return a tumour without PTEN."""
    return build(Story(name="pten_deficient", traits={"pten": "deficient", "her2_driven": True}))


def trafficking() -> FakeResults:
    """Return a tumour whose lysosomes digest less where there is much DM1."""
    return build(Story(name="impaired_trafficking", parameters={"C_T": "500 nM"}))


def population() -> FakeResults:
    """Return eight patients who handle the drug differently."""
    return build(Story(name="population", population=True))


def patient() -> FakeResults:
    """Return a HER2-positive patient, 21 days, all three fates."""
    return build(Story())


def untreated() -> FakeResults:
    """Return a patient without treatment."""
    return build(Story(name="untreated", dose_every=None))


def cleared() -> FakeResults:
    """Return a patient in whom no simulated cell survives, and whose tables end without living cells."""
    return build(Story(name="cleared", kill=0.08, payload=3.0))


def one_replicate() -> FakeResults:
    """Return a small run with one replicate."""
    return build(Story(name="quick_look", replicates=1, cells=200))


def her2_low() -> FakeResults:
    """Return a HER2-low patient."""
    return build(Story(name="her2_low", clones=(("low", 1.0, "1+", 1.0),), payload=0.2, kill=0.002))


def three_clones() -> FakeResults:
    """Return a mixed tumour over six cycles."""
    mixed = (
        ("sensitive", 0.8, "3+", 1.0),
        ("mdr1_high", 0.05, "3+", 4.0),
        ("her2_loss", 0.15, {"receptors": 1e5, "spread": 0.5}, 2.2),
    )
    return build(Story(name="mixed_resistance", hours=3024.0, clones=mixed, kill=0.004))


def twelve_clones() -> FakeResults:
    """Return a tumour with twelve clones, some with long names."""
    many = tuple(
        (
            f"clone_{i}" + "_with_a_remarkably_long_name_that_no_label_holds" * (i % 4 == 3),
            1 / 12,
            "3+",
            1.0 + 0.15 * i,
        )
        for i in range(12)
    )
    return build(Story(name="twelve_clones", clones=many, hours=1008.0, cells=2400))


def long_run() -> FakeResults:
    """Return two years of untreated growth."""
    return build(Story(name="two_years", hours=17520.0, every=48.0, dose_every=504.0, kill=0.0013))


def attributed(
    *, blockade: float = -0.03, other: float = 0.0, half: float | None = 0.02, driven: bool = True
) -> FakeResults:
    """Return a patient in whom the share of each arm was worked out: parts of effects 0.64, 1.35 and 0.8."""
    results = build(Story() if driven else Story(name="her2_low", clones=(("low", 1.0, "1+", 1.0),)))
    for traits in results.scenario["tumour"]["clones"].values():
        traits["her2_driven"] = driven
    games = {}
    for measure, effect in (("live_cells", 0.64), ("cell_number", 1.35), ("killing", 0.8)):
        shares = {"payload": 1.0 - blockade - other, "blockade": blockade, "adcc": 0.0, "other": other}
        parts = {name: _game_part(share, effect, half if share else 0.0) for name, share in shares.items()}
        left = parts.pop("other")
        games[measure] = {"effect": _around(effect, half), "arms": parts, "other": left}
    results.summary["attribution"] = {"until_h": 504.0, **games.pop("live_cells"), **games}
    return results


def _game_part(share: float, effect: float, half: float | None) -> dict[str, dict[str, float | None]]:
    return {"effect": _around(share * effect, half), "share": _around(share, half)}


def _around(mean: float, half: float | None) -> dict[str, float | None]:
    if half is None:
        return {"mean": mean, "low": None, "high": None}
    return {"mean": mean, "low": mean - half, "high": mean + half}


def culture(*, with_series: bool = True) -> FakeResults:
    """Return a dish of SK-BR-3-like cells, 72 h, with a series of concentrations."""
    story = Story(
        name="in_vitro_sk_br_3",
        patient=False,
        hours=72.0,
        every=1.0,
        replicates=4,
        kill=0.02,
        growth=math.log(2.0) / 37.4,
        clones=(("sk_br_3", 1.0, {"receptors": 1.13e6, "spread": 0.5}, 1.0),),
    )
    results = build(story)
    if not with_series:
        return results
    luck = np.random.default_rng(7)
    rows = []
    for replicate in range(1, 5):
        rows.append((replicate, 72.0, "atp", 0.5, 0.5, np.nan))
        for concentration in np.geomspace(0.003, 100.0, 10):
            value = 0.325 + 0.675 / (1 + (concentration / 0.09) ** 1.3) + 0.012 * luck.standard_normal()
            rows.append((replicate, 72.0, "atp", 1e4 * value, value, concentration))
    columns = ["replicate", "time_h", "readout", "value", "of_untreated", "concentration_nM"]
    return FakeResults(**{**vars(results), "readouts": pd.DataFrame(rows, columns=columns)})


ALL = {
    "patient": patient,
    "untreated": untreated,
    "cleared": cleared,
    "one_replicate": one_replicate,
    "her2_low": her2_low,
    "three_clones": three_clones,
    "twelve_clones": twelve_clones,
    "long_run": long_run,
    "culture": culture,
    "naked": naked,
    "adcc": adcc,
    "pertuzumab": pertuzumab,
    "codosing": codosing,
    "t_dxd": t_dxd,
    "cyp3a4_inhibitor": cyp3a4_inhibitor,
    "mdr1_inhibitor": mdr1_inhibitor,
    "pten_deficient": pten_deficient,
    "trafficking": trafficking,
    "population": population,
    "attributed": attributed,
    "attributed_low": lambda: attributed(blockade=0.0, driven=False),
}
