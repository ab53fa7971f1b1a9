"""Lend tasks to workers: the next one, skipped, returned or expired ones."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from crowd.domain.assignment import due_at, wants_gold
from crowd.domain.states import AssignmentState, ProjectState, StandingState, TaskState
from crowd.domain.trust import posterior
from crowd.storage.assignments import Assignment, live_assignment, overdue_assignments
from crowd.storage.guidelines import latest_guidelines
from crowd.storage.offers import is_work_left, put_back_count
from crowd.storage.projects import Project
from crowd.storage.standings import Standing, standing, standing_locked
from crowd.storage.tasks import Task
from crowd.storage.users import is_quality_manager

# A late answer is still taken this long after the deadline: the network's delay is not the worker's.
GRACE = timedelta(seconds=10)
TRIES = 8
GOLD_CHOICE = 200
# Loans put back without an answer, by skipping, returning or letting them run out: more than the project's
# limit within this window looks like somebody who wants the dataset, not the work.
PUT_BACK_WINDOW = timedelta(hours=1)


@dataclass(frozen=True)
class NothingNow:
    """There is no task for this worker, and why: done, paused, blocked, closed, resting, busy, own, desk."""

    why: str
    reason: str = ""


def next_assignment(
    session: Session, project: Project, worker_id: int, now: datetime, rng: Random
) -> Assignment | NothingNow:
    """What this worker should do now: what she already has in hand, or a new loan. Commits."""
    found = lend(session, project, worker_id, now, rng)
    session.commit()
    return found


def lend(
    session: Session, project: Project, worker_id: int, now: datetime, rng: Random
) -> Assignment | NothingNow:
    """The same within the caller's transaction."""
    partial = _partial(session, project, worker_id)
    if partial is not None:
        return partial
    # Whoever holds the standing's row lends to this worker; her other tabs wait and then see the loan.
    stands = standing_locked(session, project.id, worker_id)
    if stands is None:
        if project.state != ProjectState.OPEN:
            return NothingNow("closed")
        stands = _first_standing(session, project, worker_id, now)
    in_hand = _in_hand(session, project, worker_id, now) or _refusal(session, project, stands, now)
    return in_hand or _lend_any(session, project, stands, now, rng)


def _in_hand(session: Session, project: Project, worker_id: int, now: datetime) -> Assignment | None:
    """The loan that she may still answer; one whose time is over is ended."""
    found = live_assignment(session, project.id, worker_id)
    if found is None or now <= found.due_at + GRACE:
        return found
    release(session, found, AssignmentState.EXPIRED)
    return None


def _lend_any(
    session: Session, project: Project, stands: Standing, now: datetime, rng: Random
) -> Assignment | NothingNow:
    for _ in range(TRIES):
        task_id = _choose(session, project, stands, rng)
        if task_id is None:
            return NothingNow("done")
        lent = _lend_task(session, project, task_id, stands, now)
        if lent is not None:
            return lent
    return NothingNow("busy")


def outlook(session: Session, project: Project, worker_id: int, now: datetime) -> NothingNow | None:
    """Why this worker would get no task now; None when she would. Only reads."""
    partial = _partial(session, project, worker_id)
    if partial is not None:
        return partial
    stands = standing(session, project.id, worker_id)
    if stands is None and project.state != ProjectState.OPEN:
        return NothingNow("closed")
    refused = _refusal(session, project, stands, now) if stands is not None else None
    if refused is not None or is_work_left(session, project.id, worker_id):
        return refused
    return NothingNow("done")


def _partial(session: Session, project: Project, worker_id: int) -> NothingNow | None:
    """Why somebody may never work here: her own project, or a desk where she sees every gold answer."""
    if project.owner_id == worker_id:
        return NothingNow("own")
    return NothingNow("desk") if is_quality_manager(session, worker_id) else None


def _refusal(session: Session, project: Project, stands: Standing, now: datetime) -> NothingNow | None:
    if stands.state != StandingState.ACTIVE:
        return NothingNow(stands.state, stands.reason)
    if project.state != ProjectState.OPEN:
        return NothingNow("closed")
    if put_back_count(session, project.id, stands.worker_id, now - PUT_BACK_WINDOW) >= project.put_back_limit:
        return NothingNow("resting")
    return None


def _first_standing(session: Session, project: Project, worker_id: int, now: datetime) -> Standing:
    start = posterior(0.0, 0, project.trust_prior_right, project.trust_prior_wrong)
    made = Standing(
        project_id=project.id,
        worker_id=worker_id,
        trust=start.mean,
        trust_low=start.low,
        trust_high=start.high,
        joined_at=now,
        changed_at=now,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:  # a second tab was faster
        found = standing_locked(session, project.id, worker_id)
        if found is None:
            raise
        return found
    return made


def _choose(session: Session, project: Project, stands: Standing, rng: Random) -> int | None:
    """A task for this worker. Both lanes are always asked, so that gold costs no different time."""
    open_lane = (
        select(Task.id)
        .where(
            Task.project_id == project.id,
            Task.state == TaskState.OPEN,
            col(Task.live_count) + col(Task.answer_count) < col(Task.overlap),
            ~select(Assignment.id)
            .where(Assignment.task_id == Task.id, Assignment.worker_id == stands.worker_id)
            .exists(),
        )
        .order_by(col(Task.position), col(Task.id))
    )
    first = open_lane.where(col(Task.is_gold).is_(False)).limit(1)
    ordinary = session.exec(first.with_for_update(skip_locked=True, of=Task)).first()
    gold = session.exec(open_lane.where(col(Task.is_gold).is_(True)).limit(GOLD_CHOICE)).all()
    if ordinary is None:
        return None  # gold alone would give itself away, and would buy nothing
    is_gold = wants_gold(rng, project.gold_rate, stands.assigned_count, stands.gold_shown_count)
    return rng.choice(gold) if gold and is_gold else ordinary


def _lend_task(
    session: Session, project: Project, task_id: int, stands: Standing, now: datetime
) -> Assignment | None:
    """Lend one task; None when its last place has just gone."""
    taken = session.execute(
        update(Task)
        .where(
            col(Task.id) == task_id,
            col(Task.state) == TaskState.OPEN,
            col(Task.live_count) + col(Task.answer_count) < col(Task.overlap),
        )
        .values(live_count=Task.live_count + 1)
        .returning(col(Task.is_gold))
    ).first()
    if taken is None:
        return None
    guidelines = latest_guidelines(session, project.id)
    if guidelines is None:
        raise LookupError(f"project {project.public_id} was launched without guidelines")
    lent = Assignment(
        project_id=project.id,
        task_id=task_id,
        worker_id=stands.worker_id,
        token=secrets.token_urlsafe(16),
        assigned_at=now,
        due_at=due_at(now, timedelta(seconds=project.time_limit_seconds)),
        guidelines_id=guidelines.id,
    )
    session.add(lent)
    session.execute(
        update(Standing)
        .where(col(Standing.project_id) == project.id, col(Standing.worker_id) == stands.worker_id)
        .values(
            assigned_count=Standing.assigned_count + 1,
            gold_shown_count=Standing.gold_shown_count + int(taken[0]),
        )
    )
    session.flush()
    return lent


def release(session: Session, assignment: Assignment, state: AssignmentState) -> bool:
    """End a loan without an answer and free its place; False when it had already ended."""
    ended = session.execute(
        update(Assignment)
        .where(col(Assignment.id) == assignment.id, col(Assignment.state) == AssignmentState.ASSIGNED)
        .values(state=state)
    )
    if ended.rowcount != 1:  # type: ignore[attr-defined]
        return False
    session.execute(
        update(Task).where(col(Task.id) == assignment.task_id).values(live_count=Task.live_count - 1)
    )
    return True


def give_back(session: Session, assignment: Assignment, state: AssignmentState) -> bool:
    """Skip a task or return it, as the worker wishes. Commits."""
    if state not in {AssignmentState.SKIPPED, AssignmentState.RETURNED}:
        raise ValueError(state)
    ended = release(session, assignment, state)
    session.commit()
    return ended


def expire_overdue(session: Session, now: datetime, limit: int = 500) -> int:
    """Free the places of loans whose deadline and grace are over. Commits; returns how many."""
    count = 0
    for assignment in overdue_assignments(session, now - GRACE, limit):
        count += release(session, assignment, AssignmentState.EXPIRED)
    session.commit()
    return count
