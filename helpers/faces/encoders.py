"""Encoders, from a picture of a face to a vector of unit length; and a Siamese network on two.

Pictures of one person shall have vectors near each other, pictures of two people vectors far apart.
The pictures come as uint8 in 0 to 255; what the networks need they scale themselves. An encoder
is a Keras model like any other: train it with `triplets.TripletLoss`, or inside `siamese`.
"""

import hashlib
import inspect
import json
import re
import warnings

import keras
import numpy as np
from keras import layers, ops

from helpers import mobilenet, validation

# Share of the running statistics that the batch normalisations keep at each step of training.
# Keras' usual 0.99 takes hundreds of steps to follow, more than a short training has.
MOMENTUM = 0.9

# Settings of layers and operations that say what they are called, how they begin or how they are
# trained. All others belong to an encoder's identity.
_NO_MATTER = re.compile(
    "name|trainable|seed|momentum|module|registered_name|shared_object_id|(build|compile)_config|"
    ".*_(initializer|regularizer|constraint)"
)


def small_encoder(picture_shape, *, dimensions=128, filters=(24, 48, 96, 128), seed=None):
    """Build a small encoder to train from scratch on two CPU cores.

    Convolutions of 3 x 3, each followed by batch normalisation, a ReLU and a max pooling that
    halves the maps; then the mean of each map, a dense layer, and the vector's length set to 1.

    Parameters
    ----------
    picture_shape : (height, width, channels)
        With 1 or 3 channels; height and width from 2 ** len(filters) pixels on.
    dimensions : int
        Numbers in an embedding.
    filters : sequence of int
        Filters of each convolution.
    seed : int, optional
        For the same random weights every time.

    Returns
    -------
    encoder : keras.Model
        From uint8 pictures of shape (batch, height, width, channels) to float32 embeddings of
        shape (batch, dimensions), of unit length. 180,776 parameters for colour pictures.

    Raises
    ------
    ValueError
        If `picture_shape` is no such shape, or a number is not a whole one from 1 on.

    References
    ----------
    Schroff, Kalenichenko & Philbin, "FaceNet" (CVPR 2015), figure 2 for the end of the network.
    Theirs has a hundred times as many parameters.
    """
    _check_counts("filters", *(filters if isinstance(filters, list | tuple) else [filters]))
    _check_picture_shape(picture_shape, smallest_side=2 ** len(filters))
    seeds = _seeds(seed)
    pictures = keras.Input(picture_shape, dtype="uint8", name="pictures")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="scale")(pictures)  # 0..255 becomes -1..1
    for number, num_filters in enumerate(filters, start=1):
        x = layers.Conv2D(
            num_filters,
            3,
            padding="same",
            use_bias=False,  # the normalisation would take it away again
            kernel_initializer=keras.initializers.HeNormal(next(seeds)),
            name=f"conv{number}",
        )(x)
        x = layers.BatchNormalization(momentum=MOMENTUM, name=f"conv{number}_bn")(x)
        x = layers.ReLU(name=f"conv{number}_relu")(x)
        x = layers.MaxPooling2D(2, name=f"conv{number}_pool")(x)
    x = layers.GlobalAveragePooling2D(name="features")(x)
    return keras.Model(pictures, _embedding(x, dimensions, next(seeds)), name="small_encoder")


def pretrained_encoder(backbone, picture_shape, *, dimensions=128, cut=None, seed=None):
    """Build an encoder on a network that has learned to see on other pictures.

    The network's features, averaged over the picture; their mean over faces taken away (see
    `centre_features`); a dense layer; and the vector's length set to 1. The dense layer begins as
    a random rotation and projection, which nearly keeps the distances between the features.

    Parameters
    ----------
    backbone : keras.Model
        ``Backbone.model`` from `helpers.mobilenet`, for pictures in -1 to 1. It becomes a part of
        the encoder: training one trains the other, and ``backbone.trainable = False`` before
        this call, or any time before compiling, trains the dense layer alone.
    picture_shape : (height, width, channels)
        With 3 channels, or 1 for grey pictures, which are repeated to three. They are resized to
        what the backbone takes, bicubically.
    dimensions : int or None
        Numbers in an embedding; None leaves the dense layer out, for the features as they are.
    cut : str, optional
        Name of a layer with feature maps, after which the rest of the backbone is left out; for
        example ``"conv_pw_7_relu"``, after the seventh of MobileNet's thirteen blocks. Early
        features tell people apart who the last ones, made for ImageNet's classes, take as one.
    seed : int, optional
        For the same random weights every time.

    Returns
    -------
    encoder : keras.Model
        From uint8 pictures of shape (batch, height, width, channels) to float32 embeddings of
        shape (batch, dimensions), of unit length.

    Raises
    ------
    ValueError
        If `picture_shape` is no such shape, `dimensions` is not a whole number from 1 on, or
        `backbone` has no layer with feature maps that is named `cut`.
    """
    _check_picture_shape(picture_shape)
    pictures = keras.Input(picture_shape, dtype="uint8", name="pictures")
    x = pictures if picture_shape[2] == 3 else ops.repeat(pictures, 3, axis=-1)
    x = mobilenet.prepared(x, backbone.input_shape[1:3])
    x = backbone(x) if cut is None else _cut(backbone, cut)(x)
    x = Centre(name="features")(x)
    x = _embedding(x, dimensions, seed)
    return keras.Model(pictures, x, name=f"{backbone.name}_encoder")


def centre_features(encoder, pictures, *, batch_size=64):
    """Let the features inside a pretrained encoder have a mean of 0 over some pictures.

    All faces are alike for a network that knows dogs and cars, so all its features of them point
    into nearly the same direction. What is left without their mean is where faces differ.

    Parameters
    ----------
    encoder : keras.Model
        From `pretrained_encoder`. Its layer ``features`` changes, and nothing else.
    pictures : uint8 array of shape (pictures, height, width, channels)
        Of the people to train on, never of those to test on.
    batch_size : int
        From 1 on.

    Raises
    ------
    ValueError
        If there are no pictures, they do not have the encoder's shape, `encoder` is another one, or
        `batch_size` no such number.
    """
    centre = next((layer for layer in encoder.layers if isinstance(layer, Centre)), None)
    if centre is None:
        raise ValueError(f"expected an encoder from pretrained_encoder, got {encoder.name!r}")
    pictures, wanted = np.asarray(pictures), encoder.input_shape[1:]
    if pictures.dtype != np.uint8 or pictures.shape[1:] != wanted or len(pictures) == 0:
        raise ValueError(
            f"expected uint8 pictures {('pictures', *wanted)}, got {pictures.dtype} of shape "
            f"{pictures.shape}"
        )
    batch_size = validation.integer(batch_size, "batch_size", minimum=1)
    model, total = keras.Model(encoder.input, centre.input), 0.0
    for start in range(0, len(pictures), batch_size):  # predict would compile the new model first
        features = model(pictures[start : start + batch_size], training=False)
        total = total + ops.convert_to_numpy(features).sum(axis=0, dtype=float)
    centre.mean.assign(total / len(pictures))


def encoder_id(model):
    """Tell an encoder from all others, by its name and by what decides its embeddings.

    That is its weights, the settings of its layers and operations, and how they are connected. The
    same for a copy with the same weights in another process, and after saving and loading, freezing
    or compiling; another one after a step of training.

    Parameters
    ----------
    model : keras.Model
        Built.

    Returns
    -------
    identity : str
        Its name and 16 hexadecimal digits of a SHA-256, for example
        ``"small_encoder-6c1f0f2a9d3b4e57"``; for `FaceDatabase`.

    Raises
    ------
    ValueError
        If the model has no weights yet; or a part of which nothing tells what it does: a Lambda
        layer, a function without a name, or one whose settings Keras cannot save.

    Notes
    -----
    Of layers and functions of one's own, the code is not looked at: give them another name when it
    changes. Of settings, those that have their default do not count, so that a setting which a new
    Keras adds leaves an identity as it was.
    """
    if not (model.built and model.weights):
        raise ValueError(f"model {model.name!r} has no weights yet: build it first")
    digest = hashlib.sha256(json.dumps(_architecture(model), sort_keys=True).encode())
    for weight in model.weights:
        digest.update(ops.convert_to_numpy(weight).astype("<f4").tobytes())
    name = re.sub(r"^(functional|sequential)_\d+$", r"\1", model.name)  # Keras counts its models
    return f"{name}-{digest.hexdigest()[:16]}"


def same_person_head(dimensions=128, kind="absolute"):
    """Build one logistic unit that says from two embeddings whether they are of one person.

    It sees how much the two differ in each number, with one learned weight for each:

    - ``absolute``: |a − b|;
    - ``chi-square``: (a − b)² / (|a| + |b|), a difference counts for more between small numbers.

    The χ² similarity (a − b)² / (a + b) needs numbers from 0 on. Embeddings have negative ones. We
    compare positive parts with positive parts, negative parts with negative parts, and add up both
    similarities: this is what the formula with |a| + |b| gives. Where nothing is negative, it is
    the paper's.

    Parameters
    ----------
    dimensions : int
        Numbers in an embedding.
    kind : {"absolute", "chi-square"}

    Returns
    -------
    head : keras.Model
        From a list of two float tensors of shape (batch, dimensions) to the probability that both
        are of one person, of shape (batch, 1). The same when the two change places.

    Raises
    ------
    ValueError
        If `dimensions` is not a whole number from 1 on, or `kind` is unknown.

    References
    ----------
    Taigman, Yang, Ranzato & Wolf, "DeepFace" (CVPR 2014), section 4: 4.2 for the absolute
    difference, 4.1 for χ², with weights that they take from a linear support vector machine.
    """
    _check_counts("dimensions", dimensions)
    if kind not in ("absolute", "chi-square"):
        raise ValueError(f"expected kind as 'absolute' or 'chi-square', got {kind!r}")
    first, second = (keras.Input((dimensions,), name=name) for name in ("first", "second"))
    difference = ops.abs(first - second)
    if kind == "chi-square":
        # The small number is for where both are 0.
        difference = difference**2 / (ops.abs(first) + ops.abs(second) + 1e-7)
    # To begin with, any difference speaks against one person, none more than another.
    start = keras.initializers.Constant(-(dimensions**-0.5))
    unit = layers.Dense(1, activation="sigmoid", kernel_initializer=start, name="logistic_unit")
    return keras.Model([first, second], unit(difference), name="same_person")


def siamese(encoder, kind="absolute"):
    """Build a network that says of two pictures whether they show one person.

    Both pictures go through the same encoder, with the same weights, and the two embeddings through
    `same_person_head`. Train it with binary cross-entropy on pairs, 1 for one person and 0 for two.

    Parameters
    ----------
    encoder : keras.Model
        From pictures to embeddings of shape (batch, dimensions). It becomes a part of the network:
        training one trains the other.
    kind : {"absolute", "chi-square"}
        See `same_person_head`.

    Returns
    -------
    model : keras.Model
        From a list of two batches of pictures to the probability that the two show one person, of
        shape (batch, 1). ``model.get_layer("same_person")`` is the head, for all pairs of many
        embeddings that have been computed once.

    Raises
    ------
    ValueError
        If `encoder` gives no embeddings, or `kind` is unknown.
    """
    if len(encoder.output_shape) != 2:
        raise ValueError(
            f"expected an encoder with embeddings (batch, dimensions), got {encoder.output_shape}"
        )
    head = same_person_head(encoder.output_shape[1], kind)
    shape, dtype = encoder.input_shape[1:], encoder.input.dtype
    pictures = [keras.Input(shape, dtype=dtype, name=name) for name in ("first", "second")]
    answer = head([encoder(picture) for picture in pictures])
    return keras.Model(pictures, answer, name="siamese")


@keras.saving.register_keras_serializable("helpers.faces")
class Centre(layers.Layer):
    """Take away a mean that is a weight, not trained but saved; 0 to begin with."""

    def build(self, input_shape):
        """Make the mean, one number for each feature."""
        self.mean = self.add_weight(
            shape=input_shape[-1:], initializer="zeros", trainable=False, name="mean"
        )

    def call(self, features):
        """Subtract the mean from features of shape (batch, numbers)."""
        return features - self.mean


def _embedding(x, dimensions, seed):
    if dimensions is not None:
        _check_counts("dimensions", dimensions)
        start = keras.initializers.Orthogonal(seed=next(_seeds(seed)))
        x = layers.Dense(dimensions, kernel_initializer=start, name="projection")(x)
    return layers.UnitNormalization(name="embedding")(x)


def _seeds(seed):
    """Yield another seed for each layer, or None for each."""
    seed = None if seed is None else validation.integer(seed, "seed", minimum=0)
    while True:
        yield seed
        seed = None if seed is None else seed + 1


def _cut(backbone, name):
    maps = [layer.name for layer in backbone.layers if len(layer.output.shape) == 4]
    if name not in maps:
        raise ValueError(
            f"expected cut as a layer with feature maps, such as {maps[-1]!r}; "
            f"{backbone.name!r} has none called {name!r}"
        )
    pooled = layers.GlobalAveragePooling2D(name="pooled")(backbone.get_layer(name).output)
    return keras.Model(backbone.input, pooled, name=backbone.name)


def _architecture(model):
    """Describe what a model does, without names and initial values, in the types of JSON."""
    operations = getattr(model, "operations", model.layers)  # operations are layers and more
    steps = [
        _architecture(step) if isinstance(step, keras.Model) else _step(step) for step in operations
    ]
    if isinstance(model, keras.Sequential):
        return steps
    config = _config(model)
    if "input_layers" not in config:  # a class of somebody's own
        return [*_step(model), steps]
    places = {step.name: place for place, step in enumerate(operations)}
    links = [layer["inbound_nodes"] for layer in config["layers"]]
    ends = [_places(config[end], places) for end in ("input_layers", "output_layers")]
    return [steps, _plain(links, places), ends]


def _step(operation):
    """Name a layer's or operation's class, and its settings that are not the default ones."""
    parameters = inspect.signature(type(operation).__init__).parameters
    settings = {}
    for name, value in _plain(_config(operation)).items():
        default = parameters[name].default if name in parameters else inspect.Parameter.empty
        default = list(default) if isinstance(default, tuple) else default
        # False for None is how Keras writes down what was not asked for.
        if not (value == default or (value is False and default is None)):
            settings[name] = value
    # An operation may cast to a type; that of a layer is how exactly it computes.
    if isinstance(operation, layers.Layer):
        settings.pop("dtype", None)
    return [type(operation).__name__, settings]


def _config(operation):
    """Return all that Keras saves of a layer, an operation or a model, without its weights."""
    try:
        if isinstance(operation, layers.Lambda):
            raise TypeError("use a layer of your own, or keras.ops, in place of Lambda")
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message=r"[\s\S]*lambda")  # a function without a name
            config = keras.saving.serialize_keras_object(operation)["config"]
        return json.loads(json.dumps(config))  # tuples become lists, as in a saved model
    except (TypeError, NotImplementedError, OSError, UserWarning) as error:
        raise ValueError(f"nothing tells what {operation.name!r} does: {error}") from error


def _plain(value, places=None):
    """Leave out of a part of a config what does not matter; layers become their places."""
    if isinstance(value, list):
        return [_plain(part, places) for part in value]
    if not isinstance(value, dict):
        return value
    kind, config = value.get("class_name"), value.get("config")
    if kind in ("__lambda__", "Lambda"):
        raise ValueError("nothing tells what a Lambda layer or a function without a name does")
    if kind == "__keras_tensor__":
        return _places(config["keras_history"], places)
    return {
        name: _plain(part, places) for name, part in value.items() if not _NO_MATTER.fullmatch(name)
    }


def _places(value, places):
    """Put places for names, in the lists by which Keras points at the outputs of layers."""
    if isinstance(value, (list, dict)):
        parts = value.values() if isinstance(value, dict) else value
        return [_places(part, places) for part in parts]
    return places.get(value, value)


def _check_picture_shape(shape, smallest_side=1):
    try:
        height, width, channels = shape
        for side in (height, width):
            validation.integer(side, "side", minimum=smallest_side)
        fits = validation.integer(channels, "channels") in (1, 3)
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise ValueError(
            "expected pictures (height, width, 1 or 3) with sides of at least "
            f"{smallest_side} pixels, got {shape}"
        )


def _check_counts(name, *counts):
    if not counts:
        raise ValueError(f"expected {name} as one or more integers, got none")
    for count in counts:
        validation.integer(count, name, minimum=1)
