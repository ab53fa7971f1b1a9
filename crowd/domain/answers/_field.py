"""What the kinds of answer share: a field of a form, what was read from it, and the refusal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

DEFAULT_MAX_LENGTH = 10_000


class AnswerRefused(ValueError):
    """An answer that breaks its schema: `field` says where, `reason` says why and what to do."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


@dataclass(frozen=True)
class Field:
    """One named field of a task's form and its limits. `max_length` counts characters."""

    name: str
    kind: str
    labels: tuple[str, ...] = ()
    is_required: bool = True
    max_length: int = DEFAULT_MAX_LENGTH


@dataclass(frozen=True)
class Reading:
    """What a kind of answer reads from a field: the JSON value to keep and the comparable label."""

    value: object
    label: str


@dataclass(frozen=True)
class AnswerKind:
    """One kind of answer: how it is read, and how two of its labels are compared.

    read(field, value): the reading, None where nothing was answered, AnswerRefused where it breaks the field.
    check_field(field): ValueError where the field cannot be answered in this kind.
    normalise(label): equal for labels that mean the same.
    compare(one, other): 0..1, the same both ways round, 1 for equal labels.
    score(label, gold_labels, tolerance): 0..1, against the nearest of several acceptable gold answers.
    """

    name: str
    read: Callable[[Field, object], Reading | None]
    check_field: Callable[[Field], None]
    normalise: Callable[[str], str]
    compare: Callable[[str, str], float]
    score: Callable[[str, Sequence[str], float], float]


def best_score(score: Callable[[str], float], gold_labels: Sequence[str]) -> float:
    """The score against the nearest of the gold answers."""
    if not gold_labels:
        raise ValueError("A gold task needs at least one gold answer.")
    return max(score(gold_label) for gold_label in gold_labels)
