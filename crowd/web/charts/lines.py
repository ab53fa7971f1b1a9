"""Lines over time as SVG that keeps its letters' size at every width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

TOP, BOTTOM = 8.0, 88.0  # the plot between them, in percent of the height
GRID = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Line:
    """One line: its name and a share 0..1 for every moment."""

    name: str
    shares: Sequence[float]


def line_chart(
    ident: str, title: str, description: str, lines: Sequence[Line], x_labels: Sequence[str]
) -> Markup:
    """Up to four lines over shared moments from 0 to 100 %; `x_labels` are spread from start to end."""
    parts = [
        Markup('<svg class="chart chart-lines" role="img" aria-labelledby="{0}-title {0}-words">').format(
            ident
        ),
        Markup('<title id="{}-title">{}</title>').format(ident, title),
        Markup('<desc id="{}-words">{}</desc>').format(ident, description),
        *(_grid_line(share) for share in GRID),
        Markup(
            '<svg x="0" y="{}%" width="100%" height="{}%" viewBox="0 0 100 100"'
            ' preserveAspectRatio="none" overflow="visible">'
        ).format(f"{TOP:g}", f"{BOTTOM - TOP:g}"),
        *(_line(place, line) for place, line in enumerate(lines, 1)),
        Markup("</svg>"),
        *(_x_label(place, len(x_labels), text) for place, text in enumerate(x_labels)),
        Markup("</svg>"),
    ]
    return Markup("").join(parts)


def _grid_line(share: float) -> Markup:
    height = f"{BOTTOM - share * (BOTTOM - TOP):g}"
    kind = "chart-axis" if share == 0 else "chart-grid"
    line = Markup('<line class="{}" x1="0" x2="100%" y1="{}%" y2="{}%"/>').format(kind, height, height)
    if share == 0:
        return line
    label = Markup('<text class="chart-text" x="0" y="{}%" dy="-3">{} %</text>')
    return line + label.format(height, f"{100 * share:g}")


def _line(place: int, line: Line) -> Markup:
    last = max(1, len(line.shares) - 1)
    points = " ".join(
        f"{100 * step / last:g},{100 - 100 * min(1.0, max(0.0, share)):g}"
        for step, share in enumerate(line.shares)
    )
    drawn = Markup('<polyline class="chart-line-{}" vector-effect="non-scaling-stroke" points="{}"/>')
    return drawn.format(place, points)


def _x_label(place: int, count: int, text: str) -> Markup:
    where = 100 * place / max(1, count - 1)
    anchor = "start" if place == 0 else "end" if place == count - 1 else "middle"
    kind = "chart-text chart-text-between" if anchor == "middle" else "chart-text"
    label = Markup('<text class="{}" x="{}%" y="97%" text-anchor="{}">{}</text>')
    return label.format(kind, f"{where:g}", anchor, text)
