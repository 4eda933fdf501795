"""Exercises of notebook 09: convolution and pooling by hand."""

import numpy as np

from helpers.checks.declare import Case, exercise

NOTEBOOK = "09_convolution_by_hand"


def _count_up(*shape):
    """Make a picture whose pixels are 1, 2, 3, ...: each one can be told from the others."""
    return np.arange(1.0, np.prod(shape) + 1).reshape(shape)


@exercise(NOTEBOOK, "helpers.convolution:zero_pad")
def zero_pad(rng):
    """Pictures (batch, height, width, channels) and how many zeros on every side."""
    yield Case("one picture of 2 × 3", _count_up(1, 2, 3, 1), 1)
    yield Case("two zeros on every side", _count_up(1, 3, 2, 1), 2)
    yield Case("two pictures of three channels", rng.random((2, 2, 4, 3)), 1)
    yield Case("no zeros at all", rng.random((2, 3, 2, 1)), 0)
    yield Case("one pixel, many zeros", rng.random((1, 1, 1, 2)), 3)


@zero_pad.mistake
def only_above_and_left(right, images, padding):
    """Zeros belong on all four sides, below and to the right as well."""
    return np.pad(images, ((0, 0), (padding, 0), (padding, 0), (0, 0)))


@zero_pad.mistake
def every_axis(right, images, padding):
    """Only height and width get zeros; batch and channels stay as long as they are."""
    return np.pad(images, padding)


@zero_pad.mistake
def batch_axis_forgotten(right, images, padding):
    """The first axis is the batch: height and width are axes 1 and 2."""
    return np.pad(images, ((padding, padding), (padding, padding), (0, 0), (0, 0)))


@zero_pad.mistake
def channels_thought_first(right, images, padding):
    """The channels come last here: height and width are axes 1 and 2, not 2 and 3."""
    return np.pad(images, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


@zero_pad.mistake
def only_rows(right, images, padding):
    """The columns need zeros too, to the left and to the right."""
    return np.pad(images, ((0, 0), (padding, padding), (0, 0), (0, 0)))


@zero_pad.mistake
def counted_from_the_end(right, images, padding):
    """With no padding, padding:-padding is 0:0, which is empty: use padding:padding + height."""
    padded = np.zeros_like(right(images, padding))
    padded[:, padding:-padding, padding:-padding] = images
    return padded


@zero_pad.mistake
def shared_by_both_sides(right, images, padding):
    """The padding counts for each side, so a picture grows by twice as much."""
    sides = (padding // 2, padding - padding // 2)
    return np.pad(images, ((0, 0), sides, sides, (0, 0)))


@zero_pad.mistake
def edge_repeated(right, images, padding):
    """The new pixels are to be 0; these repeat the edge of the picture."""
    return np.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)), mode="edge")


@exercise(NOTEBOOK, "helpers.convolution:output_size")
def output_size(rng):
    """Lengths n and f, padding p and stride s."""
    yield Case("7 pixels, a kernel of 3", 7, 3, 0, 1)
    yield Case("with padding", 32, 5, 2, 1)
    yield Case("a stride that leaves pixels over", 8, 3, 0, 3)
    yield Case("a stride that leaves more pixels over", 12, 4, 1, 4)
    yield Case("a stride and padding", 224, 7, 3, 2)
    yield Case("a kernel as long as the picture", 5, 5, 0, 1)
    yield Case("a kernel that only fits thanks to the padding", 3, 5, 1, 2)
    for n, f, padding, stride in zip(
        *rng.integers([[20], [2], [1], [2]], [[60], [8], [4], [5]], (4, 4)).tolist(), strict=True
    ):
        yield Case("lengths by chance", n, f, padding, stride)


@output_size.mistake
def first_place_forgotten(right, n, f, padding, stride):
    """The first place of the kernel counts too: add 1."""
    return (n + 2 * padding - f) // stride


@output_size.mistake
def padding_once(right, n, f, padding, stride):
    """There are p zeros on each of two sides: 2p."""
    return (n + padding - f) // stride + 1


@output_size.mistake
def not_rounded(right, n, f, padding, stride):
    """A length is a whole number: divide with //, which rounds down."""
    return (n + 2 * padding - f) / stride + 1


@output_size.mistake
def rounded_up(right, n, f, padding, stride):
    """Round down, not up: the last step must not leave the padded picture."""
    return -(-(n + 2 * padding - f) // stride) + 1


@output_size.mistake
def stride_forgotten(right, n, f, padding, stride):
    """With a stride of s, the kernel stops at every s-th place only: divide by s."""
    return n + 2 * padding - f + 1


@output_size.mistake
def brackets_forgotten(right, n, f, padding, stride):
    """Division goes before subtraction: n + 2p - f needs brackets."""
    return n + 2 * padding - f // stride + 1


@output_size.mistake
def padding_forgotten(right, n, f, padding, stride):
    """Padding makes the picture longer; these answers leave it out."""
    return (n - f) // stride + 1


@output_size.mistake
def one_added_too_early(right, n, f, padding, stride):
    """Add the 1 after the division: it is the first place, not one more pixel."""
    return (n + 2 * padding - f + 1) // stride


@exercise(
    NOTEBOOK,
    "helpers.convolution:conv_forward",
    solution=("helpers.convolution:conv_forward_loops", "helpers.convolution:conv_forward"),
)
def conv_forward(rng):
    """Pictures, kernels (height, width, in, out), biases, a stride, and zeros on every side."""
    kernel = np.array([[1.0, 2.0], [3.0, 5.0]]).reshape(2, 2, 1, 1)
    bias = np.array([10.0])
    yield Case("a kernel of 2 × 2 on 3 × 4 pixels", _count_up(1, 3, 4, 1), kernel, bias, 1, 0)
    yield Case("a kernel as large as the picture", _count_up(1, 2, 2, 1), kernel, bias, 1, 0)
    yield Case("zeros around", _count_up(1, 2, 3, 1), kernel, bias, 1, 1)
    yield Case("a stride that does not divide", _count_up(1, 5, 6, 1), kernel, bias, 2, 0)
    wide = rng.integers(-4, 5, (2, 3, 1, 1)).astype(float)
    yield Case("a kernel that is not square", _count_up(1, 4, 5, 1), wide, bias, 1, 0)
    deep = rng.integers(-4, 5, (2, 2, 2, 1)).astype(float)
    yield Case("two channels", _count_up(1, 3, 4, 2), deep, bias, 1, 0)
    two = rng.integers(-4, 5, (2, 2, 1, 2)).astype(float)
    yield Case("two kernels", _count_up(1, 3, 4, 1), two, np.array([1.0, -2.0]), 1, 0)
    yield Case("two pictures", rng.normal(size=(2, 3, 4, 1)), kernel, bias, 1, 0)
    kernels, biases = rng.normal(size=(3, 2, 3, 4)), rng.normal(size=4)
    yield Case("all at once", rng.normal(size=(2, 7, 6, 3)), kernels, biases, 2, 1)
    yield Case("two zeros around, stride 3", rng.normal(size=(2, 5, 6, 3)), kernels, biases, 3, 2)


@conv_forward.mistake
def bias_forgotten(right, images, kernels, biases, stride, padding):
    """Add the bias to the sum, one for each kernel."""
    return right(images, kernels, 0 * biases, stride, padding)


@conv_forward.mistake
def bias_in_the_sum(right, images, kernels, biases, stride, padding):
    """Add the bias once, after the sum; here it is added for every product."""
    return right(images, kernels, biases * kernels[..., 0].size, stride, padding)


@conv_forward.mistake
def one_bias_for_all(right, images, kernels, biases, stride, padding):
    """Each kernel has a bias of its own; these all get the first one."""
    return right(images, kernels, np.full_like(biases, biases[0]), stride, padding)


@conv_forward.mistake
def stride_forgotten_everywhere(right, images, kernels, biases, stride, padding):
    """The stride is forgotten: the kernel moves on by `stride` pixels each time."""
    return right(images, kernels, biases, 1, padding)


@conv_forward.mistake
def stride_forgotten_in_the_window(right, images, kernels, biases, stride, padding):
    """The map has the right size, but the windows begin at (row, column): they should begin at
    (row * stride, column * stride).
    """
    height, width = right(images, kernels, biases, stride, padding).shape[1:3]
    return right(images, kernels, biases, 1, padding)[:, :height, :width]


@conv_forward.mistake
def padding_left_out(right, images, kernels, biases, stride, padding):
    """Surround the pictures with `padding` zeros first."""
    return right(images, kernels, biases, stride, 0)


@conv_forward.mistake
def turned_over(right, images, kernels, biases, stride, padding):
    """The kernel is turned over; networks slide it as it is."""
    return right(images, kernels[::-1, ::-1], biases, stride, padding)


@conv_forward.mistake
def kernel_on_its_side(right, images, kernels, biases, stride, padding):
    """Height and width of the kernel are mixed up: axis 0 is the height."""
    return right(images, kernels.swapaxes(0, 1), biases, stride, padding)


@conv_forward.mistake
def first_channel_only(right, images, kernels, biases, stride, padding):
    """Sum over all channels of the picture, not only the first."""
    return right(images[..., :1], kernels[:, :, :1], biases, stride, padding)


@conv_forward.mistake
def averaged(right, images, kernels, biases, stride, padding):
    """Sum the products; these are their averages."""
    return right(images, kernels / kernels[..., 0].size, biases, stride, padding)


@conv_forward.mistake
def first_picture_only(right, images, kernels, biases, stride, padding):
    """Only the first picture of the batch is done; go through all of them."""
    maps = right(images, kernels, biases, stride, padding)
    maps[1:] = 0
    return maps


@conv_forward.mistake
def first_kernel_only(right, images, kernels, biases, stride, padding):
    """A map for each kernel: these all come from the first one."""
    repeated = np.repeat(kernels[..., :1], len(biases), axis=3)
    return right(images, repeated, biases, stride, padding)


@exercise(
    NOTEBOOK,
    "helpers.convolution:pool_forward",
    solution=("helpers.convolution:pool_forward_loops", "helpers.convolution:pool_forward"),
)
def pool_forward(rng):
    """Pictures, size and stride of the windows, and the mode."""
    yield Case("windows side by side", _shuffled(rng, 1, 4, 6, 1), 2, 2, "max")
    yield Case("their averages", _shuffled(rng, 1, 4, 6, 1), 2, 2, "average")
    yield Case("windows that overlap", _shuffled(rng, 1, 3, 5, 1), 2, 1, "max")
    yield Case("pixels left over at the edge", _shuffled(rng, 1, 5, 7, 1), 2, 2, "max")
    yield Case("left over in the average", _shuffled(rng, 1, 3, 5, 1), 2, 2, "average")
    yield Case("pixels below zero", -_shuffled(rng, 1, 4, 2, 1), 2, 2, "max")
    yield Case("windows of 3 × 3", _shuffled(rng, 1, 3, 6, 1), 3, 3, "max")
    yield Case("two pictures of three channels", rng.normal(size=(2, 6, 5, 3)), 3, 2, "max")
    yield Case("the average of each channel", rng.normal(size=(2, 6, 5, 3)), 3, 2, "average")


def _shuffled(rng, *shape):
    return rng.permutation(_count_up(*shape).ravel()).reshape(shape)


@pool_forward.mistake
def always_the_maximum(right, images, size, stride, mode):
    """The mode counts: with 'average', take the mean of the window."""
    return right(images, size, stride, "max")


@pool_forward.mistake
def always_the_average(right, images, size, stride, mode):
    """The mode counts: with 'max', take the largest number of the window."""
    return right(images, size, stride, "average")


@pool_forward.mistake
def summed(right, images, size, stride, mode):
    """Divide by the number of pixels of the window; these are sums."""
    maps = right(images, size, stride, mode)
    return maps if mode == "max" else maps * size**2


@pool_forward.mistake
def begins_at_zero(right, images, size, stride, mode):
    """Pixels may be below zero: do not begin the search for the largest with 0."""
    maps = right(images, size, stride, mode)
    return np.maximum(maps, 0) if mode == "max" else maps


@pool_forward.mistake
def size_always_two(right, images, size, stride, mode):
    """A window has `size` rows and columns, not always two."""
    return right(images, 2, stride, mode)


@pool_forward.mistake
def stride_taken_for_size(right, images, size, stride, mode):
    """The stride need not be the size of the window."""
    return right(images, size, size, mode)


@pool_forward.mistake
def stride_forgotten_in_pooling(right, images, size, stride, mode):
    """The map has the right size, but the windows begin at (row, column): they should begin at
    (row * stride, column * stride).
    """
    height, width = right(images, size, stride, mode).shape[1:3]
    return right(images, size, 1, mode)[:, :height, :width]


@pool_forward.mistake
def over_the_channels(right, images, size, stride, mode):
    """Each channel is pooled by itself; these windows reach over all channels."""
    maps = right(images, size, stride, mode)
    together = maps.max(axis=3) if mode == "max" else maps.mean(axis=3)
    return np.repeat(together[..., None], maps.shape[3], axis=3)


@pool_forward.mistake
def windows_over_the_edge(right, images, size, stride, mode):
    """Leave out windows that reach over the edge: only whole ones count."""
    choose = np.max if mode == "max" else np.mean
    rows = [
        [
            choose(images[:, top : top + size, left : left + size], axis=(1, 2))
            for left in range(0, images.shape[2], stride)
        ]
        for top in range(0, images.shape[1], stride)
    ]
    return np.moveaxis(np.array(rows), 2, 0)


@exercise(
    NOTEBOOK,
    "helpers.convolution:pool_backward",
    solution=("helpers.convolution:pool_backward_loops",),
)
def pool_backward(rng):
    """The gradient of the maps, and what went into `pool_forward`. No two pixels are equal."""

    def case(label, shape, map_size, size, stride, mode):
        gradient = rng.integers(1, 9, (shape[0], *map_size, shape[3])).astype(float)
        return Case(label, gradient, _shuffled(rng, *shape), size, stride, mode)

    yield case("windows side by side", (1, 2, 4, 1), (1, 2), 2, 2, "max")
    yield case("their averages", (1, 2, 4, 1), (1, 2), 2, 2, "average")
    yield case("windows that overlap", (1, 4, 5, 1), (3, 4), 2, 1, "max")
    yield case("averages that overlap", (1, 4, 5, 1), (3, 4), 2, 1, "average")
    yield case("pixels left over at the edge", (1, 3, 5, 1), (1, 2), 2, 2, "max")
    yield case("two pictures of three channels", (2, 5, 7, 3), (2, 3), 3, 2, "max")
    yield case("the average of each channel", (2, 5, 7, 3), (2, 3), 3, 2, "average")
    for mode in ("max", "average"):
        gradient, images = rng.normal(size=(2, 2, 1, 3)), rng.normal(-5, 1, (2, 7, 4, 3))
        yield Case(f"numbers below zero, {mode}", gradient, images, 3, 3, mode)


def _carried_back(maps_gradient, images, size, stride, share, *, add=True):
    """Carry gradients back by any rule: `share` says how much of it each pixel of a window gets."""
    result = np.zeros_like(images)
    for picture, row, column, channel in np.ndindex(maps_gradient.shape):
        top, left = row * stride, column * stride
        seen = picture, slice(top, top + size), slice(left, left + size), channel
        carried = share(images[seen]) * maps_gradient[picture, row, column, channel]
        result[seen] = result[seen] + carried if add else carried
    return result


def _winner(window):
    return window == window.max()


def _average(window):
    return np.full(window.shape, 1 / window.size)


@pool_backward.mistake
def overwritten(right, maps_gradient, images, size, stride, mode):
    """A pixel may lie in several windows: add up with +=, do not overwrite."""
    share = _winner if mode == "max" else _average
    return _carried_back(maps_gradient, images, size, stride, share, add=False)


@pool_backward.mistake
def every_pixel_gets_all(right, maps_gradient, images, size, stride, mode):
    """With 'max', only the largest pixel of a window gets the gradient."""
    share = np.ones_like if mode == "max" else _average
    return _carried_back(maps_gradient, images, size, stride, share)


@pool_backward.mistake
def shares_not_divided(right, maps_gradient, images, size, stride, mode):
    """With 'average', each pixel gets its share only: divide by the window's size."""
    back = right(maps_gradient, images, size, stride, mode)
    return back if mode == "max" else back * size**2


@pool_backward.mistake
def always_shared(right, maps_gradient, images, size, stride, mode):
    """The mode counts: with 'max', the gradient is not shared out."""
    return right(maps_gradient, images, size, stride, "average")


@pool_backward.mistake
def always_to_the_largest(right, maps_gradient, images, size, stride, mode):
    """The mode counts: with 'average', every pixel gets the same share."""
    return right(maps_gradient, images, size, stride, "max")


@pool_backward.mistake
def to_the_first_pixel(right, maps_gradient, images, size, stride, mode):
    """The gradient goes to where the largest pixel is, not to the first of all."""

    def first(window):
        return np.arange(window.size).reshape(window.shape) == 0

    share = first if mode == "max" else _average
    return _carried_back(maps_gradient, images, size, stride, share)


@pool_backward.mistake
def times_the_pixel(right, maps_gradient, images, size, stride, mode):
    """The largest pixel gets the gradient itself, not the gradient times the pixel."""
    back = right(maps_gradient, images, size, stride, mode)
    return back * images if mode == "max" else back


@pool_backward.mistake
def stride_forgotten_going_back(right, maps_gradient, images, size, stride, mode):
    """The windows begin at (row * stride, column * stride)."""
    share = _winner if mode == "max" else _average
    return _carried_back(maps_gradient, images, size, 1, share)


EXERCISES = (zero_pad, output_size, conv_forward, pool_forward, pool_backward)
