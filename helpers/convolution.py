"""Convolution and pooling in NumPy: loops that one reads, and a fast version that one uses.

Pictures and maps have the shape ``(batch, height, width, channels)``, kernels
``(height, width, in, out)``, as in Keras. As there, kernels are not turned over before they slide;
mathematicians call that a cross-correlation.

Numbers are float32 or float64 and stay what they are. Whole numbers are refused: sums of uint8
start again at 0 after 255, without a word. ``photo / 255`` or ``astype("float32")`` makes floats.

The stride is one whole number for both directions. The padding is one of

- a whole number p: p rows and columns of zeros on every side;
- ``"valid"``: none, the kernel stays inside;
- ``"same"``: as many as make the maps ceil(n / stride) long, which is n at stride 1. It is what
  Keras does, see `same_padding`: if their number is odd, one more goes below and to the right.
"""

import numpy as np

from helpers import validation

_PICTURES = ("batch", "height", "width", "channels")
_KERNELS = ("height", "width", "in", "out")


def output_size(n, f, padding="valid", stride=1):
    """Say how long a map becomes: floor((n + 2p - f) / s) + 1.

    Parameters
    ----------
    n : int
        Length of the picture along one direction, in pixels.
    f : int
        Length of the kernel or of the pooling window.
    padding : int, "valid" or "same"
    stride : int
        From 1 on.

    Returns
    -------
    length : int

    Raises
    ------
    ValueError
        If a number is not whole or too small, `padding` is another word, or the kernel is larger
        than the padded picture.

    References
    ----------
    Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016), relationship 6.

    >>> output_size(32, 5), output_size(32, 5, padding=2), output_size(32, 5, stride=2)
    (28, 32, 14)
    """
    n, f, stride = _check_lengths(n=n, f=f, stride=stride)
    padded = n + sum(_margins(n, f, padding, stride))
    if f > padded:
        raise ValueError(
            f"a kernel of {f} pixels does not fit into the {padded} of the padded picture"
        )
    return (padded - f) // stride + 1


def same_padding(n, f, stride=1):
    """Say how many zeros ``"same"`` puts before and after the pixels of one direction.

    Parameters
    ----------
    n, f, stride : int
        As in `output_size`.

    Returns
    -------
    before, after : int
        Equal, or `after` is one more.

    Raises
    ------
    ValueError
        If a number is not whole or too small.

    >>> same_padding(32, 5), same_padding(32, 5, stride=2), same_padding(32, 5, stride=3)
    ((2, 2), (1, 2), (1, 2))
    """
    n, f, stride = _check_lengths(n=n, f=f, stride=stride)
    length = -(-n // stride)  # rounded up
    total = max((length - 1) * stride + f - n, 0)
    return total // 2, total - total // 2


def zero_pad(images, padding):
    """Surround pictures with zeros.

    Parameters
    ----------
    images : array of shape (batch, height, width, channels)
    padding : int or ((top, bottom), (left, right))
        Rows and columns of zeros, from 0 on; one number is for all four sides.

    Returns
    -------
    padded : array of shape (batch, top + height + bottom, left + width + right, channels)
        A copy, of the same type as `images`.

    Raises
    ------
    ValueError
        If `images` has not four axes, or `padding` is not whole or negative.
    """
    images = np.asarray(images)
    _check_axes("images", images, _PICTURES)
    sides = np.asarray(padding)
    if sides.shape not in ((), (2, 2)) or sides.dtype.kind not in "iu" or (sides < 0).any():
        raise ValueError(
            "expected as padding a whole number from 0 on, or ((top, bottom), (left, right)); "
            f"got {padding!r}"
        )
    rows, columns = np.broadcast_to(sides, (2, 2))
    return np.pad(images, ((0, 0), rows, columns, (0, 0)))


def conv_forward(images, kernels, biases, stride=1, padding="valid"):
    """Slide kernels over pictures: at each place, the sum of kernel times pixels, plus a bias.

    The windows become the rows of one matrix, the kernels the columns of another, and the maps are
    the product of both. The first of the two is as large as all windows together.

    Parameters
    ----------
    images : float array of shape (batch, height, width, in)
    kernels : float array of shape (kernel height, kernel width, in, out)
    biases : float array of shape (out,)
    stride : int
        From 1 on.
    padding : int, "valid" or "same"

    Returns
    -------
    maps : float array of shape (batch, map height, map width, out)
        For their height and width see `output_size`.

    Raises
    ------
    ValueError
        If an array has other axes or is not float32 or float64, the kernels are deeper or less deep
        than the pictures or larger than the padded pictures, there is not one bias for each
        kernel, or `stride` or `padding` is out of range.
    """
    images, kernels, margins, _ = _checked_convolution(images, kernels, stride, padding)
    biases = _checked_biases(biases, kernels)
    windows = _windows(zero_pad(images, margins), kernels.shape[:2], stride)
    weights = kernels.reshape(-1, kernels.shape[3])
    maps = windows.reshape(-1, len(weights)) @ weights + biases
    return maps.reshape(*windows.shape[:3], len(biases))


def conv_forward_loops(images, kernels, biases, stride=1, padding="valid"):
    """Do what `conv_forward` does in four loops, to be read."""
    images, kernels, margins, map_size = _checked_convolution(images, kernels, stride, padding)
    biases = _checked_biases(biases, kernels)
    kernel_height, kernel_width = kernels.shape[:2]
    padded = zero_pad(images, margins)
    kind = np.result_type(images, kernels, biases)
    maps = np.zeros((len(images), *map_size, len(biases)), kind)
    for picture in range(maps.shape[0]):
        for row in range(maps.shape[1]):
            for column in range(maps.shape[2]):
                top, left = row * stride, column * stride
                window = padded[picture, top : top + kernel_height, left : left + kernel_width]
                for out in range(maps.shape[3]):
                    total = np.sum(window * kernels[..., out])
                    maps[picture, row, column, out] = total + biases[out]
    return maps


def conv_backward(maps_gradient, images, kernels, stride=1, padding="valid"):
    """Carry the gradient of a loss back through `conv_forward`.

    Parameters
    ----------
    maps_gradient : float array of shape (batch, map height, map width, out)
        Of the loss, with respect to the maps.
    images, kernels, stride, padding
        As they were given to `conv_forward`.

    Returns
    -------
    images_gradient : float array of shape (batch, height, width, in)
    kernels_gradient : float array of shape (kernel height, kernel width, in, out)
    biases_gradient : float array of shape (out,)
        Of the loss, summed over the batch and over all places.

    Raises
    ------
    ValueError
        If `conv_forward` refuses the arguments, or its maps have another shape than
        `maps_gradient`.
    """
    images, kernels, margins, map_size = _checked_convolution(images, kernels, stride, padding)
    num_out = kernels.shape[3]
    maps_gradient = _checked_gradient(maps_gradient, (len(images), *map_size, num_out))
    padded = zero_pad(images, margins)
    weights, rows = kernels.reshape(-1, num_out), maps_gradient.reshape(-1, num_out)

    windows = _windows(padded, kernels.shape[:2], stride)
    kernels_gradient = windows.reshape(-1, len(weights)).T @ rows

    # Channels first: what is added up then lies side by side in memory.
    shares = (weights @ rows.T).reshape(*kernels.shape[:3], len(images), *map_size)
    gradient = np.zeros(np.moveaxis(padded, 3, 0).shape, shares.dtype)
    for place, seen_rows, seen_columns in _places(kernels.shape[:2], map_size, stride):
        gradient[:, :, seen_rows, seen_columns] += shares[place]
    images_gradient = np.ascontiguousarray(_inside(np.moveaxis(gradient, 0, 3), margins))
    return images_gradient, kernels_gradient.reshape(kernels.shape), rows.sum(axis=0)


def conv_backward_loops(maps_gradient, images, kernels, stride=1, padding="valid"):
    """Do what `conv_backward` does in four loops, to be read."""
    images, kernels, margins, map_size = _checked_convolution(images, kernels, stride, padding)
    num_out = kernels.shape[3]
    maps_gradient = _checked_gradient(maps_gradient, (len(images), *map_size, num_out))
    kernel_height, kernel_width = kernels.shape[:2]
    padded = zero_pad(images, margins)
    kind = np.result_type(maps_gradient, images, kernels)
    padded_gradient = np.zeros(padded.shape, kind)
    kernels_gradient = np.zeros(kernels.shape, kind)
    biases_gradient = np.zeros(num_out, kind)
    for picture in range(maps_gradient.shape[0]):
        for row in range(maps_gradient.shape[1]):
            for column in range(maps_gradient.shape[2]):
                rows = slice(row * stride, row * stride + kernel_height)
                columns = slice(column * stride, column * stride + kernel_width)
                window = padded[picture, rows, columns]
                for out in range(num_out):
                    gradient = maps_gradient[picture, row, column, out]
                    padded_gradient[picture, rows, columns] += kernels[..., out] * gradient
                    kernels_gradient[..., out] += window * gradient
                    biases_gradient[out] += gradient
    return _inside(padded_gradient, margins), kernels_gradient, biases_gradient


def pool_forward(images, size, stride, mode="max"):
    """Keep one number of each window of a channel: the largest, or the average.

    Parameters
    ----------
    images : float array of shape (batch, height, width, channels)
    size : int
        Height and width of the windows, from 1 on.
    stride : int
        From 1 on. What the last whole window does not reach is left out, as with "valid".
    mode : {"max", "average"}

    Returns
    -------
    maps : float array of shape (batch, map height, map width, channels)

    Raises
    ------
    ValueError
        If `images` has other axes or is not float32 or float64, a window is larger than the
        pictures, `size` or `stride` is out of range, or `mode` is another word.
    """
    images, _ = _checked_pooling(images, size, stride, mode)
    windows = _windows(images, (size, size), stride)
    return windows.max(axis=(3, 4)) if mode == "max" else windows.mean(axis=(3, 4))


def pool_forward_loops(images, size, stride, mode="max"):
    """Do what `pool_forward` does in four loops, to be read."""
    images, map_size = _checked_pooling(images, size, stride, mode)
    choose = np.max if mode == "max" else np.mean
    maps = np.zeros((len(images), *map_size, images.shape[3]), images.dtype)
    for picture in range(maps.shape[0]):
        for row in range(maps.shape[1]):
            for column in range(maps.shape[2]):
                top, left = row * stride, column * stride
                for channel in range(maps.shape[3]):
                    window = images[picture, top : top + size, left : left + size, channel]
                    maps[picture, row, column, channel] = choose(window)
    return maps


def pool_backward(maps_gradient, images, size, stride, mode="max"):
    """Carry the gradient of a loss back through `pool_forward`.

    With ``"max"``, all of a window's gradient goes to its largest pixel. Where several are equal,
    the first one gets it, row by row from the top left, as in TensorFlow. With ``"average"``, each
    pixel gets the same share.

    Parameters
    ----------
    maps_gradient : float array of shape (batch, map height, map width, channels)
        Of the loss, with respect to the maps.
    images, size, stride, mode
        As they were given to `pool_forward`.

    Returns
    -------
    images_gradient : float array of shape (batch, height, width, channels)

    Raises
    ------
    ValueError
        If `pool_forward` refuses the arguments, or its maps have another shape than
        `maps_gradient`.
    """
    images, map_size = _checked_pooling(images, size, stride, mode)
    maps_gradient = _checked_gradient(maps_gradient, (len(images), *map_size, images.shape[3]))
    windows = _windows(images, (size, size), stride)
    if mode == "max":
        winners = windows.reshape(*maps_gradient.shape[:3], size**2, images.shape[3]).argmax(axis=3)
    images_gradient = np.zeros(images.shape, maps_gradient.dtype)
    for (row, column), seen_rows, seen_columns in _places((size, size), map_size, stride):
        share = winners == row * size + column if mode == "max" else 1 / size**2
        images_gradient[:, seen_rows, seen_columns] += maps_gradient * share
    return images_gradient


def pool_backward_loops(maps_gradient, images, size, stride, mode="max"):
    """Do what `pool_backward` does in four loops, to be read."""
    images, map_size = _checked_pooling(images, size, stride, mode)
    maps_gradient = _checked_gradient(maps_gradient, (len(images), *map_size, images.shape[3]))
    images_gradient = np.zeros(images.shape, maps_gradient.dtype)
    for picture in range(maps_gradient.shape[0]):
        for row in range(maps_gradient.shape[1]):
            for column in range(maps_gradient.shape[2]):
                top, left = row * stride, column * stride
                for channel in range(maps_gradient.shape[3]):
                    seen = picture, slice(top, top + size), slice(left, left + size), channel
                    shares = np.full((size, size), 1 / size**2)
                    if mode == "max":
                        shares = np.arange(size**2) == images[seen].argmax()
                        shares = shares.reshape(size, size)
                    gradient = maps_gradient[picture, row, column, channel]
                    images_gradient[seen] += shares * gradient
    return images_gradient


def _windows(padded, size, stride):
    """Return a view of all windows: (batch, map height, map width, height, width, channels)."""
    windows = np.lib.stride_tricks.sliding_window_view(padded, size, axis=(1, 2))
    return np.moveaxis(windows[:, ::stride, ::stride], 3, 5)


def _places(size, map_size, stride):
    """Give each place of a window, and the rows and columns that the windows see there."""
    for row, column in np.ndindex(*size):
        rows = slice(row, row + map_size[0] * stride, stride)
        columns = slice(column, column + map_size[1] * stride, stride)
        yield (row, column), rows, columns


def _inside(padded, margins):
    (top, bottom), (left, right) = margins
    _, height, width, _ = padded.shape
    return padded[:, top : height - bottom, left : width - right]


def _margins(n, f, padding, stride):
    """Return how many zeros come before and after the pixels of one direction."""
    if isinstance(padding, str) and padding == "same":
        return same_padding(n, f, stride)
    if isinstance(padding, str) and padding == "valid":
        return 0, 0
    padding = validation.integer(padding, "padding, if not 'valid' or 'same',", minimum=0)
    return padding, padding


def _checked_convolution(images, kernels, stride, padding):
    """Return both arrays, ((top, bottom), (left, right)) of the padding, and the maps' size."""
    images = _as_floats("images", images, _PICTURES)
    kernels = _as_floats("kernels", kernels, _KERNELS)
    if kernels.shape[2] != images.shape[3]:
        raise ValueError(
            f"expected kernels as deep as the pictures, {images.shape[3]} channels; "
            f"got {kernels.shape[2]}"
        )
    lengths = list(zip(images.shape[1:3], kernels.shape[:2], strict=True))
    map_size = tuple(output_size(n, f, padding, stride) for n, f in lengths)
    return images, kernels, tuple(_margins(n, f, padding, stride) for n, f in lengths), map_size


def _checked_biases(biases, kernels):
    biases = _as_floats("biases", biases, ("out",))
    if len(biases) != kernels.shape[3]:
        raise ValueError(f"expected {kernels.shape[3]} biases, one per kernel; got {len(biases)}")
    return biases


def _checked_pooling(images, size, stride, mode):
    """Return the pictures and the maps' size."""
    images = _as_floats("images", images, _PICTURES)
    if mode not in ("max", "average"):
        raise ValueError(f"expected the mode 'max' or 'average', got {mode!r}")
    _check_lengths(size=size, stride=stride)
    return images, tuple(output_size(n, size, "valid", stride) for n in images.shape[1:3])


def _checked_gradient(maps_gradient, shape):
    maps_gradient = _as_floats("maps_gradient", maps_gradient, _PICTURES)
    if maps_gradient.shape != shape:
        raise ValueError(
            f"expected maps_gradient of the maps' shape {shape}, got {maps_gradient.shape}"
        )
    return maps_gradient


def _as_floats(name, values, axes):
    array = np.asarray(values)
    _check_axes(name, array, axes)
    if array.dtype not in (np.float32, np.float64):
        raise ValueError(
            f"expected {name} in float32 or float64, got {array.dtype}; "
            "convert whole numbers first, or their sums may overflow"
        )
    return array


def _check_axes(name, array, axes):
    if array.ndim != len(axes):
        raise ValueError(f"expected {name} of shape ({', '.join(axes)}), got {array.shape}")


def _check_lengths(**lengths):
    return [validation.integer(length, name, minimum=1) for name, length in lengths.items()]
