"""What the desk says of each worker: medians, agreement, confusion; and decisions about her."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from crowd.domain.answers import AnswerRefused
from crowd.domain.states import Role, StandingState
from crowd.services import review, standings
from crowd.services.impartiality import OwnCase
from crowd.services.questions import question_of
from crowd.services.standings import NoPlea, ReasonNeeded
from crowd.services.worker_figures import Sort, Truth, answer_seconds, compared, worker_figures
from crowd.storage.assignments import Assignment, median_seconds
from crowd.storage.projects import Project
from crowd.storage.result_rows import showing_counts
from crowd.storage.results import Result, decided_tasks, disputed_tasks
from crowd.storage.reviews import reviews_of
from crowd.storage.standings import standing, standings_in
from crowd.storage.users import User
from tests.crowds import NOW, always, answer_all, settle
from tests.factories import fund, launch_all, make_dataset, make_project, make_user, rows_with_gold


@pytest.fixture
def project(session: Session, requester: User) -> Project:
    dataset = make_dataset(session, requester, rows_with_gold(12, gold_every=3))
    project = make_project(
        session,
        requester,
        dataset,
        overlap=3,
        gold_overlap=10,
        gold_rate=0.3,
        minimum_trust=0.0,
        dispute_below=0.99,
    )
    fund(session, requester)
    launch_all(session, project)
    return project


@pytest.fixture
def crowd(session: Session, project: Project) -> list[User]:
    """Two who say Positive, and one who says Negative and takes longer."""
    people = [make_user(session, name, Role.WORKER) for name in ("One", "Two", "Three")]
    answer_all(session, project, [(people[0], always("Positive")), (people[1], always("Positive"))])
    answer_all(session, project, [(people[2], always("Negative"))], seconds=90)
    return people


def test_figures_of_each_worker_are_those_of_her_answers(session, project, crowd) -> None:
    schema = question_of(project).schema
    rows = {
        row.stands.worker_id: row
        for row in worker_figures(session, project, schema, Sort.TRUST, descending=False)
    }
    right, wrong = rows[crowd[0].id], rows[crowd[2].id]
    assert (right.seconds, wrong.seconds) == (8.0, 90.0)
    assert (right.agreement, wrong.agreement) == (1.0, 0.0)
    assert answer_seconds(session, project, crowd[2].id) == [90.0] * wrong.stands.answer_count


@pytest.mark.parametrize("sort", list(Sort))
def test_every_column_sorts_both_ways_and_loses_nobody(session, project, crowd, sort) -> None:
    schema = question_of(project).schema
    up = worker_figures(session, project, schema, sort, descending=False)
    down = worker_figures(session, project, schema, sort, descending=True)
    assert {row.stands.pseudonym for row in up} == {row.stands.pseudonym for row in down}
    assert len(up) == len(down) == 3
    if sort == Sort.TRUST:
        assert [row.stands.trust for row in up] == sorted(row.stands.trust for row in down)


def test_confusion_against_gold_and_consensus_counts_every_answer_once(session, project, crowd) -> None:
    schema = question_of(project).schema
    stands = standing(session, project.id, crowd[2].id)
    assert stands is not None
    gold = compared(session, project, schema, crowd[2].id, Truth.GOLD)
    assert gold.matrix is not None
    assert gold.count == stands.gold_count == gold.matrix.counts[0, 2]
    assert gold.matrix.right_share == 0.0
    crowds = compared(session, project, schema, crowd[0].id, Truth.CONSENSUS)
    assert crowds.matrix is not None and crowds.matrix.right_share == 1.0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 500), min_size=1, max_size=9))
def test_the_database_finds_the_same_median_as_statistics(session, requester, seconds: list[int]) -> None:
    dataset = make_dataset(
        session, requester, [{"text": f"line {n}", "gold": ""} for n in range(len(seconds))]
    )
    project = make_project(session, requester, dataset, overlap=1, minimum_overlap=1, time_limit_seconds=600)
    fund(session, requester)
    launch_all(session, project)
    worker = make_user(session, f"Worker {project.id}", Role.WORKER)
    for duration in seconds:
        answer_all(session, project, [(worker, always("Positive"))], seconds=duration, most=1)
    assert median_seconds(session, project.id)[worker.id] == statistics.median(seconds)


def test_a_worker_who_has_not_answered_has_no_figures(session, project) -> None:
    worker = make_user(session, "Idle", Role.WORKER)
    from random import Random

    from crowd.services.assignment import next_assignment

    assert isinstance(next_assignment(session, project, worker.id, NOW, Random(1)), Assignment)
    (row,) = worker_figures(session, project, question_of(project).schema, Sort.SECONDS, descending=True)
    assert (row.seconds, row.agreement, row.agreement_count) == (None, None, 0)


def test_nobody_decides_about_herself(session, project, crowd) -> None:
    stands = standing(session, project.id, crowd[0].id)
    assert stands is not None
    for verb in (standings.block, standings.readmit):
        with pytest.raises(OwnCase):
            verb(session, project, stands, by=crowd[0].id, reason="I am good.", now=NOW)
    session.refresh(stands)
    assert stands.state == StandingState.ACTIVE


def test_a_plea_is_heard_once_per_decision_and_not_declined_by_whom_it_is_against(
    session, project, crowd, quality_manager, requester
) -> None:
    stands = standing(session, project.id, crowd[2].id)
    assert stands is not None
    standings.block(session, project, stands, by=quality_manager.id, reason="Random.", now=NOW)
    assert standings.plead(session, stands, "I misread the guidelines.", NOW)
    with pytest.raises(OwnCase):
        standings.decline(session, project, stands, by=quality_manager.id, reason="No.", now=NOW)
    standings.decline(session, project, stands, by=requester.id, reason="Still random.", now=NOW)
    assert (stands.state, stands.reason, stands.plea_at) == (StandingState.BLOCKED, "Still random.", None)
    assert not standings.plead(session, stands, "Please!", NOW)
    with pytest.raises(NoPlea):
        standings.decline(session, project, stands, by=requester.id, reason="No.", now=NOW)
    standings.readmit(session, project, stands, by=requester.id, reason="Time served.", now=NOW)
    assert (stands.state, stands.plea) == (StandingState.ACTIVE, "")
    standings.block(session, project, stands, by=requester.id, reason="Again.", now=NOW)
    assert standings.plead(session, stands, "Hear me.", NOW)


def test_every_decision_about_a_worker_needs_a_reason(session, project, crowd, quality_manager) -> None:
    stands = standings_in(session, project.id)[0]
    for verb in (standings.block, standings.readmit):
        with pytest.raises(ReasonNeeded):
            verb(session, project, stands, by=quality_manager.id, reason="  ", now=NOW)


def test_the_least_sure_task_comes_first_and_a_decision_takes_it_off_the_list(
    session, project, crowd, quality_manager
) -> None:
    rows = disputed_tasks(session, project.id, quality_manager.id)
    assert [result.confidence for _task, result in rows] == sorted(
        result.confidence for _task, result in rows
    )
    task, _result = rows[0]
    schema = question_of(project).schema
    review.decide(session, task, schema, label="Negative", reason="Plain.", by=quality_manager.id, now=NOW)
    assert task.id not in [found.id for found, _ in disputed_tasks(session, project.id, quality_manager.id)]
    assert [found.id for found, _ in decided_tasks(session, project.id)] == [task.id]


def test_a_decided_task_is_nowhere_counted_as_disputed(session, project, crowd, quality_manager) -> None:
    waiting = disputed_tasks(session, project.id, 0)
    assert showing_counts(session, project.id)["disputed"] == len(waiting) > 0
    task, _result = waiting[0]
    schema = question_of(project).schema
    review.decide(session, task, schema, label="Negative", reason="Plain.", by=quality_manager.id, now=NOW)
    assert showing_counts(session, project.id)["disputed"] == len(waiting) - 1
    assert not session.get_one(Result, task.id).is_disputed


def test_a_decision_can_be_replaced_and_both_are_kept(
    session, project, crowd, quality_manager, requester
) -> None:
    task, _result = disputed_tasks(session, project.id, quality_manager.id)[0]
    schema = question_of(project).schema
    review.decide(session, task, schema, label="Negative", reason="Plain.", by=quality_manager.id, now=NOW)
    review.decide(session, task, schema, label="Neutral", reason="On reflection.", by=requester.id, now=NOW)
    settle(session, project)
    assert session.get_one(Result, task.id).label == "Neutral"
    assert [one.label for one in reviews_of(session, task.id)] == ["Neutral", "Negative"]


def test_nobody_decides_a_task_that_she_answered_nor_sees_it_in_her_queue(session, project, crowd) -> None:
    task, _result = disputed_tasks(session, project.id, 0)[0]
    assert disputed_tasks(session, project.id, crowd[0].id) == []
    with pytest.raises(OwnCase):
        review.decide(
            session,
            task,
            question_of(project).schema,
            label="Positive",
            reason="Mine.",
            by=crowd[0].id,
            now=NOW,
        )


def test_a_decision_without_a_reason_or_outside_the_labels_is_refused(
    session, project, crowd, quality_manager
) -> None:
    task, _result = disputed_tasks(session, project.id, quality_manager.id)[0]
    schema = question_of(project).schema
    for label, reason in (("Positive", " "), ("Splendid", "Plain."), ("Positive", "x" * 1001)):
        with pytest.raises(AnswerRefused):
            review.decide(session, task, schema, label=label, reason=reason, by=quality_manager.id, now=NOW)
