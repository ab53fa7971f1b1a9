"""What happens before the doors open, in a process of its own: checks, migration, the demo's material.

The supervisor stays small by not importing any of this. The last words on standard output say how to
sign in, or what is wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from crowd.cli.checks import await_redis, check_database, check_ffmpeg, opened_database
from crowd.cli.errors import CommandError
from crowd.services.secrets import secret_key
from crowd.settings import BadSetting, Settings, load_settings
from crowd.storage.database import Store, open_store
from crowd.storage.migrations import migrate

# Filled once by whoever offers a demo: must do nothing when the demo is there already.
SEEDS: tuple[Callable[[Store, Settings], object], ...] = ()


def prepare(settings: Settings) -> str:
    """Make everything ready; return how to sign in."""
    secret_key(settings)
    check_ffmpeg(settings)
    with opened_database(settings) as engine:
        migrate(engine)
    check_database(settings)
    await_redis(settings)
    store = open_store(settings.database_address, settings.data_path)
    if settings.demo:
        for seed in SEEDS:
            seed(store, settings)
    return how_to_sign_in(store, settings)


def how_to_sign_in(_store: Store, settings: Settings) -> str:
    """The sentence that is printed when the web server answers."""
    if settings.demo:
        return (
            f"The demo marketplace is open at {settings.base_url}\n"
            "Sign in there with one click: as its requester, its worker or its quality manager."
        )
    return f"The marketplace is open at {settings.base_url}"


def main() -> int:
    """Prepare by the settings in the environment."""
    try:
        print(prepare(load_settings()))
    except (CommandError, BadSetting) as error:
        print(error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
