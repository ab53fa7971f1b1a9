"""One label out of a closed set: classifiers and groups of radio buttons."""

import unicodedata
from collections.abc import Sequence

from crowd.domain.answers._field import AnswerKind, AnswerRefused, Field, Reading, best_score


def read(field: Field, value: object) -> Reading | None:
    """The chosen label, given as {"label": "x"}, as "x", or as {"x": true, "y": false}."""
    chosen = value
    if isinstance(value, dict):
        is_named = set(value) == {"label"} and not isinstance(value["label"], bool)
        chosen = value["label"] if is_named else _ticked(field, value)
    if chosen is None or chosen == "":
        return None
    if not isinstance(chosen, str):
        raise AnswerRefused(field.name, "must name one label.")
    label = normalise(chosen)
    if label not in field.labels:
        raise _outside(field, label)
    return Reading({"label": label}, label)


def check_field(field: Field) -> None:
    """A choice needs two labels or more, all different."""
    if len(field.labels) < 2:
        raise ValueError("labels must name at least two labels to choose from")
    if len(set(field.labels)) < len(field.labels):
        raise ValueError("labels names the same label twice")
    for label in field.labels:
        if not label or label != normalise(label):
            raise ValueError(f"the label {label[:60]!r} is empty or has spaces around it")


def normalise(label: str) -> str:
    """The label without the spaces around it, in Unicode's composed form."""
    return unicodedata.normalize("NFC", label.strip())


def compare(one: str, other: str) -> float:
    """1 for the same label, else 0."""
    return float(normalise(one) == normalise(other))


def score(label: str, gold_labels: Sequence[str], _tolerance: float = 0.0) -> float:
    """1 where the label is one of the gold answers, else 0: a choice has no half right."""
    return best_score(lambda gold_label: compare(label, gold_label), gold_labels)


def _ticked(field: Field, value: dict[str, object]) -> str | None:
    """The one radio button that is on."""
    for name, state in value.items():
        if not isinstance(state, bool):
            raise AnswerRefused(field.name, f"{name[:60]!r} must be true or false.")
        if name not in field.labels:
            raise _outside(field, name)
    on = [name for name, state in value.items() if state]
    if len(on) > 1:
        raise AnswerRefused(field.name, "has more than one label; choose one.")
    return on[0] if on else None


def _outside(field: Field, label: str) -> AnswerRefused:
    shown = ", ".join(field.labels[:8])
    more = f" and {len(field.labels) - 8} more" if len(field.labels) > 8 else ""
    return AnswerRefused(field.name, f"{label[:60]!r} is not one of the labels: {shown}{more}.")


KIND = AnswerKind("choice", read, check_field, normalise, compare, score)
