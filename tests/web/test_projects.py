"""A requester's projects: what their pages show, and what pausing, closing and launching do."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlmodel import Session

from crowd.domain.states import ProjectState
from crowd.storage.assignments import live_assignment
from crowd.storage.gold import gold_of
from crowd.storage.guidelines import latest_guidelines
from crowd.storage.ledger import AccountKind, balance
from crowd.storage.projects import Project
from crowd.storage.users import User
from tests.factories import fund, make_dataset, make_project, rows_with_gold
from tests.web.conftest import Browser, reading
from tests.web.running import answer_some, make_running, make_worker


@pytest.fixture
def hers(browser: Callable[..., Browser], requester: User) -> Browser:
    return browser(requester)


@pytest.fixture
def running(session: Session, requester: User) -> Project:
    project = make_running(session, requester)
    answer_some(session, project, make_worker(session, 1), 7)
    return project


def url(project: Project, rest: str = "") -> str:
    return f"/projects/{project.public_id}{rest}"


def test_first_visit_teaches_the_first_step(hers: Browser) -> None:
    page = hers.get("/projects").text
    assert "Start your first project" in page
    assert "/projects/new" in page


def test_list_shows_how_each_project_stands(hers: Browser, running: Project) -> None:
    page = hers.get("/projects").text
    assert running.title in page
    assert "Open" in page
    assert "/ 10" in page
    assert "0.35 USD" in page


def test_draft_goes_on_where_it_was_left(hers: Browser, session: Session, requester: User) -> None:
    draft = make_project(session, requester, make_dataset(session, requester, rows_with_gold(3)))
    assert hers.get(url(draft)).location == url(draft, "/setup/check")


def test_project_page_shows_figures_chart_and_rules(hers: Browser, running: Project) -> None:
    page = hers.get(url(running)).text
    for words in ("of 10 tasks settled", "Time per answer", "9 s", "<polyline", "chart-line-1", "Its rules"):
        assert words in page
    assert "style=" not in page


def test_live_fragment_has_one_root_and_asks_for_itself_while_open(hers: Browser, running: Project) -> None:
    fragment = hers.get(url(running, "/progress")).text.strip()
    assert fragment.startswith('<section id="progress"')
    assert fragment.endswith("</section>")
    assert 'hx-trigger="every 4s"' in fragment
    hers.post(url(running, "/pause"))
    assert "hx-trigger" not in hers.get(url(running, "/progress")).text


def test_history_fragment_holds_the_figures_of_the_chart(hers: Browser, running: Project) -> None:
    fragment = hers.get(url(running, "/history")).text
    assert '<title id="progress-chart-title">' in fragment
    assert "<details" in fragment


def test_paused_project_resumes(app: Flask, hers: Browser, running: Project) -> None:
    hers.post(url(running, "/pause"))
    with reading(app) as looking:
        assert looking.get_one(Project, running.id).state == ProjectState.PAUSED
    hers.post(url(running, "/resume"))
    with reading(app) as looking:
        assert looking.get_one(Project, running.id).state == ProjectState.OPEN


def test_closing_returns_the_unspent_reserve_and_says_so(
    app: Flask, hers: Browser, requester: User, running: Project
) -> None:
    assert "0.65 USD" in hers.get(url(running, "/close")).text
    with reading(app) as looking:
        before = balance(looking, AccountKind.BUDGET, requester.id)
    hers.post(url(running, "/close"))
    assert "0.65 USD went back to your budget" in hers.get(url(running)).text
    with reading(app) as looking:
        assert balance(looking, AccountKind.BUDGET, requester.id) == before + 650_000
        assert looking.get_one(Project, running.id).state == ProjectState.CLOSED


def test_reserve_of_a_closed_project_waits_for_the_tasks_in_hand(
    app: Flask, hers: Browser, session: Session, requester: User
) -> None:
    from random import Random

    from crowd.domain.states import AssignmentState
    from crowd.services.assignment import give_back, next_assignment
    from crowd.storage.columns import now_utc

    project = make_running(session, requester)
    worker = make_worker(session, 1)
    next_assignment(session, project, worker.id, now_utc(), Random(1))
    hers.post(url(project, "/close"))
    page = hers.get(url(project)).text
    assert "when the last tasks in hand are done" in page
    assert "Take back 1.00 USD" in page
    lent = live_assignment(session, project.id, worker.id)
    assert lent is not None
    give_back(session, lent, AssignmentState.RETURNED)
    hers.post(url(project, "/return-reserve"))
    with reading(app) as looking:
        assert balance(looking, AccountKind.RESERVE, project.id) == 0


def test_rest_is_launched_after_a_pilot(app: Flask, hers: Browser, session: Session, requester: User) -> None:
    fund(session, requester)
    project = make_project(session, requester, make_dataset(session, requester, rows_with_gold(30)))
    hers.post(url(project, "/setup/check"), {"how": "pilot", "pilot_size": "10"})
    assert "Launch the 20 items that wait" in hers.get(url(project)).text
    assert "20 items of the dataset" in hers.get(url(project, "/launch")).text
    wrong = hers.post(url(project, "/launch"), {"how": "pilot", "pilot_size": "none"})
    assert wrong.status_code == 422
    assert hers.post(url(project, "/launch"), {"how": "everything"}).status_code == 303
    assert "Launch the" not in hers.get(url(project)).text
    assert "Every item of the dataset is a task already" in hers.get(url(project, "/launch")).text


def test_guidelines_get_a_new_version_after_launch(app: Flask, hers: Browser, running: Project) -> None:
    assert "Version 1 is in force" in hers.get(url(running, "/guidelines")).text
    hers.post(url(running, "/guidelines"), {"markdown": "Look twice."})
    with reading(app) as looking:
        latest = latest_guidelines(looking, running.id)
    assert latest is not None
    assert latest.version == 2
    assert hers.post(url(running, "/guidelines"), {"markdown": ""}).status_code == 422


def test_guidelines_preview_is_clean_html(hers: Browser, running: Project) -> None:
    shown = hers.post(url(running, "/guidelines/preview"), {"markdown": "# A\n<img src=x onerror=alert(1)>"})
    assert "<h2>A</h2>" in shown.text
    assert "<img" not in shown.text


def test_tried_answer_is_checked_shown_and_not_stored(
    app: Flask, hers: Browser, session: Session, requester: User
) -> None:
    draft = make_project(session, requester, make_dataset(session, requester, rows_with_gold(2)))
    assert "crowd-classifier" in hers.get(url(draft, "/try")).text
    good = hers.post(url(draft, "/try"), {"answer": json.dumps({"category": {"label": "Neutral"}})})
    assert good.status_code == 200
    assert "That answer would be stored" in good.text
    assert "&#34;label&#34;: &#34;Neutral&#34;" in good.text
    for wrong in ({"category": {"label": "Sour"}}, {}, {"other": 1}):
        answer = hers.post(url(draft, "/try"), {"answer": json.dumps(wrong)})
        assert (answer.status_code, "That answer was refused" in answer.text) == (422, True)
    assert hers.post(url(draft, "/try"), {"answer": "{"}).status_code == 422
    assert hers.get(url(draft, "/try?after=1")).status_code == 404
    assert hers.get(url(draft, "/try?after=x")).status_code == 404


def test_gold_is_typed_item_by_item_in_the_templates_form(
    app: Flask, hers: Browser, session: Session, requester: User
) -> None:
    dataset = make_dataset(session, requester, rows_with_gold(3, gold_every=100))
    draft = make_project(session, requester, dataset, gold_column="")
    page = hers.get(url(draft, "/gold/new")).text
    assert "sentence number 0" in page
    item = page.split('name="item" value="')[1].split('"')[0]
    sent = {"item": item, "answer": json.dumps({"category": {"label": "Neutral"}}), "more_labels": "Positive"}
    following = hers.post(url(draft, "/gold/new"), sent)
    assert following.location == url(draft, "/gold/new?after=0")
    assert "sentence number 1" in hers.get(following.location).text
    with reading(app) as looking:
        (gold,) = gold_of(looking, draft.id)
    assert gold.labels == ["Neutral", "Positive"]
    assert hers.post(url(draft, "/gold/new"), sent).status_code == 409
    assert "Neutral · Positive" in hers.get(url(draft, "/gold")).text


def test_wrong_gold_is_refused_and_what_was_typed_stays(
    app: Flask, hers: Browser, session: Session, requester: User
) -> None:
    draft = make_project(session, requester, make_dataset(session, requester, rows_with_gold(2)))
    item = hers.get(url(draft, "/gold/new")).text.split('name="item" value="')[1].split('"')[0]
    right = json.dumps({"category": {"label": "Neutral"}})
    answer = hers.post(url(draft, "/gold/new"), {"item": item, "answer": right, "more_labels": "Sour"})
    assert answer.status_code == 422
    assert "not one of the labels" in answer.text
    assert "Sour</textarea>" in answer.text
    assert hers.post(url(draft, "/gold/new"), {"item": "no-such", "answer": right}).status_code == 404
    with reading(app) as looking:
        assert gold_of(looking, draft.id) == []


def test_gold_is_corrected_and_suspended(app: Flask, hers: Browser, running: Project) -> None:
    with reading(app) as looking:
        gold = gold_of(looking, running.id)[0]
    place = url(running, f"/gold/{gold.public_id}")
    assert "Right answers" in hers.get(place).text
    hers.post(place, {"label": ["Neutral", "Negative"], "explanation": "Because."})
    assert hers.post(place + "/suspend", {"reason": "a\x00b"}).status_code == 422
    hers.post(place + "/suspend", {"reason": "doubtful"})
    with reading(app) as looking:
        stored = gold_of(looking, running.id)[0]
    assert (stored.labels, stored.version, stored.state) == (["Neutral", "Negative"], 2, "suspended")
    assert "Suspended" in hers.get(url(running, "/gold")).text
    assert hers.post(place + "/resume", {"reason": " "}).status_code == 422
    hers.post(place + "/resume", {"reason": "looked again"})
    assert hers.post(place, {}).status_code == 422
    with reading(app) as looking:
        assert gold_of(looking, running.id)[0].state == "active"


def test_strangers_find_nothing_of_a_project(
    browser: Callable[..., Browser], stranger: User, worker: User, running: Project
) -> None:
    for person in (stranger, worker):
        theirs = browser(person)
        for rest in (
            "",
            "/progress",
            "/history",
            "/close",
            "/launch",
            "/guidelines",
            "/try",
            "/gold",
            "/gold/new",
        ):
            assert theirs.get(url(running, rest)).status_code == 404
        for rest in ("/pause", "/resume", "/close", "/return-reserve", "/launch", "/guidelines", "/try"):
            assert theirs.post(url(running, rest)).status_code == 404
