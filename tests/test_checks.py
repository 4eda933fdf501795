import concurrent.futures
import dataclasses
import json
import signal
import subprocess
import sys
import threading
import time
import types

import numpy as np
import pytest

from helpers import checks, convolution, storage
from helpers.checks import comparing, drawings, judging, record, time_limit

EXERCISES = [getattr(checks, name) for name in checks.names()]
MISTAKES = [(exercise, name) for exercise in EXERCISES for name in exercise.mistakes]
every_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)


def judged(function, exercise=checks.output_size):
    """The verdict on a function, which is for `output_size` if nothing else is said."""
    return judging.judge(exercise, function)


def right_size(n, f, padding, stride):
    return (n + 2 * padding - f) // stride + 1


# All exercises


@every_exercise
def test_the_helper_passes_its_exercise(exercise):
    helper = exercise.helper
    verdict = judged(lambda *args, **kwargs: helper(*args, **kwargs), exercise)
    assert verdict.status == "passed", verdict.text
    assert verdict.text == f"{exercise.name}: passed, all {len(exercise.cases())} cases."


@every_exercise
def test_an_exercise_has_cases_and_five_mistakes_with_hints_of_their_own(exercise):
    assert len(exercise.cases()) >= 4
    assert len({mistake.hint for mistake in exercise.mistakes.values()}) >= 5
    assert all(mistake.hint.endswith((".", "?")) for mistake in exercise.mistakes.values())


@pytest.mark.parametrize(
    ("exercise", "name"), MISTAKES, ids=lambda part: getattr(part, "name", part)
)
def test_a_mistake_is_caught_and_gets_its_hint(exercise, name):
    hint, answer = exercise.mistakes[name]
    helper = exercise.helper
    verdict = judged(lambda *args, **kwargs: answer(helper, *args, **kwargs), exercise)
    assert verdict.status == "tried"
    assert verdict.hint == hint
    assert f"Hint: {hint}" in verdict.text
    assert len(verdict.text.splitlines()) < 60
    for run in judging.try_all(exercise, lambda *args, **kwargs: answer(helper, *args, **kwargs)):
        if run.difference and run.difference.is_of_arrays:
            assert exercise.draw(run.arguments, run.difference).startswith("<div")


@every_exercise
def test_cases_are_the_same_each_time(exercise):
    for case, again in zip(exercise.cases(), exercise.cases(), strict=True):
        first, second = exercise.arguments(case), exercise.arguments(again)
        assert case.label == again.label
        assert all(np.array_equal(first[name], second[name]) for name in first)


@every_exercise
def test_an_untouched_stub_prints_one_line_and_leaves_no_trace(exercise, capsys):
    def stub(*args, **kwargs):
        """Say what is to be done."""
        ...

    assert exercise(stub) is exercise.helper
    dotted = exercise.helper_path.replace(":", ".")
    line = f"{exercise.name}: not attempted yet. The notebook goes on with {dotted}.\n"
    assert capsys.readouterr().out == line
    assert not storage.cache_folder().exists()


@every_exercise
def test_solutions_are_the_helpers_sources(exercise, capsys):
    checks.solution(exercise.name)
    namespace = {}
    exec(capsys.readouterr().out, namespace)
    case = exercise.cases()[0]
    for name in (path.partition(":")[2] for path in exercise.solution):
        assert callable(namespace[name])
        if name.removesuffix("_loops") == exercise.helper.__name__:
            answer = namespace[name](*case.args, **case.kwargs)
            right = exercise.helper(*case.args, **case.kwargs)
            assert comparing.difference(right, answer) is None


def test_names_are_unique_and_known_to_the_package():
    assert len(set(checks.names())) == sum(len(file.EXERCISES) for file in checks.FILES)
    assert set(checks.names()) <= set(dir(checks))
    with pytest.raises(AttributeError, match=r"no exercise is called 'iuo'; there are .*iou"):
        _ = checks.iuo
    with pytest.raises(ValueError, match=r"one of .*iou.*; got 'iuo'"):
        checks.solution("iuo")


def test_importing_the_checks_loads_no_framework():
    code = "import sys; from helpers import checks; print(*sys.modules)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.stderr == ""
    assert not {"keras", "tensorflow", "matplotlib", "pooch"} & set(process.stdout.split())


# What a learner may do


def only_passes(n, f, padding, stride):
    pass


def leaves_a_gap(n, f, padding, stride):
    length = ...
    return length


def says_so(n, f, padding, stride):
    raise NotImplementedError


def asks(n, f, padding, stride):
    raise NotImplementedErrorOfJupyter("no input")


def calls_another(n, f, padding, stride):
    return says_so(n, f, padding, stride)


class NotImplementedErrorOfJupyter(NotImplementedError):
    pass


@pytest.mark.parametrize("no_stub", [asks, calls_another])
def test_an_error_of_something_that_is_called_is_an_attempt(no_stub):
    assert judged(no_stub).status == "tried"


@pytest.mark.parametrize("stub", [only_passes, leaves_a_gap, says_so])
def test_stubs_of_other_forms_are_not_attempted_either(stub):
    assert judged(stub).status == "open"


def test_code_without_return_was_attempted():
    def forgot(n, f, padding, stride):
        length = (n + 2 * padding - f) // stride + 1  # noqa: F841

    verdict = judged(forgot)
    assert verdict.status == "tried"
    assert "It returned None. Did you forget `return`?" in verdict.text


def test_a_right_answer_is_given_back(capsys):
    assert checks.output_size(right_size) is right_size
    assert capsys.readouterr().out == "output_size: passed, all 11 cases.\n"


def test_a_wrong_answer_is_shown_and_replaced_by_the_helper(capsys):
    assert checks.output_size(lambda n, f, p, s: 1) is convolution.output_size
    report = capsys.readouterr().out
    assert report.startswith(
        "output_size: not right yet, 2 of 11 cases pass.\n"
        "This one does not: 7 pixels, a kernel of 3.\n"
        "  n = 7\n  f = 3\n  padding = 0\n  stride = 1\n  expected: 5\n  got: 1\n"
    )
    assert "goes on with helpers.convolution.output_size" in report
    assert 'checks.solution("output_size")' in report


def test_an_error_is_shown_with_its_line_and_no_traceback():
    def fails(n, f, padding, stride):
        lengths = [n]
        return lengths[f]  # too far

    text = judged(fails).text
    line = fails.__code__.co_firstlineno + 2
    assert "It raised IndexError: list index out of range" in text
    assert f"in line {line}: return lengths[f]  # too far" in text
    assert "Traceback" not in text


def test_another_number_of_arguments_is_an_error_without_a_line():
    text = judged(lambda n, f: n - f).text
    assert "takes 2 positional arguments but 4 were given" in text
    assert "in line" not in text


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit, RecursionError])
def test_no_error_gets_out(error):
    def fails(*args):
        raise error("enough")

    verdict = judged(fails)
    assert f"It raised {error.__name__}: enough" in verdict.text
    assert verdict.hint is None


def test_arguments_are_not_to_be_changed():
    def in_place(images, padding):
        padded = convolution.zero_pad(images, padding)
        images += 1
        return padded

    verdict = judged(in_place, checks.zero_pad)
    assert verdict.status == "tried"
    assert "0 of 5 cases pass" in verdict.text
    assert "it changed its argument images: use a copy" in verdict.text
    assert verdict.hint is None  # the answers are right


def test_what_is_printed_is_shown_in_part_and_only_when_it_helps():
    def prints(n, f, padding, stride):
        for number in range(500):
            print("<line>", number)
        return right_size(n, f, padding, stride)

    verdict = judged(prints)
    assert verdict.text.endswith("all 11 cases. (What it prints is left out here.)")
    wrong = judged(lambda *args: -prints(*args))
    assert "It printed:\n  <line> 0\n" in wrong.text
    assert "<line> 6" not in wrong.text
    assert "&lt;line&gt; 0" in wrong.html
    assert "<line>" not in wrong.html


def test_a_warning_is_part_of_the_report():
    def divides(images, padding):
        return convolution.zero_pad(images, padding) / np.zeros(1)

    assert "There was a warning: " in judged(divides, checks.zero_pad).text


@pytest.mark.parametrize("not_a_function", [None, 5, np.zeros(3)])
def test_a_result_is_not_a_function(not_a_function, capsys):
    assert checks.output_size(not_a_function) is convolution.output_size
    assert "give the function itself, checks.output_size(output_size)" in capsys.readouterr().out


def test_a_check_that_runs_twice_does_not_praise_the_helper(capsys):
    given_back = checks.output_size(only_passes)
    assert checks.output_size(given_back) is given_back
    assert "this is the helper" in capsys.readouterr().out
    assert record.read() == {}


def test_a_mixture_of_mistakes_gets_no_hint_by_chance():
    verdict = judged(lambda n, f, padding, stride: n * f + padding)
    assert verdict.hint is None
    assert "Hint" not in verdict.text


def test_a_mistake_that_explains_a_part_is_no_hint():
    def two_mistakes(images, size, stride, mode="max"):
        if size == 2:
            return convolution.pool_forward(images, size, stride, "max")
        return convolution.pool_forward(images, size, size, mode)

    assert judged(two_mistakes, checks.pool_forward).hint is None


def test_an_answer_that_is_always_the_same_is_called_so():
    def zeros(images, size, stride, mode="max"):
        return 0 * convolution.pool_forward(images, size, stride, mode)

    hint = judged(zeros, checks.pool_forward).hint
    assert hint == "Your answer does not depend on the input."


def test_a_drawing_that_fails_does_not_cost_the_report():
    broken = dataclasses.replace(checks.zero_pad, draw=lambda arguments, difference: 1 / 0)
    assert "expected the shape" in judged(lambda images, padding: images, broken).html


def test_what_a_function_asks_of_numpy_ends_with_it():
    before = np.geterr()

    def strict(n, f, padding, stride):
        np.seterr(all="raise")
        return right_size(n, f, padding, stride)

    assert judged(strict).status == "passed"
    assert np.geterr() == before


# The time limit


def for_ever(*args):
    while True:
        try:
            time.sleep(0.01)
        except Exception:
            continue


def swallows(*args):
    while True:
        try:  # noqa: SIM105
            time.sleep(0.01)
        except:  # noqa: E722
            pass


def returns_something(n, f, padding, stride):
    try:
        for_ever()
    except BaseException:
        return right_size(n, f, padding, stride)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no alarms")
@pytest.mark.parametrize("function", [swallows, returns_something])
def test_an_error_that_is_swallowed_does_not_hide_that_the_time_is_over(function):
    started = time.monotonic()
    verdict = judged(function, dataclasses.replace(checks.output_size, seconds=0.1))
    assert time.monotonic() - started < 30
    assert "0 of 1 cases pass, 10 were not tried, the limit is 0.1 seconds for all" in verdict.text
    assert "It was stopped: it takes too long" in verdict.text


def test_endless_code_is_stopped_and_leaves_everything_as_it_was():
    impatient = dataclasses.replace(checks.output_size, seconds=0.2)
    handler, threads = signal.getsignal(signal.SIGINT), threading.active_count()
    verdict = judged(for_ever, impatient)
    assert verdict.status == "tried"
    assert "It was stopped: it takes too long\n  in line" in verdict.text
    assert signal.getsignal(signal.SIGINT) is handler
    assert threading.active_count() == threads


def test_endless_code_is_stopped_in_other_threads_too():
    impatient = dataclasses.replace(checks.output_size, seconds=0.2)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        slow = pool.submit(judged, for_ever, impatient).result(timeout=60)
        quick = pool.submit(judged, right_size).result(timeout=60)
    assert "it takes too long" in slow.text
    assert quick.status == "passed"


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no alarms")
def test_somebody_elses_alarm_goes_on():
    rang = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: rang.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(time_limit.TooSlow), time_limit.at_most(0.05):
            time.sleep(5)
        time.sleep(0.5)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert rang == [signal.SIGALRM]


# Comparing


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (5, np.int32(5)),
        (0.25, 0.25001),
        (2.0, 2),
        (np.array([[1.0, 2.0]]), [[1, 2]]),
        (np.zeros((0, 4)), []),
        (np.array([1, 2]), np.array([1, 2], "uint8")),
        ((np.zeros(2), np.array([1, 2])), [[0, 0], [1, 2]]),
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf], "float32")),
    ],
)
def test_answers_that_are_as_good(expected, got):
    assert comparing.difference(expected, got) is None


@pytest.mark.parametrize(
    ("expected", "got", "text"),
    [
        (5, 6, "another number was expected"),
        (5, 5.0, "expected a whole number, got a decimal number (float64)"),
        (np.array([True]), [1], "expected true or false, got whole numbers (int64)"),
        (5, "five", "expected a number, got a str"),
        (np.zeros((2, 3)), None, "expected an array of shape (2, 3), got None"),
        (np.zeros((2, 3)), np.zeros((3, 2)), "expected the shape (2, 3), got (3, 2)"),
        (
            np.zeros(2),
            [[1], [2, 3]],
            "expected an array of shape (2,), got a list whose rows differ in length",
        ),
        (1.0, np.array([1j]), "expected a number, got an array of complex numbers"),
        (1.0, ["one"], "expected a number, got a list of text"),
        (np.zeros(0, int), np.zeros(0), "expected whole numbers, got decimal numbers (float64)"),
        (np.zeros(2), iter([0, 0]), "expected an array of shape (2,), got a list_iterator"),
        (
            np.zeros((2, 2)),
            [[0, 0], [np.nan, 1]],
            "2 of 4 numbers wrong, the first at [1, 0]: expected 0.0, got nan",
        ),
        ((1, 2), 1, "expected 2 things, (length, place); got an int"),
        ((1, 2), (1, 2, 3), "expected 2 things, (length, place); got a tuple of 3"),
        ((1, 2), (1, 3), "place: another number was expected"),
    ],
)
def test_differences_are_put_into_words(expected, got, text):
    found = comparing.difference(expected, got, names=("length", "place"))
    assert found.text == text.replace("int64", str(np.asarray([1]).dtype))


def test_large_arrays_are_not_written_out():
    assert comparing.shown(np.zeros((1, 9, 9, 1))) == "array of shape (1, 9, 9, 1)"


# Reports in notebooks


@pytest.fixture
def displayed(monkeypatch):
    """What a notebook would display."""
    bundles = []
    fake = types.SimpleNamespace(
        get_ipython=lambda: "a shell",
        display=types.SimpleNamespace(display=lambda bundle, raw: bundles.append(bundle)),
    )
    monkeypatch.setitem(sys.modules, "IPython", fake)
    return bundles


def test_a_notebook_gets_the_same_words_and_a_picture(displayed):
    checks.zero_pad(lambda images, padding: convolution.zero_pad(images, padding) + 1)
    (bundle,) = displayed
    assert "zero_pad: not right yet, 0 of 5 cases pass." in bundle["text/html"]
    assert bundle["text/html"].count("<table>") == 3  # images, expected, got
    assert bundle["text/html"].count("border: 2px solid") == 4 * 5  # all are wrong
    assert "<" not in bundle["text/plain"]


def test_boxes_are_drawn_and_labelled():
    corners = [[0, 0, 4, 2], [1, 0, 4, 2], [6, 0, 6, 0]]
    drawn = drawings.outlines("boxes", corners, ["<a>", "b", "c"], [True, False, True])
    assert drawn.count("<rect") == 3
    assert drawn.count("stroke-dasharray") == 1
    assert "&lt;a&gt;" in drawn
    assert drawings.outlines("none", [], [], []) == ""


# Progress


def test_progress_is_kept_and_never_falls_back(capsys):
    checks.output_size(lambda *lengths: 0)
    assert record.read() == {"output_size": "tried"}
    checks.output_size(right_size)
    checks.output_size(lambda *lengths: 0)
    checks.output_size(only_passes)
    checks.zero_pad(lambda *args: 0)
    assert record.read() == {"output_size": "passed", "zero_pad": "tried"}
    capsys.readouterr()
    checks.progress()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["notebook", "passed", "tried", "open"]
    (row,) = [line.split() for line in lines if line.startswith("09")]
    assert row[1:3] == ["output_size", "zero_pad"]
    assert lines[-1] == f"1 of {len(EXERCISES)} exercises passed"


def test_progress_is_a_table_in_a_notebook(displayed):
    checks.progress()
    assert displayed[0]["text/html"].startswith("<table>")
    assert displayed[0]["text/plain"].startswith("notebook")


def test_two_notebooks_at_once_lose_nothing():
    names = [f"exercise {number}" for number in range(12)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: record.note(name, "passed"), names))
    assert record.read() == dict.fromkeys(names, "passed")


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[]", b'{"exercises": {"iou": "great"}}'])
def test_a_broken_file_is_set_aside_and_said_so(content, capsys):
    folder = storage.cache_folder()
    folder.mkdir(parents=True)
    (folder / "progress.json").write_bytes(content)
    record.note("iou", "tried")
    assert "could not be read" in capsys.readouterr().out
    assert (folder / "progress-broken.json").read_bytes() == content
    assert json.loads((folder / "progress.json").read_text()) == {"exercises": {"iou": "tried"}}


def test_a_folder_that_cannot_be_written_to_is_no_disaster(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("WORKBOOK_CACHE", str(tmp_path / "file" / "folder"))
    assert checks.output_size(right_size) is right_size
    checks.progress()
    printed = capsys.readouterr().out
    assert "Your progress is not kept" in printed
    assert f"0 of {len(EXERCISES)} exercises passed" in printed
