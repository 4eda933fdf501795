"""Stop code that takes too long, and leave no thread behind."""

import contextlib
import dataclasses
import itertools
import random
import signal
import threading
import time

_AGAIN = 0.001  # seconds until the next alarm, if the code swallowed the first

# Code that catches everything, in a loop, goes on unless an error comes just between its catching
# one and its trying again. After so many errors the next one comes sooner, at a time drawn at
# random, to hit that moment.
_PATIENCE = 20
_SOON = 1e-6, 20e-6  # seconds


class TooSlow(BaseException):
    """The time is over. Not an `Exception`, so that ``except Exception`` does not swallow it."""


@dataclasses.dataclass
class Limit:
    """What became of a time limit: whether the time is over, whatever the block made of it."""

    is_over: bool = False


def at_most(seconds):
    """Raise `TooSlow` in the block if it takes longer, again and again until it ends.

    In the main thread of a system with alarms, which is where Jupyter runs cells on Linux and
    macOS, a signal interrupts even a sleep. Elsewhere another thread raises the error in this one;
    it arrives as soon as Python code runs again.

    Parameters
    ----------
    seconds : float
        Positive.

    Returns
    -------
    block : context manager
        Of a `Limit`.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if in_main_thread and hasattr(signal, "setitimer"):
        return _by_alarm(seconds)
    return _by_thread(seconds)


@contextlib.contextmanager
def _by_alarm(seconds):
    limit = Limit()
    ours = __file__, contextlib.__file__
    rng, errors = random.Random(0), itertools.count()

    def stop(number, frame):
        limit.is_over = True
        if frame.f_code.co_filename in ours:  # so that the end of the block is not disturbed
            return
        if next(errors) >= _PATIENCE:
            signal.setitimer(signal.ITIMER_REAL, rng.uniform(*_SOON), _AGAIN)
        raise TooSlow

    handler = signal.signal(signal.SIGALRM, stop)
    started = time.monotonic()
    others_seconds, others_interval = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield limit
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if handler is None else handler)
        if others_seconds:  # somebody else's alarm, such as a test runner's, goes on
            left = max(others_seconds - (time.monotonic() - started), 0.001)
            signal.setitimer(signal.ITIMER_REAL, left, others_interval)


@contextlib.contextmanager
def _by_thread(seconds):
    import ctypes  # not everywhere, and rarely needed

    limit, caller, ended = Limit(), ctypes.c_ulong(threading.get_ident()), threading.Event()
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def stop():
        wait = seconds
        while not ended.wait(wait):
            limit.is_over, wait = True, 50 * _AGAIN  # longer than the end of the block takes
            raise_in(caller, ctypes.py_object(TooSlow))

    thread = threading.Thread(target=stop, daemon=True)
    thread.start()
    try:
        try:
            yield limit
        finally:
            ended.set()
    finally:  # even if the error came in the line before
        ended.set()
        thread.join()
        raise_in(caller, None)  # takes back what has not arrived yet
