"""`crowd export` and `crowd check`, as typed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from sqlmodel import Session

from crowd.cli import main
from crowd.services.export import request_release, write_release
from crowd.settings import Settings
from crowd.storage.columns import new_public_id, now_utc
from crowd.storage.database import Store
from crowd.storage.projects import Project
from crowd.storage.tasks import Task
from crowd.storage.users import User
from tests.factories import fund, launch_all, make_dataset, make_project, rows_with_gold


@pytest.fixture
def project(
    session: Session, requester: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Project:
    monkeypatch.setenv("CROWD_DATA_DIR", settings.data_dir)
    monkeypatch.setenv("CROWD_DATABASE_URL", settings.database_url)
    made = make_project(session, requester, make_dataset(session, requester, rows_with_gold(5)))
    fund(session, requester)
    launch_all(session, made)
    return made


def test_the_file_has_the_same_bytes_as_a_release(
    store: Store, session: Session, project: Project, requester: User, tmp_path: Path
) -> None:
    release = request_release(
        session, project, format_name="jsonl", content="items", by=requester.id, now=now_utc()
    )
    done = write_release(store, release.id, now_utc, lambda _done, _total: None)
    target = tmp_path / "items.jsonl"
    given = ["export", project.public_id, "--format", "jsonl", "--content", "items", "-o", str(target)]
    assert main(given) == 0
    assert done is not None
    assert hashlib.sha256(target.read_bytes()).hexdigest() == done.blob_sha256
    assert list(tmp_path.glob(".items*")) == []


def test_an_unknown_project_and_an_unwritable_place_end_with_a_sentence(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", new_public_id(), "-o", str(tmp_path / "x")]) == 2
    assert "There is no project" in capsys.readouterr().err
    assert main(["export", project.public_id, "-o", str(tmp_path / "no" / "x")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_check_ends_well_on_a_house_in_order_and_with_1_on_a_broken_one(
    session: Session, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    assert "Nothing was found." in said and "5 " in said and "over-assignment" in said
    task = session.get_one(Task, 1)
    task.live_count = 1
    session.add(task)
    session.commit()
    assert main(["check"]) == 1
    said = capsys.readouterr().out
    assert "WRONG       1 of 5         task counters" in said
    assert "task 1: counts 1 loans and 0 answers, has 0 and 0" in said
