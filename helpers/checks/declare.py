"""What a file of exercises uses: cases, the decorator that makes an exercise, and its mistakes."""

import dataclasses
import inspect
import pkgutil
import typing
from collections.abc import Callable

import numpy as np

from helpers.checks import adapting, drawings, judging, record, report

_SEED = 7  # of the generator that every exercise gets anew


class Case:
    """One call of the learner's function.

    Parameters
    ----------
    label : str
        What is special about it, in a few words.
    *args, **kwargs
        What the function gets: arrays, numbers, lists, text. They are copied for each call.
    """

    def __init__(self, label, /, *args, **kwargs):
        self.label, self.args, self.kwargs = label, args, kwargs


class Mistake(typing.NamedTuple):
    """A usual wrong answer.

    Parameters
    ----------
    hint : str
        What to tell somebody whose answers are these.
    answer : callable
        Takes the helper, then a case's arguments; returns the wrong answer.
    """

    hint: str
    answer: Callable


@dataclasses.dataclass(frozen=True, eq=False)
class Exercise:
    """A function for the learner to write. Call it with theirs, to check it.

    Made by `exercise`, which describes the attributes.
    """

    name: str
    notebook: str
    helper_path: str
    make_cases: Callable
    solution: tuple
    returns: tuple
    draw: Callable
    arrange: Callable
    seconds: float
    tolerance: float
    mistakes: dict = dataclasses.field(default_factory=dict)

    def __call__(self, function):
        """Check a learner's function, report, and keep the result.

        Parameters
        ----------
        function : callable
            The function itself; it is called with many cases.

        Returns
        -------
        function : adapting.Adapted
            The same if it is right, otherwise the helper. Either takes and returns what the stub
            promises.
        """
        function = adapting.original(function)
        verdict = judging.judge(self, function)
        report.show(verdict.text, verdict.html)
        if verdict.status != "open":
            record.note(self.name, verdict.status)
        return adapting.Adapted(self, function if verdict.status == "passed" else self.helper)

    def __repr__(self):
        return f"exercise {self.name} of notebook {self.notebook}"

    @property
    def helper(self):
        """The function that knows the answers."""
        return pkgutil.resolve_name(self.helper_path)

    def cases(self):
        """Make the cases, a list of `Case`; always the same."""
        return list(self.make_cases(np.random.default_rng(_SEED)))

    def arguments(self, case):
        """Name a case's arguments: a dict."""
        return self.bound(case.args, case.kwargs)

    def bound(self, args, kwargs):
        """Name arguments as the stub does, whose parameters can all be given by place: a dict.

        Raises
        ------
        TypeError
            If the stub cannot be called so.
        """
        parameters = [
            parameter.replace(kind=parameter.POSITIONAL_OR_KEYWORD, default=parameter.empty)
            for parameter in inspect.signature(self.helper).parameters.values()
        ]
        return dict(inspect.Signature(parameters).bind_partial(*args, **kwargs).arguments)

    def mistake(self, answer):
        """Add a usual wrong answer; its docstring is the hint. See `helpers.checks`."""
        hint = " ".join((answer.__doc__ or "").split())
        self.mistakes[answer.__name__] = Mistake(hint, answer)
        return answer


def exercise(
    notebook,
    helper,
    *,
    solution=(),
    returns=(),
    draw=drawings.grids,
    arrange=lambda answer: answer,
    seconds=5.0,
    tolerance=1e-4,
):
    """Make an exercise of a function that yields its cases.

    Parameters
    ----------
    notebook : str
        Name of the notebook, without its ending.
    helper : str
        Where the right function is: ``"package.module:function"``.
    solution : sequence of str, optional
        What ``checks.solution`` prints, in the same form: the helper with others that one should
        read, or a plainer version of it. Only the helper, if not given. What these call in their
        module is printed as well.
    returns : sequence of str, optional
        Names for the parts of an answer that is a tuple.
    draw : callable
        Takes the arguments, a dict, and a `comparing.Difference`; returns HTML that shows them, or
        an empty string. See `helpers.checks.drawings`.
    arrange : callable
        Where an answer may come in any order: takes an answer, right or not, and returns it in a
        certain order. It may fail where an answer is not of the right form.
    seconds : float
        How long all cases together may take.
    tolerance : float
        Relative and absolute, for decimal numbers.

    Returns
    -------
    declare : callable
        Takes the function that yields cases; it gets a `numpy.random.Generator`, which is seeded.
        Returns an `Exercise` of its name.
    """

    def declare(make_cases):
        return Exercise(
            name=make_cases.__name__,
            notebook=notebook,
            helper_path=helper,
            make_cases=make_cases,
            solution=tuple(solution) or (helper,),
            returns=tuple(returns),
            draw=draw,
            arrange=arrange,
            seconds=seconds,
            tolerance=tolerance,
        )

    return declare
