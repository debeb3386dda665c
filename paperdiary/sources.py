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
_DOI = re.compile(r"\b(10\.\d{4,9}/[^\s\"<>]+)", re.I)
_PAIRS = {")": "(", "]": "[", "}": "{"}
_TRACKING = re.compile(r"^(utm_|fbclid|gclid|ref_?src|mc_)")

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
    if host == "arxiv.org" or host.endswith(".arxiv.org"):
        old = _FTP.fullmatch(path)
        if old:
            return _canonical(f"{old['archive']}/{old['number']}")
        lead = r"(?:abs|pdf|html|src|e-print|format|ps|ftp/[a-z.-]+/papers(?:/\d{4})?)"
    elif host in {"ar5iv.org", "ar5iv.labs.arxiv.org"}:
        lead = r"(?:abs|html|pdf)"
    elif host == "alphaxiv.org":
        lead = r"(?:abs|pdf|overview)"
    elif host == "huggingface.co":
        lead = r"papers"
    elif host == "semanticscholar.org":
        lead = r"arxiv"
    elif host in {"doi.org", "dx.doi.org"}:
        lead = r"10\.48550"
    else:
        return None
    found = re.fullmatch(rf"{lead}/(?:arxiv[:.])?\s*{_ID.pattern}(?:\.pdf)?", path, re.I)
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
    doi = found[1].split("?")[0].split("#")[0].lower()
    while doi and (doi[-1] in ".,;" or (doi[-1] in ")]}" and doi.count(doi[-1]) > doi.count(_PAIRS[doi[-1]]))):
        doi = doi[:-1]
    doi = re.sub(r"(?:/(?:full|pdf|abstract|epdf)|(?:\.full)?\.pdf|\.full|\.abstract)$", "", doi)
    return re.sub(r"^(10\.1101/.+?)v\d+$", r"\1", doi)  # bioRxiv and medRxiv: one DOI for all versions


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
    if bare == "openreview.net" and path in {"/pdf", "/attachment"}:
        path = "/forum"
    if bare == "aclanthology.org":
        path = f"{path.removesuffix('.pdf').rstrip('/')}/"
    text = parts.query if query == pairs else urlencode(query)
    tail = f"?{text}" if text else ""
    return f"{parts.scheme.lower()}://{host}{path}{tail}"


def is_link(text: str) -> bool:
    """True where `text` is an address of the web (`www.` counts)."""
    text = text.strip().strip("<>")
    if not re.match(r"^(?:https?://|www\.)", text, re.I):
        return False
    try:
        return bool(urlsplit(canonical_url(text)).hostname)
    except ValueError:
        return False


def from_arxiv(identifier: str) -> Source:
    return Source(f"https://arxiv.org/abs/{identifier}", "paper", arxiv=identifier, label="arXiv")


def resolve(text: str) -> Source | None:
    """What an address or identifier points to; None where it is neither."""
    text = text.strip().strip("<>")
    identifier = arxiv_id(text)
    if identifier:
        return from_arxiv(identifier)
    if re.fullmatch(r"(?:doi:\s*)?10\.\d{4,9}/\S+", text, re.I):
        doi = doi_in(text)
        return Source(f"https://doi.org/{doi}", "paper", doi=doi, label="DOI") if doi else None
    if not is_link(text):
        return None
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
