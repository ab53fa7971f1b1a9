"""Where a browser is sent next: only ever to a page of this site."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import redirect
from werkzeug.wrappers import Response

LONGEST = 2000


def same_site_path(wanted: str) -> str | None:
    """A path of this site as it stands, or None for anything that a browser could read otherwise."""
    if not wanted.startswith("/") or len(wanted) > LONGEST:
        return None
    # Browsers drop control characters and take a backslash for a slash: /\t/evil.example is another site.
    if "\\" in wanted or any(letter <= " " or letter == "\x7f" for letter in wanted):
        return None
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return None
    return None if wanted.startswith("//") or parts.scheme or parts.netloc else wanted


def see_other(path: str) -> Response:
    """After a form was accepted: go and look there."""
    return redirect(path, 303)
