"""A small result of every kind that a command writes, made once for the tests that read them."""

from __future__ import annotations

from pathlib import Path

from tdm1sim.cli.main import main

WELL = ("--cells", "40", "--set", "run.dt=2 h", "--set", "run.duration=24 h")
BODY = ("--cells", "40", "--replicates", "2", "--set", "run.duration=2 d")
DOSES = ("dose-response", "in_vitro_sk_br_3", "--cells", "40", "--set", "run.dt=4 h", "--at", "8 h")
COMMANDS: dict[str, tuple[str, ...]] = {
    "run": ("run", "her2_positive", *BODY),
    "comparison": ("compare", "her2_positive", "her2_low", *BODY),
    "sweep": ("sweep", "her2_positive", "--vary", "tumour.clones.main.mdr1=1,10", *BODY),
    "dose-response": (
        *(*DOSES, "--cell-line", "sk-br-3", "--cell-line", "jurkat", "--replicates", "2"),
        *("--doses", "0.01:1000:5:log", "--uncertain", "2"),
    ),
    "sensitivity": (
        *("sensitivity", "in_vitro_sk_br_3", *WELL, "--set", "record.readouts=[]", "--trajectories", "2"),
        *("--parameter", "kdm", "--parameter", "C_M", "--parameter", "sigma_her2"),
        *("--output", "live_ratio", "--output", "auc"),
    ),
    "evidence": ("evidence", "--only", "c105"),
}
FOLDERS = {
    "run": "her2_positive",
    "comparison": "her2_positive-vs-her2_low",
    "sweep": "her2_positive-sweep",
    "dose-response": "in_vitro_sk_br_3-dose-response",
    "sensitivity": "in_vitro_sk_br_3-sensitivity",
    "evidence": "evidence",
}


def make(kind: str, place: Path) -> Path:
    """Write a result of a kind below a place and return its folder."""
    assert main([*COMMANDS[kind], "--jobs", "1", "--quiet", "--out", str(place)]) == 0
    return place / FOLDERS[kind]
