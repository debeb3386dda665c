"""Print the strictest Content-Security-Policy under which all of a built site works.

usage: csp.py SITE

Every page's inline scripts, which are the theme's, are allowed by their hashes: so run it again after the theme
changed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from paperdiary.csp import of_site

if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1], "index.html").is_file():
        sys.exit(__doc__)
    print(of_site(Path(sys.argv[1])))
