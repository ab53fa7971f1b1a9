"""Questions: a project's task template with its parameters — what is asked, and which answers it allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from crowd.domain.answers import AnswerSchema
from crowd.services import rendering
from crowd.settings import ROOT
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.storage.task_templates import TaskTemplate, template_named

TEMPLATES = ROOT / "task_templates"


@dataclass(frozen=True)
class Question:
    """What a project asks: its template, parameters, column mapping and answer schema."""

    template: TaskTemplate
    parameters: Mapping[str, Any]
    mapping: Mapping[str, str]
    schema: AnswerSchema

    def input_of(self, item: Item, media_url: str | None) -> dict[str, Any]:
        """What a task shows of an item: {input name: text or media address}, and `<name>_peaks` for audio."""
        shown: dict[str, Any] = {}
        for task_input in self.template.inputs:
            if task_input.kind == "text":
                column = self.mapping.get(task_input.name, "")
                shown[task_input.name] = item.input.get(column, "") if column else ""
            elif item.media is not None:
                shown[task_input.name] = media_url or ""
                if "peaks" in item.media:
                    shown[f"{task_input.name}_peaks"] = item.media["peaks"]
        return shown

    def task_html(self, item: Item, media_url: str | None) -> str:
        """The form that a worker answers, as HTML that is safe to put into a page."""
        return rendering.render_task(self.template, self.input_of(item, media_url), self.parameters)

    def answer_html(self, item: Item, media_url: str | None, answer: Mapping[str, Any]) -> str:
        """One answer beside its input, read-only."""
        return rendering.render_answer(self.template, self.input_of(item, media_url), self.parameters, answer)

    def answer_of_label(self, label: str) -> dict[str, Any]:
        """The smallest answer that carries a label, for showing a consensus or a gold answer."""
        value = {"label": label} if self.schema.kind == "choice" else label
        return {self.schema.field: value}


def question_of(project: Project) -> Question:
    """The question of a project. Raises UnknownTaskTemplateError, SchemaRefused."""
    template = _template(TEMPLATES, project.template_name)
    parameters = template.default_parameters() | project.parameters
    schema = AnswerSchema.from_mapping(template.answer.schema(parameters))
    return Question(template, parameters, project.mapping, schema)


@lru_cache(maxsize=256)
def _template(root: Path, name: str) -> TaskTemplate:
    return template_named(root, name)
