"""The workbook's two settings: how much to run, and on which data."""

import dataclasses
import os

PROFILES = ("quick", "full")
DATA_CHOICES = ("auto", "real", "embedded")


@dataclasses.dataclass(frozen=True)
class Settings:
    """How much a notebook runs (`profile`) and on which data (`data`).

    Parameters
    ----------
    profile : {"quick", "full"}
        ``quick`` takes minutes on two CPU cores, ``full`` is what the committed outputs show.
    data : {"auto", "real", "embedded"}
        ``real`` insists on the real data, ``embedded`` uses what the workbook draws itself and
        never touches the network, ``auto`` takes the real data if they can be had.

    Raises
    ------
    ValueError
        If either setting is not one of the words above.
    """

    profile: str = "quick"
    data: str = "auto"

    def __post_init__(self):
        _check("profile", self.profile, PROFILES)
        _check("data", self.data, DATA_CHOICES)

    def pick(self, *, quick, full):
        """Return `quick` or `full`, whichever the profile asks for.

        >>> Settings(profile="quick").pick(quick=5, full=20)
        5
        """
        return {"quick": quick, "full": full}[self.profile]


def read(profile=None, data=None):
    """Read both settings: an argument wins over the environment, which wins over the default.

    Parameters
    ----------
    profile : {"quick", "full"}, optional
        Without it, the environment variable ``WORKBOOK_PROFILE``, or else ``quick``.
    data : {"auto", "real", "embedded"}, optional
        Without it, the environment variable ``WORKBOOK_DATA_SOURCE``, or else ``auto``.

    Returns
    -------
    settings : Settings

    Raises
    ------
    ValueError
        If a setting is unknown, wherever it came from.
    """
    return Settings(
        profile=_first(profile, "WORKBOOK_PROFILE", PROFILES),
        data=_first(data, "WORKBOOK_DATA_SOURCE", DATA_CHOICES),
    )


def _first(argument, variable, allowed):
    """Take the argument, or what the environment says, or the default, which is named first."""
    if argument is not None:
        return argument
    stated = os.environ.get(variable)
    if not stated:
        return allowed[0]
    _check(f"the environment variable {variable}", stated, allowed)
    return stated


def _check(name, value, allowed):
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}; got {value!r}")
