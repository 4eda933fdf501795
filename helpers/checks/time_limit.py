"""Stop code that takes too long, and leave no thread behind."""

import contextlib
import signal
import threading
import time


class TooSlow(BaseException):
    """The time is over. Not an `Exception`, so that ``except Exception`` does not swallow it."""


def at_most(seconds):
    """Raise `TooSlow` in the block if it takes longer.

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
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if in_main_thread and hasattr(signal, "setitimer"):
        return _by_alarm(seconds)
    return _by_thread(seconds)


@contextlib.contextmanager
def _by_alarm(seconds):
    def stop(number, frame):
        raise TooSlow

    handler = signal.signal(signal.SIGALRM, stop)
    started = time.monotonic()
    others_seconds, others_interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if handler is None else handler)
        if others_seconds:  # somebody else's alarm, such as a test runner's, goes on
            left = max(others_seconds - (time.monotonic() - started), 0.001)
            signal.setitimer(signal.ITIMER_REAL, left, others_interval)


@contextlib.contextmanager
def _by_thread(seconds):
    import ctypes  # not everywhere, and rarely needed

    caller, lock, ended = threading.get_ident(), threading.Lock(), threading.Event()

    def stop():
        with lock:
            if not ended.is_set():
                raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
                raise_in(ctypes.c_ulong(caller), ctypes.py_object(TooSlow))

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            ended.set()
        timer.cancel()
        timer.join()
