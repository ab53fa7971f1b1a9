"""The contract of every task template: found by itself, shown, answered and scored."""

from __future__ import annotations

import csv

import pytest

from crowd.domain.aggregation import METHODS
from crowd.domain.answers import KINDS, AnswerSchema, parse_answer
from crowd.services.aggregation import DEFAULT_METHOD, methods_of
from crowd.services.questions import TEMPLATES
from crowd.services.samples import sample_question, samples_of, template_of_name, templates
from crowd.storage.task_templates import TaskTemplate

EVERY_TEMPLATE = pytest.mark.parametrize("template", templates(), ids=lambda template: template.name)


@EVERY_TEMPLATE
def test_a_template_asks_a_whole_question_with_its_defaults_alone(template: TaskTemplate) -> None:
    schema = AnswerSchema.from_mapping(template.answer.schema(template.default_parameters()))
    assert schema.kind in KINDS
    assert METHODS[DEFAULT_METHOD[schema.kind]].name in methods_of(schema)


@EVERY_TEMPLATE
def test_every_sample_is_shown_and_its_gold_answer_is_an_answer(template: TaskTemplate) -> None:
    question, samples = sample_question(template), samples_of(template)
    assert samples
    for sample in samples:
        url = f"/media/{sample.file_name}" if sample.file_name else None
        shown = question.task_html(sample.item, url)
        assert "<crowd-form" in shown
        gold = str(sample.item.input.get("gold", ""))
        if gold:
            answer = parse_answer(question.schema, question.answer_of_label(gold))
            assert answer.label == gold
            assert KINDS[question.schema.kind].score(answer.label, [gold], 0.0) == 1.0
            assert gold in question.answer_html(sample.item, url, answer.canonical)


@EVERY_TEMPLATE
def test_the_truth_of_the_samples_is_never_among_what_is_shown(template: TaskTemplate) -> None:
    with (template.folder / "sample" / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = [row["label"] for row in csv.DictReader(file)]
    hidden = [
        label
        for label, sample in zip(truth, samples_of(template), strict=True)
        if not sample.item.input.get("gold") and template.answer.kind == "text"
    ]
    question = sample_question(template)
    for sample in samples_of(template):
        shown = question.task_html(sample.item, "/media/x" if sample.file_name else None)
        assert not any(label in shown for label in hidden)


@EVERY_TEMPLATE
def test_a_template_is_found_by_its_name(template: TaskTemplate) -> None:
    assert template_of_name(template.name) == template
    assert template.folder.parent == TEMPLATES
