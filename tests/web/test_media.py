"""Media: only for whom an address was made, only for its time, and never as a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from flask import Flask
from itsdangerous import TimestampSigner
from sqlalchemy import update
from sqlmodel import Session
from werkzeug.test import TestResponse

from crowd.domain.states import Role
from crowd.storage.blobs import Blob, add_blob
from crowd.storage.items import items_page
from crowd.storage.projects import Project
from crowd.storage.users import User
from crowd.web.media import LIFE
from tests.factories import fund, launch_all, make_dataset, make_project, make_user
from tests.web.conftest import Browser, house_of
from tests.web.test_work import start

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
Open = Callable[..., Browser]


@pytest.fixture
def project(session: Session, app: Flask, requester: User) -> Project:
    blob = add_blob(session, house_of(app).store.blobs, [PICTURE], "image/png")
    dataset = make_dataset(session, requester, [{"image": "a.png"}])
    project = make_project(
        session,
        requester,
        dataset,
        template_name="image-classification",
        parameters={"labels": ["Cat", "Dog"]},
        mapping={"image": "image"},
        gold_column="",
        gold_rate=0.0,
    )
    item = items_page(session, dataset.id)[0]
    item.media = {"kind": "image", "blob": blob.sha256, "width": 8, "height": 8, "thumbnail": blob.sha256}
    item.blob_sha256 = blob.sha256
    session.add(item)
    session.commit()
    fund(session, requester)
    launch_all(session, project)
    return project


def fetch(browser: Browser, address: str, **headers: str) -> TestResponse:
    """A media file; its file is closed again."""
    answer = browser.get(address, headers=headers)
    answer.get_data()
    answer.close()
    return answer


@pytest.fixture
def address(browser: Open, project: Project, worker: User) -> str:
    found = re.search(r'"(/media/[^"]+)"', start(browser(worker), project))
    assert found
    return found.group(1)


def test_a_picture_is_served_without_being_a_page(browser: Open, address: str, worker: User) -> None:
    answer = fetch(browser(worker), address)
    assert (answer.status_code, answer.data) == (200, PICTURE)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"].startswith("private")


def test_ranges_work_so_that_recordings_can_be_searched_in(browser: Open, address: str, worker: User) -> None:
    answer = fetch(browser(worker), address, Range="bytes=8-11")
    assert (answer.status_code, answer.data) == (206, PICTURE[8:12])
    assert answer.headers["Content-Range"] == f"bytes 8-11/{len(PICTURE)}"
    assert fetch(browser(worker), address, Range="bytes=99999-").status_code == 416


def test_an_address_works_for_nobody_else(
    browser: Open, session: Session, address: str, requester: User
) -> None:
    other = make_user(session, "Olga Other", Role.WORKER)
    assert browser(other).get(address).status_code == 404
    assert browser(requester).get(address).status_code == 404
    assert browser().get(address).status_code == 303


def test_an_address_ends_with_its_time(browser: Open, address: str, worker: User) -> None:
    her = browser(worker)
    present = TimestampSigner("any").get_timestamp()
    later = present + int(LIFE.total_seconds())
    for offset, status in ((-1, 200), (1, 404)):
        with patch.object(TimestampSigner, "get_timestamp", lambda _self, at=later + offset: at):
            assert fetch(her, address).status_code == status


@pytest.mark.parametrize("change", ["flip", "cut", "foreign", "path", "empty"])
def test_a_forged_address_is_not_there(browser: Open, address: str, worker: User, change: str) -> None:
    forged = {
        "flip": address[:-10] + ("A" if address[-10] != "A" else "B") + address[-9:],
        "cut": address[:-5],
        "foreign": "/media/" + "x" * 60,
        "path": "/media/..%2f..%2fsecret.key",
        "empty": "/media/%20",
    }[change]
    assert browser(worker).get(forged).status_code == 404


def test_what_is_not_a_picture_or_recording_is_never_served(
    app: Flask, browser: Open, session: Session, address: str, worker: User
) -> None:
    session.execute(update(Blob).values(media_type="text/html"))
    session.commit()
    assert browser(worker).get(address).status_code == 404


def test_an_address_lives_no_longer_than_hours() -> None:
    assert timedelta(minutes=30) <= LIFE <= timedelta(hours=4)
