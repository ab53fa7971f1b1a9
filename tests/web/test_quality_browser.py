"""The desk in a real browser: decided by keyboard alone, nothing held against any page, nothing too wide."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from sqlmodel import Session
from werkzeug.serving import make_server

from crowd.storage.results import disputed_count
from crowd.storage.users import User
from tests.web.conftest import Browser
from tests.web.quality_desk import Desk, first_disputed, looking, make_desk, stop_looking

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent.parent / "vendor" / "axe.min.js").read_text()
PICTURES = os.environ.get("CROWD_TEST_PICTURES", "")


@pytest.fixture(autouse=True)
def nothing_left_open(session: Session) -> Iterator[None]:
    yield
    stop_looking(session)


@pytest.fixture
def desk(session: Session, requester: User) -> Desk:
    return make_desk(session, requester)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(chromium: Chromium, address: str, browser, quality_manager: User) -> Iterator[Page]:
    """The quality manager's page; whatever the browser holds against it fails the test."""
    visitor: Browser = browser(quality_manager)
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "crowd_session", "value": visitor.session_token, "url": address}])
    complaints: list[str] = []
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical."""
    page.evaluate(AXE)
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    return [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes']][:3]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


def picture(page: Page, name: str) -> None:
    """Keep a picture where the environment asks for it."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def test_every_page_is_accessible_and_fits_wide_and_narrow_by_day_and_by_night(
    session: Session, desk: Desk, page: Page, address: str
) -> None:
    ends = {
        "desk": "/quality",
        "project": desk.url,
        "gold": desk.url + "/gold",
        "gold-task": f"{desk.url}/gold/{desk.wrong_gold.public_id}",
        "gold-suspend": f"{desk.url}/gold/{desk.wrong_gold.public_id}/state",
        "workers": desk.url + "/workers",
        "worker": f"{desk.url}/workers/{desk.careless.pseudonym}",
        "thresholds": desk.url + "/thresholds",
        "disputed": desk.url + "/disputed",
        "case": f"{desk.url}/disputed/{first_disputed(session, desk)}",
    }
    found: dict[str, object] = {}
    for name, end in ends.items():
        page.goto(address + end)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for width in (1280, 360):
                page.set_viewport_size({"width": width, "height": 900})
                over = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
                if over > 0:
                    found[f"{name} {width}"] = f"{over} pixels too wide"
                picture(page, f"{name}-{width}-{scheme}")
            if bad := serious(page):
                found[f"{name} {scheme}"] = bad
            page.set_viewport_size({"width": 1280, "height": 900})
    assert found == {}


def test_disputes_are_decided_by_one_key_and_enter_and_the_next_follows(
    session: Session, desk: Desk, page: Page, address: str
) -> None:
    waiting = disputed_count(looking(session), desk.project.id)
    page.goto(f"{address}{desk.url}/disputed/{first_disputed(session, desk)}")
    page.get_by_label("The guidelines say so.").check()
    for number in range(waiting):
        page.keyboard.press("2")
        expect(page.get_by_role("radio", name="Neutral")).to_be_checked()
        with page.expect_response(lambda reply: reply.url.endswith("/next")):
            page.keyboard.press("Enter")
        if number + 1 < waiting:
            expect(page.get_by_role("radio", name="Neutral")).not_to_be_checked()
            expect(page.get_by_label("The guidelines say so.")).to_be_checked()
            expect(page.get_by_role("heading", name="What is right?")).to_be_focused()
    expect(page.get_by_role("heading", name="Nothing is in dispute")).to_be_focused()
    assert disputed_count(looking(session), desk.project.id) == 0


def test_a_correction_shows_what_it_would_change_before_it_does(
    session: Session, desk: Desk, page: Page, address: str
) -> None:
    page.goto(f"{address}{desk.url}/gold/{desk.wrong_gold.public_id}")
    page.get_by_role("checkbox", name="Positive").uncheck()
    page.get_by_role("checkbox", name="Neutral").check()
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("heading", name="Correct this gold answer?")).to_be_visible()
    picture(page, "gold-preview-1280-light")
    assert serious(page) == []
    page.get_by_label("Reason").fill("It states a fact.")
    page.get_by_role("button", name="Correct it").click()
    expect(page.get_by_text("is version 2 now")).to_be_visible()
    page.goto(f"{address}{desk.url}/thresholds")
    page.get_by_label("Minimum trust").fill("80")
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    picture(page, "thresholds-preview-1280-light")
    assert serious(page) == []
