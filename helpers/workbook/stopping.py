"""Ctrl-C, SIGTERM and SIGHUP as a cancellation, so that everything started is also ended."""

import asyncio
import contextlib
import signal


class StoppedError(Exception):
    """The work was stopped by a signal.

    Parameters
    ----------
    number : int
        Of the signal.
    """

    def __init__(self, number):
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.number = number

    @property
    def exit_status(self):
        """What a shell expects of a program that a signal has stopped."""
        return 128 + self.number


def run(work):
    """Run a coroutine to its end; the first signal to stop cancels it, later ones are ignored.

    SIGINT (Ctrl-C), SIGTERM, and SIGHUP (a closed terminal) unless ``nohup`` has it ignored.

    Parameters
    ----------
    work : coroutine
        Its `finally` blocks may await: nothing interrupts them.

    Returns
    -------
    result : what the coroutine returns

    Raises
    ------
    StoppedError
        If a signal cancelled it.
    """
    return asyncio.run(_watch_signals(work))


async def _watch_signals(work):
    task = asyncio.ensure_future(work)
    received = []

    def stop(number):
        if not received:
            received.append(number)
            task.cancel()

    loop = asyncio.get_running_loop()
    for number in _signals():
        with contextlib.suppress(NotImplementedError):  # on Windows; Ctrl-C works there anyway
            loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if received:
            raise StoppedError(received[0]) from None
        raise


def _signals():
    yield from (signal.SIGINT, signal.SIGTERM)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        yield signal.SIGHUP
