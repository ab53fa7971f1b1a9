"""Pace: the requester's estimate until there are enough answers, then what the server's clock measured."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from sqlmodel import Session, select

from crowd.domain.states import AssignmentState
from crowd.services.assignment import GRACE, NothingNow, lend, outlook
from crowd.services.pace import ENOUGH, pace_of
from crowd.services.questions import question_of
from crowd.services.working import answer_and_go_on
from crowd.storage.assignments import Assignment
from crowd.storage.columns import now_utc
from crowd.storage.projects import Project
from crowd.storage.users import User
from tests.factories import fund, launch_all, make_dataset, make_project, rows_with_gold

NOW = now_utc()


@pytest.fixture
def project(session: Session, requester: User) -> Project:
    dataset = make_dataset(session, requester, rows_with_gold(ENOUGH + 5, gold_every=6))
    project = make_project(session, requester, dataset, overlap=1, minimum_overlap=1, reward_micros=30_000)
    fund(session, requester)
    launch_all(session, project)
    return project


def answer_slowly(session: Session, project: Project, worker: User, count: int, seconds: float) -> None:
    moment = NOW
    turn = lend(session, project, worker.id, moment, Random(1))
    for _ in range(count):
        assert isinstance(turn, Assignment)
        moment += timedelta(seconds=seconds)
        turn = answer_and_go_on(
            session,
            project,
            turn,
            token=turn.token,
            raw_answer={"category": {"label": "Positive"}},
            schema=question_of(project).schema,
            now=moment,
            rng=Random(1),
        ).found


def test_the_estimate_stands_until_enough_is_measured(session, project, worker) -> None:
    answer_slowly(session, project, worker, ENOUGH - 1, 7.3)
    pace = pace_of(session, project, 30_000)
    assert (pace.seconds, pace.wage_micros, pace.is_measured) == (20.0, 5_400_000, False)


def test_the_median_of_the_answers_makes_the_wage(session, project, worker) -> None:
    answer_slowly(session, project, worker, ENOUGH, 7.3)
    pace = pace_of(session, project, 30_000)
    assert (pace.seconds, pace.measured_count) == (7.3, ENOUGH)
    assert pace.wage_micros == 14_790_000  # 14.794520…, rounded down to hundredths


def test_answers_in_no_time_do_not_divide_by_it(session, project, worker) -> None:
    answer_slowly(session, project, worker, ENOUGH, 0.0)
    assert pace_of(session, project, 30_000).wage_micros == 108_000_000


def test_the_outlook_says_what_lending_would_without_writing(session, project, worker, requester) -> None:
    assert outlook(session, project, worker.id, NOW) is None
    assert outlook(session, project, requester.id, NOW) == NothingNow("own")
    while isinstance(found := lend(session, project, worker.id, NOW, Random(1)), Assignment):
        answer_slowly(session, project, worker, 1, 1.0)
    assert found == outlook(session, project, worker.id, NOW) == NothingNow("done")


def test_a_loan_past_its_grace_is_ended_when_the_next_is_asked_for(session, project, worker) -> None:
    first = lend(session, project, worker.id, NOW, Random(1))
    assert isinstance(first, Assignment)
    second = lend(session, project, worker.id, first.due_at + GRACE + timedelta(seconds=1), Random(1))
    assert isinstance(second, Assignment)
    states = session.exec(select(Assignment.state).order_by(Assignment.id)).all()
    assert states == [AssignmentState.EXPIRED, AssignmentState.ASSIGNED]
