"""How language models begin and end when they speak to somebody, or refuse, instead of answering.

Phrases as regular expressions, any case; a space stands for any white space, an apostrophe for both kinds.
"""

from __future__ import annotations

import re
from functools import lru_cache

#: labels before a text
_LABELS = """
    (?:one[- ]?paragraph )?description|summary|abstract|answer|output|result|response|tl;?dr|note|title|text
    assistant|system|user|final answer|revised (?:description|version)|here
    beschreibung|zusammenfassung|antwort|résumé|réponse|resumen|respuesta|descripción|riassunto|resumo
    描述|摘要|总结|回答|概要|説明|要約|설명|요약
"""
#: at the beginning
_OPENINGS = """
    (?:sure|certainly|absolutely|okay|ok|great|alright|understood|yes|no|done|gladly|hello|hi)(?: thing)?\\s*[,.!:–—-]
    of course\\b|(?:my )?apologies\\b|sorry\\b|happy to\\b|let's\\b|let me\\b
    (?:here|below)(?:'s| is| are| you| comes| goes)\\b
    i(?:'m| am|'ve|'d|'ll| will| have| can| would| think| was)\\b
    (?:i|we) (?:cannot|can't|can not|won't|do not|don't|did not|apologi[sz]e|refuse|must decline|need)\\b
    unfortunately,? (?:i|the (?:note|text))\\b
    as an? (?:ai|large|language|assistant)\\b
    (?:based on|according to) (?:the|your|this) (?:note|text|provided|given)\\b
    (?:the|this) (?:description|summary)\\b
    (?:the|this|your) (?:note|text|provided|given|input)(?: text)? (?:is|does|provided|you|says|describes)\\b
    gerne\\b[,!.:]?|natürlich[,!]|selbstverständlich\\b|hier (?:ist|sind|kommt)\\b|tut mir leid|leider (?:kann|ist)\\b
    als (?:ki|sprachmodell)\\b
    voici\\b|bien sûr|je (?:suis désolé|ne peux)|désolé|en tant qu
    claro[,!.]|por supuesto|aquí (?:está|tienes|va)\\b|lo siento|como (?:modelo|una? ia)\\b
    ecco\\b|certo[,!.]|mi dispiace|aqui está|desculpe
    当然|好的|以下是|抱歉|对不起|很抱歉|作为(?:一个|一名)?(?:ai|人工智能|语言模型)
    申し訳|はい[、。]|以下(?:は|に)|もちろん|죄송|물론
"""
#: anywhere
_ANYWHERE = """
    \\blet me know\\b|\\bi hope (?:this|that|it)\\b|\\bfeel free to\\b|\\bas (?:you )?requested\\b|\\bword count\\b
    \\bwould you like\\b|\\bas an ai\\b|\\bknowledge cutoff\\b|\\blorem ipsum\\b|\\b(?:todo|tbd)\\b
    \\bi(?:'m| am) (?:sorry|unable|not able|an? (?:ai|language))\\b|\\bi (?:cannot|can't|won't)\\b
    \\bmy (?:guidelines|training|instructions)\\b|\\b(?:against|violates?) (?:my|our|the) (?:guidelines|polic)
    \\b(?:not|n't) (?:contain|provide|mention|include|give) (?:enough|any|sufficient)\\b|\\binsufficient information\\b
    \\(\\d+ words\\)|\\b\\d{1,3} words\\b(?=\\W*\\Z)|\\bend of (?:note|description)\\b|\\binsert (?:your|the|a)\\b
    [?？]\\s*\\Z
"""


def found(text: str) -> str:
    """What in an answer is meant for somebody and does not describe; "" where nothing is."""
    opening, anywhere = _patterns()
    hit = opening.search(text) or anywhere.search(text)
    return hit[0].strip()[:40] if hit else ""


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    label = rf"(?:{_either(_LABELS)})(?: \w+){{0,2}}\s*[:：]"
    opening = re.compile(rf"\A\W{{0,3}}(?:{label}|{_either(_OPENINGS)})", re.I)
    return opening, re.compile(_either(_ANYWHERE), re.I)


def _either(phrases: str) -> str:
    rows = [row.strip() for row in phrases.strip().split("\n")]
    return "|".join(rows).replace("'", "['’]").replace(" ", r"\s+")
