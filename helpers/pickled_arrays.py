"""Read arrays of integers and plain containers from a pickle, without unpickling it.

A pickle is a program: Python's own reader imports what it names and calls it with what it says.
This one follows the few instructions that the original batches of CIFAR-10, and copies written by
any later Python and NumPy, are made of. It looks no name up, calls nothing, and builds arrays from
their bytes alone; any other instruction ends it.
"""

import math
import pickletools
import warnings

import numpy as np

MOST_INSTRUCTIONS = 500_000  # an official batch has 30,000
_INTEGERS = {f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)}
_ORDERS = {"|": "=", "=": "=", "<": "<", ">": ">"}
_BUILDERS = {
    "numpy._core.multiarray._reconstruct": "array",
    "numpy._core.numeric._frombuffer": "array from bytes",
    "numpy.dtype": "type",
    "numpy.ndarray": "class",
    "_codecs.encode": "bytes",  # how Python 3 puts them into a pickle for Python 2
    "__builtin__.bytes": "no bytes",  # and how it does where there are none
    "builtins.bytes": "no bytes",
}


def read(content):
    """Read what was pickled.

    Parameters
    ----------
    content : bytes
        Of any protocol.

    Returns
    -------
    value : object
        Of dict, with str, bytes or int as keys; list; tuple; str; bytes, which strings of Python 2
        become; int; float; bool and None. Values of the outermost dict may be arrays of integers,
        too, which cannot be written to.

    Raises
    ------
    ValueError
        If the pickle names anything else, is damaged, or has too many instructions.

    Examples
    --------
    >>> import pickle
    >>> read(pickle.dumps({b"data": np.arange(6, dtype=np.uint8).reshape(2, 3)}))
    {b'data': array([[0, 1, 2],
           [3, 4, 5]], dtype=uint8)}

    References
    ----------
    The instructions: ``pickletools`` in Python's standard library.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's, of odd escapes in texts
            return _finished(*_followed(content))
    except (AttributeError, IndexError, KeyError, TypeError) as error:  # too few values, or others
        raise ValueError("it is no whole pickle of arrays") from error


def _followed(content):
    """Follow the instructions to the end, and return what is on the stack then."""
    reader = _Reader(len(content))
    for number, (instruction, argument, _) in enumerate(pickletools.genops(content)):
        if number == MOST_INSTRUCTIONS:
            raise ValueError(f"it has more than {MOST_INSTRUCTIONS:,} instructions")
        follow = _INSTRUCTIONS.get(instruction.name)
        if follow is None:
            raise ValueError(f"it has the instruction {instruction.name}, which no array needs")
        follow(reader, argument)
    return reader.stack


class _Name:
    """A function or class that the pickle names: one of `_BUILDERS`."""

    def __init__(self, module, name):
        full = f"{module.replace('numpy.core', 'numpy._core')}.{name}"  # of NumPy 1 and 2
        if full not in _BUILDERS:
            raise ValueError(f"it asks for {module}.{name}, which is no array")
        self.builds = _BUILDERS[full]


class _Type:
    """A type of numbers, as the pickle describes it: ``u1`` and, in a state, the order of bytes."""

    def __init__(self, code):
        self.code, self.order = _text(code), "="

    def set_state(self, state):
        self.order = _text(state[1])

    def as_dtype(self):
        if self.code not in _INTEGERS or self.order not in _ORDERS:
            raise ValueError(f"it has an array of {self.code}, not of plain integers")
        return np.dtype(_ORDERS[self.order] + self.code)


class _Array:
    """An array, or what is to become one as soon as its state comes."""

    value = None

    def set_state(self, state):
        _, shape, dtype, is_fortran, content = state
        self.fill(content, dtype, shape, b"F" if is_fortran else b"C")

    def fill(self, content, dtype, shape, order):
        shape, dtype = (shape,) if type(shape) is int else shape, dtype.as_dtype()
        is_shape = type(shape) is tuple and len(shape) <= 32  # as NumPy's
        if not is_shape or not all(type(side) is int and 0 <= side < 2**63 for side in shape):
            raise TypeError
        if len(content) != math.prod(shape) * dtype.itemsize:
            raise ValueError(f"it has an array of {shape}, but {len(content):,} bytes for it")
        self.value = np.frombuffer(content, dtype).reshape(shape, order=_text(order))
        return self


class _Reader:
    """What a pickle has put up so far: a stack, parted by marks, and a memory by numbers."""

    def __init__(self, num_bytes):
        self.stack, self.marked, self.memory = [], [], {}
        self.room = 4 * num_bytes  # for copies of what the pickle holds

    def mark(self):
        self.marked.append(self.stack)
        self.stack = []

    def take_to_mark(self):
        values, self.stack = self.stack, self.marked.pop()
        return values

    def take(self, number):
        return [self.stack.pop() for _ in range(number)][::-1]

    def extend(self, values):
        if type(self.stack[-1]) is not list:
            raise TypeError
        self.stack[-1].extend(values)

    def update(self, values):
        if type(self.stack[-1]) is not dict:
            raise TypeError
        self.stack[-1].update(_as_dict(values))

    def call(self):
        """Make what the function that the pickle names would make of its arguments."""
        function, arguments = self.take(2)
        if function.builds == "type":
            return _Type(arguments[0])
        if function.builds == "array":
            return _Array()  # the arguments say no more than the state that follows
        if function.builds == "array from bytes":
            return _Array().fill(*arguments[:4])
        if function.builds == "no bytes" and arguments == ():
            return b""
        if function.builds == "bytes":
            self.room -= len(arguments[0])
            if self.room < 0:
                raise ValueError("it has the same bytes over and over")
            return arguments[0].encode("latin1")
        raise TypeError

    def build(self):
        value, state = self.take(2)
        value.set_state(state)
        return value


def _text(value):
    return value.decode("latin1") if type(value) is bytes else _only(str, value)


def _only(kind, value):
    if type(value) is not kind:
        raise TypeError
    return value


def _as_dict(values):
    if not all(type(key) in (str, bytes, int) for key in values[::2]):
        raise TypeError  # the hash of nested tuples may take for ever
    return dict(zip(values[::2], values[1::2], strict=True))


def _finished(value):
    if type(value) is dict:
        return {key: each.value if type(each) is _Array else each for key, each in value.items()}
    return value.value if type(value) is _Array else value


def _pushing(make):
    def follow(reader, argument):
        value = make(reader, argument)  # may change which stack is the top one
        reader.stack.append(value)

    return follow


def _remember(reader, number):
    reader.memory[number] = reader.stack[-1]


_argument = _pushing(lambda reader, argument: argument)
_bytes = _pushing(lambda reader, argument: argument.encode("latin1"))
_recall = _pushing(lambda reader, number: reader.memory[number])
_INSTRUCTIONS = {
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), lambda reader, _: None),
    **dict.fromkeys(("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4"), _argument),
    **dict.fromkeys(("FLOAT", "BINFLOAT"), _argument),
    **dict.fromkeys(("UNICODE", "BINUNICODE", "BINUNICODE8", "SHORT_BINUNICODE"), _argument),
    **dict.fromkeys(("BINBYTES", "BINBYTES8", "SHORT_BINBYTES"), _argument),
    "BYTEARRAY8": _pushing(lambda reader, argument: bytes(argument)),
    **dict.fromkeys(("STRING", "BINSTRING", "SHORT_BINSTRING"), _bytes),
    "NONE": _pushing(lambda reader, _: None),
    "NEWTRUE": _pushing(lambda reader, _: True),
    "NEWFALSE": _pushing(lambda reader, _: False),
    "MARK": lambda reader, _: reader.mark(),
    "POP": lambda reader, _: reader.take(1),
    "EMPTY_TUPLE": _pushing(lambda reader, _: ()),
    "TUPLE1": _pushing(lambda reader, _: tuple(reader.take(1))),
    "TUPLE2": _pushing(lambda reader, _: tuple(reader.take(2))),
    "TUPLE3": _pushing(lambda reader, _: tuple(reader.take(3))),
    "TUPLE": _pushing(lambda reader, _: tuple(reader.take_to_mark())),
    "EMPTY_LIST": _pushing(lambda reader, _: []),
    "LIST": _pushing(lambda reader, _: reader.take_to_mark()),
    "APPEND": lambda reader, _: reader.extend(reader.take(1)),
    "APPENDS": lambda reader, _: reader.extend(reader.take_to_mark()),
    "EMPTY_DICT": _pushing(lambda reader, _: {}),
    "DICT": _pushing(lambda reader, _: _as_dict(reader.take_to_mark())),
    "SETITEM": lambda reader, _: reader.update(reader.take(2)),
    "SETITEMS": lambda reader, _: reader.update(reader.take_to_mark()),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _remember),
    "MEMOIZE": lambda reader, _: _remember(reader, len(reader.memory)),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _recall),
    "GLOBAL": _pushing(lambda reader, argument: _Name(*argument.split(" ", 1))),
    "STACK_GLOBAL": _pushing(lambda reader, _: _Name(*map(_text, reader.take(2)))),
    "REDUCE": _pushing(lambda reader, _: reader.call()),
    "BUILD": _pushing(lambda reader, _: reader.build()),
}
