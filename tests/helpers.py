"""What several tests write."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

MKDOCS_YML = """\
site_name: Test diary
docs_dir: notes
theme:
  name: material
  font: false
plugins:
  - search
  - paperdiary:
      embedder: hashing
"""


def map_points(site: Path) -> dict[str, Any]:
    """What the map of a built site is drawn from: the object in map-points.js."""
    return points_in((site / "assets" / "paperdiary" / "map-points.js").read_text(encoding="utf-8"))


def points_in(script: str) -> dict[str, Any]:
    """The object in the text of map-points.js."""
    return dict(json.loads(script[script.index("(") + 1 : script.rindex(")")]))


ROOT = Path(__file__).parent.parent


def copy_starter(target: Path) -> Path:
    """The project's own diary without what a build makes."""
    for name in ("mkdocs.yml", "atlas.json"):
        shutil.copy(ROOT / name, target / name)
    shutil.copytree(ROOT / "notes", target / "notes")
    return target
