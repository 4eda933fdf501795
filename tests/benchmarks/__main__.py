"""Run all benchmarks, print one table, and write build/benchmarks.md."""

import pathlib
import platform
import sys

from helpers import datasets, results, settings, storage
from tests.benchmarks import (
    convolution,
    faces,
    imports,
    mobilenet,
    resnet50,
    simple_convnet,
    style,
    yolo,
)
from tests.benchmarks.report import as_markdown

TARGET = pathlib.Path(__file__).parents[2] / "build" / "benchmarks.md"


def main():
    """Measure everything; the exit status says whether all limits were kept."""
    data = settings.read().data
    cifar10 = datasets.load_cifar10(data)
    data = "real" if cifar10.is_real else "embedded"  # both sides get the same pictures
    benchmarks = {
        "Importing the helpers": imports.rows,
        "Training the SimpleConvNet": simple_convnet.rows,
        "Transfer learning with MobileNet": mobilenet.rows,
        "ResNet-50 against keras.applications": resnet50.rows,
        "YOLOv2: from raw output to boxes": yolo.rows,
        "Faces: mining and searching": faces.rows,
        "Neural style transfer: to the same cost": style.rows,
        "Convolution by hand": convolution.rows,
    }
    sections = {}
    for title, rows in benchmarks.items():
        print(f"{title} ...", flush=True)
        sections[title] = rows(data)
    circumstances = (
        f"Data: {cifar10.describe()}. Hardware: {results.hardware()}, "
        f"{platform.machine()}, Python {platform.python_version()}. "
        "Each side in a process of its own, all in one run: read the ratios."
    )
    page = as_markdown(sections, circumstances)
    with storage.replacing(TARGET) as draft:
        draft.write_text(page, encoding="utf-8")
    print(page)
    return 0 if all(row.kept for rows in sections.values() for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
