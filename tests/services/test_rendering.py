"""What a requester or a worker wrote is shown as it is, in every place of every task template."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.services.rendering import RenderingError, render_answer, render_task
from crowd.storage.task_templates import TaskTemplate, all_templates, template_named
from tests.xss_payloads import PAYLOADS, TEMPLATES

ROOT = Path(__file__).resolve().parents[2] / "task_templates"
ALL = all_templates(ROOT)
each_template = pytest.mark.parametrize("template", ALL, ids=lambda template: template.name)


class Outline(HTMLParser):
    """The tags of a document with their attributes' names, and its text."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.values: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.values += [value or "" for _, value in attrs]

    def handle_data(self, data: str) -> None:
        self.values.append(data)


def both_views(template: TaskTemplate, words: str) -> list[str]:
    """The task and one answer's view, with these words in every field that a requester or a worker fills."""
    inputs = {entry.name: words for entry in template.inputs} | {"audio_peaks": [words]}
    parameters = {
        entry.name: [words, "Other"] if isinstance(entry.default, tuple) else words
        for entry in template.parameters
    }
    answer = {"category": {"label": words}, "transcription": words}
    return [render_task(template, inputs, parameters), render_answer(template, inputs, parameters, answer)]


@each_template
def test_hostile_words_change_no_tag_and_no_attribute(template: TaskTemplate) -> None:
    harmless = [Outline(markup).tags for markup in both_views(template, "Words")]
    for payload in PAYLOADS:
        assert [Outline(markup).tags for markup in both_views(template, payload)] == harmless, payload


@each_template
@given(words=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_no_words_at_all_change_a_tag(template: TaskTemplate, words: str) -> None:
    harmless = [Outline(markup).tags for markup in both_views(template, "Words")]
    if words.strip():
        assert [Outline(markup).tags for markup in both_views(template, words)] == harmless


@pytest.mark.parametrize("payload", TEMPLATES)
def test_template_code_in_data_comes_out_literally(payload: str) -> None:
    template = template_named(ROOT, "text-classification")
    markup = both_views(template, payload)[0]
    assert payload in Outline(markup).values


def test_labels_reach_the_browser_as_they_are() -> None:
    template = template_named(ROOT, "text-classification")
    labels = ['"quoted"', "<b>", "a & b", "it's", "\u2028", "日本語", "{{7*7}}", "\\"]
    markup = render_task(template, {"text": "x"}, template.default_parameters() | {"labels": labels})
    assert labels in [json.loads(value) for value in Outline(markup).values if value.startswith("[")]


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example/x", "/\\evil.example", "file:///etc/passwd"],
)
def test_an_address_that_is_not_media_is_left_out(address: str) -> None:
    template = template_named(ROOT, "image-classification")
    assert address not in render_task(template, {"image": address}, template.default_parameters())


@pytest.mark.parametrize(
    "address", ["/media/ab12", "https://media.example/a.png?sig=1&exp=2", "http://127.0.0.1:8000/m"]
)
def test_a_media_address_is_kept(address: str) -> None:
    template = template_named(ROOT, "image-classification")
    assert address in Outline(render_task(template, {"image": address}, template.default_parameters())).values


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("{% include 'secrets' %}", "include"),
        ("{% render 'secrets' %}", "render"),
        ("{{ task.input.text | safe }}", "safe"),
        ("{% for i in (1..30000) %}x{% endfor %}", "loop"),
        ("{% for i in (1..19000) %}{{ task.input.text }}{% endfor %}", "output"),
        ("{{ task.input.text", "expected"),
    ],
)
def test_a_template_that_reads_files_or_never_ends_is_refused(body: str, complaint: str) -> None:
    template = template_named(ROOT, "text-classification")
    broken = TaskTemplate(**{**template.__dict__, "body": body})
    with pytest.raises(RenderingError, match=complaint):
        render_task(broken, {"text": "x" * 1000}, template.default_parameters())


def test_a_recording_without_peaks_renders() -> None:
    template = template_named(ROOT, "audio-transcription")
    assert 'peaks="null"' in render_task(template, {"audio": "/media/a"}, template.default_parameters())


@each_template
def test_the_answer_view_shows_the_answer(template: TaskTemplate) -> None:
    parameters = template.default_parameters()
    labels = parameters.get("labels")
    label = labels[1] if isinstance(labels, list) else ""
    answer = {"category": {"label": label}, "transcription": "Two\nlines"}
    markup = render_answer(template, {"text": "x", "image": "/m", "audio": "/m"}, parameters, answer)
    assert (f"</span>{label}</li>" in markup) if label else ("Two\nlines" in markup)
