"""The job that brings a project's consensus up to date with its answers."""

from __future__ import annotations

from crowd.domain.answers import AnswerSchema, SchemaRefused
from crowd.jobs.work import JobFailed, Work
from crowd.services.aggregation import aggregate
from crowd.services.questions import question_of
from crowd.storage.projects import Project
from crowd.storage.task_templates import UnknownTaskTemplateError

KIND = "aggregate"


def run(work: Work) -> None:
    """Aggregate chunk by chunk until no task is behind its answers."""
    project_id = int(work.arguments["project_id"])
    schema = _schema(work, project_id)
    done = 0
    while True:
        with work.store.writing() as session:
            chunk = aggregate(session, project_id, schema, work.now())
        if not chunk.task_count:
            return
        done += chunk.task_count
        work.progress(done, done)


def _schema(work: Work, project_id: int) -> AnswerSchema:
    with work.store.reading() as session:
        project = session.get_one(Project, project_id)
    try:
        return question_of(project).schema
    except (UnknownTaskTemplateError, SchemaRefused) as error:
        raise JobFailed(f"The task template of “{project.title}” cannot be used: {error}") from error
