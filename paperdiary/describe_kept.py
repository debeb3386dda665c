"""Answers of language models by a hash of what was asked: .paperdiary/answers/, a small file each.

They cost money, so each is on disk before anything is done with it, and a run that was killed goes on from there.
"""

from __future__ import annotations

import contextlib

from paperdiary.describe_prompt import Prompt
from paperdiary.store import Store, sealed, write_atomic

MOST = 5000  #: answers that are kept; then the older half is forgotten
LARGEST = 200_000  #: bytes of a file that is read


class Kept:
    """The answers of one model that passed all checks."""

    def __init__(self, store: Store, model: str) -> None:
        self._folder = store.cache / "answers"
        self._store = store
        self._model = model

    def get(self, prompt: Prompt) -> str | None:
        """The answer to a prompt; None where there is none, or its file is damaged."""
        key = prompt.key(self._model)
        path = self._folder / f"{key}.json"
        with contextlib.suppress(OSError):
            if path.stat().st_size > LARGEST:
                return None
        found = self._store.read_sealed(path)
        answer = found.get("answer") if isinstance(found, dict) and found.get("key") == key else None
        return answer if isinstance(answer, str) else None

    def put(self, prompt: Prompt, answer: str) -> None:
        """Keep an answer."""
        key = prompt.key(self._model)
        kept = {"key": key, "model": self._model, "answer": answer.encode("utf-8", "replace").decode()}
        write_atomic(self._folder / f"{key}.json", sealed(kept))
        self._forget()

    def _forget(self) -> None:
        with contextlib.suppress(OSError):
            files = list(self._folder.glob("*.json"))
            if len(files) > MOST:
                files.sort(key=lambda f: f.stat().st_mtime)
                for old in files[: len(files) // 2]:
                    old.unlink(missing_ok=True)
