"""Look through a dataset's gold column before launch: how many gold answers it gives, and which it cannot."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from sqlmodel import Session, col, select

from crowd.domain.answers import AnswerRefused, AnswerSchema, parse_answer
from crowd.services.launch import gold_labels
from crowd.storage.datasets import Dataset
from crowd.storage.gold import Gold
from crowd.storage.gold_rows import typed_gold_count
from crowd.storage.items import Item
from crowd.storage.projects import Project

SHOWN = 5
REMEMBERED = 32
CHUNK = 5000


@dataclass(frozen=True)
class Misfit:
    """A gold answer that the question does not allow. `position` counts items from 0."""

    position: int
    value: str
    reason: str


@dataclass(frozen=True)
class GoldFound:
    """What a gold column holds: usable answers, and the first of those that are not."""

    count: int
    misfit_count: int
    misfits: tuple[Misfit, ...]


NOTHING = GoldFound(0, 0, ())


def gold_count(session: Session, project: Project, schema: AnswerSchema) -> int:
    """How many items have a gold answer: typed by hand or in the gold column, each counted once."""
    typed = typed_gold_count(session, project.id)
    if not project.gold_column or project.dataset_id is None:
        return typed
    both = session.exec(
        select(Item.input)
        .join(Gold, col(Gold.item_id) == Item.id)
        .where(Gold.project_id == project.id, Item.dataset_id == project.dataset_id)
    )
    twice = sum(bool(gold_labels(values.get(project.gold_column))) for values in both)
    return typed - twice + gold_in_column(session, project, schema).count


_lock = Lock()
_known: OrderedDict[tuple[str, str, AnswerSchema], GoldFound] = OrderedDict()


def gold_in_column(session: Session, project: Project, schema: AnswerSchema) -> GoldFound:
    """What the project's gold column holds. A dataset that is ready never changes, so it is read once."""
    dataset = session.get(Dataset, project.dataset_id) if project.dataset_id else None
    if dataset is None or not project.gold_column:
        return NOTHING
    key = (dataset.public_id, project.gold_column, schema)
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    found = _read(session, dataset.id, project.gold_column, schema)
    with _lock:
        _known[key] = found
        while len(_known) > REMEMBERED:
            _known.popitem(last=False)
    return found


def _read(session: Session, dataset_id: int, column: str, schema: AnswerSchema) -> GoldFound:
    query = (
        select(Item.position, Item.input)
        .where(Item.dataset_id == dataset_id)
        .order_by(col(Item.position))
        .execution_options(yield_per=CHUNK)
    )
    count, misfit_count = 0, 0
    misfits: list[Misfit] = []
    for position, values in session.exec(query):
        for label in gold_labels(values.get(column)):
            reason = _complaint(schema, label)
            if reason is not None:
                misfit_count += 1
                if len(misfits) < SHOWN:
                    misfits.append(Misfit(position, label[:100], reason))
                break
        else:
            count += bool(gold_labels(values.get(column)))
    return GoldFound(count, misfit_count, tuple(misfits))


def _complaint(schema: AnswerSchema, label: str) -> str | None:
    try:
        parse_answer(schema, {schema.field: label})
    except AnswerRefused as refused:
        return refused.reason
    return None
