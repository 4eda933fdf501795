"""Detecting with a YOLOv2: from pictures to named boxes in pixels, and drawn on the pictures."""

import colorsys
import dataclasses
import functools
import html
import inspect
import pathlib
import typing

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from helpers import boxes as box_tools
from helpers import images, letterbox, suppression, validation
from helpers.yolo import decoding

_BAR_LEVEL = 0.5  # of the frame around a picture, as in Darknet
_SLIVER = 1e-3  # pixels of the frame; thinner parts of a box are but rounding errors
# From one class to the next, hue, saturation and value go on by these shares of their ranges. Of
# 6,000 random triples, this one keeps the first 7, 10, 20 and 80 colours furthest apart.
_COLOUR_STEPS = (0.586, 0.676, 0.714)
_MIN_FONT_SIZE = 8  # pixels; smaller letters cannot be read


class Detection(typing.NamedTuple):
    """One object that was found.

    Parameters
    ----------
    name : str
        Of its class.
    score : float
        0 to 1.
    box : float64 array of shape (4,)
        Corners: ``(left, top, right, bottom)``, in pixels of the picture.
    """

    name: str
    score: float
    box: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Detections:
    """The objects found in one picture: a small table, of which each row is a `Detection`.

    Parameters
    ----------
    boxes : float64 array of shape (n, 4)
        Corners: ``(left, top, right, bottom)``, in pixels of the picture.
    scores : float64 array of shape (n,)
        0 to 1, as `detect` gives them with the best first.
    classes : int64 array of shape (n,)
        Places in `class_names`.
    class_names : tuple of str
    trained_on : str
        What the network knows, in words, if it is known: where nothing was found, this is printed.

    Raises
    ------
    ValueError
        If the shapes do not belong together, or a class has no name.
    """

    boxes: np.ndarray
    scores: np.ndarray
    classes: np.ndarray
    class_names: tuple
    trained_on: str = ""

    def __post_init__(self):
        corners = box_tools.as_corners(self.boxes)
        scores, classes = np.array(self.scores, dtype=float), np.array(self.classes)
        names = _check_class_names(self.class_names)
        num_boxes = len(corners)
        if corners.ndim != 2 or scores.shape != (num_boxes,) or classes.shape != (num_boxes,):
            raise ValueError(
                "expected boxes of shape (n, 4), and n scores and classes; "
                f"got {corners.shape}, {scores.shape} and {classes.shape}"
            )
        if num_boxes and classes.dtype.kind not in "iu":
            raise ValueError(f"expected whole numbers as classes, got {classes.dtype}")
        if num_boxes and not 0 <= classes.min() <= classes.max() < len(names):
            raise ValueError(f"expected classes in 0..{len(names) - 1}, got {classes.tolist()}")
        checked = {"boxes": corners, "scores": scores, "classes": classes.astype(np.int64)}
        for name, value in (checked | {"class_names": names}).items():
            object.__setattr__(self, name, value)

    def __len__(self):
        return len(self.boxes)

    def __iter__(self):
        for box, score, label in zip(self.boxes, self.scores, self.classes, strict=True):
            yield Detection(self.class_names[label], float(score), box)

    def __str__(self):
        if not len(self):
            return self._nothing_found()
        header, *rows = _as_table(self)
        width = max(len(row[0]) for row in (header, *rows))
        lines = [
            f"{name:<{width}}" + "".join(f"{cell:>9}" for cell in cells)
            for name, *cells in (header, *rows)
        ]
        return "\n".join(lines)

    def _repr_html_(self):
        if not len(self):
            return f"<p>{html.escape(self._nothing_found())}</p>"
        header, *rows = _as_table(self)
        lines = [_html_row(header, "th"), *(_html_row(row, "td") for row in rows)]
        return f"<table>{''.join(lines)}</table>"

    def _nothing_found(self):
        if not self.trained_on:
            return "nothing found"
        return f"nothing found; this network was trained on {self.trained_on} only"


def detect(
    model,
    image,
    *,
    anchors,
    class_names,
    score_threshold=0.6,
    iou_threshold=0.5,
    max_boxes=100,
    input_size=None,
    batch_size=8,
):
    """Find objects in a picture, or in each of several.

    Parameters
    ----------
    model : keras.Model
        Takes pictures (pictures, height, width, 3), RGB in 0 to 1, and puts out
        (pictures, rows, columns, anchors * (5 + classes)), see `decoding.decode`. Anything else
        with a method ``predict`` that does this will do. If it has a text ``trained_on``, as the
        street detector has, results without objects say so.
    image : array, PIL.Image.Image, str or os.PathLike, or a list of these
        A uint8 RGB array (height, width, 3), anything else that `images.as_rgb` takes, or the path
        of a picture. Pictures in a list may have different sizes.
    anchors : array of shape (anchors, 2)
        Width and height of each anchor, in cells.
    class_names : sequence of str
        In the order of the network's classes.
    score_threshold : float
        Boxes with this score or a higher one stay, 0 to 1.
    iou_threshold : float
        Of two boxes of the same class that overlap more than this, the better stays, 0 to 1.
    max_boxes : int or None
        At most so many in a picture, the best ones. None keeps all.
    input_size : (int, int), optional
        Height and width of what the model sees; what it was built for if not given.
    batch_size : int
        Pictures that the model sees at a time.

    Returns
    -------
    detections : Detections, or a list of them
        Best first. The boxes are clipped to the picture; what lies wholly outside it is left out.

    Raises
    ------
    ValueError
        If a setting lies outside its range, a picture cannot be read, the model has no input size
        and none is given, or what it puts out does not fit the anchors and names or is not finite.
    FileNotFoundError
        If there is no such picture.
    """
    anchors, class_names = decoding.check_anchors(anchors), _check_class_names(class_names)
    validation.real(score_threshold, "score_threshold", minimum=0, maximum=1)
    batch_size = validation.integer(batch_size, "batch_size", minimum=1)
    input_size = _input_size(model, input_size)
    trained_on = getattr(model, "trained_on", "")

    # Settings of the suppression, tried on nothing, so that bad ones show before the network runs.
    suppress = functools.partial(
        suppression.non_max_suppression, iou_threshold=iou_threshold, max_boxes=max_boxes
    )
    suppress([], [])
    several = isinstance(image, list | tuple) or (isinstance(image, np.ndarray) and image.ndim == 4)
    pictures = image if several else [image]
    found = []
    for start in range(0, len(pictures), batch_size):
        batch = [_as_picture(picture) for picture in pictures[start : start + batch_size]]
        # Always as many, the last ones black: for another number TensorFlow would compile anew.
        inputs = np.zeros((batch_size if several else 1, *input_size, 3), np.float32)
        inputs[: len(batch)] = [as_input(picture, input_size) for picture in batch]
        for picture, output in zip(batch, _predict(model, inputs), strict=False):
            candidates = decoding.decode_and_filter(
                output, anchors, len(class_names), score_threshold
            )
            scores, boxes, classes = _in_picture(*candidates, picture.shape[:2], input_size)
            kept = suppress(boxes, scores, classes)
            boxes = box_tools.clip(boxes[kept], picture.shape[:2])
            found.append(Detections(boxes, scores[kept], classes[kept], class_names, trained_on))
    return found if several else found[0]


def as_input(image, input_size):
    """Put a picture into a frame with grey bars, as YOLO networks take it.

    Parameters
    ----------
    image : uint8 array of shape (height, width, 3)
        RGB, 0 to 255.
    input_size : (int, int)
        Height and width of the frame in pixels.

    Returns
    -------
    framed : float32 array of shape (*input_size, 3)
        RGB, 0 to 1. The picture fills `letterbox.window`, resized bilinearly, and smoothed before
        it is made smaller; the rest is 0.5.

    Raises
    ------
    ValueError
        If `image` is none, or `input_size` is not two sizes.
    """
    image = images.as_rgb(image)
    left, top, right, bottom = letterbox.window(image.shape[:2], input_size)
    if image.shape[:2] != (bottom - top, right - left):
        smaller = Image.fromarray(image).resize((right - left, bottom - top), Image.BILINEAR)
        image = np.asarray(smaller)
    framed = np.full((*box_tools.as_size(input_size), 3), _BAR_LEVEL, dtype=np.float32)
    framed[top:bottom, left:right] = image
    framed[top:bottom, left:right] /= 255
    return framed


def class_colour(label):
    """Choose the colour of a class: always the same, and unlike those of the others.

    Parameters
    ----------
    label : int
        Of the class, from 0 on.

    Returns
    -------
    colour : (int, int, int)
        RGB, 0 to 255.
    """
    label = validation.integer(label, "label", minimum=0)
    hue, saturation, value = (label * step % 1 for step in _COLOUR_STEPS)
    shares = colorsys.hsv_to_rgb(hue, 0.6 + 0.4 * saturation, 0.55 + 0.45 * ((value + 0.9) % 1))
    return tuple(round(255 * share) for share in shares)


def text_colour(background):
    """Choose black or white for a text, whichever is easier to read.

    Parameters
    ----------
    background : (int, int, int)
        RGB, 0 to 255.

    Returns
    -------
    colour : (int, int, int)
        The one with the higher contrast to `background`, which is at least 4.5 to 1.

    References
    ----------
    W3C, "Web Content Accessibility Guidelines 2.1", relative luminance and contrast ratio.
    """
    shares = np.array(background) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    # The contrast to black is (luminance + 0.05) / 0.05, that to white 1.05 / (luminance + 0.05).
    return (0, 0, 0) if (luminance + 0.05) ** 2 > 0.05 * 1.05 else (255, 255, 255)


def draw_detections(image, detections, *, min_score=0.0, font_size=None):
    """Draw frames and labels on a copy of a picture, in one colour for each class.

    Parameters
    ----------
    image : uint8 array of shape (height, width, 3)
        RGB, 0 to 255, or anything else that `images.as_rgb` takes.
    detections : Detections
    min_score : float
        Leave out what has a lower score, 0 to 1.
    font_size : int, optional
        Height of the text in pixels, at least 1. If not given, it follows the picture's size.

    Returns
    -------
    drawn : uint8 array of shape (height, width, 3)
        RGB, 0 to 255. Labels lie whole inside the picture, and not on each other where there is
        room. A label that would not fit into the picture is written smaller, or else left out.

    Raises
    ------
    ValueError
        If `image` is no picture, `detections` none, `min_score` lies outside 0..1, or `font_size`
        is below 1.
    """
    if not isinstance(detections, Detections):
        raise ValueError(f"expected Detections, got {type(detections).__name__}")
    min_score = validation.real(min_score, "min_score", minimum=0, maximum=1)
    if font_size is not None:
        font_size = validation.integer(font_size, "font_size", minimum=1)
    canvas = Image.fromarray(images.as_rgb(image))
    font_size = font_size or _font_size(canvas.size)
    pen = ImageDraw.Draw(canvas)
    frames = [
        (*_frame(box, canvas.size), detections.classes[i], f"{name} {score:.2f}")
        for i, (name, score, box) in sorted(enumerate(detections), key=lambda row: -row[1].score)
        if score >= min_score
    ]
    line_width = max(round(font_size / 7), 1)
    for left, top, right, bottom, label, _ in reversed(frames):  # the best on top
        if left < right and top < bottom:
            width = min(line_width, max(min(right - left, bottom - top) // 4, 1))
            pen.rectangle(
                (left, top, right - 1, bottom - 1), outline=class_colour(label), width=width
            )
    taken = []
    for left, top, right, bottom, label, text in frames:
        font, size = _fitting_font(text, font_size, canvas.size)
        if font is not None:
            place = _place_label((left, top, right, bottom), size, canvas.size, taken)
            taken.append(place)
            _write(pen, text, place, font, class_colour(label))
    return np.array(canvas)


def _check_class_names(class_names):
    if isinstance(class_names, str) or not all(isinstance(name, str) for name in class_names):
        raise ValueError(f"expected class_names as a list of str, got {class_names!r}")
    if len(class_names) == 0:
        raise ValueError("expected at least one name in class_names, got none")
    return tuple(class_names)


def _input_size(model, input_size):
    """Return the height and width that the model takes, checked against those wanted."""
    built_for = getattr(model, "input_shape", None)
    if not isinstance(built_for, tuple) or len(built_for) != 4:
        built_for = (None, None, None, 3)
    if built_for[3] != 3:
        raise ValueError(
            f"expected a model that takes (pictures, height, width, 3), got {built_for}"
        )
    if input_size is None:
        if None in built_for[1:3]:
            raise ValueError(
                "expected input_size as (height, width), since the model takes pictures of any "
                "size; got None"
            )
        return box_tools.as_size(built_for[1:3], name="input_size")
    input_size = box_tools.as_size(input_size, name="input_size")
    if any(b not in (None, size) for b, size in zip(built_for[1:3], input_size, strict=True)):
        raise ValueError(
            f"expected the input_size that the model was built for, {built_for[1:3]}; "
            f"got {input_size}"
        )
    return input_size


def _as_picture(image):
    """Return a uint8 array (height, width, 3) of a picture or the path of one."""
    return images.load_rgb(image)


def _predict(model, inputs):
    """Run the model once, without a bar of progress, and check that each picture has an output."""
    # Keras' predict_on_batch does the same as predict, without tens of milliseconds of preparation.
    predict = getattr(model, "predict_on_batch", None) or getattr(model, "predict", None)
    if predict is None:
        raise ValueError(f"expected a model with a method predict, got {type(model).__name__}")
    silently = {"verbose": 0} if "verbose" in inspect.signature(predict).parameters else {}
    outputs = predict(inputs, **silently)
    if isinstance(outputs, list | tuple | dict) or np.shape(outputs)[:1] != (len(inputs),):
        raise ValueError(
            f"expected a model with one output (pictures, rows, columns, numbers) for "
            f"{len(inputs)} pictures, got {_describe(outputs)}"
        )
    return np.asarray(outputs)


def _in_picture(scores, corners, classes, image_size, input_size):
    """Leave out boxes that lie on the bars, and bring the others from shares to pixels."""
    in_frame = box_tools.relative_to_pixels(corners, input_size)
    window = letterbox.window(image_size, input_size)
    shared = np.minimum(in_frame[:, 2:], window[2:]) - np.maximum(in_frame[:, :2], window[:2])
    seen = (shared > _SLIVER).all(axis=1)
    boxes = letterbox.to_picture(in_frame[seen], image_size, input_size)
    return scores[seen], boxes, classes[seen]


def _describe(outputs):
    if isinstance(outputs, list | tuple | dict):
        return f"{type(outputs).__name__} of {len(outputs)}"
    return f"shape {np.shape(outputs)}"


def _as_table(detections):
    """Return a header and a row for each detection, as text."""
    rows = [("class", "score", "left", "top", "right", "bottom")]
    rows += [
        (name, f"{score:.2f}", *(f"{edge:.1f}" for edge in box)) for name, score, box in detections
    ]
    return rows


def _html_row(cells, tag):
    return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _font_size(canvas_size):
    """Choose letters that can be read in a figure of the whole picture, without filling it."""
    width, height = canvas_size
    return max(round(min((width + height) / 65, width / 8, height / 8)), 11)


def _font(size):
    folder = pathlib.Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return ImageFont.truetype(folder / "DejaVuSans.ttf", size)


def _fitting_font(text, size, canvas_size):
    """Return the largest font up to `size` whose label fits, and the label's size, or None."""
    while size >= _MIN_FONT_SIZE:
        font = _font(size)
        ascent, descent = font.getmetrics()
        width = int(np.ceil(font.getlength(text))) + 2 * _padding(font)
        height = ascent + descent
        if width <= canvas_size[0] and height <= canvas_size[1]:
            return font, (width, height)
        size -= 1
    return None, None


def _padding(font):
    return max(round(font.size / 5), 2)


def _frame(box, canvas_size):
    """Return corners in whole pixels inside the picture, that hold the whole box."""
    left, top, right, bottom = box_tools.clip(box, canvas_size[::-1])
    return int(left), int(top), int(np.ceil(right)), int(np.ceil(bottom))


def _place_label(frame, size, canvas_size, taken):
    """Find corners for a label inside the picture: above its frame or elsewhere near, if free."""
    left, top, right, bottom = frame
    width, height = size
    corners = [
        (x, y) for y in (top - height, top, bottom, bottom - height) for x in (left, right - width)
    ]
    largest_x, largest_y = canvas_size[0] - width, canvas_size[1] - height
    places = []
    for x, y in corners:
        x, y = min(max(x, 0), largest_x), min(max(y, 0), largest_y)
        places.append((x, y, x + width, y + height))
    whole_height = [place for place, (_, y) in zip(places, corners, strict=True) if place[1] == y]
    candidates = whole_height + places
    free = [place for place in candidates if not any(_meet(place, other) for other in taken)]
    return (free or candidates)[0]


def _meet(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _write(pen, text, place, font, colour):
    left, top, right, bottom = place
    pen.rectangle((left, top, right - 1, bottom - 1), fill=colour)
    pen.text((left + _padding(font), top), text, fill=text_colour(colour), font=font)
