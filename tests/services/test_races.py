"""Races with real threads: never too many answers, never one twice, never paid twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from typing import TypeVar

import pytest
from sqlmodel import Session, col, func, select

from crowd.domain.states import AssignmentState, Role
from crowd.services.aggregation import aggregate
from crowd.services.assignment import NothingNow, next_assignment
from crowd.services.questions import question_of
from crowd.services.submission import WrongToken
from crowd.services.working import Turn, answer_and_go_on, skip_and_go_on
from crowd.storage.assignments import Assignment, live_assignment
from crowd.storage.columns import now_utc
from crowd.storage.database import Store
from crowd.storage.ledger import AccountKind, Entry, Transfer, balance
from crowd.storage.projects import Project
from crowd.storage.standings import Standing
from crowd.storage.tasks import Task
from crowd.storage.users import User
from tests.factories import fund, launch_all, make_dataset, make_project, make_user, rows_with_gold

THREADS = 16
T = TypeVar("T")


def together(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Run acts in sixteen threads that begin at the same moment; every failure fails the test."""
    gate = Barrier(min(THREADS, len(acts)))

    def run(place: int) -> T:
        if place < gate.parties:
            gate.wait(timeout=30)
        return acts[place]()

    with ThreadPoolExecutor(gate.parties) as pool:
        return list(pool.map(run, range(len(acts))))


@pytest.fixture
def project(session: Session, requester: User) -> Project:
    dataset = make_dataset(session, requester, rows_with_gold(5, gold_every=4))
    project = make_project(
        session, requester, dataset, overlap=3, minimum_overlap=1, gold_overlap=3, minimum_trust=0.0
    )
    fund(session, requester)
    launch_all(session, project)
    return project


def hand_out(store: Store, project_id: int, worker_id: int) -> Assignment | NothingNow:
    with store.writing() as session:
        return next_assignment(
            session, session.get_one(Project, project_id), worker_id, now_utc(), Random(worker_id)
        )


def answer(store: Store, assignment: Assignment, label: str = "Positive") -> Turn | str:
    with store.writing() as session:
        project = session.get_one(Project, assignment.project_id)
        try:
            return answer_and_go_on(
                session,
                project,
                session.get_one(Assignment, assignment.id),
                token=assignment.token,
                raw_answer={"category": {"label": label}},
                schema=question_of(project).schema,
                now=now_utc(),
                rng=Random(assignment.id),
            )
        except WrongToken:
            return "told"


def work_through(store: Store, project_id: int, worker_id: int) -> int:
    """Answer until nothing is left, skipping every fourth; how many answers were stored."""
    count, turn = 0, hand_out(store, project_id, worker_id)
    while isinstance(turn, Assignment):
        if (count + worker_id) % 4 == 3:
            with store.writing() as session:
                project = session.get_one(Project, project_id)
                held = session.get_one(Assignment, turn.id)
                turn = skip_and_go_on(session, project, held, now_utc(), Random(turn.id))
            count += 1
            continue
        done = answer(store, turn)
        assert isinstance(done, Turn)
        turn, count = done.found, count + 1
    return count


def count_of(session: Session, kind: type, *where: object) -> int:
    return session.exec(select(func.count()).select_from(kind).where(*where)).one()


def test_sixteen_workers_on_few_tasks_never_exceed_the_overlap(store, session, project) -> None:
    workers = [make_user(session, f"Worker {number}", Role.WORKER).id for number in range(THREADS)]
    project_id = project.id
    session.commit()
    together(
        [lambda worker_id=worker_id: work_through(store, project_id, worker_id) for worker_id in workers]
    )
    with store.reading() as looking:
        tasks = looking.exec(select(Task)).all()
        answers = Counter(
            looking.exec(select(Assignment.task_id).where(col(Assignment.answer).is_not(None))).all()
        )
        pairs = looking.exec(select(Assignment.task_id, Assignment.worker_id)).all()
        paid = count_of(looking, Transfer, Transfer.kind == "answer")
    assert all(task.answer_count <= task.overlap for task in tasks)
    assert all(task.live_count == 0 for task in tasks)
    assert all(task.answer_count == answers[task.id] for task in tasks)
    assert len(pairs) == len(set(pairs))
    assert paid == sum(answers.values())


def test_a_hundred_identical_submits_store_one_answer_and_reply_alike(
    store, session, project, worker
) -> None:
    project_id, worker_id = project.id, worker.id
    session.commit()
    held = hand_out(store, project_id, worker_id)
    assert isinstance(held, Assignment)
    turns = together([lambda: answer(store, held)] * 100)
    assert all(isinstance(turn, Turn) for turn in turns)
    assert len({turn.found.public_id for turn in turns}) == 1
    assert {turn.submitted.pay_micros for turn in turns} == {50_000}
    assert sum(not turn.submitted.is_repetition for turn in turns) == 1
    with store.reading() as looking:
        assert count_of(looking, Transfer, Transfer.kind == "answer") == 1
        assert count_of(looking, Assignment, Assignment.state == AssignmentState.SUBMITTED) == 1
        assert count_of(looking, Assignment) == 2
        assert balance(looking, AccountKind.PENDING, worker_id) == 50_000


def test_two_tabs_with_different_answers_one_is_taken_and_the_other_told(
    store, session, project, worker
) -> None:
    project_id, worker_id = project.id, worker.id
    session.commit()
    for _ in range(3):
        held = hand_out(store, project_id, worker_id)
        assert isinstance(held, Assignment)
        labels = ("Positive", "Negative")
        replies = together([lambda held=held, label=label: answer(store, held, label) for label in labels])
        assert sorted(isinstance(reply, Turn) for reply in replies) == [False, True]
        taken = labels[[isinstance(reply, Turn) for reply in replies].index(True)]
        with store.reading() as looking:
            assert looking.get_one(Assignment, held.id).label == taken
            assert count_of(looking, Transfer, Transfer.assignment_id == held.id) == 1


def test_many_starts_of_one_worker_lend_one_task(store, session, project, worker) -> None:
    project_id, worker_id = project.id, worker.id
    session.commit()
    lent = together([lambda: hand_out(store, project_id, worker_id)] * 64)
    assert len({found.public_id for found in lent}) == 1
    with store.reading() as looking:
        assert count_of(looking, Assignment) == 1
        assert count_of(looking, Standing) == 1
        assert looking.exec(select(func.sum(Task.live_count))).one() == 1
        assert looking.get_one(Standing, (project_id, worker_id)).assigned_count == 1


def test_scoring_while_workers_answer_loses_nothing_and_the_ledger_sums_to_zero(
    store, session, project
) -> None:
    workers = [make_user(session, f"Worker {number}", Role.WORKER).id for number in range(8)]
    project_id, schema = project.id, question_of(project).schema
    session.commit()

    def score() -> int:
        with store.writing() as scoring:
            return aggregate(scoring, project_id, schema, now_utc()).task_count

    acts = [lambda worker_id=worker_id: work_through(store, project_id, worker_id) for worker_id in workers]
    together([*acts, *[score] * 8])
    while score():
        pass
    with store.reading() as looking:
        assert looking.exec(select(func.sum(Entry.amount_micros))).one() == 0
        assert not [worker for worker in workers if live_assignment(looking, project_id, worker)]
        assert count_of(looking, Task, col(Task.is_stale)) == 0
