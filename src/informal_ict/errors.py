"""The one exception that a command shows to a person as a message, without a traceback."""


class InputError(Exception):
    """Something in a source file is wrong. The message names the file, the place and what is expected."""
