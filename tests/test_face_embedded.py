"""Tests of the small encoder that comes along: its weights, and how well it tells people apart."""

import numpy as np
import pytest

from helpers import storage
from helpers.drawn import faces as drawn_faces
from helpers.faces import embedded, encoders, verification

# Keras' own conversions, with TensorFlow and NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

PEOPLE, PICTURES, SEED = 20, 4, 7  # a seed that neither training nor load_faces uses


@pytest.fixture(scope="module")
def strangers():
    return drawn_faces.draw_dataset(PEOPLE, PICTURES, seed=SEED)


def area(encoder, images, labels):
    embeddings = np.array(encoder(images, training=False))
    return verification.area_under_roc(*verification.all_pairs(embeddings, labels))


def test_the_weights_are_small_and_complete():
    encoder = embedded.load_small_encoder()
    assert encoder.count_params() == 180_776
    assert encoder.input_shape == (None, 64, 64, 3)
    assert storage.data_file(embedded.WEIGHTS_FILE).stat().st_size < 1e6


def test_it_tells_people_apart_whom_it_has_never_seen(strangers):
    images, labels = strangers
    trained = area(embedded.load_small_encoder(), images, labels)
    untrained = area(encoders.small_encoder(embedded.PICTURE_SHAPE, seed=0), images, labels)
    assert trained > 0.95
    assert untrained < 0.9


def test_two_loads_are_the_same_encoder():
    first, second = (encoders.encoder_id(embedded.load_small_encoder()) for _ in range(2))
    assert first == second


def test_a_file_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(embedded, "WEIGHTS_FILE", "nobody.weights.h5")
    with pytest.raises(ValueError, match=r"nobody\.weights\.h5"):
        embedded.load_small_encoder()
