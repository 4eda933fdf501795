import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers import cost, resnet


def counted_in_the_graph(model):
    """Count every product of the operations that TensorFlow would run, one model call at a time."""
    picture = tf.TensorSpec((1, *model.input_shape[1:]))
    graph = tf.function(model).get_concrete_function(picture).graph
    axes = {"Conv2D": 3, "DepthwiseConv2dNative": 2, "MatMul": 1}  # of the kernel, summed over
    return sum(
        math.prod(operation.inputs[1].shape[: axes[operation.type]])
        * math.prod(operation.outputs[0].shape)
        for operation in graph.get_operations()
        if operation.type in axes
    )


def sequential(*inner, size=(5, 7, 3)):
    return keras.Sequential([keras.Input(size), *inner])


@pytest.mark.parametrize(
    ("layer", "count"),
    [
        (layers.Conv2D(4, 3), (3 * 5 * 4) * (3 * 3 * 3)),
        (layers.Conv2D(4, (1, 2), padding="same", strides=2), (3 * 4 * 4) * (1 * 2 * 3)),
        (layers.Conv2D(6, 3, groups=3), (3 * 5 * 6) * (3 * 3 * 1)),
        (layers.Conv2D(4, 3, dilation_rate=2), (1 * 3 * 4) * (3 * 3 * 3)),
        (layers.DepthwiseConv2D(3), (3 * 5 * 3) * (3 * 3)),
        (layers.DepthwiseConv2D(3, depth_multiplier=2), (3 * 5 * 6) * (3 * 3)),
        (layers.Dense(4), (5 * 7 * 4) * 3),
        (layers.BatchNormalization(), 0),
        (layers.GlobalAveragePooling2D(), 0),
    ],
)
def test_one_layer_costs_its_outputs_times_what_each_sums(layer, count):
    assert cost.multiply_adds(sequential(layer)) == count


def test_resnet50_costs_what_its_table_adds_up_to():
    # Stages of 56, 28, 14 and 7 pixels; the first block has a wider input and a projection.
    stages = [(56, 64, 3, 64), (28, 128, 4, 256), (14, 256, 6, 512), (7, 512, 3, 1024)]
    total = 112**2 * 64 * 7 * 7 * 3 + 2048 * 1000
    for side, narrow, num_blocks, incoming in stages:
        wide = 4 * narrow
        first = incoming * narrow + 9 * narrow**2 + narrow * wide + incoming * wide
        other = wide * narrow + 9 * narrow**2 + narrow * wide
        total += side**2 * (first + (num_blocks - 1) * other)
    assert cost.multiply_adds(resnet.resnet50()) == total == 3_857_973_248


def test_mobilenet_costs_what_its_paper_says():
    # Howard et al. (2017), table 8: 569 million mult-adds for 1.0 MobileNet-224
    model = keras.applications.MobileNet(weights=None)
    assert round(cost.multiply_adds(model) / 1e6) == 569


def test_the_count_agrees_with_tensorflows_graph(rng):
    kinds = [layers.Conv2D, layers.DepthwiseConv2D, layers.Dense]
    for _ in range(3):
        inner = []
        for kind in rng.permutation(kinds * 2):
            number, size = int(rng.integers(1, 5)), tuple(map(int, rng.integers(1, 4, 2)))
            shared = {"padding": str(rng.choice(["same", "valid"])), "strides": 1}
            if kind is layers.Conv2D:
                inner.append(layers.Conv2D(number, size, **shared))
            elif kind is layers.DepthwiseConv2D:
                inner.append(layers.DepthwiseConv2D(size, depth_multiplier=number, **shared))
            else:
                inner += [layers.Flatten(), layers.Dense(24), layers.Reshape((2, 4, 3))]
                inner += [layers.UpSampling2D(5)]
        model = sequential(*inner, size=(19, 23, 3))
        assert cost.multiply_adds(model) == counted_in_the_graph(model)


def test_a_layer_called_twice_counts_twice_and_one_elsewhere_does_not():
    dense = layers.Dense(3)
    dense(keras.Input((100, 3)))  # in no model of ours
    numbers = keras.Input((3,))
    assert cost.multiply_adds(keras.Model(numbers, dense(dense(numbers)))) == 2 * 9


def test_models_inside_models_count():
    inner = sequential(layers.Conv2D(4, 3), layers.GlobalAveragePooling2D())
    pictures = keras.Input((5, 7, 3))
    outer = keras.Model(pictures, layers.Dense(2)(inner(pictures)))
    assert cost.multiply_adds(outer) == cost.multiply_adds(inner) + 4 * 2
    grown = keras.Sequential([inner])
    grown.add(layers.Dense(2))
    grown.add(layers.Dense(5))
    assert cost.multiply_adds(grown) == cost.multiply_adds(outer) + 2 * 5


@pytest.mark.parametrize(
    ("model", "match"),
    [
        (
            sequential(layers.Conv2D(4, 3, name="c"), size=(None, 7, 3)),
            r"'c' puts out \(None, None",
        ),
        (sequential(layers.SeparableConv2D(4, 3, name="s")), "of a SeparableConv2D, 's'"),
        (keras.Sequential([layers.Dense(2)]), "expected a functional or sequential model"),
        (np.zeros(3), "expected a functional or sequential model"),
    ],
    ids=["open size", "unknown kind", "no input", "no model"],
)
def test_what_cannot_be_counted_is_refused(model, match):
    with pytest.raises(ValueError, match=match):
        cost.multiply_adds(model)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_formulas_of_separable_convolutions_agree_with_layers(stride):
    pair = sequential(
        layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False),
        layers.Conv2D(6, 1, use_bias=False),
        size=(7, 10, 4),
    )
    assert cost.separable_weights(3, 4, 6) == pair.count_params()
    assert cost.separable_multiply_adds(7, 10, 3, 4, 6, stride) == cost.multiply_adds(pair)


def test_the_formula_of_bottlenecks_agrees_with_blocks():
    def kernels(block):
        return sum(math.prod(weight.shape) for weight in block.weights if len(weight.shape) == 4)

    x = keras.Input((6, 8, 12))
    identity = keras.Model(x, resnet.identity_block(x, 3, name="block"))
    convolution = keras.Model(x, resnet.convolution_block(x, 5, stride=2, name="block"))
    assert cost.bottleneck_weights(12, 3, projected=False) == kernels(identity)
    assert cost.bottleneck_weights(12, 5, projected=True) == kernels(convolution)


def test_formulas_refuse_what_is_no_count():
    with pytest.raises(ValueError, match="inputs as an integer of at least 1, got 0"):
        cost.separable_weights(3, 0, 6)
    with pytest.raises(ValueError, match=r"stride as an integer .*, got 1.5"):
        cost.separable_multiply_adds(7, 10, 3, 4, 6, 1.5)
    with pytest.raises(ValueError, match=r"num_filters as an integer .*, got -1"):
        cost.bottleneck_weights(12, -1, projected=True)


@pytest.mark.parametrize("averaged", [True, False])
def test_parameters_by_formula_agree_with_keras(averaged):
    conv = layers.Conv2D(5, 3, name="conv")
    between = layers.GlobalAveragePooling2D() if averaged else layers.Flatten()
    model = sequential(conv, between, layers.Dense(6, name="dense"), size=(7, 11, 2))
    assert cost.conv_parameters(3, 2, 5) == model.get_layer("conv").count_params()
    dense = model.get_layer("dense").count_params()
    assert cost.dense_parameters(5, 9, 5, 6, averaged) == dense  # 5 x 9 places are left


def test_layers_of_no_or_half_a_filter_are_refused():
    with pytest.raises(ValueError, match="num_filters as an integer of at least 1, got 0"):
        cost.conv_parameters(3, 2, 0)
    with pytest.raises(ValueError, match="width as an integer"):
        cost.dense_parameters(2, 1.5, 3, 4, averaged=False)
