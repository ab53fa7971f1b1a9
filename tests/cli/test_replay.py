"""Recorded crowds, replayed over HTTP against the real group."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from random import Random

import pytest

from crowd.cli.replay.browser import Browser
from crowd.cli.replay.recording import BadRecording, read_gold, read_recording
from crowd.cli.replay.stage import Player, Scene, Stage
from tests.cli.conftest import Crowd
from tests.waiting import await_until

WORKERS, TASKS, OVERLAP = 12, 24, 4


def figure(said: str, name: str) -> int:
    found = re.search(rf"^{name} +([0-9]+)", said, re.MULTILINE)
    assert found, said
    return int(found.group(1))


@pytest.fixture
def recording(tmp_path: Path) -> tuple[Path, Path]:
    """A crowd of twelve who are right four times in five, and what is right."""
    rng, rows, gold = Random(5), [], []
    for task in range(TASKS):
        right = rng.choice(["yes", "no"])
        gold.append({"task": f"t{task}", "label": right})
        for worker in rng.sample(range(WORKERS), OVERLAP):
            label = right if rng.random() < 0.8 else {"yes": "no", "no": "yes"}[right]
            rows.append({"task": f"t{task}", "worker": f"w{worker}", "label": label})
    answers, truth = tmp_path / "answers.csv", tmp_path / "gold.csv"
    for path, lines in ((answers, rows), (truth, gold)):
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(lines[0]))
            writer.writeheader()
            writer.writerows(lines)
    return answers, truth


def test_every_recorded_answer_is_accepted_once_and_the_check_finds_nothing(
    crowd: Crowd, recording: tuple[Path, Path]
) -> None:
    answers, truth = recording
    serving = crowd("serve")
    await_until(lambda: "is open at" in serving.said(), within=120)
    replay = crowd("replay", "Yes or no", str(answers), "--create", "--gold", str(truth), "--workers", "6")
    code, said = replay.end()
    assert code == 0, said
    assert figure(said, "accepted") == TASKS * OVERLAP
    assert figure(said, "refused") == 0
    assert figure(said, "settled") == TASKS
    assert re.search(r"^accuracy +[0-9.]+ %", said, re.MULTILINE)
    code, said = crowd("check").end()
    assert code == 0, said


def test_replay_says_when_no_server_answers(crowd: Crowd, recording: tuple[Path, Path]) -> None:
    migrated = crowd("migrate").end()
    assert migrated[0] == 0, migrated
    code, said = crowd("replay", "Yes or no", str(recording[0]), "--create").end()
    assert code == 2
    assert "make serve" in said and "Traceback" not in said


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("task,worker\n1,2\n", "no column 'label'"),
        ("task,worker,label\n", "holds no answers"),
        ("task,worker,label\n1,2,\n", "line 2: the label is empty"),
        ("task,worker,label\n1,2\n", "line 2: too few values"),
    ],
)
def test_a_recording_that_cannot_be_played_is_named_with_its_line(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(text)
    with pytest.raises(BadRecording, match=complaint):
        read_recording(path)


def test_repeated_rows_count_once_and_parts_keep_every_answer(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("task,worker,label\na,1,x\na,1,y\nb,1,x\nb,2,y\nc,2,x\n")
    recording = read_recording(path)
    assert recording.answers == {"1": {"a": "x", "b": "x"}, "2": {"b": "y", "c": "x"}}
    assert (recording.tasks, recording.repeated_count) == ({"a": 1, "b": 2, "c": 1}, 1)
    parts = [recording.part(number, 2) for number in range(2)]
    assert sum(part.answer_count for part in parts) == recording.answer_count
    assert read_gold_of(tmp_path, "task,label\na,x\n") == {"a": "x"}


def read_gold_of(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "gold.csv"
    path.write_text(text)
    return read_gold(path)


def test_whoever_would_be_lent_a_recorded_task_goes_first() -> None:
    browser = Browser("http://127.0.0.1:1")
    late = Player(browser, "/tasks/x", {1: "no"})
    early = Player(browser, "/tasks/x", {0: "yes", 1: "no"})
    stage = Stage([Scene([late, early])])
    assert stage.next() is early
    stage.said(early, early.labels and 0)
    early.labels.pop(0)
    assert stage.next() is late
