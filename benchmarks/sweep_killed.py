"""Kill a sweep of 200 points of 8 x 2,000 cells three times, finish it, and compare with one that was left alone.

Run with ``python benchmarks/sweep_killed.py [--points N --cells N --replicates N --duration "21 d" --jobs N]``. The
moments are random with a fixed seed, the first after ten finished points. It fails (exit code 1) unless sweep.csv and
replicates.csv have the same bytes and every point that was finished before a kill was never run again. With the
defaults the work is 2 x 200 x 8 replicates: some minutes on two cores.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tdm1sim import luck

KILLS = 3
FIRST = 10
"""Points that are finished before the first kill."""


def command(asked: argparse.Namespace, out: Path) -> list[str]:
    """Return the command of the sweep."""
    words = ["sweep", "her2_positive", "--vary", f"tumour.clones.*.mdr1=1:100:{asked.points}:log"]
    words += [
        "--cells",
        str(asked.cells),
        "--replicates",
        str(asked.replicates),
        "--set",
        f"run.duration={asked.duration}",
    ]
    words += ["--jobs", str(asked.jobs), "--no-figures", "--quiet", "--out", str(out)]
    return [sys.executable, "-m", "tdm1sim", *words]


def kept(out: Path) -> dict[int, float]:
    """Return the finished points of the unfinished sweep, and how long each took."""
    found = {}
    for path in (out / "her2_positive-sweep.partial" / "points").glob("*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        found[int(content["point"])] = round(float(content["seconds"]), 3)
    return found


def kill_at(count: int, words: list[str], out: Path) -> None:
    """Start the sweep and kill it, and all it started, as soon as this many points are kept."""
    child = subprocess.Popen(words, start_new_session=True)  # noqa: S603
    while len(kept(out)) < count:
        if child.poll() is not None:
            sys.exit(f"the sweep ended (code {child.returncode}) before {count} points were finished")
        time.sleep(0.02)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def options(told: str | None) -> argparse.Namespace:
    """Return the size of the sweep, and the seed of the moments."""
    known = argparse.ArgumentParser(description=told)
    known.add_argument("--points", type=int, default=200)
    known.add_argument("--cells", type=int, default=2000)
    known.add_argument("--replicates", type=int, default=8)
    known.add_argument("--duration", default="21 d")
    known.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    known.add_argument("--seed", type=int, default=1)
    return known.parse_args()


def main() -> int:
    """Print what was found; return the exit code."""
    asked = options(__doc__)
    chance = luck.generator(asked.seed, "moments of killing")
    moments = sorted(int(n) for n in chance.choice(range(FIRST, asked.points - 1), KILLS, replace=False))
    with tempfile.TemporaryDirectory() as place:
        out, alone = Path(place) / "killed", Path(place) / "alone"
        before: dict[int, float] = {}
        for moment in moments:
            kill_at(moment, command(asked, out), out)
            now = kept(out)
            lost = {n for n, seconds in before.items() if now.get(n) != seconds}
            print(f"killed with {len(now)} points kept; lost or run again: {sorted(lost) or 'none'}", flush=True)
            if lost:
                return 1
            before = now
        for where in (out, alone):
            subprocess.run(command(asked, where), check=True)  # noqa: S603
        return compared(out / "her2_positive-sweep", alone / "her2_positive-sweep", before, asked.points)


def compared(one: Path, other: Path, before: dict[int, float], points: int) -> int:
    """Print whether both sweeps have the same tables and each point is in the journal once; return the exit code."""
    same = {name: (one / name).read_bytes() == (other / name).read_bytes() for name in ("sweep.csv", "replicates.csv")}
    with (one / "journal.csv").open(encoding="utf-8") as file:
        journal = [(int(row["point"]), float(row["seconds"])) for row in csv.DictReader(file)]
    once = [n for n, _ in journal] == list(range(1, points + 1))
    untouched = all(dict(journal)[n] == seconds for n, seconds in before.items())
    print(f"same bytes: {same}; each point once: {once}; points finished before the last kill untouched: {untouched}")
    return int(not (all(same.values()) and once and untouched))


if __name__ == "__main__":
    sys.exit(main())
