"""Earnings: every line with its reason, every verdict with its author, nothing of others."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from crowd.domain.states import Role
from crowd.services.settlement import approve_due, reject
from crowd.storage.assignments import Assignment
from crowd.storage.columns import now_utc
from crowd.storage.projects import Project
from crowd.storage.users import User
from crowd.web.paging import Cursor
from crowd.web.screens import earnings
from tests.factories import fund, launch_all, make_dataset, make_project, make_user, rows_with_gold
from tests.web.conftest import Browser
from tests.web.test_work import label, send, start

Open = Callable[..., Browser]


@pytest.fixture
def project(session: Session, requester: User) -> Project:
    dataset = make_dataset(session, requester, rows_with_gold(12, gold_every=100))
    project = make_project(session, requester, dataset, gold_rate=0.0, tiers=[[0.6, 1200]])
    fund(session, requester)
    launch_all(session, project)
    return project


@pytest.fixture
def her(browser: Open, project: Project, worker: User) -> Browser:
    """Wanda's browser after three answers."""
    opened = browser(worker)
    page = start(opened, project)
    for name in ("Positive", "Neutral", "Negative"):
        page = send(opened, page, label(name)).text
    return opened


def figures(page: str) -> list[str]:
    return re.findall(r"<dd>([\d.]+ USD)</dd>", page)


def test_an_answer_is_pending_with_its_reward_tier_and_clock(her: Browser) -> None:
    page = her.get("/earnings").text
    assert figures(page) == ["0.18 USD", "0.00 USD", "0.00 USD"]
    assert page.count("Reward 0.05 USD × 1.20 for your tier.") == 3
    assert page.count("+0.06 USD") == 3
    assert page.count("Payable by the clock on") == 3


def test_approval_and_rejection_stand_with_who_decided_and_why(
    her: Browser, session: Session, project: Project, requester: User
) -> None:
    first, *_rest = session.exec(select(Assignment).where(Assignment.label == "Positive")).all()
    reject(session, first, now_utc(), by=requester.id, reason="It says the <b>opposite</b>.")
    approve_due(session, now_utc() + timedelta(days=30))
    page = her.get("/earnings").text
    assert figures(page) == ["0.00 USD", "0.12 USD", "0.00 USD"]
    assert "Decided by: Rita Requester, the requester." in page
    assert "It says the &lt;b&gt;opposite&lt;/b&gt;." in page
    assert "Decided by: The project&#39;s clock." in page or "Decided by: The project's clock." in page
    verdicts = her.get("/earnings/answers").text
    assert verdicts.count(">Approved<") == 2
    assert verdicts.count(">Rejected<") == 1
    assert "Rita Requester, the requester" in verdicts
    assert "&lt;b&gt;opposite" in verdicts


def test_the_balances_are_the_sums_of_the_lines(her: Browser, session: Session) -> None:
    approve_due(session, now_utc() + timedelta(days=30))
    page = her.get("/earnings").text
    for name in ("Pending", "To be paid out"):
        cells = re.findall(rf'data-label="{name}" class="number">([^<]*)<', page)
        total = sum(float(cell.replace("−", "-").removesuffix(" USD")) for cell in cells if cell != "–")
        shown = re.search(rf"<dt>{name}</dt><dd>([\d.]+) USD", page)
        assert shown is not None
        assert total == pytest.approx(float(shown.group(1)))


def test_paging_shows_every_line_once_even_when_moments_are_equal(
    her: Browser, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve_due(session, now_utc() + timedelta(days=30))  # three approvals at one moment
    monkeypatch.setattr(earnings, "ROWS", 2)
    page, lines, pages = her.get("/earnings").text, 0, 1
    while True:
        lines += page.count('data-label="Why"')
        older = re.search(r'href="(/earnings\?from=[^"]+)"', page)
        if older is None:
            break
        page, pages = her.get(older.group(1)).text, pages + 1
    assert (lines, pages) == (6, 3)
    for nonsense in ("x", "1-", "-1-1", "99999999999999999-0", "1-9999999", "٣-٣"):
        assert her.get(f"/earnings?from={nonsense}").status_code == 200


def test_others_see_nothing_of_it(her: Browser, browser: Open, session: Session) -> None:
    other = browser(make_user(session, "Olga Other", Role.WORKER))
    assert "No money has moved yet" in other.get("/earnings").text
    assert "You have not answered yet" in other.get("/earnings/answers").text


def test_a_cursor_reads_back_what_it_wrote() -> None:
    now = now_utc()
    cursor = Cursor().after([now + timedelta(seconds=1), now, now])
    assert cursor == Cursor(now, 2)
    assert Cursor.read(str(cursor)) == cursor
    assert cursor.after([now]) == Cursor(now, 3)
