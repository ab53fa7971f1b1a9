"""What every request and every response must pass: host, origin, CSRF token, headers."""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

from flask import Flask, abort, g, request, session
from werkzeug.wrappers import Response

from crowd.settings import is_loopback
from crowd.web.per_request import SAFE_METHODS, settings
from crowd.web.signed_in import note_seen, viewer_or_none

NONCE_BYTES = 16


class Forged(Exception):
    """An unsafe request without the token or from another site."""


def nonce() -> str:
    """This response's nonce for scripts and htmx attributes."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(NONCE_BYTES)
    return str(g.nonce)


def csrf_token() -> str:
    """The token that every unsafe request of this visitor must carry."""
    viewer = viewer_or_none()
    if viewer is not None:
        return viewer.csrf_token
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(24)
    return str(session["csrf"])


def policy() -> str:
    """The Content-Security-Policy of our own pages."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce()}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "media-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types htmx",
        )
    )


def _check_host() -> None:
    if settings().public_url:
        if request.host.lower() != urlsplit(settings().base_url).netloc.lower():
            abort(400)
    elif not _names_this_machine(request.host):
        abort(400)  # another name that was made to point here must not reach what only this machine may


def _names_this_machine(host: str) -> bool:
    try:
        return is_loopback(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False


def _check_address() -> None:
    """No address of ours holds a NUL, and no database should be asked for one: PostgreSQL cannot store it."""
    sent = [request.path, *(part for pair in request.args.items(multi=True) for part in pair)]
    if any("\x00" in part for part in sent):
        abort(404)


def _own_origin() -> str:
    return settings().base_url if settings().public_url else f"{request.scheme}://{request.host}"


def _read_body() -> None:
    """Receive a form before any transaction begins: a slow sender must not make the others wait.

    Uploads are left alone; their views read them as a stream.
    """
    if request.mimetype == "application/x-www-form-urlencoded":
        _ = request.form
    elif request.mimetype == "application/json":
        request.get_data()


def _check_forgery() -> None:
    if request.method in SAFE_METHODS:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Forged
    origin = request.headers.get("Origin")
    if origin is not None and origin.lower() != _own_origin().lower():
        raise Forged
    _read_body()
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(sent.encode(), csrf_token().encode()):
        raise Forged


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy())
    headers["X-Content-Type-Options"] = "nosniff"
    # Not "no-referrer": with it browsers send "Origin: null" with our own forms.
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.endpoint != "static":
        response.vary.add("Cookie")
        headers.setdefault("Cache-Control", "no-store")
    if settings().is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def install(app: Flask) -> None:
    """Put the checks before every view and the headers on every response, errors included."""
    app.before_request(_check_host)
    app.before_request(_check_address)
    app.before_request(_check_forgery)
    app.before_request(note_seen)
    app.after_request(_add_headers)
    app.jinja_env.globals.update(nonce=nonce, csrf_token=csrf_token)
