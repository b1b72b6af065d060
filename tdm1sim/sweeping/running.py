"""A sweep from plan to finished points: each kept when it is done; what was kept before is not run again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tdm1sim import precision
from tdm1sim.engine import chosen
from tdm1sim.ensemble import Progress
from tdm1sim.precision import Until
from tdm1sim.results_folder import check
from tdm1sim.sweeping import cluster, ignorance
from tdm1sim.sweeping.identity import identity, sources
from tdm1sim.sweeping.journal import SUFFIX, Journal
from tdm1sim.sweeping.lock import locked
from tdm1sim.sweeping.planning import Sweep
from tdm1sim.sweeping.point import Done, Job, run_point
from tdm1sim.workers import as_done

Stream = Generator[Done, None, None]
Notice = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class How:
    """How a sweep is computed; none of it changes a result but ``engine`` and ``until``.

    Attributes
    ----------
    engine : str
        Engine name.
    jobs : int
        Processes on this machine.
    cluster : str or None
        Address of a Dask scheduler that computes instead.
    until : Until or None
        How precise each point is to be.
    restart : bool
        Throw away what was kept of an unfinished sweep.
    force : bool
        Whether an older finished sweep may be replaced.
    """

    engine: str = "auto"
    jobs: int = 1
    cluster: str | None = None
    until: Until | None = None
    restart: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """A sweep that has been run.

    Attributes
    ----------
    points : tuple of Done
        Every point, in order.
    kept_before : int
        How many jobs (points, and draws of them) were finished before this process began.
    draws : tuple of tuple of Done
        Of each draw every point, in order; empty where nobody asked for draws.
    """

    points: tuple[Done, ...]
    kept_before: int
    draws: tuple[tuple[Done, ...], ...] = ()


def partial_folder(destination: Path) -> Path:
    """Return where the finished points of an unfinished sweep are kept."""
    return destination.with_name(destination.name + SUFFIX)


def check_precision(sweep: Sweep, until: Until | None) -> None:
    """Refuse a quantity that some point does not have; raises `UsageError`."""
    if until is not None:
        for point in sweep.points:
            precision.check(until, point.parameters)


@contextlib.contextmanager
def finished(
    sweep: Sweep, destination: Path, how: How, *, progress: Progress | None = None, notice: Notice | None = None
) -> Iterator[Finished]:
    """Run what is not finished yet and yield all points; what was kept goes when the block ends well.

    Parameters
    ----------
    sweep : Sweep
        From `plan`.
    destination : Path
        The result folder that the caller makes in the block; points are kept beside it until then.
    how : How
        Processes or a cluster, and the rest.
    progress : callable, optional
        Called with points done and to do in this process.
    notice : callable, optional
        Told what a person should know, such as how many points were kept before.

    Raises
    ------
    InputError
        A finished sweep stands there already, another process works on this one, or what was kept belongs to another
        sweep.
    MachineError
        The disk, the memory or the cluster fails; the points finished so far are kept.
    """
    tell = notice or (lambda _: None)
    check(destination, force=how.force)
    check_precision(sweep, how.until)
    folder = partial_folder(destination)
    with locked(folder):
        check(destination, force=how.force)  # the process that held the lock before may have finished it
        journal = Journal(folder, identity(sweep, engines_of(sweep, how.engine), how.until))
        done = journal.open(restart=how.restart)
        before, jobs = len(done), jobs_of(sweep, how)
        if before:
            tell(f"{before} of {len(jobs)} {ignorance.noun(sweep)} were finished before and are kept")
        left = [job for job in jobs if job.number not in done]
        try:
            with contextlib.closing(_computed(left, how, progress, tell)) as stream:
                for one in stream:
                    journal.keep(one)
                    done[one.number] = one
        finally:
            if not done:
                journal.remove()  # nothing is worth keeping
        points = tuple(done[point.number] for point in sweep.points)
        yield Finished(points, before, ignorance.draws_of(sweep, done))
        journal.remove()


def jobs_of(sweep: Sweep, how: How) -> list[Job]:
    """Return the work: a job per point, then one per draw and point."""
    expected = sources() if how.cluster else ""
    engines = engines_of(sweep, how.engine)
    own = [
        Job(point.number, point.parameters, engine, how.until, sources=expected)
        for point, engine in zip(sweep.points, engines, strict=True)
    ]
    return own + ignorance.jobs_of(sweep, engines, expected)


def engines_of(sweep: Sweep, engine: str) -> list[str]:
    """Return the engine of each point, chosen here: it must not depend on what a worker has installed."""
    return [chosen(engine, point.parameters) for point in sweep.points]


def _computed(jobs: Sequence[Job], how: How, progress: Progress | None, notice: Notice) -> Stream:
    """Yield finished points in whatever order they come."""
    if not jobs:
        return
    if how.cluster is not None:
        with cluster.connected(how.cluster, notice) as client:
            yield from _counted(cluster.as_done(client, run_point, jobs), len(jobs), progress)
    elif how.jobs > 1 and len(jobs) > 1:
        yield from _counted(as_done(run_point, jobs, how.jobs), len(jobs), progress)
    else:
        for count, job in enumerate(jobs):
            yield run_point(job, partial(_within, progress, count, len(jobs)) if progress else None)


def _counted(stream: Stream, total: int, progress: Progress | None) -> Stream:
    with contextlib.closing(stream):
        for count, one in enumerate(stream, start=1):
            yield one
            if progress:
                progress(float(count), float(total))


def _within(progress: Progress, count: int, total: int, share: float) -> None:
    progress(count + share, float(total))
