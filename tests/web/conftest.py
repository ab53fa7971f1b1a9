"""What every web test may ask for: the application, and browsers in which somebody is signed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from crowd.services import accounts
from crowd.settings import Settings
from crowd.storage.columns import now_utc
from crowd.storage.sessions import SignInSession, token_hash
from crowd.storage.users import User
from crowd.web import create_app
from crowd.web.per_request import House

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """A browser of one person, or of a stranger. It carries cookies, the CSRF token, and follows nothing."""

    def __init__(self, app: Flask, user: User | None = None) -> None:
        self.app = app
        self.client = app.test_client()
        self.csrf_token = ""
        if user is not None:
            self._sign_in(user)

    def get(self, url: str, **options: Any) -> TestResponse:
        """Fetch a page."""
        return self._checked(self.client.get(url, **options))

    def post(
        self, url: str, fields: Mapping[str, Any] | None = None, *, with_token: bool = True, **options: Any
    ) -> TestResponse:
        """Send a form, with the token that its page would have carried."""
        sent = dict(fields or {})
        if with_token:
            sent.setdefault("csrf_token", self._token())
        return self._checked(self.client.post(url, data=sent, **options))

    def sign_in(self, email: str, password: str, **fields: str) -> TestResponse:
        """Sign in through the form."""
        answer = self.post("/sign-in", {"email": email, "password": password, **fields})
        self.take_over()
        return answer

    def take_over(self) -> None:
        """Learn the token of the session that this browser holds now."""
        token = self.session_token
        self.csrf_token = ""
        with reading(self.app) as session:
            found = session.get(SignInSession, token_hash(token)) if token else None
            self.csrf_token = found.csrf_token if found else ""

    @property
    def session_token(self) -> str:
        """The session cookie."""
        cookie = self.client.get_cookie("crowd_session")
        return cookie.value if cookie else ""

    def use_cookie(self, token: str) -> None:
        """Put a session cookie in, as a thief would."""
        self.client.set_cookie("crowd_session", token)

    def _sign_in(self, user: User) -> None:
        house = house_of(self.app)
        with house.store.writing() as session:
            self.use_cookie(accounts.begin(session, user, now_utc(), house.settings).token)
        self.take_over()

    def _token(self) -> str:
        if self.session_token and self.csrf_token:
            return self.csrf_token
        found = TOKEN.search(self.client.get("/sign-in").text)
        return found.group(1) if found else ""

    def _checked(self, answer: TestResponse) -> TestResponse:
        assert answer.status_code != 500, f"{answer.request.method} {answer.request.path} broke"
        return answer


def house_of(app: Flask) -> House:
    """The running house."""
    house: House = app.extensions["house"]
    return house


def reading(app: Flask) -> Any:
    """A session that only looks, at what is there now."""
    return house_of(app).store.reading()


def sessions_of(app: Flask, user: User) -> list[SignInSession]:
    """The rows of somebody's sessions."""
    with reading(app) as session:
        return list(session.exec(select(SignInSession).where(SignInSession.user_id == user.id)))


@pytest.fixture
def make_app() -> Iterator[Callable[[Settings], Flask]]:
    """Makes an application for other settings than the usual."""
    made: list[Flask] = []

    def make(settings: Settings) -> Flask:
        made.append(create_app(settings))
        return made[-1]

    yield make
    for app in made:
        house_of(app).store.engine.dispose()


@pytest.fixture
def app(make_app: Callable[[Settings], Flask], settings: Settings) -> Flask:
    return make_app(settings)


@pytest.fixture
def demo_app(make_app: Callable[[Settings], Flask], settings: Settings) -> Flask:
    return make_app(replace(settings, demo=True))


@pytest.fixture
def browser(app: Flask) -> Callable[..., Browser]:
    """browser(user) has that user signed in; browser() is a stranger's."""

    def open_browser(user: User | None = None) -> Browser:
        return Browser(app, user)

    return open_browser


@pytest.fixture
def with_password(session: Session, settings: Settings) -> User:
    """Paula, a worker who signs in with the password below."""
    return accounts.sign_up(session, "Paula", "paula@example.org", PASSWORD, now=now_utc())


PASSWORD = "a long walk along the canal"
