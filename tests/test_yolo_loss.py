"""Tests of the YOLO loss: against loops over cells, and what each term asks for."""

import keras
import numpy as np
import pytest
from keras import ops

from helpers import boxes as box_tools
from helpers.yolo import loss, targets

ANCHORS = np.array([[1.0, 1.5], [2.5, 1.0], [3.0, 3.0]])
ROWS, COLUMNS, CLASSES = 2, 4, 3


def random_case(seed, num_boxes=3):
    """Targets of two pictures, and raw output for them."""
    rng = np.random.default_rng(seed)
    given = []
    for _ in range(2):
        middles = rng.uniform([0, 0], [64, 32], (num_boxes, 2))
        half = rng.uniform(2, 20, (num_boxes, 2))
        boxes = np.concatenate([middles - half, middles + half], axis=1)
        given.append(
            targets.assign(
                boxes,
                rng.integers(0, CLASSES, num_boxes),
                image_size=(32, 64),
                grid_size=(ROWS, COLUMNS),
                anchors=ANCHORS,
            )
        )
    output = rng.normal(size=(2, ROWS, COLUMNS, len(ANCHORS) * (5 + CLASSES)))
    return np.stack(given), output.astype("float32")


def by_loops(given, output, weights=(1, 1, 5, 1, 1), ignore_iou=0.6):
    """The five terms of one picture, cell by cell."""
    terms = dict.fromkeys(loss.LossTerms._fields, 0.0)
    truths = given[given[..., targets.PRESENT] == 1]
    true_boxes = box_tools.centre_to_corners(truths[:, :4])
    raw = output.reshape(ROWS, COLUMNS, len(ANCHORS), 5 + CLASSES).astype(float)
    for row, column, anchor in np.ndindex(raw.shape[:3]):
        t, wanted = raw[row, column, anchor], given[row, column, anchor]
        sigmoid = 1 / (1 + np.exp(-t))
        width, height = ANCHORS[anchor] * np.exp(t[2:4])
        box = [column + sigmoid[0], row + sigmoid[1], width, height]
        overlaps = box_tools.iou(box_tools.centre_to_corners([box]), true_boxes)[0]
        if not wanted[targets.PRESENT]:
            if overlaps.max() <= ignore_iou:
                terms["background"] += sigmoid[4] ** 2
            continue
        x, y, true_width, true_height = wanted[:4]
        small = 2 - true_width * true_height / (ROWS * COLUMNS)
        terms["centre"] += small * (
            (sigmoid[0] - (x - column)) ** 2 + (sigmoid[1] - (y - row)) ** 2
        )
        terms["size"] += small * (
            (t[2] - np.log(true_width / ANCHORS[anchor, 0])) ** 2
            + (t[3] - np.log(true_height / ANCHORS[anchor, 1])) ** 2
        )
        own = box_tools.iou(
            box_tools.centre_to_corners([box]), box_tools.centre_to_corners([wanted[:4]])
        )[0, 0]
        terms["objectness"] += (sigmoid[4] - own) ** 2
        scores = t[5:]
        terms["class_"] += np.log(np.exp(scores).sum()) - scores[int(wanted[targets.CLASS])]
    return [weight * term for weight, term in zip(weights, terms.values(), strict=True)]


@pytest.mark.parametrize("seed", range(4))
def test_the_terms_are_those_of_a_loop_over_all_cells(seed):
    given, output = random_case(seed)
    terms = np.stack([ops.convert_to_numpy(t) for t in loss.loss_terms(given, output, ANCHORS)])
    wanted = [by_loops(*one) for one in zip(given, output, strict=True)]
    np.testing.assert_allclose(terms.T, wanted, rtol=2e-5, atol=1e-5)


def test_other_weights_scale_their_terms_and_the_loss_is_the_sum():
    given, output = random_case(9)
    weights = loss.Weights(centre=2, size=0.5, objectness=1, background=3, class_=0)
    terms = loss.loss_terms(given, output, ANCHORS, weights=weights)
    np.testing.assert_allclose(
        [ops.convert_to_numpy(term)[0] for term in terms],
        by_loops(given[0], output[0], weights),
        rtol=2e-5,
        atol=1e-5,
    )
    total = loss.yolo_loss(given, output, ANCHORS, weights=weights)
    np.testing.assert_allclose(total, sum(ops.convert_to_numpy(term) for term in terms), rtol=1e-6)


def perfect_output(given):
    """Raw output that says exactly what the targets want, nearly sure of all of it."""
    output = np.zeros((*given.shape[:4], 5 + CLASSES))
    corner = ops.convert_to_numpy(loss.cell_corners(ROWS, COLUMNS))
    offsets = np.clip(given[..., :2] - corner, 1e-6, 1 - 1e-6)
    present = given[..., targets.PRESENT] == 1
    output[..., 4] = np.where(present, 20, -20)
    sizes = np.where(present[..., None], given[..., 2:4], 1)
    output[..., 2:4] = np.log(sizes / ANCHORS) * present[..., None]
    output[..., :2] = np.where(present[..., None], np.log(offsets / (1 - offsets)), 0)
    output[..., 5:] = 30 * np.eye(CLASSES)[given[..., targets.CLASS].astype(int)]
    return output.reshape(*given.shape[:3], -1).astype("float32")


def test_a_perfect_answer_costs_nothing():
    given, _ = random_case(3)
    assert ops.convert_to_numpy(loss.yolo_loss(given, perfect_output(given), ANCHORS)).max() < 1e-4


def test_a_second_box_on_a_true_one_is_no_mistake():
    given, _ = random_case(4, num_boxes=1)
    output = perfect_output(given).reshape(*given.shape[:4], -1)
    row, column, anchor = np.argwhere(given[0, ..., targets.PRESENT])[0]
    other = (anchor + 1) % len(ANCHORS)  # of the same cell, which predicts the same box
    output[0, row, column, other] = output[0, row, column, anchor]
    shift = np.log(ANCHORS[anchor] / ANCHORS[other])
    output[0, row, column, other, 2:4] += shift
    flat = output.reshape(*given.shape[:3], -1)
    assert ops.convert_to_numpy(loss.loss_terms(given, flat, ANCHORS).background)[0] < 1e-4
    strict = loss.loss_terms(given, flat, ANCHORS, ignore_iou=1.0)
    assert ops.convert_to_numpy(strict.background)[0] > 0.9


def test_an_empty_street_asks_for_nothing_but_no_box():
    given, output = random_case(5)
    terms = loss.loss_terms(np.zeros_like(given), output, ANCHORS)
    sums = [float(ops.sum(term)) for term in terms]
    assert sums[3] > 0
    assert sums[:3] + sums[4:] == [0, 0, 0, 0]


def test_extreme_output_has_a_finite_loss_and_finite_gradients():
    import tensorflow as tf

    given, output = random_case(6)
    raw = tf.Variable(output * 1000)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(loss.loss_terms(given, raw, ANCHORS).background)
    assert np.isfinite(total.numpy())
    assert np.isfinite(tape.gradient(total, raw).numpy()).all()


def test_the_overlap_in_a_model_is_that_of_numpy():
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0.1, 4, (2, 50, 4)).astype("float32")
    wanted = np.diag(box_tools.iou(box_tools.centre_to_corners(a), box_tools.centre_to_corners(b)))
    found = loss.centre_iou(a[:, :2], a[:, 2:], b[:, :2], b[:, 2:])
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert float(loss.centre_iou(np.ones(2), np.zeros(2), np.ones(2), np.zeros(2))) == 0


def test_a_network_of_any_picture_size_learns_one_picture_by_heart():
    keras.utils.set_random_seed(0)
    given, _ = random_case(7, num_boxes=2)
    images = np.random.default_rng(0).random((2, 8, 16, 3)).astype("float32")
    pictures = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(32, 4, strides=4, activation="relu")(pictures)
    x = keras.layers.Conv2D(64, 3, padding="same", activation="relu")(x)
    model = keras.Model(pictures, keras.layers.Conv2D(given.shape[3] * (5 + CLASSES), 1)(x))
    model.compile(
        keras.optimizers.Adam(0.01), loss.YoloLoss(ANCHORS), metrics=loss.term_metrics(ANCHORS)
    )
    history = model.fit(images, given, epochs=60, verbose=0).history
    assert history["loss"][-1] < 0.1 * history["loss"][0]
    names = [name.rstrip("_") for name in loss.LossTerms._fields]
    last = sum(history[name][-1] for name in names)
    assert last == pytest.approx(history["loss"][-1], rel=1e-3)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras saving
def test_a_model_that_was_compiled_with_it_can_be_saved_and_loaded_again(tmp_path):
    given, output = random_case(8)
    pictures = keras.Input((ROWS, COLUMNS, 3))
    model = keras.Model(pictures, keras.layers.Conv2D(output.shape[-1], 1)(pictures))
    model.compile("sgd", loss.YoloLoss(ANCHORS, weights=(2, 1, 1, 1, 1), ignore_iou=0.5))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    images = np.ones((2, ROWS, COLUMNS, 3), "float32")
    assert again.evaluate(images, given, verbose=0) == pytest.approx(
        model.evaluate(images, given, verbose=0)
    )


@pytest.mark.parametrize(
    ("given", "output", "message"),
    [
        ((1, 2, 4, 3, 6), (1, 2, 4, 25), "classes"),
        ((1, 2, 4, 3, 6), (1, 2, 4, 15), "classes"),
        ((1, 2, 4, 3, 5), (1, 2, 4, 24), "expected targets"),
        ((1, 2, 4, 2, 6), (1, 2, 4, 24), "expected targets"),
        ((1, 4, 2, 3, 6), (1, 2, 4, 24), "one grid"),
        ((1, 2, 4, 3, 6), (2, 4, 24), "expected output"),
    ],
)
def test_shapes_that_do_not_belong_together_are_refused(given, output, message):
    with pytest.raises(ValueError, match=message):
        loss.yolo_loss(np.zeros(given, "float32"), np.zeros(output, "float32"), ANCHORS)
