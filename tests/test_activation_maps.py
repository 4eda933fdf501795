import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers import activation_maps


def test_a_class_map_done_by_hand():
    # One row, two places, two channels: (1, 2) and (3, 0). Class 0 weighs them 1 and 10.
    maps = activation_maps.class_activation_maps(
        np.array([[[[1.0, 2.0], [3.0, 0.0]]]]), np.array([[1.0, -1.0], [10.0, 0.0]])
    )
    np.testing.assert_allclose(maps, [[[[21, -1], [3, -3]]]])


def test_the_mean_of_a_class_map_and_the_bias_are_the_score(rng):
    maps = keras.Input((4, 6, 5))
    dense = layers.Dense(3, bias_initializer="normal")
    model = keras.Model(maps, dense(layers.GlobalAveragePooling2D()(maps)))
    values = rng.normal(size=(2, 4, 6, 5)).astype("float32")
    kernel, bias = dense.get_weights()
    by_map = activation_maps.class_activation_maps(values, kernel).mean(axis=(1, 2)) + bias
    np.testing.assert_allclose(by_map, model(values), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shapes", [((2, 4, 6), (6, 3)), ((2, 4, 6, 5), (6, 3))])
def test_maps_and_kernel_that_do_not_fit_are_refused(shapes):
    with pytest.raises(ValueError, match="channels"):
        activation_maps.class_activation_maps(*(np.zeros(shape) for shape in shapes))


@pytest.fixture
def model():
    keras.utils.set_random_seed(3)
    pictures = keras.Input((9, 12, 3), dtype="uint8", name="pictures")
    x = layers.Rescaling(1 / 255, name="scale")(pictures)
    x = layers.Conv2D(4, 3, activation="relu", name="conv")(x)
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    return keras.Model(pictures, layers.Dense(5, name="scores")(x))


def pictures_of(rng, count=3):
    return rng.integers(0, 256, (count, 9, 12, 3), dtype="uint8")


@pytest.mark.parametrize("trainable", [True, False])
def test_grad_cam_behind_a_mean_is_the_class_map_without_what_is_negative(rng, model, trainable):
    # The gradient of a score by a map is the kernel's weight over the number of places, 7 x 10.
    model.trainable = trainable
    images, classes = pictures_of(rng), np.array([4, 0, 2])
    feature_maps = keras.Model(model.inputs[0], model.get_layer("conv").output)(images)
    kernel = model.get_layer("scores").get_weights()[0]
    every_class = activation_maps.class_activation_maps(feature_maps, kernel)
    expected = np.maximum(every_class[np.arange(3), :, :, classes] / 70, 0)
    found = activation_maps.grad_cam(model, "conv", images, classes)
    assert found.shape == (3, 7, 10)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)


def test_grad_cam_agrees_with_small_changes_of_the_maps(rng):
    maps = keras.Input((3, 4, 2), name="maps")
    x = layers.Activation("linear", name="watched")(maps)
    x = layers.Flatten()(layers.Conv2D(3, 2, activation="tanh")(x))
    model = keras.Model(maps, layers.Dense(2)(x))
    values = rng.normal(size=(1, 3, 4, 2)).astype("float32")
    slope = np.zeros_like(values)
    for place in np.ndindex(values.shape):
        step = np.zeros_like(values)
        step[place] = 1e-2
        slope[place] = (model(values + step) - model(values - step))[0, 1] / 2e-2
    importance = slope.mean(axis=(1, 2), keepdims=True)
    expected = np.maximum((importance * values).sum(axis=-1), 0)
    found = activation_maps.grad_cam(model, "watched", values, [1])
    np.testing.assert_allclose(found, expected, rtol=0.02, atol=1e-3)


@pytest.mark.parametrize(
    ("layer", "classes", "message"),
    [
        ("nothing", [0, 1, 2], "no layer 'nothing', but pictures, scale, conv"),
        (layers.Conv2D(4, 3, name="conv"), [0, 1, 2], "'conv' is no part of"),
        ("pictures", [0, 1, 2], "float maps.*'pictures' puts out uint8"),
        ("scores", [0, 1, 2], "rows, columns, channels.*'scores'"),
        ("conv", [0, 1], "expected 3 classes"),
        ("conv", [0.0, 1.0, 2.0], "expected 3 classes"),
        ("conv", [0, 1, 5], r"0\.\.4"),
        ("conv", [0, -1, 2], r"0\.\.4"),
    ],
)
def test_grad_cam_refuses_what_does_not_fit(rng, model, layer, classes, message):
    with pytest.raises(ValueError, match=message):
        activation_maps.grad_cam(model, layer, pictures_of(rng), classes)


def by_hand(maps, scores_of, classes):
    """Grad-CAM of a network that is cut behind its maps by hand."""
    maps = tf.convert_to_tensor(maps)
    with tf.GradientTape() as tape:
        tape.watch(maps)
        chosen = tf.reduce_sum(tf.gather(scores_of(maps), classes, batch_dims=1))
    slope = tf.reduce_mean(tape.gradient(chosen, maps), axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(slope * maps, axis=-1)).numpy()


IMAGE = (9, 12, 3)


class Parts:
    """The same trained parts, put together in different ways."""

    def __init__(self):
        keras.utils.set_random_seed(5)
        self.first = layers.Conv2D(6, 3, padding="same", activation="relu", name="first")
        self.second = layers.Conv2D(6, 3, padding="same", activation="tanh", name="second")
        self.scores = layers.Dense(4, name="scores")

    def backbone(self):
        images = keras.Input(IMAGE, name="images")
        return keras.Model(images, self.second(self.first(images)), name="backbone")

    def head(self, maps):
        return self.scores(layers.GlobalAveragePooling2D()(maps))

    def block(self):
        return Block(self.first, self.second)


class Block(layers.Layer):
    """A layer of layers, the second with a shortcut around it."""

    def __init__(self, first, second):
        super().__init__(name="block")
        self.first, self.seconds = first, [second]

    def call(self, images):
        maps = self.first(images)
        return maps + self.seconds[0](maps)


class OwnClass(keras.Model):
    def __init__(self, block, scores):
        super().__init__()
        self.block, self.scores, self.mean = block, scores, layers.GlobalAveragePooling2D()

    @tf.function
    def call(self, images):
        return self.scores(self.mean(self.block(images)))


def plain(parts):
    images = keras.Input(IMAGE)
    return keras.Model(images, parts.head(parts.second(parts.first(images))))


def nested(parts):
    images = keras.Input(IMAGE)
    return keras.Model(images, parts.head(parts.backbone()(images)))


def nested_twice(parts):
    images = keras.Input(IMAGE)
    inner = keras.Sequential([keras.Input(IMAGE), parts.backbone()], name="inner")
    return keras.Model(images, parts.head(inner(images)))


def sequential(parts):
    mean = layers.GlobalAveragePooling2D()
    return keras.Sequential([keras.Input(IMAGE), parts.backbone(), mean, parts.scores])


def sequential_with_its_shape_left_open(parts):
    model = keras.Sequential([parts.first, parts.second, layers.GlobalAveragePooling2D()])
    model.add(parts.scores)
    return model


def flattened(parts):
    """A layer of the backbone, called once more in a model of its own."""
    backbone, images = parts.backbone(), keras.Input(IMAGE)
    x = backbone.get_layer("second")(backbone.get_layer("first")(images))
    return keras.Model(images, parts.head(x))


def frozen(parts):
    model = nested(parts)
    model.trainable = False
    return model


STRAIGHT = [
    plain,
    nested,
    nested_twice,
    sequential,
    sequential_with_its_shape_left_open,
    flattened,
    frozen,
]


@pytest.mark.parametrize("build", STRAIGHT)
@pytest.mark.parametrize("name", ["first", "second"])
def test_grad_cam_goes_into_models_inside_the_model(rng, build, name):
    parts, images, classes = Parts(), rng.normal(size=(3, *IMAGE)).astype("float32"), [3, 0, 2]
    model = build(parts)
    model(images)
    maps, above = parts.first(images), lambda maps: parts.head(parts.second(maps))
    if name == "second":
        maps, above = parts.second(maps), parts.head
    found = activation_maps.grad_cam(model, name, images, classes)
    np.testing.assert_allclose(found, by_hand(maps, above, classes), rtol=1e-4, atol=1e-7)
    assert found.max() > 1e-3


@pytest.mark.parametrize("name", ["backbone", "inner"])
def test_grad_cam_takes_a_whole_model_as_a_layer(rng, name):
    parts, images = Parts(), rng.normal(size=(2, *IMAGE)).astype("float32")
    build = {"backbone": sequential, "inner": nested_twice}[name]
    expected = by_hand(parts.second(parts.first(images)), parts.head, [1, 2])
    found = activation_maps.grad_cam(build(parts), name, images, [1, 2])
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)


def functional_shortcut(parts):
    images = keras.Input(IMAGE)
    return keras.Model(images, parts.head(parts.block()(images)))


def own_class(parts):
    return OwnClass(parts.block(), parts.scores)


def operations_in_the_graph(parts):
    images = keras.Input(IMAGE)
    maps = parts.first(images)
    return keras.Model(images, parts.head(maps + parts.second(maps)))


@pytest.mark.parametrize("build", [functional_shortcut, own_class, operations_in_the_graph])
@pytest.mark.parametrize("name", ["first", "second"])
def test_a_shortcut_past_the_layer_is_taken_into_account_as_it_is(rng, build, name):
    parts, images, classes = Parts(), rng.normal(size=(2, *IMAGE)).astype("float32"), [1, 3]
    start = parts.first(images)
    if name == "first":  # both ways lead from here to the scores
        expected = by_hand(start, lambda maps: parts.head(maps + parts.second(maps)), classes)
    else:  # only what went through the layer counts
        expected = by_hand(
            parts.second(start), lambda maps: parts.head(tf.stop_gradient(start) + maps), classes
        )
    found = activation_maps.grad_cam(build(parts), name, images, classes)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)
    assert not tf.config.functions_run_eagerly()


def test_what_goes_past_a_layer_that_changes_nothing_does_not_count(rng):
    images = keras.Input((3, 4, 2))
    unchanged = layers.Dropout(0.5, name="unchanged")(images)  # returns what it is given
    x = layers.GlobalAveragePooling2D()(5 * images + unchanged)
    model = keras.Model(images, layers.Dense(2, kernel_initializer="ones")(x))
    values = rng.normal(size=(2, 3, 4, 2)).astype("float32")
    found = activation_maps.grad_cam(model, "unchanged", values, [0, 1])
    np.testing.assert_allclose(found, np.maximum(values.sum(-1) / 12, 0), rtol=1e-4, atol=1e-7)


def test_the_input_is_a_layer_too(rng):
    images = keras.Input((3, 4, 2), name="images")
    outer = keras.Input((3, 4, 2), name="outer")
    x = layers.GlobalAveragePooling2D()(keras.Model(images, 3 * images)(outer))
    model = keras.Model(outer, layers.Dense(2, kernel_initializer="ones")(x))
    values = rng.normal(size=(2, 3, 4, 2)).astype("float32")
    for name in ("outer", "images"):
        found = activation_maps.grad_cam(model, name, values, [0, 1])
        np.testing.assert_allclose(found, np.maximum(values.sum(-1) / 4, 0), rtol=1e-4, atol=1e-7)


def test_of_a_layer_that_is_called_twice_the_last_call_counts(rng):
    parts, images = Parts(), rng.normal(size=(1, *IMAGE)).astype("float32")
    x = keras.Input(IMAGE)
    twice = keras.Model(x, parts.head(parts.second(parts.second(parts.first(x)))))
    maps = parts.second(parts.second(parts.first(images)))
    found = activation_maps.grad_cam(twice, "second", images, [2])
    np.testing.assert_allclose(found, by_hand(maps, parts.head, [2]), rtol=1e-4, atol=1e-7)


def test_a_name_that_two_inner_layers_have_is_refused_and_the_layer_itself_taken(rng):
    one, other, images = Parts(), Parts(), rng.normal(size=(2, *IMAGE)).astype("float32")
    outer = keras.Input(IMAGE)
    left, right = one.backbone(), other.backbone()
    left.name, right.name = "left", "right"
    model = keras.Model(outer, one.head(left(outer) + 2 * right(outer)))
    with pytest.raises(ValueError, match="2 layers inside the model are called 'second'"):
        activation_maps.grad_cam(model, "second", images, [0, 1])
    inner = model.get_layer("right").get_layer("second")
    before = tf.stop_gradient(left(images))
    expected = by_hand(right(images), lambda maps: one.head(before + 2 * maps), [0, 1])
    found = activation_maps.grad_cam(model, inner, images, [0, 1])
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(
    "end",
    [
        layers.Dense(4, "softmax"),
        keras.Sequential([keras.Input((6,)), layers.Dense(4), layers.Activation("softmax")]),
        keras.Sequential([keras.Input((6,)), layers.Dense(4), layers.Softmax()]),
        layers.Dense(4, "sigmoid"),
    ],
)
def test_behind_a_softmax_the_scores_before_it_are_asked(rng, end):
    parts, images, classes = Parts(), rng.normal(size=(2, *IMAGE)).astype("float32"), [1, 3]
    mean = layers.GlobalAveragePooling2D()
    model = keras.Sequential([keras.Input(IMAGE), parts.backbone(), mean, end])
    kernel, _ = end.get_weights()
    end.set_weights([1e4 * kernel, np.zeros(4)])  # so sure that the softmax has no slope
    expected = by_hand(
        parts.second(parts.first(images)), lambda maps: mean(maps) @ (1e4 * kernel), classes
    )
    found = activation_maps.grad_cam(model, "second", images, classes)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    assert found.max() > 1


@pytest.mark.parametrize("last", ["log_softmax", "softmax"])
def test_probabilities_whose_scores_are_lost_are_refused(rng, last):
    images = keras.Input(IMAGE)
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, name="conv")(images))
    x = layers.Reshape((4,))(layers.Activation(last)(x))
    with pytest.raises(ValueError, match=r"probabilities.*softmax"):
        activation_maps.grad_cam(keras.Model(images, x), "conv", np.ones((2, *IMAGE)), [0, 1])


def test_grad_cam_says_so_where_a_layer_has_no_part_in_the_scores(rng):
    class Idle(keras.Model):
        def __init__(self):
            super().__init__()
            self.unused = layers.ReLU(name="unused")
            self.aside = layers.Conv2D(2, 3, name="aside")
            self.mean = layers.GlobalAveragePooling2D(name="mean")

        def call(self, images):
            self.aside(images)
            return self.mean(images)

    images = rng.normal(size=(1, *IMAGE)).astype("float32")
    for name, message in [
        ("unused", "does not call the layer 'unused'"),
        ("aside", "scores do not depend on the maps of layer 'aside'"),
    ]:
        with pytest.raises(ValueError, match=message):
            activation_maps.grad_cam(Idle(), name, images, [0])


def test_grad_cam_leaves_the_model_as_it_was(rng):
    parts, images = Parts(), rng.normal(size=(1, *IMAGE)).astype("float32")
    model = nested(parts)
    activation_maps.grad_cam(model, "second", images, [0])
    with pytest.raises(ValueError, match="expected classes"):
        activation_maps.grad_cam(model, "second", images, [9])
    assert "call" not in vars(parts.second)


def test_an_overlay_is_the_picture_at_strength_0_and_the_colours_at_1():
    image = np.full((2, 4, 3), 100, "uint8")
    heat = np.array([[0.0, 1.0]])
    assert np.array_equal(activation_maps.overlay(image, heat, strength=0), image)
    colours = activation_maps.overlay(image, heat, strength=1, cmap="gray")
    assert colours[:, 0].max() == 0  # the lowest is black
    assert colours[:, -1].min() == 255  # and the highest white
    assert (np.diff(colours[0, :, 0].astype(int)) >= 0).all()


def test_a_map_that_is_the_same_everywhere_is_laid_over_without_a_division_by_zero():
    image = np.zeros((3, 5, 3), "uint8")
    assert activation_maps.overlay(image, np.ones((2, 2)), cmap="gray").max() == 0


@pytest.mark.parametrize(
    ("image", "heat", "strength", "message"),
    [
        (np.zeros((3, 5, 3)), np.ones((2, 2)), 0.5, "uint8"),
        (np.zeros((3, 5), "uint8"), np.ones((2, 2)), 0.5, "height, width, 3"),
        (np.zeros((3, 5, 3), "uint8"), np.ones(2), 0.5, "rows, columns"),
        (np.zeros((3, 5, 3), "uint8"), np.full((2, 2), np.nan), 0.5, "finite"),
        (np.zeros((3, 5, 3), "uint8"), np.ones((2, 2)), 1.5, "strength"),
    ],
)
def test_an_overlay_of_anything_else_is_refused(image, heat, strength, message):
    with pytest.raises(ValueError, match=message):
        activation_maps.overlay(image, heat, strength=strength)
