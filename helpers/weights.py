"""Load a network's weights from a file, completely or not at all."""

import collections
import contextlib
import math
import pathlib
import re
import warnings

import h5py

_MOST_SHAPES = 3  # that an error lists; a file of another network may have hundreds


def load(model, path):
    """Load a file of weights into a model, or say what does not fit and leave the model as it is.

    Keras alone may stop half-way, and passes over what the file has beyond the model. Only
    weights are taken: an optimizer keeps its state and its learning rate.

    Parameters
    ----------
    model : keras.Model
        Built, with the layers that the file was saved from in the same order. Their names do not
        matter.
    path : str or pathlib.Path
        A ``.weights.h5`` file as ``model.save_weights`` writes it, or an ``.h5`` file as Keras 2
        wrote it, for weights or for a whole model.

    Raises
    ------
    ValueError
        If the model is not built; or if the file is missing, damaged or not HDF5, or does not have
        all of the arrays that the model needs, in their order, and no others.
    """
    path = pathlib.Path(path)
    if not (model.built and model.weights):
        raise ValueError(f"model {model.name!r} has no weights yet: build it before loading {path}")
    is_keras_3 = path.name.endswith(".weights.h5")
    if not (is_keras_3 or path.suffix == ".h5"):
        raise ValueError(f"expected a file whose name ends in .weights.h5 or .h5, got {path}")
    _check_shapes(model, path)
    settings = {"objects_to_skip": [getattr(model, "optimizer", None)]} if is_keras_3 else {}
    try:
        with all_or_nothing(model), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Skipping")  # the error says what is amiss
            model.load_weights(path, **settings)
    except Exception as error:
        told = re.split("List of objects|Target variable", str(error))[0]  # then come many numbers
        reason = " ".join(told.split())
        raise ValueError(f"{path} does not fit model {model.name!r}: {reason}") from error


def _check_shapes(model, path):
    """Compare the shapes of a file's arrays, in any order, with those of a model's variables."""
    stored = collections.Counter(_stored_shapes(path))
    needed = collections.Counter(tuple(weight.shape) for weight in model.weights)
    welcome = collections.Counter(tuple(variable.shape) for variable in model.variables)
    missing, surplus = needed - stored, stored - welcome  # welcome are states of dropout, too
    if missing or surplus:
        raise ValueError(
            f"{path} does not fit model {model.name!r}: it has {stored.total()} arrays, the model "
            f"{needed.total()}; only the model has {_listed(missing)}; "
            f"only the file has {_listed(surplus)}"
        )


def _stored_shapes(path):
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    shapes = []

    def note(name, entry):
        if isinstance(entry, h5py.Dataset) and not name.startswith("optimizer"):
            shapes.append(entry.shape or ())  # None for an empty array

    try:
        with h5py.File(path) as file:
            file.visititems(note)
    except Exception as error:  # damaged bytes come as errors of many kinds
        raise ValueError(f"{path} is damaged or not an HDF5 file: {error}") from error
    return shapes


def _listed(shapes):
    """Name a few shapes: ``(3, 3, 3, 16), (16,), (16,) and 2 more``."""
    if not shapes:
        return "nothing else"
    largest_first = sorted(shapes.elements(), key=math.prod, reverse=True)
    several = ", ".join(str(shape) for shape in largest_first[:_MOST_SHAPES])
    rest = len(largest_first) - _MOST_SHAPES
    return f"{several} and {rest} more" if rest > 0 else several


@contextlib.contextmanager
def all_or_nothing(model):
    """Put all variables of a model back when the block fails, Ctrl-C included.

    Parameters
    ----------
    model : keras.Model
        Built.
    """
    before = [variable.numpy() for variable in model.variables]
    try:
        yield
    except BaseException:
        for variable, value in zip(model.variables, before, strict=True):
            variable.assign(value)
        _finalize(model)
        raise


def _finalize(layer):
    """Let layers that compute with copies of their weights, as Normalization does, renew them."""
    for inner in getattr(layer, "layers", []):
        _finalize(inner)
    if hasattr(layer, "finalize_state"):
        layer.finalize_state()
