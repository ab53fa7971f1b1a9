"""Yes or no: a checkbox or a toggle button."""

from collections.abc import Sequence

from crowd.domain.answers._field import AnswerKind, AnswerRefused, Field, Reading, best_score


def read(field: Field, value: object) -> Reading | None:
    """The state, given as true or false, or as a crowd-checkbox gives it: {"its value": true}."""
    if isinstance(value, dict) and len(value) == 1:
        (value,) = value.values()
    if value is None:
        return None
    if not isinstance(value, bool):
        raise AnswerRefused(field.name, "must be true or false.")
    return Reading(value, str(value).lower())


def check_field(field: Field) -> None:
    """Yes and no are the only labels."""
    if field.labels:
        raise ValueError("a bool is true or false and takes no labels")


def normalise(label: str) -> str:
    """`true` or `false`, without case and the spaces around it."""
    return label.strip().lower()


def compare(one: str, other: str) -> float:
    """1 for the same state, else 0."""
    return float(normalise(one) == normalise(other))


def score(label: str, gold_labels: Sequence[str], _tolerance: float = 0.0) -> float:
    """1 where the state is a gold answer, else 0."""
    return best_score(lambda gold_label: compare(label, gold_label), gold_labels)


KIND = AnswerKind("bool", read, check_field, normalise, compare, score)
