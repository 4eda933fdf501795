"""What messages say of names that come from outside: they can be printed, and lists have an end."""

import os


def printable(name):
    r"""Write a name or a path so that any terminal can show it on one line.

    Parameters
    ----------
    name : str, bytes or os.PathLike
        As the system gives it: it may hold control characters, or be no text at all.

    Returns
    -------
    text : str
        The same, with an escape in place of whatever cannot be printed.

    >>> printable("caf\udce9/\x1b[2J.png")
    'caf\\udce9/\\x1b[2J.png'
    """
    text = os.fsdecode(name)
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def listed(items, most=10):
    """Write a list as a text that does not get long, however long the list is.

    Parameters
    ----------
    items : sequence of str
    most : int
        How many of them are written.

    Returns
    -------
    text : str

    >>> listed(["a", "b", "c", "d"], most=2)
    'a, b and 2 more'
    """
    more = len(items) - most
    return ", ".join(items[:most]) + (f" and {more:,} more" if more > 0 else "")


def reason(error):
    r"""Say in one line of at most 300 characters why something failed.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    reason : str
        What the system says, or else the exception, or else its kind.

    >>> reason(ValueError("bad\n  CRC")), reason(EOFError())
    ('bad CRC', 'EOFError')
    """
    text = getattr(error, "strerror", None) or str(error)
    return printable(" ".join(text.split())[:300]) or type(error).__name__
