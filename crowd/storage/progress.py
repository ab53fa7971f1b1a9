"""How projects stand: tasks, answers, money and speed, each in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.elements import Label
from sqlmodel import Session, col, func

from crowd.domain.states import AssignmentState, TaskState
from crowd.storage.assignments import STANDING_ANSWERS, Assignment
from crowd.storage.ledger import Account, AccountKind, Entry, Transfer
from crowd.storage.results import Result
from crowd.storage.standings import Standing
from crowd.storage.tasks import Task

RECENT = 500


@dataclass(frozen=True)
class TaskTotals:
    """A project's tasks and answers. `wanted_count` answers would settle every task at full overlap."""

    task_count: int = 0
    settled_count: int = 0
    answer_count: int = 0
    wanted_count: int = 0
    open_place_count: int = 0  # answers still wanted by open tasks
    lent_count: int = 0


@dataclass(frozen=True)
class Money:
    """What became of a project's reserve, in micro-units."""

    reserved_micros: int = 0
    spent_micros: int = 0  # earned by workers, approved or not yet
    returned_micros: int = 0
    left_micros: int = 0


@dataclass(frozen=True)
class Workers:
    """The workers of a project: how many have answered, and their mean trust."""

    count: int = 0
    mean_trust: float | None = None


@dataclass(frozen=True)
class RecentAnswer:
    """When an answer was begun and given, and what it earned."""

    assigned_at: datetime
    submitted_at: datetime
    pay_micros: int


def task_totals(session: Session, project_ids: Sequence[int]) -> dict[int, TaskTotals]:
    """The tasks of several projects, by project."""
    settled = col(Task.state) == TaskState.SETTLED
    query = (
        select(
            col(Task.project_id),
            func.count(),
            func.sum(case((settled, 1), else_=0)),
            func.sum(col(Task.answer_count)),
            func.sum(col(Task.overlap)),
            func.sum(case((settled, 0), else_=col(Task.overlap) - col(Task.answer_count))),
            func.sum(col(Task.live_count)),
        )
        .where(col(Task.project_id).in_(project_ids))
        .group_by(col(Task.project_id))
    )
    return {row[0]: TaskTotals(*(int(value) for value in row[1:])) for row in session.execute(query)}


def money_of(session: Session, project_ids: Sequence[int]) -> dict[int, Money]:
    """What became of several projects' reserves, by project."""
    query = (
        select(col(Account.owner_id), col(Transfer.kind), func.sum(col(Entry.amount_micros)))
        .join(Entry, col(Entry.account_id) == Account.id)
        .join(Transfer, col(Transfer.id) == Entry.transfer_id)
        .where(col(Account.kind) == AccountKind.RESERVE, col(Account.owner_id).in_(project_ids))
        .group_by(col(Account.owner_id), col(Transfer.kind))
    )
    sums: dict[int, dict[str, int]] = {}
    for project_id, kind, amount in session.execute(query):
        sums.setdefault(project_id, {})[kind] = int(amount)
    return {project_id: _money(by_kind) for project_id, by_kind in sums.items()}


def _money(by_kind: dict[str, int]) -> Money:
    reserved, returned = by_kind.get("reserve", 0), -by_kind.get("return", 0)
    left = sum(by_kind.values())
    return Money(reserved, reserved - returned - left, returned, left)


def workers_of(session: Session, project_ids: Sequence[int]) -> dict[int, Workers]:
    """Who has answered in several projects, by project."""
    query = (
        select(col(Standing.project_id), func.count(), func.avg(col(Standing.trust)))
        .where(col(Standing.project_id).in_(project_ids), col(Standing.answer_count) > 0)
        .group_by(col(Standing.project_id))
    )
    return {row[0]: Workers(int(row[1]), float(row[2])) for row in session.execute(query)}


def disputed_count(session: Session, project_id: int) -> int:
    """How many disputed tasks nobody has decided."""
    query = (
        select(func.count())
        .select_from(Result)
        .where(
            col(Result.project_id) == project_id,
            col(Result.is_disputed).is_(True),
            col(Result.is_decided).is_(False),
        )
    )
    return int(session.execute(query).scalar_one())


def recent_answers(session: Session, project_id: int, limit: int = RECENT) -> list[RecentAnswer]:
    """The answers to the tasks that were lent last, newest loan first."""
    query = (
        select(col(Assignment.assigned_at), col(Assignment.submitted_at), col(Assignment.pay_micros))
        .where(col(Assignment.project_id) == project_id, col(Assignment.submitted_at).is_not(None))
        .order_by(col(Assignment.id).desc())
        .limit(limit)
    )
    return [RecentAnswer(*row) for row in session.execute(query)]


def lent_count(session: Session, project_id: int) -> int:
    """How many tasks workers have in hand."""
    query = (
        select(func.count())
        .select_from(Assignment)
        .where(col(Assignment.project_id) == project_id, col(Assignment.state) == AssignmentState.ASSIGNED)
    )
    return int(session.execute(query).scalar_one())


def answers_until(session: Session, project_id: int, moments: Sequence[datetime]) -> list[int]:
    """How many standing answers there were at each of some rising moments."""
    step = _step(col(Assignment.submitted_at), moments)
    query = (
        select(step, func.count())
        .where(col(Assignment.project_id) == project_id, col(Assignment.state).in_(STANDING_ANSWERS))
        .group_by(step)
    )
    return _summed({int(place): int(count) for place, count in session.execute(query)}, len(moments))


def settled_until(session: Session, project_id: int, moments: Sequence[datetime]) -> list[int]:
    """How many tasks were settled at each of some rising moments."""
    step = _step(col(Result.settled_at), moments)
    query = (
        select(step, func.count())
        .where(col(Result.project_id) == project_id, col(Result.settled_at).is_not(None))
        .group_by(step)
    )
    return _summed({int(place): int(count) for place, count in session.execute(query)}, len(moments))


def _step(column: Mapped[datetime | None], moments: Sequence[datetime]) -> Label[int]:
    """Which of the moments is the first that is not before the column's; their number where none is."""
    steps = [(column <= at, place) for place, at in enumerate(moments)]
    return case(*steps, else_=len(moments)).label("step")


def _summed(counts: dict[int, int], length: int) -> list[int]:
    sums, so_far = [], 0
    for place in range(length):
        so_far += counts.get(place, 0)
        sums.append(so_far)
    return sums
