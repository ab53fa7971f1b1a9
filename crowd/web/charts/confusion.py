"""Confusion: which right label was answered with which label, as a square of shaded cells."""

from __future__ import annotations

from markupsafe import Markup

from crowd.domain.agreement import ConfusionMatrix
from crowd.web.charts._svg import drawing, element, figure, joined
from crowd.web.i18n import gettext as _
from crowd.web.look import percent

WIDTH, NAMES, HEAD, MOST_LABELS = 340, 104, 26, 12
LONGEST_NAME = 15
DARKEST = 0.5  # ink stays readable on it, by day and by night


def confusion(title: str, matrix: ConfusionMatrix) -> Markup:
    """A figure of the matrix: rows are right labels, columns are answers, shade is the share of the row.

    Beyond a dozen labels a square is no longer read; then the table alone is shown.
    """
    count = len(matrix.labels)
    side = (WIDTH - NAMES) / max(count, 1)
    tall = min(side, 44.0)
    description = _("Of %(total)s answers, %(right)s lie on the diagonal: they are right.") % {
        "total": int(matrix.counts.sum()),
        "right": percent(matrix.right_share),
    }
    picture = (
        drawing(
            title,
            description,
            WIDTH,
            HEAD + tall * count,
            joined(_head(place, side) for place in range(count)),
            joined(_row(matrix, place, side, tall) for place in range(count)),
            class_="chart chart-small",
        )
        if count <= MOST_LABELS
        else element("p", description, class_="quiet")
    )
    return figure(title, picture, (_("Right label"), *matrix.labels), _rows(matrix))


def _rows(matrix: ConfusionMatrix) -> list[list[str]]:
    return [
        [label, *(str(int(cell)) for cell in row)]
        for label, row in zip(matrix.labels, matrix.counts, strict=True)
    ]


def _head(place: int, side: float) -> Markup:
    """Columns are numbered; the rows say which number is which label."""
    middle = NAMES + side * (place + 0.5)
    return element("text", str(place + 1), class_="chart-text", x=middle, y=HEAD - 9, text_anchor="middle")


def _row(matrix: ConfusionMatrix, row: int, side: float, tall: float) -> Markup:
    y = HEAD + tall * row
    label = matrix.labels[row]
    name = label if len(label) <= LONGEST_NAME else label[: LONGEST_NAME - 1] + "…"
    cells = joined(
        _cell(
            int(matrix.counts[row, column]),
            float(matrix.shares[row, column]),
            NAMES + side * column,
            y,
            side,
            tall,
        )
        for column in range(len(matrix.labels))
    )
    text = element("text", f"{row + 1} {name}", class_="chart-text", x=0, y=y + tall / 2 + 4)
    return joined((text, cells))


def _cell(count: int, share: float, x: float, y: float, side: float, tall: float) -> Markup:
    box = element("rect", class_="chart-track", x=x + 1, y=y + 1, width=side - 2, height=tall - 2, rx=2)
    shade = element(
        "rect",
        class_="chart-cell",
        fill_opacity=DARKEST * share,
        x=x + 1,
        y=y + 1,
        width=side - 2,
        height=tall - 2,
        rx=2,
    )
    figure_text = element(
        "text",
        str(count),
        class_="chart-text-strong",
        x=x + side / 2,
        y=y + tall / 2 + 4,
        text_anchor="middle",
    )
    return joined((box, shade, figure_text if count else ""))
