"""Printed text as a reader sees it at the end, without the trail of a progress bar."""

from helpers.workbook import outline


def settle(notebook):
    """Join neighbouring pieces of printed text, and let carriage returns overwrite.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Its outputs are changed in place.
    """
    for cell in outline.code_cells(notebook):
        joined = []
        for output in cell.outputs:
            last = joined[-1] if joined else None
            if output.output_type == "stream" and last is not None and is_same(last, output):
                last.text += output.text
            else:
                joined.append(output)
        for output in joined:
            if output.output_type == "stream":
                output.text = overwritten(output.text)
        cell.outputs = joined


def is_same(one, other):
    """Tell whether two outputs belong to one stream."""
    return one.output_type == other.output_type == "stream" and one.name == other.name


def overwritten(text):
    r"""Keep of every line what stands after its last carriage return.

    >>> overwritten("epoch 1\repoch 2\repoch 3\ndone\r\n")
    'epoch 3\ndone\n'
    """
    lines = text.split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
