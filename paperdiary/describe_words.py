"""Words of notes and of answers: how many there are, in which language, and which of them say something."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from paperdiary import cluster, keywords

ROOT = 5  #: letters by which two words are one: "robot" and "robotics", "translate" and "translation"
_SURE = 1.5  #: times as many of its small words as of any other language's
#: scripts without spaces: signs that make a word, about
_PER_WORD = (
    ("\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff", 2),
    ("\u0e01-\u0edf\u1000-\u109f\u1780-\u17ff", 4),
)
#: small words that tell languages with Latin letters apart
_SMALL = {
    "de": "der die das und ist nicht ein eine einer eines dem den des mit von zu auf für im auch sich wird werden als"
    " bei aus durch über wie oder sie es",
    "en": "the and of to is that for with as are on by this from it be not which an or their than can its at was were",
    "es": "el la los las y de que en un una por con para es se del al como más pero su sus no lo esta este entre",
    "fr": "le la les et des un une est dans que qui pour sur par avec ne pas au aux ce cette sont plus du de il elle",
    "it": "il la le gli e di che un una per con è non sono si del della dei nel nella più come ma alla questo anche da",
    "nl": "de het een en van is dat niet op te met voor zijn aan er ook door naar bij uit wordt worden dan als maar om",
    "pl": "i w na z do że się jest nie to o jak po od przez dla są oraz ten ta który która przy za",
    "pt": "o a os as e de que em um uma por com para é não se do da dos das no na mais como mas ao seu sua este esta",
    "sv": "och att det som en ett är på av för med den till inte om de har vi från eller så kan var när men",
    "tr": "ve bir bu için ile da de olarak daha çok ne gibi olan en her değil ancak sonra kadar ise",
}
SMALL = {code: frozenset(text.split()) for code, text in _SMALL.items()}
NAMES = {
    "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "nl": "Dutch", "pl": "Polish",
    "pt": "Portuguese", "sv": "Swedish", "tr": "Turkish", "zh": "Chinese", "ja": "Japanese", "ko": "Korean",
    "cyrillic": "Russian or whichever Cyrillic language it is in", "greek": "Greek", "arabic": "Arabic",
    "hebrew": "Hebrew", "thai": "Thai", "devanagari": "Hindi",
}  # fmt: skip
_SCRIPTS = {"cjk": "zh", "hangul": "ko", "hiragana": "ja", "katakana": "ja"}
_LONGEST = 20_000  #: signs by which a text's language is told


def count(text: str) -> int:
    """How many words there are; of scripts without spaces two signs (kana, Han) or four (Thai and its like) are one."""
    joined = 0.0
    for signs, each in _PER_WORD:
        text, found = re.subn(f"[{signs}]", " ", text)
        joined += found / each
    return sum(any(c.isalnum() for c in word) for word in text.split()) + round(joined)


def language(text: str) -> str:
    """A key of `SMALL`, "zh", "ja", "ko", the name of another script, "latin", or "" where it is not clear."""
    scripts: Counter[str] = Counter()
    for letter, times in Counter(text[:_LONGEST]).items():
        if letter.isalpha():
            name = _script(letter)
            # a sign of Chinese says as much as three Latin letters, and terms in English stand in every such note
            scripts[name] += times * (3 if name in _SCRIPTS else 1)
    if not scripts:
        return ""
    eastern = sum(scripts[s] for s in ("cjk", "hiragana", "katakana"))
    if eastern > sum(scripts.values()) / 2:
        return "ja" if scripts["hiragana"] + scripts["katakana"] > 0.1 * eastern else "zh"
    script = max(scripts, key=lambda s: (scripts[s], s))
    if script != "latin":
        return _SCRIPTS.get(script, script)
    words = Counter(re.findall(r"[^\W\d_]+", text[:_LONGEST].lower()))
    hits = sorted(((sum(words[w] for w in small), code) for code, small in SMALL.items()), reverse=True)
    clear = hits[0][0] >= 3 and hits[0][0] >= _SURE * hits[1][0]
    return hits[0][1] if clear else "latin"


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "unknown").split()[0].split("-")[0].lower()


def is_latin(code: str) -> bool:
    """Whether a language that `language` told is written with Latin letters."""
    return code in SMALL or code == "latin"


@lru_cache(maxsize=1)
def _empty() -> frozenset[str]:
    """Words that say nothing of a subject."""
    return frozenset({*cluster._stopwords(), *(w for small in SMALL.values() for w in small)})


@lru_cache(maxsize=512)
def roots(text: str) -> frozenset[str]:
    """The beginnings of the words that say something; of scripts without spaces the pairs of signs."""
    found = (w for w in keywords.words(text) if not w.compound and len(w.term) > 1)
    return frozenset(w.term[:ROOT] for w in found if w.term not in _empty() and w.text not in _empty())


def spoken(text: str) -> dict[str, str]:
    """Root -> a word of the text that has it, as it is first written."""
    out: dict[str, str] = {}
    for written in re.findall(r"[^\W_][\w'’-]*", text):
        for root in roots(written):
            out.setdefault(root, written)
    return out


def numbers(text: str) -> frozenset[str]:
    """The numbers in a text, without the signs between thousands and with a point before what is less than one."""
    plain = re.sub(r"(?<=\d)[,'’\u00a0\u202f](?=\d{3}(?!\d))", "", text)
    return frozenset(re.sub(",", ".", n) for n in re.findall(r"\d+(?:[.,]\d+)*", plain))
