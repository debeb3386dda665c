"""The search page in Chromium: the answers of `diary search`; keys, screen readers, and what goes wrong."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
import search_site
from playwright.sync_api import Browser, Page, Route

from paperdiary import build, config
from paperdiary.searcher import Searcher

pytestmark = [pytest.mark.browser, pytest.mark.model]
Visit = Callable[..., Page]

STARTER_QUERIES = [
    "robots that tidy up",
    "attention",
    "Attention Is All You Need",
    "learning to explore without reward",
    "reinforcment lerning",
    "self driving cars",
    "pre-train",
    "batch norm",
    "1706.03762",
    "status:queued",
    "topic:exploration curiosity",
    "kind:talk",
    "before:2026-03 networks",
    '"batch normalization"',
    "what do hidden layers remember",
    "the of and",
    "imag",
    "🦄",
]


def box(page: Page) -> str:
    return page.locator("#pd-query").input_value()


def settle(page: Page, text: str) -> None:
    """Wait for the full answer to a query."""
    page.wait_for_function(
        """(text) => {
          const root = document.querySelector('.pd-search');
          const asked = new URLSearchParams(location.search).get('q') ?? '';
          return root.querySelector('input').value === text
            && ['complete', 'failed', 'empty'].includes(root.dataset.state)
            && (text.length > 1000 ? asked && text.startsWith(asked) : asked === (text.trim() ? text : ''));
        }""",
        arg=text,
    )


def ask(page: Page, text: str) -> list[str]:
    """Type a query; the ids of the results."""
    page.fill("#pd-query", text)
    settle(page, text)
    return ids(page)


def ids(page: Page) -> list[str]:
    return list(page.eval_on_selector_all(".pd-hit", "(items) => items.map((item) => item.dataset.id)"))


def status(page: Page) -> str:
    return page.locator(".pd-search__status").inner_text()


def notes(page: Page) -> str:
    return page.locator(".pd-search__notes").inner_text()


@pytest.fixture(scope="session")
def unusual(tmp_path_factory: pytest.TempPathFactory, starter: Path) -> Path:
    """The starter's pages with the search files of a diary of unusual text; the folder that holds notes/ and site/."""
    root = tmp_path_factory.mktemp("unusual")
    shutil.copytree(starter / "site", root / "site")
    shutil.rmtree(root / "site/search")
    (root / "site/search").mkdir()
    search_site.write_notes(root)
    diary = search_site.site_of(root)
    page = (starter / "site/search/index.html").read_text(encoding="utf-8")
    page = re.sub(r'data-made="\w*"', f'data-made="{diary.made}"', page)
    (root / "site/search/index.html").write_text(page, encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def unusual_url(unusual: Path, serve: Callable[[Path], str]) -> str:
    return serve(unusual / "site")


@pytest.fixture
def rough(browser: Browser, starter_url: str) -> Iterator[Callable[..., Page]]:
    """Opens a page where requests may fail; nothing may be thrown, and nothing asked of another host."""
    contexts, thrown, strangers = [], [], []

    def go(
        path: str, before: Callable[[Page], object] = lambda page: None, base: str = starter_url, **options: object
    ) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda e: thrown.append(str(e)))
        page.on(
            "request",
            lambda r: strangers.append(r.url) if not r.url.startswith((base, "data:", "blob:", "file:")) else None,
        )
        before(page)
        page.goto(base + path)
        return page

    yield go
    for context in contexts:
        context.close()
    assert not thrown
    assert not strangers


# -- the same answers


def compare(page: Page, root: Path, queries: list[str]) -> None:
    searcher = Searcher(build.read(config.load(root)), lambda message: None)
    wrong = []
    for query in queries:
        shown = re.sub(r"[\r\n\x00]", "", query)
        ours, theirs = ask(page, shown), [h.entry for h in searcher.search(shown, 10)]
        if shown.strip() and ours != theirs:
            wrong.append((query, ours, theirs))
    assert not wrong, wrong[:3]


def test_the_starter_diary_answers_as_the_command_does(visit: Visit, starter: Path) -> None:
    compare(visit("search/"), starter, STARTER_QUERIES)


def test_unusual_text_answers_as_the_command_does(visit: Visit, unusual: Path, unusual_url: str) -> None:
    meta = json.loads((unusual / "site/search/meta.json").read_text(encoding="utf-8"))
    assert meta["index"]["kind"] == "sq8"
    assert len(search_site.QUERIES) + len(STARTER_QUERIES) >= 60
    page = visit("search/", base=unusual_url)
    compare(page, unusual, search_site.QUERIES)
    assert page.title() != "owned"


# -- typing, keys, the address


def test_a_result_says_what_it_is(visit: Visit, starter: Path, starter_url: str) -> None:
    page = visit("search/")
    ask(page, "dropout as a bayesian approximation")
    first = page.locator(".pd-hit").first
    assert first.locator("mark").first.inner_text().lower() == "dropout"
    assert re.search(r"\d{1,2} \w+ \d{4}", first.locator("time").inner_text())
    assert "found by words" in first.inner_text()
    for link in page.locator(".pd-hit a").all():
        href = str(link.evaluate("(a) => a.href"))
        path, _, anchor = href.removeprefix(starter_url).partition("#")
        text = (starter / "site" / unquote(path) / "index.html").read_text(encoding="utf-8")
        assert not anchor or f'id="{unquote(anchor)}"' in text
    ask(page, "status:queued")
    assert page.locator(".pd-hit .pd-status").first.inner_text().lower() == "queued"


def test_all_by_keyboard(visit: Visit) -> None:
    page = visit("timeline/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.closest('.pd-box') !== null")
    page.keyboard.type("attention")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=attention")
    settle(page, "attention")
    assert page.evaluate("document.activeElement.id") == "pd-query"
    titles = page.locator(".pd-hit a").all_inner_texts()
    focused = "document.activeElement.textContent"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == titles[0]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == titles[1]
    page.keyboard.press("End")
    assert page.evaluate(focused) == titles[-1]
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "pd-query"
    page.keyboard.press("Enter")
    assert page.evaluate(focused) == titles[0]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    settle(page, "")
    assert page.locator(".pd-search__all").is_visible()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("/")
    page.keyboard.type("a/b dropout")  # in the box a slash is a slash
    settle(page, "a/b dropout")
    page.keyboard.press("ArrowDown")
    title = str(page.evaluate(focused))
    page.keyboard.press("Enter")
    page.wait_for_selector(".pd-card")
    assert page.locator("h1").inner_text()[:20] in title


def test_the_address_follows(visit: Visit) -> None:
    page = visit("map/")
    page.goto(page.url.replace("map/", "search/"))
    page.locator("#pd-query").press_sequentially("dropout")
    settle(page, "dropout")
    assert urlsplit(page.url).query == "q=dropout"
    page.keyboard.press("Enter")
    ask(page, "curiosity & <rewards>")
    page.focus("#pd-query")
    page.keyboard.press("Enter")
    assert page.url.endswith("?q=curiosity+%26+%3Crewards%3E")
    page.go_back()
    settle(page, "dropout")
    assert "Dropout" in page.locator(".pd-hit a").first.inner_text()
    page.go_forward()
    settle(page, "curiosity & <rewards>")
    page.go_back()
    page.locator(".pd-hit a").first.click()
    page.wait_for_selector(".pd-card")
    page.go_back()
    settle(page, "dropout")
    assert box(page) == "dropout"
    page.go_back()  # typing left no steps behind
    page.wait_for_url("**/map/")


def test_what_was_typed_before_the_script_came_is_kept(rough: Visit) -> None:
    held: list[Route] = []
    page = rough("search/", lambda page: late(page, held, "**/search/page.js"))
    page.fill("#pd-query", "dropout")
    let_go(page, held)
    settle(page, "dropout")
    assert ids(page)


def test_more_results(visit: Visit) -> None:
    page = visit("search/?q=learning")
    settle(page, "learning")
    first = ids(page)
    assert len(first) == 10
    page.click(".pd-search__more")
    page.wait_for_function("document.querySelectorAll('.pd-hit').length === 20")
    assert ids(page)[:10] == first
    assert len(set(ids(page))) == 20
    assert page.evaluate("document.activeElement.closest('.pd-hit').dataset.id") == ids(page)[10]
    assert status(page).startswith("The best 20 results")


def test_screen_readers(visit: Visit) -> None:
    """Roles and names in Chromium's accessibility tree."""
    page = visit("search/")
    found = ask(page, "dropout bayesian")
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]

    def nodes(role: str) -> list[str]:
        return [n.get("name", {}).get("value", "") for n in tree if not n["ignored"] and n["role"]["value"] == role]

    assert "The diary" in nodes("search")
    assert "Search the diary" in nodes("searchbox")
    assert "Results" in nodes("list")
    assert nodes("button").count("Search") == 1
    titles = page.locator(".pd-hit a").all_inner_texts()
    assert [name for name in nodes("heading") if name in titles] == titles
    assert set(titles) <= set(nodes("link"))
    live = [n for n in tree if not n["ignored"] and n["role"]["value"] == "status"]
    assert {p["value"]["value"] for n in live for p in n["properties"] if p["name"] == "live"} == {"polite"}
    assert status(page) == f"The best {len(found)} results for “dropout bayesian”."
    assert "exact words" in page.locator(f"#{page.get_attribute('#pd-query', 'aria-describedby')}").inner_text()


@pytest.mark.parametrize("path", ["", "map/", "queue/", "reading-group/short-notes/", "search/", "404.html"])
def test_the_box_is_on_every_page(rough: Visit, path: str) -> None:
    page = rough(path, java_script_enabled=False)
    form = page.locator("header .pd-box")
    assert form.count() == 1
    form.locator("input").fill("batch norm")
    form.locator("input").press("Enter")
    page.wait_for_url("**/search/?q=batch+norm")
    assert page.locator(".pd-search").count() == 1


def test_on_a_phone(visit: Visit) -> None:
    page = visit("", viewport={"width": 390, "height": 844})
    page.click(".pd-box button")
    page.wait_for_url("**/search/**")
    ask(page, "attention " + "x" * 300)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert ids(page)


def test_without_javascript_everything_is_listed(rough: Visit, starter: Path, starter_url: str) -> None:
    page = rough("search/", java_script_enabled=False)
    links = page.locator(".pd-search__all a")
    assert links.count() == len(build.read(config.load(starter)).entries)
    assert links.first.is_visible()
    assert "needs JavaScript" in page.locator(".pd-search__off").inner_text()
    page.goto(f"{starter_url}search/{links.first.get_attribute('href')}")
    assert page.locator(".pd-card").count() >= 1


# -- words first, then meaning, without a jump


def late(page: Page, release: list[Route], pattern: str = "**/index.faiss?*") -> None:
    page.route(pattern, lambda route: release.append(route))


def wait_for_state(page: Page, state: str) -> None:
    page.wait_for_selector(f'.pd-search[data-state="{state}"]')


def let_go(page: Page, held: list[Route]) -> None:
    deadline = time.monotonic() + 10
    while not held and time.monotonic() < deadline:
        page.wait_for_timeout(20)
    for route in held:
        route.continue_()
    held.clear()


QUESTION = "machines that clean a house"


def test_words_come_first(rough: Visit) -> None:
    held: list[Route] = []
    page = rough(f"search/?q={quote(QUESTION)}", lambda page: late(page, held))
    wait_for_state(page, "early")
    early = ids(page)
    assert early
    assert set(page.eval_on_selector_all(".pd-hit", "(items) => items.map((i) => i.dataset.found)")) == {"words"}
    let_go(page, held)
    wait_for_state(page, "complete")
    assert ids(page) != early
    assert "meaning" in page.locator(".pd-hits").inner_text()


@pytest.mark.parametrize("way", ["press", "leave"])
def test_the_list_stays_under_the_pointer(rough: Visit, way: str) -> None:
    held: list[Route] = []
    page = rough(f"search/?q={quote(QUESTION)}", lambda page: late(page, held))
    wait_for_state(page, "early")
    early = ids(page)
    page.locator(".pd-hit").first.hover()
    let_go(page, held)
    wait_for_state(page, "held")
    assert ids(page) == early
    assert page.locator(".pd-search__refine").is_visible()
    if way == "press":
        page.locator(".pd-search__refine").focus()
        page.keyboard.press("Enter")
    else:
        page.mouse.move(600, 20)
    wait_for_state(page, "complete")
    assert ids(page) != early
    assert page.locator(".pd-search__refine").is_hidden()


def test_the_list_stays_under_the_focus(rough: Visit) -> None:
    held: list[Route] = []
    page = rough(f"search/?q={quote(QUESTION)}", lambda page: late(page, held))
    wait_for_state(page, "early")
    page.focus("#pd-query")
    page.keyboard.press("ArrowDown")
    early, focused = ids(page), page.evaluate("document.activeElement.textContent")
    let_go(page, held)
    wait_for_state(page, "held")
    assert ids(page) == early
    assert page.evaluate("document.activeElement.textContent") == focused
    page.keyboard.press("Escape")
    wait_for_state(page, "complete")
    assert ids(page) != early


def test_only_the_newest_question_is_answered(rough: Visit) -> None:
    held: list[Route] = []
    page = rough("search/", lambda page: late(page, held))
    for text in ("dropout", "dropout bay", "curiosity"):
        page.fill("#pd-query", text)
        page.wait_for_timeout(150)
    let_go(page, held)
    settle(page, "curiosity")
    shown = ids(page)
    page.wait_for_timeout(300)
    assert ids(page) == shown
    assert "curiosity" in status(page)


# -- odd queries and hostile text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("   ", ""),
        ("🦄🦄", "Nothing was found for “🦄🦄”. Other words may find it."),
        ("status:lost", "Nothing was found."),
        ("after:2026-02-31 dropout", "Nothing was found."),
        ("topic:nowhere dropout", "Nothing was found for “topic:nowhere dropout”. Fewer filters find more."),
        ('"no such words here"', "Nothing was found for"),
    ],
)
def test_nothing_is_said_so(visit: Visit, text: str, said: str) -> None:
    page = visit("search/")
    assert ask(page, text) == []
    assert status(page).startswith(said)
    if not text.strip():
        assert page.locator(".pd-search__all").is_visible()
    if "lost" in text:
        assert notes(page) == "There is no status “lost”; there are: queued, reading, read."
    if "02-31" in text:
        assert "is no date" in notes(page)


@pytest.mark.parametrize(
    "text", ["the of and to", "a" * 10_000, "word " * 2_000, "](javascript:alert(1)) \\ %00 %zz &q=1#x", "'\"<>"]
)
def test_odd_queries_are_answered(visit: Visit, text: str) -> None:
    page = visit("search/")
    page.fill("#pd-query", text)
    page.wait_for_selector('.pd-search[data-state="complete"]')
    page.wait_for_function("(t) => t.startsWith(new URLSearchParams(location.search).get('q') ?? '-')", arg=text)
    assert len(page.url) < 4100, "no longer than servers take"
    assert status(page)
    assert ("first 2,000 characters" in notes(page)) == (len(text) > 2000)


def test_typing_errors_are_told(visit: Visit) -> None:
    page = visit("search/")
    ask(page, "reinforcment leraning")
    assert "“reinforcment” is nowhere in the notes; searched for reinforcement instead." in notes(page)


def test_markup_in_notes_is_text(visit: Visit, unusual_url: str) -> None:
    page = visit("search/", base=unusual_url)
    ask(page, "onerror script bold owned")
    title = page.locator(".pd-hit a").first.inner_text()
    assert "<img src=x onerror=" in title
    assert "<script>" in title
    inside = "(list) => [...list.querySelectorAll('*')].map((e) => e.localName)"
    assert set(page.eval_on_selector(".pd-hits", inside)) <= {"li", "h2", "a", "p", "span", "mark", "time"}
    assert page.title() != "owned"
    ask(page, search_site.HOSTILE)
    assert search_site.HOSTILE[:40] in status(page)
    assert page.locator(".pd-search__status *").count() == 0


# -- what is damaged, missing or old


def answer_with(pattern: str, **answer: object) -> Callable[[Page], None]:
    return lambda page: page.route(pattern, lambda route: route.fulfill(**answer))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pattern", "answer", "said"),
    [
        ("**/meta.json", {"status": 404}, "could not be loaded"),
        ("**/meta.json", {"body": "{}"}, "is damaged or arrived in part"),
        ("**/meta.json", {"body": "<!doctype html><p>Sign in</p>"}, "is damaged or arrived in part"),
        ("**/entries.json?*", {"body": '[{"id": "x"'}, "is damaged or arrived in part"),
        ("**/words/*.bin?*", {"body": "PDW1"}, "is damaged or arrived in part"),
        ("**/words/*.bin?*", {"status": 503}, "could not be loaded"),
    ],
)
def test_without_its_files_the_search_says_so(rough: Visit, pattern: str, answer: dict[str, object], said: str) -> None:
    page = rough("search/?q=attention", answer_with(pattern, **answer))
    wait_for_state(page, "failed")
    assert said in status(page)
    assert page.locator(".pd-search__all a").first.is_visible()
    page.unroute_all()
    page.fill("#pd-query", "attention ")
    settle(page, "attention ")
    assert ids(page), "once the files are there, the search works"


@pytest.mark.parametrize("pattern", ["**/index.faiss?*", "**/vocab.txt?*", "**/encoder/*/*.bin?*"])
@pytest.mark.parametrize("answer", [{"status": 404}, {"body": "IxFI" + "\0" * 30}])
def test_without_meaning_words_still_find(rough: Visit, pattern: str, answer: dict[str, object]) -> None:
    page = rough("search/?q=attention", answer_with(pattern, **answer))
    wait_for_state(page, "complete")
    assert ids(page)
    assert "These results are by words alone" in notes(page)
    assert "<" not in notes(page)


def test_a_lost_network(rough: Visit) -> None:
    page = rough("search/", lambda page: page.route("**/search/*.json*", lambda route: route.abort()))
    wait_for_state(page, "failed")
    assert "could not be loaded" in status(page)
    assert page.locator(".pd-search__all a").first.is_visible()


def test_an_index_older_than_the_page(rough: Visit, starter: Path) -> None:
    text = (starter / "site/search/index.html").read_text(encoding="utf-8")
    newer = re.sub(r'data-made="\w+"', 'data-made="0123456789"', text)
    assert newer != text
    page = rough(
        "search/?q=attention",
        lambda page: page.route("**/search/?q=*", lambda r: r.fulfill(body=newer, content_type="text/html")),
    )
    wait_for_state(page, "complete")
    assert "different builds" in notes(page)
    assert ids(page)


def test_a_diary_without_its_model(rough: Visit, starter: Path) -> None:
    """The site of a build without the embedding model has neither vectors nor an encoder."""
    whole = json.loads((starter / "site/search/meta.json").read_text(encoding="utf-8"))
    for lacking, said in (("index", "without the embedding model"), ("encoder", "no query encoder")):
        body = sealed({**whole, lacking: None})
        page = rough("search/?q=attention", answer_with("**/meta.json", body=body))
        wait_for_state(page, "complete")
        assert ids(page)
        assert said in notes(page)


def sealed(meta: dict[str, object]) -> str:
    import zlib

    rest = json.dumps({k: v for k, v in meta.items() if k != "check"})[1:]
    return f'{{"check":"{zlib.crc32(rest.encode()):08x}",{rest}'


@pytest.mark.parametrize("feature", ["fetch", "Worker", "BigInt64Array"])
def test_an_old_browser(rough: Visit, feature: str) -> None:
    page = rough("search/?q=attention", lambda page: page.add_init_script(f"delete window.{feature}"))
    page.wait_for_selector(".pd-search--off")
    assert "too old" in status(page)
    assert page.locator(".pd-search__all a").first.is_visible()


def test_no_script_at_all_comes(rough: Visit) -> None:
    page = rough("search/?q=attention", answer_with("**/search/box.js", status=404))
    page.wait_for_selector(".pd-search__off:visible", timeout=10_000)
    assert page.locator(".pd-search__all a").first.is_visible()


def test_scripts_that_do_not_come(rough: Visit) -> None:
    page = rough("search/?q=attention", answer_with("**/search/page.js", status=404))
    page.wait_for_selector(".pd-search--off")
    assert "could not be started" in status(page)
    assert page.locator(".pd-search__all a").first.is_visible()


@pytest.mark.parametrize("way", ["throws", "missing"])
def test_without_a_worker_it_runs_in_the_page(rough: Visit, way: str) -> None:
    def before(page: Page) -> None:
        if way == "throws":
            page.add_init_script("window.Worker = function () { throw new Error('not here'); }")
        else:
            page.route("**/search/worker.js", lambda route: route.fulfill(status=404))

    page = rough("search/?q=attention", before)
    settle(page, "attention")
    assert len(ids(page)) == 10


def test_opened_from_a_folder(browser: Browser, starter: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"file://{starter}/site/search/index.html")
    page.wait_for_selector(".pd-search--off")
    assert "`diary serve` shows the site with search" in status(page)
    assert page.locator(".pd-search__all a").first.is_visible()
    context.close()


# -- where it lives, and what it costs


def test_under_a_sub_path(visit: Visit, serve: Callable[[Path], str], starter: Path, tmp_path: Path) -> None:
    (tmp_path / "project").symlink_to(starter / "site")
    base = serve(tmp_path) + "project/"
    page = visit("map/", base=base)
    page.keyboard.press("/")
    page.keyboard.type("dropout")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}search/?q=dropout")
    settle(page, "dropout")
    assert str(page.locator(".pd-hit a").first.evaluate("(a) => a.href")).startswith(base)
    page.click(".pd-search__map")
    page.wait_for_selector(".pd-panel--found .pd-entries a")


def test_the_map_lights_up(visit: Visit) -> None:
    page = visit("search/?q=robots+that+tidy+up")
    settle(page, "robots that tidy up")
    found = set(ids(page))
    page.click(".pd-search__map")
    page.wait_for_selector(".pd-panel--found .pd-entries a")
    assert page.locator(".pd-panel--found h2").inner_text().startswith("10 best for “robots")
    lit = """() => {
      const { data, view } = document.querySelector('.pd-map').diaryMap;
      return (view.get('lit') ?? []).map((row) => data.ids[row]);
    }"""
    assert set(page.evaluate(lit)) == found
    page.click(".pd-map__tools button:has-text('PCA')")
    assert set(page.evaluate(lit)) == found
    page.click(".pd-panel--found .pd-panel__close")
    assert page.evaluate(lit) == []
    page.wait_for_function("() => !location.search.includes('q=')")
    page.goto(page.url.split("?")[0] + "?q=robots")
    page.click("text=Passages")
    settle(page, "robots")


def test_a_first_search_is_small(browser: Browser, starter: Path, starter_url: str) -> None:
    """All that a cold first search asks for, but the diary's own index and the theme: 400 KB gzipped; one host."""
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.goto(f"{starter_url}search/?q={quote('robots that tidy up a house')}")
    settle(page, "robots that tidy up a house")
    context.close()
    assert all(url.startswith((starter_url, "data:")) for url in asked)
    paths = [unquote(urlsplit(url).path).lstrip("/") for url in asked]
    cost = [
        p for p in paths if p.startswith(("assets/paperdiary/search/", "search/encoder/")) or p == "search/meta.json"
    ]
    assert any(p.endswith("vocab.txt") for p in cost)
    assert any(p.endswith(".bin") for p in cost)
    total = sum(len(gzip.compress((starter / "site" / p).read_bytes())) for p in cost)
    assert 50_000 < total < 400_000, total
