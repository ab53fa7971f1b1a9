"""The forty sample pictures: which scene shows what, and how a scene is put together."""

from dataclasses import dataclass
from random import Random

from samples import scenery
from samples.boats import BOATS
from samples.canvas import Canvas, Pen, colour, mix
from samples.cars import CARS
from samples.houses import HOUSES
from samples.scenery import LIGHTS, Light
from samples.trees import TREES

HORIZON = 300


@dataclass(frozen=True)
class Scene:
    """One picture; places and sizes in picture points. A companion is something else that is there too."""

    kind: str
    light: str
    place: str
    season: str = "summer"
    weather: str = "clear"
    x: float = 320
    foot: float = 390
    size: float = 300
    companion: tuple[str, float, float, float] | None = None


SCENES: dict[str, tuple[Scene, ...]] = {
    "House": (
        Scene("cottage", "day", "meadow", "spring", "clouds", 300, 395, 330),
        Scene("townhouse", "gold", "city", "autumn", "clear", 380, 420, 310),
        Scene("cabin", "night", "mountains", "winter", "snow", 330, 400, 340),
        Scene("villa", "mint", "meadow", "summer", "clouds", 330, 395, 370),
        Scene("barn", "dusk", "meadow", "autumn", "birds", 250, 390, 330),
        Scene("cottage", "grey", "meadow", "autumn", "rain", 400, 400, 260, ("broadleaf", 140, 410, 300)),
        Scene("townhouse", "dawn", "meadow", "spring", "birds", 220, 420, 290),
        Scene("cabin", "gold", "mountains", "autumn", "balloon", 420, 395, 300, ("pine", 130, 385, 190)),
        Scene("villa", "night", "meadow", "summer", "clear", 300, 390, 380),
        Scene("cottage", "dawn", "beach", "summer", "birds", 200, 400, 250, ("sloop", 520, 318, 90)),
    ),
    "Boat": (
        Scene("sloop", "day", "sea", "summer", "clouds", 320, 390, 320),
        Scene("trawler", "grey", "sea", "winter", "rain", 350, 385, 320),
        Scene("rowing boat", "dawn", "lake", "summer", "fog", 330, 400, 340),
        Scene("lugger", "gold", "sea", "summer", "birds", 240, 390, 310),
        Scene("steamer", "dusk", "sea", "summer", "clear", 330, 380, 430),
        Scene("sloop", "night", "lake", "summer", "clear", 400, 385, 290),
        Scene("trawler", "mint", "lake", "autumn", "balloon", 290, 390, 330),
        Scene("rowing boat", "gold", "lake", "autumn", "clear", 400, 410, 260, ("cabin", 130, 306, 90)),
        Scene("lugger", "day", "sea", "summer", "rainbow", 400, 385, 280),
        Scene("steamer", "mint", "sea", "summer", "clouds", 300, 372, 300),
    ),
    "Tree": (
        Scene("broadleaf", "day", "meadow", "summer", "clouds", 330, 410, 340),
        Scene("pine", "grey", "mountains", "winter", "snow", 300, 415, 330),
        Scene("palm", "gold", "beach", "summer", "birds", 290, 420, 350),
        Scene("broadleaf", "dawn", "meadow", "spring", "birds", 350, 405, 330),
        Scene("bare", "dusk", "meadow", "winter", "clear", 300, 410, 350),
        Scene("birch", "mint", "meadow", "autumn", "clouds", 250, 410, 330),
        Scene("poplar", "gold", "meadow", "summer", "balloon", 400, 410, 300, ("cottage", 190, 388, 170)),
        Scene("pine", "night", "mountains", "summer", "clear", 360, 410, 330),
        Scene("broadleaf", "gold", "meadow", "autumn", "clear", 300, 410, 340, ("runabout", 505, 425, 150)),
        Scene("palm", "day", "desert", "summer", "clear", 370, 405, 300),
    ),
    "Car": (
        Scene("saloon", "day", "road", "summer", "clouds", 320, 400, 390),
        Scene("camper", "gold", "coast road", "summer", "birds", 320, 400, 370),
        Scene("runabout", "dusk", "city road", "summer", "clear", 300, 405, 360),
        Scene("pickup", "mint", "road", "autumn", "balloon", 330, 400, 390),
        Scene("roadster", "dawn", "coast road", "summer", "clear", 290, 400, 390),
        Scene("saloon", "night", "city road", "winter", "clear", 380, 402, 350),
        Scene("runabout", "grey", "road", "autumn", "rain", 340, 402, 340),
        Scene("camper", "day", "desert road", "summer", "clear", 350, 398, 340),
        Scene("pickup", "day", "mountain road", "winter", "snow", 300, 400, 340, ("pine", 550, 335, 190)),
        Scene("roadster", "gold", "road", "spring", "clouds", 400, 404, 270, ("cottage", 160, 334, 230)),
    ),
}


def picture(label: str, order: int) -> Canvas:
    """The picture number `order` (from 0) among those that show `label`; always the same."""
    scene = SCENES[label][order]
    rng = Random(f"{label} {order}")  # pictures, no secrets
    light, canvas = LIGHTS[scene.light], Canvas()
    _air(canvas, light, scene, rng)
    _land(canvas, light, scene, rng)
    if scene.companion:
        kind, x, foot, size = scene.companion
        _subject(canvas, light, scene, kind, (x, foot, size), rng)
    _subject(canvas, light, scene, scene.kind, (scene.x, scene.foot, scene.size), rng)
    _fall(canvas, light, scene, rng)
    return canvas


def _air(canvas: Canvas, light: Light, scene: Scene, rng: Random) -> None:
    scenery.sky(canvas, light, rng)
    free_side = 90 if scene.x >= 320 else 470
    match scene.weather:
        case "clouds" | "rain" | "snow":
            scenery.clouds(canvas, light, rng, 3)
        case "birds":
            scenery.clouds(canvas, light, rng, 1)
            scenery.birds(canvas, light, free_side, rng)
        case "balloon":
            scenery.clouds(canvas, light, rng, 2)
            scenery.balloon(canvas, light, free_side + 40, rng.uniform(80, 130))
        case "rainbow":
            scenery.rainbow(canvas, light)


def _land(canvas: Canvas, light: Light, scene: Scene, rng: Random) -> None:
    if "mountain" in scene.place or scene.place == "lake":
        scenery.mountains(canvas, light, HORIZON, rng)
    if "city" in scene.place:
        scenery.skyline(canvas, light, HORIZON + 8, rng)
    if scene.place in ("sea", "lake", "beach", "coast road"):
        _shore(canvas, light, scene, rng)
    elif "desert" in scene.place:
        scenery.desert(canvas, light, HORIZON, rng)
    elif "city" in scene.place:
        scenery.pavement(canvas, light, HORIZON)
    else:
        scenery.meadow(canvas, light, scene.season, HORIZON, rng)
    if "road" in scene.place:
        scenery.road(canvas, light, 345)


def _shore(canvas: Canvas, light: Light, scene: Scene, rng: Random) -> None:
    if scene.place == "lake":
        far = light.ink(colour(scenery.GROUND[scene.season]))
        scenery.ridge(canvas, HORIZON - 12, 7, mix(far, light.sky[3], 0.25), rng)
    scenery.water(canvas, light, HORIZON, rng)
    if scene.place in ("beach", "coast road"):
        scenery.beach(canvas, light, 352 if scene.place == "beach" else 335, rng)


def _subject(
    canvas: Canvas, light: Light, scene: Scene, kind: str, spot: tuple[float, float, float], rng: Random
) -> None:
    x, foot, size = spot
    is_mirrored = rng.random() < 0.5
    pen = Pen(
        canvas,
        x,
        foot,
        size,
        light.tint,
        light.tint_share,
        is_dark=light.is_dark,
        is_winter=scene.season == "winter",
        is_mirrored=is_mirrored,
    )
    if kind in TREES:
        TREES[kind](pen, rng, scene.season)
    elif kind in BOATS:
        BOATS[kind](pen, rng)
        scenery.ripples(canvas, light, x, foot, size, rng)
    else:
        (HOUSES | CARS)[kind](pen, rng)


def _fall(canvas: Canvas, light: Light, scene: Scene, rng: Random) -> None:
    match scene.weather:
        case "rain":
            scenery.rain(canvas, light, rng)
        case "snow":
            scenery.snow(canvas, light, rng)
        case "fog":
            scenery.fog(canvas, light, HORIZON)
