"""Where the title stands in a row of a list, and where it ends."""

from __future__ import annotations

import re

from paperdiary import fields
from paperdiary.listsyntax import LINK, is_local
from paperdiary.listwords import (
    ETAL,
    INITIALS,
    PROSE,
    SMALL,
    VENUE,
    VENUE_ONLY,
    VENUES,
    YEAR,
    cited,
    is_names,
    says_what,
    titled,
    words_in,
)
from paperdiary.markup import urls_in

_QUOTED = re.compile(r"[\"“«](?P<title>[^\"“”«»]{8,300}?)[,.]?[\"”»]|《(?P<chinese>[^《》]{4,200})》")
_BOLD = re.compile(r"\*\*(?P<stars>[^*]{3,300}?)\*\*|__(?P<lines>[^_]{3,300}?)__")
_ITALIC = re.compile(r"(?<![*\w])\*(?P<star>[^*\n]{8,300}?)\*(?![*\w])|(?<![_\w])_(?P<line>[^_\n]{8,300}?)_(?![_\w])")
_APA = re.compile(
    rf"^(?P<who>[^\W\d_][^\"“”()]{{2,300}}?)[,.]?\s*[\[(](?P<year>{YEAR})\w?(?:,[^()\[\]]{{0,20}})?[\])]\s*[.,:]?\s+(?P<rest>\S.*)$",
    re.S,
)
_LED = re.compile(
    rf"^[*_]{{0,2}}(?P<who>[A-Z][^.:()\[\]]{{1,80}}?\bet\.? ?al\.?)[*_]{{0,2}}\s*"
    rf"(?:[\[(]?(?P<year>{YEAR})\w?[\])]?)?\s*[,.:–—-]{{0,2}}\s+(?P<rest>[\"“*_]?[A-Z].*)$",
    re.S,
)


def find(body: str) -> tuple[str, str, str, bool, bool, str]:
    """(title, what else is said, authors, whether it is a link, whether it stands out, year)."""
    nothing = ("", body, "", False, False, "")
    matches = list(LINK.finditer(body))
    named = next((m for m in matches if _names(m, body)), None)
    first = matches[0] if matches else None
    before = body[: first.start()] if first else body
    url = urls_in(before)
    if url:
        before = before.split(url[0])[0]
    if named:
        plain = body[: named.start()]
        for match in matches:
            if match.end() <= named.start():
                plain = plain.replace(match[0], " ")
        label = fields.words_of(named["title"]).strip()
        lead = _bare(plain)
        if _runs_on(body[named.end() :]):
            return nothing
        if words_in(lead) < 4 or _takes(label, plain):
            title, year = _cut_label(label)
            rest = body[named.end() :]
            if (words_in(lead) > 8 and not cited(lead)) or PROSE.search(lead):
                return nothing
            return title, rest, lead if cited(lead) else "", True, False, year
    text = _strip(before)
    if not text and first:
        after = LINK.sub(" ", body[first.start() :])
        text = _strip(after)
        if PROSE.search(text[:80]):
            return nothing
        before = after
    if words_in(text) < 1 or (matches and (_ends_open(text) or _runs_on(body[matches[0].end() :]))):
        return nothing
    title, rest, authors, marked, year = _plain_title(text)
    return title, f"{rest} {body[len(before) :]}".strip(), authors, False, marked, year


def _names(found: re.Match[str], body: str) -> bool:
    """A link that is called after what it leads to."""
    if found["target"].startswith("#") or says_what(found["title"]):
        return False
    return words_in(found["title"]) >= 2 or not body[: found.start()].strip(" *_`[(") or is_local(found["target"])


def _takes(label: str, plain: str) -> bool:
    """Whether the link and not the words before it is the title."""
    count = words_in(label)
    return count >= 4 or (count >= 2 and (cited(plain) or plain.rstrip(' *_"“').endswith((":", "：", ","))))


def _ends_open(text: str) -> bool:
    """A sentence that runs on into the link: "as shown in [x]"."""
    last = re.findall(r"[\w']+|[^\w\s]", text)[-1:]
    return bool(last) and last[0].lower() in SMALL


def _runs_on(after: str) -> bool:
    """A sentence in Chinese or Japanese that goes on behind the link."""
    return bool(re.match(r"[をにはがのでともへやか的和与及是中等]", after))


def _strip(text: str) -> str:
    return re.sub(r"[\[(（【]\s*[\])）】]", " ", text).strip(" \t:：,，|/-–—\n[(（;；·")


def _bare(text: str) -> str:
    return fields.words_of(re.sub(r"[\[\]()（）]", " ", text)).strip(' \t:：,，|/-–—\n;；·."“”')


def _cut_label(label: str) -> tuple[str, str]:
    """A link's words without the authors and the venue that may stand in them."""
    apa = _APA.match(label)
    if apa and _are_people(apa["who"]):
        title, _, _, _, _ = _plain_title(apa["rest"])
        return title or label, apa["year"]
    quoted = _QUOTED.search(label)
    if quoted and cited(label[: quoted.start()]):
        return (quoted["title"] or quoted["chinese"]).strip(" ,."), ""
    who = re.search(r"\s[-–—]\s(?P<names>[^–—]{3,120})$", label)
    if who and re.search(r",|&|\bet al", who["names"]) and is_names(who["names"]):
        label = label[: who.start()]
    return _without_end(label)


_END = re.compile(
    rf"\s*[\[(（【]\s*(?P<in>[^\[\]()（）【】]{{1,80}})\s*[\])）】]\s*$|[,，]\s*(?P<after>(?:[A-Z][\w&'’.-]*\s*){{0,4}}(?:'|’)?(?:{YEAR}|\d\d)(?:[./-]\d\d?)?(?:\s*\(?[A-Za-z]+\)?)?)\s*\.?$"
)


_SHORT = re.compile(r"(?<=[\w!?])\((?:\*\*)?[A-Z][\w .+/-]{0,29}(?:\*\*)?\)$|\s*\(\*\*[^()*]{1,30}\*\*\)$")
_PLACE = re.compile(
    r",\s*(?:UC \w+|(?:[A-Z][\w&]* ){0,4}(?:University|Univ|Institute|Labs?|Research)(?: of [\w ]+)?"
    r"|MIT|CMU|Stanford|Google(?: Brain)?|Microsoft|Facebook|FAIR|Meta"
    r"|DeepMind|OpenAI|NVIDIA|Tsinghua|Berkeley)$"
)


def _without_end(title: str) -> tuple[str, str]:
    """(title without its short name, venue and year at the end, the year)."""
    year = ""
    if (
        "，" in title
        and not re.search(r"[\u3040-\u9fff]", title.split("，")[0])
        and words_in(title.split("，")[0]) >= 4
    ):
        title = title.split("，")[0]
    title = _PLACE.sub("", _SHORT.sub("", title).rstrip()) or title
    for _ in range(3):
        found = _END.search(title)
        if not found:
            break
        said = found["in"] or found["after"]
        named = re.search(rf"(?<!\d){YEAR}(?!\d)", said)
        known = VENUE.search(said) or ETAL.search(said) or re.search(r"'\d\d\b", said)
        if (
            not (named or known)
            or words_in(title[: found.start()]) < 2
            or (words_in(said) > 6 and not ETAL.search(said))
        ):
            break
        if found["after"] and not (known or re.fullmatch(rf"\W*{YEAR}\W*|[A-Z]{{2,}}\W*\d+\W*", said)):
            break
        year = year or (named[0] if named else "")
        title = title[: found.start()].rstrip(" ,;:-–")
    return title, year


def _plain_title(text: str) -> tuple[str, str, str, bool, str]:
    """(title, rest, authors, whether it stands out, year) of words without a link that is the title."""
    text = text.strip()
    quoted = _QUOTED.search(text)
    if quoted:
        title = fields.words_of(quoted["title"] or quoted["chinese"]).strip(" ,.")
        lead = _bare(text[: quoted.start()])
        whole = words_in(title) >= (2 if cited(lead) else 3) or bool(quoted["chinese"])
        opens = (
            quoted.start() == 0
            and re.match(r"\s*[:：]?\s*[A-Z]?[a-z]+\s+\w", text[quoted.end() :])
            and words_in(title) <= 6
        )
        if whole and not opens and (words_in(lead) <= 4 or cited(lead) or INITIALS.search(text[: quoted.start()])):
            named = re.search(rf"(?<!\d){YEAR}(?!\d)", text[: quoted.start()] + text[quoted.end() :])
            return title, text[quoted.end() :], lead if cited(lead) else "", True, named[0] if named else ""
    apa = _APA.match(text)
    if apa and _are_people(apa["who"]) and words_in(apa["who"]) <= 40:
        title, rest, _, _, _ = _plain_title(apa["rest"])
        return title, rest, _bare(apa["who"]), True, apa["year"]
    led = _LED.match(text)
    if led:
        title, rest, _, _, year = _plain_title(led["rest"])
        if words_in(title) >= 2 and not VENUE_ONLY.match(title):
            return title, rest, _bare(led["who"]), True, led["year"] or year
    bold = _BOLD.match(text)
    if bold:
        inside = (bold["stars"] or bold["lines"]).strip()
        after = text[bold.end() :].lstrip(" ")
        ends = not after or after[0] in "\n,，.。([（-–—|:：;*_`" or after[:1].isupper()
        if re.fullmatch(r"\s*[(（][^()（）]{3,200}[)）]\s*", after):
            return fields.words_of(inside), after, "", True, ""
        if (
            words_in(inside) >= 3
            and (ends or words_in(inside) >= 5)
            and not (after[:1] in ":：" and words_in(inside) < 4)
        ):
            title, year = _without_end(fields.words_of(inside).rstrip(" .:："))
            return title, after, _authors(after), True, year
    for italic in _ITALIC.finditer(text[:600]):
        inside = (italic["star"] or italic["line"]).strip()
        lead = _bare(text[: italic.start()])
        if (
            words_in(inside) >= 4
            and not is_names(inside)
            and not VENUE_ONLY.match(inside)
            and (not lead or cited(lead))
        ):
            title, year = _without_end(fields.words_of(inside).rstrip(" ."))
            return title, text[italic.end() :], lead, True, year
    parts = _pieces(text)
    title, at = parts[0], 1
    authors = ""
    if len(parts) > 1 and cited(title) and _are_first(title, parts[1]):
        authors, title, at = _bare(title), parts[1], 2  # names first
    rest = " ".join(parts[at:])
    title = _SHORT.sub("", title.strip(" .,;:：|-–—_`")) or title
    title, year = _without_end(_bold_off(title).strip(" .,;:：|-–—*_`"))
    if not year:
        named = re.search(rf"(?<![\d.:/]){YEAR}(?![\d:/])", rest[:200])
        year = named[0] if named else ""
    stands = bool(year and (authors or VENUE.search(rest) or at > 1))
    return title, rest, authors or _authors(rest), stands, year


def _are_people(text: str) -> bool:
    """Names as references have them, and no title that looks like one name."""
    return cited(text) and bool(re.search(r",|&|\band\b|\bet al|\b[A-Z]\.", text))


def _are_first(names: str, after: str) -> bool:
    """Names before a title, and no short title before something else."""
    if VENUE_ONLY.match(after) or is_names(after[:200]):
        return False
    told = bool(ETAL.search(names) or INITIALS.search(names) or re.search(r",|;|\band\b|&", names))
    return told or (words_in(names) <= 3 and words_in(after) >= 4)


def _authors(rest: str) -> str:
    first = re.split(r"[\n(]|\.\s", rest.strip(" .,-–—*_"), maxsplit=1)[0].strip()
    return _bare(first) if first and is_names(first) and ("," in first or ETAL.search(first)) else ""


def _bold_off(text: str) -> str:
    return fields.words_of(text)


_SPLIT = re.compile(
    r"(?P<stop>(?<=[^\s.])(?<!\bvs)(?<!\be\.g)(?<!\bi\.e)(?<!\bNo)(?<!\bSt)(?<!\bDr)(?<!\b[A-Z])[.?!]\s+(?=[A-Z*_\"“(\[]|arxiv\b|arXiv\b|preprint\b))"
    r"|(?P<line>\n)|(?P<chinese>[。；]|\s[|｜]\s*|\s?\|\|\s?|\s//\s)|(?P<dash>\s+[-–—~]{1,3}\s+|\s*——\s*|:\s*$)"
    rf"|(?P<comma>[,，;]\s+(?=(?:\*|_|\()?(?:(?:{VENUES})\b|(?i:in) (?:(?i:proc|the) ?|[A-Z])"
    rf"|{YEAR}\b|[A-Z][\w.-]*(?:\s+[A-Z][\w.-]*)?\s+et\.? al|Proceedings|Proc\.|IEEE|ACM\b)))"
    r"|(?P<by>\s+by\s+(?=[A-Z]))|(?P<italic>\s+(?=[*_`](?![*_])\S))|(?P<colon>[：]\s*)"
)


def _pieces(text: str) -> list[str]:
    """A row cut where its title may end: at a full stop, a dash before a remark, a comma before a venue."""
    out: list[str] = []
    since = 0
    for found in _SPLIT.finditer(text):
        piece, after = text[since : found.start()], text[found.end() :]
        if not piece.strip() or found.start() < since:
            continue
        keep = "" if not found["stop"] else found[0].strip()
        if (not out or (found["stop"] and found["stop"][0] in "?!")) and not _ends_here(found, piece, after):
            continue
        if keep in "?!" and keep:
            piece += keep
        out.append(piece.strip())
        since = found.end()
        if len(out) >= 4:
            break
    out.append(text[since:].strip())
    return [piece for piece in out if piece] or [text]


def _ends_here(found: re.Match[str], piece: str, after: str) -> bool:
    """Whether a title ends at a sign that may also stand in one."""
    if found["line"] or found["chinese"] or found["comma"]:
        return True
    count = words_in(piece)
    if found["stop"]:
        sign = found[0].strip()
        if re.search(r"\bet al$", piece):
            return is_names(re.split(r"[:“\"]", piece)[-1][:600])
        if sign == "." or count < 2:
            return count >= 3 or cited(piece)
        return is_names(after.split(".")[0][:200]) or bool(VENUE_ONLY.match(after)) or not titled(after)
    head = re.split(r"[.(\[|*_`]", after, maxsplit=1)[0].strip()
    if found["by"]:
        who = head[:200]
        told = bool(re.search(r",|&|\band\b|\bet al", who)) or (
            len(who.split()) <= 3 and not re.match(r"\w+ing\b", who)
        )
        return told and is_names(who)
    if found["italic"]:
        return count >= 3 and bool(
            VENUE_ONLY.match(after.strip("*_` ")) or is_names(after.strip("*_` ").split("*")[0][:200])
        )
    if found["colon"]:
        return (
            bool(re.search(r"[\u3400-\u9fff]", after[:12])) and not re.search(r"[\u3400-\u9fff]", piece) and count >= 3
        )
    if count < 2 and not VENUE_ONLY.match(head):
        return False
    wide = bool(re.search(r"[\u3040-\u9fff]", head[:20])) and not re.search(r"[\u3040-\u9fff]", piece)
    return bool(
        not head
        or (is_names(head[:200]) and ("," in head or ETAL.search(head)))
        or VENUE_ONLY.match(head)
        or wide
        or (count >= 3 and not titled(head))
    )
