"""What one does on the map, in Chromium: card, lists and their files, time, table, keys, search, fingers."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.model]
Visit = Callable[..., Page]

HOSTILE = [
    "<script>document.title='owned'</script> & <img src=x onerror=alert(1)>",
    '=HYPERLINK("http://example.org","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "למידה עמוקה: מבוא קצר",
    "W" * 300,
    'On $\\alpha$, "quotes", commas, and [brackets](x)\nover two lines',
]


def columns(starter: Path, name: str = "points") -> dict[str, Any]:
    text = (starter / f"site/assets/paperdiary/map-{name}.js").read_text(encoding="utf-8")
    return dict(json.loads(text[text.index("(") + 1 : text.rindex(")")]))


def with_points(page: Page, data: dict[str, Any]) -> None:
    """The page gets other columns than the site has."""

    def answer(route: Route) -> None:
        route.fulfill(body=f"PaperDiary.points({json.dumps(data)});", content_type="text/javascript")

    page.route("**/map-points.js", answer)


def live(page: Page) -> Page:
    page.wait_for_selector(".pd-map--live")
    return page


def awake(page: Page) -> Page:
    """The map answers; Plotly may still be on its way."""
    page.wait_for_selector(".pd-map--large > .pd-find")
    page.evaluate("() => document.querySelector('.pd-map').diaryMap.mover.wake()")
    return page


@pytest.fixture
def explorer(visit: Visit) -> Page:
    return awake(visit("map/"))


def said(page: Page) -> str:
    return page.locator(".pd-map__say").inner_text()


def ring(page: Page) -> tuple[float, float]:
    """Where the ring of the keyboard is."""
    page.wait_for_selector(".pd-ring:not([hidden])")
    page.wait_for_timeout(60)
    box = page.locator(".pd-ring").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def spot(page: Page) -> tuple[float, float]:
    """A point of the map, found by the keyboard; the focus is on the page again."""
    page.focus(".pd-map__plot")
    page.keyboard.press("ArrowRight")
    place = ring(page)
    page.evaluate("() => document.activeElement.blur()")
    return place


def card(page: Page) -> str:
    page.wait_for_selector(".pd-panel--card:not([hidden])")
    return page.locator(".pd-panel--card .pd-sheet__title").inner_text()


def query(page: Page) -> str:
    # the page's own timer: it runs after the one that writes the address, however busy the page is
    return str(page.evaluate("() => new Promise((done) => setTimeout(() => done(location.search), 500))"))


def draw_box(page: Page, part: float = 1.0) -> None:
    """Drag a box over the left `part` of the map."""
    box = page.locator(".pd-map__plot").bounding_box()
    assert box
    page.click("button[data-mode=box]")
    page.mouse.move(box["x"] + 3, box["y"] + 3)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.move(box["x"] + box["width"] * part - 3, box["y"] + box["height"] - 3, steps=4)
    page.mouse.up()


def titles(page: Page, where: str) -> list[str]:
    return list(page.locator(where).all_inner_texts())


# -- the card


def test_a_click_opens_the_card_and_a_second_the_note(explorer: Page, starter: Path) -> None:
    page, cards, points = explorer, columns(starter, "cards"), columns(starter)
    x, y = spot(page)
    page.mouse.click(x, y)
    title = card(page)
    row = points["titles"].index(title)
    assert f"pick={points['ids'][row]}" in unquote(query(page))
    near = page.locator(".pd-sheet__neighbours > li > a")
    near.first.wait_for()
    assert near.all_inner_texts() == [points["titles"][other] for other in cards["neighbours"][row]]
    assert re.search(r"\w, \d+ %", page.locator(".pd-sheet__nearness").first.inner_text())
    body = page.locator(".pd-panel--card").inner_text()
    for wanted in (cards["descriptions"][row], cards["authors"][row], *(label for label, _ in cards["links"][row])):
        assert wanted in body
    assert "nearest" in page.locator(".pd-sheet__kept").inner_text()
    assert page.locator(".pd-under__links path").count() == len(cards["neighbours"][row])
    page.uncheck(".pd-sheet__row input")
    assert page.locator(".pd-under__links path").count() == 0
    assert page.evaluate("() => document.activeElement.closest('.pd-panel--card') !== null")
    page.mouse.click(x, y)
    page.wait_for_url("**/" + points["pages"][row])


def test_a_neighbour_in_the_card_opens_its_own_card(explorer: Page) -> None:
    page = explorer
    page.mouse.click(*spot(page))
    first = card(page)
    link = page.locator(".pd-sheet__neighbours > li > a").first
    link.wait_for()
    second = link.inner_text()
    link.click()
    assert card(page) == second != first
    assert page.evaluate("() => document.activeElement.textContent") == second


def test_escape_closes_the_card_and_the_focus_goes_back(explorer: Page) -> None:
    page = explorer
    page.focus(".pd-map__plot")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    card(page)
    assert page.evaluate("() => document.activeElement.closest('.pd-sheet__title') !== null")
    page.keyboard.press("Escape")
    assert page.locator(".pd-panel--card").is_hidden()
    assert page.evaluate("() => document.activeElement.classList.contains('pd-map__plot')")
    assert "pick=" not in query(page)


def test_ctrl_and_middle_click_open_a_tab(explorer: Page) -> None:
    page = explorer
    x, y = spot(page)
    for options in ({"modifiers": ["Control"]}, {"button": "middle"}):
        with page.context.expect_page() as tab:
            page.locator(".pd-map__plot").click(position=inside(page, x, y), **options)  # type: ignore[arg-type]
        assert "/map/" not in tab.value.url
        tab.value.close()
    assert page.locator(".pd-panel--card").is_hidden()


def inside(page: Page, x: float, y: float) -> dict[str, float]:
    box = page.locator(".pd-map__plot").bounding_box()
    assert box
    border = page.evaluate("() => document.querySelector('.pd-map__plot').clientLeft")
    return {"x": x - box["x"] - border, "y": y - box["y"] - border}


def test_a_shared_address_opens_the_card(visit: Visit, starter: Path) -> None:
    points = columns(starter)
    page = awake(visit(f"map/?pick={points['ids'][3]}&view=pca"))
    assert card(page) == points["titles"][3]
    assert not page.evaluate("() => document.activeElement.closest('.pd-map__side')")


def test_small_maps_have_a_small_card(visit: Visit, starter: Path) -> None:
    page = visit("")
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.locator(".pd-map").scroll_into_view_if_needed()
    live(page)
    box = page.locator(".pd-map__plot").bounding_box()
    assert box
    found = page.evaluate(
        """() => {
          const path = document.querySelector('.js-plotly-plot .point').getBoundingClientRect();
          return [path.left + path.width / 2, path.top + path.height / 2];
        }"""
    )
    page.mouse.click(*found)
    title = card(page)
    assert title in columns(starter)["titles"]
    assert page.locator(".pd-panel--card a:has-text('Open the note')").count() == 1
    assert not any("map-cards" in url for url in asked)
    page.keyboard.press("Escape")
    assert page.locator(".pd-panel--card").is_hidden()


# -- choosing, copying, files


def save(page: Page, label: str) -> tuple[str, str]:
    with page.expect_download() as download:
        page.click(f".pd-exports button:has-text('{label}')")
    return download.value.suggested_filename, Path(download.value.path()).read_bytes().decode("utf-8")


def test_a_box_gives_a_list_that_can_be_copied_and_saved(explorer: Page, starter: Path) -> None:
    page, points, cards = explorer, columns(starter), columns(starter, "cards")
    total = len(points["ids"])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    draw_box(page)
    page.wait_for_selector(".pd-panel--chosen:not([hidden])")
    assert page.locator(".pd-panel--chosen .pd-panel__head").inner_text() == f"{total} entries chosen"
    shown = titles(page, ".pd-panel--chosen .pd-entries > li > a")
    assert sorted(shown) == sorted(points["titles"])

    page.click("text=Copy as Markdown")
    page.wait_for_function("() => document.querySelector('.pd-exports__status').textContent")
    lines = page.evaluate("() => navigator.clipboard.readText()").splitlines()
    assert len(lines) == total
    row = points["titles"].index(shown[0])
    assert lines[0].startswith("- [")
    link = next((url for _, url in cards["links"][row]), points["pages"][row])
    assert link in lines[0]

    name, text = save(page, "CSV")
    assert name == f"paper-diary-{total}-entries.csv"
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [line["title"] for line in rows] == shown
    assert rows[0]["read"] == (points["dates"][row] or "")
    assert rows[0]["cluster"] == points["clusterNames"][points["clusters"][row]]["name"]
    assert rows[0]["note"].endswith(points["pages"][row])

    name, text = save(page, "BibTeX")
    assert name.endswith(".bib")
    assert text.count("\n@") + 1 == sum(1 for entry in cards["bibtex"] if entry)
    assert cards["bibtex"][row].strip() in text


def test_a_list_is_copied_where_there_is_no_clipboard(visit: Visit, starter: Path, starter_url: str) -> None:
    """As on a page that is not served over a secure connection: the old command copies."""
    page = visit("404.html")
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(starter_url + "map/")
    awake(page)
    draw_box(page)
    page.click("text=Copy as Markdown")
    page.wait_for_function("() => document.querySelector('.pd-exports__status').textContent.endsWith(' copied.')")
    page.focus(".pd-find__input")
    page.keyboard.press("Control+V")
    pasted = page.input_value(".pd-find__input")
    assert pasted.count("- [") == len(columns(starter)["ids"])


def test_only_the_chosen(explorer: Page, starter: Path) -> None:
    page, total = explorer, len(columns(starter)["ids"])
    draw_box(page, 0.5)
    page.wait_for_selector(".pd-panel--chosen:not([hidden])")
    chosen = page.locator(".pd-panel--chosen .pd-entries > li").count()
    assert 0 < chosen < total
    page.check("text=Only these")
    page.wait_for_function(
        "(n) => document.querySelector('.pd-time__words').textContent.includes(`${n} of`)", arg=chosen
    )
    page.locator(".pd-panel--chosen .pd-panel__close").click()
    page.wait_for_function(
        "(n) => document.querySelector('.pd-time__words').textContent.includes(`${n} of`)", arg=total
    )
    assert page.locator(".pd-panel--chosen").is_hidden()


def test_lasso(explorer: Page) -> None:
    page = explorer
    x, y = spot(page)
    page.click("button[data-mode=lasso]")
    page.mouse.move(x - 9, y - 9)
    page.mouse.down()
    for dx, dy in ((9, -9), (9, 9), (-9, 9), (-9, -9)):
        page.mouse.move(x + dx, y + dy)
    page.mouse.up()
    page.wait_for_selector(".pd-panel--chosen:not([hidden])")
    assert page.locator(".pd-panel--chosen .pd-entries > li").count() >= 1
    assert page.get_attribute("button[data-mode=lasso]", "aria-pressed") == "false"


def test_hostile_titles_are_text_everywhere(visit: Visit, starter: Path, starter_url: str) -> None:
    points = columns(starter)
    points["titles"][: len(HOSTILE)] = HOSTILE
    page = visit("404.html")
    with_points(page, points)
    page.goto(starter_url + "map/?table=1")
    awake(page)
    draw_box(page)
    page.wait_for_selector(".pd-panel--chosen:not([hidden])")
    _, text = save(page, "CSV")
    cells = [line["title"] for line in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))]
    assert {"'" + HOSTILE[1], "'" + HOSTILE[2], HOSTILE[0], HOSTILE[3], HOSTILE[4], HOSTILE[5]} <= set(cells)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("text=Copy as Markdown")
    page.wait_for_function("() => document.querySelector('.pd-exports__status').textContent")
    lines = page.evaluate("() => navigator.clipboard.readText()").splitlines()
    assert len(lines) == len(points["ids"])
    assert any("\\<script\\>" in line for line in lines)
    for n in range(len(HOSTILE)):
        page.goto(f"{starter_url}map/?pick={points['ids'][n]}&table=1")
        awake(page)
        assert card(page).split() == HOSTILE[n].split()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert page.title() != "owned"
    assert page.locator("img[src=x]").count() == 0


# -- time


def test_the_slider_by_keyboard_and_address(explorer: Page, starter: Path) -> None:
    page, points = explorer, columns(starter)
    months = sorted(date[:7] for date in points["dates"] if date)
    start = page.locator(".pd-time__handle").first
    start.focus()
    assert start.get_attribute("aria-valuetext")
    page.keyboard.press("End")
    assert f"from={months[-1]}" in query(page)
    dated = sum(1 for month in months if month == months[-1])
    undated = sum(1 for date in points["dates"] if not date)
    assert f"{dated + undated} of" in page.locator(".pd-time__words").inner_text()
    if undated:
        page.uncheck(".pd-time__undated input")
        assert f"{dated} of" in page.locator(".pd-time__words").inner_text()
        assert "undated=0" in query(page)
    page.click("text=All of it")
    assert "from=" not in query(page)
    page.click(".pd-time__by button:has-text('Published')")
    assert "by=published" in query(page)
    last = page.locator(".pd-time__handle").nth(1)
    last.focus()
    page.keyboard.press("PageDown")
    assert "to=" in query(page)


def test_the_handles_do_not_cross(explorer: Page) -> None:
    page = explorer
    start, end = page.locator(".pd-time__handle").first, page.locator(".pd-time__handle").nth(1)
    end.focus()
    page.keyboard.press("Home")
    start.focus()
    page.keyboard.press("End")
    assert int(start.input_value()) <= int(end.input_value())
    track = page.locator(".pd-time__track").bounding_box()
    assert track
    page.mouse.click(track["x"] + track["width"] * 0.7, track["y"] + 6)
    assert int(end.input_value()) > int(start.input_value())


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_play_and_pause(visit: Visit, motion: str) -> None:
    page = awake(visit("map/", reduced_motion=motion))
    page.click(".pd-time__play")
    assert page.locator(".pd-time__play").inner_text() == "Pause"
    page.wait_for_function("() => /[?&]to=/.test(location.search)")
    before = page.locator(".pd-time__words").inner_text()
    page.wait_for_function("(text) => document.querySelector('.pd-time__words').textContent !== text", arg=before)
    page.click(".pd-time__play")
    assert page.locator(".pd-time__play").inner_text() == "Play"
    assert said(page).startswith("Paused")


# -- the table


def cells(page: Page, column: str) -> list[str]:
    return titles(page, f".pd-table tbody tr[data-row] .pd-table__{column}")


def test_the_table_holds_everything_and_sorts_by_any_column(explorer: Page, starter: Path) -> None:
    page, points = explorer, columns(starter)
    page.click(".pd-map__table")
    assert "table=1" in query(page)
    assert page.get_attribute(".pd-table table", "aria-rowcount") == str(len(points["ids"]) + 1)
    assert page.locator(".pd-table th[aria-sort=descending]").inner_text().startswith("Read")
    dates = [cell for cell in cells(page, "read")[1:] if cell]
    assert dates == sorted(dates, reverse=True)
    for column in ("title", "read", "kind", "status", "topic", "cluster", "year"):
        page.click(f"th.pd-table__{column} button")
        way = page.get_attribute(f"th.pd-table__{column}[scope=col]", "aria-sort")
        first = [text for text in cells(page, column) if text]
        page.click(f"th.pd-table__{column} button")
        other = page.get_attribute(f"th.pd-table__{column}[scope=col]", "aria-sort")
        assert {way, other} == {"ascending", "descending"}
        assert page.locator(".pd-table th[aria-sort]").count() == 1
        last = [text for text in cells(page, column) if text]
        assert first != last or len(set(first)) == 1


def test_the_table_goes_with_filters_and_search(explorer: Page, starter: Path) -> None:
    page, points = explorer, columns(starter)
    page.click(".pd-map__table")
    status = points["statusNames"].index("queued")
    queued = sum(1 for code in points["statuses"] if code == status)
    page.locator("select[data-filter=statuses]").select_option(label="queued")
    assert page.get_attribute(".pd-table table", "aria-rowcount") == str(queued + 1)
    assert "status=queued" in query(page)
    assert f"{queued} of" in page.locator(".pd-table__words").inner_text()
    page.locator("select[data-filter=statuses]").select_option(label="all")
    word = max(points["titles"][0].split(), key=len)
    page.fill(".pd-table__filter", word)
    assert any(word in title for title in cells(page, "title"))
    page.keyboard.press("Escape")
    assert page.input_value(".pd-table__filter") == ""
    page.fill(".pd-table__filter", "zzzz")
    assert "No entry passes" in page.locator(".pd-table table").evaluate(
        "(t) => getComputedStyle(t, '::after').content"
    )


def test_the_table_without_a_mouse(explorer: Page) -> None:
    page = explorer
    page.click(".pd-map__table")
    page.focus(".pd-table__filter")
    page.keyboard.press("ArrowDown")
    first = page.evaluate("() => document.activeElement.textContent")
    assert first == cells(page, "title")[0].split("\n")[0]
    place = ring(page)
    page.keyboard.press("ArrowDown")
    assert ring(page) != place
    page.keyboard.press("Space")
    assert card(page) == page.evaluate("() => document.activeElement.textContent")
    page.keyboard.press("End")
    last = page.evaluate("() => document.activeElement.closest('tr').getAttribute('aria-rowindex')")
    assert last == page.get_attribute(".pd-table table", "aria-rowcount")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("() => document.activeElement.className").startswith("pd-table__filter")


def test_ticks_choose_rows(explorer: Page, starter: Path) -> None:
    page, total = explorer, len(columns(starter)["ids"])
    page.click(".pd-map__table")
    page.locator(".pd-table tbody input").nth(1).check()
    page.wait_for_selector(".pd-panel--chosen:not([hidden])")
    assert page.locator(".pd-panel--chosen .pd-panel__head").inner_text() == "1 entry chosen"
    page.locator(".pd-table thead input").check()
    assert page.locator(".pd-panel--chosen .pd-panel__head").inner_text() == f"{total} entries chosen"


def test_ten_thousand_rows_are_few_elements(browser: Browser, starter: Path, starter_url: str) -> None:
    small, size = columns(starter), 10_000
    count = len(small["ids"])

    def many(values: list[Any]) -> list[Any]:
        return [values[n % count] for n in range(size)]

    big = {
        key: many(value) if isinstance(value, list) and len(value) == count and key != "order" else value
        for key, value in small.items()
    }
    big["ids"] = [f"{small['ids'][n % count]}-{n}" for n in range(size)]
    big["titles"] = [f"{small['titles'][n % count]} {n:05d}" for n in range(size)]
    big["projections"] = {
        name: {k: many(v) if isinstance(v, list) and len(v) == count else v for k, v in value.items()}
        for name, value in small["projections"].items()
    }
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    with_points(page, big)
    page.route("**/plotly.min.js", lambda route: route.abort())
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    page.goto(starter_url + "map/?table=1")
    page.wait_for_selector(".pd-table tbody tr[data-row]")
    assert page.get_attribute(".pd-table table", "aria-rowcount") == str(size + 1)
    assert page.locator(".pd-table tbody tr").count() < 80
    took = page.evaluate(
        """() => {
          const began = performance.now();
          document.querySelector('th.pd-table__title button').click();
          return performance.now() - began;
        }"""
    )
    assert took < 2000
    page.evaluate("() => { const s = document.querySelector('.pd-table__rows'); s.scrollTop = s.scrollHeight; }")
    page.wait_for_function(
        """() => [...document.querySelectorAll('.pd-table tbody tr[data-row]')].at(-1)
          .getAttribute('aria-rowindex') === '10001'"""
    )
    assert page.locator(".pd-table tbody tr").count() < 80
    assert not thrown
    context.close()


# -- keys


def test_a_walk_by_arrows(explorer: Page, starter: Path) -> None:
    page, known = explorer, set(columns(starter)["titles"])
    page.focus(".pd-map__plot")
    page.keyboard.press("ArrowRight")
    x, _ = ring(page)
    assert any(said(page).startswith(title[:60]) for title in known)
    page.keyboard.press("ArrowRight")
    if "Nothing" not in said(page):
        assert ring(page)[0] > x
    page.keyboard.press("ArrowUp")
    seen = set()
    for key in ("ArrowLeft", "ArrowDown", "ArrowRight", "ArrowUp") * 3:
        page.keyboard.press(key)
        seen.add(said(page))
    assert len(seen) > 3


def test_a_walk_by_meaning(explorer: Page, starter: Path) -> None:
    page, points, cards = explorer, columns(starter), columns(starter, "cards")
    page.focus(".pd-map__plot")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.pd-map__say').textContent")
    row = max(range(len(points["titles"])), key=lambda n: said(page).startswith(points["titles"][n][:90]))
    for at, other in enumerate(cards["neighbours"][row], 1):
        page.keyboard.press("n")
        start = f"{at} of {len(cards['neighbours'][row])} nearest in meaning: {points['titles'][other][:60]}"
        page.wait_for_function("(t) => document.querySelector('.pd-map__say').textContent.startsWith(t)", arg=start)
    page.keyboard.press("p")
    assert f"{len(cards['neighbours'][row]) - 1} of" in said(page)


def test_keys_for_search_table_help_and_choice(explorer: Page) -> None:
    page = explorer
    page.focus(".pd-map__plot")
    page.keyboard.press("?")
    assert page.locator(".pd-panel--keys kbd").count() > 8
    page.keyboard.press("Escape")
    assert page.locator(".pd-panel--keys").is_hidden()
    assert page.evaluate("() => document.activeElement.classList.contains('pd-map__plot')")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert page.locator(".pd-panel--chosen .pd-panel__head").inner_text() == "1 entry chosen"
    page.keyboard.press("Space")
    assert page.locator(".pd-panel--chosen").is_hidden()
    page.keyboard.press("t")
    assert page.locator(".pd-table").is_visible()
    page.focus(".pd-map__plot")
    page.keyboard.press("+")
    page.wait_for_function("() => location.search.includes('at=')")
    page.keyboard.press("0")
    page.wait_for_function("() => !location.search.includes('at=')")
    page.keyboard.press("/")
    assert page.evaluate("() => document.activeElement.className").startswith("pd-find__input")


# -- search


def found(page: Page) -> list[str]:
    page.wait_for_selector(".pd-panel--found:not([hidden]) .pd-entries a")
    return titles(page, ".pd-panel--found .pd-entries > li > a")


def test_the_search_lights_up_what_the_search_page_finds(visit: Visit, starter: Path) -> None:
    page = visit("search/?q=exploration")
    page.wait_for_selector(".pd-search[data-state=complete] .pd-hit")
    there = titles(page, ".pd-hit__title")
    page.goto(page.url.split("search/")[0] + "map/?q=exploration&n=10")
    live(page)
    page.wait_for_function("() => /exploration/.test(document.querySelector('.pd-panel--found h2')?.textContent)")
    page.wait_for_timeout(300)
    assert found(page) == there
    assert page.input_value(".pd-find__input") == "exploration"
    page.locator(".pd-panel--found .pd-panel__close").click()
    assert page.locator(".pd-panel--found").is_hidden()
    assert "q=" not in query(page)


def test_typing_a_search(explorer: Page, starter: Path) -> None:
    page, title = explorer, columns(starter)["titles"][2]
    page.fill(".pd-find__input", title)
    page.wait_for_function(
        "(t) => document.querySelector('.pd-panel--found .pd-entries a')?.textContent === t", arg=title
    )
    page.press(".pd-find__input", "Enter")
    page.wait_for_function("() => document.activeElement.closest('.pd-panel--found') !== null")
    page.keyboard.press("Enter")
    assert card(page) == title
    page.keyboard.press("Escape")
    assert page.locator(".pd-panel--found").is_visible()
    page.click("text=Choose these")
    assert page.locator(".pd-panel--chosen").is_visible()
    page.focus(".pd-find__input")
    page.keyboard.press("Escape")
    assert page.input_value(".pd-find__input") == ""
    assert page.locator(".pd-panel--found").is_hidden()


def test_from_disk_words_are_found_and_a_sentence_says_so(browser: Browser, starter: Path) -> None:
    points = columns(starter)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    page.goto((starter / "site/map/index.html").as_uri())
    live(page)
    word = max(re.findall(r"[A-Za-z]+", points["titles"][0]), key=len)
    page.fill(".pd-find__input", word)
    assert points["titles"][0] in found(page)
    assert "diary serve" in page.locator(".pd-panel--found .pd-panel__note").inner_text()
    page.click("text=Choose these")
    page.wait_for_selector(".pd-panel--chosen:not([hidden])")
    name, text = save(page, "BibTeX")
    assert name.endswith(".bib")
    assert text.startswith("@")
    page.locator(".pd-panel--chosen .pd-entries a").first.click()
    card(page)
    page.click("text=Open the note")
    page.wait_for_url("**/index.html*")
    assert not thrown
    context.close()


def test_without_plotly_the_table_and_the_search_serve(browser: Browser, starter: Path, starter_url: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.route("**/plotly.min.js", lambda route: route.abort())
    page.goto(starter_url + "map/")
    page.wait_for_selector(".pd-map--still")
    count = len(columns(starter)["ids"])
    page.wait_for_selector(".pd-table tbody tr[data-row]")
    assert page.get_attribute(".pd-table table", "aria-rowcount") == str(count + 1)
    assert page.locator("button[data-mode=lasso]").is_hidden()
    page.locator("select[data-filter=statuses]").select_option(label="queued")
    assert int(page.get_attribute(".pd-table table", "aria-rowcount") or 0) < count + 1
    page.focus(".pd-table__filter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    card(page)
    context.close()


# -- fingers


def test_a_tap_opens_the_card_and_a_second_the_note(visit: Visit) -> None:
    page = awake(visit("map/", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True))
    x, y = spot(page)
    page.touchscreen.tap(x + 6, y + 6)
    title = card(page)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    sheet = page.locator(".pd-map__side").bounding_box()
    assert sheet
    assert sheet["y"] + sheet["height"] == pytest.approx(844, abs=2)
    for button in page.locator(".pd-panel--card button:visible, .pd-panel--card a.pd-button:visible").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 24
        assert box["width"] >= 24
    page.wait_for_timeout(800)
    box = page.locator(".pd-under__ring").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    assert y < 844 * 0.48
    page.touchscreen.tap(x, y)
    page.wait_for_url(lambda url: "/map/" not in url)
    assert title.split(":")[0].split()[0] in page.locator("h1, h2, h3").all_inner_texts().__str__()


@pytest.mark.parametrize("path", ["map/?table=1", "map/?table=1&q=learning", "map/?pick={}&by=published&from=2015-01"])
def test_nothing_is_wider_than_a_phone(visit: Visit, starter: Path, path: str) -> None:
    points = columns(starter)
    points["titles"][0], points["clusterNames"][0]["name"] = (
        "W" * 300,
        "A cluster whose name goes on and on and on and on",
    )
    phone: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = visit("404.html", **phone)
    with_points(page, points)
    page.goto(page.url.replace("404.html", path.format(points["ids"][0])))
    awake(page)
    page.wait_for_timeout(1200)
    assert page.evaluate("() => [innerWidth, document.documentElement.scrollWidth]") == [390, 390]


def test_two_fingers_zoom(visit: Visit) -> None:
    page = awake(visit("map/", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True))
    box = page.locator(".pd-map__plot").bounding_box()
    assert box
    session = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def touch(kind: str, apart: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x - apart, "y": y}, {"x": x + apart, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 40)
    for apart in (50, 70, 90, 110):
        touch("touchMove", apart)
    touch("touchEnd", 0)
    page.wait_for_function("() => location.search.includes('at=')")
    assert page.locator(".pd-panel--card").is_hidden()
