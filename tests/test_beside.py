from __future__ import annotations

import contextlib
import dataclasses
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from paperdiary import atlas as atlases
from paperdiary import beside, reduce
from paperdiary.config import Config, Options
from paperdiary.entry import Entry, Passage


def test_result_comes_from_another_process() -> None:
    with beside.running(os.getpid) as result:
        assert result() != os.getpid()


def test_error_is_raised_where_the_result_is_asked_for() -> None:
    with beside.running(math.sqrt, -1) as result, pytest.raises(ValueError, match="math domain"):
        result()


def test_process_that_is_killed_is_no_loss() -> None:
    with beside.running(_only_here, os.getpid()) as result:
        assert result() == "here"


def _only_here(process: int) -> str:
    if os.getpid() != process:
        os._exit(3)
    return "here"


@pytest.mark.parametrize("cpus", [1, None])
def test_one_processor_runs_it_here(monkeypatch: pytest.MonkeyPatch, cpus: int | None) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cpus)
    with beside.running(os.getpid) as result:
        assert result() == os.getpid()


def test_no_process_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(beside, "ProcessPoolExecutor", refuse)
    with beside.running(os.getpid) as result:
        assert result() == os.getpid()


def test_large_maps_that_begin_anew_are_made_in_two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reduce.REDUCERS, "umap", reduce.two_axes)  # as good as any, and at once
    vectors = np.random.default_rng(5).normal(size=(40, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    entries = [
        Entry(f"n:{n}", f"Title {n}", "note", f"{n}.md", 1, f"{n}/", passages=(Passage(f"n:{n}", 0, "", "words"),))
        for n in range(40)
    ]
    config = Config(Path("nowhere"), Options(embedder="hashing"))
    one = atlases.update(config, entries, vectors, atlases.Atlas(), today="2024-01-01")
    apart: list[str] = []

    @contextlib.contextmanager
    def running(function: Callable[..., object], name: str, *args: object, **kwargs: object) -> Iterator[object]:
        apart.append(name)
        yield lambda: function(name, *args, **kwargs)

    monkeypatch.setattr(beside, "running", running)
    monkeypatch.setattr(atlases, "BESIDE", 10)
    assert atlases.update(config, entries, vectors, atlases.Atlas(), today="2024-01-01") == one
    assert apart == ["umap"]
    edited = [*entries[:-1], dataclasses.replace(entries[-1], title="Another")]
    assert atlases.update(config, edited, vectors, one, today="2024-01-01").places.keys() == one.places.keys()
    assert apart == ["umap"]  # nothing to lay out: not worth a process
