"""Screens of releases: asked for once, shown with progress, downloaded with their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from sqlmodel import Session

from crowd.services.export import write_release
from crowd.storage.columns import now_utc
from crowd.storage.projects import Project
from crowd.storage.releases import Release, releases_of
from crowd.storage.users import User
from crowd.web.screens.releases import file_name
from tests.factories import fund, launch_all, make_dataset, make_project, rows_with_gold
from tests.web.conftest import Browser, house_of, reading


@pytest.fixture
def project(session: Session, requester: User) -> Project:
    made = make_project(session, requester, make_dataset(session, requester, rows_with_gold(4)))
    fund(session, requester)
    launch_all(session, made)
    return made


def url(project: Project, rest: str = "") -> str:
    return f"/projects/{project.public_id}/releases{rest}"


def written(browser: Browser, project: Project) -> Release:
    """The newest release, once its job has run."""
    with reading(browser.app) as session:
        release = releases_of(session, project.id)[0]
    done = write_release(house_of(browser.app).store, release.id, now_utc, lambda _done, _total: None)
    assert done is not None
    return done


def test_the_first_release_is_taught(
    browser: Callable[..., Browser], project: Project, requester: User
) -> None:
    assert "No release yet" in browser(requester).get(url(project)).text


def test_a_release_waits_and_then_shows_its_hash(
    browser: Callable[..., Browser], project: Project, requester: User
) -> None:
    hers = browser(requester)
    assert hers.post(url(project), {"content": "items", "format": "csv"}).status_code == 303
    waiting = hers.get(url(project, "/rows")).text
    assert 'hx-trigger="every 1s"' in waiting and "Waiting for its turn" in waiting
    done = written(hers, project)
    shown = hers.get(url(project, "/rows")).text
    assert "hx-trigger" not in shown and str(done.blob_sha256) in shown


def test_the_file_comes_as_an_attachment_with_its_hash(
    browser: Callable[..., Browser], project: Project, requester: User, quality_manager: User
) -> None:
    hers = browser(requester)
    hers.post(url(project), {"content": "answers", "format": "jsonl"})
    done = written(hers, project)
    for reader in (hers, browser(quality_manager)):
        sent = reader.get(f"/releases/{done.public_id}/file")
        assert sent.status_code == 200
        assert sent.headers["X-Content-SHA256"] == hashlib.sha256(sent.data).hexdigest() == done.blob_sha256
        assert sent.headers["Content-Disposition"] == "attachment; filename=what-is-the-mood-answers-1.jsonl"
        assert sent.headers["X-Content-Type-Options"] == "nosniff"
        assert sent.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        sent.close()


def test_strangers_and_admins_get_no_release(
    browser: Callable[..., Browser], project: Project, requester: User, stranger: User, admin: User
) -> None:
    hers = browser(requester)
    hers.post(url(project), {"content": "items", "format": "csv"})
    done = written(hers, project)
    for other in (browser(stranger), browser(admin)):
        assert other.get(f"/releases/{done.public_id}/file").status_code == 404
        assert other.get(url(project)).status_code == 404
        assert other.post(url(project), {"content": "items", "format": "csv"}).status_code == 404


def test_a_release_without_its_file_is_not_there(
    browser: Callable[..., Browser], project: Project, requester: User
) -> None:
    hers = browser(requester)
    hers.post(url(project), {"content": "items", "format": "csv"})
    with reading(hers.app) as session:
        release = releases_of(session, project.id)[0]
    assert hers.get(f"/releases/{release.public_id}/file").status_code == 404


@pytest.mark.parametrize(
    "sent", [{}, {"content": "users", "format": "csv"}, {"content": "items", "format": "../x"}]
)
def test_unknown_kinds_are_refused(
    browser: Callable[..., Browser], project: Project, requester: User, sent
) -> None:
    hers = browser(requester)
    assert hers.post(url(project), sent).status_code == 422
    with reading(hers.app) as session:
        assert releases_of(session, project.id) == []


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("What is the mood?", "what-is-the-mood-items-3.csv"),
        ("../../etc/passwd", "etc-passwd-items-3.csv"),
        ("Größe\r\nX: y", "groe-x-y-items-3.csv"),
        ("漢字", "project-items-3.csv"),
        ("a" * 200, "a" * 60 + "-items-3.csv"),
    ],
)
def test_a_file_name_is_plain_whatever_the_title(title: str, name: str) -> None:
    project = Project(owner_id=1, title=title, template_name="x")
    assert (
        file_name(project, Release(project_id=1, number=3, format="csv", content="items", created_by=1))
        == name
    )
