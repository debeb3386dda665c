"""The colours and marks of clusters, the same on the map, in lists and in charts.

Ten colours for each scheme, found by simulated annealing in OKLCH: the least CIEDE2000 distance between any two is
13.2 on paper and 14.6 at night, whether they are seen with normal sight, protanopia, deuteranopia or tritanopia
(Machado et al., 2009, severity 1), and each stands out from its page by 3 to 1 or more (WCAG 2.2, 1.4.11). Number n
has the same hue by day and by night. After ten clusters the colours come again with another mark: forty looks.

`tests/test_palette.py` measures all this and that assets/css/face.css has the same values.
"""

from __future__ import annotations

PAPER, NIGHT = "#faf7f0", "#171512"  #: the page by day and by night; --pd-paper

#: blue, ochre, sage, plum, petrol, brick, violet, olive, grey, teal
LIGHT = (
    "#2a3696", "#bf7115", "#7e9364", "#710d49", "#1c7195",
    "#9c4846", "#8a6de6", "#4e4605", "#6e686d", "#1e9b99",
)  # fmt: skip
DARK = (
    "#95aef2", "#fab329", "#cceaab", "#ae4974", "#1f909d",
    "#f76d67", "#675ecf", "#7c7420", "#cbb9b6", "#95effa",
)  # fmt: skip
SYMBOLS = ("circle", "diamond", "square", "triangle-up")  #: names that Plotly knows


def number(cluster: str) -> int:
    """Which of the forty looks the cluster with this permanent id has, 0 to 39."""
    digits = "".join(c for c in cluster if c.isdecimal())
    return (int(digits) - 1 if digits else 0) % (len(LIGHT) * len(SYMBOLS))


def look(cluster: str) -> tuple[int, int]:
    """(index into LIGHT and DARK, index into SYMBOLS) of a cluster, decided by its permanent id."""
    symbol, colour = divmod(number(cluster), len(LIGHT))
    return colour, symbol


def css_class(cluster: str) -> str:
    """The class that gives an element the cluster's `--pd-colour`: "pd-c1" to "pd-c10"."""
    return f"pd-c{look(cluster)[0] + 1}"
