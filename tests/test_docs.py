"""The documents say what the program does."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path

import pytest

from paperdiary.cli import main
from paperdiary.embed import EMBEDDERS
from paperdiary.reduce import REDUCERS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_made_documents_are_current() -> None:
    pages = runpy.run_path(str(ROOT / "scripts" / "write_docs.py"))["pages"]()
    for path, text in pages.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is out of date; run `make docs`"


@pytest.mark.parametrize("command", sorted(main.commands))
def test_readme_names_every_command(command: str) -> None:
    assert f"diary {command}" in README


def test_readme_names_no_command_that_is_not_there() -> None:
    named = set(re.findall(r"`diary (?:-C \S+ )?([a-z]+)", README)) | set(re.findall(r"^diary ([a-z]+)", README, re.M))
    assert named <= set(main.commands)


@pytest.mark.parametrize("name", [*EMBEDDERS, *REDUCERS])
def test_configuration_names_every_choice(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def test_every_dependency_is_explained() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| (?:`\w+` \| )?([\w-]+) \|", text, re.M)) - {"library", "extra"}
    wanted = PROJECT["dependencies"] + [d for extra in PROJECT["optional-dependencies"].values() for d in extra]
    assert named == {re.match(r"[\w-]+", d)[0] for d in wanted}  # type: ignore[index]


def test_constraints_pin_every_dependency() -> None:
    pinned = set(re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.M))
    pinned = {name.lower().replace("_", "-") for name in pinned}
    wanted = PROJECT["dependencies"] + [d for extra in PROJECT["optional-dependencies"].values() for d in extra]
    assert {re.match(r"[\w-]+", d)[0].lower() for d in wanted} <= pinned  # type: ignore[index]
    assert "torch==2.13.0" in (ROOT / "constraints.txt").read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """The addresses of a page's headings, as GitHub makes them."""
    text = re.sub(r"^ *(`{3,}).*?^ *\1", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    titles = re.findall(r"^#{1,6} (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_documents(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)", text):
        path, _, anchor = target.partition("#")
        other = page.parent / path if path else page
        assert other.exists(), f"{page.name} links to {target}"
        assert not anchor or anchor in anchors(other), f"{page.name} links to {target}"


def test_index_leads_to_every_document() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in sorted((ROOT / "docs").glob("*.md")):
        assert page.name == "README.md" or f"]({page.name})" in index, page.name


def test_comparison_names_its_sources() -> None:
    """Every number in brackets has a source, with an address or a reason, and every source is used."""
    table, _, sources = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8").partition("## Sources")
    listed = re.findall(r"^(\d+)\. ", sources, re.M)
    assert listed == [str(n) for n in range(1, len(listed) + 1)]
    assert set(re.findall(r"\[(\d+)\]", table)) == set(listed)


def test_contributing_shows_every_module() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for module in sorted((ROOT / "paperdiary").glob("[a-z]*.py")):
        assert re.search(rf"\b{module.name}\b", text), module.name
