"""The workbook's figures: pictures in a grid, learning curves, a network as a row of boxes.

Functions named ``show_...`` draw at once; ``draw_...`` return the figure for the caller to show.
"""

import math
import os

import numpy as np
from matplotlib import pyplot as plt
from PIL import Image

from helpers import images as image_tools
from helpers import validation

_NO_ARRAYS = (str, os.PathLike, Image.Image)  # but images all the same


def show_images(images, *, titles=None, columns=None, title=None, size=1.3, cmap="gray"):
    """Show pictures in a grid.

    Parameters
    ----------
    images : sequence of arrays, paths or PIL.Image.Image
        Arrays have the shape (height, width) or (height, width, 3), and are uint8 in 0 to 255, or
        float in 0 to 1. Files and images of Pillow's are read by `images.load_rgb`. One path, or
        one image of Pillow's, may come without a list.
    titles : sequence of str, optional
        One for each picture.
    columns : int, optional
        Pictures in a row; at most ten if not given.
    title : str, optional
        Title of the whole figure.
    size : float
        Width of one picture in inches.
    cmap : str
        Colours of one-channel pictures.

    Raises
    ------
    ValueError
        If there is no picture, one of another shape or value range or that cannot be read, not
        one title for each, or a number is out of range.
    FileNotFoundError
        If a path leads nowhere.
    """
    if isinstance(images, _NO_ARRAYS):
        images = [images]
    if not np.iterable(images):
        raise ValueError(f"expected a list of pictures, got {validation.shown(images)}")
    images = [_as_picture(image) for image in images]
    if not images:
        raise ValueError("expected at least one picture, got none")
    size = validation.real(size, "size", above=0)
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"expected {len(images)} titles, one for each picture; got {len(titles)}")
    columns, rows = _grid(len(images), columns, at_most=10)
    title_lines = 0 if titles is None else max(str(text).count("\n") + 1 for text in titles)
    picture_height = size * max(image.shape[0] / image.shape[1] for image in images)
    height = rows * (picture_height + 0.2 * title_lines) + (0.4 if title else 0.1)
    figure, axes = plt.subplots(
        rows, columns, figsize=(columns * size, height), squeeze=False, layout="constrained"
    )
    for axis in axes.flat:
        axis.axis("off")
    for number, (axis, image) in enumerate(zip(axes.flat, images, strict=False)):
        top = 255 if image.dtype == np.uint8 else 1
        axis.imshow(image, cmap=cmap, vmin=0, vmax=top, interpolation="nearest")
        if titles is not None:
            axis.set_title(titles[number], fontsize=9)
    if title:
        figure.suptitle(title)
    plt.show()


def show_responses(responses, *, titles, columns=None, title=None, size=3.0):
    """Show filter responses with their sign: blue below zero, white at zero, red above.

    Parameters
    ----------
    responses : sequence of float arrays of shape (height, width)
    titles : sequence of str
    columns : int, optional
    title : str, optional
    size : float
        Width and height of one picture in inches.

    Raises
    ------
    ValueError
        If there is no response, one of another shape or with NaN or infinity, not one title for
        each, or a number is out of range.
    """
    if len(responses) == 0 or len(titles) != len(responses):
        raise ValueError(
            "expected at least one response and a title for each; "
            f"got {len(responses)} responses and {len(titles)} titles"
        )
    responses = [np.asarray(response, float) for response in responses]
    for response in responses:
        if response.ndim != 2 or not np.isfinite(response).all():
            raise ValueError(f"expected finite (height, width), got {_found(response)}")
    size = validation.real(size, "size", above=0)
    columns, rows = _grid(len(responses), columns, at_most=3)
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(columns * (size + 0.8), rows * (size + 0.1) + (0.3 if title else 0)),
        squeeze=False,
        layout="constrained",
    )
    for axis in axes.flat:
        axis.axis("off")
    for axis, response, text in zip(axes.flat, responses, titles, strict=False):
        limit = max(float(np.percentile(np.abs(response), 99)), 1e-12)
        drawn = axis.imshow(response, cmap="RdBu_r", vmin=-limit, vmax=limit)
        axis.set_title(text, fontsize=10)
        figure.colorbar(drawn, ax=axis, shrink=0.75)
    if title:
        figure.suptitle(title)
    plt.show()


def draw_learning_curves(histories, *, epochs=None, quantities=("loss", "accuracy")):
    """Draw loss and accuracy over the epochs, training dashed and validation solid.

    Parameters
    ----------
    histories : dict of name to history
        A history is the dict that Keras makes: ``loss``, ``accuracy``, and the same with
        ``val_`` in front, each a list with one number an epoch.
    epochs : int, optional
        Where the horizontal axis ends; at the longest history if not given.
    quantities : sequence of str
        What to draw of each history, side by side.

    Returns
    -------
    figure : matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no history, or one without a finished epoch, or `epochs` is no integer from 1
        on.
    """
    if epochs is not None:
        epochs = validation.integer(epochs, "epochs", minimum=1)
    if not histories or not all(
        len(history.get(name, [])) for history in histories.values() for name in quantities
    ):
        wanted = " and ".join(quantities)
        raise ValueError(f"expected at least one history, each with {wanted} of an epoch")
    longest = max(len(history[quantities[0]]) for history in histories.values())
    size = 5 * len(quantities), 3.8
    figure, axes = plt.subplots(
        1, len(quantities), figsize=size, layout="constrained", squeeze=False
    )
    better = {"loss": "Loss (lower is better)", "accuracy": "Accuracy (higher is better)"}
    for axis, quantity in zip(axes[0], quantities, strict=True):
        for color, (name, history) in enumerate(histories.items()):
            for prefix, style, part in [("", "--", "training"), ("val_", "-", "validation")]:
                values = history.get(prefix + quantity)
                if not values:
                    continue  # training without validation
                label = f"{part}, {name}" if len(histories) > 1 else part
                steps = range(1, len(values) + 1)
                axis.plot(steps, values, style, color=f"C{color}", marker=".", label=label)
        axis.set(xlabel="epoch", ylabel=quantity, xlim=(0.5, (epochs or longest) + 0.5))
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.grid(alpha=0.3)
        axis.set_title(better.get(quantity, quantity))
    axes[0, -1].legend(fontsize=9)
    if len(histories) == 1:
        figure.suptitle(next(iter(histories)))
    return figure


def show_learning_curves(histories):
    """Show the learning curves of one or several trainings, see `draw_learning_curves`."""
    draw_learning_curves(histories)
    plt.show()


def show_confusion_matrix(counts, class_names, *, title):
    """Show how often each class was taken for each other one, in percent of its row.

    Parameters
    ----------
    counts : int array of shape (classes, classes)
        Rows are the true classes, columns the predicted ones.
    class_names : sequence of str
    title : str

    Raises
    ------
    ValueError
        If `counts` is not square, does not fit the names, or holds anything but counts.
    """
    counts = np.asarray(counts)
    expected = (len(class_names), len(class_names))
    if counts.shape != expected:
        raise ValueError(f"expected counts of shape {expected}, got {counts.shape}")
    if not (counts.dtype.kind in "iu" and counts.min(initial=0) >= 0):
        raise ValueError("expected counts, whole numbers from 0 on, in the confusion matrix")
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axis = plt.subplots(figsize=(7.5, 6.5), layout="constrained")
    drawn = axis.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    places = range(len(class_names))
    axis.set_xticks(places, class_names, rotation=45, ha="right")
    axis.set_yticks(places, class_names)
    axis.set(xlabel="predicted class", ylabel="true class", title=title)
    for row in places:
        for column in places:
            ink = "white" if shares[row, column] > 50 else "black"
            text = f"{shares[row, column]:.0f}"
            axis.text(column, row, text, ha="center", va="center", color=ink, fontsize=9)
    figure.colorbar(drawn, ax=axis, label="share of the true class, %", shrink=0.8)
    plt.show()


def show_histograms(samples, *, bins, xlabel, ylabel, title):
    """Show how two or more sets of numbers are spread, on one axis, with the mean of each.

    Parameters
    ----------
    samples : dict of name to float array
    bins : sequence of float
        Edges of the bars.
    xlabel, ylabel, title : str

    Raises
    ------
    ValueError
        If there is no set of numbers.
    """
    if not samples:
        raise ValueError("expected at least one set of numbers, got none")
    _, axis = plt.subplots(figsize=(6.5, 3.2), layout="constrained")
    for color, (name, values) in enumerate(samples.items()):
        axis.hist(values, bins=bins, alpha=0.6, color=f"C{color}", label=name)
        axis.axvline(np.mean(values), color=f"C{color}", linestyle="--", label=f"mean, {name}")
    axis.set(xlabel=xlabel, ylabel=ylabel, title=title)
    axis.yaxis.get_major_locator().set_params(integer=True)
    axis.legend(fontsize=9)
    plt.show()


def show_sheet(sheet, *, title, size=6.0):
    """Show one large picture made of small ones, see `filters.tile`.

    Parameters
    ----------
    sheet : float array of shape (height, width, 3)
        Values in 0 to 1.
    title : str
    size : float
        Width in inches.
    """
    show_sheets([sheet], titles=[title], size=size)


def show_sheets(sheets, *, titles, title=None, size=5.0):
    """Show several sheets side by side, see `show_sheet`.

    Parameters
    ----------
    sheets : sequence of arrays of shape (height, width, 3)
        Float in 0 to 1, or uint8 in 0 to 255.
    titles : sequence of str
    title : str, optional
        Title of the whole figure.
    size : float
        Width of one sheet in inches.

    Raises
    ------
    ValueError
        If there is no sheet, one of another shape or value range, or not one title for each.
    """
    if len(sheets) == 0 or len(titles) != len(sheets):
        raise ValueError(
            "expected at least one sheet and a title for each; "
            f"got {len(sheets)} sheets and {len(titles)} titles"
        )
    sheets = [_as_picture(sheet) for sheet in sheets]
    size = validation.real(size, "size", above=0)
    tallest = max(sheet.shape[0] / sheet.shape[1] for sheet in sheets)
    figure, axes = plt.subplots(
        1,
        len(sheets),
        figsize=(size * len(sheets), size * tallest + 0.5),
        squeeze=False,
        layout="constrained",
    )
    figure.get_layout_engine().set(wspace=0.1)  # or two sheets look like one
    for axis, sheet, text in zip(axes.flat, sheets, titles, strict=True):
        axis.imshow(sheet, interpolation="nearest", vmin=0, vmax=1)
        axis.set_title(text, fontsize=11)
        axis.axis("off")
    if title:
        figure.suptitle(title)
    plt.show()


def show_network(model):
    """Draw a network as a row of boxes: each layer with its output shape and parameters.

    Parameters
    ----------
    model : keras.Model
        Built, and a plain chain of layers.

    Raises
    ------
    ValueError
        If the model has no layers with known output shapes.
    """
    if not model.layers or not model.built:
        raise ValueError("expected a built model with at least one layer, got another")
    boxes = [_box_text(layer) for layer in model.layers]
    _, axis = plt.subplots(figsize=(1.75 * len(boxes), 2.3), layout="constrained")
    axis.set(xlim=(-0.55, len(boxes) - 0.45), ylim=(-0.75, 0.75))
    axis.axis("off")
    for place, (kind, name, shape, count) in enumerate(boxes):
        color = "#cfe3f7" if count else "#eeeeee"
        axis.add_patch(
            plt.Rectangle((place - 0.41, -0.55), 0.82, 1.1, facecolor=color, edgecolor="#456")
        )
        axis.text(place, 0.34, name, ha="center", va="center", weight="bold", fontsize=10)
        axis.text(place, 0.1, kind, ha="center", va="center", fontsize=8)
        axis.text(place, -0.14, shape, ha="center", va="center", fontsize=9)
        parameters = f"{count:,} parameters" if count else "no parameters"
        axis.text(place, -0.38, parameters, ha="center", va="center", fontsize=7.5)
        if place:
            axis.annotate(
                "",
                (place - 0.41, 0),
                (place - 0.59, 0),
                arrowprops={"arrowstyle": "->", "color": "#456"},
            )
    axis.set_title(f"{model.name}: {model.count_params():,} parameters")
    plt.show()


def _box_text(layer):
    shape = " × ".join(str(size) for size in layer.output.shape[1:])
    return type(layer).__name__, layer.name, shape, layer.count_params()


def _grid(count, columns, *, at_most):
    """Decide how many columns and rows hold `count` pictures."""
    if columns is None:
        columns = min(count, at_most)
    columns = validation.integer(columns, "columns", minimum=1)
    return columns, math.ceil(count / columns)


def _as_picture(image):
    """Return an array to show, which stays grey if it is."""
    image = image_tools.load_rgb(image) if isinstance(image, _NO_ARRAYS) else np.asarray(image)
    if image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)) or 0 in image.shape:
        raise ValueError(f"expected (height, width) or (height, width, 3), got {image.shape}")
    is_float = image.dtype.kind == "f"
    if image.dtype != np.uint8 and not (is_float and image.min() >= 0 and image.max() <= 1):
        raise ValueError(f"expected uint8 in 0..255 or float in 0..1, got {_found(image)}")
    return image


def _found(array):
    """Say what an array is, for an error."""
    values = f" in {array.min()}..{array.max()}" if array.dtype.kind in "iuf" and array.size else ""
    return f"{array.dtype} of shape {array.shape}{values}"
