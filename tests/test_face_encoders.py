"""Tests of the encoders, their identity, and the Siamese network."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers import mobilenet
from helpers.faces import encoders, triplets

# Keras' own saving, with TensorFlow and NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def small(*, channels=1, dimensions=6, filters=(4, 5), seed=1):
    shape = (16, 20, channels)
    return encoders.small_encoder(shape, dimensions=dimensions, filters=filters, seed=seed)


def people(rng, *, pictures=4, channels=1):
    """Draw four noisy patterns, several times each, of 16 x 20 pixels."""
    patterns = rng.integers(60, 196, (4, 16, 20, channels))
    labels = np.repeat(np.arange(4), pictures)
    noise = rng.integers(-60, 60, (len(labels), 16, 20, channels))
    return (patterns[labels] + noise).astype(np.uint8), labels


@pytest.fixture(scope="module")
def tiny():
    """A very narrow MobileNet with random weights, for pictures of 32 x 48 pixels."""
    keras.utils.set_random_seed(0)
    backbone = mobilenet.mobilenet((32, 48), width=0.0625, norm_momentum=0.0)
    noise = np.random.default_rng(0).uniform(-1, 1, (8, 32, 48, 3))
    backbone(noise, training=True)  # running statistics of its own, or features would vanish
    return backbone


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


# Encoders


def test_the_small_encoder_has_the_parameters_counted_by_hand(tmp_path):
    encoder = encoders.small_encoder((64, 64, 3))
    kernels = 9 * (3 * 24 + 24 * 48 + 48 * 96 + 96 * 128)
    norms = 4 * (24 + 48 + 96 + 128)
    assert encoder.count_params() == kernels + norms + (128 + 1) * 128 == 180_776
    encoder.save_weights(tmp_path / "small.weights.h5")
    assert (tmp_path / "small.weights.h5").stat().st_size < 1e6


@pytest.mark.parametrize("channels", [1, 3])
def test_embeddings_are_float32_of_unit_length(rng, channels):
    encoder = small(channels=channels)
    found = np.array(encoder(people(rng, channels=channels)[0], training=False))
    assert found.shape == (16, 6)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    assert np.linalg.norm(found[0] - found[4]) > 1e-3


def test_a_seed_gives_the_same_weights_and_each_layer_others():
    first, same, other, unseeded = (small(seed=seed).get_weights() for seed in (1, 1, 2, None))
    for mine, theirs in zip(first, same, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[0], unseeded[0])


def test_the_small_encoder_learns_to_tell_patterns_apart(rng):
    encoder = small()
    pictures, labels = people(rng)
    # Eagerly: building a graph would take longer than the training.
    encoder.compile(keras.optimizers.Adam(0.02), triplets.TripletLoss(), run_eagerly=True)
    losses = encoder.fit(pictures, labels, batch_size=16, epochs=7, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize("channels", [1, 3], ids=["grey", "colour"])
@pytest.mark.parametrize("cut", [None, "conv_pw_7_relu"])
def test_a_pretrained_encoder_projects_centred_features(tiny, rng, channels, cut):
    pictures, _ = people(rng, channels=channels)
    encoder = encoders.pretrained_encoder(tiny, (16, 20, channels), dimensions=6, cut=cut, seed=1)
    encoders.centre_features(encoder, pictures[:12], batch_size=5)

    network = tiny
    if cut:
        maps = tiny.get_layer(cut).output
        network = keras.Model(tiny.input, keras.ops.mean(maps, axis=(1, 2)))
    features = mobilenet.features(network, np.repeat(pictures, 3 // channels, axis=-1))
    kernel, bias = encoder.get_layer("projection").get_weights()
    wanted = unit((features - features[:12].mean(axis=0)) @ kernel + bias)
    np.testing.assert_allclose(encoder(pictures, training=False), wanted, atol=1e-3)

    whole = encoders.pretrained_encoder(tiny, (16, 20, channels), dimensions=None, cut=cut)
    np.testing.assert_allclose(whole(pictures, training=False), unit(features), atol=1e-3)


def test_the_projection_begins_as_a_rotation(tiny):
    encoder = encoders.pretrained_encoder(tiny, (16, 20, 3), dimensions=64)
    kernel, bias = encoder.get_layer("projection").get_weights()
    np.testing.assert_allclose(kernel.T @ kernel, np.eye(64), atol=1e-5)
    assert not bias.any()


def test_a_frozen_backbone_stays_and_the_mean_is_saved(tiny, rng, tmp_path):
    pictures, labels = people(rng, channels=3)
    backbone = mobilenet.copy_of(tiny)
    backbone.trainable = False

    def build():
        return encoders.pretrained_encoder(
            backbone, (16, 20, 3), dimensions=6, cut="conv_pw_2_relu"
        )

    encoder = build()
    encoders.centre_features(encoder, pictures)
    encoder.compile("adam", triplets.TripletLoss(), run_eagerly=True)
    encoder.fit(pictures, labels, batch_size=16, verbose=0)
    for value, old in zip(backbone.get_weights(), tiny.get_weights(), strict=True):
        np.testing.assert_array_equal(value, old)

    encoder.save_weights(tmp_path / "saved.weights.h5")
    other = build()
    other.load_weights(tmp_path / "saved.weights.h5")
    embeddings = [model(pictures, training=False) for model in (encoder, other)]
    np.testing.assert_array_equal(*embeddings)


@pytest.mark.parametrize(
    ("build", "match"),
    [
        (lambda b: encoders.small_encoder((64, 64)), r"\(height, width, 1 or 3\).*got \(64, 64\)"),
        (lambda b: encoders.small_encoder((64, 64, 4)), r"1 or 3.*got \(64, 64, 4\)"),
        (lambda b: encoders.small_encoder((64, 15, 3)), "at least 16 pixels"),
        (lambda b: encoders.small_encoder((64, None, 3)), "at least 16 pixels"),
        (
            lambda b: encoders.small_encoder((64, 64, 3), dimensions=0),
            "dimensions as an integer of at least 1",
        ),
        (lambda b: encoders.small_encoder((64, 64, 3), filters=()), "filters as one or more"),
        (lambda b: encoders.small_encoder((64, 64, 3), filters=(8, 8.0)), "filters as an integer"),
        (lambda b: encoders.small_encoder((64, 64, 3), filters=8.5), "filters as an integer"),
        (lambda b: encoders.small_encoder((64.0, 64, 3)), "at least 16 pixels"),
        (lambda b: encoders.small_encoder((64, 64, True)), "1 or 3"),
        (lambda b: encoders.small_encoder(64), "1 or 3.*got 64"),
        (
            lambda b: encoders.small_encoder((64, 64, 3), seed=-1),
            "seed as an integer of at least 0",
        ),
        (lambda b: encoders.small_encoder((64, 64, 3), seed="a"), "seed as an integer"),
        (lambda b: encoders.same_person_head(True), "dimensions as an integer"),
        (lambda b: encoders.pretrained_encoder(b, (16, 20, 2)), r"1 or 3.*got \(16, 20, 2\)"),
        (
            lambda b: encoders.pretrained_encoder(b, (16, 20, 3), cut="conv_pw_99"),
            "such as 'conv_pw_13_relu'.*'narrow_mobilenet' has none called 'conv_pw_99'",
        ),
        (lambda b: encoders.siamese(small(), "cosine"), "'absolute' or 'chi-square', got 'cosine'"),
        (lambda b: encoders.encoder_id(keras.Sequential([layers.Dense(2)])), "build it first"),
        (lambda b: encoders.centre_features(small(), []), "expected an encoder from pretrained"),
    ],
)
def test_what_cannot_be_built_is_refused(tiny, build, match):
    with pytest.raises(ValueError, match=match):
        build(tiny)


@pytest.mark.parametrize(
    "pictures",
    [
        np.zeros((0, 16, 20, 3), np.uint8),
        np.zeros((2, 16, 20, 1), np.uint8),
        np.zeros((2, 16, 20, 3)),
    ],
    ids=["none", "grey", "floats"],
)
def test_features_are_centred_on_pictures_of_the_right_kind_alone(tiny, pictures):
    encoder = encoders.pretrained_encoder(tiny, (16, 20, 3))
    with pytest.raises(ValueError, match=r"expected uint8 pictures \('pictures', 16, 20, 3\)"):
        encoders.centre_features(encoder, pictures)


# Identity


def test_an_identity_stays_through_copying_freezing_saving_and_compiling(tiny, tmp_path):
    options = {"dimensions": 6, "cut": "conv_pw_2_relu", "seed": 1}
    encoder = encoders.pretrained_encoder(tiny, (16, 20, 1), **options)
    identity = encoders.encoder_id(encoder)
    assert identity.startswith("narrow_mobilenet_encoder-")
    again = encoders.pretrained_encoder(tiny, (16, 20, 1), **options)
    assert encoders.encoder_id(again) == identity
    again.get_layer("projection").trainable = False
    again.compile("adam", triplets.TripletLoss())
    assert encoders.encoder_id(again) == identity
    encoder.save(tmp_path / "encoder.keras")
    assert encoders.encoder_id(keras.models.load_model(tmp_path / "encoder.keras")) == identity


def test_whatever_changes_embeddings_changes_the_identity():
    def build(*, size=3, strides=1, offset=0.0, name="net"):
        parts = [keras.Input((8, 8, 1)), layers.Rescaling(2, offset)]
        parts += [layers.Conv2D(2, size, strides, kernel_initializer="ones")]
        return keras.Sequential([*parts, layers.GlobalMaxPooling2D()], name=name)

    changed = build()
    kernel = np.ones((3, 3, 1, 2), "float32")
    kernel[2, 2, 0, 1] = np.nextafter(np.float32(1), np.float32(2))
    changed.layers[1].set_weights([kernel, np.zeros(2)])
    others = [build(size=5), build(strides=2), build(offset=0.5), build(name="other"), changed]
    identities = {encoders.encoder_id(model) for model in [build(), *others]}
    assert len(identities) == 6
    assert encoders.encoder_id(build()) in identities


def built(*between, first=(), name="net"):
    """A model for pictures of 9 x 8 pixels, with layers and functions before its projection."""
    pictures = keras.Input((9, 8, 2), dtype="uint8")
    x = keras.ops.cast(pictures, "float32")
    for part in (*first, *between, layers.GlobalMaxPooling2D()):
        x = part(x)
    x = layers.Dense(3, kernel_initializer="ones")(x)
    return keras.Model(pictures, layers.UnitNormalization()(x), name=name)


def two_branches(order):
    """A model that joins two branches, one way around or the other."""
    pictures = keras.Input((9, 8, 2))
    branches = [layers.MaxPooling2D(3), layers.AveragePooling2D(3)]
    results = [branch(pictures) for branch in branches]
    x = layers.Concatenate()([results[place] for place in order])
    x = layers.GlobalMaxPooling2D()(x)
    return keras.Model(pictures, layers.Dense(3, kernel_initializer="ones")(x), name="net")


def sequence(*parts):
    return keras.Sequential([keras.Input((9, 8, 2)), *parts])


# Models of which no two do the same, though their weights are equal.
DIFFERENT = {
    "nothing": built,
    "resized": lambda: built(layers.Resizing(5, 6)),
    "resized otherwise": lambda: built(layers.Resizing(6, 5)),
    "resized and cropped": lambda: built(layers.Resizing(5, 6, crop_to_aspect_ratio=True)),
    "cropped": lambda: built(layers.Cropping2D(((1, 0), (0, 2)))),
    "cropped otherwise": lambda: built(layers.Cropping2D(((0, 1), (0, 2)))),
    "centre": lambda: built(layers.CenterCrop(4, 4)),
    "larger centre": lambda: built(layers.CenterCrop(5, 4)),
    "slice": lambda: built(lambda x: x[:, 1:]),
    "another slice": lambda: built(lambda x: x[:, :-1]),
    "times 2": lambda: built(lambda x: 2.0 * x),
    "times 3": lambda: built(lambda x: 3.0 * x),
    "array": lambda: built(lambda x: x * np.array([1, 2], "float32")),
    "another array": lambda: built(lambda x: x * np.array([2, 1], "float32")),
    "flipped": lambda: built(lambda x: keras.ops.flip(x, axis=1)),
    "flipped otherwise": lambda: built(lambda x: keras.ops.flip(x, axis=2)),
    "whole numbers": lambda: built(lambda x: keras.ops.cast(x / 7, "int32")),
    "decimal ones": lambda: built(lambda x: keras.ops.cast(x / 7, "float32")),
    "difference": lambda: built(lambda x: x - keras.ops.flip(x, axis=1)),
    "difference around": lambda: built(lambda x: keras.ops.flip(x, axis=1) - x),
    "normalised": lambda: built(layers.Normalization(mean=3.0, variance=2.0)),
    "normalised otherwise": lambda: built(layers.Normalization(mean=4.0, variance=2.0)),
    "nested": lambda: built(sequence(layers.CenterCrop(4, 4))),
    "nested otherwise": lambda: built(sequence(layers.CenterCrop(4, 5))),
    "twice nested": lambda: built(sequence(sequence(layers.ReLU(max_value=6)))),
    "twice nested otherwise": lambda: built(sequence(sequence(layers.ReLU(max_value=5)))),
    "two branches": lambda: two_branches((0, 1)),
    "two branches around": lambda: two_branches((1, 0)),
}


def test_models_that_differ_in_what_is_no_weight_have_identities_of_their_own():
    identities = {what: encoders.encoder_id(build()) for what, build in DIFFERENT.items()}
    assert len(set(identities.values())) == len(DIFFERENT), identities


@pytest.mark.parametrize("what", DIFFERENT)
def test_an_identity_does_not_depend_on_names_and_outlives_a_file(what, tmp_path):
    identity = encoders.encoder_id(DIFFERENT[what]())
    again = DIFFERENT[what]()  # Keras gives its layers other names
    assert encoders.encoder_id(again) == identity
    again.save(tmp_path / "again.keras")
    assert encoders.encoder_id(keras.models.load_model(tmp_path / "again.keras")) == identity


def test_a_model_without_a_name_of_its_own_has_one_identity():
    first, second = (built(name=None) for _ in range(2))
    assert first.name != second.name
    assert encoders.encoder_id(first) == encoders.encoder_id(second)


def test_what_training_alone_knows_does_not_change_an_identity():
    first = built(layers.BatchNormalization(momentum=0.9, beta_initializer="zeros"))
    second = built(layers.BatchNormalization(momentum=0.5, beta_regularizer="l2"))
    assert encoders.encoder_id(first) == encoders.encoder_id(second)


class Doubled(keras.Model):
    """A model of a class of one's own."""

    def __init__(self, factor, **settings):
        super().__init__(**settings)
        self.factor, self.dense = factor, layers.Dense(2, kernel_initializer="ones")

    def call(self, x):
        return self.dense(self.factor * x)

    def get_config(self):
        return super().get_config() | {"factor": self.factor}


def test_models_of_ones_own_class_differ_by_their_settings():
    identities = []
    for factor in (2, 3, 2):
        model = Doubled(factor, name="doubled")
        model(np.ones((1, 4)))
        identities.append(encoders.encoder_id(model))
    assert identities[0] == identities[2] != identities[1]


class Unknown(layers.Layer):
    """A layer whose settings Keras cannot save."""

    def __init__(self, thing):
        super().__init__()
        self.thing = thing

    def call(self, x):
        return x


@pytest.mark.parametrize(
    ("part", "match"),
    [
        (layers.Lambda(lambda x: x + 1, name="mine"), "what 'mine' does.*in place of Lambda"),
        (sequence(layers.Lambda(lambda x: x + 1, name="mine")), "what 'mine' does"),
        (layers.TimeDistributed(layers.Lambda(keras.ops.relu)), "tells what a Lambda layer"),
        (layers.Activation(lambda x: x + 1, name="mine"), "tells what 'mine' does.*`lambda`"),
        (Unknown(object()), "nothing tells what 'unknown"),
    ],
    ids=["Lambda", "nested", "wrapped", "activation", "own layer"],
)
def test_an_encoder_of_which_nothing_tells_what_it_does_has_no_identity(part, match):
    with pytest.raises(ValueError, match=match):
        encoders.encoder_id(built(part))


# The Siamese network


def head_answers(kind, first, second, weights=None, bias=0.0):
    """Return the head's probabilities and its own formula's, written out number by number."""
    head = encoders.same_person_head(first.shape[1], kind)
    if weights is None:
        weights = np.full(first.shape[1], -1.0)
    head.get_layer("logistic_unit").set_weights([np.reshape(weights, (-1, 1)), np.array([bias])])
    return np.array(head([first, second]))[:, 0]


def test_the_head_on_two_numbers_is_what_paper_says():
    first, second = np.array([[0.6, 0.8]]), np.array([[0.8, 0.6]])
    # |0.6 − 0.8| · 1 + |0.8 − 0.6| · (−3) + 0.1 = −0.3
    absolute = head_answers("absolute", first, second, [1, -3], bias=0.1)
    np.testing.assert_allclose(absolute, 1 / (1 + np.exp(0.3)), rtol=1e-5)
    # 0.2² / 1.4 = 0.02857 for either number
    chi_square = head_answers("chi-square", first, second, [7, -14], bias=0.1)
    np.testing.assert_allclose(chi_square, 1 / (1 + np.exp(0.1)), rtol=1e-5)


@pytest.mark.parametrize("kind", ["absolute", "chi-square"])
def test_the_head_does_not_care_who_comes_first(rng, kind):
    first, second = unit(rng.normal(size=(7, 5))), unit(rng.normal(size=(7, 5)))
    weights = rng.normal(size=5)
    there = head_answers(kind, first, second, weights, 0.3)
    np.testing.assert_allclose(head_answers(kind, second, first, weights, 0.3), there, rtol=1e-6)
    same = head_answers(kind, first, first, weights, 0.3)
    np.testing.assert_allclose(same, 1 / (1 + np.exp(-0.3)), rtol=1e-5)


def test_chi_square_of_signed_numbers_is_that_of_their_positive_and_negative_parts(rng):
    first, second = rng.normal(size=(9, 5)), rng.normal(size=(9, 5))
    parts = [np.hstack([np.maximum(x, 0), np.maximum(-x, 0)]) for x in (first, second)]
    total = parts[0] + parts[1]
    papers = np.where(total > 0, (parts[0] - parts[1]) ** 2 / np.where(total > 0, total, 1), 0)
    wanted = 1 / (1 + np.exp(papers.sum(axis=1)))
    np.testing.assert_allclose(head_answers("chi-square", first, second), wanted, rtol=1e-4)


@pytest.mark.parametrize("kind", ["absolute", "chi-square"])
def test_the_heads_slopes_are_finite_at_zeros_and_equal_numbers(kind):
    first = tf.Variable([[0.0, 0.0, 0.6, 1e-12]])
    head = encoders.same_person_head(4, kind)
    with tf.GradientTape() as tape:
        answer = head([first, tf.constant([[0.0, 0.8, 0.6, 0.0]])])
    assert np.isfinite(tape.gradient(answer, first)).all()


@pytest.mark.parametrize("kind", ["absolute", "chi-square"])
def test_a_siamese_network_learns_and_trains_its_encoder(rng, kind):
    encoder = small()
    before = encoder.get_weights()
    model = encoders.siamese(encoder, kind)
    assert model.count_params() == encoder.count_params() + 6 + 1
    pictures, labels = people(rng)
    first, second = rng.integers(16, size=(2, 48))
    pairs, same = [pictures[first], pictures[second]], labels[first] == labels[second]
    model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy", run_eagerly=True)
    losses = model.fit(pairs, same, batch_size=48, epochs=6, verbose=0).history["loss"]
    assert losses[-1] < 0.75 * losses[0]
    assert not np.array_equal(encoder.get_weights()[0], before[0])
    embeddings = [encoder(part, training=False) for part in pairs]
    answers = model.get_layer("same_person")(embeddings)
    np.testing.assert_allclose(model(pairs, training=False), answers, rtol=1e-4)
