"""The ledger as tables: balances by kind and owner, transfers with their lines, and what projects cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from crowd.storage.ledger import Account, AccountKind, Entry, Transfer
from crowd.storage.projects import Project
from crowd.storage.users import User


@dataclass(frozen=True)
class KindBalance:
    """What all accounts of one kind hold together."""

    kind: AccountKind
    account_count: int
    balance_micros: int


@dataclass(frozen=True)
class Owed:
    """What one worker's account of a kind holds."""

    worker: User
    balance_micros: int


@dataclass(frozen=True)
class TransferLine:
    """One side of a transfer: which account, whose, how much."""

    kind: AccountKind
    owner: str
    amount_micros: int


@dataclass(frozen=True)
class ShownTransfer:
    """A transfer with its lines and who caused it; `actor` is empty for the software."""

    transfer: Transfer
    lines: list[TransferLine]
    actor: str
    line_count: int


@dataclass(frozen=True)
class ProjectMoney:
    """What a project has set aside now, and what its answers have been paid so far."""

    project: Project
    reserved_micros: int
    spent_micros: int


def balances_by_kind(session: Session) -> list[KindBalance]:
    """Every kind of account, in the order in which money goes through them."""
    query = (
        select(
            col(Account.kind),
            func.count(func.distinct(col(Account.id))),
            func.coalesce(func.sum(col(Entry.amount_micros)), 0),
        )
        .join(Entry, col(Entry.account_id) == col(Account.id), isouter=True)
        .group_by(col(Account.kind))
    )
    found = {str(kind): (int(count), int(total)) for kind, count, total in session.execute(query)}
    return [KindBalance(kind, *found.get(kind.value, (0, 0))) for kind in AccountKind]


def owed(session: Session, kind: AccountKind) -> list[Owed]:
    """Workers whose account of a kind holds anything, the most first."""
    total = func.sum(col(Entry.amount_micros))
    query = (
        select(User, total)
        .join(Account, col(Account.owner_id) == col(User.id))
        .join(Entry, col(Entry.account_id) == col(Account.id))
        .where(col(Account.kind) == kind.value)
        .group_by(col(User.id))
        .having(total != 0)
        .order_by(total.desc(), col(User.id))
    )
    return [Owed(user, int(amount)) for user, amount in session.execute(query)]


def transfers_page(session: Session, *, before: int | None = None, limit: int = 50) -> list[ShownTransfer]:
    """Transfers, newest first, from in front of an id."""
    query = select(Transfer)
    if before is not None:
        query = query.where(col(Transfer.id) < before)
    found = session.scalars(query.order_by(col(Transfer.id).desc()).limit(limit)).all()
    lines = _lines_of(session, [transfer.id for transfer in found])
    names = _user_names(session, {transfer.actor_id for transfer in found if transfer.actor_id})
    return [
        ShownTransfer(
            transfer,
            lines.get(transfer.id, [])[:MOST_LINES],
            names.get(transfer.actor_id or 0, ""),
            len(lines.get(transfer.id, [])),
        )
        for transfer in found
    ]


MOST_LINES = 6


def _lines_of(session: Session, transfer_ids: Sequence[int]) -> dict[int, list[TransferLine]]:
    query = (
        select(Entry, Account)
        .join(Account, col(Account.id) == col(Entry.account_id))
        .where(col(Entry.transfer_id).in_(transfer_ids))
        .order_by(col(Entry.id))
    )
    rows = [(entry, owner) for entry, owner in session.execute(query)]
    users = _user_names(session, {one.owner_id for _, one in rows if one.kind not in _NOT_USERS})
    projects = _project_titles(session, {one.owner_id for _, one in rows if one.kind == AccountKind.RESERVE})
    found: dict[int, list[TransferLine]] = {}
    for entry, owner in rows:
        names = projects if owner.kind == AccountKind.RESERVE else users
        line = TransferLine(AccountKind(owner.kind), names.get(owner.owner_id, ""), entry.amount_micros)
        found.setdefault(entry.transfer_id, []).append(line)
    return found


_NOT_USERS = {AccountKind.WORLD, AccountKind.RESERVE}


def _user_names(session: Session, ids: set[int]) -> dict[int, str]:
    query = select(col(User.id), col(User.name)).where(col(User.id).in_(ids))
    return dict(session.execute(query).tuples().all())


def _project_titles(session: Session, ids: set[int]) -> dict[int, str]:
    query = select(col(Project.id), col(Project.title)).where(col(Project.id).in_(ids))
    return dict(session.execute(query).tuples().all())


def money_of_projects(session: Session, owner_id: int) -> list[ProjectMoney]:
    """A requester's projects that money has gone into, newest first."""
    paid = func.sum(col(Entry.amount_micros)).filter(col(Transfer.kind).in_(("answer", "rejection")))
    query = (
        select(Project, func.sum(col(Entry.amount_micros)), func.coalesce(paid, 0))
        .join(
            Account,
            (col(Account.owner_id) == col(Project.id)) & (col(Account.kind) == AccountKind.RESERVE.value),
        )
        .join(Entry, col(Entry.account_id) == col(Account.id))
        .join(Transfer, col(Transfer.id) == col(Entry.transfer_id))
        .where(col(Project.owner_id) == owner_id)
        .group_by(col(Project.id))
        .order_by(col(Project.id).desc())
    )
    return [ProjectMoney(project, int(kept), -int(spent)) for project, kept, spent in session.execute(query)]
