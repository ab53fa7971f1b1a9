"""What the requester brings: three small files out of the templates' samples, and what is right in them."""

from __future__ import annotations

import csv
import zipfile
from dataclasses import dataclass
from pathlib import Path

from crowd.settings import ROOT

TEMPLATES = ROOT / "task_templates"


@dataclass(frozen=True)
class Material:
    """One file to upload, the question to ask about it, and the right answer to each of its items."""

    template: str
    title: str
    question: str
    labels: tuple[str, ...]
    file: Path
    key_column: str
    rows: tuple[dict[str, str], ...]
    truth: dict[str, str]

    @property
    def has_media(self) -> bool:
        return self.key_column == "file"

    @property
    def gold_keys(self) -> set[str]:
        return {row[self.key_column] for row in self.rows if row["gold"]}


def sentences(place: Path) -> Material:
    """Ten messages to a shop and six with gold, as a CSV."""
    rows, truth = _sample("text-classification", "id", ordinary=10, gold=6)
    file = place / "messages.csv"
    _write(file, rows)
    labels = ("Refund", "Delivery", "Technical help", "Praise")
    title = "What does the customer want?"
    return Material("text-classification", title, title, labels, file, "id", rows, truth)


def pictures(place: Path) -> Material:
    """Four drawings and two with gold, as a ZIP."""
    labels = ("House", "Boat", "Tree", "Car")
    rows, truth = _sample("image-classification", "file", ordinary=4, gold=2)
    file = _zip("image-classification", place / "pictures.zip", rows)
    title = "House, boat, tree or car?"
    question = "What does the picture show?"
    return Material("image-classification", title, question, labels, file, "file", rows, truth)


def recordings(place: Path) -> Material:
    """Three spoken sentences and one with gold, as a ZIP."""
    rows, truth = _sample("audio-transcription", "file", ordinary=3, gold=1)
    file = _zip("audio-transcription", place / "recordings.zip", rows)
    question = "Write down exactly what is said."
    return Material("audio-transcription", "Write down what is said", question, (), file, "file", rows, truth)


Rows = tuple[dict[str, str], ...]


def _sample(template: str, key: str, *, ordinary: int, gold: int) -> tuple[Rows, dict[str, str]]:
    """The first items of a sample without and with gold, in its order, and what is right for them."""
    rows, left = [], {False: ordinary, True: gold}
    for row in _read(template, "items.csv"):
        left[bool(row["gold"])] -= 1
        if left[bool(row["gold"])] >= 0:
            rows.append(row)
    wanted = {row[key] for row in rows}
    truth = {row[key]: row["label"] for row in _read(template, "truth.csv") if row[key] in wanted}
    assert len(truth) == len(rows) == ordinary + gold
    return tuple(rows), truth


def _read(template: str, name: str) -> Rows:
    with (TEMPLATES / template / "sample" / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _write(path: Path, rows: Rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _zip(template: str, path: Path, rows: Rows) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(_write(path.with_suffix(".csv"), rows), "manifest.csv")
        for row in rows:
            archive.write(TEMPLATES / template / "sample" / row["file"], row["file"])
    return path
