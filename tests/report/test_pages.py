"""The pages of tricks and augmentations are those that the declarations give, and their examples work."""

import re
import runpy
import tomllib
import warnings
from pathlib import Path

import pytest

from luthier.core.errors import LuthierWarning
from luthier.data.augment import AUGMENTATIONS
from luthier.recipe.read import read_recipe
from luthier.training.device import autocast_fault
from luthier.training.tricks import TRICKS

ROOT = Path(__file__).parents[2] / "docs"
PAGES = runpy.run_path(str(ROOT / "pages.py"))["pages"]()
NAMES = [*TRICKS.members, *AUGMENTATIONS.members]


def block(name, language):
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGES[f"{name}.md"], re.MULTILINE | re.DOTALL)
    return found


def test_no_page_is_stale_missing_or_left_over():
    """Otherwise: python docs/pages.py"""
    written = {path.name: path.read_text() for path in (ROOT / "tricks").glob("*")}
    assert written.keys() == PAGES.keys() == {"README.md", *(f"{name}.md" for name in NAMES)}
    assert [name for name, text in PAGES.items() if written[name] != text] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_tells_the_whole_card_and_every_setting(name):
    part = TRICKS.members.get(name) or AUGMENTATIONS.members[name]
    text = PAGES[f"{name}.md"]
    for told in (part.card.summary, part.card.source, part.card.cost, part.card.claim):
        assert told and told in text
    for one in part.hyperparameters():
        assert f"| `{one.name}` | " in text and f"| {one.description} |" in text
    recipe = read_recipe(tomllib.loads(block(name, "toml")))
    assert [one.name for one in (*recipe.tricks, *recipe.augment)] == [name]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_its_example_works(name, tmp_path, monkeypatch, capsys):
    if name == "mixed-precision" and autocast_fault("cpu", "bfloat16"):
        pytest.skip("this processor does not compute in bfloat16")
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "augment.* may make another sign", LuthierWarning)
        warnings.filterwarnings("ignore", ".*unlabelled", LuthierWarning)  # what is tested on is left out of them
        exec(compile(block(name, "python"), f"{name}.md", "exec"), {})
    assert 0 <= float(capsys.readouterr().out) <= 1


def test_the_examples_of_the_page_on_training_work(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rates, seen = re.findall(r"^```python\n(.*?)^```$", (ROOT / "training.md").read_text(), re.MULTILINE | re.DOTALL)
    exec(compile(rates, "training.md", "exec"), {})
    suggestion, lowest = map(float, capsys.readouterr().out.split())
    assert 0 < suggestion <= lowest <= 1
    exec(compile(seen, "training.md", "exec"), {})
    assert capsys.readouterr().out.split() == ["0", "359"]
