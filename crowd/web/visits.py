"""Visits: since when a worker has been at work in a project, kept in her browser's signed cookie."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import session as cookie

from crowd.storage.columns import EPOCH
from crowd.storage.projects import Project
from crowd.web.per_request import now

LONGEST = timedelta(hours=12)
KEY = "visit"


def visit_start(project: Project) -> datetime:
    """Since when she has been at work here; this moment where no visit is known."""
    kept = cookie.get(KEY)
    if not (isinstance(kept, list) and len(kept) == 2 and kept[0] == project.public_id):
        return now()
    started_at = EPOCH + timedelta(microseconds=int(kept[1]))
    return started_at if now() - started_at <= LONGEST else now()


def note_visit(project: Project, since: datetime | None = None) -> None:
    """Begin a visit, unless one to this project is going on."""
    if visit_start(project) == now():
        cookie[KEY] = [project.public_id, ((since or now()) - EPOCH) // timedelta(microseconds=1)]
