"""What every request and every response must pass: host, origin, CSRF token, headers."""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

from flask import Flask, abort, g, request, session
from werkzeug.wrappers import Response

from crowd.web.per_request import SAFE_METHODS, settings
from crowd.web.signed_in import viewer_or_none

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
    expected = urlsplit(settings().base_url)
    if settings().public_url and request.host != expected.netloc:
        abort(400)
    if settings().demo and (urlsplit(f"//{request.host}").hostname or "") not in {
        "127.0.0.1",
        "localhost",
        "::1",
    }:
        abort(400)  # a rebound name must not reach the one-click sign-in


def _check_forgery() -> None:
    if request.method in SAFE_METHODS:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Forged
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise Forged
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(sent.encode(), csrf_token().encode()):
        raise Forged


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy())
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers.setdefault("Vary", "Cookie")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    if settings().is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def install(app: Flask) -> None:
    """Put the checks before every view and the headers on every response, errors included."""
    app.before_request(_check_host)
    app.before_request(_check_forgery)
    app.after_request(_add_headers)
    app.jinja_env.globals.update(nonce=nonce, csrf_token=csrf_token)
