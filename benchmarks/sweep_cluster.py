"""A sweep on a Dask cluster of two worker processes, one of them killed in mid-run, against one on this machine alone.

Run with ``python benchmarks/sweep_cluster.py``; it takes the options of ``sweep_killed.py`` and needs the extra
``cluster``. It fails (exit code 1) unless sweep.csv and replicates.csv have the same bytes and each point is in the
journal once. Everything listens on the loopback address only.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sweep_killed import command, compared, kept, options

QUIET = ["--no-dashboard"]


def start(*words: str) -> subprocess.Popen[bytes]:
    """Start a process of Dask, quiet, in a session of its own."""
    silent = subprocess.DEVNULL
    return subprocess.Popen([sys.executable, "-m", *words], stdout=silent, stderr=silent, start_new_session=True)  # noqa: S603


def main() -> int:
    """Print what was found; return the exit code."""
    asked = options(__doc__)
    with tempfile.TemporaryDirectory() as place:
        out, alone, file = Path(place) / "cluster", Path(place) / "alone", Path(place) / "scheduler.json"
        loopback = ["--host", "127.0.0.1", "--port", "0"]
        running = [start("distributed.cli.dask_scheduler", *loopback, "--scheduler-file", str(file), *QUIET)]
        while not file.exists():
            time.sleep(0.1)
        one = ["--nthreads", "1", "--nworkers", "1", "--host", "127.0.0.1", "--scheduler-file", str(file), *QUIET]
        workers = [start("distributed.cli.dask_worker", *one, "--no-nanny") for _ in range(2)]
        running += workers
        try:
            address = json.loads(file.read_text(encoding="utf-8"))["address"]
            words = command(asked, out)
            place_of_jobs = words.index("--jobs")  # those are of this machine
            words[place_of_jobs : place_of_jobs + 2] = ["--cluster", address]
            sweep = subprocess.Popen(words)  # noqa: S603
            while len(kept(out)) < asked.points // 4 and sweep.poll() is None:
                time.sleep(0.05)
            os.kill(workers[0].pid, signal.SIGKILL)
            print(f"one of two workers killed with {len(kept(out))} of {asked.points} points kept", flush=True)
            if sweep.wait():
                return 1
        finally:
            for process in running:
                process.kill()
                process.wait()
        subprocess.run(command(asked, alone), check=True)  # noqa: S603
        return compared(out / "her2_positive-sweep", alone / "her2_positive-sweep", {}, asked.points)


if __name__ == "__main__":
    sys.exit(main())
