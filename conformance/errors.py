"""What can be wrong on our side. A wrong target is never an exception: it is a finding.

ConformanceError
├── UsageError          the command line or the configuration asks for something impossible   exit 2
│   └── DataError       a file of ours or of the user's does not say what its schema requires exit 2
├── RecordingError      a recording that is broken, partial or of another contract            exit 3
└── OutputError         nowhere to write, or the disk is full                                 exit 3
"""

from __future__ import annotations


class ConformanceError(Exception):
    """Base of everything the tool raises on purpose; its text is one sentence fit for a user."""

    exit_code = 5


class UsageError(ConformanceError):
    """The command line, configuration or environment cannot be acted on; nothing was sent."""

    exit_code = 2


class DataError(UsageError):
    """A data file is unreadable or breaks its schema."""

    def __init__(self, file: str, where: str, message: str) -> None:
        super().__init__(f"{file}{': ' + where if where else ''}: {message}")
        self.file = file
        self.where = where


class RecordingError(ConformanceError):
    """A recording cannot be judged: no footer, damaged, or made with another contract."""

    exit_code = 3


class OutputError(ConformanceError):
    """Results cannot be written."""

    exit_code = 3
