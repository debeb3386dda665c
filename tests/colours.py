"""Colours measured: contrast (WCAG 2.2), distance (CIEDE2000), as seen by colour-blind eyes (Machado et al., 2009)."""

from __future__ import annotations

from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

RGB = tuple[float, float, float]

#: linear sRGB as it is seen, at full severity (Machado, Oliveira and Fernandes, 2009, table 1)
SIGHT: dict[str, tuple[RGB, RGB, RGB]] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
_WHITE = (0.95047, 1.0, 1.08883)


def linear(hexadecimal: str) -> RGB:
    """#rrggbb to linear sRGB, 0 to 1."""
    values = [int(hexadecimal[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return r, g, b


def seen(colour: RGB, sight: str) -> RGB:
    r, g, b = (min(max(_dot(row, colour), 0.0), 1.0) for row in SIGHT[sight])
    return r, g, b


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio, 1 to 21."""
    high, low = sorted((_dot((0.2126, 0.7152, 0.0722), linear(c)) for c in (one, other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def distance(one: str, other: str, sight: str = "normal") -> float:
    """CIEDE2000 between two #rrggbb as they are seen."""
    return ciede2000(lab(seen(linear(one), sight)), lab(seen(linear(other), sight)))


def lab(colour: RGB) -> RGB:
    """Linear sRGB to CIELAB, D65."""
    x, y, z = (_dot(row, colour) / white for row, white in zip(_XYZ, _WHITE, strict=True))
    fx, fy, fz = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def ciede2000(one: RGB, other: RGB) -> float:
    """Sharma, Wu and Dalal (2005), with all three weights 1."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (hypot(a1, b1) + hypot(a2, b2)) / 2
    g = 0.5 * (1 - sqrt(mean**7 / (mean**7 + 25**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = hypot(a1, b1), hypot(a2, b2)
    h1, h2 = degrees(atan2(b1, a1)) % 360, degrees(atan2(b2, a2)) % 360
    turn = h2 - h1 if c1 * c2 else 0.0
    turn += -360 if turn > 180 else 360 if turn < -180 else 0
    dh = 2 * sqrt(c1 * c2) * sin(radians(turn) / 2)
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    hue = h1 + h2
    if c1 * c2:
        hue = hue / 2 if abs(h1 - h2) <= 180 else (hue + 360) / 2 if hue < 360 else (hue - 360) / 2
    t = 1 - 0.17 * cos(radians(hue - 30)) + 0.24 * cos(radians(2 * hue))
    t += 0.32 * cos(radians(3 * hue + 6)) - 0.20 * cos(radians(4 * hue - 63))
    rotation = -sin(radians(60 * exp(-(((hue - 275) / 25) ** 2)))) * 2 * sqrt(chroma**7 / (chroma**7 + 25**7))
    sl = 1 + 0.015 * (light - 50) ** 2 / sqrt(20 + (light - 50) ** 2)
    dl, dc, dh = (l2 - l1) / sl, (c2 - c1) / (1 + 0.045 * chroma), dh / (1 + 0.015 * chroma * t)
    return sqrt(dl * dl + dc * dc + dh * dh + rotation * dc * dh)


def _dot(one: RGB, other: RGB) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
