import h5py
import hypothesis
import keras
import numpy as np
import pytest
from hypothesis import strategies as st
from keras import layers

from helpers import weights

# Keras' own saving, with TensorFlow and NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def small_net(*, filters=(4, 5), num_classes=3, top=True, dropout=False):
    """Normalise, convolve and classify pictures of 7 x 9 pixels; weights start at random."""
    pictures = keras.Input((7, 9, 3))
    x = layers.Normalization()(pictures)
    for num_filters in filters:
        x = layers.Conv2D(num_filters, 3, padding="same")(x)
        x = layers.BatchNormalization()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x) if dropout else x
    return keras.Model(pictures, layers.Dense(num_classes)(x) if top else x)


def randomise(model, rng):
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 2, weight.shape).astype(weight.dtype))
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
    return model


def saved(model, path):
    model.save_weights(path)
    return path


def write_as_keras_2(model, path):
    """Write the weights of a model as Keras 2 did: names of layers and arrays in attributes."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        file.attrs["keras_version"], file.attrs["backend"] = b"2.2.4", b"tensorflow"
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{weight.name}:0".encode() for weight in layer.weights]
            group.attrs["weight_names"] = names
            for name, weight in zip(names, layer.weights, strict=True):
                group[name.decode()] = weight.numpy()
    return path


def write_whole_model(model, path):
    model.save(path)
    return path


def same(model, values):
    pairs = zip(model.get_weights(), values, strict=True)
    return all(np.array_equal(mine, other) for mine, other in pairs)


def check_refusal(model, path, match, rng):
    """Check that a file is refused by name, and that the model answers as before."""
    before, pictures = model.get_weights(), rng.uniform(size=(2, 7, 9, 3))
    answers = model(pictures).numpy()
    with pytest.raises(ValueError, match=match) as refusal:
        weights.load(model, path)
    assert str(path) in str(refusal.value)
    assert len(str(refusal.value)) < 1_000
    assert same(model, before)
    np.testing.assert_array_equal(model(pictures), answers)


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (saved, "net.weights.h5"),
        (write_as_keras_2, "net_notop.h5"),
        (write_whole_model, "whole.h5"),
    ],
)
@pytest.mark.parametrize("as_text", [True, False])
def test_a_loaded_model_answers_as_the_saved_one(rng, tmp_path, write, name, as_text):
    model, other = randomise(small_net(dropout=True), rng), small_net(dropout=True)
    path = write(model, tmp_path / name)
    weights.load(other, str(path) if as_text else path)
    assert same(other, model.get_weights())
    pictures = rng.uniform(size=(2, 7, 9, 3))
    np.testing.assert_array_equal(other(pictures), model(pictures))


def test_models_inside_models_and_shared_layers_are_loaded(rng, tmp_path):
    def build():
        base, dense = small_net(top=False), layers.Dense(5)
        pictures = keras.Input((7, 9, 3))
        return keras.Model(pictures, dense(dense(base(pictures))))

    model, other = build(), build()
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 2, weight.shape).astype(weight.dtype))
    weights.load(other, saved(model, tmp_path / "nested.weights.h5"))
    assert same(other, model.get_weights())


def test_frozen_layers_are_loaded_too(rng, tmp_path):
    model, other = randomise(small_net(), rng), small_net()
    other.trainable = False
    for name, write in [("net.weights.h5", saved), ("net.h5", write_as_keras_2)]:
        other.set_weights([0 * value for value in other.get_weights()])
        weights.load(other, write(model, tmp_path / name))
        assert same(other, model.get_weights())


def test_an_optimizer_keeps_its_state_and_learning_rate(rng, tmp_path):
    def trained(learning_rate):
        model = small_net()
        model.compile(keras.optimizers.Adam(learning_rate), "mse", metrics=["mae"])
        model.optimizer.build(model.trainable_variables)
        for variable in model.optimizer.variables[2:]:  # after the steps and the learning rate
            variable.assign(rng.normal(size=variable.shape))
        return model

    path = saved(trained(0.5), tmp_path / "trained.weights.h5")
    model = trained(0.125)
    before = [variable.numpy() for variable in model.optimizer.variables]
    weights.load(model, path)
    assert float(model.optimizer.learning_rate) == 0.125
    for variable, value in zip(model.optimizer.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)
    fresh = small_net()
    fresh.compile("adam", "mse")
    weights.load(fresh, path)  # a warning about the optimizer would be an error here


@pytest.mark.parametrize(
    ("other", "match"),
    [
        (
            {"num_classes": 8},
            r"only the model has \(5, 3\), \(3,\); only the file has \(5, 8\), \(8,\)$",
        ),
        ({"top": False}, r"has 15 arrays, the model 17; .* only the file has nothing else"),
        ({"filters": (4, 5, 5)}, r"23 arrays, the model 17; only the model has nothing else"),
        ({"filters": (4,)}, r"only the model has \(3, 3, 4, 5\), \(5, 3\), \(5,\) and 4 more;"),
    ],
    ids=["more classes", "no top", "deeper", "shallower"],
)
@pytest.mark.parametrize(
    ("write", "name"), [(saved, "net.weights.h5"), (write_as_keras_2, "net.h5")]
)
def test_weights_of_another_network_are_refused(rng, tmp_path, write, name, other, match):
    path = write(randomise(small_net(**other), rng), tmp_path / name)
    check_refusal(randomise(small_net(), rng), path, match, rng)


@pytest.mark.parametrize(
    ("write", "name", "match"),
    [
        (saved, "net.weights.h5", r"does not fit.*shape=\(3, 5\).*shape=\(3, 4\)"),
        (write_as_keras_2, "net.h5", r"does not fit.*expected \(3, 5\) for .*kernel, got \(3, 4\)"),
    ],
)
def test_the_same_shapes_in_another_order_are_refused(rng, tmp_path, write, name, match):
    def build(*sizes):
        pictures = keras.Input((7, 9, 3))
        x = layers.Normalization()(pictures)
        for size in sizes:
            x = layers.Dense(size, use_bias=False)(x)
        return keras.Model(pictures, x)

    there, back = randomise(build(4, 3, 5, 3), rng), randomise(build(5, 3, 4, 3), rng)
    path = write(there, tmp_path / name)
    check_refusal(back, path, match, rng)


def test_no_cut_of_a_file_is_taken_for_the_whole(rng, tmp_path):
    model = randomise(small_net(), rng)
    whole = saved(model, tmp_path / "whole.weights.h5").read_bytes()
    path = tmp_path / "cut.weights.h5"
    for length in [0, 1, 600, len(whole) - 1, *rng.integers(0, len(whole), 20)]:
        path.write_bytes(whole[:length])
        check_refusal(model, path, "damaged or not an HDF5 file", rng)


def test_a_hole_in_a_file_is_found(rng, tmp_path):
    model = randomise(small_net(), rng)
    path = saved(model, tmp_path / "hole.weights.h5")
    with h5py.File(path, "a") as file:
        del file["layers/batch_normalization_1/vars/2"]
    check_refusal(model, path, r"has 16 arrays, the model 17; only the model has \(5,\);", rng)
    with h5py.File(path, "a") as file:  # as many arrays as needed, but one in a strange place
        file["layers/elsewhere/vars/2"] = np.ones(5)
    check_refusal(model, path, r"BatchNormalization.*expected 4 variables", rng)


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("page.weights.h5", b"<html>404</html>" * 100, "damaged or not an HDF5 file"),
        ("page.h5", b"<html>404</html>" * 100, "damaged or not an HDF5 file"),
        ("net.keras", b"", r"ends in .weights.h5 or .h5"),
        ("gone.h5", None, "there is no file"),
    ],
)
def test_what_is_no_file_of_weights_is_refused(rng, tmp_path, name, content, match):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    check_refusal(small_net(), path, match, rng)


def test_a_file_with_the_ending_of_the_other_format_is_refused(rng, tmp_path):
    model = randomise(small_net(), rng)
    path = saved(model, tmp_path / "new.weights.h5").rename(tmp_path / "new.h5")
    check_refusal(model, path, "weights of 0 layers, the model of 6", rng)
    path = write_as_keras_2(model, tmp_path / "old.weights.h5")
    check_refusal(model, path, "does not fit", rng)


def test_an_interrupted_load_leaves_the_model_as_it_was(rng, tmp_path, monkeypatch):
    path = saved(randomise(small_net(), rng), tmp_path / "net.weights.h5")
    model = randomise(small_net(), rng)
    before = model.get_weights()

    def interrupt(store):
        assert not same(model, before)  # the layers before this one are loaded already
        raise KeyboardInterrupt

    monkeypatch.setattr(model.layers[-1], "load_own_variables", interrupt)
    with pytest.raises(KeyboardInterrupt):
        weights.load(model, path)
    assert same(model, before)


def test_a_model_that_is_not_built_is_refused(rng, tmp_path):
    path = saved(small_net(), tmp_path / "net.weights.h5")
    with pytest.raises(ValueError, match=r"'later' has no weights yet.*net\.weights\.h5"):
        weights.load(keras.Sequential([layers.Dense(2)], name="later"), path)


def _spoilt(weight, value):
    return np.full(weight.shape, value, weight.dtype)


@pytest.mark.parametrize(
    ("place", "value", "match"),
    [
        (3, np.nan, "number that is not finite, for .*kernel"),
        (3, -np.inf, "number that is not finite, for .*kernel"),
        (8, -0.5, r"negative variance, -0\.5, for .*moving_variance"),
        (1, -2, r"negative variance, -2, for .*variance"),
    ],
)
@pytest.mark.parametrize(
    ("write", "name"), [(saved, "net.weights.h5"), (write_as_keras_2, "net.h5")]
)
def test_numbers_that_no_network_has_are_refused(rng, tmp_path, write, name, place, value, match):
    other = randomise(small_net(), rng)
    other.weights[place].assign(_spoilt(other.weights[place], value))
    path = write(other, tmp_path / name)
    check_refusal(randomise(small_net(), rng), path, match, rng)


def test_numbers_that_are_finite_only_in_more_bits_are_refused(rng, tmp_path):
    model = randomise(small_net(), rng)
    path = saved(model, tmp_path / "large.weights.h5")
    with h5py.File(path, "a") as file:
        del file["layers/dense/vars/1"]
        file["layers/dense/vars/1"] = np.full(3, 1e300)
    check_refusal(model, path, "not finite|overflow", rng)


@pytest.mark.parametrize(
    ("array", "match"),
    [
        (np.ones(3, int), r"only the model has \(3,\); only the file has \(3,\) of integers"),
        (np.ones(3, complex), "layers/dense/vars/1 is complex128, not of numbers"),
        (np.array([b"a", b"b", b"c"]), "layers/dense/vars/1 is .S1, not of numbers"),
        (h5py.Empty("f4"), r"only the model has \(3,\); only the file has \(\)"),
    ],
)
def test_arrays_of_another_kind_are_refused(rng, tmp_path, array, match):
    model = randomise(small_net(), rng)
    path = saved(model, tmp_path / "kind.weights.h5")
    with h5py.File(path, "a") as file:
        del file["layers/dense/vars/1"]
        file["layers/dense/vars/1"] = array
    check_refusal(model, path, match, rng)


def test_integers_of_a_model_are_written_as_integers(tmp_path):
    class Counting(layers.Layer):
        def build(self, shape):
            self.count = self.add_weight(shape=(), dtype="int32", trainable=False, name="count")

    model = keras.Sequential([keras.Input((3,)), Counting(), layers.Dense(2)])
    model.layers[0].count.assign(7)
    path = saved(model, tmp_path / "count.weights.h5")
    model.layers[0].count.assign(0)
    weights.load(model, path)
    assert int(model.layers[0].count.numpy()) == 7
    with h5py.File(path, "a") as file:
        del file["layers/counting/vars/0"]
        file["layers/counting/vars/0"] = np.float32(1.5)
    with pytest.raises(ValueError, match=r"only the model has \(\) of integers"):
        weights.load(model, path)


def test_weights_of_half_precision_are_loaded(rng, tmp_path):
    def build():
        return keras.Sequential([keras.Input((3,)), layers.Dense(2, dtype="bfloat16")])

    model, other = build(), build()
    weights.load(other, saved(model, tmp_path / "half.weights.h5"))
    assert same(other, model.get_weights())


@pytest.mark.parametrize("name", ["net.weights.h5", "net.h5"])
def test_weights_lie_in_the_file_itself(rng, tmp_path, name):
    model = randomise(small_net(), rng)
    write = saved if name.endswith(".weights.h5") else write_as_keras_2
    path = write(model, tmp_path / name)
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["k"] = np.ones(3)
    with h5py.File(path, "a") as file:
        places = []
        file.visit(places.append)
        (place,) = [p for p in places if getattr(file[p], "shape", None) == (3,) and "dense" in p]
        del file[place]
        file[place] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/k")
    check_refusal(model, path, "is a link to elsewhere", rng)


@pytest.fixture(scope="module")
def small_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "small.weights.h5"
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.BatchNormalization()])
    return model, saved(model, path)


@hypothesis.given(data=st.data())
def test_damaged_files_are_loaded_or_refused(small_file, data):
    model, path = small_file
    before = model.get_weights()
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    damaged = path.with_name("damaged.weights.h5")
    damaged.write_bytes(content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))])
    try:
        weights.load(model, damaged)
    except ValueError:
        assert same(model, before)
    assert all(np.isfinite(value).all() for value in model.get_weights())
    model.set_weights(before)
