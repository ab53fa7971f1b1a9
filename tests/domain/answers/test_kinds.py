"""The contract that every kind of answer keeps, and what each kind adds."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crowd.domain.answers
from crowd.domain.answers import KINDS, AnswerKind, AnswerRefused, Field
from crowd.domain.strict_json import dump_canonical

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
hostile_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def field_of(kind: AnswerKind, **limits) -> Field:
    return Field("answer", kind.name, ("yes", "no") if kind.name == "choice" else (), **limits)


def test_every_file_in_the_folder_is_a_kind():
    folder = Path(crowd.domain.answers.__file__).parent
    files = {path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")}
    assert files == set(KINDS) >= {"choice", "text", "bool"}


@every_kind
@given(one=st.text(max_size=30), other=st.text(max_size=30))
def test_comparison_is_symmetric_within_bounds_and_one_with_itself(kind, one, other):
    assert kind.compare(one, other) == kind.compare(other, one)
    assert 0.0 <= kind.compare(one, other) <= 1.0
    assert kind.compare(one, one) == 1.0


@every_kind
@given(label=st.text(max_size=30))
def test_normalising_twice_changes_nothing_more(kind, label):
    once = kind.normalise(label)
    assert kind.normalise(once) == once


@every_kind
@given(label=st.text(max_size=30), gold=st.lists(st.text(max_size=30), min_size=1, max_size=3))
def test_score_is_within_bounds_and_more_gold_answers_never_lower_it(kind, label, gold):
    score = kind.score(label, gold, 0.1)
    assert 0.0 <= score <= 1.0
    assert kind.score(label, [*gold, "something"], 0.1) >= score
    assert kind.score(label, [*gold, label], 0.0) == 1.0


@every_kind
def test_gold_without_an_answer_is_an_error(kind):
    with pytest.raises(ValueError, match="at least one gold answer"):
        kind.score("yes", [], 0.0)


@every_kind
@given(value=hostile_values)
def test_any_json_is_read_or_refused_and_reading_is_stable(kind, value):
    field = field_of(kind)
    try:
        reading = kind.read(field, value)
    except AnswerRefused as refusal:
        assert refusal.field == "answer"
        assert refusal.reason
        return
    if reading is not None:
        dump_canonical(reading.value)
        assert kind.read(field, reading.value) == reading


@pytest.mark.parametrize(
    "value", ["yes", " yes ", {"label": "yes"}, {"yes": True, "no": False}, {"yes": True}]
)
def test_choice_is_accepted_in_each_form_the_elements_give(value):
    reading = KINDS["choice"].read(field_of(KINDS["choice"]), value)
    assert reading is not None
    assert (reading.value, reading.label) == ({"label": "yes"}, "yes")


@pytest.mark.parametrize("value", [None, "", {}, {"label": ""}, {"label": None}, {"yes": False, "no": False}])
def test_no_label_chosen_is_no_reading(value):
    assert KINDS["choice"].read(field_of(KINDS["choice"]), value) is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("maybe", "not one of the labels: yes, no"),
        ("YES", "not one of the labels"),
        ({"label": "maybe"}, "not one of the labels"),
        ({"label": ["yes"]}, "must name one label"),
        ({"label": "yes", "note": "x"}, "true or false"),
        ({"yes": True, "no": True}, "more than one"),
        ({"yes": True, "maybe": False}, "not one of the labels"),
        ({"yes": 1}, "true or false"),
        (["yes"], "must name one label"),
        (1, "must name one label"),
        (True, "must name one label"),
    ],
)
def test_choice_outside_its_set_or_of_a_wrong_type_is_refused(value, reason):
    with pytest.raises(AnswerRefused, match=reason):
        KINDS["choice"].read(field_of(KINDS["choice"]), value)


def test_a_label_named_label_can_be_chosen_by_radio_button():
    field = Field("answer", "choice", ("label", "no label"))
    reading = KINDS["choice"].read(field, {"label": True, "no label": False})
    assert reading is not None
    assert reading.label == "label"


def test_composed_and_decomposed_labels_are_the_same():
    field = Field("answer", "choice", ("caf\u00e9", "bar"))
    reading = KINDS["choice"].read(field, "cafe\u0301")
    assert reading is not None
    assert reading.label == "caf\u00e9"


def test_choice_has_no_half_right():
    assert KINDS["choice"].score("cat", ["cats"], 0.9) == 0.0
    assert KINDS["choice"].score("cat", ["dog", " cat "], 0.0) == 1.0


def test_text_keeps_what_was_typed_and_mends_its_ends():
    reading = KINDS["text"].read(field_of(KINDS["text"]), "  One\r\ntwo\rthree \n")
    assert reading is not None
    assert reading.label == reading.value == "One\ntwo\nthree"


def test_text_longer_than_its_field_is_refused():
    field = field_of(KINDS["text"], max_length=5)
    assert KINDS["text"].read(field, "12345 ") is not None
    with pytest.raises(AnswerRefused, match="has 6 characters; 5 is the most"):
        KINDS["text"].read(field, "123456")
    with pytest.raises(AnswerRefused, match="is the most"):
        KINDS["text"].read(field, "\u1d160" * 5)


def test_silence_is_an_answer_only_where_the_text_is_not_required():
    assert KINDS["text"].read(field_of(KINDS["text"]), " \n") is None
    reading = KINDS["text"].read(field_of(KINDS["text"], is_required=False), " \n")
    assert reading is not None
    assert reading.label == ""


def test_text_scores_by_word_errors_with_tolerance():
    score = KINDS["text"].score
    assert score("The cat sat.", ["the cat sat"], 0.0) == 1.0
    assert score("the cat sat on", ["the cat sat up"], 0.0) == 0.75
    assert score("the cat sat on", ["the cat sat up"], 0.25) == 1.0
    assert score("the cat sat on", ["a dog", "the cat sat on"], 0.0) == 1.0
    assert score("one two three four", ["five"], 0.0) == 0.0
    assert score("", [""], 0.0) == 1.0
    with pytest.raises(ValueError, match="tolerance"):
        score("a", ["a"], 1.5)


@pytest.mark.parametrize("value", [True, {"on": True}, {"blurry": True}])
def test_bool_is_accepted_as_a_checkbox_gives_it(value):
    reading = KINDS["bool"].read(field_of(KINDS["bool"]), value)
    assert reading is not None
    assert (reading.value, reading.label) == (True, "true")


@pytest.mark.parametrize("value", [1, "true", [True], {}, {"a": True, "b": True}, {"a": {"b": True}}])
def test_bool_of_another_type_is_refused(value):
    with pytest.raises(AnswerRefused, match="true or false"):
        KINDS["bool"].read(field_of(KINDS["bool"]), value)
