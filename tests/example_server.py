"""Runs the `diary` and `python` commands of the documents' examples at the price of a fork.

usage: example_server.py SOCKET

A process that has imported everything waits at a socket. The programs on the examples' PATH (`CLIENT`) hand it
their arguments, folder, environment and open files, it forks, and the fork answers with the exit status. Of `diary
serve` and `diary mcp`, which do not end, and of programs other than diary and python, the words are only looked at.
"""

from __future__ import annotations

import array
import contextlib
import json
import os
import re
import runpy
import signal
import socket
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ENDLESS = ("serve", "mcp")
CLIENT = """\
#!{python} -IS
import array, json, os, socket, sys
said = json.dumps([os.path.basename(sys.argv[0]), sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
with socket.socket(socket.AF_UNIX) as s:
    s.connect({socket!r})
    s.sendmsg([len(said).to_bytes(4, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
    s.sendall(said)
    answer = s.recv(1)
sys.exit(answer[0] if answer else 70)
"""


def check_words(words: list[str], exact: bool = False) -> None:
    """Look whether click knows the command and options of `diary WORDS...`, without running it.

    Args:
        exact: also whether values and the number of arguments are right.

    Raises:
        click.UsageError: it does not.
    """
    import click

    from paperdiary.cli import main

    context = click.Context(main, info_name="diary", **main.context_settings)  # help options are kept once asked for
    rest = main.make_parser(context).parse_args(list(words))[1]
    group: click.Command = main
    while isinstance(group, click.Group) and rest:
        name = rest.pop(0)
        command = group.get_command(context, name)
        if command is None:
            raise click.UsageError(f"there is no command `{name}`")
        group, context = command, click.Context(command, info_name=name, parent=context)
        if isinstance(group, click.Group):
            rest = group.make_parser(context).parse_args(rest)[1]
    if exact:
        group.make_context(group.name, rest, parent=context.parent)
    else:
        group.make_parser(context).parse_args(rest)


def check_other(program: str, words: list[str]) -> None:
    """Look whether the project has what `pip install`, `make` and the like name.

    Raises:
        SystemExit: it has not; says what.
    """
    if program in ("pip", "pipx", "uv", "uvx"):
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        for word in words:
            for named in re.findall(r"(?:^|paperdiary|\.)\[([\w, -]+)\]", word):
                for extra in named.split(","):
                    if extra.strip() not in extras["optional-dependencies"]:
                        raise SystemExit(f"there is no extra `{extra}`")
    if program == "jq":  # on a machine without it
        sys.stdin.read()
    if program == "make":
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
        for word in words:
            if "=" not in word and word not in targets:
                raise SystemExit(f"the Makefile has no target `{word}`")


def _warm() -> None:
    """Import what commands import, so that a fork has it."""
    import faiss  # noqa: F401
    import mkdocs.commands.build  # noqa: F401
    import openTSNE  # noqa: F401
    import sklearn.cluster
    import sklearn.decomposition  # noqa: F401

    import paperdiary.add
    import paperdiary.build
    import paperdiary.check
    import paperdiary.importing
    import paperdiary.mkdocs_run
    import paperdiary.plugin
    import paperdiary.searcher  # noqa: F401


def _guard() -> None:
    """No example reaches another machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(("127.", "::1", "localhost")):
            raise OSError(f"an example connected to {address}")
        connect(self, address)  # type: ignore[arg-type]

    socket.socket.connect = guarded  # type: ignore[method-assign, assignment]


def _stand_in() -> None:
    """What takes long and is tested elsewhere: UMAP compiles itself for ten seconds, the model loads for six."""
    from paperdiary.embed import EMBEDDERS
    from paperdiary.reduce import REDUCERS

    REDUCERS["umap"] = REDUCERS["pca"]
    EMBEDDERS["sentence-transformers"] = EMBEDDERS["hashing"]


def _play_the_web() -> None:
    """Every address is answered by the server at $EXAMPLES_WEB."""
    from urllib.parse import urlsplit, urlunsplit

    from paperdiary import wire

    exchange, web = wire.exchange, urlsplit(os.environ["EXAMPLES_WEB"])

    def played(url: str, *rest: Any) -> Any:
        return exchange(urlunsplit(urlsplit(url)._replace(scheme=web.scheme, netloc=web.netloc)), *rest)

    wire.exchange = played  # type: ignore[assignment]


def _run(program: str, words: list[str]) -> int:
    import click

    from paperdiary.cli import main

    sys.argv = [program, *words]
    _play_the_web()
    try:
        if program == "diary":
            named = [w for w in words if not w.startswith("-")]
            if set(ENDLESS) & set(named[:2]):
                check_words(words, exact=True)
            else:
                main.main(words, "diary")
        elif program not in ("python", "python3"):
            check_other(program, words)
        elif words and words[0].startswith("scripts/"):
            if not (ROOT / words[0]).is_file():
                raise SystemExit(f"there is no {words[0]}")
        elif words[:1] == ["-c"]:
            exec(compile(words[1], "example", "exec"), {"__name__": "__main__"})
        elif words[:1] == ["-m"]:
            sys.argv = words[1:]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = words
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as e:
        if isinstance(e.code, str):
            print(e.code, file=sys.stderr)
        return e.code if isinstance(e.code, int) else int(e.code is not None)
    except click.UsageError as e:
        print(e.format_message(), file=sys.stderr)
        return 2
    return 0


def _answer(client: socket.socket) -> None:
    head, rights, _, _ = client.recvmsg(4, socket.CMSG_SPACE(3 * array.array("i").itemsize))
    files = array.array("i", rights[0][2]).tolist()
    length, said = int.from_bytes(head, "big"), b""
    while len(said) < length:
        said += client.recv(length - len(said))
    program, words, folder, environment = json.loads(said)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = [folder, *sys.path]
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(n, "w" if n else "r", closefd=False) for n in range(3))
    status = 70
    try:
        status = _run(program, words)
    except BaseException:
        import traceback

        traceback.print_exc()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    client.sendall(bytes([status]))


def serve(path: Path) -> None:
    """Wait for examples until this process is told to end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _warm()
    _guard()
    _stand_in()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path) + ".new")
        server.listen()
        Path(str(path) + ".new").rename(path)
        while True:
            client, _ = server.accept()
            if os.fork():
                client.close()
                continue
            server.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                _answer(client)
            finally:
                os._exit(0)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
