"""What docs/architecture.md draws is what there is: folders and levels, files and tables, an example that runs."""

import ast
import re
from pathlib import Path

import pytest

import luthier.testing

from .test_readme import blocks
from .test_structure import LEVELS, ROOT

DOCS = Path(__file__).parent.parent / "docs"
TEXT = (DOCS / "architecture.md").read_text()
PROSE = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
NOT_YET = "not yet"
(PICTURE,) = blocks("mermaid", TEXT)
BOXES = {box: label.split(" · ") for box, label in re.findall(r'(\w+)\["(.+?)"\]', PICTURE)}
"""Level and names that stand in each box of the picture."""


def names_of(box: str) -> list[str]:
    return BOXES[box][1].split(", ")


def arrows() -> set[tuple[str, str]]:
    """From box to box; A & B --> C & D stands for all four pairs."""
    lines = re.sub(r'\[".+?"\]', "", PICTURE).splitlines()
    ends = [[side.split(" & ") for side in line.strip().split(" --> ")] for line in lines if "-->" in line]
    return {(start, end) for starts, stops in ends for start in starts for end in stops}


def reached(box: str) -> set[str]:
    """All boxes that the arrows lead to from one."""
    following = {end for start, end in arrows() if start == box}
    return following.union(*map(reached, following))


def rows(title: str) -> list[list[str]]:
    """Cells of each row of the table with this first title, without its head."""
    (table,) = re.findall(rf"^\| {title} \|.*\n\| -.*\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]


def spans(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def is_there(path: str) -> bool:
    """Whether a file or folder exists, named from the package or from the repository."""
    return any((root / path).exists() for root in (ROOT, DOCS.parent))


def existing() -> set[str]:
    return {path.stem for path in ROOT.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}


def test_picture_has_every_folder_at_its_level():
    drawn = {name: int(level) for box, (level, _) in BOXES.items() for name in names_of(box)}
    assert drawn == LEVELS
    assert existing() <= drawn.keys()


def test_dashed_boxes_are_what_is_not_there_yet():
    (dashed,) = re.findall(r"^  class (\S+) later$", PICTURE, re.MULTILINE)
    assert set(dashed.split(",")) == LEVELS.keys() - existing()


def test_arrows_lead_to_all_lower_levels_and_to_nothing_else():
    for box, (level, _) in BOXES.items():
        assert reached(box) == {other for other, (below, _) in BOXES.items() if int(below) < int(level)}, box


def test_table_of_folders_says_the_same():
    found = {Path(name).stem: row for row in rows("level") for name in spans(row[1])}
    assert {name: int(row[0]) for name, row in found.items()} == LEVELS
    assert {name for name, row in found.items() if NOT_YET in row[2]} == LEVELS.keys() - existing()
    highest = {name: row[3].rpartition(" ")[2] for name, row in found.items() if int(row[0]) > 1}
    assert highest == {name: str(level - 1) for name, level in LEVELS.items() if level > 1}


def test_files_are_where_it_says():
    lines = [line for line in PROSE.splitlines() if NOT_YET not in line]
    named = [one for one in spans("\n".join(lines)) if re.fullmatch(r"[\w/]+(/|\.py)", one)]
    named += [one for block in blocks("text", TEXT) for one in re.findall(r"\b\w+/[\w/]*(?:\.py)?", block)]
    assert len(named) > 60
    assert [one for one in named if not is_there(one)] == []


def test_what_is_not_there_yet_is_not_there():
    later = [one for row in rows("a new") if NOT_YET in row[1] for one in spans(row[1].partition(";")[0])]
    assert later and [one for one in later if is_there(one)] == []


def test_tables_are_where_it_says():
    named = [spans(row[2]) for row in rows("a new") if row[2]]
    assert [(name, file) for name, file in named if name not in defined_in(file)] == []


def defined_in(file: str) -> set[str]:
    """Names that a file gives to a function or a value."""
    found = set()
    for node in ast.parse((ROOT / file).read_text()).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", node)]
        found |= {name for one in targets if (name := getattr(one, "id", getattr(one, "name", None)))}
    return found


def test_every_family_with_a_battery_has_a_row():
    named = {name for row in rows("a new") for name in spans(row[3])}
    assert named == set(luthier.testing.__all__) - {"check_part"}


@pytest.mark.slow
def test_its_example_works(tmp_path, monkeypatch, capsys):
    (block,) = blocks("python", TEXT)
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "architecture.md", "exec"), {"__name__": "architecture"})
    assert "MaskedInputs(share=0.2)" in capsys.readouterr().out


def test_every_block_is_of_a_kind_that_is_tried():
    assert set(re.findall(r"^```([a-z]+)$", TEXT, re.MULTILINE)) == {"mermaid", "python", "text"}
