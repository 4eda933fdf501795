"""Neural style transfer: change a picture until it has one's content and another's style."""

import dataclasses
import functools
import math
import sys
import time

import numpy as np
import tqdm

from helpers import validation
from helpers.style import gradients, objective, optimizers, pictures

_NOTED = ("total", "content", "style", "variation", "side", "seconds")


@dataclasses.dataclass(frozen=True, eq=False)
class Result:
    """A picture, and how its costs went down.

    Parameters
    ----------
    picture : uint8 array of shape (height, width, 3)
        Of all that were tried at the last size, the one with the lowest total cost.
    history : dict from str to array of shape (evaluations,)
        ``"total"``, ``"content"``, ``"style"`` and ``"variation"``: the costs of the start and
        after each iteration, at one size after the other, the terms without their weights. With
        them ``"side"``, the longer side in pixels, and ``"seconds"`` since the call.
    interrupted : bool
        Whether the transfer was stopped halfway. If that was at a smaller size, `picture` is the
        best of that size, enlarged.
    """

    picture: np.ndarray = dataclasses.field(repr=False)
    history: dict = dataclasses.field(repr=False)
    interrupted: bool


def transfer(
    content,
    style,
    extractor,
    *,
    iterations=200,
    sizes=(256,),
    content_weight=10.0,
    style_weight=40.0,
    variation_weight=0.0,
    content_layers=None,
    style_layers=None,
    style_shares=None,
    style_masks=None,
    noise=0.0,
    preserve_colour=False,
    optimizer="adam",
    learning_rate=5.0,
    seed=0,
    callback=None,
    progress=True,
):
    """Make a picture that has the content of one picture and the style of another.

    Ctrl-C, or *interrupt* in a notebook, ends it early, with the best picture so far.

    Parameters
    ----------
    content : array, PIL.Image.Image, str or os.PathLike
        A picture, RGB uint8 or anything that `images.as_rgb` takes, or a file of one.
    style : as `content`, or a list of such, or None
        Several styles are blended, or each has its own part of the picture. None goes with
        ``style_weight=0``.
    extractor : reading.Extractor
        The network that content and style are read with.
    iterations : int or sequence of int
        At each size, or for each of them.
    sizes : int or sequence of int
        Longer side of the picture in pixels. With several, coarse to fine: each result is enlarged,
        and is where the next size starts. Style pictures are brought to the same longer side.
    content_weight, style_weight, variation_weight : float
        Alpha, beta and gamma of `costs.total_cost`. A term with the weight 0 is left out.
    content_layers, style_layers : str, sequence of str, or dict from str to float, optional
        Layers of the extractor, with or without weights; without weights they count equally, and
        together 1. By default those that the extractor names.
    style_shares : sequence of float, optional
        How much each style counts. By default equally, and together 1; with masks 1 each.
    style_masks : sequence of arrays of shape (content height, content width), optional
        For each style, how much of it each pixel of `content` should have, 0 to 1. The areas may
        overlap.
    noise : float
        Share of noise in the first picture: 0 starts from the content, 1 from noise alone, and
        anything between from a mixture.
    preserve_colour : bool
        Whether to change the luminance only, so that the colours stay those of the content.
    optimizer : {"adam", "lbfgs"}
        L-BFGS needs SciPy. See `optimizers`.
    learning_rate : float
        Of Adam, in grey levels.
    seed : int
        Decides the noise. The same call gives the same picture; in another process up to rounding,
        which many steps may turn into small differences.
    callback : callable, optional
        Called as ``callback(iteration, picture, costs)`` after each evaluation: how many went
        before; the picture as uint8 array of shape (height, width, 3); and a dict of costs with the
        keys of `Result.history`.
    progress : bool
        Whether to show a bar with the current costs.

    Returns
    -------
    result : Result

    Raises
    ------
    ValueError
        If a picture cannot be read or becomes too small for the extractor, a layer is unknown, a
        weight is negative or not finite, alpha and beta are both 0, a mask does not fit, another
        setting is out of its range, or a cost grows beyond all bounds.
    FileNotFoundError
        If there is no such file.
    ImportError
        If L-BFGS is asked for and there is no SciPy.

    References
    ----------
    Gatys, Ecker & Bethge, "Image Style Transfer Using Convolutional Neural Networks" (CVPR 2016).
    Luminance only: Gatys et al., "Preserving Color in Neural Artistic Style Transfer" (2016).
    Masks and several sizes: Gatys et al., "Controlling Perceptual Factors in Neural
    Style Transfer" (CVPR 2017), sections 4 and 6.
    """
    seed = validation.integer(seed, "seed", minimum=0)
    goal = objective.Goal(
        objective.layer_weights(content_layers, extractor.content_layers),
        objective.layer_weights(style_layers, extractor.style_layers),
        content_weight,
        style_weight,
        variation_weight,
    )
    extractor.check_layers([*goal.content_layers, *goal.style_layers])
    lower = _optimizer(optimizer, learning_rate)
    steps = _steps_by_side(sizes, iterations)
    photo = pictures.read(content, "content")
    styles = _read_styles(style, goal, style_shares, style_masks, photo.shape[:2])
    fit = functools.partial(pictures.fit, smallest_side=extractor.smallest_side)
    photo_sizes = {side: fit(photo.shape, side, name="content") for side in steps}
    style_sizes = {
        side: [fit(each.pixels.shape, side, name="style") for each in styles] for side in steps
    }
    first = pictures.with_noise(pictures.resize(photo, photo_sizes[min(steps)]), noise, seed)
    watch = _Watch(first, sum(steps.values()) + len(steps), callback, progress)
    interrupted = False
    try:
        for side in steps:
            start, target, targets, finish = _prepared(
                pictures.resize(watch.picture, photo_sizes[side]),
                pictures.resize(photo, photo_sizes[side]),
                [
                    each._replace(pixels=pictures.resize(each.pixels, size))
                    for each, size in zip(styles, style_sizes[side], strict=True)
                ],
                preserve_colour,
            )
            cost = objective.cost_function(goal, extractor, target, targets)
            watch.begin(gradients.compile_gradient(cost, start.shape), finish, side)
            lower(watch.evaluate, start, steps[side])
    except KeyboardInterrupt:
        interrupted = True
    finally:
        watch.close()
    picture = pictures.resize(watch.picture, photo_sizes[max(steps)])
    return Result(picture, watch.history(), interrupted)


class _Watch:
    """Looks at each picture that is tried: notes its costs, keeps the best, tells the reader."""

    def __init__(self, picture, num_evaluations, callback, progress):
        self.picture, self.callback = picture, callback
        self.entries = []
        self.started = time.perf_counter()
        self.bar = tqdm.tqdm(
            desc="Style transfer",
            total=num_evaluations,
            file=sys.stdout,  # so that a notebook shows no red box
            leave=False,
            disable=not progress,
        )

    def begin(self, terms_and_gradient, finish, side):
        """Go on with another size, whose costs are not to be compared with those before."""
        self.terms_and_gradient, self.finish, self.side = terms_and_gradient, finish, side
        self.lowest = math.inf

    def evaluate(self, pixels):
        """Return the total cost and its gradient."""
        terms, gradient = self.terms_and_gradient(pixels)
        if not math.isfinite(terms["total"]) or not np.isfinite(gradient).all():
            raise ValueError(f"the costs grew beyond all bounds, choose smaller weights: {terms}")
        picture = self.finish(pixels)
        if terms["total"] < self.lowest:
            self.lowest, self.picture = terms["total"], picture
        self._tell(picture, terms)
        return terms["total"], gradient

    def history(self):
        """Return the costs of all pictures so far, an array for each name."""
        return {name: np.array([entry[name] for entry in self.entries]) for name in _NOTED}

    def close(self):
        """Take the bar away."""
        self.bar.close()

    def _tell(self, picture, terms):
        seconds = time.perf_counter() - self.started
        self.entries.append({**terms, "side": self.side, "seconds": seconds})
        shown = {name: f"{term:.3g}" for name, term in terms.items() if term}
        self.bar.set_postfix(shown, refresh=False)
        self.bar.update()
        if self.callback is not None:
            self.callback(len(self.entries) - 1, picture.copy(), dict(self.entries[-1]))


def _prepared(start, content, styles, preserve_colour):
    """Turn pictures of one size into numbers: three channels, or the luminance alone.

    Returns where to start, the content, the styles, and what turns such numbers into a picture.
    """
    if not preserve_colour:
        return start.astype(float), content, styles, pictures.as_bytes
    brightness = pictures.luminance(content)
    greys = [
        style._replace(
            pixels=pictures.match_luminance(pictures.luminance(style.pixels), brightness)
        )
        for style in styles
    ]
    finish = functools.partial(pictures.with_luminance, content)
    return pictures.luminance(start), brightness, greys, finish


def _read_styles(style, goal, shares, masks, size):
    """Read the style pictures, each with its share and its mask."""
    if style is None and not goal.style_weight:
        return []
    several = list(style) if isinstance(style, list | tuple) else [style]
    if not several:
        raise ValueError("expected one or more styles, got an empty list")
    for name, given in (("style_shares", shares), ("style_masks", masks)):
        if given is not None and not isinstance(given, list | tuple | np.ndarray):
            raise ValueError(f"expected {name} to have one entry for each style, got {given!r}")
    if shares is None:
        shares = [1.0 if masks is not None else 1 / len(several)] * len(several)
    masks = [None] * len(several) if masks is None else masks
    if not len(several) == len(shares) == len(masks):
        raise ValueError(
            "expected one or more styles, and a share and a mask for each; got "
            f"{len(several)} styles, {len(shares)} shares and {len(masks)} masks"
        )
    objective.check_weights(dict(enumerate(shares)), positive_sum="style_shares")
    return [
        objective.Style(pictures.read(picture, "style"), share, _check_mask(mask, size))
        for picture, share, mask in zip(several, shares, masks, strict=True)
    ]


def _check_mask(mask, size):
    if mask is None:
        return None
    mask = np.asarray(mask)
    if mask.shape != size or mask.dtype.kind not in "biuf":
        raise ValueError(
            f"expected a mask of the content's height and width, {size}; got {mask.dtype} of shape "
            f"{mask.shape}"
        )
    if not (mask.min() >= 0 and 0 < mask.max() <= 1):  # false for NaN as well
        raise ValueError(
            "expected a mask in 0 to 1, and not 0 everywhere; got "
            f"{float(mask.min())} to {float(mask.max())}"
        )
    return mask.astype("float32")


def _optimizer(name, learning_rate):
    """Return what lowers a cost, once it is clear that it can."""
    optimizers.check(name)
    learning_rate = validation.real(learning_rate, "learning_rate", above=0)
    if name == "lbfgs":
        return optimizers.lbfgs
    return functools.partial(optimizers.adam, learning_rate=learning_rate)


def _steps_by_side(sizes, iterations):
    """Return how many iterations to make at each size, the smallest first."""
    several = list | tuple | np.ndarray
    sides = list(sizes) if isinstance(sizes, several) else [sizes]
    counts = list(iterations) if isinstance(iterations, several) else [iterations] * len(sides)
    try:
        sides = [validation.integer(side, "sizes", minimum=1) for side in sides]
        counts = [validation.integer(count, "iterations", minimum=1) for count in counts]
    except ValueError:
        sides = []
    if not sides or sides != sorted(set(sides)) or len(sides) != len(counts):
        raise ValueError(
            "expected sizes as whole pixels, increasing, and iterations as a whole number from 1 "
            f"on, or one for each size; got sizes {sizes} and iterations {iterations}"
        )
    return dict(zip(sides, counts, strict=True))
