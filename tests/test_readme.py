"""What the README shows is what happens: its commands, its Python, its recipes, its table, its links.

And no page names a file or a module that is not there, and no docstring a module.
"""

import ast
import pkgutil
import re
import shlex
import tomllib
import warnings
from pathlib import Path

import pytest

from luthier.cli import main
from luthier.cli.app import app
from luthier.recipe.catalogue import FAMILIES, items
from luthier.recipe.read import read_recipe
from luthier.study.verify import fsck

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text()
PAGES = {
    path.relative_to(ROOT).as_posix(): path
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md"))
}
"""All but the changes, which name what was, by their path in the repository."""
NAME = re.compile(r"`([a-z][a-z0-9-]*)`")


def blocks(language: str, text: str = TEXT) -> list[str]:
    """The content of each fenced block of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    lines = [line for block in blocks("console") for line in block.splitlines()]
    return [shlex.split(line)[2:] for line in lines if line.startswith("$ luthier ")]


def table() -> dict[str, list[str]]:
    """The names of each row of the table of what is there; where a row has several titles, they share its parts."""
    section = TEXT.partition("## What is there")[2]
    found = {}
    for titles, cell in re.findall(r"^\| ([^|-][^|]*) \| (.*) \|$", section, re.MULTILINE):
        split = titles.split(", ")
        parts = cell.split(";") if len(split) > 1 else [cell]
        found |= {title: NAME.findall(part) for title, part in zip(split, parts, strict=True)}
    return found


def test_the_blocks_are_found():
    """A language that this file does not know would never be tried."""
    languages = set(re.findall(r"^```([a-z]+)$", TEXT, re.MULTILINE))
    assert languages == {"console", "python", "toml"}
    assert len(commands()) >= 7 and len(blocks("python")) >= 2 and len(blocks("toml")) >= 1
    lines = [line for block in blocks("console") for line in block.splitlines()]
    assert len(commands()) == len(lines), "a console block holds commands only"


@pytest.mark.slow
def test_every_command_works_in_its_order(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for arguments in commands():
        with warnings.catch_warnings(), pytest.raises(SystemExit) as caught:
            main(arguments)
        out, err = capsys.readouterr()
        assert caught.value.code == 0, (arguments, err)
        assert out, arguments
    for arguments in commands():
        if "--out" in arguments:
            assert fsck(Path(arguments[arguments.index("--out") + 1])) == []


@pytest.mark.slow
@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block.split("(")[0].split()[-1])
def test_every_piece_of_python_works(tmp_path, monkeypatch, capsys, block):
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "README.md", "exec"), {"__name__": "readme"})
    assert capsys.readouterr().out
    assert all(fsck(path) == [] for path in (tmp_path / "runs").glob("*"))


@pytest.mark.parametrize("block", blocks("toml"))
def test_every_recipe_is_valid(block):
    values = tomllib.loads(block)
    recipe = read_recipe(values)
    assert recipe.model.name == values["model"]["name"]
    recipe.model.build((1, 28, 28), 10)


@pytest.mark.parametrize("kind", [*FAMILIES, "data"])
def test_the_table_of_what_is_there_equals_the_catalogue(kind):
    members = FAMILIES[kind].members if kind in FAMILIES else {}
    names = {item["name"] for item in items(kind) if kind == "data" or item["name"] in members}
    assert set(table().get(kind, [])) == names


def test_the_table_names_every_command():
    assert sorted(table()["commands"]) == sorted(command.name for command in app.registered_commands)


def test_the_table_has_no_row_that_is_not_checked():
    assert table().keys() <= {*FAMILIES, "data", "commands", "batteries", "estimators"}


@pytest.mark.parametrize("page", PAGES)
def test_no_page_names_what_is_not_there(page):
    text = PAGES[page].read_text()
    files = re.findall(r"\b(?:benchmarks|docs|recipes|src|tests)/[\w/.-]*\w", text)
    links = [one for one in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in one]
    assert [one for one in files if not (ROOT / one).exists()] == []
    assert [one for one in links if not (PAGES[page].parent / one).exists()] == []
    assert find_unknown_names(text) == []


def test_no_docstring_names_what_is_not_there():
    files = {path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / "src").rglob("*.py")}
    found = {file: find_unknown_names("\n".join(docstrings(source))) for file, source in files.items()}
    assert {file: names for file, names in found.items() if names} == {}


def test_every_docstring_is_seen():
    source = "'A.'\nb = 'c'\n'D.'\nclass E:\n    'F.'\n    def g(self):\n        'H: `luthier.core.nothing`.'\n"
    assert docstrings(source) == ["A.", "D.", "F.", "H: `luthier.core.nothing`."]
    assert find_unknown_names("\n".join(docstrings(source))) == ["luthier.core.nothing"]


def docstrings(source: str) -> list[str]:
    """Texts that stand alone: of a file, a class, a function, or below a constant."""
    alone = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Expr)]
    return [one.value for one in alone if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def find_unknown_names(text: str) -> list[str]:
    """Find the dotted names of Luthier in a text that name nothing."""
    return [one for one in re.findall(r"\bluthier(?:\.\w+)+", text) if not can_be_named(one)]


def can_be_named(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def test_every_option_in_the_text_exists(capsys):
    named = set(re.findall(r"`(--[a-z-]+)`", TEXT))
    known = {"--help"}
    for command in app.registered_commands:
        with pytest.raises(SystemExit):
            main([command.name, "--help"])
        known |= set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    assert named and named <= known
