"""The wizard: each page keeps what it is given, says what is wrong, and launches only what is whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlmodel import Session, select

from crowd.domain.states import DatasetState, ProjectState
from crowd.storage.batches import Batch
from crowd.storage.datasets import Dataset
from crowd.storage.guidelines import latest_guidelines
from crowd.storage.projects import Project, projects_of
from crowd.storage.users import User
from tests.factories import fund, make_dataset, make_project, rows_with_gold
from tests.web.conftest import Browser, reading

RULES = {
    "overlap": "3",
    "minimum_overlap": "2",
    "confidence_target": "95",
    "reward": "0.05",
    "time_limit": "10",
    "estimated_seconds": "20",
    "gold_rate": "10",
    "pause_after_gold": "2",
    "minimum_trust": "60",
    "approve_after": "72",
    "dispute_below": "70",
}


@pytest.fixture
def hers(browser: Callable[..., Browser], requester: User) -> Browser:
    return browser(requester)


@pytest.fixture
def dataset(session: Session, requester: User) -> Dataset:
    return make_dataset(session, requester, rows_with_gold(30))


@pytest.fixture
def draft(session: Session, requester: User, dataset: Dataset) -> Project:
    return make_project(session, requester, dataset, pause_after_gold=2)


def at(project: Project, step: str) -> str:
    return f"/projects/{project.public_id}/setup/{step}"


def now_stored(app: Flask, project: Project) -> Project:
    with reading(app) as session:
        return session.get_one(Project, project.id)


def question(dataset: Dataset, /, **changes: str) -> dict[str, str]:
    return {
        "dataset": dataset.public_id,
        "title": "What is it about?",
        "summary": "",
        "parameter-question": "Which one?",
        "parameter-labels": "Positive\nNeutral\nNegative",
        "parameter-reminder": "",
        "input-text": "text",
        "gold_column": "gold",
    } | changes


def test_whole_way_from_template_to_launch(
    app: Flask, hers: Browser, session: Session, requester: User, dataset: Dataset
) -> None:
    fund(session, requester)
    assert "Text classification" in hers.get("/projects/new").text
    answer = hers.post("/projects/new", {"template": "text-classification"})
    assert answer.status_code == 303
    with reading(app) as looking:
        (project,) = projects_of(looking, requester.id)
    page = hers.get(answer.location).text
    assert 'value="text" selected' in page
    assert 'value="gold" selected' in page
    assert "sentence number 2" in page
    assert hers.post(at(project, "question"), question(dataset)).location == at(project, "guidelines")
    page = hers.get(at(project, "guidelines")).text
    assert "Read the message" in page or "## " in page
    assert hers.post(at(project, "guidelines"), {"markdown": "# Do it well"}).location == at(project, "rules")
    assert hers.post(at(project, "rules"), RULES).location == at(project, "check")
    page = hers.get(at(project, "check")).text
    assert "4.50 USD" in page
    answer = hers.post(at(project, "check"), {"how": "pilot", "pilot_size": "10"})
    assert answer.location == f"/projects/{project.public_id}"
    with reading(app) as looking:
        stored = looking.get_one(Project, project.id)
        batch = looking.exec(select(Batch).where(Batch.project_id == project.id)).one()
    assert (stored.state, batch.is_pilot, batch.task_count) == (ProjectState.OPEN, True, 10)


def test_no_template_chosen_is_said(hers: Browser) -> None:
    answer = hers.post("/projects/new", {"template": "no-such"})
    assert answer.status_code == 422
    assert "Choose a task template" in answer.text


def test_other_template_drops_what_was_set_for_the_first(app: Flask, hers: Browser, draft: Project) -> None:
    assert hers.get(at(draft, "template")).status_code == 200
    hers.post(at(draft, "template"), {"template": "audio-transcription"})
    stored = now_stored(app, draft)
    assert (stored.template_name, stored.dataset_id, stored.mapping) == ("audio-transcription", None, {})


def test_only_ready_datasets_of_the_right_kind_are_offered(
    hers: Browser, session: Session, requester: User, stranger: User, draft: Project
) -> None:
    importing = make_dataset(session, requester, [{"text": "a"}], name="Half done")
    importing.state = DatasetState.IMPORTING
    pictures = make_dataset(session, requester, [{"file": "a"}], name="Pictures")
    pictures.modality = "image"
    foreign = make_dataset(session, stranger, [{"text": "a"}], name="Foreign")
    session.add_all([importing, pictures])
    session.commit()
    page = hers.get(at(draft, "question")).text
    assert "Messages" in page
    assert not any(name in page for name in ("Half done", "Pictures", "Foreign"))
    for other in (importing, pictures, foreign):
        assert hers.post(at(draft, "question"), question(other)).status_code == 422


def test_without_a_fitting_dataset_the_page_says_what_to_do(hers: Browser) -> None:
    question_page = hers.post("/projects/new", {"template": "audio-transcription"}).location
    assert "No dataset fits yet" in hers.get(question_page).text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "Fill this in"),
        ({"parameter-labels": "Only one"}, "Enter 2 to 50 labels"),
        ({"parameter-labels": "A\nB\nA"}, "is there twice"),
        ({"parameter-labels": "A\nB\x07"}, "cannot be shown"),
        ({"input-text": ""}, "Choose the column that holds this"),
        ({"input-text": "no such column"}, "Choose one of these"),
        ({"gold_column": "no such column"}, "Choose one of these"),
        ({"dataset": "no-such"}, "Choose a dataset"),
    ],
)
def test_wrong_question_is_explained_and_not_stored(
    app: Flask, hers: Browser, draft: Project, dataset: Dataset, changes: dict[str, str], sentence: str
) -> None:
    answer = hers.post(at(draft, "question"), question(dataset, **changes))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Please mend this first" in answer.text
    assert now_stored(app, draft).title == "What is the mood?"


def test_preview_shows_the_fields_as_they_stand(
    app: Flask, hers: Browser, draft: Project, dataset: Dataset
) -> None:
    sent = question(dataset, **{"parameter-labels": "Hot\nCold", "parameter-question": "Hot or <b>cold</b>?"})
    page = hers.post(at(draft, "preview"), sent).text
    assert 'id="preview"' in page
    assert "&lt;b&gt;cold" in page
    assert "Hot" in page
    assert now_stored(app, draft).parameters["labels"] == ["Positive", "Neutral", "Negative"]


def test_preview_of_unusable_fields_asks_for_them(hers: Browser, draft: Project, dataset: Dataset) -> None:
    page = hers.post(at(draft, "preview"), question(dataset, **{"parameter-labels": "One"})).text
    assert "Fill in the fields above" in page


@pytest.mark.parametrize(
    ("golds", "proposed"),
    [
        (["Refund", "", "Delivery | Refund"], "Refund\nDelivery"),
        (["Positive", "Negative"], "Positive\nNeutral\nNegative"),
        (["Refund", "Refund"], "Positive\nNeutral\nNegative"),
    ],
)
def test_labels_of_the_gold_column_are_proposed_where_the_templates_own_do_not_fit(
    hers: Browser, session: Session, requester: User, draft: Project, golds: list[str], proposed: str
) -> None:
    rows = [{"text": f"text {place}", "gold": gold} for place, gold in enumerate(golds)]
    other = make_dataset(session, requester, rows, name="other")
    page = hers.get(f"{at(draft, 'question')}?dataset={other.public_id}").text
    assert f">{proposed}</textarea>" in page


def test_guidelines_are_versions(app: Flask, hers: Browser, draft: Project) -> None:
    hers.post(at(draft, "guidelines"), {"markdown": "First"})
    hers.post(at(draft, "guidelines"), {"markdown": "First"})
    hers.post(at(draft, "guidelines"), {"markdown": "Second"})
    with reading(app) as looking:
        latest = latest_guidelines(looking, draft.id)
    assert latest is not None
    assert (latest.version, latest.markdown) == (3, "Second")


def test_empty_guidelines_are_refused(hers: Browser, draft: Project) -> None:
    answer = hers.post(at(draft, "guidelines"), {"markdown": "  "})
    assert answer.status_code == 422
    assert "Fill this in" in answer.text


def test_hostile_guidelines_come_out_as_text(hers: Browser, draft: Project) -> None:
    hers.post(at(draft, "guidelines"), {"markdown": "<script>alert(1)</script> [x](javascript:alert(2))"})
    page = hers.get(at(draft, "guidelines")).text
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"overlap": "0"}, "whole number from 1 to 100"),
        ({"reward": "much"}, "Enter an amount"),
        ({"stops_early": "1", "minimum_overlap": "4"}, "cannot be more than the answers per task"),
        ({"stops_early": "1", "confidence_target": "20"}, "number from 50 to 100"),
        ({"time_limit": "0.5", "estimated_seconds": "100"}, "at least the time"),
        ({"gold_rate": "80"}, "number from 0 to 50"),
        ({"minimum_trust": "nan"}, "number from 0 to 99"),
        ({"tier_trust_1": "80"}, "both parts of tier 1"),
        ({"tier_trust_1": "80", "tier_pay_1": "1.5", "tier_trust_2": "70", "tier_pay_2": "2"}, "more trust"),
        ({"tier_trust_1": "80", "tier_pay_1": "1.5", "tier_trust_2": "90", "tier_pay_2": "1.2"}, "pay less"),
    ],
)
def test_wrong_rules_are_explained(
    app: Flask, hers: Browser, draft: Project, changes: dict[str, str], sentence: str
) -> None:
    answer = hers.post(at(draft, "rules"), RULES | changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert now_stored(app, draft).confidence_target == 0.9


def test_rules_come_back_as_they_were_typed(hers: Browser, draft: Project) -> None:
    typed = RULES | {"stops_early": "1", "tier_trust_1": "85", "tier_pay_1": "1.25", "time_limit": "2.5"}
    assert hers.post(at(draft, "rules"), typed).status_code == 303
    page = hers.get(at(draft, "rules")).text
    for name, value in typed.items():
        assert f'id="{name}"' in page
        assert name == "stops_early" or f'value="{value}"' in page


def test_gold_tasks_are_not_shown_more_often_than_is_reserved_for(
    app: Flask, hers: Browser, draft: Project
) -> None:
    hers.post(at(draft, "rules"), RULES | {"overlap": "2"})
    stored = now_stored(app, draft)
    assert stored.gold_overlap <= stored.overlap


def test_launch_beyond_the_budget_says_both_figures_and_what_to_do(
    app: Flask, hers: Browser, session: Session, requester: User, draft: Project
) -> None:
    fund(session, requester, 1_000_000)
    answer = hers.post(at(draft, "check"), {"how": "everything"})
    assert answer.status_code == 422
    assert "sets 4.50 USD aside, and your budget holds 1.00 USD" in answer.text
    assert "ask an admin" in answer.text
    assert now_stored(app, draft).state == ProjectState.DRAFT


def test_gold_that_fits_no_label_stops_the_launch_and_is_shown(
    app: Flask, hers: Browser, session: Session, requester: User
) -> None:
    fund(session, requester)
    rows = [{"text": "a", "gold": "Happy"}, {"text": "b", "gold": "Positive | Neutral"}]
    draft = make_project(session, requester, make_dataset(session, requester, rows))
    page = hers.get(at(draft, "check")).text
    assert "1 gold answer fits no label" in page
    assert "Happy" in page
    assert hers.post(at(draft, "check"), {"how": "everything"}).status_code == 422
    assert now_stored(app, draft).state == ProjectState.DRAFT


def test_few_gold_answers_and_a_low_wage_are_warned_of(
    hers: Browser, session: Session, requester: User, dataset: Dataset
) -> None:
    draft = make_project(
        session, requester, dataset, pause_after_gold=9, reward_micros=10_000, estimated_seconds=60
    )
    page = hers.get(at(draft, "check")).text
    assert "nobody would ever be paused" in page
    assert "0.60 USD an hour" in page


def test_check_says_what_is_missing(hers: Browser) -> None:
    question_page = hers.post("/projects/new", {"template": "text-classification"}).location
    check_page = question_page.replace("question", "check")
    page = hers.get(check_page).text
    assert "No dataset is chosen" in page
    assert "There are no guidelines yet" in page
    assert hers.post(check_page, {"how": "everything"}).status_code == 422


def test_discarded_draft_is_gone(app: Flask, hers: Browser, draft: Project) -> None:
    assert hers.post(at(draft, "discard")).location == "/projects"
    with reading(app) as looking:
        assert looking.get(Project, draft.id) is None


def test_launched_project_keeps_its_question_and_rules(
    hers: Browser, session: Session, requester: User, draft: Project, dataset: Dataset
) -> None:
    fund(session, requester)
    hers.post(at(draft, "check"), {"how": "everything"})
    for step, sent in (
        ("question", question(dataset)),
        ("rules", RULES),
        ("template", {"template": "image-classification"}),
        ("check", {"how": "everything"}),
        ("discard", {}),
    ):
        assert hers.post(at(draft, step), sent).status_code == 404
