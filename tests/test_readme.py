"""README's examples run as a reader would run them."""

import pathlib
import re
import subprocess
import sys

import pytest

README = (pathlib.Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_readme_shows_an_exercise_and_how_to_reuse_helpers_five_times():
    assert len(EXAMPLES) == 6


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=["exercise", "load data", "tile filters", "augment", "detect", "style"]
)
def test_the_example_runs_and_prints(example, tmp_path):
    finished = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip()
