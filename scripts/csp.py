"""Print the strictest Content-Security-Policy under which all of a built site works.

usage: csp.py SITE

Every page's inline scripts, which are the theme's, are allowed by their hashes: so run it again after the theme
changed. Styles have to be allowed inline, since Plotly sets some.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from pathlib import Path

_SCRIPT = re.compile(r"<script(?![^>]*(?:\bsrc=|application/))[^>]*>(.*?)</script>", re.S)


def policy(site: Path) -> str:
    """The value of the header for the site in the folder `site`."""
    scripts = {m[1] for file in site.rglob("*.html") for m in _SCRIPT.finditer(file.read_text(encoding="utf-8"))}
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in sorted(scripts))
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'self' {allowed}; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        " font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'self'; form-action 'self'"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1], "index.html").is_file():
        sys.exit(__doc__)
    print(policy(Path(sys.argv[1])))
