"""Commands: the door at the terminal. Every module of `crowd.cli.commands` is one command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from crowd.cli.errors import CommandError
from crowd.settings import BadSetting


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the process's exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser, commands = _parser(given)
    options = parser.parse_args(given)
    try:
        return int(commands[options.command].run(options))
    except (CommandError, BadSetting) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def command_names() -> list[str]:
    """Every command, by its module's name."""
    package = import_module("crowd.cli.commands")
    return sorted(found.name for found in iter_modules(package.__path__))


def _parser(given: Sequence[str]) -> tuple[argparse.ArgumentParser, dict[str, ModuleType]]:
    """The parser of what was typed. Only the command that was named is imported: a start must be quick."""
    parser = argparse.ArgumentParser(prog="crowd", description="A self-hosted crowdsourcing marketplace.")
    choices = parser.add_subparsers(dest="command", required=True, metavar="command")
    names = command_names()
    named = [name for name in names if given and given[0] == name]
    commands = {name: import_module(f"crowd.cli.commands.{name}") for name in named or names}
    for name, module in commands.items():
        module.add_arguments(choices.add_parser(name, help=module.HELP, description=module.HELP))
    return parser, commands
