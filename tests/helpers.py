"""What several tests write."""

from __future__ import annotations

import json
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
