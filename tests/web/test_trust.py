"""The glass box: the figures, the sum behind them, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from crowd.domain.states import Role, StandingState
from crowd.services.aggregation import aggregate
from crowd.services.own_trust import STEP, own_trust
from crowd.services.questions import question_of
from crowd.services.standings import readmit
from crowd.storage.assignments import Assignment
from crowd.storage.columns import now_utc
from crowd.storage.gold import Gold
from crowd.storage.projects import Project
from crowd.storage.standings import Standing, standing
from crowd.storage.tasks import Task
from crowd.storage.users import User
from tests.factories import fund, launch_all, make_dataset, make_project, make_user, rows_with_gold
from tests.web.conftest import Browser, house_of, reading
from tests.web.test_work import in_hand, label, send, start

Open = Callable[..., Browser]


@pytest.fixture
def project(session: Session, requester: User) -> Project:
    dataset = make_dataset(session, requester, rows_with_gold(60, gold_every=4))
    project = make_project(
        session, requester, dataset, gold_rate=0.3, minimum_trust=0.5, tiers=[[0.7, 1100], [0.95, 1500]]
    )
    fund(session, requester)
    launch_all(session, project)
    return project


def work(browser: Browser, project: Project, count: int, name: str = "Positive") -> None:
    page = start(browser, project)
    for _ in range(count):
        if not in_hand(page):
            return
        page = send(browser, page, label(name)).text


def kept_standing(app: Flask, project: Project, worker: User) -> Standing:
    with reading(app) as looking:
        return looking.get_one(Standing, (project.id, worker.id))


def score(app: Flask, project: Project) -> None:
    schema = question_of(project).schema
    with house_of(app).store.writing() as session:
        while aggregate(session, project.id, schema, now_utc()).task_count:
            pass


def pretend_it_was_long_ago(session: Session) -> None:
    hour = timedelta(hours=1)
    for one in session.exec(select(Assignment).where(col(Assignment.submitted_at).is_not(None))).all():
        assert one.submitted_at is not None
        one.assigned_at, one.submitted_at = one.assigned_at - hour, one.submitted_at - hour
        session.add(one)
    session.commit()


def test_the_page_shows_the_sum_behind_the_figure(
    app: Flask, browser: Open, session: Session, project: Project, worker: User
) -> None:
    her = browser(worker)
    work(her, project, STEP + 3)
    score(app, project)
    pretend_it_was_long_ago(session)
    stands = standing(session, project.id, worker.id)
    assert stands is not None
    own = own_trust(session, project, stands, now_utc())
    session.rollback()
    assert own.answer_count == STEP
    assert own.trust.gold_count == own.score_sum >= 2
    page = her.get("/trust").text
    mean = (2 + own.score_sum) / (3 + own.trust.gold_count)
    assert f"(2 + {own.score_sum:.4g}) / (2 + 1 + {own.trust.gold_count}) = {mean:.2f}" in page
    assert "× 1.10" in page
    assert "From a trust of 0.95 it is × 1.50." in page
    assert "gold answers in a row" in page or "gold answer in a row" in page


def test_the_figures_wait_for_a_full_step_and_ten_minutes(
    app: Flask, browser: Open, session: Session, project: Project, worker: User
) -> None:
    her = browser(worker)
    work(her, project, STEP - 1)
    score(app, project)
    pretend_it_was_long_ago(session)
    stands = standing(session, project.id, worker.id)
    assert stands is not None
    assert own_trust(session, project, stands, now_utc()).trust.gold_count == 0
    session.rollback()
    work(her, project, 1)
    score(app, project)
    assert own_trust(session, project, stands, now_utc()).trust.gold_count == 0
    later = now_utc() + timedelta(minutes=11)
    assert own_trust(session, project, stands, later).trust.gold_count > 0


def test_a_paused_worker_sees_the_exact_figures_and_can_ask_once(
    app: Flask, browser: Open, session: Session, project: Project, worker: User
) -> None:
    her = browser(worker)
    work(her, project, 50, "Negative")
    score(app, project)
    stands = kept_standing(app, project, worker)
    assert stands.state == StandingState.PAUSED
    page = her.get("/trust").text
    assert stands.reason in page
    assert f"{stands.trust:.2f}" in page
    address = f"/trust/{project.public_id}/plea"
    refused = her.post(address, {"plea": "   "})
    assert refused.status_code == 422
    assert "Fill this in." in refused.text
    assert her.post(address, {"plea": "I <i>misread</i> the rules."}).status_code == 303
    page = her.get("/trust").text
    assert "I &lt;i&gt;misread&lt;/i&gt; the rules." in page
    her.post(address, {"plea": "Again!"})
    assert kept_standing(app, project, worker).plea == "I <i>misread</i> the rules."


def test_a_worker_let_back_in_works_again_and_sees_late_figures(
    app: Flask, browser: Open, session: Session, project: Project, worker: User, quality_manager: User
) -> None:
    her = browser(worker)
    work(her, project, 20, "Negative")
    score(app, project)
    stands = session.get_one(Standing, (project.id, worker.id))
    readmit(session, project, stands, by=quality_manager.id, reason="Misread.", now=now_utc())
    page = her.get("/trust").text
    assert "You may work here" in page
    assert "You were let back in" in page
    assert in_hand(start(her, project))


def test_gold_answers_and_tasks_are_never_named(
    app: Flask, browser: Open, session: Session, project: Project, worker: User
) -> None:
    her = browser(worker)
    work(her, project, STEP + 5)
    score(app, project)
    pretend_it_was_long_ago(session)
    page = her.get("/trust").text
    names = [gold.public_id for gold in session.exec(select(Gold)).all()]
    names += [task.public_id for task in session.exec(select(Task)).all()]
    session.rollback()
    assert not [name for name in names if name in page]
    assert "sentence number" not in page
    assert "Positive" not in page


def test_strangers_can_neither_look_nor_plead(
    app: Flask, browser: Open, session: Session, project: Project, worker: User
) -> None:
    work(browser(worker), project, 2)
    other = browser(make_user(session, "Olga Other", Role.WORKER))
    assert "You have not worked in a project yet" in other.get("/trust").text
    assert other.post(f"/trust/{project.public_id}/plea", {"plea": "me"}).status_code == 404
