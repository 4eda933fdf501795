"""Streets without traffic: sky, buildings, pavements and road, seen along the road or across it.

Lengths in the picture are in units of its height, so x runs from 0 to `ASPECT` and y from 0 to 1,
down. On the ground they are in metres. Whatever stands on the ground line y is
`(y - horizon) / camera_height` picture heights large per metre.
"""

import dataclasses

import numpy as np
from PIL import Image, ImageDraw

from helpers.drawn.canvas import Canvas
from helpers.drawn.colours import WHITE, clip, hsv, mix, shade, vary
from helpers.drawn.lamps import GLOWING, WINDOW

ASPECT = 4 / 3  # width of the picture over its height
FOCAL_LENGTH = 1.1  # in picture heights: a metre is that large at a distance of one metre
_SUPERSAMPLING = 2


@dataclasses.dataclass(frozen=True)
class Daylight:
    """The light of one hour.

    Parameters
    ----------
    name : str
        "day", "overcast" or "dusk".
    sky_top, sky_bottom : tuple of 3 ints
    ambient : tuple of 3 floats
        What reaches the eye of red, green and blue; 1 on a clear day.
    shadow : float
        How dark shadows are, 0 to 1.
    sun_x : float
        Where the sun stands: -1 on the left to 1 on the right.
    lamps_on : bool
    """

    name: str
    sky_top: tuple
    sky_bottom: tuple
    ambient: tuple
    shadow: float
    sun_x: float
    lamps_on: bool

    def seen(self, colour, haze=0.0):
        """Return how a colour looks in this light; `haze` 1 leaves nothing but air."""
        if self.lamps_on and colour in GLOWING:
            return colour
        (r, g, b), (to_r, to_g, to_b) = colour, self.sky_bottom
        r, g, b = r * self.ambient[0], g * self.ambient[1], b * self.ambient[2]
        return clip(r + haze * (to_r - r), g + haze * (to_g - g), b + haze * (to_b - b))


def choose_daylight(dice):
    """Choose a clear day, an overcast one or dusk."""
    name = dice.weighted({"day": 5, "overcast": 3, "dusk": 3})
    sun_x = dice.sign() * dice.between(0.3, 1.0)
    if name == "day":
        top = hsv(dice.between(0.55, 0.61), dice.between(0.4, 0.65), dice.between(0.75, 0.93))
        bottom = mix(top, WHITE, dice.between(0.5, 0.85))
        warm = dice.between(-0.03, 0.05)
        ambient = (1.02 + warm, 1.0, 0.98 - warm)
        return Daylight(name, top, bottom, ambient, dice.between(0.4, 0.6), sun_x, False)
    if name == "overcast":
        grey = hsv(dice.between(0.55, 0.65), dice.between(0.02, 0.1), dice.between(0.62, 0.84))
        ambient = (0.86, 0.88, 0.91)
        bottom = shade(grey, dice.between(1.1, 1.5))
        return Daylight(name, grey, bottom, ambient, dice.between(0.25, 0.4), sun_x, False)
    top = hsv(dice.between(0.6, 0.7), dice.between(0.45, 0.7), dice.between(0.22, 0.42))
    glow = hsv(dice.between(0.0, 0.1), dice.between(0.3, 0.6), dice.between(0.6, 0.9))
    bottom = mix(top, glow, dice.between(0.2, 0.9))
    dim = dice.between(0.5, 0.68)
    return Daylight(name, top, bottom, (dim, 0.98 * dim, 1.15 * dim), 0.3, sun_x, True)


@dataclasses.dataclass(frozen=True)
class Street:
    """Where road and pavements lie, and how large things look on them.

    Parameters
    ----------
    kind : str
        "along" or "across": how the eye looks at the road.
    horizon : float
        Its height in the picture.
    camera_height : float
        Metres above the road.
    vanishing_x : float
        Where the road leads, in an "along" street.
    road : tuple of two floats
        "along": metres from the eye's axis to the left and right kerb. "across": ground lines of
        the far and near kerb.
    pavement : tuple of two floats
        The outer edges of the pavements, measured in the same way.
    keeps_left : bool
        The side on which one drives.
    """

    kind: str
    horizon: float
    camera_height: float
    vanishing_x: float
    road: tuple
    pavement: tuple
    keeps_left: bool

    def size_at(self, y):
        """Return picture heights per metre on the ground line y."""
        return (y - self.horizon) / self.camera_height

    def ground_at(self, size):
        """Return the ground line on which things have this size, in picture heights a metre."""
        return self.horizon + self.camera_height * size

    def distance_of(self, size):
        """Return metres from the eye to where things have this size, roughly."""
        return FOCAL_LENGTH / size

    def x_at(self, metres, size):
        """Return the x that lies so many metres right of the eye's axis."""
        return self.vanishing_x + metres * size


def choose_street(dice):
    """Choose the eye's place and the widths of road and pavements."""
    keeps_left = dice.chance(0.4)
    if dice.chance(0.55):
        half, wide = dice.between(3.6, 5.2), dice.between(2.6, 4.0)
        aside = dice.between(-1, 1) * (half + wide - 2.6)  # the eye is not inside a house
        return Street(
            kind="along",
            horizon=dice.between(0.34, 0.46),
            camera_height=dice.between(2.5, 3.8),
            vanishing_x=dice.between(0.42, 0.91) + 0.02 * aside,
            road=(-half - aside, half - aside),
            pavement=(-half - wide - aside, half + wide - aside),
            keeps_left=keeps_left,
        )
    far = dice.between(0.5, 0.6)
    road = far + dice.between(0.05, 0.09), dice.between(0.86, 0.97)
    return Street(
        kind="across",
        horizon=dice.between(0.26, 0.34),
        camera_height=dice.between(3.2, 4.6),
        vanishing_x=dice.between(0.4, 0.93),
        road=road,
        pavement=(far, 1.1),
        keeps_left=keeps_left,
    )


class _Backdrop(Canvas):
    """A canvas as wide as the picture; its colours turn to what they look like in the light."""

    def __init__(self, height, daylight):
        side = _SUPERSAMPLING * height
        self._image = Image.new("RGB", (side * 4 // 3, side))
        self._pen = _LitPen(self._image, daylight)
        self.light_xy = (0.7 * daylight.sun_x, -0.7)
        self._is_small = False
        self._set_pose(side, 0.0, 0.0, side, 0.0, 0.0)

    def set_haze(self, haze):
        """From now on let all colours fade to that of the air; 0 is a clear view."""
        self._pen.haze = haze

    def fill(self, colours, bottom):
        """Fill from the top to `bottom` with colours as they are: (rows, columns, 3), stretched."""
        small = Image.fromarray(colours.clip(0, 255).astype(np.uint8))
        width, height = self._image.width, round(bottom * self._image.height)
        small = small.resize((width // 2, height // 2), Image.Resampling.BILINEAR)
        self._image.paste(small.resize((width, height), Image.Resampling.NEAREST))

    def finish(self):
        return np.asarray(self._image.reduce(_SUPERSAMPLING))


class _LitPen:
    """Draws on an image in the colours that things have in some light."""

    def __init__(self, image, daylight):
        self._pen, self._daylight = ImageDraw.Draw(image), daylight
        self.haze = 0.0

    def polygon(self, points, *, fill):
        self._pen.polygon(points, fill=self._daylight.seen(fill, self.haze))

    def line(self, points, *, fill, width):
        self._pen.line(points, fill=self._daylight.seen(fill, self.haze), width=width)


def paint(street, daylight, dice, height):
    """Paint the street with nothing on it.

    Parameters
    ----------
    street : Street
    daylight : Daylight
    dice : helpers.drawn.dice.Dice
    height : int
        Of the picture, in pixels; a multiple of 3.

    Returns
    -------
    picture : float32 array of shape (height, 4 / 3 * height, 3)
        RGB, 0 to 255.
    """
    canvas = _Backdrop(height, daylight)
    # Houses and ground cover the rest: there is no need to fill it.
    canvas.fill(
        _sky(street, daylight, dice),
        street.pavement[0] if street.kind == "across" else street.horizon + 0.02,
    )
    if street.kind == "along":
        _along(canvas, street, daylight, dice)
    else:
        _across(canvas, street, daylight, dice)
    picture = canvas.finish().astype(np.float32)
    patches = Image.fromarray(dice.between(1.0, 2.2) * dice.noise(60, 80))
    size = picture.shape[1], picture.shape[0]
    patches = patches.resize(size, Image.Resampling.BILINEAR)
    picture += np.asarray(patches)[:, :, None]
    return picture


def _sky(street, daylight, dice):
    """Return sky with clouds: float of shape (48, 64, 3)."""
    share = np.linspace(0, 1, 48, dtype=np.float32)[:, None, None]
    ends = np.array((daylight.sky_top, daylight.sky_bottom), dtype=np.float32)
    sky = ends[0] + (ends[1] - ends[0]) * share
    clouds = np.asarray(Image.fromarray(dice.noise(12, 6)).resize((64, 48)))
    clouds = clouds - dice.between(-0.4, 0.9)
    light = mix(daylight.sky_bottom, WHITE, 0.75 * daylight.ambient[0] ** 2)
    opacity = 0.8 * clouds.clip(0, 1)[:, :, None]
    return sky + opacity * (np.array(light, np.float32) - sky)


# Along the road


def _along(canvas, street, daylight, dice):
    far_size = 0.012
    ground = _ground_colours(dice)
    canvas.rectangle(0, street.horizon, ASPECT, 1, ground["verge"])
    _far_end(canvas, street, dice, far_size)
    for side in (0, 1):
        kerb, wall = street.road[side], street.pavement[side]
        _strip(canvas, street, min(kerb, wall), max(kerb, wall), ground["pavement"])
        _paving(canvas, street, kerb, wall, shade(ground["pavement"], 0.9))
    _strip(canvas, street, *street.road, ground["asphalt"])
    for side in (0, 1):
        edge, outwards = street.road[side], (-1, 1)[side]
        _strip(canvas, street, *sorted((edge, edge + 0.16 * outwards)), ground["kerb"])
    _lane_marks(canvas, street, dice, ground)
    for side in (0, 1):
        if dice.chance(0.75):
            _row_along(canvas, street, daylight, dice, side)
        else:
            _hedge(canvas, street, dice, side)


def _ground_colours(dice):
    grey = dice.between(0.32, 0.5)
    asphalt = hsv(dice.between(0.05, 0.65), dice.between(0, 0.07), grey)
    stone = hsv(dice.between(0.05, 0.12), dice.between(0.02, 0.14), grey + dice.between(0.16, 0.3))
    grass = hsv(dice.between(0.2, 0.3), dice.between(0.3, 0.5), dice.between(0.4, 0.6))
    return {
        "asphalt": asphalt,
        "pavement": stone,
        "kerb": shade(stone, 1.25),
        "mark": mix(asphalt, (244, 242, 236), dice.between(0.6, 0.9)),
        "verge": grass,
    }


def _strip(canvas, street, left, right, colour, far=0.004, near=None):
    """Fill the ground between two distances from the eye's axis, from size `far` to `near`."""
    near = near or 1.05 * street.size_at(1.0)
    canvas.polygon(
        [
            (street.x_at(metres, size), street.ground_at(size))
            for metres, size in ((left, far), (right, far), (right, near), (left, near))
        ],
        colour,
    )


def _paving(canvas, street, kerb, wall, colour):
    size = street.size_at(1.0)
    while size > 0.03:
        y = street.ground_at(size)
        ends = (street.x_at(kerb, size), y), (street.x_at(wall, size), y)
        canvas.line(ends, 0.02 * size, colour)
        size = 1 / (1 / size + 1.6)


def _lane_marks(canvas, street, dice, ground):
    middle = 0.5 * (street.road[0] + street.road[1])
    distance, step = 1 / street.size_at(1.05), dice.between(0.9, 1.3) * street.camera_height
    for k in range(16):
        near, far = 1 / (distance + k * step), 1 / (distance + (k + 0.5) * step)
        _strip(canvas, street, middle - 0.09, middle + 0.09, ground["mark"], far, near)
    if dice.chance(0.4):
        for edge, inwards in zip(street.road, (1, -1), strict=True):
            ends = sorted((edge + 0.3 * inwards, edge + 0.42 * inwards))
            _strip(canvas, street, *ends, ground["mark"], 0.012)
    if dice.chance(0.3):
        near = dice.between(0.45, 0.85) * street.size_at(1.0)
        far = 1 / (1 / near + 0.9 * street.camera_height)
        metres = street.road[0] + 0.3
        while metres + 0.5 < street.road[1]:
            _strip(canvas, street, metres, metres + 0.5, ground["mark"], far, near)
            metres += 1.0


def _far_end(canvas, street, dice, size):
    """Close the street with trees or a house far away."""
    canvas.set_haze(0.35)
    base, middle = street.ground_at(size), street.vanishing_x
    green = hsv(dice.between(0.22, 0.36), dice.between(0.25, 0.45), dice.between(0.35, 0.55))
    x = -0.05
    while x < ASPECT + 0.05:
        width, height = dice.between(0.03, 0.07), dice.between(0.03, 0.08)
        canvas.ellipse(x, base, width, height, vary(green, dice, 10))
        x += width * dice.between(0.8, 1.5)
    if dice.chance(0.5):
        wall = _wall_colour(dice)
        for _ in range(dice.whole(1, 3)):
            x, width = middle + dice.between(-0.16, 0.1), dice.between(0.06, 0.12)
            top = base - dice.between(0.07, 0.16)
            canvas.rectangle(x, top, x + width, base, vary(wall, dice, 20))
            for k in range(6):
                left, upper = x + width * (0.15 + 0.3 * (k % 3)), top + 0.02 + 0.03 * (k // 3)
                canvas.rectangle(left, upper, left + 0.15 * width, upper + 0.015, shade(wall, 0.6))
    canvas.set_haze(0.0)


def _wall_colour(dice):
    kind = dice.weighted({"brick": 3, "cream": 3, "grey": 2, "pastel": 2})
    if kind == "brick":
        return hsv(dice.between(0.0, 0.05), dice.between(0.3, 0.5), dice.between(0.45, 0.68))
    if kind == "cream":
        return hsv(dice.between(0.08, 0.14), dice.between(0.1, 0.3), dice.between(0.74, 0.92))
    if kind == "grey":
        return hsv(dice.between(0.5, 0.65), dice.between(0.0, 0.08), dice.between(0.5, 0.8))
    return hsv(dice.between(0, 1), dice.between(0.12, 0.3), dice.between(0.65, 0.88))


def _row_along(canvas, street, daylight, dice, side):
    """Paint a row of houses whose fronts run towards the vanishing point, far ones first."""
    metres = street.pavement[side]
    outwards = (-1, 1)[side]
    # The row starts where it leaves the picture.
    edge = 0.0 if side == 0 else ASPECT
    nearest = (edge - street.vanishing_x) / metres
    nearest = min(max(nearest, 0.05), 0.4)
    houses, distance = [], 1 / nearest - dice.between(0, 6)
    while distance < 65:
        length = dice.between(7, 13)
        houses.append((max(distance, 1.5), distance + length))
        distance += length
    is_sunny = daylight.sun_x * outwards < 0
    for start, end in reversed(houses):
        canvas.set_haze(min(0.45, start / 160))
        _house_along(canvas, street, daylight, dice, metres, (start, end), is_sunny)
    canvas.set_haze(0.0)


def _house_along(canvas, street, daylight, dice, metres, span, is_sunny):
    wall = shade(_wall_colour(dice), 1.0 if is_sunny else 0.8)
    floors = dice.whole(2, 4)
    floor = dice.between(2.9, 3.3)
    top = floors * floor + 0.6
    start, end = span

    def at(distance, up):
        size = 1 / distance
        y = street.ground_at(size) - up * size
        return street.x_at(metres, size), y

    def face(first, last, low, high, colour):
        canvas.polygon((at(first, low), at(first, high), at(last, high), at(last, low)), colour)

    face(start, end, 0, top, wall)
    face(start, end, top - 0.35, top, shade(wall, 0.75))
    columns = max(2, round((end - start) / 2.8))
    step = (end - start) / columns
    pane, frame = hsv(0.58, 0.2, dice.between(0.3, 0.55)), shade(wall, 1.4)
    is_shop = dice.chance(0.4)
    if is_shop:
        colour = hsv(dice.between(0, 1), dice.between(0.3, 0.7), dice.between(0.3, 0.75))
        face(start + 0.3, end - 0.3, 0.4, 2.4, _pane(dice, daylight, pane, 0.8))
        face(start + 0.2, end - 0.2, 2.4, 2.95, colour)
    else:
        face(start, end, 0, 0.5, shade(wall, 0.72))
    for level in range(1 if is_shop else 0, floors):
        for column in range(columns):
            near = start + (column + 0.28) * step
            if near < 2.5:
                continue
            far, low = near + 0.44 * step, level * floor + 1.0
            if level == 0 and column == columns // 2:
                face(near, far, 0, 2.2, shade(wall, 0.45))
                continue
            if start < 30:
                face(near - 0.12, far + 0.12, low - 0.12, low + 1.5, frame)
            face(near, far, low, low + 1.4, _pane(dice, daylight, pane, 0.45))


def _pane(dice, daylight, pane, share):
    return WINDOW if daylight.lamps_on and dice.chance(share) else vary(pane, dice, 12)


def _hedge(canvas, street, dice, side):
    """Paint a hedge in place of houses."""
    metres, outwards = street.pavement[side], (-1, 1)[side]
    green = hsv(dice.between(0.22, 0.36), dice.between(0.35, 0.55), dice.between(0.3, 0.48))
    high = dice.between(0.9, 1.6)
    points = []
    for size in (0.012, 0.3):
        x, y = street.x_at(metres, size), street.ground_at(size)
        points.append(((x, y), (x, y - high * size), (x + 1.2 * outwards * size, y - high * size)))
    (a, b, c), (d, e, f) = points
    canvas.polygon((a, b, e, d), shade(green, 0.8))
    canvas.polygon((b, c, f, e), shade(green, 1.12))


# Across the road


def _across(canvas, street, daylight, dice):
    ground = _ground_colours(dice)
    base = street.pavement[0]
    metre = street.size_at(base)
    _front_row(canvas, daylight, dice, base, metre)
    far_kerb, near_kerb = street.road
    canvas.rectangle(0, base, ASPECT, far_kerb, ground["pavement"])
    _slabs(canvas, street, base, far_kerb, shade(ground["pavement"], 0.9))
    canvas.rectangle(0, far_kerb, ASPECT, near_kerb, ground["asphalt"])
    canvas.rectangle(0, far_kerb, ASPECT, far_kerb + 0.012, shade(ground["kerb"], 0.75))
    canvas.rectangle(0, far_kerb - 0.006, ASPECT, far_kerb, ground["kerb"])
    canvas.rectangle(0, near_kerb, ASPECT, 1.0, ground["pavement"])
    canvas.rectangle(0, near_kerb, ASPECT, near_kerb + 0.016, ground["kerb"])
    _slabs(canvas, street, near_kerb + 0.016, 1.02, shade(ground["pavement"], 0.9))
    y = lane_edges(street)[1]
    size = street.size_at(y)
    x, step = dice.between(-0.5, 0), dice.between(3.0, 4.0) * size
    while x < ASPECT:
        canvas.rectangle(x, y - 0.05 * size, x + 0.5 * step, y + 0.05 * size, ground["mark"])
        x += step
    if dice.chance(0.3):
        _zebra_across(canvas, street, dice, ground["mark"])


def lane_edges(street):
    """Return the ground lines of an "across" street's far kerb, middle and near kerb."""
    far, near = (street.size_at(y) for y in street.road)
    middle = 2 / (1 / far + 1 / near)  # in the middle on the ground, not in the picture
    return street.road[0], street.ground_at(middle), street.road[1]


def _slabs(canvas, street, top, bottom, colour):
    """Draw the seams of paving slabs, which run to the vanishing point."""
    far, near = street.size_at(top), street.size_at(bottom)
    for k in range(-14, 15):
        ends = (street.x_at(1.4 * k, far), top), (street.x_at(1.4 * k, near), bottom)
        canvas.line(ends, 0.003, colour)
    y = street.ground_at(2 / (1 / far + 1 / near))
    canvas.line(((0, y), (ASPECT, y)), 0.003, colour)


def _zebra_across(canvas, street, dice, colour):
    """Paint a crossing: bars side by side, each as long as the crossing is wide."""
    metres = dice.between(-6, 4)
    far, near = (street.size_at(y) for y in street.road)
    distance, end = 1 / near + 0.4, 1 / far - 0.4
    while distance < end:
        ends = 1 / min(distance + 0.6, end), 1 / distance
        _strip(canvas, street, metres, metres + 3.0, colour, *ends)
        distance += 1.2


def _front_row(canvas, daylight, dice, base, metre):
    x = dice.between(-5, 0) * metre
    while x < ASPECT:
        width = dice.between(6, 11) * metre
        kind = dice.weighted({"house": 5, "park": 1})
        if kind == "house":
            _house_front(canvas, daylight, dice, (x, x + width), base, metre)
        else:
            _park(canvas, dice, (x, x + width), base, metre)
        x += width


def _house_front(canvas, daylight, dice, span, base, metre):
    left, right = span
    wall, floors = _wall_colour(dice), dice.whole(1, 4)
    floor = 3.0 * metre
    top = base - floors * floor - 0.4 * metre
    if dice.chance(0.5):
        _roof(canvas, dice, span, top, metre)
    canvas.rectangle(left, top, right, base, wall)
    canvas.rectangle(left, top, right, top + 0.3 * metre, shade(wall, 0.78))
    canvas.rectangle(right - 0.12 * metre, top, right, base, shade(wall, 0.8))
    pane, frame = hsv(0.58, dice.between(0.1, 0.3), dice.between(0.3, 0.6)), shade(wall, 1.5)
    columns = max(2, round((right - left) / (2.4 * metre)))
    step = (right - left) / columns
    is_shop = dice.chance(0.45)
    if is_shop:
        _shop(canvas, daylight, dice, span, base, metre, pane)
    else:
        canvas.rectangle(left, base - 0.5 * metre, right, base, shade(wall, 0.75))
    door = dice.whole(0, columns - 1)
    for level in range(1 if is_shop else 0, floors):
        for column in range(columns):
            x, y = left + (column + 0.27) * step, base - level * floor - 2.4 * metre
            if level == 0 and column == door:
                _door(canvas, dice, x, base, 0.46 * step, metre)
            else:
                _window(canvas, daylight, dice, (x, y, 0.46 * step, 1.5 * metre), pane, frame)


def _roof(canvas, dice, span, top, metre):
    left, right = span
    tiles = hsv(dice.between(0.0, 0.06), dice.between(0.1, 0.5), dice.between(0.3, 0.55))
    rise = dice.between(1.2, 2.4) * metre
    inset = dice.pick((0.12, 0.5, 0.2)) * (right - left)
    x = left + dice.between(0.25, 0.65) * (right - left)
    canvas.rectangle(x, top - rise - 0.5 * metre, x + 0.7 * metre, top, shade(tiles, 0.8))
    eaves = 0.25 * metre
    canvas.polygon(
        (
            (left - eaves, top),
            (left + inset, top - rise),
            (right - inset, top - rise),
            (right + eaves, top),
        ),
        tiles,
    )


def _window(canvas, daylight, dice, frame_xywh, pane, frame):
    x, y, width, height = frame_xywh
    edge = 0.09 * width
    canvas.rectangle(x - edge, y - edge, x + width + edge, y + height + edge, frame)
    glass = _pane(dice, daylight, pane, 0.5)
    canvas.rectangle(x, y, x + width, y + height, glass)
    if glass != WINDOW:
        shine = ((x, y), (x + 0.6 * width, y), (x, y + 0.7 * height))
        canvas.polygon(shine, shade(glass, 1.2))
    canvas.line(((x + 0.5 * width, y), (x + 0.5 * width, y + height)), 0.12 * width, frame)


def _door(canvas, dice, x, base, width, metre):
    colour = hsv(dice.between(0, 1), dice.between(0.3, 0.7), dice.between(0.25, 0.6))
    canvas.rectangle(x - 0.1 * width, base - 2.5 * metre, x + 1.1 * width, base, shade(colour, 0.6))
    canvas.rectangle(x, base - 2.35 * metre, x + width, base, colour)


def _shop(canvas, daylight, dice, span, base, metre, pane):
    left, right = span[0] + 0.3 * metre, span[1] - 0.3 * metre
    colour = hsv(dice.between(0, 1), dice.between(0.3, 0.7), dice.between(0.3, 0.75))
    canvas.rectangle(left, base - 2.9 * metre, right, base, colour)
    width = right - left
    door = left + dice.pick((0.06, 0.42, 0.78)) * width
    glass = _pane(dice, daylight, pane, 0.8)
    canvas.rectangle(
        left + 0.05 * width, base - 2.2 * metre, right - 0.05 * width, base - 0.5 * metre, glass
    )
    canvas.rectangle(door, base - 2.2 * metre, door + 0.16 * width, base, shade(colour, 0.6))
    canvas.rectangle(
        door + 0.03 * width, base - 2.05 * metre, door + 0.13 * width, base - 0.2 * metre, glass
    )
    if dice.chance(0.5):
        stripe = vary(WHITE, dice, 8)
        count = max(4, round(width / (0.5 * metre)))
        for k in range(count):
            x, step = left + k * width / count, width / count
            canvas.polygon(
                (
                    (x, base - 2.5 * metre),
                    (x + step, base - 2.5 * metre),
                    (x + step, base - 1.85 * metre),
                    (x, base - 1.85 * metre),
                ),
                stripe if k % 2 else colour,
            )
    else:
        ink = shade(colour, 1.7)
        y = base - 2.55 * metre
        canvas.line(((left + 0.3 * width, y), (left + 0.7 * width, y)), 0.24 * metre, ink)


def _park(canvas, dice, span, base, metre):
    left, right = span
    green = hsv(dice.between(0.2, 0.34), dice.between(0.3, 0.5), dice.between(0.36, 0.55))
    x = left
    while x < right:
        size = dice.between(1.2, 2.0) * metre
        leaf = vary(shade(green, 0.85), dice, 12)
        canvas.ellipse(
            x, base - dice.between(1.4, 3.2) * metre, size, 1.1 * size, leaf, rounded=0.5
        )
        x += size * dice.between(0.6, 1.0)
    canvas.rectangle(left, base - 1.2 * metre, right, base, shade(green, 0.8))
    canvas.rectangle(left, base - 1.2 * metre, right, base - 1.05 * metre, shade(green, 1.1))
