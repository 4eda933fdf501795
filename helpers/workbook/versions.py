"""Which versions of the packages that shape a result are installed."""

import importlib.metadata
import platform

PACKAGES = ("tensorflow", "keras", "numpy")


def installed():
    """Return the versions of Python and of the packages above, by name, without importing them."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
