"""What a build leaves, made in a moment: an atlas by hand, vectors of words, the search index; no model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from atlases import atlas_of
from helpers import MKDOCS_YML

from paperdiary import atlas_file, build, embed, neighbours, shards
from paperdiary import config as configs
from paperdiary.build import Diary
from paperdiary.config import Config
from paperdiary.store import Store, VectorCache


def write(root: Path, notes: Mapping[str, str], mkdocs_yml: str = MKDOCS_YML) -> Config:
    """mkdocs.yml and notes under `root`."""
    (root / "mkdocs.yml").write_text(mkdocs_yml, encoding="utf-8")
    for name, text in notes.items():
        path = root / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return configs.load(root)


def build_quickly(root: Path, names: tuple[str, ...] = ("Sea", "Food")) -> Diary:
    """Files as after `diary build` with the embedder `hashing`; entries belong in turn to clusters of these names."""
    config = configs.load(root)
    store = Store(config)
    entries = build.read(config).entries
    texts = [text for entry in entries for text in embed.passage_texts(entry)]
    with VectorCache(store.vectors) as cache:
        vectors, _ = embed.embed(texts, config.options, cache, lambda steps: None)
    atlas = atlas_of(entries, names)
    atlas_file.write(store, atlas)
    identity = embed.identity(config.options)
    means = embed.entry_vectors(vectors, entries)
    kept = atlas_file.read(store)
    neighbours.update(store, entries, kept, identity, config.options.related, lambda: means)
    clusters = {i: place.cluster for i, place in atlas.places.items()}
    shards.update(shards.place(store), entries, lambda: vectors, identity, clusters)
    return build.read(config)
