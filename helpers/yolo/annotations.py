"""Pictures of one's own to train on, with their annotations in Pascal VOC's or YOLO's form.

A picture is used with all its boxes or not at all, since an object without its box would teach a
network that it is background. So whatever makes a box unusable is a *problem*, and the picture is
left out. A *note* is something to know that is no reason to leave a picture out.
"""

import collections
import dataclasses
import functools
import os
import pathlib
import typing
from collections.abc import Iterable

import numpy as np

from helpers import average_precision, letterbox, messages, validation
from helpers import boxes as box_tools
from helpers import images as image_tools
from helpers.yolo import annotation_files, detection

CLASS_NAME_FILES = ("classes.txt", "obj.names", "data.yaml")

_OTHER_TEXTS = (
    "classes.txt",
    "train.txt",
    "val.txt",
    "test.txt",
    "README.txt",
)  # that annotate no picture
_OTHER_FOLDERS = ("SegmentationClass", "SegmentationObject")  # VOC's masks are pictures, too
_NUM_SHOWN = 20  # problems that are printed


@dataclasses.dataclass(frozen=True, eq=False)
class AnnotatedPictures:
    """Pictures with the boxes and classes of what they show, and what was wrong with the rest.

    Parameters
    ----------
    paths : tuple of pathlib.Path
        The pictures that can be used, in the order of their names.
    boxes : tuple of float64 arrays of shape (n, 4)
        For each picture, corners ``(left, top, right, bottom)`` in pixels of the upright picture.
        There may be none.
    classes : tuple of int64 arrays of shape (n,)
        Places in `class_names`.
    class_names : tuple of str
    sizes : tuple of (int, int)
        Height and width in pixels of each picture, turned as its EXIF orientation says.
    left_out : tuple of pathlib.Path
        Pictures that cannot be used.
    problems : tuple of str
        Each names a file and what is wrong with it: one for each picture left out, and for each
        annotation without a picture.
    notes : tuple of str
        Each names a file and what to know about it, say that boxes were clipped or there are none.
    difficult : tuple of bool arrays of shape (n,)
        Which of the boxes are marked as difficult (VOC). `boxes` and `classes` know of all such
        objects, also of those that were left out, so that `mean_average_precision` ignores them;
        see `average_precision.GroundTruth`.
    """

    paths: tuple = dataclasses.field(repr=False)
    boxes: tuple = dataclasses.field(repr=False)
    classes: tuple = dataclasses.field(repr=False)
    class_names: tuple
    sizes: tuple = dataclasses.field(repr=False)
    left_out: tuple
    problems: tuple
    notes: tuple = dataclasses.field(repr=False)
    difficult: tuple = dataclasses.field(default=(), repr=False)


def load_voc(folder, class_names=None, *, split=None, keep_difficult=True, problems="report"):
    """Load pictures annotated in the XML of Pascal VOC (Everingham et al., IJCV 2010).

    Each picture is decoded once, so that a broken one is found now. Boxes of a picture that EXIF
    turns are turned with it if the ``<size>`` in the XML is that of the picture as it is stored.
    Where that cannot be told, they are taken as drawn on the upright picture, and a note says so.

    Parameters
    ----------
    folder : str or pathlib.Path
        Pictures in ``JPEGImages`` or ``images`` and XML in ``Annotations`` beside it, or both side
        by side; ``a.jpg`` goes with ``a.xml``. Folders in these are searched, but no links to any.
    class_names : sequence of str, optional
        Other names are problems then. None takes the names found, in the order of the alphabet.
    split : str, optional
        Takes only the pictures listed in ``ImageSets/Main/<split>.txt``, a name in each line.
    keep_difficult : bool
        False leaves out the boxes that are marked as difficult, but not their pictures. Evaluation
        ignores such objects in either case.
    problems : {"report", "raise"}
        Print problems and notes, at most 20 of each, or make any problem an error.

    Returns
    -------
    pictures : AnnotatedPictures

    Raises
    ------
    ValueError
        If there is no such folder or split, no picture can be used, a setting is not one of those
        above, or, with ``problems="raise"``, there is a problem.
    """
    class_names = _check_class_names(class_names)
    read = functools.partial(
        annotation_files.read_voc, class_names=class_names, keep_difficult=keep_difficult
    )
    found = _find(folder, ".xml", ("Annotations", "annotations"))
    if split is not None:
        found = _only_listed(found, split)
    return _load(found, read, class_names, problems)


def load_yolo(folder, class_names=None, *, problems="report"):
    """Load pictures annotated in YOLO's text, as Darknet's ``data.c`` reads it.

    Each line ``class x y width height`` has the number of a class, from 0 on, and the middle and
    size of a box in widths and heights of the picture. No line means background alone. Of a picture
    that EXIF turns, boxes are taken as drawn on the upright picture, and a note says so.

    Parameters
    ----------
    folder : str or pathlib.Path
        Pictures in ``images`` and text in ``labels`` beside it, or both side by side. Folders in
        these are searched, too: ``images/train/a.jpg`` belongs to ``labels/train/a.txt``.
    class_names : sequence of str, optional
        None takes them from ``classes.txt`` or ``obj.names``, one in each line, or from ``names:``
        in ``data.yaml``, for which PyYAML must be installed. The file may lie in the folder, with
        the annotations, or up to two folders higher.
    problems : {"report", "raise"}
        As for `load_voc`.

    Returns
    -------
    pictures : AnnotatedPictures

    Raises
    ------
    ValueError
        As `load_voc`, or if no names of classes are found, or two files have different ones.
    """
    class_names = _check_class_names(class_names)
    found = _find(folder, ".txt", ("labels", "Labels"))
    class_names = class_names or _find_class_names(found)
    read = functools.partial(annotation_files.read_yolo, class_names=class_names)
    return _load(found, read, class_names, problems)


def read_pictures(annotated, size):
    """Read annotated pictures, and put them with their boxes into frames of one size.

    Parameters
    ----------
    annotated : AnnotatedPictures
    size : (int, int)
        Height and width of the frames in pixels.

    Returns
    -------
    images : uint8 array of shape (pictures, height, width, 3)
        RGB, 0 to 255: each picture undistorted between grey bars, see `detection.as_input`.
    boxes : list of float64 arrays of shape (n, 4)
        Corners: ``(left, top, right, bottom)``, in pixels of the frame.
    classes : list of int64 arrays of shape (n,)
        The three are what `batches.DetectionBatches` takes.

    A picture that is broken now, or has another size than when it was loaded, is left out with its
    boxes, and a printed line names it.

    Raises
    ------
    ValueError
        If `size` is not two sizes, or no picture can be read.
    """
    frame_size = box_tools.as_size(size, name="size")
    images = np.empty((len(annotated.paths), *frame_size, 3), np.uint8)
    boxes, classes, problems = [], [], []
    for path, image_size, corners, labels in zip(
        annotated.paths, annotated.sizes, annotated.boxes, annotated.classes, strict=True
    ):
        try:
            image = _read_image(path)[0]
            if image.shape[:2] != image_size:
                raise ValueError(f"expected size {image_size}, got {image.shape[:2]}")
        except ValueError as error:
            problems.append(f"{messages.printable(path)}: {error}")
            continue
        images[len(boxes)] = np.rint(255 * detection.as_input(image, frame_size))
        boxes.append(_to_frame(corners, image_size, frame_size))
        classes.append(labels)
    if problems and not boxes:
        raise ValueError("\n".join(["no picture can be read", *_first(problems)]))
    for line in _first(problems, "problem: "):
        print(line)
    return images[: len(boxes)], boxes, classes


def _to_frame(boxes, image_size, frame_size):
    framed = letterbox.to_frame(boxes, image_size, frame_size)
    difficult = getattr(boxes, "difficult", None)
    if difficult is None:
        return framed
    return average_precision.GroundTruth(
        framed, letterbox.to_frame(difficult, image_size, frame_size)
    )


class _Found(typing.NamedTuple):
    """What lies in a folder: for each picture, where its annotation should be; and problems."""

    root: pathlib.Path
    annotation_of: dict
    problems: list


def _find(folder, ending, annotation_folders):
    """Pair pictures with annotations, and report annotations that remain alone."""
    if not isinstance(folder, str | os.PathLike) or not os.path.isdir(folder):
        shown = messages.printable(str(folder))
        raise ValueError(f"expected a folder with pictures, got {shown}")
    root = pathlib.Path(os.path.abspath(folder))
    paths, problems = _list_files(root)
    annotation_of = {
        path: _annotation_path(path, ending, annotation_folders)
        for path in paths
        if path.suffix.lower() in image_tools.ENDINGS + image_tools.OTHER_ENDINGS
    }
    places = {path.parent for path in annotation_of.values()}
    for path in sorted(set(paths).difference(annotation_of.values())):
        is_annotation = path.parent in places or not set(annotation_folders).isdisjoint(path.parts)
        if path.suffix == ending and is_annotation and path.name not in _OTHER_TEXTS:
            problems.append(f"{_name(path, root)}: there is no picture to it")
    return _Found(root, annotation_of, problems)


def _list_files(root):
    """List the files in a folder and the folders in it, by name; and what cannot be read."""
    paths, errors = [], []
    for place, folders, names in os.walk(root, onerror=errors.append):
        folders[:] = [name for name in folders if name[0] != "." and name not in _OTHER_FOLDERS]
        paths += [pathlib.Path(place, name) for name in names if name[0] != "."]
    problems = [f"{_name(error.filename, root)}: {messages.reason(error)}" for error in errors]
    return sorted(paths), problems


def _annotation_path(picture, ending, annotation_folders):
    """Say where a picture's annotation should be: in the folder for them, or beside the picture."""
    parts = picture.parent.parts
    for place in reversed(range(len(parts))):
        if parts[place].lower() in ("images", "jpegimages"):
            for name in annotation_folders:
                folder = pathlib.Path(*parts[:place], name, *parts[place + 1 :])
                if os.path.isdir(folder):
                    return folder / (picture.stem + ending)
    return picture.with_suffix(ending)


def _only_listed(found, split):
    """Keep the pictures that VOC's list of a split names."""
    path = found.root / "ImageSets" / "Main" / f"{split}.txt"
    with annotation_files.naming(path):
        lines = annotation_files.read_text(path).strip().splitlines()
    listed = {line.strip() for line in lines}
    chosen = {p: text for p, text in found.annotation_of.items() if p.stem in listed}
    missing = sorted(listed - {picture.stem for picture in chosen})
    problems = [f"{_name(path, found.root)}: there is no picture {name!r}" for name in missing]
    return found._replace(annotation_of=chosen, problems=found.problems + problems)


def _find_class_names(found):
    """Read the names of classes from the one file that has them, or several that agree."""
    folders = {path.parent for path in found.annotation_of.values()}
    names_in = {}
    for folder in folders.union([found.root], found.root.parents[:2]):
        for path in filter(os.path.isfile, (folder / name for name in CLASS_NAME_FILES)):
            with annotation_files.naming(path):
                names_in[path] = _check_class_names(annotation_files.read_class_names(path))
    if len(set(names_in.values())) != 1:
        raise ValueError(
            f"expected class_names, or one of {', '.join(CLASS_NAME_FILES)} in "
            f"{messages.printable(found.root)}, or several that agree; got "
            f"{messages.listed([messages.printable(path) for path in sorted(names_in)]) or 'none'}"
        )
    return next(iter(names_in.values()))


def _check_class_names(class_names):
    if class_names is None:
        return None
    is_text = isinstance(class_names, str)
    names = list(class_names) if isinstance(class_names, Iterable) and not is_text else []
    if not names or not all(isinstance(name, str) for name in names):
        wanted, got = "class_names as a list of texts", validation.shown(class_names)
        raise ValueError(f"expected {wanted}, got {got}")
    names = tuple(name.strip() for name in names)
    if not all(names) or len(set(names)) < len(names):
        got = validation.shown(names)
        raise ValueError(f"expected class names that differ and are not empty, got {got}")
    return names


def _load(found, read, class_names, on_problems):
    """Read the annotations of all pictures, and print or raise what there is to say."""
    if on_problems not in ("report", "raise"):
        got = validation.shown(on_problems)
        raise ValueError(f"expected problems as 'report' or 'raise', got {got}")
    sharers = collections.Counter(found.annotation_of.values())
    used, left_out, problems = {}, [], []
    for picture, annotation in found.annotation_of.items():
        try:
            used[picture] = _read_pair(picture, annotation, read, found.root, sharers[annotation])
        except ValueError as error:
            left_out.append(picture)
            problems.append(str(error))
    problems += found.problems
    notes = [note for *_, some, _ in used.values() for note in some]
    if not used or (problems and on_problems == "raise"):
        what = "problems" if used else "no picture can be used"
        where = messages.printable(found.root)
        raise ValueError("\n".join([f"{what} in {where}", *_first(problems)]))
    for line in _first(problems, "problem: ") + _first(notes, "note: "):
        print(line)
    sizes, names, boxes, _, marked = zip(*used.values(), strict=True)
    class_names = class_names or tuple(sorted(set().union(*names)))
    places = {name: place for place, name in enumerate(class_names)}
    classes = [np.array([places[name] for name in of], np.int64) for of in names]
    boxes, classes, difficult = zip(
        *(
            _mark(*some, [(places[name], box) for name, box in of if name in places])
            for *some, of in zip(boxes, classes, marked, strict=True)
        ),
        strict=True,
    )
    rest = tuple(left_out), tuple(problems), tuple(notes), difficult
    return AnnotatedPictures(tuple(used), boxes, classes, class_names, sizes, *rest)


def _mark(boxes, classes, marked):
    """Let boxes and classes know the difficult objects, and tell which of them are such."""
    rows = {(label, *box) for label, box in marked}
    difficult = np.array([(label, *box) in rows for label, box in zip(classes, boxes, strict=True)])
    boxes = average_precision.GroundTruth(boxes, np.array([box for _, box in marked]))
    classes = average_precision.GroundTruth(classes, np.array([label for label, _ in marked], int))
    return boxes, classes, difficult.astype(bool)


def _read_pair(picture, annotation, read, root, num_sharers):
    """Return a picture's size, its objects' names and boxes, notes, and difficult objects."""
    name = _name(annotation, root)
    with annotation_files.naming(_name(picture, root)):
        image, orientation = _read_image(picture)
        size = image.shape[:2]
        if not os.path.exists(annotation):
            raise ValueError(f"there is no {name}, not even one without objects")
        if num_sharers > 1:
            raise ValueError(f"{name} could belong to another picture as well")
    with annotation_files.naming(name):
        names, boxes, notes, difficult = read(annotation, size, orientation=orientation)
    notes = [f"{name}: {note}" for note in notes]
    return size, names, np.array(boxes).reshape(-1, 4), notes, difficult


def _read_image(path):
    """Read a whole picture, and how EXIF has it turned; or raise a `ValueError`."""
    try:
        return image_tools.read_with_orientation(path)
    except FileNotFoundError:
        raise ValueError("it is not there any more, or a link to nowhere") from None


def _first(messages, kind=""):
    more = len(messages) - _NUM_SHOWN
    shown = messages[:_NUM_SHOWN] + ([f"and {more:,} more"] if more > 0 else [])
    return [kind + message for message in shown]


def _name(path, root):
    """Write a path so that it can be printed, even if its name is no text."""
    return messages.printable(os.path.relpath(path, root).replace(os.sep, "/"))
