"""Command line of the workbook's tools."""

import argparse
import os
import signal
import sys

from helpers import settings
from helpers.workbook import progress


def main(arguments=None):
    """Run one command.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the command line if not given.

    Returns
    -------
    exit_status : int
    """
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except (ValueError, OSError) as error:
        progress.say(f"error: {error}", stream=sys.stderr)
        return 2
    except KeyboardInterrupt:
        progress.say("stopped by SIGINT", stream=sys.stderr)
        return 128 + signal.SIGINT


def _parser():
    parser = argparse.ArgumentParser(prog="python -m helpers.workbook", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    run = commands.add_parser("run", help="execute the notebooks, write a page about them")
    run.add_argument("--output", default="build/workbook", help="folder (default: %(default)s)")
    run.set_defaults(command=_run)

    author = commands.add_parser("notebooks", help="execute the notebooks in place, for authors")
    author.set_defaults(command=_notebooks)

    again = commands.add_parser("measure", help="note anew what a quick run costs, for authors")
    again.set_defaults(command=_measure)

    for command in (run, author, again):
        command.add_argument("notebooks", nargs="*", help="files (default: all of the workbook's)")
        command.add_argument("--cell-timeout", type=float, metavar="SECONDS", default=7200)
    for command in (run, author):
        command.add_argument("--profile", choices=settings.PROFILES)
        command.add_argument("--data", choices=settings.DATA_CHOICES)

    lab = commands.add_parser("lab", help="open copies of the notebooks in JupyterLab")
    lab.add_argument("options", nargs="*", help="for JupyterLab, after --")
    lab.set_defaults(command=_lab)

    new = commands.add_parser("new", help="write a notebook to start from")
    new.add_argument("name", help="file name without its ending, like 09_attention")
    new.add_argument("title", help="the first cell's heading")
    new.set_defaults(command=_new)

    data = commands.add_parser("data", help="fetch real data and published weights ahead of time")
    data.set_defaults(command=_data)
    readme = commands.add_parser("readme", help="bring README's table of notebooks up to date")
    readme.set_defaults(command=_readme)
    address = commands.add_parser("address", help="write pyproject's address wherever it stands")
    address.set_defaults(command=_address)
    for command in (readme, address):
        command.add_argument("--check", action="store_true", help="only look; 1 if stale")
    return parser


def _run(options):
    from helpers.workbook import running

    chosen = settings.read(options.profile, options.data)
    return _until_stopped(
        running.run(
            options.notebooks,
            output=options.output,
            profile=chosen.profile,
            data=chosen.data,
            cell_timeout=options.cell_timeout,
        )
    )


def _notebooks(options):
    from helpers.workbook import authoring

    unstated = None if os.environ.get("WORKBOOK_PROFILE") else "full"
    chosen = settings.read(options.profile or unstated, options.data)
    return _until_stopped(
        authoring.update(
            options.notebooks,
            profile=chosen.profile,
            data=chosen.data,
            cell_timeout=options.cell_timeout,
        )
    )


def _measure(options):
    from helpers.workbook import authoring

    return _until_stopped(authoring.measure(options.notebooks, cell_timeout=options.cell_timeout))


def _lab(options):
    from helpers.workbook import lab

    return lab.open_copies(options.options)


def _new(options):
    from helpers.workbook import skeleton

    progress.say(skeleton.create(options.name, options.title))
    return 0


def _data(options):
    from helpers.workbook import fetching

    return fetching.fetch()


def _readme(options):
    from helpers.workbook import readme

    return readme.update(check=options.check)


def _address(options):
    from helpers.workbook import address

    return address.update(check=options.check)


def _until_stopped(work):
    from helpers.workbook import stopping

    try:
        return stopping.run(work)
    except stopping.StoppedError as stop:
        progress.say(f"{stop}; no kernel is left and no file half-written", stream=sys.stderr)
        return stop.exit_status


if __name__ == "__main__":
    sys.exit(main())
