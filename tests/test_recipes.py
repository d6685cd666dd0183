"""The recipes that are shipped: each is complete, valid, and opens with what was measured."""

from pathlib import Path

import pytest

from luthier.recipe.read import read_recipe
from luthier.recipe.values import read_toml

FOLDER = Path(__file__).parent.parent / "recipes"
RECIPES = sorted(FOLDER.glob("*.toml"))
CLAIMS = ("Claim:", "Command:", "Measured:", "Chosen:")


def test_there_are_recipes():
    assert RECIPES


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_is_valid(path):
    read_recipe(read_toml(path))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_opens_with_its_measured_claim(path):
    header = [line for line in path.read_text().splitlines() if line.startswith("#")]
    for claim in CLAIMS:
        assert any(line.startswith(f"# {claim}") for line in header), claim
