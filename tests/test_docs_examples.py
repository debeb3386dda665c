"""Every fenced block of README.md and docs/ is run, or looked at as far as it can be.

The conventions, for who writes a page:

- Each page has a scratch diary of its own (some notes of the starter, built with the `hashing` embedder, in a git
  repository, HOME a scratch folder, arXiv and doi.org answered by loopback.py); its blocks run there in order.
- ``sh`` is one script, run with `set -eo pipefail`. A line that is meant to fail says so: `# ... ends with 3`.
- ``console`` is `$ command` lines with their output, in which `...` or `…` stands for any text.
- ``python`` is run in the diary; ``cron`` lines are run without their schedule.
- ``yaml`` is front matter (from `---`), a piece of mkdocs.yml, or anything that parses; the `diary` lines of a
  workflow are looked at. ``markdown`` is read as a note, markers included. ``json``, ``jsonl``, ``toml``, ``xml`` and
  ``bibtex`` parse; ``css`` names variables that face.css has. ``text``, ``html``, ``js``, ``diff`` and ``ini`` are only
  shown.
- Commands that need another machine or do not end (`NOT_RUN`, `diary serve`, `diary mcp`) are looked at: the options of
  `diary`, the extras of `pip install`, the targets of `make`, the scripts of `python scripts/…`.
- `<!-- example: first`, commands, `-->` above a block runs what the reader need not see;
  `<!-- example: not run, REASON -->` lets the block's `diary` lines be looked at only.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from example_server import CLIENT, ENDLESS, check_words
from helpers import MKDOCS_YML, ROOT
from loopback import Asked, Loopback, Reply, environment

from paperdiary import config as configs
from paperdiary import frontmatter, init
from paperdiary.cli import main
from paperdiary.markers import MARKER, MARKERS

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
#: programs that ask another machine, start something that does not end, or change this machine: why they are not run
NOT_RUN = {
    "pip": "installs from the network",
    "pipx": "installs from the network",
    "uv": "installs from the network",
    "uvx": "installs from the network",
    "make": "installs from the network",
    "curl": "asks another machine",
    "docker": "starts a container",
    "ssh": "asks another machine",
    "rsync": "asks another machine",
    "crontab": "changes this machine",
    "claude": "asks another machine",
    "llm": "asks another machine",
    "gh": "asks another machine",
    "ollama": "asks another machine",
    "tensorboard": "does not end",
    "npx": "installs from the network",
    "embedding-atlas": "does not end",
    "xdg-open": "opens a window",
    "open": "opens a window",
    "code": "opens a window",
}
SHOWN = {"text", "html", "js", "diff", "ini"}
STARTER = [
    "attention-and-memory", "exploration", "robot-learning", "talks-and-essays", "reading-group",
]  # fmt: skip
GIT = '#!/bin/bash\ncase "$1" in push | clone | pull | fetch) exit 0 ;; esac\nexec {git} "$@"\n'
_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<info>[^`\n]*)$")
_ENDS = re.compile(r"#.*\bends with (\d+)")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int  #: of the opening fence, 1-based
    language: str
    text: str
    first: str = ""  #: commands that run before, unseen
    not_run: str = ""  #: why it is not run

    @property
    def where(self) -> str:
        return f"{self.page.name}:{self.line} ({self.language or 'no language'})"


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, with what the comments above them say."""
    lines = page.read_text(encoding="utf-8").split("\n")
    row, comment = 0, ""
    while row < len(lines):
        if "<!-- example:" in lines[row]:
            start = row
            while "-->" not in lines[row]:
                row += 1
            comment = "\n".join(lines[start : row + 1]).strip()
        elif fence := _FENCE.match(lines[row]):
            start, close = row, fence["fence"]
            row += 1
            while row < len(lines) and not re.fullmatch(rf" *{re.escape(close[0])}{{{len(close)},}} *", lines[row]):
                row += 1
            inside = [line.removeprefix(fence["indent"]) for line in lines[start + 1 : row]]
            first = re.fullmatch(r"<!-- example: first\n(.*?)\s*-->", comment, re.S)
            not_run = re.fullmatch(r"<!-- example: not run, (.+?) -->", comment, re.S)
            assert not comment or first or not_run, f"{page.name}:{start + 1}: what does `{comment[:60]}` mean?"
            yield Block(
                page, start + 1, (fence["info"].split() or [""])[0], "\n".join(inside) + "\n",
                first[1] if first else "", not_run[1] if not_run else "",
            )  # fmt: skip
            comment = ""
        elif lines[row].strip():
            comment = ""
        row += 1


# -- the machine


@dataclass(frozen=True)
class Machine:
    """A folder with a diary, programs that answer at once, and nobody else to talk to."""

    folder: Path
    programs: Path
    variables: dict[str, str]

    def scratch(self, name: str) -> Path:
        """A fresh copy of the built diary, and a fresh HOME."""
        target = self.folder / name
        shutil.copytree(self.folder / "built", target / "diary", copy_function=_copy)
        home(target / "home")
        (target / "diary" / "queries.txt").write_text("attention\nrobots that tidy up\n", encoding="utf-8")
        return target / "diary"

    def run(self, script: str, diary: Path) -> subprocess.CompletedProcess[str]:
        """Run a script in the folder of a diary; its two streams are one, as on a terminal."""
        path = self.folder / "script.sh"
        path.write_text(script, encoding="utf-8")
        return subprocess.run(
            ["/bin/bash", path], cwd=diary, env=self.variables | {"HOME": str(diary.parent / "home")}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=180,
        )  # fmt: skip


def _copy(source: str, target: str) -> None:
    """Scripts and pictures of the site, which are the same in every build, are not copied but shared."""
    (os.link if "/site/assets/" in source else shutil.copyfile)(source, target)


def home(folder: Path) -> None:
    """What the examples take for a reader's own files."""
    notes = folder / "old-notes" / "planning"
    notes.mkdir(parents=True)
    (notes / "a-plan.md").write_text("# A plan\n\n<https://example.org/plan>\n\nWhat we plan.\n", encoding="utf-8")
    (folder / "papers.bib").write_text(
        "@article{example, title={On Counting Leaves}, author={Example, Ada}, year={2021}, doi={10.1000/182}}\n",
        encoding="utf-8",
    )
    (folder / "zotero.json").write_text(
        '[{"id": "a", "type": "book", "title": "Trees", "author": [{"family": "Example", "given": "Ada"}]}]',
        encoding="utf-8",
    )
    (folder / "talk.vtt").write_text(
        "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nWelcome to a talk about trees.\n", encoding="utf-8"
    )
    (folder / "Downloads").mkdir()
    _pdf(folder / "Downloads" / "paper.pdf")


def _pdf(path: Path) -> None:
    """A paper that is in no archive."""
    import pymupdf

    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 90), "Counting the Birds of a Small Wood", fontsize=20)
        page.insert_text((72, 120), "Ada Example", fontsize=11)
        page.insert_textbox((72, 160, 520, 300), "Abstract\nWe count birds in a wood for a year. " * 6, fontsize=10)
        document.save(path)


@pytest.fixture(scope="module")
def web() -> Iterator[Loopback]:
    server = Loopback()
    arxiv = server.arxiv()

    def answer(asked: Asked) -> Reply:
        for identifier in asked.query.get("id_list", "").split(","):
            if identifier and identifier not in arxiv.entries:
                arxiv.make_up(identifier)
        return arxiv.answer(asked)

    server.on("/api/query", answer)
    csl = {"type": "book", "title": "Trees", "author": [{"family": "Example", "given": "Ada"}], "DOI": "10.1000/182"}
    server.on("/10.1000/182", Reply(body=json.dumps(csl), type="application/vnd.citationstyles.csl+json"))
    record = {"title": "Leaves, counted", "creators": [{"name": "Ada Example"}], "publication_date": "2026-01-02"}
    server.on("/api/records/*", Reply(body=json.dumps({"metadata": record}), type="application/json"))
    server.on("/*", Reply(body="<title>A page that was made up</title><meta name=author content='Ada Example'>"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, web: Loopback) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("examples")
    programs = folder / "bin"
    programs.mkdir()
    socket = folder / "socket"
    client = CLIENT.format(python=sys.executable, socket=str(socket))
    contents = dict.fromkeys(("diary", "python", "python3", *NOT_RUN), client)
    contents["git"] = GIT.format(git=shutil.which("git"))
    contents["pbpaste"] = "#!/bin/bash\necho see https://arxiv.org/abs/2301.00001\n"
    contents["editor"] = "#!/bin/bash\n[ -f $1 ]\n"
    if not shutil.which("jq"):
        contents["jq"] = client
    for name, text in contents.items():
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    variables = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "EDITOR": "editor",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",  # threads that wait for each other are slow where others compute as well
        "OPENBLAS_NUM_THREADS": "1",
        "NO_MKDOCS_2_WARNING": "1",
        **{f"GIT_{who}_{what}": "ada@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        "EXAMPLES_WEB": web.url,
        **environment(web, folder / "cache"),
    }
    built = folder / "built"
    write_diary(built)
    home(folder / "home")
    server = subprocess.Popen(
        [sys.executable, ROOT / "tests" / "example_server.py", socket],
        env={**os.environ, **variables},
        cwd=folder,
    )
    try:
        end = time.monotonic() + 300
        while not socket.exists():
            assert server.poll() is None, "the server of examples has ended"
            assert time.monotonic() < end, "the server of examples does not start"
            time.sleep(0.05)
        result = Machine(folder, programs, variables)
        done = result.run("diary -q build && git init -q && git add -A && git commit -qm 'A diary'", built)
        assert done.returncode == 0, done.stdout
        yield result
    finally:
        server.terminate()
        server.wait()


def write_diary(folder: Path) -> None:
    """Some notes of the starter, as a diary that needs no model."""
    (folder / "notes").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(MKDOCS_YML, encoding="utf-8")
    (folder / ".gitignore").write_text(init.files()[".gitignore"], encoding="utf-8")
    (folder / "notes" / "index.md").write_text("# A diary\n\n<!-- diary:map -->\n", encoding="utf-8")
    for topic in STARTER:
        shutil.copytree(ROOT / "notes" / topic, folder / "notes" / topic)
    for note in (folder / "notes").rglob("*.md"):  # links to notes that are left out are words
        text = re.sub(
            r"\[([^\]]*)\]\((?!https?:)([^)#]+\.md)[^)]*\)",
            lambda link, note=note: link[0] if (note.parent / link[2]).exists() else link[1],
            note.read_text(encoding="utf-8"),
        )
        note.write_text(text, encoding="utf-8")


# -- what is done with a block, by language


def _sh(block: Block, machine: Machine, diary: Path) -> None:
    lines = []
    for line in block.text.split("\n"):
        ends = _ENDS.search(line)
        lines.append(f"rc=0; {{ {line}\n}} || rc=$?; [ $rc = {ends[1]} ] || exit 99" if ends else line)
    done = machine.run("set -eo pipefail\n" + "\n".join(lines), diary)
    assert done.returncode == 0, f"{block.where} ended with {done.returncode}:\n{done.stdout}"


def _console(block: Block, machine: Machine, diary: Path) -> None:
    steps: list[tuple[str, list[str]]] = []
    for line in block.text.rstrip("\n").split("\n"):
        if line.startswith("$ "):
            steps.append((line[2:], []))
        elif line.startswith("> ") and steps and not steps[-1][1]:
            steps[-1] = (f"{steps[-1][0]}\n{line[2:]}", [])
        else:
            assert steps, f"{block.where} begins with output"
            steps[-1][1].append(line)
    script = "".join(f"echo '@@@{n}'; {command}\n" for n, (command, _) in enumerate(steps))
    printed = re.split(r"@@@\d+\n", machine.run(script, diary).stdout)[1:]
    for (command, expected), real in zip(steps, printed, strict=True):
        if not expected:
            continue
        pattern = r"\s+".join(
            ".*".join(re.escape(part) for part in re.split(r"\.\.\.|…", word)) for word in "\n".join(expected).split()
        )
        assert re.fullmatch(rf"\s*{pattern}\s*", real, re.S), f"{block.where}: `{command}` prints\n{real}"


def _python(block: Block, machine: Machine, diary: Path) -> None:
    script = diary.parent / "example.py"
    script.write_text(block.text, encoding="utf-8")
    done = machine.run(f"python {script}", diary)
    assert done.returncode == 0, f"{block.where}:\n{done.stdout}"


def _cron(block: Block, machine: Machine, diary: Path) -> None:
    for line in block.text.strip().split("\n"):
        if line and not line.startswith("#"):
            command = line.split(maxsplit=5)[5].replace("~/diary", str(diary))
            done = machine.run(command, diary)
            assert done.returncode == 0, f"{block.where}: `{command}`\n{done.stdout}"


def _yaml(block: Block, machine: Machine, diary: Path) -> None:
    if block.text.startswith("---\n") and block.text.rstrip().endswith("\n---"):
        _markdown(Block(block.page, block.line, "markdown", f"{block.text}\n# A title\n\nWords.\n"), machine, diary)
        return
    data = yaml_without_tags(block.text)
    if isinstance(data, dict) and set(data) <= MKDOCS_KEYS:
        own = configs.read_yaml_config(diary / "mkdocs.yml")
        scratch = diary.parent / "piece"
        scratch.mkdir(exist_ok=True)
        (scratch / "mkdocs.yml").write_text(yaml.safe_dump(own | data), encoding="utf-8")
        configs.load(scratch)
    look_in_values(data, block)


def _mkdocs_keys() -> set[str]:
    from mkdocs.config.defaults import MkDocsConfig

    return {key for key, _ in MkDocsConfig()._schema} | {"INHERIT"}


MKDOCS_KEYS = _mkdocs_keys()


def yaml_without_tags(text: str) -> Any:
    """YAML in which the tags of MkDocs are None."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("", lambda loader, suffix, node: None)
    return yaml.load(text, Loader)


def look_in_values(data: Any, block: Block) -> None:
    """Look at the `diary` commands in a workflow's `run:` and in the settings of programs that start it."""
    if isinstance(data, dict):
        if isinstance(data.get("run"), str):
            look_at_script(data["run"], block)
        if data.get("command") == "diary" and isinstance(data.get("args"), list):
            check_words([str(a) for a in data["args"]])
        for value in data.values():
            look_in_values(value, block)
    elif isinstance(data, list):
        for value in data:
            look_in_values(value, block)


def _markdown(block: Block, machine: Machine, diary: Path) -> None:
    path = diary / "notes" / "examples-of-the-page" / f"example-{block.line}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(block.text, encoding="utf-8")
    _, _, _, problems = frontmatter.split_front_matter(block.text, path.name)
    assert not problems, f"{block.where}: {problems}"
    for line in block.text.split("\n"):
        if marker := MARKER.match(line):
            assert marker["name"] in MARKERS, f"{block.where}: {line}"
            named = set(re.findall(r"([\w-]+)=", marker["options"]))
            assert named <= set(MARKERS[marker["name"]].options), f"{block.where}: {line}"
    done = machine.run("diary check --json", diary)
    path.unlink()  # its source may be one that the diary has
    assert done.stdout.startswith("["), f"{block.where}:\n{done.stdout}"
    found = [p for p in json.loads(done.stdout[: done.stdout.rindex("]") + 1]) if p["note"] and path.name in p["note"]]
    assert not [p for p in found if p["severity"] == "error"], f"{block.where}: {found}"


def _css(block: Block, machine: Machine, diary: Path) -> None:
    face = (ROOT / "paperdiary" / "assets" / "css" / "face.css").read_text(encoding="utf-8")
    for name in re.findall(r"--pd-[\w-]+", block.text):
        assert f"{name}:" in face, f"{block.where}: face.css has no {name}"


def _json(block: Block, machine: Machine, diary: Path) -> None:
    look_in_values(json.loads(block.text), block)


def _jsonl(block: Block, machine: Machine, diary: Path) -> None:
    for line in block.text.strip().split("\n"):
        json.loads(line)


def _toml(block: Block, machine: Machine, diary: Path) -> None:
    tomllib.loads(block.text)


def _xml(block: Block, machine: Machine, diary: Path) -> None:
    from xml.etree import ElementTree

    ElementTree.fromstring(block.text)


def _bibtex(block: Block, machine: Machine, diary: Path) -> None:
    import bibtexparser

    library = bibtexparser.parse_string(block.text)
    assert library.entries, block.where
    assert not library.failed_blocks, block.where


RUNNERS = {
    "sh": _sh, "bash": _sh, "console": _console, "python": _python, "cron": _cron, "yaml": _yaml, "yml": _yaml,
    "markdown": _markdown, "md": _markdown, "css": _css, "json": _json, "jsonl": _jsonl, "toml": _toml, "xml": _xml,
    "bibtex": _bibtex,
}  # fmt: skip


def look_at_script(script: str, block: Block) -> None:
    """Look whether click knows the `diary` commands in a script."""
    for line in script.replace("\\\n", " ").split("\n"):
        if _ENDS.search(line):
            continue
        for part in re.split(r"\|\|?|&&|;|\$\(|\)", line.removeprefix("$ ")):
            try:
                words = shlex.split(part, comments=True)
            except ValueError:
                continue
            if words[:1] == ["diary"]:
                try:
                    check_words([w for w in words[1:] if w not in {">", "<", "&"}])
                except click.UsageError as e:
                    pytest.fail(f"{block.where}: `{part.strip()}`: {e.format_message()}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples(page: Path, machine: Machine) -> None:
    found = list(blocks(page))
    diary = (
        machine.scratch(f"{page.parent.name}-{page.stem}")
        if any(b.language not in SHOWN for b in found)
        else machine.folder
    )
    for block in found:
        assert block.language in RUNNERS or block.language in SHOWN, f"{block.where}: how is this to be tested?"
        if block.not_run:
            look_at_script(block.text, block)
        elif block.language not in SHOWN:
            if block.first:
                _sh(Block(page, block.line, "sh", block.first), machine, diary)
            RUNNERS[block.language](block, machine, diary)


def test_every_file_is_in_the_reference(machine: Machine) -> None:
    """What a diary holds, and what a site holds besides pages, stands in docs/reference.md."""
    made = runpy.run_path(str(ROOT / "scripts" / "write_docs.py"))
    diary = machine.folder / "built"
    found = {f"{p.name}/" if p.is_dir() else p.name for p in diary.iterdir()} - {".git/", ".github/"}
    assert found <= set(made["FILES"])
    site = {p.name for p in (diary / "site").iterdir() if p.is_file() and p.suffix not in {".html", ".gz"}}
    assert site <= set(made["SITE_FILES"])


def test_words_in_code() -> None:
    """`diary …` in a sentence names a command and options that are there."""
    wrong = []
    for page in [*PAGES, ROOT / "CONTRIBUTING.md"]:
        text = re.sub(r"^ *(`{3,}|~{3,}).*?^ *\1", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
        for command in re.findall(r"(?<!`)`(?:\$ )?diary ([^`\n]*)`(?!`)", text):
            if re.search(r"[\[{|…<>$]|\.\.\.", command):
                continue  # a pattern, not a command
            try:
                check_words(shlex.split(command))
            except (click.UsageError, ValueError) as e:
                wrong.append(f"{page.name}: `diary {command}`: {e}")
    assert not wrong, "\n".join(wrong)


def test_the_test_sees_what_is_wrong(tmp_path: Path, machine: Machine) -> None:
    """An option that is not there, a command that fails, another output, a bad key: each is found."""
    diary = machine.scratch("wrong")
    wrong = {
        "sh": ["diary lst\n", "diary list --stats queued\n", "false | cat\n", "diary stats # ends with 3\n",
               "diary serve --port 1\n", "pip install '.[nonsense]'\n", "make nonsense\n", "python scripts/no.py\n",
               "diary add 2302.07515\ncurl_is_not_there\n"],
        "console": ["$ diary list --status reading\nNothing of this kind\n"],
        "python": ["import paperdiary.nothing\n"],
        "cron": ["0 6 * * * diary lst\n"],
        "yaml": ["---\ntitle: a: b\n---\n", "plugins:\n  - paperdiary:\n      clusterz: 3\n", "run: diary lst\n"],
        "markdown": ["<!-- diary:mapp -->\n", "<!-- diary:map heigth=3 -->\n", "[x](no-such-note.md)\n"],
        "css": [":root { --pd-nonsense: 1px; }\n"],
        "json": ["{nonsense}\n", '{"command": "diary", "args": ["mpc"]}\n'],
        "bibtex": ["@article{a, title={b\n"],
    }  # fmt: skip
    for language, texts in wrong.items():
        for n, text in enumerate(texts):
            block = Block(tmp_path / "page.md", n, language, text)
            try:
                RUNNERS[language](block, machine, diary)
            except (Exception, pytest.fail.Exception):
                continue
            pytest.fail(f"nothing is said of {language}: {text}")
    assert set(ENDLESS) - set(main.commands) <= {"mcp"}
