"""What a network costs: the multiplications that one picture takes, and weights by formula."""

import math

import keras
from keras import layers

from helpers import validation


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


def conv_parameters(kernel_size, inputs, num_filters):
    """Count the parameters of a convolution with square kernels.

    Parameters
    ----------
    kernel_size : int
        Side of the kernels, in pixels.
    inputs : int
        Channels that come in.
    num_filters : int
        Channels that come out.

    Returns
    -------
    count : int
        Weights and biases; one bias for each filter.

    Raises
    ------
    ValueError
        If a number is not a whole one of at least 1.

    >>> conv_parameters(5, 3, 30)
    2280
    """
    kernel_size, inputs, num_filters = _check_counts(
        kernel_size=kernel_size, inputs=inputs, num_filters=num_filters
    )
    weights_of_one_filter = kernel_size * kernel_size * inputs
    return num_filters * (weights_of_one_filter + 1)


def dense_parameters(height, width, channels, units, averaged):
    """Count the parameters of a dense layer behind feature maps.

    Parameters
    ----------
    height, width, channels : int
        Of the maps.
    units : int
        Of the dense layer.
    averaged : bool
        Whether global average pooling comes between; otherwise the maps are flattened.

    Returns
    -------
    count : int
        Weights and biases; one bias for each unit.

    Raises
    ------
    ValueError
        If a number is not a whole one of at least 1.

    >>> dense_parameters(14, 14, 30, 100, averaged=False)
    588100
    >>> dense_parameters(14, 14, 30, 100, averaged=True)
    3100
    """
    height, width, channels, units = _check_counts(
        height=height, width=width, channels=channels, units=units
    )
    inputs = channels if averaged else height * width * channels
    return units * (inputs + 1)


def separable_weights(kernel_size, inputs, outputs):
    """Count the weights of a depthwise separable convolution, without biases.

    Parameters
    ----------
    kernel_size : int
        Side of the depthwise kernels, in pixels.
    inputs, outputs : int
        Channels before and after.

    Returns
    -------
    count : int
        Those of one depthwise kernel for each channel, and of the 1 x 1 convolution after it.

    Raises
    ------
    ValueError
        If a number is not a whole one of at least 1.

    References
    ----------
    Howard et al., "MobileNets" (2017), section 3.1.

    >>> separable_weights(3, 4, 8)
    68
    """
    kernel_size, inputs, outputs = _check_counts(
        kernel_size=kernel_size, inputs=inputs, outputs=outputs
    )
    depthwise = kernel_size * kernel_size * inputs
    pointwise = inputs * outputs
    return depthwise + pointwise


def separable_multiply_adds(height, width, kernel_size, inputs, outputs, stride):
    """Count the multiply-adds of a depthwise separable convolution, with padding "same".

    Parameters
    ----------
    height, width : int
        Of the map that comes in, in pixels.
    kernel_size, inputs, outputs : int
        See `separable_weights`.
    stride : int
        Of the depthwise convolution, in both directions; the 1 x 1 convolution has none.

    Returns
    -------
    count : int
        Each weight is used once at each place of the map that comes out. One multiplication with
        its addition is one.

    Raises
    ------
    ValueError
        If a number is not a whole one of at least 1.

    References
    ----------
    Howard et al., "MobileNets" (2017), equation 5.

    >>> separable_multiply_adds(5, 6, 3, 4, 8, 2)  # 3 x 3 places
    612
    """
    height, width, stride = _check_counts(height=height, width=width, stride=stride)
    rows, columns = math.ceil(height / stride), math.ceil(width / stride)
    return rows * columns * separable_weights(kernel_size, inputs, outputs)


def bottleneck_weights(inputs, num_filters, projected):
    """Count the weights of the convolutions in one of ResNet-50's blocks, without biases.

    Parameters
    ----------
    inputs : int
        Channels that come in.
    num_filters : int
        Of the first two convolutions, 1 x 1 and 3 x 3; the third, 1 x 1, has four times as many.
    projected : bool
        Whether the shortcut has a 1 x 1 convolution of its own, to four times `num_filters`.

    Returns
    -------
    count : int

    Raises
    ------
    ValueError
        If a number is not a whole one of at least 1.

    References
    ----------
    He, Zhang, Ren & Sun (CVPR 2016), figure 5 (right) and equation 2.

    >>> bottleneck_weights(256, 64, projected=False)
    69632
    """
    inputs, num_filters = _check_counts(inputs=inputs, num_filters=num_filters)
    outputs = 4 * num_filters
    count = inputs * num_filters + 3 * 3 * num_filters * num_filters + num_filters * outputs
    return count + inputs * outputs if projected else count


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


def _check_counts(**counts):
    return [validation.integer(count, name, minimum=1) for name, count in counts.items()]
