"""Distribution: how many fall into each span, as columns side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from crowd.web.charts._svg import drawing, element, figure, joined
from crowd.web.i18n import gettext as _

WIDTH, HEIGHT = 340, 180
TOP, BOTTOM, SIDE = 20, 26, 12


@dataclass(frozen=True)
class Span:
    """One column: what it is called, and how many fall into it; quiet ones are drawn apart."""

    name: str
    count: int
    is_quiet: bool = False


def spans_of(values: Sequence[float], edges: Sequence[float], names: Sequence[str]) -> list[Span]:
    """Count values into spans: `names[i]` holds edges[i] <= value < edges[i + 1]; the last is closed above.

    Values outside all edges count in the first or the last span, so that none is lost.
    """
    counts = [0] * len(names)
    for value in values:
        place = sum(value >= edge for edge in edges[1:-1])
        counts[place] += 1
    return [Span(name, count) for name, count in zip(names, counts, strict=True)]


TRUST_EDGES = tuple(str(10 * place) for place in range(11))


def trust_spans(trusts: Sequence[float], minimum_trust: float) -> list[Span]:
    """Ten spans of a tenth; those that lie wholly below the minimum are quiet."""
    edges = [place / 10 for place in range(11)]
    names = [f"{10 * place}–{10 * place + 10}" for place in range(10)]
    return [
        Span(span.name, span.count, is_quiet=(place + 1) / 10 <= minimum_trust)
        for place, span in enumerate(spans_of(trusts, edges, names))
    ]


def distribution(
    title: str, spans: Sequence[Span], *, unit: str, counted: str, edges: Sequence[str] = ()
) -> Markup:
    """A figure of columns. `unit` names what the spans measure, `counted` what is counted in them.

    `edges` are written below where one column meets the next; without them, each column bears its name.
    """
    most = max((span.count for span in spans), default=0)
    total = sum(span.count for span in spans)
    step = (WIDTH - 2 * SIDE) / max(len(spans), 1)
    columns = joined(_column(span, SIDE + step * place, step, most) for place, span in enumerate(spans))
    ticks = [(SIDE + step * place, edge) for place, edge in enumerate(edges)] or [
        (SIDE + step * (place + 0.5), span.name) for place, span in enumerate(spans)
    ]
    floor = HEIGHT - BOTTOM
    description = _("%(total)s %(counted)s; the highest column holds %(most)s.") % {
        "total": total,
        "counted": counted,
        "most": most,
    }
    picture = drawing(
        title,
        description,
        WIDTH,
        HEIGHT,
        columns,
        joined(_tick(x, name) for x, name in ticks),
        element("line", class_="chart-axis", x1=SIDE, x2=WIDTH - SIDE, y1=floor, y2=floor),
        class_="chart chart-small",
    )
    return figure(title, picture, (unit, counted), [(span.name, str(span.count)) for span in spans])


def _column(span: Span, x: float, step: float, most: int) -> Markup:
    floor = HEIGHT - BOTTOM
    tall = (floor - TOP) * span.count / most if most else 0.0
    middle = x + step / 2
    box = element(
        "rect",
        class_="chart-quiet" if span.is_quiet else "chart-fill-1",
        x=x + 1.5,
        y=floor - tall,
        width=step - 3,
        height=tall,
    )
    above = element(
        "text",
        str(span.count),
        class_="chart-text-strong",
        x=middle,
        y=floor - tall - 5,
        text_anchor="middle",
    )
    return joined((box, above if span.count else ""))


def _tick(x: float, name: str) -> Markup:
    return element("text", name, class_="chart-text chart-tick", x=x, y=HEIGHT - 9, text_anchor="middle")
