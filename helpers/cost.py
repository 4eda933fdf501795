"""What a network costs: the multiplications that one picture takes."""

import math

import keras
from keras import layers


def multiply_adds(model):
    """Count the multiply-adds that a model spends on one picture.

    Convolutions, depthwise convolutions and dense layers count: each number that they put out is
    a sum of products. Zeros of the padding count as any other number; biases, normalisations,
    activations and poolings do not count.

    Parameters
    ----------
    model : keras.Model
        Functional or sequential, with a fixed input size. Models inside it count as well, and a
        layer that is called twice counts twice.

    Returns
    -------
    count : int
        One multiplication with its addition is one.

    Raises
    ------
    ValueError
        If the input size is not fixed, or a layer has kernels but is not of a kind named above.

    References
    ----------
    He, Zhang, Ren & Sun (CVPR 2016), table 1, and Howard et al., "MobileNets" (2017), section
    3.1, count in the same way.

    >>> line = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    >>> multiply_adds(line)
    6
    """
    if not getattr(model, "inputs", None):
        raise ValueError(f"expected a functional or sequential model with an input, got {model!r}")
    return sum(_call_multiply_adds(operation, shape) for operation, shape in _calls(model))


def _calls(model):
    """List what is called between the inputs and the outputs, each with its output's shape.

    ``layer.output`` would know only the first call of a layer, in whichever model that was.
    """
    nodes_by_depth = keras.Function(model.inputs, model.outputs)._nodes_by_depth
    nodes = [node for nodes in nodes_by_depth.values() for node in nodes]
    return [(node.operation, tuple(node.output_tensors[0].shape)) for node in nodes]


def _call_multiply_adds(operation, output_shape):
    if isinstance(operation, keras.Model):
        return multiply_adds(operation)
    if isinstance(operation, layers.Conv2D | layers.Dense):
        products = math.prod(operation.kernel.shape[:-1])  # (height, width, channels) or (inputs,)
    elif isinstance(operation, layers.DepthwiseConv2D):
        products = math.prod(operation.kernel.shape[:2])  # an output sees one channel only
    elif any(len(weight.shape) > 1 for weight in getattr(operation, "weights", [])):
        kind = type(operation).__name__
        raise ValueError(f"cannot count the multiply-adds of a {kind}, {operation.name!r}")
    else:
        return 0
    if None in output_shape[1:]:
        raise ValueError(
            f"expected a model with a fixed input size, but layer {operation.name!r} puts out "
            f"{output_shape}"
        )
    return products * math.prod(output_shape[1:])
