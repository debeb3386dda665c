"""A folder of notes -> its notes under their own names, with the files that they link to."""

from __future__ import annotations

import os
import re
import stat
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from paperdiary.config import Config
from paperdiary.entry import Problem
from paperdiary.errors import DiaryError
from paperdiary.frontmatter import split_front_matter
from paperdiary.importing import bibtex, captions, csl, junk, moved, text, vaults
from paperdiary.importing.draft import Draft, Found, LeftOut, shown
from paperdiary.vault import Vault, names_of


@dataclass
class _Tree:
    """The files of a folder, by path relative to it."""

    root: Path
    tool: vaults.Tool
    files: dict[str, Path] = field(default_factory=dict)
    beside: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  #: folder -> names in it
    left_out: list[LeftOut] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(path: Path, config: Config) -> Found:
    """Every note below a folder as a draft; what is left out is said with its reason."""
    tree = _walk(vaults.look(path.resolve()), config)
    drafts: list[Draft] = []
    items = [_bibliography(tree, file, config) for file in tree.tool.bibliographies]
    others: dict[str, Path] = {}
    for name, file in tree.files.items():
        pure = PurePosixPath(name)
        if pure.suffix.lower() not in (*text.SUFFIXES, *captions.SUFFIXES) or pure.name.startswith("."):
            note = _html(file, name) if pure.suffix.lower() in {".html", ".htm"} else None
            if note:
                drafts.append(note)
            elif file not in tree.tool.bibliographies:
                others[name] = file
            continue
        draft = _draft(tree, pure, file)
        if draft:
            drafts.append(draft)
    found = _with_files(tree, _with_front(drafts), others)
    return replace(found, drafts=(*found.drafts, *(draft for drafts in items for draft in drafts)))


def _bibliography(tree: _Tree, file: Path, config: Config) -> tuple[Draft, ...]:
    """The items of a bibliography that is all there is in the folder."""
    read = csl.read if file.suffix.lower() == ".json" else bibtex.read
    try:
        found = read(file, config)
    except DiaryError as e:
        tree.left_out.append(LeftOut(file, str(e)))
        return ()
    tree.left_out += found.left_out
    tree.problems += found.problems
    return found.drafts


def _html(file: Path, name: str) -> Draft | None:
    try:
        return vaults.html_note(file, name, file.read_bytes()[: text.MOST].decode("utf-8", "replace"))
    except OSError:
        return None


def _with_front(drafts: list[Draft]) -> list[Draft]:
    """Mark what may be the front page: of the index and the README at the top a diary's list first, then the index."""
    top = [d for d in drafts if "/" not in d.name]
    lists = [d for d in top if text.is_month_list((d.data or b"").decode("utf-8", "replace"))]
    named = [d for d in top if PurePosixPath(d.name).stem.lower() in {"index", "readme"}]
    named.sort(key=lambda d: (d not in lists, PurePosixPath(d.name).stem.lower() != "index"))
    chosen = (named or (lists if len(lists) == 1 else []))[:1]
    return [replace(d, front=True) if d in chosen else d for d in drafts]


def _draft(tree: _Tree, pure: PurePosixPath, file: Path) -> Draft | None:
    """The draft of one text file; None where it is left out, for a reason that is kept."""
    reason = junk.by_name(pure)
    if reason:
        tree.left_out.append(LeftOut(file, reason))
        return None
    try:
        data = file.read_bytes()
    except OSError as e:
        message = f"this file cannot be read ({e.strerror}); mend its permissions and import it again."
        tree.problems.append(Problem("error", "unreadable", message, shown(file)))
        return None
    if text.is_binary(data):
        tree.left_out.append(LeftOut(file, "not text"))
        return None
    draft, words = text.make(file, str(pure), data)
    if tree.tool.name and not any(c.isalnum() for c in words):
        tree.left_out.append(LeftOut(file, "empty"))
        return None
    beside = tree.beside[str(pure.parent)]
    reason = (
        ""
        if pure.suffix.lower() in captions.SUFFIXES
        else junk.by_text(pure, words, beside, tree.beside[str(pure.parent.parent)] if len(pure.parts) > 2 else ())
    )
    if reason:
        tree.left_out.append(LeftOut(file, reason))
        return None
    return draft


def _walk(tool: vaults.Tool, config: Config) -> _Tree:
    """All files below a folder. Links that lead out of it or back are left out, and the diary's own folders."""
    root = tool.root
    tree = _Tree(root, tool)
    own = {config.notes, config.site, config.root / "papers"} - {root}

    def unreadable(error: OSError) -> None:
        message = f"this folder cannot be read ({error.strerror}); mend its permissions and import it again."
        tree.problems.append(Problem("error", "unreadable", message, shown(Path(error.filename))))

    seen: set[str] = set()
    for folder, folders, files in os.walk(root, followlinks=True, onerror=unreadable):
        here = Path(folder)
        seen.add(os.path.realpath(folder))
        relative = PurePosixPath(os.path.relpath(folder, root).replace(os.sep, "/"))
        folders[:] = sorted(f for f in folders if _enter(tree, here / f, own, seen))
        tree.beside[str(relative)].update(files, (f"{f}/" for f in folders))
        for name in sorted(files):
            file = here / name
            reason = _no_file(file, root)
            if reason:
                tree.left_out.append(LeftOut(file, reason))
            else:
                tree.files[str(relative / name)] = file
    return tree


def _enter(tree: _Tree, folder: Path, own: set[Path], seen: set[str]) -> bool:
    below = folder.relative_to(tree.root).as_posix().lower()
    reason = junk.folder(folder.name) or tree.tool.out.get(below, "")
    if not reason and folder in own:
        reason = "part of this diary"
    if not reason and folder.is_symlink():
        real = os.path.realpath(folder)
        if real in seen or tree.root.is_relative_to(real):
            reason = "a link that leads back"
        elif not Path(real).is_relative_to(tree.root):
            reason = "a link that leads out of the folder"
    if reason:
        tree.left_out.append(LeftOut(folder, reason))
    return not reason


def _no_file(file: Path, root: Path) -> str:
    """Why this is nothing to read."""
    try:
        if file.is_symlink() and not file.resolve().is_relative_to(root):
            return "a link that leads out of the folder"
        found = file.stat()
    except (OSError, RuntimeError):
        return "a link that leads nowhere"
    if not stat.S_ISREG(found.st_mode):
        return "no file but a device or a pipe"
    return "larger than a note can be" if _is_huge(file.name, found.st_size) else ""


def _is_huge(name: str, size: int) -> bool:
    return size > text.MOST and PurePosixPath(name).suffix.lower() in text.SUFFIXES


def _with_files(tree: _Tree, drafts: list[Draft], others: dict[str, Path]) -> Found:
    """Add the files that the notes link to; the rest is left out."""
    names = {d.source: d.source.relative_to(tree.root).as_posix() for d in drafts}
    known = {**others, **{name: source for source, name in names.items()}}
    vault = _vault(known, drafts, names)
    linked: set[Path] = set()
    whole: list[Draft] = []
    for draft in drafts:
        found: dict[str, Path] = {}
        for link in moved.links((draft.data or b"").decode("utf-8", "replace")):
            file = find(link, names[draft.source], known, vault)
            if file and file.suffix.lower() not in {".canvas", ".base", ".edn"}:
                found[link.path] = file
            elif not link.wiki:
                outside = _outside(tree.root, names[draft.source], link)
                if outside:
                    tree.problems.append(Problem("warning", "link-leads-out", outside, shown(draft.source)))
        linked.update(found.values())
        whole.append(replace(draft, links=tuple(found.items())))
    files = [Draft(file, name, None, role=junk.role(name)) for name, file in others.items() if file in linked]
    rest = [LeftOut(f, junk.other(PurePosixPath(n))) for n, f in others.items() if f not in linked]
    return Found((*whole, *files), (*tree.left_out, *rest), tuple(tree.problems), _name(tree.root))


def _name(root: Path) -> str:
    """The folder's name as a folder of notes; MkDocs leaves out names with a dot in front and `templates`."""
    name = text.servable(root.name.lstrip(".")) or "imported"
    return f"imported-{name}" if name == "templates" else name


def _vault(known: dict[str, Path], drafts: list[Draft], names: dict[Path, str]) -> Vault:
    """The files by the names that links by name have for them, with other names from front matter."""
    others = [(PurePosixPath(n).stem, n) for n in known if PurePosixPath(n).suffix.lower() in text.SUFFIXES]
    for draft in drafts:
        head = (draft.data or b"")[:3000]
        if b"alias" in head and head.lstrip().startswith(b"---"):
            meta = split_front_matter((draft.data or b"").decode("utf-8", "replace"), draft.name)[0]
            others += [(name, names[draft.source]) for name in names_of(meta)]
    return Vault(known, others)


def find(link: moved.Link, name: str, known: dict[str, Path], vault: Vault) -> Path | None:
    """The file that a link in the note `name` means."""
    if link.wiki:
        meant = vault.find(link.path.rstrip("\\"), name)
        return known[meant] if meant else None
    here = os.path.dirname(name)
    for spelling in moved.spellings(link.path):
        for base in ("",) if spelling.startswith("/") else (here,):
            joined = os.path.normpath(os.path.join(base, spelling.lstrip("/").replace("\\", "/")))
            for path in (joined, f"{joined}.md"):
                if path in known:
                    return known[path]
    return None


def _outside(root: Path, name: str, link: moved.Link) -> str:
    """What to say of a link that leaves the folder for a file that is there."""
    if not re.match(r"(?:\./)*\.\.?/", link.path):
        return ""
    for spelling in moved.spellings(link.path):
        joined = os.path.normpath(os.path.join(os.path.dirname(name), spelling))
        if joined.startswith("..") and os.path.lexists(root / joined):
            return f"it links to {spelling}, outside of the folder; import the folder above to bring that along."
    return ""
