"""Rebuilds the sample pictures and the sample speech from what their truth.csv files say they show and say.

    python scripts/make_samples.py [pictures] [speech]

Without a word it makes both. The same commit and the same tools give the same files.
The sentences, labels and gold answers are written by hand in the CSV files and never touched here.
"""

import csv
import sys
from collections import Counter
from pathlib import Path

from samples.pictures import picture
from samples.speech import SpeechToolMissingError, espeak, speak

TEMPLATES = Path(__file__).resolve().parent.parent / "task_templates"


def truth(sample: Path) -> list[tuple[Path, str]]:
    """Every media file of a sample dataset with its right label."""
    with (sample / "truth.csv").open(encoding="utf-8", newline="") as stream:
        return [(sample / row["file"], row["label"]) for row in csv.DictReader(stream)]


def make_pictures() -> int:
    drawn: Counter[str] = Counter()
    for path, label in truth(TEMPLATES / "image-classification" / "sample"):
        path.parent.mkdir(exist_ok=True)
        picture(label, drawn[label]).save(path)
        drawn[label] += 1
    return drawn.total()


def make_speech() -> int:
    espeak()
    clips = truth(TEMPLATES / "audio-transcription" / "sample")
    for path, sentence in clips:
        path.parent.mkdir(exist_ok=True)
        speak(sentence, path)
    return len(clips)


MAKERS = {"pictures": make_pictures, "speech": make_speech}


def main(wanted: list[str]) -> int:
    unknown = [word for word in wanted if word not in MAKERS]
    if unknown:
        print(
            f"There is no sample called {unknown[0]!r}. Say pictures, speech or nothing for both.",
            file=sys.stderr,
        )
        return 2
    try:
        for word in wanted or list(MAKERS):
            print(f"{word}: {MAKERS[word]()} files made")
    except SpeechToolMissingError as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
