"""The requester's pages in a real browser: by keyboard, live, under the content policy, and for everybody."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session, select
from werkzeug.serving import make_server

from crowd.services import accounts
from crowd.services.projects import save_guidelines
from crowd.storage.columns import now_utc
from crowd.storage.gold import gold_of
from crowd.storage.projects import Project
from crowd.storage.tasks import Task
from crowd.storage.users import User
from tests.factories import make_dataset, make_project, rows_with_gold
from tests.web.conftest import house_of, reading
from tests.web.running import answer_some, make_running, make_worker

pytestmark = pytest.mark.browser
AXE = (Path(__file__).resolve().parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.RequestHandlerClass.log_request = lambda *_: None  # type: ignore[assignment]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=[(1280, "light"), (360, "dark")], ids=["wide", "narrow"])
def window(request: pytest.FixtureRequest) -> tuple[int, str]:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def page(
    app: Flask, address: str, chromium: Browser, requester: User, window: tuple[int, str]
) -> Iterator[Page]:
    """A page of the requester's that fails its test when the browser complains."""
    house = house_of(app)
    with house.store.writing() as session:
        token = accounts.begin(session, requester, now_utc(), house.settings).token
    context = chromium.new_context(
        viewport={"width": window[0], "height": 800},
        color_scheme=window[1],  # type: ignore[arg-type]
        base_url=address,
    )
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": "crowd_session", "value": token, "url": address}])
    page, complaints = context.new_page(), []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def draft(session: Session, requester: User) -> Project:
    return make_project(
        session, requester, make_dataset(session, requester, rows_with_gold(8, gold_every=100))
    )


@pytest.fixture
def running(session: Session, requester: User) -> Project:
    project = make_running(session, requester)
    answer_some(session, project, make_worker(session, 1), 7)
    return project


def check(page: Page, path: str) -> None:
    """Nothing serious for axe, nothing wider than the window."""
    page.goto(path)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], path  # type: ignore[index]
    client = page.context.new_cdp_session(page)
    script = AXE + ";axe.run(document).then((found) => JSON.stringify(found.violations))"
    answer = client.send(
        "Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True}
    )
    violations = json.loads(answer["result"]["value"])
    serious = [one["id"] for one in violations if one["impact"] in {"serious", "critical"}]
    assert serious == [], path


def test_every_page_is_fit_for_everybody(app: Flask, page: Page, draft: Project, running: Project) -> None:
    with reading(app) as looking:
        task = looking.exec(
            select(Task.public_id).where(Task.project_id == running.id, Task.answer_count > 0)
        ).first()
        gold = gold_of(looking, running.id)[0].public_id
    steps = ("template", "question", "guidelines", "rules", "check")
    parts = ("", "/results", f"/results/{task}", "/gold", f"/gold/{gold}", "/gold/new", "/guidelines")
    for path in (
        *("/projects", "/projects/new", "/templates"),
        *(f"/templates/{name}" for name in ("text-classification", "image-classification")),
        *(f"/projects/{draft.public_id}/setup/{step}" for step in steps),
        *(f"/projects/{running.public_id}{part}" for part in (*parts, "/try", "/close", "/launch")),
    ):
        check(page, path)


def test_item_is_tried_by_keyboard(page: Page, draft: Project) -> None:
    page.goto(f"/projects/{draft.public_id}/try")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator("#outcome")).to_contain_text("That answer would be stored")
    expect(page.locator("#outcome")).to_be_focused()
    expect(page.locator("#outcome pre")).to_contain_text('"label": "Neutral"')


def test_gold_is_typed_by_keyboard_one_item_after_another(app: Flask, page: Page, draft: Project) -> None:
    page.goto(f"/projects/{draft.public_id}/gold/new")
    for key in ("1", "3"):
        page.keyboard.press(key)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    with reading(app) as looking:
        assert [gold.labels for gold in gold_of(looking, draft.id)] == [["Positive"], ["Negative"]]


def test_labels_are_previewed_as_they_are_typed(page: Page, draft: Project) -> None:
    page.goto(f"/projects/{draft.public_id}/setup/question")
    page.get_by_label("Labels").fill("Hot\nCold")
    page.get_by_label("Labels").press("Tab")
    expect(page.locator("#preview")).to_contain_text("Cold")
    expect(page.locator("#preview")).not_to_contain_text("Neutral")


def test_guidelines_are_previewed_as_they_are_typed(page: Page, running: Project) -> None:
    page.goto(f"/projects/{running.public_id}/guidelines")
    page.get_by_label("Guidelines", exact=True).fill("# Look **twice**\n\n<img src=x onerror=alert(1)>")
    expect(page.locator("#guidelines-view h2")).to_have_text("Look twice")
    expect(page.locator("#guidelines-view img")).to_have_count(0)


def test_figures_follow_by_themselves(app: Flask, page: Page, session: Session, running: Project) -> None:
    page.goto(f"/projects/{running.public_id}")
    answers = page.locator("#progress dt:text-is('Answers') + dd")
    expect(answers).to_have_text("7")
    project, worker = session.merge(running), make_worker(session, 2)
    answer_some(session, project, worker, 3)
    session.commit()
    expect(answers).to_have_text("10", timeout=15_000)


def test_written_guidelines_outlive_a_launch(session: Session, page: Page, running: Project) -> None:
    project = session.merge(running)
    save_guidelines(session, project, "Second words.", by=project.owner_id, now=now_utc())
    page.goto(f"/projects/{project.public_id}/guidelines")
    expect(page.get_by_text("Version 2 is in force")).to_be_visible()
