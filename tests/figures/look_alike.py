"""How look-alike results are built from a story: plausible numbers without a simulation."""

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
    uncertainty: pd.DataFrame | None = None


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
        flows=_flows(story, time),
        traces=_traces(story, time, cells),
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
    cells["end_h"] = np.where(cells["fate"] == "surviving", story.hours, story.hours * (1 + cells.index % 7) / 9.0)
    return cells


ARROWS = {
    "entered": 9.3e6,
    "bound": 34.7e6,
    "dissociated": 25.4e6,
    "internalised": 31.5e6,
    "recycled": 22.8e6,
    "sorted_to_lysosome": 8.67e6,
    "pinocytosed": 640.0,
    "conjugate_exocytosed": 3.3e5,
    "catabolite_to_cytosol": 10.1e6,
    "catabolite_exocytosed": 9.2e5,
    "dm1_effluxed": 8.65e6,
    "lost_payload": 1.4e6,
    "shed_receptor": 1.05e6,
    "carried_released": 11.1e6,
    "carried_deconjugated": 9.3e5,
}
"""Molecules per founder cell by the end, where there is a conjugate; columns that figures read."""


def _flows(story: Story, time: np.ndarray) -> pd.DataFrame:
    """Return what took each arrow so far, a little different in each replicate."""
    tables = []
    for number in range(1, story.replicates + 1):
        size = (1.0 + 0.02 * number) * story.payload if story.dose_every is not None else 0.0
        moved = {name: amount * size * time / story.hours for name, amount in ARROWS.items()}
        tables.append(pd.DataFrame({"replicate": number, "time_h": time, **moved}))
    return pd.concat(tables, ignore_index=True)


def _traces(story: Story, time: np.ndarray, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the first 60 founders until they end; those that die of mitosis stop a quarter of their life before."""
    tables = []
    for cell in cells.head(60).itertuples():
        at = time[time <= cell.end_h]
        shape = (at / 100.0) * np.exp(1.0 - at / 100.0)
        stage = np.full(len(at), "cycling", dtype=object)
        if cell.fate == "mitotic_catastrophe":
            stage[at > 0.75 * cell.end_h] = "arrested"
            stage[at > 0.85 * cell.end_h] = "multinucleated"
        rows = {"time_h": at, "cell_id": cell.cell_id, "clone": cell.clone, "stage": stage}
        tables.append(pd.DataFrame({"replicate": 1, **rows, "dm1_cytosol_nM": cell.dm1_peak_nM * shape}))
    return pd.concat(tables, ignore_index=True)


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
