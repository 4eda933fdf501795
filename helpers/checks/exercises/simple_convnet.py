"""Exercises of notebook 01: parameters, probabilities, the loss, and what is confused."""

import numpy as np

from helpers.checks.declare import Case, exercise

NOTEBOOK = "01_simple_convnet"


@exercise(NOTEBOOK, "helpers.cost:conv_parameters")
def conv_parameters(rng):
    """Side of the kernels, channels that come in, filters."""
    yield Case("one filter of 3 × 3 on a grey picture", 3, 1, 1)
    yield Case("two such filters", 3, 1, 2)
    yield Case("five filters on two channels", 3, 2, 5)
    yield Case("1 × 1 pixels", 1, 4, 6)
    yield Case("a deeper layer", 3, 32, 64)
    for size, inputs, num_filters in rng.integers(2, 40, (3, 3)).tolist():
        yield Case("by chance", size, inputs, num_filters)


@conv_parameters.mistake
def biases_forgotten(right, kernel_size, inputs, num_filters):
    """Each filter has a bias, too."""
    return kernel_size**2 * inputs * num_filters


@conv_parameters.mistake
def one_bias(right, kernel_size, inputs, num_filters):
    """There is one bias for each filter, not one for the whole layer."""
    return kernel_size**2 * inputs * num_filters + 1


@conv_parameters.mistake
def bias_for_each_channel(right, kernel_size, inputs, num_filters):
    """A filter adds up all channels first and then adds one bias: 1 goes with the whole filter."""
    return (kernel_size**2 + 1) * inputs * num_filters


@conv_parameters.mistake
def biases_of_the_inputs(right, kernel_size, inputs, num_filters):
    """There is a bias for each filter, not for each channel that comes in."""
    return kernel_size**2 * inputs * num_filters + inputs


@conv_parameters.mistake
def flat_filters(right, kernel_size, inputs, num_filters):
    """A filter reaches through all channels that come in: it is a block, not a square."""
    return (kernel_size**2 + 1) * num_filters


@conv_parameters.mistake
def side_once(right, kernel_size, inputs, num_filters):
    """A filter has a height and a width: its side counts twice."""
    return (kernel_size * inputs + 1) * num_filters


@conv_parameters.mistake
def cubed(right, kernel_size, inputs, num_filters):
    """A filter is as deep as there are channels, not as it is wide."""
    return (kernel_size**3 + 1) * num_filters


@conv_parameters.mistake
def one_filter_only(right, kernel_size, inputs, num_filters):
    """That is one filter; the layer has `num_filters` of them."""
    return kernel_size**2 * inputs + 1


@exercise(NOTEBOOK, "helpers.classification:softmax")
def softmax(rng):
    """Scores (pictures, classes)."""
    yield Case("one picture, two equal scores", np.array([[0.0, 0.0]]))
    yield Case("one picture, three classes", np.array([[2.0, 0.0, -1.0]]))
    yield Case("two pictures", np.array([[1.0, 2.0, 3.0], [0.5, 0.0, -2.0]]))
    yield Case("as many pictures as classes", rng.normal(size=(3, 3)).round(1))
    yield Case("five pictures, four classes", 3 * rng.normal(size=(5, 4)))
    yield Case("very large scores", np.array([[1000.0, 999.0, 990.0]]))
    yield Case("one large score of four", np.array([[1000.0, 0.0, 1.0, 2.0]]))
    yield Case("far apart pictures", np.array([[900.0, 901.0], [-900.0, -900.0]]))


def _shares(powers, axis=-1):
    return powers / powers.sum(axis=axis, keepdims=True)


@softmax.mistake
def overflowing(right, scores):
    """The power of a large score is infinite. Subtract a picture's largest score first."""
    return _shares(np.exp(scores))


@softmax.mistake
def largest_of_all_subtracted(right, scores):
    """Subtract from each picture its own largest score; with that of all, others become 0 / 0."""
    return _shares(np.exp(scores - scores.max()))


@softmax.mistake
def shares_of_everything(right, scores):
    """The probabilities of *each picture* add up to 1, not those of all pictures together."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum()


@softmax.mistake
def over_the_pictures(right, scores):
    """The sum goes over the classes, the last axis; this one goes over the pictures."""
    return _shares(np.exp(scores - scores.max(axis=0)), axis=0)


@softmax.mistake
def axis_lost(right, scores):
    """The sums need keepdims=True: without it they lie along the wrong axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1)


@softmax.mistake
def not_divided(right, scores):
    """Divide the powers by their sum, so that they add up to 1."""
    return np.exp(scores - scores.max(axis=-1, keepdims=True))


@softmax.mistake
def not_divided_and_overflowing(right, scores):
    """These are powers, not yet probabilities: divide by their sum."""
    return np.exp(scores)


@softmax.mistake
def without_powers(right, scores):
    """Scores may be negative or 0: take their powers, np.exp, before the shares."""
    return _shares(scores)


@softmax.mistake
def sigmoid(right, scores):
    """That is the sigmoid, which looks at each score alone; here classes compete."""
    return 1 / (1 + np.exp(-scores))


@softmax.mistake
def powers_of_two(right, scores):
    """The base is e, not 2: np.exp."""
    return _shares(2.0 ** (scores - scores.max(axis=-1, keepdims=True)))


@softmax.mistake
def winner_takes_all(right, scores):
    """A *soft* maximum: lower scores get a share as well."""
    return (scores == scores.max(axis=-1, keepdims=True)).astype(float)


@softmax.mistake
def logarithms(right, scores):
    """These are the logarithms of the probabilities."""
    return np.log(right(scores))


@exercise(NOTEBOOK, "helpers.classification:cross_entropy")
def cross_entropy(rng):
    """Probabilities (pictures, classes), and labels."""
    yield Case("one picture", np.array([[0.25, 0.75]]), np.array([0]))
    yield Case("two pictures", np.array([[0.5, 0.5], [0.1, 0.9]]), np.array([1, 0]))
    yield Case("sure, and right", np.array([[0.0, 1.0, 0.0]]), np.array([1]))
    yield Case("no idea", np.full((4, 5), 0.2), np.array([3, 0, 4, 1]))
    for label, shape in [
        ("as many pictures as classes", (4, 4)),
        ("six pictures", (6, 3)),
        ("more classes than pictures", (3, 8)),
    ]:
        probabilities = rng.dirichlet(np.ones(shape[1]), size=shape[0]).clip(0.02)
        probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
        yield Case(label, probabilities, rng.integers(0, shape[1], shape[0]))
    yield Case("sure, and wrong", np.array([[0.0, 1.0], [0.2, 0.8]]), np.array([0, 1]))


_TINY = 1e-7


def _true(probabilities, labels):
    return np.maximum(probabilities[np.arange(len(labels)), labels], _TINY)


@cross_entropy.mistake
def summed(right, probabilities, labels):
    """Take the mean over the pictures; this is their sum, which grows with the batch."""
    return right(probabilities, labels) * len(labels)


@cross_entropy.mistake
def sign_forgotten(right, probabilities, labels):
    """Logarithms of probabilities are negative, a loss is not: minus."""
    return -right(probabilities, labels)


@cross_entropy.mistake
def over_all_classes(right, probabilities, labels):
    """Only the probability of the true class counts; here the others' are in the mean, too."""
    return -np.log(np.maximum(probabilities, _TINY)).mean()


@cross_entropy.mistake
def divided_by_the_classes_too(right, probabilities, labels):
    """Divide by the number of pictures only, not by that of classes."""
    return right(probabilities, labels) / probabilities.shape[1]


@cross_entropy.mistake
def every_label_for_every_picture(right, probabilities, labels):
    """probabilities[:, labels] is a table of every picture with every label: use
    probabilities[np.arange(len(labels)), labels].
    """
    return -np.log(np.maximum(probabilities[:, labels], _TINY)).mean()


@cross_entropy.mistake
def logarithm_of_the_mean(right, probabilities, labels):
    """First the logarithms, then their mean; this is the logarithm of a mean."""
    return -np.log(_true(probabilities, labels).mean())


@cross_entropy.mistake
def not_averaged(right, probabilities, labels):
    """One number for all pictures: the mean of these."""
    return -np.log(_true(probabilities, labels))


@cross_entropy.mistake
def of_the_prediction(right, probabilities, labels):
    """Ask for the probability of the true class, not for that of the likeliest one."""
    return -np.log(probabilities.max(axis=1)).mean()


@cross_entropy.mistake
def zero_left_in(right, probabilities, labels):
    """The logarithm of 0 is infinite: raise what is below 1e-7 to 1e-7 first."""
    return -np.log(probabilities[np.arange(len(labels)), labels]).mean()


@cross_entropy.mistake
def tiny_number_added(right, probabilities, labels):
    """1e-3 and more is too much: only what is below 1e-7 is to be raised, to 1e-7."""
    return -np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-3)).mean()


@cross_entropy.mistake
def other_base(right, probabilities, labels):
    """The natural logarithm is asked for, np.log; this is the one of base 2."""
    return right(probabilities, labels) / np.log(2)


@cross_entropy.mistake
def base_ten(right, probabilities, labels):
    """The natural logarithm is asked for, np.log; this is the one of base 10."""
    return right(probabilities, labels) / np.log(10)


@cross_entropy.mistake
def without_a_logarithm(right, probabilities, labels):
    """That is 1 − p; the loss is −ln p, which grows without bound as p goes to 0."""
    return (1 - probabilities[np.arange(len(labels)), labels]).mean()


@exercise(NOTEBOOK, "helpers.classification:confusion_counts")
def confusion_counts(rng):
    """Labels, answers, and the number of classes."""
    yield Case("all right", np.array([0, 1, 2]), np.array([0, 1, 2]), 3)
    yield Case("one mistake", np.array([0, 1, 1]), np.array([0, 1, 0]), 2)
    yield Case("the same mistake three times", np.array([2, 2, 2, 0]), np.array([1, 1, 1, 0]), 3)
    yield Case("classes that do not occur", np.array([1, 1, 0]), np.array([0, 1, 0]), 4)
    yield Case("fifty pictures", rng.integers(0, 4, 50), rng.integers(0, 3, 50), 4)
    yield Case("33,000 times one mistake", np.ones(33_000, int), np.zeros(33_000, int), 2)


@confusion_counts.mistake
def rows_and_columns_swapped(right, labels, predicted, num_classes):
    """A row is a true class, a column an answer; here it is the other way round."""
    return right(predicted, labels, num_classes)


@confusion_counts.mistake
def counted_once(right, labels, predicted, num_classes):
    """counts[labels, predicted] += 1 adds 1 only once where a pair comes twice: count in a loop,
    or with np.add.at.
    """
    return np.minimum(right(labels, predicted, num_classes), 1)


@confusion_counts.mistake
def seen_classes_only(right, labels, predicted, num_classes):
    """The table has a row and a column for every class, whether it occurs or not."""
    occurring = int(max(labels.max(), predicted.max())) + 1
    return right(labels, predicted, occurring)


@confusion_counts.mistake
def shares_of_rows(right, labels, predicted, num_classes):
    """These are shares; counts were asked for."""
    counts = right(labels, predicted, num_classes)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


@confusion_counts.mistake
def decimal_counts(right, labels, predicted, num_classes):
    """Counts are whole numbers: np.zeros needs the type int."""
    return right(labels, predicted, num_classes).astype(float)


@confusion_counts.mistake
def type_too_small(right, labels, predicted, num_classes):
    """A uint8 counts to 255 and begins anew: np.zeros needs the type int."""
    return right(labels, predicted, num_classes).astype(np.uint8)


@confusion_counts.mistake
def mistakes_only(right, labels, predicted, num_classes):
    """What is right belongs into the table as well, on its diagonal."""
    counts = right(labels, predicted, num_classes)
    return counts - np.diag(np.diag(counts))


@confusion_counts.mistake
def right_answers_only(right, labels, predicted, num_classes):
    """Mistakes belong into the table as well, beside its diagonal."""
    return np.diag(np.diag(right(labels, predicted, num_classes)))


@confusion_counts.mistake
def true_classes_only(right, labels, predicted, num_classes):
    """That is how often each class occurs; the table asks for pairs of class and answer."""
    return np.bincount(labels, minlength=num_classes)


EXERCISES = (conv_parameters, softmax, cross_entropy, confusion_counts)
