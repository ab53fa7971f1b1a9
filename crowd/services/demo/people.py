"""The people of the demo: the four that a visitor can be, and her simulated co-workers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, select

from crowd.domain.states import Role
from crowd.services.recorded import simulated_user
from crowd.services.sign_in import DEMO_DOMAIN
from crowd.storage.users import User, user_by_email

HOSTS = {
    Role.REQUESTER: "Rosa Requester",
    Role.WORKER: "Wim Worker",
    Role.QUALITY_MANAGER: "Quynh Quality",
    Role.ADMIN: "Ada Admin",
}


@dataclass(frozen=True)
class Simulated:
    """A co-worker: how often she is right, and how many seconds she takes."""

    name: str
    accuracy: float
    seconds: float


# A crowd as they are: mostly careful, some hasty, one who does not read.
CROWD = (
    Simulated("Amara", 0.97, 14),
    Simulated("Chen", 0.95, 11),
    Simulated("Dilek", 0.92, 16),
    Simulated("Emeka", 0.86, 13),
    Simulated("Freya", 0.82, 21),
    Simulated("Ivo", 0.72, 7),
    Simulated("Jules", 0.15, 3),
)


def is_anybodys(session: Session) -> bool:
    """Whether there is any account."""
    return session.exec(select(User.id).limit(1)).first() is not None


def is_demo(session: Session) -> bool:
    """Whether the demo's people live here."""
    return user_by_email(session, f"{Role.REQUESTER}@{DEMO_DOMAIN}") is not None


def hosts(session: Session) -> dict[Role, User]:
    """The four people that a visitor can sign in as. Commits."""
    found = {
        role: simulated_user(session, f"{role}@{DEMO_DOMAIN}", name, role) for role, name in HOSTS.items()
    }
    session.commit()
    return found


def crowd(session: Session) -> list[tuple[User, Simulated]]:
    """The co-workers' accounts with their ways. Commits."""
    found = [
        (simulated_user(session, f"{who.name.lower()}@{DEMO_DOMAIN}", who.name, Role.WORKER), who)
        for who in CROWD
    ]
    session.commit()
    return found
