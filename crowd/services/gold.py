"""Gold answers: set, correct and suspend them; every score and trust that hung on one follows at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from crowd.domain.answers import AnswerRefused, AnswerSchema, parse_answer
from crowd.domain.states import GoldState
from crowd.services.impartiality import refuse_own_task
from crowd.services.rescoring import Consequences, carry_out, consequences
from crowd.storage import audit
from crowd.storage.gold import Gold, gold_of_item
from crowd.storage.items import Item
from crowd.storage.projects import Project, locked_project
from crowd.storage.tasks import Task

MOST_LABELS = 20
LONGEST_EXPLANATION = 1000
LONGEST_REASON = 1000


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
    reason: str = "",
) -> Gold:
    """Write or correct the gold answer of an item. Commits.

    A correction is a new version: every answer to it is scored again, trust follows, and so do the pauses
    that hung on it. Raises AnswerRefused, and OwnCase for somebody who answered the task.
    """
    checked = checked_labels(schema, labels)
    locked_project(session, project.id)
    gold = gold_of_item(session, project.id, item.id)
    before = {"labels": gold.labels, "version": gold.version} if gold else None
    if gold is not None:
        refuse_own_task(session, gold.task_id, by)
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
    gold.explanation = explanation.strip()[:LONGEST_EXPLANATION]
    session.add(gold)
    session.flush()
    found = _score_again(session, project, gold, schema, by=by, now=now)
    audit.record(
        session,
        "gold.set",
        f"gold:{gold.public_id}",
        actor_id=by,
        at=now,
        before=before,
        after={"labels": gold.labels, "version": gold.version} | _told(found),
        reason=reason.strip()[:LONGEST_REASON],
    )
    session.commit()
    return gold


def set_suspended(
    session: Session,
    project: Project,
    gold: Gold,
    schema: AnswerSchema,
    *,
    suspended: bool,
    by: int,
    reason: str,
    now: datetime,
) -> None:
    """Stop a gold answer from scoring workers, or start it again; scores and trust follow. Commits.

    Raises AnswerRefused where no reason is given, OwnCase for somebody who answered the task.
    """
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise AnswerRefused("reason", f"Say why in at most {LONGEST_REASON} characters.")
    if "\0" in reason:
        raise AnswerRefused("reason", "This holds a character that cannot be stored.")
    locked_project(session, project.id)
    state = GoldState.SUSPENDED if suspended else GoldState.ACTIVE
    if gold.state == state:
        session.rollback()
        return
    refuse_own_task(session, gold.task_id, by)
    before, gold.state = gold.state, state.value
    session.add(gold)
    found = _score_again(session, project, gold, schema, by=by, now=now)
    audit.record(
        session,
        f"gold.{state.value}",
        f"gold:{gold.public_id}",
        actor_id=by,
        at=now,
        before={"state": before},
        after={"state": state.value} | _told(found),
        reason=reason.strip(),
    )
    session.commit()


def preview(
    session: Session,
    project: Project,
    gold: Gold,
    schema: AnswerSchema,
    *,
    labels: Sequence[str] | None = None,
    suspended: bool | None = None,
) -> Consequences:
    """What correcting, suspending or reactivating a gold answer would do. Changes nothing.

    Raises AnswerRefused.
    """
    is_suspended = gold.state == GoldState.SUSPENDED if suspended is None else suspended
    right = gold.labels if labels is None else checked_labels(schema, labels)
    return consequences(session, project, gold, schema, () if is_suspended else right)


def checked_labels(schema: AnswerSchema, labels: Sequence[str]) -> list[str]:
    """The right answers in canonical form, each once. Raises AnswerRefused."""
    if not 1 <= len(labels) <= MOST_LABELS:
        raise AnswerRefused(schema.field, f"Give 1 to {MOST_LABELS} right answers.")
    checked = (parse_answer(schema, {schema.field: label}).label for label in labels)
    return list(dict.fromkeys(checked))


def _score_again(
    session: Session, project: Project, gold: Gold, schema: AnswerSchema, *, by: int, now: datetime
) -> Consequences:
    found = preview(session, project, gold, schema)
    carry_out(session, project, gold, found, by=by, now=now)
    return found


def _told(found: Consequences) -> dict[str, object]:
    """What the audit trail keeps of the consequences."""
    return {
        "rescored": found.changed_count,
        "paused": [one.pseudonym for one in found.paused],
        "readmitted": [one.pseudonym for one in found.readmitted],
    }
