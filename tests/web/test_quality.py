"""The quality manager's desk over HTTP: who sees it, what it says, and what a decision does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import Session, select

from crowd.domain.states import ProjectState, Role, StandingState
from crowd.services.gold_figures import gold_figures, label_counts
from crowd.services.questions import question_of
from crowd.storage.audit import AuditEvent
from crowd.storage.gold import Gold, gold_of
from crowd.storage.jobs import Job
from crowd.storage.projects import Project
from crowd.storage.results import Result, disputed_count, disputed_tasks
from crowd.storage.standings import Standing, standing
from crowd.storage.tasks import Task, task_by_public_id
from crowd.storage.users import User
from tests.crowds import always, answer_all
from tests.factories import fund, launch_all, make_dataset, make_project, make_user
from tests.web.conftest import Browser
from tests.web.quality_desk import Desk, first_disputed, looking, make_desk, pseudonyms, settled, stop_looking

NEW = {
    "gold_rate": "50",
    "minimum_trust": "60",
    "pause_after_gold": "4",
    "dispute_below": "95",
    "confidence_target": "90",
    "approve_after_hours": "72",
    "method": "",
}


@pytest.fixture(autouse=True)
def nothing_left_open(session: Session) -> Iterator[None]:
    yield
    stop_looking(session)


@pytest.fixture
def desk(session: Session, requester: User) -> Desk:
    return make_desk(session, requester)


@pytest.fixture
def manager(browser, quality_manager: User) -> Browser:
    return browser(quality_manager)


def gold_now(session: Session, desk: Desk) -> Gold:
    """The wrong gold answer as it is now."""
    return looking(session).get_one(Gold, desk.wrong_gold.id)


def pages(session: Session, desk: Desk) -> list[str]:
    hers = f"/workers/{desk.careless.pseudonym}"
    gold = f"/gold/{desk.wrong_gold.public_id}"
    task = f"/disputed/{first_disputed(session, desk)}"
    ends = ("", "/stale", "/gold", gold, gold + "/state", "/workers", hers, "/thresholds", "/disputed", task)
    return ["/quality", *(desk.url + end for end in ends)]


def test_quality_managers_and_the_owner_see_every_page_and_nobody_else_does(
    session, desk, browser, quality_manager, requester, worker, stranger, admin
) -> None:
    addresses = pages(session, desk)
    for insider in (quality_manager, requester):
        visitor = browser(insider)
        assert [visitor.get(url).status_code for url in addresses] == [200] * len(addresses)
    for outsider in (worker, stranger, admin, desk.people[0]):
        visitor = browser(outsider)
        assert {visitor.get(url).status_code for url in addresses[1:]} == {404}
    assert desk.project.title not in browser(stranger).get("/quality").text


def test_names_and_addresses_of_workers_are_on_no_page(session, desk, manager) -> None:
    for url in pages(session, desk):
        text = manager.get(url).text
        assert "Careless Clara" not in text
        assert "Person 0" not in text
        assert not any(person.email in text for person in desk.people)


def test_a_draft_is_nobodys_business_but_its_owners(session, requester, manager, browser) -> None:
    draft = make_project(session, requester, make_dataset(session, requester, [{"text": "x"}]))
    assert draft.state == ProjectState.DRAFT
    assert manager.get(f"/quality/{draft.public_id}").status_code == 404
    assert draft.title not in browser(requester).get("/quality").text


def test_the_desk_says_what_waits_and_leads_there(session, desk, manager) -> None:
    waiting = disputed_count(looking(session), desk.project.id) + 2  # a plea and a gold alarm
    text = manager.get("/quality").text
    assert f"{waiting} things wait for a decision" in text
    for part in ("/disputed", "/gold", "/workers?sort=plea"):
        assert desk.url + part in text


def test_a_house_without_projects_says_what_will_come(manager) -> None:
    assert "No project is launched yet" in manager.get("/quality").text


def test_the_gold_page_raises_the_alarm_and_states_its_rule(desk, manager, session) -> None:
    text = manager.get(desk.url + "/gold").text
    assert text.count("good workers fail it</span>") == 1
    worst = gold_figures(looking(session), desk.project)[0]
    assert worst.alarm.failed_count == worst.alarm.good_count >= 3
    assert f"{worst.alarm.failed_count} of {worst.alarm.good_count}" in text
    assert "at least half of them scored below 0.5" in text


def test_a_gold_correction_is_previewed_then_done_with_its_reason(session, desk, manager) -> None:
    url = f"{desk.url}/gold/{desk.wrong_gold.public_id}"
    fields = {"labels": ["Neutral"], "explanation": "It only states a fact."}
    shown = manager.post(url + "/preview", fields)
    assert shown.status_code == 200
    counts = label_counts(looking(session), desk.project, desk.wrong_gold, question_of(desk.project).schema)
    changed = sum(one.count for one in counts if one.label == "Neutral")
    assert f"{changed} answers get another score" in shown.text
    assert gold_now(session, desk).version == 1
    assert manager.post(url, fields).status_code == 422
    assert manager.post(url, fields | {"reason": "Four good workers say so."}).status_code == 303
    gold = gold_now(session, desk)
    assert (gold.version, gold.labels) == (2, ["Neutral"])
    assert "good workers fail it</span>" not in manager.get(desk.url + "/gold").text


@pytest.mark.parametrize("labels", [[], ["Splendid"], ["Positive"] * 21])
def test_a_gold_answer_outside_the_question_is_refused_and_changes_nothing(
    session, desk, manager, labels
) -> None:
    url = f"{desk.url}/gold/{desk.wrong_gold.public_id}"
    for address in (url, url + "/preview"):
        refused = manager.post(address, {"labels": labels, "reason": "x"})
        assert (refused.status_code, "Please mend this first" in refused.text) == (422, True)
    assert gold_now(session, desk).version == 1


def test_gold_is_suspended_and_reactivated_with_a_reason_only(session, desk, manager) -> None:
    url = f"{desk.url}/gold/{desk.wrong_gold.public_id}/state"
    assert manager.post(url, {"state": "suspended"}).status_code == 422
    assert manager.post(url, {"state": "nonsense", "reason": "x"}).status_code == 422
    for state in ("suspended", "active"):
        assert manager.post(url, {"state": state, "reason": "Unclear."}).status_code == 303
        assert gold_now(session, desk).state == state


def test_workers_sort_by_what_is_offered_and_by_nothing_else(session, desk, manager) -> None:
    names = pseudonyms(session, desk)
    for sort in (
        "worker",
        "state",
        "trust",
        "gold",
        "answers",
        "seconds",
        "agreement",
        "plea",
        "",
        "id;drop",
    ):
        for down in ("", "1"):
            text = manager.get(f"{desk.url}/workers", query_string={"sort": sort, "down": down}).text
            assert all(name in text for name in names)
    text = manager.get(f"{desk.url}/workers?sort=id;drop").text
    assert 'aria-sort="ascending"' in text and "drop" not in text


def test_a_worker_page_shows_her_plea_her_figures_and_the_history(session, desk, manager) -> None:
    text = manager.get(f"{desk.url}/workers/{desk.careless.pseudonym}").text
    assert "I misread the guidelines." in text
    assert "Her answers to gold" in text
    assert "The software" in text
    assert "Decline the plea" in text


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        ("readmit", StandingState.ACTIVE),
        ("block", StandingState.BLOCKED),
        ("decline", StandingState.PAUSED),
    ],
)
def test_a_decision_about_a_worker_needs_a_reason_and_is_told(session, desk, manager, verb, state) -> None:
    url = f"{desk.url}/workers/{desk.careless.pseudonym}"
    assert manager.post(f"{url}/{verb}", {"reason": " "}).status_code == 422
    done = manager.post(f"{url}/{verb}", {"reason": "Seen and weighed."})
    assert done.status_code == 303
    hers = looking(session).get_one(Standing, (desk.project.id, desk.careless.worker_id))
    assert (hers.state, hers.reason) == (state, "Seen and weighed.")
    assert hers.plea_at is None
    assert "Seen and weighed." in manager.get(url).text


def test_nobody_decides_about_herself_over_http(session, desk, browser) -> None:
    both = make_user(session, "Bea Both", Role.WORKER, Role.QUALITY_MANAGER)
    session.add(
        Standing(project_id=desk.project.id, worker_id=both.id, trust=0.6, trust_low=0.2, trust_high=0.9)
    )
    session.commit()
    hers = standing(looking(session), desk.project.id, both.id)
    assert hers is not None
    url = f"{desk.url}/workers/{hers.pseudonym}"
    visitor = browser(both)
    assert "This worker is you" in visitor.get(url).text
    assert (
        "somebody else must decide it"
        in visitor.post(url + "/block", {"reason": "x"}, follow_redirects=True).text
    )
    assert looking(session).get_one(Standing, (desk.project.id, both.id)).state == StandingState.ACTIVE


def test_thresholds_are_previewed_then_put_in_force(session, desk, manager) -> None:
    shown = manager.get(desk.url + "/thresholds/preview", query_string=NEW | {"minimum_trust": "90"})
    assert shown.status_code == 200
    assert "60 %" in shown.text and "90 %" in shown.text
    url = desk.url + "/thresholds"
    assert manager.post(url, NEW | {"minimum_trust": "90"}).status_code == 422
    assert manager.post(url, NEW | {"minimum_trust": "90", "reason": "The client asks."}).status_code == 303
    project = looking(session).get_one(Project, desk.project.id)
    assert (project.minimum_trust, project.gold_rate) == (0.9, 0.5)
    event = looking(session).exec(select(AuditEvent).where(AuditEvent.act == "project.thresholds")).one()
    assert event.before == {"minimum_trust": 0.6}
    assert looking(session).exec(select(Job).where(Job.kind == "aggregate")).first() is not None
    text = manager.get(url).text
    assert "The client asks." in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gold_rate", "51"),
        ("gold_rate", "nan"),
        ("minimum_trust", "-1"),
        ("pause_after_gold", "0"),
        ("pause_after_gold", "1.5"),
        ("approve_after_hours", "1e9"),
        ("method", "best_agreeing"),
    ],
)
def test_a_threshold_out_of_bounds_is_explained_and_changes_nothing(
    session, desk, manager, name, value
) -> None:
    for answer in (
        manager.get(desk.url + "/thresholds/preview", query_string=NEW | {name: value}),
        manager.post(desk.url + "/thresholds", NEW | {name: value, "reason": "x"}),
    ):
        assert (answer.status_code, "Please mend this first" in answer.text) == (422, True)
    assert looking(session).get_one(Project, desk.project.id).gold_rate == 0.5


def test_thresholds_left_as_they_are_change_nothing(session, desk, manager) -> None:
    text = manager.get(desk.url + "/thresholds/preview", query_string=NEW).text
    assert "These are the thresholds in force already" in text


def test_the_queue_shows_the_least_sure_first_and_the_next_follows_the_decision(
    session, desk, manager
) -> None:
    task_id = first_disputed(session, desk)
    waiting = disputed_count(looking(session), desk.project.id)
    assert waiting > 1
    url = f"{desk.url}/disputed/{task_id}"
    fields = {"label": "Neutral", "reason": "The guidelines say so."}
    text = manager.get(url).text
    assert text.count('name="label"') == 3
    assert "Chance of each label" in text
    fragment = manager.post(url + "/next", fields)
    assert fragment.status_code == 200
    assert 'id="case"' in fragment.text and "<html" not in fragment.text
    assert 'value="The guidelines say so." checked' in fragment.text
    task = task_by_public_id(looking(session), task_id)
    assert task is not None
    result = looking(session).get_one(Result, task.id)
    assert (result.label, result.is_decided) == ("Neutral", True)
    assert disputed_count(looking(session), desk.project.id) == waiting - 1
    onward = manager.post(f"{desk.url}/disputed/{first_disputed(session, desk)}", fields)
    assert onward.status_code == 303 and "/disputed/" in onward.headers["Location"]


@pytest.mark.parametrize(
    "sent", [{"label": "Neutral"}, {"reason": "The guidelines say so."}, {"label": "Odd", "own_reason": "x"}]
)
def test_a_decision_without_a_label_or_a_reason_is_refused_where_it_stands(
    session, desk, manager, sent
) -> None:
    task_id = first_disputed(session, desk)
    for end in ("", "/next"):
        refused = manager.post(f"{desk.url}/disputed/{task_id}{end}", sent)
        assert (refused.status_code, "Please mend this first" in refused.text) == (422, True)
    task = task_by_public_id(looking(session), task_id)
    assert task is not None and not looking(session).get_one(Result, task.id).is_decided


def test_the_last_decision_ends_the_queue(session, desk, manager) -> None:
    fields = {"label": "Neutral", "own_reason": "Nothing in it leans either way."}
    text = ""
    while disputed_count(looking(session), desk.project.id):
        task_id = first_disputed(session, desk)
        text = manager.post(f"{desk.url}/disputed/{task_id}/next", fields).text
    assert "Nothing is in dispute" in text
    assert "Decided by a person" in manager.get(desk.url + "/disputed").text


def test_things_of_another_project_are_not_here(session, desk, requester, manager) -> None:
    other = make_project(session, requester, make_dataset(session, requester, [{"text": "x"}]), title="Other")
    other.state = ProjectState.OPEN
    session.add(other)
    session.commit()
    ends = [
        f"/gold/{desk.wrong_gold.public_id}",
        f"/workers/{desk.careless.pseudonym}",
        f"/disputed/{first_disputed(session, desk)}",
    ]
    for end in ends:
        assert manager.get(f"/quality/{other.public_id}{end}").status_code == 404


def test_a_gold_task_is_not_decided_as_a_dispute(session, desk, manager) -> None:
    task = looking(session).get_one(Task, desk.wrong_gold.task_id)
    assert manager.get(f"{desk.url}/disputed/{task.public_id}").status_code == 404


def test_recomputing_marks_every_answered_task_and_is_in_the_trail(session, desk, manager) -> None:
    assert "Every consensus stands on all answers" in manager.get(desk.url + "/stale").text
    assert manager.post(desk.url + "/recompute").status_code == 303
    assert looking(session).exec(select(Job).where(Job.kind == "aggregate")).first() is not None
    assert looking(session).exec(select(AuditEvent).where(AuditEvent.act == "project.recompute")).one()
    assert "wait for their consensus" in manager.get(desk.url + "/stale").text


def test_no_page_carries_an_inline_style_or_handler(session, desk, manager) -> None:
    for url in pages(session, desk):
        text = manager.get(url).text
        assert "style=" not in text
        assert " onclick" not in text and "<style" not in text


def test_texts_are_compared_by_word_errors_and_decided_by_choosing_or_writing(
    session, requester, manager
) -> None:
    rows = [
        {"text": f"clip {number}", "gold": "the quick brown fox" if number < 3 else ""} for number in range(6)
    ]
    project = make_project(
        session,
        requester,
        make_dataset(session, requester, rows),
        template_name="audio-transcription",
        parameters={},
        mapping={},
        overlap=2,
        gold_rate=0.5,
        minimum_trust=0.0,
        dispute_below=0.99,
    )
    fund(session, requester)
    launch_all(session, project)
    people = [make_user(session, name, Role.WORKER) for name in ("One", "Two")]
    said = ["the quick brown fox", "the quick brown box"]
    answer_all(session, project, [(who, always(text)) for who, text in zip(people, said, strict=True)])
    settled(session)
    url = f"/quality/{project.public_id}"
    stands = standing(looking(session), project.id, people[1].id)
    assert stands is not None
    text = manager.get(f"{url}/workers/{stands.pseudonym}").text
    assert "Mean word error 25.0 % over 3 answers" in text
    task_id = disputed_tasks(looking(session), project.id, 0)[0][0].public_id
    shown = manager.get(f"{url}/disputed/{task_id}").text
    assert 'name="own_label"' in shown and shown.count('name="label"') == 2
    fields = {"label": said[0], "own_label": "The quick, brown fox!", "own_reason": "Punctuation."}
    assert manager.post(f"{url}/disputed/{task_id}", fields).status_code == 303
    task = task_by_public_id(looking(session), task_id)
    assert task is not None
    assert looking(session).get_one(Result, task.id).label == "The quick, brown fox!"
    gold = gold_of(looking(session), project.id)[0]
    lines = {"labels_lines": "the quick brown box\nthe quick brown fox", "explanation": ""}
    preview = manager.post(f"{url}/gold/{gold.public_id}/preview", lines)
    assert preview.status_code == 200 and preview.text.count('name="labels"') == 2
