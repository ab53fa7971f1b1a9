"""The web process: `granian --interface wsgi --factory app:create`."""

from __future__ import annotations

from flask import Flask

from crowd.cli.data_dir import await_preparation
from crowd.process import end_with_parent, write_logs
from crowd.settings import load_settings
from crowd.web import create_app


def create() -> Flask:
    """The application, made by each of the server's processes for itself."""
    end_with_parent()
    write_logs()
    settings = load_settings()
    app = create_app(settings)
    await_preparation(settings.data_path)
    return app
