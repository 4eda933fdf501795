"""`make install`, with a Python that only pretends to install."""

import os
import shutil
import subprocess

import pytest

from helpers.workbook import repository

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")

PYTHON = """#!/bin/sh
echo "$@" >> calls
case "$*" in
  "-m venv"*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python";;
  *platform*) exit {unsupported};;
esac
"""


@pytest.fixture
def clone(tmp_path):
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copyfile(repository.ROOT / name, folder / name)
    return folder


def make(clone, *goals, unsupported=0):
    python = clone.parent / "python"
    python.write_text(PYTHON.format(unsupported=unsupported))
    python.chmod(0o755)
    command = ["make", f"PYTHON={python}", *goals]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(command, cwd=clone, env=clean, capture_output=True, text=True)


def test_install_says_what_it_downloads_before_it_does_and_only_once(clone):
    process = make(clone, "install")
    assert process.returncode == 0
    lines = process.stdout.splitlines()
    said = next(number for number, line in enumerate(lines) if "GB to download" in line)
    assert all(" -m " not in line for line in lines[:said])
    assert "requirements.lock" in (clone / "calls").read_text()
    assert make(clone, "install").stdout.count("download") == 0


def test_where_there_is_no_tensorflow_nothing_is_downloaded(clone):
    process = make(clone, "run", unsupported=1)
    assert process.returncode != 0
    assert "Macs with Intel processors" in process.stdout
    assert not (clone / ".venv").exists()


@pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere"
)
@pytest.mark.parametrize("goal", ["run", "lab", "test"])
def test_a_folder_that_cannot_be_written_to_ends_in_plain_words(clone, goal):
    (clone / "calls").touch()
    clone.chmod(0o555)
    process = make(clone, goal)
    clone.chmod(0o755)
    assert process.returncode != 0
    assert "cannot be written to" in process.stdout
    assert not (clone / ".venv").exists()
