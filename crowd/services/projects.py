"""Write projects: drafts, their question, guidelines and rules. What is launched keeps its question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from crowd.domain.answers import SchemaRefused
from crowd.domain.pay import Tiers
from crowd.domain.states import DatasetState, ProjectState
from crowd.services.questions import question_of
from crowd.storage import audit
from crowd.storage.datasets import Dataset
from crowd.storage.gold import Gold
from crowd.storage.guidelines import Guidelines, latest_guidelines
from crowd.storage.projects import Project
from crowd.storage.task_templates import TaskTemplate


class NotDraft(Exception):
    """The project is launched: its question and rules stay as they are."""


class UnfitDataset(Exception):
    """The dataset is not imported, not hers, or shows another kind of item than the task template."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The rules of a project, in the units of its columns. `tiers` are [minimum trust, permille] pairs."""

    overlap: int
    minimum_overlap: int
    stops_early: bool
    confidence_target: float
    reward_micros: int
    tiers: tuple[tuple[float, int], ...]
    time_limit_seconds: int
    estimated_seconds: int
    gold_rate: float
    pause_after_gold: int
    minimum_trust: float
    approve_after_seconds: int
    dispute_below: float


def create_draft(
    session: Session, *, owner_id: int, template: TaskTemplate, title: str, now: datetime
) -> Project:
    """Begin a project with a task template, its suggested reward and time. Commits."""
    project = Project(
        owner_id=owner_id,
        title=title,
        template_name=template.name,
        template_hash=template.digest,
        parameters=template.default_parameters(),
        reward_micros=template.suggested_reward_micros,
        estimated_seconds=template.estimated_seconds,
        created_at=now,
    )
    session.add(project)
    session.flush()
    _record(session, project, "project.created", owner_id, now, after={"template": template.name})
    session.commit()
    return project


def change_template(
    session: Session, project: Project, template: TaskTemplate, *, by: int, now: datetime
) -> None:
    """Ask in another way; what was set for the former template is dropped. Commits. Raises NotDraft."""
    _lock_draft(session, project)
    if project.template_name == template.name:
        session.rollback()
        return
    before = {"template": project.template_name}
    project.template_name, project.template_hash = template.name, template.digest
    project.parameters, project.mapping = template.default_parameters(), {}
    project.dataset_id, project.gold_column = None, ""
    project.reward_micros = template.suggested_reward_micros
    project.estimated_seconds = template.estimated_seconds
    session.add(project)
    _record(session, project, "project.template", by, now, before=before, after={"template": template.name})
    session.commit()


def save_question(
    session: Session,
    project: Project,
    dataset: Dataset,
    *,
    title: str,
    summary: str,
    parameters: Mapping[str, Any],
    mapping: Mapping[str, str],
    gold_column: str,
    by: int,
    now: datetime,
) -> None:
    """Tie a draft to a dataset and say what is asked. Commits.

    Raises NotDraft, UnfitDataset, SchemaRefused for labels that cannot be used.
    """
    _lock_draft(session, project)
    if dataset.owner_id != project.owner_id or dataset.state != DatasetState.READY:
        session.rollback()
        raise UnfitDataset
    project.title, project.summary = title, summary
    project.dataset_id = dataset.id
    project.parameters, project.mapping = dict(parameters), dict(mapping)
    project.gold_column = gold_column
    try:
        question = question_of(project)
    except SchemaRefused:
        session.rollback()
        raise
    if question.template.modality.value != dataset.modality:
        session.rollback()
        raise UnfitDataset
    project.template_hash = question.template.digest
    session.add(project)
    after = {
        "dataset": dataset.public_id,
        "parameters": dict(parameters),
        "mapping": dict(mapping),
        "gold_column": gold_column,
    }
    _record(session, project, "project.question", by, now, after=after)
    session.commit()


def save_guidelines(
    session: Session, project: Project, markdown: str, *, by: int, now: datetime
) -> Guidelines:
    """Write a new version of what workers are told; the same words again make none. Commits."""
    _lock(session, project)
    latest = latest_guidelines(session, project.id)
    markdown = markdown.replace("\r\n", "\n").strip()
    if latest is not None and latest.markdown == markdown:
        session.rollback()
        return latest
    version = latest.version + 1 if latest else 1
    written = Guidelines(
        project_id=project.id, version=version, markdown=markdown, author_id=by, created_at=now
    )
    session.add(written)
    audit.record(
        session,
        "guidelines.written",
        f"project:{project.public_id}",
        actor_id=by,
        at=now,
        after={"version": version},
        guidelines_version=version,
    )
    session.commit()
    return written


def save_rules(session: Session, project: Project, rules: Rules, *, by: int, now: datetime) -> None:
    """Set a draft's rules. Commits. Raises NotDraft, TiersRefused."""
    _lock_draft(session, project)
    Tiers(rules.tiers)
    before = asdict(rules_of(project))
    values = asdict(rules) | {"tiers": [list(step) for step in rules.tiers]}
    for name, value in values.items():
        setattr(project, name, value)
    # The reserve counts `overlap` answers of every task, so a gold task may not be shown more often.
    project.gold_overlap = rules.overlap
    session.add(project)
    _record(session, project, "project.rules", by, now, before=before, after=values)
    session.commit()


def rules_of(project: Project) -> Rules:
    """A project's rules as one value."""
    names = [name for name in Rules.__dataclass_fields__ if name != "tiers"]
    tiers = Tiers.from_list(project.tiers).steps
    return Rules(tiers=tiers, **{name: getattr(project, name) for name in names})


def discard_draft(session: Session, project: Project, *, by: int, now: datetime) -> None:
    """Throw a draft away, with its guidelines and gold. Commits. Raises NotDraft."""
    _lock_draft(session, project)
    session.execute(delete(Gold).where(col(Gold.project_id) == project.id))
    session.execute(delete(Guidelines).where(col(Guidelines.project_id) == project.id))
    session.execute(delete(Project).where(col(Project.id) == project.id))
    _record(session, project, "project.discarded", by, now, before={"title": project.title})
    session.commit()


def _lock(session: Session, project: Project) -> None:
    """Let nobody else write this project until the transaction ends, and see what they wrote before."""
    query = select(Project).where(Project.id == project.id).with_for_update()
    session.exec(query.execution_options(populate_existing=True)).one()


def _lock_draft(session: Session, project: Project) -> None:
    _lock(session, project)
    if project.state != ProjectState.DRAFT:
        session.rollback()
        raise NotDraft


def _record(
    session: Session,
    project: Project,
    act: str,
    by: int,
    now: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    subject = f"project:{project.public_id}"
    audit.record(session, act, subject, actor_id=by, at=now, before=before, after=after)
