"""The real application behind a real server, and people signed in in a real Chromium."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from playwright.sync_api import BrowserContext
from werkzeug.serving import WSGIRequestHandler, make_server

from crowd.services import accounts
from crowd.storage.columns import now_utc
from crowd.storage.users import User
from tests.web.conftest import house_of


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an application on a free port; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sign_in(context: BrowserContext, app: Flask, address: str, user: User) -> None:
    """Give a browser the session of a user."""
    house = house_of(app)
    with house.store.writing() as session:
        token = accounts.begin(session, user, now_utc(), house.settings).token
    context.add_cookies([{"name": "crowd_session", "value": token, "url": address}])
