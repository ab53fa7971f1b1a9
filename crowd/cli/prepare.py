"""What happens before the doors open, in a process of its own: checks, migration, the demo's material.

The supervisor stays small by not importing any of this. The last words on standard output say how to
sign in, or what is wrong.
"""

from __future__ import annotations

import sys

from crowd.cli.checks import await_redis, check_database, check_ffmpeg, opened_database
from crowd.cli.errors import CommandError
from crowd.services.invitations import setup_link_token
from crowd.services.secrets import secret_key
from crowd.settings import BadSetting, Settings, load_settings
from crowd.storage.columns import now_utc
from crowd.storage.database import Store, open_store
from crowd.storage.migrations import migrate


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
        from crowd.services.demo import RealMarketplace, seed  # only the demo needs what it imports

        try:
            seed(store, settings)
        except RealMarketplace as error:
            raise CommandError(str(error)) from error
    return how_to_sign_in(store, settings)


def how_to_sign_in(store: Store, settings: Settings) -> str:
    """The sentence that is printed when the web server answers."""
    if settings.demo:
        return (
            f"The demo marketplace is open at {settings.base_url}\n"
            "Sign in there with one click: as its requester, its worker or its quality manager."
        )
    with store.writing() as session:
        token = setup_link_token(session, now_utc())
    if token is None:
        return f"The marketplace is open at {settings.base_url}"
    return (
        f"The marketplace is open at {settings.base_url}\n"
        f"It has no admin yet. Open this link once to become the first: {settings.base_url}/setup/{token}"
    )


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
