"""Settle answers: approve, reject with a reason, let the clock approve, and close projects."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from crowd.domain.states import AssignmentState, BatchState, ProjectState
from crowd.services import ledger
from crowd.services.ledger import Line
from crowd.storage import audit
from crowd.storage.assignments import Assignment, answers_to_approve
from crowd.storage.batches import Batch
from crowd.storage.jobs import add_job
from crowd.storage.ledger import AccountKind, account, balance, lock_account
from crowd.storage.projects import Project
from crowd.storage.tasks import Task


class NotDecidable(Exception):
    """The answer has been decided already, or there is none."""


def approve(session: Session, assignment: Assignment, now: datetime, *, by: int | None) -> bool:
    """Approve one answer within the caller's transaction; False when it was decided before."""
    if not _decide(session, assignment, AssignmentState.SUBMITTED, AssignmentState.APPROVED, now, by, ""):
        return False
    _pay(session, assignment, AccountKind.PENDING, now, by)
    if by is not None:
        _audit(session, "answer.approved", assignment, now, by, "")
    return True


def approve_due(session: Session, now: datetime, limit: int = 500) -> int:
    """Approve every answer whose clock has run out. Commits; returns how many."""
    count = 0
    for assignment in answers_to_approve(session, now, limit):
        count += approve(session, assignment, now, by=None)
    session.commit()
    return count


def reject(session: Session, assignment: Assignment, now: datetime, *, by: int, reason: str) -> None:
    """Reject one answer: its pay goes back to the reserve and its place is free again. Commits.

    Raises NotDecidable; ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("a rejection needs a reason")
    if not _decide(session, assignment, AssignmentState.SUBMITTED, AssignmentState.REJECTED, now, by, reason):
        session.rollback()
        raise NotDecidable
    if assignment.pay_micros:
        ledger.move(
            session,
            f"reject:{assignment.id}",
            "rejection",
            [
                Line(AccountKind.PENDING, assignment.worker_id, -assignment.pay_micros),
                Line(AccountKind.RESERVE, assignment.project_id, assignment.pay_micros),
            ],
            now=now,
            reason=reason,
            project_id=assignment.project_id,
            assignment_id=assignment.id,
            actor_id=by,
        )
    session.execute(
        update(Task)
        .where(col(Task.id) == assignment.task_id)
        .values(answer_count=Task.answer_count - 1, is_stale=True)
    )
    _audit(session, "answer.rejected", assignment, now, by, reason)
    add_job(
        session,
        "aggregate",
        {"project_id": assignment.project_id},
        key=str(assignment.project_id),
        now=now,
    )
    session.commit()


def _decide(
    session: Session,
    assignment: Assignment,
    was: AssignmentState,
    becomes: AssignmentState,
    now: datetime,
    by: int | None,
    reason: str,
) -> bool:
    decided = session.execute(
        update(Assignment)
        .where(col(Assignment.id) == assignment.id, col(Assignment.state) == was)
        .values(state=becomes, decided_at=now, decided_by=by, reason=reason)
        .execution_options(synchronize_session=False)
    )
    return bool(decided.rowcount == 1)  # type: ignore[attr-defined]


def _pay(
    session: Session, assignment: Assignment, source: AccountKind, now: datetime, by: int | None
) -> None:
    if not assignment.pay_micros:
        return
    ledger.move(
        session,
        f"approve:{assignment.id}",
        "approval",
        [
            Line(source, assignment.worker_id, -assignment.pay_micros),
            Line(AccountKind.PAYABLE, assignment.worker_id, assignment.pay_micros),
        ],
        now=now,
        project_id=assignment.project_id,
        assignment_id=assignment.id,
        actor_id=by,
    )


def _audit(session: Session, act: str, assignment: Assignment, now: datetime, by: int, reason: str) -> None:
    audit.record(
        session,
        act,
        f"assignment:{assignment.public_id}",
        actor_id=by,
        at=now,
        after={"pay_micros": assignment.pay_micros},
        reason=reason,
    )


def set_state(session: Session, project: Project, state: ProjectState, now: datetime, *, by: int) -> None:
    """Open, pause or close a project; what is lent already is honoured. Commits."""
    before = project.state
    if before == state or before in {ProjectState.DRAFT, ProjectState.CLOSED}:
        session.rollback()
        return
    project.state = state
    if state == ProjectState.CLOSED:
        project.closed_at = now
        session.execute(
            update(Batch).where(col(Batch.project_id) == project.id).values(state=BatchState.CLOSED)
        )
    audit.record(
        session,
        f"project.{state.value}",
        f"project:{project.public_id}",
        actor_id=by,
        at=now,
        before={"state": before},
        after={"state": state.value},
    )
    session.commit()


def return_reserve(session: Session, project: Project, now: datetime, *, by: int | None) -> int:
    """Give a closed project's unspent reserve back to its requester. Commits; returns the amount.

    What loans still out may earn, and what pending answers would free on rejection, stays or comes later.
    """
    lock_account(session, account(session, AccountKind.RESERVE, project.id))
    out = session.exec(
        select(Assignment.id).where(
            Assignment.project_id == project.id, Assignment.state == AssignmentState.ASSIGNED
        )
    ).all()
    spare = balance(session, AccountKind.RESERVE, project.id) if not out else 0
    if project.state != ProjectState.CLOSED or spare <= 0:
        session.rollback()
        return 0
    ledger.move(
        session,
        f"return:{project.id}:{now.isoformat()}",
        "return",
        [
            Line(AccountKind.RESERVE, project.id, -spare),
            Line(AccountKind.BUDGET, project.owner_id, spare),
        ],
        now=now,
        project_id=project.id,
        actor_id=by,
    )
    session.commit()
    return spare
