"""Hostile words in every place that takes words: in a real browser they run nothing and fetch nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Request
from sqlmodel import Session, select

from crowd.domain.states import Role
from crowd.services import settlement, standings
from crowd.storage.columns import now_utc
from crowd.storage.datasets import Dataset
from crowd.storage.gold import Gold
from crowd.storage.guidelines import Guidelines
from crowd.storage.projects import Project
from crowd.storage.standings import standing
from crowd.storage.users import User
from tests.factories import fund, launch_all, make_dataset, make_project, make_user
from tests.web.live import serving, sign_in
from tests.web.running import answer_some
from tests.xss_payloads import PAYLOADS

pytestmark = pytest.mark.browser

HOSTILE = (
    "'\"><img src=/canary onerror=window.__canary=1><b hx-get=/canary hx-trigger=load></b>{{ 7 | times: 7 }}"
)
LABELS = [
    HOSTILE,
    '" hx-get="/canary" hx-trigger="load',
    "{{ task.input }}<script>window.__canary=1</script>",
]


@pytest.fixture
def hostile(session: Session, requester: User, worker: User) -> Project:
    """A project whose every word is hostile, with answers, a rejection and a plea."""
    requester.name = worker.name = HOSTILE
    rows = [
        {"text": payload, HOSTILE: payload, "gold": LABELS[place % 3] if place % 2 else ""}
        for place, payload in enumerate(PAYLOADS[::5])
    ]
    dataset = make_dataset(session, requester, rows, name=HOSTILE)
    dataset.file_name = HOSTILE + ".csv"
    project = make_project(
        session,
        requester,
        dataset,
        title=HOSTILE,
        summary=HOSTILE,
        parameters={"labels": LABELS},
        gold_column="gold",
    )
    words = "\n\n".join([HOSTILE, *PAYLOADS])
    session.add(Guidelines(project_id=project.id, version=2, markdown=words, author_id=requester.id))
    fund(session, requester)
    launch_all(session, project)
    session.add(requester)  # launching has emptied the session's memory
    texts = make_dataset(session, requester, [{"text": payload} for payload in PAYLOADS[:40]])
    parameters = {"labels": LABELS}
    ordinary = make_project(
        session, requester, texts, title=HOSTILE, parameters=parameters, gold_column="", gold_rate=0.0
    )
    launch_all(session, ordinary)
    session.add_all([ordinary, requester, worker])
    answers = answer_some(session, ordinary, worker, 4, label=HOSTILE)
    settlement.reject(session, answers[0], now_utc(), by=requester.id, reason=HOSTILE)
    stands = standing(session, ordinary.id, worker.id)
    manager = make_user(session, "Quinn", Role.QUALITY_MANAGER)
    assert stands is not None
    standings.block(session, ordinary, stands, by=manager.id, reason=HOSTILE, now=now_utc())
    assert standings.plead(session, stands, HOSTILE, now_utc())
    return ordinary


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def test_hostile_words_run_and_fetch_nothing_on_any_page(
    app: Flask, session: Session, page: Page, hostile: Project, requester: User, worker: User
) -> None:
    manager = make_user(session, HOSTILE[:60], Role.QUALITY_MANAGER, Role.ADMIN)
    gold = session.exec(select(Gold)).first()
    assert gold is not None
    other = session.get_one(Project, gold.project_id)
    theirs = _addresses(session, hostile, other, gold, worker)
    session.close()
    faults: list[str] = []

    def note(request: Request) -> None:
        if "canary" in request.url or "evil" in request.url:
            faults.append(f"{page.url} fetched {request.url}")

    page.on("request", note)
    page.on("dialog", lambda dialog: (faults.append(f"{page.url} spoke"), dialog.dismiss()))
    with serving(app) as address:
        for person, places in zip((requester, manager, worker), theirs, strict=True):
            page.context.clear_cookies()
            sign_in(page.context, app, address, person)
            for place in places:
                answer = page.goto(address + place, wait_until="load")
                assert answer is not None
                if answer.status != 200:
                    faults.append(f"{place}: {answer.status}")
                if page.evaluate("window.__canary !== undefined || document.querySelector('main [onerror]')"):
                    faults.append(f"{place} ran")
        page.goto(f"{address}/tasks/{other.public_id}")
        page.get_by_role("button", name="Start").click(timeout=8000)
        page.wait_for_url("**/task")
        page.wait_for_timeout(300)
        if page.evaluate("window.__canary !== undefined"):
            faults.append("the task ran")
    assert faults == []


def _addresses(
    session: Session, hostile: Project, other: Project, gold: Gold, worker: User
) -> tuple[list[str], ...]:
    dataset, stands = session.get_one(Dataset, other.dataset_id), standing(session, hostile.id, worker.id)
    assert stands is not None
    one, two = hostile.public_id, other.public_id
    hers = ["/datasets", f"/datasets/{dataset.public_id}", "/projects", f"/projects/{one}"]
    hers += [f"/projects/{one}/results", f"/projects/{two}/gold", f"/projects/{two}/gold/{gold.public_id}"]
    hers += [f"/projects/{two}/releases", f"/projects/{two}/gold/new"]
    desk = ["/quality", f"/quality/{one}", f"/quality/{one}/workers"]
    desk += [f"/quality/{one}/workers/{stands.pseudonym}", f"/quality/{two}/gold"]
    desk += [f"/quality/{two}/gold/{gold.public_id}", "/admin/users", "/admin/audit"]
    work = ["/tasks", f"/tasks/{two}", f"/tasks/{one}", "/earnings", "/earnings/answers", "/trust"]
    return hers, desk, work
