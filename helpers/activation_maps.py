"""Which places of a picture spoke for a class: class activation maps and Grad-CAM."""

import keras
import numpy as np


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
        Functional or sequential, from pictures to class scores (before a softmax).
    layer_name : str
        A layer of `model` that puts out maps (pictures, rows, columns, channels).
    images : array of shape (pictures, height, width, channels)
        As `model` takes them.
    classes : int array of shape (pictures,)
        The class to ask for, for each picture.

    Returns
    -------
    maps : float array of shape (pictures, rows, columns)
        From 0 on; places that lower the score are 0, as in the paper.

    Raises
    ------
    ValueError
        If the layer does not exist or puts out no maps, there is not one class for each picture,
        or a class is none of the model's.

    References
    ----------
    Selvaraju, Cogswell, Das, Vedantam, Parikh & Batra (ICCV 2017), equations 1 and 2.
    """
    import tensorflow as tf  # Keras has no gradient of its own

    below, above = _split(model, layer_name)
    classes = _check_classes(classes, len(images), above.output_shape[-1])
    maps = tf.convert_to_tensor(below(images, training=False))
    with tf.GradientTape() as tape:
        tape.watch(maps)
        scores = above(maps, training=False)
        chosen = tf.reduce_sum(tf.gather(scores, classes, batch_dims=1))
    gradient = tape.gradient(chosen, maps)
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
    if not 0 <= strength <= 1:
        raise ValueError(f"strength must lie in 0..1, got {strength}")
    large = transform.resize(heat, image.shape[:2], order=1, mode="edge")
    spread = large.max() - large.min()
    level = (large - large.min()) / spread if spread > 0 else np.zeros_like(large)
    colours = matplotlib.colormaps[cmap](level)[..., :3] * 255
    return np.rint((1 - strength) * image + strength * colours).astype(np.uint8)


def _split(model, layer_name):
    """Cut a model behind a layer: from pictures to its maps, and from there to the scores."""
    names = [layer.name for layer in model.layers]
    if layer_name not in names:
        raise ValueError(f"the model has no layer {layer_name!r}, but {', '.join(names)}")
    maps = model.get_layer(layer_name).output
    if len(maps.shape) != 4:
        raise ValueError(
            f"expected a layer that puts out (pictures, rows, columns, channels), "
            f"but {layer_name!r} puts out {maps.shape}"
        )
    return keras.Model(model.inputs[0], maps), keras.Model(maps, model.outputs[0])


def _check_classes(classes, num_pictures, num_classes):
    classes = np.asarray(classes)
    if classes.shape != (num_pictures,) or classes.dtype.kind not in "iu":
        raise ValueError(f"expected {num_pictures} classes, one for each picture; got {classes}")
    if num_pictures and not 0 <= classes.min() <= classes.max() < num_classes:
        raise ValueError(f"expected classes in 0..{num_classes - 1}, got {classes}")
    return classes
