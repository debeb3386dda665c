"""What the text of one note is read with: its parser, its link definitions, its footnotes, its formulas."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from paperdiary.mathml import Formulas
from paperdiary.tags import Address
from paperdiary.vault import Links

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

#: a paragraph with more signs than this is no Markdown for Python-Markdown, which would take minutes
_MANY = 4000
_LONG = 200_000
SIGNS = re.compile(r"[\[*_`<!\\$~]")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the text of one note is read with."""

    md: MarkdownIt
    env: dict[str, Any]  #: link definitions, as markdown-it keeps them
    formulas: Formulas | None  #: None where the site draws formulas by itself
    links: Links | None = None
    starts: Collection[str] = ()  #: names of the start tags in the note
    ends: Collection[str] = ()  #: and of the end tags
    used: set[str] = field(default_factory=set)  #: labels of the definitions that links use
    footnotes: Counter[str] = field(default_factory=Counter)  #: how many footnotes have a label
    met: Counter[str] = field(default_factory=Counter)  #: how many of them are written

    @classmethod
    def of(cls, md: MarkdownIt, text: str, links: Links | None, *, drawn: bool) -> Reading:
        """What a text is read with; `drawn` for a site whose formulas are drawn here."""
        names = re.findall(r"<(/?)([A-Za-z][A-Za-z0-9-]*)", text)
        return cls(
            md,
            {},
            formulas=Formulas(text) if drawn else None,
            links=links,
            starts=frozenset(name.lower() for slash, name in names if not slash),
            ends=frozenset(name.lower() for slash, name in names if slash),
        )

    def prepare(self, tokens: Sequence[Token]) -> None:
        """See which definitions are used and which footnotes share a label, before anything is written."""
        self.footnotes.update(t.meta["label"] for t in tokens if t.type == "footnote_open")
        if not self.env.get("references"):
            return
        for token in tokens:
            content = token.meta["row"] if token.type == "tr_open" else token.content
            if token.type in {"inline", "tr_open"} and "[" in content and not is_huge(content):
                self._note_uses(self.parsed(content))

    def parsed(self, content: str) -> list[Token]:
        tokens: list[Token] = []
        self.md.inline.parse(content, self.md, self.env, tokens)
        return tokens

    def _note_uses(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            if token.meta.get("label"):
                self.used.add(str(token.meta["label"]))
            self._note_uses(token.children or ())

    def footnote(self, label: str) -> str:
        """The label of the next footnote that is defined under `label`."""
        self.met[label] += 1
        return self._numbered(label, self.met[label])

    def reference(self, label: str) -> str:
        """The label of the footnote that `[^label]` means here: the next one, or the last."""
        return self._numbered(label, min(self.met[label] + 1, self.footnotes[label]))

    @staticmethod
    def _numbered(label: str, number: int) -> str:
        return f"{label}-{number}" if number > 1 else label

    @property
    def address(self) -> Address | None:
        return self.links.html if self.links else None

    def math(self, latex: str, source: str, display: bool) -> str:
        return self.formulas.html(latex, source, display) if self.formulas else source


def is_huge(content: str) -> bool:
    """True for text that no Markdown parser reads in a reasonable time."""
    return len(content) > _LONG or (len(content) > _MANY and len(SIGNS.findall(content)) > _MANY)
