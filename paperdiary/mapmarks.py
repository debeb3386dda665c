"""The marks of a map in SVG: their size, their colour where no stylesheet gives one, their outline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from paperdiary import palette
from paperdiary.atlas import Point

LARGEST, SMALLEST = 11.0, 4.0  #: diameter of a mark, in the picture's units
MANY = 120  #: marks that may be as large as that
DARKEST, BRIGHTEST = 0.15, 0.29  #: luminance of a colour that can be seen on white and on nearly black
NEUTRAL = "#87877f"  #: what has no colour of its own


def mark_size(count: int) -> float:
    """Diameter of a mark on a map of so many points."""
    return round(max(SMALLEST, LARGEST * min(1.0, math.pow(MANY / max(count, 1), 0.3))), 1)


def css_class(colour: int) -> str:
    """The class that gives the marks their colour in the site's stylesheet."""
    return f"pd-c{colour + 1}" if colour >= 0 else "pd-c0"


@lru_cache(maxsize=64)
def both(colour: int) -> str:
    """A colour with 3 to 1 on white and on #1e1e1e, for where no stylesheet tells which of the two it is.

    The mean of the colours for light and for dark pages, made darker or lighter in linear light (WCAG 2.2's luminance)
    where that is needed.
    """
    if colour < 0:
        return NEUTRAL
    values = []
    for at in (1, 3, 5):
        mean = sum(int(scheme[colour][at : at + 2], 16) for scheme in (palette.LIGHT, palette.DARK)) / 510
        values.append(mean / 12.92 if mean <= 0.04045 else ((mean + 0.055) / 1.055) ** 2.4)
    light = 0.2126 * values[0] + 0.7152 * values[1] + 0.0722 * values[2]
    if light > BRIGHTEST:
        values = [v * BRIGHTEST / light for v in values]
    elif light < DARKEST:
        values = [v + (1 - v) * (DARKEST - light) / (1 - light) for v in values]
    signs = (12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055 for v in values)
    return "#" + "".join(f"{round(255 * v):02x}" for v in signs)


def outline(symbol: int, radius: float) -> str:
    """A symbol around where the pen stands, in relative steps; the pen ends where it began.

    The shapes are those of Plotly's symbols of the same name, so that nothing jumps when they take over.
    """
    r = f"{radius:.3g}"
    if symbol == 1:
        d = f"{1.3 * radius:.3g}"
        return f"m0-{d}l{d} {d}-{d} {d}-{d}-{d}zm0 {d}"
    if symbol == 2:
        d = f"{2 * radius:.3g}"
        return f"m-{r}-{r}h{d}v{d}h-{d}zm{r} {r}"
    if symbol == 3:
        half, up, wide = f"{2 / 3**0.5 * radius:.4g}", f"{1.5 * radius:.3g}", f"{4 / 3**0.5 * radius:.4g}"
        return f"m0-{r}l{half} {up}h-{wide}zm0 {r}"
    d = f"{2 * radius:.3g}"
    return f"m-{r} 0a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0-{d} 0zm{r} 0"


def walk(points: Sequence[Point], mark: str) -> str:
    """A mark at each of the points, by steps from one to the next; in whole tenths, so that no error adds up."""
    tenths = sorted((round(x * 10), round(y * 10)) for x, y in points)
    band = 200  # up and down in bands of 20 units: the steps are short
    tenths.sort(key=lambda p: (p[0] // band, p[1] if p[0] // band % 2 else -p[1]))
    out: list[str] = []
    last = (0, 0)
    for x, y in tenths:
        step = _number(x - last[0]), _number(y - last[1])
        out.append(f"{'m' if out else 'M'}{step[0]}{'' if step[1].startswith('-') else ' '}{step[1]}{mark}")
        last = (x, y)
    return "".join(out)


def _number(tenths: int) -> str:
    """Tenths as a number, as short as SVG allows."""
    whole, rest = divmod(abs(tenths), 10)
    text = f"{whole or ''}.{rest}" if rest else str(whole)
    return f"-{text}" if tenths < 0 else text
