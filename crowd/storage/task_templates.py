"""Reads the folders in task_templates/ into frozen values, and refuses a folder that is not whole."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from crowd.storage.manifest import Table, text_of

MANIFEST = "template.toml"
BODY = "body.liquid"
ANSWER_VIEW = "answer.liquid"
PARTS = (MANIFEST, BODY, ANSWER_VIEW)

LONGEST_NAME = 100  # far below what a file system takes
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_FIELD = re.compile(r"[a-z][a-z0-9_]*")


class Modality(StrEnum):
    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"


class ParameterKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    LABELS = "labels"


class UnknownTaskTemplateError(LookupError):
    """No folder in task_templates/ has this name."""


@dataclass(frozen=True)
class TaskInput:
    """One thing a task shows; a dataset column is mapped to it. Its kind is text, or a media file's."""

    name: str
    kind: Modality
    is_required: bool
    description: str


@dataclass(frozen=True)
class Parameter:
    """One thing the requester sets for a whole project. Counts and lengths bound what she may give."""

    name: str
    kind: ParameterKind
    is_required: bool
    default: str | tuple[str, ...]
    label: str
    hint: str
    max_length: int
    min_count: int
    max_count: int


@dataclass(frozen=True)
class AnswerForm:
    """What an answer must look like: the field that is compared, and extra fields that are only kept."""

    kind: str
    field: str
    labels_from: str | None
    is_required: bool
    max_length: int | None
    extras: tuple["AnswerForm", ...] = ()

    def schema(self, parameters: Mapping[str, object]) -> dict[str, object]:
        """The plain table that the schema of answers is made from: kind, field, labels, is_required, …"""
        table: dict[str, object] = {"kind": self.kind, "field": self.field, "is_required": self.is_required}
        if self.labels_from is not None:
            labels = parameters[self.labels_from]
            if not isinstance(labels, list | tuple):
                raise TypeError(f"The parameter {self.labels_from!r} must be a list of labels.")
            table["labels"] = [str(label) for label in labels]
        if self.max_length is not None:
            table["max_length"] = self.max_length
        if self.extras:
            table["extras"] = [extra.schema(parameters) for extra in self.extras]
        return table


@dataclass(frozen=True)
class TaskTemplate:
    """One kind of micro-task. `digest` is the SHA-256 of its manifest, body and answer view."""

    name: str
    version: int
    title: str
    summary: str
    modality: Modality
    estimated_seconds: int
    suggested_reward_micros: int
    inputs: tuple[TaskInput, ...]
    parameters: tuple[Parameter, ...]
    answer: AnswerForm
    body: str
    answer_view: str
    digest: str
    folder: Path

    def default_parameters(self) -> dict[str, object]:
        """Every parameter at its default, ready for a preview; labels are a list."""
        defaults = {parameter.name: parameter.default for parameter in self.parameters}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in defaults.items()}


def all_templates(root: Path) -> list[TaskTemplate]:
    """Every task template under `root`, by name. Raises ManifestError at the first that is not whole."""
    folders = [path for path in sorted(root.iterdir()) if path.is_dir() and not path.name.startswith(".")]
    return [_load(folder) for folder in folders]


def template_named(root: Path, name: str) -> TaskTemplate:
    """The task template of this name. Raises UnknownTaskTemplateError, ManifestError."""
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name) or not (root / name).is_dir():
        raise UnknownTaskTemplateError(f"There is no task template named {name!r}.")
    return _load(root / name)


def _load(folder: Path) -> TaskTemplate:
    contents = {part: text_of(folder / part) for part in PARTS}
    manifest = Table.parsed(folder / MANIFEST, contents[MANIFEST])
    template = TaskTemplate(
        name=manifest.matching("name", _NAME),
        version=manifest.number("version"),
        title=manifest.text("title"),
        summary=manifest.text("summary"),
        modality=manifest.one_of("modality", Modality),
        estimated_seconds=manifest.number("estimated_seconds"),
        suggested_reward_micros=manifest.number("suggested_reward_micros"),
        inputs=tuple(_task_input(table) for table in manifest.tables("inputs")),
        parameters=tuple(_parameter(table) for table in manifest.tables("parameters")),
        answer=_answer_form(manifest.table("answer")),
        body=contents[BODY],
        answer_view=contents[ANSWER_VIEW],
        digest=_digest(contents),
        folder=folder,
    )
    manifest.refuse_unknown()
    _check_whole(manifest, template)
    return template


def _digest(contents: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for part in PARTS:
        content = contents[part].encode()
        digest.update(f"{part}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _task_input(table: Table) -> TaskInput:
    task_input = TaskInput(
        name=table.matching("name", _FIELD),
        kind=table.one_of("kind", Modality),
        is_required=table.flag("is_required"),
        description=table.text("description"),
    )
    table.refuse_unknown()
    return task_input


def _parameter(table: Table) -> Parameter:
    kind = table.one_of("kind", ParameterKind)
    takes_labels = kind is ParameterKind.LABELS
    parameter = Parameter(
        name=table.matching("name", _FIELD),
        kind=kind,
        is_required=table.flag("is_required"),
        default=table.texts("default") if takes_labels else table.text("default", may_be_empty=True),
        label=table.text("label"),
        hint=table.text("hint"),
        max_length=table.number("max_length"),
        min_count=table.number("min_count") if takes_labels else 0,
        max_count=table.number("max_count") if takes_labels else 0,
    )
    table.refuse_unknown()
    if takes_labels and not parameter.min_count <= len(parameter.default) <= parameter.max_count:
        raise table.error("default", f"must hold {parameter.min_count} to {parameter.max_count} labels")
    return parameter


def _answer_form(table: Table) -> AnswerForm:
    form = AnswerForm(
        kind=table.matching("kind", _FIELD),
        field=table.matching("field", _FIELD),
        labels_from=table.matching("labels_from", _FIELD) if table.has("labels_from") else None,
        is_required=table.flag("is_required"),
        max_length=table.number("max_length") if table.has("max_length") else None,
        extras=tuple(_answer_form(extra) for extra in table.tables("extras")) if table.has("extras") else (),
    )
    table.refuse_unknown()
    return form


def _check_whole(manifest: Table, template: TaskTemplate) -> None:
    if template.name != template.folder.name:
        raise manifest.error("name", f"is {template.name!r} but the folder is {template.folder.name!r}")
    for key, names in (
        ("inputs", [task_input.name for task_input in template.inputs]),
        ("parameters", [parameter.name for parameter in template.parameters]),
    ):
        if len(set(names)) != len(names):
            raise manifest.error(key, "has two entries of one name")
    if template.modality not in {task_input.kind for task_input in template.inputs}:
        raise manifest.error("inputs", f"must have one of kind {template.modality.value!r}, the modality")
    label_parameters = {entry.name for entry in template.parameters if entry.kind is ParameterKind.LABELS}
    for form in (template.answer, *template.answer.extras):
        if form.labels_from is not None and form.labels_from not in label_parameters:
            raise manifest.error("answer.labels_from", "must name a parameter of kind 'labels'")
