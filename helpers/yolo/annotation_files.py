"""What one file says of a picture: its objects, in Pascal VOC's XML or in YOLO's text.

Nothing here trusts a file: whatever is wrong with it becomes a `ValueError`.
"""

import codecs
import contextlib
import math
import os
import re
import xml.etree.ElementTree

import numpy as np

from helpers import boxes as box_tools
from helpers import messages

_LARGEST_FILE = 4_000_000  # bytes
_MOST_OBJECTS = 10_000
_SLIVER = 0.1  # pixels; no object is thinner
_ROUNDING = 1  # pixels; some programs count from 0 and others from 1, and text files round
_BEGINNINGS = (  # of texts: a mark, or "<?" in XML, and what reads them
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark begins alike
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_XML_BEGINNINGS = tuple(("<?".encode(code), code) for code in ("utf-16-le", "utf-16-be", "cp037"))
_NOT_FOR_TEXTS = ("idna", "punycode", "unicode-escape", "raw-unicode-escape")
_DECLARED = re.compile(r"""\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']""")


def read_voc(path, image_size, class_names=None, *, keep_difficult=True, orientation=1):
    """Read the objects of a picture from Pascal VOC's XML; see `annotations.load_voc`.

    Parameters
    ----------
    path : pathlib.Path
    image_size : (int, int)
        Height and width in pixels of the upright picture.
    class_names : sequence of str, optional
        None takes any.
    keep_difficult : bool
    orientation : int
        Of the picture as it is stored, 1 to 8, see `images.read_with_orientation`. A file whose
        ``<size>`` is that of the picture before it was turned has its boxes turned, too.

    Returns
    -------
    names : list of str
        The class of each object.
    boxes : list of float64 arrays of shape (4,)
        Corners: ``(left, top, right, bottom)``, in pixels of the upright picture, clipped to it.
        VOC names the first and last pixels of a box, counted from 1: hence ``left = xmin - 1``,
        ``right = xmax``.
    notes : list of str
        What to know about the file that is no reason to leave the picture out.
    difficult : list of (str, float64 array of shape (4,))
        Class and box of each object marked as difficult that has both, kept or not.

    Raises
    ------
    ValueError
        If the file cannot be read, has a DOCTYPE, or is for a picture of another size, or an
        object has no name, or no box that holds something of the picture.
    """
    root = _parse_xml(_read_bytes(path))
    is_as_stored, is_sure = _compare_sizes(root, image_size, orientation)
    items = [(f"object {i}", each) for i, each in enumerate(root.findall("object"), start=1)]
    _check_number(items)
    marked = [item for item in items if _is_difficult(item[1])]
    if not keep_difficult:
        items = [item for item in items if not _is_difficult(item[1])]

    def parse(element):
        name = element.findtext("name", "").strip()
        if not name or (class_names is not None and name not in class_names):
            raise ValueError(f"expected the name of a class, got {name[:40]!r}")
        left, top, right, bottom = (
            _number(element.findtext(f"bndbox/{edge}", ""), edge)
            for edge in ("xmin", "ymin", "xmax", "ymax")
        )
        corners = [left - 1, top - 1, right, bottom]
        if is_as_stored:
            corners = turn_box(corners, image_size[::-1], orientation)
        return name, corners

    names, boxes, notes = _read_objects(items, parse, image_size)
    difficult = []
    for item in marked:
        with contextlib.suppress(ValueError):  # which has been said of those that are kept
            name, box, _ = _read_objects([item], parse, image_size)
            difficult.append((*name, *box))
    return names, boxes, notes if is_sure else notes + _doubts(names, orientation), difficult


def read_yolo(path, image_size, class_names, *, orientation=1):
    """Read the objects of a picture from YOLO's text, as `read_voc` does from XML.

    Nothing in it says whether the boxes were drawn before or after the picture was turned as EXIF
    says. They are taken for boxes of the upright picture, and a note tells of it.
    """
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

    names, boxes, notes = _read_objects(items, parse, image_size)
    return names, boxes, notes + _doubts(names, orientation), []


def turn_box(corners, size, orientation):
    """Turn a box together with its picture, as EXIF's orientation says.

    Parameters
    ----------
    corners : sequence of 4 floats
        ``(left, top, right, bottom)`` in pixels of the stored picture.
    size : (int, int)
        Height and width in pixels of the stored picture.
    orientation : int
        1 to 8.

    Returns
    -------
    corners : list of 4 floats
        In pixels of the upright picture.

    >>> turn_box([30, 20, 130, 80], (200, 300), 6)  # a quarter, clockwise
    [120, 30, 180, 130]
    """
    left, top, right, bottom = corners
    height, width = size
    if orientation in (2, 3, 7, 8):
        left, right = width - right, width - left
    if orientation in (3, 4, 6, 7):
        top, bottom = height - bottom, height - top
    return [top, left, bottom, right] if orientation >= 5 else [left, top, right, bottom]


def read_class_names(path):
    """Read names of classes: one in each line, or after ``names:`` in YAML; or a `ValueError`."""
    text = read_text(path)
    if path.suffix != ".yaml":
        return text.rstrip().splitlines()
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
    data = _read_bytes(path)
    return _decode(data, _by_beginning(data, _BEGINNINGS) or "utf-8")


@contextlib.contextmanager
def naming(place):
    """Put a place, such as a file or a line, before the message of any `ValueError`."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{messages.printable(place)}: {error}") from error


def _check_number(items):
    if len(items) > _MOST_OBJECTS:
        raise ValueError(f"it has {len(items):,} objects, more than {_MOST_OBJECTS:,}")


def _is_difficult(element):
    """Tell whether an object is marked: by 1, as VOC does, or by true or yes, as others do."""
    return element.findtext("difficult", "").strip().lower() in ("1", "1.0", "true", "yes")


def _read_objects(items, parse, image_size):
    """Parse pairs of a place in the file and what stands there, and clip the boxes."""
    _check_number(items)
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


def _doubts(names, orientation):
    """Note that boxes may have been drawn on the picture as it is stored, if it is turned."""
    if orientation == 1 or not names:
        return []
    return [
        f"EXIF turns this picture (orientation {orientation}), and the boxes are taken as drawn on "
        "the turned one; if they were not, save it upright, without EXIF, and draw them anew"
    ]


def _parse_xml(data):
    """Parse XML that declares no entities: a few could be made to fill the memory."""
    text = _decode_xml(data)
    if "<!DOCTYPE" in text:
        raise ValueError("it has a DOCTYPE, which annotations do not need and which is not safe")
    try:
        root = xml.etree.ElementTree.fromstring(text)
    except (xml.etree.ElementTree.ParseError, ValueError) as error:
        raise ValueError(f"it is no XML: {messages.reason(error)}") from error
    if root.tag != "annotation":
        raise ValueError(f"expected <annotation> in it, got {root.tag[:40]!r}")
    return root


def _decode_xml(data):
    """Decode XML as its first bytes say, or its declaration, in any encoding that Python knows."""
    marked = _by_beginning(data, _BEGINNINGS)
    if marked:
        return _decode(data, marked)
    unmarked = _by_beginning(data, _XML_BEGINNINGS)
    head = data[:400].decode(unmarked or "ascii", "replace")
    found = _DECLARED.match(head)
    declared = found[1] if found else "utf-8"
    if unmarked and unmarked != "cp037":
        return _decode(data, unmarked)
    if re.match("(?i)utf.?(16|32)|ucs", declared):  # or its first bytes would not be read as ASCII
        declared = "utf-8"
    return _decode(data, declared)


def _by_beginning(data, beginnings):
    return next((code for start, code in beginnings if data.startswith(start)), None)


def _decode(data, encoding):
    try:
        if codecs.lookup(encoding).name.replace("_", "-") in _NOT_FOR_TEXTS:
            raise LookupError
        return data.decode(encoding)
    except LookupError:
        raise ValueError(f"its encoding {encoding[:40]!r} is not known; save it in UTF-8") from None
    except UnicodeError as error:
        place = f", at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        name = encoding.upper().removesuffix("-SIG")
        raise ValueError(f"it is no text in {name}{place}; save it in UTF-8") from error


def _compare_sizes(root, image_size, orientation):
    """Say which picture an annotation is for: whether the stored one, and whether that is sure.

    An annotation of another form of the picture, say a smaller one, is refused.
    """
    sides = [root.findtext(f"size/{side}", "").strip() or "0" for side in ("height", "width")]
    size = tuple(_number(side, "height and width") for side in sides)
    is_swapped = orientation >= 5
    if is_swapped and size == image_size[::-1] != image_size:
        return True, True
    if 0 not in size and size != image_size:
        stored = f", or {image_size[::-1]} before EXIF turns it" if is_swapped else ""
        raise ValueError(
            f"its (height, width) is {size}, but that of the picture {image_size}{stored}"
        )
    return False, is_swapped and 0 not in size and image_size[0] != image_size[1]


def _read_bytes(path):
    if os.path.exists(path) and not os.path.isfile(path):  # a pipe would never end
        raise ValueError("it is no regular file")
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise ValueError(f"it cannot be read: {messages.reason(error)}") from error
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
