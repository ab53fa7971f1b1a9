"""Drafts: what may change, who may change it, and that the gold column is looked through before a launch."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from sqlmodel import Session, select

from crowd.domain.answers import SchemaRefused
from crowd.domain.pay import Tiers, TiersRefused
from crowd.services.gold import set_gold
from crowd.services.gold_column import gold_count, gold_in_column
from crowd.services.guidelines import TAGS, guidelines_html
from crowd.services.launch import NotReady, launch, waiting_item_count
from crowd.services.projects import (
    NotDraft,
    Rules,
    UnfitDataset,
    change_template,
    discard_draft,
    rules_of,
    save_guidelines,
    save_question,
    save_rules,
)
from crowd.services.questions import question_of
from crowd.services.samples import template_of_name
from crowd.storage.audit import AuditEvent
from crowd.storage.columns import now_utc
from crowd.storage.datasets import Dataset
from crowd.storage.items import items_page
from crowd.storage.progress import answers_until, money_of, settled_until, task_totals, workers_of
from crowd.storage.projects import Project
from crowd.storage.users import User
from tests.factories import fund, make_dataset, make_project, rows_with_gold
from tests.web.running import answer_some, make_running, make_worker
from tests.xss_payloads import PAYLOADS

NOW = now_utc()
RULES = Rules(
    overlap=5,
    minimum_overlap=3,
    stops_early=True,
    confidence_target=0.95,
    reward_micros=20_000,
    tiers=((0.8, 1250), (0.9, 1500)),
    time_limit_seconds=300,
    estimated_seconds=15,
    gold_rate=0.2,
    pause_after_gold=3,
    minimum_trust=0.7,
    approve_after_seconds=3600,
    dispute_below=0.6,
)


@pytest.fixture
def dataset(session: Session, requester: User) -> Dataset:
    return make_dataset(session, requester, rows_with_gold(20))


@pytest.fixture
def draft(session: Session, requester: User, dataset: Dataset) -> Project:
    return make_project(session, requester, dataset)


class Elements(HTMLParser):
    """The elements of a piece of HTML with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def ask(session: Session, project: Project, dataset: Dataset, **changes: object) -> None:
    values: dict[str, object] = {
        "title": "What?",
        "summary": "",
        "parameters": {"labels": ["A", "B"], "question": "Which?"},
        "mapping": {"text": "text"},
        "gold_column": "",
    }
    save_question(session, project, dataset, **(values | changes), by=project.owner_id, now=NOW)  # type: ignore[arg-type]


def test_rules_are_stored_as_they_were_given(session: Session, draft: Project) -> None:
    save_rules(session, draft, RULES, by=draft.owner_id, now=NOW)
    session.refresh(draft)
    assert rules_of(draft) == RULES
    assert Tiers.from_list(draft.tiers).permille(0.85) == 1250


def test_tiers_that_pay_less_for_more_trust_are_refused(session: Session, draft: Project) -> None:
    with pytest.raises(TiersRefused):
        save_rules(
            session, draft, replace(RULES, tiers=((0.5, 1500), (0.9, 1200))), by=draft.owner_id, now=NOW
        )


def test_question_with_unusable_labels_leaves_everything_as_it_was(
    session: Session, draft: Project, dataset: Dataset
) -> None:
    with pytest.raises(SchemaRefused):
        ask(session, draft, dataset, parameters={"labels": ["A"]})
    session.refresh(draft)
    assert draft.title == "What is the mood?"


def test_dataset_of_somebody_else_or_of_another_kind_is_refused(
    session: Session, stranger: User, requester: User, draft: Project
) -> None:
    foreign = make_dataset(session, stranger, [{"text": "a"}])
    sounds = make_dataset(session, requester, [{"text": "a"}])
    sounds.modality = "audio"
    session.commit()
    for unfit in (foreign, sounds):
        with pytest.raises(UnfitDataset):
            ask(session, draft, unfit)


def test_launched_project_refuses_every_change_but_guidelines(
    session: Session, requester: User, draft: Project, dataset: Dataset
) -> None:
    fund(session, requester)
    launch(session, draft, by=requester.id, now=NOW)
    by = requester.id
    with pytest.raises(NotDraft):
        save_rules(session, draft, RULES, by=by, now=NOW)
    with pytest.raises(NotDraft):
        ask(session, draft, dataset)
    with pytest.raises(NotDraft):
        change_template(session, draft, template_of_name("image-classification"), by=by, now=NOW)
    with pytest.raises(NotDraft):
        discard_draft(session, draft, by=by, now=NOW)
    assert save_guidelines(session, draft, "Anew.", by=by, now=NOW).version == 2


def test_each_change_leaves_one_audit_event(session: Session, draft: Project, dataset: Dataset) -> None:
    ask(session, draft, dataset)
    save_rules(session, draft, RULES, by=draft.owner_id, now=NOW)
    save_guidelines(session, draft, "Words.", by=draft.owner_id, now=NOW)
    save_guidelines(session, draft, "Words.\r\n", by=draft.owner_id, now=NOW)
    subject = f"project:{draft.public_id}"
    acts = [event.act for event in session.exec(select(AuditEvent).where(AuditEvent.subject == subject))]
    assert acts == ["project.question", "project.rules", "guidelines.written"]


def test_gold_answers_are_counted_once_each_and_misfits_shown(session: Session, requester: User) -> None:
    rows = [
        {"text": "a", "gold": "Positive"},
        {"text": "b", "gold": "Positive|Neutral"},
        {"text": "c", "gold": "Glad"},
        {"text": "d", "gold": " "},
        {"text": "e", "gold": ""},
    ]
    project = make_project(session, requester, make_dataset(session, requester, rows))
    schema = question_of(project).schema
    found = gold_in_column(session, project, schema)
    assert (found.count, found.misfit_count) == (2, 1)
    assert (found.misfits[0].position, found.misfits[0].value) == (2, "Glad")
    for item in (items_page(session, project.dataset_id or 0)[place] for place in (0, 3)):
        set_gold(session, project, item, schema, labels=["Neutral"], explanation="", by=requester.id, now=NOW)
    assert gold_count(session, project, schema) == 3


def test_items_of_a_launch_are_not_launched_again_before_their_tasks_are_made(
    session: Session, requester: User, draft: Project
) -> None:
    fund(session, requester)
    launch(session, draft, by=requester.id, now=NOW, pilot_size=5)
    assert waiting_item_count(session, draft) == 15
    launch(session, draft, by=requester.id, now=NOW)
    with pytest.raises(NotReady):
        launch(session, draft, by=requester.id, now=NOW)


def test_progress_counts_what_there_is(session: Session, requester: User) -> None:
    project = make_running(session, requester)
    answer_some(session, project, make_worker(session, 1), 7)
    ids = [project.id]
    totals, money, workers = (
        query(session, ids)[project.id] for query in (task_totals, money_of, workers_of)
    )
    assert (totals.task_count, totals.answer_count, totals.wanted_count) == (10, 7, 20)
    assert (money.reserved_micros, money.spent_micros, money.left_micros) == (1_000_000, 350_000, 650_000)
    assert workers.count == 1
    moments = [NOW.replace(year=2000), NOW.replace(year=2100)]
    assert answers_until(session, project.id, moments) == [0, 7]
    assert settled_until(session, project.id, moments) == [0, totals.settled_count]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_guidelines_lose_everything_but_their_words(payload: str) -> None:
    found = Elements()
    found.feed(guidelines_html(f"# Title\n\n{payload}\n\n[link]({payload})"))
    for tag, attributes in found.seen:
        assert tag in TAGS
        assert set(attributes) <= {"href", "rel", "start", "title"}
        assert not str(attributes.get("href", "")).lower().startswith(("javascript", "data", "vbscript"))
