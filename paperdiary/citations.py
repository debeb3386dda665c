"""An entry as BibTeX and as a citation in words.

The key is "moor2019compost": family name, year, first word of the title, in ASCII, since BibTeX reads no other. A
reader who has keys already writes `citation_key` (or `citekey`, `key`) into the front matter; a whole `bibtex` entry
that stands there is given as it is.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from paperdiary import maths, shown, tidy
from paperdiary.entry import Entry, Note

LONGEST_KEY = 60
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
KEYS = ("citation_key", "citation-key", "citationkey", "citekey", "bibkey", "key")
#: fields of front matter that BibTeX has as well, by the name that they get
_KNOWN = {
    "journal": ("journal", "journaltitle"),
    "booktitle": ("booktitle", "conference", "proceedings"),
    "publisher": ("publisher",),
    "school": ("school", "institution"),
    "edition": ("edition",),
    "volume": ("volume",),
    "number": ("number", "issue"),
    "pages": ("pages",),
    "isbn": ("isbn",),
}
_JOURNAL = re.compile(
    r"\b(?:journal|transactions|letters|review|annals|nature|science|cell|plos|magazine|jmlr|tmlr|pnas)\b", re.I
)
_HOW = {"blog": "Blog post", "talk": "Talk", "code": "Software", "note": "Note"}
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
}  # fmt: skip
_LETTERS = str.maketrans({
    "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i",
})  # fmt: skip
_LITTLE = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be by can do does for from how in into is it its more need of on or over the their this to"
        " toward towards under via we what when where which why with without you your",
    )
)
_GROUP = re.compile(
    r"\b(?:team|group|lab|labs|collaboration|consortium|project|foundation|institute|university|inc|ltd|llc|gmbh)\b",
    re.I,
)
_SUFFIX = re.compile(r"(?P<name>.+?),?\s+(?P<suffix>Jr\.?|Sr\.?|II|III|IV)$")
_WHOLE = re.compile(r"\s*@(?P<type>[A-Za-z]+)\s*\{\s*(?P<key>[^\s,{}]+)\s*,.*\}\s*$", re.S)


def keys(notes: Iterable[Note]) -> dict[str, str]:
    """Entry id -> citation key; no two are the same.

    The reader's own keys come first, then those who were read first keep theirs, so that a new entry changes no key
    that is in use somewhere.
    """
    out: dict[str, str] = {}
    taken: set[str] = set()
    rest: list[Entry] = []
    for note in notes:
        for entry in note.entries:
            own = _own_key(note.meta) if len(note.entries) == 1 else ""
            if entry.id in out:
                continue
            if own and own.lower() not in taken:
                out[entry.id] = own
                taken.add(own.lower())
            else:
                rest.append(entry)
    for entry in sorted(rest, key=lambda e: (e.date or "9999", e.id)):
        if entry.id not in out:
            out[entry.id] = next(k for k in _candidates(entry) if k.lower() not in taken)
            taken.add(out[entry.id].lower())
    return out


def key_of(entry: Entry) -> str:
    """The key that an entry has where no other one has it."""
    return next(_candidates(entry))


def _own_key(meta: Mapping[str, Any]) -> str:
    """The key that the reader gave, without the signs that would end it."""
    given = next((str(meta[name]) for name in KEYS if isinstance(meta.get(name), (str, int)) and meta[name]), "")
    whole = _WHOLE.match(str(meta.get("bibtex") or ""))
    return re.sub(r"[\s,{}()\"#%~\\'=@]|[^\x20-\x7e]", "", whole["key"] if whole else given)[:LONGEST_KEY]


def _candidates(entry: Entry) -> Iterator[str]:
    """Keys from short to certain: name, year and a word; two words, three; and a hash of the entry's id."""
    family = _ascii(_family(entry.authors[0])) if entry.authors else ""
    words = [w for part in re.findall(r"[\w’'-]+", shown.plain(entry.title)) if (w := _ascii(part)) not in _LITTLE]
    words = [w for w in words if w]
    head = f"{family}{entry.year or ''}"
    for count in (1, 2, 3):
        out = f"{head}{''.join(words[:count])}"[: LONGEST_KEY - 7]
        if re.search("[a-z]", out):
            yield out
    digest = hashlib.blake2b(entry.id.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    base = f"{head}{words[0] if words else ''}"[: LONGEST_KEY - 7] or "entry"
    for size in (6, 16):
        yield f"{base}-{digest[:size]}"


def _family(name: str) -> str:
    """The family name: before the comma, else the last word that is no suffix."""
    if "," in name:
        return name.split(",")[0]
    if _GROUP.search(name):
        return name
    found = _SUFFIX.match(name)
    words = (found["name"] if found else name).split()
    return words[-1] if words else ""


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return re.sub(r"[^a-z0-9]", "", plain.encode("ascii", "ignore").decode().lower())


# -- BibTeX


def bibtex(entry: Entry, key: str = "", meta: Mapping[str, Any] | None = None) -> str:
    r"""The entry in BibTeX: Unicode as it is, LaTeX's own signs escaped, formulas kept, capitals in braces.

    Args:
        key: from `keys`; empty for the one made of this entry alone.
        meta: front matter of its note, where the note is this one entry.

    >>> print(bibtex(Entry("x", "Heat & BERT", "paper", "x.md", 1, "x/", authors=("Ada Moor",), year=2019)))
    @misc{moor2019heat,
      title = {Heat \& {BERT}},
      author = {Ada Moor},
      year = {2019},
    }
    """
    meta = meta or {}
    given = _WHOLE.match(str(meta.get("bibtex") or ""))
    if given and _balanced(given[0]):
        return str(meta["bibtex"]).strip()
    known = _known(meta)
    fields: dict[str, str] = {"title": _title(entry.title)}
    if entry.authors:
        fields["author"] = " and ".join(_person(name) for name in entry.authors)
    if entry.year:
        fields["year"] = str(entry.year)
    fields |= {name: value if name == "pages" else escaped(value) for name, value in known.items()}
    if entry.arxiv:
        fields |= {"eprint": entry.arxiv, "archiveprefix": "arXiv"}
    if entry.doi and not _is_arxiv(entry.doi):
        fields["doi"] = entry.doi
    if entry.kind in _HOW:
        fields["howpublished"] = _HOW[entry.kind]
    if entry.url:
        fields["url"] = _address(entry.url)
    if entry.kind in {"blog", "code"} and entry.date and entry.url:
        fields["urldate"] = entry.date
    month = re.fullmatch(r"\d{4}-(\d\d).*", entry.published or "")
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    if month and 1 <= int(month[1]) <= 12 and entry.year:
        at = next(n for n, line in enumerate(lines) if line.startswith("  year"))
        lines.insert(at + 1, f"  month = {MONTHS[int(month[1]) - 1]},")
    return "\n".join([f"@{_type(entry, known)}{{{key or _own_key(meta) or key_of(entry)},", *lines, "}"])


def _type(entry: Entry, known: Mapping[str, str]) -> str:
    if entry.kind == "book":
        return "book"
    if entry.kind != "paper":
        return "misc"
    if "booktitle" in known:
        return "inproceedings"
    if "school" in known:
        return "phdthesis"
    return "article" if "journal" in known or (entry.doi and not _is_arxiv(entry.doi)) else "misc"


def _is_arxiv(doi: str) -> bool:
    return doi.lower().startswith("10.48550/")


def _known(meta: Mapping[str, Any]) -> dict[str, str]:
    """Where it was published, as far as the front matter says; `venue` can be either."""
    out = {}
    for name, aliases in _KNOWN.items():
        value = next((meta[a] for a in aliases if isinstance(meta.get(a), (str, int)) and meta[a]), None)
        text = tidy.clean(str(value), 300) if value is not None and not isinstance(value, bool) else ""
        if text:
            out[name] = re.sub(r"[^\w,.:–-]", "", text).replace("–", "--") if name == "pages" else text
    venue = meta.get("venue")
    if isinstance(venue, str) and venue.strip() and not {"journal", "booktitle"} & out.keys():
        out["journal" if _JOURNAL.search(venue) else "booktitle"] = tidy.clean(venue, 300)
    return out


def escaped(text: str) -> str:
    """A text in which LaTeX finds nothing to do, except in its formulas."""
    return "".join(part if latex and _is_safe(part) else _literal(part) for part, latex in maths.parts(_line(text)))


def _line(text: str) -> str:
    return " ".join(tidy.INVISIBLE.sub("", text).split())


def _literal(text: str) -> str:
    return "".join(_SPECIAL.get(sign, sign) for sign in text)


def _is_safe(formula: str) -> bool:
    """A formula between dollars that can end neither its field nor the entry."""
    return formula.startswith("$") and _balanced(formula) and "%" not in formula and "\\input" not in formula


def _balanced(text: str) -> bool:
    """BibTeX counts every brace, an escaped one too."""
    depth = 0
    for sign in text:
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
    return depth == 0


def _title(title: str) -> str:
    """A title whose capitals stay: BibTeX's styles write what stands outside of braces in lower case."""
    line = _line(title)
    words = re.findall(r"[^\W\d_]{4,}", line)
    sentence = sum(w[0].isupper() for w in words) * 2 <= len(words)  # "On the heat of compost in Bergen"
    out, start = [], True
    for part, latex in maths.parts(line):
        if latex and _is_safe(part):
            out.append(part)
            start = False
            continue
        for token in re.findall(r"\w[\w’'.-]*\w|\w|\s+|[^\w\s]", part):
            if re.match(r"\w", token):
                out.append("-".join(_kept(w, sentence and not start) for w in token.split("-")))
                start = False
            else:
                out.append(_literal(token))
                start = start or token in ":?!."
    return "".join(out)


def _kept(word: str, name: bool) -> str:
    """A word, in braces where a capital means something: acronyms, single letters, names in running text."""
    inner = any(c.isupper() for c in word[1:])
    single = len(word) == 1 and word.isupper() and word not in "AI"
    return f"{{{_literal(word)}}}" if inner or single or (name and word[:1].isupper()) else _literal(word)


def _person(name: str) -> str:
    """A name as BibTeX reads it: an organisation in braces, a suffix between commas."""
    name = _line(name)
    if name.lower() in {"et al", "et al.", "others", "and others"}:
        return "others"
    suffix = _SUFFIX.match(name)
    if suffix and " " in suffix["name"] and "," not in suffix["name"]:
        first, family = suffix["name"].rsplit(" ", 1)
        return f"{_literal(family)}, {_literal(suffix['suffix'])}, {_literal(first)}"
    text = _literal(name)
    if _GROUP.search(name) or re.search(r"\sand\s|^and\s|\sand$", name, re.I) or name.count(",") > 1:
        return f"{{{text}}}"
    return text


def _address(url: str) -> str:
    r"""A URL for \url, which reads all signs as they are: only what would end the field is encoded."""
    return re.sub(r"[\s{}\\\"<>^`|]", lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), url)


# -- in words


def in_words(entry: Entry, meta: Mapping[str, Any] | None = None) -> str:
    """One line of plain text: who, when, what, where; what is not known is left out.

    >>> in_words(Entry("x", "On Heaps", "paper", "x.md", 1, "x/", authors=("Ada Moor", "Bo Lind"), year=2019))
    'Ada Moor and Bo Lind (2019). On Heaps.'
    """
    known = _known(meta or {})
    who = _people([_line(name) for name in entry.authors])
    year = f"({entry.year})" if entry.year else ""
    title = _line(shown.plain(entry.title))
    where = known.get("journal") or known.get("booktitle") or known.get("publisher") or known.get("school") or ""
    volume = known.get("volume", "") + (f"({known['number']})" if "number" in known else "")
    where = ", ".join(part for part in (where, volume, known.get("pages", "").replace("--", "–")) if part)
    kind = f" [{_HOW[entry.kind]}]" if entry.kind in _HOW and entry.kind != "note" else ""
    doi = entry.doi if entry.doi and not _is_arxiv(entry.doi) else ""
    address = f"https://doi.org/{doi}" if doi else entry.url or ""
    head = " ".join(part for part in (who, year) if part)
    parts = [head, f"{title}{kind}", where, f"arXiv:{entry.arxiv}" if entry.arxiv else ""]
    text = " ".join(part if part[-1] in ".?!" else f"{part}." for part in parts if part)
    return f"{text} {address}".strip() if address else text


def _people(names: list[str]) -> str:
    if len(names) > 10:
        return f"{', '.join(names[:10])} and {len(names) - 10} more"
    return " and ".join(([", ".join(names[:-1])] if len(names) > 1 else []) + names[-1:])
