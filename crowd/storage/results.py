"""Results: the consensus of each task, its confidence, and whether it is disputed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case
from sqlmodel import Session, SQLModel, col, func, select

from crowd.domain.states import TaskState
from crowd.storage.assignments import STANDING_ANSWERS, Assignment
from crowd.storage.columns import STRICT, holds, json_column, moment, now_utc, reference
from crowd.storage.tasks import Task


class Result(SQLModel, table=True):
    """What the crowd says about one task, or what a quality manager decided."""

    __tablename__ = "results"
    __table_args__ = (
        holds("confidence", "confidence >= 0 AND confidence <= 1"),
        holds("answer_count", "answer_count >= 0"),
        STRICT,
    )

    task_id: int = reference("tasks.id", primary_key=True)
    project_id: int = reference("projects.id", index=True)
    label: str
    confidence: float
    answer_count: int
    posterior: dict[str, float] = json_column(default_factory=dict)
    method: str
    is_disputed: bool = False  # waits for a person's decision
    is_decided: bool = False  # by a person; the software leaves it alone
    computed_at: datetime = moment(default_factory=now_utc)
    settled_at: datetime | None = moment(default=None)


def disputed_results(session: Session, project_id: int, limit: int = 200) -> Sequence[Result]:
    """Disputed tasks that nobody has decided, least sure first."""
    query = select(Result).where(
        Result.project_id == project_id, col(Result.is_disputed).is_(True), col(Result.is_decided).is_(False)
    )
    return session.exec(query.order_by(col(Result.confidence), col(Result.task_id)).limit(limit)).all()


def _is_waiting() -> ColumnElement[bool]:
    """Disputed, of the crowd's making, and decided by nobody."""
    return (
        col(Result.is_disputed).is_(True) & col(Result.is_decided).is_(False) & col(Task.is_gold).is_(False)
    )


def disputed_count(session: Session, project_id: int) -> int:
    """How many tasks wait for a decision."""
    return disputed_counts(session, [project_id]).get(project_id, 0)


def disputed_counts(session: Session, project_ids: Sequence[int]) -> dict[int, int]:
    """How many tasks of each project wait for a decision."""
    query = (
        select(Result.project_id, func.count())
        .join(Task, col(Task.id) == Result.task_id)
        .where(col(Result.project_id).in_(project_ids), _is_waiting())
        .group_by(col(Result.project_id))
    )
    return dict(session.exec(query).all())


def disputed_tasks(
    session: Session, project_id: int, viewer_id: int, limit: int = 100
) -> Sequence[tuple[Task, Result]]:
    """Disputed tasks that nobody has decided and this person has not answered, least sure first."""
    answered = select(Assignment.task_id).where(
        Assignment.project_id == project_id,
        Assignment.worker_id == viewer_id,
        col(Assignment.answer).is_not(None),
    )
    query = (
        select(Task, Result)
        .join(Result, col(Result.task_id) == Task.id)
        .where(Result.project_id == project_id, _is_waiting(), col(Task.id).not_in(answered))
        .order_by(col(Result.confidence), col(Result.task_id))
        .limit(limit)
    )
    return session.exec(query).all()


def decided_tasks(session: Session, project_id: int, limit: int = 100) -> Sequence[tuple[Task, Result]]:
    """Tasks that a person has decided, newest first."""
    query = (
        select(Task, Result)
        .join(Result, col(Result.task_id) == Task.id)
        .where(Result.project_id == project_id, col(Result.is_decided).is_(True))
        .order_by(col(Result.computed_at).desc(), col(Result.task_id).desc())
        .limit(limit)
    )
    return session.exec(query).all()


@dataclass(frozen=True)
class SettlementCounts:
    """What other thresholds would make of the confidences of today."""

    settling_count: int  # open now, settled then
    reopening_count: int  # settled now, open then
    disputed_count: int  # settled then and in dispute


def settlement_counts(
    session: Session,
    project_id: int,
    *,
    minimum_overlap: int | None,
    confidence_target: float,
    dispute_below: float,
) -> SettlementCounts:
    """Count the undecided tasks that would change sides. `minimum_overlap` None: tasks never stop early."""
    is_full = col(Result.answer_count) >= Task.overlap
    settles: ColumnElement[bool] = is_full
    if minimum_overlap is not None:
        settles = is_full | (
            col(Task.is_gold).is_(False)
            & (col(Result.answer_count) >= minimum_overlap)
            & (col(Result.confidence) >= confidence_target)
        )
    disputed = is_full & col(Task.is_gold).is_(False) & (col(Result.confidence) < dispute_below)
    query = (
        select(
            _count_of((col(Task.state) == TaskState.OPEN) & settles),
            _count_of((col(Task.state) == TaskState.SETTLED) & ~settles),
            _count_of(disputed),
        )
        .select_from(Result)
        .join(Task, col(Task.id) == Result.task_id)
        .where(Result.project_id == project_id, col(Result.is_decided).is_(False))
    )
    return SettlementCounts(*session.exec(query).one())


def _count_of(condition: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def agreement_counts(session: Session, project_id: int) -> dict[int, tuple[int, int]]:
    """Per worker: answers equal to the consensus, and answers to settled tasks with two answers or more."""
    query = (
        select(
            Assignment.worker_id,
            _count_of(col(Assignment.label) == Result.label),
            func.count(),
        )
        .join(Result, col(Result.task_id) == Assignment.task_id)
        .where(*_compared(project_id))
        .group_by(col(Assignment.worker_id))
    )
    return {worker_id: (int(equal), int(total)) for worker_id, equal, total in session.exec(query)}


def labels_beside_consensus(
    session: Session, project_id: int, worker_id: int | None = None
) -> Sequence[tuple[int, str, str]]:
    """(worker, her label, the consensus) of answers to settled tasks with two answers or more."""
    query = (
        select(Assignment.worker_id, Assignment.label, Result.label)
        .join(Result, col(Result.task_id) == Assignment.task_id)
        .where(*_compared(project_id), col(Assignment.label).is_not(None))
        .order_by(col(Assignment.id))
    )
    if worker_id is not None:
        query = query.where(Assignment.worker_id == worker_id)
    return [(worker, label or "", consensus) for worker, label, consensus in session.exec(query)]


def _compared(project_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Assignment.project_id) == project_id,
        col(Assignment.state).in_(STANDING_ANSWERS),
        col(Result.settled_at).is_not(None),
        col(Result.answer_count) >= 2,
    )
