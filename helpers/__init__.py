"""Helpers of the CNN workbook, one subject per module.

Import the modules by name, for example ``from helpers import datasets, plots``. Importing this
package loads neither TensorFlow nor Keras; only the modules that build or train networks do.
"""
