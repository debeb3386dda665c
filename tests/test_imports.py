"""The command starts at once: nothing heavy is imported before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

HEAVY = {
    "numpy", "torch", "sklearn", "scipy", "umap", "openTSNE", "faiss", "mkdocs", "plotly", "sentence_transformers",
    "httpx2", "filelock", "pymupdf", "tokenizers",
}  # fmt: skip


def loaded(code: str, *arguments: str) -> set[str]:
    """Top-level modules that a program has loaded at its end."""
    report = "\nimport json, sys\nprint(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    run = subprocess.run([sys.executable, "-c", code + report, *arguments], capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_cli_loads_nothing_heavy() -> None:
    assert not loaded("import paperdiary.cli") & (HEAVY | {"yaml", "markdown_it", "jinja2"})


def test_list_loads_no_numbers() -> None:
    corpus = str(Path(__file__).parent / "corpus")
    code = (
        "import sys; from paperdiary.cli import main; "
        "main(['-C', sys.argv[1], 'list', '--json'], standalone_mode=False)"
    )
    assert not loaded(code, corpus) & HEAVY
    assert not loaded(code, corpus) & {"markdown_it"}  # nothing changed since


def test_help_is_quick() -> None:
    """Under 0.3 s; the best of three, since the machine may be busy with other tests."""
    command = [str(Path(sys.executable).with_name("diary")), "--help"]
    took = []
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        took.append(time.perf_counter() - started)
    assert min(took) < 0.3


@pytest.mark.parametrize(
    "module",
    ["atlas", "embed", "cluster", "reduce", "search", "build", "levels", "mapdata", "mapview", "neighbours", "stats"],
)
def test_steps_import_their_libraries_late(module: str) -> None:
    assert not loaded(f"import paperdiary.{module}") & HEAVY
