"""Where every draft will lie under notes/. Nothing that exists is overwritten."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from paperdiary import init, onenote, sources
from paperdiary.config import Config
from paperdiary.importing import moved, text
from paperdiary.importing.draft import Draft, Found
from paperdiary.slugs import page_url
from paperdiary.store import has_bytes


class Places:
    """The names under notes/ that are taken, by what is there and by what is planned."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.planned: dict[str, Draft] = {}
        self._papers = Path(os.path.relpath(config.root / "papers", config.notes)).as_posix()
        self.urls = {_url(path) for path in _pages(config.notes)}
        index = config.notes / "index.md"
        self.front_is_free = not index.exists() or has_bytes(index, init.files()["notes/index.md"].encode())
        if self.front_is_free:
            self.urls.discard("")

    def take(self, found: Found) -> tuple[list[Draft], list[Draft]]:
        """(drafts to write, drafts that are there already), each with the name it gets."""
        self._fits = {d.source: _fits_front(d, found) for d in found.drafts if d.front}
        new: list[Draft] = []
        there: list[Draft] = []
        for draft in sorted(self._wishes(found, self._base(found)), key=_order):
            placed = self._front(draft) if draft.name == "index.md" and draft.front else self._place(draft)
            known = not placed.replaces and _is_same(self.config.notes / placed.name, placed)
            (there if known else new).append(placed)
        return new, there

    def _wishes(self, found: Found, base: str) -> list[Draft]:
        """The drafts under the names they would have if nothing stood in their way, with links that fit these."""
        named = [replace(d, name=self._below(base, d) if base else self._name(d)) for d in found.drafts]
        return relink(named, places_of(*named))

    def _below(self, base: str, draft: Draft) -> str:
        return self._name(draft) if draft.role == "paper" else posixpath.join(base, draft.name)

    def _name(self, draft: Draft) -> str:
        if draft.role == "paper":
            return posixpath.join(self._papers, draft.name)
        return "index.md" if self._fits.get(draft.source) else _own_name(draft)

    def _base(self, found: Found) -> str:
        """Nothing, to put a folder's content straight under notes/; its name where a file would collide there."""
        if not found.folder:
            return ""
        here = [self._stands(d) for d in self._wishes(found, "") if not d.front]
        if "other" not in here:
            return ""
        below = [self._stands(d) for d in self._wishes(found, found.folder) if not d.front]
        return "" if here.count("same") and here.count("same") >= below.count("same") else found.folder

    def _stands(self, draft: Draft) -> str:
        """What holds a draft's place: "" for nothing, "same" bytes or "other"."""
        name = draft.name
        if name in self.planned:
            return "same" if _same_bytes(self.planned[name], draft) else "other"
        path = self.config.notes / name
        if os.path.lexists(path):
            return "same" if _is_same(path, draft) else "other"
        return "other" if not draft.loose and _url(name) in self.urls else ""

    def _place(self, draft: Draft) -> Draft:
        """The draft under the first free name: name.md, name-2.md, …"""
        stem, suffix = posixpath.splitext(draft.name)
        name, number = draft.name, 2
        while self._stands(replace(draft, name=name)) == "other":
            name, number = f"{stem}-{number}{suffix}", number + 1
        return self._taken(replace(draft, name=name, wish=draft.name))

    def _taken(self, draft: Draft) -> Draft:
        self.planned.setdefault(draft.name, draft)
        if not draft.loose:
            self.urls.add(_url(draft.name))
        return draft

    def _front(self, draft: Draft) -> Draft:
        """The draft as front page where the diary has none of its own, else under its own name."""
        index = self.config.notes / "index.md"
        if _is_same(index, draft):
            return self._taken(draft)
        if self.front_is_free:
            self.front_is_free = False
            return self._taken(replace(draft, replaces=index.exists()))
        return self._place(replace(draft, name=_own_name(replace(draft, name=text.servable(draft.source.name)))))


def _own_name(draft: Draft) -> str:
    """Its name; at the top index and README are never notes, so there it is that of the folder they come from."""
    stem = posixpath.splitext(draft.name)[0]
    if stem.lower() in {"index", "readme"}:
        return f"{text.servable(draft.source.parent.name.strip('.')) or 'imported'}.md"
    return draft.name if draft.name.lower().endswith(text.MARKDOWN) or draft.loose else f"{stem}.md"


def _fits_front(draft: Draft, found: Found) -> bool:
    """A diary's list does, and a page at the top of a folder; a list of papers is a note with many entries."""
    return _is_diary(draft) or bool(found.folder and not _lists_papers(draft))


def _order(draft: Draft) -> tuple[bool, str, bool, bool, str]:
    """The front page first, then by folder; in each, what has the best claim to an address that two would have."""
    folder, _, name = draft.name.rpartition("/")
    return not draft.front, folder, name != "index.md", draft.source.suffix.lower() != ".md", draft.name


def _url(name: str) -> str:
    return page_url(name, True)


def _pages(root: Path) -> list[str]:
    """The Markdown files under notes/."""
    out: list[str] = []
    for here, folders, files in os.walk(root):
        folders[:] = [f for f in folders if not f.startswith(".")]
        relative = os.path.relpath(here, root).replace(os.sep, "/")
        pages = (f for f in files if f.lower().endswith(text.MARKDOWN) and f.isprintable())
        out += [posixpath.normpath(posixpath.join(relative, file)) for file in pages]
    return out


def _is_same(path: Path, draft: Draft) -> bool:
    """True where the file at `path` holds just what the draft would write."""
    try:
        data = draft.data
        if data is None:
            if not path.is_file() or path.stat().st_size != draft.source.stat().st_size:
                return False
            data = draft.source.read_bytes()
    except OSError:
        return False
    return has_bytes(path, data)


def _same_bytes(one: Draft, other: Draft) -> bool:
    return one.source == other.source and one.line == other.line if one.data is None else one.data == other.data


def _lists_papers(draft: Draft) -> bool:
    """A page that lists papers by their addresses is a note of many entries; one that leads to notes is a page."""
    if _is_diary(draft):
        return False
    note = onenote.parse(draft.data or b"", "list.md")
    web = sum(bool(item.urls) and not _is_local(item.target) for item in note.listed)
    own = [entry for entry in note.entries if entry.url]
    return len(own) >= 2 or (web >= 3 and web > len(note.listed) / 2)


def _is_diary(draft: Draft) -> bool:
    return text.is_month_list((draft.data or b"").decode("utf-8", "replace"))


def _is_local(target: str) -> bool:
    return bool(target) and not sources.is_link(target)


def places_of(*drafts: Draft) -> dict[Path, str]:
    """File -> where it will lie."""
    return {d.source: d.name for d in drafts if d.line == 1}


def relink(drafts: Sequence[Draft], places: Mapping[Path, str]) -> list[Draft]:
    """The notes with their links to files that get another name; every such link is reported."""
    renamed = {source for source, name in places.items() if not str(source).endswith(f"/{name}")}
    return [_relinked(d, places) if renamed & {d.source, *(p for _, p in d.links)} else d for d in drafts]


def _relinked(draft: Draft, places: Mapping[Path, str]) -> Draft:
    if not draft.links or draft.data is None:
        return draft
    raw = draft.data if draft.raw is None else draft.raw
    here = places.get(draft.source, draft.name)
    changed, links = moved.rewrite(raw.decode("utf-8", "replace"), dict(draft.links).get, here, places)
    repairs = tuple(r for r in draft.repairs if r.kind != "link")
    return replace(draft, data=changed.encode() if links else raw, raw=raw, repairs=(*repairs, *links))


def place(config: Config, found: Sequence[Found]) -> tuple[list[Draft], list[Draft]]:
    """(drafts to write, drafts that are there already), with their names and with links that fit them."""
    places = Places(config)
    new: list[Draft] = []
    there: list[Draft] = []
    for one in found:
        placed, known = places.take(one)
        new += placed
        there += known
    late = new
    while late:  # with its links put right, a draft may turn out to be what is there under the name it wished for
        new = relink(new, places_of(*new, *there))
        late = [d for d in new if d.wish not in {"", d.name} and _is_same(config.notes / d.wish, d)]
        new = [d for d in new if d not in late]
        there += [replace(d, name=d.wish) for d in late]
    return list({d.name: d for d in new}.values()), there
