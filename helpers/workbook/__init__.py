"""The workbook's own tools: ``python -m helpers.workbook --help``. Made for use inside a clone."""

import importlib.util as _util

_NEEDED = ("ipykernel", "jinja2", "nbclient", "nbconvert", "nbformat")
if _missing := [name for name in _NEEDED if _util.find_spec(name) is None]:
    raise ModuleNotFoundError(
        f"the workbook's tools need what is not installed here ({', '.join(_missing)}): "
        "pip install -r requirements.txt, in the workbook's folder",
        name=_missing[0],
    )
