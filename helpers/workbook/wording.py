"""Numbers as people read them: durations and memory."""


def duration(seconds):
    """Write a duration: seconds below two minutes, then minutes, then hours.

    >>> duration(4.26), duration(71.3), duration(200), duration(5000)
    ('4 s', '71 s', '3 min 20 s', '1 h 23 min')
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{hours} h {rest} min"


def memory(megabytes):
    """Write an amount of memory, from megabytes (1e6 bytes).

    >>> memory(85.2), memory(653.4), memory(1127)
    ('85 MB', '650 MB', '1.1 GB')
    """
    if megabytes < 100:
        return f"{megabytes:.0f} MB"
    if megabytes < 995:
        return f"{round(megabytes, -1):.0f} MB"
    return f"{megabytes / 1000:.1f} GB"
