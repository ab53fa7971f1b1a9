"""Schemas from a manifest, and the gate that every answer passes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.domain.answers import AnswerRefused, AnswerSchema, Field, SchemaRefused, parse_answer

FEELING = AnswerSchema.from_mapping(
    {
        "kind": "choice",
        "field": "category",
        "labels": ["Positive", "Negative"],
        "extras": [
            {"kind": "text", "field": "comment", "max_length": 20},
            {"kind": "bool", "field": "unsure"},
            {"kind": "choice", "field": "tone", "labels": ["dry", "warm"], "is_required": True},
        ],
    }
)
TRANSCRIPT = AnswerSchema.from_mapping({"kind": "text", "field": "transcript", "max_length": 100})


def test_schema_is_read_with_its_defaults():
    assert FEELING.labels == ("Positive", "Negative")
    assert FEELING.is_required
    assert FEELING.extras[0] == Field("comment", "text", (), is_required=False, max_length=20)
    assert FEELING.extras[2].is_required


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        ({}, "answer.field must be"),
        ({"field": "a"}, "answer.kind must be one of bool, choice, text"),
        ({"field": "a", "kind": "boxes"}, "answer.kind"),
        ({"field": "", "kind": "text"}, "answer.field"),
        ({"field": "a\0", "kind": "text"}, "answer.field"),
        ({"field": "a\ud800", "kind": "text"}, "answer.field"),
        ({"field": "a", "kind": "choice"}, "at least two labels"),
        ({"field": "a", "kind": "choice", "labels": ["x"]}, "at least two labels"),
        ({"field": "a", "kind": "choice", "labels": ["x", "x"]}, "twice"),
        ({"field": "a", "kind": "choice", "labels": ["x", " y"]}, "spaces"),
        ({"field": "a", "kind": "choice", "labels": ["x", ""]}, "empty"),
        ({"field": "a", "kind": "choice", "labels": [True, False]}, "put it in quotes"),
        ({"field": "a", "kind": "choice", "labels": "xy"}, "must be a list"),
        ({"field": "a", "kind": "text", "labels": ["x", "y"]}, "takes no labels"),
        ({"field": "a", "kind": "text", "max_length": 0}, "answer.max_length"),
        ({"field": "a", "kind": "text", "max_length": True}, "answer.max_length"),
        ({"field": "a", "kind": "text", "max_length": 10**9}, "max_length"),
        ({"field": "a", "kind": "text", "is_required": "yes"}, "answer.is_required"),
        ({"field": "a", "kind": "text", "maxlength": 5}, "answer.maxlength is unknown"),
        ({"field": "a", "kind": "text", "extras": "b"}, "answer.extras must be"),
        ({"field": "a", "kind": "text", "extras": ["b"]}, r"answer.extras\[0\] must be"),
        ({"field": "a", "kind": "text", "extras": [{"field": "b", "kind": "x"}]}, r"answer.extras\[0\].kind"),
        (
            {"field": "a", "kind": "text", "extras": [{"field": "a", "kind": "bool"}]},
            "two fields are named 'a'",
        ),
        (["a"], "must be a table"),
    ],
)
def test_a_schema_that_cannot_be_used_names_the_entry(mapping, reason):
    with pytest.raises(SchemaRefused, match=reason):
        AnswerSchema.from_mapping(mapping)


def test_an_answer_is_kept_in_one_form_whatever_form_it_came_in():
    given_as = [{"label": "Positive"}, "Positive", {"Positive": True, "Negative": False}]
    answers = [parse_answer(FEELING, {"tone": {"dry": True}, "category": one}) for one in given_as]
    assert answers[0].canonical == {"category": {"label": "Positive"}, "tone": {"label": "dry"}}
    assert answers[0].label == "Positive"
    assert answers[0] == answers[1] == answers[2]


def test_extras_are_kept_and_not_compared():
    raw = {"category": "Negative", "tone": "warm", "comment": " so so ", "unsure": {"on": True}}
    answer = parse_answer(FEELING, raw)
    assert answer.label == "Negative"
    assert answer.canonical["comment"] == "so so"
    assert answer.canonical["unsure"] is True


def test_a_transcript_is_its_own_label():
    assert parse_answer(TRANSCRIPT, {"transcript": "some words"}).label == "some words"


def test_an_optional_field_left_out_has_an_empty_label():
    schema = AnswerSchema("choice", "category", ("a", "b"), is_required=False)
    answer = parse_answer(schema, {})
    assert (answer.canonical, answer.label) == ({}, "")


def deep(levels: int) -> object:
    return "x" if levels == 0 else [deep(levels - 1)]


@pytest.mark.parametrize(
    ("raw", "field", "reason"),
    [
        ([], "", "JSON object"),
        ("some words", "", "JSON object"),
        (None, "", "JSON object"),
        ({}, "transcript", "needs an answer"),
        ({"transcript": "  "}, "transcript", "needs an answer"),
        ({"transcript": None}, "transcript", "needs an answer"),
        ({"transcript": 5}, "transcript", "must be text"),
        ({"transcript": {"text": "a"}}, "transcript", "must be text"),
        ({"transcript": "a" * 101}, "transcript", "101 characters"),
        ({"transcript": "a" * 10_000_000}, "transcript", "characters"),
        ({"transcript": "a\0b"}, "transcript", "NUL"),
        ({"transcript": "a\ud800"}, "transcript", "surrogate"),
        ({"transcript": math.nan}, "transcript", "not finite"),
        ({"transcript": math.inf}, "transcript", "not finite"),
        ({"transcript": deep(8)}, "transcript", "deeper than 8"),
        ({"transcript": deep(900)}, "transcript", "deeper than 8"),
        ({"transcript": "a", "reward": 100}, "reward", "not a field"),
        ({"transcript": "a", "": 1}, "", "not a field"),
        ({"transcript": "a", 5: 1}, "", "must be text"),
        ({"transcript": "a", "\ud800": 1}, "?", "surrogate"),
        ({"transcript": "a", "b\0": 1}, "b?", "NUL"),
    ],
)
def test_tampered_answers_are_refused_with_field_and_reason(raw, field, reason):
    with pytest.raises(AnswerRefused, match=reason) as refusal:
        parse_answer(TRANSCRIPT, raw)
    assert refusal.value.field == field


def test_a_required_extra_must_be_answered():
    with pytest.raises(AnswerRefused) as refusal:
        parse_answer(FEELING, {"category": "Positive"})
    assert refusal.value.field == "tone"


@given(st.text(max_size=60))
def test_parsing_a_kept_answer_again_changes_nothing(text):
    schema = AnswerSchema("text", "transcript", is_required=False, max_length=1000)
    if "\0" in text:
        return
    answer = parse_answer(schema, {"transcript": text})
    assert parse_answer(schema, answer.canonical) == answer
