import pathlib

import pytest

from helpers import datasets, doctor, settings


def rows(*available):
    return [
        datasets.Finding(f"source {number}", answer, "details", 0.25)
        for number, answer in enumerate(available)
    ] + [datasets.Finding("drawn set", True, "can be drawn at any time", 0.0)]


@pytest.fixture
def survey(monkeypatch):
    """Let a test decide what the sources of the data turn out to have."""

    def answer(*available):
        monkeypatch.setattr(datasets, "survey", lambda data: rows(*available))

    return answer


def verdict(report):
    return report.findings[-1]


def test_every_finding_has_a_remedy(survey):
    survey(False, True)
    report = doctor.examine(settings.Settings())
    subjects = [finding.subject for finding in report.findings]
    for expected in ("Python", "tensorflow", "processors", "memory", "disk for the cache"):
        assert expected in subjects
    assert all(finding.remedy for finding in report.findings)
    assert verdict(report).found == "the real CIFAR-10 can be had"


@pytest.mark.parametrize(("data", "needed"), [("auto", False), ("real", True)])
def test_missing_real_data_only_matter_to_those_who_insist(survey, data, needed):
    survey(False, False)
    report = doctor.examine(settings.Settings(data=data))
    assert not verdict(report).good
    assert verdict(report).needed == needed
    assert "make data" in verdict(report).remedy


def test_a_broken_folder_of_the_readers_is_never_fine(monkeypatch):
    found = [
        datasets.Finding("WORKBOOK_DATA", False, "cifar10.npz is cut off", 0.1),
        datasets.Finding("Keras' cache", True, "there", 0.1),
        datasets.Finding("drawn set", True, "can be drawn", 0.0),
    ]
    monkeypatch.setattr(datasets, "survey", lambda data: found)
    for data, had in [("auto", True), ("real", False)]:
        report = doctor.examine(settings.Settings(data=data))
        assert not report.healthy
        assert verdict(report).good == had
        folder = next(row for row in report.findings if row.subject == "data: WORKBOOK_DATA")
        assert "unset WORKBOOK_DATA" in folder.remedy


def test_a_cache_folder_that_cannot_be_written_to_is_found(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("WORKBOOK_CACHE", str(tmp_path / "file" / "cache"))
    finding = doctor._disk()
    assert not finding.good
    assert "WORKBOOK_CACHE" in finding.remedy


def test_the_embedded_setting_leaves_the_network_alone():
    report = doctor.examine(settings.Settings(data="embedded"))  # the network is blocked in tests
    sources = [finding.subject for finding in report.findings if "data: " in finding.subject]
    assert sources == ["data: drawn set"]


def test_a_missing_package_is_found_and_its_remedy_named(monkeypatch):
    finding = doctor._package("no-such-package-at-all")
    assert not finding.good
    assert finding.remedy == "pip install -r requirements.txt"


def test_the_report_is_a_table_in_a_notebook_and_lines_elsewhere():
    findings = (doctor.Finding("a<b", "1"), doctor.Finding("disk", "0 GB", False, "make room"))
    report = doctor.Report(findings)
    assert not report.healthy
    assert str(report).splitlines()[1].startswith("missing  disk")
    page = report._repr_html_()
    assert page.count("<tr>") == 3
    assert "a&lt;b" in page
    assert "make room" in page


def test_what_is_saved_does_not_name_folders_of_this_machine(monkeypatch):
    monkeypatch.setenv("WORKBOOK_DATA", "/somewhere/pictures")
    text = f"/somewhere/pictures/cifar10.npz, nothing in {pathlib.Path.home()}/.keras"
    assert doctor._briefly(text) == "WORKBOOK_DATA/cifar10.npz, nothing in ~/.keras"
