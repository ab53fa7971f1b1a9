"""`crowd dataset`: imports directly, prints the report, fails with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import Session, select

from crowd.cli import main
from crowd.domain.states import DatasetState
from crowd.settings import Settings
from crowd.storage.database import Store
from crowd.storage.datasets import Dataset
from crowd.storage.users import User


@pytest.fixture(autouse=True)
def settings_by_environment(settings: Settings, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.rollback()
    for name, value in settings.as_environment().items():
        monkeypatch.setenv(name, value)


def test_a_file_is_imported_and_reported(
    store: Store, requester: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "messages.csv"
    file.write_text("text,gold\na,1\na,1\nbroken\n")
    assert main(["dataset", "import", str(file), "--owner", requester.email, "--name", "Mail"]) == 0
    shown = capsys.readouterr().out
    assert "Mail, version 1" in shown
    assert "delimited, utf-8, separated by commas" in shown
    assert "line 4: The row has 1 fields, the header has 2." in shown
    with store.reading() as session:
        dataset = session.exec(select(Dataset)).one()
    assert (dataset.state, dataset.kept_count, dataset.duplicate_count) == (DatasetState.READY, 1, 1)
    assert main(["dataset", "list"]) == 0
    assert dataset.public_id in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "owner", "sentence"),
    [
        ("a,a\n1,2\n", None, 'both named "a"'),
        ("", None, "The file is empty"),
        ("a\n1\n", "nobody@example.org", "There is no requester with the e-mail address"),
    ],
)
def test_a_failure_is_a_sentence_and_exit_code_two(
    requester: User,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str,
    owner: str | None,
    sentence: str,
) -> None:
    file = tmp_path / "x.csv"
    file.write_text(content)
    assert main(["dataset", "import", str(file), "--owner", owner or requester.email]) == 2
    assert sentence in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(
    requester: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dataset", "import", str(tmp_path / "none.csv"), "--owner", requester.email]) == 2
    assert "none.csv: No such file" in capsys.readouterr().err
