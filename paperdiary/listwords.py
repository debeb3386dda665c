"""The words that lists of papers are made of: venues, what links are called, names of people."""

from __future__ import annotations

import re

from paperdiary import fields
from paperdiary.markup import urls_in

YEAR = r"(?:19|20)\d\d"
#: what conferences, journals and preprint servers are called, beside a year or alone; the long ones in any case
VENUES = (
    r"(?i:arxiv|preprint|biorxiv|medrxiv|openreview|techrxiv|ssrn|interspeech|icassp|neurips|nips|icml|iclr|"
    r"aaai|ijcai|aistats|cvprw?|iccvw?|eccvw?|wacv|bmvc|accv|emnlp|naacl|eacl"
    r"|aacl|coling|conll|tacl|lrec|kdd|sigir|cikm|wsdm|recsys|ecir|icdm|sigmod|p?vldb|icde|cidr|edbt|eurosys|"
    r"asplos|sosp|osdi|nsdi|sigcomm|infocom|mobicom|mobisys|sensys|conext|hotos|hotnets"
    r"|ndss|usenix|eurocrypt|iccad|fccm|ppopp|pldi|oopsla|ecoop|icse|issta|siggraph|eurographics|corl|icra|"
    r"iros|miccai|isbi|mlsys|tpami|ijcv|tkde|jmlr|tmlr|pnas|webconf)"
    r"|ACL|(?:ACL[- ])?(?:Findings|IJCNLP|SRW)|3DV|NeurIPSW|UAI|COLT|PAMI|TIP|TMM|TCSVT|TNNLS|WWW|TheWebConf|"
    r"SDM|TOIS|PODS|SoCC|SOCC|ISCA|MICRO|HPCA|ATC|FAST|IMC|CCS|S&P|Oakland|CRYPTO|DAC|DATE|FPGA"
    r"|SC|POPL|FSE|ASE|MSR|CHI|UIST|CSCW|IUI|VIS|TVCG|TOG|CGF|RSS|RA-?L|T-?RO|TMI|MIA|MM|ACM ?MM|ICME|ICIP|MMM|"
    r"ICMR|ICPR|IJCNN|SIGGRAPH Asia|TACL|TASLP|TNN|TCYB|TGRS|TITS|IV|ITSC|LoG|RECOMB|ISMB"
    r"|(?:Nature|Science|Cell)(?!\s+[a-z])"
)
VENUE = re.compile(rf"\b(?:{VENUES})\b")
VENUE_ONLY = re.compile(
    rf"^\W*(?:(?i:in|to appear in|accepted (?:by|at|to)|the)\s+)?(?:(?:{VENUES})\b|(?i:proc(?:eedings)?|"
    rf"journal|transactions|trans|international conference|ieee|acm|springer|elsevier|university"
    r"|tech(?:nical)? report|(?:ph\.?d\.? )?thesis|workshop on|advances in)\b|"
    r"[A-Z][A-Za-z&-]{1,11}\W{0,2}(?:19|20)?\d\d\b(?!\d)|(?:19|20)\d\d)"
)

#: words that no title ends with
SMALL = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "from",
        "with",
        "by",
        "and",
        "or",
        "as",
        "is",
        "are",
        "see",
        "this",
        "that",
        "these",
        "our",
        "my",
        "we",
        "i",
        "it",
        "its",
        "into",
        "via",
        "using",
        "read",
        "check",
        "about",
        "also",
        "such",
        "like",
        "between",
        "under",
        "over",
        "their",
        "your",
        "be",
        "was",
        "were",
        "has",
        "have",
        "used",
        "uses",
        "per",
        "vs",
    ]
)
_PARTICLES = frozenset(
    [
        "van",
        "von",
        "de",
        "der",
        "den",
        "di",
        "da",
        "del",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
        "ter",
        "ten",
        "dos",
        "du",
        "jr",
        "sr",
    ]
)
PROSE = re.compile(
    r"\b(?:i|we|you|please|this (?:repo|repository|page|list|is)|check (?:out|it)|feel free|pull request|click here"
    r"|your|welcome|thanks|star this|we're|i'm|contributions?|readers?|updated?|released?|coming soon|if you)\b",
    re.I,
)
ETAL = re.compile(r"\bet\.? ?al\b")
INITIALS = re.compile(r"\b[A-Z]\.(?:[- ]?[A-Z]\.)*(?:,|\s|$)")
#: what a link is called besides "paper" and "code"
_WHAT = re.compile(
    r"^\W*(?:(?:open|full|my|short|detailed|quick|reading|paper|the|video|slide|project|blog|official|online|"
    r"arxiv|pdf|local|web|extended|talk|original|original paper|google|colab|author'?s?|"
    r"demo|data|model|code|unofficial|related|interactive|free|my own|chapter)\s+){0,3}(?:notes?|books?|ebook|"
    r"chapter|summary|summaries|review|reviews|reading|view|open|read|read more|more|here|link|links|pdf|site|"
    r"website|webpage|page|homepage|"
    r"slides?|video|videos|talk|recording|podcast|thread|tweet|twitter|blog|post|article|explanation|explained|"
    r"weights?|models?|checkpoints?|colab|notebook|space|spaces|demo|"
    r"dataset|data|bib|bibtex|cite|citation|scholar|appendix|supplementary|supp|poster|presentation|ppt|pptx|"
    r"keynote|tutorial|implementation|repo|repository|github|gitlab|gitee|code|tf|jax|keras|"
    r"caffe|pytorch|torch|tensorflow|matlab|mxnet|c\+\+|python|official|unofficial|project|homepage|home|doi|"
    r"abs|abstract|html|ar5iv|arxiv|paper|papers|doc|docs|document|download|url|src|"
    r"wiki|wikipedia|youtube|bilibili|zhihu|medium|hf|huggingface|hugging face|papers? ?with ?code|pwc|"
    r"openreview|semantic scholar|acm|ieee|springer|acl|aclanthology|cvf|pmlr|neurips|nips|"
    r"(?:我的|阅读|论文|中文|英文|官方|笔记|个人|知乎|参考|相关){0,2}(?:笔记|筆記|原文|地址|链接|代码|解读|文章|专栏|博客|视频|实现)|笔记|筆記|详细|详情|解读|阅读笔记|"
    r"论文笔记|中文|英文|翻译|译文|博客|知乎|代码|论文|原文|链接|主页|项目|视频|源码|下载|数据|数据集|レビュー|要約|メモ|資料|動画|스터디|리뷰|정리|노트|링크|논문|코드)"
    r"(?:\s*[#(（]?\s*(?:\d{1,2}|[ivx]{1,4}|pdf|zh|en|cn|official|unofficial|pytorch|tensorflow|tf|torch|jax|"
    r"keras|code|link|page|site|note|notes|video|paper|post|series)\s*[)）]?){0,3}\W*$",
    re.I,
)


def words_in(text: str) -> int:
    """Words, where two signs of Chinese or Japanese are about one."""
    return len(
        re.findall(
            r"[^\W\d_\u3040-\u30ff\u3400-\u9fff](?:[^\W_\u3040-\u30ff\u3400-\u9fff]|['’+.-])*|\d[\w.-]*|"
            r"[\u3040-\u30ff\u3400-\u9fff]{1,2}",
            text,
        )
    )


def says_what(label: str) -> bool:
    """What a link is called after its kind: "paper", "CVPR 2020", "open note", "2016"."""
    bare = label.strip(" *_`[]()（）:：📄💻🔗")
    if not re.search(r"\w", bare):
        return True
    if fields.is_label(bare) or fields.SECTION.match(bare) or _WHAT.match(bare):
        return True
    if re.fullmatch(r"(?:arxiv\s*:?\s*)?\d{4}\.\d{4,5}(?:v\d+)?|[\d\W_]+|v\d+|#\d+", bare, re.I) or urls_in(bare):
        return True
    short = words_in(bare) <= 4
    return short and bool(
        re.fullmatch(
            rf"(?:{VENUES})\W*(?:\W?(?i:w|workshops?|oral|spotlight|poster|findings|main|demo|track))?\W*(?:'|"
            rf"’)?(?:{YEAR}|\d\d)?(?:[.-]\d\d?)?\W*(?:\(?(?i:oral|spotlight|poster|best paper|highlight|"
            rf"submissions?|accepted(?: papers)?|papers|proceedings|workshops?)\)?)?",
            bare,
        )
        or re.fullmatch(r"[A-Z][A-Za-z-]{1,9}\W?(?:19|20|'|’)?\d\d", bare)
    )


def cited(text: str) -> bool:
    """Words that are names of authors."""
    return bool(ETAL.search(text) or INITIALS.search(text)) or is_names(text)


def is_names(text: str) -> bool:
    """A list of people: "Ada Moor, Bo Lind and C. Hart"."""
    text = re.sub(r"[*_`]+|\d+|[†‡∗]", "", text).strip(" .,;:()[]")
    if ETAL.search(text):
        return True
    parts = [p for p in re.split(r"\s*(?:,|;|、|，|\band\b|&|\|)\s*", text) if p]
    if not parts or len(text) > 600:
        return False
    for part in parts:
        pieces = part.split()
        if not 1 <= len(pieces) <= 5:
            return False
        if not all(w[:1].isupper() or w.lower().strip(".") in _PARTICLES for w in pieces) or any(
            len(w) > 1 and w.isupper() and "." not in w and len(w) > 3 for w in pieces
        ):
            return False
    return (any(len(w) > 1 for w in parts) and len(parts) >= 2) or 2 <= len(parts[0].split()) <= 4


def titled(text: str) -> bool:
    """Words in capitals, as titles have them, and no remark."""
    telling = [w for w in re.findall(r"[^\W\d_][\w'’-]+", text[:200]) if len(w) > 3]
    return bool(telling) and 2 * sum(w[0].isupper() for w in telling) > len(telling)
