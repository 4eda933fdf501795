"""Printed text as a reader sees it at the end, without the trail of a progress bar."""

import itertools

from helpers.workbook import outline


def settle(notebook):
    """Join neighbouring pieces of printed text, and let carriage returns overwrite.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Its outputs are changed in place.
    """
    for cell in outline.code_cells(notebook):
        settled = []
        for stream, pieces in itertools.groupby(cell.outputs, key=_stream_name):
            pieces = list(pieces)
            if stream is not None:
                pieces[0].text = overwritten("".join(piece.text for piece in pieces))
                del pieces[1:]
            settled += pieces
        cell.outputs = settled


def _stream_name(output):
    return output.name if output.output_type == "stream" else None


def overwritten(text):
    r"""Keep of every line what stands after its last carriage return.

    >>> overwritten("epoch 1\repoch 2\repoch 3\ndone\r\n")
    'epoch 3\ndone\n'
    """
    lines = text.split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
