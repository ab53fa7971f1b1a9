"""What one request holds: settings, the database session, and the jobs to tell of afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Flask, current_app, g, request
from sqlmodel import Session
from werkzeug.wrappers import Response

from crowd.settings import Settings
from crowd.storage.blobs import BlobStore
from crowd.storage.columns import now_utc
from crowd.storage.database import Store, claim_write
from crowd.storage.queue import JobQueue

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class House:
    """Everything that outlives a request."""

    settings: Settings
    store: Store
    queue: JobQueue


def house() -> House:
    """The running house."""
    return cast(House, current_app.extensions["house"])


def settings() -> Settings:
    """The settings in force."""
    return house().settings


def blobs() -> BlobStore:
    """Where media lies."""
    return house().store.blobs


def db() -> Session:
    """This request's database session. Unsafe methods hold the right to write from the start."""
    if "db" not in g:
        g.db = Session(house().store.engine, expire_on_commit=False)
        if request.method not in SAFE_METHODS:
            claim_write(g.db)
    return cast(Session, g.db)


def only_look() -> None:
    """From here on this request only reads what it has committed, and keeps nobody else from writing."""
    house().queue.push_added(db())
    db().bind = house().store.engine


def now() -> datetime:
    """The moment of this request: one for all that it does."""
    if "now" not in g:
        g.now = now_utc()
    return cast(datetime, g.now)


def install(app: Flask) -> None:
    """Push added jobs after a request, and close its session whatever happened."""

    @app.after_request
    def push_jobs(response: Response) -> Response:
        if "db" in g and not g.db.in_transaction():
            house().queue.push_added(g.db)
        return response

    @app.teardown_request
    def close(_error: BaseException | None) -> None:
        session = g.pop("db", None)
        if session is not None:
            session.close()
