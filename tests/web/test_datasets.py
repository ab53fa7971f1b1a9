"""Datasets through the pages: upload in both ways, hostile files, what is shown to whom."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from crowd.jobs.runner import run
from crowd.settings import Settings
from crowd.storage.datasets import Dataset
from crowd.storage.items import Item
from crowd.storage.jobs import Job
from crowd.storage.users import User
from crowd.web import uploading
from tests.factories import make_project
from tests.services.importing import packed, picture, recording
from tests.web.conftest import Browser, house_of, reading
from tests.xss_payloads import PAYLOADS

Open = Callable[..., Browser]


def send_form(
    browser: Browser, content: bytes | str, file_name: str = "rows.csv", name: str = ""
) -> TestResponse:
    """Upload as a browser without JavaScript does."""
    body = content.encode() if isinstance(content, str) else content
    return browser.post("/datasets/new", {"name": name, "file": (BytesIO(body), file_name)})


def send_raw(
    browser: Browser, content: bytes | str, file_name: str = "rows.csv", name: str = ""
) -> TestResponse:
    """Upload as the page's script does."""
    return browser._checked(
        browser.client.post(
            "/datasets/new/raw",
            query_string={"file": file_name, "name": name},
            data=content,
            content_type="application/octet-stream",
            headers={"X-CSRF-Token": browser.csrf_token},
        )
    )


def work_off(app: Flask) -> None:
    """Do every waiting job, as an RQ worker would."""
    house = house_of(app)
    with reading(app) as session:
        waiting = [job.public_id for job in session.exec(select(Job).where(Job.state == "queued"))]
    for public_id in waiting:
        run(public_id, house.store, house.settings, house.queue)


def uploaded(app: Flask, browser: Browser, content: bytes | str, file_name: str = "rows.csv") -> str:
    """The address of a dataset whose import has ended."""
    answer = send_raw(browser, content, file_name)
    assert answer.status_code == 201, answer.text
    work_off(app)
    url: str = answer.get_json()["url"]
    return url


def nothing_stored(app: Flask) -> bool:
    place = house_of(app).settings.data_path / "uploads"
    with reading(app) as session:
        rows = [*session.exec(select(Dataset)), *session.exec(select(Job)), *session.exec(select(Item))]
    return not rows and not (place.exists() and any(place.iterdir()))


@pytest.fixture
def rita(browser: Open, requester: User) -> Browser:
    return browser(requester)


@pytest.mark.parametrize("send", [send_form, send_raw])
def test_a_file_goes_in_is_imported_by_the_job_and_shown(
    app: Flask, rita: Browser, send: Callable[..., TestResponse]
) -> None:
    answer = send(rita, "text,gold\nhello,yes\nhello,yes\nbad\n", name="Greetings")
    url = answer.headers["Location"] if send is send_form else answer.get_json()["url"]
    waiting = rita.get(url)
    assert "Importing" in waiting.text
    assert "hx-trigger" in waiting.text
    work_off(app)
    page = rita.get(url).text
    assert "Greetings" in page
    assert "hx-trigger" not in page
    assert "comma" in page
    assert "utf-8" in page
    assert "hello" in page
    fragment = rita.get(f"{url}/progress").text
    assert fragment.lstrip().startswith('<div id="state"')
    report = rita.get(f"{url}/report").text
    assert "The row has 1 fields, the header has 2." in report


def test_the_empty_page_teaches_with_an_example(rita: Browser) -> None:
    page = rita.get("/datasets").text
    assert "Where is my parcel?" in page
    assert "Text classification" in page


def test_sample_data_go_in_with_one_click(app: Flask, rita: Browser) -> None:
    answer = rita.post("/datasets/samples", {"template": "text-classification"})
    work_off(app)
    assert "48" in rita.get(answer.headers["Location"]).text


@pytest.mark.parametrize("template", ["", "../../etc", "no-such"])
def test_a_sample_that_is_not_there_is_refused(app: Flask, rita: Browser, template: str) -> None:
    assert rita.post("/datasets/samples", {"template": template}).status_code == 422
    assert nothing_stored(app)


@pytest.mark.parametrize("send", [send_form, send_raw])
def test_too_large_a_file_is_refused_with_a_sentence_and_nothing_is_stored(
    make_app: Callable[[Settings], Flask],
    settings: Settings,
    requester: User,
    send: Callable[..., TestResponse],
) -> None:
    app = make_app(replace(settings, max_upload_bytes=1000))
    answer = send(Browser(app, requester), b"a\n" + b"1\n" * 1000)
    assert answer.status_code == 413
    assert "larger than 1000 bytes" in answer.text
    assert nothing_stored(app)


def test_a_body_beyond_every_limit_is_not_read_at_all(
    make_app: Callable[[Settings], Flask],
    settings: Settings,
    requester: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uploading, "FORM_BYTES", 1000)
    app = make_app(replace(settings, max_upload_bytes=1000))
    answer = send_form(Browser(app, requester), b"x" * 3000)
    assert answer.status_code == 413
    assert "Split it into several datasets" in answer.text
    assert nothing_stored(app)


@pytest.mark.parametrize("send", [send_form, send_raw])
def test_strangers_and_workers_may_not_send_large_bodies(
    app: Flask, browser: Open, worker: User, send: Callable[..., TestResponse]
) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 2000
    for who in (browser(), browser(worker)):
        answer = send(who, b"x" * 3000)
        assert answer.status_code in {303, 403, 404, 413}
    assert nothing_stored(app)


def test_an_upload_without_the_token_is_refused_unread(app: Flask, rita: Browser) -> None:
    answer = rita.client.post("/datasets/new/raw", data=b"a\n1\n", content_type="application/octet-stream")
    assert answer.status_code == 403
    assert nothing_stored(app)


@pytest.mark.parametrize("send", [send_form, send_raw])
def test_an_empty_file_is_refused_with_a_sentence(
    app: Flask, rita: Browser, send: Callable[..., TestResponse]
) -> None:
    answer = send(rita, b"")
    assert (answer.status_code, "The file is empty" in answer.text) == (422, True)
    assert nothing_stored(app)


def test_a_form_without_a_file_says_so(rita: Browser) -> None:
    answer = rita.post("/datasets/new", {"name": "x"})
    assert (answer.status_code, "Choose a file." in answer.text) == (422, True)


@pytest.mark.parametrize(
    "content",
    [
        packed({"../../a.png": picture()}),
        packed({"/etc/a.png": picture()}),
        packed({"a.png": picture(), "A.PNG": picture()}),
        packed({"a.png": picture()}) + b"trailing",
        b"PK\x03\x04" + b"\x00" * 100,
    ],
    ids=["climbs", "absolute", "collides", "trailing", "broken"],
)
def test_a_hostile_zip_leaves_its_owner_a_sentence_and_nothing_else(
    app: Flask, rita: Browser, content: bytes
) -> None:
    page = rita.get(uploaded(app, rita, content, "evil.zip")).text
    assert "Nothing was imported" in page
    place = house_of(app).settings.data_path
    assert list((place / "uploads").iterdir()) == []
    assert not (place / "blobs").exists() or not [
        one for one in (place / "blobs").rglob("*") if one.is_file()
    ]
    with reading(app) as session:
        assert session.exec(select(Item)).all() == []


@pytest.mark.parametrize("name", ["x.html", "x.svg", "x.xhtml", "x.png.html"])
def test_the_type_of_a_picture_comes_from_its_content_never_from_its_name(
    app: Flask, rita: Browser, name: str
) -> None:
    polyglot = picture() + b"<script>alert(1)</script>"
    url = uploaded(app, rita, packed({name: polyglot}), "p.zip")
    page = rita.get(url).text
    links = [part.split('"')[0] for part in page.split('"/media/')[1:]]
    assert len(links) == 2
    for link in links:
        shown = rita.get(f"/media/{link}")
        assert shown.status_code == 200
        assert shown.headers["Content-Type"] in {"image/png", "image/webp"}
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert shown.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert b"<script" not in shown.data
        shown.close()


def test_recordings_are_shown_as_players_with_their_waveform(app: Flask, rita: Browser) -> None:
    page = rita.get(uploaded(app, rita, packed({"a.wav": recording()}), "a.zip")).text
    assert "<crowd-audio src=" in page
    assert 'peaks="[' in page


def test_what_a_file_holds_is_shown_as_words_only(app: Flask, rita: Browser) -> None:
    rows = [{"text": payload} for payload in PAYLOADS]
    url = uploaded(app, rita, "\n".join(map(json.dumps, rows)), f"{PAYLOADS[0][:40]}.jsonl")
    shown = ""
    for after in range(-1, len(PAYLOADS), 50):
        page = rita.get(f"{url}?after={max(after, 0)}" if after > 0 else url).text
        table = page.partition("<tbody>")[2].partition("</tbody>")[0]
        assert set(re.findall(r"<[^>]*>", table)) <= {"<tr>", "</tr>", "<td>", "</td>", '<td class="number">'}
        shown += html.unescape(table)
    assert all(payload[:300] in shown for payload in PAYLOADS)


def test_items_come_page_by_page(app: Flask, rita: Browser) -> None:
    url = uploaded(app, rita, "n\n" + "".join(f"row-{number:03}\n" for number in range(120)))
    first = rita.get(url).text
    assert "row-049" in first
    assert "row-050" not in first
    second = rita.get(f"{url}?after=49").text
    assert "row-050" in second
    assert "row-099" in second
    last = rita.get(f"{url}?after=99").text
    assert "row-119" in last
    assert "Next items" not in last


@pytest.mark.parametrize("after", ["x", "-5", "9" * 30, "٣"])
def test_an_address_with_nonsense_shows_the_first_items(app: Flask, rita: Browser, after: str) -> None:
    url = uploaded(app, rita, "n\nalpha\n")
    assert "alpha" in rita.get(url, query_string={"after": after}).text


def test_refusals_come_as_a_csv_that_runs_no_formula(app: Flask, rita: Browser) -> None:
    manifest = 'file,n\na.png,1\n"=HYPERLINK(""http://x"")",2\n'
    url = uploaded(app, rita, packed({"manifest.csv": manifest, "a.png": picture()}), "f.zip")
    answer = rita.get(f"{url}/refusals.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    lines = answer.text.splitlines()
    assert lines[0] == "line,column,reason"
    assert lines[1].startswith("3,file,")
    assert not any(cell.startswith(("=", "+", "@")) for line in lines for cell in line.split(","))


def test_a_dataset_can_be_deleted_unless_a_project_uses_it(
    app: Flask, rita: Browser, session: Session, requester: User
) -> None:
    free, used = (
        uploaded(app, rita, "text,gold\na,\n", "free.csv"),
        uploaded(app, rita, "text,gold\nb,\n", "used.csv"),
    )
    dataset = session.exec(select(Dataset).where(Dataset.file_name == "used.csv")).one()
    make_project(session, requester, dataset)
    assert "cannot be deleted" in rita.get(used).text
    rita.post(f"{used}/delete")
    rita.post(f"{free}/delete")
    assert rita.get(used).status_code == 200
    assert rita.get(free).status_code == 404


def test_a_dataset_is_its_owners_alone(app: Flask, rita: Browser, browser: Open, stranger: User) -> None:
    url = uploaded(app, rita, "text\nsecret-4711\n")
    sid = browser(stranger)
    for path in ("", "/progress", "/report", "/refusals.csv"):
        assert sid.get(url + path).status_code == 404
    assert sid.post(f"{url}/delete").status_code == 404
    assert "secret-4711" in rita.get(url).text


def test_nobody_waits_for_the_database_while_a_file_arrives(
    app: Flask, rita: Browser, session: Session
) -> None:
    house = house_of(app)

    class Slow(BytesIO):
        """A body in whose middle somebody else writes."""

        wrote = False

        def readinto(self, buffer: Any, /) -> int:
            if not Slow.wrote:
                Slow.wrote = True
                with house.store.writing() as other:
                    other.add(Job(kind="test", key="meanwhile"))
                    other.commit()
            return super().readinto(buffer)

    body = b"a\n1\n"
    answer = rita.client.post(
        "/datasets/new/raw",
        query_string={"file": "x.csv"},
        input_stream=Slow(body),
        content_length=len(body),
        content_type="application/octet-stream",
        headers={"X-CSRF-Token": rita.csrf_token},
    )
    assert (answer.status_code, Slow.wrote) == (201, True)


def test_a_body_that_breaks_off_leaves_nothing(app: Flask, rita: Browser) -> None:
    answer = rita.client.post(
        "/datasets/new/raw",
        query_string={"file": "x.csv"},
        data=b"a\n1\n",
        environ_overrides={"CONTENT_LENGTH": "4000"},
        content_type="application/octet-stream",
        headers={"X-CSRF-Token": rita.csrf_token},
    )
    assert answer.status_code == 400
    assert nothing_stored(app)
