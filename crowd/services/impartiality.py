"""Nobody decides about herself, nor about a task that she has answered."""

from __future__ import annotations

from sqlmodel import Session

from crowd.storage.assignments import has_answered


class OwnCase(Exception):
    """The person who decides is the worker concerned, or has answered the task herself."""


def refuse_own_task(session: Session, task_id: int | None, by: int) -> None:
    """Raises OwnCase where this person has answered the task."""
    if task_id is not None and has_answered(session, task_id, by):
        session.rollback()
        raise OwnCase
