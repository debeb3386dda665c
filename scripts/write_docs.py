"""Write the parts of docs/ that are made from the code: docs/cli.md, docs/configuration.md and docs/reference.md.

What a thing is for stands here where the code does not say it; what there is, is asked of the code. A key, file or
variable that the code has and this script cannot explain ends it with a message.

usage: write_docs.py [--check]

With --check nothing is written; the exit status is 1 where a file is not what it would be.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from paperdiary import embed, entry, export, feeds, fields, frontmatter, init, markers, reduce, sites, template
from paperdiary.bibkeys import NAMES as CITATION_KEYS
from paperdiary.bibrecord import FIELDS, TYPES
from paperdiary.cli import main
from paperdiary.config import public_options
from paperdiary.importing import READS
from paperdiary.page import _THEME_KEYS as THEME_KEYS

ROOT = Path(__file__).resolve().parent.parent
EXIT_CODES = """\
## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | a problem; the message says what to do |
| 2 | words on the command line that make no sense |
| 3 | a duplicate; the existing entry is printed |
| 4 | not found |
| 5 | another machine did not answer |

Messages go to stderr, results to stdout.
"""


def cli() -> str:
    """Every command's help."""
    parts = ["# The `diary` command\n", "Made from `diary --help` by `make docs`.\n", _help(main, "diary")]
    for name in main.list_commands(click.Context(main)):
        command = main.commands[name]
        parts += [f"## diary {name}\n", _help(command, f"diary {name}")]
    return "\n".join([*parts, EXIT_CODES])


def _help(command: click.Command, name: str) -> str:
    names = ["-h", "--help"]
    context = click.Context(command, info_name=name, terminal_width=88, max_content_width=88, help_option_names=names)
    return f"```text\n{command.get_help(context)}\n```\n"


LOOK = """
The look is asked for in the theme's palette: with `primary: paper` the site wears the face of Paper Diary, its logo
and its typefaces; with any other primary colour nothing of the theme changes, and the pages of the diary take its
colours. Your own styles come last, and win:

```yaml
theme:
  name: material
  palette: {scheme: default, primary: paper}   # `scheme: slate` is the night
extra_css: [assets/mine.css]                   # :root { --pd-accent: #14532d; }
```
"""


def configuration() -> str:
    """Every option of the plugin."""
    lines = [
        "# Configuration\n",
        "`mkdocs.yml` is the only configuration. Paper Diary's options stand under its plugin:\n",
        "```yaml\nplugins:\n  - paperdiary:\n      clusters: 12\n```\n",
        "| option | default | what |\n|---|---|---|",
    ]
    for option in public_options():
        choices = option.metadata["choices"]
        what = option.metadata["help"] + (f": {', '.join(f'`{c}`' for c in choices)}" if choices else "")
        lines.append(f"| `{option.name}` | {_default(option.default)} | {what} |")
    return "\n".join([*lines, LOOK])


# -- the reference

#: key of front matter -> what it says; its other names come from the code
FRONT_MATTER = {
    "title": "the title; without it the heading, the bold first line or the file's name",
    "authors": "names, a list or a text with commas",
    "year": "the year it was published",
    "date": "the day it was read, `2025-06-04`",
    "published": "when it was published: a day, a month or a year; `false` makes a draft, as Jekyll has it",
    "arxiv": "its arXiv id, with or without version",
    "doi": "its DOI",
    "url": "its address; the first of several is the one that is shown",
    "kind": "one of {kinds}; without it told by the address",
    "status": "`read` (without a word), `reading` or `queued`",
    "tags": "a list, or a text with commas",
    "description": "a sentence or two; without it the first ones of the note",
    "aliases": "other names by which wikilinks lead here; `alias` as well",
    "draft": "`true`: neither published nor counted",
    "read": "`true` or `false` in place of `status`, or the day it was read",
    "venue": "the journal, conference, site or channel",
    "bibtex": "an entry of BibTeX to be cited with, as it is",
    "incomplete": "`true`: `diary add --complete` fills in what could not be looked up",
    "added": "the day it came into the queue, where that is not `date`",
    "permalink": "another name by which wikilinks lead here, as Obsidian Publish has it",
    "publish": "`false` makes a draft, as Obsidian Publish has it",
    "public": "`false` makes a draft, as Logseq has it",
    "entrytype": "what kind of publication it is, for a bibliography, where `kind` and the other keys do not tell",
    "editors": "names of editors, for a bibliography",
    "surnames": "surnames of several words, and whole names of organisations, among the authors",
    "et_al": "`true`: there are more authors than are named",
    "urldate": "the day a web page was looked at, for a bibliography",
    "keep_case": "words of the title whose capitals a bibliography must keep, or `true` for all",
    "updated": "the day the note changed last, for the feeds",
    "icon": "icon in the navigation, as Material for MkDocs has it",
    "hide": "`navigation`, `toc` or `footer`: what the theme leaves out on the page",
    "template": "a template of the theme for the page",
    "search": "`exclude: true`, as Material for MkDocs has it",
}
#: option of a marker -> what it takes
MARKER_OPTIONS = {
    "topic": "a folder, its last name is enough",
    "cluster": "an id (`c3`) or a name in quotation marks",
    "since": "a year, month or day",
    "until": "a year, month or day",
    "kind": "one of {kinds}",
    "status": "one of {statuses}",
    "limit": "a whole number",
    "view": "`tsne`, `umap`, `pca`",
    "colour": "`cluster`, `topic`, `kind`, `status`, `read`, `published`",
    "height": "120 to 2000 pixels",
    "names": "`yes` or `no`: the clusters' names",
    "tools": "`yes` or `no`: the row of tools",
    "hulls": "`yes` or `no`: lines around the clusters",
    "order": "`yes` or `no`: the order of reading as a line",
    "by": "`topic` or `cluster`",
}
MARKER_SHOWS = {
    "map": "the map",
    "list": "entries that were read, newest first",
    "recent": "the newest of them; the option `recent` of mkdocs.yml says how many",
    "stats": "figures",
    "timeline": "the sum over time",
    "calendar": "reading days",
    "shares": "shares of topics or clusters over time",
}
#: file or folder of a diary -> whose it is, and what it holds; tests/test_docs_examples.py looks that none is left out
FILES = {
    "mkdocs.yml": ("yours", "the only configuration"),
    "atlas.json": ("commit it", "where every entry lies on the map, the clusters and their names; pin a name here"),
    "citations.json": ("commit it", "the citation key of each entry, so that it stays"),
    "prompts/": ("yours", "`describe.md` and `clusters.md`, in place of the prompts that come with the package"),
    "notes/": ("yours", "one Markdown file a note; a folder is a topic; a build never writes here"),
    "notes/index.md": ("yours", "the front page; without it one is made"),
    "notes/.template.md": ("yours", "what `diary add` puts below the front matter"),
    "papers/": ("ignored by git", "PDFs and their text; searched in the terminal, never published"),
    "site/": ("output", "the site; made whole by every build"),
    ".paperdiary/": ("ignored by git", "what can be made again: vectors, parsed notes, the index; may be deleted"),
    ".github/workflows/nightly.yml": ("yours", "builds and publishes every night, on a push and by hand"),
    ".github/workflows/ci.yml": ("yours", "checks a pull request"),
    ".github/workflows/capture.yml": ("yours", "turns an issue with a link into a pull request with a note"),
    ".github/dependabot.yml": ("yours", "keeps the workflows' actions fresh"),
    ".github/ISSUE_TEMPLATE/add.yml": ("yours", "the form of such an issue"),
    ".gitignore": ("yours", "what git leaves out"),
}
#: file of the site -> what it is; anything else in site/ is a page, or a file of yours or of the theme
SITE_FILES = {
    "entries.json": "all entries as data, see [feeds.md](feeds.md)",
    "feed.xml": "the newest entries as Atom; each topic has one of its own",
    "diary.bib": "all entries as BibTeX; each topic and cluster has a file of its own",
    "llms.txt": "what is here, for language models",
    "llms-full.txt": "the text of all notes, for language models",
    "search/": "the files of the search, byte by byte in [search-format.md](search-format.md)",
    "map/embed/": "the map alone, to show elsewhere",
    "assets/paperdiary/": "scripts, styles and the map's data",
    "sitemap.xml": "MkDocs' list of pages, and `sitemap.xml.gz`",
}
VARIABLES = {
    "PAPERDIARY_ARXIV_URL": "a mirror of arXiv's API and PDFs",
    "PAPERDIARY_ARXIV_INTERVAL": "seconds between two requests to it; arXiv itself is asked every 3 seconds at most",
    "PAPERDIARY_DOI_URL": "the resolver of DOIs",
    "PAPERDIARY_YOUTUBE_URL": "where titles of talks are asked",
    "PAPERDIARY_VIMEO_URL": "the same for Vimeo",
    "PAPERDIARY_OPENREVIEW_URL": "OpenReview's API",
    "PAPERDIARY_CACHE": "the folder of kept answers, and of whose turn it is to ask arXiv",
    "PAPERDIARY_MAILTO": "your e-mail address for arXiv and the DOI registrars, who ask for one",
    "HF_HUB_OFFLINE": "`1`: the model hub is never asked",
    "HF_ENDPOINT": "a mirror of the model hub",
    "HF_TOKEN": "your token for the hub, for a model that asks for one",
    "HF_HOME": "where the hub's files are kept; `HF_HUB_CACHE` and `XDG_CACHE_HOME` count as well",
    "EDITOR": 'not read; used in examples such as `$EDITOR "$(diary add 2302.07515)"`',
}
ENTRY_FIELDS = {
    "id": "survives renaming: `arxiv:1706.03762`, `doi:…`, `url:…`, or `note:…` where there is no source",
    "title": "text",
    "kind": "one of {kinds}",
    "url": "the first of its addresses, or null",
    "arxiv": "without version, or null",
    "doi": "in lower case, or null",
    "authors": "a list of names",
    "year": "of publication, or null",
    "date": "the day it was read, `2025-06-04`, or null",
    "status": "one of {statuses}",
    "topic": "the folder of its note, empty at the top",
    "tags": "a list",
    "description": "a sentence or two",
    "note": "path of its file, relative to notes/",
    "line": "where it begins there, from 1",
    "page": "its address in the site, with the anchor where a note has several entries",
    "cluster": "the id of its cluster, once there is a map",
}
WORDS = {
    "read": "the day it was read",
    "date": "the same, where the diary's other dates are",
    "published": "when or where it was published",
    "year": "the year of publication",
    "authors": "names",
    "title": "the title",
    "url": "its address",
    "arxiv": "its arXiv id",
    "doi": "its DOI",
    "more": "links that go with it: code, project, slides",
    "status": "to be read, being read, read",
    "tags": "tags",
    "description": "a sentence about it",
    "kind": "what it is",
    "none": "known, and of no meaning here",
}


def reference() -> str:
    """Every command, option, key, marker, file and variable, each in a line."""
    kinds, statuses = (", ".join(f"`{name}`" for name in names) for names in (entry.KINDS, entry.STATUSES))

    def said(table: Mapping[str, str], name: str) -> str:
        return _explained(table, name).replace("{kinds}", kinds).replace("{statuses}", statuses)

    entry_fields = entry.Entry("", "", "", "", 0, "").as_dict(atlas=True)
    parts = [
        REFERENCE_HEAD,
        "## Commands\n",
        "[cli.md](cli.md) is the help of each in full.\n",
        _table("command | what", ((f"`diary {name}`", _first(c.help)) for name, c in _commands())),
        "## Options of the commands\n",
        _table("option | of | what", _options()),
        "## Options in mkdocs.yml\n",
        "Under `plugins: - paperdiary:`; [configuration.md](configuration.md) says what each does.\n",
        _table("option | default", ((f"`{o.name}`", _default(o.default)) for o in public_options())),
        "## Front matter\n",
        "All of it is optional. Keys are read in any case, with `-`, `_` or a space; others stay as they are.\n",
        _table(
            "key | other names | what", ((f"`{k}`", _aliases(k), said(FRONT_MATTER, k)) for k in front_matter_keys())
        ),
        f"The citation key is read from {_code(CITATION_KEYS)}. A bibliography reads BibTeX's names, {_code(FIELDS)},"
        f" and `entrytype` may be {_code(TYPES)}; [export.md](export.md) has an example.\n",
        "## Words at the head of an entry\n",
        "Without front matter, lines such as `**Date read:** 4th June 2025` say the same. The words are known in"
        " English, Chinese, Japanese and Korean; the English ones:\n",
        _table("says | words", ((said(WORDS, key), _english(names)) for key, names in fields._KEYS.items())),
        "## Markers\n",
        "A comment on a line of its own, on any page under `notes/`: `<!-- diary:map topic=vision height=400 -->`.\n",
        _table(
            "marker | shows | options",
            ((f"`<!-- diary:{n} -->`", said(MARKER_SHOWS, n), _code(m.options)) for n, m in markers.MARKERS.items()),
        ),
        _table(
            "option | takes",
            (
                (f"`{n}`", said(MARKER_OPTIONS, n))
                for n in dict.fromkeys(n for m in markers.MARKERS.values() for n in m.options)
            ),
        ),
        "## Fields of a template\n",
        f"`notes/.template.md` may hold {_code(f'{{{{{name}}}}}' for name in template.FIELDS)};"
        " [adding.md](adding.md#your-own-template) has an example.\n",
        "## An entry in JSON\n",
        "What `--json` prints of each entry. `diary search` adds `rank`, `score`, `semantic`, `keyword` and `passage`,"
        " `diary related` adds `rank` and `similarity`.\n",
        _table("field | value", ((f"`{n}`", said(ENTRY_FIELDS, n)) for n in entry_fields)),
        "## Files of a diary\n",
        _table("path | | what", ((f"`{n}`", who, what) for n, (who, what) in _files().items())),
        "## Files of the site\n",
        _table("path | what", ((f"`{n}`", what) for n, what in SITE_FILES.items())),
        "## Formats\n",
        _table("`diary import` reads | as", ((what, f"`{n}`") for n, what in READS.items())),
        _table("`diary export` writes | what", ((f"`{f.name}`", f.about) for f in export.FORMATS.values())),
        "## Variables of the environment\n",
        _table("variable | what", ((f"`{n}`", said(VARIABLES, n)) for n in variables())),
        "## Places to extend it\n",
        "Each is a dictionary in the code: one function, one line. [guide-extend.md](guide-extend.md) shows how.\n",
        _table("what | dictionary | has", _registries()),
    ]
    return "\n".join(parts)


REFERENCE_HEAD = """\
# Reference

Made from the code by `make docs`. What is explained elsewhere: [exit codes](cli.md#exit-codes), [search
queries](search.md), [what `diary check` finds](check.md), [the address of a view of the
map](site.md#a-view-has-an-address), [keys on the map](site.md#keys), [variables of the
look](guide-extend.md#the-look).
"""


def _explained(table: Mapping[str, str], name: str) -> str:
    if name not in table:
        raise SystemExit(f"write_docs.py: say what `{name}` is, in the table of `{next(iter(table))}`.")
    return table[name]


def _default(value: Any) -> str:
    """A default as YAML has it; none for an empty text."""
    return "" if value == "" else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _table(head: str, rows: Iterable[tuple[str, ...]]) -> str:
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    return "\n".join([f"| {head} |", "|" + "---|" * (head.count("|") + 1), *(f"| {line} |" for line in lines)]) + "\n"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _first(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())


def _commands() -> list[tuple[str, click.Command]]:
    return [(name, main.commands[name]) for name in main.list_commands(click.Context(main))]


def _options() -> Iterable[tuple[str, str, str]]:
    """Options with the commands that have them; one that means the same in several is named once."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, command in [("", main), *_commands()]:
        context = click.Context(command, info_name=name, **main.context_settings)
        for option in command.params:
            if isinstance(option, click.Option):
                shown, help_ = option.get_help_record(context) or ("", "")
                found.setdefault((shown, " ".join(help_.split())), []).append(f"`{f'diary {name}'.strip()}`")
    for (shown, help_), commands in sorted(found.items(), key=lambda item: item[0][0].lstrip("-").lower()):
        yield f"`{shown}`", ", ".join(commands), help_


#: modules in which `meta` is not front matter
_OTHER_META = {
    "blocks", "grammar", "inline", "literal", "pagecache", "reading", "searcher", "shardreader", "shards", "webpage",
}  # fmt: skip


def front_matter_keys() -> list[str]:
    """Every key that the code reads, apart from those of citations."""
    own = ("authors", *(key for names in FIELDS.values() for key in names), *CITATION_KEYS)
    asked = set()
    for module in sorted((ROOT / "paperdiary").glob("*.py")):
        text = module.read_text(encoding="utf-8")
        if module.stem not in _OTHER_META:
            asked |= set(re.findall(r"""(?<!token\.)\bmeta(?:\.get\(|\[)"(\w[\w-]*)\"""", text))
    keys = {*frontmatter.ALIASES.values(), *THEME_KEYS, *asked, "aliases", "read", "kind", "year"}
    missing = sorted(keys - set(FRONT_MATTER) - set(own) - {"editor"})
    for key in missing:
        _explained(FRONT_MATTER, key)
    return [key for key in FRONT_MATTER if key in keys or key in ("publish", "public", "updated", "added", "venue")]


def _english(names: str) -> str:
    return _code(word for word in names.split("|") if word.isascii() and not word.endswith(" s"))


def _aliases(key: str) -> str:
    more = feeds.UPDATED[1:] if key == "updated" else ()
    return _code([*(n for n, canonical in frontmatter.ALIASES.items() if canonical == key and n != key), *more])


def _files() -> dict[str, tuple[str, str]]:
    for name in init.files():
        if not name.startswith("notes/examples/") and name not in FILES:
            raise SystemExit(f"write_docs.py: say what `{name}` is, in FILES.")
    return FILES


def variables() -> list[str]:
    """The variables of the environment that the code reads."""
    text = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "paperdiary").rglob("*.py"))
    found = {n for n in re.findall(r"PAPERDIARY_[A-Z_]*[A-Z]", text) if not n.endswith("_URL")}
    found |= {f"PAPERDIARY_{name}_URL" for name in ("ARXIV", "DOI", "YOUTUBE", "VIMEO", "OPENREVIEW")}
    for name in sorted(found):
        _explained(VARIABLES, name)
    return [n for n in VARIABLES if n in found or n.startswith("HF_")]


def _registries() -> Iterable[tuple[str, str, str]]:
    from paperdiary.importing import IMPORTERS

    shown: list[tuple[str, str, Any]] = [
        ("what turns text into vectors", "`EMBEDDERS` in `embed.py`", embed.EMBEDDERS),
        ("a projection", "`REDUCERS` in `reduce.py`", reduce.REDUCERS),
        ("a site that `diary add` asks", "`LOOKERS` in `sites.py`", sites.LOOKERS),
        ("what `diary import` reads", "`IMPORTERS` in `importing/__init__.py`", IMPORTERS),
        ("what `diary export` writes", "`FORMATS` in `export.py`", export.FORMATS),
        ("a marker", "`MARKERS` in `markers.py`", markers.MARKERS),
    ]
    for what, where, names in shown:
        yield what, where, _code(names)


def pages() -> dict[Path, str]:
    made = {"cli.md": cli(), "configuration.md": configuration(), "reference.md": reference()}
    return {ROOT / "docs" / name: text for name, text in made.items()}


if __name__ == "__main__":
    stale = [path for path, text in pages().items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--check" in sys.argv[1:]:
            print(f"{path.relative_to(ROOT)} is out of date; run `make docs`.", file=sys.stderr)
        else:
            path.write_text(pages()[path], encoding="utf-8")
            print(path.relative_to(ROOT))
    sys.exit(bool(stale) and "--check" in sys.argv[1:])
