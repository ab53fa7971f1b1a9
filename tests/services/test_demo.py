"""The demo marketplace is whole, true and made once."""

from __future__ import annotations

import pytest
from sqlmodel import func, select

from crowd.domain.states import StandingState, TaskState
from crowd.services.check import check
from crowd.services.demo import RealMarketplace, seed
from crowd.services.demo.projects import DEMO_PROJECTS
from crowd.settings import Settings
from crowd.storage.assignments import Assignment
from crowd.storage.database import Store
from crowd.storage.payouts import Payout
from crowd.storage.projects import Project
from crowd.storage.releases import Release
from crowd.storage.results import Result
from crowd.storage.standings import Standing
from crowd.storage.tasks import task_counts
from crowd.storage.users import User


@pytest.fixture
def demo(store: Store, settings: Settings) -> Store:
    seed(store, settings)
    return store


def test_the_demo_has_something_true_to_show_on_every_screen_and_is_made_once(
    demo: Store, settings: Settings
) -> None:
    with demo.reading() as session:
        projects = session.exec(select(Project)).all()
        assert {project.title for project in projects} == {one.title for one in DEMO_PROJECTS}
        for project in projects:
            counts = task_counts(session, project.id)
            assert counts[TaskState.SETTLED] > 0 and counts[TaskState.OPEN] > 0
        states = set(session.exec(select(Standing.state)))
        assert {StandingState.ACTIVE, StandingState.PAUSED} <= states
        assert session.exec(select(Standing.plea).where(Standing.plea != "")).first()
        assert session.exec(select(Result).where(Result.is_disputed)).first()
        assert session.exec(select(Payout)).one().state == "paid"
        assert session.exec(select(Release)).one().blob_sha256
        answer_count = session.exec(select(func.count()).select_from(Assignment)).one()
    assert [finding for finding in check(demo) if finding.wrong_count and finding.rule != "stuck jobs"] == []
    seed(demo, settings)
    with demo.reading() as session:
        assert session.exec(select(func.count()).select_from(Assignment)).one() == answer_count


def test_the_demo_never_comes_into_a_real_marketplace(
    store: Store, settings: Settings, requester: User
) -> None:
    with pytest.raises(RealMarketplace, match="make serve"):
        seed(store, settings)
    with store.reading() as session:
        assert session.exec(select(User.email)).all() == [requester.email]
