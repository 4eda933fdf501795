"""Keep on disk what was drawn once, so that it need not be drawn again."""

import numpy as np

from helpers import downloads, npz, storage


def load_or_draw(name, *, forms, draw):
    """Take drawn arrays from the workbook's cache, or draw them and put them there.

    Several processes that want the same arrays draw them once. Where the cache cannot be written
    to, a printed line says so, and the arrays are drawn each time.

    Parameters
    ----------
    name : str
        Of the file, without its ending. It should tell all that decides what is drawn: version,
        number, seed.
    forms : dict of name to (dtype, shape)
        What the file must hold, and nothing else; any other file is replaced.
    draw : callable
        Takes nothing; returns a dict with the arrays of `forms`.

    Returns
    -------
    arrays : dict of name to array

    Raises
    ------
    ValueError
        If `draw` returns something else than `forms` says.
    """
    path = path_of(name)
    arrays = read(path, forms)
    try:
        if arrays is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            with downloads.taking_turns(path.with_suffix(".lock"), what="drawing the pictures"):
                arrays = read(path, forms)  # another process may have drawn them meanwhile
                if arrays is None:
                    arrays = _checked(draw(), forms)
                    with storage.replacing(path) as draft:
                        np.savez(draft, **arrays)
    except (OSError, NotImplementedError) as error:  # the latter: no locks on this file system
        reason = downloads.explain_folder(error)
        print(f"What was drawn is not kept: {path.parent} {reason}.", flush=True)
    return _checked(draw(), forms) if arrays is None else arrays


def path_of(name):
    """Name the file in which `load_or_draw` keeps what it calls `name`; it need not exist."""
    return storage.cache_folder() / f"{name}.npz"


def read(path, forms):
    """Read what was drawn before.

    Parameters
    ----------
    path : pathlib.Path
    forms : dict of name to (dtype, shape)
        As for `load_or_draw`.

    Returns
    -------
    arrays : dict of name to array, or None
        None if there is no such file, or it is broken or holds something else.
    """
    try:
        with npz.opened(path) as stored:
            _checked(stored, forms)  # before anything is read
            return {name: array.read() for name, array in stored.items()}
    except ValueError:
        return None


def _checked(arrays, forms):
    found = {name: (array.dtype, array.shape) for name, array in arrays.items()}
    wanted = {name: (np.dtype(dtype), tuple(shape)) for name, (dtype, shape) in forms.items()}
    if found != wanted:
        raise ValueError(f"expected arrays {wanted}, got {found}")
    return arrays
