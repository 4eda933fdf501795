"""Filters as pictures and as numbers: classic kernels, tiling, and how regular a filter is."""

import math

import numpy as np

from helpers import images, validation


def classic_kernels():
    """Return the hand-made 3 x 3 edge kernels of the textbooks.

    Returns
    -------
    kernels : dict of name to float array of shape (3, 3)
        ``vertical``, ``horizontal``, and Sobel and Scharr in both directions. "Vertical" kernels
        answer to vertical edges: bright on the left, dark on the right gives a positive number.

    References
    ----------
    Gonzalez & Woods, *Digital Image Processing*, section 10.2 (Prewitt and Sobel); Scharr,
    *Optimale Operatoren in der digitalen Bildverarbeitung* (2000).
    """
    difference = np.array([[1.0, 0.0, -1.0]])
    smoothings = {"": [1.0, 1.0, 1.0], "sobel ": [1.0, 2.0, 1.0], "scharr ": [3.0, 10.0, 3.0]}
    kernels = {}
    for name, weights in smoothings.items():
        kernel = np.array(weights)[:, None] * difference
        kernels[f"{name}vertical"] = kernel
        kernels[f"{name}horizontal"] = kernel.T
    return kernels


def gabor(size, *, wavelength, angle, phase=0.0, spread=None):
    """Draw a Gabor patch: a wave under a bell, the usual model of cells of the visual cortex.

    Parameters
    ----------
    size : int
        Height and width in pixels.
    wavelength : float
        Pixels from crest to crest, at least 2: shorter waves fall between the pixels.
    angle : float
        Direction in which the wave runs, in radians; 0 runs to the right, so its stripes stand
        upright.
    phase : float
        In radians: 0 puts a crest in the middle (a bar), pi / 2 a flank (an edge).
    spread : float, optional
        Standard deviation of the bell in pixels; a quarter of `size` if not given.

    Returns
    -------
    patch : float array of shape (size, size)
        With mean 0 and length 1.

    Raises
    ------
    ValueError
        If `size` is no integer from 2 on, `wavelength` is below 2, `spread` is not positive, a
        number is not finite, or nothing of the wave shows.

    References
    ----------
    Daugman, "Uncertainty relation for resolution in space, spatial frequency, and orientation
    optimized by two-dimensional visual cortical filters" (1985), equation 1.
    """
    size = validation.integer(size, "size", minimum=2)
    wavelength = validation.real(wavelength, "wavelength", minimum=2)
    angle, phase = validation.real(angle, "angle"), validation.real(phase, "phase")
    spread = validation.real(size / 4 if spread is None else spread, "spread", above=0)
    steps = np.arange(size) - (size - 1) / 2
    x, y = np.meshgrid(steps, steps)
    along = x * np.cos(angle) + y * np.sin(angle)
    patch = np.exp(-(x**2 + y**2) / (2 * spread**2)) * np.cos(
        2 * np.pi * along / wavelength + phase
    )
    patch = patch - patch.mean()
    length = np.linalg.norm(patch)
    if not length > 1e-9:
        raise ValueError(
            f"{size} pixels show nothing of a wave with wavelength {wavelength}, phase {phase} and "
            f"spread {spread}"
        )
    return patch / length


def stretch(pictures):
    """Stretch the values of each picture to 0..1: its smallest becomes black, its largest white.

    Parameters
    ----------
    pictures : array of shape (pictures, height, width, channels)
        Any value range. The channels of a picture are stretched together, which keeps its colours.

    Returns
    -------
    stretched : float array of the same shape
        In 0 to 1. A picture without contrast, which has nothing to stretch, becomes 0.5.

    Raises
    ------
    ValueError
        If there are not four axes, a picture has no pixels, or a value is not finite.
    """
    pictures = np.asarray(pictures, dtype=float)
    if pictures.ndim != 4 or 0 in pictures.shape[1:]:
        raise ValueError(f"expected (pictures, height, width, channels), got {pictures.shape}")
    _check_finite(pictures)
    axes = (1, 2, 3)
    low, high = pictures.min(axes, keepdims=True), pictures.max(axes, keepdims=True)
    flat = np.full_like(pictures, 0.5)
    return np.divide(pictures - low, high - low, out=flat, where=high > low)


def tile(pictures, *, columns=None, gap=1, scale="each", largest=None, layout="auto"):
    """Lay many small pictures out as one large one, ready for ``imshow``.

    Parameters
    ----------
    pictures : array
        One or three channels, any value range: either pictures of shape (pictures, height, width)
        or (pictures, height, width, channels), or the kernels of a Keras ``Conv2D`` as
        ``get_weights()`` gives them, of shape (height, width, channels, filters), a picture each.
    columns : int, optional
        Pictures in a row; about as many as rows if not given.
    gap : int
        White pixels between two pictures.
    scale : {"each", "shared", "none"}
        ``each`` stretches every picture to 0..1 by itself, which shows its pattern; ``shared``
        puts 0 at mid-grey and stretches all by one factor, which shows how strong each is;
        ``none`` expects values in 0..1 and leaves them alone.
    largest : float, optional
        With ``shared``, the size of a value that becomes white (or black, if negative), so that
        two sheets can be compared; the largest size among the pictures if not given.
    layout : {"auto", "pictures", "kernels"}
        What the axes are. ``auto`` takes a last axis of 1 or 3 for the channels of pictures, and
        only an array without that for kernels. So those of a layer with 1 or 3 filters, which look
        like pictures, need ``kernels``.

    Returns
    -------
    sheet : float array of shape (rows * (height + gap) - gap, columns * (width + gap) - gap, 3)
        Values in 0..1. Unused places are white.

    Raises
    ------
    ValueError
        If the shape does not fit, there is no picture, a value is not finite, a setting is unknown
        or out of range, or the sheet would have more than `images.MAX_PIXELS`.

    >>> tile(np.zeros((5, 4, 3, 6)), columns=2).shape  # six kernels of 5 x 4 weights, in colour
    (17, 9, 3)
    """
    pictures = _as_pictures(np.asarray(pictures, dtype=float), layout)
    _check_finite(pictures)
    count, height, width, _ = pictures.shape
    columns = math.ceil(math.sqrt(count)) if columns is None else columns
    columns = validation.integer(columns, "columns", minimum=1)
    gap = validation.integer(gap, "gap", minimum=0)
    rows = math.ceil(count / columns)
    shape = rows * (height + gap) - gap, columns * (width + gap) - gap, 3
    if shape[0] * shape[1] > images.MAX_PIXELS:
        raise ValueError(f"expected a sheet of at most {images.MAX_PIXELS:,} pixels, got {shape}")
    sheet = np.ones(shape)
    for number, picture in enumerate(_scaled(pictures, scale, largest)):
        top = number // columns * (height + gap)
        left = number % columns * (width + gap)
        sheet[top : top + height, left : left + width] = picture
    return sheet


def low_frequency_share(kernels, *, cutoff=0.3):
    """Measure which share of a filter's energy changes slowly from pixel to pixel.

    A filter with broad areas of light and dark, such as an edge or a blob, keeps most of its
    energy in the low frequencies. Noise spreads it evenly: its share is, on average, the share
    of the frequencies that count as low (9 of 25 for 5 x 5 pixels and the default cutoff).

    Parameters
    ----------
    kernels : float array of shape (height, width, channels, filters)
        As a Keras ``Conv2D`` keeps them.
    cutoff : float
        Frequencies below it are low, in waves per pixel (0.5 is the fastest that pixels can
        show along a row or column).

    Returns
    -------
    share : float array of shape (filters,)
        Between 0 and 1, over all channels together; 0 for a filter of zeros.

    Raises
    ------
    ValueError
        If `kernels` does not have four axes, has an empty one of the first three or is not finite,
        or `cutoff` is not a positive number.
    """
    kernels = np.asarray(kernels, dtype=float)
    if kernels.ndim != 4 or 0 in kernels.shape[:3]:
        raise ValueError(f"expected (height, width, channels, filters), got {kernels.shape}")
    cutoff = validation.real(cutoff, "cutoff", above=0)
    _check_finite(kernels)
    height, width, _, num_filters = kernels.shape
    energy = (np.abs(np.fft.fft2(kernels, axes=(0, 1))) ** 2).sum(axis=2)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))
    low, total = energy[frequency < cutoff].sum(axis=0), energy.sum(axis=(0, 1))
    return np.divide(low, total, out=np.zeros(num_filters), where=total > 0)


def similarity(kernels, references):
    """Compare filters with reference patterns, whatever their brightness, strength and sign.

    Parameters
    ----------
    kernels : float array of shape (filters, height, width)
    references : float array of shape (references, height, width)

    Returns
    -------
    similarity : float array of shape (filters, references)
        Absolute correlation, 0 (nothing in common) to 1 (same pattern or its negative).

    Raises
    ------
    ValueError
        If the two do not have three axes each and the same height and width, or are not finite.
    """
    kernels, references = np.asarray(kernels, float), np.asarray(references, float)
    if kernels.ndim != 3 or references.ndim != 3 or kernels.shape[1:] != references.shape[1:]:
        raise ValueError(
            "expected (filters, height, width) and (references, height, width), "
            f"got {kernels.shape} and {references.shape}"
        )
    _check_finite(kernels)
    _check_finite(references)
    return np.abs(_unit_rows(kernels) @ _unit_rows(references).T)


def _as_pictures(array, layout):
    """Bring pictures, or the kernels of a layer, to (pictures, height, width, 1 or 3)."""
    if layout not in ("auto", "pictures", "kernels"):
        got = validation.shown(layout)
        raise ValueError(f"layout must be 'auto', 'pictures' or 'kernels'; got {got}")
    shape = array.shape
    if layout == "auto":
        layout = "kernels" if len(shape) == 4 and shape[3] not in (1, 3) else "pictures"
    if layout == "kernels" and len(shape) == 4:
        array = np.moveaxis(array, -1, 0)
    if layout == "pictures" and len(shape) == 3:
        array = array[..., None]
    if array.ndim != 4 or array.shape[3] not in (1, 3) or 0 in shape:
        raise ValueError(
            "expected (pictures, height, width), (pictures, height, width, 1 or 3), or kernels "
            f"(height, width, 1 or 3, filters); got {shape}. Of kernels with more channels, choose "
            "one: kernels[:, :, :1]"
        )
    return array


def _check_finite(values):
    if not np.isfinite(values).all():
        raise ValueError("expected finite numbers, got NaN or infinity")


def _unit_rows(patterns):
    rows = patterns.reshape(len(patterns), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-12)


def _scaled(pictures, scale, largest):
    if scale not in ("each", "shared", "none"):
        raise ValueError(f"scale must be 'each', 'shared' or 'none'; got {validation.shown(scale)}")
    if largest is not None:
        largest = validation.real(largest, "largest", above=0)
        if scale != "shared":
            raise ValueError(f"largest needs scale='shared'; got scale={scale!r}")
    if scale == "shared":
        largest = np.abs(pictures).max() if largest is None else largest
        return np.clip(0.5 + pictures / (2 * largest if largest > 0 else 1), 0, 1)
    if scale == "each":
        return stretch(pictures)
    if pictures.min() < 0 or pictures.max() > 1:
        found = f"{pictures.min():.3g}..{pictures.max():.3g}"
        raise ValueError(f"scale='none' expects values in 0..1, got {found}")
    return pictures
