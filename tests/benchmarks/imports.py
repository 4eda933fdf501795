"""What `import helpers` costs: time, and whether TensorFlow comes along."""

import json
import statistics
import sys
import time

from tests.benchmarks import measure
from tests.benchmarks.report import Row

REPEATS = 5


def rows(data):
    """Measure the import in fresh processes; the other side is `import keras`."""
    ours = [measure.run_module("tests.benchmarks.imports", "helpers") for _ in range(REPEATS)]
    theirs = measure.run_module("tests.benchmarks.imports", "keras")
    seconds = statistics.median(report["seconds"] for report in ours)
    loaded = any(report["tensorflow"] for report in ours)
    return [
        Row(
            "import helpers (other side: import keras), seconds",
            f"{seconds:.3f}" + (", loads TensorFlow" if loaded else ", no TensorFlow"),
            f"{theirs['seconds']:.1f}",
            seconds / theirs["seconds"],
            "at most 0.2 s and no TensorFlow",
            seconds <= 0.2 and not loaded,
        )
    ]


def main(name):
    """Import one module, then print one line of JSON."""
    started = time.perf_counter()
    __import__(name)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "tensorflow": "tensorflow" in sys.modules}))


if __name__ == "__main__":
    main(sys.argv[1])
