"""Every page that a link leads to, as each of the four roles sees it, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect
from sqlmodel import select
from werkzeug.exceptions import HTTPException

from crowd.domain.states import Role
from crowd.services.assignment import next_assignment
from crowd.services.demo import seed
from crowd.services.sign_in import DEMO_DOMAIN
from crowd.settings import Settings, load_settings
from crowd.storage.columns import now_utc
from crowd.storage.database import open_store
from crowd.storage.projects import Project
from crowd.storage.users import User, user_by_email
from crowd.web import create_app
from tests.conftest import Databases
from tests.elements.conftest import ROOT
from tests.web.conftest import house_of, reading
from tests.web.live import serving, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = (ROOT / "tests/vendor/axe.min.js").read_text()
FOUND_BY_AXE = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
    .filter(one => ['serious', 'critical'].includes(one.impact))
    .map(one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 140)).join(' | ')}`)"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Rows of a stacked table end inside of their frame, and one page has one first heading.
OUT_OF_ITS_FRAME = """() => [...document.querySelectorAll('.table-stack')]
    .filter(table => table.scrollWidth > table.parentElement.clientWidth
        || table.getBoundingClientRect().right > table.parentElement.getBoundingClientRect().right + 1)
    .map(table => table.getAttribute('aria-label') || table.querySelector('th')?.textContent || 'a table')"""
LINKS = "links => links.filter(link => !link.hasAttribute('download')).map(link => link.href)"
SIZES = [("light", 1280), ("dark", 360)]
NOT_PAGES = {"static", "media.media"}


@pytest.fixture(scope="module")
def demo_app(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The house with its demo, seeded once for all four."""
    address = databases.fresh()
    settings = replace(_settings(address, tmp_path_factory.mktemp("demo")), demo=True)
    store = open_store(settings.database_address, settings.data_path)
    seed(store, settings)
    store.engine.dispose()
    app = create_app(settings)
    yield app
    house_of(app).store.engine.dispose()
    databases.drop(address)


def _settings(address: str, path: Path) -> Settings:
    return load_settings(
        {},
        data_dir=str(path),
        database_url=address,
        redis_url="unix:///nowhere/redis.sock",
        secret_key="k" * 40,
    )


@dataclass
class Walk:
    """One role's way through the house: what is still to be seen, and what was wrong so far."""

    app: Flask
    address: str
    page: Page
    todo: list[str]
    seen: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    here: str = ""

    def go(self) -> None:
        """See one page of every kind that a link leads to."""
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self._complain(f"threw {error}"))
        self.page.on("response", self._on_response)
        while self.todo:
            url = self.todo.pop(0)
            kind = self._kind(url)
            if kind and kind not in self.seen:
                self.seen.add(kind)
                self._look_at(url)

    def _look_at(self, url: str) -> None:
        self.here = urlsplit(url).path
        for scheme, width in SIZES:
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.page.set_viewport_size({"width": width, "height": 900})
            if width == SIZES[0][1]:
                self.page.goto(url)
                self._check_words()
                self.page.evaluate(AXE)
                self.todo += self.page.eval_on_selector_all("a[href]", LINKS)
            for found in self.page.evaluate(FOUND_BY_AXE):
                self._complain(f"at {width} {scheme}: {found}")
            if over := self.page.evaluate(TOO_WIDE):
                self._complain(f"is {over} px too wide at {width}")
            for table in self.page.evaluate(OUT_OF_ITS_FRAME) if width < 640 else ():
                self._complain(f"has a table wider than its frame at {width}: {table.strip()}")

    def _check_words(self) -> None:
        if self.page.title() in {"", "Crowd"}:
            self._complain("has no title of its own")
        if (headings := self.page.locator("h1").count()) != 1:
            self._complain(f"has {headings} first headings")

    def _kind(self, url: str) -> str | None:
        """The kind of page behind an address of this house; task pages differ with their project."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != self.address:
            return None
        try:
            endpoint, _ = self.app.url_map.bind("localhost").match(parts.path)
        except HTTPException:
            return f"nowhere: {parts.path}"
        if endpoint in NOT_PAGES:
            return None
        return parts.path if endpoint == "work.task" else str(endpoint)

    def _on_console(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self._complain(f"said {said.text}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self._complain(f"got {response.status} from {urlsplit(response.url).path}")

    def _complain(self, what: str) -> None:
        self.wrong.append(f"{self.here} {what}")


def starts(app: Flask, role: Role, user: User) -> list[str]:
    """Where a role begins: its first page, and for a worker a task of every open project."""
    if role != Role.WORKER:
        return ["/"]
    with house_of(app).store.writing() as session:
        projects = session.exec(select(Project).where(Project.state == "open")).all()
        for project in projects:
            next_assignment(session, project, user.id, now_utc(), Random(1))
        session.commit()
        return ["/", *(f"/tasks/{project.public_id}/task" for project in projects)]


@pytest.mark.parametrize("role", list(Role))
def test_every_page_loads_fits_and_is_accessible(demo_app: Flask, chromium: Browser, role: Role) -> None:
    with reading(demo_app) as session:
        user = user_by_email(session, f"{role}@{DEMO_DOMAIN}")
    assert user is not None
    context = chromium.new_context()
    context.set_default_timeout(20_000)
    with serving(demo_app) as address:
        sign_in(context, demo_app, address, user)
        todo = [address + start for start in starts(demo_app, role, user)]
        walk = Walk(demo_app, address, context.new_page(), todo)
        walk.go()
        context.close()
    assert walk.wrong == []
    assert len(walk.seen) >= 7, "hardly a page was found; are the links gone?"


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on something of this name; wherever it rests on the way, it shows."""
    for _ in range(80):
        page.keyboard.press("Tab")
        words, has_ring = page.evaluate(
            """() => [document.activeElement.textContent.trim(), document.activeElement === document.body
                || getComputedStyle(document.activeElement).outlineStyle !== 'none']"""
        )
        assert has_ring, f"the focus on {words!r} cannot be seen"
        if words.startswith(name):
            return
    raise AssertionError(f"no Tab leads to {name!r} on {page.url}")


def test_a_worker_signs_in_answers_five_and_sees_her_earnings_by_keyboard_alone(
    demo_app: Flask, chromium: Browser
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    with serving(demo_app) as address, reading(demo_app) as session:
        projects = session.exec(select(Project).where(Project.state == "open")).all()
        project = next(one for one in projects if one.template_name == "text-classification")
        page.goto(address)
        tab_to(page, "Sign in as worker")
        page.keyboard.press("Enter")
        page.wait_for_url("**/tasks")
        page.goto(f"{address}/tasks/{project.public_id}/task")
        if page.locator("#work[data-assignment]").count() == 0:
            tab_to(page, "Start")
            with page.expect_navigation():
                page.keyboard.press("Enter")
        work = page.locator("#work[data-assignment]")
        place = None
        for _ in range(5):
            expect(page.get_by_role("radiogroup")).to_be_focused()
            before, box = work.get_attribute("data-assignment"), page.locator(".task").bounding_box()
            assert box is not None and place in {None, (box["x"], box["y"])}, "the task moved"
            place = (box["x"], box["y"])
            page.keyboard.press("1")
            page.keyboard.press("Enter")
            expect(work).not_to_have_attribute("data-assignment", before or "")
        expect(page.get_by_role("radiogroup")).to_be_focused()
        tab_to(page, "Give it back and stop")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        tab_to(page, "Earnings")
        page.keyboard.press("Enter")
        page.wait_for_url("**/earnings")
        expect(page.get_by_role("row", name="Answer").first).to_be_visible()
        context.close()
