"""Open files that others wrote: regular files alone, with one kind of error."""

import os
import stat

from helpers import messages


def open_regular(path):
    """Open a file to read its bytes; refuse pipes, devices and folders, which might never end.

    Parameters
    ----------
    path : str or pathlib.Path
        A link is followed.

    Returns
    -------
    file : io.BufferedReader

    Raises
    ------
    ValueError
        If there is no such file, it is no regular file, or it may not be read; with its name.
    """
    try:
        # Without O_NONBLOCK, opening a pipe waits until somebody writes to it.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise ValueError(f"there is no file {path}") from None
    except OSError as error:
        if os.path.exists(path) and not os.path.isfile(path):  # a socket, or a folder on Windows
            raise ValueError(f"{path} is not a regular file") from None
        raise ValueError(f"{path} cannot be read: {messages.reason(error)}") from error
    except ValueError as error:  # a null character in the name
        raise ValueError(f"there is no file {path!r}: {error}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError(f"{path} is not a regular file")
    return os.fdopen(descriptor, "rb")
