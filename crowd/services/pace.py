"""Pace: how long an answer takes in a project, and what an hour of such answers pays."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from sqlmodel import Session, col, select

from crowd.domain.pay import hourly_wage
from crowd.storage.assignments import Assignment
from crowd.storage.projects import Project

# So few answers say little about the next one; so many say enough.
ENOUGH, RECENT = 20, 200
HUNDREDTH = 10_000


@dataclass(frozen=True)
class Pace:
    """Seconds per answer, the hourly wage they make, and how many answers were measured; 0: estimated."""

    seconds: float
    wage_micros: int
    measured_count: int

    @property
    def is_measured(self) -> bool:
        """Whether the seconds were measured, not estimated by the requester."""
        return self.measured_count > 0


def pace_of(session: Session, project: Project, reward_micros: int) -> Pace:
    """The median of recent answers by the server's clock; the requester's estimate until enough are in."""
    query = (
        select(Assignment.assigned_at, Assignment.submitted_at)
        .where(Assignment.project_id == project.id, col(Assignment.submitted_at).is_not(None))
        .order_by(col(Assignment.id).desc())
        .limit(RECENT)
    )
    times = [(end - start).total_seconds() for start, end in session.exec(query) if end is not None]
    if len(times) < ENOUGH:
        seconds = float(project.estimated_seconds)
        return Pace(seconds, _wage(reward_micros, seconds), 0)
    seconds = max(median(times), 1.0)
    return Pace(seconds, _wage(reward_micros, seconds), len(times))


def _wage(reward_micros: int, seconds: float) -> int:
    """The hourly wage, rounded down to whole hundredths: more digits would only look exact."""
    return hourly_wage(reward_micros, seconds) // HUNDREDTH * HUNDREDTH
