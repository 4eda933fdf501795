import pathlib
import sys
import time

import keras
import numpy as np
import pytest
from PIL import Image

from helpers import style as style_package
from helpers.style import costs, extractors, gradients, objective, optimizers, pictures, vgg
from helpers.style.transferring import transfer

LAYERS = {"content_layers": "block2_conv1", "style_layers": ("block1_conv1", "block2_conv1")}


@pytest.fixture(scope="module")
def tiny():
    """A network like the small VGG with hardly any filters, and random weights."""
    keras.utils.set_random_seed(0)
    network = vgg.build(((6, 1), (8, 1)), name="tiny_vgg")
    return extractors.small_vgg_extractor(network, "random weights")


@pytest.fixture
def content(rng):
    return rng.integers(0, 256, (24, 40, 3), dtype=np.uint8)


@pytest.fixture
def style(rng):
    stripes = np.tile(np.repeat([0, 255], 4), 4)[None, :, None]
    return (np.broadcast_to(stripes, (28, 32, 3)) // [1, 2, 4]).astype(np.uint8)


@pytest.fixture
def run(tiny, content, style):
    def run(content=content, style=style, **settings):
        settings = {"iterations": 5, "sizes": 40, "progress": False, **LAYERS} | settings
        return transfer(content, style, tiny, **settings)

    return run


# What comes out


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_the_costs_fall_and_the_picture_is_the_best_of_all(run, tiny, style, optimizer):
    result = run(iterations=12, optimizer=optimizer)
    history = result.history
    assert result.picture.shape == (24, 40, 3)
    assert result.picture.dtype == np.uint8
    assert not result.interrupted
    assert len(history["total"]) == 13
    assert history["style"].min() < 0.5 * history["style"][0]
    assert history["content"][0] < 1e-6  # it starts from the content
    np.testing.assert_allclose(
        history["total"], 10 * history["content"] + 40 * history["style"], rtol=1e-5
    )
    names = list(LAYERS["style_layers"])
    larger = pictures.resize(style, (35, 40))
    wanted, found = (tiny.features(each, names) for each in (larger, result.picture))
    cost = sum(float(costs.layer_style_cost(wanted[name], found[name])) / 2 for name in names)
    best = history["total"].argmin()
    assert cost == pytest.approx(history["style"][best], rel=0.05)  # rounded to whole grey levels


def test_the_same_call_gives_the_same_picture_and_another_seed_another(run):
    one, other = (run(noise=0.5, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.picture, other.picture)
    np.testing.assert_array_equal(one.history["total"], other.history["total"])
    starts = [pictures.with_noise(one.picture, 0.5, seed) for seed in (3, 4)]
    assert (starts[0] != starts[1]).any()


def test_noise_is_mixed_with_the_content_by_its_share(content):
    np.testing.assert_array_equal(pictures.with_noise(content, 0, seed=1), content)
    noise, half = (pictures.with_noise(content, share, seed=1) for share in (1, 0.5))
    np.testing.assert_allclose(half, (content + noise.astype(float)) / 2, atol=1)
    assert noise.std() == pytest.approx(255 / np.sqrt(12), rel=0.05)


def test_sizes_go_from_coarse_to_fine(run):
    seen = []
    result = run(
        sizes=(20, 40),
        iterations=(4, 2),
        callback=lambda iteration, picture, costs: seen.append((iteration, picture)),
    )
    assert [iteration for iteration, _ in seen] == list(range(8))
    assert [picture.shape for _, picture in seen] == [(12, 20, 3)] * 5 + [(24, 40, 3)] * 3
    assert result.history["side"].tolist() == [20] * 5 + [40] * 3
    best_small = seen[result.history["total"][:5].argmin()][1]
    np.testing.assert_array_equal(seen[5][1], pictures.resize(best_small, (24, 40)))


def test_colours_are_preserved_and_only_the_luminance_moves(run, rng):
    content = rng.integers(90, 160, (24, 40, 3), dtype=np.uint8)  # nothing is cut off at 0 or 255
    result = run(content, preserve_colour=True, learning_rate=2.0, content_weight=0)
    moved = result.picture.astype(int) - content
    assert np.ptp(moved, axis=-1).max() <= 1  # by the same in red, green and blue, but for rounding
    assert np.abs(moved).max() >= 5
    assert result.history["style"][-1] < result.history["style"][0]


def test_luminance_is_matched_in_mean_and_spread(rng):
    style, content = rng.uniform(50, 200, (9, 5, 1)), rng.uniform(100, 140, (4, 6, 1))
    matched = pictures.match_luminance(style, content)
    assert matched.mean() == pytest.approx(content.mean())
    assert matched.std() == pytest.approx(content.std())
    assert (pictures.match_luminance(np.full((2, 3, 1), 7.0), content) == content.mean()).all()


def test_two_styles_are_blended_by_their_shares(run, content, style):
    other = content[::-1, ::-1].copy()

    def first_cost(style, **settings):
        return run(style=style, iterations=1, **settings).history["style"][0]

    one, two = first_cost(style), first_cost(other)
    mixed = first_cost([style, other], style_shares=(0.25, 0.75))
    assert mixed == pytest.approx(0.25 * one + 0.75 * two, rel=1e-5)


def test_a_mask_leaves_the_rest_of_the_picture_as_it_is(run, content):
    mask = np.zeros((24, 40))
    mask[:, :16] = 1
    result = run(style_masks=[mask], content_weight=0)
    moved = np.abs(result.picture.astype(int) - content).max(axis=(0, 2))
    assert (moved[:16] > 0).all()
    assert (moved[20:] == 0).all()  # a few columns on, no filter sees the masked ones


def test_with_a_style_weight_of_0_noise_turns_into_the_content(run, content):
    result = run(style=None, style_weight=0, noise=1, iterations=40, optimizer="lbfgs")
    assert result.history["content"][-1] < 0.05 * result.history["content"][0]
    assert (result.history["style"] == 0).all()


def test_total_variation_makes_a_picture_smoother(run):
    variation = run(noise=1, variation_weight=1).history["variation"]
    assert variation[-1] < 0.9 * variation[0]


@pytest.mark.parametrize("size", [(20, 40), (40,)], ids=["while coarse", "at the last size"])
def test_interrupted_it_returns_the_best_picture_so_far(run, size):
    seen = []

    def interrupt(iteration, picture, costs):
        seen.append((costs["total"], picture))
        if iteration == 3:
            raise KeyboardInterrupt

    result = run(sizes=size, callback=interrupt)
    assert result.interrupted
    assert len(result.history["total"]) == 4
    best = min(seen, key=lambda each: each[0])[1]
    np.testing.assert_array_equal(result.picture, pictures.resize(best, (24, 40)))


def test_the_bar_shows_the_current_costs(run, capsys):
    # tqdm draws the bar anew at most every 0.1 s.
    run(iterations=1, progress=True, callback=lambda *_: time.sleep(0.15))
    out = capsys.readouterr().out
    assert "Style transfer" in out
    assert "total=" in out


# How it is computed


def test_targets_are_computed_once_and_the_step_is_traced_once(run, monkeypatch):
    calls = []
    read = objective._read
    monkeypatch.setattr(objective, "_read", lambda *args: calls.append(1) or read(*args))
    run(iterations=6)
    assert len(calls) == 3  # content, style, and the trace of the step


def test_the_gradient_agrees_with_differences(tiny, content, style, rng):
    goal = objective.Goal({"block2_conv1": 1.0}, {"block1_conv1": 1.0}, 10.0, 40.0, 1.0)
    styles = [objective.Style(style, 1.0, None)]
    cost = objective.cost_function(goal, tiny, content, styles)
    evaluate = gradients.compile_gradient(cost, content.shape)
    picture, direction = rng.uniform(0, 255, content.shape), rng.normal(size=content.shape)
    _, gradient = evaluate(picture)
    above, below = (evaluate(picture + step * direction)[0]["total"] for step in (0.05, -0.05))
    assert (above - below) / 0.1 == pytest.approx((gradient * direction).sum(), rel=0.02)


@pytest.mark.parametrize("lower", [optimizers.adam, optimizers.lbfgs])
def test_optimizers_find_the_lowest_point_within_0_and_255(lower):
    wanted, seen = np.array([[-50.0, 30.0, 400.0]]), []

    def evaluate(picture):
        seen.append(picture.copy())
        return ((picture - wanted) ** 2).sum(), 2 * (picture - wanted)

    lower(evaluate, np.full((1, 3), 128.0), 150)
    assert len(seen) <= 151
    np.testing.assert_allclose(seen[-1], [[0, 30, 255]], atol=0.5)
    assert np.min(seen) >= 0
    assert np.max(seen) <= 255


def test_a_picture_is_brought_to_its_longer_side(rng):
    image = rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    assert pictures.to_longer_side(image, 12).shape == (8, 12, 3)
    assert pictures.to_longer_side(image.transpose(1, 0, 2), 12).shape == (12, 8, 3)
    np.testing.assert_array_equal(pictures.to_longer_side(image, 30), image)
    for wrong in (image[0], image / 255, image[:0]):
        with pytest.raises(ValueError, match="expected uint8 RGB"):
            pictures.to_longer_side(wrong, 12)
    for side in (0, 2.5):
        with pytest.raises(ValueError, match="longer_side"):
            pictures.to_longer_side(image, side)


def test_adam_takes_the_steps_of_keras(rng):
    gradients_, seen = rng.normal(size=(6, 2, 3)), []

    def evaluate(picture):
        seen.append(picture)
        return 0.0, gradients_[len(seen) - 1]

    optimizers.adam(evaluate, np.full((2, 3), 128.0), 5)
    optimizer, variable = keras.optimizers.Adam(5.0), keras.Variable(np.full((2, 3), 128.0))
    for gradient, picture in zip(gradients_, seen[1:], strict=False):
        optimizer.apply([keras.ops.convert_to_tensor(gradient, "float32")], [variable])
        np.testing.assert_allclose(variable.numpy(), picture, rtol=1e-5)


def test_tensorflow_is_imported_in_one_small_file_only():
    files = pathlib.Path(style_package.__file__).parent.glob("*.py")
    assert [path.name for path in files if "import tensorflow" in path.read_text()] == [
        "gradients.py"
    ]


def test_without_scipy_lbfgs_is_refused(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(ImportError, match="needs SciPy: pip install scipy"):
        run(optimizer="lbfgs")


# Pictures of all kinds


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK", "I;16", "P"])
def test_files_of_any_colours_are_read(content, tmp_path, mode):
    path = tmp_path / "picture.tiff"
    if mode == "I;16":
        Image.fromarray(content[..., 0].astype(np.uint16) * 257).save(path)
    else:
        Image.fromarray(content).convert(mode).save(path)
    for name in (path, str(path)):
        picture = pictures.read(name, "content")
        assert (picture.shape, picture.dtype) == ((24, 40, 3), np.uint8)


def test_of_an_animation_the_first_picture_is_taken(run, content, tmp_path):
    frames = [Image.fromarray(np.roll(content, shift, axis=1)).convert("P") for shift in (0, 5)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    seen = []
    run(tmp_path / "moving.gif", iterations=1, callback=lambda *each: seen.append(each[1]))
    np.testing.assert_array_equal(seen[0], np.array(frames[0].convert("RGB")))


def test_a_picture_of_20_000_pixels_a_side_becomes_as_small_as_asked_for(run):
    assert pictures.fit((20_000, 12_000), 40, 8, "content") == (40, 24)
    with pytest.raises(ValueError, match=r"content: expected at least 8 pixels a side.*40 x 1"):
        run(np.zeros((20_000, 20), np.uint8))
    with pytest.raises(ValueError, match=r"style: expected at least 8 pixels.*of 1 x 50 .* 1 x 40"):
        run(style=np.zeros((1, 50), np.uint8))


def test_one_pixel_is_enough_if_it_is_enlarged(run):
    assert run(np.uint8([[[9, 8, 7]]]), iterations=1).picture.shape == (40, 40, 3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.full((24, 40, 3), np.nan), "expected a picture in uint8"),
        (np.zeros((24, 40, 3)) - 1, "in -1.0..-1.0"),
        (np.zeros((24, 40, 5), np.uint8), "got .24, 40, 5."),
        (np.zeros((0, 40, 3), np.uint8), "got .0, 40, 3."),
        (None, "expected a picture of shape"),
    ],
    ids=["NaN", "negative", "five channels", "empty", "nothing"],
)
def test_what_is_no_picture_is_refused_by_name(run, wrong, message):
    with pytest.raises(ValueError, match=f"content: .*{message}"):
        run(wrong)
    with pytest.raises(ValueError, match=f"style: .*{message}"):
        run(style=wrong)


def test_a_broken_file_and_a_missing_one_are_refused(run, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG and no more")
    with pytest.raises(ValueError, match="style: expected a whole picture"):
        run(style=tmp_path / "broken.png")
    with pytest.raises(FileNotFoundError):
        run(tmp_path / "missing.png")


# Settings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"content_weight": 0, "style_weight": 0}, "must not both be 0"),
        ({"style_weight": -1.0}, "finite weight from 0 on for style_weight, got -1.0"),
        ({"content_weight": np.nan}, "for content_weight, got nan"),
        ({"variation_weight": np.inf}, "for variation_weight, got inf"),
        ({"style_layers": {"block1_conv1": 0.0}}, "at least one weight above 0 in style_layers"),
        ({"content_layers": ()}, "at least one weight above 0 in content_layers"),
        ({"style_layers": ("block5_conv1",)}, "'block5_conv1'; it has block1_conv1, block2_conv1"),
        ({"content_layers": "conv1"}, "got 'conv1'"),
        ({"optimizer": "sgd"}, "must be one of adam, lbfgs; got 'sgd'"),
        ({"learning_rate": 0}, "learning_rate as a number above 0, got 0"),
        ({"learning_rate": np.inf}, "learning_rate"),
        ({"learning_rate": True}, "learning_rate"),
        ({"seed": -1}, "seed as an integer of at least 0, got -1"),
        ({"seed": 1.5}, "seed as an integer"),
        ({"style_weight": True}, "finite weight from 0 on"),
        ({"iterations": True}, "a whole number from 1 on"),
        ({"sizes": (True, 32)}, "expected sizes as whole pixels"),
        ({"noise": 1.5}, "from 0 to 1, got 1.5"),
        ({"sizes": (40, 20)}, "increasing.*got sizes .40, 20."),
        ({"sizes": ()}, "expected sizes as whole pixels"),
        ({"sizes": 32.0}, "expected sizes as whole pixels.*got sizes 32.0"),
        ({"sizes": None}, "expected sizes as whole pixels"),
        ({"iterations": None}, "a whole number from 1 on"),
        ({"content_layers": 5}, "expected a layer's name.*got 5"),
        ({"style_layers": ("block1_conv1", "block1_conv1")}, "different names"),
        ({"style": []}, "expected one or more styles"),
        ({"style_shares": 1.0}, "one entry for each style, got 1.0"),
        ({"iterations": 0}, "a whole number from 1 on"),
        ({"iterations": (1, 2)}, "one for each size"),
        ({"sizes": 4}, "content: expected at least 8 pixels a side"),
        ({"style_shares": (0.5, 0.5)}, "got 1 styles, 2 shares and 1 masks"),
        ({"style_shares": (0,)}, "at least one weight above 0 in style_shares"),
        ({"style_masks": [np.ones((40, 24))]}, r"height and width, \(24, 40\); got"),
        ({"style_masks": [np.zeros((24, 40))]}, "not 0 everywhere; got 0.0 to 0.0"),
        ({"style_masks": [np.full((24, 40), np.nan)]}, "in 0 to 1"),
        ({"style_weight": 1e300}, "finite weight from 0 on"),
        ({"variation_weight": 3e38}, "beyond all bounds"),
    ],
)
def test_settings_that_cannot_be_are_refused(run, settings, message):
    with pytest.raises(ValueError, match=message):
        run(**settings)
