"""The kernel of a run: IPython's, but it loses no output and stays the parent of what it starts.

Started as a file, not as a module: a notebook finds nothing imported before its first cell.
"""

import ctypes
import os
import sys

if sys.path[0] == os.path.dirname(os.path.abspath(__file__)):
    del sys.path[0]  # a notebook's imports must not find this folder

import zmq
from ipykernel.kernelapp import IPKernelApp

PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>


class Kernel(IPKernelApp):
    """IPython's kernel, whose prints wait for the reader instead of being dropped."""

    def init_iopub(self, context):
        """Open the socket for output; past ZeroMQ's limit, sending waits (ZMQ_XPUB_NODROP)."""
        context.setsockopt(zmq.XPUB_NODROP, 1)
        super().init_iopub(context)


def adopt_orphans():
    """On Linux, become the parent of descendants whose own parent ends, such as daemons."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


if __name__ == "__main__":
    adopt_orphans()
    Kernel.launch_instance()
