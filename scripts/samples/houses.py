"""Houses: cottage, townhouse, barn, villa and cabin."""

from random import Random

from samples.canvas import WHITE, Colour, Pen, Point, colour, mix

WALLS = ("#f6e7cf", "#f2c7a5", "#e9b4a6", "#cfe0d2", "#f3dd9a", "#c9d6e6", "#fbf5ea")
ROOFS = ("#b5523b", "#8a4a43", "#4f5d75", "#3f6b6b", "#c9703f", "#6d4c61")
DOORS = ("#2f6f73", "#c8463d", "#3d5a98", "#e0a030", "#57753f")
WOOD = colour("#8b5e3c")
CREAM = colour("#fff8ea")
SNOW = colour("#f7fbff")


def window(pen: Pen, x: float, y: float, width: float, height: float) -> None:
    """A framed window with its lower left corner at (x, y)."""
    edge = 0.014
    pen.box(x - edge, y - edge, x + width + edge, y + height + edge, CREAM)
    pen.pane(x, y, x + width, y + height)
    pen.box(x + width / 2 - edge / 2, y, x + width / 2 + edge / 2, y + height, CREAM)
    pen.box(x, y + height * 0.55, x + width, y + height * 0.55 + edge, CREAM)
    pen.box(x - edge * 2, y - edge * 2, x + width + edge * 2, y - edge, mix(CREAM, WOOD, 0.35))


def door(pen: Pen, x: float, width: float, height: float, fill: Colour) -> None:
    """A door whose left edge is at x."""
    edge = 0.014
    pen.box(x - edge, 0, x + width + edge, height + edge, CREAM)
    pen.box(x, 0, x + width, height, fill)
    pen.pane(x + width * 0.25, height * 0.58, x + width * 0.75, height * 0.88)
    pen.ellipse(x + width * 0.82, height * 0.45, 0.01, 0.01, colour("#f4d58d"))
    pen.box(x - edge * 2, -0.01, x + width + edge * 2, 0.012, colour("#b9b2a6"))


def smoke(pen: Pen, x: float, y: float, rng: Random) -> None:
    """Three puffs that drift off and fade."""
    for step in range(3):
        puff = 0.035 + step * 0.016
        drift = x + step * 0.06 + rng.uniform(-0.01, 0.01)
        pen.ellipse(
            drift, y + 0.04 + step * 0.075, puff * 1.2, puff, mix(WHITE, colour("#c3ccd3"), step * 0.3)
        )


def bushes(pen: Pen, left: float, right: float, rng: Random) -> None:
    """A low round hedge along the wall."""
    green = colour("#dfe9ee") if pen.is_winter else colour(rng.choice(("#5d8f4e", "#4f8560", "#7a9a45")))
    x = left
    while x < right:
        radius = rng.uniform(0.04, 0.065)
        pen.ellipse(x, radius * 0.6, radius * 1.2, radius, mix(green, WHITE, rng.choice((0.0, 0.12))))
        x += radius * 1.3


def cottage(pen: Pen, rng: Random) -> None:
    wall, roof = colour(rng.choice(WALLS)), colour(rng.choice(ROOFS))
    pen.shadow(0.52)
    pen.box(0.2, 0.6, 0.28, 0.84, mix(colour("#a8604a"), roof, 0.2))
    pen.box(0.185, 0.82, 0.295, 0.855, colour("#7d4739"))
    smoke(pen, 0.25, 0.87, rng)
    pen.box(-0.04, 0, 0.43, 0.42, mix(wall, roof, 0.22))
    pen.polygon([(-0.43, 0), (-0.43, 0.4), (-0.235, 0.68), (-0.04, 0.4), (-0.04, 0)], wall)
    pen.polygon([(-0.235, 0.73), (0.3, 0.73), (0.49, 0.37), (-0.01, 0.37)], roof)
    for row in (0.46, 0.55, 0.64):
        shift = (row - 0.37) * 0.52
        pen.line([(0.03 - shift * 1.2, row), (0.44 - shift, row)], mix(roof, WHITE, 0.12), 0.008)
    pen.line([(-0.48, 0.36), (-0.235, 0.715), (0.01, 0.36)], mix(roof, colour("#2c2430"), 0.3), 0.04)
    if pen.is_winter:
        pen.polygon(
            [(-0.235, 0.745), (0.3, 0.745), (0.38, 0.6), (0.2, 0.63), (0.05, 0.58), (-0.14, 0.62)], SNOW
        )
    pen.ellipse(-0.235, 0.5, 0.045, 0.045, CREAM)
    pen.ellipse(-0.235, 0.5, 0.03, 0.03, colour("#ffd67a") if pen.is_dark else colour("#a9d3e4"))
    door(pen, -0.3, 0.13, 0.27, colour(rng.choice(DOORS)))
    window(pen, 0.05, 0.13, 0.12, 0.16)
    window(pen, 0.25, 0.13, 0.12, 0.16)
    bushes(pen, 0.0, 0.42, rng)


def townhouse(pen: Pen, rng: Random) -> None:
    wall = colour(rng.choice(("#c65b46", "#d98e4a", "#4f7d8c", "#8c5a72", "#6d8b5b", "#d8b04c")))
    trim, half = mix(wall, CREAM, 0.75), 0.29
    pen.shadow(0.36)
    pen.box(-half, 0, half, 0.86, wall)
    steps = [(-half, 0.86), (-0.21, 0.94), (-0.13, 1.02), (-0.06, 1.1)]
    for left, top in steps:
        pen.box(left, 0.8, -left, top, wall)
        pen.box(left - 0.01, top, -left + 0.01, top + 0.02, SNOW if pen.is_winter else trim)
    pen.box(-half, 0.02, half, 0.06, mix(wall, colour("#2c2430"), 0.3))
    for floor in (0.4, 0.65):
        for x in (-0.22, -0.055, 0.11):
            window(pen, x, floor, 0.11, 0.15)
        pen.box(-half, floor - 0.075, half, floor - 0.06, trim)
    window(pen, -0.05, 0.88, 0.1, 0.1)
    door(pen, -0.22, 0.13, 0.26, colour(rng.choice(DOORS)))
    window(pen, 0.0, 0.1, 0.2, 0.15)
    for stripe in range(6):
        left = -0.03 + stripe * 0.044
        shade = CREAM if stripe % 2 else colour("#c8463d")
        pen.polygon([(left, 0.3), (left + 0.044, 0.3), (left + 0.05, 0.235), (left + 0.006, 0.235)], shade)


def barn(pen: Pen, rng: Random) -> None:
    red = colour(rng.choice(("#b3402f", "#a34a3a", "#7c3f3a", "#4b6f86")))
    roof = colour("#4c4a58")
    outline: list[Point] = [
        (-0.38, 0),
        (-0.38, 0.38),
        (-0.27, 0.6),
        (0, 0.74),
        (0.27, 0.6),
        (0.38, 0.38),
        (0.38, 0),
    ]
    pen.shadow(0.46)
    pen.polygon(outline, red)
    for x in (-0.3, -0.22, 0.22, 0.3):
        pen.line([(x, 0.01), (x, 0.5)], mix(red, roof, 0.25), 0.006)
    pen.line(outline[1:6], SNOW if pen.is_winter else roof, 0.05)
    pen.box(-0.16, 0, 0.16, 0.3, CREAM)
    for left in (-0.145, 0.008):
        pen.box(left, 0, left + 0.137, 0.285, mix(red, roof, 0.3))
        pen.line([(left + 0.012, 0.012), (left + 0.125, 0.272)], CREAM, 0.014)
        pen.line([(left + 0.125, 0.012), (left + 0.012, 0.272)], CREAM, 0.014)
    window(pen, -0.06, 0.42, 0.12, 0.13)
    bushes(pen, -0.36, -0.2, rng)


def villa(pen: Pen, rng: Random) -> None:
    wall, wood = colour(rng.choice(("#f4efe6", "#dfe5e3", "#f2e3cf"))), colour("#b07a4a")
    pen.shadow(0.55)
    pen.box(-0.5, 0, 0.42, 0.28, mix(wall, colour("#7c8790"), 0.15))
    pen.box(-0.3, 0.31, 0.5, 0.58, wall)
    for slat in range(9):
        pen.box(0.3 + slat * 0.022, 0.31, 0.314 + slat * 0.022, 0.58, wood)
    pen.box(-0.54, 0.28, 0.5, 0.32, colour("#59636e"))
    pen.box(-0.35, 0.58, 0.54, 0.62, SNOW if pen.is_winter else colour("#59636e"))
    for left, right in ((-0.24, -0.02), (0.01, 0.24)):
        pen.pane(left, 0.37, right, 0.55)
    pen.pane(-0.45, 0.0, -0.22, 0.24)
    pen.pane(-0.2, 0.0, 0.03, 0.24)
    pen.box(0.1, 0, 0.22, 0.24, colour(rng.choice(DOORS)))
    pen.box(0.45, 0, 0.47, 0.3, colour("#59636e"))
    bushes(pen, 0.26, 0.44, rng)
    pen.box(-0.56, -0.015, 0.54, 0.006, colour("#c9c3b8"))


def cabin(pen: Pen, rng: Random) -> None:
    front, roof = colour(rng.choice(("#c58a52", "#a9714b", "#d7a66a"))), colour(rng.choice(ROOFS))
    pen.shadow(0.48)
    pen.polygon([(-0.33, 0.02), (0, 0.72), (0.33, 0.02)], front)
    for row in (0.12, 0.2, 0.28, 0.36, 0.44):
        reach = 0.33 * (0.74 - row) / 0.74
        pen.line([(-reach, row), (reach, row)], mix(front, WOOD, 0.4), 0.006)
    pen.line([(-0.41, 0.0), (0, 0.78), (0.41, 0.0)], roof, 0.06)
    if pen.is_winter:
        pen.line([(-0.3, 0.25), (0, 0.815), (0.3, 0.25)], SNOW, 0.03)
    window(pen, -0.07, 0.36, 0.14, 0.14)
    door(pen, -0.06, 0.12, 0.24, colour(rng.choice(DOORS)))
    window(pen, -0.21, 0.1, 0.08, 0.11)
    window(pen, 0.12, 0.1, 0.08, 0.11)
    pen.box(-0.4, -0.02, 0.4, 0.02, WOOD)
    for x in (-0.36, -0.18, 0.18, 0.36):
        pen.box(x - 0.012, -0.06, x + 0.012, 0.0, mix(WOOD, colour("#2c2430"), 0.3))


HOUSES = {"cottage": cottage, "townhouse": townhouse, "barn": barn, "villa": villa, "cabin": cabin}
