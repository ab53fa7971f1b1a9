"""Task templates are whole, or refused with a sentence that names the file and the key."""

import re
import shutil
from pathlib import Path

import pytest

from crowd.storage.manifest import ManifestError
from crowd.storage.task_templates import (
    PARTS,
    Modality,
    TaskTemplate,
    UnknownTaskTemplateError,
    all_templates,
    template_named,
)

ROOT = Path(__file__).resolve().parents[2] / "task_templates"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of one task template, to be broken."""
    copy = tmp_path / "text-classification"
    copy.mkdir()
    for part in PARTS:
        shutil.copy(ROOT / "text-classification" / part, copy / part)
    return copy


def change(folder: Path, old: str, new: str) -> None:
    manifest = folder / "template.toml"
    text = manifest.read_text()
    assert old in text
    manifest.write_text(text.replace(old, new, 1))


def test_every_folder_is_a_task_template_and_every_modality_has_one() -> None:
    found = all_templates(ROOT)
    assert [template.name for template in found] == sorted(one.name for one in ROOT.iterdir() if one.is_dir())
    assert {template.modality for template in found} == set(Modality)


def test_a_choice_takes_its_labels_from_the_parameters() -> None:
    template = template_named(ROOT, "text-classification")
    schema = template.answer.schema(template.default_parameters() | {"labels": ["A", "B"]})
    assert schema == {"kind": "choice", "field": "category", "is_required": True, "labels": ["A", "B"]}


def test_a_text_has_a_length_and_no_labels() -> None:
    template = template_named(ROOT, "audio-transcription")
    schema = template.answer.schema(template.default_parameters())
    assert schema == {"kind": "text", "field": "transcription", "is_required": True, "max_length": 5000}


@pytest.mark.parametrize(
    "name", ["no-such", "../text-classification", "", ".", "Text-Classification", "a/b", "x" * 3000]
)
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(UnknownTaskTemplateError):
        template_named(ROOT, name)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('name = "text-classification"', 'name = "other"', "name is 'other' but the folder is"),
        ("version = 1", 'version = "1"', "version must be a whole number"),
        ("version = 1", "", "version is missing"),
        ("version = 1", "version = 1\ncolour = 'red'", "colour is not a known key"),
        ('modality = "text"', 'modality = "smell"', "modality must be one of text, image, audio"),
        ('modality = "text"', 'modality = "audio"', "inputs must have one of kind 'audio'"),
        ('labels_from = "labels"', 'labels_from = "question"', "answer.labels_from must name a parameter"),
        ('default = ["Positive", "Neutral", "Negative"]', 'default = ["One"]', "default must hold 2 to 50"),
        (
            'default = ["Positive", "Neutral", "Negative"]',
            'default = ["A", "A"]',
            "must not name anything twice",
        ),
        ("is_required = true", "is_required = 1", "is_required must be true or false"),
        ('kind = "labels"', 'kind = "slider"', "parameters[1].kind must be one of"),
        ('name = "reminder"', 'name = "question"', "parameters has two entries of one name"),
        ('name = "text-classification"', "name = [", "not TOML"),
    ],
)
def test_a_broken_manifest_is_refused_by_file_and_key(
    folder: Path, old: str, new: str, complaint: str
) -> None:
    change(folder, old, new)
    with pytest.raises(ManifestError) as refusal:
        template_named(folder.parent, folder.name)
    assert str(folder / "template.toml") in str(refusal.value)
    assert complaint in str(refusal.value)


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_or_empty_part_is_named(folder: Path, part: str) -> None:
    (folder / part).write_text(" \n")
    with pytest.raises(ManifestError, match=f"{part}: the file is empty"):
        all_templates(folder.parent)
    (folder / part).unlink()
    with pytest.raises(ManifestError, match=f"{part}: the file is missing"):
        all_templates(folder.parent)


def test_the_digest_changes_with_what_is_shown_and_not_with_the_sample(folder: Path) -> None:
    before = template_named(folder.parent, folder.name).digest
    (folder / "sample").mkdir()
    (folder / "sample" / "items.csv").write_text("text\nHello\n")
    assert template_named(folder.parent, folder.name).digest == before
    (folder / "body.liquid").write_text("<crowd-form></crowd-form>")
    assert template_named(folder.parent, folder.name).digest != before


@pytest.mark.parametrize("template", all_templates(ROOT), ids=lambda template: template.name)
def test_no_task_template_of_the_house_bypasses_escaping(template: TaskTemplate) -> None:
    markup = template.body + template.answer_view
    for forbidden in (
        r"skip_autoescape",
        r"<script",
        r"\bstyle=",
        r"javascript:",
        r"\son\w+=",
        r"\b(data-)?hx-",
        r"=\{\{",
    ):
        assert not re.search(forbidden, markup), forbidden
