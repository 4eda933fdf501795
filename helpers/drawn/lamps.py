"""Colours of what gives light of its own: at dusk they stay as they are, all others darken."""

HEADLAMP = (252, 244, 205)
TAIL_LAMP = (200, 40, 36)
DISPLAY = (255, 176, 42)  # the writing on a bus
WINDOW = (255, 222, 150)  # a lit room
STREET_LAMP = (255, 240, 196)
RED, AMBER, GREEN = (255, 62, 46), (255, 186, 40), (64, 236, 148)

# What cars and trucks are drawn with, in `cars` and `trucks`.
_HEADLAMPS = {HEADLAMP, (252, 244, 210), (253, 247, 215)}
_TAIL_LAMPS = {TAIL_LAMP, (205, 32, 34)}

SIGNALS = frozenset({RED, AMBER, GREEN})
LAMPS = frozenset(_HEADLAMPS | _TAIL_LAMPS | {STREET_LAMP})
GLOWING = frozenset(SIGNALS | LAMPS | {DISPLAY, WINDOW})
