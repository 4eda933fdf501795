import builtins
import concurrent.futures
import dataclasses
import functools
import json
import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
import types
import warnings

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from helpers import boxes, checks, convolution, storage, suppression
from helpers.checks import answers, comparing, drawings, judging, record, time_limit

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

    assert exercise(stub).__wrapped__ is exercise.helper
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
    assert checks.output_size(right_size).__wrapped__ is right_size
    assert capsys.readouterr().out == "output_size: passed, all 11 cases.\n"


def test_a_wrong_answer_is_shown_and_replaced_by_the_helper(capsys):
    assert checks.output_size(lambda n, f, p, s: 1).__wrapped__ is convolution.output_size
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
    assert checks.output_size(not_a_function).__wrapped__ is convolution.output_size
    assert "give the function itself, checks.output_size(output_size)" in capsys.readouterr().out


def test_a_check_that_runs_twice_does_not_praise_the_helper(capsys):
    given_back = checks.output_size(only_passes)
    assert checks.output_size(given_back).__wrapped__ is convolution.output_size
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
    assert hint == "All your answers are 0.0, whatever the arguments are."


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


# What goes wrong in an answer


class Hostile:
    """Fails at whatever is asked of it."""

    def fail(self, *args, **kwargs):
        raise RuntimeError("no")

    __repr__ = __str__ = __eq__ = __len__ = __iter__ = __array__ = __bool__ = fail
    __hash__ = None
    shape = property(fail)


class Wordless(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class Endless(Exception):
    def __str__(self):
        return for_ever()


def raises(error):
    def fails(*args):
        raise error

    return fails


def gives(answer):
    return lambda *args: answer


def nested(depth):
    rows = []
    for _ in range(depth):
        rows = [rows]
    return rows


def doubled(times):
    """A list that holds itself so many times twice, 2 ** times in all."""
    rows = [0.0]
    for _ in range(times):
        rows = [rows, rows]
    return rows


async def unfinished(*args):
    return 1


def yields(*args):
    yield 1


def recurses(*args):
    return recurses(*args)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (gives(Hostile()), "got a Hostile"),
        (gives([Hostile()]), "got a list"),
        (gives(nested(100_000)), "got a list that is nested more than 32 times"),
        (gives(doubled(31)), "objects"),
        (lambda *args: ["x"] * 10**7, "got a list of more than 100,000 objects"),
        (lambda *args: "x" * 10**8, "got a str"),
        (gives(range(10**12)), "got a range of more than 100,000 objects"),
        (lambda *args: np.zeros(10**8), "expected the shape (1, 1), got (100000000,)"),
        (gives(np.broadcast_to(1.0, (10**6, 10**6))), "got (1000000, 1000000)"),
        (gives([np.broadcast_to(1.0, (10**6, 10**6))]), "got "),
        (gives(10**10_000), "got an int of 33220 bits"),
        (gives(object), "got a type"),
        (gives((1, 2, Hostile())), "got a tuple"),
        (gives("\ud800"), "got a str"),
        (raises(Wordless), "It raised Wordless\n"),
        (raises(ValueError("half \ud800 of it")), "It raised ValueError: half ? of it"),
        (raises(Endless), "It raised Endless\n"),
        (yields, "got a generator: use `return` instead of `yield`"),
        (unfinished, "got a coroutine: leave out `async`"),
        (recurses, "It raised RecursionError: maximum recursion depth"),
        (lambda *args: input("How large? "), "It raised EOFError: input() gets no answer here"),
    ],
)
def test_whatever_an_answer_does_the_report_says_it_in_words(answer, words):
    few = dataclasses.replace(checks.iou, make_cases=lambda rng: checks.iou.cases()[:2])
    started = time.monotonic()
    verdict = judged(answer, few)
    assert verdict.status == "tried"
    assert words in verdict.text
    assert verdict.hint is None
    assert len(verdict.text) < 3_000
    verdict.text.encode()
    assert time.monotonic() - started < 15
    assert builtins.input is input


def test_many_warnings_and_many_words_are_kept_in_part():
    def warns(images, padding):
        for number in range(20_000):
            warnings.warn(f"number {number} " + "x" * 1_000, stacklevel=1)
            print("x" * 1_000)
        return images

    verdict = judged(warns, checks.zero_pad)
    assert "There was a warning: number 0" in verdict.text
    assert len(verdict.text) < 5_000


def test_a_fork_comes_back_once(tmp_path):
    if not hasattr(os, "fork"):
        pytest.skip("this system has no forks")

    def forks(n, f, padding, stride):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of forks where there are threads
            if os.fork():
                os.wait()
        return right_size(n, f, padding, stride)

    assert judged(forks).status == "passed"
    (tmp_path / f"{os.getpid()}").touch()
    assert len(list(tmp_path.iterdir())) == 1


def test_what_an_answer_writes_into_later_was_copied():
    shared = np.zeros((1, 1))

    def reuses(boxes_a, boxes_b):
        table = boxes.iou(boxes_a, boxes_b)
        shared.resize(table.shape, refcheck=False)
        shared[:] = table
        return shared

    first = judging.try_all(checks.iou, reuses)[0]
    assert first.outcome.value == pytest.approx(first.expected)


def test_large_answers_are_neither_copied_nor_kept():
    tracemalloc.start()
    try:
        assert judged(lambda *args: np.ones((10**4, 10**3)), checks.iou).status == "tried"
        assert tracemalloc.get_traced_memory()[1] < 1.5 * 8 * 10**7  # one at a time
    finally:
        tracemalloc.stop()


def test_masked_answers_are_no_answers():
    def masked(mask):
        return judged(lambda *args: np.ma.masked_array(boxes.iou(*args), mask=mask), checks.iou)

    assert masked(False).status == "passed"
    verdict = masked(True)
    assert verdict.status == "tried"
    assert "got a masked array, 1 of its 1 numbers masked" in verdict.text
    assert verdict.hint is None
    assert judged(lambda *args: [[np.ma.masked]], checks.iou).status == "tried"


def test_answers_that_are_not_finite_get_a_word_of_their_own():
    for nothing in (np.nan, np.inf):
        hint = judged(lambda a, b, nothing=nothing: boxes.iou(a, b) + nothing, checks.iou).hint
        assert hint.startswith("There are infinite numbers, or NaN (not a number)")


@pytest.mark.parametrize("empty", [np.array([]), [[]]])
def test_empty_answers_get_no_hint(empty):
    for exercise in EXERCISES:
        assert judged(gives(empty), exercise).hint is None


def test_an_answer_of_another_shape_is_not_framed_as_wrong():
    verdict = judged(lambda a, b: boxes.iou(a, b)[None], checks.iou)
    assert "expected the shape (1, 1), got (1, 1, 1)" in verdict.text
    assert "framed" not in verdict.html
    assert verdict.hint is None


def test_the_same_answer_to_two_cases_proves_nothing():
    cases = checks.zero_pad.cases()[:2]
    short = dataclasses.replace(checks.zero_pad, make_cases=lambda rng: cases)
    assert judged(lambda images, padding: 0.0, short).hint is None


@pytest.mark.parametrize("name", checks.output_size.mistakes)
def test_a_mistake_that_is_mostly_not_made_is_no_hint(name):
    hint, mistaken = checks.output_size.mistakes[name]
    wrong = [
        case.args
        for case in checks.output_size.cases()
        if mistaken(right_size, *case.args) != right_size(*case.args)
    ]

    def wrong_once(*args):
        return mistaken(right_size, *args) if args == wrong[0] else right_size(*args)

    if len(wrong) > 1:
        assert judged(wrong_once).hint != hint


# What is given back fits the notebook


def keras_tensor(answer):
    from keras import ops

    return ops.convert_to_tensor(answer)


FORMS = [
    keras_tensor,
    np.asarray,
    lambda answer: answer.view(np.matrix),
    lambda answer: np.asarray(answer, "float32"),
    lambda answer: np.asarray(answer, "longdouble"),
    lambda answer: np.asarray(answer, ">f8"),
]


@pytest.mark.parametrize("form", FORMS)
def test_right_answers_in_any_form_become_arrays(form):
    given_back = checks.iou(lambda a, b: form(boxes.iou(a, b)))
    table = given_back(np.array([[0.0, 0, 4, 2]]), np.array([[2.0, 1, 5, 3], [0, 0, 4, 2]]))
    assert type(table) is np.ndarray
    assert table.dtype == np.float64
    assert table.round(2).tolist() == [[0.17, 1.0]]


@pytest.mark.parametrize(
    "form", [keras_tensor, np.array, np.int16, lambda answer: np.array(answer, "uint8")]
)
def test_right_counts_in_any_form_become_whole_numbers(form):
    given_back = checks.output_size(lambda *args: form(right_size(*args)))
    length = given_back(7, 3, padding=1, stride=2)
    assert type(length) is int
    assert length == 4


def test_a_number_stays_one():
    content_cost = checks.content_cost(lambda a, b: np.array([[np.mean((a - b) ** 2) / 4]])[0, 0])
    cost = content_cost(np.array([[[1.0, 2.0]]]), np.array([[[3.0, 2.0]]]))
    assert isinstance(cost, float)
    assert cost == 0.5


def test_images_keep_their_type():
    shift_right = checks.shift_right(
        lambda images, pixels: checks.shift_right.helper(images, pixels).astype(int)
    )
    assert shift_right(np.zeros((1, 2, 3, 1), "uint8"), 1).dtype == np.uint8


def test_parameters_may_have_other_names():
    def suppress(corners, points, kinds, most):
        return suppression.non_max_suppression(corners, points, kinds, iou_threshold=most)

    given_back = checks.non_max_suppression(suppress)
    some = np.array([[0.0, 0, 4, 2], [0, 0, 4, 3]]), np.array([0.5, 0.75]), np.array([1, 1])
    assert given_back(*some, iou_threshold=0.5).tolist() == [1]
    assert given_back(*some, 0.9).tolist() == [1, 0]
    by_name = dict(zip(["boxes", "scores", "classes"], some, strict=True))
    assert given_back(**by_name, iou_threshold=0.5).tolist() == [1]


def by_name_alone(*, n, f, padding, stride):
    return right_size(n, f, padding, stride)


class Callable:
    def __call__(self, n, f, p, s):
        return right_size(n, f, p, s)


@pytest.mark.parametrize(
    "answer",
    [
        by_name_alone,
        functools.partial(right_size),
        functools.partial(lambda more, n, f, p, s: right_size(n, f, p, s), None),
        lambda *args: right_size(*args),
        Callable(),
        np.vectorize(right_size),
        functools.lru_cache(right_size),
    ],
)
def test_anything_that_can_be_called_will_do(answer):
    given_back = checks.output_size(answer)
    assert given_back.__wrapped__ is answer
    assert given_back(7, 3, padding=1, stride=2) == given_back(7, 3, 1, 2) == 4


def test_a_right_answer_can_be_checked_again():
    again = checks.output_size(checks.output_size(right_size))
    assert again.__wrapped__ is right_size


@pytest.mark.parametrize("name", ["content_cost", "gram_matrix", "triplet_loss", "batch_hard_loss"])
def test_the_helper_stands_in_with_arrays(name):
    exercise = getattr(checks, name)
    stand_in = exercise(only_passes)
    answer = stand_in(*exercise.cases()[0].args)
    assert isinstance(answer, np.ndarray | float)


def test_nothing_has_the_shape_and_the_type_that_the_stub_promises():
    def collects(corners, objectness, probabilities, threshold):
        scores, kept, classes = [], [], []
        for place in np.ndindex(objectness.shape):
            table = objectness[place] * probabilities[place]
            if table.max() >= threshold:
                scores.append(table.max())
                kept.append(corners[place])
                classes.append(table.argmax())
        return np.array(scores), np.array(kept), np.array(classes)

    filter_boxes = checks.filter_boxes(collects)
    answer = filter_boxes(np.ones((3, 4)), np.zeros(3), np.ones((3, 2)), 0.5)
    assert [part.shape for part in answer] == [(0,), (0, 4), (0,)]
    assert answer[2].dtype.kind == "i"


@pytest.mark.parametrize("is_graph", [False, True])
def test_gradients_flow_through_what_is_given_back(is_graph):
    import tensorflow as tf
    from keras import ops

    def gram(features):
        rows = ops.reshape(features, (-1, features.shape[2]))
        return ops.matmul(ops.transpose(rows), rows)

    def slope(features):
        with tf.GradientTape() as tape:
            tape.watch(features)
            total = ops.sum(given_back(features=features))
        return tape.gradient(total, features)

    given_back = checks.gram_matrix(gram)
    features = tf.constant([[[1.0, 2.0], [0.0, 3.0], [1.0, 1.0]]])
    found = (tf.function(slope) if is_graph else slope)(features)
    assert found.numpy().tolist() == [[[6.0, 6.0], [6.0, 6.0], [4.0, 4.0]]]


plain_numbers = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())
objects = st.recursive(
    plain_numbers,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=2), inner, max_size=2),
    ),
    max_leaves=6,
)


@hypothesis.given(objects, st.sampled_from([None, 2]))
def test_any_object_becomes_arrays_or_words(value, num_parts):
    answer = answers.plain(value, num_parts)
    again = answers.plain(answer, num_parts)
    assert comparing.shown(answer) == comparing.shown(again)
    found = comparing.difference(answer, answer) if isinstance(answer, np.ndarray) else None
    assert found is None


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
        (np.zeros((0, 4), int), np.array([])),
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
        (np.zeros(2), iter([0, 0]), "expected an array of shape (2,), got a list_iterator"),
        (
            np.zeros((2, 2)),
            [[0, 0], [np.nan, 1]],
            "2 of 4 numbers wrong, the first at [1, 0]: expected 0.0, got nan",
        ),
        ((1, 2), 1, "expected 2 things, (length, place); got a number"),
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


BROKEN = [
    b"{",
    b"\xff",
    b"[]",
    b'{"exercises": {"iou": "great"}}',
    b"[" * 10**5,
    b" " * 10**6 + b"{}",
]


@pytest.fixture
def progress_file():
    path = storage.cache_folder() / "progress.json"
    path.parent.mkdir(parents=True)
    return path


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_file_is_set_aside_and_said_so(content, progress_file, capsys):
    progress_file.write_bytes(content)
    record.note("iou", "tried")
    assert "could not be read" in capsys.readouterr().out
    assert progress_file.with_name("progress-broken.json").read_bytes() == content
    assert json.loads(progress_file.read_text()) == {"exercises": {"iou": "tried"}}


def test_every_broken_file_is_kept(progress_file):
    for content in BROKEN:
        progress_file.write_bytes(content)
        assert record.read() == {}
    kept = {path.read_bytes() for path in progress_file.parent.glob("progress-broken*.json")}
    assert kept == set(BROKEN)


def test_what_a_later_version_keeps_there_stays(progress_file):
    progress_file.write_text('{"version": 2, "exercises": {"later": "passed"}, "seconds": [1]}')
    record.note("iou", "tried")
    statuses = {"later": "passed", "iou": "tried"}
    content = {"version": 2, "exercises": statuses, "seconds": [1]}
    assert json.loads(progress_file.read_text()) == content
    assert record.read() == statuses


@pytest.mark.parametrize("make", ["mkfifo", "mkdir"])
def test_what_is_no_file_stays_and_nobody_waits_for_it(make, progress_file, capsys):
    if not hasattr(os, make):
        pytest.skip("this system has no pipes")
    getattr(os, make)(progress_file)
    assert record.read() == {}
    record.note("iou", "tried")
    printed = capsys.readouterr().out
    assert "cannot be read" in printed
    assert "is not kept" in printed
    assert progress_file.is_fifo() or progress_file.is_dir()


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.just("passed")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["exercises", "iou", "x"]), inner, max_size=3),
    ),
    max_leaves=6,
)


@hypothesis.given(st.one_of(st.binary(), json_values.map(lambda value: json.dumps(value).encode())))
@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_whatever_the_file_holds_nothing_is_lost(progress_file, content):
    for path in progress_file.parent.glob("*.json"):
        path.unlink()
    progress_file.write_bytes(content)
    before = record.read()
    assert set(before.values()) <= {"tried", "passed"}
    record.note("iou", "passed")
    assert record.read() == {**before, "iou": "passed"}
    aside = progress_file.with_name("progress-broken.json")
    if aside.exists():
        assert before == {}
        assert aside.read_bytes() == content
    else:
        assert before == json.loads(content)["exercises"]


def test_a_folder_that_cannot_be_written_to_is_no_disaster(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("WORKBOOK_CACHE", str(tmp_path / "file" / "folder"))
    assert checks.output_size(right_size).__wrapped__ is right_size
    checks.progress()
    printed = capsys.readouterr().out
    assert "Your progress is not kept" in printed
    assert f"0 of {len(EXERCISES)} exercises passed" in printed
