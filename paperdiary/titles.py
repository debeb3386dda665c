"""What an entry is called, and what its file's name says."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from paperdiary import fields, listwords, logseq
from paperdiary.markup import Block, urls_in
from paperdiary.slugs import pretty
from paperdiary.spans import TODO, Span

_EMOJI = re.compile(r"^(?:[\u2190-\u2bff\u3030\U0001f000-\U0001faff]\ufe0f?\s*)+")
_YEAR = r"(?:19|20)\d\d"
_VENUE = r"[A-Za-z][A-Za-z+&'’ .-]{0,44}"
TITLE_YEAR = re.compile(
    rf"\s*[\[(（【]\s*(?:{_VENUE}[,\s'’]*)?(?P<year>{_YEAR})(?:[,\s]+{_VENUE})?\s*[\])）】]\s*$"
    rf"|^\s*[\[(【]\s*(?:{_VENUE}[,\s'’]*)?(?P<first>{_YEAR})(?:[,\s]+{_VENUE})?\s*[\])】]\s*[:：-]?\s*"
)
_GENERIC = re.compile(
    r"^\W*(?:annotations?|paper|the paper|papers?|paper notes?|notes?|paper title|title|reading notes?|paper summary"
    r"|summary"
    r"|paper review|review|"
    r"论文|论文笔记|论文阅读|阅读笔记|笔记|論文|論文メモ)\W*$",
    re.I,
)
_NAME_DATE = re.compile(
    r"^(?P<lead>(?:19|20)\d\d(?P<sep>[-_.])\d\d(?P=sep)\d\d)(?:[-_ ]+|$)"
    r"|^(?P<stamp>(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]))(?:[0-2]\d[0-5]\d(?:[0-5]\d)?)?[-_ ]+"
    r"|[-_ ](?P<tail>(?:20)?\d{6})$"
)
_HASH = re.compile(r"[ _-][0-9a-f]{32}$")  #: at the end of a name, as Notion exports have it
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
#: what people call their own text, beside the title of what they read
_OWN = (
    r"(?:(?:research )?papers?[ _-]?(?:reviews?|notes?|summary|reading(?:[ _-]notes?)?|study)"
    r"|(?:reading|literature) notes?"
    r"|(?:论文|論文|文献|文章)(?:阅读|閱讀|学习|精读|翻译|解读|解析|研读|总结|分享|速读|笔记|筆記)(?:笔记|报告|总结|记录)?"
    r"|(?:阅读|閱讀|学习|读书|精读|解读)(?:笔记|筆記|报告|记录)|笔记|筆記"
    r"|論文(?:紹介|読み|まとめ|メモ|読解)|논문 ?(?:리뷰|정리|요약|읽기|공부))"
)
_SHORT = r"papers?|论文|論文"
_BEFORE = re.compile(
    rf"^\s*(?:[\[【〔(（]\s*(?:{_OWN}|{_SHORT})\s*[\]】〕)）]\s*[:：-]?"
    rf"|(?:{_OWN}|{_SHORT})\s*(?:[:：]|[-–—](?=\s)|(?=《))"
    r"|(?:paper )?title\s*[:：]|(?:论文)?(?:标题|题目)\s*[:：]|(?:論文)?タイトル\s*[:：]"
    r"|@(?=[^\s@]+\s)|\d{12}(?:\d\d)?[ _-]+(?=\D))\s*",
    re.I,
)
_AFTER = re.compile(
    rf"\s*(?:[-–—_|:：]+\s*{_OWN}|[\[【〔(（]\s*{_OWN}\s*[\]】〕)）]"
    rf"|(?<=[\w》）)])\s*(?![A-Za-z\s]){_OWN})\s*$",
    re.I,
)


def clean_title(text: str) -> str:
    """A title without its marks: [TODO], signs of status, emphasis, "Paper review:"."""
    text = _EMOJI.sub("", TODO.sub(" ", text))
    text = _bare(" ".join(fields.words_of(text).split()).strip(" *_"))
    text = re.sub(r"(?<=\w)_ (?=\w)", ": ", text)  # from the name of a file, which holds no colon
    whole = re.fullmatch(r"《([^《》]+)》|“([^“”]+)”|\"([^\"]+)\"", text)
    return (whole[1] or whole[2] or whole[3]).strip() if whole else text


def _bare(text: str) -> str:
    """A title without what its reader calls the note."""
    for pattern in (_BEFORE, _AFTER):
        less = pattern.sub("", text)
        text = less if re.search(r"\w", less) else text
    return text


def title_block(blocks: list[Block], meta: dict[str, Any], path: str) -> Block | None:
    """The heading that shows the title of a note with one entry."""
    headings = [b for b in blocks if b.kind == "heading"]
    if not headings or blocks.index(headings[0]) > 3:
        return None
    heading = headings[0]
    title = str(meta.get("title") or "").strip()
    if title and not _GENERIC.match(title):
        return heading if _letters(clean_title(heading.text)) == _letters(clean_title(title)) else None
    if _GENERIC.match(heading.text):
        return heading
    siblings = any(b.level <= heading.level for b in headings[1:])
    return None if fields.SECTION.match(heading.text) or (siblings and _of_a_part(heading.text, path)) else heading


def _of_a_part(heading: str, path: str) -> bool:
    """The first of several headings names a part where the file's name is a whole title that it says nothing of."""
    name = name_title(path)
    return len(re.findall(r"[^\W\d]{2,}", name)) >= 4 >= len(heading.split()) and not common_words(name, heading)


def _letters(text: str) -> str:
    """What two spellings of one title share."""
    return re.sub(r"[\W_]+", "", re.sub(r"<[^<>]*>", "", text)).lower()


def name_title(path: str) -> str:
    """A title from the file's name; a README is called after its folder."""
    pure = PurePosixPath(path)
    stem = (
        pure.parent.name
        if pure.stem.lower() in {"readme", "note", "notes", "index"} and pure.parent.name
        else pure.stem
    )
    stem = logseq.page_name(_HASH.sub("", stem).lstrip("@") or stem).rpartition("/")[2]
    found = _NAME_DATE.search(stem)
    if found:
        stem = stem[: found.start()] + stem[found.end() :]
        if not stem:
            return name_date(path)
    spaced = " " in stem.strip() and "_" not in stem  # then dashes are those of the words
    words = re.sub(r"(?<=\w) ?-- ?(?=\w)", ": ", stem) if "--" in stem else stem
    words = _bare(words)
    if spaced and words.count(" ") >= 2:
        words = " ".join(words.split())
        return words[:1].upper() + words[1:]
    return pretty(words)


def find_title(span: Span, values: dict[str, Any], lines: list[str], path: str, single: bool) -> tuple[str, str]:
    """(title, as it was written)."""
    given = str(values.get("title") or "").strip()
    called = str(values.get("called") or "")
    raw = _without_labels(span.heading) if span.heading else ""
    if given and not fields.unfilled(given) and not (_GENERIC.match(given) and raw):
        return clean_title(given), raw or given
    if called and (not raw or _GENERIC.match(raw) or (_CJK.search(raw) and not _CJK.search(called))):
        return clean_title(called), raw or called
    if raw and not _GENERIC.match(raw) and not fields.unfilled(raw):
        if single and _CJK.search(raw) and len(re.findall(r"[A-Za-z]{2,}", raw)) < 3:
            original = _original_title(span)
            if original:
                return original, raw
        return clean_title(raw), raw
    below = next((b for b in span.blocks[:3] if b.kind in {"text", "list", "heading", "quote"}), None)
    if raw and below and below.text:
        first = below.text.split("\n")[0]
        if 2 <= len(first.split()) <= 30 and not fields.parse_row(first) and not urls_in(first):
            return clean_title(first), raw
    if not raw:
        rows = [line for line in lines[span.start : span.end] if line.strip()][:1]
        bold = re.match(r"^\s*(?:\*\*|__)(?P<title>[^*_]{3,200})(?:\*\*|__)\s*[:：]?\s*$", rows[0]) if rows else None
        if bold and not fields.SECTION.match(bold["title"]):
            return clean_title(bold["title"]), bold["title"]
        first = _first_line(span, lines, path)
        if first:
            return clean_title(first), first
        tag = re.search(
            r"<h[1-3][^>]*>(?P<title>.*?)</h[1-3]>", "\n".join(lines[span.start : span.start + 12]), re.S | re.I
        )
        if tag:
            return clean_title(re.sub(r"<[^>]+>", " ", tag["title"])), tag["title"]
    return (name_title(path), "") if single or not raw else (clean_title(raw), raw)


def _without_labels(heading: Block) -> str:
    """A heading without the links at its end that are called after their kind: "Title ([paper](…) | [code](…))"."""
    labels = [label for label, _ in heading.links if listwords.says_what(label)]
    if not labels or len(labels) < len(heading.links):
        return heading.text
    text = heading.text
    for label in reversed(labels):
        cut = text.rstrip(" )]）】|/,;:·")
        if label and cut.endswith(label):
            text = cut[: -len(label)].rstrip(" ([（【|/,;:·-–—")
    return text if listwords.words_in(text) >= 1 else heading.text


def _first_line(span: Span, lines: list[str], path: str) -> str:
    """A title that stands as plain text above the first part, in a file whose name is no title."""
    if len(name_title(path).split()) >= 4 or not any(b.kind == "heading" for b in span.blocks):
        return ""
    block = span.blocks[0]
    if block.kind not in {"text", "list"} or len(block.text.split()) > 60:
        return ""
    rows = [line for line in lines[block.start : block.end] if line.strip() and not line.startswith("#!")]
    first = re.sub(r"^\s*(?:[-*+•]|\d+[.)])\s+", "", rows[0]).strip(" *_") if rows else ""
    words = first.split()
    if not 3 <= len(words) <= 25 or first[-1] in ".!?。！？:：,;" or fields.parse_row(first) or urls_in(first):
        return ""
    telling = [word for word in words if len(word) > 3]
    return first if 2 * sum(word[0].isupper() for word in telling) >= len(telling) > 0 else ""


def _original_title(span: Span) -> str | None:
    """The title in the paper's own language, quoted below a heading in the reader's."""
    for block in span.blocks[:2]:
        first = block.text.split("\n")[0].strip()
        if (
            block.kind == "quote"
            and 3 <= len(first.split()) <= 25
            and not _CJK.search(first)
            and first[-1:] not in ".。"
        ):
            return clean_title(first)
    return None


def name_date(path: str) -> str:
    """The day in a file's name, as YYYY-MM-DD text: "2020-04-26-title" or "title-200426"."""
    found = _NAME_DATE.search(PurePosixPath(path).stem)
    if not found:
        return ""
    digits = re.sub(r"\D", "", found["lead"] or found["stamp"] or found["tail"])
    if len(digits) == 6:
        digits = f"20{digits}"
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def is_day(path: str) -> bool:
    """True for a file that is called after a day and nothing else, as journals have them."""
    return bool(re.fullmatch(r"(?:19|20)\d\d([-_.])\d\d\1\d\d|(?:19|20)\d{6}", PurePosixPath(path).stem))


def common_words(a: str, b: str) -> set[str]:
    """Words that two titles share."""
    words = [set(re.findall(r"\w{3,}", t.lower())) for t in (a, b)]
    return words[0] & words[1]
