"""A worker at her keyboard, in a real browser, against the real server."""

# ruff: noqa: F401, F811 (fixtures are known by their names)

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import update
from sqlmodel import Session, col, select

from crowd.domain.states import AssignmentState, StandingState
from crowd.storage.assignments import Assignment
from crowd.storage.columns import now_utc
from crowd.storage.projects import Project
from crowd.storage.standings import Standing
from crowd.storage.users import User
from tests.elements.conftest import (
    ROOT,
    Complaints,
    complaints,
    context,
    page,
)
from tests.factories import fund, launch_all, make_dataset, make_project, rows_with_gold
from tests.web.conftest import reading
from tests.web.live import serving, sign_in

pytestmark = pytest.mark.browser

AXE = (ROOT / "tests/vendor/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def project(session: Session, requester: User) -> Project:
    dataset = make_dataset(session, requester, rows_with_gold(6))
    project = make_project(
        session, requester, dataset, summary="One sentence, one mood.", tiers=[[0.5, 1000], [0.9, 1500]]
    )
    fund(session, requester)
    launch_all(session, project)
    return project


@pytest.fixture
def address(app: Flask, context: BrowserContext, worker: User) -> Iterator[str]:
    """The server's address, with Wanda signed in."""
    with serving(app) as found:
        sign_in(context, app, found, worker)
        yield found


def answers(app: Flask) -> list[str | None]:
    with reading(app) as session:
        query = select(Assignment.label).where(col(Assignment.submitted_at).is_not(None))
        return list(session.exec(query.order_by(col(Assignment.id))).all())


def begin(page: Page, address: str, project: Project) -> None:
    page.goto(f"{address}/tasks")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("radiogroup")).to_be_focused()
    assert page.url == f"{address}/tasks/{project.public_id}/task"


def in_hand(page: Page) -> str:
    return page.locator("#work").get_attribute("data-assignment") or ""


def test_a_worker_answers_everything_by_keyboard_alone(
    app: Flask,
    page: Page,
    address: str,
    project: Project,
) -> None:
    page.goto(f"{address}/tasks")
    button = page.get_by_role("button", name="Start")
    for _ in range(20):
        page.keyboard.press("Tab")
        if button.evaluate("(element) => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    place = None
    for count in range(1, 20):
        expect(page.get_by_role("radiogroup")).to_be_focused()
        box = page.locator(".task").bounding_box()
        assert box and (place is None or place == (box["x"], box["y"], box["width"]))  # nothing moves
        place = (box["x"], box["y"], box["width"])
        before = in_hand(page)
        page.keyboard.press("1" if count % 2 else "3")
        page.keyboard.press("Enter")
        expect(page.locator(f'#work[data-assignment="{before}"]')).to_have_count(0)
        if not in_hand(page):
            break
        expect(page.locator(".work-bar")).to_contain_text(f"{count} answered")
    expect(page.get_by_role("heading", name="You have done all there is for you here")).to_be_focused()
    given = answers(app)
    assert given == [("Positive", "Negative")[place % 2] for place in range(len(given))]
    assert len(given) >= 4
    expect(page.locator("#work")).to_contain_text(f"{len(given)} answers in this visit")


def test_a_draft_and_the_assignment_survive_a_reload(
    app: Flask,
    page: Page,
    address: str,
    project: Project,
) -> None:
    begin(page, address, project)
    before = in_hand(page)
    page.keyboard.press("2")
    page.reload()
    expect(page.get_by_role("radio", name="Neutral")).to_be_checked()
    assert in_hand(page) == before
    page.keyboard.press("Enter")
    expect(page.locator(".work-bar")).to_contain_text("1 answered")
    assert answers(app) == ["Neutral"]
    page.reload()
    expect(page.locator(".work-bar")).to_contain_text("1 answered")
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)


def test_going_back_answers_nothing_twice(
    app: Flask,
    page: Page,
    address: str,
    project: Project,
) -> None:
    begin(page, address, project)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator(".work-bar")).to_contain_text("1 answered")
    now_held = in_hand(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Tasks", exact=True)).to_be_visible()
    page.go_forward()
    expect(page.locator(f'#work[data-assignment="{now_held}"]')).to_have_count(1)
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.locator(".work-bar")).to_contain_text("2 answered")
    assert answers(app) == ["Positive", "Negative"]


def test_the_guidelines_open_without_losing_the_answer(
    app: Flask,
    page: Page,
    address: str,
    project: Project,
) -> None:
    begin(page, address, project)
    page.keyboard.press("3")
    page.get_by_text("Guidelines", exact=True).click()
    expect(page.get_by_text("Choose the mood.")).to_be_visible()
    expect(page.get_by_role("radio", name="Negative")).to_be_checked()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".work-bar")).to_contain_text("1 answered")
    assert answers(app) == ["Negative"]


def test_skipping_brings_the_next_task_in_place(
    app: Flask,
    page: Page,
    address: str,
    project: Project,
) -> None:
    begin(page, address, project)
    before = in_hand(page)
    page.get_by_role("button", name="Skip this task").click()
    expect(page.locator(f'#work[data-assignment="{before}"]')).to_have_count(0)
    expect(page.get_by_role("radiogroup")).to_be_focused()
    assert answers(app) == []
    page.get_by_role("button", name="Give it back and stop").click()
    expect(page.get_by_role("heading", name="Tasks", exact=True)).to_be_visible()
    with reading(app) as session:
        states = session.exec(select(Assignment.state).order_by(col(Assignment.id))).all()
    assert states == [AssignmentState.SKIPPED, AssignmentState.RETURNED]


def test_an_answer_that_came_too_late_is_shown_and_stays_in_the_browser(
    page: Page,
    address: str,
    project: Project,
    session: Session,
    complaints: Complaints,
) -> None:
    begin(page, address, project)
    session.execute(update(Assignment).values(due_at=now_utc() - timedelta(minutes=1)))
    session.commit()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The time for this task was over")).to_be_focused()
    expect(page.locator(".work-sent")).to_contain_text("Neutral")
    assert page.evaluate("() => Object.keys(localStorage).some((key) => key.startsWith('crowd.draft'))")
    page.get_by_role("button", name=re.compile("next task")).click()
    expect(page.get_by_role("radiogroup")).to_be_focused()
    complaints.texts = [text for text in complaints.texts if "409" not in text]


def test_without_javascript_the_page_says_so(
    chromium,
    app: Flask,
    project: Project,
    worker: User,
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    with serving(app) as address:
        sign_in(context, app, address, worker)
        page = context.new_page()
        page.goto(f"{address}/tasks")
        page.get_by_role("button", name="Start").click()
        # The parser of this browser reads <noscript> as text even so; it is there to be shown.
        assert "The answer buttons need JavaScript" in page.content()
        page.get_by_role("button", name="Give it back and stop").click()
        expect(page.get_by_role("heading", name="Tasks", exact=True)).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_worker_page(
    page: Page,
    address: str,
    project: Project,
    session: Session,
    scheme: str,
) -> None:
    page.emulate_media(color_scheme=scheme)
    faults = {}

    def look(name: str, path: str) -> None:
        page.goto(address + path)
        narrow(page, name, faults)

    look("empty earnings", "/earnings")
    look("empty answers", "/earnings/answers")
    look("empty trust", "/trust")
    look("tasks", "/tasks")
    look("project", f"/tasks/{project.public_id}")
    look("nothing in hand", f"/tasks/{project.public_id}/task")
    begin(page, address, project)
    page.get_by_text("Guidelines", exact=True).click()
    narrow(page, "task", faults)
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".work-bar")).to_contain_text("1 answered")
    look("task in hand", "/tasks")
    look("earnings", "/earnings")
    look("answers", "/earnings/answers")
    look("trust", "/trust")
    reason = "Trust 0.33 is below 0.60 after 4 gold answers."
    session.execute(update(Standing).values(state=StandingState.PAUSED, reason=reason))
    session.commit()
    look("paused tasks", "/tasks")
    look("paused trust", "/trust")
    page.goto(f"{address}/tasks/{project.public_id}/task")
    page.get_by_role("button", name="Skip this task").click()
    expect(page.get_by_role("heading", name="paused")).to_be_visible()
    narrow(page, "paused", faults)
    assert faults == {}


def narrow(page: Page, name: str, faults: dict[str, object]) -> None:
    """Look with axe, then at 360 pixels for anything that needs sideways scrolling."""
    page.evaluate(AXE)
    found = page.evaluate("(tags) => axe.run(document, {runOnly: tags})", RULES)["violations"]
    if found:
        faults[name] = [(entry["id"], [node["html"] for node in entry["nodes"]]) for entry in found]
    page.set_viewport_size({"width": 360, "height": 740})
    width = page.evaluate("() => document.documentElement.scrollWidth")
    if width > 360:
        faults[f"{name} at 360"] = width
    page.set_viewport_size({"width": 1280, "height": 800})
