"""Bars: a few named quantities, one bar each, longest share of the width for the largest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from crowd.web.charts._svg import drawing, element, figure, joined
from crowd.web.i18n import gettext as _

WIDTH, ROW, LONGEST_NAME = 340, 40, 44


@dataclass(frozen=True)
class Bar:
    """A name, its quantity, and how the quantity is written. A quiet bar is drawn apart."""

    name: str
    value: float
    shown: str
    is_quiet: bool = False


def bars(title: str, rows: Sequence[Bar], *, head: tuple[str, str], whole: float | None = None) -> Markup:
    """A figure of bars. `whole` is what a full bar stands for; without it, the largest value."""
    longest = whole if whole is not None else max((bar.value for bar in rows), default=0.0)
    best = max(rows, key=lambda bar: bar.value, default=None)
    description = (
        _("%(count)s bars; the longest is %(name)s with %(shown)s.")
        % {"count": len(rows), "name": best.name, "shown": best.shown}
        if best
        else _("Nothing to show yet.")
    )
    picture = drawing(
        title,
        description,
        WIDTH,
        max(ROW * len(rows), 1),
        joined(_bar(bar, ROW * place, longest) for place, bar in enumerate(rows)),
        class_="chart chart-small",
    )
    return figure(title, picture, head, [(bar.name, bar.shown) for bar in rows])


def _bar(bar: Bar, y: float, longest: float) -> Markup:
    length = WIDTH * min(1.0, max(0.0, bar.value / longest)) if longest > 0 else 0.0
    name = bar.name if len(bar.name) <= LONGEST_NAME else bar.name[: LONGEST_NAME - 1] + "…"
    return joined(
        (
            element("text", name, class_="chart-text-strong", x=0, y=y + 14),
            element("text", bar.shown, class_="chart-text", x=WIDTH, y=y + 14, text_anchor="end"),
            element("rect", class_="chart-track", x=0, y=y + 21, width=WIDTH, height=8, rx=2),
            element(
                "rect",
                class_="chart-quiet" if bar.is_quiet else "chart-fill-1",
                x=0,
                y=y + 21,
                width=length,
                height=8,
                rx=2,
            ),
        )
    )
