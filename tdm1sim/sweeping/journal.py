"""The finished points of an unfinished sweep, each a file that is whole or absent.

A point is written under another name, forced to the disk and renamed; so a process that is killed, or a machine that
loses its power, at any moment leaves only whole points. Each carries the digest of its own content and of the sweep
it belongs to; what does not fit is run again, never used.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tdm1sim.errors import InputError, MachineError
from tdm1sim.sweeping.lock import FILE as LOCK
from tdm1sim.sweeping.planning import digest_of
from tdm1sim.sweeping.point import Done

SUFFIX = ".partial"
IDENTITY = "sweep.json"
POINTS = "points"


class Journal:
    """What is kept of a sweep that is not finished.

    Parameters
    ----------
    folder : Path
        Its place; locked by this process.
    identity : mapping
        What decides the results, by name.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any]) -> None:
        self.folder, self.identity = folder, dict(identity)
        self.digest = digest_of(self.identity)

    def open(self, *, restart: bool) -> dict[int, Done]:
        """Return the points that are finished already.

        Parameters
        ----------
        restart : bool
            Throw them away.

        Raises
        ------
        InputError
            They belong to another sweep; where none is finished, it just begins anew.
        """
        if restart:
            self._empty()
        before = self._identity_before()
        if before != self.identity and not self._kept():
            self._empty()  # another sweep that has nothing yet to lose or to mix
            before = None
        if before is not None and before != self.identity:
            raise InputError(self._refusal(before))
        points = self.folder / POINTS
        try:
            points.mkdir(exist_ok=True)
            if before is None:
                self._write(self.folder / IDENTITY, {"identity": self.identity})
        except OSError as error:
            raise _machine_error(error, self.folder) from error
        found = {}
        for path in sorted(points.iterdir()):
            done = self._read(path)
            if done is None:
                path.unlink()  # a point that was being written when everything stopped
            else:
                found[done.number] = done
        return found

    def keep(self, done: Done) -> None:
        """Keep a finished point; raises `MachineError` where the disk refuses."""
        content = {
            "point": done.number,
            "sweep": self.digest,
            "digest": digest_of(done.result),
            "seconds": done.seconds,
            "result": done.result,
        }
        try:
            self._write(self.folder / POINTS / f"{done.number:06d}.json", content)
        except OSError as error:
            raise _machine_error(error, self.folder) from error

    def remove(self) -> None:
        """Remove everything: the sweep is finished, and its folder holds it all."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _empty(self) -> None:
        """Remove what was kept; first what says whose it is, so that a part of it is never taken for a whole."""
        (self.folder / IDENTITY).unlink(missing_ok=True)
        shutil.rmtree(self.folder / POINTS, ignore_errors=True)
        for path in self.folder.iterdir():
            if path.name != LOCK:
                path.unlink(missing_ok=True)

    def _identity_before(self) -> dict[str, Any] | None:
        """Return whose points are kept; None where there are none yet."""
        path = self.folder / IDENTITY
        if not path.is_file():
            if (self.folder / POINTS).exists():
                self._empty()  # points of nobody: a restart that did not come to its end
            return None
        try:
            found = json.loads(path.read_text(encoding="utf-8"))["identity"]
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return dict(found) if isinstance(found, dict) else {}

    def _kept(self) -> int:
        """Return how many points are kept, of whatever sweep."""
        return sum(1 for _ in (self.folder / POINTS).glob("*.json"))

    def _refusal(self, before: Mapping[str, Any]) -> str:
        changed = [name for name in self.identity if before.get(name) != self.identity[name]]
        kept = self._kept()
        points = "1 finished point" if kept == 1 else f"{kept} finished points"
        return (
            f"{self.folder} holds {points} of another sweep: what differs is {', '.join(changed) or 'something'}; "
            "mixing the two would give a wrong table: add --restart to throw the old points away and begin again, "
            "go back to what it was to continue, or choose another folder with --out DIR"
        )

    def _read(self, path: Path) -> Done | None:
        """Return a point that was kept; None for what is not a whole point of this sweep."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            whole = content["sweep"] == self.digest and content["digest"] == digest_of(content["result"])
            named = path.name == f"{content['point']:06d}.json"
            return Done(content["point"], content["result"], content["seconds"]) if whole and named else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @staticmethod
    def _write(path: Path, content: Mapping[str, Any]) -> None:
        temporary = path.with_name(f"{path.name}.new")
        with temporary.open("wb") as file:
            file.write(json.dumps(content, ensure_ascii=False).encode())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Force a rename to the disk; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _machine_error(error: OSError, folder: Path) -> MachineError:
    reason = error.strerror or str(error)
    return MachineError(
        f"cannot write {folder}: {reason}; points finished so far are kept there. Make room and repeat the command"
    )
