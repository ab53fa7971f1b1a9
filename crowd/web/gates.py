"""Gates: the first line of every view. A stranger gets 404, whether the thing exists or not."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import abort, current_app

from crowd.domain.states import ProjectState, Role
from crowd.storage.assignments import Assignment, assignment_by_public_id
from crowd.storage.datasets import Dataset, dataset_by_public_id
from crowd.storage.projects import Project, project_by_public_id
from crowd.web.per_request import db
from crowd.web.signed_in import viewer, viewer_or_none

P = ParamSpec("P")
R = TypeVar("R")
GATE = "__gate__"


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Declare that anybody may come, signed in or not."""
    setattr(view, GATE, frozenset[Role]())
    return view


def anybody_signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Let every signed-in user in."""
    return for_roles(*Role)(view)


def for_roles(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only users with one of these roles in; others learn nothing."""

    def gate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if viewer_or_none() is None:
                return cast(R, current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
            if not viewer().has(*roles):
                abort(404)
            return view(*args, **kwargs)

        setattr(guarded, GATE, frozenset(roles))
        return guarded

    return gate


def own_dataset_or_404(public_id: str) -> Dataset:
    """A dataset of the requester herself."""
    found = dataset_by_public_id(db(), public_id)
    if found is None or found.owner_id != viewer().id:
        abort(404)
    return found


def own_project_or_404(public_id: str) -> Project:
    """A project of the requester herself."""
    found = project_by_public_id(db(), public_id)
    if found is None or found.owner_id != viewer().id:
        abort(404)
    return found


def managed_project_or_404(public_id: str) -> Project:
    """A launched project, for quality managers; or one of the requester's own."""
    found = project_by_public_id(db(), public_id)
    if found is None or not (_manages(found) or found.owner_id == viewer().id):
        abort(404)
    return found


def _manages(project: Project) -> bool:
    return viewer().has(Role.QUALITY_MANAGER) and project.state != ProjectState.DRAFT


def workable_project_or_404(public_id: str) -> Project:
    """A project that a worker may see: launched, and not her own."""
    found = project_by_public_id(db(), public_id)
    if found is None or found.state == ProjectState.DRAFT or found.owner_id == viewer().id:
        abort(404)
    return found


def own_assignment_or_404(public_id: str) -> Assignment:
    """A loan of the worker herself, whatever became of it."""
    found = assignment_by_public_id(db(), public_id)
    if found is None or found.worker_id != viewer().id:
        abort(404)
    return found
