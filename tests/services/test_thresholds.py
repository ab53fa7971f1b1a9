"""Thresholds: previewed, changed with a reason in one event, and in force for everybody at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import Session, select

from crowd.domain.states import Role, StandingState
from crowd.services import standings, thresholds
from crowd.services.questions import question_of
from crowd.services.standings import ReasonNeeded
from crowd.services.thresholds import NothingChanges, ThresholdRefused, Thresholds
from crowd.storage.audit import AuditEvent
from crowd.storage.projects import Project
from crowd.storage.results import disputed_count
from crowd.storage.standings import standings_in
from crowd.storage.users import User
from tests.crowds import NOW, always, answer_all, settle
from tests.factories import fund, launch_all, make_dataset, make_project, make_user, rows_with_gold


@pytest.fixture
def project(session: Session, requester: User) -> Project:
    dataset = make_dataset(session, requester, rows_with_gold(16, gold_every=2))
    project = make_project(
        session, requester, dataset, overlap=2, gold_overlap=10, gold_rate=0.5, minimum_trust=0.1
    )
    fund(session, requester)
    launch_all(session, project)
    people = [make_user(session, name, Role.WORKER) for name in ("Careful", "Careless")]
    answer_all(session, project, [(people[0], always("Positive")), (people[1], always("Negative"))])
    return project


def states(session: Session, project: Project) -> list[str]:
    return [stands.state for stands in sorted(standings_in(session, project.id), key=lambda one: one.trust)]


def change(
    session: Session, project: Project, by: User, reason: str = "A stricter client.", **values
) -> None:
    new = replace(Thresholds.of(project), **values)
    schema = question_of(project).schema
    thresholds.change(session, project, new, schema, by=by.id, reason=reason, now=NOW)


def test_raising_the_minimum_trust_pauses_as_many_as_the_preview_said(
    session, project, quality_manager
) -> None:
    new = replace(Thresholds.of(project), minimum_trust=0.5)
    found = thresholds.preview(session, project, new, question_of(project).schema)
    assert (found.paused_count, found.active_count, found.readmitted_count) == (1, 2, 0)
    change(session, project, quality_manager, minimum_trust=0.5)
    assert states(session, project) == [StandingState.PAUSED, StandingState.ACTIVE]


def test_lowering_it_again_lets_back_in_whom_the_software_had_paused(
    session, project, quality_manager
) -> None:
    change(session, project, quality_manager, minimum_trust=0.5)
    change(session, project, quality_manager, minimum_trust=0.05)
    assert states(session, project) == [StandingState.ACTIVE, StandingState.ACTIVE]


def test_thresholds_never_overrule_a_person(session, project, quality_manager) -> None:
    lowest = min(standings_in(session, project.id), key=lambda stands: stands.trust)
    standings.block(session, project, lowest, by=quality_manager.id, reason="Random.", now=NOW)
    change(session, project, quality_manager, minimum_trust=0.0)
    assert states(session, project)[0] == StandingState.BLOCKED


def test_the_dispute_threshold_puts_as_many_tasks_in_dispute_as_the_preview_said(
    session, project, quality_manager
) -> None:
    new = replace(Thresholds.of(project), dispute_below=0.99)
    found = thresholds.preview(session, project, new, question_of(project).schema)
    change(session, project, quality_manager, dispute_below=0.99)
    settle(session, project)
    assert found.settlement.disputed_count == disputed_count(session, project.id) > 0


def test_gold_tasks_are_never_in_dispute(session, project, quality_manager) -> None:
    change(session, project, quality_manager, dispute_below=1.0)
    settle(session, project)
    assert disputed_count(session, project.id) <= 8


def test_a_change_is_one_event_with_what_was_what_is_and_why(session, project, quality_manager) -> None:
    change(session, project, quality_manager, gold_rate=0.25, stops_early=True)
    event = session.exec(select(AuditEvent).where(AuditEvent.act == "project.thresholds")).one()
    assert event.before == {"gold_rate": 0.5, "stops_early": False}
    assert event.after == {"gold_rate": 0.25, "stops_early": True, "paused": [], "readmitted": []}
    assert (event.actor_id, event.reason) == (quality_manager.id, "A stricter client.")


def test_no_reason_no_change(session, project, quality_manager) -> None:
    with pytest.raises(ReasonNeeded):
        change(session, project, quality_manager, reason="  ", gold_rate=0.1)
    assert Thresholds.of(project).gold_rate == 0.5


def test_the_thresholds_in_force_are_no_change(session, project, quality_manager) -> None:
    with pytest.raises(NothingChanges):
        change(session, project, quality_manager)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gold_rate", 0.51),
        ("gold_rate", float("nan")),
        ("minimum_trust", 1.0),
        ("pause_after_gold", 0),
        ("dispute_below", 1.01),
        ("confidence_target", 0.0),
        ("approve_after_seconds", -1),
        ("method", "best_agreeing"),
        ("method", "../majority"),
    ],
)
def test_a_value_out_of_bounds_is_refused_by_name(session, project, quality_manager, name, value) -> None:
    with pytest.raises(ThresholdRefused) as refused:
        change(session, project, quality_manager, **{name: value})
    assert refused.value.name == name


def test_stopping_early_settles_as_many_as_the_preview_said(session, requester, quality_manager) -> None:
    dataset = make_dataset(session, requester, rows_with_gold(12, gold_every=3))
    project = make_project(session, requester, dataset, overlap=5, minimum_overlap=2, gold_rate=0.3)
    fund(session, requester)
    launch_all(session, project)
    people = [make_user(session, name, Role.WORKER) for name in ("One", "Two")]
    answer_all(session, project, [(person, always("Positive")) for person in people])
    new = replace(Thresholds.of(project), stops_early=True, confidence_target=0.8)
    found = thresholds.preview(session, project, new, question_of(project).schema)
    assert found.settlement.settling_count == 8
    change(session, project, quality_manager, stops_early=True, confidence_target=0.8)
    settle(session, project)
    back = replace(new, stops_early=False)
    assert (
        thresholds.preview(session, project, back, question_of(project).schema).settlement.reopening_count
        == 8
    )
