"""The entries in one list or paragraph: rows that name a paper, with what stands below them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from paperdiary import bullets, fields, listrow, listsyntax, listwords, sources
from paperdiary.bullets import Bullet
from paperdiary.dates import find_date, find_month
from paperdiary.listitem import Item
from paperdiary.listrow import Row
from paperdiary.markup import Block
from paperdiary.titles import clean_title, common_words


@dataclass(frozen=True, slots=True)
class Found:
    """Something that may be an entry."""

    item: Item
    rank: str  #: "sure", "web" (at an address of no known place of papers) or "bare" (no address)
    part: int  #: which list it stands in
    tool: bool = False  #: under a heading that names tools
    inline: bool = False  #: its day stands in its own row
    short: bool = False  #: two words, which only neighbours make a title


def from_list(
    roots: Sequence[Bullet], under: bullets.Under, depth: int = 0, whole: bool = False
) -> tuple[list[Found], int]:
    """(entries in a list and the lists in it, words of what is none)."""
    out: list[Found] = []
    passed: list[Bullet] = []
    other = 0
    for bullet in roots:
        if not whole and not bullet.below and not _MAY.search(bullet.text):
            other += len(bullet.text.split())
            passed.append(bullet)
            continue
        several = _several(bullet, under)
        if several:
            out += several
            continue
        row = listrow.read(bullet.text)
        if out and not row.title and row.web and not out[-1].item.target and out[-1].rank == "bare":
            out[-1] = _with_links(out[-1], row, bullet)  # the address of the item above
            continue
        if not row.title and row.links and all(target.startswith("#") for _, target in row.links):
            continue
        entry = _entry(row, bullet, under, whole)
        if entry and entry[0].rank not in {"bare", "plain"}:
            out += entry
            if depth < 20:
                below, _ = from_list(bullet.below, under, depth + 1)
                out += [f for f in below if f.rank == "sure" and len(f.item.title.split()) >= 4 and f.item.urls]
            continue
        below, words = (
            from_list(bullet.below, bullets.below(bullet, under), depth + 1, whole) if depth < 20 else ([], 0)
        )
        if below:
            out += below
            other += words
        elif entry:
            out += entry
        else:
            other += len(bullet.text.split()) + words
    beside = _beside(out, passed, under) if 3 * len(passed) <= 2 * len(out) and len(out) >= 4 else []
    if beside:
        other -= sum(len(b.text.split()) for b in passed if any(f.item.line == b.start + 1 for f in beside))
        out = sorted([*out, *beside], key=lambda found: found.item.line)
    return out, other


def _beside(out: list[Found], passed: list[Bullet], under: bullets.Under) -> list[Found]:
    """Titles without a link in a list of links: papers that have no note yet."""
    if sum(bool(found.item.target) for found in out) < len(out):
        return []
    titles = [(bullet, clean_title(listrow.read(bullet.text).title)) for bullet in passed]
    return [
        Found(Item(title, "", under.date, "", b.start + 1, b.last + 1), "plain", under.part)
        for b, title in titles
        if title and listwords.words_in(title) >= 5 and _title_like(title) and not fields.SECTION.match(title)
    ]


#: what a row has that names a paper, in a note that is about something
_MAY = re.compile(r"\]\(|\[\[|https?://|www\.|rxiv|(?:19|20)\d\d|\[[ xX]\]|\.pdf|<a\s", re.I)
_BETWEEN = re.compile(r"[\s|/,，;；、·•&+-]*")


def _several(bullet: Bullet, under: bullets.Under) -> list[Found]:
    """The entries of a row that is nothing but links with names between separators, a group's name before them."""
    text = listsyntax.clean(bullet.text)
    found = [m for m in listsyntax.LINK.finditer(text) if not m["target"].startswith("#")]
    if len(found) < 2 or any(listwords.says_what(m["title"]) or len(m["title"]) > 200 for m in found):
        return []
    between = [text[a.end() : b.start()] for a, b in itertools.pairwise(found)] + [text[found[-1].end() :]]
    before = text[: found[0].start()].rstrip(" |")
    if not all(_BETWEEN.fullmatch(gap) for gap in between) or not re.search(r"[|｜/、]", "".join(between)):
        return []
    if before and not before.endswith((":", "：")):
        return []
    out = []
    for match in found:
        row = listrow.read(match[0])
        title = clean_title(fields.words_of(match["title"]))
        if title and (row.web or row.local):
            item = Item(title, match["target"].strip(), under.date, "", bullet.start + 1, bullet.end + 1, row.web)
            out.append(Found(item, "sure" if row.sure else "web", under.part, under.tool))
    return out


def _with_links(found: Found, row: Row, bullet: Bullet) -> Found:
    web = tuple(dict.fromkeys([*found.item.urls, *row.web]))
    item = replace(found.item, urls=web, target=found.item.target or (*row.local, *web)[0], end=bullet.last + 1)
    return replace(found, item=item, rank="sure")


def _entry(row: Row, bullet: Bullet, under: bullets.Under, whole: bool = False) -> list[Found]:
    """The entry that a row is, with what the rows below it say; none where it is no entry."""
    web, local = list(row.web), list(row.local)
    values: dict[str, str] = {}
    text = _text(row.rest)
    labelled = row.labelled
    for kid in bullet.below:
        given = fields.parse_row(kid.text) if len(kid.text) < listsyntax.LONGEST else None
        if given and given[0] in {"authors", "year", "published", "tags", "read", "date", "arxiv", "doi"}:
            values.setdefault(given[0], fields.words_of(given[1]))
        own = listrow.read(kid.text)
        told = given and given[0] in {"url", "arxiv", "doi", "more"}
        labels = [label for label, _ in own.links]
        bare = not own.title and all(listwords.says_what(label) for label in labels)
        if own.web + own.local and (told or bare or (labels and fields.is_source_row(kid.text))):
            web += own.web
            local += own.local
            labelled = labelled or bool(told) or own.labelled or own.sure
        elif not text and not given and not own.linked:
            text = _text(kid.text)
    title = clean_title(row.title) if row.title else ""
    if not title or not _names(title, row, bool(web or local)):
        return []
    sure = bool(local or labelled) or any(
        s.kind in {"paper", "talk", "book"} for url in web if (s := sources.resolve(url))
    )
    if not web and not local:
        day_or_year = row.day or row.year
        known = row.marked and (day_or_year or listwords.words_in(title) >= 4)
        if not known and not (row.box and _capitals(title)):
            plain = whole and not row.links and not bullet.below and _title_like(title) and not under.tool
            item = Item(title, "", under.date, text, bullet.start + 1, bullet.last + 1)
            return [Found(item, "plain", under.part)] if plain else []
    count = listwords.words_in(title)
    short = row.linked and any(s.kind == "paper" for url in web if (s := sources.resolve(url)))
    if (web or local) and count < 2 - bool(local or short):
        return []
    if count < 3 and not sure and not row.linked:
        return []
    day = row.day or (values.get("read") and find_date(values["read"])) or None
    unread = under.queued or (row.box == " " and not row.day)
    if row.year:
        values.setdefault("published", row.year)
    if row.authors and listwords.words_in(row.authors) <= 60:
        values.setdefault("authors", row.authors)
    kept = tuple((k, v) for k, v in values.items() if k in {"authors", "year", "published", "tags"})
    item = Item(
        title, (*local, *web, "")[0], day or (None if unread else under.date), text, bullet.start + 1,
        bullet.last + 1, tuple(dict.fromkeys(web)), kept, unread,
        pointer=_is_pointer(row, bool(day), web, count, text),
    )  # fmt: skip
    rank = "sure" if sure else "web" if web else "bare"
    if rank == "web" and not row.linked and not any(_tells(label) for label, _ in row.links):
        return []
    return [Found(item, rank, under.part, under.tool and not row.year, bool(row.day), count < 3 and not sure)]


def _tells(label: str) -> bool:
    """A link that says what or where it is: "code", "fair.org"."""
    return listwords.says_what(label) or bool(re.fullmatch(r"[\w.-]+\.[a-z]{2,12}", label))


def _is_pointer(row: Row, dated: bool, web: Sequence[str], count: int, text: str) -> bool:
    """A link to another page of the diary, of which no entry is made where there is no such page."""
    target = next((t for label, t in row.links if not listwords.says_what(label)), "")
    if not row.linked or dated or text or not listsyntax.is_local(target) or row.authors or row.year:
        return False
    if any(s.kind == "paper" for url in web if (s := sources.resolve(url))):
        return False
    if re.search(r"\w", row.rest) and not row.links[1:]:
        return False
    return bool(re.search(r"(?:^|/)(?:readme|index|summary)\.md(?:#.*)?$", target, re.I)) or (
        count < 5 and not row.box and not sources.is_link(target)
    )


def _names(title: str, row: Row, linked: bool) -> bool:
    """Words that name something to read, and no part of a page or sentence."""
    if fields.SECTION.match(title) or find_month(title) or listwords.words_in(title) > 45:
        return False
    if title.count(",") >= 2 and listwords.is_names(title):
        return False
    if re.fullmatch(r"\W*(?:19|20)?\d\d\W*", title) or (listwords.says_what(title) and not row.local):
        return False
    return bool(re.search(r"[^\W\d_]{2}", title)) and (linked or row.linked or not title.endswith((":", "：")))


def same(item: Item, other: Item) -> bool:
    """Whether a row below an entry only says again what it is: a reference to the same paper."""
    ids = [{s.identity for url in i.urls if (s := sources.resolve(url))} for i in (item, other)]
    return bool(ids[0] & ids[1]) or len(common_words(item.title, other.title)) >= 0.7 * max(
        len(common_words(other.title, other.title)), 1
    )


def _title_like(title: str) -> bool:
    """What a paper may be called, beside papers."""
    count = listwords.words_in(title)
    if not 2 <= count <= 25 or title[-1] in ".。;；,!" or not title[0].isalnum():
        return False
    telling = [w for w in re.findall(r"[^\W\d_][\w'’-]+", title) if len(w) > 3]
    return (count >= 4 and ": " in title) or 5 * sum(w[0].isupper() for w in telling) >= 3 * len(telling) > 0


def _capitals(title: str) -> bool:
    """A title without any mark: long, its words in capitals."""
    telling = [w for w in re.findall(r"[^\W\d_][\w'’-]+", title) if len(w) > 3]
    return listwords.words_in(title) >= 4 and 5 * sum(w[0].isupper() for w in telling) >= 3 * len(telling) > 0


def _text(rest: str) -> str:
    """What a row says besides title and links, where it says something."""
    text = fields.words_of(re.sub(r"https?://\S+", " ", listsyntax.LINK.sub(" ", rest.replace("\n", " "))))
    text = " ".join(re.sub(r"[\[(（]\s*[,;/|·]*\s*[\])）]|\\\[|\\\]", " ", text).split()).strip(" :：,，.-–—|/[]()")
    return text if len(text.split()) >= 4 or listwords.words_in(text) >= 6 else ""


def paragraph(block: Block, lines: list[str], under: bullets.Under, whole: bool) -> list[Found]:
    """The papers that a paragraph names: one a line, or one in all of it."""
    rows = [n for n in range(block.start, block.end) if lines[n].strip()]
    if sum(len(lines[n]) for n in rows) > listsyntax.LONGEST:
        return []
    if not whole and not block.links and not any(_MAY.search(lines[n]) for n in rows):
        return []
    single = [
        (n, row)
        for n in rows
        if (row := listrow.read(lines[n])).title
        and row.sure
        and (row.linked or row.labelled)
        and not _sentence(row)
        and not (row.linked and re.match(r"\s*[^\W\d_]", lines[n]))
    ]
    if single and len(single) == len(rows):
        out = [f for n, row in single for f in _entry(row, Bullet(n, n, 0, ""), under)]
        closed = all(listwords.words_in(_text(row.rest)) <= 25 for _, row in single)
        return out if closed or whole else []
    first = listrow.read(lines[rows[0]])
    if first.linked and first.sure and not _sentence(first) and not _text(first.rest) and (len(rows) == 1 or whole):
        return _entry(
            replace(first, rest=" ".join(lines[n].strip() for n in rows[1:])), Bullet(rows[0], rows[-1], 0, ""), under
        )
    text = "\n".join(lines[n].strip() for n in rows)
    row = listrow.read(text)
    alone = any(fields.is_source_row(lines[n]) for n in rows[1:]) and listwords.words_in(row.title) >= 3
    alone = alone or (
        whole and any("." in t.rsplit("/", 1)[-1] for t in row.local) and listwords.words_in(row.title) >= 3
    )  # its note is all it leads to
    if _sentence(row) or not row.title or not row.sure or not (row.linked or row.labelled or row.marked or alone):
        return []
    if row.linked and re.match(r"[^\W\d_]", text):
        return []  # a sentence that leads to a page
    if listwords.words_in(_text(row.rest)) > (60 if whole else 15) or len(row.web) + len(row.local) > 8:
        return []
    return _entry(row, Bullet(rows[0], rows[-1], 0, ""), under)


def _sentence(row: Row) -> bool:
    """Running text that names several things."""
    return sum(not listwords.says_what(label) for label, _ in row.links) > 1


def short_line(block: Block, lines: list[str]) -> tuple[str, int] | None:
    """(text, line) of a paragraph of one line without links, which may be a title."""
    if block.kind != "text" or block.end - block.start > 2 or block.links or len(block.text) > 300:
        return None
    text = " ".join(lines[block.start : block.end]).strip()
    bare = re.fullmatch(r"\[(?P<title>[^\[\]]{8,250})\]", text)
    return bare["title"] if bare else text, block.start


def only_links(block: Block, lines: list[str]) -> list[Bullet] | None:
    """The rows of a paragraph or list that holds nothing but links to one paper; None for any other."""
    if block.kind not in {"text", "list"} or block.end - block.start > 8:
        return None
    rows = [re.sub(r"[`*]", "", listsyntax.clean(lines[n])) for n in range(block.start, block.end) if lines[n].strip()]
    bare = [re.sub(r"^\s*(?:[-*+•]|\d+[.)])\s+", "", row) for row in rows]
    titled = any(not listwords.says_what(label) for row in bare for label, _ in fields.labelled_links(row) if label)
    if titled or not all(
        fields.is_source_row(row) or (fields.parse_row(row) and listrow.read(row).links) for row in bare
    ):
        return None
    return [Bullet(block.start, block.end - 1, 0, row) for row in bare]


def titled_above(above: list[tuple[str, int]], links: list[Bullet], block: Block, under: bullets.Under) -> list[Found]:
    """The entry whose title is the one line above its links that says most and is no list of names."""
    titles = [
        (row, at)
        for text, at in above
        if not (row := listrow.read(text)).web
        and listwords.words_in(row.title) >= 2
        and not (re.search(r",|&|\band\b|\bet al", row.title) and listwords.is_names(row.title))
    ]
    if not titles:
        return []
    row = max(titles, key=lambda found: listwords.words_in(found[0].title))[0]
    if listwords.words_in(row.title) > 30:
        return []
    return _entry(row, Bullet(titles[0][1], block.end - 1, 0, "", links), under)
