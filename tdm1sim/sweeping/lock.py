"""One process per sweep: a lock that the operating system holds, and lets go whatever ends the process."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tdm1sim.errors import InputError, MachineError

FILE = "lock"
_ATTEMPTS = 10


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, which is made where missing; whoever holds it may also remove the folder.

    Raises
    ------
    InputError
        Another process holds it.
    MachineError
        The folder cannot be made, or its file system cannot lock.
    """
    handle = _taken(folder)
    try:
        yield
    finally:
        os.close(handle)  # which lets go of the lock
        if os.name == "nt":
            with contextlib.suppress(OSError):  # there, no open file can be removed: it is still here, maybe alone
                (folder / FILE).unlink()
                folder.rmdir()


def _taken(folder: Path) -> int:
    for _ in range(_ATTEMPTS):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(folder / FILE, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:
            continue  # removed between the two lines, by a process that has just finished the sweep
        except OSError as error:
            msg = f"cannot make {folder}: {error.strerror or error}; choose another folder with --out DIR"
            raise MachineError(msg) from error
        if not _lock(handle, folder):
            holder = _holder(handle)
            os.close(handle)
            msg = (
                f"another process{holder} is working on this sweep in {folder}; "
                "wait for it, stop it, or choose another folder with --out DIR"
            )
            raise InputError(msg)
        if _still_there(handle, folder):
            os.truncate(handle, 0)
            os.write(handle, f"{os.getpid()}\n".encode())
            return handle
        os.close(handle)
    msg = f"{folder} keeps disappearing; other processes work on the same sweep: give each its own --out DIR"
    raise MachineError(msg)


def _lock(handle: int, folder: Path) -> bool:
    """Take the lock; False where another process has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            # A byte far behind the text: what is locked cannot be read by others.
            os.lseek(handle, 1 << 20, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        msg = (
            f"the file system of {folder} cannot lock files ({error.strerror or error}), so two processes could "
            "spoil one sweep; choose a folder on another disk with --out DIR"
        )
        raise MachineError(msg) from error
    return True


def _holder(handle: int) -> str:
    with contextlib.suppress(OSError):
        text = os.read(handle, 20).decode("ascii", "replace").strip()
        if text.isdecimal():
            return f" (number {text})"
    return ""


def _still_there(handle: int, folder: Path) -> bool:
    """Whether the locked file is the one that the folder holds now: who finishes a sweep removes both."""
    try:
        mine, there = os.fstat(handle), (folder / FILE).stat()
    except OSError:
        return False
    return (mine.st_ino, mine.st_dev) == (there.st_ino, there.st_dev)
