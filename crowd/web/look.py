"""What pages need to show figures: money, moments, shares, durations."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from pathlib import Path

from flask import Flask, url_for
from markupsafe import Markup

from crowd.domain.pay import format_amount
from crowd.domain.states import Role
from crowd.settings import ROOT
from crowd.web.i18n import ngettext
from crowd.web.per_request import now, settings
from crowd.web.signed_in import viewer_or_none


def money(micros: int) -> str:
    """An amount with its currency; one below zero with a real minus, as wide as a plus."""
    return format_amount(micros, settings().currency).replace("-", "−")


def percent(share: float | None, digits: int = 0) -> str:
    """A probability or share as people read it; a dash where there is none."""
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def duration(seconds: float | None) -> str:
    """A length of time in the largest units that matter."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    if whole >= 48 * 3600:
        days = round(whole / 86_400)
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    minutes = whole % 3600 // 60
    return f"{whole // 3600} h {minutes} min" if minutes else f"{whole // 3600} h"


def clock(seconds: int) -> str:
    """Time left as a clock shows it, the way the work page counts it down."""
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def change(micros: int) -> str:
    """What an account gained or lost; a dash for nothing."""
    if not micros:
        return "–"
    return f"{'+' if micros > 0 else '−'}{money(abs(micros))}"


def count(number: int) -> str:
    """A whole number with thin spaces between its thousands."""
    return f"{number:,}".replace(",", " ")


def moment(at: datetime | None) -> Markup:
    """A moment: local time by script, UTC without it and on hover."""
    if at is None:
        return Markup("–")
    iso, shown = at.isoformat(timespec="seconds"), at.strftime("%Y-%m-%d %H:%M UTC")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso, shown, shown)


def static_file(name: str) -> str:
    """The address of a static file, with its content's hash so that it can be cached for long."""
    return url_for("static", filename=name, v=_fingerprint(str(ROOT / "static" / name)))


_fingerprints: dict[str, tuple[float, str]] = {}


def _fingerprint(path: str) -> str:
    changed = Path(path).stat().st_mtime
    known = _fingerprints.get(path)
    if known is None or known[0] != changed:
        known = (changed, sha256(Path(path).read_bytes()).hexdigest()[:12])
        _fingerprints[path] = known
    return known[1]


def install(app: Flask) -> None:
    """Give the pages these words."""
    app.jinja_env.filters.update(
        change=change,
        clock=clock,
        count=count,
        duration=duration,
        moment=moment,
        money=money,
        percent=percent,
    )
    app.jinja_env.globals.update(static_file=static_file, Role=Role)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def everywhere() -> dict[str, object]:
        return {"viewer": viewer_or_none(), "settings": settings(), "now": now()}
