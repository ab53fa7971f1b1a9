"""Take answers: each exactly once, checked against the question, paid into pending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col

from crowd.domain.answers import AnswerSchema, parse_answer
from crowd.domain.pay import Tiers, reward
from crowd.domain.states import AssignmentState
from crowd.services import ledger
from crowd.services.assignment import GRACE
from crowd.services.ledger import Line
from crowd.services.own_trust import paid_trust
from crowd.storage import audit
from crowd.storage.assignments import Assignment
from crowd.storage.jobs import add_job
from crowd.storage.ledger import AccountKind
from crowd.storage.projects import Project
from crowd.storage.standings import Standing, standing
from crowd.storage.tasks import Task

ANSWERED = frozenset({AssignmentState.SUBMITTED, AssignmentState.APPROVED, AssignmentState.REJECTED})


class NotInHand(Exception):
    """The assignment was returned, skipped or has expired: its place is somebody else's."""


class WrongToken(Exception):
    """The token is not this assignment's, or came before with another answer."""


@dataclass(frozen=True)
class Submitted:
    """An answer that is stored; the same for every repetition."""

    assignment_id: int
    pay_micros: int
    is_repetition: bool


def submit(
    session: Session,
    project: Project,
    assignment: Assignment,
    *,
    token: str,
    raw_answer: object,
    schema: AnswerSchema,
    now: datetime,
) -> Submitted:
    """Store an answer within the caller's transaction; the door commits after lending the next task.

    Raises AnswerRefused for an answer that the question does not allow, WrongToken, NotInHand.
    """
    if token != assignment.token:
        raise WrongToken
    answer = parse_answer(schema, raw_answer)
    if assignment.state in ANSWERED:
        return _repeated(assignment, answer.canonical)
    stands = standing(session, project.id, assignment.worker_id)
    if stands is None:
        raise NotInHand
    pay = reward(
        project.reward_micros, paid_trust(session, project, stands, now), Tiers.from_list(project.tiers)
    )
    if not _store(session, project, assignment, answer.canonical, answer.label, stands.trust, pay, now):
        session.refresh(assignment)
        if assignment.state in ANSWERED:
            return _repeated(assignment, answer.canonical)
        raise NotInHand
    _count(session, assignment)
    if pay:
        ledger.move(
            session,
            f"submit:{assignment.id}",
            "answer",
            [
                Line(AccountKind.RESERVE, project.id, -pay),
                Line(AccountKind.PENDING, assignment.worker_id, pay),
            ],
            now=now,
            project_id=project.id,
            assignment_id=assignment.id,
        )
    audit.record(
        session,
        "answer.submitted",
        f"assignment:{assignment.public_id}",
        actor_id=assignment.worker_id,
        at=now,
        after={"pay_micros": pay},
    )
    add_job(session, "aggregate", {"project_id": project.id}, key=str(project.id), now=now)
    return Submitted(assignment.id, pay, is_repetition=False)


def _repeated(assignment: Assignment, answer: dict[str, object]) -> Submitted:
    if assignment.answer != answer:
        raise WrongToken
    return Submitted(assignment.id, assignment.pay_micros, is_repetition=True)


def _store(
    session: Session,
    project: Project,
    assignment: Assignment,
    answer: dict[str, object],
    label: str,
    trust: float,
    pay: int,
    now: datetime,
) -> bool:
    """The one write that decides: False when the loan has ended meanwhile."""
    stored = session.execute(
        update(Assignment)
        .where(
            col(Assignment.id) == assignment.id,
            col(Assignment.state) == AssignmentState.ASSIGNED,
            col(Assignment.due_at) >= now - GRACE,
        )
        .values(
            state=AssignmentState.SUBMITTED,
            submitted_at=now,
            approve_at=now + timedelta(seconds=project.approve_after_seconds),
            answer=answer,
            label=label,
            trust=trust,
            pay_micros=pay,
        )
        .execution_options(synchronize_session=False)
    )
    return bool(stored.rowcount == 1)  # type: ignore[attr-defined]


def _count(session: Session, assignment: Assignment) -> None:
    session.execute(
        update(Task)
        .where(col(Task.id) == assignment.task_id)
        .values(live_count=Task.live_count - 1, answer_count=Task.answer_count + 1, is_stale=True)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Standing)
        .where(
            col(Standing.project_id) == assignment.project_id,
            col(Standing.worker_id) == assignment.worker_id,
        )
        .values(answer_count=Standing.answer_count + 1)
        .execution_options(synchronize_session=False)
    )
