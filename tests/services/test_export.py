"""Releases: complete, deterministic, immutable; what is in them and what is not."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlmodel import Session, select

from crowd.domain.states import JobState, Role
from crowd.exports.csv import true_text
from crowd.jobs import export as export_job
from crowd.services.aggregation import aggregate
from crowd.services.assignment import NothingNow, next_assignment
from crowd.services.export import (
    CONTENTS,
    FORMATS,
    NothingToExport,
    UnknownContent,
    UnknownFormat,
    begin_export,
    request_release,
    write_release,
)
from crowd.services.launch import launch, make_tasks
from crowd.services.questions import question_of
from crowd.services.settlement import reject
from crowd.services.submission import submit
from crowd.storage.assignments import Assignment
from crowd.storage.blobs import Blob
from crowd.storage.columns import now_utc
from crowd.storage.database import Store
from crowd.storage.items import Item
from crowd.storage.jobs import latest_job
from crowd.storage.projects import Project
from crowd.storage.releases import Release, releases_of
from crowd.storage.users import User
from tests.factories import fund, make_dataset, make_project, make_user

NOW = now_utc()
ATTACK = '=HYPERLINK("http://evil.example";"x")'
PATH = "/data/local-files/?d=../../etc/passwd"


def nothing(_done: int, _total: int) -> None:
    """No progress is wanted."""


@pytest.fixture
def project(session: Session, requester: User) -> Project:
    rows: list[dict[str, Any]] = [
        {"text": f"sentence {place}", "gold": "Positive" if place == 0 else ""} for place in range(8)
    ]
    rows[1]["text"], rows[2]["text"] = ATTACK, PATH
    dataset = make_dataset(session, requester, rows)
    project = make_project(session, requester, dataset, overlap=2, minimum_overlap=1, gold_overlap=2)
    fund(session, requester)
    batch = launch(session, project, by=requester.id, now=NOW, pilot_size=4)
    make_tasks(session, batch.id, NOW, nothing)
    return project


@pytest.fixture
def answered(session: Session, project: Project) -> list[Assignment]:
    """Two workers answer all of the pilot; the consensus is computed."""
    schema, given = question_of(project).schema, []
    for name in ("Anna", "Bert"):
        worker = make_user(session, name, Role.WORKER)
        while not isinstance(
            found := next_assignment(session, project, worker.id, NOW, Random(1)), NothingNow
        ):
            submit(
                session,
                project,
                found,
                token=found.token,
                raw_answer={"category": {"label": "Positive"}},
                schema=schema,
                now=NOW + timedelta(seconds=7, milliseconds=250),
            )
            session.commit()
            session.refresh(found)
            given.append(found)
    while aggregate(session, project.id, schema, NOW).task_count:
        pass
    return given


def exported(store: Store, project: Project, content: str, format_name: str = "jsonl") -> bytes:
    with store.reading() as session:
        own = session.get_one(Project, project.id)
        return b"".join(begin_export(session, own, FORMATS[format_name], CONTENTS[content], nothing).pieces)


def rows_of(store: Store, project: Project, content: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in exported(store, project, content).splitlines()]


def test_every_item_has_a_row_also_without_task_and_answer(store, session, project, answered) -> None:
    rows = rows_of(store, project, "items")
    items = session.exec(
        select(Item).where(Item.dataset_id == project.dataset_id).order_by(Item.position)
    ).all()
    assert [row["item"] for row in rows] == [item.public_id for item in items]
    assert [row["input.text"] for row in rows] == [item.input["text"] for item in items]
    without = [row for row in rows if row["task"] is None]
    assert len(without) == 4
    assert all(row["consensus"] is None and row["answer_count"] == 0 for row in without)


def test_an_item_row_carries_consensus_gold_and_batch(store, project, answered) -> None:
    rows = rows_of(store, project, "items")
    done = next(row for row in rows if row["task"] and not row["is_gold"])
    assert (done["consensus"], done["answer_count"], done["is_settled"]) == ("Positive", 2, True)
    assert 0.8 < done["confidence"] < 1
    assert (done["method"], done["batch"], done["is_disputed"], done["is_decided"]) == (
        "posterior",
        1,
        False,
        False,
    )
    assert (rows[0]["is_gold"], rows[0]["gold_answers"]) == (True, ["Positive"])


def test_an_answer_row_names_no_worker_and_carries_the_server_s_time(store, project, answered) -> None:
    written = exported(store, project, "answers")
    rows = [json.loads(line) for line in written.splitlines()]
    assert len(rows) == len(answered)
    assert b"example.org" not in written and b"Anna" not in written
    assert all(row["worker"].startswith("w-") for row in rows)
    row = rows[0]
    assert row["duration_seconds"] == 7.25
    assert (row["label"], row["answer"]) == ("Positive", {"category": {"label": "Positive"}})
    assert (row["guidelines_version"], row["template"], row["state"]) == (
        1,
        "text-classification",
        "submitted",
    )
    assert (row["pay_micros"], row["trust"]) == (50_000, pytest.approx(2 / 3))
    assert {row["gold_score"] for row in rows} == {1.0, None}


def test_a_rejected_answer_is_listed_with_its_reason_without_what_it_said(
    store, session, project, answered, requester
) -> None:
    session.refresh(answered[0])
    reject(session, answered[0], NOW, by=requester.id, reason="Not read.")
    row = next(row for row in rows_of(store, project, "answers") if row["answer_id"] == answered[0].public_id)
    assert (row["state"], row["reason"], row["pay_micros"]) == ("rejected", "Not read.", 0)
    assert (row["label"], row["answer"]) == (None, None)


def test_an_item_without_standing_answers_has_no_consensus(
    store, session, project, answered, requester
) -> None:
    task_id = answered[0].task_id
    for given in answered:
        if given.task_id == task_id:
            session.refresh(given)
            reject(session, given, NOW, by=requester.id, reason="Not read.")
    aggregate(session, project.id, question_of(project).schema, NOW)
    row = next(row for row in rows_of(store, project, "items") if row["answer_count"] == 0 and row["task"])
    assert row["consensus"] is None and not row["is_settled"]


def test_csv_holds_the_same_values_and_runs_nothing(store, project, answered) -> None:
    read = list(csv.DictReader(io.StringIO(exported(store, project, "items", "csv").decode(), newline="")))
    rows = rows_of(store, project, "items")
    assert [true_text(row["input.text"]) for row in read] == [row["input.text"] for row in rows]
    assert read[1]["input.text"] == "'" + ATTACK
    assert [row["answer_count"] for row in read] == [str(row["answer_count"]) for row in rows]


def test_a_path_in_a_dataset_is_text_and_opens_no_file(store, project, answered) -> None:
    written = exported(store, project, "items")
    assert PATH.encode() in written and b"root:" not in written


@pytest.mark.parametrize("format_name", sorted(FORMATS))
@pytest.mark.parametrize("content", sorted(CONTENTS))
def test_the_same_data_gives_the_same_bytes(store, project, answered, content, format_name) -> None:
    assert exported(store, project, content, format_name) == exported(store, project, content, format_name)


@pytest.fixture
def release(session: Session, project: Project, answered: list[Assignment], requester: User) -> Release:
    return request_release(session, project, format_name="csv", content="items", by=requester.id, now=NOW)


def written_release(
    store: Store, release: Release, progress: Callable[[int, int], None] = nothing
) -> Release:
    found = write_release(store, release.id, lambda: NOW, progress)
    assert found is not None
    return found


def test_a_release_is_numbered_hashed_and_written_once(store, session, project, release) -> None:
    session.commit()
    done = written_release(store, release)
    again = written_release(store, release)
    assert done.blob_sha256 == again.blob_sha256
    assert done.blob_sha256 is not None and done.row_count == 8 and done.finished_at is not None
    content = store.blobs.path(done.blob_sha256).read_bytes()
    assert hashlib.sha256(content).hexdigest() == done.blob_sha256
    assert content == exported(store, project, "items", "csv")
    with store.reading() as reader:
        blob = reader.get_one(Blob, done.blob_sha256)
        assert (blob.byte_count, blob.media_type) == (len(content), "text/csv; charset=utf-8")


def test_a_release_stays_as_it_was_while_the_project_goes_on(
    store, session, project, release, answered, requester
) -> None:
    session.commit()
    first = written_release(store, release).blob_sha256
    session.refresh(answered[0])
    reject(session, answered[0], NOW, by=requester.id, reason="Not read.")
    second = request_release(session, project, format_name="csv", content="items", by=requester.id, now=NOW)
    assert (release.number, second.number) == (1, 2)
    assert written_release(store, second).blob_sha256 != first
    assert written_release(store, release).blob_sha256 == first


def test_a_second_click_makes_no_second_release(session, project, release, requester) -> None:
    again = request_release(session, project, format_name="csv", content="items", by=requester.id, now=NOW)
    assert again.id == release.id
    assert len(releases_of(session, project.id)) == 1
    other = request_release(session, project, format_name="jsonl", content="items", by=requester.id, now=NOW)
    assert other.number == 2


def test_a_release_whose_job_failed_keeps_nobody_from_trying_again(
    session, project, release, requester
) -> None:
    job = latest_job(session, "export", str(release.id))
    assert job is not None and job.is_slow
    job.state = JobState.FAILED
    session.add(job)
    session.commit()
    again = request_release(session, project, format_name="csv", content="items", by=requester.id, now=NOW)
    assert again.number == 2


def test_progress_is_told_up_to_the_last_row(store, session, release) -> None:
    session.commit()
    told: list[tuple[int, int]] = []
    written_release(store, release, lambda done, total: told.append((done, total)))
    assert told[-1] == (8, 8)


def test_unknown_formats_and_contents_are_refused(session, project, requester) -> None:
    with pytest.raises(UnknownFormat):
        request_release(session, project, format_name="../x", content="items", by=requester.id, now=NOW)
    with pytest.raises(UnknownContent):
        request_release(session, project, format_name="csv", content="users", by=requester.id, now=NOW)


def test_a_project_without_a_dataset_has_nothing_to_export(session, requester) -> None:
    draft = Project(owner_id=requester.id, title="Draft", template_name="text-classification")
    session.add(draft)
    session.commit()
    with pytest.raises(NothingToExport):
        request_release(session, draft, format_name="csv", content="items", by=requester.id, now=NOW)


def test_the_job_is_found_by_its_kind() -> None:
    assert export_job.KIND == "export"
