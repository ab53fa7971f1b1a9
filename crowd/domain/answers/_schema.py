"""The schema of a task template's answers, and the gate that every answer passes."""

from collections.abc import Mapping
from dataclasses import dataclass

from crowd.domain.answers._field import DEFAULT_MAX_LENGTH, AnswerRefused, Field, Reading
from crowd.domain.answers._registry import KINDS
from crowd.domain.strict_json import JsonRefused, check_value

MAX_DEPTH = 8
MAX_NAME_LENGTH = 100
_FIELD_KEYS = frozenset({"kind", "field", "labels", "is_required", "max_length"})


class SchemaRefused(ValueError):
    """An answer schema that cannot be used; the message says which entry and why."""


@dataclass(frozen=True)
class AnswerSchema:
    """What an answer must hold: one field that is compared, and extra fields that are only kept."""

    kind: str
    field: str
    labels: tuple[str, ...] = ()
    is_required: bool = True
    max_length: int = DEFAULT_MAX_LENGTH
    extras: tuple[Field, ...] = ()

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> "AnswerSchema":
        """A schema from a manifest's table: kind, field, and perhaps labels, is_required, max_length, extras.

        `extras` is a list of such tables; an extra field is optional unless it says `is_required = true`.
        """
        if not isinstance(mapping, Mapping):
            raise SchemaRefused("The answer schema must be a table of kind, field and limits.")
        extras = mapping.get("extras", [])
        if not isinstance(extras, list | tuple):
            raise SchemaRefused("answer.extras must be a list of fields.")
        main_table = {key: value for key, value in mapping.items() if key != "extras"}
        main = _field(main_table, "answer", is_required=True)
        extra_fields = tuple(
            _field(extra, f"answer.extras[{place}]", is_required=False) for place, extra in enumerate(extras)
        )
        names = [main.name, *(extra.name for extra in extra_fields)]
        for name in names:
            if names.count(name) > 1:
                raise SchemaRefused(f"answer: two fields are named {name!r}; give each its own name.")
        return cls(main.kind, main.name, main.labels, main.is_required, main.max_length, extra_fields)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The compared field first, then the extras."""
        main = Field(self.field, self.kind, self.labels, self.is_required, self.max_length)
        return (main, *self.extras)


@dataclass(frozen=True)
class Answer:
    """An answer that fits its schema: `canonical` is the JSON to keep, `label` the value to compare.

    The label is empty where an optional field was left out.
    """

    canonical: dict[str, object]
    label: str


def parse_answer(schema: AnswerSchema, raw: object) -> Answer:
    """The answer in canonical form, or AnswerRefused with the field and the reason."""
    if not isinstance(raw, dict):
        raise AnswerRefused("", "The answer must be a JSON object with a value per field.")
    _check_plain(raw)
    fields = schema.fields
    unknown = sorted(set(raw) - {field.name for field in fields})
    if unknown:
        raise AnswerRefused(unknown[0][:MAX_NAME_LENGTH], "is not a field of this task.")
    readings = {field.name: _read(field, raw.get(field.name)) for field in fields}
    canonical = {name: reading.value for name, reading in readings.items() if reading}
    main = readings[schema.field]
    return Answer(canonical, main.label if main else "")


def _read(field: Field, value: object) -> Reading | None:
    reading = KINDS[field.kind].read(field, value)
    if reading is None and field.is_required:
        raise AnswerRefused(field.name, "needs an answer.")
    return reading


def _check_plain(raw: dict[object, object]) -> None:
    for key, value in raw.items():
        name = key[:MAX_NAME_LENGTH] if isinstance(key, str) else ""
        try:
            check_value({key: value}, max_depth=MAX_DEPTH)
        except JsonRefused as error:
            raise AnswerRefused(name.encode("ascii", "replace").decode(), str(error)) from None
        if _holds_nul({name: value}):
            raise AnswerRefused(name.replace("\0", "?"), "holds a NUL character, which is not text.")


def _holds_nul(value: object) -> bool:
    """Whether a NUL stands in any text of a value whose depth is already checked."""
    if isinstance(value, dict):
        return any("\0" in key or _holds_nul(inner) for key, inner in value.items())
    if isinstance(value, list):
        return any(_holds_nul(inner) for inner in value)
    return isinstance(value, str) and "\0" in value


def _field(table: object, where: str, *, is_required: bool) -> Field:
    if not isinstance(table, Mapping):
        raise SchemaRefused(f"{where} must be a table of kind, field and limits.")
    for key in table:
        if key not in _FIELD_KEYS:
            raise SchemaRefused(f"{where}.{key} is unknown; a field has {', '.join(sorted(_FIELD_KEYS))}.")
    field = Field(
        name=_name(table.get("field"), f"{where}.field"),
        kind=_kind(table.get("kind"), f"{where}.kind"),
        labels=_labels(table.get("labels", ()), f"{where}.labels"),
        is_required=_flag(table.get("is_required", is_required), f"{where}.is_required"),
        max_length=_count(table.get("max_length", DEFAULT_MAX_LENGTH), f"{where}.max_length"),
    )
    try:
        KINDS[field.kind].check_field(field)
    except ValueError as error:
        raise SchemaRefused(f"{where}: {error}.") from None
    return field


def _name(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.isprintable() or not 1 <= len(value) <= MAX_NAME_LENGTH:
        raise SchemaRefused(f"{where} must be a form field's name of 1 to {MAX_NAME_LENGTH} characters.")
    return value


def _kind(value: object, where: str) -> str:
    if not isinstance(value, str) or value not in KINDS:
        raise SchemaRefused(f"{where} must be one of {', '.join(KINDS)}.")
    return value


def _labels(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise SchemaRefused(f"{where} must be a list of texts.")
    for label in value:
        if not isinstance(label, str) or not label.isprintable():
            raise SchemaRefused(f"{where} holds {str(label)[:60]!r}, which is not text; put it in quotes.")
    return tuple(value)


def _flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise SchemaRefused(f"{where} must be true or false.")
    return value


def _count(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise SchemaRefused(f"{where} must be a whole number above 0.")
    return value
