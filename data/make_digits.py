"""Make digits.npz in this folder from the handwritten digits that come with scikit-learn.

Run from the workbook's folder, with scikit-learn installed:  python data/make_digits.py
Prints the numbers for the card in data/README.md. To try the script: --target trial.npz
"""

import argparse
import hashlib
import pathlib

import numpy as np

from helpers import digits, storage

PER_DIGIT = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as the set's own description says
TARGET = pathlib.Path(__file__).parent / digits.FILE


def main():
    """Read, check against what is known of the set, save."""
    from sklearn import datasets  # only needed here, and by tests

    target = _options().target
    bunch = datasets.load_digits()
    images, labels = bunch.images.astype(np.uint8), bunch.target.astype(np.uint8)
    if not (np.array_equal(images, bunch.images) and images.shape == (1797, 8, 8)):
        raise ValueError(f"expected 1,797 pictures of 8 × 8 whole numbers, got {images.shape}")
    if images.max() > digits.BRIGHTEST or np.bincount(labels).tolist() != PER_DIGIT:
        raise ValueError(
            f"expected values up to {digits.BRIGHTEST} and {PER_DIGIT} of each digit; "
            f"got {images.max()} and {np.bincount(labels).tolist()}"
        )
    with storage.replacing(target) as draft:
        np.savez_compressed(draft, images=images, labels=labels)
    print(f"{target.stat().st_size:,} bytes")
    print(f"SHA-256 {hashlib.sha256(target.read_bytes()).hexdigest()}")


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", type=pathlib.Path, default=TARGET)
    return parser.parse_args()


if __name__ == "__main__":
    main()
