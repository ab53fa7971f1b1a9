"""Interval: a probability as a dot, its interval as a band, a threshold as a line; one row high."""

from __future__ import annotations

from markupsafe import Markup

from crowd.web.charts._svg import drawing, element
from crowd.web.i18n import gettext as _
from crowd.web.look import percent

WIDTH, HEIGHT, EDGE = 120, 16, 6


def interval(mean: float, low: float, high: float, *, threshold: float | None = None) -> Markup:
    """All numbers are 0..1. The threshold is where something happens, such as a pause."""
    middle = HEIGHT / 2
    words = _("%(mean)s, between %(low)s and %(high)s") % {
        "mean": percent(mean),
        "low": percent(low),
        "high": percent(high),
    }
    limit = _("The line marks the threshold of %(limit)s.") % {"limit": percent(threshold)}
    band = element(
        "rect",
        class_="chart-band",
        x=_x(low),
        y=middle - 4,
        width=max(_x(high) - _x(low), 1.0),
        height=8,
        rx=2,
    )
    line = _line(threshold) if threshold is not None else Markup("")
    return drawing(
        words,
        _("Where the worker's accuracy lies with a chance of 95 %.")
        + (f" {limit}" if threshold is not None else ""),
        WIDTH,
        HEIGHT,
        element("line", class_="chart-grid", x1=_x(0.0), x2=_x(1.0), y1=middle, y2=middle),
        band,
        line,
        element("circle", class_="chart-fill-1", cx=_x(mean), cy=middle, r=3.5),
        class_="chart chart-interval",
    )


def _line(threshold: float) -> Markup:
    return element("line", class_="chart-limit", x1=_x(threshold), x2=_x(threshold), y1=1, y2=HEIGHT - 1)


def _x(share: float) -> float:
    return EDGE + min(1.0, max(0.0, share)) * (WIDTH - 2 * EDGE)
