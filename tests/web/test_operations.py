"""The jobs screen: what stands where, trying again by POST only, and a house without Redis."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from crowd.domain.states import JobState
from crowd.storage.audit import AuditEvent
from crowd.storage.columns import now_utc
from crowd.storage.jobs import Job
from crowd.storage.users import User
from tests.web.conftest import Browser, reading


@pytest.fixture
def desk(browser: Callable[..., Browser], admin: User) -> Browser:
    return browser(admin)


@pytest.fixture
def failed(session: Session) -> Job:
    job = Job(
        kind="export",
        key="7",
        is_slow=True,
        state=JobState.FAILED,
        error="The disk is <full>.",
        attempt_count=5,
        finished_at=now_utc(),
    )
    session.add(job)
    session.commit()
    return job


def test_without_redis_the_page_says_that_nothing_is_lost(desk: Browser) -> None:
    page = desk.get("/admin/jobs").text
    assert "Redis is away" in page and "nothing is lost" in page


def test_the_database_and_its_durability_are_shown(desk: Browser, database_kind: str) -> None:
    page = desk.get("/admin/jobs").text
    assert ("SQLite" in page and "synchronous=FULL" in page) or "synchronous_commit=" in page


def test_a_failed_job_is_shown_with_its_error_and_tried_again_once(desk: Browser, failed: Job) -> None:
    page = desk.get("/admin/jobs?state=failed").text
    assert "The disk is &lt;full&gt;." in page and "5 / 5" in page
    url = f"/admin/jobs/{failed.public_id}/retry"
    assert [desk.post(url).status_code for _ in range(2)] == [303, 303]
    with reading(desk.app) as session:
        job = session.get_one(Job, failed.id)
        assert (job.state, job.attempt_count, job.error) == (JobState.QUEUED, 0, "")
        events = session.exec(select(AuditEvent).where(AuditEvent.act == "job.retried")).all()
        assert [event.before for event in events] == [{"attempts": 5, "error": "The disk is <full>."}]


def test_a_job_whose_work_waits_already_stays_failed(desk: Browser, session: Session, failed: Job) -> None:
    session.add(Job(kind="export", key="7"))
    session.commit()
    desk.post(f"/admin/jobs/{failed.public_id}/retry")
    with reading(desk.app) as looking:
        assert looking.get_one(Job, failed.id).state == JobState.FAILED


def test_trying_again_by_a_link_is_impossible(desk: Browser, failed: Job) -> None:
    assert desk.get(f"/admin/jobs/{failed.public_id}/retry").status_code == 405
    assert desk.post(f"/admin/jobs/{failed.public_id}/retry", with_token=False).status_code == 403


def test_the_table_replaces_itself_only_while_something_is_to_come(desk: Browser, session: Session) -> None:
    assert "hx-trigger" not in desk.get("/admin/jobs/rows").text
    session.add(Job(kind="export", key="8"))
    session.commit()
    assert "hx-trigger" in desk.get("/admin/jobs/rows").text


@pytest.mark.parametrize("query", ["state=x", "before=x", "before=-1"])
def test_what_is_no_state_or_place_is_not_there(desk: Browser, query: str) -> None:
    assert desk.get(f"/admin/jobs?{query}").status_code == 404
