"""Two collections of faces that scikit-learn downloads: the Olivetti faces, and the pairs of LFW.

scikit-learn is not among what the workbook needs; only these functions ask for it.
"""

import concurrent.futures
import threading
import typing

import numpy as np

from helpers import images, sources, validation
from helpers.faces import folders

NUM_OLIVETTI_PEOPLE = 40

_LFW_FOLDS, _PAIRS_A_FOLD = 10, 600  # of which 300 show one person, and then 300 two


class LfwPairs(typing.NamedTuple):
    """Pairs of pictures from Labeled Faces in the Wild, as `lfw_protocol` takes them.

    Parameters
    ----------
    pairs : uint8 array of shape (6000, 2, height, width, 3)
        RGB, 0 to 255.
    same : bool array of shape (6000,)
        Which pairs show one person.
    folds : int64 array of shape (6000,)
        0 to 9. Nobody is in two folds.
    """

    pairs: np.ndarray
    same: np.ndarray
    folds: np.ndarray


def read_olivetti(*, download=False, seconds=30):
    """Read the Olivetti faces: the 400 pictures of the ORL faces, smaller, in 64 × 64 pixels.

    Parameters
    ----------
    download : bool
        Whether scikit-learn may download them, about 4 MB, unless it has done so before.
    seconds : float
        How long to wait for that; scikit-learn itself sets no limit. A slower download goes on
        while Python runs, and the next call finds what it brought.

    Returns
    -------
    people : folders.People
        Of 40 people 10 pictures each. Grey, and stretched a little by scikit-learn, so that the
        darkest pixel of all is 0 and the brightest 255.

    Raises
    ------
    ValueError
        If scikit-learn is missing, or cannot give them, or `seconds` is out of range.

    References
    ----------
    Samaria & Harter, "Parameterisation of a stochastic model for human face identification"
    (1994), for the pictures.
    """
    seconds = validation.real(seconds, "seconds", above=0, maximum=threading.TIMEOUT_MAX)
    fetch = _from_scikit_learn("fetch_olivetti_faces")
    try:
        found = fetch(download_if_missing=False)
    except OSError as error:
        if not download:
            raise ValueError("it has not downloaded them before") from error
        found = _within(seconds, fetch)
    except Exception as error:  # damaged bytes come as errors of many kinds
        raise ValueError(f"what it keeps of them cannot be read: {_words(error)}") from error
    labels = np.asarray(found.target)
    if labels.dtype.kind not in "iu" or set(labels.tolist()) != set(range(NUM_OLIVETTI_PEOPLE)):
        raise ValueError(f"expected people 0 to {NUM_OLIVETTI_PEOPLE - 1} for each image")
    pictures = np.stack([images.as_rgb(picture) for picture in found.images])
    names = tuple(f"person {number}" for number in range(1, NUM_OLIVETTI_PEOPLE + 1))
    return folders.People(pictures, labels.astype(np.int64), names)


def lfw_pairs(*, resize=0.5, download=False):
    """Read the 6,000 pairs on which encoders of faces are compared.

    Parameters
    ----------
    resize : float
        Scale of the pictures; with 1 they are 125 × 94 pixels, and scikit-learn needs 1.7 GB of
        memory, with 0.5 a quarter of that.
    download : bool
        Whether scikit-learn may download them, about 240 MB, unless it has done so before. It
        waits for slow hosts without limit.

    Returns
    -------
    lfw : LfwPairs

    Raises
    ------
    sources.Unavailable
        If scikit-learn is missing, or cannot give them.
    ValueError
        If scikit-learn gives something else than LFW's ten folds, or `resize` is not positive.

    References
    ----------
    Huang, Ramesh, Berg & Learned-Miller, "Labeled Faces in the Wild" (2007), section "View 2".
    """
    resize = validation.real(resize, "resize", above=0)
    try:
        fetch = _from_scikit_learn("fetch_lfw_pairs")
        found = fetch(subset="10_folds", color=True, resize=resize, download_if_missing=download)
    except Exception as error:  # a cut archive, for one, is no OSError
        remedy = "Install scikit-learn and call lfw_pairs(download=True) once."
        raise sources.Unavailable("LFW", {"scikit-learn": _words(error)}, remedy) from error
    same = np.asarray(found.target) == 1
    expected = np.tile(np.repeat([True, False], _PAIRS_A_FOLD // 2), _LFW_FOLDS)
    if not np.array_equal(same, expected) or found.pairs.shape[:2] != (len(same), 2):
        raise ValueError(
            f"expected {len(expected):,} pairs in {_LFW_FOLDS} folds, in each first "
            f"{_PAIRS_A_FOLD // 2} of one person and then as many of two; "
            f"got pairs of shape {found.pairs.shape}, of which {same.sum():,} of one person"
        )
    pairs = np.empty(found.pairs.shape, np.uint8)
    for index, (first, second) in enumerate(found.pairs):  # all at once would take twice the room
        pairs[index] = images.as_rgb(first), images.as_rgb(second)
    folds = np.repeat(np.arange(_LFW_FOLDS, dtype=np.int64), _PAIRS_A_FOLD)
    return LfwPairs(pairs, same, folds)


def _from_scikit_learn(name):
    try:
        from sklearn import datasets
    except ImportError as error:
        raise ValueError("it is not installed") from error
    return getattr(datasets, name)


def _within(seconds, fetch):
    """Call `fetch`, but wait for so long only."""
    outcome = concurrent.futures.Future()

    def run():
        try:
            outcome.set_result(fetch())
        except Exception as error:
            outcome.set_exception(error)

    # A daemon, as in `downloads`: a name look-up can hang for longer than anybody wants to wait.
    threading.Thread(target=run, daemon=True).start()
    concurrent.futures.wait([outcome], timeout=seconds)
    if not outcome.done():
        raise ValueError(f"no download within {seconds:g} s")
    try:
        return outcome.result()
    except Exception as error:
        raise ValueError(f"the download failed: {_words(error)}") from error


def _words(error):
    return " ".join(str(error).split()) or type(error).__name__
