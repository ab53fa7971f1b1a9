"""What stands around the subject: light, sky, land, water, road and weather."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from samples.canvas import HEIGHT, WHITE, WIDTH, Canvas, Colour, colour, mix, rounded


@dataclass(frozen=True)
class Light:
    """A time of day: sky from the top to the horizon, and what it does to every colour."""

    sky: tuple[Colour, Colour, Colour, Colour]
    disc: Colour | None
    tint: Colour
    tint_share: float
    is_dark: bool = False

    def ink(self, plain: Colour) -> Colour:
        return mix(plain, self.tint, self.tint_share)


def _sky(*codes: str) -> tuple[Colour, Colour, Colour, Colour]:
    first, second, third, fourth = (colour(code) for code in codes)
    return first, second, third, fourth


LIGHTS = {
    "dawn": Light(
        _sky("#9cc3da", "#f0cdbd", "#f9dcc4", "#fdebd3"), colour("#fff3d6"), colour("#f2b79c"), 0.15
    ),
    "day": Light(_sky("#6fb9e3", "#8ccaec", "#abd9f2", "#cdeaf7"), colour("#fff1b8"), WHITE, 0.0),
    "mint": Light(
        _sky("#86cfc6", "#a3dcd2", "#c4e8dd", "#e2f4ea"), colour("#fff6d0"), colour("#dff3e6"), 0.06
    ),
    "gold": Light(
        _sky("#7fbcd0", "#b9d8c9", "#ecdfae", "#f9d68f"), colour("#fff0b0"), colour("#f3c46c"), 0.14
    ),
    "dusk": Light(
        _sky("#4b4a82", "#8a5f94", "#d77f8a", "#f6b08a"),
        colour("#ffd9a0"),
        colour("#6b4374"),
        0.3,
        is_dark=True,
    ),
    "night": Light(
        _sky("#141d3c", "#1b2850", "#243566", "#32477c"),
        colour("#f6efd2"),
        colour("#1d2a58"),
        0.4,
        is_dark=True,
    ),
    "grey": Light(_sky("#9fb0bb", "#afbec6", "#c0ccd1", "#d2dadd"), None, colour("#93a1aa"), 0.24),
}
GROUND = {"spring": "#a8cf6c", "summer": "#86b95a", "autumn": "#cfae5c", "winter": "#eaf2f8"}
SAND = colour("#ecd6a2")
FOAM = colour("#f3fbfc")


def sky(canvas: Canvas, light: Light, rng: Random) -> None:
    """Rings of colour around the sun or moon; level bands where clouds hide it."""
    canvas.box(0, 0, WIDTH, HEIGHT, light.sky[0])
    if light.disc is None:
        for order, band in enumerate(light.sky[1:], 1):
            canvas.box(0, 80 * order, WIDTH, HEIGHT, band)
        return
    x, y = rng.choice((120, 200, 440, 530)), rng.uniform(70, 150)
    for radius, band in zip((400, 265, 140), light.sky[1:], strict=True):
        canvas.ellipse(x, y, radius, radius, band)
    canvas.ellipse(x, y, 34, 34, light.disc)
    if light == LIGHTS["night"]:
        canvas.ellipse(x + 14, y - 8, 29, 29, light.sky[3])
        stars(canvas, rng)


def stars(canvas: Canvas, rng: Random) -> None:
    for _ in range(34):
        radius = rng.choice((0.9, 1.2, 1.8))
        canvas.ellipse(rng.uniform(5, WIDTH - 5), rng.uniform(5, 250), radius, radius, colour("#cdd6ee"))


def clouds(canvas: Canvas, light: Light, rng: Random, count: int) -> None:
    """Flat-footed clouds of three or four bumps."""
    for order in range(count):
        x, y = (order + rng.uniform(0.2, 0.8)) * WIDTH / count, rng.uniform(45, 170)
        size = rng.uniform(0.7, 1.25)
        shade = mix(light.sky[2], light.ink(WHITE), 0.65)
        for shift, lift, radius in ((-38, 4, 18), (-14, 14, 27), (16, 10, 23), (38, 2, 15)):
            canvas.ellipse(x + shift * size, y - lift * size, radius * size, radius * size * 0.9, shade)
        outline = [(-60, -8), (60, -8), (60, 14), (-60, 14)]
        canvas.polygon(rounded([(x + px * size, y + py * size) for px, py in outline]), shade)


def birds(canvas: Canvas, light: Light, left: float, rng: Random) -> None:
    """Two to four birds flying to the right of `left`."""
    ink = light.ink(colour("#4a5568"))
    x, y = left + rng.uniform(0, 40), rng.uniform(70, 130)
    for _ in range(rng.choice((2, 3, 4))):
        canvas.line([(x - 9, y - 4), (x - 4, y - 6), (x, y), (x + 4, y - 6), (x + 9, y - 4)], ink, 2)
        x, y = x + rng.uniform(22, 38), y + rng.uniform(-16, 16)


def balloon(canvas: Canvas, light: Light, x: float, y: float) -> None:
    """A small striped hot-air balloon, far off."""
    main, second = light.ink(colour("#d9583f")), light.ink(colour("#fbe7bf"))
    canvas.polygon([(x - 19, y + 12), (x + 19, y + 12), (x + 6, y + 34), (x - 6, y + 34)], main)
    for half, shade in ((24, main), (16, second), (8, main)):
        canvas.ellipse(x, y, half, 25, shade)
    canvas.box(x - 5, y + 38, x + 5, y + 46, light.ink(colour("#8b5e3c")))


def ridge(canvas: Canvas, top: float, swing: float, fill: Colour, rng: Random) -> None:
    """One rolling line of hills, filled down to the foot of the picture."""
    phase, length = rng.uniform(0, 6.3), rng.uniform(260, 420)
    line = [(x, top + swing * math.sin(x / length * 6.3 + phase)) for x in range(-8, WIDTH + 9, 8)]
    canvas.polygon([*line, (WIDTH + 8, HEIGHT), (-8, HEIGHT)], fill)


def mountains(canvas: Canvas, light: Light, foot: float, rng: Random) -> None:
    """Three peaks with snow on top and a shaded side."""
    rock = mix(light.ink(colour("#7d8fa8")), light.sky[3], 0.35)
    for x in (rng.uniform(40, 140), rng.uniform(480, 600), rng.uniform(250, 400)):
        half, tall = rng.uniform(150, 210), rng.uniform(110, 170)
        canvas.polygon([(x - half, foot), (x, foot - tall), (x + half, foot)], rock)
        canvas.polygon(
            [(x, foot - tall), (x + half, foot), (x + half * 0.25, foot)], mix(rock, light.sky[0], 0.35)
        )
        cap = [(-0.28, 0.28), (-0.12, 0.22), (-0.02, 0.32), (0.1, 0.23), (0.28, 0.28)]
        snow = [(x, foot - tall), *[(x + px * half, foot - tall * (1 - py)) for px, py in cap[::-1]]]
        canvas.polygon(snow, light.ink(mix(WHITE, light.sky[3], 0.2)))


def skyline(canvas: Canvas, light: Light, foot: float, rng: Random) -> None:
    """Far-off tower blocks with a few lit windows."""
    x = -10.0
    while x < WIDTH:
        wide, tall = rng.uniform(42, 78), rng.uniform(60, 170)
        shade = mix(light.ink(colour("#8fa0b8")), light.sky[3], rng.choice((0.3, 0.45, 0.6)))
        canvas.box(x, foot - tall, x + wide, foot, shade)
        spot = colour("#ffd67a") if light.is_dark else mix(shade, WHITE, 0.25)
        for row in range(int(tall // 26)):
            for column in range(int(wide // 17)):
                if rng.random() < 0.5:
                    left, top = x + 7 + column * 17, foot - tall + 10 + row * 26
                    canvas.box(left, top, left + 7, top + 11, spot)
        x += wide + rng.uniform(-4, 8)


def tufts(canvas: Canvas, ground: Colour, season: str, top: float, rng: Random) -> None:
    """Grass and flowers, so that the land is not bare."""
    flowers = ("#f7f3e3", "#e86f6f", "#f5c84b", "#c79be0") if season in ("spring", "summer") else ()
    for _ in range(26):
        x, y = rng.uniform(10, WIDTH - 10), rng.uniform(top, HEIGHT - 8)
        canvas.line([(x - 3, y - 6), (x, y), (x + 3, y - 7)], mix(ground, colour("#2f5a3a"), 0.25), 1.6)
        if flowers and rng.random() < 0.45:
            canvas.ellipse(x, y - 7, 3, 3, mix(colour(rng.choice(flowers)), ground, 0.1))


def meadow(canvas: Canvas, light: Light, season: str, horizon: float, rng: Random) -> None:
    """Two far hills and the near ground, paler with distance."""
    near = light.ink(colour(GROUND[season]))
    for lift, pale in ((58, 0.6), (26, 0.35)):
        ridge(
            canvas,
            horizon - lift,
            18,
            mix(mix(near, light.ink(colour("#5f9a80")), 0.35), light.sky[3], pale),
            rng,
        )
    ridge(canvas, horizon, 6, near, rng)
    ridge(canvas, horizon + 70, 8, mix(near, light.ink(colour("#4f8a50")), 0.12), rng)
    if season != "winter":
        tufts(canvas, near, season, horizon + 30, rng)


def desert(canvas: Canvas, light: Light, horizon: float, rng: Random) -> None:
    sand = light.ink(SAND)
    ridge(canvas, horizon - 30, 16, mix(light.ink(colour("#d99a6c")), light.sky[3], 0.35), rng)
    ridge(canvas, horizon, 6, sand, rng)
    ridge(canvas, horizon + 60, 10, mix(sand, light.ink(colour("#c98d5a")), 0.18), rng)


def water_colour(light: Light) -> Colour:
    return light.ink(mix(colour("#3f93b5"), light.sky[1], 0.3))


def water(canvas: Canvas, light: Light, horizon: float, rng: Random) -> None:
    """Bands that darken towards the viewer, with short glints."""
    base = water_colour(light)
    for order in range(4):
        depth = horizon + (HEIGHT - horizon) * (0, 0.14, 0.38, 0.7)[order]
        canvas.box(0, depth, WIDTH, HEIGHT, mix(base, light.ink(colour("#1f5f86")), 0.17 * order))
    for _ in range(34):
        share = rng.random() ** 0.7
        x, y = rng.uniform(0, WIDTH), horizon + 8 + (HEIGHT - horizon - 14) * share
        half = 6 + 22 * share
        canvas.line([(x - half, y), (x + half, y)], mix(base, light.sky[3], 0.4), 1.2 + 1.8 * share)


def beach(canvas: Canvas, light: Light, shore: float, rng: Random) -> None:
    ridge(canvas, shore - 7, 5, light.ink(FOAM), rng)
    ridge(canvas, shore + 2, 5, light.ink(SAND), rng)


def road(canvas: Canvas, light: Light, top: float) -> None:
    """A level road with a dashed middle line and a pale edge."""
    tar = light.ink(colour("#5d6470"))
    canvas.box(0, top - 7, WIDTH, top + 108, light.ink(colour("#cfc9b8")))
    canvas.box(0, top, WIDTH, top + 100, tar)
    for x in range(-20, WIDTH, 110):
        canvas.polygon(
            [(x, top + 62), (x + 62, top + 62), (x + 58, top + 69), (x - 4, top + 69)], mix(tar, WHITE, 0.7)
        )


def pavement(canvas: Canvas, light: Light, top: float) -> None:
    """A lawn, a kerb and paving stones in front of a town."""
    stone = light.ink(colour("#d8d0c0"))
    canvas.box(0, top, WIDTH, HEIGHT, light.ink(colour("#a3bd7c")))
    canvas.box(0, top + 62, WIDTH, HEIGHT, mix(stone, WHITE, 0.2))
    canvas.box(0, top + 70, WIDTH, HEIGHT, stone)
    for order, y in enumerate((top + 98, top + 132, top + 172)):
        canvas.box(0, y, WIDTH, y + 2, mix(stone, light.ink(colour("#8d8578")), 0.3))
        for x in range(-60 + order % 2 * 55, WIDTH, 110):
            canvas.box(x, y, x + 2, y + 30 + order * 6, mix(stone, light.ink(colour("#8d8578")), 0.3))


def ripples(canvas: Canvas, light: Light, x: float, y: float, size: float, rng: Random) -> None:
    """Water closing around a hull, and its broken reflection."""
    base = water_colour(light)
    canvas.polygon(
        rounded(
            [
                (x - size * 0.62, y + size * 0.02),
                (x, y - 2),
                (x + size * 0.62, y + size * 0.02),
                (x, y + size * 0.1),
            ]
        ),
        mix(base, light.ink(colour("#1f5f86")), 0.3),
    )
    for order in range(5):
        half = size * rng.uniform(0.12, 0.3) * (1 - order * 0.12)
        shift, drop = rng.uniform(-0.2, 0.2) * size, size * (0.03 + order * 0.045)
        canvas.line(
            [(x + shift - half, y + drop), (x + shift + half, y + drop)],
            mix(base, light.ink(FOAM), 0.55),
            2.4,
        )


def rain(canvas: Canvas, light: Light, rng: Random) -> None:
    for _ in range(60):
        x, y = rng.uniform(0, WIDTH + 40), rng.uniform(-10, HEIGHT)
        canvas.line([(x, y), (x - 7, y + 20)], mix(light.sky[2], WHITE, 0.5), 1.3)


def snow(canvas: Canvas, light: Light, rng: Random) -> None:
    for _ in range(75):
        radius = rng.choice((1.8, 2.4, 3.4))
        canvas.ellipse(rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), radius, radius, light.ink(WHITE))


def fog(canvas: Canvas, light: Light, horizon: float) -> None:
    for top, bottom in ((horizon - 75, horizon - 42), (horizon - 14, horizon + 12)):
        bank: Sequence[tuple[float, float]] = [
            (-40, top),
            (WIDTH + 40, top),
            (WIDTH + 40, bottom),
            (-40, bottom),
        ]
        canvas.veil(bank, mix(light.sky[3], WHITE, 0.4), 0.45)


def rainbow(canvas: Canvas, light: Light) -> None:
    """Drawn before the land, over the sky only."""
    hues = ("#e98a80", "#f2b877", "#f4e08c", "#a7d49a", "#93bfe0", "#b9a3d8")
    for order, hue in enumerate((*hues, "")):
        radius = 270 - order * 9
        shade = mix(light.sky[1], colour(hue), 0.6) if hue else light.sky[2]
        canvas.ellipse(330, 340, radius, radius, shade)
