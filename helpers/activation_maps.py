"""Which places of a picture spoke for a class: class activation maps and Grad-CAM."""

import contextlib
import functools

import keras
import numpy as np

from helpers import validation


def class_activation_maps(feature_maps, kernel):
    """Weigh a network's last maps for each class, before their mean is taken.

    For a network that ends in global average pooling and one dense layer, the mean of a class's
    map plus the class's bias is the class's score.

    Parameters
    ----------
    feature_maps : float array of shape (pictures, rows, columns, channels)
        What the network's global average pooling is given.
    kernel : float array of shape (channels, classes)
        Weights of the dense layer.

    Returns
    -------
    maps : float array of shape (pictures, rows, columns, classes)
        In units of the scores; positive where a place speaks for the class.

    Raises
    ------
    ValueError
        If the shapes are others, or do not have the same number of channels.

    References
    ----------
    Zhou, Khosla, Lapedriza, Oliva & Torralba (CVPR 2016), equation 2. They sum over places; with
    a mean, as here, the maps are larger by the number of places.
    """
    feature_maps, kernel = np.asarray(feature_maps), np.asarray(kernel)
    if feature_maps.ndim != 4 or kernel.ndim != 2 or feature_maps.shape[-1] != len(kernel):
        raise ValueError(
            "expected maps (pictures, rows, columns, channels) and a kernel (channels, classes), "
            f"got {feature_maps.shape} and {kernel.shape}"
        )
    return feature_maps @ kernel


def grad_cam(model, layer_name, images, classes):
    """Find the places where a layer's maps raise the score of a class, for any network.

    Parameters
    ----------
    model : keras.Model
        Functional, sequential or of a class of its own, from images to class scores. Of a softmax
        or sigmoid at its end the input is taken: the classes' scores, or logits. Behind a softmax
        that is sure of itself all gradients would be nearly 0.
    layer_name : str or keras.Layer
        A layer that puts out maps (images, rows, columns, channels): a part of `model`, or of a
        model or layer inside it. A name that several layers have means the one that `model` itself
        has; otherwise give the layer. Of a layer that is called more than once, the last call
        counts.
    images : array of shape (images, height, width, channels)
        As `model` takes them.
    classes : int array of shape (images,)
        The class to ask for, for each image.

    Returns
    -------
    maps : float array of shape (images, rows, columns)
        From 0 on; places that lower the score are 0, as in the paper.

    Raises
    ------
    ValueError
        If the layer does not exist or puts out no maps, the scores do not depend on it or are
        probabilities whose logits cannot be had, there is not one class for each image, or a
        class is none of the model's.

    References
    ----------
    Selvaraju, Cogswell, Das, Vedantam, Parikh & Batra (ICCV 2017), equations 1 and 2.
    """
    import tensorflow as tf  # Keras has no gradient of its own

    layer = _find_layer(model, layer_name)
    images = tf.convert_to_tensor(_check_batch(images))
    with tf.GradientTape() as tape, _output_watched(layer, model, tape) as outputs:
        scores = model(images, training=False)
        maps = _check_maps(outputs, layer)
        scores = _logits(scores)
        classes = _check_classes(classes, len(images), scores.shape[-1])
        chosen = tf.reduce_sum(tf.gather(scores, classes, batch_dims=1))
    gradient = tape.gradient(chosen, maps)
    if gradient is None:
        raise ValueError(f"the scores do not depend on the maps of layer {layer.name!r}")
    maps, gradient = tf.cast(maps, "float32"), tf.cast(gradient, "float32")
    importance = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)  # of each channel
    return tf.nn.relu(tf.reduce_sum(importance * maps, axis=-1)).numpy()


def overlay(image, heat, *, strength=0.5, cmap="inferno"):
    """Lay a map over its picture: dark where it is low, bright where it is high.

    Parameters
    ----------
    image : uint8 array of shape (height, width, 3)
        RGB in 0 to 255.
    heat : float array of shape (rows, columns)
        Any size; stretched to the picture's, and its range to the whole scale of colours.
    strength : float
        Share of the map in the mixture, 0 to 1.
    cmap : str
        A colour map of Matplotlib's.

    Returns
    -------
    mixture : uint8 array of shape (height, width, 3)

    Raises
    ------
    ValueError
        If `image` is no RGB picture, `heat` no finite map or `strength` outside 0 to 1.
    """
    import matplotlib
    from skimage import transform

    image, heat = np.asarray(image), np.asarray(heat, float)
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(f"expected uint8 (height, width, 3), got {image.dtype} {image.shape}")
    if heat.ndim != 2 or not heat.size or not np.isfinite(heat).all():
        raise ValueError(f"expected a finite map (rows, columns), got one of shape {heat.shape}")
    strength = validation.real(strength, "strength", minimum=0, maximum=1)
    large = transform.resize(heat, image.shape[:2], order=1, mode="edge")
    spread = large.max() - large.min()
    level = (large - large.min()) / spread if spread > 0 else np.zeros_like(large)
    colours = matplotlib.colormaps[cmap](level)[..., :3] * 255
    return np.rint((1 - strength) * image + strength * colours).astype(np.uint8)


def _find_layer(model, wanted):
    """Find a layer in a model, or in the models and layers that it is made of."""
    inside = _layers_inside(model)
    if isinstance(wanted, keras.Layer):
        if not any(layer is wanted for layer in inside):
            raise ValueError(f"the layer {wanted.name!r} is no part of the model {model.name!r}")
        return wanted
    found = [layer for layer in inside if layer.name == wanted]
    found = [layer for layer in found if any(layer is own for own in model.layers)] or found
    if not found:
        names = ", ".join(layer.name for layer in model.layers)
        raise ValueError(f"the model has no layer {wanted!r}, but {names}, and what these contain")
    if len(found) > 1:
        raise ValueError(
            f"{len(found)} layers inside the model are called {wanted!r}: give the layer itself, "
            "for example model.get_layer(...).get_layer(...)"
        )
    return found[0]


def _layers_inside(layer):
    """List the layers that a model or layer consists of, at every depth, each once."""
    if isinstance(layer, keras.Model):
        parts = layer.layers
    else:  # only a model has a public list of them
        parts = layer._flatten_layers(include_self=False, recursive=False)
    inside = {id(each): each for part in parts for each in (part, *_layers_inside(part))}
    return list(inside.values())


@contextlib.contextmanager
def _output_watched(layer, model, tape):
    """Have the tape watch what a layer puts out, and list it, one entry for each call.

    So the network runs as it is, whatever it is made of and however its layers are connected.
    """
    import tensorflow as tf

    outputs = []

    def watch(tensors):
        # A copy: a layer that changes nothing returns the very tensor that it was given, and what
        # goes past the layer would count, too.
        copies = keras.tree.map_structure(tf.identity, tensors)
        tape.watch([each for each in keras.tree.flatten(copies) if each.dtype.is_floating])
        outputs.append(copies)
        return copies

    if isinstance(layer, keras.layers.InputLayer):  # not called: its model is, with the same
        models = [each for each in (model, *_layers_inside(model)) if hasattr(each, "layers")]
        place = next(each for each in models if any(own is layer for own in each.layers))
        call = place.call

        def watched_call(inputs, *args, **kwargs):
            return call(watch(inputs), *args, **kwargs)

    else:
        place, call = layer, layer.call

        def watched_call(*args, **kwargs):
            return watch(call(*args, **kwargs))

    ran_eagerly, before = tf.config.functions_run_eagerly(), vars(place).copy()
    vars(place)["call"] = functools.wraps(call)(watched_call)
    tf.config.run_functions_eagerly(True)  # inside a tf.function there are no values to watch
    try:
        yield outputs
    finally:
        tf.config.run_functions_eagerly(ran_eagerly)
        del vars(place)["call"]
        if "call" in before:  # somebody else's
            vars(place)["call"] = before["call"]


def _check_maps(outputs, layer):
    if not outputs:
        raise ValueError(f"the model does not call the layer {layer.name!r}")
    maps = outputs[-1]
    if len(getattr(maps, "shape", ())) != 4 or not maps.dtype.is_floating:
        found = keras.tree.map_structure(lambda each: f"{each.dtype.name} {each.shape}", maps)
        raise ValueError(
            "expected a layer that puts out float maps (images, rows, columns, channels), "
            f"but {layer.name!r} puts out {found}"
        )
    return maps


def _logits(scores):
    """Return what was given to the softmax or sigmoid at the end, if there is one."""
    scores = keras.tree.flatten(scores)[0]
    if len(scores.shape) != 2:
        raise ValueError(f"expected scores (images, classes) of the model, got {scores.shape}")
    logits = getattr(scores, "_keras_logits", None)  # kept by Keras for the cross-entropy
    if logits is not None:
        return logits
    if _are_probabilities(np.asarray(scores)):
        raise ValueError(
            "the model puts out probabilities, and the scores before its softmax cannot be found; "
            "give it the scores as output: behind a softmax that is sure, gradients are nearly 0"
        )
    return scores


def _are_probabilities(scores):
    """Tell whether these come from a softmax, or from the logarithm of one."""
    if scores.shape[1] < 2 or not len(scores):
        return False
    tolerance = 1e-2 if scores.dtype.itemsize == 2 else 1e-5
    with np.errstate(over="ignore"):
        probabilities = scores if scores.min() >= 0 else np.exp(scores)
    return np.allclose(probabilities.sum(axis=1, dtype="float64"), 1, rtol=0, atol=tolerance)


def _check_batch(images):
    """Refuse images that are none, or no finite numbers."""
    array = np.asarray(images)
    if not len(array.shape) or not len(array) or array.dtype.kind not in "biuf":
        raise ValueError(f"expected images as numbers, got {array.dtype} of shape {array.shape}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError("expected finite images, got NaN or infinity")
    return images


def _check_classes(classes, num_images, num_classes):
    classes = np.asarray(classes)
    if classes.shape != (num_images,) or classes.dtype.kind not in "iu":
        raise ValueError(f"expected {num_images} classes, one for each image; got {classes}")
    if num_images and not 0 <= classes.min() <= classes.max() < num_classes:
        raise ValueError(f"expected classes in 0..{num_classes - 1}, got {classes}")
    return classes.astype("int64")
