"""Train the small face encoder whose weights are in this folder, on drawn faces.

Run from the workbook's folder:  python data/train_small_face_encoder.py
Prints the numbers for the card in data/README.md; writes small_face_encoder.weights.h5.
To try the script: --epochs 2 --people 40 --target trial.weights.h5
"""

import argparse
import functools
import hashlib
import pathlib
import time

import keras

from helpers import augmentation, storage, training
from helpers import faces as face_tools
from helpers.drawn import faces as drawn_faces
from helpers.faces import embedded, pictures

SEED = 10  # of the people to train on; load_faces draws none of this seed
VALIDATION_SEED, VALIDATION_PEOPLE = 11, 50
PICTURES_EACH = 8
BATCH_PEOPLE, BATCH_PICTURES = 32, 4
MAX_SHIFT = 3  # pixels
MARGIN = 0.3
PEAK_LEARNING_RATE = 2e-3
TARGET = pathlib.Path(__file__).parent / embedded.WEIGHTS_FILE


def main():
    """Draw, train, measure on people whom training never saw, save."""
    options = _options()
    keras.utils.set_random_seed(SEED)
    started = time.monotonic()
    images, labels = _draw(options.people, SEED)
    print(f"{len(images):,} pictures of {options.people:,} people", flush=True)
    encoder = face_tools.small_encoder(embedded.PICTURE_SHAPE, seed=SEED)
    batches = face_tools.IdentityBatches(
        images,
        labels,
        people=BATCH_PEOPLE,
        pictures=BATCH_PICTURES,
        seed=SEED,
        augment=functools.partial(augmentation.shift_and_flip, max_shift=MAX_SHIFT),
    )
    steps = len(batches)
    learning_rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        decay_steps=max(1, steps * (options.epochs - 1)),
        warmup_target=PEAK_LEARNING_RATE,
        warmup_steps=steps,
    )
    encoder.compile(
        keras.optimizers.AdamW(learning_rate, weight_decay=0.01),
        face_tools.TripletLoss("semi-hard", alpha=MARGIN),
    )
    training.build(encoder, images, labels)
    encoder.fit(batches, epochs=options.epochs, verbose=2)
    without_optimizer = face_tools.small_encoder(embedded.PICTURE_SHAPE)
    without_optimizer.set_weights(encoder.get_weights())
    with storage.replacing(options.target) as draft:
        without_optimizer.save_weights(draft)
    print(f"{options.epochs} epochs, seed {SEED}, {time.monotonic() - started:.0f} seconds in all")
    _measure(encoder, "validation", *_draw(VALIDATION_PEOPLE, VALIDATION_SEED))
    test = pictures.load_faces("embedded")
    _measure(encoder, "test", test.x_test, test.y_test)
    digest = hashlib.sha256(options.target.read_bytes()).hexdigest()
    print(f"SHA-256 {digest}, {options.target.stat().st_size:,} bytes")


def _draw(num_people, seed):
    return drawn_faces.draw_dataset(
        num_people, PICTURES_EACH, seed=seed, size=embedded.PICTURE_SHAPE[0]
    )


def _measure(encoder, name, images, labels):
    """Print how well distances verify, over all pairs of pictures."""
    pairs = face_tools.all_pairs(encoder.predict(images, verbose=0), labels)
    print(
        f"{name}, {len(set(labels.tolist()))} people: "
        f"AUC {face_tools.area_under_roc(*pairs):.4f}, "
        f"equal error rate {face_tools.equal_error_rate(*pairs):.4f}"
    )


def _options():
    parser = argparse.ArgumentParser(description="Train the small face encoder.")
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--people", type=int, default=1_500)
    parser.add_argument("--target", type=pathlib.Path, default=TARGET)
    return parser.parse_args()


if __name__ == "__main__":
    main()
