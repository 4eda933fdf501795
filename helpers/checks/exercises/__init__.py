"""The exercises, one file per notebook. How to write one: see `helpers.checks`."""

from helpers.checks.exercises import (
    average_pooling,
    convolution,
    faces,
    filters,
    mobilenet,
    resnet,
    simple_convnet,
    style,
    yolo,
)

FILES = (
    simple_convnet,
    filters,
    mobilenet,
    average_pooling,
    resnet,
    yolo,
    faces,
    style,
    convolution,
)
