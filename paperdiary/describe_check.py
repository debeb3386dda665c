"""An answer of a language model -> a description that may go into a note, or why it may not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from paperdiary import describe_chatter
from paperdiary import describe_words as words

ASKED = (30, 50)  #: words that a description is asked to have
#: words that it may have: a fifth to either side, by which models and ways of counting ("one-shot", "5 %") differ
LEAST, MOST = 24, 60
#: of the words that say something, the share that the note must have as well. Of the 79 descriptions that people wrote
#: for the starter's notes 92 % have it; of the same descriptions beside the other notes, 1.4 %
BACKED = 0.36
BACKED_JOINED = 1 / 4  #: the same for pairs of signs, many of which reach from one word into the next
DISTINCT = 1 / 2  #: of all words that must be different ones


@dataclass(frozen=True)
class About:
    """What an answer must be about."""

    title: str
    text: str  #: plain text of the note
    year: str = ""

    @cached_property
    def whole(self) -> str:
        return f"{self.title}\n{self.year}\n{self.text}"

    @cached_property
    def languages(self) -> frozenset[str]:
        """What its parts are written in: an abstract in English may stand in a note in German."""
        parts = [self.text, *self.text.split("\n")]
        return frozenset(found for part in parts if (found := words.language(part))) - {""}

    @property
    def language(self) -> str:
        return words.language(self.text)


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer after all checks."""

    text: str  #: as it may be written
    reason: str = ""  #: why it may not be; "" where it may


def check(answer: str, about: About) -> Checked:
    """The description in an answer, and why it is refused, in the words of a request to do better."""
    text = unwrapped(answer)
    return Checked(text, next((reason for one in CHECKS if (reason := one(text, about))), ""))


_THINKING = re.compile(r"\A\s*<(think|thinking|reasoning)>.*?</\1>", re.S | re.I)
_FENCED = re.compile(r"\A```[\w-]*[ \t]*\n(.*?)\n?```\Z", re.S)
_SPACES = re.compile(r"[ \t\r\u00a0\u2009\u202f]+")
_WRAPPED = 40  #: signs from which on a line's end is a wrap and not the end of a paragraph
_ITEM = re.compile(r"[-+*>•#|=]|\d{1,3}[.)]\s")
_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»", "'": "'", "‘": "’", "「": "」"}


def unwrapped(answer: str) -> str:
    """An answer without what models put around all of it: their thinking, a fence, quotes, ends of lines."""
    text = unicodedata.normalize("NFC", _THINKING.sub("", answer.lstrip("\ufeff"), count=1)).strip()
    if found := _FENCED.match(text):
        text = found[1].strip()
    if len(text) > 2 and _QUOTES.get(text[0]) == text[-1] and not set(text[1:-1]) & {text[0], text[-1]}:
        text = text[1:-1].strip()
    lines = [_SPACES.sub(" ", line).strip() for line in text.split("\n")]
    wrapped = all(len(line) >= _WRAPPED for line in lines[:-1]) and not any(map(_ITEM.match, lines))
    return (" " if wrapped and all(lines) else "\n").join(lines)


def _is_there(text: str, about: About) -> str:
    return "" if any(c.isalnum() for c in text) else "it is empty"


_UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffd]")
_SYMBOLS = "°™®№ℓ"


def damage(text: str) -> str:
    """What is wrong with the letters of a text; "" where nothing is."""
    from ftfy import fix_encoding

    if _UNSEEN.search(text):
        return "it holds control characters or letters that were lost on their way"
    marks = 0
    for sign in text:
        kind = unicodedata.category(sign)
        marks = marks + 1 if kind in {"Mn", "Me"} else 0
        hidden = kind == "Cf" and sign not in "\u200c\u200d"
        if hidden or kind in {"Co", "Cs", "Cn"} or marks > 2 or (kind == "So" and sign not in _SYMBOLS):
            return f"it holds a sign that is no letter (U+{ord(sign):04X})"
    return "" if fix_encoding(text) == text else "its letters are damaged, as by a wrong encoding"


def _is_sound(text: str, about: About) -> str:
    return damage(text)


def _is_paragraph(text: str, about: About) -> str:
    return "it is more than one paragraph on one line" if "\n" in text else ""


_MARKUP = re.compile(
    r"[`|{}\[\]\\]|\*\S[^*]*\*|\*\*|~~|==|\^\[|(?<!\w)_\S|\S_(?!\w)|</?[A-Za-z!?]|&#?\w{1,30};|://|\bwww\.|\$[^$]*\$"
    r"|\A(?:[-+*>•–—]\s|\d{1,3}[.)]\s|:)|---|#|<!|%\}|!\("
)


def markup(text: str) -> str:
    """The first piece of Markdown, HTML, LaTeX or an address in a text; "" where it is plain."""
    found = _MARKUP.search(text)
    return found[0][:20] if found else ""


def _is_plain(text: str, about: About) -> str:
    return f"it is not plain text (“{found}”)" if (found := markup(text)) else ""


def _is_no_chatter(text: str, about: About) -> str:
    found = describe_chatter.found(text)
    return f"it speaks to somebody or refuses instead of describing (“{found}”)" if found else ""


def _has_length(text: str, about: About) -> str:
    found = words.count(text)
    return "" if LEAST <= found <= MOST else f"it has {found} words and not {ASKED[0]} to {ASKED[1]}"


_END = re.compile(r"[.!。！｡।…]['\"”’»」)）]?\Z")


def _is_whole(text: str, about: About) -> str:
    return "" if _END.search(text) and not text.endswith(("...", "…")) else "it does not end with a sentence's end"


def _does_not_repeat(text: str, about: About) -> str:
    found = re.findall(r"[^\W_]+", text.lower())
    if len(found) < LEAST / 2:  # a script without spaces
        found = [text[n : n + 2] for n in range(len(text) - 1)]
    runs = any(len(set(found[n : n + 4])) == 1 for n in range(len(found) - 3))
    return "it repeats itself" if runs or len(set(found)) < DISTINCT * len(found) else ""


def _has_language(text: str, about: About) -> str:
    own, wanted = words.language(text), about.languages
    if not own or not wanted or own in wanted:
        return ""
    if words.is_latin(own) and any(words.is_latin(w) for w in wanted) and "latin" in {own, *wanted}:
        return ""  # not sure of one of them
    told = words.NAMES.get(about.language) or " or ".join(sorted(words.NAMES.get(w, w) for w in wanted))
    return f"it is in {words.NAMES.get(own, 'another language')}, the note is in {told}"


_NAME = re.compile(r"(?<![\w-])(?=[\w-]*?[A-Z][\w-]*?[A-Z])[A-Za-z][\w-]*")
_KNOWN = frozenset({"ai", "ml"})


def _claims_nothing(text: str, about: About) -> str:
    given = words.numbers(about.whole)
    for number in sorted(words.numbers(text)):
        if number not in given and (len(number) > 1 or re.search(rf"(?<!\d){number}\s?[%x×]", text)):
            return f"the number {number} is not in the note"
    letters, initials = about.whole.lower(), "".join(w[0] for w in re.findall(r"[^\W\d_]+", about.whole.lower()))
    for name in _NAME.findall(text):
        for part in filter(None, re.split(r"[-_]", name)):
            low = part.lower().removesuffix("s") if part.endswith("s") else part.lower()
            there = re.search(rf"(?<![a-z0-9]){re.escape(low)}", letters) or low in initials
            if sum(c.isupper() for c in part) > 1 and low not in _KNOWN and not there:
                return f"“{part}” is not in the note"
    return ""


def share(text: str, about: About) -> float:
    """How many of the words of a text that say something are in the note as well, 0 to 1."""
    own = words.roots(text)
    return len(own & words.roots(about.whole)) / len(own) if own else 0.0


def _is_backed(text: str, about: About) -> str:
    found = share(text, about)
    if found >= (BACKED_JOINED if words.language(text) in {"zh", "ja", "thai"} else BACKED):
        return ""
    return f"only {found:.0%} of its words are in the note, so that it seems to be about something else"


#: in order; the first that has something to say decides
CHECKS: tuple[Callable[[str, About], str], ...] = (
    _is_there, _is_sound, _is_paragraph, _is_plain, _is_no_chatter, _has_length, _is_whole, _does_not_repeat,
    _has_language, _claims_nothing, _is_backed,
)  # fmt: skip
