"""Small pictures of what went wrong, as HTML: arrays as grids of numbers, boxes as outlines."""

import html

import numpy as np

_LARGEST = 12  # rows or columns of a grid that is still small
_ROW = '<div style="display: flex; flex-wrap: wrap; gap: 1.5em; align-items: flex-end">'
_SIZE = 180  # pixels of a picture of boxes, along its longer side
_MARGIN = 14  # pixels, with room for a label


def grids(arguments, difference):
    """Draw arguments, the right answer and the learner's as grids; frame the wrong numbers.

    Of arrays with more than two long axes, one plane is drawn: of the right answer and the
    learner's, the one with the first wrong number. Large ones are left out.

    Parameters
    ----------
    arguments : dict of str to object
    difference : comparing.Difference

    Returns
    -------
    html : str
    """
    wrong = difference.wrong
    place = None if wrong is None else tuple(int(index) for index in np.argwhere(wrong)[0])
    parts = [_grid(name, value) for name, value in arguments.items() if np.ndim(value)]
    parts.append(_grid("expected", difference.expected, place))
    got = "got" if wrong is None else "got (wrong ones framed)"
    parts.append(_grid(got, difference.got, place, wrong))
    return f"{_ROW}{''.join(parts)}</div>"


def outlines(title, corners, labels, strong):
    """Draw boxes.

    Parameters
    ----------
    title : str
    corners : array of shape (n, 4)
        ``(left, top, right, bottom)``, in any unit.
    labels : sequence of n str
        One or two characters.
    strong : sequence of n bool
        Which are drawn with a solid line; the others are dashed.

    Returns
    -------
    html : str
    """
    corners = np.asarray(corners, dtype=float).reshape(-1, 4)
    if not len(corners):
        return ""
    first = corners[:, :2].min(axis=0)
    scale = _SIZE / max((corners[:, 2:].max(axis=0) - first).max(), 1e-9)
    pixels = (corners - np.tile(first, 2)) * scale + _MARGIN
    width, height = pixels[:, 2:].max(axis=0) + _MARGIN
    shapes = []
    for row, (box, label, solid) in enumerate(zip(pixels, labels, strong, strict=True)):
        left, top, right, bottom = box
        place = left + 3 + 18 * (row % 8)  # so that labels of boxes in one place can be read
        dash = "" if solid else ' stroke-dasharray="4 3"'
        shapes.append(
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
            f'height="{bottom - top:.1f}" fill="none" stroke="{"#2a78b8" if solid else "#c25e00"}" '
            f'stroke-width="{2.5 if solid else 1.5}"{dash}/>'
            f'<text x="{place:.1f}" y="{top + 12:.1f}" font-size="11" fill="currentColor">'
            f"{html.escape(str(label))}</text>"
        )
    drawing = f'<svg width="{width:.0f}" height="{height:.0f}">{"".join(shapes)}</svg>'
    return f"<div><div>{html.escape(title)}</div>{drawing}</div>"


def side_by_side(*parts):
    """Put pictures into one row."""
    return f"{_ROW}{''.join(parts)}</div>"


def _grid(name, value, place=None, wrong=None):
    """Draw one plane of an array as a table; an empty string if it is too large or no numbers."""
    try:
        array = np.asarray(value)
    except ValueError:
        return ""
    if array.dtype.kind not in "biuf" or array.size == 0:
        return ""
    plane, caption = _plane(array, place)
    if plane is None or max(plane.shape) > _LARGEST:
        return ""
    marks = np.zeros(plane.shape, bool) if wrong is None else _plane(wrong, place)[0]
    rows = "".join(
        f"<tr>{''.join(map(_cell, numbers, marked))}</tr>"
        for numbers, marked in zip(plane, marks, strict=True)
    )
    title = html.escape(f"{name} {caption}")
    return f"<div><div>{title}</div><table>{rows}</table></div>"


def _plane(array, place):
    """Return two axes of an array, rows and columns, and which these are in words."""
    squeezed = array.squeeze()
    if squeezed.ndim <= 2:
        return np.atleast_2d(squeezed), ""
    if place is None or len(place) != array.ndim or array.ndim > 4:
        return None, ""
    if array.ndim == 3:
        return array[..., place[2]], f"[:, :, {place[2]}]"
    return array[place[0], ..., place[3]], f"[{place[0]}, :, :, {place[3]}]"


def _cell(number, marked):
    frame = "border: 2px solid #c25e00; font-weight: bold" if marked else "border: 1px solid #ccc"
    text = f"{number:.4g}" if isinstance(number, np.floating) else str(number)
    return f'<td style="{frame}; text-align: right; padding: 1px 6px">{text}</td>'
