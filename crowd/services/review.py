"""Decide disputed tasks: a person's word replaces the crowd's, with a reason."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from crowd.domain.answers import AnswerRefused, AnswerSchema, parse_answer
from crowd.domain.states import TaskState
from crowd.services.impartiality import refuse_own_task
from crowd.storage import audit
from crowd.storage.results import Result
from crowd.storage.reviews import Review
from crowd.storage.tasks import Task

LONGEST_REASON = 1000


class NothingToDecide(Exception):
    """The task has no consensus yet."""


def decide(
    session: Session,
    task: Task,
    schema: AnswerSchema,
    *,
    label: str,
    reason: str,
    by: int,
    now: datetime,
) -> None:
    """Set a task's label by decision; the software leaves it alone from then on. Commits.

    Raises AnswerRefused for a label outside the question, or a missing reason; NothingToDecide;
    OwnCase for somebody who answered the task.
    """
    refuse_own_task(session, task.id, by)
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise AnswerRefused(
            "reason",
            f"Say why in at most {LONGEST_REASON} characters, so that others can follow the decision.",
        )
    label = parse_answer(schema, {schema.field: label}).label
    result = session.get(Result, task.id)
    if result is None:
        raise NothingToDecide
    before = {
        "label": result.label,
        "confidence": round(result.confidence, 9),
        "is_decided": result.is_decided,
    }
    session.add(Review(task_id=task.id, reviewer_id=by, label=label, reason=reason.strip(), created_at=now))
    result.label, result.confidence = label, 1.0
    result.is_decided, result.is_disputed = True, False
    result.method, result.computed_at = "decision", now
    result.settled_at = result.settled_at or now
    task.state = TaskState.SETTLED
    session.add_all([result, task])
    audit.record(
        session,
        "task.decided",
        f"task:{task.public_id}",
        actor_id=by,
        at=now,
        before=before,
        after={"label": label},
        reason=reason.strip(),
    )
    session.commit()
