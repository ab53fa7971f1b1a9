"""A project whose desk has something of everything: disputes, a plea, a paused worker, a gold alarm."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, select

from crowd.domain.states import Role, StandingState
from crowd.services import standings
from crowd.storage.gold import Gold
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.storage.results import disputed_tasks
from crowd.storage.standings import Standing, standing, standings_in
from crowd.storage.users import User
from tests.crowds import NOW, Rule, always, answer_all
from tests.factories import fund, launch_all, make_dataset, make_project, make_user, rows_with_gold

WRONG = "sentence number 0"


@dataclass
class Desk:
    """The project and who is who in it."""

    project: Project
    wrong_gold: Gold
    careless: Standing
    people: list[User]

    @property
    def url(self) -> str:
        return f"/quality/{self.project.public_id}"


def make_desk(session: Session, owner: User, careful_count: int = 4) -> Desk:
    """Careful workers disagree on every third sentence; one careless worker is paused and pleads."""
    dataset = make_dataset(session, owner, rows_with_gold(24, gold_every=2))
    project = make_project(
        session,
        owner,
        dataset,
        title="What is the mood?",
        overlap=careful_count,
        gold_overlap=20,
        gold_rate=0.5,
        dispute_below=0.95,
    )
    fund(session, owner)
    launch_all(session, project)
    people = [make_user(session, f"Person {number}", Role.WORKER) for number in range(careful_count)]
    careless = make_user(session, "Careless Clara", Role.WORKER)
    answer_all(session, project, [(careless, always("Negative"))], seconds=2, most=14)
    answer_all(session, project, [(person, _careful(place)) for place, person in enumerate(people)])
    hers = standing(session, project.id, careless.id)
    assert hers is not None and hers.state == StandingState.PAUSED
    assert standings.plead(session, hers, "I misread the guidelines. Please let me try again.", NOW)
    rows = session.exec(
        select(Gold, Item).where(Gold.item_id == Item.id, Gold.project_id == project.id)
    ).all()
    wrong = next(gold for gold, item in rows if item.input["text"] == WRONG)
    settled(session)
    return Desk(project, wrong, hers, people)


def _careful(place: int) -> Rule:
    def rule(item: Item) -> str:
        if item.input["text"] == WRONG:
            return "Neutral"
        number = int(item.input["text"].rsplit(" ", 1)[1])
        if number % 2 and number % 3 == 0:
            return "Positive" if place % 2 else "Negative"
        return "Positive"

    return rule


def first_disputed(session: Session, desk: Desk) -> str:
    """The public id of the least sure task."""
    with looking(session) as now:
        return disputed_tasks(now, desk.project.id, 0)[0][0].public_id


def pseudonyms(session: Session, desk: Desk) -> list[str]:
    """Every worker's name on the desk."""
    with looking(session) as now:
        return [stands.pseudonym for stands in standings_in(now, desk.project.id)]


def looking(session: Session) -> Session:
    """Another session beside this one, which sees what the web process wrote and holds no lock."""
    bind = session.get_bind()
    opened = Session(bind.execution_options(crowd_write=False))
    session.info.setdefault("looking", []).append(opened)
    return opened


def stop_looking(session: Session) -> None:
    """Close every session that was opened beside this one."""
    for opened in session.info.pop("looking", []):
        opened.close()


def settled(session: Session) -> None:
    """Read every row that is still in hand, so that looking at one later begins no transaction."""
    for row in list(session):
        session.refresh(row)
    session.commit()
