"""A result folder is whole or absent: written beside its place, renamed when complete.

Nothing is replaced unless asked, and what is replaced is moved aside first: a crash at any moment leaves the
old folder or the new one on disk.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from tdm1sim.errors import InputError, MachineError

MANIFEST = "manifest.json"
"""The file that says a folder is one of ours."""

_ATTEMPTS = 5
"""How often a swap is tried when other runs put folders into the same place at the same moment."""


def check(destination: Path, *, force: bool) -> None:
    """Refuse, before any work is done, a destination that could not be written in the end.

    Parameters
    ----------
    destination : Path
        The result folder that is to appear.
    force : bool
        Whether an older result folder there may be replaced.

    Raises
    ------
    InputError
        Something stands there already, and may not (without ``force``) or must not (not a result folder) be
        replaced.
    MachineError
        The folder above it cannot be made or written to.
    """
    if os.path.lexists(destination):
        _refuse_standing(destination, force=force)
    above = destination.parent
    while not os.path.lexists(above) and above != above.parent:
        above = above.parent
    if not above.is_dir():
        msg = f"{above} is not a folder, so {destination} cannot be made; choose another with --out DIR"
        raise MachineError(msg)
    if not os.access(above, os.W_OK | os.X_OK):
        msg = f"no permission to write in {above}; choose another folder with --out DIR"
        raise MachineError(msg)


@contextlib.contextmanager
def staged(destination: Path, force: bool) -> Iterator[Path]:
    """Yield a temporary folder that becomes ``destination`` when the block ends well.

    Parameters
    ----------
    destination : Path
        The folder that is to appear; those above it are made where missing.
    force : bool
        Replace an older result folder: it is renamed aside, the new one takes its name, the old one goes.

    Yields
    ------
    Path
        An empty folder beside ``destination``, on the same file system, with a name no other process uses.
        It is removed when the block raises anything, an interrupt from the keyboard included.

    Raises
    ------
    InputError
        As `check`; also when another run made ``destination`` in the meantime.
    MachineError
        The disk is full, or refuses for another reason.
    """
    check(destination, force=force)
    temporary = _beside(destination, "partial")
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
        yield temporary
        _put_in_place(temporary, destination, force=force)
    except OSError as error:
        raise _machine_error(error, destination) from error
    finally:
        # After a successful rename there is nothing left to remove; after anything else nothing may stay.
        shutil.rmtree(temporary, ignore_errors=True)


def _beside(destination: Path, role: str) -> Path:
    """Return a hidden sibling name that tells whose it is and that no other process will choose."""
    return destination.with_name(f".{destination.name}.{role}-{os.getpid()}-{uuid.uuid4().hex[:12]}")


def _refuse_standing(destination: Path, *, force: bool) -> None:
    """Raise InputError unless ``force`` is given and what stands there is a result folder, or empty."""
    if not force:
        msg = (
            f"{destination} exists already; nothing is overwritten unless asked: "
            f"add --force to replace it, or choose another folder with --out DIR"
        )
        raise InputError(msg)
    if not _is_ours(destination):
        msg = (
            f"{destination} is not a result folder of tdm1sim (no {MANIFEST} of ours inside), "
            f"so --force leaves it alone; move it away, or choose another folder with --out DIR"
        )
        raise InputError(msg)


def _is_ours(folder: Path) -> bool:
    """Whether replacing ``folder`` loses nothing but an older result: it has our manifest, or it is empty."""
    if not folder.is_dir():
        return False
    try:
        if next(folder.iterdir(), None) is None:
            return True
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    # The program signs every manifest it writes with its own version, among those of the libraries.
    return isinstance(manifest, dict) and "tdm1sim" in {*manifest, *manifest.get("versions", ())}


def _put_in_place(temporary: Path, destination: Path, *, force: bool) -> None:
    """Rename ``temporary`` to ``destination``; what stands there is renamed aside first and removed last."""
    for _ in range(_ATTEMPTS):
        if not os.path.lexists(destination):
            try:
                temporary.rename(destination)
            except OSError:
                # POSIX refuses to rename over a folder that is not empty: another run was faster.
                if not os.path.lexists(destination):
                    raise
            else:
                return
        _refuse_standing(destination, force=force)
        if _swap(temporary, destination):
            return
    msg = f"{destination} keeps changing: other runs write to the same folder; give each its own --out DIR"
    raise MachineError(msg)


def _swap(temporary: Path, destination: Path) -> bool:
    """Replace ``destination`` by renames; False when another run interfered and nothing was changed."""
    aside = _beside(destination, "old")
    try:
        destination.rename(aside)
    except FileNotFoundError:
        return False
    try:
        temporary.rename(destination)
    except BaseException:
        if not os.path.lexists(destination):
            aside.rename(destination)  # the old result returns to its place
            raise
        # Another run took the place between the two renames. The old result is superseded either way.
        _remove(aside)
        return False
    _remove(aside)
    return True


def _remove(folder: Path) -> None:
    """Remove what was moved aside; of a link only the link, never what it points to."""
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _machine_error(error: OSError, destination: Path) -> MachineError:
    """Return what a person can do about an error of the operating system."""
    reason = error.strerror or str(error)
    where = f" ({error.filename})" if error.filename and str(error.filename) != str(destination) else ""
    return MachineError(
        f"cannot write {destination}: {reason}{where}; no half-written folder was left; "
        f"make room or choose another folder with --out DIR"
    )
