"""Gold answers as rows of a table: each with its item and how workers fare on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from crowd.storage.gold import Gold, GoldScore
from crowd.storage.items import Item
from crowd.storage.projects import Project

PAGE = 50


@dataclass(frozen=True)
class GoldRow:
    """One gold answer, its item, how many answers it has scored, and their mean score."""

    gold: Gold
    item: Item
    score_count: int
    mean_score: float | None


def gold_rows(session: Session, project: Project, after: int = -1, limit: int = PAGE) -> Sequence[GoldRow]:
    """Gold answers in the dataset's order, from behind a position."""
    page = session.execute(
        select(Gold, Item)
        .join(Item, col(Item.id) == Gold.item_id)
        .where(
            Gold.project_id == project.id, Item.dataset_id == project.dataset_id, col(Item.position) > after
        )
        .order_by(col(Item.position))
        .limit(limit)
    ).all()
    scores = {
        gold_id: (int(count), float(mean))
        for gold_id, count, mean in session.execute(
            select(GoldScore.gold_id, func.count(), func.avg(GoldScore.score))
            .where(col(GoldScore.gold_id).in_([gold.id for gold, _item in page]))
            .group_by(col(GoldScore.gold_id))
        )
    }
    return [GoldRow(gold, item, *scores.get(gold.id, (0, None))) for gold, item in page]


def typed_gold_count(session: Session, project_id: int) -> int:
    """How many gold answers a project has as rows; those of a gold column become rows at launch."""
    query = select(func.count()).select_from(Gold).where(Gold.project_id == project_id)
    return session.exec(query).one()


def next_item_without_gold(session: Session, project: Project, after: int) -> Item | None:
    """The first item behind a position that nobody has given a gold answer."""
    query = select(Item).where(
        Item.dataset_id == project.dataset_id,
        col(Item.position) > after,
        ~select(Gold.id).where(Gold.project_id == project.id, Gold.item_id == Item.id).exists(),
    )
    return session.exec(query.order_by(col(Item.position)).limit(1)).first()
