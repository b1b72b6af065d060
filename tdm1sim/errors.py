"""Everything that can go wrong, as one small family: each member knows its exit code.

A person who typed something wrong gets where, what, what is allowed and what to try; never a traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input.

    Attributes
    ----------
    path : str
        Dotted address inside the document (``tumour.clones.main.her2``); empty for the whole file.
    message : str
        What is wrong, naming what was found.
    allowed : str
        What is allowed there; empty when the message says it all.
    suggestion : str
        The nearest known name, or what to try; empty when there is none.
    file : str
        The file as the user named it, or ``--set`` for a command-line override.
    line, column : int
        Position in the file, counted from 1; 0 when the problem has no position.
    """

    path: str
    message: str
    allowed: str = ""
    suggestion: str = ""
    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return ``file:line:column: path: message; allowed; suggestion``."""
        place = self.file
        if self.line:
            place += f":{self.line}:{self.column}"
        head = ": ".join(part for part in (place, self.path) if part)
        text = "; ".join(part for part in (self.message, self.allowed, self.suggestion) if part)
        return f"{head}: {text}" if head else text


class TdmError(Exception):
    """Anything tdm1sim refuses to do; ``exit_code`` is what the command line returns."""

    exit_code = 3


class InputError(TdmError):
    """The input is wrong: exit code 1, with every problem found in one pass."""

    exit_code = 1

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        if isinstance(problems, str):
            problems = [Problem(path="", message=problems)]
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        """Survive the trip back from a worker process."""
        return type(self), (self.problems,)


class UsageError(TdmError):
    """The command line is wrong: exit code 2."""

    exit_code = 2


class MachineError(TdmError):
    """The machine cannot do it (disk, memory): exit code 3."""

    exit_code = 3
