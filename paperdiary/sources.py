"""A URL or an identifier -> what it points to. Needs no network."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from paperdiary.entry import Source

#: four digits from April 2007 to 2014, five since
_NEW = r"(?:07(?:0[4-9]|1[0-2])|(?:0[89]|1[0-4])(?:0[1-9]|1[0-2]))\.\d{4}|(?:1[5-9]|[2-8]\d)(?:0[1-9]|1[0-2])\.\d{5}"
_OLD = r"[a-z][a-z-]+(?:\.[A-Za-z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3}"
_ID = re.compile(rf"(?P<id>{_NEW}|{_OLD})(?:v\d+)?", re.I)
_ARXIV_TEXT = re.compile(rf"\barxiv\s*:\s*{_ID.pattern}(?!\d)", re.I)
_FTP = re.compile(r"ftp/(?P<archive>[a-z-]+)/papers/\d{4}/(?P<number>\d{7})(?:v\d+)?(?:\.pdf)?", re.I)
#: publishers once put <693::AID-ASI4> into them
_DOI = re.compile(r"\b(10\.\d{4,9}/(?:\(sici\)[\w():.-]+<[\w:.-]+>[\w.;-]*\w|[^\s\"<>]+))", re.I)
_PAIRS = {")": "(", "]": "[", "}": "{"}
_TRACKING = re.compile(r"^(utm_|fbclid|gclid|ref_?src|mc_|igsh(?:id)?$|msclkid|yclid|_hsenc|_hsmi|mkt_tok)")
#: host -> where the id stands in the paths of sites that show arXiv's papers
_MIRRORS = {
    "ar5iv.org": "(?:abs|html|pdf)/",
    "ar5iv.labs.arxiv.org": "(?:abs|html|pdf)/",
    "alphaxiv.org": "(?:abs|pdf|overview)/",
    "huggingface.co": "papers/",
    "hf.co": "papers/",
    "semanticscholar.org": "arxiv/",
    "api.semanticscholar.org": "",
    "doi.org": r"10\.48550/",
    "dx.doi.org": r"10\.48550/",
    "arxiv-vanity.com": "papers/",
    "scirate.com": "arxiv/",
    "papers.cool": "arxiv/",
    "emergentmind.com": "papers/",
    "inspirehep.net": "arxiv/",
    "ui.adsabs.harvard.edu": "abs/",
}
#: host -> parameter that holds the address which a link only leads to
_WRAPPERS = {
    "google.com": ("url", "q"),
    "scholar.google.com": ("url",),
    "l.facebook.com": ("u",),
    "lm.facebook.com": ("u",),
    "out.reddit.com": ("url",),
    "slack-redir.net": ("url",),
    "duckduckgo.com": ("uddg",),
    "youtube.com": ("q",),
    "safelinks.protection.outlook.com": ("url",),
}
_WRAPPER_PATHS = {"/url", "/scholar_url", "/l.php", "/link", "/l/", "/redirect", "/", ""}
#: host -> (path of a PDF, path of the page about it)
_PAGES = {
    "aclanthology.org": (r"/([^/]+?)(?:v\d+)?(?:\.pdf)?/?", r"/\1/"),
    "proceedings.mlr.press": (r"/(v\d+)/([^/]+)/\2\.pdf", r"/\1/\2.html"),
    "papers.nips.cc": (r"/(.+/\d{4})/file/(\w+)-Paper(-[\w-]+)?\.pdf", r"/\1/hash/\2-Abstract\3.html"),
    "proceedings.neurips.cc": (r"/(.+/\d{4})/file/(\w+)-Paper(-[\w-]+)?\.pdf", r"/\1/hash/\2-Abstract\3.html"),
    "openaccess.thecvf.com": (r"/(.+)/papers/([^/]+)\.pdf", r"/\1/html/\2.html"),
    "jmlr.org": (r"/papers/volume(\d+)/([^/]+)/[^/]+\.pdf", r"/papers/v\1/\2.html"),
    "openreview.net": (r"/(?:pdf|attachment)", "/forum"),
}

#: host (without www.) -> (kind, label)
_HOSTS = {
    "youtube.com": ("talk", "YouTube"),
    "youtu.be": ("talk", "YouTube"),
    "m.youtube.com": ("talk", "YouTube"),
    "vimeo.com": ("talk", "Vimeo"),
    "slideslive.com": ("talk", "SlidesLive"),
    "ted.com": ("talk", "TED"),
    "videolectures.net": ("talk", "VideoLectures"),
    "github.com": ("code", "GitHub"),
    "gitlab.com": ("code", "GitLab"),
    "gist.github.com": ("blog", "Gist"),
    "openreview.net": ("paper", "OpenReview"),
    "aclanthology.org": ("paper", "ACL Anthology"),
    "aclweb.org": ("paper", "ACL Anthology"),
    "papers.nips.cc": ("paper", "NeurIPS"),
    "proceedings.neurips.cc": ("paper", "NeurIPS"),
    "proceedings.mlr.press": ("paper", "PMLR"),
    "openaccess.thecvf.com": ("paper", "CVF"),
    "jmlr.org": ("paper", "JMLR"),
    "dl.acm.org": ("paper", "ACM"),
    "ieeexplore.ieee.org": ("paper", "IEEE"),
    "nature.com": ("paper", "Nature"),
    "science.org": ("paper", "Science"),
    "link.springer.com": ("paper", "Springer"),
    "sciencedirect.com": ("paper", "ScienceDirect"),
    "biorxiv.org": ("paper", "bioRxiv"),
    "medrxiv.org": ("paper", "medRxiv"),
    "pnas.org": ("paper", "PNAS"),
    "semanticscholar.org": ("paper", "Semantic Scholar"),
    "usenix.org": ("paper", "USENIX"),
    "huggingface.co": ("blog", "Hugging Face"),
}


def arxiv_id(text: str) -> str | None:
    """The canonical arXiv id in one address or identifier, or None.

    The version and, in old ids, the subject class go: `math.CA/0611800v2` -> `math/0611800`.
    """
    text = unquote(text.strip()).strip("<>")
    bare = _ID.fullmatch(text)
    if bare:
        return _canonical(bare["id"])
    labelled = re.fullmatch(rf"(?:arxiv\s*:|(?:doi:)?\s*10\.48550/(?:arxiv\.)?)\s*{_ID.pattern}", text, re.I)
    if labelled:
        return _canonical(labelled["id"])
    text = re.sub(r"^(?:https?:)?//", "", text, flags=re.I)
    host, _, path = text.partition("/")
    host = host.lower().removeprefix("www.").split(":")[0]
    path = path.split("?")[0].split("#")[0].strip("/")
    if host == "dblp.org":  # .../journals/corr/abs-1706-03762
        path = re.sub(r"^(?:rec/)?(?:html/)?journals/corr/abs-(\d{4})-(\d{4,5})(?:\.html)?$", r"abs/\1.\2", path)
        lead: str | None = "abs/"
    else:
        lead = _MIRRORS.get(host)
    if lead is None and (host == "arxiv.org" or host.endswith(".arxiv.org")):
        old = _FTP.fullmatch(path)
        if old:
            return _canonical(f"{old['archive']}/{old['number']}")
        lead = r"(?:abs|pdf|html|src|e-print|format|ps|bibtex|ftp/[a-z.-]+/papers(?:/\d{4})?)/"
    if lead is None:
        return None
    found = re.fullmatch(rf"{lead}(?:arxiv[:.])?\s*{_ID.pattern}(?:\.pdf)?", path, re.I)
    return _canonical(found["id"]) if found else None


def arxiv_in_text(text: str) -> str | None:
    """The first `arXiv:ID` written out in running text, or None."""
    found = _ARXIV_TEXT.search(text)
    return _canonical(found["id"]) if found else None


def _canonical(identifier: str) -> str:
    if "/" not in identifier:
        return identifier
    archive, number = identifier.lower().split("/")
    return f"{archive.split('.')[0]}/{number}"


def doi_in(text: str) -> str | None:
    """The DOI in an address or in running text, lower case, or None."""
    found = _DOI.search(unquote(text))
    if not found:
        return None
    doi, before = found[1][:500].split("?")[0].split("#")[0].lower(), ""
    while doi != before:
        before = doi
        doi = re.sub(r"(?:/(?:full|pdf|abstract|epdf)|(?:\.full)?\.pdf|\.full|\.abstract)$", "", doi)
        if doi and (doi[-1] in ".,;/" or (doi[-1] in _PAIRS and doi.count(doi[-1]) > doi.count(_PAIRS[doi[-1]]))):
            doi = doi[:-1]
    doi = re.sub(r"^(10\.1101/.+?)v\d+$", r"\1", doi)  # bioRxiv and medRxiv: one DOI for all versions
    return doi if "/" in doi else None


def canonical_url(url: str) -> str:
    """One form for all spellings of an address: scheme, lower-case host, no tracking, no fragment."""
    url = re.sub(r"\s+", "", url.strip().strip("<>"))
    if re.match(r"^www\.", url, re.I):
        url = f"https://{url}"
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = [(k, v) for k, v in pairs if not _TRACKING.match(k)]
    host = parts.netloc.lower()
    bare = host.removeprefix("www.").removeprefix("m.")
    if bare == "youtu.be" and parts.path.strip("/"):
        return f"https://www.youtube.com/watch?v={parts.path.strip('/')}"
    if bare == "youtube.com":
        short = re.fullmatch(r"/(?:live|shorts|embed)/([\w-]+)/?", parts.path)
        if short:
            return f"https://www.youtube.com/watch?v={short[1]}"
        query = [(k, v) for k, v in query if k in {"v", "list"}]
        host = "www.youtube.com"
    path = parts.path
    if bare == "aclweb.org" and path.startswith("/anthology/"):
        host = bare = "aclanthology.org"
        path = path.removeprefix("/anthology")
    if bare in _PAGES:
        path = re.sub(rf"^{_PAGES[bare][0]}$", _PAGES[bare][1], path)
    if bare == "openreview.net" and path == "/forum":
        query = [(k, v) for k, v in query if k == "id"] or query
    text = parts.query if query == pairs else urlencode(query)
    tail = f"?{text}" if text else ""
    return f"{parts.scheme.lower()}://{host}{path}{tail}"


def is_link(text: str) -> bool:
    """True where `text` is an address of the web (`www.` counts)."""
    text = text.strip().strip("<>")
    if not re.match(r"^(?:https?://|www\.)", text, re.I):
        return False
    try:
        host = urlsplit(canonical_url(text)).hostname or ""
    except ValueError:
        return False
    return bool(re.fullmatch(r"[^\s<>\"{}|\\^`@%,;()\[\]*&=+~]+", host)) and host.strip(".-_") != ""


def from_arxiv(identifier: str) -> Source:
    return Source(f"https://arxiv.org/abs/{identifier}", "paper", arxiv=identifier, label="arXiv")


def resolve(text: str) -> Source | None:
    """What an address or identifier points to; None where it is neither."""
    text = _unwrapped(text.strip().strip("<>"))
    identifier = arxiv_id(text)
    if identifier:
        return from_arxiv(identifier)
    if re.fullmatch(r"(?:doi:\s*)?10\.\d{4,9}/\S+", text, re.I):
        doi = doi_in(text)
        return Source(f"https://doi.org/{doi}", "paper", doi=doi, label="DOI") if doi else None
    if not is_link(text):
        host = text.partition("/")[0].lower().removeprefix("m.")
        if "/" not in text or not (host in _HOSTS or host in _MIRRORS):
            return None
        text = f"https://{text}"  # as a browser's address bar shows it
    url = canonical_url(text)
    identifier = arxiv_id(url)  # an address that was broken by a space
    if identifier:
        return from_arxiv(identifier)
    parts = urlsplit(url)
    host = parts.netloc.removeprefix("www.")
    if host in {"doi.org", "dx.doi.org"}:
        doi = doi_in(parts.path)
        return Source(f"https://doi.org/{doi}", "paper", doi=doi, label="DOI") if doi else None
    kind, label = _HOSTS.get(host, ("", host))
    doi = doi_in(parts.path) if kind == "paper" or host.startswith(("link.", "onlinelibrary.")) else None
    if not kind:
        kind = "paper" if parts.path.lower().endswith(".pdf") or doi else "blog"
    return Source(url, kind, doi=doi, label=label)


def typed(text: str) -> Source | None:
    """What a person means by an address on the command line: as `resolve`, and "example.com/post" is one too."""
    found = resolve(text)
    if found or not re.fullmatch(r"(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?/\S*", text.strip(), re.I):
        return found
    return resolve(f"https://{text.strip()}")


def in_text(text: str) -> list[Source]:
    """What the addresses in any text point to, in order, each once: a shared link, a mail, a list of ids.

    A number alone is an arXiv id only where nothing but ids stands on its line.
    """
    out: dict[str, Source] = {}
    for line in re.split(r"[\r\n]+", text):
        words = re.split(r"[\s,;]+", line.strip(" \t-*•,;"))
        found = words if all(_ID.fullmatch(word) for word in words) else [m[0] for m in _ADDRESS.finditer(line)]
        for one in found:
            source = resolve(_trimmed(one))
            if source:
                out.setdefault(source.identity, source)
    return list(out.values())


_KNOWN = "|".join(
    re.escape(h) for h in sorted({*_HOSTS, *_MIRRORS, "arxiv.org", "export.arxiv.org"}, key=len, reverse=True)
)
_ADDRESS = re.compile(
    rf"(?:https?://|www\.)[^\s<>\"`|\\^{{}}，。；！？、）】」》]+|(?<![\w.@/-])(?:{_KNOWN})/[^\s<>\"`|\\^{{}}，。；！？、）】」》]+"
    rf"|(?<!\w)arxiv\s*:\s*{_ID.pattern}(?!\d)|(?<![\w./])10\.\d{{4,9}}/[^\s<>\"，。；、）】」》]+",
    re.I,
)


def _trimmed(url: str) -> str:
    """Without the punctuation of the sentence around it."""
    while url and (
        url[-1] in ".,;:!?*_~'’”" or (url[-1] in _PAIRS and url.count(url[-1]) > url.count(_PAIRS[url[-1]]))
    ):
        url = url[:-1]
    return url


def _unwrapped(url: str) -> str:
    """The address that a link of a search engine, a chat or an archive leads to."""
    for _ in range(3):
        tight = re.sub(r"\s+", "", url)
        archived = re.match(r"https?://web\.archive\.org/web/\w+/(https?:/.+)$", tight, re.I)
        if archived:
            url = re.sub(r"^(https?:)/+", r"\1//", archived[1], flags=re.I)
            continue
        head = re.match(r"https?://(?:www\.|m\.)?([\w.-]+)(/[^?#]*)?\?([^#]*)", tight, re.I)
        host = head[1].lower() if head else ""
        host = "safelinks.protection.outlook.com" if host.endswith(".safelinks.protection.outlook.com") else host
        if not head or host not in _WRAPPERS or (head[2] or "") not in _WRAPPER_PATHS:
            return url
        given = dict(parse_qsl(head[3]))
        target = next((given[k] for k in _WRAPPERS[host] if re.match(r"https?://", given.get(k, ""), re.I)), "")
        if not target:
            return url
        url = target
    return url
