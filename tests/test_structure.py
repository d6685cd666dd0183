"""The plan of the house, read from the source: who imports whom, tables and folders, sizes."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import luthier
from luthier.core.declare import Part, Registry
from luthier.data.augment import AUGMENTATIONS
from luthier.data.samplers import SAMPLERS
from luthier.data.splitters import SPLITTERS
from luthier.models import ARCHITECTURES, OwnModule
from luthier.models.activations import ACTIVATIONS
from luthier.models.initialisers import INITIALISERS
from luthier.models.layers import LAYERS
from luthier.models.losses import LOSSES
from luthier.optim.optimizers import OPTIMIZERS
from luthier.optim.schedules import SCHEDULES
from luthier.training.tricks import TRICKS

ROOT = Path(luthier.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
LEVELS = {
    "core": 0, "decoding": 0, "page": 0, "stats": 0, "kernels": 0,
    "data": 1, "models": 1, "optim": 1,
    "augment": 2, "tricks": 2,
    "engine": 3,
    "recipe": 4, "suitable": 4, "build": 4, "environment": 4, "ledger": 4,
    "run": 5, "export": 5, "report": 5,
    "cli": 7, "sklearn": 7, "testing": 7, "__init__": 7, "__main__": 7,
}  # fmt: skip
REST = 6
FAMILIES: dict[str, Registry] = {
    "augment": AUGMENTATIONS,
    "data.sampling": SAMPLERS,
    "data.splitting": SPLITTERS,
    "models": ARCHITECTURES,
    "models.activations": ACTIVATIONS,
    "models.initialisers": INITIALISERS,
    "models.layers": LAYERS,
    "models.losses": LOSSES,
    "optim.optimizers": OPTIMIZERS,
    "optim.schedules": SCHEDULES,
    "tricks": TRICKS,
}
NOT_IN_A_TABLE = {OwnModule}  # stands for what no file can name
LONGEST_FILE, LONGEST_FUNCTION = 400, 60


def sources(room: str = "") -> dict[str, str]:
    """The text of each file by its name, of one room or of all."""
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in FILES if room in ("", room_of(path))}


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def level(room: str) -> int:
    return LEVELS.get(room, REST)


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Line and room of everything that a file imports from Luthier, inside functions too."""
    rooms = {room_of(path) for path in FILES}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        else:
            continue
        for first, *others in (module.split(".") for module in modules):
            if first == "luthier":
                yield node.lineno, others[0] if others and others[0] in rooms else "__init__"


def upward(room: str, source: str) -> list[str]:
    return [f"line {line}: {room} imports {other}" for line, other in imports(source) if level(other) > level(room)]


def test_imports_run_downward():
    found = {name: upward(room_of(ROOT / name), source) for name, source in sources().items()}
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_core_imports_no_other_room():
    assert {room for source in sources("core").values() for _, room in imports(source)} == {"core"}


@pytest.mark.parametrize(
    ("room", "source", "faults"),
    [
        ("data", "from luthier.core.errors import BadInput\nfrom luthier.models import MLP", []),
        ("data", "def f():\n    from luthier.training import loop", ["line 2: data imports engine"]),
        ("stats", "import torch\nimport luthier.data.split", ["line 2: stats imports data"]),
        ("tricks", "from luthier import recipe", ["line 1: tricks imports recipe"]),
        ("run", "from luthier import BadInput", ["line 1: run imports __init__"]),
        ("study", "from luthier.cli import main", ["line 1: study imports cli"]),
        ("cli", "from luthier import api", []),
    ],
)
def test_the_test_of_imports_sees_what_it_should(room, source, faults):
    assert upward(room, source) == faults


def test_every_room_of_the_plan_is_read():
    assert {room_of(path) for path in FILES} >= {"core", "stats", "data", "models", "optim", "tricks", "engine", "run"}


def test_the_engine_knows_no_trick_by_name():
    nodes = [node for source in sources("engine").values() for node in ast.walk(ast.parse(source))]
    names = {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert "Trick" in names
    assert names.isdisjoint({trick.__name__ for trick in TRICKS} | {"TRICKS"})


def test_files_are_short():
    lengths = {name: len(source.splitlines()) for name, source in sources().items()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_functions_are_short():
    lengths = {
        f"{name}:{node.lineno} {node.name}": body_lines(node)
        for name, source in sources().items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_a_docstring_is_no_part_of_a_body():
    function = ast.parse('def f():\n    """One.\n\n    Two.\n    """\n    a = 1\n\n    return a\n').body[0]
    assert body_lines(function) == 3


def parts_in(folder: str) -> set[type[Part]]:
    """Parts with a name that are defined in the files of a folder, those of its own folders left out."""
    package = importlib.import_module(f"luthier.{folder}")
    found = set()
    for info in pkgutil.iter_modules(package.__path__):
        if info.ispkg:
            continue
        module = importlib.import_module(f"luthier.{folder}.{info.name}")
        classes = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Part)]
        found |= {one for one in classes if one.__module__ == module.__name__ and "name" in vars(one)}
    return found


@pytest.mark.parametrize("folder", FAMILIES)
def test_table_and_folder_are_equal(folder):
    assert set(FAMILIES[folder]) == parts_in(folder) - NOT_IN_A_TABLE


@pytest.mark.parametrize("folder", FAMILIES)
def test_tables_are_sorted_by_name(folder):
    names = list(FAMILIES[folder].members)
    assert names == sorted(names)


@pytest.mark.parametrize("folder", FAMILIES)
def test_members_keep_the_contract_and_differ_in_name(folder):
    """One file each, or one for those of one publication; every member extends the contract and has a card."""
    family = FAMILIES[folder]
    assert all(issubclass(member, family.contract) and member is not family.contract for member in family)
    assert [name for name, member in family.members.items() if member.name != name] == []
    shared = len({member.__module__ for member in family})
    assert shared == len({(member.__module__, member.card.source) for member in family})
    assert folder == "models" or shared == len(family.members)
    assert all(member.card.summary.endswith(".") and member.card.source for member in family)


WITHOUT_TORCH = """
import sys
try:
    {statement}
except SystemExit as end:
    assert end.code in (0, None), end.code
loaded = sorted({{"torch", "sklearn", "scipy", "numpy"}} & sys.modules.keys())
assert not loaded, loaded
"""


@pytest.mark.parametrize(
    "statement",
    [
        "import luthier",
        "from luthier.cli import main; main(['--help'])",
        "import runpy; sys.argv = ['luthier', '--help']; runpy.run_module('luthier', run_name='__main__')",
    ],
    ids=["import luthier", "luthier --help", "python -m luthier --help"],
)
def test_torch_is_not_loaded_before_it_is_needed(statement):
    code = WITHOUT_TORCH.format(statement=statement)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert statement == "import luthier" or "train" in done.stdout
