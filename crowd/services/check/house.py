"""Rules about the house itself: the audit chain, work that stands still, the database's own word."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import text
from sqlmodel import col, func, or_, select

from crowd.domain.states import AssignmentState, JobState
from crowd.services.audit import verify_chain
from crowd.services.check.rule import Checked, Rule
from crowd.storage.assignments import Assignment
from crowd.storage.audit import event_counts
from crowd.storage.jobs import Job

# The sweep looks every few seconds; what has waited so long is not being looked at.
PATIENCE = timedelta(minutes=10)


def _chain(checked: Checked) -> tuple[int, Iterable[str]]:
    sealed, _waiting = event_counts(checked.session)
    broken = verify_chain(checked.session)
    return sealed, [] if broken is None else [f"the chain breaks at place {broken}"]


def _stuck_jobs(checked: Checked) -> tuple[int, Iterable[str]]:
    open_ = or_(Job.state == JobState.QUEUED, Job.state == JobState.RUNNING)
    count = checked.session.exec(select(func.count()).select_from(Job).where(open_)).one()
    stuck = checked.session.exec(
        select(Job).where(open_, Job.due_at < checked.now - PATIENCE).order_by(col(Job.id))
    ).all()
    return count, [
        f"job {job.public_id} ({job.kind}) has been {job.state} since {job.due_at}" for job in stuck
    ]


def _stuck_loans(checked: Checked) -> tuple[int, Iterable[str]]:
    lent = Assignment.state == AssignmentState.ASSIGNED
    count = checked.session.exec(select(func.count()).select_from(Assignment).where(lent)).one()
    late = checked.session.exec(
        select(Assignment.id)
        .where(lent, Assignment.due_at < checked.now - PATIENCE)
        .order_by(col(Assignment.id))
    ).all()
    return count, [f"assignment {assignment_id} is overdue and still lent" for assignment_id in late]


def _database(checked: Checked) -> tuple[int, Iterable[str]]:
    """SQLite looks through its whole file; PostgreSQL tells which constraints it has not checked."""
    if checked.session.get_bind().dialect.name == "sqlite":
        said = [str(row[0]) for row in checked.session.execute(text("PRAGMA integrity_check"))]
        pages = int(checked.session.execute(text("PRAGMA page_count")).scalar_one())
        torn = [
            f"{row[0]} row {row[1]} points at nothing in {row[2]}"
            for row in checked.session.execute(text("PRAGMA foreign_key_check"))
        ]
        return pages, [line for line in said if line != "ok"] + torn
    constraints = int(checked.session.execute(text("SELECT COUNT(*) FROM pg_constraint")).scalar_one())
    unchecked = checked.session.execute(
        text("SELECT conname FROM pg_constraint WHERE NOT convalidated ORDER BY conname")
    )
    disabled = checked.session.execute(
        text("SELECT tgname FROM pg_trigger WHERE tgenabled = 'D' ORDER BY tgname")
    )
    return constraints, [
        *(f"the constraint {row[0]} has not been checked" for row in unchecked),
        *(f"the trigger {row[0]} is switched off" for row in disabled),
    ]


RULES = (
    Rule("audit chain", "no sealed event of the audit trail was changed or removed", _chain),
    Rule("stuck jobs", "no job has waited for more than ten minutes after it was due", _stuck_jobs),
    Rule("stuck loans", "no task is still lent ten minutes after its deadline", _stuck_loans),
    Rule("database", "the database finds itself whole", _database),
)
