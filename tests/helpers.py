"""What several tests write."""

from __future__ import annotations

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
