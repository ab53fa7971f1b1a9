"""Boats: sailing boat, lugger with a striped sail, rowing boat, trawler and steamer. Foot = waterline."""

from random import Random

from samples.canvas import WHITE, Colour, Pen, colour, mix, rounded
from samples.houses import smoke

HULLS = ("#c8463d", "#2f5d8a", "#2d7a74", "#e0a030", "#f4efe6", "#7b3f55", "#3b3f5c")
STRIPES = ("#c8463d", "#2f5d8a", "#e0862f", "#2d7a74")
CANVAS_CLOTH = colour("#fff8ea")
DARK_WOOD = colour("#6b4630")
WOOD = colour("#a8703f")


def _stripe_for(hull: Colour) -> Colour:
    return WHITE if sum(hull) < 560 else colour("#c8463d")


def _curved(corners: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Only a hint of rounding: hulls keep their pointed bows."""
    return rounded([p for corner in corners for p in (corner, corner)], 2)


def sloop(pen: Pen, rng: Random) -> None:
    hull = colour(rng.choice(HULLS))
    sail = colour(rng.choice(("#fff8ea", "#fff8ea", "#f3c66b", "#e98b6d")))
    pen.line([(0.0, 0.1), (0.0, 1.0)], DARK_WOOD, 0.016)
    pen.polygon([(0.02, 0.96), (0.02, 0.2), (0.16, 0.19), (0.39, 0.2), (0.26, 0.5)], sail)
    pen.polygon([(0.02, 0.42), (0.02, 0.2), (0.39, 0.2), (0.3, 0.42)], mix(sail, colour("#d98e6a"), 0.18))
    pen.polygon([(-0.02, 0.9), (-0.02, 0.2), (-0.36, 0.18), (-0.16, 0.46)], mix(sail, WHITE, 0.45))
    pen.polygon([(0.0, 1.0), (0.0, 0.94), (0.12, 0.98)], colour(rng.choice(STRIPES)))
    pen.line([(0.0, 0.175), (0.4, 0.175)], DARK_WOOD, 0.018)
    pen.polygon(_curved([(-0.46, 0.15), (0.42, 0.12), (0.36, -0.05), (-0.26, -0.05)]), hull)
    pen.polygon([(-0.43, 0.13), (0.415, 0.105), (0.41, 0.075), (-0.4, 0.1)], _stripe_for(hull))


def lugger(pen: Pen, rng: Random) -> None:
    hull, stripe = colour(rng.choice(HULLS)), colour(rng.choice(STRIPES))
    pen.line([(0.02, 0.1), (0.02, 0.86)], DARK_WOOD, 0.02)
    for band in range(6):
        low, high = 0.2 + band * 0.11, 0.31 + band * 0.11
        pen.polygon(
            [
                (-0.3 + low * 0.16, low),
                (0.36 - low * 0.1, low),
                (0.36 - high * 0.1, high),
                (-0.3 + high * 0.16, high),
            ],
            CANVAS_CLOTH if band % 2 else stripe,
        )
    pen.line([(-0.2, 0.87), (0.3, 0.87)], DARK_WOOD, 0.02)
    pen.line([(-0.28, 0.19), (0.36, 0.19)], DARK_WOOD, 0.02)
    pen.polygon(
        _curved([(-0.46, 0.2), (-0.2, 0.12), (0.2, 0.12), (0.45, 0.18), (0.32, -0.06), (-0.3, -0.06)]), hull
    )
    pen.line([(-0.43, 0.165), (-0.2, 0.1), (0.2, 0.1), (0.42, 0.15)], _stripe_for(hull), 0.02)


def rowing_boat(pen: Pen, rng: Random) -> None:
    hull = colour(rng.choice(HULLS))
    pen.polygon(
        _curved([(-0.5, 0.2), (-0.2, 0.13), (0.2, 0.13), (0.48, 0.19), (0.3, 0.06), (-0.3, 0.06)]), DARK_WOOD
    )
    for x in (-0.2, 0.02, 0.24):
        pen.box(x - 0.07, 0.115, x + 0.07, 0.14, WOOD)
    pen.polygon(
        _curved([(-0.5, 0.2), (-0.2, 0.11), (0.2, 0.11), (0.48, 0.19), (0.36, -0.05), (-0.32, -0.05)]), hull
    )
    pen.line([(-0.47, 0.185), (-0.2, 0.1), (0.2, 0.1), (0.45, 0.175)], mix(hull, WHITE, 0.55), 0.018)
    pen.line([(-0.4, 0.05), (0.4, 0.05)], mix(hull, DARK_WOOD, 0.3), 0.01)
    for x, reach in ((-0.06, -0.3), (0.12, 0.32)):
        pen.line([(x, 0.24), (x + reach, -0.04)], WOOD, 0.016)
        pen.line([(x + reach * 0.86, 0.0), (x + reach * 1.02, -0.045)], mix(WOOD, WHITE, 0.3), 0.034)


def trawler(pen: Pen, rng: Random) -> None:
    hull = colour(rng.choice(HULLS[:4] + HULLS[5:]))
    cabin = colour(rng.choice(("#fff8ea", "#f3dd9a", "#dfe9ee")))
    pen.line([(0.2, 0.2), (0.2, 0.76)], DARK_WOOD, 0.016)
    pen.line([(0.2, 0.7), (0.44, 0.25)], DARK_WOOD, 0.008)
    pen.line([(0.2, 0.7), (-0.46, 0.34)], DARK_WOOD, 0.006)
    pen.box(-0.22, 0.15, 0.12, 0.42, cabin)
    pen.box(-0.26, 0.42, 0.15, 0.46, mix(hull, DARK_WOOD, 0.3))
    for left in (-0.19, -0.09, 0.01):
        pen.pane(left, 0.28, left + 0.08, 0.38)
    pen.box(-0.06, 0.46, 0.04, 0.6, colour("#3b3f5c"))
    pen.box(-0.06, 0.52, 0.04, 0.56, colour("#e0a030"))
    smoke(pen, 0.0, 0.6, rng)
    pen.polygon(
        _curved([(-0.5, 0.34), (-0.3, 0.2), (0.3, 0.16), (0.46, 0.24), (0.4, -0.06), (-0.32, -0.06)]), hull
    )
    pen.line([(-0.46, 0.3), (-0.29, 0.19), (0.3, 0.15), (0.44, 0.21)], _stripe_for(hull), 0.022)
    for x in (-0.18, 0.0, 0.18):
        pen.ellipse(x, 0.06, 0.042, 0.042, colour("#2c2a35"))
        pen.ellipse(x, 0.06, 0.018, 0.018, hull)


def steamer(pen: Pen, rng: Random) -> None:
    hull, funnel = colour(rng.choice(("#2f3f5c", "#7b2f35", "#24504f"))), colour(rng.choice(STRIPES))
    for x in (-0.1, 0.1):
        pen.polygon([(x - 0.045, 0.36), (x + 0.045, 0.36), (x + 0.06, 0.6), (x - 0.03, 0.6)], funnel)
        pen.polygon(
            [(x - 0.033, 0.55), (x + 0.058, 0.55), (x + 0.06, 0.6), (x - 0.03, 0.6)], colour("#2c2a35")
        )
        smoke(pen, x + 0.03, 0.6, rng)
    for left, right, low in ((-0.34, 0.36, 0.14), (-0.26, 0.3, 0.26)):
        pen.box(left, low, right, low + 0.12, CANVAS_CLOTH)
        pen.box(left - 0.015, low + 0.11, right + 0.015, low + 0.125, mix(hull, WHITE, 0.3))
        x = left + 0.03
        while x < right - 0.04:
            pen.pane(x, low + 0.035, x + 0.04, low + 0.085)
            x += 0.07
    pen.line([(-0.38, 0.18), (-0.38, 0.52)], DARK_WOOD, 0.01)
    pen.polygon([(-0.38, 0.52), (-0.38, 0.46), (-0.28, 0.49)], funnel)
    pen.polygon(_curved([(-0.52, 0.2), (-0.4, 0.15), (0.48, 0.15), (0.42, -0.05), (-0.36, -0.05)]), hull)
    pen.polygon([(-0.42, 0.02), (0.44, 0.02), (0.41, -0.05), (-0.36, -0.05)], colour("#b3402f"))
    for x in range(9):
        pen.ellipse(-0.3 + x * 0.078, 0.085, 0.014, 0.014, colour("#ffe3a0"))


BOATS = {"sloop": sloop, "lugger": lugger, "rowing boat": rowing_boat, "trawler": trawler, "steamer": steamer}
