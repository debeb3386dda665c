"""Feed the sanitiser of notes piles of HTML that were made to slip through, and count what does.

usage: fuzz_html.py [SECONDS]

Of each pile is asked: does anything of what comes out run, ask another host or lead elsewhere than to the web and the
site (tests/test_sanitise.py, `harm`), and is it the same when it is read once more (as a browser reads it)?
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from test_sanitise import CLEAN, harm

from paperdiary.pictures import shown

_BITS = """<svg> </svg> <math> </math> <mtext> </mtext> <mi> <foreignObject> </foreignObject> <desc> <title>
    </title> <style> </style> <!-- --> <p> </p> <table> <tr> <td> </table> <mglyph> <malignmark> <annotation-xml>
    <annotation-xml_encoding="text/html"> <a_href="javascript:alert(1)"> </a> <img_src=x_onerror=alert(1)>
    <iframe_src=//e> </iframe> <noscript> </noscript> <textarea> </textarea> <xmp> </xmp> <select> <option> </select>
    <template> </template> <plaintext> <video_src=//e> </video> <object_data=//e> </object> <embed_src=//e>
    <input_type=radio> <form> </form> <script> </script> alert(1) &lt;script&gt; &lt;img_src=x_onerror=1&gt; title="
    "> '> ]]> <![CDATA[ <?x <!DOCTYPE> <b_title="<img_src=//e_onerror=1>"> <div_data-pd="0"> </div> <details> <summary>
    <use_href=//e#a> <image_href=//e> <frameset> <body_onload=1> <html> <head> <base_href=//e> <meta> <link>
    <math_href=javascript:1> <mtext_style=position:fixed> <br> <hr> <pre> </pre> <h1> <button> text
    <source_src=//e_srcset=//e> <picture> <audio_src=//e> <track_src=//e> <area_href=javascript:1> <map_name=__x>
    <img_src=https://e.org/a.png_alt="<b>"> <a_href=//e>"""
BITS = [bit.replace("_", " ") for bit in _BITS.split()]


def pile(number: int) -> str:
    """The same for the same number."""
    chance = random.Random(number)
    return "".join(chance.choice(BITS) for _ in range(chance.randint(1, 14)))


def slips(html: str) -> list[str]:
    """What is wrong with what comes out for it."""
    page = shown(CLEAN(html))
    again = CLEAN(page)
    changed = ["changes when it is read again"] if CLEAN(again) != again else []
    token = ["a token is left"] if "pd-remote:" in page else []
    return harm(page) + changed + token


def main(seconds: float) -> int:
    started, number, bad = time.perf_counter(), 0, 0
    while time.perf_counter() - started < seconds:
        found = slips(pile(number))
        if found:
            bad += 1
            print(f"{number}: {pile(number)!r}: {found}", file=sys.stderr)
        number += 1
    print(json.dumps({"inputs": number, "slipped": bad}))
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10))
