"""Earnings: a worker's own answers, and the statement of her accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case
from sqlmodel import Session, col, func, select

from crowd.domain.states import AssignmentState
from crowd.storage.assignments import Assignment
from crowd.storage.ledger import Account, AccountKind, Entry, Transfer
from crowd.storage.projects import Project
from crowd.storage.users import User

HERS = (AccountKind.PENDING, AccountKind.PAYABLE, AccountKind.SENDING, AccountKind.PAID)


@dataclass(frozen=True)
class StatementLine:
    """One movement of money on a worker's accounts: what each gained or lost by it, in micro-units."""

    transfer: Transfer
    assignment: Assignment | None
    project: Project | None
    amounts: dict[AccountKind, int]


def balances(session: Session, worker_id: int) -> dict[AccountKind, int]:
    """What each of a worker's accounts holds."""
    query = (
        select(Account.kind, func.sum(Entry.amount_micros))
        .join(Entry, col(Entry.account_id) == Account.id)
        .where(Account.owner_id == worker_id, col(Account.kind).in_([kind.value for kind in HERS]))
        .group_by(col(Account.kind))
    )
    held = {kind: int(amount) for kind, amount in session.exec(query)}
    return {kind: held.get(kind.value, 0) for kind in HERS}


def statement(
    session: Session, worker_id: int, *, until: datetime | None, skip: int, limit: int
) -> list[StatementLine]:
    """Movements on a worker's accounts, newest first, from a moment backwards."""
    sums = [func.sum(case((col(Account.kind) == kind.value, Entry.amount_micros), else_=0)) for kind in HERS]
    query = (
        select(Transfer, Assignment, Project, *sums)
        .join(Entry, col(Entry.transfer_id) == Transfer.id)
        .join(Account, col(Account.id) == Entry.account_id)
        .join(Assignment, col(Assignment.id) == Transfer.assignment_id, isouter=True)
        .join(Project, col(Project.id) == Transfer.project_id, isouter=True)
        .where(Account.owner_id == worker_id, col(Account.kind).in_([kind.value for kind in HERS]))
        .group_by(col(Transfer.id), col(Assignment.id), col(Project.id))
        .order_by(col(Transfer.created_at).desc(), col(Transfer.id).desc())
    )
    if until is not None:
        query = query.where(Transfer.created_at <= until)
    return [
        StatementLine(row[0], row[1], row[2], {kind: int(row[3 + place]) for place, kind in enumerate(HERS)})
        for row in session.execute(query.offset(skip).limit(limit))
    ]


def answers_of_worker(
    session: Session, worker_id: int, *, until: datetime | None, skip: int, limit: int
) -> Sequence[tuple[Assignment, Project]]:
    """A worker's answers with their projects, newest first, from a moment backwards."""
    query = (
        select(Assignment, Project)
        .join(Project, col(Project.id) == Assignment.project_id)
        .where(Assignment.worker_id == worker_id, col(Assignment.submitted_at).is_not(None))
        .order_by(col(Assignment.submitted_at).desc(), col(Assignment.id).desc())
    )
    if until is not None:
        query = query.where(col(Assignment.submitted_at) <= until)
    return session.exec(query.offset(skip).limit(limit)).all()


def earned_since(session: Session, project_id: int, worker_id: int, since: datetime) -> tuple[int, int]:
    """How many answers a worker has given in a project since a moment, and what they pay once approved."""
    query = select(func.count(), func.coalesce(func.sum(Assignment.pay_micros), 0)).where(
        Assignment.worker_id == worker_id,
        Assignment.project_id == project_id,
        col(Assignment.submitted_at) >= since,
        Assignment.state != AssignmentState.REJECTED,
    )
    count, micros = session.exec(query).one()
    return int(count), int(micros)


def names_of(session: Session, user_ids: Iterable[int]) -> dict[int, str]:
    """The names of several users."""
    wanted = set(user_ids)
    if not wanted:
        return {}
    return dict(session.exec(select(User.id, User.name).where(col(User.id).in_(wanted))).all())
