"""A strict Content-Security-Policy: for a server to send (`scripts/csp.py`), or in a meta element of each page.

Nothing of the site is evaluated or comes from another host, and no script is inline but the theme's few, which are
allowed by their hashes. Styles have to be allowed inline: Plotly and the highlighting of code set some.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

_SCRIPT = re.compile(r"<script(?![^>]*(?:\bsrc=|application/))[^>]*>(.*?)</script>", re.S)
_CHARSET = re.compile(r"<meta charset=[^>]*>", re.I)


def policy(scripts: Iterable[str], others: Iterable[str] = (), *, pictures: bool = False) -> str:
    """The value of the header.

    Args:
        scripts: what stands between the tags of those that are inline.
        others: addresses of scripts and styles that mkdocs.yml names; their hosts are allowed.
        pictures: whether those of other hosts are shown (`pictures: link`).
    """
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in sorted(set(scripts)))
    hashes = "".join(f" 'sha256-{digest}'" for digest in digests)
    hosts = "".join(f" {host}" for host in sorted(set(map(_origin, others)) - {""}))
    far = " https: http:" if pictures else ""
    return (
        f"default-src 'none'; script-src 'self'{hosts}{hashes};"
        f" style-src 'self' 'unsafe-inline'{hosts}; img-src 'self' data:{far}; media-src 'self'{far};"
        f" font-src 'self'{hosts}; connect-src 'self'{hosts}; worker-src 'self'; base-uri 'none'; form-action 'self'"
    )


def inline_scripts(html: str) -> list[str]:
    """The scripts of a page that stand in it."""
    return [found[1] for found in _SCRIPT.finditer(html)]


def of_site(site: Path) -> str:
    """One policy for all pages of the site in a folder."""
    return policy(script for file in site.rglob("*.html") for script in inline_scripts(file.read_text("utf-8")))


def with_meta(html: str, theirs: str, others: Iterable[str] = (), *, pictures: bool = False) -> str:
    """A page that tells its policy itself, for servers that send none, such as GitHub Pages.

    Args:
        theirs: the part of the page that is a note's, whose scripts are not allowed.
    """
    allowed = [script for script in inline_scripts(html) if not script.strip() or script not in theirs]
    value = escape(policy(allowed, others, pictures=pictures))
    meta = f'<meta http-equiv="Content-Security-Policy" content="{value}">'
    return _CHARSET.sub(lambda m: f"{m[0]}\n    {meta}", html, count=1)


def _origin(url: str) -> str:
    try:
        parts = urlsplit(f"https:{url}" if url.startswith("//") else url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} and parts.netloc else ""
