"""Find the weights of a model in an ``.h5`` file of Keras' old format, whatever was frozen.

Such a file has one group for each of a model's outermost layers, and in it the arrays in the order
of `layer.trainable_weights` and then `layer.non_trainable_weights`. For a layer that has layers of
its own, this order depends on which of them were frozen, and the file does not say which. What it
does say are the names of the arrays, ``block/conv/kernel``, and for a whole model its layout.
"""

import itertools
import json
import re

import h5py
import numpy as np


def pair(file, model):
    """Find the array of each weight of a model, going by names where the order may mislead.

    Parameters
    ----------
    file : h5py.File
    model : keras.Model
        Built.

    Returns
    -------
    pairs : list of (keras.Variable, h5py.Dataset)
        Types and shapes may still disagree.

    Raises
    ------
    ValueError
        If the file has other layers than the model, or a layer other arrays; or if a layer has
        layers inside, whose names are others in the file, so that any could be frozen and out of
        order.
    """
    root = file
    if "layer_names" not in file.attrs and "model_weights" in file:
        root = _group(file, "model_weights")
    stored = {name: _arrays(_group(root, name)) for name in _layer_names(root)}
    stored = {name: arrays for name, arrays in stored.items() if arrays}
    layers = [layer for layer in model.layers if layer.weights]
    if len(stored) != len(layers):
        raise ValueError(f"it has weights of {len(stored)} layers, the model of {len(layers)}")
    layout = _layout(file)
    pairs = []
    for layer, name in zip(layers, _in_order(stored, layers), strict=True):
        pairs += _pair_layer(layer, stored[name], layout)
    if {id(variable) for variable, _ in pairs} != {id(weight) for weight in model.weights}:
        raise ValueError("the model has weights outside of its layers, which are not looked for")
    return pairs


def _in_order(stored, layers):
    """Name the group of each layer: its own name where all names are the same, or the next."""
    names = [layer.name for layer in layers]
    if set(names) != set(stored):
        return list(stored)
    moved = [layer for layer, name in zip(layers, stored, strict=True) if layer.name != name]
    if any(_is_numbered(layer) for layer in moved):
        raise ValueError("its layers are in another order than the model's, and names do not tell")
    return names


def _is_numbered(layer):
    """Say whether a layer has the name that Keras gives: of its class, and a number."""
    kind = type(layer).__name__.lower()
    return re.fullmatch(rf"{kind}\d*", layer.name.replace("_", "")) is not None


def _pair_layer(layer, arrays, layout):
    """Pair the weights of one outermost layer, by the innermost layers that they belong to."""
    if len(arrays) != len(layer.weights):
        raise ValueError(
            f"it has {len(arrays)} arrays for {layer.name!r}, the model {len(layer.weights)}"
        )
    ours = _grouped((weight.path, weight) for weight in layer.weights)
    theirs = _grouped(arrays)
    matches = None
    if len({weight.path for weight in layer.weights}) == len(layer.weights):
        if len(ours) == 1:  # no layers inside, and one order only
            return list(zip(layer.weights, [array for _, array in arrays], strict=True))
        matches = (
            _by_name(ours, theirs) or _by_layout(ours, theirs, layout) or _by_shape(ours, theirs)
        )
    if matches is None:
        raise ValueError(
            f"the layers inside {layer.name!r} have other names in it, so that any of them could "
            "have been frozen and be out of order; save the model's weights again as .weights.h5"
        )
    pairs = []
    for weights, found in matches:
        if len(weights) != len(found):
            raise ValueError(f"it has other arrays than the model inside {layer.name!r}")
        pairs += zip(weights, found, strict=True)  # within a layer there is one order only
    return pairs


def _grouped(named):
    """Group values by the path of their layer, in the order of their first."""
    groups = {}
    for path, value in named:
        groups.setdefault(tuple(path.split("/")[:-1]), []).append(value)
    return groups


def _by_name(ours, theirs):
    """Match groups whose paths end alike, in as few parts as tell all of them apart."""
    for depth in range(1, 5):
        mine, found = (
            {path[-depth:]: value for path, value in each.items()} for each in (ours, theirs)
        )
        if len(mine) == len(ours) and len(found) == len(theirs) and mine.keys() == found.keys():
            return [(mine[path], found[path]) for path in mine]
    return None


def _by_layout(ours, theirs, layout):
    """Match groups by their places in the layout of the whole model that was saved."""
    found = {path[-1:]: value for path, value in theirs.items()}
    names = [(name,) for name in layout if (name,) in found]
    if len(found) == len(theirs) == len(ours) and sorted(names) == sorted(found):
        return list(zip(ours.values(), [found[name] for name in names], strict=True))
    return None


def _by_shape(ours, theirs):
    """Match groups whose shapes no other group has."""
    mine, found = (
        {tuple(tuple(value.shape) for value in values): values for values in each.values()}
        for each in (ours, theirs)
    )
    if len(mine) == len(ours) and len(found) == len(theirs) and mine.keys() == found.keys():
        return [(mine[shapes], found[shapes]) for shapes in mine]
    return None


def _layout(file):
    """List the names of all innermost layers of a whole model in order, as far as it is one."""
    version = _text(file.attrs.get("keras_version", ""))
    if not version.startswith("3."):  # Keras 2 lists the layers of branches in another order
        return []
    try:
        return _innermost(json.loads(file.attrs["model_config"])["config"])
    except (KeyError, TypeError, ValueError, RecursionError):
        return []


def _innermost(config):
    names = []
    for layer in config["layers"]:
        config = layer["config"]
        names += _innermost(config) if "layers" in config else [config["name"]]
    return names


def _group(parent, name):
    group = parent.get(name)
    if not isinstance(group, h5py.Group):
        raise ValueError(f"it has no group {name!r}")
    return group


def _layer_names(root):
    return _texts(root, "layer_names") or list(root)


def _arrays(group):
    """List the arrays of a layer with their names, ``block/conv/kernel``."""
    named = []
    for name in _texts(group, "weight_names"):
        array = group.get(name)
        if not isinstance(array, h5py.Dataset):
            raise ValueError(f"it has no array {name!r}")
        named.append((name, array))
    return named


def _texts(group, name):
    """Read a list of texts; Keras puts one that is too long into several attributes."""
    if name in group.attrs:
        return _list(group, name)
    texts = []
    for part in itertools.count():
        if f"{name}{part}" not in group.attrs:
            return texts
        texts += _list(group, f"{name}{part}")


def _list(group, name):
    values = group.attrs[name]
    if np.ndim(values) != 1:
        raise ValueError(f"its {name} is no list of texts")
    return [_text(value) for value in values]


def _text(value):
    return value.decode() if isinstance(value, bytes) else str(value)
