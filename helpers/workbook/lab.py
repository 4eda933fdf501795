"""``python -m helpers.workbook lab``: JupyterLab on copies of the notebooks, to work in."""

import os
import pathlib
import shutil

from helpers import storage
from helpers.workbook import repository

ORIGINALS = ".originals"  # beside the copies: each notebook as it was when it was copied


def open_copies(options=(), *, root=repository.ROOT):
    """Copy notebooks that have no copy yet into ``work/``, and open JupyterLab there.

    Parameters
    ----------
    options : sequence of str
        For JupyterLab, such as ``--no-browser``.
    root : path
        Of the clone.

    Returns
    -------
    exit_status : int

    Raises
    ------
    ValueError
        If there are no notebooks, the copies cannot be written, or JupyterLab is not installed.
    """
    folder = copy(root)
    prepare_environment(root)
    try:
        from jupyterlab import labapp
    except ImportError:
        raise ValueError(
            "JupyterLab is not installed: pip install -r requirements.txt, or make install"
        ) from None
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return labapp.main([f"--notebook-dir={folder}", *as_root, *options]) or 0


def copy(root=repository.ROOT):
    """Copy each notebook into ``work/``, unless something of its name is there already.

    A copy is its owner's: nothing in ``work/`` is ever overwritten. Where the workbook's notebook
    has changed since it was copied, a printed line says so, and how to get the new one.

    Parameters
    ----------
    root : path
        Of the clone.

    Returns
    -------
    folder : pathlib.Path
        With the copies.

    Raises
    ------
    ValueError
        If there are no notebooks, or the copies cannot be written.
    """
    folder = pathlib.Path(root, "work").absolute()
    for notebook in repository.notebooks(root):
        mine, as_copied = folder / notebook.name, folder / ORIGINALS / notebook.name
        try:
            if not os.path.lexists(mine):
                _copy_file(notebook, as_copied)
                _copy_file(notebook, mine)
            elif not as_copied.exists() or as_copied.read_bytes() != notebook.read_bytes():
                print(
                    f"work/{notebook.name} stays as it is, but the original has changed since it "
                    "was copied; for the new one, give yours another name and start again",
                    flush=True,
                )
        except OSError as error:
            raise ValueError(
                f"{mine}: the copy to work in cannot be written ({error.strerror}); the workbook's "
                "folder has to be one that you can write to"
            ) from None
    return folder


def prepare_environment(root=repository.ROOT):
    """Let kernels find the helpers, and the folders that the user names, from where they start."""
    paths = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    for name in ("WORKBOOK_DATA", "WORKBOOK_CACHE"):
        if os.environ.get(name):
            os.environ[name] = os.path.abspath(os.path.expanduser(os.environ[name]))


def _copy_file(source, target):
    with storage.replacing(target) as draft:
        shutil.copyfile(source, draft)
