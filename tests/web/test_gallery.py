"""The gallery: every template on its own samples, answers checked and shown back, nothing stored."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from crowd.services.samples import sample_question, samples_of, templates
from crowd.storage.users import User
from tests.web.conftest import Browser

NAMES = [template.name for template in templates()]
RIGHT = {
    "text-classification": {"category": {"label": "Refund"}},
    "image-classification": {"category": {"label": "Boat"}},
    "audio-transcription": {"transcription": "Please water the plants."},
}


@pytest.fixture
def hers(browser: Callable[..., Browser], requester: User) -> Browser:
    return browser(requester)


@pytest.mark.parametrize("name", NAMES)
def test_every_template_renders_on_every_sample(name: str) -> None:
    (template,) = [one for one in templates() if one.name == name]
    question = sample_question(template)
    assert samples_of(template)
    for sample in samples_of(template):
        assert "<crowd-form" in question.task_html(sample.item, "/somewhere")


@pytest.mark.parametrize("name", NAMES)
def test_answer_to_a_sample_is_checked_and_shown_back(hers: Browser, name: str) -> None:
    assert name in hers.get("/templates").text
    assert "crowd-form" in hers.get(f"/templates/{name}").text
    good = hers.post(f"/templates/{name}?sample=2", {"answer": json.dumps(RIGHT[name])})
    assert good.status_code == 200
    assert "answer-view" in good.text
    wrong = hers.post(f"/templates/{name}", {"answer": json.dumps({"other": 1})})
    assert wrong.status_code == 422
    assert "That answer was refused" in wrong.text


@pytest.mark.parametrize("sample", ["0", "999", "x", "-1", "٣"])
def test_no_such_sample_is_not_found(hers: Browser, sample: str) -> None:
    assert hers.get(f"/templates/text-classification?sample={sample}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "truth.csv",
        "items.csv",
        "../template.toml",
        "images/../truth.csv",
        "images/no-such.png",
        "..%2ftruth.csv",
    ],
)
def test_only_the_samples_own_media_are_served(hers: Browser, path: str) -> None:
    place = "/templates/image-classification/sample"
    with hers.get(f"{place}/images/picture-01.png") as picture:
        assert picture.mimetype == "image/png"
    assert hers.get(f"{place}/{path}").status_code == 404


def test_unknown_template_is_not_found(hers: Browser) -> None:
    for name in ("no-such", "..", "Text"):
        assert hers.get(f"/templates/{name}").status_code == 404


def test_workers_do_not_see_the_gallery(browser: Callable[..., Browser], worker: User) -> None:
    assert browser(worker).get("/templates").status_code == 404
