"""How fast it is, on this machine, engines side by side: ``tdm1sim bench``. Floor 6."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import tdm1sim
from tdm1sim.benching.ratios import NUMBA, TWO, contest, runners_of
from tdm1sim.benching.report import FULL_ONLY, Report, machine_of
from tdm1sim.benching.sizes import FULL, QUICK, Sizes
from tdm1sim.benching.targets import Finding

__all__ = ["FULL", "QUICK", "Report", "Sizes", "bench"]

Progress = Callable[[float, float], None]


def bench(sizes: Sizes = FULL, progress: Progress | None = None) -> Report:
    """Measure everything once, one thing after the other.

    Parameters
    ----------
    sizes : Sizes
        How large; `FULL` or `QUICK`.
    progress : callable, optional
        Called with steps done and steps in all.

    Returns
    -------
    Report

    Raises
    ------
    MachineError
        A process that was to be measured failed.
    """
    from joblib import cpu_count

    cores, compiles = int(cpu_count()), find_spec("numba") is not None
    begun, machine, sources = time.perf_counter(), machine_of(cores), _sources()
    taking = len(runners_of(sizes, compiles=compiles, cores=cores))
    told = _teller((taking + 1) * sizes.rounds + 5, progress)
    measured = contest(sizes, compiles=compiles, cores=cores, told=told)
    found = dict(measured.findings)
    found["survival_error"] = _survival(sizes)
    told()
    found["ensemble"] = _ensemble(sizes, told, compiles=compiles, cores=cores)
    found |= _processes(sizes, told, compiles=compiles, cores=cores)
    seconds, changed = time.perf_counter() - begun, _sources() != sources
    return Report(sizes, found, measured.speeds, machine, measured.busy, seconds, changed=changed)


def _sources() -> dict[Path, float]:
    """Return when each source of the package was last written."""
    return {path: path.stat().st_mtime for path in Path(tdm1sim.__file__).parent.rglob("*.py")}


def _teller(steps: int, progress: Progress | None) -> Callable[[], None]:
    done = 0

    def told() -> None:
        nonlocal done
        done = min(done + 1, steps)
        if progress:
            progress(done, steps)

    return told


def _survival(sizes: Sizes) -> Finding:
    from tdm1sim.benching.yardstick import survival_error

    return survival_error(sizes.whole_hours)


def _ensemble(sizes: Sizes, told: Callable[[], None], *, compiles: bool, cores: int) -> Finding:
    if not compiles:
        return Finding(None, note=NUMBA)
    if cores < 2:
        return Finding(None, note=TWO)
    from tdm1sim.benching.kernels import ensemble

    return ensemble(sizes, told)


def _processes(sizes: Sizes, told: Callable[[], None], *, compiles: bool, cores: int) -> dict[str, Finding]:
    from tdm1sim.benching import processes

    if not sizes.processes:
        return dict.fromkeys(
            ("whole_run", "bytes_per_cell", "cold_run", "first_compilation", "help"), Finding(None, note=FULL_ONLY)
        )
    found = {"cold_run": processes.cold_run(sizes), "help": processes.help_text(sizes)}
    told()
    if not compiles:
        return found | dict.fromkeys(("whole_run", "bytes_per_cell", "first_compilation"), Finding(None, note=NUMBA))
    found |= processes.whole_run(sizes, min(2, cores))
    told()
    found["first_compilation"] = processes.first_compilation(sizes)
    told()
    return found
