"""Every error a user can meet, with the exit code of the `diary` command.

    DiaryError            1  something is wrong; the message says what to do
    ├── ConfigError       1  mkdocs.yml cannot be used
    ├── ModelError        1  no weights for the embedding model
    ├── PdfError          1  a file that is no PDF, is damaged, locked, empty or too large
    ├── UsageError        2  the command line makes no sense
    ├── DuplicateError    3  the entry is already in the diary
    ├── NotFoundError     4  no such entry
    └── NetworkError      5  another machine did not answer

A message is one or two sentences: what happened, then what to type next.
"""

from __future__ import annotations


class DiaryError(Exception):
    """Base of all errors that are the user's to mend; `exit_code` ends the command."""

    exit_code = 1


class ConfigError(DiaryError):
    """mkdocs.yml is missing, unreadable or holds a value that cannot be used."""


class ModelError(DiaryError):
    """The weights of the embedding model are nowhere to be found, or are damaged."""


class PdfError(DiaryError):
    """A file that is no PDF, is damaged, locked, empty or too large."""


class UsageError(DiaryError):
    """Words on the command line that cannot be understood."""

    exit_code = 2


class DuplicateError(DiaryError):
    """What was to be added is in the diary already."""

    exit_code = 3


class NotFoundError(DiaryError):
    """No entry answers to the name that was given."""

    exit_code = 4


class NetworkError(DiaryError):
    """Another machine could not be reached or refused to answer."""

    exit_code = 5
