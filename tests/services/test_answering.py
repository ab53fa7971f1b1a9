"""One task's way through the house: lend, answer, score, settle, pay."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from sqlmodel import Session, select

from crowd.domain.answers import AnswerRefused
from crowd.domain.states import AssignmentState, Role, StandingState, TaskState
from crowd.services.aggregation import aggregate
from crowd.services.assignment import GRACE, NothingNow, expire_overdue, give_back, next_assignment, outlook
from crowd.services.launch import launch
from crowd.services.ledger import NotEnough
from crowd.services.questions import question_of
from crowd.services.settlement import approve_due, reject
from crowd.services.submission import NotInHand, Submitted, WrongToken, submit
from crowd.storage.assignments import Assignment
from crowd.storage.columns import now_utc
from crowd.storage.gold import Gold
from crowd.storage.ledger import AccountKind, balance
from crowd.storage.projects import Project
from crowd.storage.results import Result
from crowd.storage.standings import standing
from crowd.storage.tasks import Task, task_counts
from crowd.storage.users import User
from tests.factories import fund, launch_all, make_dataset, make_project, make_user, rows_with_gold

NOW = now_utc()
RNG = Random(7)


@pytest.fixture
def project(session: Session, requester: User) -> Project:
    dataset = make_dataset(session, requester, rows_with_gold(10))
    project = make_project(session, requester, dataset, overlap=2, minimum_overlap=1, gold_overlap=2)
    fund(session, requester)
    launch_all(session, project)
    return project


def take(session: Session, project: Project, worker: User) -> Assignment:
    found = next_assignment(session, project, worker.id, NOW, RNG)
    assert isinstance(found, Assignment), found
    return found


def answer(
    session: Session, project: Project, assignment: Assignment, label: str = "Positive", **more
) -> Submitted:
    values = {"token": assignment.token, "raw_answer": {"category": {"label": label}}, "now": NOW} | more
    done = submit(session, project, assignment, schema=question_of(project).schema, **values)
    session.commit()
    session.refresh(assignment)
    return done


def settle_all(session: Session, project: Project) -> None:
    schema = question_of(project).schema
    while aggregate(session, project.id, schema, NOW).task_count:
        pass


def test_launch_reserves_the_cost_and_makes_a_task_of_every_item(session, project, requester) -> None:
    tasks = session.exec(select(Task).where(Task.project_id == project.id)).all()
    assert len(tasks) == 10
    assert sum(task.is_gold for task in tasks) == 2
    assert balance(session, AccountKind.RESERVE, project.id) == 10 * 2 * 50_000
    assert balance(session, AccountKind.BUDGET, requester.id) == 1_000_000_000 - 1_000_000


def test_launch_beyond_the_budget_is_refused_and_changes_nothing(session, requester) -> None:
    dataset = make_dataset(session, requester, rows_with_gold(3))
    project = make_project(session, requester, dataset)
    with pytest.raises(NotEnough):
        launch(session, project, by=requester.id, now=NOW)
    session.rollback()
    assert task_counts(session, project.id)["all"] == 0
    assert balance(session, AccountKind.RESERVE, project.id) == 0


def test_asking_again_gives_the_same_assignment(session, project, worker) -> None:
    first = take(session, project, worker)
    assert all(take(session, project, worker).id == first.id for _ in range(5))


def test_worker_never_gets_the_same_task_twice(session, project, worker) -> None:
    seen = []
    while isinstance(found := next_assignment(session, project, worker.id, NOW, RNG), Assignment):
        seen.append(found.task_id)
        if len(seen) % 3 == 0:
            give_back(session, found, AssignmentState.SKIPPED)
        else:
            answer(session, project, found)
    assert len(seen) == len(set(seen))
    assert isinstance(found, NothingNow)


def test_no_task_gets_more_answers_than_its_overlap(session, project) -> None:
    for number in range(4):
        worker = make_user(session, f"Worker {number}", Role.WORKER)
        while isinstance(found := next_assignment(session, project, worker.id, NOW, RNG), Assignment):
            answer(session, project, found)
    tasks = session.exec(select(Task).where(Task.project_id == project.id)).all()
    assert all(task.answer_count <= task.overlap and task.live_count == 0 for task in tasks)
    assert all(task.answer_count == 2 for task in tasks if not task.is_gold)


def test_nobody_works_on_her_own_project(session, project, requester) -> None:
    assert next_assignment(session, project, requester.id, NOW, RNG) == NothingNow("own")


def test_who_sees_gold_on_the_desk_is_lent_nothing(session, project) -> None:
    both = make_user(session, "Bea Both", Role.WORKER, Role.QUALITY_MANAGER)
    assert next_assignment(session, project, both.id, NOW, RNG) == NothingNow("desk")
    assert outlook(session, project, both.id, NOW) == NothingNow("desk")
    assert standing(session, project.id, both.id) is None


def test_an_answer_is_stored_once_and_repeating_it_gives_the_same_reply(session, project, worker) -> None:
    assignment = take(session, project, worker)
    first = answer(session, project, assignment)
    again = answer(session, project, assignment)
    assert (first.pay_micros, first.is_repetition) == (50_000, False)
    assert (again.pay_micros, again.is_repetition) == (50_000, True)
    assert balance(session, AccountKind.PENDING, worker.id) == 50_000


def test_another_answer_under_the_same_token_is_refused(session, project, worker) -> None:
    assignment = take(session, project, worker)
    answer(session, project, assignment, "Positive")
    with pytest.raises(WrongToken):
        answer(session, project, assignment, "Negative")
    session.rollback()
    session.refresh(assignment)
    assert assignment.label == "Positive"


def test_a_label_outside_the_set_is_refused(session, project, worker) -> None:
    assignment = take(session, project, worker)
    with pytest.raises(AnswerRefused):
        answer(session, project, assignment, "Splendid")


def test_an_expired_assignment_frees_its_place_and_takes_no_answer(session, project, worker) -> None:
    assignment = take(session, project, worker)
    late = assignment.due_at + GRACE + timedelta(seconds=1)
    with pytest.raises(NotInHand):
        answer(session, project, assignment, now=late)
    session.rollback()
    assert expire_overdue(session, late) == 1
    task = session.get_one(Task, assignment.task_id)
    session.refresh(task)
    assert task.live_count == 0


def test_an_answer_within_the_grace_is_taken(session, project, worker) -> None:
    assignment = take(session, project, worker)
    assert answer(session, project, assignment, now=assignment.due_at + GRACE).pay_micros == 50_000


def test_careless_worker_is_paused_by_gold_and_a_careful_one_is_not(session, requester) -> None:
    dataset = make_dataset(session, requester, rows_with_gold(40, gold_every=2))
    project = make_project(session, requester, dataset, gold_rate=0.5, pause_after_gold=3)
    fund(session, requester)
    launch_all(session, project)
    careful, careless = (make_user(session, name, Role.WORKER) for name in ("Careful", "Careless"))
    for worker, label in ((careful, "Positive"), (careless, "Negative")):
        for _ in range(20):
            found = next_assignment(session, project, worker.id, NOW, RNG)
            if isinstance(found, NothingNow):
                break
            answer(session, project, found, label)
            settle_all(session, project)
    good, bad = (standing(session, project.id, worker.id) for worker in (careful, careless))
    assert good is not None and bad is not None
    assert good.state == StandingState.ACTIVE and good.trust > 0.7
    assert bad.state == StandingState.PAUSED and bad.trust < 0.5
    assert "gold" in bad.reason
    assert next_assignment(session, project, careless.id, NOW, RNG) == NothingNow("paused", bad.reason)


def test_consensus_settles_tasks_and_is_stored_with_its_confidence(session, project) -> None:
    for name in ("One", "Two"):
        worker = make_user(session, name, Role.WORKER)
        while isinstance(found := next_assignment(session, project, worker.id, NOW, RNG), Assignment):
            answer(session, project, found)
    settle_all(session, project)
    ordinary = session.exec(select(Task).where(Task.project_id == project.id, Task.is_gold == False)).all()  # noqa: E712
    assert all(task.state == TaskState.SETTLED for task in ordinary)
    result = session.get_one(Result, ordinary[0].id)
    assert (result.label, result.answer_count, result.method) == ("Positive", 2, "posterior")
    assert 0.8 < result.confidence < 1


def test_approval_by_the_clock_moves_pending_pay_to_payable_once(session, project, worker) -> None:
    answer(session, project, take(session, project, worker))
    later = NOW + timedelta(seconds=project.approve_after_seconds + 1)
    assert (approve_due(session, later), approve_due(session, later)) == (1, 0)
    assert balance(session, AccountKind.PENDING, worker.id) == 0
    assert balance(session, AccountKind.PAYABLE, worker.id) == 50_000


def test_rejection_returns_the_pay_and_opens_the_place_again(session, project, worker, requester) -> None:
    assignment = take(session, project, worker)
    before = balance(session, AccountKind.RESERVE, project.id)
    answer(session, project, assignment)
    reject(session, assignment, NOW, by=requester.id, reason="It says the opposite.")
    assert balance(session, AccountKind.PENDING, worker.id) == 0
    assert balance(session, AccountKind.RESERVE, project.id) == before
    task = session.get_one(Task, assignment.task_id)
    session.refresh(task)
    assert task.answer_count == 0


def test_gold_scores_are_written_once(session, project, worker) -> None:
    while isinstance(found := next_assignment(session, project, worker.id, NOW, RNG), Assignment):
        answer(session, project, found)
    settle_all(session, project)
    first = standing(session, project.id, worker.id)
    assert first is not None
    count = first.gold_count
    gold = session.exec(select(Gold).where(Gold.project_id == project.id)).all()
    assert count <= len(gold)
    settle_all(session, project)
    assert standing(session, project.id, worker.id).gold_count == count
