"""What can be wrong with what we were given, split by who is at fault.

An error carries every problem found, each with file, line and a way to mend it.
What an *agent* does wrong is never an exception: it is a finding.
"""

from __future__ import annotations

from dataclasses import dataclass

BAD_INPUT = 2
"""The exit code for whatever a user can mend in a file or on the command line."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with one input.

    ``line`` and ``column`` count from 1; 0 means that no position is known.
    """

    file: str
    line: int
    message: str
    hint: str = ""
    column: int = 0

    def __str__(self) -> str:
        place = self.file
        if place and self.line:
            place += f":{self.line}" + (f":{self.column}" if self.column else "")
        text = f"{place}: {self.message}" if place else self.message
        return f"{text}\n  hint: {self.hint}" if self.hint else text


class HarnessError(Exception):
    """Bad input; the faces turn it into one clear report and exit status 2.

    Abstract: raise the subclass that names who is at fault.
    """

    problems: tuple[Problem, ...]

    def __init__(self, *problems: Problem) -> None:
        if type(self) is HarnessError:
            raise TypeError("raise SpecError, RecordingError, AgentError or UsageError")
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def at(cls, file: str, line: int, message: str, hint: str = "") -> HarnessError:
        """The error with a single problem."""
        return cls(Problem(file, line, message, hint))


class SpecError(HarnessError):
    """A file that the user writes is wrong: routine, policy, case, world, payload."""


class RecordingError(HarnessError):
    """A file that a recorder wrote cannot be read: recording, cassette, archive."""


class AgentError(HarnessError):
    """An agent cannot be loaded or started; what it *does* wrong is a finding."""


class CredentialError(AgentError):
    """The user's credential for the model is absent, malformed or refused: no live run can do without."""


class UsageError(HarnessError):
    """The command line or the Python API was called in a way that makes no sense."""
