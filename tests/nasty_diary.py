"""Diaries that try to break the pages: hostile text, odd numbers, many on one day."""

from __future__ import annotations

import json
import random
from pathlib import Path

CONFIG = """\
site_name: 'Odd "diary" & co'
docs_dir: notes
theme:
  name: material
  font: false
plugins:
  - paperdiary:
      embedder: hashing
      clusters: {clusters}
markdown_extensions:
  - tables
  - attr_list
  - md_in_html
  - footnotes
  - def_list
  - abbr
  - admonition
  - toc:
      permalink: true
"""
#: any of these that runs leaves its mark in `window.owned`
ATTACKS = (
    "<script>window.owned = 1</script> in a title",
    "</script><script>window.owned = 2</script>",
    "</title></style></textarea><img src=x onerror='window.owned = 3'>",
    '" onmouseover="window.owned = 4" x="',
    "' autofocus onfocus='window.owned = 5' x='",
    "<svg onload=window.owned=6><a xlink:href='javascript:window.owned=6'>click</a></svg>",
    "[a link](javascript:window.owned=7) and [x](# ){onclick=window.owned=7}",
    '{{ config.__class__ }} {% raw %} ${window.owned=8} <a href="javascript:window.owned=8">x</a>',
    "]]> --> <!-- diary:map --> <!--",
    "&lt;script&gt;window.owned=9&lt;/script&gt; &#60;img src=x onerror=window.owned=9&#62;",
    '=HYPERLINK("https://example.org/","owned")',
    "<b>bold</b><br><a href='https://example.org'>Plotly's own markup</a> <sup>sup</sup>",
    "\x1b[31mred\x1b]0;owned\x07 \x9b2J and \x08\x7f",
    "::add-mask::owned and ##[add-mask]owned",
    "../../../../etc/passwd and C:\\owned",
    "`</code><img src=x onerror=window.owned=10>` {: onclick=window.owned=10 } {% include 'owned' %}",
)
#: what stands in notes; as above
BODIES = (
    "<script>window.owned = 20</script>\n\n<div onclick=x><script>window.owned = 20</script>in a block</div>",
    "<img src=x onerror='window.owned = 21'> <body onload='window.owned = 21'>"
    " <details open ontoggle='window.owned = 21'>",
    "## A head {: data-toc-label=\"<img src=x onerror='window.owned = 22'>\" onclick=alert(1) }"
    "\n\n*a*{: onmouseover=x }",
    "<iframe src='javascript:parent.owned = 23'></iframe><iframe srcdoc='<script>parent.owned = 23</script>'></iframe>",
    "<svg onload='window.owned = 24'><animate onbegin='window.owned = 24' attributeName=x dur=1s></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=window.owned=25&gt;'>",
    "<form action='//example.org/'><input name=q autofocus onfocus='window.owned = 26'><button>go</button></form>",
    "<meta http-equiv='refresh' content='0;url=https://example.org/'>\n<base href='https://example.org/'>\n\nwords",
    "<div class='pd-map' data-assets='https://example.org/' data-base='./'>a map that is none</div>",
    "<div class='pd-search' data-index='https://example.org/'>a search that is none</div>",
    "<div id='__config'>{\"base\": \"https://example.org\"}</div><a id='PaperDiary'></a><img name='currentScript'>",
    "<pre class='mermaid'>graph TD; a-->b</pre>\n\n<style>@import 'https://example.org/x.css';</style>",
    "![one](https://example.org/a.png) <img src='//example.org/b.png' srcset='https://example.org/c.png 2x'>",
    "<video src='https://example.org/v.mp4' poster='https://example.org/p.png' autoplay></video>"
    "<object data='https://example.org/o'></object><embed src='https://example.org/e'>"
    "<link rel=icon href='//example.org/l'>",
    "<p style=\"background: url('https://example.org/s.png'); position: fixed; inset: 0; z-index: 9\">over all</p>",
    "<table background='https://example.org/t.png'><tr><td onclick='window.owned = 27'>a cell</td></tr></table>",
    "A word[^1] and HTML.\n\n[^1]: <img src=x onerror='window.owned = 28'>\n\n"
    "*[HTML]: <img src=x onerror=window.owned=28>",
    "term\n: <img src=x onerror='window.owned = 29'>\n\n!!! note \"<img src=x onerror='window.owned = 29'>\"\n\n    in",
    "[a](javascript:window.owned=30) [b](data:text/html,x) [c](vbscript:x) [d](file:///etc/passwd) <e@example.org>",
    "[r][r]\n\n[r]: javascript:window.owned=31 \"' onclick='window.owned=31\"\n\n{{ config }} {% for x in y %}",
)
DOT = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")  #: a GIF
#: names of files under which notes may lie
NAMES = ("<img src=x onerror=window.owned=40>", "{{ 7 * 7 }}", "a\x1b[31mb", "'quoted' & \"more\"", "::error::name")
ODD = (
    "A " + " ".join(["considerably longwinded"] * 12) + " title of three hundred characters or so",
    "W" + "o" * 150 + "rd" + "Without" * 20 + "Spaces",
    r"Learning $\alpha_{i}^{2}$-divergences in $\mathcal{O}(n \log n)$ with \emph{Solvers} and \textbf{more}",
    r"A formula that never ends: $\frac{1}{2 and a price of $5 for \$10",
    r"$$\sum_{k=0}^{\infty} \frac{(-1)^k}{2k+1} = \frac{\pi}{4}$$",
    "Quotes: \"double\" 'single' “curly” ‘both’ `code` «guillemets» and a \\ backslash",
    "تعلم الآلة العميق: مقدمة إلى الشبكات العصبية (2024)",
    "למידה עמוקה: English words בתוך כותרת, and back",
    "\u202eright-to-left override\u202c and \u2066isolates\u2069",
    "深度强化学习的理论与实践：从多臂赌博机到大规模语言模型的对齐方法研究综述及其在机器人控制中的应用",
    "Z̸̧͓̳a̷̢l̶g̵o̶ ̵t̴e̵x̷t̴ 👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301",
    "1984",
    "true",
    "__proto__",
    "constructor",
    "…",
    "%3Cscript%3E%20%2e%2e/%2e%2e/",
    "# not a heading * not a bullet > not a quote | not | a | table",
)
TOPICS = ("a b & c", "Übung/größer", "人工知能", "plain", "UPPER", "")
_VOCABULARY = """graph policy image token kernel robot speech proof reward sample tensor label search memory vision
market protein climate music traffic"""
WORDS = _VOCABULARY.split()


def _note(title: str, number: int, **more: object) -> str:
    """A note with a date on every second entry."""
    chance = random.Random(number)
    head = {"title": title, "url": f"https://example.org/odd/{number}", "tags": [title[:40], "<i>tag</i>", 7], **more}
    if number % 2 and "date" not in more:
        head["date"] = f"2025-{number % 12 + 1:02}-{number % 27 + 1:02}"
    if number % 9 == 4:
        head["status"] = "queued"
    body = " ".join(chance.choices(WORDS, k=40))
    plain = "\x9b" in title  # YAML takes no such sign but escaped
    lines = [f"{key}: {json.dumps(value, ensure_ascii=plain)}" for key, value in head.items()]
    return "\n".join(["---", *lines, "---", "", body, ""])


def write_hostile(root: Path, clusters: int = 40) -> Path:
    """About ninety entries in 40 clusters, some of them of one; four entries with the same vector."""
    notes = root / "notes"
    notes.mkdir(parents=True)
    (root / "mkdocs.yml").write_text(CONFIG.format(clusters=clusters), encoding="utf-8")
    for number, title in enumerate((*ATTACKS, *ODD)):
        folder = notes / TOPICS[number % len(TOPICS)]
        folder.mkdir(parents=True, exist_ok=True)
        authors = [title, *(f"Author {n} <of> many" for n in range(60 if number % 10 == 3 else 2))]
        text = _note(title, number, authors=authors, description=f"{title} {title[:80]} " + "words " * (number % 40))
        (folder / f"odd-{number:02}.md").write_text(text, encoding="utf-8")
    for number in range(60, 110):
        (notes / "plain" / f"n{number}.md").write_text(_note(f"Plain {WORDS[number % 20]} {number}", number), "utf-8")
    twin = "---\ntitle: Twin\nurl: https://example.org/twin/{}\n{}---\n\nThe very same words in both.\n"
    for number, date in enumerate(("", "", "date: 2025-05-05\n", "date: 1999-12-31\n")):
        (notes / "plain" / f"twin-{number}.md").write_text(twin.format(number, date), encoding="utf-8")
    for number, text in enumerate(BODIES):
        name = NAMES[number] if number < len(NAMES) else f"body-{number:02}"
        (notes / "plain" / f"{name}.md").write_text(f"# Body {number}\n\n{text}\n\nLast words.\n", encoding="utf-8")
    (notes / "plain" / "x").write_bytes(DOT)  # what `<img src=x>` shows: what is not there would tell by itself
    several = [
        f"## {title}\n\nhttps://example.org/several/{n}\n\nWords.\n" for n, title in enumerate((*ODD[:6], ATTACKS[3]))
    ]
    (notes / "plain" / "several.md").write_text("# Several in one\n\n" + "\n".join(several), encoding="utf-8")
    return root


def write_one_day(root: Path, count: int = 1000) -> Path:
    """A month list with `count` entries on one day, and one on another."""
    (root / "notes").mkdir(parents=True)
    (root / "mkdocs.yml").write_text(CONFIG.format(clusters=0), encoding="utf-8")
    chance = random.Random(1)
    lines = ["# What I read", "", "### May 2025", ""]
    for n in range(count):
        words = " ".join(chance.choices(WORDS, k=6))
        lines.append(f"* 7th: [On {words} {n}](https://example.org/day/{n}): {words} again.")
    lines += ["", "### June 2025", "", "* 1st: [The last one](https://example.org/day/last): alone.", ""]
    (root / "notes" / "list.md").write_text("\n".join(lines), encoding="utf-8")
    return root


def write_small(root: Path, count: int) -> Path:
    """A diary of a few entries: none, one, two."""
    (root / "notes").mkdir(parents=True)
    (root / "mkdocs.yml").write_text(CONFIG.format(clusters=0), encoding="utf-8")
    for n in range(count):
        (root / "notes" / f"n{n}.md").write_text(_note(f"Number {n}", 2 * n + 1), encoding="utf-8")
    return root
