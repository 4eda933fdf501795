import numpy as np
import pytest

from helpers import convolution

# (height, width) of the picture, (height, width) of the kernel, stride, padding: nothing square,
# and strides that do not divide what is left.
CONVOLUTIONS = [
    ((5, 8), (2, 3), 1, "valid"),
    ((5, 8), (2, 3), 1, "same"),
    ((8, 7), (3, 2), 2, "valid"),
    ((8, 7), (3, 2), 2, "same"),
    ((7, 10), (5, 3), 3, "same"),
    ((4, 9), (1, 2), 3, "same"),  # strides longer than the kernel leave pixels unseen
    ((4, 7), (3, 5), 2, 2),
    ((2, 3), (2, 3), 1, 0),  # one place only
    ((3, 4), (5, 6), 2, "same"),  # a kernel larger than the picture
]
POOLINGS = [((4, 6), 2, 2), ((7, 8), 3, 2), ((5, 8), 2, 3), ((6, 5), 1, 1), ((3, 7), 3, 1)]


def convolution_case(rng, size, kernel_size, dtype="float64"):
    images = rng.normal(size=(2, *size, 3)).astype(dtype)
    kernels = rng.normal(size=(*kernel_size, 3, 4)).astype(dtype)
    return images, kernels, rng.normal(size=4).astype(dtype)


def slopes(function, array, step=1e-5):
    """The gradient of a number with respect to each entry, by small steps to both sides."""
    gradient = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        change = np.zeros_like(array)
        change[place] = step
        gradient[place] = (function(array + change) - function(array - change)) / (2 * step)
    return gradient


def test_a_convolution_done_by_hand():
    picture = np.array([[1.0, 2.0, 0.0, 1.0], [0.0, 1.0, 3.0, 2.0], [2.0, 0.0, 1.0, 1.0]])
    kernel = np.array([[1.0, -1.0], [2.0, 0.0]])
    # Top left: 1 * 1 - 1 * 2 + 2 * 0 + 0 * 1 = -1, and 10 on top.
    expected = [[9.0, 14.0, 15.0], [13.0, 8.0, 13.0]]
    for forward in (convolution.conv_forward, convolution.conv_forward_loops):
        maps = forward(picture[None, :, :, None], kernel[:, :, None, None], np.array([10.0]))
        np.testing.assert_array_equal(maps[0, :, :, 0], expected)


def test_gradients_done_by_hand():
    images = np.array([[1.0, 2.0, 3.0]]).reshape(1, 1, 3, 1)
    kernels = np.array([[4.0, 5.0]]).reshape(1, 2, 1, 1)
    maps_gradient = np.array([[1.0, 10.0]]).reshape(1, 1, 2, 1)
    for backward in (convolution.conv_backward, convolution.conv_backward_loops):
        to_images, to_kernels, to_biases = backward(maps_gradient, images, kernels)
        assert to_images.ravel().tolist() == [4, 45, 50]  # 4, 5 + 10 * 4, 10 * 5
        assert to_kernels.ravel().tolist() == [21, 32]  # 1 + 10 * 2, 2 + 10 * 3
        assert to_biases.tolist() == [11]


@pytest.mark.parametrize(("size", "kernel_size", "stride", "padding"), CONVOLUTIONS)
def test_loops_and_fast_convolution_agree(rng, size, kernel_size, stride, padding):
    images, kernels, biases = convolution_case(rng, size, kernel_size)
    slow = convolution.conv_forward_loops(images, kernels, biases, stride, padding)
    fast = convolution.conv_forward(images, kernels, biases, stride, padding)
    np.testing.assert_allclose(fast, slow, atol=1e-12)

    maps_gradient = rng.normal(size=slow.shape)
    slow = convolution.conv_backward_loops(maps_gradient, images, kernels, stride, padding)
    fast = convolution.conv_backward(maps_gradient, images, kernels, stride, padding)
    for ours, theirs in zip(fast, slow, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize(("size", "kernel_size", "stride", "padding"), CONVOLUTIONS)
def test_convolution_agrees_with_keras(rng, size, kernel_size, stride, padding):
    import keras
    from keras import layers

    images, kernels, biases = convolution_case(rng, size, kernel_size, "float32")
    zeros = padding if isinstance(padding, int) else 0
    words = padding if isinstance(padding, str) else "valid"
    layer = layers.Conv2D(4, kernel_size, strides=stride, padding=words)
    theirs = keras.Sequential([layers.ZeroPadding2D(zeros), layer])
    theirs.build(images.shape)
    layer.set_weights([kernels, biases])
    ours = convolution.conv_forward(images, kernels, biases, stride, padding)
    np.testing.assert_allclose(ours, np.array(theirs(images)), atol=1e-4)


@pytest.mark.parametrize(("size", "kernel_size", "stride", "padding"), CONVOLUTIONS)
def test_convolution_gradients_agree_with_finite_differences(
    rng, size, kernel_size, stride, padding
):
    images, kernels, biases = convolution_case(rng, size, kernel_size)
    maps = convolution.conv_forward(images, kernels, biases, stride, padding)
    maps_gradient = rng.normal(size=maps.shape)

    def loss(images, kernels, biases):
        maps = convolution.conv_forward(images, kernels, biases, stride, padding)
        return (maps * maps_gradient).sum()

    ours = convolution.conv_backward(maps_gradient, images, kernels, stride, padding)
    expected = (
        slopes(lambda changed: loss(changed, kernels, biases), images),
        slopes(lambda changed: loss(images, changed, biases), kernels),
        slopes(lambda changed: loss(images, kernels, changed), biases),
    )
    for gradient, slope in zip(ours, expected, strict=True):
        np.testing.assert_allclose(gradient, slope, atol=1e-7)


def test_a_picture_that_moves_moves_its_maps(rng):
    images, kernels, biases = convolution_case(rng, (9, 12), (3, 2))
    maps = convolution.conv_forward(images, kernels, biases)
    moved = convolution.conv_forward(np.roll(images, (2, 3), axis=(1, 2)), kernels, biases)
    np.testing.assert_allclose(moved[:, 2:, 3:], maps[:, :-2, :-3], atol=1e-12)


def test_a_pooling_done_by_hand():
    picture = np.array([[1.0, 3.0, 2.0, 0.0, 9.0], [4.0, 2.0, 1.0, 5.0, 9.0]])[None, :, :, None]
    for pool in (convolution.pool_forward, convolution.pool_forward_loops):
        assert pool(picture, 2, 2).ravel().tolist() == [4, 5]  # the last column is left out
        assert pool(picture, 2, 2, "average").ravel().tolist() == [2.5, 2]


@pytest.mark.parametrize("backward", [convolution.pool_backward, convolution.pool_backward_loops])
def test_of_equal_pixels_the_first_gets_the_gradient(backward):
    import tensorflow as tf

    picture = np.array([[1.0, 5.0, 5.0], [5.0, 2.0, 0.0], [0.0, 0.0, 0.0]])[None, :, :, None]
    maps_gradient = np.array([[1.0, 10.0], [100.0, 1000.0]])[None, :, :, None]
    ours = backward(maps_gradient, picture, 2, 1)
    assert ours[0, :, :, 0].tolist() == [[0, 11, 0], [100, 1000, 0], [0, 0, 0]]

    images = tf.constant(picture)
    with tf.GradientTape() as tape:
        tape.watch(images)
        maps = tf.nn.max_pool2d(images, 2, 1, "VALID")
    theirs = tape.gradient(maps, images, maps_gradient)
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("mode", ["max", "average"])
@pytest.mark.parametrize(("size", "window", "stride"), POOLINGS)
def test_loops_fast_pooling_and_finite_differences_agree(rng, size, window, stride, mode):
    images = rng.normal(size=(2, *size, 3))
    maps = convolution.pool_forward(images, window, stride, mode)
    slow = convolution.pool_forward_loops(images, window, stride, mode)
    np.testing.assert_allclose(maps, slow, atol=1e-12)

    def loss(images):
        return (convolution.pool_forward(images, window, stride, mode) * maps_gradient).sum()

    maps_gradient = rng.normal(size=maps.shape)
    fast = convolution.pool_backward(maps_gradient, images, window, stride, mode)
    slow = convolution.pool_backward_loops(maps_gradient, images, window, stride, mode)
    np.testing.assert_allclose(fast, slow, atol=1e-12)
    np.testing.assert_allclose(fast, slopes(loss, images), atol=1e-7)


@pytest.mark.parametrize(("size", "window", "stride"), POOLINGS)
def test_pooling_agrees_with_keras(rng, size, window, stride):
    from keras import layers

    images = rng.normal(size=(2, *size, 3)).astype("float32")
    theirs = {
        "max": layers.MaxPooling2D(window, stride),
        "average": layers.AveragePooling2D(window, stride),
    }
    for mode, layer in theirs.items():
        ours = convolution.pool_forward(images, window, stride, mode)
        np.testing.assert_allclose(ours, np.array(layer(images)), atol=1e-6)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_output_sizes_agree_with_keras(padding):
    from keras import layers

    for stride in (1, 2, 3, 4):
        for f in (1, 2, 3, 4, 5):
            layer = layers.Conv2D(1, f, strides=stride, padding=padding)
            for n in range(f, 12):
                (_, theirs, _, _) = layer.compute_output_shape((1, n, n + 1, 1))
                assert convolution.output_size(n, f, padding, stride) == theirs


def test_an_odd_number_of_zeros_puts_one_more_behind():
    assert convolution.same_padding(7, 3) == (1, 1)
    assert convolution.same_padding(7, 2) == (0, 1)
    assert convolution.same_padding(8, 3, stride=2) == (0, 1)
    assert convolution.same_padding(7, 3, stride=2) == (1, 1)
    assert convolution.same_padding(8, 1, stride=3) == (0, 0)


def test_zeros_surround_what_was_there(rng):
    images = rng.integers(1, 256, size=(2, 3, 4, 3), dtype="uint8")
    padded = convolution.zero_pad(images, ((1, 2), (0, 3)))
    assert padded.shape == (2, 6, 7, 3)
    assert padded.dtype == "uint8"
    np.testing.assert_array_equal(padded[:, 1:4, :4], images)
    assert padded.astype(int).sum() == images.astype(int).sum()
    assert convolution.zero_pad(images, 2).shape == (2, 7, 8, 3)
    assert not np.shares_memory(convolution.zero_pad(images, 0), images)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loops", ["", "_loops"])
def test_the_kind_of_floats_stays_and_arguments_do_too(rng, dtype, loops):
    images, kernels, biases = convolution_case(rng, (5, 6), (3, 2), dtype)
    before = images.copy(), kernels.copy()
    maps = getattr(convolution, f"conv_forward{loops}")(images, kernels, biases, 2, "same")
    made = [maps, *getattr(convolution, f"conv_backward{loops}")(maps, images, kernels, 2, "same")]
    for mode in ("max", "average"):
        pooled = getattr(convolution, f"pool_forward{loops}")(images, 2, 2, mode)
        back = getattr(convolution, f"pool_backward{loops}")(pooled, images, 2, 2, mode)
        made += [pooled, back]
    assert {array.dtype.name for array in made} == {dtype}
    np.testing.assert_array_equal(images, before[0])
    np.testing.assert_array_equal(kernels, before[1])


def test_no_pictures_give_no_maps():
    maps = convolution.conv_forward(np.zeros((0, 5, 6, 3)), np.zeros((3, 2, 3, 4)), np.zeros(4))
    assert maps.shape == (0, 3, 5, 4)
    assert convolution.pool_backward(maps[:, :1, :2], maps, 2, 2).shape == (0, 3, 5, 4)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"images": np.zeros((5, 6, 3))}, r"images of shape \(batch, height.*got \(5, 6, 3\)"),
        ({"kernels": np.zeros((3, 2, 3))}, r"kernels of shape \(height, width, in, out\)"),
        ({"kernels": np.zeros((3, 2, 5, 4))}, "as deep as the pictures, 3 channels; got 5"),
        ({"kernels": np.zeros((6, 2, 3, 4))}, "of 6 pixels does not fit into the 5"),
        ({"kernels": np.zeros((8, 2, 3, 4)), "padding": 1}, "fit into the 7 of the padded"),
        ({"images": np.zeros((1, 5, 6, 3), "uint8")}, "float32 or float64, got uint8"),
        ({"kernels": np.ones((3, 2, 3, 4), "int64")}, "kernels in float32 or float64, got int64"),
        ({"stride": 0}, "stride as an integer of at least 1, got 0"),
        ({"stride": 1.0}, "got 1.0"),
        ({"padding": -1}, "'valid' or 'same', .* at least 0, got -1"),
        ({"padding": "full"}, "got 'full'"),
    ],
)
def test_bad_convolutions_are_refused(changed, message):
    arguments = {"images": np.zeros((1, 5, 6, 3)), "kernels": np.zeros((3, 2, 3, 4))} | changed
    for loops in ("", "_loops"):
        with pytest.raises(ValueError, match=message):
            getattr(convolution, f"conv_forward{loops}")(biases=np.zeros(4), **arguments)
        with pytest.raises(ValueError, match=message):
            getattr(convolution, f"conv_backward{loops}")(np.zeros((1, 3, 5, 4)), **arguments)


@pytest.mark.parametrize("loops", ["", "_loops"])
def test_biases_and_gradients_that_do_not_fit_are_refused(loops):
    images, kernels = np.zeros((1, 5, 6, 3)), np.zeros((3, 2, 3, 4))
    forward = getattr(convolution, f"conv_forward{loops}")
    backward = getattr(convolution, f"conv_backward{loops}")
    with pytest.raises(ValueError, match="expected 4 biases, one per kernel; got 3"):
        forward(images, kernels, np.zeros(3))
    with pytest.raises(ValueError, match=r"biases of shape \(out\), got \(\)"):
        forward(images, kernels, 0.0)
    with pytest.raises(ValueError, match=r"maps' shape \(1, 3, 5, 4\), got \(1, 3, 5, 5\)"):
        backward(np.zeros((1, 3, 5, 5)), images, kernels)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"images": np.zeros((5, 6, 3))}, r"images of shape \(batch, height"),
        ({"images": np.zeros((1, 5, 6, 3), "uint8")}, "got uint8"),
        ({"size": 6}, "does not fit into the 5"),
        ({"size": 0}, "expected size as an integer of at least 1, got 0"),
        ({"stride": 0}, "expected stride as an integer of at least 1, got 0"),
        ({"mode": "sum"}, "'max' or 'average', got 'sum'"),
    ],
)
def test_bad_poolings_are_refused(changed, message):
    arguments = {"images": np.zeros((1, 5, 6, 3)), "size": 2, "stride": 2} | changed
    for loops in ("", "_loops"):
        with pytest.raises(ValueError, match=message):
            getattr(convolution, f"pool_forward{loops}")(**arguments)
        with pytest.raises(ValueError, match=message):
            getattr(convolution, f"pool_backward{loops}")(np.zeros((1, 2, 3, 3)), **arguments)


@pytest.mark.parametrize("padding", [-1, 0.5, "same", ((1, 2, 3), (4, 5, 6)), ((1, 2), (0, -1))])
def test_bad_zeros_are_refused(padding):
    with pytest.raises(ValueError, match="whole number from 0 on, or"):
        convolution.zero_pad(np.zeros((1, 5, 6, 3)), padding)
