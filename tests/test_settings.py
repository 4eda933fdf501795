import pytest

from helpers import settings


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    monkeypatch.delenv("WORKBOOK_PROFILE", raising=False)
    monkeypatch.delenv("WORKBOOK_DATA_SOURCE", raising=False)


def test_a_newcomer_gets_quick_and_auto():
    assert settings.read() == settings.Settings(profile="quick", data="auto")


def test_the_environment_wins_over_the_default(monkeypatch):
    monkeypatch.setenv("WORKBOOK_PROFILE", "full")
    monkeypatch.setenv("WORKBOOK_DATA_SOURCE", "embedded")
    assert settings.read() == settings.Settings(profile="full", data="embedded")


def test_an_argument_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("WORKBOOK_PROFILE", "full")
    monkeypatch.setenv("WORKBOOK_DATA_SOURCE", "embedded")
    assert settings.read(profile="quick", data="real") == settings.Settings("quick", "real")


@pytest.mark.parametrize(("profile", "expected"), [("quick", 5), ("full", 20)])
def test_pick_follows_the_profile(profile, expected):
    assert settings.Settings(profile=profile).pick(quick=5, full=20) == expected


def test_pick_can_choose_none():
    assert settings.Settings(profile="full").pick(quick=5_000, full=None) is None


@pytest.mark.parametrize("name", ["profile", "data"])
def test_an_unknown_setting_is_named_together_with_the_known_ones(name):
    with pytest.raises(ValueError, match=rf"{name} must be one of .*; got 'fast'"):
        settings.read(**{name: "fast"})


def test_an_unknown_setting_in_the_environment_is_refused_too(monkeypatch):
    monkeypatch.setenv("WORKBOOK_PROFILE", "Quick")
    with pytest.raises(
        ValueError, match="WORKBOOK_PROFILE must be one of quick, full; got 'Quick'"
    ):
        settings.read()
