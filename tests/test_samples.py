"""The sample datasets are whole, honest and small: what the demo and the first pages rest on."""

import csv
import hashlib
import importlib
import io
import subprocess
import sys
from collections import Counter
from pathlib import Path

import imageio_ffmpeg
import pytest
from PIL import Image, ImageChops, ImageStat

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "task_templates"
TEXT, IMAGES, AUDIO = "text-classification", "image-classification", "audio-transcription"
LABELS = {
    TEXT: {"Refund", "Delivery", "Technical help", "Praise"},
    IMAGES: {"House", "Boat", "Tree", "Car"},
}
NAMES = {TEXT: "message-{:02}", IMAGES: "images/picture-{:02}.png", AUDIO: "audio/clip-{:02}.mp3"}
COUNTS = {TEXT: (48, 12), IMAGES: (40, 10), AUDIO: (36, 9)}
LARGEST_FILE = {IMAGES: 12_000, AUDIO: 20_000}
LARGEST_TOTAL = 1_500_000
SAMPLE_RATE = 22_050

Row = dict[str, str]


def rows(template: str, name: str) -> list[Row]:
    path = TEMPLATES / template / "sample" / name
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def key(row: Row) -> str:
    return row["file"] if "file" in row else row["id"]


def media(template: str) -> list[Path]:
    return [TEMPLATES / template / "sample" / row["file"] for row in rows(template, "items.csv")]


def decoded(path: Path) -> bytes:
    """The clip as 16-bit mono samples."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-xerror", "-f", "mp3", "-i", str(path)]
    done = subprocess.run([*command, "-f", "s16le", "-"], check=True, capture_output=True)
    assert done.stderr == b""
    return done.stdout


@pytest.mark.parametrize("template", COUNTS)
def test_every_sample_has_its_promised_items_and_gold_answers(template: str) -> None:
    items = rows(template, "items.csv")
    assert (len(items), sum(bool(row["gold"]) for row in items)) == COUNTS[template]


@pytest.mark.parametrize("template", COUNTS)
def test_truth_covers_every_item_once_and_in_the_same_order(template: str) -> None:
    assert [key(row) for row in rows(template, "truth.csv")] == [
        key(row) for row in rows(template, "items.csv")
    ]
    assert len({key(row) for row in rows(template, "truth.csv")}) == COUNTS[template][0]


@pytest.mark.parametrize("template", COUNTS)
def test_gold_answers_agree_with_the_truth(template: str) -> None:
    right = {key(row): row["label"] for row in rows(template, "truth.csv")}
    for row in rows(template, "items.csv"):
        assert row["gold"] in ("", right[key(row)])


@pytest.mark.parametrize("template", LABELS)
def test_labels_come_from_the_set_in_equal_shares_and_gold_covers_all(template: str) -> None:
    counted = Counter(row["label"] for row in rows(template, "truth.csv"))
    gold = Counter(row["gold"] for row in rows(template, "items.csv") if row["gold"])
    assert counted.keys() == gold.keys() == LABELS[template]
    assert len(set(counted.values())) == 1
    assert max(gold.values()) - min(gold.values()) <= 1


def test_no_sentence_occurs_twice() -> None:
    spoken = [row["label"].casefold() for row in rows(AUDIO, "truth.csv")]
    written = [row["text"].casefold() for row in rows(TEXT, "items.csv")]
    assert len(set(spoken)) == len(spoken)
    assert len(set(written)) == len(written)
    assert all(len(text) <= 120 for text in written)


def test_spoken_sentences_have_four_to_ten_words() -> None:
    assert {len(row["label"].split()) in range(4, 11) for row in rows(AUDIO, "truth.csv")} == {True}


@pytest.mark.parametrize("template", COUNTS)
def test_names_of_items_are_only_numbered(template: str) -> None:
    for number, row in enumerate(rows(template, "items.csv"), 1):
        assert key(row) == NAMES[template].format(number)


@pytest.mark.parametrize("template", LARGEST_FILE)
def test_media_files_are_all_listed_and_small_and_no_two_are_equal(template: str) -> None:
    listed = media(template)
    assert set(listed[0].parent.iterdir()) == set(listed)
    assert all(0 < path.stat().st_size < LARGEST_FILE[template] for path in listed)
    assert len({hashlib.sha256(path.read_bytes()).hexdigest() for path in listed}) == len(listed)


def test_all_samples_together_stay_small() -> None:
    assert (
        sum(path.stat().st_size for path in TEMPLATES.rglob("*/sample/**/*") if path.is_file())
        < LARGEST_TOTAL
    )


@pytest.mark.parametrize("path", media(IMAGES), ids=lambda path: path.stem)
def test_pictures_open_at_their_size_and_carry_no_hidden_words(path: Path) -> None:
    with Image.open(path, formats=["PNG"]) as image:
        image.load()
        assert image.size == (640, 480)
        assert image.info.keys() <= {"transparency", "dpi"}


@pytest.mark.parametrize("path", media(AUDIO), ids=lambda path: path.stem)
def test_clips_decode_and_last_one_to_eight_seconds(path: Path) -> None:
    samples = decoded(path)
    assert 1 <= len(samples) / 2 / SAMPLE_RATE <= 8
    assert not path.read_bytes().startswith(b"ID3")


@pytest.mark.parametrize("template", COUNTS)
def test_guidelines_are_short_and_answer_what_workers_ask(template: str) -> None:
    text = (TEMPLATES / template / "guidelines.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 60
    for heading in ("## Examples", "## When it is not clear", "## What is paid"):
        assert heading in text
    for label in LABELS.get(template, ()):
        assert f"**{label}**" in text


@pytest.mark.parametrize(
    ("template", "file", "column"), [(TEXT, "items.csv", "text"), (AUDIO, "truth.csv", "label")]
)
def test_guidelines_give_no_item_away(template: str, file: str, column: str) -> None:
    text = " ".join((TEMPLATES / template / "guidelines.md").read_text(encoding="utf-8").split()).casefold()
    sentences = [row[column].casefold() for row in rows(template, file)]
    assert [sentence for sentence in sentences if sentence.rstrip(".?!") in text] == []


def test_licence_of_the_samples_is_stated() -> None:
    assert "CC0 1.0" in (TEMPLATES / "SAMPLES.md").read_text(encoding="utf-8")


def looks_alike(first: bytes, second: bytes) -> bool:
    """Another version of the drawing library may round an edge differently, but no more than that."""
    with Image.open(io.BytesIO(first)) as one, Image.open(io.BytesIO(second)) as other:
        difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    return max(ImageStat.Stat(difference).mean) < 2


def test_generator_draws_the_pictures_that_are_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    pictures = importlib.import_module("samples.pictures")
    for row in rows(IMAGES, "truth.csv")[:2]:
        drawn = pictures.picture(row["label"], 0).png()
        assert drawn == pictures.picture(row["label"], 0).png()
        assert looks_alike((TEMPLATES / IMAGES / "sample" / row["file"]).read_bytes(), drawn)


def test_generator_says_so_when_the_speech_tool_is_missing(tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in media(AUDIO)}
    command = [sys.executable, str(ROOT / "scripts" / "make_samples.py"), "speech"]
    done = subprocess.run(command, check=False, env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == 1
    assert "espeak-ng was not found" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in media(AUDIO)} == before


def test_generator_refuses_a_word_it_does_not_know() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "make_samples.py"), "films"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, "'films'" in done.stderr) == (2, True)
