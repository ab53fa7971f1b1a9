"""What a launch costs and what speaks against it, for the pages that offer one; and the launch itself."""

from __future__ import annotations

from dataclasses import dataclass

from crowd.domain.pay import format_amount
from crowd.services.gold_column import GoldFound, gold_count, gold_in_column
from crowd.services.launch import Cost, NotEnough, NotReady, cost_of, launch, waiting_item_count
from crowd.services.questions import question_of
from crowd.storage.batches import Batch
from crowd.storage.datasets import Dataset
from crowd.storage.guidelines import Guidelines, latest_guidelines
from crowd.storage.ledger import AccountKind, balance
from crowd.storage.projects import Project
from crowd.web.forms import Fields
from crowd.web.i18n import gettext as _
from crowd.web.per_request import db, now, settings
from crowd.web.signed_in import viewer

PILOT = 50
LEAST_PILOT = 10
MOST_ITEMS = 10_000_000


@dataclass(frozen=True)
class LaunchFacts:
    """Everything a requester weighs before she launches."""

    dataset: Dataset | None
    guidelines: Guidelines | None
    waiting_count: int
    pilot: Cost
    everything: Cost
    budget_micros: int
    gold_count: int
    gold: GoldFound

    @property
    def hourly_wage_micros(self) -> int:
        """What an hour of answers pays at the estimated time, in whole cents."""
        return in_cents(self.everything.hourly_wage_micros)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing that a launch needs."""
        return self.dataset is not None and self.guidelines is not None and self.waiting_count > 0


def in_cents(micros: int) -> int:
    """An amount without what is below a hundredth, for figures that are estimates anyway."""
    return micros - micros % 10_000


def pilot_size(waiting_count: int) -> int:
    """A tenth of the items, at least ten and at most fifty."""
    return min(waiting_count, PILOT, max(LEAST_PILOT, -(-waiting_count // 10)))


def facts_of(project: Project) -> LaunchFacts:
    """What launching this project now would mean."""
    session = db()
    schema = question_of(project).schema
    waiting = waiting_item_count(session, project) if project.dataset_id else 0
    return LaunchFacts(
        dataset=session.get(Dataset, project.dataset_id) if project.dataset_id else None,
        guidelines=latest_guidelines(session, project.id),
        waiting_count=waiting,
        pilot=cost_of(project, pilot_size(waiting)),
        everything=cost_of(project, waiting),
        budget_micros=balance(session, AccountKind.BUDGET, project.owner_id),
        gold_count=gold_count(session, project, schema),
        gold=gold_in_column(session, project, schema),
    )


def try_launch(project: Project, fields: Fields) -> Batch | None:
    """Launch as the form says; None when it could not be, with the complaint in `fields`."""
    is_pilot = fields.choice("how", ("pilot", "everything")) == "pilot"
    size = fields.whole("pilot_size", 1, MOST_ITEMS) if is_pilot else None
    if fields.is_valid and gold_in_column(db(), project, question_of(project).schema).misfit_count:
        fields.complain("gold", _("Mend the gold answers that fit no label first."))
    if not fields.is_valid:
        return None
    try:
        return launch(db(), project, by=viewer().id, now=now(), pilot_size=size)
    except NotEnough as short:
        db().rollback()
        fields.complain("how", _too_dear(short))
    except NotReady as missing:
        db().rollback()
        fields.complain("how", str(missing))
    return None


def _too_dear(short: NotEnough) -> str:
    currency = settings().currency
    return _(
        "This launch sets %(needed)s aside, and your budget holds %(there)s. Launch a smaller pilot, lower"
        " the reward or the answers per task, or ask an admin to add money to your budget."
    ) % {
        "needed": format_amount(short.needed_micros, currency),
        "there": format_amount(short.available_micros, currency),
    }
