"""The one error that a command ends with: a sentence that says what to do."""


class CommandError(Exception):
    """The command cannot go on; the message is a plain sentence for whoever typed it."""
