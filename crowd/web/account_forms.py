"""The forms of accounts: what is typed to open one or to change its password."""

from __future__ import annotations

from dataclasses import dataclass

from crowd.services.accounts import PasswordFlaw, PasswordRefused
from crowd.services.passwords import LONGEST, SHORTEST
from crowd.web.forms import Fields
from crowd.web.i18n import gettext as _


@dataclass(frozen=True)
class NewAccount:
    """A name, an address and a password; nothing else that was sent counts."""

    name: str
    email: str
    password: str


def read_new_account(fields: Fields) -> NewAccount:
    """What the form for a new account says."""
    return NewAccount(read_name(fields), fields.email("email"), fields.secret("password"))


def read_name(fields: Fields) -> str:
    """The name that others see."""
    name = fields.text("name", longest=200)
    if name and not name.isprintable():
        fields.complain("name", _("Use letters, digits and spaces only."))
    return name


def complain_of_password(fields: Fields, name: str, refused: PasswordRefused) -> None:
    """Say what is wrong with a new password."""
    fields.complain(name, _password_words()[refused.flaw])


def complain_of_email(fields: Fields) -> None:
    """Say that an address is taken."""
    fields.complain("email", _("This address has an account already. Sign in with it instead."))


def _password_words() -> dict[PasswordFlaw, str]:
    return {
        PasswordFlaw.TOO_SHORT: _("Use %(count)s characters or more; a sentence is easy to remember.")
        % {"count": SHORTEST},
        PasswordFlaw.TOO_LONG: _("Use at most %(count)s characters.") % {"count": LONGEST},
        PasswordFlaw.PERSONAL: _("Choose something else than your own name or address."),
        PasswordFlaw.COMMON: _("Many people use this password, so it is tried first. Choose another."),
    }
