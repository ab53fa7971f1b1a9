"""A small drawing surface: flat shapes, drawn large and shrunk so that edges are smooth."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

WIDTH, HEIGHT = 640, 480
FINENESS = 3
LARGEST_FILE = 11_500
PALETTE_SIZES = (96, 64, 48, 32, 24)

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (20, 22, 34)


def colour(code: str) -> Colour:
    """`"#f3c9b5"` as red, green and blue."""
    red, green, blue = bytes.fromhex(code.removeprefix("#"))
    return red, green, blue


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`first` with `share` (0..1) of `second` stirred in."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def rounded(points: Sequence[Point], times: int = 3) -> list[Point]:
    """The closed outline with its corners cut off again and again (Chaikin's curve)."""
    outline = list(points)
    for _ in range(times):
        following = outline[1:] + outline[:1]
        outline = [
            (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
            for a, b in zip(outline, following, strict=True)
            for share in (0.25, 0.75)
        ]
    return outline


class Canvas:
    """640 x 480 points, y down, as on the finished picture."""

    def __init__(self) -> None:
        self._image = Image.new("RGB", (WIDTH * FINENESS, HEIGHT * FINENESS))
        self._brush = ImageDraw.Draw(self._image)

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        self._brush.polygon([(x * FINENESS, y * FINENESS) for x, y in points], fill=fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour) -> None:
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], fill)

    def ellipse(self, x: float, y: float, half_width: float, half_height: float, fill: Colour) -> None:
        corners = (x - half_width, y - half_height, x + half_width, y + half_height)
        self._brush.ellipse([c * FINENESS for c in corners], fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        """A line with round ends."""
        thick = max(1, round(width * FINENESS))
        self._brush.line([(x * FINENESS, y * FINENESS) for x, y in points], fill, thick, joint="curve")
        for x, y in (points[0], points[-1]):
            self.ellipse(x, y, width / 2, width / 2, fill)

    def veil(self, points: Sequence[Point], fill: Colour, share: float) -> None:
        """A see-through polygon."""
        mask = Image.new("L", self._image.size)
        ImageDraw.Draw(mask).polygon([(x * FINENESS, y * FINENESS) for x, y in points], round(share * 255))
        self._image.paste(fill, (0, 0), mask)

    def png(self) -> bytes:
        """The finished picture in as many colours as the size limit allows."""
        small = self._image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        content = b""
        for colours in PALETTE_SIZES:
            content = _palette_png(small, colours)
            if len(content) <= LARGEST_FILE:
                break
        return content

    def save(self, path: Path) -> None:
        path.write_bytes(self.png())


def _palette_png(image: Image.Image, colours: int) -> bytes:
    flat = image.quantize(colours, Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
    stream = io.BytesIO()
    flat.save(stream, "PNG", optimize=True)
    return stream.getvalue()


@dataclass(frozen=True)
class Pen:
    """Draws one thing in its own units: (0, 0) is the middle of its foot, y up, 1 is its size.

    Colours are seen through the light of the scene: `tint` stirred in by `tint_share`.
    """

    canvas: Canvas
    x: float
    y: float
    size: float
    tint: Colour
    tint_share: float
    is_dark: bool
    is_winter: bool
    is_mirrored: bool

    def _at(self, point: Point) -> Point:
        side = -1 if self.is_mirrored else 1
        return self.x + side * point[0] * self.size, self.y - point[1] * self.size

    def ink(self, plain: Colour) -> Colour:
        return mix(plain, self.tint, self.tint_share)

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        self.canvas.polygon([self._at(p) for p in points], self.ink(fill))

    def box(self, left: float, bottom: float, right: float, top: float, fill: Colour) -> None:
        self.polygon([(left, bottom), (right, bottom), (right, top), (left, top)], fill)

    def ellipse(self, x: float, y: float, half_width: float, half_height: float, fill: Colour) -> None:
        at_x, at_y = self._at((x, y))
        self.canvas.ellipse(at_x, at_y, half_width * self.size, half_height * self.size, self.ink(fill))

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        self.canvas.line([self._at(p) for p in points], self.ink(fill), width * self.size)

    def glow(self, points: Sequence[Point], fill: Colour, share: float) -> None:
        """Light that the scene does not dim."""
        self.canvas.veil([self._at(p) for p in points], fill, share)

    def lamp(self, x: float, y: float, radius: float, fill: Colour) -> None:
        """A round light: bright in the dark, plain by day."""
        at_x, at_y = self._at((x, y))
        shown = fill if self.is_dark else self.ink(mix(fill, WHITE, 0.35))
        self.canvas.ellipse(at_x, at_y, radius * self.size, radius * self.size, shown)

    def pane(self, left: float, bottom: float, right: float, top: float) -> None:
        """A sheet of glass: lit from inside in the dark, sky-blue with a gleam by day."""
        corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
        if self.is_dark:
            self.canvas.polygon([self._at(p) for p in corners], colour("#ffd67a"))
            return
        self.polygon(corners, colour("#a9d3e4"))
        middle = (left + right) / 2
        self.polygon([(left, bottom), (left, top), (middle, top)], colour("#c9e6ef"))

    def shadow(self, half_width: float, share: float = 0.22) -> None:
        """A soft dark patch on the ground below."""
        wide, flat = half_width * self.size, max(3.0, half_width * self.size * 0.1)
        square = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
        self.canvas.veil(
            [(self.x + px * wide * 1.1, self.y + py * flat) for px, py in rounded(square)], BLACK, share
        )
