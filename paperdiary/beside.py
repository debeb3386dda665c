"""A long computation in a process of its own, beside another in this one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from typing import TypeVar

T = TypeVar("T")


@contextlib.contextmanager
def running(function: Callable[..., T], *args: object, **kwargs: object) -> Iterator[Callable[[], T]]:
    """Start `function` elsewhere; gives a function that waits for its result.

    Where there is one processor, or no process is to be had, it runs here, when its result is asked for. What it
    raises is raised then.
    """
    here = partial(function, *args, **kwargs)
    if (os.cpu_count() or 1) < 2:
        yield here
        return
    try:
        # a fresh interpreter: one that is forked off in the middle of other libraries' threads may hang
        pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        future = pool.submit(function, *args, **kwargs)
    except (OSError, BrokenProcessPool):
        yield here
        return

    def result() -> T:
        try:
            return future.result()
        except BrokenProcessPool:  # it was ended, or could not begin
            return here()

    try:
        yield result
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
