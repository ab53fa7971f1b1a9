"""Passwords: how they are kept, how they are checked, and which are refused."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crowd.settings import ROOT

SHORTEST, LONGEST = 12, 1000
FEWEST_DIFFERENT = 5
# OWASP's least for argon2id: 19 MiB and two passes, so that a burst of sign-ins fits into memory.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Nobody's password. An unknown account is checked against it, so that it takes as long as a known one.
DUMMY_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$v++IulXgqHRXvPrFDiItKQ$5DpFcBJtOE0FnGYABgHcA5a3dgcj9Gsn11CdWDMckjk"
)


class PasswordFlaw(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    PERSONAL = "personal"
    COMMON = "common"


class PasswordRefused(Exception):
    """The password is too weak or too long to be taken."""

    def __init__(self, flaw: PasswordFlaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


def hash_password(password: str) -> str:
    """What is kept of a password. Takes tens of milliseconds: never call it while holding a transaction."""
    return _HASHER.hash(_same_characters(password))


def is_password(password_hash: str, password: str) -> bool:
    """Whether a password is the right one; as slow for an account without a password as for any other."""
    try:
        return _HASHER.verify(password_hash or DUMMY_HASH, _same_characters(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def check_new_password(password: str, *, name: str, email: str) -> None:
    """Raise PasswordRefused unless this password may be chosen by this person."""
    if len(password) < SHORTEST:
        raise PasswordRefused(PasswordFlaw.TOO_SHORT)
    if len(password) > LONGEST:
        raise PasswordRefused(PasswordFlaw.TOO_LONG)
    plain = _same_characters(password).casefold().strip()
    if plain.replace(" ", "") in _personal(name, email):
        raise PasswordRefused(PasswordFlaw.PERSONAL)
    if len(set(plain)) < FEWEST_DIFFERENT or plain in common_passwords():
        raise PasswordRefused(PasswordFlaw.COMMON)


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """The list that comes with the software."""
    lines = (ROOT / "config" / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _personal(name: str, email: str) -> set[str]:
    words = (name, email, email.partition("@")[0])
    return {_same_characters(word).casefold().replace(" ", "") for word in words}


def _same_characters(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
