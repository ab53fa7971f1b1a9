"""Words in the reader's language: gettext, with English as the source."""

from __future__ import annotations

import gettext as catalogues

from flask import Flask

from crowd.settings import ROOT


def gettext(message: str) -> str:
    """A message in the reader's language."""
    return _catalogue().gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """A message that depends on a count."""
    return _catalogue().ngettext(singular, plural, count)


def _catalogue() -> catalogues.NullTranslations:
    return catalogues.translation("crowd", localedir=ROOT / "crowd" / "web" / "languages", fallback=True)


def install(app: Flask) -> None:
    """Give the pages `_()` and `ngettext()`."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
