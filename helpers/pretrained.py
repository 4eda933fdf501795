"""Find weights that others trained, and load them completely or not at all."""

import dataclasses
import functools

from helpers import archives, downloads, settings, sources, storage, weights


@dataclasses.dataclass(frozen=True)
class WeightsFile:
    """Weights of one network, under the names that they go by.

    Parameters
    ----------
    network : str
        What they are for, in words, for example ``"MobileNet"``.
    trained_on : str
        In words, for example ``"ImageNet"``.
    name : str
        Of the file that the reader's folder may have, in the format of Keras 3
        (``*.weights.h5``).
    remote : downloads.RemoteFile
        What Keras itself downloads, or what others publish; its name is the one in Keras' cache,
        where no other file counts. The reader's folder may have it, too.
    """

    network: str
    trained_on: str
    name: str
    remote: downloads.RemoteFile


class WeightsUnavailable(sources.Unavailable):
    """The weights cannot be had; `reasons` is a dict from each source tried to why not."""

    def __init__(self, file, reasons):
        super().__init__(
            f"{file.network} with weights of {file.trained_on}",
            reasons,
            f"Let WORKBOOK_DATA name a folder that has {file.name} or {file.remote.name}.",
        )


def load(
    model,
    file,
    *,
    strict,
    folder=None,
    download=True,
    limits=None,
    progress=True,
    read=weights.load,
):
    """Load weights into a model from the first source that has them.

    These are a folder of the reader's, Keras' cache, the workbook's cache and a download. A file
    that does not fit stays where it is.

    Parameters
    ----------
    model : keras.Model
        Built. It stays as it is if no source has weights that fit.
    file : WeightsFile
    strict : bool
        True stops at a broken file of the reader's, and puts up with slow hosts; False prints a
        line and goes on, and gives slow hosts up.
    folder : str or pathlib.Path, optional
        Where to look first, in place of what the environment variable ``WORKBOOK_DATA`` names.
    download : bool
        False looks on this machine only.
    limits : downloads.Limits, optional
        How long to wait for hosts.
    progress : bool
        Whether to show a bar while downloading.
    read : callable
        Takes the model and a path. Loads the file completely or, with a ValueError that says what
        is wrong with it, not at all. Only for files in other formats than Keras'.

    Returns
    -------
    source : str
        Where they came from, in words.

    Raises
    ------
    WeightsUnavailable
        If no source has weights that fit, or a file in the reader's folder is broken and `strict`.
    """
    refusal = functools.partial(WeightsUnavailable, file)
    reasons = {}
    read = functools.partial(read, model)
    found = sources.first_good(_places(file, folder), read, reasons, refusal=refusal, strict=strict)
    if found:
        place, path, _ = found
        return f"{file.trained_on}, from {path.name} in {place.name}"
    cache = storage.cache_folder()
    if not download and not downloads.is_complete(file.remote, cache):
        reasons["the workbook's cache"] = f"no {file.remote.name}, and not to be downloaded"
        raise refusal(reasons)
    try:
        path = downloads.fetch(file.remote, cache, patient=strict, limits=limits, progress=progress)
    except downloads.DownloadError as error:
        raise refusal({**reasons, **error.reasons}) from None  # it says all there is
    try:
        read(path)
    except ValueError as error:
        reason = str(error)
        if file.remote.checksum is None:  # it may be the file, and would stand in the way
            reason += f"; it is now {storage.set_aside(path).name}"
        raise refusal({**reasons, "the workbook's cache": reason}) from None
    return f"{file.trained_on}, from {path.name} in the cache"


def load_published(model, files, data, *, what, file=None, **options):
    """Load weights of which the workbook brings none along, into the network that they belong to.

    Parameters
    ----------
    model : keras.Model
        Built. It stays as it is if its weights cannot be had.
    files : dict from int to WeightsFile
        The published files, each under the number of parameters of its network.
    data : {"auto", "real", "embedded"}
        ``real`` stops at a broken file of the reader's and puts up with slow hosts; ``auto``
        passes over the one and gives up the others; ``embedded`` looks nowhere at all.
    what : str
        The networks that the files are for, in words.
    file : WeightsFile, optional
        Which weights to look for, in place of those in `files`.
    **options
        As for `load`.

    Returns
    -------
    source : str
        Where they came from, in words.

    Raises
    ------
    ValueError
        If `data` is unknown, or `model` has the parameters of none of the networks.
    WeightsUnavailable
        As `load`, and always if `data` is ``embedded``.
    """
    settings.Settings(data=data)  # refuses what it does not know
    parameters = model.count_params()
    if parameters not in files:
        several = " or ".join(f"{count:,}" for count in files)
        raise ValueError(
            f"expected {what}, with {several} parameters; got {model.name!r} with {parameters:,}"
        )
    file = file or files[parameters]
    if data == "embedded":
        reason = "brings none along, and with embedded data nothing else is looked at"
        raise WeightsUnavailable(file, {"the workbook": reason})
    return load(model, file, strict=data == "real", **options)


def _places(file, folder):
    find = functools.partial(_find_published, file.remote, sources.keras_cache() / "models")
    places = [sources.Place("Keras' cache", find)]
    name, users = sources.readers_folder(folder)
    if users:
        find = functools.partial(_find_readers, users, [file.name, file.remote.name])
        places.insert(0, sources.Place(name, find, is_readers=True))
    return places


def _find_published(remote, folder):
    paths = _find(folder, [remote.name])
    if remote.checksum and not downloads.is_complete(remote, folder):
        raise ValueError(f"{paths[0]} is not the published file: its size or checksum is another")
    return paths


def _find_readers(folder, names):
    with archives.needs_permission(folder):
        if not folder.is_dir():
            raise ValueError(f"{folder} is not a folder")
    return _find(folder, names)


def _find(folder, names):
    with archives.needs_permission(folder):
        paths = [folder / name for name in names if (folder / name).exists()]
    if not paths:
        raise sources.Absent(f"no {' or '.join(names)} in {folder}")
    return paths
