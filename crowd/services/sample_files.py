"""The sample data of a task template, as a file that a requester could have uploaded."""

from __future__ import annotations

import csv
import zipfile
from io import BytesIO
from pathlib import Path

from crowd.services.questions import TEMPLATES

ITEMS = "items.csv"
# The date in the ZIP's entries, always the same: equal samples are equal bytes.
ZIP_DATE = (2026, 1, 1, 0, 0, 0)


class NoSample(Exception):
    """There is no such task template with sample data."""


def packed_sample(template_name: str) -> tuple[str, bytes]:
    """(file name, content) of a template's sample: a CSV, or a ZIP with the media that the CSV names."""
    place = _sample_place(template_name)
    content = (place / ITEMS).read_bytes()
    rows = list(csv.DictReader(content.decode().splitlines()))
    if not rows or "file" not in rows[0]:
        return f"{template_name}.csv", content
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("manifest.csv", ZIP_DATE), content)
        for row in rows:
            archive.writestr(zipfile.ZipInfo(row["file"], ZIP_DATE), (place / row["file"]).read_bytes())
    return f"{template_name}.zip", packed.getvalue()


def templates_with_samples() -> list[str]:
    """The task templates that have sample data, by name."""
    return sorted(path.parent.parent.name for path in TEMPLATES.glob(f"*/sample/{ITEMS}"))


def _sample_place(template_name: str) -> Path:
    if template_name not in templates_with_samples():
        raise NoSample(f"There is no task template '{template_name}' with sample data.")
    return TEMPLATES / template_name / "sample"
