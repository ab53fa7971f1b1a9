"""Kinds of answer: one file each, found by itself; a file that starts with an underscore serves them all."""

from crowd.domain.answers._field import AnswerKind, AnswerRefused, Field, Reading
from crowd.domain.answers._registry import KINDS
from crowd.domain.answers._schema import Answer, AnswerSchema, SchemaRefused, parse_answer

__all__ = [
    "KINDS",
    "Answer",
    "AnswerKind",
    "AnswerRefused",
    "AnswerSchema",
    "Field",
    "Reading",
    "SchemaRefused",
    "parse_answer",
]
