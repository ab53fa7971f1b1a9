"""Who is signed in: a random token in a cookie, its hash in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from flask import Flask, Request, g, redirect, request, url_for
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

from crowd.domain.states import Role
from crowd.services import accounts
from crowd.web.per_request import SAFE_METHODS, db, house, now, settings


@dataclass(frozen=True)
class Viewer:
    """The person behind a request, as flask-login wants her; a plain value without ties to the database."""

    id: int
    public_id: str
    name: str
    email: str
    roles: frozenset[Role]
    csrf_token: str
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """flask-login's name for her."""
        return self.public_id

    def has(self, *roles: Role) -> bool:
        """Whether she holds one of these roles."""
        return not self.roles.isdisjoint(roles)


def viewer() -> Viewer:
    """The person behind this request. Call it behind a gate only."""
    return cast(Viewer, current_user)


def viewer_or_none() -> Viewer | None:
    """The person behind this request, if anybody is signed in."""
    return cast(Viewer, current_user) if current_user.is_authenticated else None


def cookie_name() -> str:
    """The session cookie's name; __Host- ties it to this host and to https."""
    return "__Host-session" if settings().is_https else "crowd_session"


def set_cookie(response: Response, token: str) -> Response:
    """Hand the browser its session token."""
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(timedelta(days=settings().session_days).total_seconds()),
        secure=settings().is_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def forget_cookie(response: Response) -> Response:
    """Take the token back."""
    response.delete_cookie(cookie_name(), secure=settings().is_https, httponly=True, samesite="Lax", path="/")
    return response


def _load(incoming: Request) -> Viewer | None:
    token = incoming.cookies.get(cookie_name(), "")
    if not token or len(token) > 200:
        return None
    # A transaction of its own: whoever is still sending a form must not hold the write lock meanwhile.
    with house().store.reading() as session:
        found = accounts.signed_in(session, token, now(), settings())
    if found is None:
        return None
    g.session_token = token
    g.is_session_stale = found.is_stale
    return Viewer(
        id=found.user.id,
        public_id=found.user.public_id,
        name=found.user.name,
        email=found.user.email,
        roles=found.roles,
        csrf_token=found.csrf_token,
    )


def install(app: Flask) -> None:
    """Tell flask-login how to find the person, and where strangers sign in."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.request_loader(_load)

    def to_sign_in() -> Response:
        # A fragment cannot show a sign-in page in its corner: the whole page goes there.
        here = request.full_path.rstrip("?") if request.method in SAFE_METHODS else ""
        target = url_for("accounts.sign_in", next=here or None)
        if request.headers.get("HX-Request") == "true":
            return Response(status=204, headers={"HX-Redirect": target})
        return redirect(target, 303)

    manager.unauthorized_callback = to_sign_in


def note_seen() -> None:
    """Start the idle time anew, now and then, on unsafe requests only: a GET writes nothing."""
    if request.method not in SAFE_METHODS and viewer_or_none() is not None and g.is_session_stale:
        accounts.note_seen(db(), g.session_token, now())


def end_session() -> None:
    """Sign this browser out, for good."""
    accounts.sign_out(db(), g.get("session_token", ""))


__all__ = [
    "Viewer",
    "end_session",
    "forget_cookie",
    "house",
    "install",
    "note_seen",
    "set_cookie",
    "viewer",
    "viewer_or_none",
]
