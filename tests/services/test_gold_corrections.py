"""A corrected gold answer: what is previewed is what happens, in one act, and nobody corrects her own."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from crowd.domain.answers import AnswerRefused
from crowd.domain.states import GoldState, Role, StandingState
from crowd.domain.trust import posterior
from crowd.services import gold as gold_answers
from crowd.services import standings
from crowd.services.gold_figures import gold_figures, label_counts
from crowd.services.impartiality import OwnCase
from crowd.services.questions import question_of
from crowd.services.rescoring import Consequences
from crowd.storage.assignments import Assignment
from crowd.storage.audit import AuditEvent
from crowd.storage.gold import Gold, GoldScore
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.storage.standings import Standing, standing, standings_in
from crowd.storage.tasks import Task
from crowd.storage.users import User
from tests.crowds import NOW, always, answer_all, settle
from tests.factories import fund, launch_all, make_dataset, make_project, make_user, rows_with_gold

WRONG = "sentence number 0"  # the item whose gold answer is wrong: everybody good says Negative


def careful(item: Item) -> str:
    return "Negative" if item.input["text"] == WRONG else "Positive"


@pytest.fixture
def project(session: Session, requester: User) -> Project:
    dataset = make_dataset(session, requester, rows_with_gold(20, gold_every=2))
    project = make_project(
        session, requester, dataset, overlap=4, gold_overlap=10, gold_rate=0.5, pause_after_gold=4
    )
    fund(session, requester)
    launch_all(session, project)
    people = [make_user(session, f"Good {number}", Role.WORKER) for number in range(3)]
    careless = make_user(session, "Careless", Role.WORKER)
    answer_all(session, project, [(person, careful) for person in people] + [(careless, always("Negative"))])
    return project


@pytest.fixture
def wrong_gold(session: Session, project: Project) -> Gold:
    query = select(Gold, Item).join(Item, Item.id == Gold.item_id)  # type: ignore[arg-type]
    return next(gold for gold, item in session.exec(query) if item.input["text"] == WRONG)


def preview(session: Session, project: Project, gold: Gold, labels: list[str]) -> Consequences:
    schema = question_of(project).schema
    return gold_answers.preview(session, project, gold, schema, labels=labels)


def correct(session: Session, project: Project, gold: Gold, labels: list[str], by: User) -> None:
    gold_answers.set_gold(
        session,
        project,
        session.get_one(Item, gold.item_id),
        question_of(project).schema,
        labels=labels,
        explanation="It complains.",
        by=by.id,
        now=NOW,
        reason="Three good workers saw it.",
    )


def check_counts(session: Session, project: Project) -> None:
    """Every standing's counts are those of its gold scores, and its trust follows from them."""
    for stands in standings_in(session, project.id):
        scores = session.exec(
            select(GoldScore.score)
            .join_from(GoldScore, Gold)
            .where(Gold.project_id == project.id)
            .where(GoldScore.assignment_id.in_(_answers_of(stands)))  # type: ignore[attr-defined]
        ).all()
        assert stands.gold_count == len(scores)
        assert stands.score_sum == pytest.approx(sum(scores))
        assert stands.trust == pytest.approx(posterior(sum(scores), len(scores), 2.0, 1.0).mean)


def _answers_of(stands: Standing):
    return select(Assignment.id).where(
        Assignment.project_id == stands.project_id, Assignment.worker_id == stands.worker_id
    )


def test_the_preview_changes_nothing(session, project, wrong_gold) -> None:
    before = [stands.model_dump() for stands in standings_in(session, project.id)]
    found = preview(session, project, wrong_gold, ["Negative"])
    session.rollback()
    assert found.changed_count == len(found.scores) == 4
    assert [stands.model_dump() for stands in standings_in(session, project.id)] == before


def test_what_is_previewed_is_what_happens(session, project, wrong_gold, quality_manager) -> None:
    found = preview(session, project, wrong_gold, ["Negative"])
    correct(session, project, wrong_gold, ["Negative"], quality_manager)
    for moved in found.moved:
        stands = standing(session, project.id, moved.worker_id)
        assert stands is not None
        assert stands.trust == pytest.approx(moved.trust_after)
        assert stands.state == moved.state_after
    check_counts(session, project)
    settle(session, project)
    check_counts(session, project)


def test_a_correction_is_a_new_version_with_one_event_and_its_reason(
    session, project, wrong_gold, quality_manager
) -> None:
    correct(session, project, wrong_gold, ["Negative", "Neutral"], quality_manager)
    session.refresh(wrong_gold)
    assert (wrong_gold.version, wrong_gold.labels) == (2, ["Negative", "Neutral"])
    event = session.exec(select(AuditEvent).where(AuditEvent.act == "gold.set")).one()
    assert (event.actor_id, event.reason) == (quality_manager.id, "Three good workers saw it.")
    assert event.before == {"labels": ["Positive"], "version": 1}
    assert event.after is not None and event.after["rescored"] == 4


def test_whom_a_wrong_gold_answer_had_paused_comes_back(
    session, project, wrong_gold, quality_manager
) -> None:
    good = next(stands for stands in standings_in(session, project.id) if stands.trust > 0.6)
    project.minimum_trust = good.trust + 0.001
    good.state, good.reason = StandingState.PAUSED, "Trust is low."
    session.add_all([project, good])
    session.commit()
    found = preview(session, project, wrong_gold, ["Negative"])
    assert good.pseudonym in [one.pseudonym for one in found.readmitted]
    correct(session, project, wrong_gold, ["Negative"], quality_manager)
    session.refresh(good)
    assert (good.state, good.reason) == (StandingState.ACTIVE, "")


def test_whom_a_person_has_blocked_stays_blocked(session, project, wrong_gold, quality_manager) -> None:
    good = next(stands for stands in standings_in(session, project.id) if stands.trust > 0.6)
    standings.block(session, project, good, by=quality_manager.id, reason="Sells her account.", now=NOW)
    correct(session, project, wrong_gold, ["Negative"], quality_manager)
    session.refresh(good)
    assert good.state == StandingState.BLOCKED


def test_a_suspended_gold_answer_scores_nobody_until_it_is_reactivated(
    session, project, wrong_gold, quality_manager
) -> None:
    schema = question_of(project).schema
    before = {stands.pseudonym: stands.trust for stands in standings_in(session, project.id)}
    for suspended, scored in ((True, 0), (False, 4)):
        gold_answers.set_suspended(
            session,
            project,
            wrong_gold,
            schema,
            suspended=suspended,
            by=quality_manager.id,
            reason="Unclear.",
            now=NOW,
        )
        settle(session, project)
        rows = session.exec(select(GoldScore).where(GoldScore.gold_id == wrong_gold.id)).all()
        assert len(rows) == scored
        check_counts(session, project)
    after = {stands.pseudonym: stands.trust for stands in standings_in(session, project.id)}
    assert after == pytest.approx(before)
    assert wrong_gold.state == GoldState.ACTIVE


def test_suspending_needs_a_reason(session, project, wrong_gold, quality_manager) -> None:
    with pytest.raises(AnswerRefused):
        gold_answers.set_suspended(
            session,
            project,
            wrong_gold,
            question_of(project).schema,
            suspended=True,
            by=quality_manager.id,
            reason=" ",
            now=NOW,
        )


def test_nobody_corrects_a_gold_answer_that_scores_her(session, project, wrong_gold) -> None:
    worker_id = standings_in(session, project.id)[0].worker_id
    answered = session.get_one(User, worker_id)
    with pytest.raises(OwnCase):
        correct(session, project, wrong_gold, ["Negative"], answered)
    session.refresh(wrong_gold)
    assert wrong_gold.version == 1


def test_a_label_outside_the_question_is_no_gold_answer(
    session, project, wrong_gold, quality_manager
) -> None:
    with pytest.raises(AnswerRefused):
        correct(session, project, wrong_gold, ["Splendid"], quality_manager)


def test_forgiven_scores_stay_forgiven_after_a_correction(
    session, project, wrong_gold, quality_manager
) -> None:
    good = next(stands for stands in standings_in(session, project.id) if stands.trust > 0.6)
    standings.readmit(session, project, good, by=quality_manager.id, reason="A fresh start.", now=NOW)
    correct(session, project, wrong_gold, ["Negative"], quality_manager)
    session.refresh(good)
    assert good.forgiven_count == good.gold_count
    assert good.forgiven_sum == pytest.approx(good.score_sum)


def test_the_desk_puts_the_gold_that_good_workers_fail_first(session, project, wrong_gold) -> None:
    found = gold_figures(session, project)
    assert found[0].gold.id == wrong_gold.id
    assert found[0].is_alarming
    assert (found[0].alarm.good_count, found[0].alarm.failed_count) == (3, 3)
    assert not any(figures.is_alarming for figures in found[1:])
    assert found[0].shown_count == 4


def test_labels_given_to_a_gold_task_are_counted_with_their_score(session, project, wrong_gold) -> None:
    (only,) = label_counts(session, project, wrong_gold, question_of(project).schema)
    assert (only.label, only.count, only.score) == ("Negative", 4, 0.0)


def test_an_item_that_becomes_gold_scores_the_answers_it_already_has(session, project, requester) -> None:
    task = session.exec(select(Task).where(Task.project_id == project.id, Task.is_gold == False)).first()  # noqa: E712
    assert task is not None
    item = session.get_one(Item, task.item_id)
    gold_answers.set_gold(
        session,
        project,
        item,
        question_of(project).schema,
        labels=["Positive"],
        explanation="",
        by=requester.id,
        now=NOW,
    )
    check_counts(session, project)
    assert session.exec(select(GoldScore).join(Gold).where(Gold.item_id == item.id)).all()
