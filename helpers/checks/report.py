"""What a learner reads: plain text everywhere, and in notebooks the same words as HTML."""

import html
import sys

from helpers.checks import comparing

_COLOURS = {"open": "#888888", "tried": "#c25e00", "passed": "#2a8a3e"}
_PRINTED_LINES, _PRINTED_WIDTH = 6, 200
_MOST_DRAWN = 2_000  # numbers of an answer


def show(text, as_html):
    """Display a report in a notebook, or print it elsewhere."""
    ipython = sys.modules.get("IPython")
    if not as_html or ipython is None or ipython.get_ipython() is None:
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        print(text.encode(encoding, "replace").decode(encoding))  # a console may lack a sign
    else:
        ipython.display.display({"text/plain": text, "text/html": as_html}, raw=True)


def nothing_to_check(exercise, reason):
    """Write the one line for a stub, or for something else that is no answer.

    Returns
    -------
    text, html : str
        No HTML: the line is printed, and is the same wherever notebooks are compared.
    """
    return f"{exercise.name}: {reason}. The notebook goes on with {_dotted(exercise)}.", ""


def passed(exercise, runs):
    """Write the report of a right answer.

    Returns
    -------
    text, html : str
    """
    text = f"{exercise.name}: passed, all {len(runs)} cases."
    if any(run.outcome.printed for run in runs):
        text += " (What it prints is left out here.)"
    return text, _framed("passed", f"<p>{html.escape(text)}</p>")


def failed(exercise, runs, shown, hint):
    """Write the report of a wrong answer.

    Parameters
    ----------
    exercise : declare.Exercise
    runs : list of judging.Run
    shown : judging.Run
        One that failed.
    hint : str or None

    Returns
    -------
    text, html : str
    """
    right = sum(run.problem is None for run in runs)
    counts = [f"{right} of {len(runs)} cases pass"]
    if len(runs) < len(exercise.cases()):
        counts.append(f"{len(exercise.cases()) - len(runs)} were not tried")
    if runs[-1].outcome.is_slow:
        counts.append(f"the limit is {exercise.seconds:g} seconds for all")
    headline = f"{exercise.name}: not right yet, {', '.join(counts)}."
    case = f"This one does not: {shown.case.label}."
    details = "\n".join([*_inputs(shown), *_answers(shown), shown.problem, *_asides(shown)])
    further = [f"Hint: {hint}"] if hint else []
    further.append(
        f"The notebook goes on with {_dotted(exercise)}. "
        f'To read it: checks.solution("{exercise.name}")'
    )
    text = "\n".join([headline, case, details, *further])
    as_html = "".join(
        [
            f"<p><strong>{html.escape(headline)}</strong> {html.escape(case)}</p>",
            f'<pre style="margin: 0.4em 0; font-family: monospace">{html.escape(details)}</pre>',
            _picture(exercise, shown),
            *(f"<p>{html.escape(line)}</p>" for line in further),
        ]
    )
    return text, _framed("tried", as_html)


def progress(exercises, statuses):
    """Write the table of all exercises.

    Parameters
    ----------
    exercises : list of declare.Exercise
        In the order of the notebooks.
    statuses : dict of str to {"tried", "passed"}
        From the names of exercises.

    Returns
    -------
    text, html : str
    """
    rows = []
    for notebook in dict.fromkeys(exercise.notebook for exercise in exercises):
        sorted_names = {"passed": [], "tried": [], "open": []}
        for exercise in exercises:
            if exercise.notebook == notebook:
                sorted_names[statuses.get(exercise.name, "open")].append(exercise.name)
        rows.append((notebook, *(", ".join(names) or "-" for names in sorted_names.values())))
    header = ("notebook", "passed", "tried", "open")
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in (header, *rows)
    ]
    num_passed = sum(statuses.get(exercise.name) == "passed" for exercise in exercises)
    lines.append(f"{num_passed} of {len(exercises)} exercises passed")
    cells = ["".join(f"<td>{html.escape(text)}</td>" for text in row) for row in rows]
    head = "".join(
        f'<th style="color: {_COLOURS.get(text, "inherit")}">{text}</th>' for text in header
    )
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return "\n".join(lines), f"<table><tr>{head}</tr>{body}</table><p>{lines[-1]}</p>"


def _picture(exercise, run):
    if run.difference is None or not run.difference.is_of_arrays:
        return ""
    if run.difference.got.size > _MOST_DRAWN:
        return ""
    try:
        return exercise.draw(run.arguments, run.difference)
    except Exception:  # the words are worth more
        return ""


def _inputs(run):
    return [f"  {name} = {comparing.shown(value)}" for name, value in run.arguments.items()]


def _answers(run):
    if run.difference is None:
        return []
    expected, got = map(comparing.shown, (run.difference.expected, run.difference.got))
    name = f" {run.difference.name}" if run.difference.name else ""
    return [f"  expected{name}: {expected}", f"  got{name}: {got}"]


def _asides(run):
    """Say what else may help: changed arguments, a warning, and what the function printed."""
    outcome, lines = run.outcome, []
    if outcome.changed and run.difference:
        lines.append(f"It also changed its argument {' and '.join(outcome.changed)}: use a copy.")
    if outcome.warned:
        lines.append(f"There was a warning: {outcome.warned}")
    if outcome.printed:
        printed = outcome.printed.splitlines()
        lines += [
            "It printed:",
            *(f"  {line[:_PRINTED_WIDTH]}" for line in printed[:_PRINTED_LINES]),
        ]
        if len(printed) > _PRINTED_LINES:
            lines.append("  …")
    return lines


def _framed(status, content):
    style = f"border-left: 4px solid {_COLOURS[status]}; padding: 0.2em 0.8em; margin: 0.4em 0"
    return f'<div style="{style}">{content}</div>'


def _dotted(exercise):
    return exercise.helper_path.replace(":", ".")
