"""What a face does in one picture: smile, talk, wonder, look aside."""

import typing


class Mood(typing.NamedTuple):
    """What the face does in one picture; all 0 and the eyes 1 is at rest."""

    smile: float  # -0.3 to 1
    mouth: float  # how far it is open, 0 to 1
    brows: float  # raised (1) or lowered (-1)
    frown: float  # 0 to 1
    eyes: float  # how far they are open, 0.1 to 1.1
    gaze: tuple  # -1 to 1 to the right and down
    wears_glasses: bool


def choose_mood(dice, person):
    """Choose what a person's face does in one picture.

    Parameters
    ----------
    dice : helpers.drawn.dice.Dice
    person : helpers.drawn.face_people.Person

    Returns
    -------
    mood : Mood
    """
    kind = dice.weighted(
        {"rest": 4, "smile": 3, "laugh": 1.5, "talk": 1.5, "wonder": 1, "grim": 0.8}
    )
    smile, mouth, brows, frown = dice.between(-0.1, 0.15), 0.0, dice.between(-0.25, 0.25), 0.0
    if kind == "smile":
        smile, mouth = dice.between(0.35, 0.9), dice.pick((0.0, 0.0, dice.between(0.1, 0.3)))
    elif kind == "laugh":
        smile, mouth = dice.between(0.7, 1), dice.between(0.35, 0.8)
    elif kind == "talk":
        mouth = dice.between(0.1, 0.5)
    elif kind == "wonder":
        mouth, brows = dice.between(0.2, 0.9), dice.between(0.5, 1)
    elif kind == "grim":
        smile, brows, frown = dice.between(-0.3, -0.1), dice.between(-0.7, -0.2), dice.between(0, 1)
    eyes = dice.between(0.75, 1.1) - 0.25 * max(smile, 0) + 0.1 * max(brows, 0)
    if dice.chance(0.1):
        eyes = dice.between(0.05, 0.4)
    gaze = dice.between(-0.7, 0.7), dice.between(-0.4, 0.4)
    return Mood(smile, mouth, brows, frown, eyes, gaze, dice.chance(person.glasses.habit))
