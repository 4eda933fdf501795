"""Read NumPy's .npz files: arrays of plain numbers alone, sizes checked before anything is read."""

import contextlib
import dataclasses
import math
import typing
import zipfile

import numpy as np

from helpers import messages, reading


@dataclasses.dataclass(frozen=True)
class Stored:
    """An array of an .npz file that has not been read yet.

    Parameters
    ----------
    dtype : numpy.dtype
        Of integers, floats or bool.
    shape : tuple of int
    read : callable
        Takes nothing; returns the array.
    """

    dtype: np.dtype
    shape: tuple
    read: typing.Callable = dataclasses.field(repr=False)

    def __len__(self):
        return self.shape[0]


@contextlib.contextmanager
def opened(path):
    """Open an .npz file, and find out what it holds.

    Parameters
    ----------
    path : str or pathlib.Path

    Yields
    ------
    arrays : dict of str to Stored
        Check types and shapes before you read: a small file may hold an array of any size. Each
        has as many bytes in the file as its type and shape need, and no pickle.

    Raises
    ------
    ValueError
        If the file is missing, not a regular file, damaged, not such a file, or an entry is no
        array of plain numbers. Also in place of any other error inside the block, which damaged
        bytes raise in many kinds. The message names the file.
    """
    with reading.open_regular(path) as file:
        try:
            if not zipfile.is_zipfile(file):
                raise ValueError(
                    "it is no complete .npz file (cut off, a web page in its place, "
                    "or a single array?): fetch it once more"
                )
            with zipfile.ZipFile(file) as archive:
                yield {
                    entry.filename.removesuffix(".npy"): _look_at(archive, entry)
                    for entry in archive.infolist()
                }
        except Exception as error:
            raise ValueError(f"{path} cannot be used: {messages.reason(error)}") from error


def _look_at(archive, entry):
    """Read the header of one array."""
    name = entry.filename
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{name} is compressed in a way that NumPy does not use")
    with archive.open(entry) as file:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):  # later ones are for fields and names, and may have endless headers
            raise ValueError(f"{name} is no array of plain numbers")
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        num_bytes = file.tell() + math.prod(shape) * dtype.itemsize
    if dtype.kind not in "iufb" or min(shape, default=0) < 0:
        raise ValueError(f"{name} is no array of plain numbers, but {dtype} of shape {shape}")
    if entry.file_size != num_bytes:
        raise ValueError(
            f"{name} should have {num_bytes:,} bytes for {dtype} of shape {shape}, "
            f"but has {entry.file_size:,}"
        )

    def read():
        with archive.open(entry) as file:
            return np.lib.format.read_array(file, allow_pickle=False)

    return Stored(dtype, shape, read)
