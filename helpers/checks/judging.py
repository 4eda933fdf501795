"""Try a learner's function on the cases of an exercise, and say what came of it."""

import dataclasses
import time
import typing
import warnings

from helpers.checks import calling, comparing, report


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
    if not callable(function):
        kind = type(function).__name__
        reason = f"give the function itself, checks.{exercise.name}({exercise.name}), not {kind!r}"
        return Verdict("open", *report.nothing_to_check(exercise, reason))
    if function is exercise.helper:
        reason = "this is the helper; run the cell with your own function again"
        return Verdict("open", *report.nothing_to_check(exercise, reason))
    runs = [] if calling.does_nothing(function) else _run_all(exercise, function)
    if not runs or runs[0].outcome.is_stub:
        return Verdict("open", *report.nothing_to_check(exercise, "not attempted yet"))
    failed = [run for run in runs if run.problem]
    if not failed:
        return Verdict("passed", *report.passed(exercise, runs))
    hint, explained = _find_hint(exercise, runs)
    shown = next((run for run in failed if run in explained), failed[0])
    return Verdict("tried", *report.failed(exercise, runs, shown, hint), hint)


def _run_all(exercise, function):
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
    names = list(arguments)[: len(case.args)]
    outcome = calling.call(function, case.args, case.kwargs, names=names, seconds=seconds)
    problem, found = outcome.error, None
    if problem is None and outcome.value is None:
        problem = "It returned None. Did you forget `return`?"
    elif problem is None:
        found = _difference(exercise, expected, outcome.value)
        if found:
            problem = f"What differs: {found.text}."
        elif outcome.changed:
            changed = " and ".join(outcome.changed)
            problem = f"The answer is right, but it changed its argument {changed}: use a copy."
    return Run(case, arguments, expected, outcome, problem, found)


def _find_hint(exercise, runs):
    """Find the mistake that explains most of what is wrong, at least half of it.

    An error says less than a wrong answer: to explain errors, all must agree.

    Returns its hint and the runs that it explains, or None and no runs.
    """
    failed = sum(run.problem is not None for run in runs)
    best, best_agreeing, best_explained = None, (0, 0), []
    for mistake in exercise.mistakes.values():
        same = [run for run in runs if _makes_the_mistake(exercise, mistake, run)]
        explained = [run for run in same if run.difference or run.outcome.error]
        agreeing = len(explained), len(same)
        is_sure = len(same) == len(runs) or not any(run.outcome.error for run in explained)
        if is_sure and 2 * len(explained) >= failed and agreeing > best_agreeing:
            best, best_agreeing, best_explained = mistake.hint, agreeing, explained
    return best, best_explained


def _makes_the_mistake(exercise, mistake, run):
    wrong = _wrong_answer(exercise, mistake, run.case)
    if isinstance(wrong, Exception) or run.outcome.error:
        return type(wrong) is run.outcome.error_type
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
    return comparing.difference(expected, got, names=exercise.returns, tolerance=exercise.tolerance)
