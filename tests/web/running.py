"""A launched project with some answers, for the tests of its pages."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from sqlmodel import Session

from crowd.domain.states import Role
from crowd.services.aggregation import aggregate
from crowd.services.assignment import next_assignment
from crowd.services.questions import question_of
from crowd.services.submission import submit
from crowd.storage.assignments import Assignment
from crowd.storage.columns import now_utc
from crowd.storage.projects import Project
from crowd.storage.users import User
from tests.factories import fund, launch_all, make_dataset, make_project, make_user, rows_with_gold


def make_running(session: Session, owner: User, *, items: int = 10, **rules: Any) -> Project:
    """A project with gold on every fifth item, launched as a whole, that nobody has answered."""
    dataset = make_dataset(session, owner, rows_with_gold(items))
    project = make_project(
        session, owner, dataset, **({"overlap": 2, "minimum_overlap": 1, "gold_overlap": 2} | rules)
    )
    fund(session, owner)
    launch_all(session, project)
    return project


def make_worker(session: Session, number: int) -> User:
    """One of many."""
    return make_user(session, f"Worker {number}", Role.WORKER)


def answer_some(
    session: Session, project: Project, worker: User, count: int, label: str = "Positive", seconds: int = 9
) -> list[Assignment]:
    """Let a worker answer tasks with one label, each in so many seconds; consensus follows."""
    schema, rng, done = question_of(project).schema, Random(worker.id), []
    start = now_utc() - timedelta(hours=1)
    for place in range(count):
        at = start + timedelta(seconds=place * (seconds + 1))
        lent = next_assignment(session, project, worker.id, at, rng)
        assert isinstance(lent, Assignment), lent
        submit(
            session,
            project,
            lent,
            token=lent.token,
            raw_answer={schema.field: label},
            schema=schema,
            now=at + timedelta(seconds=seconds),
        )
        session.commit()
        session.refresh(lent)
        done.append(lent)
    while aggregate(session, project.id, schema, now_utc()).task_count:
        pass
    return done
