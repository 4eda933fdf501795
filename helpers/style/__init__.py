"""Neural style transfer: its costs, the networks that read pictures, and the transfer itself."""

from helpers.style.costs import (
    content_cost,
    gram_matrix,
    layer_style_cost,
    mean_gram,
    total_cost,
    total_variation,
    weighted_sum,
)
from helpers.style.extractors import (
    load_extractor,
    load_mobilenet,
    load_small_vgg,
    load_vgg19,
)
from helpers.style.pictures import to_longer_side
from helpers.style.reading import Extractor
from helpers.style.transferring import Result, transfer

__all__ = [
    "Extractor",
    "Result",
    "content_cost",
    "gram_matrix",
    "layer_style_cost",
    "load_extractor",
    "load_mobilenet",
    "load_small_vgg",
    "load_vgg19",
    "mean_gram",
    "to_longer_side",
    "total_cost",
    "total_variation",
    "transfer",
    "weighted_sum",
]
