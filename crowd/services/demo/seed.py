"""Make the demo marketplace, once: material, money, launched projects, and answers of the last two days."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlmodel import Session, select

from crowd.domain.states import Role
from crowd.services.audit import seal
from crowd.services.datasets import import_sample
from crowd.services.demo.people import Simulated, crowd, hosts, is_anybodys, is_demo
from crowd.services.demo.projects import DEMO_PROJECTS, DemoProject, make_draft
from crowd.services.demo.simulation import Simulation
from crowd.services.export import request_release, write_release
from crowd.services.launch import launch, make_tasks
from crowd.services.ledger import deposit
from crowd.services.payouts import export_payout, mark_paid
from crowd.services.settlement import approve_due
from crowd.settings import Settings
from crowd.storage.columns import now_utc
from crowd.storage.database import Store
from crowd.storage.projects import Project
from crowd.storage.users import User

BUDGET_MICROS = 250_000_000
PAST = timedelta(hours=40)
WORKER_WAYS = Simulated("Wim", 0.99, 15)


class RealMarketplace(Exception):
    """This database belongs to real people: the demo's one-click sign-in must not come into it."""


def seed(store: Store, settings: Settings) -> None:
    """Make what is missing of the demo. What is there already is left alone. Raises RealMarketplace."""
    now = now_utc()
    with store.writing() as session:
        if is_anybodys(session) and not is_demo(session):
            raise RealMarketplace(
                "This database holds a real marketplace; the demo would let everybody on this machine in. "
                "Start it with 'make serve', or set CROWD_DATA_DIR and CROWD_DATABASE_URL to another place."
            )
        people = hosts(session)
        requester = people[Role.REQUESTER]
        deposit(
            session,
            requester,
            BUDGET_MICROS,
            reason="Play money for the demo",
            key="demo",
            actor_id=people[Role.ADMIN].id,
            now=now - PAST,
        )
        known = set(session.exec(select(Project.title).where(Project.owner_id == requester.id)))
        session.commit()  # people stay usable behind the session
    for place, demo in enumerate(DEMO_PROJECTS):
        if demo.title not in known:
            project_id = _seed_project(store, settings, demo, people, now)
            if place == 0:
                _pay_out(store, people[Role.ADMIN], now)
                _release(store, project_id, people[Role.REQUESTER], now)


def _seed_project(
    store: Store, settings: Settings, demo: DemoProject, people: dict[Role, User], now: datetime
) -> int:
    """Import, launch and half answer one project; return its id."""
    start, rng = now - PAST, Random(f"demo {demo.title}")  # noqa: S311
    requester, worker = people[Role.REQUESTER], people[Role.WORKER]
    dataset = import_sample(store, settings, requester.id, demo.template_name, start)
    with store.writing() as session:
        project = make_draft(session, requester, dataset, demo, start)
        batch = launch(session, project, by=requester.id, now=start)
        make_tasks(session, batch.id, start, lambda _done, _total: None)
        workers = [*crowd(session), (worker, WORKER_WAYS)]
        Simulation(session, project, demo, workers, start, now - timedelta(minutes=20), rng).run()
        _settle_the_oldest(session, now)
        return project.id


def _pay_out(store: Store, admin: User, now: datetime) -> None:
    """One payout that has reached its workers."""
    with store.writing() as session:
        payout = export_payout(session, by=admin.id, now=now)
        mark_paid(session, payout, reference="Demo transfer", by=admin.id, now=now)


def _release(store: Store, project_id: int, requester: User, now: datetime) -> None:
    """One release, ready to be downloaded."""
    with store.writing() as session:
        project = session.get_one(Project, project_id)
        release = request_release(
            session, project, format_name="csv", content="items", by=requester.id, now=now
        )
    write_release(store, release.id, lambda: now, lambda _done, _total: None)


def _settle_the_oldest(session: Session, now: datetime) -> None:
    """Let the approval clock strike for the answers of the first day, so that pay has become payable."""
    while approve_due(session, now):
        pass
    while seal(session, 1000):
        pass
