"""What a language model is asked: the reader's own prompts/NAME.md, or the package's, with the placeholders filled in.

Notes are data: each placeholder is filled once, what it is filled with is never looked at again, and the note stands
between two marks that it does not hold.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from paperdiary.config import Config
from paperdiary.errors import ConfigError, UsageError

FOLDER = "prompts"  #: of the diary, beside notes/
#: what may stand between double braces, by prompt; the first one has to
FIELDS = {
    "describe": ("note", "mark", "title", "language", "least", "most"),
    "clusters": ("clusters", "mark", "taken", "language", "least", "most", "count"),
}
_FIELD = re.compile(r"\{\{[ \t]*([A-Za-z_]+)[ \t]*\}\}")
_CUT = re.compile(r"^---[ \t]*$", re.M)
#: bytes of UTF-8 that make a token, about; for English and code a little low, so that the estimate is high
BYTES = 4
OVERHEAD = 12  #: tokens that a request has besides its text


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request."""

    system: str
    text: str

    @property
    def tokens(self) -> int:
        """An estimate of what it will be counted as."""
        return tokens(self.system) + tokens(self.text) + OVERHEAD

    def key(self, model: str) -> str:
        """Under which its answer is kept."""
        whole = "\0".join(("1", model, self.system, self.text))
        return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def again(self, reason: str) -> Prompt:
        """The same request after an answer that was refused."""
        return Prompt(
            self.system, f"{self.text}\nYour last answer was refused: {reason}. Answer again, without that fault."
        )


@dataclass(frozen=True, slots=True)
class Template:
    """The text of a prompt with its placeholders."""

    system: str  #: "" where the file has no line `---`
    text: str

    def fill(self, values: Mapping[str, str]) -> Prompt:
        """The request; `values` has every field of the prompt."""

        def filled(text: str) -> str:
            return _FIELD.sub(lambda m: values[m[1].lower()], text).strip()

        return Prompt(filled(self.system), filled(self.text))


def load(config: Config, name: str) -> Template:
    """The prompt of this name: the diary's own, or the package's.

    Raises:
        ConfigError: it cannot be read, has an unknown placeholder, or lacks the one that it needs.
    """
    own = config.root / FOLDER / f"{name}.md"
    path = own if own.is_file() else Path(__file__).parent / "data" / FOLDER / f"{name}.md"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as e:
        raise ConfigError(f"{path} cannot be read ({e}). Save it as UTF-8, or remove it.") from None
    found = [m.lower() for m in _FIELD.findall(text)]
    known = FIELDS[name]
    for one in found:
        if one not in known:
            raise ConfigError(f"{path}: there is no {{{{{one}}}}}; there are: {', '.join(known)}.")
    if known[0] not in found:
        raise ConfigError(f"{path} does not say where the data goes. Write {{{{{known[0]}}}}} there.")
    above, cut, below = _CUT.split(text, maxsplit=1)[0], _CUT.search(text), ""
    if not cut:
        return Template("", text)
    below = text[cut.end() :]
    if f"{{{{{known[0]}}}}}" not in _FIELD.sub(lambda m: f"{{{{{m[1].lower()}}}}}", below):
        raise ConfigError(f"{path}: {{{{{known[0]}}}}} belongs below the line `---`; above it stand instructions only.")
    return Template(above, below)


def fenced(text: str) -> tuple[str, str]:
    """(mark, the text between two lines of that mark, which is not in it)."""
    mark = "data"
    while mark == "data" or mark in text:
        mark = "data-" + hashlib.blake2b(f"{mark}{text}".encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
    return mark, f"{mark}\n{text}\n{mark}"


def tokens(text: str) -> int:
    """An estimate of how many tokens a text is: one for every four bytes of UTF-8."""
    return math.ceil(len(text.encode("utf-8", "surrogatepass")) / BYTES)


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in whatever the reader pays in."""

    asked: float
    answered: float

    def of(self, asked: int, answered: int) -> float:
        return (asked * self.asked + answered * self.answered) / 1e6


def price(text: str, where: str) -> Price | None:
    """A price as readers write it, "0.15,0.60"; None for "".

    Raises:
        UsageError: it is none.
    """
    if not text.strip():
        return None
    parts = [p.strip() for p in text.split(",")]
    try:
        given = [float(p) for p in parts]
    except ValueError:
        given = []
    if len(given) != 2 or not all(math.isfinite(g) and 0 <= g < 1e9 for g in given):
        raise UsageError(
            f"{where} {text} is no price. Write what a million tokens cost, those asked and those answered: 0.15,0.60."
        )
    return Price(*given)


def amount(cost: float) -> str:
    """A cost with two digits that say something: 0.0021, 0.37, 12.50."""
    if cost and cost < 0.1:
        return f"{cost:.{min(1 - math.floor(math.log10(cost)), 9)}f}"
    return f"{cost:.2f}"
