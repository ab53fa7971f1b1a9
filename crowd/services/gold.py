"""Gold answers: set, correct and suspend them; every score and trust that hung on one follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from crowd.domain.answers import AnswerRefused, AnswerSchema, parse_answer
from crowd.domain.states import GoldState
from crowd.services.aggregation import refresh_trust
from crowd.storage import audit
from crowd.storage.assignments import Assignment
from crowd.storage.gold import Gold, GoldScore, gold_of_item
from crowd.storage.items import Item
from crowd.storage.jobs import add_job
from crowd.storage.projects import Project
from crowd.storage.standings import Standing, standing
from crowd.storage.tasks import Task

MOST_LABELS = 20


def set_gold(
    session: Session,
    project: Project,
    item: Item,
    schema: AnswerSchema,
    *,
    labels: Sequence[str],
    explanation: str,
    by: int,
    now: datetime,
) -> Gold:
    """Write or correct the gold answer of an item. Commits. Raises AnswerRefused.

    A correction is a new version: every answer to it is scored again.
    """
    checked = _checked(schema, labels)
    gold = gold_of_item(session, project.id, item.id)
    before = {"labels": gold.labels, "version": gold.version} if gold else None
    if gold is None:
        gold = Gold(project_id=project.id, item_id=item.id, labels=checked, author_id=by, created_at=now)
        task = session.exec(
            select(Task).where(Task.project_id == project.id, Task.item_id == item.id)
        ).one_or_none()
        if task is not None:
            gold.task_id, task.is_gold = task.id, True
            session.add(task)
    elif gold.labels != checked:
        gold.labels, gold.version, gold.author_id = checked, gold.version + 1, by
    gold.explanation = explanation.strip()[:1000]
    session.add(gold)
    session.flush()
    _score_again(session, project, gold, now)
    audit.record(
        session,
        "gold.set",
        f"gold:{gold.public_id}",
        actor_id=by,
        at=now,
        before=before,
        after={"labels": gold.labels, "version": gold.version},
    )
    session.commit()
    return gold


def set_suspended(
    session: Session, project: Project, gold: Gold, *, suspended: bool, by: int, reason: str, now: datetime
) -> None:
    """Stop a gold answer from scoring workers, or start it again; scores follow. Commits."""
    state = GoldState.SUSPENDED if suspended else GoldState.ACTIVE
    if gold.state == state:
        session.rollback()
        return
    before, gold.state = gold.state, state.value
    session.add(gold)
    _score_again(session, project, gold, now)
    audit.record(
        session,
        f"gold.{state.value}",
        f"gold:{gold.public_id}",
        actor_id=by,
        at=now,
        before={"state": before},
        after={"state": state.value},
        reason=reason.strip(),
    )
    session.commit()


def _checked(schema: AnswerSchema, labels: Sequence[str]) -> list[str]:
    if not 1 <= len(labels) <= MOST_LABELS:
        raise AnswerRefused(schema.field, f"Give 1 to {MOST_LABELS} right answers.")
    return [parse_answer(schema, {schema.field: label}).label for label in labels]


def _score_again(session: Session, project: Project, gold: Gold, now: datetime) -> None:
    """Take this gold answer's scores back; the aggregate job scores its answers anew."""
    query = (
        select(GoldScore, Assignment.worker_id)
        .join(Assignment, col(Assignment.id) == GoldScore.assignment_id)
        .where(GoldScore.gold_id == gold.id)
    )
    for score, worker_id in session.exec(query).all():
        stands = standing(session, project.id, worker_id)
        if stands is not None:
            _take_back(project, stands, score.score)
            session.add(stands)
    session.execute(delete(GoldScore).where(col(GoldScore.gold_id) == gold.id))
    task = session.get(Task, gold.task_id) if gold.task_id else None
    if task is not None and task.answer_count:
        task.is_stale = True
        session.add(task)
        add_job(session, "aggregate", {"project_id": project.id}, key=str(project.id), now=now)
    session.flush()


def _take_back(project: Project, stands: Standing, score: float) -> None:
    stands.gold_count -= 1
    stands.score_sum = max(0.0, stands.score_sum - score)
    stands.forgiven_count = min(stands.forgiven_count, stands.gold_count)
    stands.forgiven_sum = min(stands.forgiven_sum, stands.score_sum)
    refresh_trust(project, stands)
