"""A small crowd whose members answer by a rule, so that what is concluded about them can be checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random

from sqlmodel import Session

from crowd.services.aggregation import aggregate
from crowd.services.assignment import next_assignment
from crowd.services.questions import question_of
from crowd.services.submission import submit
from crowd.storage.assignments import Assignment
from crowd.storage.columns import now_utc
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.storage.standings import Standing
from crowd.storage.tasks import Task
from crowd.storage.users import User

NOW = now_utc()
Rule = Callable[[Item], str]


def always(label: str) -> Rule:
    """A worker who gives the same label to everything."""
    return lambda _item: label


def answer_all(
    session: Session,
    project: Project,
    crowd: Mapping[User, Rule] | list[tuple[User, Rule]],
    *,
    seconds: int = 8,
    most: int = 1000,
    now: datetime = NOW,
) -> None:
    """Everybody answers what she is given, in turn, until nothing is left for her; consensus follows."""
    session.add(project)  # launching has emptied the session's memory
    question = question_of(project)
    members = list(crowd.items()) if isinstance(crowd, Mapping) else crowd
    rng = Random(11)
    for worker, rule in members:
        for _ in range(most):
            found = next_assignment(session, project, worker.id, now, rng)
            if not isinstance(found, Assignment):
                break
            item = session.get_one(Item, session.get_one(Task, found.task_id).item_id)
            raw = question.answer_of_label(rule(item))
            submit(
                session,
                project,
                found,
                token=found.token,
                raw_answer=raw,
                schema=question.schema,
                now=now + timedelta(seconds=seconds),
            )
    session.commit()
    settle(session, project, now=now)


def settle(session: Session, project: Project, *, now: datetime = NOW) -> None:
    """Bring every consensus up to date, as the job would."""
    schema = question_of(project).schema
    _forget(session)
    while aggregate(session, project.id, schema, now).task_count:
        pass
    _forget(session)


def _forget(session: Session) -> None:
    """Read again what is written past the session's memory."""
    for row in session:
        if isinstance(row, (Assignment, Standing, Task)):
            session.expire(row)
