"""Offers: the open projects that still have a task for a worker, and what she has in hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, func, select

from crowd.domain.states import AssignmentState, ProjectState, TaskState
from crowd.storage.assignments import Assignment
from crowd.storage.guidelines import Guidelines
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.storage.standings import Standing
from crowd.storage.tasks import Task

PUT_BACK = (AssignmentState.SKIPPED, AssignmentState.RETURNED, AssignmentState.EXPIRED)


@dataclass(frozen=True)
class Offer:
    """An open project, how a worker stands in it, and whether a task is left for her."""

    project: Project
    standing: Standing | None
    is_work_left: bool


def offers(session: Session, worker_id: int, limit: int = 100) -> list[Offer]:
    """Every open project of other people, newest first."""
    query = (
        select(Project, Standing, _is_work_left(worker_id))
        .join(
            Standing,
            and_(col(Standing.project_id) == col(Project.id), col(Standing.worker_id) == worker_id),
            isouter=True,
        )
        .where(Project.state == ProjectState.OPEN, Project.owner_id != worker_id)
        .order_by(col(Project.launched_at).desc(), col(Project.id).desc())
        .limit(limit)
    )
    return [Offer(project, standing, bool(is_left)) for project, standing, is_left in session.exec(query)]


def is_work_left(session: Session, project_id: int, worker_id: int) -> bool:
    """Whether a project has a task left for a worker. How many is not told: it would give gold away."""
    query = select(_is_work_left(worker_id)).select_from(Project).where(Project.id == project_id)
    return bool(session.exec(query).one())


def _is_work_left(worker_id: int) -> ColumnElement[bool]:
    hers = select(Assignment.id).where(Assignment.task_id == Task.id, Assignment.worker_id == worker_id)
    return (
        select(Task.id)
        .where(
            Task.project_id == Project.id,
            Task.state == TaskState.OPEN,
            col(Task.is_gold).is_(False),
            col(Task.live_count) + col(Task.answer_count) < col(Task.overlap),
            ~hers.exists(),
        )
        .correlate(Project)
        .exists()
    )


def loans_in_hand(session: Session, worker_id: int, now: datetime) -> Sequence[tuple[Assignment, Project]]:
    """What a worker has in hand and may still answer, the most urgent first."""
    query = (
        select(Assignment, Project)
        .join(Project, col(Project.id) == Assignment.project_id)
        .where(
            Assignment.worker_id == worker_id,
            Assignment.state == AssignmentState.ASSIGNED,
            Assignment.due_at >= now,
        )
    )
    return session.exec(query.order_by(col(Assignment.due_at))).all()


def put_back_count(session: Session, project_id: int, worker_id: int, since: datetime) -> int:
    """How many of a worker's loans since a moment ended without an answer."""
    query = (
        select(func.count())
        .select_from(Assignment)
        .where(
            Assignment.worker_id == worker_id,
            Assignment.project_id == project_id,
            col(Assignment.state).in_(PUT_BACK),
            Assignment.assigned_at >= since,
        )
    )
    return session.exec(query).one()


def shown_to_worker(session: Session, assignment: Assignment) -> tuple[Item, Guidelines]:
    """What a worker may see of her loan: its item, and the guidelines it was lent under."""
    query = (
        select(Item, Guidelines)
        .join(Task, col(Task.item_id) == Item.id)
        .join(Guidelines, col(Guidelines.id) == assignment.guidelines_id)
        .where(Task.id == assignment.task_id)
    )
    return session.exec(query).one()
