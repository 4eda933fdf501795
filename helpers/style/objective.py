"""What a transfer strives for: its terms, their weights, and the cost of a picture at one size."""

import dataclasses
import typing

import numpy as np
from keras import ops

from helpers import validation
from helpers.style import costs, pictures

_LARGEST_WEIGHT = float(np.finfo("float32").max)


@dataclasses.dataclass(frozen=True)
class Goal:
    """How much each term and each layer counts.

    Parameters
    ----------
    content_layers, style_layers : dict from str to float
        A weight for each layer that is read.
    content_weight, style_weight, variation_weight : float
        Alpha, beta and gamma.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, all of some layers are 0, or alpha and beta are.
    """

    content_layers: dict
    style_layers: dict
    content_weight: float
    style_weight: float
    variation_weight: float

    def __post_init__(self):
        for name in ("content_weight", "style_weight", "variation_weight"):
            check_weights({name: getattr(self, name)})
        for name in ("content_layers", "style_layers"):
            check_weights(getattr(self, name), positive_sum=name)
        if self.content_weight == self.style_weight == 0:
            raise ValueError("content_weight and style_weight must not both be 0: nothing is asked")

    def layer_names(self):
        """List the layers that terms with a weight above 0 need, none twice."""
        content = self.content_layers if self.content_weight else {}
        style = self.style_layers if self.style_weight else {}
        return list({**content, **style})


class Style(typing.NamedTuple):
    """One style picture, and where and how much it counts.

    Parameters
    ----------
    pixels : array of shape (height, width, 1 or 3)
        Grey or RGB, 0 to 255.
    share : float
    mask : float array of shape (height, width), or None
        Of the content picture's size: how much each pixel should have of this style, 0 to 1. None
        is everywhere.
    """

    pixels: np.ndarray
    share: float
    mask: np.ndarray | None


def layer_weights(layers, default):
    """Turn names of layers into weights.

    Parameters
    ----------
    layers : str, sequence of str, dict from str to float, or None
        Layers without weights count equally, and together 1.
    default : sequence of str
        Taken in place of None.

    Returns
    -------
    weights : dict from str to float

    Raises
    ------
    ValueError
        If `layers` is something else, or names a layer twice.

    >>> layer_weights(None, ("block1_conv1", "block2_conv1"))
    {'block1_conv1': 0.5, 'block2_conv1': 0.5}
    """
    if isinstance(layers, dict):
        return dict(layers)
    names = default if layers is None else [layers] if isinstance(layers, str) else layers
    if not isinstance(names, list | tuple) or len(set(names)) < len(names):
        raise ValueError(
            "expected a layer's name, a list of different names, or a dict from names to weights; "
            f"got {layers!r}"
        )
    return {name: 1 / len(names) for name in names}


def check_weights(weights, *, positive_sum=None):
    """Refuse weights that are negative or not finite or, with a name to call them by, all 0.

    Raises
    ------
    ValueError
    """
    for name, weight in weights.items():
        try:
            validation.real(weight, "weight", minimum=0, maximum=_LARGEST_WEIGHT)
        except ValueError:
            raise ValueError(
                f"expected a finite weight from 0 on for {name}, got {weight!r}"
            ) from None
    if positive_sum and not sum(weights.values()) > 0:
        raise ValueError(f"expected at least one weight above 0 in {positive_sum}, got {weights}")


def cost_function(goal, extractor, content, styles):
    """Compute all targets once, and build the cost of a picture from them.

    Parameters
    ----------
    goal : Goal
    extractor : reading.Extractor
    content : array of shape (height, width, 1 or 3)
        Grey or RGB, 0 to 255. If grey, so the pictures will be.
    styles : list of Style

    Returns
    -------
    cost : callable
        Takes a float tensor of the shape of `content`. Returns a dict of scalars: ``"total"``, and
        the terms ``"content"``, ``"style"`` and ``"variation"`` before they are weighted; one
        whose weight is 0 is not computed, and 0.

    Raises
    ------
    ValueError
        If the extractor does not have one of the layers.
    """
    model = extractor.cut(goal.layer_names())
    content_maps = _read(model, content)
    styles = styles if goal.style_weight else []
    wanted = [_style_targets(goal, model, style, content_maps) for style in styles]

    def cost(picture):
        maps = _read(model, picture)
        content_term = style_term = variation = 0.0
        if goal.content_weight:
            terms = {
                name: costs.content_cost(content_maps[name], maps[name])
                for name in goal.content_layers
            }
            content_term = costs.weighted_sum(terms, goal.content_layers)
        if goal.style_weight:
            style_term = sum(_style_term(goal, maps, *each) for each in wanted)
        if goal.variation_weight:
            variation = costs.total_variation(picture)
        total = costs.total_cost(
            content_term,
            style_term,
            variation,
            content_weight=goal.content_weight,
            style_weight=goal.style_weight,
            variation_weight=goal.variation_weight,
        )
        return {
            "total": total,
            "content": content_term,
            "style": style_term,
            "variation": variation,
        }

    return cost


def _style_targets(goal, model, style, content_maps):
    """Return a style's share, its Gram matrices, and its mask at the size of each layer's maps."""
    maps = _read(model, style.pixels)
    grams = {name: costs.mean_gram(maps[name]) for name in goal.style_layers}
    masks = dict.fromkeys(goal.style_layers)
    if style.mask is not None:
        for name in masks:
            masks[name] = pictures.resize_mask(style.mask, tuple(content_maps[name].shape[:2]))
    return style.share, grams, masks


def _style_term(goal, maps, share, grams, masks):
    terms = {
        name: costs.gram_cost(grams[name], costs.mean_gram(maps[name], masks[name]))
        for name in goal.style_layers
    }
    return share * costs.weighted_sum(terms, goal.style_layers)


def _read(model, picture):
    """Return the maps of one picture, without the batch axis."""
    picture = ops.cast(picture, "float32")
    if picture.shape[-1] == 1:
        picture = ops.repeat(picture, 3, axis=-1)
    return {name: maps[0] for name, maps in model(picture[None], training=False).items()}
