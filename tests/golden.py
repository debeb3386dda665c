"""Golden files: what a test compares its output with, and what `--update-golden` writes."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


class Golden:
    """Compares texts with files under tests/golden and remembers which were used."""

    def __init__(self, update: bool) -> None:
        self.update = update
        self.used: set[str] = set()

    def check(self, name: str, text: str) -> None:
        self.used.add(name)
        path = FOLDER / name
        if self.update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{name} is missing; pytest --update-golden writes it"
        assert text == path.read_text(encoding="utf-8"), f"{name} differs; look at it, then pytest --update-golden"

    def unused(self) -> set[str]:
        return {str(p.relative_to(FOLDER)) for p in FOLDER.rglob("*") if p.is_file()} - self.used
