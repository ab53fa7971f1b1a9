"""Results: what is listed, every answer behind a consensus, and verdicts with their reasons."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from crowd.storage.assignments import Assignment
from crowd.storage.projects import Project
from crowd.storage.standings import Standing
from crowd.storage.tasks import Task
from crowd.storage.users import User
from tests.factories import make_dataset, make_project
from tests.web.conftest import Browser, reading
from tests.web.running import answer_some, make_running, make_worker
from tests.xss_payloads import PAYLOADS


@pytest.fixture
def hers(browser: Callable[..., Browser], requester: User) -> Browser:
    return browser(requester)


@pytest.fixture
def answered(session: Session, requester: User) -> Project:
    """Two workers of different minds about most of ten items."""
    project = make_running(session, requester)
    first, second = make_worker(session, 1), make_worker(session, 2)
    answer_some(session, project, first, 7, "Positive", seconds=9)
    answer_some(session, project, second, 5, "Negative", seconds=14)
    return project


def url(project: Project, rest: str = "") -> str:
    return f"/projects/{project.public_id}/results{rest}"


def first_answer(app: Flask, project: Project) -> tuple[Task, Assignment, str]:
    with reading(app) as looking:
        answer = looking.exec(
            select(Assignment).where(Assignment.project_id == project.id).order_by(col(Assignment.id))
        ).first()
        assert answer is not None
        task = looking.get_one(Task, answer.task_id)
        stands = looking.get_one(Standing, (project.id, answer.worker_id))
    return task, answer, stands.pseudonym


def test_table_lists_every_task_with_its_consensus(hers: Browser, answered: Project) -> None:
    page = hers.get(url(answered)).text
    assert "sentence number 0" in page
    assert page.count("<tr>") == 11
    assert "Positive" in page


@pytest.mark.parametrize(
    "query", ["show=everything", "label=Sour", "after=x", "before=-1", "after=" + "9" * 40]
)
def test_unknown_filters_find_nothing(hers: Browser, answered: Project, query: str) -> None:
    assert hers.get(url(answered, f"?{query}")).status_code == 404


def test_filters_show_only_what_they_say(app: Flask, hers: Browser, answered: Project) -> None:
    disputed = hers.get(url(answered, "?show=disputed")).text
    assert "Disputed</span>" in disputed
    assert "Settled</span>" not in disputed
    unsettled = hers.get(url(answered, "?show=unsettled")).text
    assert "Settled</span>" not in unsettled
    assert "No task is like that" in hers.get(url(answered, "?label=Neutral")).text


def test_pages_follow_the_datasets_order_both_ways(hers: Browser, session: Session, requester: User) -> None:
    project = make_running(session, requester, items=120)
    page = hers.get(url(project)).text
    assert "Items 1 to 50" in page
    assert "Items 51 to 100" in hers.get(url(project, "?after=49")).text
    last = hers.get(url(project, "?after=99")).text
    assert "Items 101 to 120" in last
    assert 'rel="next"' not in last
    back = hers.get(url(project, "?before=50")).text
    assert "Items 1 to 50" in back
    assert 'rel="prev"' not in back


def test_each_answer_shows_pseudonym_trust_time_and_never_a_name(
    app: Flask, hers: Browser, answered: Project
) -> None:
    task, _answer, pseudonym = first_answer(app, answered)
    page = hers.get(url(answered, f"/{task.public_id}")).text
    assert pseudonym in page
    assert "Worker 1" not in page
    assert "worker.1@" not in page
    assert "67 %" in page
    assert "9 s" in page
    assert "chart-share" in page


def test_rejection_needs_a_reason_and_frees_the_place(app: Flask, hers: Browser, answered: Project) -> None:
    task, answer, _pseudonym = first_answer(app, answered)
    place = url(answered, f"/{task.public_id}/{answer.public_id}/reject")
    refused = hers.post(place, {"reason": "  "})
    assert refused.status_code == 422
    assert "the worker reads it" in refused.text
    assert hers.post(place, {"reason": "It says the opposite."}).status_code == 303
    with reading(app) as looking:
        stored = looking.get_one(Assignment, answer.id)
        assert (stored.state, stored.reason) == ("rejected", "It says the opposite.")
        assert looking.get_one(Task, task.id).answer_count == task.answer_count - 1
    assert hers.post(place, {"reason": "Again."}).status_code == 409
    assert "It says the opposite." in hers.get(url(answered, f"/{task.public_id}")).text


def test_approval_pays_once(app: Flask, hers: Browser, answered: Project) -> None:
    task, answer, _pseudonym = first_answer(app, answered)
    place = url(answered, f"/{task.public_id}/{answer.public_id}/approve")
    assert hers.post(place).status_code == 303
    assert hers.post(place).status_code == 409
    with reading(app) as looking:
        assert looking.get_one(Assignment, answer.id).state == "approved"


def test_quality_managers_look_and_do_not_decide_about_pay(
    app: Flask, browser: Callable[..., Browser], quality_manager: User, answered: Project
) -> None:
    theirs = browser(quality_manager)
    task, answer, _pseudonym = first_answer(app, answered)
    assert theirs.get(url(answered)).status_code == 200
    page = theirs.get(url(answered, f"/{task.public_id}"))
    assert page.status_code == 200
    assert "Approve or reject" not in page.text
    assert theirs.post(url(answered, f"/{task.public_id}/{answer.public_id}/approve")).status_code == 404


def test_strangers_and_workers_find_no_results(
    app: Flask, browser: Callable[..., Browser], stranger: User, worker: User, answered: Project
) -> None:
    task, answer, _pseudonym = first_answer(app, answered)
    for person in (stranger, worker):
        theirs = browser(person)
        for rest in ("", f"/{task.public_id}"):
            assert theirs.get(url(answered, rest)).status_code == 404
        for verdict in ("approve", "reject"):
            place = url(answered, f"/{task.public_id}/{answer.public_id}/{verdict}")
            assert theirs.post(place, {"reason": "x"}).status_code == 404


def test_task_of_another_project_is_not_found_under_this_one(
    app: Flask, hers: Browser, session: Session, requester: User, answered: Project
) -> None:
    other = make_project(session, requester, make_dataset(session, requester, [{"text": "a", "gold": ""}]))
    task, _answer, _pseudonym = first_answer(app, answered)
    assert hers.get(f"/projects/{other.public_id}/results/{task.public_id}").status_code == 404


def test_hostile_items_stay_text_in_every_list(hers: Browser, session: Session, requester: User) -> None:
    from tests.factories import fund, launch_all

    rows = [{"text": payload, "gold": ""} for payload in PAYLOADS]
    project = make_project(session, requester, make_dataset(session, requester, rows))
    fund(session, requester)
    launch_all(session, project)
    page = hers.get(url(project)).text
    for payload in PAYLOADS:
        if "<" in payload:
            assert " ".join(payload.split())[:100] not in page
