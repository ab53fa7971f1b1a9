"""Cars seen from the side, driving left: saloon, runabout, camper, pickup and roadster."""

from random import Random

from samples.canvas import WHITE, Colour, Pen, Point, colour, mix, rounded

PAINTS = ("#d1483c", "#2f6fa3", "#f0b429", "#3b8a78", "#e87f4a", "#7c5295", "#f4efe6", "#5b7f3f", "#4a4f63")
RUBBER = colour("#2a2b35")
CHROME = colour("#dfe3e6")
GLASS = colour("#bfe0ea")
NIGHT_GLASS = colour("#7c95b5")
LAMP = colour("#ffe08a")
WHEEL = 0.095


def _soft(points: list[Point]) -> list[Point]:
    """Rounded, but close to the corners given."""
    return rounded([p for corner in points for p in (corner, corner)], 2)


def wheels(pen: Pen, *places: float) -> None:
    for x in places:
        pen.ellipse(x, WHEEL, WHEEL, WHEEL, RUBBER)
        pen.ellipse(x, WHEEL, WHEEL * 0.58, WHEEL * 0.58, CHROME)
        pen.ellipse(x, WHEEL, WHEEL * 0.38, WHEEL * 0.38, mix(CHROME, RUBBER, 0.35))
        pen.ellipse(x, WHEEL, WHEEL * 0.14, WHEEL * 0.14, CHROME)


def lights(pen: Pen, front: float, back: float, height: float) -> None:
    """Lamps at both ends and, in the dark, a beam ahead."""
    if pen.is_dark:
        far = [(front - 0.5, height + 0.1), (front - 0.55, height - 0.02), (front - 0.5, height - 0.15)]
        pen.glow([(front, height + 0.02), *far, (front, height - 0.03)], LAMP, 0.24)
    pen.lamp(front + 0.02, height, 0.028, LAMP)
    pen.lamp(back - 0.015, height, 0.022, colour("#e0483c"))


def _glass(pen: Pen, points: list[Point]) -> None:
    pen.polygon(points, NIGHT_GLASS if pen.is_dark else GLASS)
    first, second, third = points[0], points[1], points[2]
    gleam = [first, second, ((second[0] * 2 + third[0]) / 3, (second[1] * 2 + third[1]) / 3)]
    pen.polygon(gleam, mix(NIGHT_GLASS if pen.is_dark else GLASS, WHITE, 0.35))


def _trim(pen: Pen, paint: Colour, left: float, right: float, handles: tuple[float, ...]) -> None:
    """The dark sill, and the door handles."""
    pen.box(left, 0.085, right, 0.115, mix(paint, RUBBER, 0.4))
    for x in handles:
        pen.line([(x, 0.255), (x + 0.04, 0.255)], mix(paint, RUBBER, 0.45), 0.012)


def saloon(pen: Pen, rng: Random) -> None:
    paint = colour(rng.choice(PAINTS))
    pen.shadow(0.56)
    pen.polygon(_soft([(-0.24, 0.27), (-0.12, 0.44), (0.17, 0.44), (0.33, 0.27)]), mix(paint, WHITE, 0.1))
    pen.polygon(
        _soft([(-0.52, 0.09), (-0.52, 0.25), (-0.24, 0.3), (0.36, 0.3), (0.52, 0.27), (0.53, 0.09)]), paint
    )
    _glass(pen, [(-0.19, 0.285), (-0.1, 0.41), (0.01, 0.41), (0.01, 0.285)])
    _glass(pen, [(0.035, 0.285), (0.035, 0.41), (0.155, 0.41), (0.26, 0.285)])
    pen.line([(0.022, 0.12), (0.022, 0.28)], mix(paint, RUBBER, 0.3), 0.007)
    _trim(pen, paint, -0.5, 0.51, (-0.06, 0.16))
    lights(pen, -0.52, 0.53, 0.215)
    wheels(pen, -0.31, 0.31)


def runabout(pen: Pen, rng: Random) -> None:
    paint = colour(rng.choice(PAINTS))
    pen.shadow(0.46)
    pen.polygon(
        rounded([(-0.4, 0.2), (-0.26, 0.34), (-0.16, 0.54), (0.2, 0.54), (0.4, 0.34), (0.42, 0.16)]), paint
    )
    pen.polygon(
        _soft([(-0.44, 0.09), (-0.43, 0.23), (-0.28, 0.31), (0.38, 0.31), (0.43, 0.2), (0.42, 0.09)]), paint
    )
    _glass(pen, [(-0.19, 0.31), (-0.12, 0.45), (0.02, 0.46), (0.02, 0.31)])
    _glass(pen, [(0.05, 0.31), (0.05, 0.46), (0.17, 0.44), (0.27, 0.31)])
    pen.polygon([(-0.43, 0.2), (-0.42, 0.235), (0.42, 0.235), (0.425, 0.2)], mix(paint, WHITE, 0.7))
    _trim(pen, paint, -0.42, 0.41, (-0.05,))
    lights(pen, -0.43, 0.42, 0.24)
    wheels(pen, -0.25, 0.25)


def camper(pen: Pen, rng: Random) -> None:
    paint = colour(rng.choice(PAINTS[:6]))
    cream = colour("#fff4de")
    pen.shadow(0.56)
    pen.polygon(_soft([(-0.5, 0.28), (-0.43, 0.56), (-0.32, 0.6), (0.48, 0.6), (0.52, 0.28)]), cream)
    pen.polygon(_soft([(-0.53, 0.09), (-0.52, 0.3), (0.52, 0.3), (0.52, 0.09)]), paint)
    pen.box(-0.5, 0.29, 0.52, 0.315, WHITE)
    for left, right in ((-0.26, -0.04), (-0.01, 0.21), (0.24, 0.44)):
        _glass(pen, [(left, 0.35), (left, 0.52), (right, 0.52), (right, 0.35)])
    _glass(pen, [(-0.45, 0.35), (-0.395, 0.52), (-0.3, 0.52), (-0.3, 0.35)])
    pen.line([(-0.28, 0.13), (-0.28, 0.54)], mix(cream, RUBBER, 0.35), 0.007)
    if rng.random() < 0.7:
        board = colour(rng.choice(("#e87f4a", "#3b8a78", "#f0b429")))
        pen.polygon(rounded([(-0.36, 0.65), (0.0, 0.69), (0.42, 0.66), (0.0, 0.63)]), board)
        for x in (-0.18, 0.22):
            pen.line([(x, 0.6), (x, 0.64)], RUBBER, 0.014)
    _trim(pen, paint, -0.51, 0.51, (-0.24,))
    lights(pen, -0.53, 0.52, 0.215)
    wheels(pen, -0.31, 0.31)


def pickup(pen: Pen, rng: Random) -> None:
    paint = colour(rng.choice(PAINTS))
    pen.shadow(0.58)
    for x, radius in ((0.2, 0.09), (0.33, 0.11), (0.44, 0.08)):
        pen.ellipse(x, 0.29, radius, radius * 0.9, colour(rng.choice(("#e3c565", "#c98d4a", "#8fae5a"))))
    pen.polygon(_soft([(-0.25, 0.27), (-0.17, 0.49), (0.08, 0.49), (0.1, 0.27)]), mix(paint, WHITE, 0.08))
    pen.polygon(_soft([(-0.54, 0.1), (-0.54, 0.27), (-0.24, 0.31), (0.54, 0.31), (0.54, 0.1)]), paint)
    _glass(pen, [(-0.19, 0.3), (-0.135, 0.45), (0.04, 0.45), (0.05, 0.3)])
    pen.line([(0.105, 0.12), (0.105, 0.3)], mix(paint, RUBBER, 0.35), 0.008)
    for y in (0.17, 0.24):
        pen.line([(0.14, y), (0.5, y)], mix(paint, RUBBER, 0.2), 0.008)
    _trim(pen, paint, -0.52, 0.53, (0.03,))
    lights(pen, -0.54, 0.54, 0.225)
    wheels(pen, -0.33, 0.33)


def roadster(pen: Pen, rng: Random) -> None:
    paint, leather = colour(rng.choice(PAINTS[:6])), colour("#8b5e3c")
    pen.shadow(0.54)
    pen.polygon(_soft([(0.05, 0.24), (0.07, 0.38), (0.15, 0.38), (0.19, 0.24)]), leather)
    pen.polygon([(-0.14, 0.28), (-0.05, 0.43), (0.02, 0.28)], NIGHT_GLASS if pen.is_dark else GLASS)
    pen.line([(-0.14, 0.28), (-0.05, 0.43)], RUBBER, 0.018)
    pen.line([(0.0, 0.29), (0.04, 0.36)], RUBBER, 0.02)
    pen.polygon(_soft([(0.24, 0.28), (0.24, 0.33), (0.36, 0.33), (0.4, 0.28)]), mix(leather, WHITE, 0.55))
    hull: list[Point] = [
        (-0.52, 0.09),
        (-0.52, 0.22),
        (-0.4, 0.28),
        (-0.1, 0.3),
        (0.2, 0.29),
        (0.42, 0.3),
        (0.51, 0.23),
    ]
    pen.polygon(_soft([*hull, (0.52, 0.09)]), paint)
    pen.polygon([(-0.5, 0.18), (-0.5, 0.195), (0.5, 0.2), (0.5, 0.185)], mix(paint, WHITE, 0.65))
    _trim(pen, paint, -0.5, 0.5, (0.06,))
    lights(pen, -0.52, 0.51, 0.225)
    wheels(pen, -0.31, 0.31)


CARS = {"saloon": saloon, "runabout": runabout, "camper": camper, "pickup": pickup, "roadster": roadster}
