"""Settings: config/default.toml with CROWD_* environment over it, as one frozen, checked object."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "CROWD_"
# Variables that belong to the test suite, not to the product.
TEST_PREFIX = "CROWD_TEST_"
LONGEST_SOCKET_PATH = 100


class BadSetting(Exception):
    """A setting is unknown, missing, malformed or out of range; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting; see config/default.toml for what each means."""

    data_dir: str
    host: str
    port: int
    public_url: str
    trusted_proxies: int
    database_url: str
    redis_url: str
    secret_key: str
    web_processes: int
    web_threads: int
    slow_workers: int
    sweep_seconds: int
    currency: str
    fair_hourly_wage_micros: int
    max_upload_bytes: int
    max_items: int
    max_image_pixels: int
    max_audio_seconds: int
    session_idle_hours: int
    session_days: int
    sign_in_attempts: int
    sign_in_window_seconds: int
    open_sign_up: bool
    demo: bool

    @property
    def data_path(self) -> Path:
        """The data directory as an absolute path."""
        path = Path(self.data_dir).expanduser()
        return path if path.is_absolute() else ROOT / path

    @property
    def database_address(self) -> str:
        """The SQLAlchemy address in force."""
        return self.database_url or f"sqlite:///{self.data_path / 'crowd.sqlite3'}"

    @property
    def redis_address(self) -> str:
        """The Redis address in force."""
        return self.redis_url or f"unix://{self.redis_socket}"

    @property
    def redis_socket(self) -> Path:
        """Where the private redis-server listens.

        The kernel takes no socket path beyond 107 bytes: a deep data directory's socket lies in a
        directory of its own under the system's temporary one.
        """
        path = self.data_path / "redis" / "redis.sock"
        if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
            return path
        digest = hashlib.sha256(os.fsencode(self.data_path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"crowd-{os.getuid()}-{digest}" / "redis.sock"

    def as_environment(self) -> dict[str, str]:
        """The variables that give a child process exactly these settings."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["data_dir"] = self.data_path
        return {
            PREFIX + name.upper(): str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in values.items()
        }

    @property
    def base_url(self) -> str:
        """The address that people type, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def is_https(self) -> bool:
        """Whether cookies must be Secure."""
        return self.base_url.startswith("https://")

    @property
    def is_loopback(self) -> bool:
        """Whether the web server can be reached from this machine only."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Tell whether an address or name means this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings(
    environ: Mapping[str, str] | None = None,
    *,
    default_file: Path = ROOT / "config" / "default.toml",
    **overrides: object,
) -> Settings:
    """Read, convert and check every setting.

    Raises BadSetting for an unknown, missing, malformed or contradictory one.
    """
    values = _read_file(default_file)
    values.update(_from_environment(os.environ if environ is None else environ))
    values.update(overrides)
    checked: dict[str, Any] = {name: _checked(name, value) for name, value in values.items()}
    settings = Settings(**checked)
    _check_ranges(settings)
    _check_together(settings)
    return settings


def _types() -> dict[str, str]:
    return {field.name: str(field.type) for field in fields(Settings)}


def _read_file(path: Path) -> dict[str, object]:
    try:
        values: dict[str, object] = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(f"{path} is not valid TOML: {error}") from error
    known = set(_types())
    for name in values.keys() - known:
        raise BadSetting(f"{path}: there is no setting named '{name}'.")
    for name in known - values.keys():
        raise BadSetting(f"{path}: the setting '{name}' is missing.")
    return values


def _from_environment(environ: Mapping[str, str]) -> dict[str, object]:
    kinds = _types()
    values: dict[str, object] = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or variable.startswith(TEST_PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in kinds:
            raise BadSetting(f"{variable}: there is no such setting. config/default.toml lists them all.")
        values[name] = _converted(variable, text, kinds[name])
    return values


def _converted(variable: str, text: str, kind: str) -> object:
    if kind == "int":
        try:
            return int(text)
        except ValueError:
            raise BadSetting(f"{variable} must be a whole number, not '{text}'.") from None
    if kind == "bool":
        if text.lower() in {"1", "true", "yes", "on"}:
            return True
        if text.lower() in {"0", "false", "no", "off", ""}:
            return False
        raise BadSetting(f"{variable} must be true or false, not '{text}'.")
    return text


def _checked(name: str, value: object) -> object:
    kind = _types().get(name)
    if kind is None:
        raise BadSetting(f"There is no setting named '{name}'.")
    expected = {"int": int, "bool": bool, "str": str}[kind]
    if type(value) is not expected:
        raise BadSetting(f"The setting '{name}' must be of the kind {kind}, not {value!r}.")
    return value


_RANGES = {
    "port": (1, 65535),
    "trusted_proxies": (0, 10),
    "web_processes": (1, 64),
    "web_threads": (1, 256),
    "slow_workers": (1, 64),
    "sweep_seconds": (1, 60),
    "fair_hourly_wage_micros": (0, 10**12),
    "max_upload_bytes": (1024, 10**13),
    "max_items": (1, 10**9),
    "max_image_pixels": (10_000, 10**9),
    "max_audio_seconds": (1, 86_400),
    "session_idle_hours": (1, 24 * 14),
    "session_days": (1, 90),
    "sign_in_attempts": (1, 1000),
    "sign_in_window_seconds": (1, 86_400),
}


def _check_ranges(settings: Settings) -> None:
    for name, (low, high) in _RANGES.items():
        value = getattr(settings, name)
        if not low <= value <= high:
            raise BadSetting(f"The setting '{name}' must lie between {low} and {high}; it is {value}.")
    if len(settings.currency) != 3 or not settings.currency.isalpha() or not settings.currency.isupper():
        raise BadSetting(
            f"The setting 'currency' must be three capitals such as USD, not '{settings.currency}'."
        )
    if settings.secret_key and len(settings.secret_key) < 32:
        raise BadSetting("The setting 'secret_key' must have at least 32 characters, or be empty.")
    if settings.public_url and not settings.public_url.startswith(("http://", "https://")):
        raise BadSetting(f"The setting 'public_url' must start with https://, not '{settings.public_url}'.")
    for name, schemes in _SCHEMES.items():
        value = getattr(settings, name)
        if value and not value.startswith(schemes):
            raise BadSetting(f"The setting '{name}' must start with {' or '.join(schemes)}.")


_SCHEMES = {
    "database_url": ("sqlite:///", "postgresql+psycopg://"),
    "redis_url": ("redis://", "rediss://", "unix://"),
}


def _check_together(settings: Settings) -> None:
    if settings.demo and not settings.is_loopback:
        raise BadSetting(
            "The demo lets anybody sign in, so it runs on a loopback address only; "
            f"host is '{settings.host}'. Set CROWD_HOST=127.0.0.1, or start the real thing with 'make serve'."
        )
    if not settings.is_loopback and not settings.public_url:
        raise BadSetting(
            f"The web server would listen on '{settings.host}', beyond this machine. "
            "Set CROWD_PUBLIC_URL to the address that people will type."
        )
