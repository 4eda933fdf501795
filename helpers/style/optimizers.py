"""Two ways to lower a cost by changing a picture: Adam, and L-BFGS with the help of SciPy.

Both keep pixels within 0 to 255, and work on NumPy arrays: next to the gradient of a network,
their own sums cost nothing. Both go the same way if the cost is multiplied by a number.
"""

import contextlib

import numpy as np

from helpers import validation

NAMES = ("adam", "lbfgs")
BLACK, WHITE = 0.0, 255.0


def check(name):
    """Refuse an optimizer that is unknown or not installed.

    Raises
    ------
    ValueError
        If `name` is not in `NAMES`.
    ImportError
        If it is ``"lbfgs"`` and there is no SciPy.
    """
    if name not in NAMES:
        raise ValueError(f"optimizer must be one of {', '.join(NAMES)}; got {name!r}")
    if name == "lbfgs":
        _import_optimize()


def adam(evaluate, picture, iterations, *, learning_rate=5.0, keep=(0.9, 0.999), epsilon=1e-8):
    """Go down with Adam: steps of about equal length for all pixels.

    Parameters
    ----------
    evaluate : callable
        Takes a picture. Returns its cost and the gradient, an array of the same shape.
    picture : float array
        Where to start, in 0 to 255.
    iterations : int
        Steps, from 1 on. The start and each new picture are evaluated, the last one too.
    learning_rate : float
        Longest step of a pixel, about, in grey levels.
    keep : (float, float)
        Shares of the running means of the gradient and of its square that each step keeps; the
        paper's betas.
    epsilon : float
        Added to the root of the second mean, so that nothing is divided by zero; as a share of
        the first gradient's root mean square, which may be tiny.

    Raises
    ------
    ValueError
        If `iterations` is not an integer from 1 on, or a number is out of its range.

    References
    ----------
    Kingma & Ba, "Adam" (ICLR 2015), algorithm 1.
    """
    iterations = validation.integer(iterations, "iterations", minimum=1)
    learning_rate = validation.real(learning_rate, "learning_rate", above=0)
    epsilon = validation.real(epsilon, "epsilon", above=0)
    keep = [validation.real(share, "keep", minimum=0, below=1) for share in keep]
    evaluate = _in_units_of_the_first_gradient(evaluate)
    mean, mean_square = np.zeros_like(picture), np.zeros_like(picture)
    _, gradient = evaluate(picture)
    for step in range(1, iterations + 1):
        mean = keep[0] * mean + (1 - keep[0]) * gradient
        mean_square = keep[1] * mean_square + (1 - keep[1]) * gradient**2
        direction = mean / (1 - keep[0] ** step)  # the means began with 0, and are too small
        length = np.sqrt(mean_square / (1 - keep[1] ** step))
        picture = picture - learning_rate * direction / (length + epsilon)
        picture = np.clip(picture, BLACK, WHITE)
        _, gradient = evaluate(picture)


def lbfgs(evaluate, picture, iterations):
    """Go down with L-BFGS, which learns from its steps how the cost is curved.

    Parameters
    ----------
    evaluate, picture
        As for `adam`.
    iterations : int
        Pictures to try after the start, at most, from 1 on: a step that did not lower the cost is
        tried again shorter, and counts as well.

    Raises
    ------
    ValueError
        If `iterations` is not an integer from 1 on.
    ImportError
        If there is no SciPy.

    References
    ----------
    Byrd, Lu, Nocedal & Zhu, "A Limited Memory Algorithm for Bound Constrained Optimization"
    (1995): SciPy's L-BFGS-B.
    """
    iterations = validation.integer(iterations, "iterations", minimum=1)
    optimize = _import_optimize()
    evaluate = _in_units_of_the_first_gradient(evaluate)
    left = iterations + 1

    def evaluate_flat(pixels):
        nonlocal left
        if left == 0:
            raise _NoneLeft
        left -= 1
        cost, gradient = evaluate(pixels.reshape(picture.shape))
        return cost, gradient.ravel()

    with contextlib.suppress(_NoneLeft):
        optimize.minimize(
            evaluate_flat,
            picture.ravel(),
            method="L-BFGS-B",
            jac=True,
            bounds=optimize.Bounds(BLACK, WHITE),
            options={"maxiter": iterations, "maxfun": iterations + 1, "ftol": 0, "gtol": 0},
        )


def _in_units_of_the_first_gradient(evaluate):
    """Multiply costs and gradients by what gives the first gradient a root mean square of 1.

    L-BFGS tries the negative gradient as its first step, and so begins with about one grey level.
    """
    scale = None

    def evaluate_scaled(picture):
        nonlocal scale
        cost, gradient = evaluate(picture)
        if scale is None:
            scale = 1 / (np.sqrt(np.mean(gradient**2)) or 1.0)
        return cost * scale, gradient * scale

    return evaluate_scaled


class _NoneLeft(Exception):
    """All pictures that may be tried have been tried."""


def _import_optimize():
    try:
        from scipy import optimize  # takes a moment, and Adam needs none
    except ImportError as error:
        raise ImportError(
            "optimizer='lbfgs' needs SciPy: pip install scipy; 'adam' needs nothing"
        ) from error
    return optimize
