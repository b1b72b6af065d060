"""What remains of a run: tables, a summary and where it all came from; read and written as a result folder."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

READOUTS = ("replicate", "time_h", "readout", "value", "of_untreated", "concentration_nM")
_TABLES = ("timeseries", "clones", "flows", "traces", "cells", "readouts", "uncertainty")
_ON_REQUEST = ("readouts", "uncertainty")
_RUNS = ("*/summary.json", "runs/*/summary.json")
"""Where results of other kinds (a comparison, a dose series) keep whole runs."""
_TEXT = {
    "cell_id": str,
    "parent_id": str,
    "clone": str,
    "band": str,
    "fate": str,
    "cause": str,
    "pten": str,
    "saved_by": str,
    "quantity": str,
}


@dataclass(frozen=True, slots=True)
class Results:
    """One run, all replicates.

    Attributes
    ----------
    summary : dict
        Fates, cell numbers, DM1 levels, pharmacokinetics with 95 % intervals (``summary.json``).
    timeseries, clones, flows, traces, cells : pandas.DataFrame
        The tables of the same names; columns carry their unit in their name.
    readouts : pandas.DataFrame or None
        Assays, with the value relative to the untreated arm; None when the scenario asks for none.
    manifest : dict
        Versions, engine, seed, hash, citations, warnings.
    resolved_text : str
        The complete scenario (``resolved.yaml``).
    scenario : dict
        The same as a plain tree.
    uncertainty : pandas.DataFrame or None
        Bands of ignorance over time (``uncertainty.csv``); None unless asked for.
    asked_text : str
        The scenario as it was asked for (``scenario.yaml``), kept where values were drawn: which ones could be, is not
        seen in a complete scenario. Empty otherwise.
    states : mapping of str to bytes
        Saved states to be written, by path in the folder; they are not read again with the tables.
    """

    summary: dict[str, Any]
    timeseries: pd.DataFrame
    clones: pd.DataFrame
    flows: pd.DataFrame
    traces: pd.DataFrame
    cells: pd.DataFrame
    readouts: pd.DataFrame | None
    manifest: dict[str, Any]
    resolved_text: str
    scenario: dict[str, Any] = field(repr=False)
    uncertainty: pd.DataFrame | None = None
    asked_text: str = field(default="", repr=False)
    states: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def write(self, folder: Path) -> None:
        """Write every file of the result folder but the figures into an existing `folder`."""
        _write_json(folder / "summary.json", self.summary)
        for name in _TABLES:
            table = getattr(self, name)
            if table is not None:
                # Straight into the file: pandas then writes piece by piece, and no text of the whole table is held.
                path = folder / f"{name}.csv"
                table.to_csv(path, index=False, float_format="%.6g", lineterminator="\n", encoding="utf-8")
        (folder / "resolved.yaml").write_bytes(self.resolved_text.encode())
        if self.asked_text:
            (folder / "scenario.yaml").write_bytes(self.asked_text.encode())
        for name, content in self.states.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        _write_json(folder / "manifest.json", self.manifest)

    def clone_tree(self) -> pd.DataFrame:
        """Return where each clone came from, when, and how many of it live: `tdm1sim.lineages.clone_tree`."""
        from tdm1sim.lineages import clone_tree

        return clone_tree(self.cells)

    @classmethod
    def read(cls, folder: str | Path) -> Results:
        """Read a result folder.

        Parameters
        ----------
        folder : path
            As written by `write`.

        Raises
        ------
        InputError
            If the folder does not hold a whole result.
        """
        import pandas as pd

        from tdm1sim.errors import InputError, Problem
        from tdm1sim.scenario import read_plain

        folder = Path(folder)
        wanted = [
            "summary.json",
            "manifest.json",
            "resolved.yaml",
            *(f"{t}.csv" for t in _TABLES if t not in _ON_REQUEST),
        ]
        missing = [name for name in wanted if not (folder / name).is_file()]
        if missing:
            if not folder.exists():
                nothing = "there is no such folder; name the folder that `tdm1sim run` wrote"
                raise InputError([Problem(path="", message=nothing, file=str(folder))])
            inside = sorted(path.parent for pattern in _RUNS for path in folder.glob(pattern))
            runs = f"; runs in it: {', '.join(str(path) for path in inside)}" if inside else ""
            if (folder / "sweep.csv").is_file():
                runs = f"; it is that of a sweep, which `tdm1sim sweep {folder / 'base.yaml'}` runs again"
            raise InputError(
                [
                    Problem(
                        path="",
                        message=f"not a whole result folder of a run: {', '.join(missing)} missing{runs}",
                        file=str(folder),
                    )
                ]
            )
        tables: dict[str, Any] = dict.fromkeys(_TABLES)
        for name in _TABLES:
            path = folder / f"{name}.csv"
            if path.is_file():
                tables[name] = pd.read_csv(path, dtype=_TEXT, keep_default_na=False, na_values=[""])
        resolved = (folder / "resolved.yaml").read_text(encoding="utf-8")
        asked = folder / "scenario.yaml"
        return cls(
            summary=json.loads((folder / "summary.json").read_text(encoding="utf-8")),
            manifest=json.loads((folder / "manifest.json").read_text(encoding="utf-8")),
            resolved_text=resolved,
            scenario=read_plain(resolved),
            asked_text=asked.read_text(encoding="utf-8") if asked.is_file() else "",
            **tables,
        )


def _write_json(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(rounded(content), indent=2, ensure_ascii=False, allow_nan=False)
    path.write_bytes((text + "\n").encode())


def rounded(value: Any) -> Any:
    """Return a tree with every float at six significant digits, as the tables have it; not-a-number becomes None."""
    if isinstance(value, dict):
        return {str(key): rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(inner) for inner in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
