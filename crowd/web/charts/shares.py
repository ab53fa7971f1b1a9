"""A share as a small bar, to be read beside its figure."""

from __future__ import annotations

from markupsafe import Markup


def share_bar(share: float, *, strong: bool = True) -> Markup:
    """A bar from 0 to 100 %. It repeats the figure beside it, so screen readers pass it by."""
    width = 100 * min(1.0, max(0.0, share))
    return Markup(
        '<svg class="chart chart-share" aria-hidden="true" viewBox="0 0 100 8" preserveAspectRatio="none">'
        '<rect class="chart-quiet" width="100" height="8" fill-opacity="0.4"/>'
        '<rect class="{}" width="{}" height="8"/></svg>'
    ).format("chart-fill-1" if strong else "chart-quiet", f"{width:.1f}")
