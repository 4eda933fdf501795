"""Open HDF5 files that others wrote: they may name no other file, and hold what they declare.

An HDF5 file can say that its numbers lie in some other file, can declare arrays of any size without
storing them, and can name filters that HDF5 would load from the system's libraries.
"""

import contextlib
import math
import mmap
import os
import zlib

import h5py

from helpers import messages, reading

_DEFLATE, _SHUFFLE, _FLETCHER32, _LZF = 1, 2, 3, 32000  # HDF5's numbers for what h5py brings along
_FILTERS = {_DEFLATE, _SHUFFLE, _FLETCHER32, _LZF}
_SMALL = 64_000_000  # bytes that an array may take however well it is compressed
_MOST_TEXTS = 1_000_000
_EXPANSION = 50  # times its size in the file that a larger one may take


@contextlib.contextmanager
def opened(path):
    """Open an HDF5 file for reading, once all of its links and arrays are found to be in order.

    Parameters
    ----------
    path : str or pathlib.Path

    Yields
    ------
    file : h5py.File
        Each array in it lies whole in this file, and takes at most 64 MB, or 50 times what is
        stored of it. Types and shapes may be any.

    Raises
    ------
    ValueError
        If the file is missing, not a regular file, damaged or not HDF5; if it has soft or external
        links, external storage, virtual data sets, or other filters than those of h5py; if it
        declares more than it stores. Also in place of any other error inside the block: HDF5
        raises many kinds for damaged files. The message names the file.

    References
    ----------
    The HDF Group, *HDF5 User's Guide*, "Datasets" (external storage, virtual data sets, filters)
    and "Groups" (links).
    """
    with reading.open_regular(path) as file:
        _check_heaps(path, file)
    try:
        file = h5py.File(path, "r")
    except Exception as error:
        reason = messages.reason(error)
        raise ValueError(f"{path} is damaged or not an HDF5 file: {reason}") from error
    try:
        with file:
            _check_all(file)
            yield file
    except Exception as error:
        raise ValueError(f"{path} cannot be used: {messages.reason(error)}") from error


def _check_heaps(path, file):
    """Refuse damaged collections of texts, in which HDF5 would look for the end for ever.

    The HDF Group, *HDF5 File Format Specification*, "Global Heap": 16 bytes, of which the last 8
    are the size of all, then objects of 16 bytes and their content. Number 0 is the free space.
    """
    if os.fstat(file.fileno()).st_size == 0:  # of which there is no map
        return
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        start, room = content.find(b"GCOL\x01"), _MOST_TEXTS
        while start >= 0:
            position = start + 16
            end = min(start + int.from_bytes(content[start + 8 : position], "little"), len(content))
            while position + 16 <= end:
                room -= 1
                number = int.from_bytes(content[position : position + 2], "little")
                size = int.from_bytes(content[position + 8 : position + 16], "little")
                if (number == 0 and size < 16) or room < 0:
                    raise ValueError(f"{path} cannot be used: its texts are damaged")
                position += 16 + size + -size % 8 if number else size
            start = content.find(b"GCOL\x01", start + 1)


def _check_all(file):
    links, seen = [], set()
    file.visititems_links(lambda name, link: links.append((name, type(link))))
    for name, kind in links:
        if kind is not h5py.HardLink:
            raise ValueError(f"{name} is a link to elsewhere ({kind.__name__})")
        item = file[name]
        address = h5py.h5o.get_info(item.id).addr  # an object may have many names
        if isinstance(item, h5py.Dataset) and address not in seen:
            _check_array(name, item)
        seen.add(address)


def _check_array(name, array):
    if array.external or array.is_virtual:
        raise ValueError(f"the numbers of {name} are said to lie in another file")
    if array.shape is None:  # stores nothing, and reads as nothing
        return
    stored = array.id.get_storage_size()
    if array.chunks is None:
        if stored < array.nbytes:
            raise ValueError(
                f"{name} declares {array.nbytes:,} bytes, but only {stored:,} are stored"
            )
        return
    settings = array.id.get_create_plist()
    filters = [settings.get_filter(index)[0] for index in range(settings.get_nfilters())]
    if not _FILTERS.issuperset(filters) or len(filters) != len(set(filters)):
        raise ValueError(f"{name} is compressed with filters that are not read: {filters}")
    _check_chunks(name, array, filters)


def _check_chunks(name, array, filters):
    """Refuse missing chunks, and such as would grow to more than they should when unpacked."""
    nominal = math.prod(array.chunks) * array.dtype.itemsize
    wanted = math.prod(
        -(-side // chunk) for side, chunk in zip(array.shape, array.chunks, strict=True)
    )
    found = array.id.get_num_chunks()
    if found < wanted:
        raise ValueError(f"{name} declares {wanted:,} chunks, but only {found:,} are stored")
    stored = array.id.get_storage_size()
    if nominal * found > max(_SMALL, _EXPANSION * stored):
        raise ValueError(f"{name} declares {nominal * found:,} bytes, but stores {stored:,}")
    chunks = []
    array.id.chunk_iter(chunks.append)
    for chunk in chunks:
        if chunk.size > nominal + nominal // 100 + 1000:
            raise ValueError(f"{name} has a chunk of {chunk.size:,} bytes for {nominal:,}")
        if _DEFLATE in filters and not chunk.filter_mask:
            _, packed = array.id.read_direct_chunk(chunk.chunk_offset)
            room = nominal + 8  # a checksum may be inside
            if len(zlib.decompressobj().decompress(packed, room + 1)) > room:
                raise ValueError(f"{name} has a chunk that unpacks to more than {nominal:,} bytes")
