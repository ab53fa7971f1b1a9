"""The installation's own secret, made once and kept private."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from crowd.settings import BadSetting, Settings


def secret_key(settings: Settings) -> str:
    """The key that signs cookies and media links; generated at the first start.

    Raises BadSetting when the file can be read by others or holds too little.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_path / "secret.key"
    if not path.exists():
        _create(path)
    if path.stat().st_mode & 0o077:
        raise BadSetting(f"{path} can be read by other users of this machine. Run: chmod 600 {path}")
    key = path.read_text(encoding="ascii").strip()
    if len(key) < 32:
        raise BadSetting(
            f"{path} holds too short a key. Delete it to have a new one made; all will sign in again."
        )
    return key


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_suffix(f".{os.getpid()}")
    handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(staged, path)  # whoever comes first wins; the others read that one
    except FileExistsError:
        pass
    finally:
        staged.unlink()
