"""Jinja templates are compiled once in a process, however often it builds: `diary serve` does after every edit."""

from __future__ import annotations

from types import CodeType

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket


class _Compiled(BytecodeCache):
    """Compiled templates in memory, by name, file and text; for environments with the same settings."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._code[bucket.key, bucket.checksum] = bucket.code


_known: dict[str, _Compiled] = {}


def once(env: Environment) -> None:
    """Let an environment take templates that were compiled before in this process."""
    if env.bytecode_cache is None:
        marks = (env.block_start_string, env.variable_start_string, env.comment_start_string, env.trim_blocks)
        settings = repr((type(env), sorted(env.extensions), env.autoescape, marks, env.lstrip_blocks, env.optimized))
        env.bytecode_cache = _known.setdefault(settings, _Compiled())
