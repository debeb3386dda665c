"""What every command of `diary` shares: the folder it works in, how much it says, JSON."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from paperdiary.build import Diary
    from paperdiary.config import Config


class Session:
    """What the options before the command's name decide."""

    def __init__(self, directory: Path, verbosity: int) -> None:
        self.directory = directory
        self.verbosity = verbosity

    def config(self) -> Config:
        from paperdiary import config

        return config.load(self.directory)

    def diary(self) -> Diary:
        from paperdiary import build

        return build.read(self.config())

    def say(self, message: str) -> None:
        if self.verbosity >= 0:
            click.echo(message, err=True)

    @contextlib.contextmanager
    def bar(self, label: str, length: int) -> Iterator[Callable[[int], None]]:
        """A progress bar on a terminal, nothing elsewhere."""
        hidden = self.verbosity < 0 or not sys.stderr.isatty()
        with click.progressbar(length=length, label=label, file=sys.stderr, hidden=hidden) as shown:
            yield shown.update


pass_session = click.make_pass_decorator(Session)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_json(value: Any) -> None:
    """Print a value as JSON, for `--json`."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
