"""What one file says of a picture: its objects, in Pascal VOC's XML or in YOLO's text.

Nothing here trusts a file: whatever is wrong with it becomes a `ValueError`.
"""

import contextlib
import math
import xml.etree.ElementTree

import numpy as np

from helpers import boxes as box_tools

_LARGEST_FILE = 16_000_000  # bytes
_SLIVER = 0.1  # pixels; no object is thinner
_ROUNDING = 1  # pixels; some programs count from 0 and others from 1, and text files round
_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("ascii", "utf-16-le", "utf-16-be"))


def read_voc(path, image_size, class_names=None, *, keep_difficult=True):
    """Read the objects of a picture from Pascal VOC's XML; see `annotations.load_voc`.

    Returns
    -------
    names : list of str
        The class of each object.
    boxes : list of float64 arrays of shape (4,)
        Corners: ``(left, top, right, bottom)``, in pixels, clipped to the picture. VOC names the
        first and last pixels of a box, counted from 1: hence ``left = xmin - 1``, ``right = xmax``.
    notes : list of str
        What to know about the file that is no reason to leave the picture out.

    Raises
    ------
    ValueError
        If the file cannot be read, has a DOCTYPE, or is for a picture of another size, or an
        object has no name, or no box that holds something of the picture.
    """
    root = _parse_xml(_read_bytes(path))
    _compare_sizes(root, image_size)
    items = [
        (f"object {i}", element)
        for i, element in enumerate(root.findall("object"), start=1)
        if keep_difficult or element.findtext("difficult", "").strip() != "1"
    ]

    def parse(element):
        name = element.findtext("name", "").strip()
        if not name or (class_names is not None and name not in class_names):
            raise ValueError(f"expected the name of a class, got {name[:40]!r}")
        left, top, right, bottom = (
            _number(element.findtext(f"bndbox/{edge}", ""), edge)
            for edge in ("xmin", "ymin", "xmax", "ymax")
        )
        return name, [left - 1, top - 1, right, bottom]

    return _read_objects(items, parse, image_size)


def read_yolo(path, image_size, class_names):
    """Read the objects of a picture from YOLO's text, as `read_voc` does from XML."""
    lines = read_text(path).splitlines()
    items = [(f"line {i}", line) for i, line in enumerate(lines, start=1) if line.strip()]

    def parse(line):
        words = line.split()
        if len(words) != 5:
            raise ValueError(f"expected class x y width height, got {len(words)} values")
        label, *centre = (_number(word, "each value") for word in words)
        if label not in range(len(class_names)):
            raise ValueError(f"expected a class of 0 to {len(class_names) - 1}, got {label:g}")
        pixels = box_tools.relative_to_pixels(centre, image_size)
        return class_names[int(label)], box_tools.centre_to_corners(pixels)

    return _read_objects(items, parse, image_size)


def read_class_names(path):
    """Read names of classes: one in each line, or after ``names:`` in YAML; or a `ValueError`."""
    text = read_text(path)
    if path.suffix != ".yaml":
        return text.strip().splitlines()
    try:
        import yaml
    except ImportError:
        raise ValueError("reading it needs PyYAML: install that or give class_names") from None
    try:
        names = yaml.safe_load(text)["names"]
        if isinstance(names, dict):
            names = [names[number] for number in range(len(names))]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError("other things than texts")
    except Exception as error:  # PyYAML raises many kinds for spoilt files
        raise ValueError(
            "expected names: with a list of texts, or texts numbered from 0 on; "
            "names such as no and 1 need quotes"
        ) from error
    return names


def read_text(path):
    """Read a text in UTF-8, or raise a `ValueError` that says why it cannot be read."""
    try:
        return _read_bytes(path).decode("utf-8-sig")  # Windows likes to start with a mark
    except UnicodeDecodeError as error:
        raise ValueError(f"it is no text in UTF-8, at byte {error.start}") from error


@contextlib.contextmanager
def naming(place):
    """Put a place, such as a file or a line, before the message of any `ValueError`."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error


def _read_objects(items, parse, image_size):
    """Parse pairs of a place in the file and what stands there, and clip the boxes."""
    names, boxes, notes = [], [], []
    for place, item in items:
        with naming(place):
            name, corners = parse(item)
            box = box_tools.clip(corners, image_size)
            if (box[2:] - box[:2]).min() < _SLIVER:
                shown = np.round(corners, 3).tolist()
                raise ValueError(f"the box {shown} holds nothing of the picture {image_size}")
        beyond = np.abs(box - corners).max()
        if beyond > _ROUNDING:
            notes.append(f"{place}: clipped, as it reached {beyond:.4g} pixels too far")
        names.append(name)
        boxes.append(box)
    if not names:
        notes.append("no objects, so the picture is taken as background alone")
    return names, boxes, notes


def _parse_xml(data):
    """Parse XML that declares no entities: a few could be made to fill the memory."""
    if any(doctype in data for doctype in _DOCTYPES):
        raise ValueError("it has a DOCTYPE, which annotations do not need and which is not safe")
    try:
        root = xml.etree.ElementTree.fromstring(data)
    except (xml.etree.ElementTree.ParseError, ValueError, LookupError) as error:
        raise ValueError(f"it is no XML: {error}") from error
    if root.tag != "annotation":
        raise ValueError(f"expected <annotation> in it, got {root.tag[:40]!r}")
    return root


def _compare_sizes(root, image_size):
    """Refuse an annotation of another form of the picture, say a smaller one, if it has a size."""
    sides = [root.findtext(f"size/{side}", "").strip() or "0" for side in ("height", "width")]
    size = tuple(_number(side, "height and width") for side in sides)
    if 0 not in size and size != image_size:
        raise ValueError(f"its (height, width) is {size}, but that of the picture {image_size}")


def _read_bytes(path):
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise ValueError(f"it cannot be read: {error.strerror or error}") from error
    if len(data) > _LARGEST_FILE:
        raise ValueError(f"it has more than {_LARGEST_FILE:,} bytes")
    return data


def _number(text, name):
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"expected a number as {name}, got {text[:40]!r}")
    return number
