import keras
import numpy as np
import pytest

from helpers import progress


class Place:
    """Stands for one place in a notebook's output; remembers what was shown there."""

    def __init__(self, first):
        self.contents = [first]

    def update(self, content):
        self.contents.append(content)


@pytest.fixture
def places(monkeypatch):
    made = []

    def display(content):
        made.append(Place(content))
        return made[-1]

    monkeypatch.setattr(progress, "_in_notebook", lambda: True)
    monkeypatch.setattr(progress, "_display", display)
    return made


def train(callback, epochs=3):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = np.ones((12, 4), "float32"), np.arange(12) % 2
    return model.fit(
        x, y, epochs=epochs, batch_size=4, validation_data=(x, y), callbacks=[callback], verbose=0
    )


def test_outside_a_notebook_each_epoch_prints_one_line(capsys):
    curves = progress.LiveCurves("tiny")
    history = train(curves)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in lines] == [
        f"tiny: epoch {number}.0 of 3" for number in (1, 2, 3)
    ]
    assert "val_accuracy 0.500" in lines[-1]
    for name, values in history.history.items():
        assert curves.history[name] == pytest.approx(values)
    assert curves.seconds > 0


def test_in_a_notebook_two_places_are_replaced_and_the_final_state_stays(places, capsys):
    train(progress.LiveCurves("tiny", every_seconds=0))
    line, figure = places
    assert len(line.contents) > 3 * 3  # after every batch and every epoch
    assert "of 3, " in repr(line.contents[2])
    assert repr(line.contents[-1]).startswith("tiny: 3 epochs in ")
    assert len(figure.contents) == 1 + 3
    assert len(figure.contents[-1].axes) == 2
    assert capsys.readouterr().out == ""


def test_the_line_changes_no_more_often_than_asked(places):
    train(progress.LiveCurves("tiny", every_seconds=1_000))
    line, _ = places
    assert len(line.contents) == 1 + 1 + 3 + 1  # start, first batch, epochs, end


@pytest.mark.parametrize("every_seconds", [-1, float("nan"), float("inf"), "1", True, None])
def test_a_time_that_is_none_is_refused(every_seconds):
    with pytest.raises(ValueError, match="every_seconds as a number of at least 0"):
        progress.LiveCurves("tiny", every_seconds=every_seconds)


def test_a_second_training_starts_afresh(capsys):
    curves = progress.LiveCurves("tiny")
    train(curves, epochs=2)
    train(curves, epochs=1)
    assert len(curves.history["loss"]) == 1
