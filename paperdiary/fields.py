"""What stands at the head of an entry: "Key: value" rows, links with labels, a date on its own.

Keys are known in English, Chinese and Japanese, as found in people's notes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from paperdiary import maths, sources
from paperdiary.dates import find_date
from paperdiary.markup import Block, urls_in

#: canonical key -> how people write it, in lower case without punctuation
_KEYS = {
    "read": "date read|read|read on|read at|read date|reading date|date of reading|last read|finished|finished on|date finished|"
    "date completed|completed on|date reviewed|reviewed on|阅读日期|阅读时间|读于|閱讀日期|阅读于|学习时间|阅读完成|完成日期|"
    "笔记日期|笔记时间|読んだ日|読了日|読了|読んだ日付|まとめた日|記入日|읽은 날짜|읽은 날",
    "date": "date|dates|日期|时间|時間|日付|날짜|created|created at|created on|date created|creation date|date added|added|added on|"
    "创建时间|创建日期|记录时间|记录日期|整理时间|作成日|记录于",
    "published": "published|publication date|publish date|publish time|date published|date of publication|published on|published in|"
    "published at|publication|submitted|submitted on|submission date|release date|released|venue|conference|journal|conf|"
    "published year|发表|发表时间|发表日期|发布时间|发布日期|发表于|出版|出版时间|出版日期|会议|期刊|会议期刊|期刊会议|收录|発表|発表日|掲載|"
    "掲載誌|掲載日|公開日|投稿日|投稿日付|論文投稿日付|論文投稿日|論文公開日|発行日|출판|게재|발표",
    "year": "year|publication year|publish year|年份|年|年度|发表年份|出版年份|発表年|発行年|연도",
    "authors": "authors|author|author s|by|written by|first author|firstauthor|作者|著者|作者们|作者 机构|作者 单位|著者 組織|著者 所属|"
    "著者名|論文著者|저자",
    "title": "title|paper title|paper name|full title|original title|title of paper|title of the paper|name of paper|标题|题目|題目|论文|"
    "论文题目|论文标题|论文名|论文名称|原文标题|英文标题|英文题目|论文原名|タイトル|論文|論文名|論文タイトル|原題|題名|논문|제목|논문 제목",
    "url": "url|link|links|paper|paper link|paper links|paper url|pdf link|source|sources|pdf|arxiv link|arxiv url|official paper|"
    "original paper|full text|article|原文|链接|论文链接|论文地址|论文原文|论文网址|原文链接|原文地址|地址|链接地址|论文下载|pdf链接|论文pdf|"
    "リンク|論文リンク|論文url|元論文|原論文|论文url|링크|논문 링크|논문링크",
    "arxiv": "arxiv|arxiv id|arxivid|eprint|arxiv编号|arxiv 编号|arxiv链接|arxiv 链接",
    "doi": "doi",
    "more": "code|github|project|project page|project website|website|webpage|homepage|video|talk|slides|blog|huggingface|dataset|"
    "openreview|code link|official code|demo|github url|github link|github repo|code url|repo|repository|project url|hugging face|model|models|weights|代码|代码链接|代码地址|开源代码|源码|源码地址|项目|项目地址|项目主页|官方代码|コード|実装|実装コード|코드",
    "status": "status|reading status|read status|状态|阅读状态|進捗|阅读进度|ステータス|상태",
    "tags": "tags|tag|tag s|keywords|keyword|key words|topics|topic|categories|labels|标签|关键词|关键字|分类标签|主题标签|タグ|キーワード|"
    "カテゴリ|태그|키워드",
    "description": "tldr|tl dr|summary|one sentence|in one sentence|one line summary|one sentence summary|一句话|一句话总结|一句话概括|概要|"
    "简介|要約|一言|一言でいうと|ひとことで|한줄 요약",
    "kind": "kind|type",
    "none": "affiliation|affiliations|institution|institutions|机构|单位|作者单位|所属|last updated|updated|updated on|last modified|modified|last edited|last edited time|edited|更新时间|更新日期|最終更新|最后更新|修改时间",
}
KEYS = {name: key for key, names in _KEYS.items() for name in names.split("|")}
#: keys whose value may be the name of a section instead; they count only with a value on their line
_FIELD = re.compile(
    r"^\s*(?:>\s*)*(?:[-*+•]\s+|\d+[.)]\s+)?(?:\[[ xX]\]\s+)?(?:[\u2190-\u2bff\U0001f000-\U0001faff]\ufe0f?\s*)*[*_`~@]{0,3}"
    r"(?:[\u2190-\u2bff\U0001f000-\U0001faff]\ufe0f?\s*)*(?P<key>[^\W\d_][^:：|*\[\](){}<>]{0,28}?(?:\([^()]{0,16}\))?)\s*[*_`~]{0,3}"
    r"\s*(?:[:：]{1,2}|\s*\|\s)\s*[*_`~]{0,3}\s*(?P<value>.*?)\s*$"
)
_WIKI = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]+)\]\]")
#: what keys that nobody listed say of a date
_DATED = (
    ("none", re.compile(r"updat|modif|edit|deadline|due|更新|修改|截止|締切", re.I)),
    (
        "published",
        re.compile(
            r"publi|submi|releas|accept|appear|post|venue|conf|发表|发布|出版|公开|投稿|公開|掲載|発表|発行", re.I
        ),
    ),
    ("read", re.compile(r"read|finish|review|阅读|閱讀|读完|読", re.I)),
    ("date", re.compile(r"\b(?:date|day|time|created|added|when)\b|日期|时间|時間|日付|날짜", re.I)),
)
_TLDR = re.compile(r"^\s*(?:>\s*)*[*_]{0,3}tl;? ?dr[*_]{0,3}\s*[;:.,-]\s*[*_]{0,3}\s*(?P<value>\S.*?)\s*$", re.I)
_LABEL = re.compile(
    r"\[(?P<text>[^\[\]]{0,400}(?:\[[^\[\]]{0,200}\][^\[\]]{0,200})?)\]\((?P<url>[^()\s]++(?:\([^()\s]*\)[^()\s]*+)*)[^)]{0,1000}\)"
)
_PAPER_LABEL = re.compile(
    r"^\W*(?:the |this |original |official |full )?(?:paper|arxiv|ar5iv|pdf|link|url|abs|abstract|html|doi|openreview|acl|source|"
    r"here|preprint|论文|原文|论文链接|論文|链接|リンク)(?:[ :]*(?:paper|link|pdf|url|page|version|\d{4}\.\d{4,5}))*\W*$",
    re.I,
)
_MORE_LABEL = re.compile(
    r"^\W*(?:(?:the|official|source|our|author'?s'?|project|github|paper|unofficial|pytorch|tensorflow)\s+)*"
    r"(?:code|github|git|project|page|website|web|homepage|demo|video|talk|slides?|blog|post|dataset|data|poster|repo(?:sitory)?|"
    r"supp\w*|appendix|implementation|hugging ?face|models?|weights|checkpoints?|colab|leaderboard|playground|docs?|pytorch|tensorflow|代码|项目|主页|项目主页|项目地址|源码|コード|実装|bibtex|cite|notes?|review)"
    r"(?:\s+(?:page|link|links|repo(?:sitory)?|code|post|website|release))*\W*$",
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


#: parts of a note that say what it is about
_ABOUT = re.compile(r"link|info|meta|source|bibliograph|链接|信息|基本|元数据|書誌|情報|リンク|paper|論文|论文", re.I)

_LONGEST = 10_000  #: signs of a title, value or item
_EMPHASIS = re.compile(
    r"[*`~]{1,3}(?=\S)(?P<s>.{1,1000}?)(?<=\S)[*`~]{1,3}"
    r"|(?<!\w)_{1,3}(?=\S)(?P<u>.{1,1000}?)(?<=\S)_{1,3}(?!\w)"
    r"|(?<![\w=])==(?=[^\s=])(?P<m>.{1,1000}?)(?<=\S)==(?![\w=])"
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
    key = KEYS.get(" ".join(name.split())) or KEYS.get(found["key"].split("(")[0].split("（")[0].strip().lower())
    if found["value"].startswith("//"):  # "https://…" is no field
        return None
    if key is None and len(found["value"]) <= 40 and find_date(found["value"]):
        key = next((kind for kind, pattern in _DATED if pattern.search(name)), "none")
    if key is None:
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
    text = _WIKI.sub(r"\1", _LABEL.sub(lambda m: m["text"], value[:_LONGEST]))
    text = "".join(part if latex else _EMPHASIS.sub(r"\g<s>\g<u>\g<m>", part) for part, latex in maths.parts(text))
    return " ".join(text.split()).strip()


def labelled_links(row: str) -> list[tuple[str, str]]:
    """(label, address) of the links in a row; bare addresses have the label ""."""
    out = [(m["text"].strip(), m["url"]) for m in _LABEL.finditer(row) if sources.is_link(m["url"])]
    rest = _LABEL.sub(" ", row)
    return out + [("", url) for url in urls_in(rest)]


def is_source_row(row: str) -> bool:
    """A row that is an address, or links with labels such as "[arXiv](…) · [code](…)"."""
    links = labelled_links(row) if len(row) <= _LONGEST else ()
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
            first = number == 0 and block.level == 1 and not SECTION.match(block.text)  # a title in other words
            if not first and (number > 2 or not _ABOUT.search(block.text)):
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
        if key == "title" and links and not any(re.search(r"\w", label) for label, _ in links):
            key = "url"  # "论文：https://…"
        if key in {"url", "arxiv", "doi", "title", "published", "more"} and links:
            for text, url in links:
                (head.more if key == "more" or _MORE_LABEL.match(text) else head.urls).append(url)
        if key == "url" and value and not links and sources.resolve(value):
            head.urls.append(value)
        if not unfilled(value):
            text = words_of(value)
            named = (key == "url" and not links) or any(not is_label(label) for label, _ in links if label)
            if key == "url" and text and named and not urls_in(text) and len(re.findall(r"\w+", text)) >= 3:
                if not re.match(r"\W*(?:source|来源|pdf)", row, re.I):
                    head.values.setdefault("called", text)  # "Paper: [The Title](…)"
            elif key not in {"url", "more", "none"} and text:
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
