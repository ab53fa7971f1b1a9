"""Proposes labels for a question: those of the gold column, where the template's own do not fit it."""

from __future__ import annotations

from sqlmodel import Session

from crowd.services.launch import gold_labels
from crowd.storage.datasets import Dataset
from crowd.storage.items import items_page
from crowd.storage.projects import Project
from crowd.storage.task_templates import TaskTemplate

LOOKED_AT = 500


def propose_labels(
    session: Session, project: Project, template: TaskTemplate, dataset: Dataset, sent: dict[str, str]
) -> None:
    """Replace labels that nobody has changed yet, where a gold answer of this dataset is none of them."""
    name = template.answer.labels_from
    entry = next((one for one in template.parameters if one.name == name), None)
    if entry is None or project.dataset_id == dataset.id or not sent["gold_column"]:
        return
    untouched = template.default_parameters().get(entry.name)
    if not isinstance(untouched, list) or project.parameters.get(entry.name, untouched) != untouched:
        return
    items = items_page(session, dataset.id, limit=LOOKED_AT)
    found = dict.fromkeys(
        label for item in items for label in gold_labels(item.input.get(sent["gold_column"]))
    )
    if not set(found) <= set(untouched) and entry.min_count <= len(found) <= entry.max_count:
        sent[f"parameter-{entry.name}"] = "\n".join(found)
