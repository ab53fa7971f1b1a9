"""Screens: the web door. `create_app` wires pages, security and storage together."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from crowd.services.secrets import secret_key
from crowd.settings import ROOT, Settings
from crowd.storage.database import open_store
from crowd.storage.queue import JobQueue
from crowd.web import errors, i18n, look, per_request, places, security, signed_in
from crowd.web.per_request import House
from crowd.web.uploading import HouseRequest


def create_app(settings: Settings) -> Flask:
    """The web application for one set of settings. Opens no connection before the first request."""
    app = Flask("crowd.web", static_folder=str(ROOT / "static"), template_folder="pages")
    app.request_class = HouseRequest
    app.secret_key = secret_key(settings)
    app.config.update(
        MAX_CONTENT_LENGTH=1 << 20,
        MAX_FORM_MEMORY_SIZE=1 << 20,
        MAX_FORM_PARTS=500,
        SESSION_COOKIE_NAME="__Host-visit" if settings.is_https else "crowd_visit",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    store = open_store(settings.database_address, settings.data_path)
    app.extensions["house"] = House(settings, store, JobQueue(settings.redis_address))
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    i18n.install(app)
    per_request.install(app)
    signed_in.install(app)
    security.install(app)
    look.install(app)
    places.install(app)
    errors.install(app)
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    return app


def blueprints() -> list[Blueprint]:
    """Every screen: each module of `crowd.web.screens` holds one blueprint named `screen`."""
    package = import_module("crowd.web.screens")
    modules = (import_module(f"crowd.web.screens.{found.name}") for found in iter_modules(package.__path__))
    return [module.screen for module in modules if isinstance(getattr(module, "screen", None), Blueprint)]
