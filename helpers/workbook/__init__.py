"""The workbook's own tools: ``python -m helpers.workbook --help``. Made for use inside a clone."""
