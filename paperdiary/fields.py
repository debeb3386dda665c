"""What stands at the head of an entry: "Key: value" rows, links with labels, a date on its own.

Keys are known in English, Chinese and Japanese, as found in people's notes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from paperdiary import sources
from paperdiary.dates import find_date
from paperdiary.markup import Block, urls_in

#: canonical key -> how people write it, in lower case without punctuation
_KEYS = {
    "read": "date read|read|read on|read date|reading date|date of reading|last read|finished|阅读日期|阅读时间|读于|"
    "閱讀日期|阅读于|学习时间|読んだ日|読了日|読了",
    "date": "date|dates|日期|时间|時間|日付",
    "published": "published|publication date|publish date|published on|published in|publication|venue|conference|journal|"
    "发表|发表时间|发表日期|发布时间|发表于|出版|会议|期刊|会议期刊|発表|掲載",
    "year": "year|年份|年",
    "authors": "authors|author|by|written by|作者|著者|作者们",
    "title": "title|paper title|paper name|full title|original title|标题|题目|題目|论文|论文题目|论文标题|论文名|论文名称|"
    "原文标题|タイトル|論文|論文名|原題",
    "url": "url|link|links|paper|paper link|paper url|source|sources|pdf|arxiv link|arxiv url|official paper|original paper|"
    "原文|链接|论文链接|论文地址|原文链接|地址|链接地址|リンク|論文リンク|论文url",
    "arxiv": "arxiv|arxiv id|eprint",
    "doi": "doi",
    "more": "code|github|project|project page|website|webpage|homepage|video|talk|slides|blog|huggingface|dataset|openreview|"
    "代码|代码链接|项目|项目地址|官方代码|コード",
    "status": "status|reading status|read status|状态|阅读状态|進捗",
    "tags": "tags|tag|keywords|keyword|topics|topic|categories|labels|标签|关键词|关键字|タグ|キーワード",
    "description": "tldr|tl dr|summary|one sentence|one line summary|一句话|一句话总结|概要|简介|要約|一言",
    "kind": "kind|type",
}
KEYS = {name: key for key, names in _KEYS.items() for name in names.split("|")}
#: keys whose value may be the name of a section instead; they count only with a value on their line
_FIELD = re.compile(
    r"^\s*(?:>\s*)*(?:[-*+•]\s+|\d+[.)]\s+)?(?:\[[ xX]\]\s+)?[*_`~@]{0,3}"
    r"(?P<key>[^\W\d_][^:：|*\[\](){}<>]{0,28}?)\s*[*_`~]{0,3}\s*(?:[:：]|\s*\|\s)\s*[*_`~]{0,3}\s*(?P<value>.*?)\s*$"
)
_TLDR = re.compile(r"^\s*(?:>\s*)*[*_]{0,3}tl;? ?dr[*_]{0,3}\s*[;:.,-]\s*[*_]{0,3}\s*(?P<value>\S.*?)\s*$", re.I)
_LABEL = re.compile(
    r"\[(?P<text>[^\[\]]{0,400}(?:\[[^\[\]]{0,200}\][^\[\]]{0,200})?)\]\((?P<url>[^()\s]+(?:\([^()\s]*\)[^()\s]*)*)[^)]*\)"
)
_PAPER_LABEL = re.compile(
    r"^\W*(?:the |this |original |official |full )?(?:paper|arxiv|ar5iv|pdf|link|url|abs|abstract|html|doi|openreview|acl|source|"
    r"here|preprint|论文|原文|论文链接|論文|链接|リンク)(?:[ :]*(?:paper|link|pdf|url|page|version|\d{4}\.\d{4,5}))*\W*$",
    re.I,
)
_MORE_LABEL = re.compile(
    r"^\W*(?:code|github|git|project|page|website|web|homepage|demo|video|talk|slides?|blog|post|dataset|data|poster|"
    r"supp\w*|appendix|official code|implementation|pytorch|tensorflow|代码|项目|コード|bibtex|cite|notes?|review)\W*$",
    re.I,
)
_UNFILLED = re.compile(
    r"^(?:[\[<{(].*[\]>})]|todo|tbd|n/?a|none|null|unknown|x{2,}|\.{2,}|…|-+|_+|\?+|yyyy.*|(?:paper )?title|your .*|insert .*)?$",
    re.I,
)
#: names of the parts of a note, never a title
SECTION = re.compile(
    r"^\W*(?:\d+(?:\.\d+)*[.)]?\s*)?(?:references?|resources?|related(?: works?| papers?| reading)?|further reading|(?:useful )?links?|"
    r"sources?|bibliography|citations?|cite|bibtex|code|to read|todo|appendix|abstract|introduction|intro|conclusions?|discussion|"
    r"summary|overview|notes?|my notes|tl;?dr|tl; ?dr|motivations?|background|problems?|problem (?:statement|setting|definition)|"
    r"(?:proposed )?(?:methods?|approach|methodology|solutions?|architecture|models?)|"
    r"(?:key )?(?:ideas?|points?|insights?|take ?aways?|contributions?|"
    r"findings|results?)|main (?:ideas?|points?|contributions?|results?)|experiments?|evaluation|datasets?|training|implementation|"
    r"details?|limitations?|strengths?|weaknesse?s?|pros|cons|pros and cons|thoughts?|comments?|my thoughts|questions?|"
    r"(?:open )?questions?|future work|ideas|metadata|info|information|paper info(?:rmation)?|basic info(?:rmation)?|what|why|how|"
    r"摘要|背景|动机|動機|方法|模型|实验|實驗|结果|結果|结论|結論|总结|總結|贡献|貢獻|简介|介绍|概述|问题|相关工作|参考|参考文献|"
    r"参考资料|引用|链接|代码|笔记|思考|创新点|主要贡献|研究背景|基本信息|数据集|要約|概要|手法|議論|感想|まとめ|関連研究|次に読む.*|どんなもの.*|"
    r"先行研究.*|技術や手法.*|どうやって有効.*|議論はある.*)\W*$",
    re.I,
)
#: parts of a note whose links are its own
OWN_PART = re.compile(
    r"^\W*(?:(?:paper )?links?|paper|paper info(?:rmation)?|source|original(?: paper)?|原文|论文链接|论文信息|链接|論文情報.*|論文リンク|リンク|元論文)\W*$",
    re.I,
)
#: parts of a note whose links are not its own
REFERENCES = re.compile(
    r"^\W*(?:\d+(?:\.\d+)*[.)]?\s*)?(?:references?|related(?: works?| papers?| reading)?|further reading|bibliography|citations?|to read|"
    r"next papers?|see also|reading list|follow[- ]?ups?|references to .*|参考|参考文献|参考资料|相关工作|相关论文|関連研究|次に読む.*)\W*$",
    re.I,
)


@dataclass(slots=True)
class Head:
    """What the head of an entry says. Raw texts; `notes.py` makes values of them."""

    values: dict[str, str] = field(default_factory=dict)  #: canonical key -> raw value
    urls: list[str] = field(default_factory=list)  #: the thing itself, in order
    more: list[str] = field(default_factory=list)  #: its code, project, talk
    loose_date: str = ""  #: a date that no key names
    used: set[int] = field(default_factory=set)  #: first lines of blocks that hold nothing else


def parse_row(row: str) -> tuple[str, str] | None:
    """(canonical key, raw value) of a "Key: value" row, or None."""
    found = _FIELD.match(row)
    if not found:
        short = _TLDR.match(row)
        return ("description", short["value"]) if short else None
    name = re.sub(r"[^\w\s]+", " ", found["key"].lower())
    key = KEYS.get(" ".join(name.split()))
    if key is None or found["value"].startswith("//"):  # "https://…" is no field
        return None
    value = found["value"].strip("*_ |").strip() if key != "url" else found["value"]
    return key, value


def unfilled(value: str) -> bool:
    """True for what templates put where a value should go."""
    return bool(_UNFILLED.match(value.strip())) and not urls_in(value)


def is_label(text: str) -> bool:
    """True for what links are called when they are not called after the thing: "arXiv", "code", "pdf"."""
    return bool(_PAPER_LABEL.match(text) or _MORE_LABEL.match(text))


def words_of(value: str) -> str:
    """A value without its Markdown: links become their text, signs of emphasis go."""
    text = _LABEL.sub(lambda m: m["text"], value)
    text = re.sub(r"[*_`~]{1,3}(?=\S)(.+?)(?<=\S)[*_`~]{1,3}", r"\1", text)
    return " ".join(text.split()).strip()


def labelled_links(row: str) -> list[tuple[str, str]]:
    """(label, address) of the links in a row; bare addresses have the label ""."""
    out = [(m["text"].strip(), m["url"]) for m in _LABEL.finditer(row) if sources.is_link(m["url"])]
    rest = _LABEL.sub(" ", row)
    return out + [("", url) for url in urls_in(rest)]


def is_source_row(row: str) -> bool:
    """A row that is an address, or links with labels such as "[arXiv](…) · [code](…)"."""
    links = labelled_links(row)
    if not links:
        return False
    rest = _LABEL.sub(" ", row)
    for url in urls_in(rest):
        rest = rest.replace(url, " ")
    left = re.findall(r"\w+", re.sub(r"^\s*(?:[-*+>]\s+)*", "", rest))
    named = all(not text or _PAPER_LABEL.match(text) or _MORE_LABEL.match(text) or urls_in(text) for text, _ in links)
    return len(left) <= 3 and (named or len(links) == 1) and len(" ".join(left)) <= 24


def read(blocks: tuple[Block, ...], lines: list[str]) -> Head:
    """The head of an entry: what stands before its first long text or the first heading that names a part.

    Quotes (abstracts, badges) are passed over; a heading such as "Links" or "Info" does not end the head.
    """
    head = Head()
    prose = 0
    for number, block in enumerate(blocks):
        if number > 12 or prose > 60:
            break
        if block.kind == "heading":
            if number > 2 or not re.search(r"link|info|meta|source|链接|信息|基本|paper", block.text, re.I):
                break
            continue
        if block.kind in {"code", "rule"}:
            continue
        rows = [line for line in lines[block.start : block.end] if line.strip()]
        if block.kind == "table":
            _table(rows, head, block)
            continue
        used = sum(_row(row, head, first=number == 0) for row in rows)
        if used == len(rows):
            head.used.add(block.start)
        elif block.kind != "quote":
            prose += len(block.text.split()) - sum(len(r.split()) for r in rows[:used])
    if blocks and "read" not in head.values and "date" not in head.values:
        for row in lines[blocks[-1].start : blocks[-1].end] if blocks[-1].kind in {"text", "list"} else ():
            found = parse_row(row)  # a signature at the end
            if found and found[0] in {"read", "date"} and find_date(found[1]):
                head.values[found[0]] = found[1]
    return head


def _row(row: str, head: Head, first: bool) -> bool:
    """Take what a row says; True where it says nothing else."""
    found = parse_row(row)
    if found:
        key, value = found
        links = labelled_links(value)
        if key in {"url", "arxiv", "doi", "title", "published", "more"} and links:
            for text, url in links:
                (head.more if key == "more" or _MORE_LABEL.match(text) else head.urls).append(url)
        if key == "url" and value and not links and sources.resolve(value):
            head.urls.append(value)
        if not unfilled(value):
            text = words_of(value)
            if key == "url" and text and not urls_in(text) and not _PAPER_LABEL.match(text) and len(text.split()) >= 3:
                head.values.setdefault("title", text)  # "Paper: [The Title](…)"
            elif key not in {"url", "more"} and text:
                head.values.setdefault(key, text)
        return True
    if is_source_row(row):
        for text, url in labelled_links(row):
            (head.more if _MORE_LABEL.match(text) else head.urls).append(url)
        return True
    day = find_date(row)
    if day and len(re.findall(r"\w+", row)) <= 8 and not re.search(r"[.;]\s+\w{4,}\s+\w+\s+\w+", row):
        head.loose_date = head.loose_date or row
        return len(re.findall(r"[^\W\d]+", row)) <= 3
    if day and first and re.search(r"[_*(]\s*[^_*()]*\d{4}[^_*()]*[_*)]\s*$", row):
        head.loose_date = head.loose_date or row[-40:]  # "A. Author, B. Author. _28 Mar 2022_"
    identifier = sources.arxiv_in_text(row)
    if identifier and first:
        head.urls.append(f"https://arxiv.org/abs/{identifier}")
    return False


def _table(rows: list[str], head: Head, block: Block) -> None:
    """A table of two columns whose first holds keys."""
    taken = 0
    for row in rows:
        cells = [c.strip() for c in row.strip().strip("|").split("|")]
        if len(cells) >= 2 and " ".join(re.sub(r"[^\w\s]+", " ", cells[0].lower()).split()) in KEYS:
            _row(f"{cells[0].strip('*_ ')}: {cells[1]}", head, first=False)
            taken += 1
    if taken and taken >= len(rows) - 2:
        head.used.add(block.start)
