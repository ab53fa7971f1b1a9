"""Trees: broadleaf, pine, poplar, palm, bare tree and birch."""

import math
from random import Random

from samples.canvas import WHITE, Colour, Pen, Point, colour, mix, rounded

LEAVES = {
    "spring": ("#f0a9bb", "#f4c1cb", "#9ccf6a", "#b7d96f"),
    "summer": ("#4f9150", "#3f8a64", "#6ea545", "#2f7d5c"),
    "autumn": ("#d9772f", "#c9502f", "#e3a52f", "#b5473a"),
    "winter": ("#4d7a6a", "#3f6f70", "#557f66", "#4a7383"),
}
BARK = colour("#7a5238")
DEEP = colour("#22313f")
SNOW = colour("#f7fbff")


def _leaf(season: str, rng: Random) -> Colour:
    return colour(rng.choice(LEAVES[season]))


def _crown(pen: Pen, blobs: list[tuple[float, float, float]], leaf: Colour) -> None:
    """Round leaf masses in three tones: shade below, leaf, light from the upper left."""
    for x, y, radius in blobs:
        pen.ellipse(x + 0.02, y - 0.025, radius, radius * 0.95, mix(leaf, DEEP, 0.28))
    for x, y, radius in blobs:
        pen.ellipse(x - 0.012, y + 0.012, radius * 0.9, radius * 0.86, leaf)
    for x, y, radius in blobs:
        pen.ellipse(x - radius * 0.28, y + radius * 0.3, radius * 0.45, radius * 0.38, mix(leaf, WHITE, 0.2))


def broadleaf(pen: Pen, rng: Random, season: str) -> None:
    leaf = _leaf(season, rng)
    pen.shadow(0.36)
    pen.polygon([(-0.075, 0), (-0.035, 0.12), (-0.03, 0.5), (0.03, 0.5), (0.04, 0.12), (0.085, 0)], BARK)
    pen.line([(0.0, 0.3), (0.16, 0.5)], BARK, 0.035)
    pen.line([(0.0, 0.24), (-0.15, 0.46)], BARK, 0.03)
    blobs = [(-0.2, 0.5, 0.17), (0.21, 0.52, 0.16), (0.0, 0.54, 0.2), (-0.12, 0.7, 0.17), (0.13, 0.71, 0.17)]
    blobs = [(x + rng.uniform(-0.02, 0.02), y + rng.uniform(-0.02, 0.02), r) for x, y, r in blobs]
    _crown(pen, [*blobs, (0.0, 0.83, 0.13)], leaf)
    if season in ("autumn", "spring"):
        for _ in range(9):
            pen.ellipse(rng.uniform(-0.36, 0.36), rng.uniform(-0.04, 0.03), 0.018, 0.009, leaf)
    if season == "summer" and rng.random() < 0.6:
        for x, y in ((-0.2, 0.52), (-0.04, 0.62), (0.16, 0.5), (0.1, 0.74), (-0.13, 0.74), (0.24, 0.6)):
            pen.ellipse(x, y, 0.022, 0.022, colour("#d8432f"))


def pine(pen: Pen, rng: Random, season: str) -> None:
    needle = colour(rng.choice(("#2f6b55", "#3d7a58", "#2d6470", "#4a7d4a")))
    pen.shadow(0.28)
    pen.box(-0.035, 0, 0.035, 0.16, BARK)
    for tier in range(4):
        low, half = 0.12 + tier * 0.2, 0.31 - tier * 0.062
        top = low + 0.34 - tier * 0.02
        pen.polygon(
            [(-half, low), (0, top), (half, low), (half * 0.4, low + 0.03), (-half * 0.3, low + 0.03)], needle
        )
        pen.polygon(
            [(0, low + 0.02), (0, top), (half, low), (half * 0.4, low + 0.03)], mix(needle, DEEP, 0.25)
        )
        if season == "winter":
            cap = half * 0.5
            edge = [
                (-cap, top - 0.165),
                (-cap * 0.4, top - 0.13),
                (cap * 0.1, top - 0.17),
                (cap * 0.5, top - 0.13),
            ]
            pen.polygon([(0, top), *edge[::-1]], SNOW)
    if season != "winter":
        for _ in range(5):
            pen.ellipse(
                rng.uniform(-0.15, 0.15), rng.uniform(0.2, 0.55), 0.014, 0.024, mix(BARK, WHITE, 0.15)
            )


def poplar(pen: Pen, rng: Random, season: str) -> None:
    leaf = _leaf(season, rng)
    pen.shadow(0.2)
    pen.box(-0.03, 0, 0.03, 0.25, BARK)
    shape: list[Point] = [
        (-0.1, 0.12),
        (-0.2, 0.35),
        (-0.14, 0.75),
        (0, 1.12),
        (0.14, 0.75),
        (0.2, 0.35),
        (0.1, 0.12),
    ]
    pen.polygon(rounded(shape), mix(leaf, DEEP, 0.22))
    pen.polygon(rounded([(x * 0.72 - 0.04, 0.05 + y * 0.93) for x, y in shape]), leaf)
    for _ in range(14):
        y = rng.uniform(0.25, 0.85)
        x = rng.uniform(-0.11, 0.05) * (1.1 - y)
        pen.line([(x, y), (x + 0.015, y + 0.04)], mix(leaf, WHITE, 0.25), 0.014)


def _frond(pen: Pen, foot: Point, angle: float, reach: float, leaf: Colour) -> None:
    """One hanging palm leaf, thick in its middle."""
    upper, lower = [], []
    for step in range(9):
        share = step / 8
        x = foot[0] + math.cos(angle) * reach * share
        y = foot[1] + math.sin(angle) * reach * share - 0.3 * reach * share**2.2
        thick = 0.05 * math.sin(math.pi * min(1, share * 0.92 + 0.08))
        upper.append((x, y + thick))
        lower.append((x, y - thick * 0.7))
    pen.polygon(upper + lower[::-1], leaf)
    pen.line(
        [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(upper, lower, strict=True)][:8],
        mix(leaf, WHITE, 0.22),
        0.007,
    )


def palm(pen: Pen, rng: Random, season: str) -> None:
    leaf = mix(_leaf("summer" if season != "autumn" else season, rng), colour("#3f8a4a"), 0.5)
    trunk = [(0.14 * (step / 10) ** 1.7, 0.76 * step / 10) for step in range(11)]
    pen.shadow(0.2)
    for step, (x, y) in enumerate(trunk):
        half = 0.042 - step * 0.0016
        shade = mix(colour("#a07850"), DEEP, 0.18 * (step % 2))
        pen.polygon(
            [
                (x - half, y - 0.01),
                (x + half, y - 0.01),
                (x + half * 1.25, y + 0.075),
                (x - half * 1.25, y + 0.075),
            ],
            shade,
        )
    top = (0.15, 0.83)
    for order, angle in enumerate((-0.15, 3.3, 0.4, 2.75, 0.95, 2.2)):
        tone = mix(leaf, DEEP, 0.22 if order < 2 else 0.1 * (order % 2))
        _frond(pen, top, angle + rng.uniform(-0.08, 0.08), rng.uniform(0.36, 0.42), tone)
    for x, y in ((0.12, 0.8), (0.18, 0.8), (0.15, 0.77)):
        pen.ellipse(x, y, 0.03, 0.032, colour("#6b4630"))


def _branch(pen: Pen, foot: Point, angle: float, reach: float, width: float, rng: Random) -> list[Point]:
    """Draws a branch and what grows from it; returns the tips."""
    tip = (foot[0] + math.cos(angle) * reach, foot[1] + math.sin(angle) * reach)
    pen.line([foot, tip], BARK, width)
    if width < 0.013:
        return [tip]
    tips: list[Point] = []
    for turn in (rng.uniform(0.3, 0.55), rng.uniform(-0.12, 0.12), rng.uniform(-0.55, -0.3)):
        tips += _branch(pen, tip, angle + turn, reach * rng.uniform(0.62, 0.78), width * 0.6, rng)
    return tips


def bare_tree(pen: Pen, rng: Random, season: str) -> None:
    pen.shadow(0.2)
    pen.polygon([(-0.08, 0), (-0.03, 0.1), (0.03, 0.1), (0.085, 0)], BARK)
    tips = _branch(pen, (0.0, 0.05), math.pi / 2 + rng.uniform(-0.06, 0.06), 0.33, 0.065, rng)
    spots = SNOW if season == "winter" else _leaf(season, rng)
    for x, y in tips:
        if rng.random() < (0.55 if season == "winter" else 0.8):
            pen.ellipse(x, y, 0.026, 0.022, mix(spots, WHITE, rng.choice((0.0, 0.15))))


def birch(pen: Pen, rng: Random, season: str) -> None:
    leaf = colour("#e6bf3f") if season == "autumn" else mix(_leaf(season, rng), colour("#a9cf5c"), 0.4)
    pen.shadow(0.26)
    pen.polygon([(-0.045, 0), (-0.025, 0.8), (0.025, 0.8), (0.05, 0)], colour("#f4f0e8"))
    pen.polygon([(0.012, 0), (0.01, 0.8), (0.025, 0.8), (0.05, 0)], colour("#d9d3c8"))
    for step in range(7):
        y = 0.05 + step * 0.07
        left = rng.choice((-0.038, -0.01))
        pen.box(left, y, left + rng.uniform(0.025, 0.045), y + 0.014, colour("#3a3a42"))
    drops = [
        (-0.16, 0.56, 0.12),
        (0.16, 0.54, 0.12),
        (0.0, 0.62, 0.15),
        (-0.1, 0.76, 0.13),
        (0.11, 0.76, 0.12),
    ]
    _crown(pen, [*drops, (0.0, 0.9, 0.12)], leaf)


TREES = {
    "broadleaf": broadleaf,
    "pine": pine,
    "poplar": poplar,
    "palm": palm,
    "bare": bare_tree,
    "birch": birch,
}
