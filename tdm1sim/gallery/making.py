"""A gallery made: every distinct piece of work done once, every entry drawn, files put into a folder. Floor 7."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tdm1sim.errors import InputError, MachineError, UsageError
from tdm1sim.gallery import drawing, index
from tdm1sim.gallery.entry import Entry, Size, Study, Told, Work
from tdm1sim.gallery.table import ENTRIES
from tdm1sim.workers import as_done

Progress = Callable[[float, float], None]
DRAWING = 2.0
"""Cost of drawing an entry, see `tdm1sim.gallery.entry.Work`."""
_MOST_TOLD = 4


def chosen(names: Iterable[str] = ()) -> list[Entry]:
    """Return the entries called so, in the order of the lecture; all of them where no name is given.

    Raises
    ------
    UsageError
        There is no entry of a name.
    """
    wanted = tuple(names)
    for name in wanted:
        if name not in ENTRIES:
            message = f"no such figure in the gallery: {name}; there are: {', '.join(ENTRIES)}"
            raise UsageError(message)
    return [entry for name, entry in ENTRIES.items() if not wanted or name in wanted]


def check(folder: Path, entries: Sequence[Entry], formats: Sequence[str], *, force: bool) -> None:
    """Refuse, before any work is done, a folder that could not be written in the end.

    Raises
    ------
    InputError
        A file that would be written stands there already, and may not be replaced.
    MachineError
        The folder cannot be made or written to.
    """
    above = folder
    while not above.exists() and above != above.parent:
        above = above.parent
    if not above.is_dir():
        message = f"{above} is not a folder, so {folder} cannot be made; choose another with --gallery DIR"
        raise MachineError(message)
    if force:
        return
    files = [f"{entry.name}.{kind}" for entry in entries for kind in (*formats, "md")]
    if not index.is_ours(folder):
        files += [index.MARKDOWN, index.HTML, index.CONTENT]
    standing = [file for file in files if (folder / file).exists()]
    if standing:
        more = f" and {len(standing) - _MOST_TOLD} more" if len(standing) > _MOST_TOLD else ""
        message = (
            f"{folder} has {', '.join(standing[:_MOST_TOLD])}{more} already; nothing is overwritten unless asked: "
            "add --force to replace files of these names (others stay), or choose another folder"
        )
        raise InputError(message)


def make(
    folder: Path,
    entries: Sequence[Entry],
    *,
    formats: Sequence[str] = ("png", "svg"),
    style: str = "slide",
    slides: str = "",
    size: Size | None = None,
    jobs: int = 1,
    force: bool = False,
    progress: Progress | None = None,
) -> list[Told]:
    """Simulate and draw entries into a folder.

    Parameters
    ----------
    folder : Path
        Made when absent; files of other names stay.
    entries : sequence of Entry
        From `chosen`.
    formats : sequence of str
        Of `tdm1sim.figures.FORMATS`.
    style, slides : str
        Style of the figures, and of pictures for slides (empty for none).
    size : Size, optional
        How much is simulated; what each entry chooses where not given.
    jobs : int
        Processes; what comes out does not depend on it.
    force : bool
        Replace files of the same names.
    progress : callable, optional
        Called with what is done and in all, in about seconds of work.

    Returns
    -------
    list of Told
        What is told of each, in the order of `entries`.
    """
    check(folder, entries, formats, force=force)
    size = size or Size()
    studies = {entry.name: entry.source.study(size) for entry in entries}
    works = distinct(studies.values())
    simulating = sum(work.cost for work in works)
    whole = simulating + DRAWING * len(entries)
    found = _done(works, jobs, _part(progress, 0.0, whole))
    with _beside(folder) as staging:
        todo = [
            drawing.Job(
                entry,
                studies[entry.name].gather(found),
                entry.source.command(entry.name, size),
                staging,
                tuple(formats),
                style,
                slides,
            )
            for entry in entries
        ]
        works = [Work(job.entry.name, drawing.drawn, job, DRAWING) for job in todo]
        drawn = _done(works, jobs, _part(progress, simulating, whole))
        told: list[Told] = [drawn[entry.name] for entry in entries]
        _write_words(staging, entries, told)
        index.write(staging, folder, entries, told)
        _put_in_place(staging, folder)
    return told


def distinct(studies: Iterable[Study]) -> list[Work]:
    """Return the work of studies, each piece once, those that take longest first."""
    found: dict[str, Work] = {}
    for study in studies:
        for work in study.works:
            if work.key not in found or found[work.key].cost < work.cost:
                found[work.key] = work
    return sorted(found.values(), key=lambda work: -work.cost)


def _done(works: Sequence[Work], jobs: int, progress: Progress | None) -> dict[str, Any]:
    """Do all work in whatever order it ends; return what came out by its keys."""
    found: dict[str, Any] = {}
    done, whole, costs = 0.0, sum(work.cost for work in works), {work.key: work.cost for work in works}
    if progress:
        progress(0.0, whole)
    with contextlib.closing(as_done(_one, works, jobs)) as stream:
        for key, value in stream:
            found[key] = value
            done += costs[key]
            if progress:
                progress(done, whole)
    return found


def _one(work: Work) -> tuple[str, Any]:
    return work.key, work.do(work.what)


def _part(progress: Progress | None, before: float, whole: float) -> Progress | None:
    return None if progress is None else partial(_told, progress, before, whole)


def _told(progress: Progress, before: float, whole: float, done: float, _: float) -> None:
    progress(before + done, whole)


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """Yield a folder on the same file system as ``folder``, which is gone afterwards whatever happens.

    Raises
    ------
    MachineError
        The disk is full, or refuses for another reason.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.partial-", dir=folder.parent))
    except OSError as error:
        raise _refused(folder, error) from error
    try:
        yield staging
    except OSError as error:
        raise _refused(folder, error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _refused(folder: Path, error: OSError) -> MachineError:
    return MachineError(f"cannot write {folder}: {error.strerror or error}; make room or choose another folder")


def _write_words(folder: Path, entries: Sequence[Entry], told: Sequence[Told]) -> None:
    from tdm1sim.catalogue import load_catalogue

    references: Mapping[str, str] = {key: one.text for key, one in load_catalogue().references.items()}
    for entry, one in zip(entries, told, strict=True):
        text = drawing.page_of(entry, one, references)
        (folder / f"{entry.name}.md").write_text(text, encoding="utf-8", newline="\n")


def _put_in_place(staging: Path, folder: Path) -> None:
    """Move every file into ``folder``, the index last; what else is there stays."""
    folder.mkdir(exist_ok=True)
    files = sorted(staging.iterdir(), key=lambda file: (file.name in {index.MARKDOWN, index.HTML}, file.name))
    for file in files:
        file.replace(folder / file.name)
