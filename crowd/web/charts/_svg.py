"""Writes SVG elements with everything escaped, and the figure around a chart with its numbers in reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from crowd.web.i18n import gettext as _


def element(tag: str, *inside: Markup | str, **attributes: object) -> Markup:
    """One element. `class_` is the class; an underscore in a name stands for a hyphen; None leaves it out."""
    written = Markup("").join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), _shown(value))
        for name, value in attributes.items()
        if value is not None
    )
    return Markup("<{}{}>{}</{}>").format(tag, written, joined(inside), tag)


def joined(parts: Iterable[Markup | str]) -> Markup:
    """Parts one after another; plain text is escaped."""
    return Markup("").join(escape(part) for part in parts)


def drawing(
    title: str, description: str, width: float, height: float, *inside: Markup, class_: str = "chart"
) -> Markup:
    """An SVG picture with a name and a description for those who do not see it."""
    return element(
        "svg",
        element("title", title),
        element("desc", description),
        *inside,
        class_=class_,
        role="img",
        aria_label=title,
        viewBox=f"0 0 {_shown(width)} {_shown(height)}",
    )


def figure(caption: str, picture: Markup, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """A chart under its caption, with its numbers as a table that opens below."""
    header = element("tr", *(element("th", name, scope="col") for name in head))
    body = joined(
        element(
            "tr",
            element("th", str(row[0]), scope="row"),
            *(element("td", str(cell), class_="number") for cell in row[1:]),
        )
        for row in rows
    )
    table = element(
        "table", element("thead", header), element("tbody", body), class_="table", aria_label=caption
    )
    scroll = element(
        "div", table, class_="table-scroll", tabindex="0", role="group", aria_label=_("Figures: ") + caption
    )
    return element(
        "figure",
        element("figcaption", caption),
        picture,
        element("details", element("summary", _("Figures")), scroll),
        class_="chart-figure",
    )


def _shown(value: object) -> str:
    """Numbers short and without a locale; everything else as it is."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
