import os
import subprocess
import sys

import pytest

from helpers import tensorflow_log
from helpers.workbook import repository

NOISE = [
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
    "I0000 00:00:1796090811.807519   14016 port.cc:153] oneDNN custom operations are on.",
    "W0000 00:00:1796090811.809086   14016 gpu_device.cc:2340] Cannot dlopen some GPU libraries.",
    "2026-12-01 02:06:51.890221: I tensorflow/core/platform/cpu_feature_guard.cc:210] This binary",
    "To enable the following instructions: AVX2 AVX512F, in other operations, rebuild TensorFlow",
    "E0000 00:00:1796090817.455815   14016 cuda_platform.cc:52] failed call to cuInit: UNKNOWN",
    "2026-12-01 02:06:51.8: E xla/cuda_fft.cc:467] Unable to register cuFFT factory: Attempting",
]
MESSAGES = [
    "E0000 00:00:1796090817.455815   14016 cuda_dnn.cc:52] Loaded runtime CuDNN library: 8 but 9",
    "2026-12-01 02:06:51.8: F tensorflow/core/platform/statusor.cc:33] Attempting to fetch value",
    "A module that was compiled using NumPy 1.x cannot be run in NumPy 2.0.",
    "Kelvin: 273.15 °K",
]


def run(code, folder=None, **environment):
    """Run Python in an environment in which nobody has set anything."""
    paths = [str(path) for path in (folder, repository.ROOT) if path]
    clean = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(paths), **environment}
    return subprocess.run([sys.executable, "-c", code], env=clean, capture_output=True, text=True)


@pytest.fixture
def pretended_keras(tmp_path):
    """Return what makes a module that writes lines past Python, and ends in a statement."""

    def make(lines, end=""):
        text = "".join(f"{line}\n" for line in lines)
        write = f"import os; os.write(2, {text.encode()!r})" if text else ""
        (tmp_path / "keras.py").write_text(f"{write}\n{end}")
        return tmp_path

    return make


QUIET = "from helpers import tensorflow_log; tensorflow_log.keep_quiet()"


def test_the_start_up_log_is_kept_back_and_the_rest_passed_on(pretended_keras):
    folder = pretended_keras([NOISE[0], MESSAGES[0], *NOISE[1:], *MESSAGES[1:]])
    process = run(QUIET, folder)
    assert process.stderr.splitlines() == MESSAGES
    assert process.returncode == 0


def test_where_loading_fails_everything_is_shown(pretended_keras):
    process = run(QUIET, pretended_keras(NOISE, "raise ImportError('no such file: libcuda')"))
    assert process.stderr.splitlines()[: len(NOISE)] == NOISE
    assert process.stderr.endswith("ImportError: no such file: libcuda\n")


def test_what_is_written_later_is_left_alone(pretended_keras):
    later = f"import os; os.write(2, {NOISE[1].encode()!r})"
    assert run(f"{QUIET}; {later}", pretended_keras([])).stderr == NOISE[1]


def test_without_a_standard_error_nothing_is_missed(pretended_keras):
    closed = f"import os; os.close(2); {QUIET}; print('loaded')"
    assert run(closed, pretended_keras([])).stdout == "loaded\n"


@pytest.mark.parametrize(("chosen", "shown"), [("0", True), ("1", True), ("2", False)])
def test_whoever_asks_for_the_log_gets_it(pretended_keras, chosen, shown):
    show = f"{QUIET}; import os; print(os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    assert run(show, pretended_keras([])).stdout == "2\n"
    process = run(show, pretended_keras(NOISE), TF_CPP_MIN_LOG_LEVEL=chosen)
    assert process.stdout == f"{chosen}\n"
    assert process.stderr.splitlines() == (NOISE if shown else [])


LEARNERS_CODE = f"""
{QUIET}
import logging
import keras, numpy as np
x = np.ones((4, 3))
for again in range(6):  # the same cell, run again
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    model.fit(x, x[:, :2], verbose=0)
    model.predict(x, verbose=0)
tensorflow_log.keep_quiet()  # its cell, too
try:
    keras.ops.matmul(np.ones((2, 3)), np.ones((2, 3)))
except Exception as error:
    print(type(error).__name__)
logging.getLogger("tensorflow").warning("something else")
keras.ops.zeros((10**6, 10**6, 10**3))
"""


def test_a_cell_that_runs_again_stays_quiet_and_errors_reach_the_learner():
    process = run(LEARNERS_CODE)
    assert process.stdout.split() == ["InvalidArgumentError"]
    errors = process.stderr.splitlines()
    assert "something else" in errors[0]
    assert errors[1].startswith("Traceback")
    assert "ResourceExhaustedError" in process.stderr


def test_only_the_advice_on_tracing_is_left_out():
    class Record:
        msg = "{} out of the last {} calls to {} triggered tf.function retracing."

    assert not tensorflow_log._is_no_tracing_advice(Record)
    Record.msg = ValueError("an object that is no text")
    assert tensorflow_log._is_no_tracing_advice(Record)
