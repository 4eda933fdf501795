"""The helpers of all exercises, which compute an answer once, however often they are asked."""

import functools
import pickle

from helpers import checks
from helpers.checks import calling


@functools.cache
def __getattr__(name):
    if name not in checks.names():
        raise AttributeError(name)
    helper, answers = getattr(checks, name).helper, {}

    @functools.wraps(helper)
    def remembered(*args, **kwargs):
        asked = pickle.dumps((args, kwargs))
        if asked not in answers:
            answers[asked] = helper(*args, **kwargs)
        return calling.copied(answers[asked])

    return remembered
