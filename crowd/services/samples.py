"""A task template's own sample items, to try it with. Nothing of it is stored."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from crowd.domain.answers import AnswerSchema
from crowd.services.questions import TEMPLATES, Question
from crowd.storage.items import Item
from crowd.storage.task_templates import Modality, TaskTemplate, all_templates, template_named

SAMPLE, ITEMS = "sample", "items.csv"
FILE_COLUMN = "file"
GUIDELINES = "guidelines.md"


@dataclass(frozen=True)
class Sample:
    """One sample item, and the name of its picture or recording within the sample folder."""

    item: Item
    file_name: str | None


@lru_cache(maxsize=1)
def templates() -> tuple[TaskTemplate, ...]:
    """Every task template, by title. Read once: they change with the software only."""
    return tuple(sorted(all_templates(TEMPLATES), key=lambda template: template.title))


def template_of_name(name: str) -> TaskTemplate:
    """The task template of this name. Raises UnknownTaskTemplateError."""
    return template_named(TEMPLATES, name)


@lru_cache(maxsize=64)
def samples_of(template: TaskTemplate) -> tuple[Sample, ...]:
    """The sample items of a template in file order; none where it has no samples."""
    path = template.folder / SAMPLE / ITEMS
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(_sample(template, place, row) for place, row in enumerate(csv.DictReader(file)))


def sample_file(template: TaskTemplate, name: str) -> Path | None:
    """Where a sample's picture or recording lies; None for any other name, the truth's among them."""
    named = {sample.file_name for sample in samples_of(template)}
    path = template.folder / SAMPLE / name
    return path if name in named and path.is_file() else None


def sample_question(template: TaskTemplate) -> Question:
    """The question that a template asks when nothing was changed, about its samples."""
    parameters = template.default_parameters() | _sample_parameters(template)
    schema = AnswerSchema.from_mapping(template.answer.schema(parameters))
    mapping = {entry.name: entry.name for entry in template.inputs if entry.kind is Modality.TEXT}
    return Question(template, parameters, mapping, schema)


def guidelines_of(template: TaskTemplate) -> str:
    """The template's own guidelines, to start from."""
    path = template.folder / GUIDELINES
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _sample_parameters(template: TaskTemplate) -> dict[str, object]:
    """Labels that fit the samples: those of the gold column, where there are enough of them."""
    name = template.answer.labels_from
    if name is None:
        return {}
    labels = dict.fromkeys(
        gold for sample in samples_of(template) if (gold := str(sample.item.input.get("gold", "")).strip())
    )
    return {name: list(labels)} if len(labels) > 1 else {}


def _sample(template: TaskTemplate, place: int, row: dict[str, str]) -> Sample:
    file_name = row.get(FILE_COLUMN) if template.modality is not Modality.TEXT else None
    media = {"kind": template.modality.value} if file_name else None
    item = Item(dataset_id=0, position=place, content_hash="", input=dict(row), media=media)
    return Sample(item, file_name)
