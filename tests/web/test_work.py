"""The work page: one round trip per answer, nothing doubled, nothing lost, nothing of others shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlmodel import Session, col, func, select
from werkzeug.test import TestResponse

from crowd.domain.states import AssignmentState, ProjectState, Role, StandingState
from crowd.services.settlement import set_state
from crowd.storage.assignments import Assignment
from crowd.storage.columns import new_public_id, now_utc
from crowd.storage.guidelines import Guidelines
from crowd.storage.jobs import Job
from crowd.storage.ledger import AccountKind, Transfer, balance
from crowd.storage.projects import Project
from crowd.storage.standings import Standing, standing
from crowd.storage.users import User, UserRole
from tests.factories import fund, launch_all, make_dataset, make_project, make_user, rows_with_gold
from tests.web.conftest import Browser, reading

HX = {"HX-Request": "true"}
Open = Callable[..., Browser]


@pytest.fixture
def project(session: Session, requester: User) -> Project:
    dataset = make_dataset(session, requester, rows_with_gold(10))
    project = make_project(session, requester, dataset, overlap=2, minimum_overlap=1, gold_overlap=2)
    fund(session, requester)
    launch_all(session, project)
    return project


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name} in {page[:400]}"
    return found.group(1)


def in_hand(page: str) -> str:
    found = re.search(r'data-assignment="([^"]*)"', page)
    return found.group(1) if found else ""


def start(browser: Browser, project: Project) -> str:
    """The task page after pressing Start."""
    answer = browser.post(f"/tasks/{project.public_id}/start")
    assert (answer.status_code, answer.location) == (303, f"/tasks/{project.public_id}/task")
    return browser.get(answer.location).text


def send(browser: Browser, page: str, answer: Any, **options: Any) -> TestResponse:
    """Answer the task that a page shows, as its script would."""
    raw = answer if isinstance(answer, str) else json.dumps(answer)
    fields = {"token": field(page, "token"), "answer": raw} | options.pop("fields", {})
    options.setdefault("headers", HX)
    return browser.post(f"/tasks/assignment/{in_hand(page)}/answer", fields, **options)


def label(name: str) -> dict[str, Any]:
    return {"category": {"label": name}}


def count_of(app: Flask, kind: type, *where: Any) -> int:
    with reading(app) as session:
        return session.exec(select(func.count()).select_from(kind).where(*where)).one()


def test_tasks_lists_what_a_project_pays_before_it_is_started(
    browser: Open, project: Project, worker: User
) -> None:
    page = browser(worker).get("/tasks").text
    assert "What is the mood?" in page
    assert "0.05 USD" in page
    assert "9.00 USD" in page  # an hour at the estimated 20 seconds
    assert "requester's estimate" in page


def test_own_projects_and_drafts_are_not_offered(
    browser: Open, session: Session, project: Project, worker: User, stranger: User
) -> None:
    dataset = make_dataset(session, stranger, rows_with_gold(2))
    draft = make_project(session, stranger, dataset, title="A draft of Sid")
    fund(session, stranger)
    assert "A draft of Sid" not in browser(worker).get("/tasks").text
    launch_all(session, draft)
    assert "A draft of Sid" in browser(worker).get("/tasks").text
    assert "A draft of Sid" not in browser(stranger).get("/tasks").text
    assert browser(stranger).get(f"/tasks/{draft.public_id}").status_code == 404
    assert browser(stranger).post(f"/tasks/{draft.public_id}/start").status_code == 404


def test_a_quality_manager_is_told_why_no_tasks_are_lent_to_her(
    browser: Open, session: Session, project: Project, worker: User
) -> None:
    her = browser(worker)
    page = start(her, project)
    session.add(UserRole(user_id=worker.id, role=Role.QUALITY_MANAGER))
    session.commit()
    assert "You look after quality here" in send(her, page, label("Positive")).text
    her.post(f"/tasks/{project.public_id}/start")
    for address in ("/tasks", f"/tasks/{project.public_id}/task"):
        assert "You look after quality here" in her.get(address).text


def test_empty_list_teaches_how_tasks_come(browser: Open, worker: User) -> None:
    assert "How tasks come here" in browser(worker).get("/tasks").text


def test_guidelines_are_shown_as_text_whatever_they_hold(
    browser: Open, session: Session, project: Project, worker: User, requester: User
) -> None:
    hostile = (
        '# Rules\n\n<script>1</script> <b hx-get="/x">b</b> [x](javascript:alert) ![p](https://e/x.png)\n'
    )
    session.add(Guidelines(project_id=project.id, version=2, markdown=hostile, author_id=requester.id))
    session.commit()
    her = browser(worker)
    for page in (her.get(f"/tasks/{project.public_id}").text, start(her, project)):
        assert "<h2>Rules</h2>" in page
        inside = page[page.index('<div class="prose"') : page.index("<h2>Rules</h2>") + 400]
        assert not re.search(r"<script|<b |<img|href=\"javascript", inside)


def test_looking_at_the_task_page_lends_nothing(
    app: Flask, browser: Open, project: Project, worker: User
) -> None:
    page = browser(worker).get(f"/tasks/{project.public_id}/task").text
    assert "You have no task in hand here" in page
    assert count_of(app, Assignment) == 0


def test_start_refresh_and_a_second_tab_give_the_same_assignment(
    app: Flask, browser: Open, project: Project, worker: User
) -> None:
    her = browser(worker)
    first = in_hand(start(her, project))
    again = {in_hand(her.get(f"/tasks/{project.public_id}/task").text) for _ in range(5)}
    assert again == {first} == {in_hand(start(browser(worker), project))}
    assert count_of(app, Assignment) == 1


def test_one_request_stores_the_answer_and_brings_the_next_task(
    app: Flask, browser: Open, project: Project, worker: User
) -> None:
    her = browser(worker)
    page = start(her, project)
    answer = send(her, page, label("Positive"))
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<main id="work"')
    assert in_hand(answer.text) not in {"", in_hand(page)}
    assert "1</strong> answered in this visit" in answer.text
    with reading(app) as session:
        assert balance(session, AccountKind.PENDING, worker.id) == 50_000
    assert count_of(app, Assignment, Assignment.state == AssignmentState.SUBMITTED) == 1


def test_a_plain_form_is_sent_on_to_the_task_page(browser: Open, project: Project, worker: User) -> None:
    her = browser(worker)
    answer = send(her, start(her, project), label("Positive"), headers={})
    assert (answer.status_code, answer.location) == (303, f"/tasks/{project.public_id}/task")


def test_the_same_submission_again_gets_the_same_reply_and_is_paid_once(
    app: Flask, browser: Open, project: Project, worker: User
) -> None:
    her = browser(worker)
    page = start(her, project)
    replies = [send(her, page, label("Neutral")) for _ in range(5)]
    assert {reply.status_code for reply in replies} == {200}
    assert len({plain(reply.text) for reply in replies}) == 1
    assert count_of(app, Transfer, Transfer.kind == "answer") == 1
    assert count_of(app, Assignment, Assignment.state == AssignmentState.SUBMITTED) == 1


def plain(page: str) -> str:
    """A page without what differs from one second, or one response, to the next."""
    page = re.sub(r'nonce="[^"]*"', "", page)
    page = re.sub(r'data-seconds-left="\d+"', "", page)
    page = re.sub(r"\d+:\d\d left", "", page)
    return re.sub(r'/media/[^"\s]+', "", page)


def test_another_answer_under_the_same_token_is_told_that_the_first_stands(
    app: Flask, browser: Open, project: Project, worker: User
) -> None:
    her = browser(worker)
    page = start(her, project)
    send(her, page, label("Positive"))
    second = send(her, page, label("Negative"))
    assert second.status_code == 409
    assert "has your answer already" in second.text
    assert "Negative" in second.text
    assert 'id="work"' in second.text
    with reading(app) as session:
        stored = session.exec(select(Assignment.label).where(col(Assignment.label).is_not(None))).all()
    assert stored == ["Positive"]


@pytest.mark.parametrize(
    "raw",
    [
        label("Splendid"),
        {},
        [],
        {"category": {"label": "Positive"}, "extra": 1},
        {"category": 3},
        '{"category": {"label": NaN}}',
        '{"category": {"label": "Positive"}, "category": {"label": "Positive"}}',
        "not json",
        "",
        '{"category": {"label": "' + "x" * 300_000 + '"}}',
        "[" * 5000,
    ],
    ids=lambda raw: str(raw)[:30],
)
def test_a_tampered_answer_is_refused_and_the_task_stays(
    app: Flask, browser: Open, project: Project, worker: User, raw: Any
) -> None:
    her = browser(worker)
    page = start(her, project)
    answer = send(her, page, raw)
    assert answer.status_code == 422
    assert in_hand(answer.text) == in_hand(page)
    assert "This answer was not taken" in answer.text
    assert count_of(app, Assignment, Assignment.state == AssignmentState.ASSIGNED) == 1
    assert count_of(app, Transfer, Transfer.kind == "answer") == 0


def test_a_refused_answer_names_its_field(browser: Open, project: Project, worker: User) -> None:
    her = browser(worker)
    assert "“category”" in send(her, start(her, project), label("Splendid")).text


def test_assignments_of_others_and_unknown_ones_are_not_there(
    app: Flask, browser: Open, session: Session, project: Project, worker: User
) -> None:
    other = make_user(session, "Olga Other", Role.WORKER)
    page = start(browser(worker), project)
    thief = browser(other)
    fields = {"token": field(page, "token"), "answer": json.dumps(label("Positive"))}
    replies = []
    for public_id in (in_hand(page), new_public_id()):
        for verb in ("answer", "skip", "return"):
            replies.append(thief.post(f"/tasks/assignment/{public_id}/{verb}", fields))
    assert {reply.status_code for reply in replies} == {404}
    assert len({plain(reply.text) for reply in replies}) == 1
    assert count_of(app, Assignment, Assignment.state == AssignmentState.ASSIGNED) == 1
    assert count_of(app, Transfer, Transfer.kind == "answer") == 0


def test_an_answer_after_the_deadline_is_given_back_in_words(
    app: Flask, browser: Open, session: Session, project: Project, worker: User
) -> None:
    her = browser(worker)
    page = start(her, project)
    session.execute(update(Assignment).values(due_at=now_utc() - timedelta(minutes=1)))
    session.commit()
    answer = send(her, page, label("Neutral"))
    assert answer.status_code == 409
    assert "The time for this task was over" in answer.text
    assert "Neutral" in answer.text
    assert count_of(app, Transfer, Transfer.kind == "answer") == 0
    assert "no task in hand" in her.get(f"/tasks/{project.public_id}/task").text
    fresh = start(her, project)
    assert in_hand(fresh) not in {"", in_hand(page)}


def test_skipping_brings_another_task_and_never_that_one_again(
    app: Flask, browser: Open, project: Project, worker: User
) -> None:
    her = browser(worker)
    page = start(her, project)
    seen = [in_hand(page)]
    for _ in range(4):
        page = her.post(f"/tasks/assignment/{seen[-1]}/skip", headers=HX).text
        seen.append(in_hand(page))
    assert len(set(seen)) == 5
    assert count_of(app, Transfer, Transfer.kind == "answer") == 0
    with reading(app) as session:
        tasks = session.exec(select(Assignment.task_id)).all()
    assert len(set(tasks)) == 5


def test_giving_a_task_back_frees_its_place(
    app: Flask, browser: Open, project: Project, worker: User
) -> None:
    her = browser(worker)
    page = start(her, project)
    answer = her.post(f"/tasks/assignment/{in_hand(page)}/return")
    assert (answer.status_code, answer.location) == (303, "/tasks")
    assert count_of(app, Assignment, Assignment.state == AssignmentState.RETURNED) == 1
    assert count_of(app, Assignment, Assignment.state == AssignmentState.ASSIGNED) == 0


def test_taking_and_putting_back_without_end_is_stopped_for_an_hour(
    browser: Open, session: Session, requester: User, worker: User
) -> None:
    dataset = make_dataset(session, requester, rows_with_gold(50, gold_every=1000))
    project = make_project(session, requester, dataset, gold_rate=0.0)
    fund(session, requester)
    launch_all(session, project)
    her = browser(worker)
    page = start(her, project)
    for _ in range(30):
        page = her.post(f"/tasks/assignment/{in_hand(page)}/skip", headers=HX).text
    assert "Many tasks put back" in page
    long_ago = now_utc() - timedelta(hours=2)
    session.execute(update(Assignment).values(assigned_at=long_ago))
    session.commit()
    assert in_hand(start(her, project))


def test_the_end_says_what_was_earned_and_where_to_go(browser: Open, project: Project, worker: User) -> None:
    her = browser(worker)
    page, count = start(her, project), 0
    while in_hand(page):
        page = send(her, page, label("Positive")).text
        count += 1
    assert "You have done all there is for you here" in page
    assert f"{count} answers in this visit" in page
    assert f"{count * 0.05:.2f} USD" in page
    assert 'href="/tasks"' in page
    assert "How tasks come here" in her.get("/tasks").text


def test_a_paused_worker_is_told_why_and_the_way_back(
    browser: Open, session: Session, project: Project, worker: User
) -> None:
    her = browser(worker)
    page = start(her, project)
    reason = "Trust 0.33 is below 0.60 after 4 gold answers."
    session.execute(update(Standing).values(state=StandingState.PAUSED, reason=reason))
    session.commit()
    answer = send(her, page, label("Positive"))  # what was in hand is taken and paid
    assert answer.status_code == 200
    assert "paused" in answer.text
    assert reason in answer.text
    assert f'href="/trust#{project.public_id}"' in answer.text
    listed = her.get("/tasks").text
    assert reason in listed
    assert "/start" not in listed
    assert reason in start(her, project)


def test_a_closed_project_lends_nothing_more_but_takes_what_is_out(
    app: Flask, browser: Open, session: Session, project: Project, worker: User, requester: User
) -> None:
    her = browser(worker)
    page = start(her, project)
    set_state(session, session.get_one(Project, project.id), ProjectState.CLOSED, now_utc(), by=requester.id)
    answer = send(her, page, label("Positive"))
    assert answer.status_code == 200
    assert "gives out no tasks now" in answer.text
    assert "gives out no tasks now" in start(browser(make_user(session, "Late Lisa", Role.WORKER)), project)
    with reading(app) as looking:
        assert balance(looking, AccountKind.PENDING, worker.id) == 50_000


def test_what_is_in_hand_stands_first_in_the_list(browser: Open, project: Project, worker: User) -> None:
    her = browser(worker)
    start(her, project)
    page = her.get("/tasks").text
    assert "In hand" in page
    assert "Start<" not in page  # what is in hand is not offered again


def test_the_pay_follows_the_tier_of_her_trust(
    browser: Open, session: Session, project: Project, worker: User
) -> None:
    her = browser(worker)
    start(her, project)
    session.execute(update(Project).values(tiers=[[0.6, 1500]]))
    session.commit()
    assert "0.075 USD" in her.get(f"/tasks/{project.public_id}/task").text
    assert "0.075 USD" in her.get(f"/tasks/{project.public_id}").text


def test_pages_never_show_who_else_answered_or_what(
    browser: Open, session: Session, project: Project, worker: User
) -> None:
    other = make_user(session, "Olga Other", Role.WORKER)
    hers = browser(other)
    page = start(hers, project)
    send(hers, page, label("Neutral"))
    me = browser(worker)
    page = start(me, project)
    for text in (page, send(me, page, label("Positive")).text, *(me.get(at).text for at in PAGES)):
        assert "Olga" not in text
        assert "olga.other" not in text
        assert "@" not in re.sub(r"wanda\.worker@example\.org", "", text)


PAGES = ("/tasks", "/earnings", "/earnings/answers", "/trust")


def test_an_answer_asks_for_a_new_consensus(
    app: Flask, browser: Open, project: Project, worker: User
) -> None:
    her = browser(worker)
    send(her, start(her, project), label("Positive"))
    assert count_of(app, Job, Job.kind == "aggregate") == 1


def test_the_first_start_makes_a_standing_with_the_prior(
    browser: Open, session: Session, project: Project, worker: User
) -> None:
    start(browser(worker), project)
    made = standing(session, project.id, worker.id)
    assert made is not None
    assert made.trust == pytest.approx(2 / 3)
