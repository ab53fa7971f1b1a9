"""Assignments: one task lent to one worker until a deadline, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, func, select

from crowd.domain.states import AssignmentState
from crowd.storage.columns import (
    STRICT,
    big,
    holds,
    id_column,
    json_column,
    moment,
    one_of,
    public_id_column,
    reference,
)

_LIVE = text("state = 'assigned'")
_WAITING = text("state = 'submitted'")
STANDING_ANSWERS = (AssignmentState.SUBMITTED, AssignmentState.APPROVED)


class Assignment(SQLModel, table=True):
    """A loan of a task. `label` is the comparable value inside `answer`."""

    __tablename__ = "assignments"
    __table_args__ = (
        one_of("state", AssignmentState),
        holds("pay", "pay_micros >= 0"),
        holds("trust", "trust IS NULL OR (trust >= 0 AND trust <= 1)"),
        holds(
            "answered",
            "(state IN ('submitted','approved','rejected'))"
            " = (answer IS NOT NULL AND submitted_at IS NOT NULL)",
        ),
        holds("reason", "state <> 'rejected' OR length(reason) > 0"),
        UniqueConstraint("task_id", "worker_id"),
        Index(
            "ix_assignments_live",
            "project_id",
            "worker_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_assignments_due", "due_at", sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_assignments_approve", "approve_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_assignments_worker", "worker_id", "project_id", "submitted_at"),
        Index("ix_assignments_project", "project_id", "id"),
        STRICT,
    )

    id: int = id_column()
    public_id: str = public_id_column()
    project_id: int = reference("projects.id")
    task_id: int = reference("tasks.id")
    worker_id: int = reference("users.id")
    state: str = AssignmentState.ASSIGNED
    token: str  # one submission token; the same one again gives the same reply
    assigned_at: datetime = moment()
    due_at: datetime = moment()
    submitted_at: datetime | None = moment(default=None)
    approve_at: datetime | None = moment(default=None)  # approved by the clock unless decided before
    decided_at: datetime | None = moment(default=None)
    decided_by: int | None = reference("users.id", default=None)
    reason: str = ""
    answer: dict[str, Any] | None = json_column(default=None)
    label: str | None = None
    guidelines_id: int = reference("guidelines.id")
    trust: float | None = None  # the worker's trust when she submitted
    pay_micros: int = big(default=0)


def assignment_by_public_id(session: Session, public_id: str) -> Assignment | None:
    """The assignment with this public id."""
    return session.exec(select(Assignment).where(Assignment.public_id == public_id)).one_or_none()


def live_assignment(session: Session, project_id: int, worker_id: int) -> Assignment | None:
    """What the worker has in hand in this project."""
    query = select(Assignment).where(
        Assignment.project_id == project_id,
        Assignment.worker_id == worker_id,
        Assignment.state == AssignmentState.ASSIGNED,
    )
    return session.exec(query).one_or_none()


def answers_of_task(session: Session, task_id: int) -> Sequence[Assignment]:
    """Every answer to a task, rejected ones included, first to last."""
    query = select(Assignment).where(Assignment.task_id == task_id, col(Assignment.answer).is_not(None))
    return session.exec(query.order_by(col(Assignment.submitted_at), col(Assignment.id))).all()


def standing_answers(session: Session, task_ids: Sequence[int]) -> Sequence[Assignment]:
    """The answers that count for consensus, of several tasks, in the order they were given."""
    query = select(Assignment).where(
        col(Assignment.task_id).in_(task_ids), col(Assignment.state).in_(STANDING_ANSWERS)
    )
    return session.exec(query.order_by(col(Assignment.task_id), col(Assignment.id))).all()


def has_answered(session: Session, task_id: int, worker_id: int) -> bool:
    """Whether a worker has answered a task, whatever became of her answer."""
    query = select(Assignment.id).where(
        Assignment.task_id == task_id, Assignment.worker_id == worker_id, col(Assignment.answer).is_not(None)
    )
    return session.exec(query).first() is not None


def overdue_assignments(session: Session, now: datetime, limit: int) -> Sequence[Assignment]:
    """Loans whose deadline has passed."""
    query = select(Assignment).where(Assignment.state == AssignmentState.ASSIGNED, Assignment.due_at < now)
    return session.exec(query.order_by(col(Assignment.due_at)).limit(limit)).all()


def answers_to_approve(session: Session, now: datetime, limit: int) -> Sequence[Assignment]:
    """Answers whose approval clock has run out."""
    query = select(Assignment).where(
        Assignment.state == AssignmentState.SUBMITTED, col(Assignment.approve_at) <= now
    )
    return session.exec(query.order_by(col(Assignment.approve_at)).limit(limit)).all()


def answer_count_of(session: Session, project_id: int) -> int:
    """How many answers of a project stand."""
    query = (
        select(func.count())
        .select_from(Assignment)
        .where(Assignment.project_id == project_id, col(Assignment.state).in_(STANDING_ANSWERS))
    )
    return session.exec(query).one()


def seconds_of_worker(session: Session, project_id: int, worker_id: int) -> list[float]:
    """How long each of a worker's answers took, from lending to answer, in the order they were given."""
    query = (
        select(Assignment.assigned_at, Assignment.submitted_at)
        .where(
            Assignment.project_id == project_id,
            Assignment.worker_id == worker_id,
            col(Assignment.submitted_at).is_not(None),
        )
        .order_by(col(Assignment.submitted_at), col(Assignment.id))
    )
    return [(end - start).total_seconds() for start, end in session.exec(query) if end is not None]


def median_seconds(session: Session, project_id: int) -> dict[int, float]:
    """Each worker's median time per answer in a project; the database sorts, only the middle comes here."""
    worker = col(Assignment.worker_id)
    ranked = (
        select_columns(
            worker,
            col(Assignment.assigned_at),
            col(Assignment.submitted_at),
            func.row_number()
            .over(
                partition_by=worker,
                order_by=(col(Assignment.submitted_at) - col(Assignment.assigned_at), col(Assignment.id)),
            )
            .label("place"),
            func.count().over(partition_by=worker).label("total"),
        )
        .where(col(Assignment.project_id) == project_id, col(Assignment.submitted_at).is_not(None))
        .subquery()
    )
    columns = ranked.c
    middle = select_columns(columns.worker_id, columns.assigned_at, columns.submitted_at).where(
        columns.place * 2 >= columns.total, columns.place * 2 <= columns.total + 2
    )
    times: dict[int, list[float]] = {}
    for worker_id, start, end in session.execute(middle):
        times.setdefault(worker_id, []).append((end - start).total_seconds())
    return {worker_id: sum(found) / len(found) for worker_id, found in times.items()}
