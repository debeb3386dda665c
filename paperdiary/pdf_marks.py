"""The words by which the parts of a paper's first pages are known: headings, mastheads, affiliations."""

from __future__ import annotations

import re

#: how an abstract is headed; those of the second group only where none of the first is there
NAMES = (
    r"abstract|摘\s*要|要\s*旨|概\s*要|抄\s*録|あらまし|초\s*록|요\s*약",
    r"summary|executive summary|synopsis|r[ée]sum[ée]|zusammenfassung|kurzfassung|resumen|resumo|riassunto|sommario|"
    r"samenvatting|sammanfattning|аннотация|περίληψη|streszczenie|abstrakt",
)
HEADING = tuple(re.compile(rf"\W{{0,3}}(?:\d\.?\s+)?(?P<name>{n})\W{{0,3}}", re.I) for n in NAMES)
RUN_IN = tuple(
    re.compile(rf"\W{{0,2}}(?P<name>{n})(?P<sign>\s*[:.—–\-―|：】〕］\]•·]+\s*|\s+)(?P<rest>\S.*)", re.I) for n in NAMES
)
#: what follows an abstract
STOP = re.compile(
    r"""\W{0,2}(?:
    key\s?-?\s?words?(?:\s(?:and|&)\sphrases)?\b|keyphrases?\b|index\sterms?\b|subject\s(?:class|headings|areas?)|
    additional\skey\s?words|general\sterms|ccs\sconcepts?|categories\s(?:and|&)\ssubject|acm\s(?:reference|classification)|
    (?:\d{4}\s)?(?:ams|msc|mathematics\s?subject)\b.{0,30}(?:class|codes?|\d\d[A-Z]\d\d|:)|msc\s?(?:\(|20|19|code|class)|pacs\b|jel\b|
    nomenclature$|abbreviations?\s?[:—]|highlights$|impact\sstatement|
    (?:[\dIVX]{1,4}\s?[.)]?\s+)?introduction\W{0,2}$|(?:1|I)\.?\s+(?:introduction|background|motivation|overview|preliminaries)\b|
    introduction\s?[.:—–]|(?:table\sof\s)?contents$|list\sof\s(?:figures|tables)|acknowledge?ments?\W?$|
    permission\sto\smake|copyright\b|©|\(c\)\s(?:19|20)\d\d|proceedings\sof|this\swork\sis\slicen[sc]ed|
    (?:article\s)?(?:submitted|received|accepted|revised)\b.{0,20}\d|published\s(?:online|by)|dated?:|preprint\ssubmitted|
    (?:code|website|project(?:\spage)?|data(?:sets?)?|models?|github|homepage|demo|blog\s?post|video|weights)\b.{0,30}:\s*\W?(?:https?:|www|github)|
    corresponding\sauthor|correspondence\s?(?:to|:)|\W?e-?mails?:|doi:|https?://doi|
    palavras|mots[\s-]cl|schl[üu]sselw|palabras\sclave|parole\schiave|ключевые|
    关\s?键\s?词|關\s?鍵\s?詞|キーワード|키워드|주제어|摘\s*要|
    (?:\d\.?\s)?(?:はじめに|序\s?論|緒言|引\s?言|绪\s?论|서\s?론)
    )""",
    re.I | re.X,
)
#: the parts of a structured abstract stay in it
PART = re.compile(
    r"(?:background|objectives?|aims?|purpose|methods?|methodology|materials and methods|design|setting|participants|"
    r"measurements|results?|findings|conclusions?|interpretation|significance|motivation|context|problem|approach|"
    r"importance|main outcomes?.*|trial registration|funding|availability.*|limitations|discussion|introduction|scope|"
    r"implications|contributions?|originality|hypothesis|rationale)\W{0,2}",
    re.I,
)
NUMBERED = re.compile(r"(?:\d{1,2}|[IVX]{1,4}|§\s?\d+)(?:\.\d+)*[.)]?\s+[A-Z][\w’'-]+")
#: what is printed above a title that is no title
MASTHEAD = re.compile(
    r"""(?:arxiv:|https?://|www\.|doi\b|issn|isbn|vol(?:ume)?\.?\s?\d|no\.\s?\d|pp?\.\s?\d|©|copyright|preprint\b|
    (?:published|accepted|submitted|presented|received|revised|appear(?:s|ing|ed)|manuscript|draft|to\sappear|prepared)
       (?:$|\s?[:.]|\s(?:as|at|by|in|to|for|on|online|no|id|version|of|\w{3,9}\s\d|\d)\b)|
    under\s(?:double.blind\s)?review\b|workshop\strack|available\sonline|downloaded\sfrom|licensed\sunder|citation:|cite\sthis|
    contents\slists|journal\shomepage|science\s?direct|elsevier|springer$|open\saccess|check\sfor\supdates|creative\scommons|
    (?:(?:original|full|short|regular|invited|research|review|survey|technical|feature|letter|brief)\s)?
       (?:research\s)?(?:article|paper|communication|report|contribution)s?$|
    (?:letters?|review|survey|commentary|perspective|editorial|correspondence|opinion|poster|demo|tutorial|erratum|
       survey\spaper|research|methodology|software|analysis|articles?|news|original|special\sissue.*|open)$|
    ieee\s(?:trans|journal|access|robotics|signal|internet|sensors|communications|conference)|acm\strans|
    (?:international\s|the\s|european\s|american\s|asian\s|open\s)?journal\s(?:of|for|on)\b|\w+\sjournal$|
    annals\sof|bulletin\sof|transactions\s(?:on|of)|advances\sin\sneural\sinformation|lecture\snotes\sin|
    (?:in\s)?proceedings\b|proc\.|conference\son|\d+(?:st|nd|rd|th)\s.*(?:conference|workshop|symposium|meeting)|
    (?:technical|research)\sreport|tech\.\s?rep|(?:\w+\s){0,3}(?:working|discussion)\spapers?(?:\sseries)?\b|white\s?paper$|
    (?:this|the)\s(?:paper|article|work|version|document|is\sthe|pdf|manuscript)\s(?:is|was|has|appears?|appeared|of)\b|national\sbureau\sof|
    (?:bio|med)rxiv\b|hal\s(?:open\sscience|is\sa)|to\scite\sthis|your\suse\sof|downloaded\b.*\bon\b|
    dissertation\b|(?:master|bachelor|doctor|phd|m\.?sc|diploma|ph\.?d)\S*\s(?:thesis|of|degree|dissertation)|thesis$|
    a\s(?:thesis|dissertation)|(?:in\spartial|submitted\s(?:to|in))|hal\sid|see\sdiscussions|author\(s\)|source:|stable\surl|
    for\spersonal\suse|confidential|version\s\d|page\s\d|\d+\s*$|[\d\W]+$|eurographics|mnras\b|
    (?:january|february|march|april|may|june|july|august|september|october|november|december|\d{1,2})\W.*\b(?:19|20)\d\d\W*$)""",
    re.I | re.X,
)
#: what may be large without being a title
NO_TITLE = re.compile(
    r"(?:(?:table of )?contents|inhalts(?:verzeichnis|übersicht)|sommaire|índice|目\s*录|目\s*次|"
    r"(?:research )?highlights|"
    r"graphical abstract|cover letter|supplementary (?:material|information))\W*$|[•●▪‣∙]",
    re.I,
)
JOURNAL = re.compile(
    r"""(?:nature(?:\s\w+){0,2}|scientific\s(?:reports|data)|plos\b.{0,30}|pnas|science(?:\s(?:advances|robotics))?|cell(?:\s\w+)?|
    the\slancet.*|elife|iscience|neuron|neuro(?:computing|image)|neural\s(?:networks|computation)|pattern\srecognition(?:\sletters)?|
    (?:new\s)?physical?s?\s(?:review|letters|reports).{0,12}|expert\ssystems.*|information\s(?:sciences|fusion|systems)|frontiers\sin.{0,30}|
    artificial\sintelligence|machine\slearning|medical\simage\sanalysis|sensors|entropy|applied\ssciences|bioinformatics|
    research|arxiv|biorxiv|medrxiv|ssrn|openreview.*|usenix|springer.*|wiley|sage|mdpi|acm|ieee(?:\s\w+)?|hhs\spublic\saccess|
    (?:deepmind|openai|anthropic|google|meta|microsoft|nvidia|apple|amazon|facebook)(?:\s(?:ai|research|deepmind|brain))*)""",
    re.I | re.X,
)
PLACE = re.compile(
    r"(?<![^\W\d_])(?:universit|institut|department|dept\b|faculty|school of|college|laborator|academy|"
    r"centre for|center for|"
    r"ministry|hospital|inc\.|ltd|gmbh|corporation|division of|college of)|@|\bfachbereich|\bfakult",
    re.I,
)
_FUNCTION_WORDS = """
    a an the of for in on to with from by at is are as using via towards toward under over into between and how why
    what der die das und für von mit im zur de la le les des du et pour en el los las del para y sur dans
    """
FUNCTION = frozenset(_FUNCTION_WORDS.split())


def is_introduction(text: str) -> bool:
    return bool(re.fullmatch(r"(?:[\dIVX]{1,3}[.)]?\s*)?introduction\W?", text, re.I)) or bool(
        re.fullmatch(r"(?:1|I)[.)]?\s*i\s?n\s?t\s?r\s?o\s?d\s?u\s?c\s?t\s?i\s?o\s?n", text, re.I)
    )
