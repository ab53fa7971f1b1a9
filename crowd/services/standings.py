"""Decide about workers: block, let back in, hear a plea. Another person decides, with a reason."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from crowd.domain.states import StandingState
from crowd.services.aggregation import mark_stale
from crowd.services.impartiality import OwnCase
from crowd.storage import audit
from crowd.storage.jobs import add_job
from crowd.storage.projects import Project
from crowd.storage.standings import Standing

LONGEST_REASON = 1000


class ReasonNeeded(Exception):
    """A decision about a worker needs a written reason of at most a thousand characters."""


class NoPlea(Exception):
    """There is no plea that waits for an answer."""


def block(
    session: Session, project: Project, stands: Standing, *, by: int, reason: str, now: datetime
) -> None:
    """Stop a worker in this project until somebody lets her back in; she may plead against it. Commits.

    Raises ReasonNeeded, OwnCase.
    """
    _decide(session, project, stands, StandingState.BLOCKED, "worker.blocked", by, reason, now)
    stands.plea, stands.plea_at = "", None
    session.commit()


def readmit(
    session: Session, project: Project, stands: Standing, *, by: int, reason: str, now: datetime
) -> None:
    """Let a paused or blocked worker work again; pausing then looks at new gold only. Commits.

    Raises ReasonNeeded, OwnCase.
    """
    _decide(session, project, stands, StandingState.ACTIVE, "worker.readmitted", by, reason, now)
    stands.forgiven_count, stands.forgiven_sum = stands.gold_count, stands.score_sum
    stands.plea, stands.plea_at = "", None
    session.commit()


def decline(
    session: Session, project: Project, stands: Standing, *, by: int, reason: str, now: datetime
) -> None:
    """Answer a plea with no; she stays as she is, and knows why and from whom. Commits.

    The plea is kept without its moment: it has been answered, and this decision hears no second one.
    Raises NoPlea, ReasonNeeded, and OwnCase for whoever took the decision that she pleads against.
    """
    if stands.plea_at is None:
        session.rollback()
        raise NoPlea
    if stands.decided_by == by:
        session.rollback()
        raise OwnCase
    _decide(session, project, stands, StandingState(stands.state), "plea.declined", by, reason, now)
    stands.plea_at = None
    session.commit()


def plead(session: Session, stands: Standing, plea: str, now: datetime) -> bool:
    """Ask to be let back in, once per decision. Commits; False when she works or has asked already."""
    if stands.state == StandingState.ACTIVE or stands.plea or not plea.strip():
        session.rollback()
        return False
    stands.plea, stands.plea_at = plea.strip()[:LONGEST_REASON], now
    session.add(stands)
    session.commit()
    return True


def _decide(
    session: Session,
    project: Project,
    stands: Standing,
    state: StandingState,
    act: str,
    by: int,
    reason: str,
    now: datetime,
) -> None:
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        session.rollback()
        raise ReasonNeeded
    if stands.worker_id == by:
        session.rollback()
        raise OwnCase
    before = stands.state
    stands.state, stands.reason = state.value, reason.strip()
    stands.decided_by, stands.changed_at = by, now
    session.add(stands)
    audit.record(
        session,
        act,
        f"standing:{project.public_id}:{stands.pseudonym}",
        actor_id=by,
        at=now,
        before={"state": before},
        after={"state": state.value, "trust": round(stands.trust, 6)},
        reason=reason.strip(),
    )
    mark_stale(session, project.id, stands.worker_id)
    add_job(session, "aggregate", {"project_id": project.id}, key=str(project.id), now=now)
