"""Work without a pause: every turn ends one loan and begins the next in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlmodel import Session

from crowd.domain.answers import AnswerSchema
from crowd.domain.states import AssignmentState
from crowd.services.assignment import NothingNow, lend, release
from crowd.services.submission import Submitted, submit
from crowd.storage.assignments import Assignment
from crowd.storage.projects import Project


@dataclass(frozen=True)
class Turn:
    """An answer that is stored, and what the worker has in hand now."""

    submitted: Submitted
    found: Assignment | NothingNow


def answer_and_go_on(
    session: Session,
    project: Project,
    assignment: Assignment,
    *,
    token: str,
    raw_answer: object,
    schema: AnswerSchema,
    now: datetime,
    rng: Random,
) -> Turn:
    """Store an answer and lend the next task. Commits.

    Raises AnswerRefused, WrongToken, NotInHand; then nothing is stored and the caller rolls back.
    """
    submitted = submit(
        session, project, assignment, token=token, raw_answer=raw_answer, schema=schema, now=now
    )
    found = lend(session, project, assignment.worker_id, now, rng)
    session.commit()
    return Turn(submitted, found)


def skip_and_go_on(
    session: Session, project: Project, assignment: Assignment, now: datetime, rng: Random
) -> Assignment | NothingNow:
    """End a loan without an answer and lend the next task. Commits; a loan that is over stays as it is."""
    release(session, assignment, AssignmentState.SKIPPED)
    found = lend(session, project, assignment.worker_id, now, rng)
    session.commit()
    return found
