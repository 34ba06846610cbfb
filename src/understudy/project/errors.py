"""The one exception a user may see: something they can mend."""


class UnderstudyError(Exception):
    """A fault that the user can mend. The message is one line: what, where, and what to do.

    The command line prints the message alone and exits with code 2.
    """
