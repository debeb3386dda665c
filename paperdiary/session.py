"""What every command of `diary` shares: the folder it works in, how much it says, JSON."""

from __future__ import annotations

import contextlib
import json
import os
import re
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
            echo(message, err=True)

    @contextlib.contextmanager
    def bar(self, label: str, length: int) -> Iterator[Callable[[int], None]]:
        """A progress bar on a terminal, nothing elsewhere."""
        hidden = self.verbosity < 0 or not sys.stderr.isatty()
        with click.progressbar(length=length, label=label, file=sys.stderr, hidden=hidden) as shown:
            yield shown.update


pass_session = click.make_pass_decorator(Session)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_json(value: Any, indent: int | None = 2) -> None:
    """Print a value as JSON, for `--json`; what a terminal would obey is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    text = _OBEYED.sub(lambda m: m[0] if m[0] in "\t\n" else _escaped(m[0]), text)
    click.echo(text.replace("##[", "#\\u0023[") if _is_runner() else text)


#: control characters, marks that turn text round or cannot be seen, halves of surrogate pairs
_OBEYED = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff\U000e0000-\U000e007f]"
)
_COMMAND = re.compile(r"(?m)^(\s*):(?=:)|(?<=#)#(?=\[)")


def _escaped(sign: str) -> str:
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))


def visible(text: str) -> str:
    """Text that moves no cursor and turns nothing round: such signs are shown, as ␛ or as \\u202e.

    Under GitHub's runner no line of it is a command either (`::add-mask::`, `##[group]`).
    """

    def seen(match: re.Match[str]) -> str:
        sign = match[0]
        if sign in "\t\n":
            return sign
        return chr(0x2400 + ord(sign)) if sign < " " else "␡" if sign == "\x7f" else _escaped(sign)

    return _no_command(_OBEYED.sub(seen, text))


def _no_command(text: str) -> str:
    return _COMMAND.sub(lambda m: f"{m[0]}\u2060", text) if _is_runner() else text


def _is_runner() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


def echo(text: object = "", *, err: bool = False, styled: bool = False) -> None:
    """Print a line that may hold words from notes, names of files, or what another machine said.

    Args:
        styled: what a terminal would obey was taken out before parts of it were set in bold.
    """
    click.echo(_no_command(str(text)) if styled else visible(str(text)), err=err)
