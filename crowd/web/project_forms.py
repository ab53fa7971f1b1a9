"""Forms of a project: what is asked of which columns, and the rules, read and explained at the door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crowd.domain.pay import ONE_PERMILLE, decimal_amount
from crowd.services.projects import Rules
from crowd.storage.datasets import Dataset
from crowd.storage.projects import Project
from crowd.storage.task_templates import Modality, Parameter, ParameterKind, TaskInput, TaskTemplate
from crowd.web.forms import Fields
from crowd.web.i18n import gettext as _

TIER_ROWS = (1, 2, 3)
MOST_PAID = 1_000_000_000
GOLD_NAMES = ("gold", "gold_answer", "gold_label", "gold answer", "gold label", "expected")


@dataclass(frozen=True)
class QuestionFields:
    """What step two says, as the service takes it."""

    title: str
    summary: str
    parameters: dict[str, Any]
    mapping: dict[str, str]
    gold_column: str


def read_question(fields: Fields, template: TaskTemplate, dataset: Dataset) -> QuestionFields:
    """Read title, parameters, column mapping and gold column; complaints stay in `fields`."""
    columns = dataset.columns
    mapping = {}
    for entry in text_inputs(template):
        name = f"input-{entry.name}"
        offered = columns if entry.is_required else ["", *columns]
        if entry.is_required and not fields.sent.get(name):
            fields.complain(name, _("Choose the column that holds this."))
        if column := fields.choice(name, offered):
            mapping[entry.name] = column
    return QuestionFields(
        title=fields.text("title", longest=120),
        summary=fields.text("summary", longest=300, required=False),
        parameters={entry.name: _parameter(fields, entry) for entry in template.parameters},
        mapping=mapping,
        gold_column=fields.choice("gold_column", ["", *columns]),
    )


def text_inputs(template: TaskTemplate) -> list[TaskInput]:
    """The template's inputs that a column must be chosen for; media come with the item itself."""
    return [entry for entry in template.inputs if entry.kind is Modality.TEXT]


def sent_question(project: Project, template: TaskTemplate, dataset: Dataset | None) -> dict[str, str]:
    """The fields of step two as they stand; columns are guessed by name where none was chosen."""
    sent = {"title": project.title, "summary": project.summary}
    parameters = template.default_parameters() | project.parameters
    for entry in template.parameters:
        value = parameters.get(entry.name, "")
        sent[f"parameter-{entry.name}"] = "\n".join(value) if isinstance(value, list) else str(value)
    if dataset is None:
        return sent
    is_same = dataset.id == project.dataset_id
    for shown in text_inputs(template):
        chosen = project.mapping.get(shown.name, "") if is_same else ""
        sent[f"input-{shown.name}"] = chosen or guess_column(dataset.columns, (shown.name,), fall_back=True)
    guessed = guess_column(dataset.columns, GOLD_NAMES, fall_back=False)
    sent["gold_column"] = project.gold_column if is_same else guessed
    return sent


def guess_column(columns: Sequence[str], names: Sequence[str], *, fall_back: bool) -> str:
    """The first column that bears one of the names; else the first likely one, or none."""
    by_name = {column.strip().casefold(): column for column in reversed(columns)}
    for name in names:
        if name in by_name:
            return by_name[name]
    if not fall_back:
        return ""
    likely = [column for column in columns if column.strip().casefold() not in {"id", *GOLD_NAMES}]
    return likely[0] if likely else ""


def _parameter(fields: Fields, entry: Parameter) -> Any:
    name = f"parameter-{entry.name}"
    if entry.kind is not ParameterKind.LABELS:
        return fields.text(name, longest=entry.max_length, required=entry.is_required)
    lines = fields.sent.get(name, "").splitlines()
    labels = [line.strip() for line in lines if line.strip()]
    if not entry.min_count <= len(labels) <= entry.max_count:
        fields.complain(
            name,
            _("Enter %(low)s to %(high)s labels, one per line. There are %(count)s.")
            % {"low": entry.min_count, "high": entry.max_count, "count": len(labels)},
        )
    for label in labels:
        if len(label) > entry.max_length or not label.isprintable():
            fields.complain(
                name,
                _("“%(label)s” is too long or holds a character that cannot be shown.")
                % {"label": label[:40]},
            )
        if labels.count(label) > 1:
            fields.complain(name, _("“%(label)s” is there twice. Remove one.") % {"label": label[:40]})
    return labels


def sent_rules(project: Project) -> dict[str, str]:
    """The fields of the rules as they stand."""
    sent = {
        "overlap": str(project.overlap),
        "stops_early": "1" if project.stops_early else "",
        "minimum_overlap": str(project.minimum_overlap),
        "confidence_target": _percent(project.confidence_target),
        "reward": decimal_amount(project.reward_micros),
        "time_limit": f"{project.time_limit_seconds / 60:g}",
        "estimated_seconds": str(project.estimated_seconds),
        "gold_rate": _percent(project.gold_rate),
        "pause_after_gold": str(project.pause_after_gold),
        "minimum_trust": _percent(project.minimum_trust),
        "approve_after": f"{project.approve_after_seconds / 3600:g}",
        "dispute_below": _percent(project.dispute_below),
    }
    for row, (trust, permille) in zip(TIER_ROWS, project.tiers, strict=False):
        sent[f"tier_trust_{row}"] = _percent(trust)
        sent[f"tier_pay_{row}"] = f"{permille / ONE_PERMILLE:g}"
    return sent


def read_rules(fields: Fields) -> Rules:
    """Read the rules; complaints stay in `fields`."""
    stops_early = fields.flag("stops_early")
    overlap = fields.whole("overlap", 1, 100)
    minimum_overlap = min(2, overlap)
    if stops_early:
        minimum_overlap = fields.whole("minimum_overlap", 1, 100)
        if minimum_overlap > overlap:
            fields.complain("minimum_overlap", _("This cannot be more than the answers per task."))
    estimated = fields.whole("estimated_seconds", 1, 86_400)
    time_limit = round(60 * fields.decimal("time_limit", 0.5, 1440))
    if time_limit < estimated:
        fields.complain("time_limit", _("Give at least the time that an answer is estimated to take."))
    return Rules(
        overlap=overlap,
        stops_early=stops_early,
        minimum_overlap=min(minimum_overlap, overlap),
        confidence_target=fields.share("confidence_target", 0.5, 1.0) if stops_early else 0.9,
        reward_micros=fields.amount("reward", high=MOST_PAID),
        tiers=_tiers(fields),
        time_limit_seconds=time_limit,
        estimated_seconds=estimated,
        gold_rate=fields.share("gold_rate", 0.0, 0.5),
        pause_after_gold=fields.whole("pause_after_gold", 1, 1000),
        minimum_trust=fields.share("minimum_trust", 0.0, 0.99),
        approve_after_seconds=round(3600 * fields.decimal("approve_after", 0, 720)),
        dispute_below=fields.share("dispute_below", 0.0, 1.0),
    )


def _tiers(fields: Fields) -> tuple[tuple[float, int], ...]:
    """The filled rows, which must rise in trust and never pay less."""
    steps: list[tuple[float, int]] = []
    for row in TIER_ROWS:
        trust_name, pay_name = f"tier_trust_{row}", f"tier_pay_{row}"
        filled = [bool(fields.sent.get(name, "").strip()) for name in (trust_name, pay_name)]
        if not any(filled):
            continue
        if not all(filled):
            empty = pay_name if filled[0] else trust_name
            fields.complain(empty, _("Fill in both parts of tier %(row)s, or neither.") % {"row": row})
            continue
        trust = round(fields.share(trust_name), 6)
        permille = round(ONE_PERMILLE * fields.decimal(pay_name, 1, 10))
        if steps and trust <= steps[-1][0]:
            fields.complain(
                trust_name, _("Tier %(row)s needs more trust than the one above it.") % {"row": row}
            )
        if steps and permille < steps[-1][1]:
            fields.complain(pay_name, _("Tier %(row)s cannot pay less than the one above it.") % {"row": row})
        steps.append((trust, permille))
    return tuple(steps) if fields.is_valid else ()


def _percent(share: float) -> str:
    return f"{round(100 * share, 6):g}"
