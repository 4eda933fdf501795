"""Keras' old format, whose order of arrays depends on what was frozen when it was written."""

import itertools

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from helpers import weights

# Keras' own saving, with TensorFlow and NumPy 2.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file:UserWarning"),
]


def nested(*, named=True, filters=(4, 4), norm=True, depth=1):
    """A network of 5 x 7 pixels and 4 channels with a network inside, maybe in one more."""
    names = ("first", "second") if named else (None, None)
    inside = [
        layers.Conv2D(number, 3, padding="same", use_bias=False, name=name)
        for number, name in zip(filters, names, strict=True)
    ]
    if norm:
        inside.insert(1, layers.BatchNormalization(name="norm" if named else None))
    backbone = keras.Sequential([keras.Input((5, 7, 4)), *inside])
    for _ in range(depth - 1):
        backbone = keras.Sequential([keras.Input((5, 7, 4)), backbone])
    return keras.Sequential(
        [keras.Input((5, 7, 4)), backbone, layers.GlobalAveragePooling2D(), layers.Dense(2)]
    )


def innermost(model):
    for layer in model.layers:
        yield from innermost(layer) if hasattr(layer, "layers") else [layer]


def freeze(model, frozen):
    """Freeze some of the innermost layers that have weights, by their numbers."""
    weighted = [layer for layer in innermost(model) if layer.weights]
    for number in frozen:
        weighted[number].trainable = False
    return model


def randomise(model, rng):
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 2, weight.shape))
    return model


def write_whole(model, path):
    model.save(path)


def write_weights(model, path):
    """Write as `save_weights` of Keras 2 did, which says nothing of what was frozen."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            ordered = layer.trainable_weights + layer.non_trainable_weights
            names = ["/".join(weight.path.split("/")[-2:]) + ":0" for weight in ordered]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, weight in zip(names, ordered, strict=True):
                group[name] = weight.numpy()


def answers_alike(model, other, rng):
    x = rng.normal(size=(2, 5, 7, 4)).astype("float32")
    return np.allclose(model(x), other(x), atol=1e-4)


FROZEN = [(), (0,), (1,), (0, 1), (0, 1, 2)]


@pytest.mark.parametrize("write", [write_whole, write_weights])
@pytest.mark.parametrize("depth", [1, 2])
def test_whatever_was_frozen_names_tell_which_array_is_which(rng, tmp_path, write, depth):
    saved = {}
    for frozen in FROZEN:
        saved[frozen] = freeze(randomise(nested(depth=depth), rng), frozen)
        write(saved[frozen], tmp_path / f"{frozen}.h5")
    model = nested(depth=depth)
    for frozen, now in itertools.product(FROZEN, ((), (0,), (2,))):
        model.trainable = True
        freeze(model, now)
        weights.load(model, tmp_path / f"{frozen}.h5")
        assert answers_alike(saved[frozen], model, rng)


@pytest.mark.parametrize("frozen", FROZEN)
def test_the_layout_of_a_whole_model_tells_where_names_do_not(rng, tmp_path, frozen):
    model, other = randomise(nested(named=False), rng), nested(named=False)
    write_whole(freeze(model, frozen), tmp_path / "old.h5")
    weights.load(other, tmp_path / "old.h5")
    assert answers_alike(model, other, rng)


@pytest.mark.parametrize("frozen", FROZEN)
def test_so_do_shapes_that_occur_once(rng, tmp_path, frozen):
    model, other = (nested(named=False, filters=(5, 6)) for _ in range(2))
    write_weights(freeze(randomise(model, rng), frozen), tmp_path / "old.h5")
    weights.load(other, tmp_path / "old.h5")
    assert answers_alike(model, other, rng)


@pytest.mark.parametrize("frozen", FROZEN)
def test_without_any_of_these_the_file_is_refused(rng, tmp_path, frozen):
    model, other = randomise(nested(named=False), rng), randomise(nested(named=False), rng)
    write_weights(freeze(model, frozen), tmp_path / "old.h5")
    before = other.get_weights()
    with pytest.raises(ValueError, match=r"old\.h5 does not fit.*could have been frozen"):
        weights.load(other, tmp_path / "old.h5")
    for value, old in zip(other.get_weights(), before, strict=True):
        np.testing.assert_array_equal(value, old)


def test_branches_in_another_order_are_told_apart_by_the_names_that_were_given(rng, tmp_path):
    def build(*names):
        x = keras.Input((3,))
        branches = {name: layers.Dense(3, name=name)(x) for name in names}
        return keras.Model(x, layers.Subtract()([branches[name] for name in sorted(names)]))

    there, back = randomise(build("left", "right"), rng), build("right", "left")
    write_whole(there, tmp_path / "old.h5")
    with h5py.File(tmp_path / "old.h5", "a") as file:  # as if Keras had listed them otherwise
        group = file["model_weights"]
        group.attrs["layer_names"] = group.attrs["layer_names"][::-1]
    weights.load(back, tmp_path / "old.h5")
    x = rng.normal(size=(2, 3)).astype("float32")
    np.testing.assert_allclose(there(x), back(x), atol=1e-5)

    numbered = keras.Sequential([keras.Input((3,)), layers.Dense(3), layers.Dense(3)])
    write_whole(numbered, tmp_path / "numbered.h5")
    with h5py.File(tmp_path / "numbered.h5", "a") as file:
        group = file["model_weights"]
        group.attrs["layer_names"] = group.attrs["layer_names"][::-1]
    with pytest.raises(ValueError, match="names do not tell"):
        weights.load(numbered, tmp_path / "numbered.h5")


@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (lambda file: file.move("of", "off"), "it has no group 'of'"),
        (lambda file: file["of"].move("x/bias", "bias"), "it has no array 'x/bias'"),
        (lambda file: file["of"].attrs.create("weight_names", ["x/kernel"]), "has 1 arrays for"),
        (lambda file: file.attrs.create("layer_names", ["a", "b"]), "it has no group 'a'"),
        (lambda file: file.attrs.create("layer_names", 5), "layer_names is no list"),
    ],
)
def test_names_that_lead_nowhere_are_refused(tmp_path, spoil, match):
    path = tmp_path / "old.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = ["of"]
        file["of/x/kernel"], file["of/x/bias"] = np.ones((3, 2)), np.ones(2)
        file["of"].attrs["weight_names"] = ["x/kernel", "x/bias"]
        spoil(file)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="dense")])
    with pytest.raises(ValueError, match=rf"old\.h5 does not fit.*{match}"):
        weights.load(model, path)
