"""Try a learner's function on the cases of an exercise, and say what came of it."""

import dataclasses
import time
import typing
import warnings

import numpy as np

from helpers.checks import adapting, answers, calling, comparing, report

_FEW_CASES = 3  # fewer equal answers prove nothing
_NOT_FINITE = (
    "There are infinite numbers, or NaN (not a number), in your answers: look for a division by 0, "
    "a logarithm or a root of a number below 0, or a power that is too large."
)


class Verdict(typing.NamedTuple):
    """What came of an exercise.

    Parameters
    ----------
    status : {"open", "tried", "passed"}
        Open: there is nothing yet that could be right or wrong.
    text, html : str
        The report.
    hint : str or None
        Of the mistake that gives the same answers.
    """

    status: str
    text: str
    html: str
    hint: str | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Run:
    """One case, tried.

    Parameters
    ----------
    case : Case
    arguments : dict of str to object
    expected : object
    outcome : calling.Outcome
    problem : str or None
        What is wrong, in words.
    difference : comparing.Difference or None
        If both answers can be compared.
    """

    case: object
    arguments: dict
    expected: object
    outcome: calling.Outcome
    problem: str | None
    difference: comparing.Difference | None

    @property
    def is_right(self):
        """Whether the numbers are right, though their form or a side effect may be a problem."""
        return self.difference is None and self.outcome.value is not None


def judge(exercise, function):
    """Try a function on all cases of an exercise.

    Parameters
    ----------
    exercise : declare.Exercise
    function : object
        Whatever the learner gave.

    Returns
    -------
    verdict : Verdict
    """
    function = adapting.original(function)
    if not callable(function):
        kind = type(function).__name__
        reason = f"give the function itself, checks.{exercise.name}({exercise.name}), not {kind!r}"
        return Verdict("open", *report.nothing_to_check(exercise, reason))
    if function is exercise.helper:
        reason = "this is the helper; run the cell with your own function again"
        return Verdict("open", *report.nothing_to_check(exercise, reason))
    runs = [] if calling.does_nothing(function) else try_all(exercise, function)
    if not runs or runs[0].outcome.is_stub:
        return Verdict("open", *report.nothing_to_check(exercise, "not attempted yet"))
    failed = [run for run in runs if run.problem]
    if not failed:
        return Verdict("passed", *report.passed(exercise, runs))
    wrong = [run for run in failed if not run.is_right]
    hint = _find_hint(exercise, runs, wrong)
    return Verdict("tried", *report.failed(exercise, runs, (wrong or failed)[0], hint), hint)


def try_all(exercise, function):
    """Try a function on the cases, until the time is over or something is not written yet.

    Returns
    -------
    runs : list of Run
    """
    left, runs = exercise.seconds, []
    for case in exercise.cases():
        expected = _right_answer(exercise, case)
        started = time.monotonic()  # the helper's time is not the learner's
        runs.append(_run(exercise, function, case, expected, left))
        left = max(left - (time.monotonic() - started), 0.01)
        if runs[-1].outcome.is_slow or runs[-1].outcome.is_stub:
            break
    return runs


def _run(exercise, function, case, expected, seconds):
    arguments = exercise.arguments(case)
    args, kwargs = adapting.fitted(exercise, function, case.args, case.kwargs)
    outcome = calling.call(
        function,
        args,
        kwargs,
        names=list(arguments)[: len(args)],
        seconds=seconds,
        num_parts=answers.num_parts(expected),
    )
    problem, found = outcome.error, None
    if problem is None and outcome.value is None:
        problem = "It returned None. Did you forget `return`?"
    elif problem is None:
        found = _difference(exercise, expected, outcome.value)
        if found:
            problem = f"What differs: {found.text}."
        elif outcome.has_lists:
            problem = "The right numbers, but a list: return np.array(...)."
        elif outcome.changed:
            changed = " and ".join(outcome.changed)
            problem = f"The answer is right, but it changed its argument {changed}: use a copy."
    return Run(case, arguments, expected, outcome, problem, found)


def _find_hint(exercise, runs, wrong):
    """Find the mistake that gives all the wrong answers, and return its hint, or None.

    Where an answer is right, the mistake may be wrong, since somebody may have treated a special
    case well; but this must be rarer than that both are wrong. Of several mistakes, it is the one
    that agrees most often. An error says less than a wrong answer: to explain errors, all must
    agree. What all answers have in common says more than a mistake that explains only a part.
    """
    if not wrong:
        return None
    telling = [run for run in wrong if run.outcome.error or np.size(_numbers(run))]
    must_agree = runs if any(run.outcome.error for run in wrong) else wrong
    best, most = None, 0
    for mistake in exercise.mistakes.values():
        same = [run for run in runs if _makes_the_mistake(exercise, mistake, run)]
        explains = set(must_agree) <= set(same) and len(runs) - len(same) < max(len(telling), 1)
        if explains and len(same) > most:
            best, most = mistake.hint, len(same)
    return best if most == len(runs) else _in_common(runs, wrong) or best


def _in_common(runs, wrong):
    """Say in words what the answers have in common, if there is something, or return None."""
    if all(_is_not_finite(run) for run in wrong):
        return _NOT_FINITE
    numbers = [_numbers(run) for run in runs]
    if len(runs) < _FEW_CASES or not all(map(len, numbers)):
        return None
    different = np.unique(np.concatenate(numbers))
    if len(different) > 1:
        return None
    return f"All your answers are {comparing.shown(different[0] + 0)}, whatever the arguments are."


def _is_not_finite(run):
    right = answers.numbers(answers.plain(run.expected, answers.num_parts(run.expected)))
    return np.isfinite(right).all() and not np.isfinite(_numbers(run)).all()


def _numbers(run):
    return answers.numbers(run.outcome.value)


def _makes_the_mistake(exercise, mistake, run):
    wrong = _wrong_answer(exercise, mistake, run.case)
    if isinstance(wrong, Exception):
        return run.outcome.failure == calling.failure_of(wrong)
    if run.outcome.error:
        return False
    return run.outcome.value is not None and not _difference(exercise, wrong, run.outcome.value)


def _right_answer(exercise, case):
    return exercise.helper(*calling.copied(case.args), **calling.copied(case.kwargs))


def _wrong_answer(exercise, mistake, case):
    """Return what the mistake gives, be it an error."""
    args, kwargs = calling.copied(case.args), calling.copied(case.kwargs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return mistake.answer(exercise.helper, *args, **kwargs)
        except Exception as error:  # of a shape that does not fit, for example
            return error


def _difference(exercise, expected, got):
    expected, got = (_arranged(exercise, answer) for answer in (expected, got))
    return comparing.difference(expected, got, names=exercise.returns, tolerance=exercise.tolerance)


def _arranged(exercise, answer):
    try:
        return exercise.arrange(answer)
    except Exception:  # of another form, which the comparison will put into words
        return answer
