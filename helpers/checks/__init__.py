'''Exercises whose answers check themselves: the learner writes a key function, and is told.

In a notebook, below the idea that it is about::

    def iou(boxes_a, boxes_b):
        """Intersection over union of boxes (n, 4) with boxes (m, 4): a table (n, m), 0 to 1."""
        ...


    iou = checks.iou(iou)

The last line reports in a few words, and gives back the learner's function if it is right, and
otherwise the helper of the same name: with an untouched stub the notebook still runs to its end.
Either is wrapped so that it takes and returns what the stub promises: a right answer may be a
tensor, in single precision, or call its parameters otherwise. See `helpers.checks.adapting`.
``checks.solution("iou")`` prints the helper, ``checks.progress()`` a table of all exercises.

How to add an exercise
----------------------
Exercises live in `helpers.checks.exercises`, one file per notebook; a new file is named in that
package's ``FILES``. An exercise is a function that yields cases, simple ones first, from a seeded
generator. It has the exercise's name, which is unique in the workbook, and a decorator that names
the notebook and the helper that knows the answers::

    from helpers.checks.declare import Case, exercise

    NOTEBOOK = "06_yolov2_filtering"


    @exercise(NOTEBOOK, "helpers.boxes:iou")
    def iou(rng):
        yield Case("two boxes on paper", [[0, 0, 4, 2]], [[2, 1, 5, 3]])  # label, then arguments
        yield Case("two boxes in shares", rng.random((2, 4)).cumsum(axis=1), [[0, 0, 1, 1]])


    @iou.mistake
    def shared_counted_twice(right, boxes_a, boxes_b):
        """Both areas together hold what the boxes share twice: subtract it once."""
        overlap = right(boxes_a, boxes_b)
        return overlap / (1 + overlap)


    EXERCISES = (iou,)  # at the end of the file

A *mistake* is a usual wrong answer. It takes the helper (`right`), then the case's arguments. Its
docstring is a hint, which is shown to a learner whose answers are the same. At least five for each
exercise; ``tests/test_checks.py`` tries all of them, and asks that each gets its own hint.

- The helper is called with the very arguments of the learner, so its signature is the learner's, or
  a more general one. It is named in words, and imported only when it is needed. A file of exercises
  imports nothing but NumPy at its top.
- Shapes are not square; edges are cases. Where two mistakes give the same answers to all cases, a
  case is missing.
- Answers are numbers, arrays or tensors, or a tuple of these; a list for an array will not do. What
  the decorator can be told beyond this, see `helpers.checks.declare.exercise`.
'''

from helpers.checks import record, report, source
from helpers.checks.exercises import FILES

__all__ = ["names", "progress", "solution"]

_EXERCISES = {exercise.name: exercise for file in FILES for exercise in file.EXERCISES}


def names():
    """List the names of all exercises, in the order of the notebooks."""
    return [exercise.name for exercise in _in_order()]


def solution(name):
    """Print the helper that an exercise asks for, with all it uses of its module: it can be run.

    Parameters
    ----------
    name : str
        Of the exercise, for example ``"iou"``.

    Raises
    ------
    ValueError
        If there is no such exercise; the message lists those there are.
    """
    exercise = _EXERCISES.get(name) if isinstance(name, str) else None
    if exercise is None:
        raise ValueError(
            f"expected the name of an exercise, one of {', '.join(names())}; got {name!r}"
        )
    modules = {}
    for path in exercise.solution:
        module, _, function = path.partition(":")
        modules.setdefault(module, []).append(function)
    for module, functions in modules.items():
        print(f"# {module}\n{source.with_needs(module, functions)}\n")


def progress():
    """Show for each notebook which exercises are passed, which were tried, and which are open.

    What was reached is kept in one small file, see `helpers.checks.record`. An exercise that was
    passed once stays passed.
    """
    report.show(*report.progress(_in_order(), record.read()))


def _in_order():
    return sorted(_EXERCISES.values(), key=lambda exercise: exercise.notebook)


def __getattr__(name):
    if name in _EXERCISES:
        return _EXERCISES[name]
    raise AttributeError(f"no exercise is called {name!r}; there are {', '.join(names())}")


def __dir__():
    return sorted([*__all__, *_EXERCISES])
