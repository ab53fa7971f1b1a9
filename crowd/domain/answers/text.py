"""Free text, such as a transcript: compared by its words, scored by its word errors."""

import unicodedata
from collections.abc import Sequence

from crowd.domain.answers._field import AnswerKind, AnswerRefused, Field, Reading, best_score
from crowd.domain.words import likeness, word_error_rate, words

LONGEST = 100_000


def read(field: Field, value: object) -> Reading | None:
    """The text with plain line ends, without the white space around it, in Unicode's composed form.

    An empty text is an answer (nobody speaks) where the field is not required.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise AnswerRefused(field.name, "must be text.")
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    _check_length(field, text)
    text = unicodedata.normalize("NFC", text)
    _check_length(field, text)
    if not text and field.is_required:
        return None
    return Reading(text, text)


def check_field(field: Field) -> None:
    """A text has no labels, and a length that one person can type."""
    if field.labels:
        raise ValueError("a text is free and takes no labels")
    if not 1 <= field.max_length <= LONGEST:
        raise ValueError(f"max_length must be between 1 and {LONGEST}")


def normalise(label: str) -> str:
    """The words alone, without case and punctuation."""
    return " ".join(words(label))


def compare(one: str, other: str) -> float:
    """The share of words in place, counted on the longer text."""
    return likeness(words(one), words(other))


def score(label: str, gold_labels: Sequence[str], tolerance: float = 0.0) -> float:
    """1 less the word error rate against the nearest gold answer; 1 where that rate is within `tolerance`."""
    if not 0.0 <= tolerance <= 1.0:
        raise ValueError("tolerance is a word error rate between 0 and 1")
    said = words(label)

    def against(gold_label: str) -> float:
        rate = word_error_rate(said, words(gold_label))
        return 1.0 if rate <= tolerance else max(0.0, 1.0 - rate)

    return best_score(against, gold_labels)


def _check_length(field: Field, text: str) -> None:
    if len(text) > field.max_length:
        raise AnswerRefused(field.name, f"has {len(text)} characters; {field.max_length} is the most.")


KIND = AnswerKind("text", read, check_field, normalise, compare, score)
