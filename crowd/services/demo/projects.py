"""The demo's projects: one for each of text, pictures and speech."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from crowd.services.questions import TEMPLATES
from crowd.storage.datasets import Dataset
from crowd.storage.guidelines import Guidelines
from crowd.storage.projects import Project
from crowd.storage.task_templates import template_named
from crowd.storage.users import User


@dataclass(frozen=True)
class DemoProject:
    """What is asked of one sample, and how much of it the crowd has done already."""

    template_name: str
    title: str
    summary: str
    column: str  # of the sample: what the task shows
    input_name: str
    key_column: str  # of the sample: what names an item
    share_answered: float
    parameters: dict[str, Any] = field(default_factory=dict)
    rules: dict[str, Any] = field(default_factory=dict)


DEMO_PROJECTS = (
    DemoProject(
        template_name="text-classification",
        title="What does the customer want?",
        summary="Read a short message to a shop and choose what its writer wants.",
        column="text",
        input_name="text",
        key_column="id",
        share_answered=0.75,
        parameters={
            "question": "What does the customer want?",
            "labels": ["Refund", "Delivery", "Technical help", "Praise"],
        },
        rules={"reward_micros": 40_000, "estimated_seconds": 12, "tiers": [[0.85, 1100], [0.92, 1250]]},
    ),
    DemoProject(
        template_name="image-classification",
        title="House, boat, tree or car?",
        summary="Look at a drawn picture and choose what it shows.",
        column="file",
        input_name="image",
        key_column="file",
        share_answered=0.6,
        parameters={
            "question": "What does the picture show?",
            "labels": ["House", "Boat", "Tree", "Car"],
        },
        rules={"reward_micros": 30_000, "estimated_seconds": 8, "stops_early": True},
    ),
    DemoProject(
        template_name="audio-transcription",
        title="Write down what is said",
        summary="Listen to one spoken sentence and write it down.",
        column="file",
        input_name="audio",
        key_column="file",
        share_answered=0.5,
        rules={
            "reward_micros": 120_000,
            "estimated_seconds": 35,
            "gold_tolerance": 0.1,
            "minimum_trust": 0.5,
        },
    ),
)


def make_draft(session: Session, owner: User, dataset: Dataset, demo: DemoProject, at: datetime) -> Project:
    """The project with the template's own guidelines, ready to launch. Commits."""
    template = template_named(TEMPLATES, demo.template_name)
    rules = {
        "gold_rate": 0.3,
        "pause_after_gold": 3,
        "approve_after_seconds": 86_400,
        "dispute_below": 0.8,
    } | demo.rules
    project = Project(
        owner_id=owner.id,
        dataset_id=dataset.id,
        title=demo.title,
        summary=demo.summary,
        template_name=demo.template_name,
        template_hash=template.digest,
        parameters=demo.parameters,
        mapping={demo.input_name: demo.column},
        gold_column="gold",
        created_at=at,
        **rules,
    )
    session.add(project)
    session.flush()
    markdown = (template.folder / "guidelines.md").read_text(encoding="utf-8")
    session.add(
        Guidelines(project_id=project.id, version=1, markdown=markdown, author_id=owner.id, created_at=at)
    )
    session.commit()
    return project


def truth_of(demo: DemoProject) -> dict[str, str]:
    """The right label of every item of a sample, by what names it. Simulation only."""
    path = TEMPLATES / demo.template_name / "sample" / "truth.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row[demo.key_column]: row["label"] for row in csv.DictReader(file)}
