"""Compiled runs in a process, and with a cache, of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

WHERE = "TDM1SIM_CACHE"
HERE = Path(__file__).resolve().parents[2]

RUN = """
import json, sys
from tests.compiled.lived import run
from tests.compiled.runs import RUNS
out = []
for name in sys.argv[1:]:
    case, _, engine = name.partition("@")
    done = run(RUNS[case], engine)
    out.append([sorted(done.lives), done.record.timeseries, done.record.flows, done.record.counts])
print(json.dumps(out))
"""
PINNED = """
import tdm1sim.engine.compiled.cache as cache
cache.source_hash = lambda: "whatever"
"""
"""What a cache named by nothing would do."""


def copy_of_package(folder: Path) -> Path:
    """Copy package and tests, to be edited."""
    for name in ("tdm1sim", "tests"):
        shutil.copytree(HERE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(HERE / "scenarios", folder / "scenarios")
    return folder


def results_in(package: Path, cache: Path, *cases: str, before: str = "", **variables: str) -> Any:
    """Run cases, each ``name@engine``, in another process; return lineage names, tables and counts of each."""
    environment = {**os.environ, "PYTHONPATH": str(package), "XDG_CACHE_HOME": str(cache), **variables}
    for name in ("NUMBA_CACHE_DIR", WHERE):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", before + RUN, *cases],
        capture_output=True,
        text=True,
        check=False,
        cwd=package,
        env=environment,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)
