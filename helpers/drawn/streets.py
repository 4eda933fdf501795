"""Street scenes with exact boxes: cars, buses, trucks, people, traffic lights and signs.

A scene is a street seen along or across its road, by day, under clouds or at dusk. Things stand
on the ground, larger when nearer, and cover what is behind them. Everything is decided by the
seed and the index; the height only says how many pixels are painted.

What a box covers: of vehicles and people all that is drawn of them, without their shadow; of a
traffic light its housing with the board behind it, and of a sign its plate, both without the post.
What is hidden behind something nearer counts; what lies outside the picture does not.
"""

import dataclasses
import functools
import typing

import numpy as np
from PIL import Image, ImageFilter

from helpers.drawn import buses, cars, people, street_furniture, street_views, trucks
from helpers.drawn.dice import Dice
from helpers.drawn.lamps import LAMPS, SIGNALS
from helpers.drawn.sketch import Sketch
from helpers.drawn.street_views import ASPECT

VERSION = 1  # raise it when the pictures change, so that nobody keeps old ones
MIN_HEIGHT = 96  # pixels; in smaller pictures far things are specks

CLASS_NAMES = ("car", "bus", "truck", "person", "traffic light", "sign")
CAR, BUS, TRUCK, PERSON, TRAFFIC_LIGHT, SIGN = range(len(CLASS_NAMES))

MIN_INSIDE = 0.62  # of a box, the share that must lie in the picture
MIN_VISIBLE = 0.42  # of a thing, the share that must not be covered
_MASK_HEIGHT = 96  # pixels of the masks by which covering is measured, in pictures of any height

_MAX_TRIES = 300  # to find places for things
_VEHICLES = {CAR: cars, BUS: buses, TRUCK: trucks}
# How often each class is tried; some find a place more easily than others.
_WEIGHTS = {CAR: 24, BUS: 27, TRUCK: 22, PERSON: 26, TRAFFIC_LIGHT: 15, SIGN: 16}
# Smallest and largest size that is drawn, in picture heights per metre.
_SIZES = {
    CAR: (0.034, 0.2),
    BUS: (0.028, 0.115),
    TRUCK: (0.028, 0.125),
    PERSON: (0.055, 0.26),
    TRAFFIC_LIGHT: (0.052, 0.16),
    SIGN: (0.055, 0.19),
}
_HEIGHTS = {CAR: (1.55, 1.75), TRUCK: (2.9, 3.5), BUS: (3.0, 3.2)}  # metres
_VIEWS = {
    "along": {"front": 4, "rear": 4, "slant": 4, "side": 1.2},
    "across": {"side": 6, "slant": 3},
}
_PROPS = {"tree": 4, "street lamp": 3, "bin": 1.2, "bush": 1.5, "bench": 0.8}
_PROP_SIZES = (0.035, 0.13)
_AT_KERB, _AWAY_FROM_KERB = (0.06, 0.2), (0.15, 0.9)  # shares of the pavement's width


class Scene(typing.NamedTuple):
    """A picture and what is to be found in it.

    Parameters
    ----------
    image : uint8 array of shape (height, width, 3)
        RGB, 0 to 255.
    boxes : float array of shape (n, 4)
        Corners (left, top, right, bottom) in pixels, from far to near things.
    classes : int64 array of shape (n,)
        Places in `CLASS_NAMES`.
    """

    image: np.ndarray
    boxes: np.ndarray
    classes: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Thing:
    """Something that stands in a street: what it is, its drawing, and where that goes.

    Parameters
    ----------
    class_index : int or None
        None for what nobody looks for, such as trees.
    parts : tuple of helpers.drawn.sketch.Sketch
        Painted in this order. The last one is what the box covers.
    x, y : float
        Where the origin of the sketches lies, in picture heights.
    scale : float
        Picture heights per unit of the sketches.
    ground : float
        The ground line the thing stands on, in picture heights.
    """

    class_index: int | None
    parts: tuple
    x: float
    y: float
    scale: float
    ground: float

    @functools.cached_property
    def boxes(self):
        """(left, top, right, bottom) of each part in picture heights, as if nothing cut it."""
        shift = np.array((self.x, self.y) * 2)
        return [tuple((shift + self.scale * np.array(p.extent())).tolist()) for p in self.parts]

    @property
    def box(self):
        """The box of what is to be found."""
        return self.boxes[-1]

    @functools.cached_property
    def whole(self):
        """The box around all parts."""
        lefts, tops, rights, bottoms = zip(*self.boxes, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    @functools.cached_property
    def masks(self):
        """For each part, which pixels of a small picture it covers: bool (96, 128)."""
        size = _MASK_HEIGHT, _MASK_HEIGHT * 4 // 3
        scale, x, y = (_MASK_HEIGHT * number for number in (self.scale, self.x, self.y))
        return [part.mask(scale, x, y, size) for part in self.parts]


def draw(*, seed, index=0, height=192, empty=False):
    """Draw one street scene.

    Parameters
    ----------
    seed, index : int
        Not negative. The same two numbers give the same scene, at any height.
    height : int
        Of the picture in pixels: at least 96, and a multiple of 3. The width is 4 / 3 of it.
    empty : bool
        Whether to show the same street without any of the things of `CLASS_NAMES`.

    Returns
    -------
    scene : Scene
        With 2 to 9 things, or none if `empty`. At least 0.6 of each box lies in the picture, and
        at least 0.4 of each thing is not covered.

    Raises
    ------
    ValueError
        If the height is too small or not a multiple of 3, or the seed or the index negative.

    >>> draw(seed=0, height=96).image.shape
    (96, 128, 3)
    """
    _check(seed, index, height)
    dice = Dice(seed, index, 0)
    daylight = street_views.choose_daylight(dice)
    street = street_views.choose_street(dice)
    things = _choose_props(dice, street, daylight)
    picture = street_views.paint(street, daylight, dice, height)
    if not empty:
        things = _populate(Dice(seed, index, 1), street, daylight, things)
    things.sort(key=lambda thing: thing.ground)
    for thing in things:
        _put(thing, picture, street, daylight)
    found = [thing for thing in things if thing.class_index is not None]
    boxes = np.array([thing.box for thing in found], dtype=float).reshape(-1, 4) * height
    return Scene(
        image=_expose(picture, daylight, Dice(seed, index, 2)),
        boxes=boxes.clip(0, (height * 4 // 3, height) * 2),
        classes=np.array([thing.class_index for thing in found], dtype=np.int64),
    )


def draw_dataset(num_scenes, *, seed=0, height=192, empty=False):
    """Draw several scenes.

    A scene depends on the seed and its place only: a longer set starts with the same scenes.

    Parameters
    ----------
    num_scenes : int
        Not negative.
    seed, height, empty
        As for `draw`.

    Returns
    -------
    images : uint8 array of shape (num_scenes, height, width, 3)
        RGB, 0 to 255.
    boxes : list of float arrays of shape (n, 4)
        Corners (left, top, right, bottom) in pixels, one array for each scene.
    classes : list of int64 arrays of shape (n,)
        Places in `CLASS_NAMES`, one array for each scene.

    Raises
    ------
    ValueError
        If the number or the seed is negative, or the height too small or not a multiple of 3.
    """
    if num_scenes < 0:
        raise ValueError(f"num_scenes must be 0 or more; got {num_scenes}")
    _check(seed, 0, height)
    images = np.empty((num_scenes, height, height * 4 // 3, 3), dtype=np.uint8)
    boxes, classes = [], []
    for index in range(num_scenes):
        scene = draw(seed=seed, index=index, height=height, empty=empty)
        images[index] = scene.image
        boxes.append(scene.boxes)
        classes.append(scene.classes)
    return images, boxes, classes


def _check(seed, index, height):
    if seed < 0 or index < 0:
        raise ValueError(f"seed and index must be 0 or more; got {seed} and {index}")
    if height < MIN_HEIGHT or height % 3:
        raise ValueError(
            f"height must be a multiple of 3 and at least {MIN_HEIGHT} pixels; got {height}"
        )


# What stands where


def _choose_props(dice, street, daylight):
    """Choose trees, lamps and other things that nobody looks for."""
    things = []
    for _ in range(dice.whole(1, 4)):
        kind = dice.weighted(_PROPS)
        place = _place_on_pavement(dice, street, _PROP_SIZES, _AWAY_FROM_KERB)
        if place is None:
            continue
        sketch = _sketch(daylight, is_fine=True)
        street_furniture.PROPS[kind](sketch, dice)
        x, size = place
        y = street.ground_at(size)
        things.append(Thing(None, (sketch,), x, y, size, y))
    return things


def _populate(dice, street, daylight, props):
    """Return the props and 2 to 9 things, none of which hides another one too much."""
    wanted = min(9, 2 + sum(dice.chance(0.4) for _ in range(8)))
    things, tries = list(props), 0
    while len(things) < len(props) + wanted and tries < _MAX_TRIES:
        tries += 1
        thing = _choose_thing(dice, street, daylight, things)
        if thing is not None and _fits(thing, things, street):
            things.append(thing)
    return things


def _choose_thing(dice, street, daylight, others):
    """Choose a thing and a place for it; None if that place is outside the picture or taken."""
    class_index = dice.weighted(_WEIGHTS)
    if class_index in _VEHICLES:
        return _choose_vehicle(dice, street, daylight, class_index, others)
    limits, place = _SIZES[class_index], None
    if class_index == PERSON:
        if dice.chance(0.3):
            place = _place_on_road(dice, street, limits)
        place = place or _place_on_pavement(dice, street, limits, _AWAY_FROM_KERB)
    else:
        place = _place_on_pavement(dice, street, limits, _AT_KERB)
    if place is None:
        return None
    x, size = place
    y = street.ground_at(size)
    sketch = _sketch(daylight)
    if class_index == PERSON:
        is_child = size > 0.075 and dice.chance(0.18)
        metres = dice.between(1.15, 1.4) if is_child else dice.between(1.58, 1.92)
        people.person(sketch, dice, is_child=is_child)
        return Thing(PERSON, (sketch,), x, y, metres * size, y)
    post = _sketch(daylight)
    kind = street_furniture.sign if class_index == SIGN else street_furniture.traffic_light
    kind(post, sketch, dice)
    return Thing(class_index, (post, sketch), x, y, size, y)


def _choose_vehicle(dice, street, daylight, class_index, others):
    view = dice.weighted(_VIEWS[street.kind])
    place = _place_in_lane(dice, street, _SIZES[class_index], view)
    if place is None:
        return None
    x, size, flip = place
    y = street.ground_at(size)
    # Most places that turn out to be taken are known before the vehicle is drawn.
    if any(_collide(class_index, (x, x), y, other, street) for other in others):
        return None
    sketch = _sketch(daylight)
    settings = {"lamps_on": daylight.lamps_on} if class_index == BUS else {}
    _VEHICLES[class_index].draw_view(sketch.posed(flip=flip), dice, view, **settings)
    left, top, right, bottom = sketch.extent()
    metres = dice.between(*_HEIGHTS[class_index])
    if class_index == BUS and bottom - top > 0.9:
        metres *= 1.4  # two decks
    scale = metres * size / (bottom - top)
    return Thing(
        class_index, (sketch,), x - 0.5 * (left + right) * scale, y - bottom * scale, scale, y
    )


def _sketch(daylight, *, is_fine=False):
    return Sketch(light_xy=(0.7 * daylight.sun_x, -0.7), is_fine=is_fine)


def _choose_size(dice, street, limits):
    """Choose picture heights per metre, on a log scale: half as large is as likely."""
    low, high = limits
    high = min(high, street.size_at(1.04))
    return low * (high / low) ** dice.between(0, 1)


def _place_on_pavement(dice, street, limits, shares):
    """Return x and size, or None; `shares` says how far from the kerb, of the width."""
    share = dice.between(*shares)
    if street.kind == "across":
        side = 0 if dice.chance(0.6) else 1
        y = street.road[side] + share * (street.pavement[side] - street.road[side])
        size = street.size_at(y)
        if not limits[0] <= size <= limits[1] or y > 1.03:
            return None
        return dice.between(0.0, ASPECT), size
    size, side = _choose_size(dice, street, limits), dice.whole(0, 1)
    metres = street.road[side] + share * (street.pavement[side] - street.road[side])
    x = street.x_at(metres, size)
    return (x, size) if 0 <= x <= ASPECT else None


def _place_on_road(dice, street, limits):
    if street.kind == "across":
        x, size = dice.between(0, ASPECT), street.size_at(dice.between(*street.road))
    else:
        size = _choose_size(dice, street, limits)
        x = street.x_at(dice.between(*street.road), size)
    return (x, size) if 0 <= x <= ASPECT and limits[0] <= size <= limits[1] else None


def _place_in_lane(dice, street, limits, view):
    """Return x, size and whether to mirror the drawing, which faces right; or None."""
    if street.kind == "across":
        far, middle, near = street_views.lane_edges(street)
        is_far = dice.chance(0.5)
        y = far + 0.7 * (middle - far) if is_far else middle + 0.72 * (near - middle)
        size = street.size_at(y + dice.between(-0.01, 0.01))
        if size > limits[1]:
            return None
        return dice.between(0, ASPECT), size, is_far != street.keeps_left
    size = _choose_size(dice, street, limits)
    lane = {"front": 0, "rear": 1}.get(view, dice.whole(0, 1))
    if street.keeps_left:
        lane = 1 - lane
    left, right = street.road
    metres = left + (0.27 + 0.46 * lane + dice.between(-0.05, 0.05)) * (right - left)
    x = street.x_at(metres, size)
    return (x, size, dice.chance(0.5)) if -0.1 <= x <= ASPECT + 0.1 else None


def _fits(thing, others, street):
    """Say whether a thing may join the others: in the picture, apart from them, nothing hidden."""
    if _share_inside(thing.box) < _limit(thing, MIN_INSIDE):
        return False
    span = thing.box[0], thing.box[2]
    if any(_collide(thing.class_index, span, thing.ground, other, street) for other in others):
        return False
    nearer = [other for other in others if other.ground >= thing.ground]
    if _share_visible(thing, nearer) < _limit(thing, MIN_VISIBLE):
        return False
    for other in others:
        if other.class_index is None or other.ground > thing.ground:
            continue
        if not _overlap(other.box, thing.whole):
            continue
        covers = [one for one in others if one.ground >= other.ground and one is not other]
        if _share_visible(other, [*covers, thing]) < _limit(other, MIN_VISIBLE):
            return False
    return True


def _limit(thing, lowest):
    """Ask more of what is small or has a pattern that matters than of vehicles."""
    return {TRAFFIC_LIGHT: 0.85, SIGN: 0.85, PERSON: max(lowest, 0.5)}.get(
        thing.class_index, lowest
    )


def _share_inside(box):
    left, top, right, bottom = box
    width, height = min(right, ASPECT) - max(left, 0.0), min(bottom, 1.0) - max(top, 0.0)
    return max(width, 0.0) * max(height, 0.0) / ((right - left) * (bottom - top))


def _overlap(box, other):
    """Say whether two boxes share more than an edge."""
    return min(box[2], other[2]) > max(box[0], other[0]) and min(box[3], other[3]) > max(
        box[1], other[1]
    )


def _collide(class_index, span, ground, other, street):
    """Say whether something from left to right (`span`) would stand where another thing stands."""
    if min(span[1], other.box[2]) < max(span[0], other.box[0]):
        return False
    vehicles = (class_index in _VEHICLES) + (other.class_index in _VEHICLES)
    room = (0.7, 1.5, 6.0 if street.kind == "along" else 2.0)[vehicles]  # metres
    distance = street.distance_of(street.size_at(ground))
    return abs(distance - street.distance_of(street.size_at(other.ground))) < room


def _share_visible(thing, nearer):
    """Return which share of a thing nearer things leave visible, of what is in the picture."""
    mask = thing.masks[-1]
    total = mask.sum()
    for other in nearer:
        for box, cover in (
            zip(other.boxes, other.masks, strict=True) if _overlap(other.whole, thing.box) else ()
        ):
            if _overlap(box, thing.box):
                mask = mask & ~cover
    return mask.sum() / total if total else 0.0


# Painting


def _put(thing, picture, street, daylight):
    height = len(picture)
    size = street.size_at(thing.ground)
    haze = min(0.4, 0.012 / size) if daylight.name != "dusk" else 0.1
    _shadow(thing, picture, street, daylight)
    for part in thing.parts:
        layer, top, left = part.paint(
            height * thing.scale,
            height * thing.x,
            height * thing.y,
            picture.shape[:2],
            lambda colour: daylight.seen(colour, haze),
        )
        rows, columns = slice(top, top + len(layer)), slice(left, left + layer.shape[1])
        opacity = layer[:, :, 3:] * np.float32(1 / 255)
        picture[rows, columns] *= 1 - opacity
        picture[rows, columns] += layer[:, :, :3]
    _halos(thing, picture, daylight)


def _shadow(thing, picture, street, daylight):
    """Darken the ground under a thing, more to the side where the sun is not."""
    left, top, right, bottom = thing.boxes[0]
    middle, half = 0.5 * (left + right), 0.5 * (right - left)
    if len(thing.parts) == 1 and thing.class_index is not None:
        radii = 1.12 * half + 0.01, 0.16 * min(bottom - top, 2 * half)
        shift, strength = -0.25 * daylight.sun_x * half, 1.1
    else:  # on a foot or a trunk
        size = street.size_at(thing.ground)
        middle = thing.x if len(thing.parts) == 1 else _foot(thing)
        radii, shift, strength = (0.9 * size, 0.12 * size), -0.5 * daylight.sun_x * size, 0.7
    middle = middle + shift, thing.ground - 0.1 * radii[1]
    _blot(picture, middle, radii, strength * daylight.shadow)


def _foot(thing):
    """Return the x of the post, which may stand aside of what it carries."""
    left, right = thing.parts[0].foot()
    return thing.x + thing.scale * 0.5 * (left + right)


def _soft_ellipse(picture, middle, radii):
    """Return a piece of the picture and a soft ellipse on it: 1 in the middle, 0 at its edge."""
    height, width = picture.shape[:2]
    (x, y), (across, down) = ((height * a, height * b) for a, b in (middle, radii))
    left, right = max(0, int(x - across)), min(width, int(x + across) + 2)
    top, bottom = max(0, int(y - down)), min(height, int(y + down) + 2)
    if right <= left or bottom <= top:
        return None, None
    columns = (np.arange(left, right, dtype=np.float32) + np.float32(0.5 - x)) / np.float32(across)
    rows = (np.arange(top, bottom, dtype=np.float32) + np.float32(0.5 - y)) / np.float32(down)
    soft = (1 - columns**2 - (rows**2)[:, None]).clip(0, 1)
    return picture[top:bottom, left:right], soft[:, :, None]


def _blot(picture, middle, radii, strength):
    piece, soft = _soft_ellipse(picture, middle, radii)
    if piece is not None:
        piece *= 1 - np.float32(strength) * soft


def _halos(thing, picture, daylight):
    """Let lamps shine: traffic lights always, all others when they are on."""
    colours = LAMPS | SIGNALS if daylight.lamps_on else SIGNALS
    strength = 0.75 if daylight.lamps_on else 0.25
    for x, y, radius, colour in thing.parts[-1].places_of(colours):
        middle = thing.x + thing.scale * x, thing.y + thing.scale * y
        radius *= thing.scale * (3.2 if colour in LAMPS else 2.6)
        piece, soft = _soft_ellipse(picture, middle, (radius, radius))
        if piece is not None:
            piece += soft * soft * (strength * np.array(colour, np.float32) - 0.3 * piece)


def _expose(picture, daylight, dice):
    """Take the photograph: exposure, tint, blur and sensor noise."""
    warmth = dice.between(-0.05, 0.05)
    contrast, brightness = dice.between(0.9, 1.1), dice.between(0.88, 1.06)
    tint = np.array([1 + warmth, 1, 1 - warmth], dtype=np.float32) * brightness
    picture = picture * (contrast * tint)
    picture += 110 * (1 - contrast)
    blur = dice.between(0.001, 0.003) if dice.chance(0.25) else 0.0
    if blur:
        image = Image.fromarray(picture.clip(0, 255).astype(np.uint8))
        image = image.filter(ImageFilter.GaussianBlur(blur * len(picture)))
        picture = np.asarray(image, dtype=np.float32)
    strength = dice.between(3, 12) * (1.4 if daylight.name == "dusk" else 1.0)
    # Only the grain depends on the height, so it has to be the last thing that is drawn by lot.
    grain = dice.generator.random(picture.shape, dtype=np.float32) - np.float32(0.5)
    picture = picture + np.float32(strength) * grain
    return picture.clip(0, 255, out=picture).astype(np.uint8)
