"""Every kind of page, of the starter diary and of diaries that try to break it: nothing from another host, nothing
runs, nothing is wider than the window; without JavaScript, without Plotly, from disk, under a strict policy, on paper.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import looking
import nasty_diary
import pytest
from click.testing import CliRunner
from looking import Look, looked_at
from playwright.sync_api import Browser, Route

from paperdiary import build, config, csp
from paperdiary.cli import main

pytestmark = [pytest.mark.browser, pytest.mark.model]
Serve = Callable[[Path], str]

#: what is wider than the window, and why
WIDER = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const held = (e) => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
    if (getComputedStyle(p).overflowX !== 'visible') return true; return false; };
  return [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > wide + 1 && !held(e))
    .slice(0, 4).map((e) => `${e.tagName.toLowerCase()}.${e.getAttribute('class') ?? ''} ${e.textContent.slice(0, 30)}`)
    .concat(`${document.documentElement.scrollWidth} > ${wide}`);
}"""
#: buttons and boxes that a reader sees; a legend may be made of buttons and is read all the same
CONTROLS = """() => [...document.querySelectorAll('main :is(button, input, select):not(.pd-legend__item)')]
  .filter((e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true })).map((e) => e.outerHTML)"""


#: every element of a note is pointed at, focused and clicked; no link is followed
TOUCHED = """() => {
  addEventListener('click', (e) => e.preventDefault(), { capture: true, once: false });
  for (const e of document.querySelectorAll('article *')) {
    for (const type of ['mouseover', 'focus', 'click', 'toggle', 'load', 'error'])
      e.dispatchEvent(new Event(type, { bubbles: true, cancelable: true }));
  }
}"""
REFUSED = """() => { const script = document.createElement('script');
  script.textContent = 'window.owned = 50'; document.body.append(script); return window.owned === undefined; }"""
COVERED = """() => [...document.querySelectorAll('article :is(p, div)')].every((e) =>
  getComputedStyle(e).position !== 'fixed' && getComputedStyle(e).zIndex === 'auto')"""


def built(root: Path) -> Path:
    result = CliRunner().invoke(main, ["-C", str(root), "build"])
    assert result.exit_code == 0, result.output
    return root


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(nasty_diary.write_hostile(tmp_path_factory.mktemp("hostile") / "diary"))


@pytest.fixture(scope="session")
def one_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(nasty_diary.write_one_day(tmp_path_factory.mktemp("one-day") / "diary"))


@pytest.fixture(scope="session", params=["starter", "hostile", "one_day"])
def diary(request: pytest.FixtureRequest) -> Path:
    """Each of the three diaries; the folder that holds notes/ and site/."""
    return Path(request.getfixturevalue(request.param))


# -- every page


def walk(look: Look, root: Path, only: Callable[[str], bool] = lambda path: True) -> None:
    """Open a page of each kind at 390 px and at 1,280 px."""
    for name, path in looking.kinds(root).items():
        if not only(path):
            continue
        look.page.set_viewport_size({"width": 390, "height": 844})
        page = look.open(path)
        look.check(path, not (wide := page.evaluate(WIDER)), f"at 390 px: {wide}")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.wait_for_timeout(50)
        look.check(path, not (wide := page.evaluate(WIDER)), f"at 1280 px: {wide}")
        look.check(path, page.evaluate("() => window.owned === undefined"), "text of a note was run")
        heads = page.locator("h1").count()
        look.check(path, heads == 1 or name == "embed", f"{heads} h1")
        look.check(path, bool(page.title().strip()), "no title")


def test_every_kind_of_page(browser: Browser, serve: Serve, starter: Path) -> None:
    """In light; test_axe.py looks at the same pages in dark too."""
    with looked_at(browser, serve(starter / "site")) as look:
        walk(look, starter)


def test_hostile_text(browser: Browser, serve: Serve, hostile: Path) -> None:
    """Markup, formulas, quotes, right-to-left, 300 characters; 40 clusters; the same vector four times; no dates."""
    atlas = build.read(config.load(hostile)).atlas
    assert len(atlas.clusters) > 30
    assert any(cluster.size == 1 for cluster in atlas.clusters)
    with looked_at(browser, serve(hostile / "site")) as look:
        walk(look, hostile)


def test_a_thousand_entries_on_one_day(browser: Browser, serve: Serve, one_day: Path) -> None:
    with looked_at(browser, serve(one_day / "site"), color_scheme="dark") as look:
        walk(look, one_day)


def test_under_a_sub_path(browser: Browser, serve: Serve, starter: Path, tmp_path: Path) -> None:
    (tmp_path / "a diary").symlink_to(starter / "site")
    with looked_at(browser, serve(tmp_path) + "a%20diary/") as look:
        some = {"", "map/", "map/embed/", "search/", "clusters/"}
        walk(look, starter, lambda path: path in some or (path.count("/") > 1 and "topics" not in path))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_entries(browser: Browser, serve: Serve, tmp_path: Path, count: int) -> None:
    root = built(nasty_diary.write_small(tmp_path / "diary", count))
    assert not list(looking.broken_links(root / "site"))
    with looked_at(browser, serve(root / "site")) as look:
        walk(look, root)


@pytest.mark.parametrize("under", ["/", "/some/where/"])
def test_every_link_leads_somewhere(diary: Path, under: str) -> None:
    broken = [
        fault
        for fault in looking.broken_links(diary / "site", under)
        if under == "/" or not fault.startswith("404.html")  # it is shown at any address: its links begin at the host
    ]
    assert not broken, f"{len(broken)}: {broken[:10]}"


def test_no_address_is_a_script(diary: Path) -> None:
    for file in looking.pages(diary / "site"):
        text = file.read_text(encoding="utf-8")
        found = re.search(r"""(?:href|src|action)\s*=\s*["']?\s*(?:javascript|vbscript|data:text)""", text, re.I)
        assert not found, f"{file}: {text[found.start() - 40 : found.end() + 40]}"


# -- with less than a browser usually has


def test_without_javascript(browser: Browser, serve: Serve, starter: Path) -> None:
    diary = build.read(config.load(starter))
    entries = diary.entries
    with looked_at(browser, serve(starter / "site"), java_script_enabled=False) as look:
        for path in looking.kinds(starter).values():
            page = look.page
            page.goto(look.base + path)
            dead = page.evaluate(CONTROLS)
            look.check(path, not dead, f"what does nothing is shown: {dead[:2]}")
            maps = page.locator(".pd-map__plot")
            for n in range(maps.count()):
                look.check(
                    path, maps.nth(n).locator("svg a").count() == len(diary.atlas.places), "the map lacks points"
                )
                box = maps.nth(n).bounding_box()
                look.check(path, bool(box and box["height"] > 150), f"the map is {box}")
        page.goto(f"{look.base}diary/")
        titles = {" ".join(t.split()) for t in page.locator("main a").all_inner_texts()}
        assert sum(" ".join(e.title.split()) in titles for e in entries if e.status == "read") > len(entries) // 2
        page.goto(f"{look.base}map/")
        link = page.locator(".pd-map__plot svg a").first
        page.goto(str(link.evaluate("(a) => new URL(a.href.baseVal, a.baseURI).href")))
        assert page.locator(".pd-card").count() >= 1


@pytest.mark.parametrize("lost", ["plotly.min.js", "map.js", "map-points.js", "map-cards.js", "paperdiary.js"])
def test_with_a_script_that_does_not_come(browser: Browser, serve: Serve, starter: Path, lost: str) -> None:
    """The static map stays, with its links; nothing is thrown."""

    def refuse(route: Route) -> None:
        route.abort()

    with looked_at(browser, serve(starter / "site")) as look:
        look.missing_is_meant = True
        page = look.page
        page.set_viewport_size({"width": 1280, "height": 900})
        page.route(f"**/{lost}", refuse)
        page.goto(f"{look.base}map/")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
        if lost == "map-cards.js":
            page.wait_for_selector(".pd-map--live")
            return
        points = page.locator(".pd-map__plot svg a")
        assert points.count() == len(build.read(config.load(starter)).atlas.places)
        assert points.first.is_visible()
        href = str(points.first.evaluate("(a) => new URL(a.href.baseVal, a.baseURI).href"))
        page.goto(href)
        assert page.locator(".pd-card").count() >= 1


def test_from_disk(browser: Browser, starter: Path) -> None:
    """file://: pages and maps work, a link to a folder opens its page, the search says how to serve."""
    base = (starter / "site").as_uri() + "/"
    with looked_at(browser, base, viewport={"width": 1280, "height": 900}) as look:
        for path in looking.kinds(starter).values():
            if path != "404.html":  # only a server shows it
                look.open(f"{path}index.html")
        page = look.open("index.html")
        page.locator("nav a, .md-tabs a").filter(has_text="Map").first.click()
        page.wait_for_url("**/map/index.html")
        page.wait_for_selector(".pd-map--live")
        page.goto(f"{base}search/index.html?q=attention")
        page.wait_for_function("() => document.querySelector('main').innerText.includes('diary serve')")


@pytest.mark.parametrize(("name", "query"), [("starter", "attention"), ("hostile", "owned")])
def test_under_a_strict_policy(browser: Browser, request: pytest.FixtureRequest, name: str, query: str) -> None:
    """The Content-Security-Policy of docs/privacy.md. Chromium reports each violation on the console."""
    root: Path = request.getfixturevalue(name)
    script = Path(__file__).parents[2] / "scripts" / "csp.py"
    ran = subprocess.run([sys.executable, script, root / "site"], capture_output=True, text=True, check=True)
    server = looking.start(root / "site", ran.stdout.strip())
    try:
        base = f"http://127.0.0.1:{server.server_port}/"
        with looked_at(browser, base, viewport={"width": 1280, "height": 900}) as look:
            for kind, path in looking.kinds(root).items():
                if path != "404.html" and (name == "starter" or kind.startswith("a note")):
                    look.open(path)
            page = look.open(f"search/?q={query}")
            page.wait_for_selector(".pd-hit")
            page = look.open("map/")
            page.wait_for_selector(".pd-map--live")
            page.fill(".pd-map--large .pd-find__input", query)
            page.wait_for_selector(".pd-panel--found .pd-entries a")
    finally:
        server.shutdown()


def test_pages_that_tell_their_policy(browser: Browser, serve: Serve, starter: Path) -> None:
    """As with `csp: true`, for hosts such as GitHub Pages that send no headers."""

    def told(route: Route) -> None:
        answer = route.fetch()
        if answer.headers.get("content-type", "").startswith("text/html"):
            html = answer.text()
            article = html.find("<article")
            route.fulfill(response=answer, body=csp.with_meta(html, html[article:] if article > 0 else ""))
        else:
            route.fulfill(response=answer)

    with looked_at(browser, serve(starter / "site"), viewport={"width": 1280, "height": 900}) as look:
        look.page.route("**/*", told)
        for path in ("", "map/", "search/?q=attention"):
            page = look.open(path)
        page.wait_for_selector(".pd-hit")
        look.check("search/", page.evaluate(REFUSED), "a script in the page was run")
        look.faults = [fault for fault in look.faults if "Executing inline script violates" not in fault]


def test_every_page_of_the_starter_asks_nobody_else(browser: Browser, serve: Serve, starter: Path) -> None:
    """Each page there is, while `test_every_kind_of_page` looks at one of each kind for longer."""
    site = starter / "site"
    with looked_at(browser, serve(site)) as look:
        for file in looking.pages(site):
            if file.name != "404.html":
                look.page.goto(look.base + file.relative_to(site).as_posix(), wait_until="load")


def test_no_note_runs_anything_or_asks_anybody(browser: Browser, serve: Serve, hostile: Path) -> None:
    """Without any policy: what strangers write does nothing by itself, when pointed at, focused or clicked."""
    site = hostile / "site"
    bodies = sorted(file.relative_to(site).as_posix() for file in (site / "plain").glob("*/index.html"))
    bodies = [path for path in bodies if not re.match(r"plain/(?:n\d|odd|twin|several)", path)]
    assert len(bodies) == len(nasty_diary.BODIES)
    with looked_at(browser, serve(site)) as look:
        for path in bodies:
            page = look.page
            page.goto(look.base + quote(path.removesuffix("index.html")), wait_until="load")
            page.evaluate(TOUCHED)
            look.check(path, page.evaluate("() => window.owned === undefined"), "text of a note was run")
            look.check(path, "Last words." in page.locator("article").inner_text(), "the note's last words are gone")
            look.check(path, page.evaluate(COVERED), "something lies over the page")


def test_on_paper(browser: Browser, serve: Serve, starter: Path) -> None:
    """Printed, a page is its text: no header, navigation, buttons; dark pages are printed on white."""
    import pymupdf

    with looked_at(browser, serve(starter / "site"), color_scheme="dark") as look:
        for name, path in looking.kinds(starter).items():
            if name in {"embed", "not found", "search"}:
                continue
            page = look.open(path)
            title = page.locator("h1").inner_text()
            page.emulate_media(media="print")
            controls = page.evaluate(CONTROLS)
            look.check(path, not controls, f"printed with {controls[:3]}")
            with pymupdf.open(stream=page.pdf(), filetype="pdf") as paper:
                text = " ".join(" ".join(sheet.get_text() for sheet in paper).split())
                look.check(path, title.split()[0].strip("¶") in text, f"{title!r} is not on paper: {text[:80]}")
                pixels = paper[0].get_pixmap(dpi=20, colorspace=pymupdf.csGRAY)
                look.check(path, sum(pixels.samples) / len(pixels.samples) > 200, "the paper is dark")
            page.emulate_media(media="screen")


def test_no_page_depends_on_this_machine(starter: Path) -> None:
    """No address of this machine and no path of it in any file of the site."""
    for file in (starter / "site").rglob("*"):
        if file.suffix in {".html", ".js", ".json", ".xml", ".txt", ".css"} and file.name != "plotly.min.js":
            text = file.read_text(encoding="utf-8")
            assert str(starter) not in text, file
            assert sys.prefix not in text, file
