"""Where a note can be edited on the web: the right `edit_uri` for a diary, which MkDocs takes for a folder docs/."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, urlsplit

#: host -> address of a file's editor below the repository
EDITORS = {
    "github.com": "edit/{branch}/{folder}",
    "gitlab.com": "-/edit/{branch}/{folder}",
    "codeberg.org": "_edit/{branch}/{folder}",
    "gitea.com": "_edit/{branch}/{folder}",
}
DEFAULT_BRANCH = "main"  #: where the checkout does not say


def edit_uri(repo_url: str | None, notes: Path) -> str:
    """What `edit_uri` should be where mkdocs.yml has a `repo_url` and says no more; "" for a host of another kind.

    Args:
        notes: the folder of the notes; its place below the folder that holds .git, and the branch that is checked
            out, decide.
    """
    pattern = EDITORS.get((urlsplit(repo_url or "").hostname or "").removeprefix("www."))
    if not pattern:
        return ""
    root = next((folder for folder in notes.parents if (folder / ".git").exists()), notes.parent)
    folder = notes.relative_to(root).as_posix()
    return pattern.format(branch=quote(_branch(root)), folder=f"{quote(folder)}/")


def _branch(root: Path) -> str:
    try:
        head = (root / ".git" / "HEAD").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):  # no checkout, or .git is a file that leads elsewhere
        return DEFAULT_BRANCH
    found = re.match(r"ref: refs/heads/(\S+)\s*$", head)
    return found[1] if found else DEFAULT_BRANCH


def address(edit_url: str | None) -> str:
    """MkDocs' address of a file's editor as it can stand in a link; "" for none."""
    whole = quote(edit_url or "", safe="%:/?#[]@!$&'()*+,;=~")
    return whole if urlsplit(whole).scheme in {"http", "https"} else ""
