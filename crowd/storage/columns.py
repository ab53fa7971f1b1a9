"""Column kinds that mean the same on SQLite (STRICT tables) and on PostgreSQL."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Dialect, Float, String, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.ext.compiler import compiles
from sqlmodel import Field, SQLModel

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Every table module imports this one first, so all constraints get their names from here.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


# STRICT tables know INTEGER, REAL, TEXT and BLOB only.
@compiles(String, "sqlite")
@compiles(Text, "sqlite")
def _sqlite_text(*_: object, **__: object) -> str:
    return "TEXT"


@compiles(BigInteger, "sqlite")
@compiles(Boolean, "sqlite")
def _sqlite_integer(*_: object, **__: object) -> str:
    return "INTEGER"


@compiles(Float, "sqlite")
def _sqlite_real(*_: object, **__: object) -> str:
    return "REAL"


class UtcMoment(TypeDecorator[datetime]):
    """An aware UTC moment: whole microseconds since 1970 on SQLite, timestamptz on PostgreSQL."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Choose the stored kind."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Store; a naive moment is a mistake of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        if dialect.name == "postgresql":
            return value.astimezone(UTC)
        return (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read back as aware UTC."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return EPOCH + timedelta(microseconds=int(value))


class JsonText(TypeDecorator[Any]):
    """JSON kept as text with sorted keys, so that equal values are equal bytes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Store; NaN and infinity are refused."""
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Read back."""
        return None if value is None else json.loads(value)


def now_utc() -> datetime:
    """The present moment, aware."""
    return datetime.now(UTC)


def new_public_id() -> str:
    """An unguessable name for URLs: 128 random bits, 22 characters.

    It never begins with a hyphen, which a command would take for an option and a spreadsheet for a formula.
    """
    made = secrets.token_urlsafe(16)
    return made if made[0] != "-" else new_public_id()


def new_public_ids(count: int) -> list[str]:
    """Many of them, from one call to the system's source of chance."""
    chance = secrets.token_bytes(16 * count)
    pieces = (chance[start : start + 16] for start in range(0, 16 * count, 16))
    return [urlsafe_b64encode(piece)[:22].decode("ascii") for piece in pieces]


def id_column() -> Any:
    """The whole-number key of a row; never shown outside."""
    return Field(default=None, primary_key=True, sa_type=BigInteger)


def public_id_column() -> Any:
    """The name of a row in URLs."""
    return Field(default_factory=new_public_id, unique=True)


def reference(target: str, **options: Any) -> Any:
    """A foreign key to `table.column`."""
    return Field(foreign_key=target, sa_type=BigInteger, **options)


def moment(**options: Any) -> Any:
    """An aware UTC moment."""
    return Field(sa_type=UtcMoment, **options)


def json_column(**options: Any) -> Any:
    """A JSON value."""
    return Field(sa_type=JsonText, **options)


def big(**options: Any) -> Any:
    """A 64-bit whole number, for money and counts."""
    return Field(sa_type=BigInteger, **options)


def one_of(column: str, states: type[StrEnum]) -> CheckConstraint:
    """The column holds one of the words of a StrEnum."""
    words = ", ".join(f"'{state.value}'" for state in states)
    return CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


def holds(name: str, rule: str) -> CheckConstraint:
    """A rule that every row keeps."""
    return CheckConstraint(rule, name=name)


STRICT = {"sqlite_strict": True}
