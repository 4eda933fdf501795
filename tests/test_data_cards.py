"""Every file in data/ has a card, and every card tells the truth about size and checksum."""

import hashlib
import pathlib
import re

import pytest

DATA = pathlib.Path(__file__).parents[1] / "data"
CARDS = (DATA / "README.md").read_text(encoding="utf-8")
FILES = sorted(
    path
    for path in DATA.rglob("*")
    if path.is_file() and path.suffix not in (".py", ".pyc") and path.name != "README.md"
)


def card_of(path):
    """The part of README.md under the heading that names the file."""
    found = re.search(rf"^## {re.escape(path.name)}\n(.*?)(?=^## |\Z)", CARDS, re.M | re.S)
    assert found, f"data/README.md has no card for {path.name}"
    return found[1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_card_states_what_the_file_is(path):
    card = card_of(path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() in card
    assert f"{path.stat().st_size:,} bytes" in card
    assert all(row in card for row in ("| what |", "| licence |"))
    assert "| trained how |" in card or "| made how |" in card


def test_there_is_no_card_without_a_file():
    headings = re.findall(r"^## (\S+\.\S+)$", CARDS, re.M)
    assert sorted(headings) == [path.name for path in FILES]


def test_the_files_stay_small_together():
    assert sum(path.stat().st_size for path in FILES) < 15e6
