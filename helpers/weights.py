"""Load a network's weights from a file, completely or not at all."""

import collections
import contextlib
import math
import pathlib
import re
import typing
import warnings

import h5py
import numpy as np

from helpers import hdf5, old_weights

_MOST_SHAPES = 3  # that an error lists; a file of another network may have hundreds


def load(model, path):
    """Load a file of weights into a model, or say what does not fit and leave the model as it is.

    Keras alone may stop half-way, and passes over what the file has beyond the model. Only
    weights are taken: an optimizer keeps its state and its learning rate.

    Parameters
    ----------
    model : keras.Model
        Built, with the layers that the file was saved from in the same order. Their names matter
        only for an ``.h5`` file, and there only where layers have layers inside, or where all names
        are the same, but in another order.
    path : str or pathlib.Path
        A ``.weights.h5`` file as ``model.save_weights`` writes it, or an ``.h5`` file as Keras 2
        wrote it, for weights or for a whole model. It may have been saved with other layers frozen.

    Raises
    ------
    ValueError
        If the model is not built; if the file cannot be used, see `hdf5.opened`; if it does not
        have all of the arrays that the model needs, in their order, and no others, or does not
        tell which is which; if a number is not finite, or a variance negative. The model then
        stays as it was.
    """
    path = pathlib.Path(path)
    if not (model.built and model.weights):
        raise ValueError(f"model {model.name!r} has no weights yet: build it before loading {path}")
    is_keras_3 = path.name.endswith(".weights.h5")
    if not (is_keras_3 or path.suffix == ".h5"):
        raise ValueError(f"expected a file whose name ends in .weights.h5 or .h5, got {path}")
    with hdf5.opened(path) as file:
        difference = _difference(model, file)
    if difference:
        raise ValueError(f"{path} does not fit model {model.name!r}: {difference}")
    try:
        with all_or_nothing(model):
            (_load_keras_3 if is_keras_3 else _load_old)(model, path)
            _check_values(model)
    except Exception as error:
        told = re.split("List of objects|Target variable", str(error))[0]  # then come many numbers
        reason = " ".join(told.split()).removeprefix(f"{path} cannot be used: ")
        raise ValueError(f"{path} does not fit model {model.name!r}: {reason}") from error


def _load_keras_3(model, path):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Skipping")  # the error says what is amiss
        model.load_weights(path, objects_to_skip=[getattr(model, "optimizer", None)])


def _load_old(model, path):
    with hdf5.opened(path) as file:
        for variable, array in old_weights.pair(file, model):
            if tuple(variable.shape) != array.shape:
                raise ValueError(
                    f"expected {tuple(variable.shape)} for {variable.path}, got {array.shape}"
                )
            variable.assign(array[()])
    _finalize(model)


def _check_values(model):
    """Refuse weights that are not finite, and variances below zero."""
    for weight in model.weights:
        values = np.asarray(weight.numpy(), "float64")
        if not np.isfinite(values).all():
            raise ValueError(f"it has a number that is not finite, for {weight.path}")
        if weight.name.endswith("variance") and (values < 0).any():
            raise ValueError(f"it has a negative variance, {values.min():g}, for {weight.path}")


def _difference(model, file):
    """Compare a file's arrays, in any order, with a model's variables; say where they differ."""
    stored = collections.Counter(_stored_forms(file))
    needed = collections.Counter(_form(weight) for weight in model.weights)
    welcome = collections.Counter(_form(variable) for variable in model.variables)
    missing, surplus = needed - stored, stored - welcome  # welcome are states of dropout, too
    if not missing and not surplus:
        return None
    return (
        f"it has {stored.total()} arrays, the model {needed.total()}; only the model has "
        f"{_listed(missing)}; only the file has {_listed(surplus)}"
    )


class _Form(typing.NamedTuple):
    """What an array of a file and a variable must have in common."""

    shape: tuple
    kind: str = ""  # of numbers, where they are no floats

    def __str__(self):
        return f"{self.shape} of {self.kind}" if self.kind else str(self.shape)


_KINDS = {"f": "", "i": "integers", "u": "integers", "b": "bool"}  # by NumPy's letters


def _form(variable):
    name = str(variable.dtype)
    kind = "integers" if "int" in name else "bool" if name == "bool" else ""
    return _Form(tuple(variable.shape), kind)


def _stored_forms(file):
    entries = []
    file.visititems(lambda name, entry: entries.append((name, entry)))
    return [
        _stored_form(name, entry)
        for name, entry in entries
        if isinstance(entry, h5py.Dataset) and not name.startswith("optimizer")
    ]


def _stored_form(name, array):
    is_bfloat16 = str(array.attrs.get("dtype", "")) == "bfloat16"  # HDF5 has none of its own
    kind = "" if is_bfloat16 else _KINDS.get(array.dtype.kind)
    if kind is None:
        raise ValueError(f"{name} is {array.dtype}, not of numbers")
    return _Form(array.shape or (), kind)  # None for an empty array


def _listed(forms):
    """Name a few shapes: ``(3, 3, 3, 16), (16,), (16,) and 2 more``."""
    if not forms:
        return "nothing else"
    largest_first = sorted(forms.elements(), key=lambda form: math.prod(form.shape), reverse=True)
    several = ", ".join(str(form) for form in largest_first[:_MOST_SHAPES])
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
