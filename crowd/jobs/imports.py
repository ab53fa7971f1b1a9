"""The job that imports an uploaded file."""

from __future__ import annotations

from crowd.jobs.work import JobFailed, Work
from crowd.services import datasets
from crowd.services.import_dataset import ImportFailed, run_import

KIND = datasets.KIND


def run(work: Work) -> None:
    """Import one dataset."""
    try:
        run_import(work.store, work.settings, int(work.arguments["dataset_id"]), work.progress, work.now())
    except ImportFailed as error:
        raise JobFailed(str(error)) from error
