"""Tests of ``make data``: everything is tried, and what cannot be had is named."""

import importlib
import pkgutil

import pytest

import helpers
from helpers import downloads, pretrained, sources
from helpers.workbook import __main__, fetching


def missing():
    raise sources.Unavailable("Paintings", {"the host": "refuses"}, "Paint them.")


def test_what_cannot_be_had_does_not_stop_the_rest(capsys):
    steps = {"first": lambda: "here", "second": missing, "third": lambda: "there"}
    assert fetching.fetch(steps) == 1
    printed = capsys.readouterr().out
    assert "first: here" in printed
    assert "Paintings cannot be had.\n  the host: refuses\nPaint them." in printed
    assert "third: there" in printed
    assert printed.endswith("Not fetched: second. The notebooks run without, and say so.\n")


def test_if_all_is_there_the_exit_status_is_0(capsys):
    assert fetching.fetch({"first": lambda: "here"}) == 0
    assert capsys.readouterr().out == "first ...\nfirst: here\n"


def test_another_error_is_not_swallowed():
    def broken():
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fetching.fetch({"first": broken})


def test_the_command_fetches_all_that_readme_names(monkeypatch):
    called = []
    monkeypatch.setattr(fetching, "fetch", lambda: called.extend(fetching.STEPS) or 0)
    assert __main__.main(["data"]) == 0
    named = " ".join(called)
    for what in ("CIFAR-10", "faces", "MobileNet", "ResNet-50", "VGG-19", "YOLOv2"):
        assert what in named


def _published():
    """All files that the package downloads, from all of its modules."""
    for module in pkgutil.walk_packages(helpers.__path__, "helpers."):
        if not module.name.endswith("__main__"):
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, pretrained.WeightsFile):
                    yield value.remote
                elif isinstance(value, downloads.RemoteFile):
                    yield value


def test_all_that_the_package_downloads_has_a_checksum_and_comes_over_https():
    remotes = {remote.name: remote for remote in _published()}
    assert len(remotes) == 7
    for remote in remotes.values():
        assert remote.checksum is not None
        assert all(url.startswith("https://") for url in remote.urls)
