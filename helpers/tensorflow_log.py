"""Keep TensorFlow's start-up log out of a notebook's first outputs, and let errors through."""

import contextlib
import logging
import os
import re
import sys
import tempfile

# What TensorFlow writes on every computer: how it was built, which processor it found, and that
# there is no GPU. All versions: "I0000 00:00:17... port.cc:153] ..." since 2.18, and before that
# "2026-12-01 02:06:51.807: I tensorflow/..."
_START_UP = re.compile(
    r"WARNING: All log messages before absl::InitializeLog\(\) is called"
    r"|([IW]\d{4} |[-\d]+ [.:\d]+: [IW] )"
    r"|To enable the following instructions: "
    r"|(E\d{4} |[-\d]+ [.:\d]+: E ).*(cuInit|Unable to register cu\w+ factory)"
)


def keep_quiet():
    """Load Keras and its backend without their start-up log.

    TensorFlow reports on itself through the process's standard error, which notebooks frame in
    red, and part of that before any setting of its own is read. Here it is read on the way, and
    what is no report on start-up goes on to standard error. If loading fails, everything does.
    From then on TensorFlow logs errors only. All of this unless the environment variable
    ``TF_CPP_MIN_LOG_LEVEL`` asks for more, with 0 or 1, for example to see why no GPU is found.

    TensorFlow's advice on functions that are traced often is left out, too: a training cell that
    runs again builds a new model, and a new model has to be traced. Exceptions and Python's
    warnings are as ever.
    """
    level = os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    logging.getLogger("tensorflow").addFilter(_is_no_tracing_advice)  # added once, as all filters
    with contextlib.nullcontext() if level in ("0", "1") else _without_start_up_log():
        import keras  # noqa: F401

        if "tensorflow" in sys.modules:
            sys.modules["tensorflow"].config.list_physical_devices()  # looks for a GPU only now


def _is_no_tracing_advice(record):
    return "triggered tf.function retracing" not in str(record.msg)


@contextlib.contextmanager
def _without_start_up_log():
    """Hold back what is written to standard error, then pass on what does not belong to it."""
    try:
        standard_error = os.dup(2)
    except OSError:  # there is none, and so nobody who reads it
        yield
        return
    with tempfile.TemporaryFile() as written:
        os.dup2(written.fileno(), 2)
        kept = re.compile("(?!)")  # nothing is left out, unless loading ends well
        try:
            yield
            kept = _START_UP
        finally:
            os.dup2(standard_error, 2)
            os.close(standard_error)
            written.seek(0)
            for line in written.read().splitlines(keepends=True):
                if not kept.match(line.decode("utf-8", "replace")):
                    os.write(2, line)
