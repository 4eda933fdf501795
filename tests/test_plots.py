import keras
import matplotlib
import numpy as np
import PIL.Image
import pytest
from matplotlib import pyplot as plt

from helpers import convnets, plots

HISTORY = {
    "loss": [2.0, 1.5],
    "val_loss": [2.1, 1.7],
    "accuracy": [0.2, 0.4],
    "val_accuracy": [0.2, 0.3],
}


@pytest.fixture(autouse=True)
def shown(monkeypatch):
    """Draw into memory; collect the figures that a function shows instead of opening windows."""
    matplotlib.use("Agg")
    figures = []
    monkeypatch.setattr(plt, "show", lambda: figures.append(plt.gcf()))
    yield figures
    plt.close("all")


def drawn(figure):
    figure.canvas.draw()
    return [axis for axis in figure.axes if axis.axison or axis.images or axis.patches]


def texts(figure):
    return [text.get_text() for axis in figure.axes for text in axis.texts]


def test_each_picture_gets_its_place_and_title(shown, rng):
    images = rng.integers(0, 256, (5, 4, 6, 3), dtype="uint8")
    plots.show_images(images, titles=list("abcde"), columns=3, title="five")
    axes = drawn(shown[0])
    assert [axis.get_title() for axis in axes if axis.images] == list("abcde")
    np.testing.assert_array_equal(axes[4].images[0].get_array(), images[4])
    assert shown[0].get_suptitle() == "five"


def test_uint8_and_float_pictures_keep_their_own_scale(shown):
    plots.show_images([np.full((4, 6), 128, "uint8"), np.full((4, 6), 0.5)])
    limits = [axis.images[0].get_clim() for axis in shown[0].axes if axis.images]
    assert limits == [(0, 255), (0, 1)]


def test_files_and_images_of_pillow_are_shown_upright(shown, rng, tmp_path):
    stored = rng.integers(0, 256, (4, 6, 3), dtype="uint8")
    turned = PIL.Image.Exif()
    turned[0x0112] = 6
    PIL.Image.fromarray(stored).save(tmp_path / "a.png", exif=turned)
    with PIL.Image.open(tmp_path / "a.png") as opened:
        plots.show_images([tmp_path / "a.png", str(tmp_path / "a.png"), opened, stored])
    plots.show_images(tmp_path / "a.png")
    plots.show_images(tmp_path.glob("*.png"))
    first, *others, alone, found = [axis.images[0] for figure in shown for axis in drawn(figure)]
    np.testing.assert_array_equal(first.get_array(), np.rot90(stored, -1))
    for image in (*others[:2], alone, found):
        np.testing.assert_array_equal(image.get_array(), first.get_array())
    np.testing.assert_array_equal(others[2].get_array(), stored)
    with pytest.raises(FileNotFoundError):
        plots.show_images(["nowhere.png"])


@pytest.mark.parametrize(("low", "high"), [(-0.1, 1), (0, 1.1), (-1, 1), (np.nan, 1), (0, np.inf)])
@pytest.mark.parametrize("channels", [(), (3,)])
def test_floats_outside_their_range_are_not_drawn(shown, low, high, channels):
    image = np.full((4, 6, *channels), 0.5)
    image[0, 0], image[-1, -1] = low, high
    with pytest.raises(ValueError, match=r"float in 0\.\.1, got float64 of shape \(4, 6"):
        plots.show_images([image])
    with pytest.raises(ValueError, match="expected"):
        plots.show_sheet(image, title="sheet")
    assert shown == []


def test_zero_is_white_in_a_response_whatever_its_range(shown):
    plots.show_responses([np.array([[-1.0, 3.0]]), np.zeros((2, 3))], titles=["a", "b"])
    for axis in shown[0].axes[:2]:
        low, high = axis.images[0].get_clim()
        assert low == -high < 0


def test_learning_curves_show_the_quantities_that_are_asked_for():
    figure = plots.draw_learning_curves(
        {"one": {"loss": [3.0], "size": [2.0]}}, quantities=["size"]
    )
    assert [axis.get_title() for axis in figure.axes] == ["size"]
    assert figure.axes[0].lines[0].get_ydata().tolist() == [2.0]


def test_learning_curves_show_both_parts_of_every_training():
    figure = plots.draw_learning_curves({"one": HISTORY, "two": HISTORY}, epochs=5)
    loss, accuracy = figure.axes
    assert [line.get_ydata().tolist() for line in loss.lines[:2]] == [[2.0, 1.5], [2.1, 1.7]]
    assert len(accuracy.lines) == 4
    assert loss.get_xlim() == (0.5, 5.5)
    labels = [text.get_text() for text in accuracy.get_legend().get_texts()]
    assert labels == ["training, one", "validation, one", "training, two", "validation, two"]


def test_training_without_validation_has_no_empty_entry_in_the_legend():
    figure = plots.draw_learning_curves({"one": {"loss": [1.0, 0.5], "accuracy": [0.2, 0.4]}})
    entries = figure.axes[1].get_legend().get_texts()
    assert [entry.get_text() for entry in entries] == ["training"]


def test_the_confusion_matrix_shows_shares_of_its_rows(shown):
    plots.show_confusion_matrix([[3, 1], [0, 0]], ["cat", "dog"], title="t")
    assert texts(shown[0]) == ["75", "25", "0", "0"]


def test_histograms_count_everything(shown):
    plots.show_histograms(
        {"a": np.array([0.1, 0.2, 0.9])}, bins=[0, 0.5, 1], xlabel="x", ylabel="y", title="t"
    )
    assert [patch.get_height() for patch in shown[0].axes[0].patches] == [2, 1]


def test_the_network_diagram_names_layers_shapes_and_parameters(shown):
    plots.show_network(convnets.simple_convnet())
    written = texts(shown[0])
    for expected in ["conv", "28 × 28 × 30", "588,100 parameters", "no parameters"]:
        assert expected in written
    assert shown[0].axes[0].get_title() == "simple_convnet: 591,390 parameters"


def test_sheets_stand_side_by_side(shown):
    plots.show_sheets([np.ones((4, 6, 3)), np.ones((5, 3, 3))], titles=["a", "b"], title="both")
    assert [axis.get_title() for axis in shown[0].axes] == ["a", "b"]
    plots.show_sheet(np.ones((4, 6, 3)), title="alone")
    assert shown[1].axes[0].get_title() == "alone"


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.show_images([]), "at least one picture"),
        (lambda: plots.show_images(None), "a list of pictures, got None"),
        (lambda: plots.show_images([np.zeros((4, 6))], titles=[]), "1 titles.*got 0"),
        (lambda: plots.show_responses([], titles=[]), "at least one response"),
        (lambda: plots.draw_learning_curves({}), "at least one history"),
        (lambda: plots.draw_learning_curves({"a": {"loss": []}}), "loss and accuracy"),
        (lambda: plots.show_images([np.zeros((4, 6))], columns=0), "of at least 1, got 0"),
        (lambda: plots.show_images([np.zeros((4, 6))], columns=2.0), "integer .*, got 2.0"),
        (lambda: plots.show_images([np.zeros((4, 6))], size=0), "size as a number above 0"),
        (lambda: plots.show_images(np.zeros((4, 6, 3))[0]), r"got \(3,\)"),
        (lambda: plots.show_images([np.full((4, 6), 255)]), "uint8 in 0..255 or float"),
        (lambda: plots.show_confusion_matrix([[0.2]], ["a"], title=""), "whole numbers"),
        (lambda: plots.show_network(keras.Sequential([keras.layers.Dense(2)])), "built model"),
        (
            lambda: plots.show_confusion_matrix([[1]], ["a", "b"], title=""),
            r"\(2, 2\), got \(1, 1\)",
        ),
        (lambda: plots.show_sheets([], titles=[]), "at least one sheet"),
        (lambda: plots.show_network(keras.Sequential()), "at least one layer"),
        (
            lambda: plots.show_histograms({}, bins=[0, 1], xlabel="", ylabel="", title=""),
            "at least one set",
        ),
    ],
)
def test_plots_say_what_they_cannot_draw(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
